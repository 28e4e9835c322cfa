"""Kong, declarative format 3.0 (DB-less or decK): regular expressions with explicit priorities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.dialect import RAW
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    AMBIGUOUS_RE,
    MALFORMED_RE,
    OVERRIDE,
    WITHOUT_SHADOW,
    address,
    banner,
    dropped_headers,
    expression,
    http_methods,
    refuse_upgrades,
    shares,
)
from strangler.routing.values import BACKEND_HEADER, METHODS, WEBSOCKET, RoutingPlan, Rule, Stage
from strangler.text import yaml_text

_TOP = 100_000


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``kong.yml`` with everything on the monolith, and the stages."""
    refuse_upgrades(plan, "Kong")
    comment = banner(plan, "Kong")
    files = {
        f"stages/{stage}.yml": yaml_text(_document(plan, stage), comment + f"stage: {stage}\n")
        for stage in WITHOUT_SHADOW
    }
    return files | {"kong.yml": files["stages/rollback.yml"]}


def _document(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    settings = plan.settings
    share = shares(settings, stage)
    weights = {"service": 100, "monolith": 0}
    upstreams = [
        _upstream(plan, "service", weights),
        _upstream(plan, "monolith", {"monolith": 100, "service": 0}),
    ]
    services = [_service(plan, name, upstream) for name, upstream in _backends(plan).items()]
    if stage == "canary":
        canary = {"service": share.reads, "monolith": 100 - share.reads}
        upstreams.append(_upstream(plan, "canary", canary))
        services.append(_service(plan, "canary", f"{plan.service}-canary"))
    return {
        "_format_version": "3.0",
        "_transform": True,
        "upstreams": upstreams,
        "services": services,
        "routes": _routes(plan, stage),
        "plugins": [
            {
                "name": "request-transformer",
                "config": {"remove": {"headers": list(dropped_headers(settings))}},
            },
            {"name": "correlation-id", "config": {"header_name": "X-Request-ID", "generator": "uuid"}},
        ],
    }


def _backends(plan: RoutingPlan) -> dict[str, str]:
    return {name: f"{plan.service}-{name}" for name in ("service", "monolith")}


def _upstream(plan: RoutingPlan, name: str, weights: dict[str, int]) -> dict[str, Any]:
    urls = {"service": plan.settings.service_url, "monolith": plan.settings.monolith_url}
    return {
        "name": f"{plan.service}-{name}",
        "hash_on": "cookie" if name == "canary" else "none",
        **({"hash_on_cookie": plan.settings.cookie, "hash_on_cookie_path": "/"} if name == "canary" else {}),
        "targets": [
            {"target": address(urls[side]).dial, "weight": weight} for side, weight in weights.items()
        ],
        "healthchecks": {"passive": {"unhealthy": {"http_failures": 50, "tcp_failures": 20, "timeouts": 20}}},
    }


def _service(plan: RoutingPlan, name: str, upstream: str) -> dict[str, Any]:
    settings = plan.settings
    url = settings.monolith_url if name == "monolith" else settings.service_url
    return {
        "name": name,
        "protocol": address(url).scheme,
        "host": upstream,
        "port": address(url).port,
        "connect_timeout": settings.connect_timeout * 1000,
        "read_timeout": settings.read_timeout * 1000,
        "write_timeout": settings.read_timeout * 1000,
        "retries": 0,
    }


def _route(name: str, regex: str, priority: int, service: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "paths": [f"~{regex}"],
        "regex_priority": priority,
        "service": {"name": service},
        "strip_path": False,
        "preserve_host": True,
        "protocols": ["http", "https"],
        **more,
    }


def _routes(plan: RoutingPlan, stage: Stage) -> list[dict[str, Any]]:
    refuse = [{"name": "request-termination", "config": {"status_code": 400, "message": "Bad path"}}]
    guard = MALFORMED_RE if plan.settings.policy == "monolith" else f"{MALFORMED_RE}|{AMBIGUOUS_RE}"
    found = [_route("refused", f"^.*(?:{guard})", _TOP, "monolith", plugins=refuse)]
    for number, rule in enumerate(plan.rules):
        found += _rule(plan, rule, number, stage)
    return [*found, _route("rest", "^/", 0, "monolith")]


def _rule(plan: RoutingPlan, rule: Rule, number: int, stage: Stage) -> list[dict[str, Any]]:
    regex, priority = expression(rule, RAW), _TOP - 10 * (number + 1)
    named = http_methods(rule)
    methods = None if named is None else list(named)
    name = f"rule-{number:04}"
    only = {} if methods is None else {"methods": methods}
    if rule.target == "monolith":
        return [_route(name, regex, priority, "monolith", **only)]
    token = plan.settings.override_token
    found = [
        _route(
            f"{name}-override-{side}",
            regex,
            priority + 5,
            side,
            **only,
            headers={OVERRIDE: [f"{side}-{token}"]},
        )
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    if share.reads == share.writes:
        return [*found, _route(name, regex, priority, _side(share.reads), **only)]
    safe = [m for m in SAFE_METHODS if methods is None or m in methods]
    unsafe = [m for m in (methods or METHODS) if m not in (*SAFE_METHODS, WEBSOCKET)]
    if safe:
        found.append(_route(f"{name}-reads", regex, priority, _side(share.reads), methods=safe))
    if unsafe:
        found.append(_route(f"{name}-writes", regex, priority, _side(share.writes), methods=unsafe))
    return found


def _side(percent: int) -> str:
    return {0: "monolith", 100: "service"}.get(percent, "canary")


GATEWAY = Gateway(
    name="kong",
    title="Kong",
    tested="schema",
    files=render,
    check="deck file validate kong.yml",
    start="KONG_DATABASE=off KONG_DECLARATIVE_CONFIG=kong.yml kong start",
    switch="cp stages/{stage}.yml kong.yml && curl -fsS http://127.0.0.1:8001/config -F config=@kong.yml",
    effect="Kong swaps its router for new requests; requests under way finish.",
    stages=WITHOUT_SHADOW,
    notes=(
        "Kong normalises slashes and dot segments before its router sees them: it cannot refuse those.",
        f"Responses carry no {BACKEND_HEADER} header.",
        "No shadow stage: Kong's open-source edition copies no requests.",
        "Of digits and letters outside ASCII, the expressions take no digit and every letter or sign.",
    ),
)
