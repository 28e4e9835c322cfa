"""Django: settings, apps, models, URLs, data access, signals and commands."""

from __future__ import annotations

from strangler.analyzers.framework import Framework


class Django(Framework):
    """Django and Django REST framework."""

    name = "django"
    packages = ("django", "rest_framework")
