"""PostgreSQL servers of a test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.ports import free_port

OLDEST = 15
ADMIN = "postgres"
USER = ADMIN if os.geteuid() == 0 else None
"""Who runs it: not root, which it refuses."""
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_slot_wal_keep_size = '1GB'
max_wal_senders = 20
max_replication_slots = 20
max_logical_replication_workers = 10
max_sync_workers_per_subscription = 4
wal_receiver_status_interval = 1
wal_retrieve_retry_interval = 200
fsync = off
"""


@dataclass(frozen=True)
class Server:
    """A running server that trusts everybody."""

    port: int
    data: Path | None = None
    """Its files."""

    def url(self, database: str = ADMIN, user: str = ADMIN) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def link(self, database: str) -> str:
        """How another server reaches it."""
        return f"host=127.0.0.1 port={self.port} dbname={database}"

    def crash(self) -> None:
        """Let it die in the middle of whatever it does, and start it again."""
        for words in (["-m", "immediate", "stop"], ["-w", "-l", f"{self.data}/log", "start"]):
            _call(programs() / "pg_ctl", "-D", self.data, *words)

    def rows(self, text: str, database: str = ADMIN) -> list[str]:
        """What a query answers, a line a row."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def programs() -> Path:
    """Where the server's programs are; skips the test where there are none."""
    folders = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
    ]
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in sorted(folders, reverse=True):
        if (folder / "initdb").exists() and shutil.which("psql"):
            told = subprocess.run(
                [folder / "initdb", "--version"], capture_output=True, text=True, check=False
            )
            if int(told.stdout.split()[2].split(".")[0]) >= OLDEST:
                return folder
    pytest.skip("PostgreSQL 15 or later is not installed: see tests/extraction/system-packages.txt")


@contextmanager
def servers(count: int) -> Iterator[list[Server]]:
    """New servers; they and their data are gone at the end."""
    folder = programs()
    root = Path(tempfile.mkdtemp(prefix="strangler-postgres-"))
    if USER:
        os.chown(root, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
    found: list[Server] = []
    try:
        made = ("-A", "trust", "-U", ADMIN, "-N", "-E", "UTF8", "--locale", "C")
        _call(folder / "initdb", "-D", root / "0", *made)
        for number in range(1, count):
            _call("cp", "-a", root / "0", root / str(number))
        for number in range(count):
            server = Server(free_port(), root / str(number))
            with (root / str(number) / "postgresql.conf").open("a") as out:
                out.write(f"{SETTINGS}port = {server.port}\n")
            _call(folder / "pg_ctl", "-D", server.data, "-w", "-l", f"{server.data}/log", "start")
            found.append(server)
        yield found
    finally:
        for server in found:
            _call(folder / "pg_ctl", "-D", server.data, "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)


def _call(*command: object) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd="/", user=USER, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
