"""Applications that answer `strangler record` and `strangler verify` as they like."""

from __future__ import annotations

import functools
import gzip
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from case import Case, write

ELSEWHERE = "127.0.0.11"
ROUTES = [
    "/page",
    "/items/{item}",
    "1:{port}/steal",
    "@{host}/x",
    ".{host}/y",
    "//{host}/z",
    "http://{host}/w",
    "\\\\\\\\{host}/v",
    "/a@{host}/u",
]
SHOP = """from fastapi import FastAPI
app = FastAPI()
{routes}
"""
SECRET = "TOPSECRET-CREDENTIAL"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer, address: str) -> Iterator[tuple[int, list[str]]]:
    """A server, its port and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path} {self.headers}")
            with suppress(OSError):
                answer(self)

        do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    found = ThreadingHTTPServer((address, 0), Handler)
    found.daemon_threads = True
    found.handle_error = lambda *_: None
    threading.Thread(target=found.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield found.server_port, asked
    finally:
        found.shutdown()
        found.server_close()


def says(body: bytes, kind: str = "application/json", status: int = 200, **headers: str) -> Answer:
    """An answer with a length."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def raw(*parts: bytes, pause: float = 0.0, times: int = 1) -> Answer:
    """Bytes as they are, the last part again and again."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        for part in parts[:-1]:
            handler.wfile.write(part)
        for _ in range(times):
            handler.wfile.write(parts[-1])
            time.sleep(pause)
        handler.close_connection = True

    return answer


@functools.cache
def bomb() -> bytes:
    """A gigabyte in a megabyte."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(b"\0" * 2**20) for _ in range(1024)) + packer.flush()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
