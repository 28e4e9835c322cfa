"""Route tables by hand."""

from __future__ import annotations

from helpers.systems import monolith

from strangler.model import BoundedContext, Endpoint, Module, RouteTraits, System

TRAITS = {
    "django": RouteTraits(by_method=False, slash_redirect="append"),
    "flask": RouteTraits(slash_redirect="append_in_order"),
    "fastapi": RouteTraits(slash_redirect="either"),
    "starlette": RouteTraits(slash_redirect="either"),
}
"""How frameworks decide when nothing is configured."""


def route(
    order: int,
    regex: str,
    handler: str,
    methods: tuple[str, ...] | None = None,
    framework: str = "django",
    *,
    pattern: str | None = None,
    exact: bool = True,
    traits: RouteTraits | None = None,
) -> Endpoint:
    return Endpoint(
        path=regex,
        methods=methods,
        handler=handler,
        framework=framework,
        pattern=pattern or regex,
        regex=regex,
        name=None,
        file="urls.py",
        line=order + 1,
        order=order,
        exact=exact,
        traits=traits or TRAITS[framework],
    )


def system(*endpoints: Endpoint) -> System:
    modules = sorted({endpoint.handler.rsplit(".", 1)[0] for endpoint in endpoints})
    return monolith((Module(name=m, path=m, lines=1) for m in modules), "made", endpoints=endpoints)


def context(*modules: str, name: str = "orders") -> BoundedContext:
    return BoundedContext(name=name, kind="context", modules=modules, tables=(), confidence=1.0)
