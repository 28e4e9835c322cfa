"""The sample shop with its warehouse and its billing as services, while everything fails at random.

The warehouse has a database of its own, a copy of the shop's: orders reserve there inside their transaction.
Billing is another process on the shop's database: invoices follow the commit.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg

from helpers.monolith import NOW
from helpers.ports import free_port
from helpers.postgres import Server
from helpers.seams import TOKEN, patched

SETTINGS = """
import os
from shop.settings import *
DATABASES["default"] = {
    "ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": os.environ["TEST_PORT"],
    "NAME": os.environ["TEST_NAME"], "USER": "postgres", "CONN_MAX_AGE": 60,
}
"""
PROGRAM = """
import os, random, sys, time
import django
django.setup()
from waitress import serve
from shop.wsgi import application

if os.path.exists("shop/seams/saga.py"):
    from shop.seams import client, database, inbox, saga
    from shop.seams.server import provide

    client.PAUSE, saga.LONGEST, saga.LEASE = 0.3, 1.0, 3.0

while os.environ.get("FOREVER"):  # what a supervisor does, without the time to start
    child = os.fork()
    if not child:
        break
    os.write(int(os.environ["TOLD"]), f"pid {child}\\n".encode())
    os.waitpid(child, 0)

random.seed()
role, port = sys.argv[1], int(sys.argv[2])
if role == "worker":
    sys.exit(saga.main(["work", "--every", "0.2"]))
dying, failing, slow = map(float, os.environ.get("FAULTS", "0 0 0").split())


def storm(probability):
    return random.random() < probability and not os.path.exists("calm")


def point(name):
    if storm(dying):
        os.write(int(os.environ["TOLD"]), f"{name}\\n".encode())
        os._exit(1)


def around(owner, name):
    real = getattr(owner, name)

    def called(*arguments, **named):
        point(f"before {name}")
        try:
            return real(*arguments, **named)
        finally:
            point(f"after {name}")

    setattr(owner, name, called)


if role != "monolith":
    application = provide(application, role)
    if dying:
        around(database.Database, "insert")  # the note of a step
        around(inbox, "once")  # the whole step: after it, it is committed and not answered
        around(inbox, "settle")
        around(database.Database, "flush")  # between what it does and the note of its answer

    def faulty(environ, start_response, real=application):
        if environ["PATH_INFO"].startswith("/_strangler/"):
            if storm(failing):
                start_response(random.choice(["500 Failing", "503 Failing"]), [])
                return [b"{}"]
            if storm(slow):
                time.sleep(1.5)
            answer = real(environ, start_response)
            if storm(slow):
                time.sleep(1.5)
            return answer
        return real(environ, start_response)

    application = faulty
serve(application, host="127.0.0.1", port=port, threads=8, ident="shop")
"""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
from shop.seams import saga

call_command("migrate", verbosity=0)
call_command("seed", verbosity=0)
saga.main(["install"])
"""
PIECES = 100_000
"""Of each product on the shelf at first; of the last one there are too few."""
TRIES = 12
"""How often a customer orders the same."""


