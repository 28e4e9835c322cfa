# ruff: noqa: N815
"""The sample monoliths as the bench serves them, and what stands between them and a suite."""

from __future__ import annotations

import http.client
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
from helpers.monolith import seed, serving
from mutants.registry import Answer, Mutation, Request, World

from strangler.contracts.http.suite.contract_client import Client

HOP = ("content-length", "transfer-encoding", "connection")


@dataclass(frozen=True)
class Suite:
    """A context of a sample monolith, and who asks."""

    fixture: str
    context: str
    people: tuple[str, ...]
    powerful: tuple[str, str]
    """A header that may do everything."""
    visitor: tuple[str, dict[str, str]] | None = None
    """Somebody signed in by a form, before the data are saved."""


def _as(*people: str) -> tuple[str, ...]:
    return tuple(word for text in people for word in ("--as", text))


SHOP = _as("ada=Authorization: Token ada-token", "staff=Authorization: Token staff-token")
SUITES = {
    "shop catalog": Suite("django_shop", "catalog", SHOP, ("authorization", "Token staff-token")),
    "shop orders": Suite(
        "django_shop",
        "orders",
        SHOP,
        ("authorization", "Token staff-token"),
        ("/accounts/login/", {"username": "ada", "password": "tools4all"}),
    ),
    "clinic patients": Suite(
        "flask_clinic",
        "patients",
        (
            *_as(
                "boss=Authorization: Bearer boss-token",
                "doctor=Authorization: Bearer doctor-token",
                "nurse=Authorization: Bearer nurse-token",
            ),
        ),
        ("authorization", "Bearer boss-token"),
    ),
    "courier parcels": Suite(
        "fastapi_courier",
        "parcels",
        _as("admin=X-API-Key: admin-key", "shop=X-API-Key: shop-key", "cafe=X-API-Key: cafe-key"),
        ("x-api-key", "admin-key"),
    ),
}


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use, by SQLite's own means: connections notice."""
    with sqlite3.connect(source, timeout=30) as one, sqlite3.connect(target, timeout=30) as two:
        one.backup(two)
    one.close()
    two.close()


class Between:
    """A proxy before a monolith: ``mutation`` is what it does to each exchange; POST /__reset__ resets."""

    def __init__(self, target: str, database: Path, powerful: tuple[str, str]) -> None:
        self.target = urlsplit(target)
        self.database = database
        self.seed = database.with_suffix(".seed")
        self.mutation: Mutation | None = None
        self.touched = False
        """Whether the mutation has made a difference to any exchange."""
        copy(database, self.seed)
        self.world = World(self._noted, self.save, self._put_back, powerful)
        self._serial = 0
        self._asked: list[Any] = []

    def ask(self, request: Request) -> Answer:
        """What the monolith answers."""
        connection = http.client.HTTPConnection(self.target.hostname or "", self.target.port, timeout=30)
        headers = {key: value for key, value in request.headers.items() if key not in HOP}
        try:
            connection.request(
                request.method, request.path, request.body or None, {**headers, "Connection": "close"}
            )
            got = connection.getresponse()
            kept = [(name, value) for name, value in got.getheaders() if name.lower() not in HOP]
            return Answer(got.status, kept, got.read())
        finally:
            connection.close()

    def save(self) -> Path:
        """A copy of the data as they are."""
        self._serial += 1
        place = self.database.with_suffix(f".{self._serial % 4}")
        copy(self.database, place)
        return place

    def restore(self, place: Any) -> None:
        """Put a copy back."""
        copy(place, self.database)

    def _put_back(self, place: Any) -> None:
        """The same for a mutation: it makes a difference."""
        self._asked.append(place)
        self.restore(place)

    def handle(self, request: Request) -> Answer:
        """An exchange, mutated."""
        if request.path == "/__reset__":
            self.restore(self.seed)
            self.world.memory.clear()
            return Answer(204, [], b"")
        if self.mutation is None:
            return self.ask(request)
        self._asked = []
        answer = self.mutation(request, self.world)
        plain = (answer.status, answer.headers, answer.body)
        self.touched = self.touched or self._asked != [(request, *plain)]
        return answer

    def _noted(self, request: Request) -> Answer:
        """What the monolith answers, kept to tell whether the mutation changes anything."""
        answer = self.ask(request)
        self._asked.append((request, answer.status, list(answer.headers), answer.body))
        return answer


@contextmanager
def between(target: str, database: Path, powerful: tuple[str, str]) -> Iterator[tuple[str, Between]]:
    """Serve the proxy; its address and itself."""
    proxy = Between(target, database, powerful)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            answer = proxy.handle(Request(self.command, self.path, headers, body))
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            body = b"" if answer.status in (204, 304) else answer.body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", proxy
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def monolith(suite: Suite, folder: Path) -> Iterator[tuple[Suite, str, str, Between]]:
    """A served sample monolith: the suite with all who ask, its own address, that of the proxy, the proxy."""
    database = Path(shutil.copy2(seed(suite.fixture, folder / "seeded.sqlite3"), folder / "live.sqlite3"))
    with serving(suite.fixture, database) as running:
        if suite.visitor is not None:
            cookies = signed_in(running.url, *suite.visitor)
            suite = replace(suite, people=(*suite.people, "--as", f"visitor=Cookie: {cookies}"))
        with between(running.url, database, suite.powerful) as (url, proxy):
            yield suite, running.url, url, proxy


def signed_in(url: str, path: str, fields: dict[str, str]) -> str:
    """The cookies of somebody who has signed in."""
    with httpx.Client(timeout=60, trust_env=False) as http:
        client = Client(http, url, {}, {"visitor": (path, fields)})
        client.send("GET", path, identity="visitor")
        return "; ".join(f"{name}={value}" for name, value in client.cookies("visitor").items())
