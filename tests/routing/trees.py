"""Copies of the trees below ``trees/``, before and after a context's code is taken out."""

from __future__ import annotations

import json
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from routing_harness import App, Client, Running, Score

from strangler import pipeline
from strangler.analyzers.frameworks.django.catalogs import entries
from strangler.analyzers.link import link
from strangler.config import Config
from strangler.model import System
from strangler.reading import read_facts
from strangler.routing import RoutingPlan, RoutingSettings, plan_routes
from strangler.routing.canonical import classify
from strangler.routing.samples import Expectation, samples

TREES = Path(__file__).with_name("trees")


@dataclass(frozen=True)
class Tree:
    """A monolith and the package that leaves it."""

    name: str
    package: str
    boot: str
    serve: tuple[str, ...]

    def app(self, folder: Path, *, after: bool) -> App:
        """A copy that can be booted and served; ``after``: without the package and what names it."""
        target = folder / f"{self.name}-{self.package}-{'after' if after else 'before'}"
        shutil.copytree(TREES / self.name, target)
        for catalog in target.rglob("*.po"):
            catalog.with_suffix(".mo").write_bytes(compiled(entries(catalog.read_text(encoding="utf-8"))))
        if after:
            take_out(target, self.package)
        name = f"{self.name} without {self.package}"
        return App(name, target, self.boot, (self.package,), serve=self.serve)


_WSGI = ("-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=8", "pier.wsgi:application")
_ASGI = ("-m", "uvicorn", "--port", "{port}", "--log-level", "error", "quay.main:app")
ALL = (
    Tree("pier", "berths", "django:pier.settings", _WSGI),
    Tree("pier", "pages", "django:pier.settings", _WSGI),
    Tree("quay", "live", "fastapi:quay.main:app", _ASGI),
    Tree("quay", "pages", "fastapi:quay.main:app", _ASGI),
)


def take_out(folder: Path, package: str) -> None:
    """Delete a package and every line of the rest that names it or what was imported from it."""
    shutil.rmtree(folder / package)
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        names = re.findall(rf"^from {package}[\w.]* import (?:\w+ as )?(\w+)$", text, re.MULTILINE)
        gone = re.compile("|".join(rf"\b{name}\b(?!/)" for name in {package, *names}))
        kept = [line for line in text.splitlines(keepends=True) if not gone.search(line)]
        path.write_text("".join(kept), encoding="utf-8")


def compiled(texts: dict[str, str]) -> bytes:
    """A ``.mo`` file (gettext's own format: a header, two tables of length and offset, the texts)."""
    head = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    rows = sorted((key.encode(), value.encode()) for key, value in (head | texts).items())
    start = 28 + 16 * len(rows)
    tables: tuple[list[int], list[int]] = ([], [])
    data = b""
    for column in (0, 1):
        for row in rows:
            tables[column].extend((len(row[column]), start + len(data)))
            data += row[column] + b"\0"
    numbers = (0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0, *tables[0], *tables[1])
    return struct.pack(f"<{len(numbers)}I", *numbers) + data


def read_plan(app: App, settings: RoutingSettings) -> RoutingPlan:
    """The plan from source alone: what a user gets."""
    tree = pipeline.scan(app.folder, Config())
    files = read_facts(tree, jobs=1, cached=False, executor=None, progress=pipeline.silent)
    system: System = link(tree, [file.facts for file in files])[0]
    return plan_routes(system, app.context(system), settings)


def asked(app: App, plan: RoutingPlan, count: int, seed: int) -> list[tuple[str, str]]:
    """URLs and methods: of the routes that were read, and of those that the booted monolith has."""
    booted = app.plan(plan.settings)
    half = [*samples(plan, count - count // 2, seed), *samples(booted, count // 2, seed + 1)]
    return [(sample.path, sample.method) for sample in half]


def handlers(app: App, questions: list[tuple[str, str]]) -> list[str | None]:
    """Who answers each, by the framework itself."""
    found: list[str | None] = json.loads(app.run("resolve", stdin=json.dumps(questions)))
    return found


def measured(
    app: App, plan: RoutingPlan, running: Running, questions: list[tuple[str, str]], later: App | None = None
) -> Score:
    """Send URLs through a gateway in the full stage.

    Each must be answered by the side that owns it today; and where the code is out (``later``), what the
    gateway leaves to the monolith by the very handler that answers it today.
    """
    expectation, score = Expectation(plan), Score()
    client = Client(plan.settings.listen)
    today = handlers(app, questions)
    then = today if later is None else handlers(later, questions)
    for (path, method), handler, rest in zip(questions, today, then, strict=True):
        side = "nobody" if handler is None else "service" if app.owns(handler) else "monolith"
        got = client.side(path, method)
        score.add(method, path, side, expectation.answer(path, method), got)
        if got == "monolith" and classify(path) == "canonical" and rest != handler and not app.owns(handler):
            score.kinds.append("canonical")
            score.wrong.append(f"{method} {path}: {rest} answers without the code, {handler} today")
    return score