class Process:
    """A program that is there again whenever it has died."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.deaths = -1
        self.died_at: Counter[str] = Counter()
        self._pid = 0
        reading, writing = os.pipe()
        with (folder / "storm.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment | {"FOREVER": "1", "TOLD": str(writing)},
                stdout=log,
                stderr=log,
                pass_fds=[writing],
                start_new_session=True,
            )
        os.close(writing)
        self._thread = threading.Thread(target=self._read, args=(os.fdopen(reading),), daemon=True)
        self._thread.start()

    def _read(self, told: IO[str]) -> None:
        with told:
            for line in told:
                word, _, number = line.strip().rpartition(" ")
                if word == "pid":
                    self._pid, self.deaths = int(number), self.deaths + 1
                else:
                    self.died_at[line.strip()] += 1

    def kill(self) -> None:
        """SIGKILL."""
        with suppress(ProcessLookupError):
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._thread.join()


class Storm:
    """The three services and the worker.

    Args:
        folder: for the copy of the shop.
        server: PostgreSQL.
        few: pieces of the last product.
    """

    def __init__(self, folder: Path, server: Server, few: int = 25) -> None:
        self.found = patched("django_shop", folder / "shop")
        self.folder, self.server = self.found.folder, server
        (self.folder / "on_postgres.py").write_text(SETTINGS)
        (self.folder / "program.py").write_text(PROGRAM)
        self.ports = {role: free_port() for role in ("monolith", "warehouse", "billing")}
        server.rows("CREATE DATABASE shop")
        self.run("-c", PREPARE, seams=False)  # the switches are off until all is there
        server.rows(
            f"UPDATE wh_stock SET quantity = {PIECES}; UPDATE catalog_product SET available = true", "shop"
        )
        server.rows("CREATE DATABASE warehouse TEMPLATE shop")
        server.rows("UPDATE strangler_saga SET saga = 'warehouse'", "warehouse")
        rows = server.rows("SELECT id, slug FROM catalog_product WHERE available ORDER BY id LIMIT 4", "shop")
        self.products = {line.split("|")[1]: int(line.split("|")[0]) for line in rows}
        last = list(self.products.values())[-1]
        server.rows(f"UPDATE wh_stock SET quantity = {few} WHERE product_id = {last}", "warehouse")
        self.stock = self.quantities()
        self.before = set(server.rows("SELECT id FROM orders_order", "shop"))
        self.answers: Counter[str] = Counter()
        self.placed: list[int] = []
        self.cancelled: list[int] = []
        self._address = 0
        self.processes: dict[str, Process] = {}

    def environment(
        self, database: str = "shop", faults: str = "0 0 0", seams: bool = True
    ) -> dict[str, str]:
        urls = {
            f"SEAM_{role.upper()}_URL": f"http://127.0.0.1:{self.ports[role]}"
            for role in ("warehouse", "billing")
        }
        return {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "on_postgres",
            "PYTHONWARNINGS": "ignore",
            "TEST_PORT": str(self.server.port),
            "TEST_NAME": database,
            "SHOP_NOW": NOW,
            "SEAM_TOKEN": TOKEN,
            "SEAM_TIMEOUT": "1",
            "SAGA_GRACE": "0.2",
            "FAULTS": faults,
            **(urls if seams else {}),
        }

    def run(
        self, *command: str, database: str = "shop", seams: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=self.environment(database, seams=seams),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    @contextmanager
    def running(
        self, faults: str = "0 0 0", *, seams: bool = True, without: Collection[str] = ()
    ) -> Iterator[Storm]:
        """All of it, the services with (probability of dying at a point, of failing, of being slow)."""
        self.processes = {}
        for role, port in {**self.ports, "worker": 0}.items():
            if role in without:
                continue
            database = "warehouse" if role == "warehouse" else "shop"
            told = faults if role in ("warehouse", "billing") else "0 0 0"
            command = [sys.executable, "program.py", role, str(port)]
            environment = self.environment(database, told, seams)
            self.processes[role] = Process(command, self.folder, environment)
        try:
            yield self
        finally:
            for process in self.processes.values():
                process.end()

    # -- customers -----------------------------------------------------------------------------------

    def post(self, path: str, document: object) -> tuple[int, dict]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['monolith']}{path}",
            data=json.dumps(document).encode(),
            headers={"Authorization": "Token ada-token", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error, suppress(OSError, http.client.HTTPException):
                error.read()
            return error.code, {}
        except (OSError, http.client.HTTPException):
            return 0, {}

    def wait(self, path: str = "/healthz") -> None:
        for role in self.ports.keys() & self.processes.keys():
            port = self.ports[role]
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise AssertionError(
                    f"{role} did not start: {(self.folder / 'storm.log').read_text()[-3000:]}"
                )

    def order(self, number: int) -> None:
        """A customer orders, and one in four changes their mind."""
        chosen = random.Random(number)
        address = self.address()
        slugs = chosen.sample(list(self.products), chosen.randint(1, 3))
        lines = [{"product": slug, "quantity": chosen.randint(1, 5)} for slug in slugs]
        for attempt in range(TRIES):  # what failed may have been done all the same: then there are two
            status, answer = self.post("/api/orders/", {"ship_to": address, "lines": lines})
            self.answers[f"order {status}"] += 1
            if status in (201, 409):
                break
            time.sleep(0.1 * (attempt + 1))
        if status == 201:
            self.placed.append(answer["id"])
            if chosen.random() < 0.25:
                status, _ = self.post(f"/api/orders/{answer['id']}/cancel/", {})
                self.answers[f"cancel {status}"] += 1
                if status == 200:
                    self.cancelled.append(answer["id"])

    def address(self) -> int:
        if not self._address:
            text = "SELECT a.id FROM customers_address a JOIN customers_customer c ON c.id = a.customer_id "
            text += "JOIN auth_user u ON u.id = c.user_id WHERE u.username = 'ada' LIMIT 1"
            self._address = int(self.server.rows(text, "shop")[0])
        return self._address

    def orders(self, count: int, *, kills: float = 0.0, customers: int = 6, seed: int = 1) -> None:
        """So many orders, while one of the programs is killed every so many seconds on average."""
        stop = threading.Event()

        def killer() -> None:
            chance = random.Random(seed)
            while not stop.wait(chance.expovariate(1 / kills)):
                self.processes[chance.choice(sorted(self.processes))].kill()

        thread = threading.Thread(target=killer, daemon=True)
        if kills:
            thread.start()
        self.address()
        with ThreadPoolExecutor(customers) as pool:
            list(pool.map(self.order, range(seed * 1_000_000, seed * 1_000_000 + count)))
        stop.set()
        if kills:
            thread.join()

    # -- what must hold ------------------------------------------------------------------------------

    def open(self) -> dict[str, int]:
        """Steps that are not settled."""
        rows = self.server.rows(
            "SELECT state, count(*) FROM strangler_saga WHERE step <> '' GROUP BY state", "shop"
        )
        found = {line.split("|")[0]: int(line.split("|")[1]) for line in rows}
        for database in ("warehouse", "shop"):
            text = "SELECT count(*) FROM strangler_inbox WHERE state = 'open'"
            found["open"] = found.get("open", 0) + int(self.server.rows(text, database)[0])
        return {state: n for state, n in found.items() if n and state not in ("done", "undone", "called")}

    def settle(self, seconds: float = 60) -> None:
        """Let the storm end, and wait until the worker has nothing left."""
        (self.folder / "calm").touch()
        deadline = time.monotonic() + seconds
        while self.open():
            assert time.monotonic() < deadline, self.open()
            time.sleep(0.1)

    def quantities(self) -> dict[int, int]:
        rows = self.server.rows("SELECT product_id, quantity FROM wh_stock", "warehouse")
        return {int(line.split("|")[0]): int(line.split("|")[1]) for line in rows}

    def wrong(self) -> list[str]:
        """What does not agree: stock, movements, invoices and orders."""
        found: list[str] = []
        with psycopg.connect(self.server.url("shop")) as shop:
            before = [int(item) for item in self.before] or [0]
            lines = shop.execute(
                "SELECT o.id, o.status, l.product_id, sum(l.quantity)::int FROM orders_order o "
                "JOIN orders_orderline l ON l.order_id = o.id WHERE o.id <> ALL(%s) GROUP BY 1, 2, 3",
                [before],
            ).fetchall()
            bills = shop.execute(
                "SELECT o.id, o.total, count(i.id), min(i.amount) FROM orders_order o "
                "LEFT JOIN fin_invoice i ON i.order_id = o.id WHERE o.id <> ALL(%s) GROUP BY 1, 2",
                [before],
            ).fetchall()
            states = dict(shop.execute("SELECT id, status FROM orders_order").fetchall())
        found += [f"order {o}: {n} invoices" for o, _, n, _ in bills if n != 1]
        found += [f"order {o}: billed {a}, not {t}" for o, t, n, a in bills if n == 1 and a != t]
        expected = dict(self.stock)
        moved: Counter[tuple[str, int]] = Counter()
        for order, status, product, quantity in lines:
            moved[f"order {order}", product] -= quantity
            if status == "cancelled":
                moved[f"cancel {order}", product] += quantity
            else:
                expected[product] -= quantity
        actual = self.quantities()
        found += [f"product {p}: {actual[p]}, not {n}" for p, n in expected.items() if actual[p] != n]
        with psycopg.connect(self.server.url("warehouse")) as warehouse:
            told = warehouse.execute(
                "SELECT m.reason, s.product_id, sum(m.change)::int FROM wh_movement m "
                "JOIN wh_stock s ON s.id = m.item_id GROUP BY 1, 2"
            ).fetchall()
        old = {f"{word} {order}" for order in self.before for word in ("order", "cancel")}
        seen = {
            (r, p): n for r, p, n in told if r.split(" ")[0] in ("order", "cancel") and r not in old and n
        }
        found += [f"{key}: moved {seen.get(key, 0)}, not {moved[key]}" for key in seen.keys() | moved.keys()
                  if seen.get(key, 0) != moved[key]]  # fmt: skip
        found += [f"order {order} was confirmed and is lost" for order in self.placed if order not in states]
        found += [
            f"order {o} was cancelled and is not" for o in self.cancelled if states.get(o) != "cancelled"
        ]
        return found
