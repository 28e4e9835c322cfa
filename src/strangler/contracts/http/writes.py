"""Finds writes that succeed on a running monolith, and makes the cases around them.

The data are put back before each attempt that follows a write, so every attempt starts from the same state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from strangler.contracts.http.cases import UNKNOWN, Cases, request_of, unknown
from strangler.contracts.http.examples import bodies, learned, taken_fields, wrong
from strangler.contracts.http.pool import PARAMETER, fill
from strangler.contracts.http.reads import Reads
from strangler.contracts.http.sender import Sender, UnfinishedError
from strangler.contracts.http.suite.contract import differences
from strangler.contracts.http.suite.contract_client import form_token, to_login
from strangler.contracts.http.values import Case, RecordSettings
from strangler.model import Endpoint, Input
from strangler.routing.matching import expression

MOST_TRIES = 48
"""Requests spent on finding one write that succeeds."""
MOST_PATHS = 8
MOST_EFFECTS = 4
MOST_PROBES = 40
END = object()
Body = dict[str, Any]
"""How the body is sent: one of json, form and content, and csrf; as of ``Case``."""


class Success(NamedTuple):
    """A write that was done."""

    path: str
    identity: str
    fields: Any
    answer: dict[str, Any]


class Writes:
    """Cases for the writes of a context: done, refused, repeated, and what can be read afterwards."""

    def __init__(self, sender: Sender, settings: RecordSettings, cases: Cases, reads: Reads) -> None:
        self._sender = sender
        self._settings = settings
        self._make = cases.make
        self._reads = reads
        self._probes: dict[tuple[str, str], dict[str, Any]] = {}
        self._gets: list[Endpoint] = []
        self._made: list[tuple[str, Endpoint, Success]] = []
        """Writes that made something, with what they made."""
        self.refusals: dict[str, str] = {}
        """``METHOD path`` -> what the nearest attempt was answered."""
        self._nearest: dict[str, int] = {}

    def cases(self, wanted: Sequence[tuple[str, Endpoint]]) -> list[Case]:
        """The cases of all writes, conversation by conversation."""
        self._gets = [endpoint for name, endpoint in wanted if name.startswith("GET ")]
        self._look_around()
        found: list[Case] = []
        for name, endpoint in wanted:
            method = name.partition(" ")[0]
            if method == "GET" or endpoint.path in self._settings.skip:
                continue
            try:
                found += self._of(name, endpoint, method)
            except UnfinishedError as error:
                self._reads.silent[name] = str(error)
        return found

    def _look_around(self) -> None:
        """What every page shows before anything is written: what differs later is an effect."""
        self._sender.put_back()
        for paths in self._reads.found.values():
            for path in paths:
                if len(self._probes) < MOST_PROBES and path in self._reads.shown_to:
                    who = self._reads.shown_to[path]
                    self._probes[path, who] = self._ask(path, who)

    def _ask(self, path: str, identity: str) -> dict[str, Any]:
        try:
            return self._sender.send(Case(id="", endpoint="", method="GET", path=path, identity=identity))
        except UnfinishedError:
            return {"status": 0, "headers": {}, "cookies": [], "text": []}

    def _of(self, name: str, endpoint: Endpoint, method: str) -> list[Case]:
        row = request_of(endpoint, method)
        inputs = tuple(one for one in row.inputs if one.where == "body") if row is not None else ()
        media = row.media if row is not None else ""
        tried: dict[int, Case] = {}
        done, inputs = self._search(name, endpoint, method, inputs, media, tried)
        if done is None:
            return [*self._on_new(name, endpoint, method, inputs, media), *islice(tried.values(), 6)]
        if method == "POST":
            self._made.append((name, endpoint, done))
        cases = self._done(name, endpoint, method, done, media)
        if "{format}" in endpoint.path:
            return cases
        cases += [case for status, case in tried.items() if status not in (401, 403)]
        cases += self._others(name, endpoint, method, done, media)
        cases += self._wrong(name, endpoint, method, done, media, inputs)
        return cases

    def _on_new(
        self, name: str, endpoint: Endpoint, method: str, inputs: tuple[Input, ...], media: str
    ) -> list[Case]:
        """The same on a thing made just before: what exists may refuse it, what is new need not."""
        for maker, made_by, done in self._made:
            for path in self._paths_of_new(endpoint, done):
                fields = next(self._bodies(inputs, endpoint, path, method))
                body = self._body(fields, media, path, done.identity)
                sent = self._body(done.fields, "", done.path, done.identity)
                self._sender.fresh()
                verb = maker.partition(" ")[0]
                opening = Case(
                    id="", endpoint="", method=verb, path=done.path, identity=done.identity, **sent
                )
                self._sender.send(opening)
                probe = Case(id="", endpoint="", method=method, path=path, identity=done.identity, **body)
                if self._is_done(self._sender.send(probe), path):
                    first = self._make(maker, made_by, verb, done.path, f"made for {name}", **_sent(opening))
                    after = self._make(name, endpoint, method, path, "done", follows=first.id, **_sent(probe))
                    shown = self._following(after, [(path, done.identity)])
                    return [first, after, *shown]
        return []

    def _paths_of_new(self, endpoint: Endpoint, done: Success) -> list[str]:
        """Paths of an endpoint for what a write made: its key comes last."""
        made = done.answer.get("json")
        names = PARAMETER.findall(endpoint.path)
        head = endpoint.path.partition("{")[0].rstrip("/")
        if not isinstance(made, dict) or len(names) != 1 or head != done.path.rstrip("/"):
            return []
        keys = (names[0], "id", "pk", "slug", "code", "number")
        value = next((made[key] for key in keys if isinstance(made.get(key), str | int)), None)
        return [] if value is None else [fill(endpoint.path, [str(value)])]

    # -- the search ------------------------------------------------------------------------------

    def _search(
        self,
        name: str,
        endpoint: Endpoint,
        method: str,
        inputs: tuple[Input, ...],
        media: str,
        tried: dict[int, Case],
    ) -> tuple[Success | None, tuple[Input, ...]]:
        """Try likely paths, identities and bodies until one is done; a case is kept for each other status."""
        left, shown_again = MOST_TRIES, None
        taken: frozenset[str] = frozenset()
        for path in self._paths(endpoint, method):
            for who in self._sender.names:
                queue = self._bodies(inputs, endpoint, path, method, taken)
                known = len(inputs), len(taken)
                while left and (fields := next(queue, END)) is not END:
                    left -= 1
                    body = self._body(fields, media, path, who)
                    answer = self._attempt(name, endpoint, method, path, who, body, tried)
                    status = answer["status"]
                    if self._is_done(answer, path):
                        success = Success(path, who, fields, answer)
                        if "form" not in body or status != 200 or not _has_form(answer):
                            return success, inputs
                        shown_again = shown_again or success  # a form with errors often is a page with 200
                    if status in (401, 403, 404, 405, 410, 501) or self._to_login(answer):
                        break
                    if status in (400, 422) and "json" in answer:
                        inputs = tuple(learned(inputs, answer["json"]))
                        taken |= taken_fields(answer["json"])
                        if (len(inputs), len(taken)) != known:
                            known = len(inputs), len(taken)
                            queue = self._bodies(inputs, endpoint, path, method, taken)
        return shown_again, inputs

    def _attempt(
        self,
        name: str,
        endpoint: Endpoint,
        method: str,
        path: str,
        who: str,
        body: Body,
        tried: dict[int, Case],
    ) -> dict[str, Any]:
        self._sender.fresh()
        probe = Case(id="", endpoint=name, method=method, path=path, identity=who, **body)
        answer = self._sender.send(probe)
        status = answer["status"]
        near = _nearness(status)
        if near >= self._nearest.get(name, 0):
            self._nearest[name], self.refusals[name] = near, _said(status, answer)
        if not self._is_done(answer, path) and status not in tried and status < 500:
            tried[status] = self._make(name, endpoint, method, path, "turned away", identity=who, **body)
        return answer

    def _is_done(self, answer: dict[str, Any], path: str) -> bool:
        """Whether the write was taken; being sent to the same path elsewhere (a language, a slash) is not."""
        place = answer["headers"].get("location", "").partition("?")[0]
        moved = answer["status"] >= 300 and place != path and place.rstrip("/").endswith(path.rstrip("/"))
        return 200 <= answer["status"] < 400 and not moved and not self._to_login(answer)

    def _to_login(self, answer: dict[str, Any]) -> bool:
        return to_login(answer["status"], answer["headers"].get("location", ""))

    def _paths(self, endpoint: Endpoint, method: str) -> Iterator[str]:
        paths = self._reads.paths(endpoint, method)
        return islice(paths, MOST_PATHS if "{" in endpoint.path else 1)

    def _bodies(
        self,
        inputs: tuple[Input, ...],
        endpoint: Endpoint,
        path: str,
        method: str,
        taken: frozenset[str] = frozenset(),
    ) -> Iterator[Any]:
        if not inputs:
            return iter([{} if method not in ("DELETE",) else None])
        known = self._reads.pool.shown.get(path) if method in ("PUT", "PATCH") else None
        return bodies(inputs, self._reads.pool, endpoint.path, known, taken)

    def _body(self, fields: Any, media: str, path: str, who: str) -> Body:
        signed_in = self._is_signed_in(who)
        if fields is not None and (media == "form" or (signed_in and "/api" not in path)):
            return {"form": _as_form(fields), "csrf": self._form_page(path, who)}
        sent: Body = {} if fields is None else {"json": fields}
        page = self._form_page("", who) if signed_in else ""
        return sent | ({"csrf": page} if page else {})

    def _is_signed_in(self, who: str) -> bool:
        """Whether that identity is signed in as people are."""
        return who in self._settings.logins or "Cookie" in self._settings.identities.get(who, {})

    def _form_page(self, path: str, who: str) -> str:
        """The page with the form: the path itself where it can be read, else one with a token."""
        known = [shown for shown, _ in self._probes if shown == path]
        pages = [
            (by != who, shown)
            for (shown, by), seen in self._probes.items()
            if form_token("\n".join(seen.get("text", ())))[1]
        ]
        return known[0] if known else min(pages, default=(True, path))[1]

    # -- what is recorded around a success -------------------------------------------------------

    def _done(self, name: str, endpoint: Endpoint, method: str, done: Success, media: str) -> list[Case]:
        """The write with what can be read afterwards, and the same write twice."""
        body = self._body(done.fields, media, done.path, done.identity)
        first = self._make(name, endpoint, method, done.path, "done", identity=done.identity, **body)
        cases = [first, *self._effects(first, done)]
        opening = self._make(name, endpoint, method, done.path, "once", identity=done.identity, **body)
        repeated = self._make(
            name, endpoint, method, done.path, "once more", identity=done.identity, follows=opening.id, **body
        )
        return [*cases, opening, repeated, *self._effects_of_twice(opening, repeated)]

    def _effects(self, first: Case, done: Success) -> list[Case]:
        """Pages that show something else after the write, and the page of what was made."""
        self._sender.fresh()
        answer = self._sender.send(first)
        found = [spot for spot in self._near(done, answer) if self._ask(*spot)["status"] < 400]
        if first.method == "DELETE" and self._endpoint_of(done.path):
            found = [(done.path, done.identity)]
        for spot, before in self._sorted_probes(done.path):
            if spot not in found and len(found) < MOST_EFFECTS and differences(before, self._ask(*spot), {}):
                found.append(spot)
        return self._following(first, found)

    def _effects_of_twice(self, opening: Case, repeated: Case) -> list[Case]:
        self._sender.fresh()
        for case in (opening, repeated):
            self._sender.send(case)
        found: list[tuple[str, str]] = []
        for spot, before in self._sorted_probes(opening.path):
            if len(found) < 2 and differences(before, self._ask(*spot), {}):
                found.append(spot)
        return self._following(repeated, found)

    def _following(self, case: Case, found: Sequence[tuple[str, str]]) -> list[Case]:
        rows = []
        for path, who in found:
            name, endpoint = self._endpoint_of(path) or (case.endpoint, None)
            if endpoint is None:
                continue
            rows.append(self._make(name, endpoint, "GET", path, "afterwards", identity=who, follows=case.id))
        return rows

    def _endpoint_of(self, path: str) -> tuple[str, Endpoint] | None:
        for endpoint in self._gets:
            if expression(endpoint.regex).fullmatch(path):
                return f"GET {endpoint.path}", endpoint
        return None

    def _near(self, done: Success, answer: dict[str, Any]) -> list[tuple[str, str]]:
        """The page of the thing itself: where ``Location`` leads, the path, the path below with a new key."""
        paths = [answer["headers"].get("location", "").partition("?")[0], done.path]
        for endpoint in self._gets:
            paths += self._paths_of_new(endpoint, done._replace(answer=answer))
        spots = [(path, done.identity) for path in dict.fromkeys(paths) if path and self._endpoint_of(path)]
        return spots[:2]

    def _sorted_probes(self, path: str) -> list[tuple[tuple[str, str], dict[str, Any]]]:
        """The pages, those that share most of their path with the write first."""

        def shared(spot: str) -> int:
            same = 0
            for a, b in zip(spot.split("/"), path.split("/"), strict=False):
                if a != b:
                    break
                same += 1
            return same

        return sorted(self._probes.items(), key=lambda item: -shared(item[0][0]))

    def _others(self, name: str, endpoint: Endpoint, method: str, done: Success, media: str) -> list[Case]:
        """The same write by everybody else, to what does not exist, and without the form's token."""
        body = self._body(done.fields, media, done.path, done.identity)
        cases = []
        for who in self._sender.names:
            if who != done.identity:
                page = done.path if "form" in body else ""
                sent = {**body, "csrf": self._form_page(page, who)} if "csrf" in body else body
                cases.append(
                    self._make(name, endpoint, method, done.path, "by another", identity=who, **sent)
                )
        for value in UNKNOWN if "{" in endpoint.path else ():
            path = unknown(endpoint.path, [done.path], value)
            cases.append(
                self._make(name, endpoint, method, path, "to nothing", identity=done.identity, **body)
            )
        if body.get("csrf"):
            bare = {key: value for key, value in body.items() if key != "csrf"}
            cases.append(
                self._make(
                    name, endpoint, method, done.path, "without the token", identity=done.identity, **bare
                )
            )
        return cases

    def _wrong(
        self, name: str, endpoint: Endpoint, method: str, done: Success, media: str, inputs: tuple[Input, ...]
    ) -> list[Case]:
        """One thing wrong at a time, and a body that is none."""
        if not isinstance(done.fields, dict) or not inputs:
            return []
        sent = self._body(done.fields, media, done.path, done.identity)
        rows = wrong(inputs, done.fields, "form" in sent)
        cases = []
        for row in rows:
            body = self._body(row.body, media, done.path, done.identity)
            cases.append(
                self._make(name, endpoint, method, done.path, row.why, identity=done.identity, **body)
            )
        if "json" in sent:
            for text, why in (("{", "broken JSON"), ("[]", "a list as body")):
                cases.append(
                    self._make(name, endpoint, method, done.path, why, identity=done.identity, content=text)
                )
        return cases


def _sent(case: Case) -> dict[str, Any]:
    """Who sent what."""
    return {key: getattr(case, key) for key in ("identity", "json", "form", "content", "csrf")}


def _as_form(fields: dict[str, Any]) -> dict[str, Any]:
    """Values as a browser sends them; a box that is not ticked is not sent."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if value is True:
            found[name] = "on"
        elif isinstance(value, list):
            found[name] = [str(item) for item in value]
        elif value is not False and value is not None:
            found[name] = str(value)
    return found


def _has_form(answer: dict[str, Any]) -> bool:
    return any("<form" in line for line in answer.get("text", ()))


def _nearness(status: int) -> int:
    """How far a request came that was not taken: past who asks, past where it asks, to what it brings."""
    return {401: 0, 403: 1, 404: 2, 405: 2}.get(status, 3 if status >= 400 else 0)


def _said(status: int, answer: dict[str, Any]) -> str:
    """What a refusal said, short."""
    body = answer.get("json")
    text = str(body) if body is not None else " ".join(answer.get("text", ())[:1])
    return f"{status} {text}"[:160].strip()
