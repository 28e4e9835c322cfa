"""The clinic's patients: Flask, roles by bearer token, JSON bodies."""

from __future__ import annotations

from typing import Any

from mutants.registry import Answer, Request, World, answers, in_json, mutant, put, rename

SUITE = "clinic patients"
LIST = "/api/v1/patients/"


def listing(request: Request, answer: Answer) -> bool:
    return request.place == LIST and request.method == "GET" and answer.status == 200


def single(request: Request, answer: Answer) -> bool:
    return request.place.startswith(LIST) and request.place != LIST and answer.status == 200


def made(request: Request, answer: Answer) -> bool:
    return request.method == "POST" and answer.status == 201


def item(change: Any) -> Any:
    return lambda data: change(data["items"][0]) and None


in_json(SUITE, "name in two parts", item(lambda p: p.__setitem__("last_name", p["name"])), listing)
in_json(SUITE, "balance as number", item(put("balance", float)), listing)
in_json(SUITE, "balance with one digit", item(put("balance", lambda v: v[:-1])), listing)
in_json(SUITE, "date with time", item(put("born", lambda v: v + "T00:00:00")), listing)
in_json(SUITE, "date the other way round", item(put("born", lambda v: "/".join(v.split("-")[::-1]))), listing)
in_json(SUITE, "registered in UTC", item(put("registered_at", lambda v: v[:-6] + "+00:00")), listing)
in_json(SUITE, "next as null", lambda d: d.__setitem__("next", None), listing)
in_json(SUITE, "next without the search", lambda d: d.__setitem__("next", f"{LIST}?page=2&q="), listing)
in_json(SUITE, "total of the page", lambda d: d.__setitem__("total", len(d["items"])), listing)
in_json(SUITE, "page as text", lambda d: d.__setitem__("page", str(d["page"])), listing)
in_json(SUITE, "null for no allergies", put("allergies", lambda v: v or None), single)
in_json(
    SUITE,
    "severe as number",
    put("allergies", lambda v: [{**a, "severe": int(a["severe"])} for a in v]),
    single,
)
in_json(SUITE, "next appointment left out", lambda d: d.pop("next_appointment", 1) and None, single)
in_json(SUITE, "next appointment as text none", put("next_appointment", lambda v: v or "none"), single)
in_json(SUITE, "made: detail is short", lambda d: d.pop("allergies", 1) and None, made)
in_json(SUITE, "made: other key for id", lambda d: rename("id", "patient_id")(d) if "id" in d else None, made)


@answers(SUITE, "made: no Location")
def _location(request: Request, answer: Answer) -> None:
    if answer.status == 201:
        answer.drop("location")


@answers(SUITE, "made: Location of the list")
def _place(request: Request, answer: Answer) -> None:
    if answer.status == 201 and answer.header("location"):
        answer.put("Location", LIST)


@answers(SUITE, "422 as 400")
def _invalid(request: Request, answer: Answer) -> None:
    answer.status = 400 if answer.status == 422 else answer.status


@answers(SUITE, "one error at a time")
def _errors(request: Request, answer: Answer) -> None:
    if answer.status == 422 and b"born" in answer.body:
        answer.body = b'{"errors": {"born": "Not a valid value."}}'


@answers(SUITE, "conflict as success")
def _conflict(request: Request, answer: Answer) -> None:
    if answer.status == 409:
        answer.status, answer.body = 200, b"{}"


@answers(SUITE, "conflict without its reason")
def _reason(request: Request, answer: Answer) -> None:
    if answer.status == 409:
        answer.body = b'{"error": "Conflict"}\n'


@answers(SUITE, "deleted with a body")
def _deleted(request: Request, answer: Answer) -> None:
    if request.method == "DELETE" and answer.status == 204:
        answer.status, answer.body = 200, b"{}"
        answer.put("Content-Type", "application/json")


@mutant(SUITE, "e-mail in lower case")
def _lower(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    data = request.json()
    if answer.status == 200 and isinstance(data, dict) and "email" in data:
        answer.body = answer.body.replace(b"@example.test", b"@EXAMPLE.test")
    return answer


@mutant(SUITE, "search by the beginning only")
def _search(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    if "q=" in request.path and answer.status == 200 and answer.is_json and b'"items":[{' in answer.body:
        answer.body = b'{"items":[],"total":0,"page":1,"next":null}'
    return answer
