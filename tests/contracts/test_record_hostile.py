"""What an application, its code and its answers cannot make a recording do."""

from __future__ import annotations

import gzip
import json
import pkgutil
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from strangler.contracts.http import RecordSettings, TargetError, record, sender
from strangler.contracts.http.matchers import masked
from strangler.contracts.http.suite.contract import differences, observe
from strangler.contracts.http.suite.contract_target import Line, Target, TargetRefusedError
from strangler.contracts.http.suite_files import states_file, suite_files
from strangler.contracts.http.values import bounds_of
from strangler.limits import DEFAULT, Limits
from strangler.model import Endpoint

Answering = Callable[[BaseHTTPRequestHandler], None]
Asked = tuple[str, dict[str, str]]


@contextmanager
def server(
    answer: Answering, host: str = "127.0.0.1"
) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A server that answers as told, and what it was asked: paths and headers."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append((self.path, dict(self.headers)))
            with suppress(OSError):
                answer(self)

        do_HEAD = do_OPTIONS = do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    found = ThreadingHTTPServer((host, 0), Handler)
    found.daemon_threads = True
    found.handle_error = lambda *_: None
    threading.Thread(target=found.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://{host}:{found.server_port}", asked
    finally:
        found.shutdown()
        found.server_close()


def says(body: bytes, kind: str = "application/json", **headers: str) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"Content-Type": kind, **headers}.items():
            handler.send_header(name.replace("_", "-"), value.encode("utf-8").decode("latin-1"))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def endpoint(path: str) -> Endpoint:
    return Endpoint(
        path=path,
        pattern=path,
        regex=re.escape(path),
        exact=True,
        order=0,
        name=None,
        methods=("GET",),
        handler="shop.views.show",
        framework="fastapi",
        file="shop/views.py",
        line=1,
    )


BOUNDS = bounds_of(DEFAULT)
QUICK = RecordSettings(limits=Limits(answer_seconds=10))
SETTINGS = RecordSettings(
    identities={"boss": {"Authorization": "Bearer TOPSECRET"}, "bob": {"Cookie": "sessionid=SECRETCOOKIE"}},
    limits=Limits(answer_seconds=4),
)


def test_no_path_of_the_code_and_no_link_of_a_page_brings_credentials_to_another_host():
    with server(says(b"{}"), "127.0.0.2") as (evil, stolen):
        host = evil.removeprefix("http://")
        port = evil.rpartition(":")[2]
        page = (
            f'<a href="@{host}/a"></a><a href="//{host}/b"></a><a href="{evil}/c"></a><a href="\\\\{host}/d">'
        )
        with server(says(page.encode(), "text/html")) as (target, asked):
            routes = [
                f"@{host}/x",
                f"1:{port}/steal",
                f".{host}/y",
                f"//{host}/z",
                evil,
                "/page",
                "/@" + host,
            ]
            found = record([endpoint(path) for path in routes], target, SETTINGS, ("/", f"@{host}/o"))
    assert stolen == []
    assert {path for path, _ in asked} >= {"/page", f"/@{host}", f"/{host}/z"}  # it drops a double slash
    assert f"@{host}/x" in " ".join(item.endpoint for item in found.missing)


def test_what_is_sent_after_an_answer_is_not_the_answer_of_the_next_request():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        said = b'{"path": "%s"}' % handler.path.encode()
        extra = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        handler.wfile.write(head % len(said) + said + extra + b'"forged"')

    with server(answer) as (target, _):
        found = record([endpoint("/a"), endpoint("/b")], target, SETTINGS)
    bodies = [answer.get("json") for answer in found.answers.values() if "json" in answer]
    assert {"path": "/a"} in bodies
    assert {"path": "/b"} in bodies
    assert "forged" not in bodies


@pytest.mark.parametrize(
    "base", ["http://me:pw@shop", "ftp://shop", "shop", "http://", "http://shop/?next=/"]
)
def test_an_address_that_is_no_plain_service_is_refused(base):
    with pytest.raises(ValueError, match=r"address of a service|--as"):
        Target(base)


