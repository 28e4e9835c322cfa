"""Settings of the sample shop, or of a service of it, on PostgreSQL."""

import os
from urllib.parse import urlsplit

from shop.settings import *  # noqa: F403

_URL = urlsplit(os.environ["TEST_URL"])
DATABASES["default"] = {  # noqa: F405
    "ENGINE": "django.db.backends.postgresql",
    "HOST": _URL.hostname,
    "PORT": _URL.port,
    "NAME": _URL.path.strip("/"),
    "USER": _URL.username,
}
