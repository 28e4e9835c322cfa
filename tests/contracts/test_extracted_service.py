"""From the monolith to the service behind a real gateway: the recorded suite is green all the way."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from helpers.facade import Facade
from helpers.monolith import FIXTURES, NOW, copy_of, run, serving, wait_until_healthy
from helpers.ports import free_port

SERVICES = Path(__file__).parent / "services"


@dataclass(frozen=True)
class Extraction:
    """A context that leaves a sample monolith, and who asks."""

    monolith: str
    context: str
    people: tuple[str, ...]
    rewritten: str = ""
    """Program of a service that was written anew; else the same code is deployed a second time."""

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(word for text in self.people for word in ("--as", text))


CATALOG = Extraction(
    "django_shop",
    "catalog",
    ("ada=Authorization: Token ada-token", "staff=Authorization: Token staff-token"),
)
PHARMACY = Extraction(
    "flask_clinic",
    "pharmacy",
    (
        "boss=Authorization: Bearer boss-token",
        "doctor=Authorization: Bearer doctor-token",
        "nurse=Authorization: Bearer nurse-token",
    ),
    rewritten="pharmacy.py",
)
BILLING = Extraction("fastapi_courier", "billing", ("shop=X-Api-Key: shop-key", "admin=X-Api-Key: admin-key"))


def python(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # the suite needs none
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def strangler(*arguments: object) -> str:
    done = python("strangler", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def started(command: list[object], port: int, log: Path) -> Iterator[str]:
    """A server of ours, healthy; stopped at the end."""
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *map(str, command)], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Scene:
    """Monolith, plan, recorded suite, service and gateway of one extraction."""

    extraction: Extraction
    folder: Path
    monolith: str
    database: Path
    service_port: int
    reset: str
    """Where a POST puts the data of monolith and service back."""

    @property
    def own(self) -> Path:
        """The service's database."""
        return self.folder / "own.sqlite3"

    @property
    def plan(self) -> Path:
        return self.folder / "plan"

    @property
    def log(self) -> Path:
        """What the service was asked."""
        return self.folder / "service.requests"

    def suite(self, url: str, *more: object) -> subprocess.CompletedProcess[str]:
        options = ("-q", "--tb=line", "-p", "no:cacheprovider", ".", "--base-url", url, *more)
        folder = self.plan / "contracts" / "http"
        return python("pytest", *options, *self.extraction.identities, cwd=folder)

    def green(self, url: str, *, writes: bool = True) -> int:
        """Run the suite; the number of requests that reached the service meanwhile."""
        before = self.asked()
        done = self.suite(url, *(("--reset", self.reset) if writes else ()))
        assert done.returncode == 0, done.stdout[-4000:]
        return self.asked() - before

    def asked(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    @contextmanager
    def service(self, *options: str) -> Iterator[str]:
        """The extracted service, on data of its own."""
        common: list[object] = ["--port", self.service_port, "--log", self.log, "--now", NOW]
        if program := self.extraction.rewritten:
            run(SERVICES / program, "--backfill", self.database, "--database", self.own)
            command: list[object] = [SERVICES / program, *options]
        else:
            name = self.extraction.monolith
            command = [SERVICES / "same_code.py", name, "--folder", self.folder / "extracted" / "service"]
            command += ["--plan", self.plan / "plan.json"]
            shutil.copy2(self.database, self.own)
        command += ["--database", self.own]
        with started([*command, *common], self.service_port, self.folder / "service.log") as url:
            shutil.copy2(self.own, kept(self.own))
            try:
                yield url
            finally:
                kept(self.own).unlink()


def kept(database: Path) -> Path:
    """Where the state of a database is kept."""
    return database.with_suffix(".kept")


@contextmanager
def putting_back(*databases: Path) -> Iterator[str]:
    """An address: after a POST the databases of which a state is kept are as they were."""

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            for database in databases:
                if kept(database).exists():
                    with (
                        closing(sqlite3.connect(kept(database))) as source,
                        closing(sqlite3.connect(database, timeout=20)) as target,
                    ):
                        source.backup(target)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Control) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


