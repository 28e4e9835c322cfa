"""The courier's parcels: FastAPI, keys, validation by models."""

from __future__ import annotations

import json

from mutants.registry import Answer, Request, World, answers, in_json, mutant, put

SUITE = "courier parcels"
LIST = "/api/v1/parcels/"


def listing(request: Request, answer: Answer) -> bool:
    return request.place == LIST and request.method == "GET" and answer.status == 200


def single(request: Request, answer: Answer) -> bool:
    inside = request.place.startswith(LIST) and request.place != LIST and "label" not in request.place
    return inside and answer.status == 200


in_json(SUITE, "price as number", put("price", float), single)
in_json(SUITE, "price of another size", put("price", lambda v: "1.00"), single)
in_json(SUITE, "status in capitals", put("status", str.upper), single)
in_json(SUITE, "booked in UTC", put("booked_at", lambda v: v[:-6] + "+00:00"), single)
in_json(SUITE, "booked with a blank", put("booked_at", lambda v: v.replace("T", " ")), single)
in_json(SUITE, "tour left out", lambda d: d.pop("tour_id", 1) and None, single)
in_json(SUITE, "sender shown", lambda d: d.__setitem__("sender_id", 1), single)
in_json(SUITE, "items as rows", lambda d: d.__setitem__("rows", d.pop("items")), listing)
in_json(SUITE, "total of the page", lambda d: d.__setitem__("total", len(d["items"])), listing)
in_json(SUITE, "by time, newest first", lambda d: d["items"].reverse(), listing)
in_json(SUITE, "page from zero", lambda d: d.__setitem__("page", d["page"] - 1), listing)


@answers(SUITE, "label with a newline more")
def _label(request: Request, answer: Answer) -> None:
    if request.place.endswith("/label") and answer.status == 200:
        answer.body += b"\n"


@answers(SUITE, "label as HTML")
def _html(request: Request, answer: Answer) -> None:
    if request.place.endswith("/label") and answer.status == 200:
        answer.put("Content-Type", "text/html; charset=utf-8")


@answers(SUITE, "label without a charset")
def _charset(request: Request, answer: Answer) -> None:
    if request.place.endswith("/label") and answer.status == 200:
        answer.put("Content-Type", "text/plain")


@answers(SUITE, "label with CRLF")
def _crlf(request: Request, answer: Answer) -> None:
    if request.place.endswith("/label") and answer.status == 200:
        answer.body = answer.body.replace(b"\n", b"\r\n") + (b"" if b"\n" in answer.body else b"\r\n")


@answers(SUITE, "validation as one text")
def _validation(request: Request, answer: Answer) -> None:
    if answer.status == 422:
        answer.body = b'{"detail": "Unprocessable"}'


@answers(SUITE, "validation without the place")
def _place(request: Request, answer: Answer) -> None:
    if answer.status == 422 and answer.is_json:
        data = json.loads(answer.body)
        for row in data["detail"] if isinstance(data["detail"], list) else ():
            row["loc"] = row["loc"][-1:]
        answer.body = json.dumps(data).encode()


@answers(SUITE, "not yours is not found")
def _hidden(request: Request, answer: Answer) -> None:
    if answer.status == 403:
        answer.status = 404
        answer.body = b'{"error":"notfound","message":"No such parcel."}'


@answers(SUITE, "challenge left out")
def _challenge(request: Request, answer: Answer) -> None:
    if answer.status == 401:
        answer.drop("www-authenticate")


@answers(SUITE, "cancelled without an answer")
def _cancelled(request: Request, answer: Answer) -> None:
    if request.method == "DELETE" and answer.status == 200:
        answer.status, answer.body = 204, b""
        answer.drop("content-type")


@mutant(SUITE, "filter by status ignored")
def _filter(request: Request, world: World) -> Answer:
    from dataclasses import replace

    if "status=" in request.path and "no-such" not in request.path:
        request = replace(request, path=request.place)
    return world.ask(request)


@mutant(SUITE, "size without a limit")
def _limit(request: Request, world: World) -> Answer:
    from dataclasses import replace

    return world.ask(replace(request, path=request.path.replace("size=51", "size=50")))


@mutant(SUITE, "unknown fields are taken")
def _extra(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and "unexpected_field" in data:
        data.pop("unexpected_field")
        request = request.with_json(data)
    return world.ask(request)


@mutant(SUITE, "street of any length")
def _street(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and isinstance(data.get("street"), str) and len(data["street"]) > 120:
        request = request.with_json({**data, "street": data["street"][:120]})
    return world.ask(request)


@mutant(SUITE, "unknown size is medium")
def _size(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and data.get("size") not in ("S", "M", "L", None):
        request = request.with_json({**data, "size": "M"})
    return world.ask(request)


@mutant(SUITE, "recipient may be left out")
def _recipient(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and data and "recipient" not in data:
        request = request.with_json({"recipient": "unknown", **data})
    return world.ask(request)


@mutant(SUITE, "codes in any case")
def _case(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    if answer.status == 404 and request.method == "GET":
        answer.status = 410
    return answer
