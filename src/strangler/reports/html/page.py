"""Put the page together: the template, the styles and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from strangler.reports.index import Index, occurrences

if TYPE_CHECKING:
    from jinja2 import Environment

    from strangler.model import Model
    from strangler.reports.options import ReportOptions

SHOWN = 200


def asset(name: str) -> str:
    """The text of a file of ``assets/``."""
    return (files("strangler.reports") / "assets" / name).read_text(encoding="utf-8")


def page(model: Model, options: ReportOptions) -> bytes:
    """The whole page."""
    index = Index(model)
    style = asset("plain.css")

    def link(path: str, line: int | None) -> str | None:
        return options.link(model.monolith.revision, path, line)

    html = (
        environment()
        .get_template("plain.html")
        .render(
            model=model,
            index=index,
            style=style,
            policy=policy([], [style]),
            link=link,
            occurrences=occurrences,
            shown=SHOWN,
        )
    )
    return html.encode("utf-8", "replace")


def policy(scripts: list[str], styles: list[str]) -> str:
    """A Content-Security-Policy that runs exactly these inline blocks and loads nothing."""

    def hashes(blocks: list[str]) -> str:
        digests = (hashlib.sha256(block.encode()).digest() for block in blocks)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def environment() -> Environment:
    """Jinja2 over ``assets/``: everything is escaped, and an unknown name is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
