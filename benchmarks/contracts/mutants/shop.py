"""The shop's catalogue: products over the API, and as pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from mutants.registry import Answer, Request, answers, in_json, put, rename, swap

SUITE = "shop catalog"
LIST, HISTORY = "/api/products/", "/price-history/"


def listing(request: Request, answer: Answer) -> bool:
    return request.place == LIST and request.method == "GET" and answer.status == 200


def detail(request: Request, answer: Answer) -> bool:
    path = request.place
    inside = path.startswith(LIST) and path.count("/") == 4 and "cheapest" not in path
    return inside and request.method == "GET" and answer.status == 200


def first(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    return lambda data: change(data["results"][0]) and None


ITEM: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dropped key": lambda item: item.pop("category"),
    "renamed key": rename("in_stock", "inStock"),
    "added key": lambda item: item.__setitem__("debug", 1),
    "null for value": put("category", lambda value: None),
    "null for empty list": put("tags", lambda value: None),
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
    "seconds since the epoch": put("created", lambda value: 1772438400),
    "swapped fields": swap("title", "slug"),
    "off by one": put("in_stock", lambda value: value + 1),
    "list as text": put("tags", ", ".join),
    "object for slug": put("category", lambda value: {"slug": value}),
    "upper case": put("slug", str.upper),
    "trailing space": put("title", lambda value: value + " "),
    "empty string": put("title", lambda value: ""),
    "escaped HTML": put("title", lambda value: f"&lt;{value}&gt;"),
    "id as string": put("id", str),
    "title of the next": put("title", lambda value: value.swapcase()),
}
for _name, _change in ITEM.items():
    in_json(SUITE, f"{_name}, in a list", first(_change), listing)
    if _name in ("dropped key", "null for value", "truncated decimal", "integer as float", "no time zone"):
        in_json(SUITE, f"{_name}, alone", lambda data, change=_change: change(data) and None, detail)

in_json(SUITE, "reversed order", lambda data: data["results"].reverse(), listing)
in_json(
    SUITE, "two neighbours exchanged", lambda data: data["results"].insert(0, data["results"].pop(1)), listing
)
in_json(SUITE, "page one short", lambda data: data["results"].pop() and None, listing)
in_json(SUITE, "an item twice", lambda data: data["results"].insert(0, data["results"][0]), listing)
in_json(SUITE, "wrong count", lambda data: data.__setitem__("count", data["count"] - 1), listing)
in_json(SUITE, "no next link", lambda data: data.__setitem__("next", None), listing)
in_json(SUITE, "next link left out", lambda data: data.pop("next") and None, listing)
in_json(SUITE, "plain list for page", lambda data: data["results"], listing)
in_json(
    SUITE,
    "next page off by one",
    lambda data: data.__setitem__("next", (data["next"] or "").replace("page=2", "page=3")),
    listing,
)
in_json(
    SUITE,
    "links with another host",
    lambda data: data.__setitem__("next", "http://products.internal:8000/api/products/?page=2"),
    listing,
)
in_json(
    SUITE,
    "links with https",
    lambda data: data.__setitem__("next", (data["next"] or "").replace("http://", "https://")),
    listing,
)
in_json(SUITE, "empty history", lambda data: [], lambda r, a: HISTORY in r.path and a.status == 200)
in_json(SUITE, "newest first", lambda data: [*data[::-1]], lambda r, a: HISTORY in r.path and a.status == 200)


@answers(SUITE, "another error text")
def _error(request: Request, answer: Answer) -> None:
    if answer.status == 404 and answer.is_json:
        answer.body = b'{"detail": "Nope."}'


@answers(SUITE, "another error key")
def _error_key(request: Request, answer: Answer) -> None:
    if answer.status == 404 and answer.is_json:
        answer.body = answer.body.replace(b'"detail"', b'"error"')


@answers(SUITE, "errors of fields joined")
def _errors(request: Request, answer: Answer) -> None:
    if answer.status == 400 and answer.is_json:
        answer.body = b'{"detail": "Invalid input."}'


@answers(SUITE, "a word of a page changed")
def _page(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html") and answer.status == 200:
        answer.body = answer.body.replace(b"</title>", b"!</title>", 1)


@answers(SUITE, "a price of a page changed")
def _shown(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html") and answer.status == 200:
        answer.body = answer.body.replace(b"63.80", b"63.8")


@answers(SUITE, "a link of a page leads elsewhere")
def _link(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html"):
        answer.body = answer.body.replace(b'href="/en/', b'href="/shop/en/')


@answers(SUITE, "page in another language")
def _language(request: Request, answer: Answer) -> None:
    if answer.header("content-language") == "de":
        answer.put("Content-Language", "en")


@answers(SUITE, "letters taken apart (NFD)")
def _letters(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html"):
        answer.body = unicodedata.normalize("NFD", answer.body.decode()).encode()


@answers(SUITE, "letters in Latin 1")
def _latin(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html"):
        answer.body = answer.body.decode().encode("latin-1", "replace")


@answers(SUITE, "filter ignored")
def _filter(request: Request, answer: Answer) -> None:
    if request.place == LIST and "category=" in request.path and answer.is_json:
        answer.body = answer.body.replace(b'"count":', b'"count": 1')


@answers(SUITE, "second page again")
def _again(request: Request, answer: Answer) -> None:
    if "page=2" in request.path and answer.is_json:
        answer.status, answer.body = 200, b'{"count": 0, "next": null, "previous": null, "results": []}'


@answers(SUITE, "out of range is an empty page")
def _range(request: Request, answer: Answer) -> None:
    if "page=9999" in request.path:
        answer.status, answer.body = 200, b'{"count": 0, "next": null, "previous": null, "results": []}'
