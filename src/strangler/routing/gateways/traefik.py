"""Traefik 3: routers with explicit priorities; stages are files that the watched one is replaced with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.dialect import TRAEFIK
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    OVERRIDE,
    UPGRADE_TOKEN,
    address,
    banner,
    dropped_headers,
    expression,
    shares,
    tells_upgrades,
)
from strangler.routing.values import BACKEND_HEADER, STAGES, WEBSOCKET, RoutingPlan, Rule, Stage
from strangler.text import yaml_text

# Traefik matches a path in which reserved characters stay encoded and all others are decoded.
_MALFORMED = r"(?:/|%2F)\.\.(?:/|%2F|$)|\x00"
_UNUSUAL = r"\\|[\x01-\x1f\x7f]|\x{fffd}"
_AMBIGUOUS = rf"//|/\.(?:/|$)|%2F|{_UNUSUAL}"
_SLASHES = r"(?:/|%2F)(?:\.?(?:/|%2F))*(?:\.$)?"
_TOP = 1_000_000
_SOCKET = (
    "Method(`GET`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)"
    f" && HeaderRegexp(`Connection`, `{UPGRADE_TOKEN}`)"
)


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``traefik.yml`` (static), ``dynamic.yml`` with everything on the monolith, and the stages."""
    comment = banner(plan, "Traefik")
    files = {"traefik.yml": yaml_text(_static(plan), comment)}
    for stage in STAGES:
        files[f"stages/{stage}.yml"] = yaml_text(_dynamic(plan, stage), comment + f"stage: {stage}\n")
    return files | {"dynamic.yml": files["stages/rollback.yml"]}


def _static(plan: RoutingPlan) -> dict[str, Any]:
    allowed = ("Slash", "BackSlash", "NullCharacter", "Semicolon", "Percent", "QuestionMark", "Hash")
    return {
        "entryPoints": {
            "strangler": {
                "address": f":{plan.settings.listen}",
                "http": {
                    "sanitizePath": False,  # it would hide what the policy is about
                    "encodedCharacters": {f"allowEncoded{name}": True for name in allowed},
                },
            }
        },
        "providers": {
            "file": {"filename": "dynamic.yml", "watch": True},
            "providersThrottleDuration": "100ms",
        },
        "log": {"level": "WARN"},
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    }


