"""Envoy: a Lua filter decodes the path once, ordered routes decide, stages are runtime keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strangler.model.routes import SAFE_METHODS
from strangler.routing.dialect import BYTES
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    AMBIGUOUS_RE,
    MALFORMED_RE,
    OVERRIDE,
    UNUSUAL_RE,
    VALID_RE,
    Address,
    address,
    admin_port,
    banner,
    dropped_headers,
    expression,
    http_methods,
    shares,
    tells_upgrades,
)
from strangler.routing.values import BACKEND_HEADER, WEBSOCKET, RoutingPlan, Rule, Stage
from strangler.text import yaml_text

_RAW, _PATH, _METHOD = "x-strangler-raw", "x-strangler-path", "x-strangler-method"
_TYPE = "type.googleapis.com/envoy.extensions"
_BUCKET = "x-strangler-bucket"
_LUA = f"""\
local function user_of(handle, headers)
  local cookies = "; " .. (headers:get("cookie") or "")
  local known = string.match(cookies, "; COOKIE=\\"?([^;\\"]+)")
  if known then return known end
  local id = headers:get("x-request-id") or ""
  if not string.match(id, "^[%w-]+$") then id = tostring(math.random(2147483647)) end
  handle:streamInfo():dynamicMetadata():set("strangler", "cookie",
    "COOKIE=" .. id .. "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000")
  return id
end
function envoy_on_request(handle)
  local headers = handle:headers()
  local raw = string.match(headers:get(":path"), "^[^?]*")
  local path = string.gsub(raw, "%%([2-9A-Fa-f]%x)", function(hex)
    local code = tonumber(hex, 16)
    if code == 127 then return nil end
    return string.char(code)
  end)
NORMALISE\
  headers:replace("{_RAW}", raw)
  headers:replace("{_PATH}", path)
  local method = headers:get(":method")
  -- Envoy drops the header unless Connection asks for it, too
  if method == "GET" and string.lower(headers:get("upgrade") or "") == "websocket" then
    method = "WEBSOCKET"
  end
  headers:replace("{_METHOD}", method)
  local hash = 7
  for _, byte in ipairs({{string.byte(user_of(handle, headers), 1, 200)}}) do
    hash = (hash * 31 + byte) % 2147483647
  end
  headers:replace("{_BUCKET}", string.format("%d", hash % 10007))
  handle:clearRouteCache()
end
"""
_LUA_NORMALISE = """\
  path = string.gsub(path, "//+", "/")
  repeat
    local count
    path, count = string.gsub(path, "/%./", "/")
  until count == 0
  path = string.gsub(path, "/%.$", "/")
"""


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``envoy.yaml``; stages are runtime keys, so no further file."""
    return {"envoy.yaml": yaml_text(_bootstrap(plan), banner(plan, "Envoy"))}


def _key(plan: RoutingPlan, kind: str) -> str:
    return f"strangler.{plan.service}.{kind}"


def _command(plan: RoutingPlan, stage: Stage) -> str:
    share = shares(plan.settings, stage)
    pairs = [f"{_key(plan, 'shadow')}={100 if share.shadow else 0}"]
    for kind, percent in (("reads", share.reads), ("writes", share.writes)):
        pairs += [f"{_key(plan, kind)}.service={percent}", f"{_key(plan, kind)}.monolith={100 - percent}"]
    return f"curl -fsS -X POST 'http://127.0.0.1:{admin_port(plan)}/runtime_modify?{'&'.join(pairs)}'"


def _bootstrap(plan: RoutingPlan) -> dict[str, Any]:
    settings = plan.settings
    return {
        "admin": {"address": _socket("127.0.0.1", admin_port(plan))},
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {
                        "re2.max_program_size.error_level": 100_000,
                        "re2.max_program_size.warn_level": 100_000,
                    },
                },
                {"name": "admin", "admin_layer": {}},
            ]
        },
        "static_resources": {
            "listeners": [
                {
                    "name": "strangler",
                    "address": _socket("0.0.0.0", settings.listen),
                    "filter_chains": [{"filters": [_manager(plan)]}],
                }
            ],
            "clusters": [
                _cluster(plan, "service", address(settings.service_url)),
                _cluster(plan, "monolith", address(settings.monolith_url)),
            ],
        },
    }


