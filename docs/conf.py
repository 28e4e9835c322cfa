"""The site that docs/ becomes: ``python3 dev.py site``."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

from typer.testing import CliRunner

from strangler.cli import VERBS, app

project = "strangler"
author = "the strangler authors"
copyright = author
version = release = installed("strangler")

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
templates_path: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# A page may name any file of the repository: on the site it is a download.
myst_all_links_external = False

html_theme = "furo"
html_title = "strangler"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def every_option() -> str:
    """The help of each verb."""
    ask = CliRunner().invoke
    texts = {
        verb.__name__: ask(app, [verb.__name__, "--help"], prog_name="strangler").output for verb in VERBS
    }
    return "\n".join(f"## {name}\n\n```text\n{text.strip()}\n```\n" for name, text in texts.items())


def append_options(_: Any, page: str, source: list[str]) -> None:
    """Put the help of each verb at the end of its page."""
    if page == "commands":
        source[0] += f"\n{every_option()}"


def setup(site: Any) -> None:
    """Called by Sphinx."""
    site.connect("source-read", append_options)
