"""The same application behind other servers and a gateway: nothing that a client would notice, no alarm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from helpers.monolith import FIXTURES, NOW, seed, serving
from helpers.planted import planted
from helpers.ports import free_port

from strangler.contracts.http import RecordSettings, record
from strangler.contracts.http.suite_files import states_file, suite_files

PEOPLE = {"boss": {"Authorization": "Bearer boss-token"}}
WANTED = ("/api/v1/patients/", "/api/v1/patients/{patient_id}", "/patients/", "/staff/login", "/staff/logout",
          "/billing/unpaid.csv", "/api/versions")  # fmt: skip
APP = """
from clinic import create_app
app = create_app({{"SQLALCHEMY_DATABASE_URI": "sqlite:///{database}", "CLINIC_NOW": "{now}"}})
"""
WSGIREF = """
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server
from served import app
class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
make_server("127.0.0.1", {port}, app, Server).serve_forever()
"""
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off; gzip on; gzip_min_length 1; gzip_types application/json text/css text/plain text/csv;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {url}; proxy_set_header Host $http_host; add_header X-Served-By gateway always;
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served")
    database = seed("flask_clinic", place / "clinic.sqlite3")
    (place / "served.py").write_text(APP.format(database=database, now=NOW))
    return place


@pytest.fixture(scope="module")
def monolith(folder: Path) -> Iterator[str]:
    with serving("flask_clinic", folder / "clinic.sqlite3") as running:
        yield running.url


@pytest.fixture(scope="module")
def suite(folder: Path, monolith: str) -> Path:
    own = [e for e in planted("flask_clinic").endpoints if e.path in WANTED]
    found = record(own, monolith, RecordSettings(identities=PEOPLE, unsafe=True))
    assert len(found.cases) > 30
    place = folder / "suite"
    place.mkdir()
    for name, content in {**suite_files(found, "x"), "contract_states.py": states_file()}.items():
        (place / name).write_bytes(content)
    return place


@contextmanager
def started(command: list[str], url: str, folder: Path) -> Iterator[str]:
    path = f"{FIXTURES / 'flask_clinic'}{os.pathsep}{folder}"
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL
    ) as process:
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    httpx.get(f"{url}/healthz", trust_env=False)
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def green(suite: Path, url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", "--base-url", url]
    done = subprocess.run(
        [*command, "--as", "boss=Authorization: Bearer boss-token"],
        cwd=suite, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_reference_server_of_python_which_speaks_http_1_0(suite, folder):
    port = free_port()
    (folder / "reference.py").write_text(WSGIREF.format(port=port))
    with started([sys.executable, "reference.py"], f"http://127.0.0.1:{port}", folder) as url:
        green(suite, url)


def test_uvicorn_with_names_of_headers_in_lower_case(suite, folder):
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "served:app", "--interface", "wsgi", "--port", str(port)]
    with started([*command, "--log-level", "critical"], f"http://127.0.0.1:{port}", folder) as url:
        green(suite, url)


def test_nginx_in_front_which_compresses_and_adds_headers(suite, folder, monolith):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, url=monolith))
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with started(command, f"http://127.0.0.1:{port}", folder) as url:
        green(suite, url)
