"""Caddy 2 in its native JSON: ordered routes; a stage is a whole configuration that is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.errors import RoutingError
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    AMBIGUOUS_RE,
    MALFORMED_RE,
    OVERRIDE,
    UNUSUAL_RE,
    UPGRADE_TOKEN,
    VALID_RE,
    WITHOUT_SHADOW,
    address,
    admin_port,
    dropped_headers,
    expression,
    shares,
    tells_upgrades,
)
from strangler.routing.values import BACKEND_HEADER, WEBSOCKET, RoutingPlan, Rule, Stage

_URI = "{http.request.orig_uri}"


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``caddy.json`` with everything on the monolith, and the stages."""
    files = {
        f"stages/{stage}.json": json.dumps(_config(plan, stage), indent=1) + "\n" for stage in WITHOUT_SHADOW
    }
    return files | {"caddy.json": files["stages/rollback.json"]}


def _command(plan: RoutingPlan, stage: Stage) -> str:
    return (
        f"cp stages/{stage}.json caddy.json && "
        f"caddy reload --config caddy.json --address 127.0.0.1:{admin_port(plan)}"
    )


def _config(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    return {
        "admin": {"listen": f"127.0.0.1:{admin_port(plan)}"},
        "apps": {
            "http": {
                "grace_period": "30s",
                "servers": {
                    "strangler": {
                        "listen": [f":{plan.settings.listen}"],
                        "automatic_https": {"disable": True},
                        "routes": _routes(plan, stage),
                    }
                },
            }
        },
    }


def _raw(pattern: str, *, whole: bool = False) -> dict[str, Any]:
    """Match the path of the raw request target; ``$`` is then its end or the question mark."""
    found = pattern.replace("$", r"(?:\?|$)")
    return {"vars_regexp": {_URI: {"pattern": found if whole else f"^[^?]*?(?:{found})"}}}


def _routes(plan: RoutingPlan, stage: Stage) -> list[dict[str, Any]]:
    policy = plan.settings.policy
    request_id = {
        "match": [{"not": [{"header": {"X-Request-Id": ["*"]}}]}],
        "handle": [{"handler": "headers", "request": {"set": {"X-Request-Id": ["{http.request.uuid}"]}}}],
    }
    invalid = {"not": [_raw(VALID_RE.replace("[^%]", "[^%?]"), whole=True)]}
    routes = [_refuse([_raw(MALFORMED_RE)]), request_id]
    if policy == "monolith":
        routes.append(_proxy(plan, [_raw(AMBIGUOUS_RE), invalid], "monolith"))
    else:
        refused = UNUSUAL_RE if policy == "normalise" else AMBIGUOUS_RE
        routes.append(_refuse([_raw(refused), invalid]))
    for rule in plan.rules:
        routes += _rule(plan, rule, stage)
    return [*routes, _proxy(plan, None, "monolith")]


def _refuse(match: list[dict[str, Any]]) -> dict[str, Any]:
    answer = {"handler": "static_response", "status_code": 400, "headers": {BACKEND_HEADER: ["rejected"]}}
    return {"match": match, "handle": [answer], "terminal": True}


_SOCKET: dict[str, Any] = {
    "method": ["GET"],
    "header_regexp": {
        "Upgrade": {"pattern": "(?i)^websocket$"},
        "Connection": {"pattern": UPGRADE_TOKEN},
    },
}


def _matches(path: dict[str, Any], methods: Sequence[str] | None, *, upgrades: bool) -> list[dict[str, Any]]:
    """Matchers of which one must hold; with ``upgrades`` a GET that asks for a WebSocket is none."""
    if methods is None:
        return [path]
    named = [m for m in methods if m != WEBSOCKET]
    if not upgrades or ("GET" in methods) == (WEBSOCKET in methods):
        return [path | {"method": named}]
    if WEBSOCKET not in methods:
        return [path | {"method": named, "not": [_SOCKET]}]
    return [path | _SOCKET, *([path | {"method": named}] if named else [])]


def _rule(plan: RoutingPlan, rule: Rule, stage: Stage) -> list[dict[str, Any]]:
    path: dict[str, Any] = {"path_regexp": {"pattern": expression(rule)}}
    matches = _matches(path, rule.methods, upgrades=tells_upgrades(plan))
    if rule.target == "monolith":
        return [_proxy(plan, matches, "monolith")]
    token = plan.settings.override_token
    found = [
        _proxy(plan, [m | {"header": {OVERRIDE: [f"{side}-{token}"]}} for m in matches], side)
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    if share.reads == share.writes:
        return [*found, _proxy(plan, matches, share.reads)]
    safe = [m for m in SAFE_METHODS if rule.methods is None or m in rule.methods]
    if safe:
        found.append(_proxy(plan, _matches(path, safe, upgrades=True), share.reads))
    if rule.methods is None or set(rule.methods) - set(SAFE_METHODS):
        found.append(_proxy(plan, matches, share.writes))
    return found


def _proxy(plan: RoutingPlan, match: list[dict[str, Any]] | None, side: str | int) -> dict[str, Any]:
    """Forward to a side, or by per cent of users."""
    settings = plan.settings
    service, monolith = address(settings.service_url), address(settings.monolith_url)
    if service.scheme != monolith.scheme:
        raise RoutingError("Caddy: service_url and monolith_url must both be http or both be https")
    if side in (0, 100):
        side = "service" if side else "monolith"
    dials = {"service": [service.dial], "monolith": [monolith.dial]}.get(
        str(side), [service.dial, monolith.dial]
    )
    balancing: dict[str, Any] = {"retries": 1, "retry_match": [{"method": list(SAFE_METHODS)}]}
    before: list[dict[str, Any]] = []
    headers: dict[str, Any] = {"request": {"delete": list(dropped_headers(settings))}}
    if isinstance(side, int):
        balancing["selection_policy"] = {
            "policy": "cookie",
            "name": settings.cookie,
            "fallback": {"policy": "weighted_round_robin", "weights": [side, 100 - side]},
        }
    else:
        answered = {"deferred": True, "set": {BACKEND_HEADER: [side]}}  # deferred: on a 101, too
        before.append({"handler": "headers", "response": answered})
    transport: dict[str, Any] = {
        "protocol": "http",
        "dial_timeout": f"{settings.connect_timeout}s",
        "response_header_timeout": f"{settings.read_timeout}s",
    }
    if service.scheme == "https":
        transport["tls"] = {}
    handler = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial} for dial in dials],
        "load_balancing": balancing,
        "health_checks": {"passive": {"fail_duration": "5s", "max_fails": 20}},
        "headers": headers,
        "transport": transport,
    }
    route: dict[str, Any] = {"handle": [*before, handler], "terminal": True}
    return route if match is None else {"match": match, **route}


GATEWAY = Gateway(
    name="caddy",
    title="Caddy",
    tested="run",
    files=render,
    check="caddy validate --config caddy.json",
    start="caddy run --config caddy.json",
    switch="",
    commands=_command,
    effect="The new configuration takes new requests at once; requests under way have 30 s to finish.",
    stages=WITHOUT_SHADOW,
    notes=(
        "Caddy cannot copy requests, so there is no shadow stage.",
        "In the canary stage responses carry no X-Strangler-Backend header.",
        "The admin port is the listening port plus one, on the loopback interface only: keep it there.",
    ),
)
