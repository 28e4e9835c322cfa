# ruff: noqa: N815
"""``strangler record`` against a sample monolith that really runs, and the suite that it writes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from helpers.monolith import seed, serving
from helpers.planted import planted_file
from helpers.ports import free_port

from strangler.contracts.http import RecordSettings, record
from strangler.model import Endpoint, Input, Request

PEOPLE = (
    "--as",
    "boss=Authorization: Bearer boss-token",
    "--as",
    "doctor=Authorization: Bearer doctor-token",
)


def python(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def run_suite(plan: Path, url: str, *options: object) -> subprocess.CompletedProcess[str]:
    folder = plan / "contracts" / "http"
    return python("pytest", "-q", "-p", "no:cacheprovider", ".", "--base-url", url, *options, cwd=folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_file("flask_clinic", tmp_path_factory.mktemp("clinic"))


def write_plan(model: Path, folder: Path) -> Path:
    done = python("strangler", "plan", "patients", "--model", model, "-o", folder, "--gateway", "nginx")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = seed("flask_clinic", tmp_path_factory.mktemp("data") / "clinic.sqlite3")
    with serving("flask_clinic", database) as running:
        yield running.url


@pytest.fixture(scope="module")
def recorded(model: Path, clinic: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = write_plan(model, tmp_path_factory.mktemp("plan") / "plan")
    done = python("strangler", "record", plan, "--target", clinic, *PEOPLE)
    assert done.returncode == 0, done.stderr
    assert "Covered" in done.stdout
    return plan


def test_the_suite_is_green_again_and_again(recorded, clinic):
    for _ in range(3):
        done = run_suite(recorded, clinic, *PEOPLE)
        assert done.returncode == 0, done.stdout


def test_reading_covers_collection_item_unknown_id_roles_and_methods(recorded):
    answers = json.loads((recorded / "contracts/http/recordings.json").read_text())["answers"]
    statuses = {answer["status"] for answer in answers.values()}
    assert {200, 401, 404, 405} <= statuses
    assert any(name.startswith("get_api_v1_patients_1_as_boss") for name in answers)


def test_secrets_are_nowhere_in_what_is_written(recorded):
    text = "".join(path.read_text() for path in (recorded / "contracts").rglob("*") if path.is_file())
    assert "boss-token" not in text
    assert "@example" not in text
    assert "masked: e-mail address" in (recorded / "contracts/http/matchers.json").read_text()


def test_an_identity_that_is_not_given_is_a_failure_and_no_skip(recorded, clinic):
    done = run_suite(recorded, clinic)
    assert done.returncode == 1
    assert "who is" in done.stdout
    assert "skipped" not in done.stdout


def test_the_openapi_document_is_valid(recorded):
    validator = pytest.importorskip("openapi_spec_validator")
    document = json.loads((recorded / "contracts/openapi.json").read_text())
    validator.validate(document)
    assert document["openapi"] == "3.1.0"
    shown = document["paths"]["/api/v1/patients/{patient_id}"]["get"]["responses"]["200"]
    assert "application/json" in shown["content"]


class Service(BaseHTTPRequestHandler):
    """A service that was rebuilt without much care: every answer is an empty object."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


def test_another_service_fails_and_the_message_says_where(recorded):
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run_suite(recorded, f"http://127.0.0.1:{server.server_port}", *PEOPLE)
        server.shutdown()
    assert done.returncode == 1
    assert " is missing (was " in done.stdout
    assert "status 200, was 401" in done.stdout


WRONG_CASES = (
    ('{"requests": false}', "Expected `array`, got `bool` - at `$.requests`"),
    ('{"skip": 18446744073709551616}', "$.skip"),
    ('{"request": []}', "unknown field `request`"),
    ('{"requests": [{"path": "/x", "query": [["a", "b", "b"]]}]}', "$.requests[0].query[0]"),
    (
        '{"requests": [{"path": "/api/v1/patients/2", "identity": "bos"}]}',
        "nobody is called 'bos'; there are boss",
    ),
    ("[" * 100_000, "cases.json"),
)


