"""Stages on the real gateways: shadow, canary, override, full, rollback, and what happens to headers."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path

import pytest
from routing_harness import RUN, Client, Echo, Running, settings_for, shaken_hands
from routing_tables import context, route, system

from strangler.routing import RoutingPlan, plan_routes

TOKEN = "tester-0123456789"


@pytest.fixture(scope="module")
def monolith() -> Iterator[Echo]:
    with Echo("monolith") as running:
        yield running


@pytest.fixture(params=RUN)
def facade(request: pytest.FixtureRequest, echo: Echo, monolith: Echo, tmp_path: Path) -> Iterator[Running]:
    plan = made(settings_port(echo, monolith))
    with Running(request.param, plan, tmp_path) as running:
        yield running


def settings_port(echo: Echo, monolith: Echo):  # type: ignore[no-untyped-def]
    return settings_for(echo.port, monolith.port, override_token=TOKEN, canary_percent=10)


def made(settings) -> RoutingPlan:  # type: ignore[no-untyped-def]
    table = system(
        route(0, "/orders/export/", "reports.views.export"),
        route(1, r"/orders/(?:\d+)/", "orders.views.show"),
        route(2, "/orders/", "orders.views.index"),
        route(3, "/(?:[^/]+)/", "pages.views.page"),
    )
    return plan_routes(table, context("orders.views"), settings)


def shares(facade: Running, requests: int) -> float:
    """Per cent of new users that the service answers."""
    client = Client(facade.plan.settings.listen)
    sides = Counter(client.side("/orders/7/") for _ in range(requests))
    return 100 * sides["service"] / requests


def test_everything_goes_to_the_monolith_at_first_and_again_after_rollback(facade: Running) -> None:
    client = Client(facade.plan.settings.listen)
    assert client.side("/orders/7/") == "monolith"
    facade.stage("full")
    assert client.side("/orders/7/") == "service"
    assert client.side("/orders/export/") == "monolith"
    assert client.side("/orders/7/", "POST") == "service"
    facade.stage("rollback")
    assert client.side("/orders/7/") == "monolith"


def test_a_canary_takes_its_share_of_users_and_keeps_each_where_it_is(facade: Running) -> None:
    facade.stage("canary")
    assert abs(shares(facade, 2000) - 10) <= 3
    client = Client(facade.plan.settings.listen)
    kept: set[str] = set()
    for user in range(400):  # as many as it takes to meet users of both sides, forty at least
        if user >= 40 and len(kept) == 2:
            break
        response, _ = client.ask("/orders/7/")
        first = response.getheader("X-Echo")
        cookie = str(response.getheader("Set-Cookie")).split(";")[0]
        again = {
            client.ask("/orders/7/", headers={"Cookie": cookie})[0].getheader("X-Echo") for _ in range(5)
        }
        assert again == {first}
        kept.add(str(first))
    assert kept == {"service", "monolith"}


def test_unsafe_methods_stay_with_the_monolith_during_a_canary(facade: Running) -> None:
    facade.stage("canary")
    client = Client(facade.plan.settings.listen)
    assert {client.side("/orders/7/", "POST") for _ in range(60)} == {"monolith"}


def test_testers_choose_a_side_and_nobody_else_does(facade: Running, echo: Echo, monolith: Echo) -> None:
    client = Client(facade.plan.settings.listen)

    def with_header(value: str, path: str = "/orders/7/") -> str | None:
        return client.ask(path, headers={"X-Strangler-Override": value})[0].getheader("X-Echo")

    assert with_header(f"service-{TOKEN}") == "service"
    assert with_header("service-guess") == "monolith"
    assert with_header(f"service-{TOKEN}", "/orders/export/") == "monolith"
    facade.stage("full")
    assert with_header(f"monolith-{TOKEN}") == "monolith"
    for seen in (echo.seen[-1], monolith.seen[-1]):
        assert "x-strangler-override" not in seen.headers


def test_a_shadow_gets_copies_of_gets_and_never_a_post(facade: Running, echo: Echo) -> None:
    if "shadow" not in facade.gateway.stages:
        with pytest.raises(AssertionError):
            facade.switch("shadow")
        return
    facade.stage("shadow")
    client = Client(facade.plan.settings.listen)
    before = len(echo.seen)
    for _ in range(10):
        assert client.side("/orders/7/?page=2") == "monolith"
        assert client.side("/orders/7/", "POST") == "monolith"
        assert client.side("/orders/export/") == "monolith"
    time.sleep(1)
    copies = Counter((seen.method, seen.path) for seen in echo.seen[before:])
    assert copies == {("GET", "/orders/7/?page=2"): 10}


def test_headers_pass_and_identity_is_dropped(facade: Running) -> None:
    facade.stage("full")
    client = Client(facade.plan.settings.listen)
    sent = {
        "X-Request-ID": "abc",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "X-User-Id": "1",
        "Remote-User": "root",
        "Cookie": "sessionid=s",
        "Host": "shop.example",
    }
    for path, side in (("/orders/7/", "service"), ("/orders/export/", "monolith")):
        response, body = client.ask(path, headers=sent)
        got = json.loads(body)
        assert response.getheader("X-Echo") == side
        assert got["host"] == "shop.example"
        assert got["x-request-id"] == "abc"
        assert got["x-forwarded-host"] == "shop.example"
        assert got["x-forwarded-proto"] == "http"
        ip_address(got["x-forwarded-for"].split(",")[-1].strip())
        assert "0af7651916cd43dd8448eb211c80319c" in got["traceparent"]
        assert "sessionid=s" in got["cookie"]
        assert not {"x-user-id", "remote-user"} & set(got)
        assert not [name for name in got if name.startswith("x-strangler")]


def test_websocket_upgrades_pass(facade: Running) -> None:
    facade.stage("full")
    got = shaken_hands(facade.plan.settings.listen, "/orders/7/")
    assert got.startswith(b"HTTP/1.1 101")


def test_rollback_under_load_fails_no_request(facade: Running) -> None:
    facade.stage("full")
    stop = threading.Event()
    failed: list[str] = []
    answered: Counter[str] = Counter()

    def load() -> None:
        client = Client(facade.plan.settings.listen)
        while not stop.is_set():
            try:
                response, _ = client.ask("/orders/7/")  # as clients do: once more on a closed idle connection
                answered[str(response.getheader("X-Echo"))] += 1
                if response.status != 200:
                    failed.append(str(response.status))
            except (OSError, HTTPException) as error:
                failed.append(repr(error))
                client = Client(facade.plan.settings.listen)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    facade.switch("rollback")
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join(10)
    client = Client(facade.plan.settings.listen)
    assert client.side("/orders/7/") == "monolith"
    assert {"service", "monolith"} <= set(answered)
    assert failed == []


def test_a_dead_service_does_not_take_the_monolith_down(facade: Running) -> None:
    facade.stage("full")
    client = Client(facade.plan.settings.listen)
    with contextlib.suppress(OSError, HTTPException):
        client.ask("/orders/7/")
    assert client.side("/orders/export/") == "monolith"
