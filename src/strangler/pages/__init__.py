"""What the pages that we write have in common: the frame and its style, escaping, and the policy that lets
nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from strangler.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def base_style() -> str:
    """Colours, type and the frame of every page."""
    return (files("strangler.pages") / "base.css").read_text(encoding="utf-8")


def policy(scripts: Sequence[str], styles: Sequence[str], *, live: bool = False) -> str:
    """A Content-Security-Policy that runs exactly these inline blocks and loads nothing; a live page may ask
    the server that it comes from."""

    def hashes(blocks: Sequence[str]) -> str:
        digests = (hashlib.sha256(block.encode()).digest() for block in blocks)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)

    asks = "connect-src 'self'; " if live else ""
    runs = f"script-src {hashes(scripts)}; " if scripts else ""
    return f"default-src 'none'; {asks}{runs}style-src {hashes(styles)}; base-uri 'none'; form-action 'none'"


def environment(load: Callable[[str], str]) -> Environment:
    """Jinja2 over named templates: everything is escaped, control and direction characters are shown instead
    of acting, and an unknown name is an error.

    Args:
        load: the text of a template by its name.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
