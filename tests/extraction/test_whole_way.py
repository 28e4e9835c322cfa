"""A context leaves each sample monolith by its plan and comes all the way back: on real servers, behind a
real gateway, while the monolith writes and programs die; no line is edited by hand."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from helpers.facade import Facade
from helpers.journey import Deaths, Journey, Kept, Sample, left, putting_back, stream_dies, until
from helpers.postgres import Server, servers

DEATHS = 10
TESTS = {
    "django_shop": ("manage.py", "test"),
    "flask_clinic": ("-m", "unittest"),
    "fastapi_courier": ("-m", "unittest"),
}


def signed_in(employee: int) -> str:
    """The cookie of somebody who has signed in to the clinic."""
    app = Flask("clinic")
    app.secret_key = "only-for-the-sample-clinic"
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return f"Cookie: session={signer.dumps({'employee_id': employee})}"


SHOP = Sample(
    "django_shop",
    "customers",
    {"ada": "Authorization: Token ada-token", "staff": "Authorization: Token staff-token"},
    {"DJANGO_SETTINGS_MODULE": "shop_on_postgres"},
)
OVER_THE_WIRE = ('kind = "platform"\n', "")
"""What the parts have in common stays a context of its own, and is called over the wire."""
CLINIC = Sample(
    "flask_clinic",
    "staff",
    {"boss": signed_in(3), "nurse": signed_in(2)},
    use="on_postgres:clinic",
    decided=OVER_THE_WIRE,
)
COURIER = Sample(
    "fastapi_courier",
    "accounts",
    {"shop": "X-Api-Key: shop-key", "admin": "X-Api-Key: admin-key"},
    use="on_postgres:courier",
    decided=OVER_THE_WIRE,
)


def sent(method: str, url: str, header: str, body: Mapping[str, object] | None = None) -> int:
    """The status of the answer to a request; 0 where nobody knows what became of it."""
    name, _, value = header.partition(": ")
    data = json.dumps(body).encode() if body is not None else None
    headers = {name: value, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data=data, headers=headers, method=method), timeout=30
        ) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0


class Writer:
    """Something of the monolith that writes tables which move: what it said yes to, and what it refused."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.url = f"http://127.0.0.1:{journey.ports['monolith']}"
        self.yes = self.refused = 0

    def once(self) -> None:
        """One write."""
        raise NotImplementedError

    def is_there(self, server: Server) -> None:
        """What it said yes to is there once, and nothing else."""
        raise NotImplementedError

    def by_a_job(self, *statements: str) -> None:
        """A transaction of a job of its own."""
        try:
            with psycopg.connect(self.journey.monolith.url("data", "team")) as connection:
                for statement in statements:
                    connection.execute(statement)
            self.yes += 1
        except psycopg.errors.InsufficientPrivilege as error:
            self.refused += "is not written here" in str(error)


class Addresses(Writer):
    """Of the shop, over HTTP: new rows with an integer key."""

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self.streets: list[str] = []

    def once(self) -> None:
        street = f"{len(self.streets)} {secrets.token_hex(4)} Street"
        body = {"street": street, "postcode": "1", "city": "Town"}
        status = sent("POST", f"{self.url}/api/customers/1/addresses/", SHOP.people["ada"], body)
        self.yes += status == 201
        self.refused += status == 500
        if status == 201:
            self.streets.append(street)

    def is_there(self, server: Server) -> None:
        rows = "SELECT street FROM customers_address WHERE city = 'Town' ORDER BY id"
        assert server.rows(rows, "data") == self.streets


