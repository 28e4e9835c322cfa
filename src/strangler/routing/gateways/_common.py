"""What all renderers share: stages as shares, expressions, headers, addresses, YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from strangler.routing.canonical import FOLDABLE, MALFORMED, UNUSUAL, VALID
from strangler.routing.dialect import BRACES, BYTES, Dialect, literal, write
from strangler.routing.errors import RoutingError
from strangler.routing.parse import parse
from strangler.routing.values import WEBSOCKET, RoutingPlan, RoutingSettings, Rule, Stage, Target
from strangler.text import plural

OVERRIDE = "X-Strangler-Override"
"""Request header of testers; never reaches a backend."""
_LONG = 1_500
UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
"""Characters of a path that mean themselves in every matcher."""
WITHOUT_SHADOW: tuple[Stage, ...] = ("rollback", "canary", "full")
"""The stages of a gateway that cannot send a request to both sides."""
MALFORMED_RE = "|".join(MALFORMED)
FOLDABLE_RE = "|".join(FOLDABLE)
UNUSUAL_RE = "|".join(UNUSUAL)
AMBIGUOUS_RE = f"{FOLDABLE_RE}|{UNUSUAL_RE}"
VALID_RE = VALID
VALID_PCRE = VALID.replace("(?:[^%]|", "(?:[^%]++|").replace(")*$", ")*+$")
"""The same for PCRE, possessive: compiled, it keeps a place for each turn of a group, and has room for about
1,100 of them; a longer path would match nothing."""


@dataclass(frozen=True, slots=True)
class Shares:
    """A stage as numbers: per cent of users whose safe and unsafe requests go to the service."""

    reads: int
    writes: int
    shadow: bool = False


def shares(settings: RoutingSettings, stage: Stage) -> Shares:
    """The numbers of a stage."""
    if stage == "full":
        return Shares(100, 100)
    if stage == "canary":
        return Shares(settings.canary_percent, settings.canary_percent if settings.canary_writes else 0)
    return Shares(0, 0, shadow=stage == "shadow")


def weights(percent: int) -> dict[Target, int]:
    """Per cent of the requests that each side gets; a side that gets none is left out."""
    if percent in (0, 100):
        return {"service": 100} if percent else {"monolith": 100}
    return {"service": percent, "monolith": 100 - percent}


def admin_port(plan: RoutingPlan) -> int:
    """The port of the gateway's own interface: beside the one that it listens on."""
    return plan.settings.listen + 1 if plan.settings.listen < 65535 else plan.settings.listen - 1


def expression(rule: Rule, dialect: Dialect = BRACES) -> str:
    """The rule as an anchored expression over the decoded path, without end anchor for a prefix."""
    if rule.kind == "prefix":
        return f"^{literal(rule.value, dialect)}"
    if rule.kind == "exact":
        return f"^{literal(rule.value, dialect)}$"
    return f"^(?:{write(parse(rule.value), dialect)})$"


def pcre(rule: Rule, key_methods: bool) -> str:
    r"""The rule for PCRE: ``\z`` for ``$`` (which lets a newline through), the method in front.

    Byte by byte in UTF-8, except where that is too long for the gateways' lines: then in UTF mode.
    """
    found = expression(rule, BYTES)
    utf = len(found) > _LONG
    if utf:
        found = expression(rule)
    if found.endswith("$"):
        found = found[:-1] + r"\z"
    if key_methods:
        methods = "[^:]*" if rule.methods is None else f"(?:{'|'.join(rule.methods)})"
        found = f"^{methods}:{found[1:]}"
    return f"(*UTF){found}" if utf else found


def by_method(plan: RoutingPlan) -> bool:
    """Whether any rule looks at the method."""
    return any(rule.methods is not None for rule in plan.rules)


def tells_upgrades(plan: RoutingPlan) -> bool:
    """Whether some rule takes the handshakes of a WebSocket and no GET, or the other way round."""
    return any(route.methods == (WEBSOCKET,) for route in plan.routes) and any(
        rule.methods is not None and ("GET" in rule.methods) != (WEBSOCKET in rule.methods)
        for rule in plan.rules
    )


def http_methods(rule: Rule) -> tuple[str, ...] | None:
    """The methods of a rule as they stand in a request line."""
    return None if rule.methods is None else tuple(m for m in rule.methods if m != WEBSOCKET)


def refuse_upgrades(plan: RoutingPlan, gateway: str) -> None:
    """For gateways that cannot match a request by what it does not ask for.

    Raises:
        RoutingError: the plan needs to tell a handshake from a GET.
    """
    if tells_upgrades(plan):
        raise RoutingError(
            f"{gateway}: a WebSocket and pages of the same paths have different owners, which is not written "
            "for it; use nginx, haproxy, envoy, traefik or caddy"
        )


UPGRADE_TOKEN = r"(?i)(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)"
"""Searched in the Connection header of a handshake, for RE2."""


@dataclass(frozen=True, slots=True)
class Address:
    """A backend."""

    scheme: str
    host: str
    port: int

    @property
    def dial(self) -> str:
        """``host:port``, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Without a path."""
        return f"{self.scheme}://{self.dial}"


_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?\Z")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}\Z")


def address(url: str) -> Address:
    """Split a backend's URL; raises RoutingError where it is not ``http(s)://host[:port]``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if (
        parts.scheme not in ("http", "https")
        or not _HOST.match(host)
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise RoutingError(f"not a backend URL: {url!r}; write http://host:port")
    return Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))


def check_settings(settings: RoutingSettings) -> None:
    """Refuse settings that could not be written safely or mean nothing.

    Raises:
        RoutingError: naming the setting.
    """
    address(settings.service_url)
    address(settings.monolith_url)
    for header in (*settings.identity_headers, settings.cookie.replace("_", "-")):
        if not _HEADER.match(header):
            raise RoutingError(f"not a header or cookie name: {header!r}; letters, digits and '-' only")
    if settings.override_token is not None and not _TOKEN.match(settings.override_token):
        raise RoutingError("override_token needs 8 to 200 letters, digits, '_' or '-'")
    if not 0 <= settings.canary_percent <= 100:
        raise RoutingError(f"canary_percent is {settings.canary_percent}, not 0 to 100")
    if not 1 <= settings.listen <= 65535:
        raise RoutingError(f"listen is {settings.listen}, not a port")


def dropped_headers(settings: RoutingSettings) -> tuple[str, ...]:
    """Request headers that no backend may see from outside."""
    return (*settings.identity_headers, OVERRIDE)


def banner(plan: RoutingPlan, gateway: str) -> str:
    """The first lines of a file, without any name from the analysed code."""
    lines = [f"strangler facade for {gateway}: {plan.service}"]
    noun = "route"
    if not plan.certificate.complete:
        holes = plural(len(plan.holes), "hole")
        lines.append(f"The monolith's route table is not complete ({holes}, see README.md).")
        noun = "known route"
    rules, routes = plural(len(plan.rules), "rule"), plural(len(plan.routes), noun)
    lines.append(f"{rules}, proved equal to {routes} of the monolith; do not edit.")
    return "\n".join(lines) + "\n"
