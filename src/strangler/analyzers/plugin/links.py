"""Where code and templates ask for the URL of a route by its name: ``reverse``, ``url_for``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import Args, Const, External, Value
from strangler.model import RouteLink

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.sources.tree import SourceTree

TEMPLATE_LINK = re.compile(
    r"""\{%-?\s*url\s+(?:(?P<q>["'])(?P<tag>[^"'{}%]{1,200})(?P=q)|(?P<unknown>[A-Za-z_]))"""
    r"""|\burl_for\(\s*(?:(?P<r>["'])(?P<call>[^"'{}]{1,200})(?P=r)|(?P<other>[A-Za-z_]))"""
)


def route_link(
    keyword: str, *, paths: bool = False
) -> Callable[[Interpreter, External, Args, Frame], Value | None]:
    """A handler for ``Knowledge.calls``: the first argument, or ``keyword``, names a route.

    Args:
        keyword: the name of the parameter.
        paths: whether it may be a URL instead: then what holds a slash or a dot is one, or is not known.
    """

    def handler(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        value = args.get(0, keyword)
        known = value.value if isinstance(value, Const) and isinstance(value.value, str) else ""
        if not paths or (known and "/" not in known and "." not in known):
            module, function, line = frame.location
            path = frame.module.facts.path
            row = RouteLink(file=path, line=line, module=module, function=function, name=known)
            interp.log.links[row] = None
        return None

    return handler


def template_links(tree: SourceTree) -> Iterator[RouteLink]:
    """The routes that templates name, by tags and by calls."""
    for path in tree.templates:
        text = tree.read_text(path)
        if "url" not in text:
            continue
        for match in TEMPLATE_LINK.finditer(text):
            name = match["tag"] or match["call"] or ""
            line = text.count("\n", 0, match.start()) + 1
            yield RouteLink(file=path, line=line, module="", function=None, name=name)
