"""Real parts for the routing tests: monoliths, an echo service, gateways, a client that sends raw paths."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import pytest
from helpers.ports import free_port
from helpers.systems import monolith
from routing_tables import TRAITS

from strangler.model import BoundedContext, Endpoint, Module, System
from strangler.routing import RoutingPlan, RoutingSettings, plan_routes, write
from strangler.routing.canonical import classify
from strangler.routing.gateways import gateway
from strangler.routing.samples import Expectation, samples
from strangler.routing.values import WEBSOCKET, Stage
from strangler.routing.verification import HANDSHAKE

ROOT = Path(__file__).resolve().parents[2]
BOOT = Path(__file__).with_name("boot.py")
RUN = ("nginx", "haproxy", "envoy", "traefik", "caddy")


@dataclass(frozen=True)
class App:
    """A monolith that can be booted, and the modules of the context that moves."""

    name: str
    folder: Path
    boot: str
    modules: tuple[str, ...]
    """Prefixes of module names."""
    python: str = sys.executable
    env: dict[str, str] = field(default_factory=dict)
    serve: tuple[str, ...] = ("serve.py", "--port", "{port}", "--database", "{database}", "--seed")
    """Arguments of ``python`` that serve it."""

    def run(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [self.python, str(BOOT), self.boot, *arguments],
            cwd=self.folder,
            env={**os.environ, **self.env},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def owns(self, handler: str | None) -> bool:
        return handler is not None and any(handler == m or handler.startswith(m + ".") for m in self.modules)

    def system(self) -> System:
        """The route table as the framework itself gives it."""
        rows = json.loads(self.run("table"))
        modules = {row["handler"].rsplit(".", 1)[0] for row in rows}
        endpoints = [
            Endpoint(
                path=row["pattern"],
                methods=tuple(row["methods"]) if row["methods"] else None,
                protocol="websocket" if row["methods"] == [WEBSOCKET] else "http",
                handler=row["handler"],
                framework=row["framework"],
                pattern=row["pattern"],
                regex=row["regex"],
                name=None,
                file="booted",
                line=row["order"] + 1,
                order=row["order"],
                exact=row["exact"],
                traits=TRAITS[row["framework"]],
            )
            for row in rows
        ]
        return monolith(
            (Module(name=m, path=m, lines=1) for m in modules), self.name, endpoints=tuple(endpoints)
        )

    def context(self, system: System) -> BoundedContext:
        owned = tuple(m.name for m in system.modules if self.owns(m.name))
        return BoundedContext(
            name=f"{self.name} part", kind="context", modules=owned, tables=(), confidence=1.0
        )

    def plan(self, settings: RoutingSettings) -> RoutingPlan:
        system = self.system()
        return plan_routes(system, self.context(system), settings)

    def truth(self, asked: list[tuple[str, str]]) -> list[str]:
        """Whom each (path, method) belongs to, by the framework itself; ``nobody``: it answers 404."""
        handlers = json.loads(self.run("resolve", stdin=json.dumps(asked)))
        return [
            "nobody" if handler is None else "service" if self.owns(handler) else "monolith"
            for handler in handlers
        ]


FIXTURES = (
    App(
        "django_shop", ROOT / "fixtures/django_shop", "django:shop.settings", ("shop.orders", "shop.billing")
    ),
    App(
        "flask_clinic",
        ROOT / "fixtures/flask_clinic",
        "flask:clinic:create_app",
        ("clinic.appointments", "clinic.billing"),
    ),
    App(
        "fastapi_courier",
        ROOT / "fixtures/fastapi_courier",
        "fastapi:courier.main:app",
        ("courier.tracking", "courier.billing", "courier.fleet"),
    ),
)


@dataclass
class Seen:
    """A request that reached the echo service."""

    method: str
    path: str
    headers: dict[str, str]
    at: float


class Echo:
    """A backend that says its name in ``X-Echo`` and remembers what it was asked."""

    def __init__(self, name: str = "service") -> None:
        self.name = name
        self.seen: list[Seen] = []
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Echo:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ", 2)
                headers = {
                    k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)
                }
                if headers.get("upgrade"):
                    key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                    accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
                    writer.write(
                        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        b"Sec-WebSocket-Accept: " + accept + f"\r\nX-Echo: {self.name}\r\n\r\nhello".encode()
                    )
                    await writer.drain()
                    continue
                await self._body(reader, headers)
                self.seen.append(Seen(method, path, headers, time.monotonic()))
                body = b"" if method == "HEAD" else json.dumps(headers).encode()
                writer.write(
                    f"HTTP/1.1 200 OK\r\nX-Echo: {self.name}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    @staticmethod
    async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> None:
        if "chunked" in headers.get("transfer-encoding", ""):
            while int((await reader.readline()).strip() or b"0", 16):
                await reader.readline()
            await reader.readline()
        else:
            await reader.readexactly(int(headers.get("content-length", "0")))


class Client:
    """One connection; sends the path exactly as given."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=20)

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        if method == WEBSOCKET:
            return self._handshake(path, headers or {})
        for attempt in (1, 2):
            try:
                return self._once(path, method, headers or {})
            except (OSError, HTTPException):
                self._connection.close()
                if attempt == 2:
                    raise
        raise AssertionError

    def _handshake(self, path: str, headers: dict[str, str]) -> tuple[HTTPResponse, bytes]:
        """Ask for a WebSocket, and hang up whatever comes."""
        self._connection.close()
        found = self._once(path, "GET", {**HANDSHAKE, **headers})
        self._connection.close()
        return found

    def _once(self, path: str, method: str, headers: dict[str, str]) -> tuple[HTTPResponse, bytes]:
        connection = self._connection
        connection.putrequest(method, "/", skip_host=True, skip_accept_encoding=True)
        connection._buffer[0] = f"{method} {path} HTTP/1.1".encode()  # type: ignore[attr-defined]
        for name, value in {"Host": "facade.example", **headers}.items():
            connection.putheader(name, value)
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        response = connection.getresponse()
        return response, response.read()

    def side(self, path: str, method: str = "GET") -> str:
        """Who really answered: the echo service names itself, a refusal says so, the rest is the monolith."""
        response, _ = self.ask(path, method)
        if response.getheader("X-Echo"):
            return str(response.getheader("X-Echo"))
        if response.getheader("X-Strangler-Backend") == "rejected":
            return "rejected"
        if response.status == 400 and not response.getheader("X-Monolith"):
            return "rejected" if response.getheader("X-Strangler-Backend") != "monolith" else "monolith"
        return "monolith"


