"""A service on its own database: the commands of ``data/README.md``, run as they stand, on real servers."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
from helpers.blocks import Page
from helpers.facade import Facade
from helpers.monolith import FIXTURES, NOW, run, wait_until_healthy
from helpers.ports import free_port
from helpers.postgres import Server, servers
from helpers.seams import TOKEN

SHOP = FIXTURES / "django_shop"
PEOPLE = ("--as", "ada=Authorization: Token ada-token", "--as", "staff=Authorization: Token staff-token")
SPARE = "SELECT id FROM auth_user WHERE username = 'spare'"
SETTINGS = """\
import os
from shop.settings import *
DATABASES["default"] = {
    "ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": os.environ["TEST_PORT"],
    "NAME": os.environ["TEST_NAME"], "USER": os.environ["TEST_USER"],
}
"""


class Kept:
    """Rows and counters of a database, to be put back as they were."""

    def __init__(self, url: str, tables: list[str]) -> None:
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

    def elsewhere(self, url: str, tables: list[str]) -> Kept:
        """The same rows of some tables in another database."""
        other = Kept(url, [])
        other._rows = {name: self._rows[name] for name in tables}
        other._counters = {name: value for name, value in self._counters.items() if name in other._counters}
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
    """An address: after a POST the last of the states is there again."""

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            states[-1].put_back()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Control) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Stage:
    """The monolith on one server, an empty database on another, and what strangler wrote."""

    def __init__(self, folder: Path, monolith: Server, service: Server) -> None:
        self.folder, self.monolith, self.service = folder, monolith, service
        self.tree = folder / "shop"
        shutil.copytree(SHOP, self.tree, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
        self.git("init", "--quiet")
        self.model = folder / "model"
        self.plan = self.model / "plan-customers"
        self.out = self.plan / "service"
        monolith.rows("CREATE ROLE shop LOGIN")
        monolith.rows("CREATE DATABASE shop OWNER shop")
        service.rows("CREATE ROLE maker LOGIN")
        service.rows("CREATE ROLE customers_service LOGIN")
        service.rows("CREATE DATABASE customers OWNER maker")
        (folder / "settings").mkdir()
        (folder / "settings" / "on_postgres.py").write_text(SETTINGS)

    def git(self, *arguments: str) -> None:
        """A command in the monolith's tree."""
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *who, *arguments], cwd=self.tree, check=True)

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
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join([variables, *lines])],
            cwd=self.plan,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def environment(self, server: Server, database: str, user: str) -> dict[str, str]:
        """Of a program that works on a database."""
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder / "settings"),
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "on_postgres",
            "TEST_PORT": str(server.port),
            "TEST_NAME": database,
            "TEST_USER": user,
        }

    @property
    def page(self) -> Page:
        """The page; the service's code makes its tables as their owner."""
        environment = {
            **self.environment(self.service, "customers", "maker"),
            "MONOLITH_DB": self.monolith.url("shop"),
            "SERVICE_DB": self.service.url("customers"),
            "MONOLITH_LINK": self.monolith.link("shop"),
            "SERVICE_LINK": self.service.link("customers"),
            "SERVICE_ROLE": "customers_service",
            "COPY_PASSWORD": "it's a \\ secret",
        }
        return Page(self.out / "data" / "README.md", self.out, environment)

    @contextmanager
    def serving(self, tree: Path, environment: dict[str, str], port: int) -> Iterator[str]:
        log = self.folder / f"{port}.log"
        command = [sys.executable, "serve.py", "--port", str(port), "--now", NOW]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=tree, env=environment, stdout=out, stderr=out)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)

    def suite(self, url: str, reset: str) -> None:
        """The recorded suite is green."""
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "."]
        command += ["--base-url", url, "--reset", reset, *PEOPLE]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        folder = self.plan / "contracts" / "http"
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-6000:]


