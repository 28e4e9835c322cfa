# ruff: noqa: N815
"""Sixty-odd ways in which a new service may answer differently, and a proxy that makes each of them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Answer:
    method: str
    path: str
    sent: dict[str, str]
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def ok_json(self) -> bool:
        return self.status == 200 and self.header("content-type").startswith("application/json")

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def drop(self, name: str) -> None:
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name]


Mutation = Callable[[Answer], None]
MUTANTS: dict[str, Mutation] = {}
LIST, DETAIL, HISTORY = "/api/products/", "/api/products/block-plane/", "/price-history/"


def mutant(name: str) -> Callable[[Mutation], Mutation]:
    def add(mutation: Mutation) -> Mutation:
        MUTANTS[name] = mutation
        return mutation

    return add


def in_json(name: str, change: Callable[[Any], Any], where: Callable[[Answer], bool]) -> None:
    def mutation(answer: Answer) -> None:
        if where(answer) and answer.body:
            data = json.loads(answer.body)
            found = change(data)
            answer.body = json.dumps(data if found is None else found).encode()

    MUTANTS[name] = mutation


def listing(answer: Answer) -> bool:
    return answer.ok_json and urlsplit(answer.path).path == LIST


def detail(answer: Answer) -> bool:
    path = urlsplit(answer.path).path
    return answer.ok_json and path.startswith(LIST) and path.count("/") == 4 and "cheapest" not in path


def first(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    return lambda data: change(data["results"][0]) and None


def put(key: str, new: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda item: item.__setitem__(key, new(item[key]))


def rename(old: str, new: str) -> Callable[[dict[str, Any]], Any]:
    return lambda item: item.__setitem__(new, item.pop(old))


def swap(a: str, b: str) -> Callable[[dict[str, Any]], Any]:
    def change(item: dict[str, Any]) -> None:
        item[a], item[b] = item[b], item[a]

    return change


ITEM: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dropped key": lambda item: item.pop("category"),
    "renamed key": rename("in_stock", "inStock"),
    "added key": lambda item: item.__setitem__("debug", 1),
    "null for value": put("category", lambda value: None),
    "null for missing list": put("tags", lambda value: None),
    "string for decimal as number": put("price", float),
    "truncated decimal": put("price", lambda value: value[:-1]),
    "rounded decimal": put("price", lambda value: f"{round(float(value))}.00"),
    "decimal comma": put("price", lambda value: value.replace(".", ",")),
    "integer as string": put("in_stock", str),
    "integer as float": put("in_stock", float),
    "boolean as integer": put("available", int),
    "boolean as string": put("available", str),
    "negated boolean": put("available", lambda value: not value),
    "wrong time zone": put("created", lambda value: value[:-6] + "+00:00"),
    "no time zone": put("created", lambda value: value[:-6]),
    "zone as Z": put("created", lambda value: value[:-6] + "Z"),
    "date for time": put("created", lambda value: value[:10]),
    "time with microseconds": put("created", lambda value: value[:-6] + ".000000" + value[-6:]),
    "swapped fields": swap("title", "slug"),
    "off by one": put("in_stock", lambda value: value + 1),
    "reversed tags": put("tags", lambda value: [*value, "new"][::-1]),
    "list as text": put("tags", ", ".join),
    "object for slug": put("category", lambda value: {"slug": value}),
    "upper case": put("slug", str.upper),
    "trailing space": put("title", lambda value: value + " "),
    "empty string": put("title", lambda value: ""),
    "escaped HTML": put("title", lambda value: f"&lt;{value}&gt;"),
}
for _name, _change in ITEM.items():
    in_json(f"{_name}, in a list", first(_change), listing)
    if _name not in ("added key", "trailing space", "upper case"):
        in_json(f"{_name}, alone", lambda data, change=_change: change(data) and None, detail)

in_json("reversed order", lambda data: data["results"].reverse(), listing)
in_json("page one short", lambda data: data["results"].pop() and None, listing)
in_json("wrong count", lambda data: data.__setitem__("count", data["count"] - 1), listing)
in_json("no next link", lambda data: data.__setitem__("next", None), listing)
in_json("plain list for page", lambda data: data["results"], listing)
in_json(
    "next page off by one",
    lambda data: data.__setitem__("next", (data["next"] or "").replace("page=2", "page=3")),
    listing,
)
in_json("empty history", lambda data: [], lambda a: a.ok_json and HISTORY in a.path)
in_json(
    "changed error text", lambda data: {"detail": "Nope."}, lambda a: a.status == 404 and b"{" in a.body[:1]
)
in_json(
    "changed error key",
    lambda data: {"error": data.get("detail")},
    lambda a: a.status == 404 and b"{" in a.body[:1],
)


@mutant("200 for 404")
def _found(answer: Answer) -> None:
    answer.status = 200 if answer.status == 404 else answer.status


@mutant("500 for 404")
def _broken(answer: Answer) -> None:
    answer.status = 500 if answer.status == 404 else answer.status


@mutant("201 for 200")
def _created(answer: Answer) -> None:
    answer.status = 201 if answer.status == 200 else answer.status


@mutant("404 for 405")
def _method(answer: Answer) -> None:
    answer.status = 404 if answer.status == 405 else answer.status


@mutant("405 without Allow")
def _allow(answer: Answer) -> None:
    if answer.status == 405:
        answer.drop("allow")


@mutant("no Vary")
def _vary(answer: Answer) -> None:
    answer.drop("vary")


@mutant("no Content-Language")
def _language(answer: Answer) -> None:
    answer.drop("content-language")


@mutant("other media type")
def _media(answer: Answer) -> None:
    if answer.ok_json:
        answer.drop("content-type")
        answer.headers.append(("Content-Type", "text/json"))


@mutant("charset added")
def _charset(answer: Answer) -> None:
    if answer.ok_json:
        answer.drop("content-type")
        answer.headers.append(("Content-Type", "application/json; charset=latin-1"))


@mutant("a word of a page changed")
def _page(answer: Answer) -> None:
    if answer.header("content-type").startswith("text/html") and answer.status == 200:
        answer.body = answer.body.replace(b"</title>", b"!</title>", 1)


@mutant("a price of a page changed")
def _shown(answer: Answer) -> None:
    if answer.header("content-type").startswith("text/html") and answer.status == 200:
        answer.body = answer.body.replace(b"63.80", b"63.8")


@mutant("no such page")
def _lost(answer: Answer) -> None:
    if answer.header("content-type").startswith("text/html") and "/categories/" in answer.path:
        answer.status, answer.body = 404, b"<h1>Not Found</h1>"


@mutant("query ignored")
def _query(answer: Answer) -> None:
    if "?page=2" in answer.path and answer.ok_json:
        data = json.loads(answer.body)
        answer.body = json.dumps({**data, "results": data["results"][:1] * len(data["results"])}).encode()


@contextmanager
def proxy(target: str) -> Iterator[tuple[str, dict[str, Mutation | None]]]:
    """A proxy before ``target``; set ``state["mutation"]`` to what it does to each answer."""
    split = urlsplit(target)
    state: dict[str, Mutation | None] = {"mutation": None}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=30)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            connection.request(self.command, self.path, body or None, {**headers, "Connection": "close"})
            got = connection.getresponse()
            answer = Answer(
                self.command, self.path, dict(self.headers), got.status, got.getheaders(), got.read()
            )
            connection.close()
            if mutation := state["mutation"]:
                mutation(answer)
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()
