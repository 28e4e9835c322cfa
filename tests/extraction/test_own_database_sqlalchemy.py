"""Services without migrations on their own databases: tables made of the models, answers as before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from extraction.test_samples import IDENTITIES, asked, filled, plain
from helpers.monolith import FIXTURES, run, wait_until_healthy
from helpers.on_server import page_of, two_databases
from helpers.planted import planted, planted_file
from helpers.ports import free_port

PROGRAM = Path(__file__).with_name("on_postgres.py")


@contextmanager
def serving(name: str, tree: Path, url: str, folder: Path) -> Iterator[str]:
    port = free_port()
    log = folder / f"{port}.log"
    command = [sys.executable, "-W", "ignore", str(PROGRAM), name, str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=tree, env={**os.environ, "TEST_URL": url}, stdout=out, stderr=out
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize(
    ("name", "context", "change"),
    [
        ("flask_clinic", "pharmacy", "UPDATE medicine SET in_stock = in_stock + 7"),
        ("fastapi_courier", "billing", "UPDATE tariff SET price = price + 1"),
    ],
)
def test_a_service_answers_from_its_own_database_as_the_monolith_did(
    name: str, context: str, change: str, tmp_path: Path
) -> None:
    tree, out = FIXTURES / name, tmp_path / "out"
    model = planted_file(name, tmp_path / "model")
    run("-m", "strangler", "extract", context, "--model", model, "--source", tree, "-o", out, "-q")
    with two_databases() as (one, other):
        before, after = one.url("data", "maker"), other.url("data", "mine")
        command = [sys.executable, "-W", "ignore", str(PROGRAM), name, "seed"]
        subprocess.run(command, cwd=tree, env={**os.environ, "TEST_URL": before}, check=True)
        page = page_of(out, one, other)
        page.do("1.")
        page.do("2.")
        page.do("3.")
        endpoints = [
            item
            for item in planted(name).endpoints
            if item.handler.startswith(f"{name.partition('_')[2]}.{context}")
        ]
        with (
            serving(name, tree, before, tmp_path) as old,
            serving(name, out / "service", after, tmp_path) as new,
        ):
            answered = 0
            for endpoint in endpoints:
                if "GET" not in (endpoint.methods or ("GET",)):
                    continue
                for headers in IDENTITIES[name]:
                    status, body = asked(old + filled(endpoint.path), headers)
                    found = asked(new + filled(endpoint.path), headers)
                    assert (found[0], plain(found[1], new)) == (status, plain(body, old)), endpoint.path
                    answered += status == 200
        assert answered
        other.rows(f"SET ROLE mine; {change}", "data")
        page.do("4.")  # compares what came back
        one.rows(change, "data")
        page.do("6.")
