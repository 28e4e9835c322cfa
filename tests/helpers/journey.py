"""A context on its way out of a sample monolith and back: by the commands of its plan, on real programs."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg

from helpers.blocks import Page
from helpers.monolith import replay, run, wait_until_healthy
from helpers.ports import free_port
from helpers.postgres import Server
from helpers.seams import TOKEN

PROGRAMS = Path(__file__).resolve().parents[1] / "extraction"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True)
class Sample:
    """A sample monolith, the context that leaves it, and who asks for its pages."""

    name: str
    context: str
    people: Mapping[str, str]
    """Name -> header."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What a team sets for every program of it."""
    use: str = ""
    """Of SQLAlchemy: ``module:name`` of its database."""
    decided: tuple[str, str] = ("", "")
    """What the team writes into its boundaries in place of what."""


class Process:
    """A program that a supervisor keeps up: it begins anew when it was killed."""

    def __init__(self, command: Sequence[object], folder: Path, environment: Mapping[str, str], log: Path):
        self._command, self._folder, self._environment = list(map(str, command)), folder, environment
        self._log, self._stopped = log, threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as out:
            return subprocess.Popen(
                self._command, cwd=self._folder, env=dict(self._environment), stdout=out, stderr=out
            )

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._process.wait()
            if not self._stopped.is_set():
                self._process = self._start()

    def __enter__(self) -> Process:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._thread.join(10)

    def answers(self, url: str) -> Process:
        """Wait until it does."""
        wait_until_healthy(url, self._process, self._log)
        return self

    def kill(self) -> None:
        """SIGKILL, at whatever it does."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)


class Deaths:
    """Victims that die at random moments, so many times in all."""

    def __init__(self, victims: Sequence[Callable[[], None]], number: int, longest: float) -> None:
        self._victims, self._longest, self.left = victims, longest, number
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.failed: list[Exception] = []

    def _work(self) -> None:
        chance = random.Random(self.left)
        try:
            while self.left and not self._ended.wait(chance.uniform(0.1, self._longest)):
                chance.choice(self._victims)()
                self.left -= 1
        except Exception as error:
            self.failed.append(error)

    def __enter__(self) -> Deaths:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Until the last of them."""
        self._thread.join(120)
        assert not self.failed, self.failed
        assert not self.left

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(60)


class Kept:
    """Rows and counters of a database, to be put back as they were."""

    def __init__(self, url: str, tables: Sequence[str]) -> None:
        self._url = url
        self._rows: dict[str, bytes] = {}
        self._counters: dict[str, tuple[int, bool]] = {}
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            for name in tables:
                with cursor.copy(f"COPY {name} TO STDOUT") as copy:
                    self._rows[name] = b"".join(map(bytes, copy))
            cursor.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"SELECT last_value, is_called FROM {name}")
                self._counters[name] = cursor.fetchone()

    def elsewhere(self, url: str, tables: Sequence[str]) -> Kept:
        """The same rows of some tables in another database."""
        other = Kept(url, [])
        other._rows = {name: self._rows[name] for name in tables if name in self._rows}
        other._counters = {name: value for name, value in self._counters.items() if name in other._counters}
        return other

    def without(self, tables: Sequence[str]) -> Kept:
        """The rows of the other tables."""
        other = Kept(self._url, [])
        other._rows = {name: rows for name, rows in self._rows.items() if name not in tables}
        other._counters = self._counters
        return other

    def _put_back(self, cursor: psycopg.Cursor, name: str, rows: bytes) -> None:
        """Undo what has changed, and no more: the other side follows a delete."""
        cursor.execute(f"CREATE TEMP TABLE kept (LIKE {name}) ON COMMIT DROP")
        with cursor.copy("COPY kept FROM STDIN") as copy:
            copy.write(rows)
        columns = (
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        )
        key = (
            " AND attnum = ANY (SELECT unnest(indkey) FROM pg_index"
            " WHERE indrelid = %s::regclass AND indisprimary)"
        )
        every = [f'"{row[0]}"' for row in cursor.execute(columns, (name,)).fetchall()]
        keys = [f'"{row[0]}"' for row in cursor.execute(columns + key, (name, name)).fetchall()]
        same = " AND ".join(f"kept.{column} = now.{column}" for column in keys)
        cursor.execute(f"DELETE FROM {name} AS now WHERE NOT EXISTS (SELECT FROM kept WHERE {same})")
        sets = ", ".join(f"{column} = excluded.{column}" for column in every if column not in keys)
        cursor.execute(
            f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM kept "
            f"ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"
        )
        cursor.execute("DROP TABLE kept")

    def put_back(self) -> None:
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self._rows.items():
                self._put_back(cursor, name, rows)
            for name, (value, called) in self._counters.items():
                cursor.execute("SELECT setval(%s, %s, %s)", (name, value, called))


