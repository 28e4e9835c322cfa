"""Writes: recorded from one state, checked by what can be read afterwards, and put back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import msgspec
import pytest
from helpers.monolith import FIXTURES, NOW, Running, seed, serving
from helpers.planted import planted, planted_file
from helpers.states import reset_command, reset_url
from test_record_hostile import endpoint, server

from strangler.contracts.http import Recording, RecordSettings, record
from strangler.contracts.http.suite.contract_client import Client, resetter
from strangler.contracts.http.suite.contract_target import Line, Target
from strangler.contracts.http.values import bounds_of
from strangler.limits import DEFAULT

COURIER = ("--as", "admin=X-API-Key: admin-key", "--as", "shop=X-API-Key: shop-key")


def python(*arguments: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Recorded:
    suite: Path
    running: Running
    reset: str

    def run(self, *options: object, **env: str) -> subprocess.CompletedProcess[str]:
        where = ("--base-url", self.running.url)
        return python(
            "pytest", "-q", "-p", "no:cacheprovider", ".", *where, *COURIER, *options, cwd=self.suite, **env
        )


@pytest.fixture(scope="module")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("courier")
    model = planted_file("fastapi_courier", folder)
    plan = folder / "plan"
    made = python("strangler", "plan", "parcels", "--model", model, "-o", plan, "--gateway", "nginx")
    assert made.returncode == 0, made.stderr
    database = seed("fastapi_courier", folder / "courier.sqlite3")
    with serving("fastapi_courier", database) as running, reset_url(database) as reset:
        record_it = ("record", plan, "--target", running.url, "--writes", "--reset", reset)
        done = python("strangler", *record_it, *COURIER)
        assert done.returncode == 0, done.stderr
        assert "5 of 5 pairs" in done.stdout
        yield Recorded(plan / "contracts" / "http", running, reset)


def sources(recorded: Recorded) -> str:
    return "".join(path.read_text() for path in sorted(recorded.suite.glob("test_*.py")))


def test_valid_bodies_and_each_way_of_being_wrong_come_from_the_code(courier):
    text = sources(courier)
    answers = json.loads((courier.suite / "recordings.json").read_text())["answers"]
    assert answers["post_api_v1_parcels_done_as_admin"]["status"] == 201
    for why in ("size_missing", "size_no_choice", "street_too_long", "unexpected_field", "broken_json"):
        (found,) = (answers[name] for name in answers if f"_parcels_{why}_as_" in name)
        assert found["status"] == 422
    assert answers["post_api_v1_parcels_by_another_as_anonymous"]["status"] == 401
    assert "# done: 200; DELETE /api/v1/parcels/{code}" in text
    assert "# one choice: 200; GET /api/v1/parcels/" in text


def test_what_a_write_did_is_read_in_the_same_test(courier):
    text = sources(courier)
    test = text.partition("def test_post_api_v1_parcels_done_as_admin")[2].partition("\ndef test_")[0]
    assert "# afterwards: 200; GET /api/v1/parcels/{code}" in test
    assert "# afterwards: 200; GET /api/v1/parcels/ " in test


def test_the_suite_is_green_again_and_again_because_data_are_put_back(courier):
    for _ in range(2):
        done = courier.run("--reset", courier.reset)
        assert done.returncode == 0, done.stdout
        assert "skipped" not in done.stdout


def test_writes_are_skipped_with_a_reason_where_nothing_puts_data_back(courier):
    done = courier.run("-rs")
    assert done.returncode == 0, done.stdout
    assert "say with --reset how the data are put back" in done.stdout


def test_a_reset_that_fails_ends_the_run_with_its_words(courier, tmp_path):
    script = tmp_path / "reset.py"
    script.write_text("import sys; sys.exit('no such snapshot')")
    done = courier.run("--reset", f"{sys.executable} {script}")
    assert done.returncode == 2
    assert done.stdout.count("no such snapshot") == 1


def test_the_team_can_put_data_back_in_a_function_that_is_never_overwritten(courier):
    hook = courier.suite / "contract_states.py"
    generated = hook.read_text()
    command = f"    import httpx\n    httpx.post({courier.reset!r})"
    hook.write_text(generated.replace("    raise NotImplementedError", command))
    try:
        done = courier.run("-k", "post_api_v1_parcels")
        assert done.returncode == 0, done.stdout
        assert "skipped" not in done.stdout
    finally:
        hook.write_text(generated)


def test_an_asgi_application_is_called_in_the_process_of_the_suite(courier, tmp_path):
    live = Path(shutil.copy2(courier.running.database, tmp_path / "own.sqlite3"))
    place = {
        "PYTHONPATH": str(FIXTURES / "fastapi_courier"),
        "COURIER_DATABASE": str(live),
        "COURIER_NOW": NOW,
    }
    done = courier.run("--asgi", "courier.main:app", "--reset", reset_command(live), **place)
    assert done.returncode == 0, done.stdout
    broken = courier.run("--asgi", "courier.health:router", "-x", **place)
    assert broken.returncode == 1


def test_a_wsgi_application_is_called_in_the_process_of_the_suite(tmp_path):
    live = seed("flask_clinic", tmp_path / "clinic.sqlite3")
    own = [e for e in planted("flask_clinic").endpoints if e.path.startswith("/api/v1/billing")]
    people = {"boss": {"Authorization": "Bearer boss-token"}}
    with serving("flask_clinic", live) as running:
        reset = reset_command(live)
        found = record(
            own, running.url, RecordSettings(identities=people, writes=True, reset=resetter(reset))
        )
    suite = written(found, tmp_path)
    (tmp_path / "served.py").write_text(
        "from clinic import create_app\n"
        f"app = create_app({{'SQLALCHEMY_DATABASE_URI': 'sqlite:///{live}', 'CLINIC_NOW': {NOW!r}}})\n"
    )
    done = python(
        "pytest", "-q", "-p", "no:cacheprovider", suite, "--wsgi", "served:app", "--reset", reset,
        "--as", "boss=Authorization: Bearer boss-token",
        cwd=tmp_path, PYTHONPATH=f"{FIXTURES / 'flask_clinic'}{os.pathsep}{tmp_path}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def written(found: Recording, folder: Path) -> Path:
    from strangler.contracts.http.suite_files import states_file, suite_files

    suite = folder / "suite"
    suite.mkdir()
    for name, content in {**suite_files(found, "x"), "contract_states.py": states_file()}.items():
        (suite / name).write_bytes(content)
    return suite


def test_who_signs_in_by_a_form_can_post_forms_with_their_token(tmp_path):
    live = seed("django_shop", tmp_path / "shop.sqlite3")
    wanted = ("/accounts/profile/", "/accounts/addresses/add/", "/{language_code}/orders/cart/add/",
              "/{language_code}/orders/cart/", "/accounts/logout/")  # fmt: skip
    own = [e for e in planted("django_shop").endpoints if e.path in wanted]
    logins = {"ada": ("/accounts/login/", {"username": "ada", "password": "tools4all"})}
    with serving("django_shop", live) as running, httpx.Client(timeout=60, trust_env=False) as http:
        # A password is slow to check: the session is opened once, and is part of the state that is put back.
        cookies = Client(Line(http, Target(running.url), bounds_of(DEFAULT)), {}, logins).cookies("ada")
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        with reset_url(live) as reset:
            settings = RecordSettings(
                identities={"ada": {"Cookie": header}},
                writes=True,
                reset=resetter(reset),
                parameters={"language_code": ["en"]},
            )
            found = record(own, running.url, settings, ("/en/",))
            suite = written(found, tmp_path)
            done = python(
                "pytest", "-q", "-p", "no:cacheprovider", suite, "--base-url", running.url, "--reset", reset,
                "--as", f"ada=Cookie: {header}", cwd=tmp_path,
            )  # fmt: skip
    assert done.returncode == 0, done.stdout
    by_why = {(case.method, case.path, case.why): found.answers[case.id]["status"] for case in found.cases}
    assert by_why["POST", "/accounts/addresses/add/", "done"] == 302
    assert by_why["POST", "/accounts/addresses/add/", "without the token"] == 403
    assert by_why["POST", "/en/orders/cart/add/", "done"] == 302
    assert by_why["POST", "/en/orders/cart/add/", "quantity too large"] == 422
    text = "".join(path.read_text() for path in suite.iterdir() if path.is_file())
    assert not any(value in text for value in cookies.values())
    assert {one.endpoint for one in found.missing} <= {"PUT /accounts/addresses/add/"}


def test_a_write_that_no_request_fits_tells_the_answer_that_came_nearest():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        known = handler.headers.get("X-User") == "boss"
        status, text = (422, b'{"detail": "an owner is required"}') if known else (401, b'{"detail": "who?"}')
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    things = msgspec.structs.replace(endpoint("/things"), methods=("POST",))
    settings = RecordSettings(identities={"boss": {"X-User": "boss"}}, writes=True, reset=lambda: None)
    with server(answer) as (target, _):
        found = record([things], target, settings)
    (missing,) = found.missing
    assert missing.endpoint == "POST /things"
    assert "the nearest answer: 422" in missing.reason
    assert "an owner is required" in missing.reason