def test_a_service_below_a_path_is_asked_below_it():
    target = Target("https://shop.example:8443/mounted/")
    assert str(target.url("/a b/c%2Fd", [("q", "1")])) == "https://shop.example:8443/mounted/a%20b/c%2Fd?q=1"
    assert str(target.url("/x?next=/y")) == "https://shop.example:8443/mounted/x?next=/y"


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.2)


def slow_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(b"X-%d: 1\r\n" % number)
        time.sleep(0.2)


def always_continue(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(1000):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


BOMB = gzip.compress(b"\0" * 2**27)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (endless, r"limit answer-bytes: 8,388,608"),
        (dripping, r"not whole after 2 s \(limit answer-seconds\)"),
        (slow_headers, r"not whole after 2 s \(limit answer-seconds\)"),
        (always_continue, r"not whole after 2 s \(limit answer-seconds\)"),
        (says(BOMB, "text/plain", Content_Encoding="gzip"), r"limit answer-bytes: 8,388,608"),
        (says(b"what", "text/plain", Content_Encoding="gzip"), "cannot be decompressed"),
        (says(b"what", "text/plain", Content_Encoding="zstd"), "not asked for"),
    ],
    ids=["endless", "dripping", "slow headers", "100 Continue", "bomb", "no gzip", "zstd"],
)
def test_an_answer_without_end_costs_little_and_is_named(answer, said):
    with server(answer) as (base, _), httpx.Client(timeout=1.0, trust_env=False) as http:
        line = Line(http, Target(base), BOUNDS)
        with pytest.raises(TargetRefusedError, match=said):
            line.ask("GET", line.target.url("/"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate", ""])
def test_a_compressed_answer_is_read(encoding):
    import zlib

    plain = b'{"ok": true}' * 1000
    bare = zlib.compressobj(wbits=-15)
    sent = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "": plain,
            "bare deflate": bare.compress(plain) + bare.flush()}[encoding]  # fmt: skip
    headers = {"Content_Encoding": encoding.split()[-1]} if encoding else {}
    with server(says(sent, "text/plain", **headers)) as (base, _), httpx.Client() as http:
        line = Line(http, Target(base), BOUNDS)
        assert line.ask("GET", line.target.url("/")).content == plain


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


CODECS = ("hex", "zlib", "rot13", "undefined", "idna", "x")
LAST = "Fri, 31 Dec 9999 23:59:59"


@pytest.mark.parametrize(
    "answer",
    [
        *(says(b"ok", f"text/plain; charset={name}") for name in CODECS),
        *(says(b"{}", Set_Cookie=f"a=b; Max-Age={age}") for age in ("--5", "\xb2", "9" * 6000)),
        *(says(b"ok", "text/plain", Expires=f"{LAST} {zone}") for zone in ("-2359", "GMT", "")),
        *(says(b"ok", "text/plain", Date=moment) for moment in (f"{LAST} GMT", "-1")),
        *(says(deep(levels)) for levels in (900, 200_000)),
        says(b"[" + b"1," * 200_000 + b"1]"),
        says(b"\n" * 200_000, "text/plain"),
    ],
)  # fmt: skip
def test_an_odd_answer_is_recorded_as_any_other(answer):
    with server(answer) as (base, _):
        found = record([endpoint("/odd")], base, QUICK)
    assert found.covered == 1
    json.dumps(found.answers)


@pytest.mark.parametrize(
    "part",
    ["strangler.contracts.http.suite.contract.observe", "strangler.contracts.http.pool.Pool.learn"],
)
def test_an_answer_on_which_a_part_of_ours_fails_is_named_and_the_others_are_recorded(part, monkeypatch):
    package, _, name = part.rpartition(".")
    home = pkgutil.resolve_name(package)
    real = getattr(home, name)

    def fails(*args: Any) -> Any:
        if "odd" in repr(getattr(args[0], "url", args[1:])):
            raise KeyError("a defect")
        return real(*args)

    monkeypatch.setattr(home, name, fails)
    with server(says(b"{}")) as (base, _):
        found = record([endpoint("/odd"), endpoint("/good")], base, QUICK)
    assert found.covered == 1
    (missing,) = found.missing
    assert (missing.endpoint, "a defect" in missing.reason) == ("GET /odd", True)


@pytest.mark.parametrize("body", [deep(900), deep(200_000), b"[" + b"1," * 200_000 + b"1]"])
def test_a_body_with_more_than_can_be_compared_is_kept_by_its_hash(body):
    seen = observe(
        httpx.Response(200, content=body, headers={"Content-Type": "application/json"}), "", BOUNDS
    )
    assert set(seen) == {"status", "headers", "cookies", "sha256"}


@pytest.mark.parametrize(
    "text", ["<input " * 300_000, "a" * 1_000_000, "eyJ" * 300_000, "-----BEGIN PRIVATE KEY-----" * 9_000]
)
def test_a_long_odd_page_is_read_in_linear_time(text):
    answer = httpx.Response(200, text=text, headers={"Content-Type": "text/html"})
    masked(observe(answer, "", BOUNDS), ["secret"])  # quadratic patterns would not end


SECRETS = {
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "stripe": "sk_live_0123456789abcdefghij",
    "slack": "xoxb-012345678901-abcdefghijkl",
    "dsn": "postgres://shop:hunter2@db.example/shop",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF-123",
}
PLACES = {
    "query": "/next?token=abcdefgh&page=2",
    "password": '<input type="password" name="pw" value="hunter2hunter2">',
    "csrf": "<input name='csrfmiddlewaretoken' type=hidden value='s3cr3tT0ken'>",
    "meta": '<meta name="csrf-token" content="s3cr3tT0ken">',
    "script": 'var apiKey = "s3cr3tT0ken", page = 2;',
    "nonce": 'Digest realm="shop", nonce="s3cr3tT0ken"',
}
HIDDEN = re.compile(r"AKIA|ghp_|sk_live|xoxb|hunter2|4111|3704|MIIE|IBAAKC|eyJ|abcdefgh|s3cr3t")


@pytest.mark.parametrize("where", ["json", "text", "html", "header"])
@pytest.mark.parametrize("name", [*SECRETS, *PLACES])
def test_a_secret_is_known_by_shape_and_place_and_is_never_kept(name, where):
    text = {**SECRETS, **PLACES}[name]
    kinds = {"json": "application/json", "text": "text/plain", "html": "text/html", "header": "text/plain"}
    headers = {"content-type": kinds[where]}
    body = f"before\nit is {text} here\nafter"
    if where == "header":
        headers["x-said"] = text.replace("\n", " ")
    answer = httpx.Response(
        200, headers=headers, content=json.dumps({"note": body}) if where == "json" else body
    )
    seen = observe(answer, "http://shop", BOUNDS)
    kept, matchers = masked(seen, ())
    assert not HIDDEN.search(json.dumps(kept))
    assert not HIDDEN.search(json.dumps(matchers))
    assert not differences(kept, seen, matchers)


def test_a_header_with_a_telling_name_is_masked():
    headers = {"X-Api-Key": "plain-value-1", "X-Auth-Token": "another", "X-Total": "12"}
    kept, _ = masked(observe(httpx.Response(200, headers=headers), "", BOUNDS), ())
    assert kept["headers"] == {"x-api-key": "***", "x-auth-token": "***", "x-total": "12"}


@pytest.mark.parametrize(
    "text",
    ["the token = getToken();", "Order 4111111111111112", "12345678", "password: required", "key: value",
     '<input name="q" value="saw">', "https://shop.example:8000/a@b", "it costs 1234 5678"],
)  # fmt: skip
def test_what_is_no_secret_stays(text):
    kept, matchers = masked(observe(httpx.Response(200, text=text), "", BOUNDS), ())
    assert (kept["text"], matchers) == ([text], {})


def test_a_secret_that_differs_between_two_recordings_is_in_neither_file():
    count = iter(range(10**6))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        page = f'<p>page {next(count)} <input name="csrf_token" value="s3cr3t{next(count)}"> end</p>'
        says(page.encode(), "text/html")(handler)

    with server(answer) as (base, _):
        found = record([endpoint("/form")], base, QUICK)
    assert "s3cr3t" not in json.dumps([found.answers, found.matchers])
    assert set(found.masked) == {"looks like a secret"}
    case = next(case for case in found.cases if case.method == "GET")
    body = {**found.answers[case.id], "text": ['<p>page 77 <input name="csrf_token" value="zzz"> end</p>']}
    assert not differences(found.answers[case.id], body, found.matchers[case.id])


def test_answers_beyond_what_a_recording_holds_are_named():
    limits = Limits(recording_bytes=1500, answer_seconds=10)
    with server(says(b"x" * 1000, "text/plain")) as (base, _):
        found = record([endpoint("/a"), endpoint("/b")], base, RecordSettings(limits=limits))
    assert ["(limit recording-bytes: 1,500)" in item.reason for item in found.missing] == [True]


@pytest.mark.parametrize(
    ("body", "limits"),
    [(deep(4), {"answer_levels": 3}), (b"[1, 2, 3]", {"answer_values": 3})],
    ids=["levels", "values"],
)
def test_what_can_be_compared_of_a_body_can_be_set(body, limits):
    answer = httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
    assert "json" in observe(answer, "", BOUNDS)
    assert "sha256" in observe(answer, "", bounds_of(Limits(**limits)))


def test_a_suite_keeps_to_the_limits_of_its_recording(tmp_path):
    with server(says(b"[[[[1]]]]")) as (base, _):
        limits = Limits(answer_levels=3, answer_bytes=20, answer_seconds=10)
        found = record([endpoint("/a")], base, RecordSettings(limits=limits))
        for name, content in {**suite_files(found, "shop"), "contract_states.py": states_file()}.items():
            (tmp_path / name).write_bytes(content)
        suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", "--base-url", base]
        done = subprocess.run(suite, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    with server(says(b"[" + b" " * 30 + b"]")) as (base, _):
        done = subprocess.run([*suite[:-1], base], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "(limit answer-bytes: 20)" in done.stdout


def test_an_address_with_credentials_is_refused_by_name():
    with pytest.raises(TargetError, match="--as"):
        record([endpoint("/")], "http://me:pw@127.0.0.1", RecordSettings())


def test_the_limits_are_what_the_manual_says():
    manual = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text("utf-8")
    assert f"{DEFAULT.answer_bytes // 2**20} MiB (decompressed)" in manual
    assert f"{DEFAULT.answer_seconds} s" in manual
    assert f"a recording {DEFAULT.recording_bytes // 2**20} MiB" in manual
    assert f"deeper than {DEFAULT.answer_levels} levels" in manual
    assert f"more than {DEFAULT.answer_values:,} values" in manual
    assert f"after {sender.MOST_UNFINISHED} requests in a row" in manual


def test_a_cookie_of_any_letters_is_sent_back():
    with server(says(b"ok", "text/plain", Set_Cookie="taste=süß")) as (base, asked):
        record([endpoint("/a"), endpoint("/b")], base, QUICK)
        with httpx.Client() as http:
            line = Line(http, Target(base), BOUNDS)
            line.ask("GET", line.target.url("/c"), headers={"Cookie": "taste=süß"})
    assert asked[-1][1]["Cookie"] == "taste=süß".encode().decode("latin-1")


def test_a_target_without_one_whole_answer_is_not_asked_for_ever():
    with server(endless) as (base, asked), pytest.raises(TargetError, match="8 requests in a row"):
        record([endpoint(f"/page{number}") for number in range(50)], base, QUICK)
    assert len(asked) == 8
