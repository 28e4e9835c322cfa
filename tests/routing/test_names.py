"""Hostile names never make a configuration that means something else."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_harness import program
from routing_tables import context, route, system

from strangler.routing import RoutingError, RoutingPlan, RoutingSettings, plan_routes, write
from strangler.routing.gateways import gateway, gateway_names
from strangler.routing.gateways.nginx import quote

EVIL = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        [
            "';\n}\nserver { listen 9; }",
            '"; return 301 http://evil/; #',
            "{{ evil }}",
            "$(touch /tmp/evil)",
            "`id`",
            "a\nuse_backend evil\n",
            "${jndi:x}",
            "é\u202e\u0000",
            "a" * 10_000,
            "*/ ]]> --> %{evil} {http.request.host}",
            "\\",
            "x`) || PathPrefix(`/",
            "!!python/object:evil",
            "#{x}%[env(HOME)]",
            "-- : , ? & * ! | > ' \" %",
        ]
    ),
)


def made(name: str, path: str) -> RoutingPlan:
    """A plan whose context, route, handler and pattern carry the names."""
    table = system(
        route(0, f"/moved/{re.escape(path)}/", f"orders.{name}", pattern=f"/moved/{path}/"),
        route(1, f"/{re.escape(path)}", f"pages.{name}", pattern=f"/{path}"),
        route(2, "/(?:[^/]+)/fixed/", "orders.view", pattern=name),
    )
    settings = RoutingSettings(service_url="http://orders:8001", monolith_url="http://monolith:8000")
    return plan_routes(table, context("orders", f"orders.{name}", name=name), settings)


def strings(value: Any) -> list[str]:
    """Every string of a document, keys too."""
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in (*strings(k), *strings(v))]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


def skeleton(path: str, text: str) -> str:
    """A file with the paths of its rules taken out: what is left must not depend on any name."""
    if path.endswith((".json", ".yaml", ".yml")):
        documents = [json.loads(text)] if path.endswith(".json") else list(yaml.safe_load_all(text))
        text = json.dumps(documents)
    if path.endswith("routes.conf"):
        return "\n".join(
            re.sub(r'^    "(?:[^"\\]|\\.)*" (service|monolith);$', r"RULE \1", line)
            for line in text.split("\n")
        )
    if path.endswith("routes.map"):
        return "\n".join(re.sub(r"^\S+ (service|monolith)$", r"RULE \1", line) for line in text.split("\n"))
    return text


@pytest.mark.parametrize("name", gateway_names())
@given(evil=EVIL, path=EVIL)
@settings(max_examples=40)
def test_files_hold_only_slugs_and_expressions_of_harmless_characters(
    name: str, evil: str, path: str
) -> None:
    try:
        plan = made(evil, path)
        files = gateway(name).files(plan)
    except RoutingError:
        return  # refused with a message: means nothing else either
    for file, text in files.items():
        assert re.fullmatch(r"[\n -~]*", text)
        left = skeleton(file, text)
        if file.endswith(("routes.conf", "routes.map")):
            assert left.count("RULE ") == len(plan.rules)
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", plan.service)


@pytest.mark.parametrize("name", gateway_names())
@given(evil=EVIL)
@settings(max_examples=20)
def test_a_name_changes_nothing_but_the_slug(name: str, evil: str) -> None:
    """The context's name shows in the files only as its slug: everything else is the same byte for byte."""
    plain = made("plain", "x")
    named = msgspec.structs.replace(made(evil, "x"), service=plain.service)
    other = gateway(name).files(plain)
    for file, text in gateway(name).files(named).items():
        assert text == other[file]


@given(path=EVIL)
@settings(max_examples=15)
def test_structured_files_have_the_same_shape_whatever_the_path(path: str) -> None:
    try:
        plan, plain = made("n", path), made("n", "xyz")
    except RoutingError:
        return
    if [(r.kind, r.target) for r in plan.rules] != [(r.kind, r.target) for r in plain.rules]:
        return
    for name in ("kong", "istio", "caddy", "traefik"):
        try:
            files = gateway(name).files(plan)
        except RoutingError:
            continue
        for file, text in gateway(name).files(plain).items():
            load = json.loads if file.endswith(".json") else lambda t: list(yaml.safe_load_all(t))
            assert len(strings(load(files[file]))) == len(strings(load(text)))


@given(st.text(max_size=200))
def test_nginx_words_read_back_as_they_were(value: str) -> None:
    try:
        word = quote(value)
    except RoutingError:
        return
    assert word[0] == word[-1] == '"'
    assert re.sub(r"\\(.)", r"\1", word[1:-1]) == value
    assert not re.search(r'(?<!\\)(?:\\\\)*"', word[1:-1])


@pytest.mark.parametrize(
    "path", ['"; } evil {', "a\nb", "{{x}}", "$(x)", "`", "é٣", "x;y", "a b#c", "%[env(HOME)]"]
)
def test_real_nginx_and_haproxy_accept_what_they_are_given(path: str) -> None:
    program("nginx")
    program("haproxy")
    settings = RoutingSettings(service_url="http://127.0.0.1:9", monolith_url="http://127.0.0.1:9")
    table = system(route(0, re.escape(f"/{path}/"), "orders.v"), route(1, "/o/", "orders.v"))
    plan = plan_routes(table, context("orders", name=path), settings)
    with tempfile.TemporaryDirectory() as folder:
        write(plan, folder, ["nginx", "haproxy"], force=True)
        for name in ("nginx", "haproxy"):
            done = subprocess.run(
                gateway(name).check.replace("nginx", program("nginx"), 1)
                if name == "nginx"
                else gateway(name).check,
                shell=True,
                cwd=Path(folder) / name,
                env={"PATH": "/usr/sbin:/usr/bin:/bin"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("service_url", "http://x/;evil"),
        ("service_url", "http://a b"),
        ("monolith_url", "file:///etc/passwd"),
        ("monolith_url", "http://h:99999"),
        ("cookie", "a;b"),
        ("identity_headers", ("X-User: evil\n",)),
        ("override_token", 'x"; evil'),
        ("canary_percent", 101),
        ("listen", 0),
    ],
)
def test_settings_that_cannot_be_written_are_refused(setting: str, value: object, tmp_path: Path) -> None:
    table = system(route(0, "/o/", "orders.v"))
    plan = plan_routes(table, context("orders"), RoutingSettings(**{setting: value}))  # type: ignore[arg-type]
    with pytest.raises(RoutingError):
        write(plan, tmp_path / "routing")
