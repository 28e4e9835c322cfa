"""Writes that go wrong: acknowledged and not done, done twice, done by anybody, half done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mutants.registry import Answer, Request, World, answers, mutant


def done(answer: Answer) -> bool:
    return 200 <= answer.status < 400


@mutant("*", "acknowledged, not stored")
def _forgotten(request: Request, world: World) -> Answer:
    if not request.writes:
        return world.ask(request)
    before = world.save()
    answer = world.ask(request)
    world.restore(before)
    return answer


@mutant("*", "stored twice")
def _twice(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    if request.method == "POST" and done(answer):
        world.ask(request)
    return answer


@mutant("*", "deleted, but still there")
def _kept(request: Request, world: World) -> Answer:
    if request.method != "DELETE":
        return world.ask(request)
    before = world.save()
    answer = world.ask(request)
    world.restore(before)
    return answer


@mutant("*", "the first answer for the same write")
def _idempotent(request: Request, world: World) -> Answer:
    """What comes twice is taken for a repetition and not done."""
    if not request.writes:
        return world.ask(request)
    key = (request.method, request.path, request.body, request.headers.get("authorization"))
    if key in world.memory:
        kept: Answer = world.memory[key]
        return Answer(kept.status, list(kept.headers), kept.body)
    world.memory[key] = world.ask(request)
    answer: Answer = world.memory[key]
    return answer


@mutant("*", "reading comes from before the write")
def _stale(request: Request, world: World) -> Answer:
    """A replica that lags behind: the first read after a write shows what was before."""
    if request.writes:
        before = world.save()
        answer = world.ask(request)
        if done(answer):
            world.memory["before"] = before
        return answer
    before = world.memory.pop("before", None)
    if before is None:
        return world.ask(request)
    now = world.save()
    world.restore(before)
    answer = world.ask(request)
    world.restore(now)
    return answer


@mutant("*", "body of a write is not looked at")
def _unchecked(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    if request.writes and answer.status in (400, 422):
        answer.status, answer.body = 200, b"{}"
    return answer


@mutant("*", "broken JSON is an empty body")
def _broken(request: Request, world: World) -> Answer:
    if request.body == b"{":
        request = replace(request, body=b"{}")
    return world.ask(request)


@mutant("*", "the last field of a body is lost")
def _field(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and len(data) > 1 and request.writes:
        last = list(data)[-1]
        request = request.with_json({key: value for key, value in data.items() if key != last})
    return world.ask(request)


@mutant("*", "texts are trimmed to ten letters")
def _trimmed(request: Request, world: World) -> Answer:
    data = request.json()
    if isinstance(data, dict) and request.writes:
        short: dict[str, Any] = {k: v[:10] if isinstance(v, str) and " " in v else v for k, v in data.items()}
        request = request.with_json(short)
    return world.ask(request)


@mutant("*", "writes by anybody")
def _anybody(request: Request, world: World) -> Answer:
    name, value = world.powerful
    return world.ask(request.with_header(name, value) if request.writes else request)


@answers("*", "202 for a write")
def _accepted(request: Request, answer: Answer) -> None:
    if request.writes and answer.status in (200, 201, 204):
        answer.status = 202


@answers("*", "writes answer with nothing")
def _silent(request: Request, answer: Answer) -> None:
    if request.writes and done(answer):
        answer.body = b""


@answers("*", "conflicts are bad requests")
def _conflict(request: Request, answer: Answer) -> None:
    answer.status = 400 if answer.status == 409 else answer.status


@answers("shop orders", "session cookie without HttpOnly")
def _http_only(request: Request, answer: Answer) -> None:
    answer.headers = [
        (n, v.replace("; HttpOnly", "") if n.lower() == "set-cookie" else v) for n, v in answer.headers
    ]


@answers("shop orders", "cookies without SameSite")
def _same_site(request: Request, answer: Answer) -> None:
    answer.headers = [
        (n, v.replace("; SameSite=Lax", "") if n.lower() == "set-cookie" else v) for n, v in answer.headers
    ]


@answers("shop orders", "cookies for the session only")
def _age(request: Request, answer: Answer) -> None:
    def shortened(text: str) -> str:
        kept = [p for p in text.split("; ") if not p.lower().startswith(("max-age", "expires"))]
        return "; ".join(kept)

    answer.headers = [(n, shortened(v) if n.lower() == "set-cookie" else v) for n, v in answer.headers]


@answers("shop orders", "back to the start after a form")
def _redirect(request: Request, answer: Answer) -> None:
    if request.method == "POST" and answer.status == 302:
        answer.put("Location", "/en/")


@answers("shop orders", "to the login without the way back")
def _next(request: Request, answer: Answer) -> None:
    if answer.status == 302 and "?next=" in answer.header("location"):
        answer.put("Location", answer.header("location").partition("?")[0])


@answers("shop orders", "302 as 301")
def _moved(request: Request, answer: Answer) -> None:
    answer.status = 301 if answer.status == 302 else answer.status


@answers("shop orders", "form errors as 200")
def _form(request: Request, answer: Answer) -> None:
    answer.status = 200 if answer.status == 422 else answer.status


@mutant("shop orders", "form tokens are not looked at")
def _token(request: Request, world: World) -> Answer:
    answer = world.ask(request)
    if (
        request.method == "POST"
        and answer.status == 403
        and "form" in request.headers.get("content-type", "")
    ):
        answer.status, answer.body = 302, b""
        answer.put("Location", "/en/orders/cart/")
    return answer


@answers("shop orders", "total without the coupon")
def _total(request: Request, answer: Answer) -> None:
    if answer.is_json and answer.status == 201:
        answer.body = answer.body.replace(b'"total":"', b'"total":"1')


@answers("shop orders", "time of an order in UTC")
def _placed(request: Request, answer: Answer) -> None:
    if answer.is_json and request.place.startswith("/api/orders"):
        answer.body = answer.body.replace(b"+01:00", b"Z")
