"""WebSockets: a handshake and a page of one path have their own owners, in the proof and on the gateways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.systems import monolith
from msgspec import structs
from routing_harness import RUN, Client, Echo, Running, settings_for, shaken_hands
from routing_tables import context, route, system

from strangler.model import Endpoint, OpaqueRoute
from strangler.routing import RoutingError, RoutingPlan, plan_routes, verify, write
from strangler.routing.gateways import gateway_names
from strangler.routing.plan import recertify
from strangler.routing.rules import MismatchError
from strangler.routing.samples import Expectation, samples
from strangler.routing.values import WEBSOCKET, RoutingSettings


def live(order: int, regex: str, handler: str) -> Endpoint:
    found = route(order, regex, handler, ("GET",), "starlette")
    return structs.replace(found, protocol="websocket")


TABLE = (
    route(0, "/(?s:.*)", "site.page", ("GET",), "starlette"),
    live(1, "/live/(?:[^/]+)", "live.feed"),
    route(2, "/live/(?:[^/]+)/push", "live.push", ("POST",), "starlette"),
    live(3, "/chat", "chat.room"),
)


def made(*modules: str, settings: RoutingSettings | None = None) -> RoutingPlan:
    return plan_routes(system(*TABLE), context(*modules), settings)


def test_a_handshake_goes_to_the_websocket_behind_a_catch_all_and_a_page_does_not() -> None:
    plan = made("live")
    answer = Expectation(plan).answer
    assert answer("/live/a", WEBSOCKET) == "service"
    assert answer("/live/a", "GET") == "monolith"
    assert answer("/live/a/push", "POST") == "service"
    assert answer("/live/a/push", "GET") == "monolith"
    assert answer("/chat", WEBSOCKET) == "monolith"
    assert plan.certificate.exact
    assert not [o for o in plan.overlaps if o.kind == "shadowed"]


def test_the_pages_move_and_their_websockets_stay() -> None:
    plan = made("site")
    answer = Expectation(plan).answer
    assert answer("/live/a", WEBSOCKET) == "monolith"
    assert answer("/live/a", "GET") == "service"
    assert answer("/other", WEBSOCKET) == "service"  # no WebSocket: it goes where a GET goes
    assert answer("/live/a/push", "POST") == "monolith"


def test_a_handshake_that_no_websocket_takes_goes_where_a_get_goes_and_not_to_the_first_route() -> None:
    table = system(
        route(0, "/orders", "orders.make", ("POST",), "starlette"),
        route(1, "/orders", "site.page", ("GET",), "starlette"),
        live(2, "/chat", "chat.room"),
    )
    for moved, owner in (("orders", "monolith"), ("site", "service")):
        assert Expectation(plan_routes(table, context(moved))).answer("/orders", WEBSOCKET) == owner


def test_a_websocket_that_nothing_else_shares_its_path_with_needs_no_rule_about_upgrades() -> None:
    table = system(route(0, "/pages", "site.page", ("GET",), "starlette"), live(1, "/live", "live.feed"))
    assert [rule.methods for rule in plan_routes(table, context("live")).rules] == [None]


def test_what_is_not_listed_keeps_the_handshakes_that_it_may_take() -> None:
    mount = OpaqueRoute(
        pattern="/live",
        regex="/live/(?s:.*)",
        what="other",
        framework="starlette",
        file="a.py",
        line=1,
        order=0,
    )
    table = (live(1, "/live/(?:[^/]+)", "live.feed"), live(2, "/chat", "live.room"))
    plan = plan_routes(monolith((), "made", endpoints=table, opaque_routes=(mount,)), context("live"))
    assert Expectation(plan).answer("/live/a", WEBSOCKET) == "monolith"
    assert Expectation(plan).answer("/chat", WEBSOCKET) == "service"


def test_a_rule_without_its_websocket_is_refuted() -> None:
    plan = made("live")
    lost = tuple(rule for rule in plan.rules if rule.methods != (WEBSOCKET,))
    with pytest.raises(MismatchError, match="WEBSOCKET '/live/"):
        recertify(structs.replace(plan, rules=lost))


def test_a_gateway_that_cannot_tell_a_handshake_is_refused_with_the_reason(tmp_path: Path) -> None:
    plan = made("live")
    for name in set(gateway_names()) - set(RUN):
        with pytest.raises(RoutingError, match="WebSocket"):
            write(plan, tmp_path / name, [name])
    write(plan, tmp_path / "all")
    assert "kong: not written" in (tmp_path / "all/README.md").read_text()


@pytest.fixture(params=RUN)
def facade(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    def start(*modules: str) -> tuple[Running, int, int]:
        settings = settings_for(echoes[0].port, echoes[1].port, canary_percent=50)
        return Running(request.param, made(*modules, settings=settings), tmp_path)

    with Echo("service") as service, Echo("monolith") as rest:
        echoes = (service, rest)
        yield start


@pytest.mark.parametrize("modules", [("live",), ("site",), ("chat",), ("live", "chat")])
def test_every_gateway_sends_handshakes_and_pages_to_their_own_owners(
    facade: Callable[..., Running], modules: tuple[str, ...], tmp_path: Path
) -> None:
    with facade(*modules) as running:
        if running.name != "traefik":  # has no dry run
            running.check()
        running.stage("full")
        client, expectation = Client(running.plan.settings.listen), Expectation(running.plan)
        asked = [(s.path, s.method) for s in samples(running.plan, 200, seed=5)]
        wrong = [
            f"{method} {path}: {got}, should be {expectation.answer(path, method)}"
            for path, method in asked
            if (got := client.side(path, method)) != expectation.answer(path, method)
        ]
        assert sum(method == WEBSOCKET for _, method in asked) > 20
        assert wrong == []
        url = f"http://127.0.0.1:{running.plan.settings.listen}"
        found = verify(tmp_path, url, samples=60, seed=6)
        assert found.ok, found.wrong[:3]


def test_a_handshake_is_spelt_in_any_case_and_asked_for_by_both_headers(
    facade: Callable[..., Running],
) -> None:
    with facade("live") as running:
        running.stage("full")
        client = Client(running.plan.settings.listen)

        def side(**headers: str) -> str:
            response, _ = client.ask("/live/a", WEBSOCKET, headers)
            return str(response.getheader("X-Echo"))

        assert side() == "service"
        assert side(Upgrade="WebSocket", Connection="keep-alive, upgrade") == "service"
        assert side(Connection="keep-alive") == "monolith"


def test_a_canary_moves_no_handshake_and_bytes_flow_both_ways(facade: Callable[..., Running]) -> None:
    with facade("live", "site") as running:
        client = Client(running.plan.settings.listen)
        running.stage("canary")
        assert {client.side("/live/a", WEBSOCKET) for _ in range(20)} == {"monolith"}
        running.stage("full")
        got = shaken_hands(running.plan.settings.listen, "/live/a")
        assert got.startswith(b"HTTP/1.1 101")
        assert b"service" in got
