"""Blockers of how a definition is written and how it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.contracts.operations.blockers import blocker
from strangler.contracts.operations.calls import CallSite
from strangler.contracts.operations.effects import Effects
from strangler.contracts.operations.knowledge import words
from strangler.contracts.operations.signatures import is_bound
from strangler.contracts.operations.source import Code, DefinitionNode, Sources, Target, dotted_name
from strangler.contracts.operations.values import Blocker, Call, Site

_KEEPING = words(
    "atomic lru_cache cache wraps staticmethod classmethod shared_task task receiver override "
    "overload sensitive_variables sensitive_post_parameters filter simple_tag simple_filter "
    "non_atomic_requests require_GET require_POST require_http_methods csrf_exempt never_cache "
    "abstractmethod final deprecated typechecked timed instrument command argument option"
)
"""Last parts of names of decorators that keep the arguments and the result of a call."""


def form_blockers(
    target: Target,
    node: DefinitionNode,
    code: Code,
    sites: list[CallSite],
    indirect: list[tuple[Site, str]],
    effects: Effects,
    sources: Sources,
) -> Iterator[Blocker]:
    """Blockers of how the definition is written and called."""
    if isinstance(node, ast.AsyncFunctionDef):
        yield blocker(
            "asynchronous",
            code.path,
            node.lineno,
            "a coroutine: the adapter would block the event loop",
            "write the client with the monolith's own asynchronous HTTP library",
        )
    for item in node.decorator_list:
        name = (dotted_name(item.func if isinstance(item, ast.Call) else item) or "").rpartition(".")[2]
        if name == "contextmanager":
            yield blocker(
                "iterator",
                code.path,
                item.lineno,
                "a context manager: it wraps code of the caller",
                "offer its beginning and its end as two functions",
            )
        elif name not in _KEEPING:
            yield blocker(
                "decorated",
                code.path,
                item.lineno,
                f"@{name or ast.unparse(item)[:40]} may change its arguments or its result",
                "put a plain function beneath it and call that",
            )
    for site in sites:
        yield from _site_form(site)
    for place, how in indirect:
        if how == "method":
            remedy = "offer it as a function that takes the identifier of the object"
            message = "a method of an object of the other context"
            yield blocker("instance_method", place.file, place.line, message, remedy)
        else:
            message = "reached through a value (decorator, registry, call-back), not by its name"
            remedy = "call it by its name, or let the provider register itself"
            yield blocker("callback", place.file, place.line, message, remedy)
    if effects.registers is not None:
        message = "it registers a function with something of this process"
        remedy = "let each side register its own"
        yield blocker("registers", effects.registers.file, effects.registers.line, message, remedy)
    if effects.process is not None and not effects.reads | effects.writes:
        message = "it uses what only this process or machine has: a thread's values, module state, programs"
        remedy = "call it on each side, or keep the state where both can ask for it"
        yield blocker("process_state", effects.process.file, effects.process.line, message, remedy)
    for what, used in sorted(effects.ambient.items()):
        yield blocker(
            "request",
            used.file,
            used.line,
            f"uses {what}, which belongs to the request of the caller",
            "pass what it takes from there as a parameter",
        )
    bound = not isinstance(node, ast.ClassDef) and is_bound(sources, target, node)
    if bound and kind_of(target, node) == "method" and sites:
        message = "a method of an object of the other context"
        remedy = "offer it as a function that takes the identifier of the object"
        yield blocker("instance_method", code.path, node.lineno, message, remedy)


def _site_form(site: CallSite) -> Iterator[Blocker]:
    file, line = site.scope.code.path, site.node.lineno
    if site.decorator:
        remedy = "publish the decorator as a library"
        yield blocker("callback", file, line, "used as a decorator: it takes a function", remedy)
    elif site.scope.function is not None and isinstance(site.node, ast.Name):
        return  # handed on as a value by its own name: the seam has a function of that name
    elif not isinstance(site.node, ast.Call):
        remedy = "call it where it is needed, or let the provider register itself"
        yield blocker("callback", file, line, "handed on as a value", remedy)
    elif site.scope.function is None:
        remedy = "call it when it is needed: at import there is no service yet"
        yield blocker("registers", file, line, "called while the module is imported", remedy)
    elif any(isinstance(item, ast.Starred) for item in site.node.args) or any(
        word.arg is None for word in site.node.keywords
    ):
        yield blocker("call_form", file, line, "called with * or **", "name the arguments")


def kind_of(target: Target, node: DefinitionNode) -> Call:
    """How the definition is called."""
    if "." not in target.qualname or isinstance(node, ast.ClassDef):
        return "function"
    names = {dotted_name(item) for item in node.decorator_list}
    if "classmethod" in names:
        return "class_method"
    return "static" if "staticmethod" in names else "method"
