"""Istio: an ordered VirtualService, and DestinationRules with outlier detection."""

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
from strangler.routing.values import BACKEND_HEADER, STAGES, RoutingPlan, Rule, Stage, Target
from strangler.text import yaml_text


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``virtualservice.yaml`` with everything on the monolith, the stages, ``destinationrules.yaml``."""
    refuse_upgrades(plan, "Istio")
    comment = banner(plan, "Istio")
    files = {
        f"stages/{stage}.yaml": yaml_text(_virtual_service(plan, stage), comment + f"stage: {stage}\n")
        for stage in STAGES
    }
    rules = "---\n".join(yaml_text(_destination(plan, side), comment) for side in ("service", "monolith"))
    return files | {
        "virtualservice.yaml": files["stages/rollback.yaml"],
        "destinationrules.yaml": rules,
    }


def _virtual_service(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    refused = [{"uri": {"regex": f".*(?:{MALFORMED_RE}).*"}}]
    guards = [{"uri": {"regex": f".*(?:{AMBIGUOUS_RE}).*"}}]
    http: list[dict[str, Any]] = []
    if plan.settings.policy == "monolith":
        http.append(_forward(plan, guards, {"monolith": 100}))
    else:
        refused += guards
    http.insert(0, {"match": refused, "directResponse": {"status": 400}})
    for rule in plan.rules:
        http += _rule(plan, rule, stage)
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(plan),
        "spec": {
            "hosts": ["*"],
            "gateways": ["strangler-gateway"],
            "http": [*http, _forward(plan, None, {"monolith": 100})],
        },
    }


def _path(rule: Rule) -> dict[str, Any]:
    if rule.kind != "regex" and set(rule.value) <= UNRESERVED:
        return {"uri": {rule.kind: rule.value}}
    return {"uri": {"regex": expression(rule, RAW) + (".*" if rule.kind == "prefix" else "")}}


def _rule(plan: RoutingPlan, rule: Rule, stage: Stage) -> list[dict[str, Any]]:
    named = http_methods(rule)
    methods = {} if named is None else {"method": {"regex": "|".join(named)}}
    match = {**_path(rule), **methods}
    if rule.target == "monolith":
        return [_forward(plan, [match], {"monolith": 100})]
    token = plan.settings.override_token
    found = [
        _forward(plan, [{**match, "headers": {OVERRIDE.lower(): {"exact": f"{side}-{token}"}}}], {side: 100})
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    safe = [m for m in SAFE_METHODS if rule.methods is None or m in rule.methods]
    reads = {**match, "method": {"regex": "|".join(safe)}}
    if stage == "canary" and safe:
        for side in ("service", "monolith"):
            known = {**reads, "headers": {"cookie": {"regex": remembered(side)}}}
            found.append(_forward(plan, [known], {side: 100}, retry=True))
    if safe:
        found.append(_forward(plan, [reads], weights(share.reads), retry=True, shadow=share.shadow))
    if rule.methods is None or set(rule.methods) - set(SAFE_METHODS):
        found.append(_forward(plan, [match], weights(share.writes)))
    return found


def _forward(
    plan: RoutingPlan,
    match: list[dict[str, Any]] | None,
    weights: Mapping[Target, int],
    *,
    retry: bool = False,
    shadow: bool = False,
) -> dict[str, Any]:
    found: dict[str, Any] = {} if match is None else {"match": match}
    found["route"] = [
        _destination_of(plan, side, weight, len(weights) > 1) for side, weight in weights.items()
    ]
    found["timeout"] = f"{plan.settings.read_timeout}s"
    found["retries"] = (
        {"attempts": 1, "retryOn": "connect-failure,refused-stream"} if retry else {"attempts": 0}
    )
    found["headers"] = {"request": {"remove": [name.lower() for name in dropped_headers(plan.settings)]}}
    if shadow:
        target = backend(plan, "service")
        mirror = {"host": target.host, "port": {"number": target.port}}
        found["mirrors"] = [{"destination": mirror, "percentage": {"value": 100.0}}]
    return found


def _destination_of(plan: RoutingPlan, side: Target, weight: int, split: bool) -> dict[str, Any]:
    target = backend(plan, side)
    response: dict[str, Any] = {"set": {BACKEND_HEADER: side}}
    if split:
        response["add"] = {"Set-Cookie": set_cookie(side)}
    return {
        "destination": {"host": target.host, "port": {"number": target.port}},
        "weight": weight,
        "headers": {"response": response},
    }


def _destination(plan: RoutingPlan, side: Target) -> dict[str, Any]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": metadata(plan, f"-{side}"),
        "spec": {
            "host": backend(plan, side).host,
            "trafficPolicy": {
                "connectionPool": {"tcp": {"connectTimeout": f"{plan.settings.connect_timeout}s"}},
                "outlierDetection": {
                    "consecutive5xxErrors": 50,
                    "consecutiveGatewayErrors": 20,
                    "baseEjectionTime": "5s",
                    "maxEjectionPercent": 100,
                },
            },
        },
    }


GATEWAY = Gateway(
    name="istio",
    title="Istio",
    tested="schema",
    files=render,
    check="istioctl analyze --use-kube=false virtualservice.yaml destinationrules.yaml",
    start="kubectl apply -f destinationrules.yaml -f virtualservice.yaml",
    switch="kubectl apply -f stages/{stage}.yaml",
    effect="istiod pushes the routes, usually within a second; requests under way finish.",
    notes=(
        "`service_url` and `monolith_url` name Kubernetes Services; the Gateway is called strangler-gateway.",
        "Istio normalises paths before routes see them (`meshConfig.pathNormalization`): what it has "
        "normalised cannot be refused.",
        "Of digits and letters outside ASCII, the expressions take no digit and every letter or sign.",
    ),
)
