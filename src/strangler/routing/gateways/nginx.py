"""NGINX (open source): maps decide, one location forwards. Stages are files that are copied and reloaded."""

from __future__ import annotations

from collections.abc import Mapping

from strangler.routing.errors import RoutingError
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    FOLDABLE_RE,
    MALFORMED_RE,
    OVERRIDE,
    UNUSUAL_RE,
    VALID_PCRE,
    Address,
    address,
    banner,
    by_method,
    dropped_headers,
    pcre,
    shares,
    tells_upgrades,
)
from strangler.routing.values import BACKEND_HEADER, STAGES, RoutingPlan, Stage

_LONGEST = 4_000
"""NGINX reads its configuration in pieces of 4,096 bytes; a longer word is an error."""


_ASKS = r'"~*(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)"'
"""The Connection header of a handshake."""


def quote(value: str) -> str:
    """A word of the configuration, in double quotes.

    Raises:
        RoutingError: a control character, or longer than NGINX can read.
    """
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise RoutingError(f"NGINX cannot hold a control character: {value!r}")
    found = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if len(found) > _LONGEST:
        raise RoutingError(
            f"a rule takes {len(found):,} characters, NGINX reads at most {_LONGEST:,}: {value[:60]!r}..."
        )
    return found


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``nginx.conf``, ``routes.conf``, the stages, and ``stage.conf`` with everything on the monolith."""
    files = {"nginx.conf": _main(plan), "routes.conf": _routes(plan)}
    for stage in STAGES:
        files[f"stages/{stage}.conf"] = _stage(plan, stage)
    return files | {"stage.conf": _stage(plan, "rollback")}


def _comment(plan: RoutingPlan) -> str:
    return "".join(f"# {line}\n" for line in banner(plan, "NGINX").splitlines())


def _routes(plan: RoutingPlan) -> str:
    methods = by_method(plan)
    name = "$strangler_method" if tells_upgrades(plan) else "$request_method"
    key = f'"{name}:$uri"' if methods else "$uri"
    lines = [f"map {key} $strangler_owner {{", "    default monolith;"]
    lines += [f"    {quote('~' + pcre(rule, methods))} {rule.target};" for rule in plan.rules]
    return _comment(plan) + "\n".join([*lines, "}", ""])


def _stage(plan: RoutingPlan, stage: Stage) -> str:
    share = shares(plan.settings, stage)

    def split(name: str, percent: int) -> str:
        rest = f"    {percent}% service;\n" if 0 < percent < 100 else ""
        return (
            f'split_clients "$strangler_user" ${name} {{\n{rest}'
            f"    * {'service' if percent == 100 else 'monolith'};\n}}\n"
        )

    return (
        f"# stage: {stage}\n"
        + split("strangler_reads", share.reads)
        + split("strangler_writes", share.writes)
        + f"map $strangler_method $strangler_shadow {{\n    default 0;\n    GET {int(share.shadow)};\n"
        + f"    HEAD {int(share.shadow)};\n}}\n"
        + "map $strangler_known $strangler_cookie {\n"
        + f'    default "{_cookie(plan) if 0 < share.reads < 100 else ""}";\n    1 "";\n}}\n'
    )


def _cookie(plan: RoutingPlan) -> str:
    return f"{plan.settings.cookie}=$request_id; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"


def _upstream(name: str, backend: Address) -> str:
    return (
        f"    upstream strangler_{name} {{\n"
        f"        server {backend.dial} max_fails=20 fail_timeout=5s;\n"
        "        keepalive 32;\n    }\n"
    )


def _main(plan: RoutingPlan) -> str:
    settings = plan.settings
    service, monolith = address(settings.service_url), address(settings.monolith_url)
    if service.scheme != monolith.scheme:
        raise RoutingError("NGINX: service_url and monolith_url must both be http or both be https")
    foldable = {"reject": "", "monolith": "monolith", "normalise": "$strangler_side"}[settings.policy]
    unusual = "monolith" if settings.policy == "monolith" else ""
    token = settings.override_token
    sides = ("service", "monolith") if token else ()
    override = "".join(f"        {quote(f'~^{side}-{token}$')} {side};\n" for side in sides)
    dropped = "".join(f'            proxy_set_header {name} "";\n' for name in dropped_headers(settings))
    return f"""{_comment(plan)}worker_processes auto;
