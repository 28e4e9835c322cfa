"""A Django project of files: analysed from its source, and booted in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRUTH = Path(__file__).with_name("django_truth.py")

SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", {apps}]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "site_urls"
USE_TZ = True
"""

MANAGE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project_settings")
"""


def boot(root: Path, endpoints: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What Django itself says of the project."""
    pytest.importorskip("django")
    command = [sys.executable, str(TRUTH), "project_settings"]
    if endpoints is not None:
        listing = root.parent / "endpoints.json"
        listing.write_text(json.dumps(endpoints))
        command.append(str(listing))
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def settings(*apps: str, extra: str = "") -> dict[str, str]:
    """The files that every project needs."""
    listed = ", ".join(repr(app) for app in apps)
    return {
        "project_settings.py": SETTINGS.format(apps=listed) + extra,
        "manage.py": MANAGE,
        **{f"{app.split('.')[0]}/__init__.py": "" for app in apps},
    }
