"""The routing folder: what is in it, and what writing never does."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from routing_tables import context, route, system

from strangler.routing import (
    RoutingError,
    RoutingPlan,
    RoutingSettings,
    gateway_names,
    plan_routes,
    verify,
    write,
)
from strangler.routing.samples import samples
from strangler.routing.values import METHODS
from strangler.routing.verification import load


@pytest.fixture
def plan() -> RoutingPlan:
    table = system(route(0, "/orders/", "orders.v"), route(1, "/pages|`x`/", "pages.v", pattern="/p|`x`/"))
    return plan_routes(table, context("orders"), RoutingSettings(override_token="secret-secret"))


def test_a_folder_for_each_gateway_a_readme_and_the_plan(plan: RoutingPlan, tmp_path: Path) -> None:
    written = write(plan, tmp_path / "routing")
    names = {path.relative_to(tmp_path / "routing").parts[0] for path in written}
    assert names == {*gateway_names(), "README.md", "routes.json"}
    assert load(tmp_path / "routing").rules == plan.rules
    text = (tmp_path / "routing/README.md").read_text()
    for name in ("nginx", "haproxy", "envoy", "traefik", "caddy"):
        part = text.split(f"In `{name}/`")[0].rsplit("### ", 1)[1]
        assert "**run**" in part
    assert text.count("**schema**") == 4
    assert text.count("# rollback") == len(gateway_names())


def test_the_override_token_is_only_in_the_gateways_files(plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing", ["nginx"])
    assert "secret-secret" not in (tmp_path / "routing/routes.json").read_text()
    assert "secret-secret" not in (tmp_path / "routing/README.md").read_text()


def test_only_the_gateways_asked_for(plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing", ["haproxy"])
    assert sorted(p.name for p in (tmp_path / "routing").iterdir()) == ["README.md", "haproxy", "routes.json"]
    with pytest.raises(RoutingError, match="there are: aws, caddy"):
        write(plan, tmp_path / "routing", ["apache"])


def test_the_same_plan_gives_the_same_bytes(plan: RoutingPlan, tmp_path: Path) -> None:
    first = {p.relative_to(tmp_path / "a"): p.read_bytes() for p in write(plan, tmp_path / "a")}
    second = {p.relative_to(tmp_path / "b"): p.read_bytes() for p in write(plan, tmp_path / "b")}
    assert first == second


def test_foreign_files_and_links_are_left_alone(plan: RoutingPlan, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    with pytest.raises(RoutingError, match="did not write"):
        write(plan, mine)
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "routing"
    write(plan, folder, ["caddy"])
    (folder / "nginx").symlink_to(outside)
    with pytest.raises(RoutingError, match="link"):
        write(plan, folder, ["nginx"])
    assert list(outside.iterdir()) == []


def test_an_edited_plan_is_not_verified(plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing", ["nginx"])
    path = tmp_path / "routing/routes.json"
    document = json.loads(path.read_text())
    document["rules"][0]["value"] = "/other/"
    path.write_text(json.dumps(document))
    with pytest.raises(RoutingError, match="the rules are wrong"):
        verify(tmp_path / "routing", "http://127.0.0.1:9")
    path.write_text("{}")
    with pytest.raises(RoutingError, match="run `strangler plan` again"):
        verify(tmp_path / "routing", "http://127.0.0.1:9")


@pytest.mark.parametrize("method", ["GET\r\nX-Injected: 1", "A B", "\xe9", "", "GET\0"])
@pytest.mark.parametrize("where", ["routes", "rules"])
def test_what_is_no_method_is_not_sent(method: str, where: str, plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing", ["nginx"])
    path = tmp_path / "routing/routes.json"
    document = json.loads(path.read_text())
    document[where][0]["methods"] = ["GET", method]
    path.write_text(json.dumps(document))
    with pytest.raises(RoutingError, match="no name of an HTTP method"):
        verify(tmp_path / "routing", "http://127.0.0.1:9", unsafe=True)


@pytest.mark.parametrize("pattern", ["/\r\nX: 1/", "/\\ud800/", "/[\\s\\x00-\\x1f]+/", "/é HTTP\\/1.1/"])
def test_samples_ask_for_methods_that_rules_tell_apart_and_paths_of_one_line(pattern: str) -> None:
    table = system(
        route(0, "/orders/", "orders.v", ("PURGE",), "flask"),
        route(1, "/orders/", "orders.w", ("get",), "flask"),
        route(2, pattern, "orders.x", ("POST",), "flask"),
    )
    drawn = list(samples(plan_routes(table, context("orders"), RoutingSettings()), 300, 1, focused=True))
    assert {sample.method for sample in drawn} <= set(METHODS)
    assert all(re.fullmatch("/[!-~]*", sample.path) for sample in drawn)


def test_a_gateway_that_does_not_answer_is_said_so(plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing", ["nginx"])
    with pytest.raises(RoutingError, match="does not answer"):
        verify(tmp_path / "routing", "http://127.0.0.1:9")


@pytest.mark.parametrize("body", [b"x" * 65_536, b"x"], ids=["endless", "dripping"])
def test_an_answer_without_end_does_not_hold_up_the_verification(
    body: bytes, plan: RoutingPlan, tmp_path: Path
) -> None:
    write(plan, tmp_path / "routing", ["nginx"])

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(line,), daemon=True).start()

    def talk(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.recv(4096)
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Strangler-Backend: monolith\r\n\r\n")
            while True:
                line.sendall(body)
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        outcome = verify(tmp_path / "routing", url, samples=3, timeout=0.2)
    assert outcome.answered == {"monolith": 3}


def test_a_gateway_that_cannot_hold_the_plan_says_why(plan: RoutingPlan, tmp_path: Path) -> None:
    endpoints = [route(n, f"/(?:[a-z]+)/{n}/(?:[0-9]+)/", "orders.v") for n in range(120)]
    large = plan_routes(system(*endpoints), context("orders"), plan.settings)
    write(large, tmp_path / "routing")
    assert "a load balancer takes 100 rules" in (tmp_path / "routing/README.md").read_text()
    assert not (tmp_path / "routing/aws").exists()
    with pytest.raises(RoutingError, match="100 rules"):
        write(large, tmp_path / "other", ["aws"])


def test_the_stages_start_with_everything_on_the_monolith(plan: RoutingPlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "routing")
    root = tmp_path / "routing"
    assert (root / "nginx/stage.conf").read_text() == (root / "nginx/stages/rollback.conf").read_text()
    assert (root / "haproxy/stage.map").read_text() == "reads 0\nwrites 0\n"
    assert msgspec.json.decode((root / "caddy/caddy.json").read_bytes()) == msgspec.json.decode(
        (root / "caddy/stages/rollback.json").read_bytes()
    )