def _dynamic(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    return {
        "http": {
            "routers": _routers(plan, stage),
            "services": _services(plan, stage),
            "middlewares": _middlewares(plan),
            "serversTransports": {
                "strangler": {
                    "forwardingTimeouts": {
                        "dialTimeout": f"{plan.settings.connect_timeout}s",
                        "responseHeaderTimeout": f"{plan.settings.read_timeout}s",
                    }
                }
            },
        }
    }


def _router(rule: str, priority: int, service: str, *middlewares: str) -> dict[str, Any]:
    return {
        "entryPoints": ["strangler"],
        "rule": rule,
        "priority": priority,
        "service": service,
        "middlewares": list(middlewares),
    }


def _path(regex: str) -> str:
    return f"PathRegexp(`{regex}`)"


def _routers(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    settings = plan.settings
    found = {"malformed": _router(_path(_MALFORMED), _TOP, "monolith", "rejected", "refuse")}
    if settings.policy == "monolith":
        found["ambiguous"] = _router(_path(_AMBIGUOUS), _TOP - 1, "monolith", "monolith", "drop")
    else:
        refused = _UNUSUAL if settings.policy == "normalise" else _AMBIGUOUS
        found["ambiguous"] = _router(_path(refused), _TOP - 1, "monolith", "rejected", "refuse")
    for number, rule in enumerate(plan.rules):
        for suffix, condition, service, middlewares in _variants(plan, rule, stage):
            regex = expression(rule, TRAEFIK)
            name = f"rule-{number:04}{suffix}"
            place = 0 if suffix.startswith("-override") else 6 if suffix == "-writes" else 5
            priority = _TOP - 10 * (number + 1) - place
            found[name] = _router(_path(regex) + condition, priority, service, *middlewares)
    found["rest"] = _router("PathPrefix(`/`)", 1, "monolith", "monolith", "drop")
    return _below_normaliser(found) if settings.policy == "normalise" else found


def _below_normaliser(routers: dict[str, Any]) -> dict[str, Any]:
    """Put the rules below a router that rewrites the path first (multi-layer routing, Traefik 3.6)."""
    found: dict[str, Any] = {
        "normaliser": {
            "entryPoints": ["strangler"],
            "rule": "PathPrefix(`/`)",
            "priority": 1,
            "middlewares": ["normalise"],
        }
    }
    for name, router in routers.items():
        if name in ("malformed", "ambiguous"):
            found[name] = router
        else:
            below = {key: value for key, value in router.items() if key != "entryPoints"}
            found[name] = {**below, "parentRefs": ["normaliser"]}
    return found


def _method(methods: tuple[str, ...] | None, *, upgrades: bool) -> str:
    """The condition for methods; with ``upgrades`` a GET that asks for a WebSocket is none."""
    if methods is None:
        return ""
    named = [f"Method(`{m}`)" for m in methods if m != WEBSOCKET]
    if not upgrades or ("GET" in methods) == (WEBSOCKET in methods):
        return f" && ({' || '.join(named)})"
    if WEBSOCKET in methods:
        return f" && ({' || '.join([*named, f'({_SOCKET})'])})"
    return f" && ({' || '.join(named)}) && !({_SOCKET})"


def _variants(plan: RoutingPlan, rule: Rule, stage: Stage) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Routers of a rule: suffix, further condition, service, middlewares."""
    methods = _method(rule.methods, upgrades=tells_upgrades(plan))
    if rule.target == "monolith":
        return [("", methods, "monolith", ("monolith", "drop"))]
    token = plan.settings.override_token
    found: list[tuple[str, str, str, tuple[str, ...]]] = [
        (f"-override-{side}", f"{methods} && Header(`{OVERRIDE}`, `{side}-{token}`)", side, (side, "drop"))
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    safe = tuple(m for m in SAFE_METHODS if rule.methods is None or m in rule.methods)
    if share.reads == share.writes and not share.shadow:
        return [*found, ("", methods, *_to(share.reads))]
    copied = tuple(m for m in safe if m != "OPTIONS") if share.shadow else safe
    if copied:
        found.append(("-reads", _method(copied, upgrades=True), *_to(share.reads, shadow=share.shadow)))
    if rule.methods is None or set(rule.methods) - set(copied):
        found.append(("-writes", methods, *_to(share.writes)))
    return found


def _to(percent: int, *, shadow: bool = False) -> tuple[str, tuple[str, ...]]:
    if shadow:
        return "shadow", ("monolith", "drop", "retry")
    if percent in (0, 100):
        return ("service", ("service", "drop", "breaker")) if percent else ("monolith", ("monolith", "drop"))
    return "canary", ("drop", "breaker")


def _services(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    settings = plan.settings
    found: dict[str, Any] = {
        name: {
            "loadBalancer": {
                "servers": [{"url": address(url).url}],
                "passHostHeader": True,
                "serversTransport": "strangler",
            }
        }
        for name, url in (("service", settings.service_url), ("monolith", settings.monolith_url))
    }
    share = shares(settings, stage)
    if share.shadow:
        found["shadow"] = {
            "mirroring": {
                "service": "monolith",
                "mirrorBody": False,
                "mirrors": [{"name": "service", "percent": 100}],
            }
        }
    if stage == "canary":
        found["canary"] = {
            "weighted": {
                "services": [
                    {"name": "service", "weight": share.reads},
                    {"name": "monolith", "weight": 100 - share.reads},
                ],
                "sticky": {
                    "cookie": {
                        "name": settings.cookie,
                        "httpOnly": True,
                        "sameSite": "lax",
                        "maxAge": 2_592_000,
                        "path": "/",
                    }
                },
            }
        }
    return found


def _middlewares(plan: RoutingPlan) -> dict[str, Any]:
    normalise = (
        {"normalise": {"replacePathRegex": {"regex": _SLASHES, "replacement": "/"}}}
        if plan.settings.policy == "normalise"
        else {}
    )
    dropped = (*dropped_headers(plan.settings), *(("X-Replaced-Path",) if normalise else ()))
    return {
        **{
            name: {"headers": {"customResponseHeaders": {BACKEND_HEADER: name}}}
            for name in ("service", "monolith", "rejected")
        },
        "drop": {"headers": {"customRequestHeaders": dict.fromkeys(dropped, "")}},
        "refuse": {"ipAllowList": {"sourceRange": ["255.255.255.255/32"], "rejectStatusCode": 400}},
        **normalise,
        "breaker": {
            "circuitBreaker": {
                "expression": "NetworkErrorRatio() > 0.50",
                "checkPeriod": "1s",
                "fallbackDuration": "5s",
                "recoveryDuration": "5s",
            }
        },
        "retry": {"retry": {"attempts": 2, "initialInterval": "100ms"}},
    }


GATEWAY = Gateway(
    name="traefik",
    title="Traefik",
    tested="run",
    files=render,
    check="traefik --configfile=traefik.yml  # has no dry run: look for errors in its log",
    start="traefik --configfile=traefik.yml",
    switch="cp stages/{stage}.yml dynamic.yml.new && mv dynamic.yml.new dynamic.yml",
    effect="Traefik watches the file: new requests follow within about 0.2 s; requests under way finish.",
    notes=(
        "Traefik makes no request IDs; those of the client pass. Its retries do not look at methods, so only "
        "shadowed reads are tried again.",
        "In the canary stage responses carry no X-Strangler-Backend header, and the 101 of a WebSocket never "
        "does: `verify` counts those as not said.",
    ),
)
