"""What the fuzz runs on: for each target how an input is made, and the commands that read it."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import caches
import mutate
import servers
import stores
from case import GOOD, write
from seeds import Files

from strangler.commands.check import FindingFormat
from strangler.reports import FORMATS

ANALYZE = ["analyze", "tree", "-o", "out", "-q", "-j", "1", "-n"]
FINDINGS = tuple(FindingFormat)
CHECK = ["check", "tree", "-n", "-j", "1", "--baseline"]
PLAN = ["plan", "{context}", "--model", "out", "-o", "plan", "-q"]
EXTRACT = ["extract", "{context}", "--model", "out", "--source", "tree", "-o", "service", "-q"]
TABLE: dict[str, Any] = {
    "roots": ["src", "."], "exclude": ["tests/*"], "roles": {"a/*": "test"}, "source-url": "https://h/{revision}/{path}#L{line}",
    "contexts.pin": {"one": ["good", "table:good_good"]}, "contexts.apart": [["good.models", "good.urls"]],
    "contexts.join": [["good.models", "good.settings"]], "contexts.shared": ["good"], "contexts.count": 2, "contexts.size": 3,
    "history.since": "3 years", "history.max-files": 30, "history.bots": ["*bot*"], "history.ignore-revs": ["abcdef1"],
    "history.group-by": "ticket", "check.min-resolved": 0.5, "check.min-endpoints": 0.1, "check.max-unparsed": 3,
}  # fmt: skip
BOUNDARY: dict[str, Any] = {
    "name": "One", "kind": "context", "packages": ["good"], "modules": ["good.models"], "tables": ["good_good"],
    "notes": "n", "decided-by": "A", "decided": "2026-01-01",
}  # fmt: skip
PROJECT: Files = {
    "setup.cfg": b"[options]\npackage_dir =\n    = src\npackages = find:\n[options.packages.find]\nwhere = src\n",
    "setup.py": b"from setuptools import setup, find_packages\nsetup(package_dir={'': 'src'}, packages=find_packages('src'))\n",
    ".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = y\n',
    "pyproject.toml": b'[project]\nname = "x"\nrequires-python = ">=3.8"\n[tool.setuptools.packages.find]\nwhere = ["src"]\n[tool.poetry]\npackages = [{include = "x", from = "src"}]\n',
    "requirements.txt": b"django==1.11\nflask\n-r other.txt\n",
    "alembic.ini": b"[alembic]\nscript_location = good\n", "tox.ini": b"[flake8]\nexclude = x\n",
    "Procfile": b"web: gunicorn good.wsgi\n", ".python-version": b"3.8\n",
}  # fmt: skip


@dataclass
class Input:
    """Files that are written over what a target always has, and the commands that are run, one after the other."""

    target: str
    files: Files
    commands: list[list[str]]
    honest: bool = False
    """Whether ``again`` must be what ``out`` is: what was changed may not be believed."""


def sources(random: Random, known: Sequence[Files], way: mutate.Change) -> Input:
    """A tree of which one to four files are changed."""
    base = dict(random.choice(known))
    others = [content for name, content in random.choice(known).items() if name.endswith(".py") and content]
    if random.random() < 0.2:
        base |= random.choice(known)
    for name in random.sample(sorted(base), min(len(base), random.choice((1, 1, 2, 4)))):
        change = way if name.endswith(".py") else mutate.data
        base[name] = change(base[name], random, others or [b"x = 1\n"])
    commands = [ANALYZE, *random.choice(([PLAN], [EXTRACT], *[[]] * 5))]
    return Input("", {f"tree/{name}": content for name, content in base.items() if usable(name)}, commands)


def usable(name: str) -> bool:
    """Whether the name can be written below a folder."""
    return not name.startswith("/") and ".." not in name and "\0" not in name and len(name) < 200


def of_bytes(random: Random, known: Sequence[Files]) -> Input:
    """Sources with changed bytes."""
    return sources(random, known, mutate.data)


def of_syntax(random: Random, known: Sequence[Files]) -> Input:
    """Sources with changed syntax trees."""
    return sources(random, known, mutate.python)


def settings(random: Random, _: Sequence[Files]) -> Input:
    """A configuration, boundaries, files of the project and of its tools."""
    files: Files = {f"tree/{name}": text.encode() for name, text in GOOD.items() if isinstance(text, str)}
    kind = random.randrange(4)
    rows = "".join(
        f"{k} = {mutate.toml(TABLE[k], random)}\n"
        for k in random.sample(sorted(TABLE), random.choice((1, 3, 8)))
    )
    if kind == 0:
        files["tree/strangler.toml"] = rows.encode("utf-8", "surrogatepass")
    elif kind == 1:
        files["tree/pyproject.toml"] = ("[tool.strangler]\n" + rows).encode("utf-8", "surrogatepass")
    elif kind == 2:
        text = "version = 1\n" if random.random() < 0.9 else f"version = {mutate.toml(1, random)}\n"
        for name in random.sample(("one", "two", '"é x"', '"\\u0000"', "a.b", "one"), random.choice((1, 2))):
            text += f"[contexts.{name}]\n"
            text += "".join(
                f"{k} = {mutate.toml(BOUNDARY[k], random)}\n" for k in random.sample(sorted(BOUNDARY), 3)
            )
        files["tree/strangler-boundaries.toml"] = text.encode("utf-8", "surrogatepass")
    else:
        files |= {f"tree/{name}": PROJECT[name] for name in random.sample(sorted(PROJECT), 4)}
    for name in [*files][len(GOOD) :]:
        if random.random() < 0.4 or kind == 3:
            files[name] = mutate.data(files[name], random, list(PROJECT.values()))
    second = random.choice(([], [], [["check", "tree", "-q", "-n", "--update-baseline"]], [["check", "tree", "-q", "-n", "--output-format", "json"]]))  # fmt: skip
    return Input("", files, [[*ANALYZE, "--show-settings"] if random.random() < 0.1 else ANALYZE, *second])


@functools.cache
def history() -> Files:
    """The files of ``.git`` of a small repository: packed, and two loose commits."""
    place = Path(tempfile.mkdtemp(prefix="fuzz-git-"))
    git = [
        "git",
        "-C",
        str(place),
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "gc.auto=0",
    ]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for number in range(8):
        write(
            place,
            GOOD
            | {
                "good/models.py": f"{GOOD['good/models.py']}# {number}\n",
                f"good/m{number % 3}.py": f"x = {number}\n",
            },
        )
        subprocess.run([*git, "add", "-A"], check=True)
        when = f"170000{number}000 +0000"
        environment = {
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
            "PATH": "/usr/bin:/bin",
            "HOME": str(place),
        }
        subprocess.run([*git, "commit", "-q", "-m", f"JIRA-{number} change"], check=True, env=environment)
        if number == 5:
            subprocess.run([*git, "repack", "-adq"], check=True)
    root = place / ".git"
    kept = [
        p
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.relative_to(root).parts[0] not in ("hooks", "logs")
    ]
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in kept}
    shutil.rmtree(place)
    return found


def repositories(random: Random, _: Sequence[Files]) -> Input:
    """A damaged or odd repository."""
    files: Files = {f"tree/{name}": text.encode() for name, text in GOOD.items() if isinstance(text, str)}
    files |= {f"tree/.git/{name}": content for name, content in history().items()}
    files |= {f"tree/.git/{name}": content for name, content in mutate.repository(history(), random).items()}
    return Input("", files, [ANALYZE])


@functools.cache
def answer_seeds() -> list[bytes]:
    """Whole answers."""
    rows = [
        {
            "id": 1,
            "name": "x",
            "price": "1.50",
            "when": "2026-01-01T00:00:00Z",
            "next": "/items/2",
            "tags": ["a"],
            "deep": {"a": [{"b": None}]},
        }
    ]
    html = b'<form action="/page"><input name="csrf" value="abc"><a href="/items/1?page=2">x</a><a href="@h/x"></a></form>'
    heads = (
        b"Content-Type: application/json\r\nSet-Cookie: a=b; Max-Age=50; Path=/\r\nETag: \"x\"\r\nCache-Control: max-age=1",
        b"Content-Type: text/html; charset=utf-8\r\nLocation: /page?token=abc\r\nDate: Sun, 29 Nov 2026 00:00:00 GMT",
        b"Content-Type: text/plain; charset=latin-1\r\nAllow: GET, POST\r\nVary: Accept\r\nWWW-Authenticate: Digest nonce=1",
        b"Content-Type: application/problem+json\r\nExpires: 0\r\nLast-Modified: Sun, 29 Nov 2026 00:00:00 GMT",
        b"Content-Type: multipart/mixed; boundary=x\r\nContent-Disposition: attachment; filename*=UTF-8''%e2%82",
    )  # fmt: skip
    found = []
    for status in (
        b"200 OK",
        b"404 Not Found",
        b"302 Found",
        b"405 No",
        b"204 None",
        b"401 No",
        b"500 X",
        b"206 Part",
    ):
        for head in heads:
            for body in (mutate.dumped(rows), mutate.dumped(rows[0]), html, b"", b"text\nlines\n" * 20):
                found.append(
                    b"HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (status, head, len(body), body)
                )
    return found


def answers(random: Random, known: Sequence[Files]) -> Input:
    """Four answers, given in turn, of an application that is recorded or verified."""
    files: Files = {}
    for number in range(4):
        content = random.choice(answer_seeds())
        head, _, body = content.partition(b"\r\n\r\n")
        if random.random() < 0.4 and body[:1] in (b"[", b"{"):
            body = mutate.dumped(mutate.document(json.loads(body), random))
        elif random.random() < 0.4:
            body = mutate.data(body, random)
        if random.random() < 0.5:
            head = mutate.data(
                head,
                random,
                [b"; charset=utf-7", b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n"],
            )
        if random.random() < 0.7:
            head = b"\r\n".join(
                b"Content-Length: %d" % len(body) if line.startswith(b"Content-Length") else line
                for line in head.split(b"\r\n")
            )
        files[f"answers/{number}"] = head + b"\r\n\r\n" + body
    record = [
        "record",
        "plan",
        "--target",
        "{target}",
        "-q",
        "--as",
        "boss=Authorization: Bearer x",
        "--as",
        "bob=Cookie: s=x",
    ]
    verify = ["verify", "routes", "plan", "--gateway-url", "{target}", "--samples", "30"]
    return Input("", files, [record if random.random() < 0.85 else verify])


BESIDE = ["report", "out", "--plans", "plan", "--format", "html", "-o", "made"]
STORES: dict[str, tuple[str, list[list[str]]]] = {
    "model": (
        "out/model.json",
        [
            *(["report", "out", "--format", name, "-o", "made"] for name in FORMATS),
            ["explain", "good.models", "--model", "out"], ["explain", "/a/", "--model", "out"], ["explain", "table:good_good", "--model", "out"], ["suggest", "good", "--model", "out"], ["suggest", "good_good", "--model", "out"],
            ["plan", "good", "--model", "out", "-o", "made"], ["plan", "--all", "--model", "out", "-o", "made"],
            ["extract", "good", "--model", "out", "--source", "tree", "-o", "made"], ["diff", "out", "old"], ["diff", "old", "out"],
            ["accept", "--model", "out", "-o", "b.toml"], ["progress", "out/model.json", "old/model.json"], ["analyze", "tree", "-o", "out", "-q", "-n", "-j", "1"],
        ],
    ),
    "baseline": ("baseline.json", [*([*CHECK, "baseline.json", "--output-format", name] for name in FINDINGS), ["check", "tree", "--baseline", "baseline.json", "-n", "-j", "1", "--update-baseline"], ["accept", "--model", "out", "--baseline", "baseline.json", "-o", "b.toml"]]),
    "plan": ("plan/plan.json", [["record", "plan", "--target", "http://127.0.0.1:9"], ["plan", "good", "--model", "out", "-o", "plan"], BESIDE]),
    "routes": ("plan/routing/routes.json", [["verify", "routes", "plan", "--gateway-url", "http://127.0.0.1:9"], BESIDE]),
    "manifest": ("plan/.strangler-files.json", [["plan", "good", "--model", "out", "-o", "plan"]]),
    "cases": ("plan/contracts/http/cases.json", [["record", "plan", "--target", "http://127.0.0.1:9"]]),
    "traces": ("traces.json", [[*ANALYZE, "--traces", "traces.json"]]),
}  # fmt: skip
TRACES = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "x"}}]}, "scopeSpans": [{"spans": [
    {"traceId": "ab", "spanId": "cd", "parentSpanId": "", "name": "GET /a/", "startTimeUnixNano": "1", "endTimeUnixNano": "5",
     "attributes": [{"key": "code.function", "value": {"stringValue": "good.views.a"}}, {"key": "http.route", "value": {"stringValue": "/a/"}},
                    {"key": "db.statement", "value": {"stringValue": "SELECT * FROM good_good"}}, {"key": "code.namespace", "value": {"stringValue": "good"}}]}]}]}]}  # fmt: skip


CASES = {
    "parameters": {"id": ["1"]}, "skip": ["/a/"],
    "requests": [{"method": "GET", "path": "/a/", "query": [["a", "b"]], "json": {"a": 1}, "identity": "boss"}],
}  # fmt: skip


def kept(random: Random, _: Sequence[Files], kind: str) -> Input:
    """A file of our own, edited."""
    name, verbs = STORES[kind]
    own = {"traces": TRACES, "cases": CASES}
    before = mutate.dumped(own[kind]) if kind in own else (stores.finished() / name).read_bytes()
    try:
        content = mutate.dumped(mutate.document(json.loads(before), random))
    except ValueError:
        content = mutate.data(before, random)
    if random.random() < 0.1:
        content = mutate.data(content, random)
    return Input("", {name: content}, [random.choice(verbs)])


def models(random: Random, known: Sequence[Files]) -> Input:
    """An edited model.json."""
    return kept(random, known, "model")


def baselines(random: Random, known: Sequence[Files]) -> Input:
    """Edited baselines, plans, routes, lists of files, traces."""
    return kept(
        random,
        known,
        random.choice(("baseline", "baseline", "plan", "routes", "manifest", "traces", "cases")),
    )


def cached(random: Random, known: Sequence[Files]) -> Input:
    """A cache that is damaged, planted or of another version."""
    files, honest = caches.made(random, known)
    return Input("", files, [caches.AGAIN], honest)


def drawn(random: Random, _: Sequence[Files]) -> Input:
    """Boundaries as the workshop of the report saves them, or that were accepted before."""
    text = "version = 1\n" if random.random() < 0.9 else f"version = {mutate.toml(1, random)}\n"
    for name in random.sample(("one", "two", '"é x"', "good", "one"), random.choice((1, 2, 3))):
        text += f"# why\n[contexts.{name}]\n"
        rows = BOUNDARY | {"modules": ["good.models", "good.urls"], "tables": ["good_good", "x"]}
        keys = random.sample(sorted(rows), random.choice((2, 4)))
        text += "".join(f"{key} = {mutate.toml(rows[key], random)}\n" for key in {*keys, "modules"})
    content = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.3:
        content = mutate.data(content, random)
    accept = ["accept", "--model", "out"]
    verb = random.choice((
        [*accept, "--from", "drawn.toml", "-o", "new.toml"], [*accept, "--from", "drawn.toml", "-o", "drawn.toml"],
        [*accept, "-o", "drawn.toml", "--notes", "n"], ["analyze", "tree", "-o", "again", "-q", "-n", "-j", "1", "--boundaries", "drawn.toml"],
    ))  # fmt: skip
    return Input("", {"drawn.toml": content}, [verb, [*accept, "-o", "new.toml"]])


def questions(random: Random, _: Sequence[Files]) -> Input:
    """Arguments that nobody meant, about a model that is whole."""
    real = (
        "good",
        "good.models",
        "good_good",
        "/a/",
        "table:good_good",
        "good/models.py",
        "move:good.models=good",
    )
    said = random.choice((*mutate.ODD_TEXTS, *real))
    said = random.choice(
        (said, "/" + said, "table:" + said, said + random.choice(real), random.choice(real) + said)
    )
    said = said.replace("\0", "")
    one = said if not said.startswith("-") else f"x{said}"
    verb = random.choice((
        ["explain", one, "--model", "out"], ["explain", "good", one, "--model", "out"], ["suggest", one, "--model", "out"],
        ["plan", one, "--model", "out", "-o", "made"], ["extract", one, "--model", "out", "--source", "tree", "-o", "made"],
        ["accept", "--model", "out", f"--level={one}", "-o", "b.toml"], ["accept", "--model", "out", f"--decided={one}", "-o", "b.toml"],
        ["accept", "--model", "out", f"--notes={one}", f"--decided-by={one}", "-o", "b.toml"], ["accept", one, "--model", "out", "-o", "b.toml"],
        [*ANALYZE, f"--what-if={one}"], [*ANALYZE, f"--since={one}"], [*ANALYZE, f"--source-url={one}"], [*ANALYZE, f"--config={one}"],
        [*ANALYZE, f"--config=contexts.{one}"], [*ANALYZE, f"--limit={one}"], [*ANALYZE, f"--limit=call-depth={one}"],
        ["report", "out", "--format", "html", "-o", "made", f"--source-url={one}"],
        ["plan", "good", "--model", "out", "-o", "made", f"--service-url={one}"], ["plan", "good", "--model", "out", "-o", "made", f"--monolith-url={one}"],
        ["record", "plan", "--target", f"http://127.0.0.1:9{one}"], ["record", "plan", "--target", "http://127.0.0.1:9", f"--as={one}"],
        ["verify", "routes", "plan", "--gateway-url", f"http://127.0.0.1:9{one}"],
        ["check", "tree", "-n", "-j", "1", "--baseline", "baseline.json", f"--config={one}"],
    ))  # fmt: skip
    return Input("", {}, [verb])


@functools.cache
def base(target: str) -> Path | None:
    """What lies in the folder before the files of an input are written."""
    if target == "cached":
        return stores.finished()
    if target in ("models", "baselines", "drawn", "questions"):
        place = Path(tempfile.mkdtemp(prefix="fuzz-base-"))
        shutil.copytree(stores.finished(), place, dirs_exist_ok=True)
        shutil.copytree(place / "out", place / "old")
        shutil.rmtree(place / "cache")
        return place
    if target == "answers":
        return servers.planned(9).parent
    return None


TARGETS = {
    "bytes": of_bytes,
    "syntax": of_syntax,
    "settings": settings,
    "git": repositories,
    "answers": answers,
    "models": models,
    "baselines": baselines,
    "cached": cached,
    "drawn": drawn,
    "questions": questions,
}