Play = Callable[[Extraction], Scene]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory, seeded: Callable[[str], Path]) -> Iterator[Play]:
    """play(extraction) -> the monolith analysed, planned, running and recorded."""
    scenes: dict[Extraction, Scene] = {}
    with ExitStack() as stack:

        def get(extraction: Extraction) -> Scene:
            if extraction not in scenes:
                folder = tmp_path_factory.mktemp(extraction.context)
                database = copy_of(seeded(extraction.monolith), folder / "data")
                monolith = stack.enter_context(serving(extraction.monolith, database))
                shutil.copy2(database, kept(database))
                reset = stack.enter_context(putting_back(database, folder / "own.sqlite3"))
                scenes[extraction] = Scene(extraction, folder, monolith.url, database, free_port(), reset)
                prepare(scenes[extraction])
            return scenes[extraction]

        yield get


def prepare(scene: Scene) -> None:
    """The commands of a team, in their order."""
    model, name = scene.folder / "model", scene.extraction.context
    package = f"{scene.extraction.monolith.partition('_')[2]}.{name}"
    pinned = f'contexts.pin.{name}=["{package}"]'  # the team has decided
    strangler("analyze", FIXTURES / scene.extraction.monolith, "-o", model, "--quiet", "--config", pinned)
    service, listen = f"http://127.0.0.1:{scene.service_port}", free_port()
    addresses = ("--monolith-url", scene.monolith, "--service-url", service, "--listen", listen)
    context = (name, "--canary-percent", 50, "--gateway", "nginx")
    strangler("plan", *context, "--model", model, "-o", scene.plan, *addresses)
    tree = FIXTURES / scene.extraction.monolith
    strangler(
        "extract", name, "--model", model, "--source", tree, "-o", scene.folder / "extracted", "--quiet"
    )
    people, writes = scene.extraction.identities, ("--writes", "--reset", scene.reset)
    strangler("record", scene.plan, "--model", model, "--target", scene.monolith, *people, *writes)


@pytest.mark.parametrize("extraction", [CATALOG, PHARMACY, BILLING], ids=lambda e: e.context)
def test_the_suite_is_green_on_the_monolith_and_at_every_stage(extraction: Extraction, play: Play) -> None:
    scene = play(extraction)
    assert scene.green(scene.monolith) == 0
    with scene.service(), Facade(scene.plan) as facade:
        assert scene.green(facade.url) == 0, "before the first stage everything stays with the monolith"
        facade.stage("canary")
        some = scene.green(facade.url, writes=False)  # two databases: no write may be half a canary
        facade.stage("full")
        every = scene.green(facade.url)
        strangler("verify", "routes", scene.plan, "--gateway-url", facade.url, "--samples", 200)
        facade.stage("rollback")
        assert scene.green(facade.url) == 0
    tests = len(re.findall(r"^def test_", sources(scene), re.MULTILINE))
    assert 0 < some < every, "a canary meets both sides"
    assert re.search("^(POST|PUT|PATCH) ", scene.log.read_text(), re.MULTILINE), "writes are in the suite"
    assert every > 0.8 * tests, "only paths that no route takes stay with the monolith"


def sources(scene: Scene) -> str:
    return "".join(path.read_text() for path in (scene.plan / "contracts" / "http").glob("test_*.py"))


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        ("prices are numbers", "price"),
        ("nurses may prescribe", "as nurse: status 201, was 403"),
        ("times are in UTC", "issued_at"),
        ("wrong error body", "json.error is missing"),
    ],
)
def test_a_service_that_was_rewritten_with_a_defect_is_red(defect: str, said: str, play: Play) -> None:
    scene = play(PHARMACY)
    with scene.service("--defect", defect), Facade(scene.plan) as facade:
        facade.stage("full")
        done = scene.suite(facade.url, "--reset", scene.reset)
    assert done.returncode == 1, done.stdout[-2000:]
    assert said in done.stdout