def program(name: str) -> str:
    """Where a gateway's program is; skips the test if it is missing."""
    found = shutil.which(name, path=f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed: see tests/routing/system-packages.txt and the test extra")
    return found


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """Until something listens."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    said = log.read_text(errors="replace")[-3000:] if log else ""
    raise AssertionError(f"nothing listens on {port}: {said}")


_CADDY = tempfile.TemporaryDirectory(prefix="strangler-caddy-")
_ENV = {
    "XDG_DATA_HOME": _CADDY.name,
    "XDG_CONFIG_HOME": _CADDY.name,
    "PATH": f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}:/usr/sbin",
}


class Running:
    """A gateway that runs with a written plan, in its own folder, by the README's own commands."""

    def __init__(self, name: str, plan: RoutingPlan, folder: Path) -> None:
        self.name, self.plan, self.folder = name, plan, folder / name
        self.gateway = gateway(name)

    def __enter__(self) -> Running:
        program(self.name)
        write(self.plan, self.folder.parent, [self.name], force=True)
        self.log = self.folder / "gateway.log"
        command = self.gateway.start
        if self.name == "nginx":
            command += " -g 'daemon off;'"
        if self.name == "envoy":
            command += " --use-dynamic-base-id"  # another may run on this machine
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.folder,
                env={**os.environ, **_ENV},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.plan.settings.listen, self.process, self.log)
        if self.name == "traefik":  # listens before it has read its rules
            client, end = Client(self.plan.settings.listen), time.monotonic() + 10
            while b"404 page not found" in client.ask("/")[1] and time.monotonic() < end:
                time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def check(self) -> None:
        """The gateway's own validation of the files."""
        done = subprocess.run(
            self.gateway.check,
            shell=True,
            cwd=self.folder,
            env={**os.environ, **_ENV},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()

    def stage(self, stage: Stage) -> None:
        """Run the README's command, and wait until a moved path is where it should be."""
        self.switch(stage)
        time.sleep(1.0 if self.name in ("nginx", "traefik") else 0.2)
        if self.name == "traefik" and stage in ("full", "rollback"):  # it takes up its files when it has time
            owner, client = "service" if stage == "full" else "monolith", Client(self.plan.settings.listen)
            end = time.monotonic() + 10
            while client.side(*self._moved) != owner and time.monotonic() < end:
                time.sleep(0.1)

    @cached_property
    def _moved(self) -> tuple[str, str]:
        """What the service answers in the end."""
        owner = Expectation(self.plan).answer
        asked = [(one.path, one.method) for one in samples(self.plan, 300, seed=1, mutated=0, focused=True)]
        return next((one for one in asked if owner(*one) == "service"), asked[0])

    def switch(self, stage: Stage) -> None:
        command = self.gateway.command(self.plan, stage)
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env={**os.environ, **_ENV}, capture_output=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)


