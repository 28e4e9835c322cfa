"""The files behind the page."""

from __future__ import annotations

from importlib.resources import files


def asset(name: str) -> str:
    """The text of a file of ``assets/``."""
    return (files("strangler.reports") / "assets" / name).read_text(encoding="utf-8")
