"""HAProxy: a map of expressions decides, stages are numbers in a map that the admin socket changes."""

from __future__ import annotations

from collections.abc import Mapping

from strangler.routing.errors import RoutingError
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import (
    AMBIGUOUS_RE,
    MALFORMED_RE,
    OVERRIDE,
    UNUSUAL_RE,
    VALID_PCRE,
    WITHOUT_SHADOW,
    Address,
    address,
    banner,
    by_method,
    dropped_headers,
    pcre,
    shares,
    tells_upgrades,
)
from strangler.routing.values import BACKEND_HEADER, RoutingPlan, Stage

_LONGEST = 8_000
_NORMALISE = """\
    http-request set-var(txn.path) 'var(txn.path),regsub("//+",/,g)'
    http-request set-var(txn.path) 'var(txn.path),regsub("/([.]/)+",/,g)'
    http-request set-var(txn.path) 'var(txn.path),regsub("/[.]$",/)'
"""


def render(plan: RoutingPlan) -> Mapping[str, str]:
    """``haproxy.cfg``, the routes and the stages as maps."""
    methods = by_method(plan)
    routes = "".join(_line(f"{pcre(rule, methods)} {rule.target}") for rule in plan.rules)
    files = {"haproxy.cfg": _config(plan), "routes.map": routes, "stage.map": _stage(plan, "rollback")}
    return files | {f"stages/{stage}.map": _stage(plan, stage) for stage in WITHOUT_SHADOW}


def _line(text: str) -> str:
    """A line of a map; HAProxy would read what is past its buffer as another line."""
    if len(text) > _LONGEST:
        raise RoutingError(
            f"a rule takes {len(text):,} characters, HAProxy reads at most {_LONGEST:,}: {text[:60]}..."
        )
    return text + "\n"


def _stage(plan: RoutingPlan, stage: Stage) -> str:
    share = shares(plan.settings, stage)
    return f"reads {share.reads}\nwrites {share.writes}\n"


def _command(plan: RoutingPlan, stage: Stage) -> str:
    share = shares(plan.settings, stage)
    return (
        f"cp stages/{stage}.map stage.map && "
        f"printf 'set map stage.map reads {share.reads}; set map stage.map writes {share.writes}\\n'"
        " | socat stdio unix-connect:haproxy.sock"
    )


def _server(name: str, backend: Address) -> str:
    tls = " ssl verify required ca-file @system-ca sni req.hdr(host)" if backend.scheme == "https" else ""
    return (
        f"    server {name} {backend.dial}{tls} check inter 2s observe layer7 error-limit 50 "
        "on-error mark-down slowstart 0\n"
    )


def _config(plan: RoutingPlan) -> str:
    settings = plan.settings
    comment = "".join(f"# {line}\n" for line in banner(plan, "HAProxy").splitlines())
    dropped = "".join(f"    http-request del-header {name}\n" for name in dropped_headers(settings))
    name = "var(txn.method)" if tells_upgrades(plan) else "method"
    key = f"{name},concat(:,txn.path)" if by_method(plan) else "var(txn.path)"
    refused = {
        "reject": "    http-request deny deny_status 400 if ambiguous or !valid\n",
        "monolith": "",
        "normalise": "    http-request deny deny_status 400 if unusual or !valid\n",
    }[settings.policy]
    # HAProxy 2.6 crashes when an expression in UTF mode meets bytes that are not UTF-8: they never get there.
    condition = " if !ambiguous valid" if settings.policy == "monolith" else ""
    token = settings.override_token
    override = "" if not token else _override(token)
    cookie = settings.cookie
    return f"""{comment}global
    default-path config
    stats socket unix@haproxy.sock mode 600 level admin
defaults
    mode http
    option forwardfor
    timeout connect {settings.connect_timeout}s
    timeout client {settings.read_timeout}s
    timeout server {settings.read_timeout}s
    timeout tunnel 1h
    timeout http-request 10s
    unique-id-format %[uuid()]
    retries 1
    retry-on conn-failure empty-response
frontend strangler
    bind :{settings.listen}
    http-after-response set-header {BACKEND_HEADER} %[var(txn.side)] if {{ var(txn.side) -m found }}
    http-after-response add-header Set-Cookie "{cookie}=%[var(txn.user)]; Path=/; HttpOnly; SameSite=Lax; \
Max-Age=2592000" if {{ var(txn.new) -m found }}
    http-request set-var(txn.side) str(rejected)
    # How the raw path is spelt.
    acl malformed path -m reg '{MALFORMED_RE}'
    acl ambiguous path -m reg '{AMBIGUOUS_RE}'
    acl unusual path -m reg '{UNUSUAL_RE}'
    acl valid path -m reg '{VALID_PCRE}'
    http-request deny deny_status 400 if malformed
    # A GET that asks for a WebSocket counts as a method of its own.
    acl asks req.hdr(connection) -i -m str upgrade
    acl socket req.hdr(upgrade) -i -m str websocket
    http-request set-var(txn.method) method
    http-request set-var(txn.method) str(WEBSOCKET) if {{ method GET }} asks socket
    http-request del-header upgrade if !{{ var(txn.method) -m str WEBSOCKET }}
    # Who owns the decoded path.
{refused}\
    http-request set-var(txn.path) path,url_dec
{_NORMALISE if settings.policy == "normalise" else ""}\
    http-request set-var(txn.owner) {key},map_reg(routes.map,monolith){condition}
    # Which side this user is on.
    acl owned var(txn.owner) -m str service
    acl safe var(txn.method) -m str GET HEAD OPTIONS
    http-request set-var(txn.user) req.cook({cookie})
    http-request set-var(txn.percent) str(writes),map_str_int(stage.map,0)
    http-request set-var(txn.percent) str(reads),map_str_int(stage.map,0) if safe
    acl known req.cook({cookie}) -m len gt 0
    acl split var(txn.percent) -m int 1:99
    http-request set-var(txn.user) uuid() if !known
    http-request set-var(txn.new) bool(true) if !known split
    http-request set-var(txn.bucket) var(txn.user),crc32,mod(100)
    http-request set-var(txn.side) str(monolith)
    http-request set-var(txn.side) str(service) if owned {{ var(txn.bucket),sub(txn.percent) -m int lt 0 }}
{override}\
    http-request disable-l7-retry if !safe
    http-request set-header X-Forwarded-Proto http if !{{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Request-ID %[unique-id] if !{{ req.hdr(x-request-id) -m found }}
{dropped}\
    use_backend service if {{ var(txn.side) -m str service }}
    default_backend monolith
backend service
{_server("service", address(settings.service_url))}backend monolith
{_server("monolith", address(settings.monolith_url))}"""


def _override(token: str) -> str:
    return "".join(
        f"    http-request set-var(txn.side) str({side}) if owned "
        f"{{ req.hdr({OVERRIDE}) -m str {side}-{token} }}\n"
        for side in ("service", "monolith")
    )


GATEWAY = Gateway(
    name="haproxy",
    title="HAProxy",
    tested="run",
    files=render,
    check="haproxy -c -f haproxy.cfg",
    start="haproxy -f haproxy.cfg",
    switch="",
    commands=_command,
    effect="The next request sees the new numbers; requests under way finish where they are.",
    stages=WITHOUT_SHADOW,
    notes=(
        "HAProxy copies requests only through an external agent, so there is no shadow stage.",
        "The command changes the running process; `stage.map` keeps the stage over a restart.",
    ),
)