class Tokens(Writer):
    """Of the shop, by a job: text keys come and go, a counter is raised."""

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self.key = ""
        (self.points,) = journey.monolith.rows("SELECT points FROM customers_customer WHERE id = 1", "data")

    def once(self) -> None:
        key, before = secrets.token_hex(8), self.yes
        self.by_a_job(
            "UPDATE customers_customer SET points = points + 1 WHERE id = 1",
            "DELETE FROM customers_apitoken WHERE user_id = (SELECT max(id) FROM auth_user)",
            f"INSERT INTO customers_apitoken SELECT '{key}', now(), max(id) FROM auth_user",
        )
        self.key = key if self.yes > before else self.key

    def is_there(self, server: Server) -> None:
        (points,) = server.rows("SELECT points FROM customers_customer WHERE id = 1", "data")
        assert int(points) == int(self.points) + self.yes
        rows = (
            "SELECT key FROM customers_apitoken WHERE user_id = (SELECT max(user_id) FROM customers_apitoken)"
        )
        assert server.rows(rows, "data") == [self.key]


class Shifts(Writer):
    """Of the clinic, by a job: new rows with an integer key, a name that changes."""

    def once(self) -> None:
        self.by_a_job(
            f"INSERT INTO shift (employee_id, day, kind) VALUES (1, date '2030-01-01' + {self.yes}, 'late')",
            f"UPDATE employee SET name = 'Joy {self.yes + 1}' WHERE id = 2",
        )

    def is_there(self, server: Server) -> None:
        (count,) = server.rows(
            "SELECT count(DISTINCT day) || ' of ' || count(*) FROM shift WHERE kind = 'late'", "data"
        )
        assert count == f"{self.yes} of {self.yes}"
        assert server.rows("SELECT name FROM employee WHERE id = 2", "data") == [f"Joy {self.yes}"]


class Keys(Writer):
    """Of the courier, over HTTP: text keys come and go."""

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self.made = False

    def once(self) -> None:
        keys = f"{self.url}/api/v1/accounts/me/keys"
        if self.made:
            (key,) = self.others(self.journey.monolith)
            status = sent("DELETE", f"{keys}/{key}", COURIER.people["admin"])
        else:
            status = sent("POST", keys, COURIER.people["admin"], {})
        self.yes += status in (201, 204)
        self.refused += status == 500
        self.made ^= status in (201, 204)

    def others(self, server: Server) -> list[str]:
        return server.rows("SELECT key FROM api_key WHERE account_id = 4 AND key <> 'admin-key'", "data")

    def is_there(self, server: Server) -> None:
        assert len(self.others(server)) == self.made


class Parcels(Writer):
    """Of the courier, over HTTP: each parcel that is booked raises its sender's credit."""

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self.before = self.credit(journey.monolith)

    def credit(self, server: Server) -> int:
        (credit,) = server.rows("SELECT credit FROM account WHERE id = 1", "data")
        return int(credit)

    def once(self) -> None:
        body = {"recipient": "Bo", "street": "A Street 1", "size": "S"}
        status = sent("POST", f"{self.url}/api/v1/parcels/", COURIER.people["shop"], body)
        self.yes += status == 201
        self.refused += status == 500

    def is_there(self, server: Server) -> None:
        assert self.credit(server) == self.before + self.yes


class Writers:
    """All of a sample at once."""

    def __init__(self, journey: Journey, kinds: Sequence[Callable[[Journey], Writer]]) -> None:
        self._stopped = threading.Event()
        self.all = [kind(journey) for kind in kinds]
        self._failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(item,)) for item in self.all]

    def _work(self, item: Writer) -> None:
        try:
            while not self._stopped.is_set():
                before = item.refused
                item.once()
                if item.refused > before:
                    time.sleep(0.05)
        except BaseException as error:
            self._failed.append(error)

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        assert not self._failed, self._failed

    def nothing_is_lost(self, server: Server) -> None:
        for item in self.all:
            assert item.yes > 5
            item.is_there(server)


# -- what is called after a commit ------------------------------------------------------------------------

USERS = """
import sys, time, django
django.setup()
from django.contrib.auth.models import User
for number in range(40):
    User.objects.create_user(f"new-{number}")
    time.sleep(0.1)
"""
"""The monolith's own code: the shop's customers hear of each new user."""


