"""Ask a running gateway which backend answers, and compare with who should."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from strangler import files
from strangler.model.document import NOT_JSON
from strangler.model.routes import SAFE_METHODS
from strangler.routing.errors import RoutingError
from strangler.routing.plan import recertify
from strangler.routing.samples import Expectation
from strangler.routing.samples import samples as draw
from strangler.routing.values import BACKEND_HEADER, WEBSOCKET, RoutingPlan

UNSAID = "101"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""Request headers that ask for a WebSocket (RFC 6455, section 4.1; the key is the RFC's own example)."""
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of RFC 9110, section 5.6.2."""
MOST_READ = 65_536
"""Bytes of a body; who answered is said by a header, and a longer body costs its connection."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that the wrong side answered; ``answered`` is ``?`` where the response does not say."""

    method: str
    url: str
    expected: str
    answered: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was asked and what was wrong."""

    checked: int
    answered: dict[str, int]
    """Side -> responses."""
    wrong: tuple[Wrong, ...]
    unsaid: int = 0
    """WebSockets that were accepted without a word of the side: some gateways cannot mark a 101."""

    @property
    def ok(self) -> bool:
        """Nothing wrong, and something checked."""
        return self.checked > 0 and not self.wrong


def load(directory: Path) -> RoutingPlan:
    """Read ``routes.json`` and prove it again.

    Raises:
        RoutingError: missing, damaged, or edited so that the rules are wrong.
    """
    path = Path(directory) / "routes.json"
    try:
        plan = msgspec.json.decode(files.read(path), type=RoutingPlan)
    except (OSError, *NOT_JSON) as error:
        raise RoutingError(f"{path} cannot be read ({error}); run `strangler plan` again") from error
    numbers = [number for rule in plan.rules for number in rule.routes]
    numbers += [number for overlap in plan.overlaps for number in overlap.routes]
    if any(not 0 <= number < len(plan.routes) for number in numbers):
        raise RoutingError(f"{path} names routes that it does not hold; run `strangler plan` again")
    for place, methods in [(r.place, r.methods) for r in plan.routes] + [
        ("a rule", r.methods) for r in plan.rules
    ]:
        for method in methods or ():
            if not _METHOD.fullmatch(method):
                raise RoutingError(
                    f"{path}: {method!r} ({place}) is no name of an HTTP method; correct it and plan again"
                )
    recertify(plan)
    return plan


def verify(
    directory: Path | str,
    gateway_url: str,
    *,
    samples: int = 1000,
    seed: int = 0,
    unsafe: bool = False,
    timeout: float = 10.0,
) -> Verification:
    """Send sampled requests to a gateway in the ``full`` stage and compare who answered.

    Args:
        directory: the ``routing`` folder that ``write`` made.
        gateway_url: ``http://host:port`` of the façade.
        samples: how many requests.
        seed: another seed, other URLs.
        unsafe: also send POST, PUT ...: only where nobody minds what the backends do with them.
            WebSockets are opened and closed without a message in any case.
        timeout: seconds for one request.

    Raises:
        RoutingError: the plan is damaged, or the gateway does not answer.
    """
    plan = load(Path(directory))
    expectation = Expectation(plan)
    asker = _Asker(gateway_url, timeout)
    wrong: list[Wrong] = []
    answered: Counter[str] = Counter()
    for sample in draw(plan, samples, seed, focused=True):
        method = sample.method if unsafe or sample.method in (*SAFE_METHODS, WEBSOCKET) else "GET"
        side = asker.ask(method, sample.path)
        answered[side] += 1
        expected = expectation.answer(sample.path, method)
        if side == UNSAID:
            continue
        if side != expected:
            wrong.append(Wrong(method, sample.path, expected, side))
    unsaid = answered.pop(UNSAID, 0)
    return Verification(sum(answered.values()), dict(sorted(answered.items())), tuple(wrong), unsaid)


class _Asker:
    """One connection, opened again when the gateway closes it."""

    def __init__(self, url: str, timeout: float) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise RoutingError(f"not a gateway URL ({error}); write http://host:port") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RoutingError("not a gateway URL; write http://host:port")
        if "@" in parts.netloc:
            raise RoutingError(
                "the address of a gateway is scheme, host and port: leave name and password out"
            )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, port, timeout=timeout)
        self._timeout = timeout
        self._url = url

    def ask(self, method: str, path: str) -> str:
        """The side that answered: by the response header, or ``rejected`` for a bare 400."""
        for attempt in (1, 2):
            try:
                return self._once(method, path)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempt == 2:
                    raise RoutingError(f"{self._url} does not answer {method} {path!r}: {error!r}") from error
        raise AssertionError

    def _once(self, method: str, path: str) -> str:
        if method == WEBSOCKET:
            return self._handshake(path)
        connection = self._connection
        connection.putrequest(method, "/", skip_accept_encoding=True)
        # putrequest refuses odd paths; a gateway must be shown exactly those
        connection._buffer[0] = f"{method} {path} HTTP/1.1".encode("latin-1", "replace")  # type: ignore[attr-defined]
        if method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        return self._side(self._answer())

    def _handshake(self, path: str) -> str:
        """Ask for a WebSocket and hang up, whatever comes."""
        connection = self._connection
        connection.close()
        connection.putrequest("GET", "/", skip_accept_encoding=True)
        connection._buffer[0] = f"GET {path} HTTP/1.1".encode("latin-1", "replace")  # type: ignore[attr-defined]
        for name, value in HANDSHAKE.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = self._answer(bodies=False)
        connection.close()
        return self._side(response)

    def _answer(self, *, bodies: bool = True) -> http.client.HTTPResponse:
        """The head of an answer; its body is read only so that the next one can follow."""
        connection = self._connection
        # a time-out is for one read: an answer that drips would be waited for without end
        watch = threading.Timer(2 * self._timeout, _hang_up, (connection.sock,))
        watch.daemon = True
        watch.start()
        try:
            response = connection.getresponse()
            if bodies and len(response.read(MOST_READ)) == MOST_READ:
                connection.close()
            return response
        finally:
            watch.cancel()

    @staticmethod
    def _side(response: http.client.HTTPResponse) -> str:
        if response.status == 400 and response.getheader(BACKEND_HEADER) in (None, "rejected"):
            return "rejected"
        return response.getheader(BACKEND_HEADER) or (UNSAID if response.status == 101 else "?")


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
