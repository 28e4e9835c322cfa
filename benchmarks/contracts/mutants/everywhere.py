"""What can go wrong with any service: statuses, headers, who is let in; and what may differ freely."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

from mutants.registry import Answer, Request, World, answers, harmless, mutant

# -- wrong ---------------------------------------------------------------------------------------------


def _status(name: str, wanted: int, given: int) -> None:
    @answers("*", name)
    def change(request: Request, answer: Answer) -> None:
        answer.status = given if answer.status == wanted else answer.status


STATUSES = ((200, 201), (200, 203), (404, 200), (404, 410), (404, 400), (404, 500), (405, 404), (405, 501),
            (403, 401), (201, 200), (204, 200))  # fmt: skip
for _wanted, _given in STATUSES:
    _status(f"{_given} for {_wanted}", _wanted, _given)


@answers("*", "405 without Allow")
def _allow(request: Request, answer: Answer) -> None:
    if answer.status == 405:
        answer.drop("allow")


@answers("*", "405 allows more")
def _allow_more(request: Request, answer: Answer) -> None:
    if answer.status == 405:
        answer.put("Allow", answer.header("allow") + ", DELETE, TRACE")


@answers("*", "another media type")
def _media(request: Request, answer: Answer) -> None:
    if answer.is_json:
        answer.put("Content-Type", "text/plain")


@answers("*", "JSON in another charset")
def _charset(request: Request, answer: Answer) -> None:
    if answer.is_json:
        answer.put("Content-Type", "application/json; charset=latin-1")


@answers("*", "no media type")
def _no_media(request: Request, answer: Answer) -> None:
    answer.drop("content-type")


@answers("*", "no headers of its own")
def _no_headers(request: Request, answer: Answer) -> None:
    for name in ("vary", "allow", "location", "www-authenticate", "x-frame-options", "content-language",
                 "x-content-type-options", "referrer-policy"):  # fmt: skip
        answer.drop(name)


@answers("*", "body of HEAD's status lost")
def _head(request: Request, answer: Answer) -> None:
    if request.method == "HEAD":
        answer.status = 405


@answers("*", "empty bodies")
def _empty(request: Request, answer: Answer) -> None:
    if answer.status == 200 and request.method == "GET":
        answer.body = b""


@answers("*", "wrapped in data")
def _wrapped(request: Request, answer: Answer) -> None:
    if answer.is_json and answer.status == 200:
        answer.body = b'{"data": ' + answer.body + b"}"


@answers("*", "a key twice")
def _twice(request: Request, answer: Answer) -> None:
    if answer.is_json and answer.body.startswith(b'{"'):
        key = answer.body.split(b'"')[1]
        answer.body = answer.body.rstrip().removesuffix(b"}") + b', "' + key + b'": null}'


@answers("*", "numbers as text")
def _texts(request: Request, answer: Answer) -> None:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return str(value) if type(value) in (int, float) else value

    if answer.is_json and answer.body:
        answer.body = json.dumps(walk(json.loads(answer.body))).encode()


@answers("*", "null left out")
def _nulls(request: Request, answer: Answer) -> None:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items() if item is not None}
        return [walk(item) for item in value] if isinstance(value, list) else value

    if answer.is_json and answer.body:
        answer.body = json.dumps(walk(json.loads(answer.body))).encode()


@answers("*", "lists sorted otherwise")
def _sorted(request: Request, answer: Answer) -> None:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value[::-1]] if isinstance(value, list) else value

    if answer.is_json and answer.body:
        answer.body = json.dumps(walk(json.loads(answer.body))).encode()


@answers("*", "keys in camel case")
def _camel(request: Request, answer: Answer) -> None:
    def camel(key: str) -> str:
        head, *rest = key.split("_")
        return head + "".join(part.title() for part in rest)

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {camel(key): walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    if answer.is_json and answer.body:
        answer.body = json.dumps(walk(json.loads(answer.body))).encode()


@mutant("*", "nobody is asked who they are")
def _open(request: Request, world: World) -> Answer:
    name, value = world.powerful
    known = {"authorization", "x-api-key", "cookie"} & request.headers.keys()
    return world.ask(request if known else request.with_header(name, value))


@mutant("*", "everybody may do everything")
def _roles(request: Request, world: World) -> Answer:
    name, value = world.powerful
    return world.ask(request.with_header(name, value) if name in request.headers else request)


@mutant("*", "nobody is known")
def _unknown(request: Request, world: World) -> Answer:
    return world.ask(
        request.with_header("authorization", None).with_header("x-api-key", None).with_header("cookie", None)
    )


@mutant("*", "the query is lost")
def _query(request: Request, world: World) -> Answer:
    return world.ask(replace(request, path=request.place))


@mutant("*", "first answer kept for all")
def _cached(request: Request, world: World) -> Answer:
    """A cache that does not look at who asks."""
    if request.method != "GET":
        return world.ask(request)
    if request.path not in world.memory:
        world.memory[request.path] = world.ask(request)
    kept: Answer = world.memory[request.path]
    return Answer(kept.status, list(kept.headers), kept.body)


# -- harmless ------------------------------------------------------------------------------------------


@harmless("names of headers in lower case")
def _lower(request: Request, answer: Answer) -> None:
    answer.headers = [(name.lower(), value) for name, value in answer.headers]


@harmless("names of headers in upper case")
def _upper(request: Request, answer: Answer) -> None:
    answer.headers = [(name.upper(), value) for name, value in answer.headers]


@harmless("headers in another order")
def _order(request: Request, answer: Answer) -> None:
    answer.headers.reverse()


@harmless("another server, later, through a gateway")
def _server(request: Request, answer: Answer) -> None:
    answer.put("Server", "nginx/1.29")
    answer.put("Date", "Mon, 01 Feb 2027 10:00:00 GMT")
    answer.put("Via", "1.1 gateway")
    answer.put("X-Request-Id", "d0c1")
    answer.put("X-Served-By", "pod-7")
    answer.put("Keep-Alive", "timeout=5")


@harmless("headers of a platform")
def _platform(request: Request, answer: Answer) -> None:
    answer.put("Strict-Transport-Security", "max-age=31536000")
    answer.put("Alt-Svc", 'h3=":443"')
    answer.put("Server-Timing", "app;dur=3")
    answer.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@harmless("the façade's cookie")
def _facade(request: Request, answer: Answer) -> None:
    answer.headers.append(("Set-Cookie", "strangler_user=abc; Path=/"))


@harmless("compressed")
def _gzip(request: Request, answer: Answer) -> None:
    if answer.body and "gzip" in request.headers.get("accept-encoding", ""):
        answer.body = gzip.compress(answer.body)
        answer.put("Content-Encoding", "gzip")
        answer.put("Vary", ", ".join(filter(None, (answer.header("vary"), "Accept-Encoding"))))


@harmless("Vary in another order and case")
def _vary(request: Request, answer: Answer) -> None:
    if answer.header("vary"):
        answer.put("Vary", ",".join(part.strip().lower() for part in answer.header("vary").split(",")[::-1]))


@harmless("Allow in another order")
def _allow_order(request: Request, answer: Answer) -> None:
    if answer.header("allow"):
        answer.put("Allow", ",".join(part.strip() for part in answer.header("allow").split(",")[::-1]))


@harmless("media type written otherwise")
def _type(request: Request, answer: Answer) -> None:
    if answer.kind:
        answer.put("Content-Type", answer.kind.replace("; ", ";").replace("utf-8", "UTF-8"))


@harmless("JSON says its charset")
def _json_charset(request: Request, answer: Answer) -> None:
    if answer.kind == "application/json":
        answer.put("Content-Type", "application/json; charset=utf-8")


@harmless("keys in another order")
def _keys(request: Request, answer: Answer) -> None:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(value[key]) for key in reversed(value)}
        return [walk(item) for item in value] if isinstance(value, list) else value

    if answer.is_json and answer.body:
        answer.body = json.dumps(walk(json.loads(answer.body))).encode()


@harmless("JSON indented, letters not escaped")
def _indented(request: Request, answer: Answer) -> None:
    if answer.is_json and answer.body:
        answer.body = json.dumps(json.loads(answer.body), indent=2, ensure_ascii=False).encode()


@harmless("blank lines at the end of a page")
def _blank(request: Request, answer: Answer) -> None:
    if answer.kind.startswith("text/html") and answer.body:
        answer.body = b"\n" + answer.body.rstrip() + b"\n\n"


@harmless("Location with the address")
def _absolute(request: Request, answer: Answer) -> None:
    place = answer.header("location")
    if place.startswith("/"):
        answer.put("Location", f"http://{request.headers['host']}{place}")


@harmless("attributes of cookies in another order")
def _cookies(request: Request, answer: Answer) -> None:
    def turned(text: str) -> str:
        first, *rest = (part.strip() for part in text.split(";"))
        return "; ".join([first, *(part.lower() for part in rest[::-1])])

    answer.headers = [(n, turned(v) if n.lower() == "set-cookie" else v) for n, v in answer.headers]