pid nginx.pid;
error_log stderr warn;
events {{
    worker_connections 4096;
}}
http {{
    access_log off;
    server_tokens off;
    map_hash_max_size 8192;
    map_hash_bucket_size 256;
{_upstream("service", service)}{_upstream("monolith", monolith)}
    # How the raw path is spelt.
    map $request_uri $strangler_raw {{
        "~^(?<strangler_path>[^?]*)" $strangler_path;
    }}
    map $strangler_raw $strangler_utf8 {{
        default 0;
        {quote("~" + VALID_PCRE)} 1;
    }}
    map "$strangler_utf8$strangler_raw" $strangler_spelling {{
        default canonical;
        {quote("~" + MALFORMED_RE)} malformed;
        "~^0" unusual;
        {quote("~" + UNUSUAL_RE)} unusual;
        {quote("~" + FOLDABLE_RE)} foldable;
    }}
    # A GET that asks for a WebSocket counts as a method of its own, and no other upgrade passes.
    map $http_connection $strangler_asks {{
        default 0;
        {_ASKS} 1;
    }}
    map "$strangler_asks:$request_method:$http_upgrade" $strangler_method {{
        default $request_method;
        "1:GET:websocket" WEBSOCKET;
    }}
    # Who owns the decoded path.
    include routes.conf;
    # Which side this user is on.
    map $cookie_{settings.cookie} $strangler_known {{
        default 1;
        "" 0;
    }}
    map $strangler_known $strangler_user {{
        default $cookie_{settings.cookie};
        0 $request_id;
    }}
    include stage.conf;
    map $strangler_method $strangler_turn {{
        default $strangler_writes;
        "~^(?:GET|HEAD|OPTIONS)$" $strangler_reads;
    }}
    map $http_{OVERRIDE.lower().replace("-", "_")} $strangler_forced {{
        default "";
{override}    }}
    map "$strangler_owner:$strangler_forced" $strangler_side {{
        default monolith;
        "service:" $strangler_turn;
        "service:service" service;
    }}
    map $strangler_spelling $strangler_backend {{
        malformed "";
        unusual "{unusual}";
        foldable "{foldable}";
        canonical $strangler_side;
    }}
    map "$strangler_spelling:$strangler_owner:$strangler_side:$strangler_shadow" $strangler_mirror {{
        default "";
        "canonical:service:monolith:1" strangler_service;
    }}
    map $strangler_backend $strangler_answered {{
        default $strangler_backend;
        "" rejected;
    }}
    map $http_x_request_id $strangler_request_id {{
        default $http_x_request_id;
        "" $request_id;
    }}
    # Servers that send a body after HEAD all the same would spoil a connection for whoever comes next.
    map $strangler_method $strangler_connection {{
        default "";
        HEAD close;
        WEBSOCKET upgrade;
    }}
    map $strangler_method $strangler_upgrade {{
        default "";
        WEBSOCKET websocket;
    }}
    server {{
        listen {settings.listen};
        client_max_body_size 0;
        merge_slashes on;
        proxy_http_version 1.1;
        proxy_connect_timeout {settings.connect_timeout}s;
        proxy_read_timeout {settings.read_timeout}s;
        proxy_next_upstream error timeout;
        proxy_next_upstream_tries 2;
        location / {{
            if ($strangler_backend = "") {{
                return 400;
            }}
            add_header {BACKEND_HEADER} $strangler_answered always;
            add_header Set-Cookie $strangler_cookie always;
            mirror /.strangler-mirror;
            mirror_request_body off;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Port $server_port;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Request-ID $strangler_request_id;
            proxy_set_header Upgrade $strangler_upgrade;
            proxy_set_header Connection $strangler_connection;
{dropped}            proxy_redirect off;
            proxy_pass {service.scheme}://strangler_$strangler_backend;
        }}
        location = /.strangler-mirror {{
            internal;
            if ($strangler_mirror = "") {{
                return 204;
            }}
            proxy_set_header Host $http_host;
            proxy_set_header X-Request-ID $strangler_request_id;
            proxy_set_header X-Strangler-Shadow 1;
            proxy_set_header Content-Length "";
{dropped}            proxy_pass_request_body off;
            proxy_pass {service.scheme}://$strangler_mirror$request_uri;
        }}
    }}
}}
"""


GATEWAY = Gateway(
    name="nginx",
    title="NGINX",
    tested="run",
    files=render,
    check='nginx -t -p "$PWD" -c nginx.conf',
    start='nginx -p "$PWD" -c nginx.conf',
    switch='cp stages/{stage}.conf stage.conf && nginx -s reload -p "$PWD" -c nginx.conf',
    effect="New workers take new requests at once; the old ones finish the requests that they have.",
    notes=("NGINX retries GET and HEAD only where an upstream lists a second server.",),
)