def test_reviewed_matchers_and_cases_survive_another_recording(model, clinic, tmp_path):
    plan = write_plan(model, tmp_path / "plan")
    assert python("strangler", "record", plan, "--target", clinic, *PEOPLE).returncode == 0
    http = plan / "contracts/http"
    matchers = json.loads((http / "matchers.json").read_text())
    case = "get_api_v1_patients_1_as_boss"
    matchers.setdefault(case, {})["json.last_name"] = {"type": "string", "why": "ours"}
    matchers["*"] = {"json.first_name": {"type": "any"}}
    (http / "matchers.json").write_text(json.dumps(matchers))
    (http / "cases.json").write_text(
        '{"parameters": {"patient_id": [2]},'
        ' "requests": [{"path": "/api/v1/patients/2", "query": [["a", 1], ["a", 2]]}]}'
    )
    assert python("strangler", "record", plan, "--target", clinic, *PEOPLE).returncode == 0
    assert "get_api_v1_patients_2_a_1_a_2_as_boss" in (http / "matchers.json").read_text()
    assert json.loads((http / "matchers.json").read_text())[case]["json.last_name"]["why"] == "ours"
    assert "*" in json.loads((http / "matchers.json").read_text())
    assert '"a", 1' in (http / "cases.json").read_text()

    test = next(http.glob("test_*.py"))
    test.write_text(test.read_text() + "# ours\n")
    refused = python("strangler", "record", plan, "--target", clinic, *PEOPLE)
    assert refused.returncode == 2
    assert test.name in refused.stderr
    for wrong, told in WRONG_CASES:
        (http / "cases.json").write_text(wrong)
        refused = python("strangler", "record", plan, "--target", clinic, *PEOPLE)
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr


def test_a_target_that_does_not_answer_is_named(model, tmp_path):
    plan = write_plan(model, tmp_path / "plan")
    url = f"http://127.0.0.1:{free_port()}"
    done = python("strangler", "record", plan, "--target", url)
    assert done.returncode == 2
    assert url in done.stderr
    assert "is it running?" in done.stderr
    assert not (plan / "contracts" / "http").exists()


def test_a_folder_without_a_plan_is_refused(tmp_path):
    done = python("strangler", "record", tmp_path, "--target", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert "strangler plan" in done.stderr


class Doorman(BaseHTTPRequestHandler):
    """Gives everybody without a cookie one, as frameworks do with sessions, and greets who has one."""

    def do_GET(self) -> None:
        known = "Cookie" in self.headers
        body = b'{"greeting": "welcome back"}' if known else b'{"greeting": "hello"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if not known:
            self.send_header("Set-Cookie", "session=abcdef; Path=/")
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_cookie_given_to_one_request_is_not_sent_with_the_next():
    endpoint = Endpoint(
        path="/",
        methods=("GET",),
        handler="a.view",
        framework="flask",
        pattern="/",
        regex="/",
        name=None,
        file="a.py",
        line=1,
        order=0,
    )
    with HTTPServer(("127.0.0.1", 0), Doorman) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = RecordSettings(identities={"eva": {"Cookie": "session=eva"}})
        found = record([endpoint], f"http://127.0.0.1:{server.server_port}", settings)
        server.shutdown()
    greetings = {case.identity: found.answers[case.id].get("json") for case in found.cases}
    assert greetings["anonymous"] == {"greeting": "hello"}
    assert greetings["eva"] == {"greeting": "welcome back"}


class Register(BaseHTTPRequestHandler):
    """Keeps names, no name twice."""

    names: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._answer(200, [{"name": name} for name in self.names])

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["name"]
        if name in self.names:
            self._answer(400, {"name": ["A guild with this name already exists."]})
        else:
            self.names.append(name)
            self._answer(201, {"name": name})

    def _answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments: object) -> None:
        pass


def put_back() -> None:
    Register.names[:] = ["Smiths"]


def test_a_value_that_another_row_has_is_replaced_by_a_new_one():
    guild = Input(name="name", where="body", type="string", required=True, refers="guilds_guild.name")
    body = Request(method="POST", inputs=(guild,), media="json")
    endpoint = Endpoint(
        path="/guilds/",
        methods=("GET", "POST"),
        handler="a.view",
        framework="flask",
        pattern="/guilds/",
        regex="/guilds/",
        name=None,
        file="a.py",
        line=1,
        order=0,
        requests=(body,),
    )
    with HTTPServer(("127.0.0.1", 0), Register) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = RecordSettings(writes=True, reset=put_back)
        found = record([endpoint], f"http://127.0.0.1:{server.server_port}", settings)
        server.shutdown()
    by_why = {case.why: found.answers[case.id]["status"] for case in found.cases if case.method == "POST"}
    assert by_why["done"] == 201
    assert by_why["turned away"] == 400, "what was refused is a case as well"
