"""The five real gateways load files that are full of hostile names, and route as the plan says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from routing_harness import RUN, Client, Echo, Running, settings_for
from routing_tables import context, route, system

from strangler.model import BoundedContext, Endpoint, System
from strangler.routing import RoutingError, RoutingPlan, RoutingSettings, plan_routes, write
from strangler.routing.samples import Expectation, samples, spell

POST = ("POST",)
MARKER = "/tmp/strangler-injected"
HOSTILE = (
    "';\n}\nserver { listen 9; }",
    '"; return 301 http://evil/; add_header X-Injected 1; #',
    "\nhttp-request set-header X-Injected 1\nuse_backend evil\n",
    f"$(touch {MARKER})`touch {MARKER}`; touch {MARKER} & | touch {MARKER}",
    f"{{{{ exec `touch {MARKER}` }}}}{{{{ end }}}}{{{{ range }}}}",
    f'os.execute("touch {MARKER}") --[[ ]] request_handle:headers():add("X-Injected", "1")',
    f"<%= `touch {MARKER}` %> ${{jndi:x}} #{{x}} %[env(HOME)] %(x)s %{{x}}",
    "{http.request.host} {env.HOME} {$HOME} {args[0]} {",
    "} respond * 200 { body injected } handle /",
    "`) || PathPrefix(`/",
    "') || Path('/",
    ": - , ? & * ! | > ' \" % @",
    "!!python/object:evil {a: b} [c] &x *x",
    '{"key": ["value", {"}]}',
    "^.*$|(a+)+[b-]{2,3}?\\d\\1(?!x)(?P<n>y)",
    "\\\\ \\n \\x41 \\u0041 \\Q \\E \\",
    "$1 $uri $request_uri $$ \\1 &amp; %2F %252e",
    "a;b,c=d;e",
    "né\u202eé٣中\U0001f600\u2028\u00a0",
    "null", "true", "~", "0x1f", "1e3", "0o7", "no", "-", "--", "---", "...", "=", "@import", "%YAML 1.2",
    "x\0y", "\t", " lead and trail ", "a\r\nX-Injected: 1\r\n\r\n",
    "l" * 2_000, "é" * 300,
)  # fmt: skip


def endpoints(name: str, number: int) -> list[Endpoint]:
    """Routes that carry a name in their path, their pattern, their handler and their parameter."""
    exact = re.escape(name)
    return [
        route(4 * number, f"/moved/{exact}/", f"orders.{name}", pattern=f"/moved/{name}/"),
        route(4 * number + 1, f"/kept/{exact}/", f"pages.{name}", pattern=name),
        route(4 * number + 2, f"/{exact}/[^/]+", "orders.view", POST, "flask", pattern=f"/{name}/<{name}>"),
        route(4 * number + 3, f"/{exact}", f"pages.{number}", pattern=f"^{name}$"),
    ]  # fmt: skip


def made(names: tuple[str, ...], settings: RoutingSettings, called: str) -> RoutingPlan:
    """A plan whose context is called so, too."""
    table: System = system(*(one for number, name in enumerate(names) for one in endpoints(name, number)))
    owned = sorted(m.name for m in table.modules if m.name.startswith("orders"))
    moved: BoundedContext = context(*owned, name=called)
    return plan_routes(table, moved, settings)


def asked(plan: RoutingPlan) -> list[tuple[str, str]]:
    """Each name at each place as it is spelt, and paths beside them."""
    found = [(spell(f"/moved/{name}/"), "GET") for name in HOSTILE]
    found += [(spell(f"/kept/{name}/"), "GET") for name in HOSTILE]
    found += [(spell(f"/{name}/x"), method) for name in HOSTILE for method in ("GET", "POST")]
    return found + [(sample.path, sample.method) for sample in samples(plan, 300, 5)]


def listening(port: int) -> set[int]:
    """The ports of this machine's listening TCP sockets below the range of the clients, one port aside."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in lines if row[3] == "0A"} - {port}


@pytest.mark.parametrize("gateway", RUN)
def test_hostile_names_change_no_route_and_inject_nothing(gateway: str, echo: Echo, tmp_path: Path) -> None:
    Path(MARKER).unlink(missing_ok=True)
    with Echo("monolith") as monolith:
        plan = made(HOSTILE, settings_for(echo.port, monolith.port), HOSTILE[1] + HOSTILE[4])
        assert plan.certificate.exact
        expected = Expectation(plan)
        with Running(gateway, plan, tmp_path) as running:
            if gateway != "traefik":  # has no dry run
                running.check()
            running.stage("full")
            assert 9 not in listening(plan.settings.listen)
            client, wrong, sides = Client(plan.settings.listen), [], set()
            for path, method in asked(plan):
                response, _ = client.ask(path, method)
                got = response.getheader("X-Echo") or ("rejected" if response.status == 400 else "neither")
                sides.add(got)
                wanted = expected.answer(path, method)
                if got != wanted or response.getheader("X-Injected"):
                    wrong.append(f"{method} {path[:80]}: {got} ({response.status}), should be {wanted}")
    assert wrong == []
    assert sides == {"service", "monolith", "rejected"}
    assert not Path(MARKER).exists()


@pytest.mark.parametrize("name", [name for name in HOSTILE if not re.fullmatch(r"[\w.-]+", name, re.ASCII)])
def test_no_upstream_is_called_so(name: str, tmp_path: Path) -> None:
    for setting in ("service_url", "monolith_url"):
        plan = made(("x",), RoutingSettings(**{setting: f"http://{name}"}), "orders")  # type: ignore[arg-type]
        with pytest.raises(RoutingError):
            write(plan, tmp_path / "routing")