def users(journey: Journey, facade: Facade, going_on: Callable[[], bool]) -> int:
    tree, environment = journey.side("monolith")
    journey.python(["-c", USERS], tree, environment | journey.switched)
    return 40


def logins(journey: Journey, facade: Facade, going_on: Callable[[], bool]) -> int:
    """The clinic's trail has a line for each."""
    yes = 0
    data = urllib.parse.urlencode({"login": "boss", "password": "stethoscope"}).encode()
    while going_on() or yes < 20:
        with (
            suppress(OSError, http.client.HTTPException),
            urllib.request.urlopen(f"{facade.url}/staff/login", data, timeout=30) as answer,
        ):
            yes += answer.url.endswith("/staff/me")
    return yes


def emails(journey: Journey, facade: Facade, going_on: Callable[[], bool]) -> int:
    """The courier's log has a line for each change."""
    yes = number = 0
    while going_on() or yes < 20:
        number += 1
        body = {"email": f"books-{number}@example.org"}
        yes += sent("PATCH", f"{facade.url}/api/v1/accounts/me", COURIER.people["shop"], body) == 200
    return yes


JOURNEYS = [
    (SHOP, (Addresses, Tokens), users, "SELECT count(*) FROM customers_customer", "service"),
    (
        CLINIC,
        (Shifts,),
        logins,
        "SELECT count(*) FROM audit_trail WHERE action = 'login'",
        "monolith",
    ),
    (
        COURIER,
        (Keys, Parcels),
        emails,
        "SELECT count(*) FROM activity_log WHERE what = 'email'",
        "monolith",
    ),
]


@pytest.mark.parametrize(
    ("sample", "kinds", "telling", "arrived", "where"), JOURNEYS, ids=[item[0].name for item in JOURNEYS]
)
def test_a_context_leaves_by_its_plan_and_comes_all_the_way_back(
    sample: Sample,
    kinds: Sequence[Callable[[Journey], Writer]],
    telling: Callable[[Journey, Facade, Callable[[], bool]], int],
    arrived: str,
    where: str,
    tmp_path: Path,
) -> None:
    with servers(2) as (one, other):
        journey = Journey(sample, tmp_path, one, other)
        seeded = Kept(one.url("data"), journey.tables())
        states = [seeded]
        with putting_back(states) as reset:
            with journey.serving("monolith", journey.tree, journey.before):
                journey.prepare(reset)
                two_deployments(journey, reset)
                seeded.put_back()
                data_moves(journey, kinds)
            moved = journey.written()
            states[:] = [seeded.without(moved), seeded.elsewhere(other.url("data"), moved)]
            install(journey)
            with calls_on(journey, reset) as (facade, programs):
                server = {"service": other, "monolith": one}[where]
                nothing_is_told_twice(journey, facade, programs, telling, lambda: count(server, arrived))
            journey.does(4, "git -C")
            gone = journey.removal()["files"]
            assert gone
            assert not [path for path in gone if (journey.tree / path).exists()], "its code is out"
            with calls_on(journey, reset):
                pass
            own_tests_are_green(journey)
            journey.git("apply", "-R", "--index", journey.out / "code-out.patch")
            states[:] = [seeded]
            journey.page.do("4.")
            journey.page.do("6.")
            assert left(one) == left(other) == []
            with journey.serving("monolith", journey.tree, journey.before), Facade(journey.plan) as facade:
                facade.stage("rollback")
                journey.suite(facade.url, reset)


def count(server: Server, query: str) -> int:
    """The number that a query answers."""
    return int(server.rows(query, "data")[0])


def two_deployments(journey: Journey, reset: str) -> None:
    """Stage 2: the service on the monolith's database, for some, then for all."""
    service = journey.out / "service"
    with journey.serving("service", service, journey.before) as process, Facade(journey.plan) as facade:
        for stage in ("canary", "full"):
            facade.stage(stage)
            journey.suite(facade.url, reset)
        process.kill()
        until(lambda: sent("GET", f"{facade.url}/readyz", "X: y") != 0)