ENDLESS = 10**9
ANSWERS: dict[str, Answer] = {
    "plain": says(b"{}"),
    "endless": raw(HEAD, b"x" * 65_536, times=ENDLESS),
    "dripping": raw(HEAD, b"x", pause=1, times=ENDLESS),
    "headers-dripping": raw(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", pause=1, times=ENDLESS),
    "headers-endless": raw(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"a" * 60_000 + b"\r\n", times=ENDLESS),
    "continue": raw(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.2, times=ENDLESS),
    "chunks-endless": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nabcde\r\n", times=ENDLESS),
    "chunk-bad": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "stream": raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b"data: x\n\n", pause=0.5, times=ENDLESS),
    "length-wrong": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nabc"),
    "length-negative": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"),
    "garbage": raw(b"\xff\xfe\x00garbage\r\n\r\n"),
    "status-odd": raw(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
    "status-text": raw(b"HTTP/1.1 abc Odd\r\n\r\n"),
    "hang-up": lambda handler: handler.connection.close(),
    "bomb": lambda h: says(bomb(), "text/plain", Content_Encoding="gzip")(h),
    "bomb-twice": lambda h: says(gzip.compress(bomb()), "text/plain", Content_Encoding="gzip, gzip")(h),
    "not-gzip": says(b"what", "text/plain", Content_Encoding="gzip"),
    "zstd": says(b"what", "text/plain", Content_Encoding="zstd"),
    "json-deep": says(b"[" * 200_000 + b"]" * 200_000),
    "json-900": says(b"[" * 900 + b"]" * 900),
    "json-wide": says(b"[" + b"1," * 2_000_000 + b"1]"),
    "json-keys": says(b'{"a": 1, "a": 2, "__proto__": {}, "$number": "1"}'),
    "json-numbers": says(b"[NaN, Infinity, 1e999, -0, " + b"9" * 100_000 + b"]"),
    "json-surrogates": says(b'["\\ud800", "\\udfff\\u0000"]'),
    "json-large": lambda h: says(b'["' + b"a" * 100_000_000 + b'"]')(h),
    "html-broken": says(b"<input " * 1_000_000, "text/html"),
    "html-links": says(b'<a href="/items/1?x=1"></a>' * 200_000, "text/html"),
    "html-lines": says(b"\n" * 5_000_000, "text/html"),
    "utf-16": says("ä".encode("utf-16") * 1000, "text/plain; charset=utf-16"),
    **{f"charset-{name}": says(b"ok", f"text/plain; charset={name}") for name in ("hex", "zlib", "rot13", "undefined", "idna", "punycode", "nothing", "\xb2")},
    **{f"max-age-{number}": says(b"{}", Set_Cookie=f"a=b; Max-Age={age}") for number, age in enumerate(("--5", "\xb2", "9" * 6000, "", "1e9"))},
    "cookie-odd": says(b"{}", Set_Cookie="=; =; ; \xff"),
    "cookies-many": says(b"{}", **{f"Set_Cookie{'_' * 0}": "a" * 8000}),
    "date-far": says(b'["9999-12-31T23:59:59Z"]', Date="Fri, 31 Dec 9999 23:59:59 GMT", Expires="x"),
    "date-odd": says(b"{}", Date="yesterday"),
    "allow-odd": says(b"", "text/plain", 405, Allow="GET, TRACE, \xff, DELETE, POST"),
    "redirect": says(b"", "text/plain", 302, Location=f"http://{ELSEWHERE}:{{port}}/r"),
    "redirect-loop": says(b"", "text/plain", 302, Location="/page"),
    "redirect-odd": says(b"", "text/plain", 302, Location="@elsewhere/\xff%zz"),
    "links-elsewhere": says(b'<a href="@%(host)s/a"></a><a href="//%(host)s/b"></a><form action="http://%(host)s/c">', "text/html"),
    "etag-odd": says(b"{}", ETag='W/"' + "x" * 9000 + '"'),
    "secret-echo": says(b'{"seen": "' + SECRET.encode() + b'"}'),
    "secrets": says(b'{"note": "AKIAIOSFODNN7EXAMPLE postgres://u:hunter2@db/x"}', X_Api_Key="s3cr3t-value"),
}  # fmt: skip


@functools.cache
def planned(port: int) -> Path:
    """The folder of a plan for an application with routes that name another host."""
    place = Path(tempfile.mkdtemp(prefix="hostile-plan-"))
    host = f"{ELSEWHERE}:{port}"
    routes = "".join(
        f"@app.get({route.replace('{port}', str(port)).replace('{host}', host)!r})\ndef r{number}(): ...\n"
        for number, route in enumerate(ROUTES)
    )
    write(place / "tree", {"shop/__init__.py": "", "shop/main.py": SHOP.format(routes=routes)})
    for arguments in (
        ["analyze", place / "tree", "-o", place / "out", "-q", "--no-cache"],
        ["plan", "shop", "--model", place / "out", "-o", place / "plan"],
    ):
        subprocess.run(
            [sys.executable, "-m", "strangler", *map(str, arguments)], capture_output=True, check=True
        )
    return place / "plan"


def recording(answer: Answer) -> Callable[[Path, Path], Any]:
    """Record from a server that answers so, while another listens for what should never come."""

    @contextmanager
    def make(tree: Path, marker: Path) -> Iterator[Sequence[str]]:
        with server(says(b"{}"), ELSEWHERE) as (port, stolen):
            plan = tree.parent / "plan"
            shutil.copytree(planned(port), plan)

            def told(handler: BaseHTTPRequestHandler) -> None:
                answer(handler)

            with server(told, "127.0.0.1") as (target, _):
                yield [
                    "record", str(plan), "--target", f"http://127.0.0.1:{target}", "-q",
                    "--as", f"boss=Authorization: Bearer {SECRET}", "--as", f"bob=Cookie: sessionid={SECRET}",
                ]  # fmt: skip
            if stolen:
                marker.write_text("\n".join(stolen))

    return make


def no_secret(place: Path) -> Sequence[str]:
    """No file of the plan holds what was sent, or what was to be masked."""
    found = []
    for path in sorted((place / "plan").rglob("*")):
        text = path.read_bytes() if path.is_file() else b""
        if any(
            secret in text for secret in (SECRET.encode(), b"AKIAIOSFODNN7EXAMPLE", b"hunter2", b"s3cr3t")
        ):
            found.append(f"{path.name} holds a secret")
    return found


CASES = [
    Case(f"record-{name}", recording(answer), good=False, check=no_secret) for name, answer in ANSWERS.items()
]