@contextmanager
def putting_back(states: list[Kept]) -> Iterator[str]:
    """An address: after a POST the states are there again."""

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            for state in states:
                state.put_back()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Control) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass(frozen=True)
class Seams:
    """A context that is called over the boundary."""

    variable: str
    provider: str
    """``service`` or ``monolith``."""
    package: str
    context: str
    steps: bool
    """Whether something is called after a commit."""

    @property
    def caller(self) -> str:
        return "monolith" if self.provider == "service" else "service"


class Journey:
    """The monolith on one server, an empty database on another, and what strangler wrote."""

    def __init__(self, sample: Sample, folder: Path, monolith: Server, service: Server) -> None:
        self.sample, self.folder, self.monolith, self.service = sample, folder, monolith, service
        self.tree = replay(sample.name, folder / "tree")
        self.model = folder / "model"
        self.plan = self.model / f"plan-{sample.context}"
        self.out = self.plan / "service"
        self.ports = {name: free_port() for name in ("monolith", "service", "gateway", "seam")}
        monolith.rows("CREATE ROLE team LOGIN")
        monolith.rows("CREATE DATABASE data OWNER team")
        service.rows("CREATE ROLE maker LOGIN")
        service.rows("CREATE ROLE mine LOGIN")
        service.rows("CREATE DATABASE data OWNER maker")
        self.seed()

    # -- programs ---------------------------------------------------------------------------------------

    def environment(self, server: Server, user: str) -> dict[str, str]:
        """Of a program that works on a database."""
        return {
            **os.environ,
            "PATH": PATH,
            "PYTHONPATH": str(PROGRAMS),
            "PYTHONWARNINGS": "ignore",
            "SEAM_TOKEN": TOKEN,
            "SAGA_USE": self.sample.use,
            "TEST_URL": server.url("data", user),
            **self.sample.settings,
        }

    @property
    def before(self) -> dict[str, str]:
        """The settings of the monolith."""
        return self.environment(self.monolith, "team")

    @property
    def after(self) -> dict[str, str]:
        """Those of the service on its own database."""
        return self.environment(self.service, "mine")

    def seed(self) -> None:
        command = [sys.executable, PROGRAMS / "on_postgres.py", self.sample.name, "seed"]
        subprocess.run(command, cwd=self.tree, env=self.before, check=True)

    def program(self, place: str, tree: Path, environment: Mapping[str, str]) -> Process:
        """A web process of the monolith or of the service."""
        command = [sys.executable, PROGRAMS / "on_postgres.py", self.sample.name, self.ports[place]]
        return Process(command, tree, environment, self.folder / f"{place}.log")

    @contextmanager
    def serving(self, place: str, tree: Path, environment: Mapping[str, str]) -> Iterator[Process]:
        with self.program(place, tree, environment) as process:
            yield process.answers(f"http://127.0.0.1:{self.ports[place]}")

    def python(self, words: Sequence[str], tree: Path, environment: Mapping[str, str]) -> str:
        """What a program of Python says."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tree,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
        return done.stdout + done.stderr

    # -- what a team types ------------------------------------------------------------------------------

    def git(self, *arguments: object) -> None:
        """A command in the monolith's tree."""
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *who, *map(str, arguments)], cwd=self.tree, check=True)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def does(self, stage: int, *wanted: str) -> None:
        """Run the commands of a stage of ``PLAN.md``, as printed, that begin so, in their order."""
        page = (self.plan / "PLAN.md").read_text()
        (variables,) = re.findall(r"```bash\n(export .*?)```", page, re.DOTALL)
        part = page.partition(f"### Stage {stage}:")[2].partition("### Stage")[0]
        (block,) = re.findall(r"^  ```bash\n(.*?)^  ```$", part, re.DOTALL | re.MULTILINE)
        lines = [line.strip() for line in block.splitlines() if line.strip().startswith(wanted)]
        assert len(lines) == len(wanted), block
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join([variables, *lines])],
            cwd=self.plan,
            env={**os.environ, "PATH": PATH},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def prepare(self, reset: str) -> None:
        """From the monolith to the code of the service; the monolith is running."""
        url, service = (f"http://127.0.0.1:{self.ports[name]}" for name in ("monolith", "service"))
        strangler, model = ("-m", "strangler"), ("--model", self.model)
        run(*strangler, "analyze", self.tree, "-o", self.model, "--quiet")
        run(*strangler, "accept", *model, "--source", self.tree, "--quiet")
        boundaries = self.tree / "strangler-boundaries.toml"
        proposed, decided = self.sample.decided
        assert proposed in boundaries.read_text()
        boundaries.write_text(boundaries.read_text().replace(proposed, decided))
        self.commit("What was decided")
        run(*strangler, "analyze", self.tree, "-o", self.model, "--quiet")
        addresses = ("--monolith-url", url, "--service-url", service, "--listen", self.ports["gateway"])
        given = (*model, "--source", self.tree, *addresses, "--gateway", "nginx")
        run(*strangler, "plan", self.sample.context, *given)
        recorded = (*model, "--target", url, *self.people, "--writes", "--reset", reset)
        run(*strangler, "record", self.plan, *recorded)
        self.does(1, "git -C")
        self.commit("The seams, their switches off")
        self.does(2, "strangler analyze", "strangler extract")

    @property
    def people(self) -> list[str]:
        found = [("--as", f"{name}={header}") for name, header in self.sample.people.items()]
        return [word for pair in found for word in pair]

    @property
    def page(self) -> Page:
        """``data/README.md``; the service's code makes its tables as their owner."""
        environment = {
            **self.environment(self.service, "maker"),
            "MONOLITH_DB": self.monolith.url("data"),
            "SERVICE_DB": self.service.url("data"),
            "MONOLITH_LINK": self.monolith.link("data"),
            "SERVICE_LINK": self.service.link("data"),
            "SERVICE_ROLE": "mine",
            "COPY_PASSWORD": "it's a \\ secret",
        }
        return Page(self.out / "data" / "README.md", self.out, environment)

    def suite(self, url: str, reset: str) -> int:
        """The recorded suite is green; how many cases it has."""
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "."]
        command += ["--base-url", url, "--reset", reset, *self.people]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        folder = self.plan / "contracts" / "http"
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-6000:]
        (count,) = re.findall(r"(\d+) passed", done.stdout)
        return int(count)

    # -- calls over the boundary ------------------------------------------------------------------------

    @property
    def seams(self) -> Seams:
        """What ``seams/BLOCKERS.md`` says about turning the switches on."""
        text = (self.plan / "seams" / "BLOCKERS.md").read_text()
        rows = re.findall(
            r"^\| `(SEAM_\w+)` \| .* \| the (service|monolith): `python -m (\S+)\.server (\S+) .*` \|$",
            text,
            re.MULTILINE,
        )
        ((variable, provider, package, context),) = rows
        return Seams(variable, provider, package, context, "## Steps of sagas" in text or "## Events" in text)

    def side(self, name: str) -> tuple[Path, dict[str, str]]:
        """The code and the settings of the monolith, or of the service on its own database."""
        return (self.tree, self.before) if name == "monolith" else (self.out / "service", self.after)

    @property
    def switched(self) -> dict[str, str]:
        """The setting that turns the calls on."""
        return {self.seams.variable: f"http://127.0.0.1:{self.ports['seam']}"}

    @contextmanager
    def answering(self) -> Iterator[list[Process]]:
        """Who answers the calls, and who sees to it that each arrives."""
        seams = self.seams
        use = ("--use", self.sample.use) if self.sample.use else ()
        tree, environment = self.side(seams.provider)
        listen = ("--listen", f"127.0.0.1:{self.ports['seam']}")
        command = [sys.executable, "-m", f"{seams.package}.server", seams.context, *listen, *use]
        with Process(command, tree, environment, self.folder / "seam.log") as provider:
            tree, environment = self.side(seams.caller)
            command = [sys.executable, "-m", f"{seams.package}.saga", "work", "--every", "0.2"]
            with Process(command, tree, environment | self.switched, self.folder / "worker.log") as worker:
                yield [provider, worker]

    # -- what is there ----------------------------------------------------------------------------------

    def tables(self) -> list[str]:
        """All of the monolith's."""
        return self.monolith.rows(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'", "data"
        )

    def written(self) -> list[str]:
        """The tables that the service may write."""
        return self.service.rows(
            "SELECT DISTINCT format('%I.%I', table_schema, table_name)"
            " FROM information_schema.table_privileges"
            " WHERE grantee = 'mine' AND privilege_type = 'INSERT' AND table_name NOT LIKE 'strangler%'",
            "data",
        )

    def removal(self) -> dict[str, Any]:
        """What ``code-out.patch`` does."""
        return json.loads((self.out / "code-out.json").read_text())


def left(server: Server) -> list[str]:
    """What streams would need."""
    return server.rows(
        "SELECT slot_name::text FROM pg_replication_slots UNION ALL SELECT pubname::text FROM pg_publication"
        " UNION ALL SELECT subname::text FROM pg_subscription"
        " UNION ALL SELECT roname FROM pg_replication_origin"
        " UNION ALL SELECT rolname::text FROM pg_roles WHERE rolreplication AND NOT rolsuper"
        " UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT relname::text FROM pg_class WHERE relreplident = 'f'",
        "data",
    )


def stream_dies(server: Server) -> None:
    """Whatever sends or receives changes on a server ends, as if the network had."""
    server.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE backend_type = 'walsender' OR backend_type LIKE 'logical replication%worker'"
    )


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that has to come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