def _socket(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _manager(plan: RoutingPlan) -> dict[str, Any]:
    lua = _LUA.replace("NORMALISE", _LUA_NORMALISE if plan.settings.policy == "normalise" else "")
    lua = lua.replace("COOKIE=", plan.settings.cookie.replace("-", "%-") + "=", 1)
    lua = lua.replace("COOKIE=", plan.settings.cookie + "=")
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "strangler",
            "use_remote_address": True,
            "generate_request_id": True,
            "preserve_external_request_id": True,
            "normalize_path": False,
            "merge_slashes": False,
            "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "http_filters": [
                {
                    "name": "envoy.filters.http.lua",
                    "typed_config": {
                        "@type": f"{_TYPE}.filters.http.lua.v3.Lua",
                        "default_source_code": {"inline_string": lua},
                    },
                },
                {
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"},
                },
            ],
            "route_config": {
                "name": "strangler",
                "request_headers_to_remove": [
                    *(name.lower() for name in dropped_headers(plan.settings)),
                    _RAW,
                    _PATH,
                    _METHOD,
                    _BUCKET,
                ],
                "request_headers_to_add": [
                    {
                        "header": {"key": "X-Forwarded-Host", "value": "%REQ(:AUTHORITY)%"},
                        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                    }
                ],
                "virtual_hosts": [{"name": "strangler", "domains": ["*"], "routes": _routes(plan)}],
            },
        },
    }


def _match(*headers: dict[str, Any]) -> dict[str, Any]:
    return {"prefix": "/", "headers": list(headers)}


def _regex(name: str, regex: str, *, invert: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "string_match": {"safe_regex": {"regex": regex}}}
    return found | ({"invert_match": True} if invert else {})


def _methods(*names: str) -> dict[str, Any]:
    return _regex(_METHOD, "|".join(names))


def _routes(plan: RoutingPlan) -> list[dict[str, Any]]:
    settings = plan.settings
    routes = [_rejected(_regex(_RAW, f".*(?:{MALFORMED_RE}).*"))]
    refused = UNUSUAL_RE if settings.policy == "normalise" else AMBIGUOUS_RE
    guards = [_regex(_RAW, f".*(?:{refused}).*"), _regex(_RAW, VALID_RE, invert=True)]
    if settings.policy == "monolith":
        routes += [_forward(plan, _match(guard), "monolith") for guard in guards]
    else:
        routes += [_rejected(guard) for guard in guards]
    for rule in plan.rules:
        routes += _rule(plan, rule)
    return [*routes, _forward(plan, _match(), "monolith")]


