"""What the server of `strangler serve` answers, and to whom."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from strangler.commands.live import Live, LiveServer, Picture
from strangler.commands.problems import UserError
from strangler.commands.serve import Watched

EVIL = "<script>\u202eevil\x1b[31m"


class Written(list[str]):
    def accept(self, text: str) -> list[str]:
        if "bad" in text:
            raise UserError(f"no such module {EVIL}")
        self.append(text)
        return [f"wrote {EVIL}"]


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def server(written: Written) -> Iterator[LiveServer]:
    live = Live(Picture(7, b"<!doctype html>the page", written.accept))
    live.note = EVIL
    with LiveServer() as server:
        server.live = live
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def ask(server: LiveServer, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
    """(status, body, headers) of a request that a browser of this machine could send."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    told = {"Host": f"127.0.0.1:{server.server_port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    for name, value in told.items():
        if value:
            connection.putheader(name, value)
    if body is not None and "Content_Length" not in headers:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


def page(server: LiveServer) -> str:
    return f"/{server.live.token}/"


def write(server: LiveServer, body: bytes = b"version = 1", **headers: str):
    origin = f"http://127.0.0.1:{server.server_port}"
    whole = {"Origin": origin, "Content_Type": "application/toml"} | headers
    return ask(server, page(server) + "accept", "POST", body, **whole)


def test_who_knows_the_address_sees_the_page_and_its_state_and_nothing_is_kept_or_shared(server):
    status, body, headers = ask(server, page(server))
    assert (status, body) == (200, b"<!doctype html>the page")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not [name for name in headers if name.lower().startswith("access-control")]
    state = json.loads(ask(server, page(server) + "state")[1])
    assert state["picture"] == 7
    assert state["note"].startswith("<script>")  # shown as text by the page, with no control character
    assert not {"\u202e", "\x1b"} & set(state["note"])
    assert server.server_address[0] == "127.0.0.1"


def test_who_does_not_know_the_token_or_comes_by_another_name_gets_nothing(server):
    token = server.live.token
    assert len(token) >= 43
    for path in (
        "/",
        "/state",
        f"/{token[:-1]}/",
        f"/{token}x/state",
        f"/{token}",
        "//",
        "/%00/",
    ):
        status, body, _ = ask(server, path)
        assert (status, b"page" in body) == (404, False), path
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", ""):
        assert ask(server, page(server), Host=host)[0] == 421
    assert ask(server, page(server), Host=f"localhost:{server.server_port}")[0] == 200
    assert ask(server, page(server) + "../../etc/passwd")[0] == 404


def test_only_the_page_itself_can_have_something_written(server, written):
    assert write(server, Origin="http://evil.example")[0] == 403
    assert write(server, Origin="null")[0] == 403
    assert write(server, Origin="")[0] == 403
    assert write(server, Host=f"localhost:{server.server_port}")[0] == 403  # the other name's origin
    assert write(server, Content_Type="text/plain")[0] == 415
    assert write(server, Content_Length="-1")[0] == 411
    assert write(server, Content_Length="9" * 9)[0] == 413
    assert write(server, b"\xff\xfe")[0] == 400
    assert ask(server, page(server) + "accept")[0] == 404
    assert written == []
    status, body, _ = write(server, b"version = 1\n")
    assert (status, written) == (200, ["version = 1\n"])
    assert server.live.changed.is_set()
    assert not {"\u202e", "\x1b"} & set(json.loads(body)["notes"][0])


def test_what_cannot_be_accepted_is_told_and_starts_no_analysis(server, written):
    status, body, _ = write(server, b"bad")
    assert status == 409
    assert json.loads(body)["error"].startswith("no such module <script>")
    assert written == []
    assert not server.live.changed.is_set()


def test_a_change_of_the_file_that_config_names_is_seen_and_its_settings_hold(tmp_path: Path) -> None:
    tree, file = tmp_path / "tree", tmp_path / "elsewhere.toml"
    tree.mkdir()
    (tree / "one.py").write_text("")
    file.write_text("excerpts = true\n")
    watched = Watched(tree, [str(file), "history.since=all"], tree / "strangler-boundaries.toml")
    before = watched.signature()
    assert watched.signature() == before
    file.write_text("excerpts = false # none\n")
    after = watched.signature()
    assert after != before
    assert not watched.settings.excerpts
    file.write_text("excerpts = what is this")
    assert watched.signature() != after  # the analysis says what is wrong; until then the old ones hold
    assert not watched.settings.excerpts
