"""AWS: Application Load Balancer rules as CloudFormation, and an API Gateway definition (OpenAPI 3.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.dialect import RAW
from strangler.routing.errors import RoutingError
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    OVERRIDE,
    WITHOUT_SHADOW,
    address,
    expression,
    http_methods,
    refuse_upgrades,
    shares,
    weights,
)
from strangler.routing.values import RoutingPlan, Rule, Stage, Target

_LONGEST = 128
_REFUSED = r"%2[Ff]|%5[Cc]|//|/\.\.?(?:/|$)|%[01][0-9A-Fa-f]|%7[Ff]"


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``alb.json`` with everything on the monolith, the stages, and ``openapi.json``."""
    refuse_upgrades(plan, "AWS")
    files = {f"stages/{stage}.json": _text(_template(plan, stage)) for stage in WITHOUT_SHADOW}
    return files | {"alb.json": files["stages/rollback.json"], "openapi.json": _text(_openapi(plan))}


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def _template(plan: RoutingPlan, stage: Stage) -> dict[str, Any]:
    rules = _rules(plan, stage)
    if len(rules) > 100:
        raise RoutingError(f"a load balancer takes 100 rules, this plan needs {len(rules)}")
    parameters = ("ListenerArn", "ServiceTargetGroupArn", "MonolithTargetGroupArn")
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"strangler facade: {plan.service}, stage {stage}",
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {
            f"Rule{number:04}": {
                "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
                "Properties": {"ListenerArn": {"Ref": "ListenerArn"}, "Priority": number, **rule},
            }
            for number, rule in enumerate(rules, 1)
        },
    }


def _rules(plan: RoutingPlan, stage: Stage) -> list[dict[str, Any]]:
    found = []
    if plan.settings.policy != "monolith":
        refused = {"StatusCode": "400", "ContentType": "text/plain", "MessageBody": "Bad path"}
        action = {"Type": "fixed-response", "FixedResponseConfig": refused}
        found.append({"Conditions": [_path_regex(f".*(?:{_REFUSED}).*")], "Actions": [action]})
    for pair in _pairs(plan.rules):
        found += _rule(plan, pair[0], _both_paths(pair), stage)
    found.append({"Conditions": [_path("/*")], "Actions": [_forward({"monolith": 100})]})
    return found


