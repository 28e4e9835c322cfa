"""The server behind ``strangler serve``: a page, its state, one thing to write; for this machine alone."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from strangler.boundaries import MAX_BYTES
from strangler.commands.problems import UserError
from strangler.text import one_line, visible

HOST = "127.0.0.1"
MOST_AT_ONCE = 16
"""Requests in work; what comes beyond them is hung up on."""
PATIENCE = 20
"""Seconds for a request to arrive."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",  # the page carries the rest itself
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Picture:
    """What the page shows: an analysis, and how to write down a cut of it."""

    number: int
    page: bytes
    accept: Callable[[str], list[str]]
    """Write the boundaries in a TOML text; what is to be told. Raises UserError: nothing was written."""


class Live:
    """What the requests and the analysis share."""

    def __init__(self, picture: Picture) -> None:
        self.token = secrets.token_urlsafe(32)
        self.picture = picture
        self.note = ""
        """What is being done, or why the picture is old; empty while it is the present one."""
        self.changed = threading.Event()
        """Set when a request has written the boundaries."""
        self._writing = threading.Lock()

    def state(self) -> dict[str, Any]:
        """What the page asks for again and again."""
        return {"picture": self.picture.number, "note": visible(one_line(self.note, 400))}

    def accept(self, text: str) -> dict[str, Any]:
        """Write the cut that the page has sent, by the way of ``strangler accept``."""
        with self._writing:
            try:
                notes = self.picture.accept(text)
            except UserError as error:
                return {"error": visible(str(error))}
        self.changed.set()
        return {"notes": [visible(note) for note in notes]}

    def finish(self) -> None:
        """Let what is being written be written."""
        if self._writing.acquire(timeout=PATIENCE):
            self._writing.release()


class LiveServer(ThreadingHTTPServer):
    """Listens on the loopback address only, for those who know the token."""

    daemon_threads = True
    live: Live
    """Set before requests are answered."""

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    @property
    def names(self) -> frozenset[str]:
        """What a browser of this machine calls the server; another name has been bent to this address."""
        return frozenset(f"{host}:{self.server_port}" for host in (HOST, "localhost"))

    @property
    def url(self) -> str:
        """The address of the page; it holds the token."""
        return f"http://{HOST}:{self.server_port}/{self.live.token}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """One thread a request, up to a number of them."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    server: LiveServer
    timeout = PATIENCE
    server_version = "strangler"
    sys_version = ""

    def do_GET(self) -> None:
        what = self._asked()
        if what == "":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.live.picture.page)
        elif what == "state":
            self._answer(HTTPStatus.OK, self.server.live.state())
        elif what is not None:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        what = self._asked()
        if what is None:
            return
        if what != "accept":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif self._only("Origin") != f"http://{self._only('Host')}":
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self._only("Content-Type") != "application/toml":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        else:
            self._accept()

    def _accept(self) -> None:
        length = self._only("Content-Length")
        if not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return
        if len(length) > 12 or int(length) > MAX_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        data = self.rfile.read(int(length))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if len(data) != int(length):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        found = self.server.live.accept(text)
        self._answer(HTTPStatus.CONFLICT if "error" in found else HTTPStatus.OK, found)

    def _asked(self) -> str | None:
        """What lies behind the token; None where the request is none of ours and has been refused."""
        if self._only("Host") not in self.server.names:  # a name of elsewhere that leads here
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        token, slash, rest = self.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.server.live.token.encode()) or not slash:
            self._refuse(HTTPStatus.NOT_FOUND)
            return None
        return rest

    def _only(self, header: str) -> str:
        """The value of a header that is there once; else nothing."""
        values = self.headers.get_all(header, [])
        return values[0] if len(values) == 1 else ""

    def _answer(self, status: HTTPStatus, value: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, "text/plain; charset=utf-8", f"{status.value} {status.phrase}\n".encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in (HEADERS | {"Content-Type": kind, "Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not told: their lines hold the token."""