def _answered(value: str) -> list[dict[str, Any]]:
    return [
        {"header": {"key": BACKEND_HEADER, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    ]


def _rejected(guard: dict[str, Any]) -> dict[str, Any]:
    return {
        "match": _match(guard),
        "direct_response": {"status": 400},
        "response_headers_to_add": _answered("rejected"),
    }


def _rule(plan: RoutingPlan, rule: Rule) -> list[dict[str, Any]]:
    path = _path(rule)
    named = _named(plan, rule)
    methods = [] if named is None else [_methods(*named)]
    if rule.target == "monolith":
        return [_forward(plan, _match(path, *methods), "monolith")]
    token = plan.settings.override_token
    found = [
        _forward(plan, _match(path, *methods, _exact(OVERRIDE.lower(), f"{side}-{token}")), side)
        for side in (("service", "monolith") if token else ())
    ]
    safe = [m for m in SAFE_METHODS if named is None or m in named]
    if safe:
        found.append(_split(plan, _match(path, _methods(*safe)), "reads"))
    if named is None or set(named) - set(SAFE_METHODS):
        found.append(_split(plan, _match(path, *methods), "writes"))
    return found


def _named(plan: RoutingPlan, rule: Rule) -> tuple[str, ...] | None:
    """The methods that Envoy is to match; handshakes go with GET unless some rule tells them apart."""
    methods = http_methods(rule)
    if methods is None or tells_upgrades(plan):
        return rule.methods
    return (*methods, WEBSOCKET) if "GET" in methods else methods


def _exact(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "string_match": {"exact": value}}


def _path(rule: Rule) -> dict[str, Any]:
    if rule.kind != "regex" and rule.value.isascii() and rule.value.isprintable():
        return {"name": _PATH, "string_match": {rule.kind: rule.value}}
    return _regex(_PATH, expression(rule, BYTES) + (".*" if rule.kind == "prefix" else ""))


def _forward(plan: RoutingPlan, match: dict[str, Any], cluster: str) -> dict[str, Any]:
    return {
        "match": match,
        "route": {"cluster": cluster, "timeout": f"{plan.settings.read_timeout}s"},
        "response_headers_to_add": _answered(cluster),
    }


def _split(plan: RoutingPlan, match: dict[str, Any], kind: str) -> dict[str, Any]:
    def part(name: str, weight: int) -> dict[str, Any]:
        return {"name": name, "weight": weight, "response_headers_to_add": _answered(name)}

    route: dict[str, Any] = {
        "weighted_clusters": {
            "clusters": [part("service", 0), part("monolith", 100)],
            "runtime_key_prefix": _key(plan, kind),
            "header_name": _BUCKET,
        },
        "timeout": f"{plan.settings.read_timeout}s",
    }
    if kind == "reads":
        route["retry_policy"] = {
            "retry_on": "connect-failure,refused-stream,reset-before-request",
            "num_retries": 1,
        }
        route["request_mirror_policies"] = [
            {
                "cluster": "service",
                "runtime_fraction": {
                    "default_value": {"numerator": 0, "denominator": "HUNDRED"},
                    "runtime_key": _key(plan, "shadow"),
                },
            }
        ]
    cookie = {"key": "Set-Cookie", "value": "%DYNAMIC_METADATA(strangler:cookie)%"}
    return {
        "match": match,
        "route": route,
        "response_headers_to_add": [{"header": cookie, "append_action": "APPEND_IF_EXISTS_OR_ADD"}],
    }


def _cluster(plan: RoutingPlan, name: str, backend: Address) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": f"{plan.settings.connect_timeout}s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _socket(backend.host, backend.port)}}]}],
        },
        "circuit_breakers": {
            "thresholds": [{"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 4096}]
        },
        "outlier_detection": {
            "consecutive_5xx": 50,
            "consecutive_gateway_failure": 20,
            "base_ejection_time": "5s",
            "max_ejection_percent": 100,
        },
    }
    if backend.scheme == "https":
        found["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": f"{_TYPE}.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": backend.host,
                "common_tls_context": {
                    "validation_context": {"trusted_ca": {"filename": "/etc/ssl/certs/ca-certificates.crt"}}
                },
            },
        }
    return found


GATEWAY = Gateway(
    name="envoy",
    title="Envoy",
    tested="run",
    files=render,
    check="envoy --mode validate -c envoy.yaml",
    start="envoy -c envoy.yaml",
    switch="",
    commands=_command,
    effect="The next request sees the new weights; requests under way finish where they are.",
    notes=(
        "The admin port is the listening port plus one, on the loopback interface only: keep it there.",
        "The cookie is set in every stage, on moved paths only.",
        "A restart begins with everything on the monolith: send the stage's command again.",
        "`re2.max_program_size.error_level` is raised from 100 to 100000, since exact path rules exceed it.",
    ),
)