class Writers:
    """The monolith's own code, writing: what it said yes to, and whether it still says yes."""

    def __init__(self, url: str, database: str) -> None:
        self._url, self._database = url, database
        self._stopped = threading.Event()
        self.streets: list[str] = []
        self.points = 0
        self.keys: set[str] = set()
        self.refused = 0
        self._threads = [threading.Thread(target=work) for work in (self._addresses, self._tokens)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _addresses(self) -> None:
        """Over HTTP: a new row with an integer key."""
        while not self._stopped.is_set():
            street = f"{len(self.streets)} {secrets.token_hex(4)} Street"
            body = json.dumps({"street": street, "postcode": "1", "city": "Town"}).encode()
            headers = {"Authorization": "Token ada-token", "Content-Type": "application/json"}
            request = urllib.request.Request(
                f"{self._url}/api/customers/1/addresses/", data=body, headers=headers
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    assert answer.status == 201
                    self.streets.append(street)
            except urllib.error.HTTPError as error:
                self.refused += error.code == 500
                time.sleep(0.05)

    def _tokens(self) -> None:
        """By a job of its own: text keys come and go, a counter is raised."""
        with psycopg.connect(self._database, autocommit=True) as connection:
            while not self._stopped.is_set():
                key = secrets.token_hex(8)
                try:
                    with connection.transaction():
                        connection.execute("UPDATE customers_customer SET points = points + 1 WHERE id = 1")
                        connection.execute(f"DELETE FROM customers_apitoken WHERE user_id = ({SPARE})")
                        connection.execute(
                            f"INSERT INTO customers_apitoken SELECT %s, now(), ({SPARE})", (key,)
                        )
                    self.points += 1
                    self.keys = {key}
                except psycopg.errors.InsufficientPrivilege as error:
                    self.refused += "is not written here" in str(error)
                    time.sleep(0.05)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with servers(2) as (monolith, service):
        yield Stage(tmp_path_factory.mktemp("own-database"), monolith, service)


@dataclass(frozen=True)
class Ports:
    """Where everything answers, from the first stage to the last."""

    monolith: int
    service: int
    gateway: int
    seam: int


def prepare(stage: Stage, ports: Ports, reset: str) -> None:
    """The commands of a team, in their order."""
    url, service = (f"http://127.0.0.1:{port}" for port in (ports.monolith, ports.service))
    strangler, model = ("-m", "strangler"), ("--model", stage.model)
    stage.commit("The monolith as it was")
    run(*strangler, "analyze", stage.tree, "-o", stage.model, "--quiet")
    run(*strangler, "accept", *model, "--source", stage.tree, "--quiet")
    stage.commit("What was decided")
    run(*strangler, "analyze", stage.tree, "-o", stage.model, "--quiet")
    addresses = ("--monolith-url", url, "--service-url", service, "--listen", ports.gateway)
    run(*strangler, "plan", "customers", *model, "--source", stage.tree, *addresses, "--gateway", "nginx")
    run(*strangler, "record", stage.plan, *model, "--target", url, *PEOPLE, "--writes", "--reset", reset)
    stage.does(1, "git -C")
    stage.commit("The seams, their switches off")
    stage.does(2, "strangler analyze", "strangler extract")


PRICE = """
import django
django.setup()
from shop.catalog.models import Product
from shop.catalog.pricing import discounted
from shop.customers.models import Customer
print(discounted(Product.objects.get(pk=1), Customer.objects.get(pk=1)))
"""
"""What stays, and needs what leaves: a product's price, with the customer's discount in it."""


def price(stage: Stage, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", PRICE]
    done = subprocess.run(
        command, cwd=stage.tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_context_leaves_by_its_plan_and_comes_all_the_way_back_while_the_monolith_writes(
    stage: Stage,
) -> None:
    before = stage.environment(stage.monolith, "shop", "shop")
    subprocess.run([sys.executable, "serve.py", "--seed-only"], cwd=stage.tree, env=before, check=True)
    tables = stage.monolith.rows(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'", "shop"
    )
    states = [Kept(stage.monolith.url("shop"), tables)]
    ports = Ports(free_port(), free_port(), free_port(), free_port())
    with putting_back(states) as reset:
        with stage.serving(stage.tree, before, ports.monolith) as url:
            prepare(stage, ports, reset)
            there_and_back(stage, states, url)
            discounted = price(stage, before)
        after = stage.environment(stage.service, "customers", "customers_service") | {"SEAM_TOKEN": TOKEN}
        with (
            stage.serving(stage.out / "service", after, ports.service),
            answering(stage.out / "service", after, ports.seam),
        ):
            states.append(states[0].elsewhere(stage.service.url("customers"), written(stage)))
            states[-1].put_back()
            stage.does(4, "git -C")
            gone = json.loads((stage.out / "code-out.json").read_text())["files"]
            assert "shop/customers/api.py" in gone
            assert not [path for path in gone if (stage.tree / path).exists()], "its code is out"
            switched = before | {
                "SEAM_CUSTOMERS_URL": f"http://127.0.0.1:{ports.seam}",
                "SEAM_TOKEN": TOKEN,
            }
            with stage.serving(stage.tree, switched, ports.monolith), Facade(stage.plan) as facade:
                facade.stage("full")
                stage.suite(facade.url, reset)
            assert price(stage, switched) == discounted, "asked over the seam"
        stage.git("apply", "-R", "--index", str(stage.out / "code-out.patch"))
        stage.page.do("4.")
        stage.page.do("6.")
        states.pop()
        assert left(stage.monolith, "shop") == left(stage.service, "customers") == []
        with stage.serving(stage.tree, before, ports.monolith), Facade(stage.plan) as facade:
            facade.stage("rollback")
            states[0].put_back()
            stage.suite(facade.url, reset)


@contextmanager
def answering(folder: Path, environment: dict[str, str], port: int) -> Iterator[None]:
    """What answers calls of the monolith, beside the service."""
    command = [sys.executable, "-m", "shop.seams.server", "customers", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()


def there_and_back(stage: Stage, states: list[Kept], url: str) -> None:
    """The data moves out, back, and out again: nothing is lost or doubled, whoever writes."""
    states[0].put_back()
    stage.monolith.rows(
        "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff,"
        " is_active, date_joined) VALUES ('spare', 'x', false, '', '', '', false, true, now())",
        "shop",
    )
    points = int(stage.monolith.rows("SELECT points FROM customers_customer WHERE id = 1", "shop")[0])
    page = stage.page
    with Writers(url, stage.monolith.url("shop", "shop")) as writers:
        page.do("1.")
        page.do("2.")
        page.do("3.")
        while not writers.refused:
            time.sleep(0.05)
    nothing_is_lost(stage.service, "customers", writers, points)
    page.do("4.")
    nothing_is_lost(stage.monolith, "shop", writers, points)
    with Writers(url, stage.monolith.url("shop", "shop")) as again:
        while not (again.streets and again.points):
            time.sleep(0.05)
        assert not again.refused, "the monolith writes again"
        page.do("2.")
    page.do("3.")


def left(server: Server, database: str) -> list[str]:
    """What streams would need."""
    return server.rows(
        "SELECT slot_name::text FROM pg_replication_slots UNION ALL SELECT pubname::text FROM pg_publication"
        " UNION ALL SELECT subname::text FROM pg_subscription"
        " UNION ALL SELECT roname FROM pg_replication_origin"
        " UNION ALL SELECT rolname::text FROM pg_roles WHERE rolreplication AND NOT rolsuper"
        " UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT relname::text FROM pg_class WHERE relreplident = 'f'",
        database,
    )


def written(stage: Stage) -> list[str]:
    """The tables that the service may write."""
    return stage.service.rows(
        "SELECT DISTINCT format('%I.%I', table_schema, table_name) FROM information_schema.table_privileges"
        " WHERE grantee = 'customers_service' AND privilege_type = 'INSERT'",
        "customers",
    )


def nothing_is_lost(server: Server, database: str, writers: Writers, points: int) -> None:
    """What the monolith said yes to is there once, and nothing else."""
    assert len(writers.streets) > 20
    streets = "SELECT street FROM customers_address WHERE city = 'Town' ORDER BY id"
    assert server.rows(streets, database) == writers.streets
    (there,) = server.rows("SELECT points FROM customers_customer WHERE id = 1", database)
    assert int(there) == points + writers.points
    keys = f"SELECT key FROM customers_apitoken WHERE user_id = ({SPARE})"
    assert set(server.rows(keys, database)) == writers.keys
