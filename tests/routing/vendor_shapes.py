"""JSON Schemas of the fields that our Kubernetes and Kong files use, as their vendors define them.

Written from the published definitions (Gateway API v1 CRD of 2026-08, Istio v1 CRD of 2026-07, Kong's
declarative format 3.0 of 2026-06): names, types, enumerations and limits. No field may be there that is not
listed, so that a typo shows.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def obj(required: str = "", **properties: Schema) -> Schema:
    """An object with exactly these fields (``kind_`` stands for ``kind`` where Python minds)."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required.split(),
    }


def many(items: Schema, most: int = 10_000, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "maxItems": most, "minItems": least}


def one(*values: object) -> Schema:
    return {"enum": list(values)}


def text(pattern: str = "", longest: int = 100_000) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern}


def number(least: int = 0, most: int = 2**31 - 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


ANY_TEXT: Schema = {"type": "string"}
PORT = number(1, 65535)
DURATION = text(r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")
DNS = text(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", 253)
HEADER = text(r"^[A-Za-z0-9!#$%&'*+\-.^_|~]+$", 256)
METADATA = obj("name", name=DNS, labels={"type": "object", "additionalProperties": text(longest=63)})

_K8S_HEADERS = obj(
    add=many(obj("name value", name=HEADER, value=text(longest=4096)), 16),
    set=many(obj("name value", name=HEADER, value=text(longest=4096)), 16),
    remove=many(ANY_TEXT, 16),
)
_REFERENCE = {"name": DNS, "port": PORT}
_FILTER = obj(
    "type",
    type=one("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror"),
    requestHeaderModifier=_K8S_HEADERS,
    responseHeaderModifier=_K8S_HEADERS,
    requestMirror=obj("backendRef", backendRef=obj("name", **_REFERENCE)),
)
HTTP_ROUTE = obj(
    "apiVersion kind metadata spec",
    apiVersion=one("gateway.networking.k8s.io/v1"),
    kind=one("HTTPRoute"),
    metadata=METADATA,
    spec=obj(
        parentRefs=many(obj("name", name=DNS), 32),
        rules=many(
            obj(
                matches=many(
                    obj(
                        path=obj(
                            type=one("Exact", "PathPrefix", "RegularExpression"), value=text(longest=1024)
                        ),
                        method=one(
                            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"
                        ),
                        headers=many(
                            obj(
                                "name value",
                                type=one("Exact", "RegularExpression"),
                                name=HEADER,
                                value=text(longest=4096),
                            ),
                            16,
                        ),
                    ),
                    64,
                ),
                filters=many(_FILTER, 16),
                backendRefs=many(
                    obj("name", **_REFERENCE, weight=number(0, 1_000_000), filters=many(_FILTER, 16)), 16
                ),
                timeouts=obj(request=DURATION, backendRequest=DURATION),
            ),
            16,
            1,
        ),
    ),
)

_MATCH = {
    "oneOf": [obj("exact", exact=ANY_TEXT), obj("prefix", prefix=ANY_TEXT), obj("regex", regex=ANY_TEXT)]
}
_DESTINATION = obj("host", host=DNS, port=obj(number=PORT))
_ISTIO_HEADERS = obj(
    **{
        side: obj(
            set={"type": "object", "additionalProperties": ANY_TEXT},
            add={"type": "object", "additionalProperties": ANY_TEXT},
            remove=many(ANY_TEXT),
        )
        for side in ("request", "response")
    }
)
VIRTUAL_SERVICE = obj(
    "apiVersion kind metadata spec",
    apiVersion=one("networking.istio.io/v1"),
    kind=one("VirtualService"),
    metadata=METADATA,
    spec=obj(
        hosts=many(ANY_TEXT),
        gateways=many(ANY_TEXT),
        http=many(
            obj(
                match=many(
                    obj(uri=_MATCH, method=_MATCH, headers={"type": "object", "additionalProperties": _MATCH})
                ),
                directResponse=obj("status", status=number(200, 599)),
                route=many(
                    obj(
                        "destination", destination=_DESTINATION, weight=number(0, 100), headers=_ISTIO_HEADERS
                    )
                ),
                mirrors=many(
                    obj("destination", destination=_DESTINATION, percentage=obj(value={"type": "number"}))
                ),
                retries=obj(attempts=number(), retryOn=ANY_TEXT),
                timeout=DURATION,
                headers=_ISTIO_HEADERS,
            )
        ),
    ),
)
DESTINATION_RULE = obj(
    "apiVersion kind metadata spec",
    apiVersion=one("networking.istio.io/v1"),
    kind=one("DestinationRule"),
    metadata=METADATA,
    spec=obj(
        "host",
        host=DNS,
        trafficPolicy=obj(
            connectionPool=obj(tcp=obj(connectTimeout=DURATION)),
            outlierDetection=obj(
                consecutive5xxErrors=number(),
                consecutiveGatewayErrors=number(),
                baseEjectionTime=DURATION,
                maxEjectionPercent=number(0, 100),
            ),
        ),
    ),
)

_PLUGIN = obj("name", name=one("request-transformer", "correlation-id", "request-termination"), config={})
KONG = obj(
    "_format_version",
    _format_version=one("3.0"),
    _transform={"type": "boolean"},
    upstreams=many(
        obj(
            "name",
            name=DNS,
            hash_on=one("none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture"),
            hash_on_cookie=ANY_TEXT,
            hash_on_cookie_path=text("^/"),
            targets=many(obj(target=text(r":\d+$"), weight=number(0, 65535))),
            healthchecks=obj(
                passive=obj(
                    unhealthy=obj(
                        http_failures=number(0, 255), tcp_failures=number(0, 255), timeouts=number(0, 255)
                    )
                )
            ),
        )
    ),
    services=many(
        obj(
            name=DNS,
            protocol=one("http", "https"),
            host=DNS,
            port=PORT,
            connect_timeout=number(1),
            read_timeout=number(1),
            write_timeout=number(1),
            retries=number(0, 32767),
        )
    ),
    routes=many(
        obj(
            name=DNS,
            paths=many(text("^(?:/|~)")),
            regex_priority=number(),
            service=obj("name", name=DNS),
            strip_path={"type": "boolean"},
            preserve_host={"type": "boolean"},
            protocols=many(one("http", "https")),
            methods=many(text("^[A-Z]+$")),
            headers={"type": "object", "additionalProperties": many(ANY_TEXT)},
            plugins=many(_PLUGIN),
        )
    ),
    plugins=many(_PLUGIN),
)
SHAPES = {"HTTPRoute": HTTP_ROUTE, "VirtualService": VIRTUAL_SERVICE, "DestinationRule": DESTINATION_RULE}
