"""Files that a middleware answers before any URLconf is asked: WhiteNoise, below ``STATIC_URL``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Const, Sequence
from strangler.model import OpaqueRoute

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"


def static_files(interp: Interpreter, settings: Settings) -> Iterator[OpaqueRoute]:
    """What stands before the URL tables, where the middleware is set and serves below a path."""
    listed = [
        item.value
        for option in settings.get(interp, "MIDDLEWARE").options()
        if isinstance(option, Sequence)
        for item in option.items
        if isinstance(item, Const)
    ]
    place = settings.place_of(interp, MIDDLEWARE) if MIDDLEWARE in listed else None
    url = settings.text(interp, "STATIC_URL") or ""
    if place is None or not url.strip("/") or "//" in url:
        return
    path = f"/{url.strip('/')}/"
    yield OpaqueRoute(
        pattern=path,
        regex=re.escape(path) + ".*",
        what=MIDDLEWARE,
        framework="django",
        file=place.file,
        line=place.line,
        order=0,
    )