def _pairs(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Neighbours that may share a listener rule: it holds five values, of which methods may take three."""
    found: list[list[Rule]] = []
    for rule in rules:
        last = found[-1] if found else []
        if len(last) == 1 and rule.methods is None and _alike(rule) == _alike(last[0]):
            last.append(rule)
        else:
            found.append([rule])
    return found


def _alike(rule: Rule) -> tuple[object, ...]:
    return rule.target, rule.methods, _kind(rule)


def _kind(rule: Rule) -> str:
    return "Values" if "Values" in _condition(rule)["PathPatternConfig"] else "RegexValues"


def _both_paths(pair: Sequence[Rule]) -> dict[str, Any]:
    kind = _kind(pair[0])
    values = [value for rule in pair for value in _condition(rule)["PathPatternConfig"][kind]]
    return {"Field": "path-pattern", "PathPatternConfig": {kind: values}}


def _path(pattern: str) -> dict[str, Any]:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}


def _path_regex(regex: str) -> dict[str, Any]:
    if len(regex) > _LONGEST:
        raise RoutingError(f"a load balancer rule holds {_LONGEST} characters, one needs {len(regex)}")
    return {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": [regex]}}


def _condition(rule: Rule) -> dict[str, Any]:
    plain = re.fullmatch(r"[A-Za-z0-9/._~-]+", rule.value) is not None and len(rule.value) < _LONGEST
    if rule.kind != "regex" and plain:
        return _path(rule.value + ("*" if rule.kind == "prefix" else ""))
    return _path_regex(expression(rule, RAW) + (".*" if rule.kind == "prefix" else ""))


def _methods(methods: tuple[str, ...]) -> dict[str, Any]:
    return {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": list(methods)}}


def _rule(plan: RoutingPlan, rule: Rule, path: dict[str, Any], stage: Stage) -> list[dict[str, Any]]:
    named = http_methods(rule)
    only = [] if named is None else [_methods(named)]
    if rule.target == "monolith":
        return [{"Conditions": [path, *only], "Actions": [_forward({"monolith": 100})]}]
    token = plan.settings.override_token
    found = [
        {"Conditions": [path, *only, _header(f"{side}-{token}")], "Actions": [_forward({side: 100})]}
        for side in (("service", "monolith") if token else ())
    ]
    share = shares(plan.settings, stage)
    if share.reads == share.writes:
        return [*found, {"Conditions": [path, *only], "Actions": [_forward(weights(share.reads))]}]
    safe = tuple(m for m in SAFE_METHODS if rule.methods is None or m in rule.methods)
    if safe:
        found.append({"Conditions": [path, _methods(safe)], "Actions": [_forward(weights(share.reads))]})
    if rule.methods is None or set(rule.methods) - set(SAFE_METHODS):
        found.append({"Conditions": [path, *only], "Actions": [_forward(weights(share.writes))]})
    return found


def _header(value: str) -> dict[str, Any]:
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": OVERRIDE, "Values": [value]}}


def _forward(weights: Mapping[Target, int]) -> dict[str, Any]:
    groups = [
        {"TargetGroupArn": {"Ref": f"{side.title()}TargetGroupArn"}, "Weight": weight}
        for side, weight in weights.items()
    ]
    sticky = {"Enabled": len(groups) > 1, **({"DurationSeconds": 604_800} if len(groups) > 1 else {})}
    return {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky},
    }


def _openapi(plan: RoutingPlan) -> dict[str, Any]:
    """The ``full`` stage. API Gateway knows whole segments only; wider paths are marked."""
    paths: dict[str, Any] = {"/": _operation(plan, "monolith", "", [], approximate=False)}
    paths["/{proxy+}"] = _operation(plan, "monolith", "/{proxy}", ["proxy"], approximate=False)
    for rule in plan.rules:
        template, approximate = _template_of(rule)
        names = re.findall(r"\{(\w+)\+?\}", template)
        forwarded = template.replace("+}", "}")
        key = template.rstrip("/") or "/"
        if not any(_shape(key) == _shape(have) for have in paths if have not in ("/", "/{proxy+}")):
            paths[key] = _operation(plan, rule.target, forwarded, names, approximate=approximate)
    return {
        "openapi": "3.0.1",
        "info": {"title": f"strangler facade: {plan.service}", "version": "1"},
        "paths": paths,
    }


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\+?\}", "{}", path)


def _template_of(rule: Rule) -> tuple[str, bool]:
    """A path template, and whether it takes more than the rule."""
    if rule.kind == "exact" and re.fullmatch(r"[A-Za-z0-9/._~-]+", rule.value):
        return rule.value, rule.value.endswith("/")
    if rule.kind == "prefix" and re.fullmatch(r"[A-Za-z0-9/._~-]+/", rule.value):
        return f"{rule.value}{{rest+}}", False
    found, exact = [], True
    segments = re.split(r"/(?![^\[]*\])", rule.value[1:])
    for number, segment in enumerate(segments):
        if re.fullmatch(r"[A-Za-z0-9_~-]*", segment):
            found.append(segment)
        elif segment == "[^/]+":
            found.append(f"{{p{number}}}")
        else:
            exact = False
            if "[^/" not in segment and re.search(r"\[\^|\.\*", segment):
                found.append("{rest+}")
                break
            found.append(f"{{p{number}}}")
    return "/" + "/".join(found), not exact or rule.value.endswith("/")


def _operation(
    plan: RoutingPlan, target: str, path: str, names: list[str], *, approximate: bool
) -> dict[str, Any]:
    settings = plan.settings
    url = address(settings.service_url if target == "service" else settings.monolith_url).url
    integration = {
        "type": "http_proxy",
        "httpMethod": "ANY",
        "uri": url + path,
        "connectionType": "INTERNET",
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": min(settings.read_timeout * 1000, 29_000),
        "requestParameters": {f"integration.request.path.{n}": f"method.request.path.{n}" for n in names},
    }
    operation: dict[str, Any] = {
        "responses": {"default": {"description": target}},
        "x-amazon-apigateway-integration": integration,
    }
    found: dict[str, Any] = {"x-amazon-apigateway-any-method": operation}
    if names:
        found["parameters"] = [
            {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
        ]
    if approximate:
        found["x-strangler-approximate"] = "API Gateway takes whole segments and ignores a last slash"
    return found


GATEWAY = Gateway(
    name="aws",
    title="AWS Application Load Balancer and API Gateway",
    tested="schema",
    files=render,
    check="cfn-lint alb.json stages/*.json",
    start="aws cloudformation deploy --template-file alb.json --stack-name strangler-facade "
    '--parameter-overrides ListenerArn="$LISTENER" ServiceTargetGroupArn="$SERVICE" '
    'MonolithTargetGroupArn="$MONOLITH"',
    switch="aws cloudformation deploy --template-file stages/{stage}.json --stack-name strangler-facade",
    effect="CloudFormation changes the rules within about a minute, then new requests follow them.",
    stages=WITHOUT_SHADOW,
    notes=(
        "The load balancer keeps users on a side by its own cookie, whose name cannot be chosen.",
        "It drops no headers by itself: both backends must refuse identity headers from outside.",
        "`openapi.json` is the full stage for API Gateway, which has no expressions: paths marked "
        "`x-strangler-approximate` take more than the rule. Use the load balancer where that matters.",
        "Of digits and letters outside ASCII, the expressions take no digit and every letter or sign.",
    ),
)