@contextlib.contextmanager
def serving(app: App, folder: Path) -> Iterator[int]:
    """The real monolith on a free port."""
    port = free_port()
    log = folder / f"{app.name}.log"
    with log.open("wb") as out:
        names = {"port": str(port), "database": str(folder / "monolith.sqlite3")}
        process = subprocess.Popen(
            [app.python, *(argument.format(**names) for argument in app.serve)],
            cwd=app.folder,
            env={**os.environ, **app.env},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(port, process, log)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def settings_for(service: int, monolith: int, **more: object) -> RoutingSettings:
    return RoutingSettings(
        service_url=f"http://127.0.0.1:{service}",
        monolith_url=f"http://127.0.0.1:{monolith}",
        listen=free_port(beside=1),
        **more,  # type: ignore[arg-type]
    )


@dataclass
class Score:
    """What a gateway did with samples."""

    canonical: int = 0
    other: int = 0
    approximate: int = 0
    """Paths that a converter of the framework refuses (404 either way), sent to the service."""
    wrong: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """``canonical`` or ``other``, for each in ``wrong``."""

    def add(self, method: str, path: str, truth: str, declared: str, got: str) -> None:
        """Count one answer: the framework decides for canonical paths, the policy for all others."""
        if classify(path) != "canonical":
            self.other += 1
            wanted = declared
        else:
            self.canonical += 1
            wanted = truth
            if truth == "nobody":
                wanted = "monolith"
                if got == declared == "service":
                    self.approximate += 1
                    return
        if got != wanted:
            self.kinds.append("canonical" if classify(path) == "canonical" else "other")
            self.wrong.append(f"{method} {path}: {got}, should be {wanted}")


def measure(app: App, plan: RoutingPlan, running: Running, count: int, seed: int) -> Score:
    """Send sampled URLs through a gateway in the full stage, and compare with the framework's resolver."""
    asked = [(sample.path, sample.method) for sample in samples(plan, count, seed)]
    truth, expectation, score = app.truth(asked), Expectation(plan), Score()
    client = Client(plan.settings.listen)
    for (path, method), side in zip(asked, truth, strict=True):
        score.add(method, path, side, expectation.answer(path, method), client.side(path, method))
    return score


def shaken_hands(port: int, path: str) -> bytes:
    """What comes back for a WebSocket handshake on a connection of its own, up to the backend's hello."""
    lines = [f"GET {path} HTTP/1.1", "Host: h", *(f"{name}: {value}" for name, value in HANDSHAKE.items())]
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        got = b""
        while b"hello" not in got:
            part = connection.recv(4096)
            assert part, got
            got += part
    return got
