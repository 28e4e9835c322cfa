"""Kubernetes Gateway API: an HTTPRoute; ``Exact`` and ``PathPrefix`` where proved equal, else expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.automaton import Product
from strangler.routing.dialect import RAW
from strangler.routing.errors import RoutingError
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    OVERRIDE,
    UNRESERVED,
    banner,
    dropped_headers,
    expression,
    http_methods,
    refuse_upgrades,
    shares,
    weights,
)
from strangler.routing.gateways._kubernetes import backend, metadata, remembered, set_cookie
from strangler.routing.rules import Decider, rule_entries, term_of
from strangler.routing.values import STAGES, RoutingPlan, Rule, Stage, Target
from strangler.text import yaml_text

_RULES, _MATCHES, _LENGTH = 16, 64, 1024


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``httproute.yaml`` with everything on the monolith, and the stages."""
    refuse_upgrades(plan, "Kubernetes Gateway API")
    comment = banner(plan, "Kubernetes Gateway API")
    files = {
        f"stages/{stage}.yaml": yaml_text(_route(plan, stage), comment + f"stage: {stage}\n")
        for stage in STAGES
    }
    return files | {"httproute.yaml": files["stages/rollback.yaml"]}


def _route(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    rules = _rules(plan, stage)
    if len(rules) > _RULES:
        raise RoutingError(
            f"an HTTPRoute holds {_RULES} rules, this plan needs {len(rules)}; "
            'set unclaimed = "service" for prefixes, or use a gateway that takes more'
        )
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(plan),
        "spec": {
            "parentRefs": [{"name": "strangler-gateway"}],
            "rules": rules,
        },
    }


def _rules(plan: RoutingPlan, stage: Stage) -> list[dict[str, Any]]:
    """Neighbours with the same target share a rule, since their order among themselves does not matter."""
    groups: list[tuple[Target, list[dict[str, Any]]]] = []
    paths = _Paths(plan)
    for rule in plan.rules:
        matches = paths.matches(rule)
        if groups and groups[-1][0] == rule.target and len(groups[-1][1]) + len(matches) <= _MATCHES:
            groups[-1][1].extend(matches)
        else:
            groups.append((rule.target, matches))
    found = []
    for target, matches in groups:
        found += _group(plan, stage, target, matches)
    everything = [{"path": {"type": "PathPrefix", "value": "/"}}]
    return [*found, _rule(plan, everything, {"monolith": 100})]


class _Paths:
    """Writes a rule's path as matches."""

    def __init__(self, plan: RoutingPlan) -> None:
        self._product = Product([term_of(rule) for rule in plan.rules])
        self._decider = Decider(rule_entries(plan.rules))

    def matches(self, rule: Rule) -> list[dict[str, Any]]:
        path = self._path(rule)
        return [
            {"path": path, **({} if method is None else {"method": method})}
            for method in (http_methods(rule) or (None,))
        ]

    def _path(self, rule: Rule) -> dict[str, str]:
        plain = set(rule.value) <= UNRESERVED
        if rule.kind == "exact" and plain:
            return {"type": "Exact", "value": rule.value}
        if rule.kind == "prefix" and plain and rule.value.endswith("/") and self._owns(rule.value[:-1]):
            return {"type": "PathPrefix", "value": rule.value}
        found = expression(rule, RAW) + (".*" if rule.kind == "prefix" else "")
        if len(found) > _LENGTH:
            raise RoutingError(f"an HTTPRoute path holds {_LENGTH} characters, a rule needs {len(found)}")
        return {"type": "RegularExpression", "value": found}

    def _owns(self, path: str) -> bool:
        """Whether the path without the last slash moves, too: PathPrefix takes both."""
        state = self._product.walk(path)
        accepts = () if state is None else self._product.states[state].accepts
        return set(self._decider.targets(accepts)) == {"service"}


def _group(
    plan: RoutingPlan, stage: Stage, target: Target, matches: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if target == "monolith":
        return [_rule(plan, matches, {"monolith": 100})]
    token = plan.settings.override_token
    found = [
        _rule(plan, _with_header(matches, OVERRIDE, f"{side}-{token}", "Exact"), {side: 100})
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    if stage == "canary":
        for side in ("service", "monolith"):
            known = _with_header(_safe(matches), "Cookie", remembered(side), "RegularExpression")
            found += [_rule(plan, known, {side: 100})] if known else []
    if share.reads == share.writes and not share.shadow:
        return [*found, _rule(plan, matches, weights(share.reads))]
    safe = _safe(matches)
    if safe:
        found.append(_rule(plan, safe, weights(share.reads), shadow=share.shadow))
    return [*found, _rule(plan, matches, weights(share.writes))]


def _safe(matches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    methods = [m for m in SAFE_METHODS if m != "OPTIONS"]
    return [
        {**match, "method": method}
        for match in matches
        for method in methods
        if match.get("method", method) == method
    ]


def _with_header(matches: list[dict[str, Any]], name: str, value: str, kind: str) -> list[dict[str, Any]]:
    return [{**match, "headers": [{"name": name, "type": kind, "value": value}]} for match in matches]


def _rule(
    plan: RoutingPlan, matches: list[dict[str, Any]], weights: Mapping[Target, int], *, shadow: bool = False
) -> dict[str, Any]:
    if len(matches) > _MATCHES:
        raise RoutingError(f"an HTTPRoute rule holds {_MATCHES} matches, this plan needs {len(matches)}")
    filters: list[dict[str, Any]] = [
        {
            "type": "RequestHeaderModifier",
            "requestHeaderModifier": {"remove": list(dropped_headers(plan.settings))},
        }
    ]
    if shadow:
        filters.append(
            {"type": "RequestMirror", "requestMirror": {"backendRef": _reference(plan, "service")}}
        )
    backends = [
        {**_reference(plan, side), "weight": weight, **(_memory(side) if len(weights) > 1 else {})}
        for side, weight in weights.items()
    ]
    timeouts = {"request": f"{plan.settings.read_timeout}s"}
    return {"matches": matches, "filters": filters, "backendRefs": backends, "timeouts": timeouts}


def _memory(side: Target) -> dict[str, Any]:
    header = {"add": [{"name": "Set-Cookie", "value": set_cookie(side)}]}
    return {"filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": header}]}


def _reference(plan: RoutingPlan, side: Target) -> dict[str, Any]:
    found = backend(plan, side)
    return {"name": found.host, "port": found.port}


GATEWAY = Gateway(
    name="gateway_api",
    title="Kubernetes Gateway API",
    tested="schema",
    files=render,
    check="kubectl apply --dry-run=server -f httproute.yaml",
    start="kubectl apply -f httproute.yaml",
    switch="kubectl apply -f stages/{stage}.yaml",
    effect="The controller programs the data plane, usually within seconds; requests under way finish.",
    notes=(
        "`service_url` and `monolith_url` name Services of the route's namespace; the Gateway is called "
        "strangler-gateway.",
        "RegularExpression matches, and their order, depend on the implementation: test on yours. "
        "Exact and PathPrefix are used wherever they are proved equal.",
        "Non-canonical paths follow the implementation: the policy cannot be written here.",
        "Of digits and letters outside ASCII, the expressions take no digit and every letter or sign.",
    ),
)