def data_moves(journey: Journey, kinds: Sequence[Callable[[Journey], Writer]]) -> None:
    """Stage 3: out, back, and out again; nothing is lost or doubled, whoever writes and whatever dies."""
    page = journey.page
    victims = [
        lambda: stream_dies(journey.monolith),
        lambda: stream_dies(journey.service),
        journey.service.crash,
    ]
    with Writers(journey, kinds) as writers:
        page.do("1.")
        with Deaths(victims, DEATHS, 1.5) as deaths:
            until(lambda: page.tries("2.") and not deaths.left, 600)
            deaths.wait()
        page.do("2.")
        page.do("3.")
        until(lambda: any(item.refused for item in writers.all))
    writers.nothing_is_lost(journey.service)
    page.do("4.")
    writers.nothing_is_lost(journey.monolith)
    with Writers(journey, kinds) as again:
        until(lambda: all(item.yes for item in again.all))
        assert not any(item.refused for item in again.all), "the monolith writes again"
        page.do("2.")
    page.do("3.")


def install(journey: Journey) -> None:
    """What the plan asks for before a switch is turned on, on the monolith's side."""
    tree, environment = journey.side("monolith")
    journey.python(["-m", f"{journey.seams.package}.saga", "install"], tree, environment)


@contextmanager
def calls_on(journey: Journey, reset: str) -> Iterator[tuple[Facade, list[Callable[[], None]]]]:
    """The service on its own database, the switches on, all requests over the gateway: the suite is green."""
    seams = journey.seams
    sides = {name: journey.side(name) for name in ("monolith", "service")}
    sides[seams.caller][1].update(journey.switched)
    with (
        journey.answering() as programs,
        journey.serving("monolith", *sides["monolith"]),
        journey.serving("service", *sides["service"]) as service,
        Facade(journey.plan) as facade,
    ):
        facade.stage("full")
        journey.suite(facade.url, reset)
        yield facade, [item.kill for item in (*programs, service)]


def nothing_is_told_twice(
    journey: Journey,
    facade: Facade,
    victims: Sequence[Callable[[], None]],
    telling: Callable[[Journey, Facade, Callable[[], bool]], int],
    arrived: Callable[[], int],
) -> None:
    """Whoever calls, answers and carries dies; each call that was committed is made, once."""
    server = journey.monolith if journey.seams.caller == "monolith" else journey.service
    steps = "SELECT count(*) FROM strangler_saga WHERE step <> '' AND state"
    done = count(server, f"{steps} = 'done'")
    before = arrived()
    with Deaths(victims, DEATHS, 0.8) as deaths:
        yes = telling(journey, facade, lambda: deaths.left > 0)
        deaths.wait()
    until(lambda: not count(server, f"{steps} <> 'done'"), 90)
    told = count(server, f"{steps} = 'done'") - done
    assert arrived() - before == told >= yes >= 20


def own_tests_are_green(journey: Journey) -> None:
    """Those that have moved, and those of the monolith without the code, but for what was named before."""
    if list((journey.out / "service" / "tests").glob("test_*.py")):
        assert not red(journey, journey.out / "service")
    assert red(journey, journey.tree) <= {item["test"] for item in journey.removal()["tests"]}


def red(journey: Journey, tree: Path) -> set[str]:
    """The tests that fail: ``tests/test_x.py::Class::test_y``."""
    done = subprocess.run(
        [sys.executable, *TESTS[journey.sample.name]],
        cwd=tree,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "\nRan " in done.stderr, done.stderr
    assert "\nRan 0 " not in done.stderr
    found = set()
    for _, function, where in re.findall(r"^(FAIL|ERROR): (\w+) \(([\w.]+)\)", done.stderr, re.MULTILINE):
        module, _, name = where.removesuffix(f".{function}").rpartition(".")
        found.add(f"{module.replace('.', '/')}.py::{name}::{function}")
    return found
