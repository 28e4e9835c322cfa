"""Finds what can be read of a running monolith, and makes the cases for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from strangler.contracts.http.cases import UNKNOWN, Cases, pairs, request_of, unknown
from strangler.contracts.http.pool import PARAMETER, Pool, fill, form_of
from strangler.contracts.http.sender import Sender, UnfinishedError, reading
from strangler.contracts.http.values import Case, RecordSettings, TargetError
from strangler.model import Endpoint, Input
from strangler.model.routes import SAFE_METHODS
from strangler.routing.matching import Expression, expression

TRIES = 14
"""Requests spent on finding the paths of one endpoint."""
PAGES = 3
LINKED = 12
"""Pages linked from the start page and others that are read for further links."""
RISKY = re.compile(r"log-?out|sign-?out|delete|remove|unsubscribe|disable|cancel|archive", re.IGNORECASE)
"""Links that may do something although they are only read."""
MOST_QUERIES = 8


class Reads:
    """Paths that work, for each endpoint that is read, and the cases that show them."""

    def __init__(self, sender: Sender, settings: RecordSettings, cases: Cases) -> None:
        self._sender = sender
        self._settings = settings
        self._make = cases.make
        self.pool = Pool(settings.parameters)
        self.found: dict[str, list[str]] = {}
        """``GET path`` -> paths that were shown to somebody."""
        self.silent: dict[str, str] = {}
        """``METHOD path`` -> why it could not be asked."""
        self._routes: list[tuple[int, tuple[str, ...] | None, Expression]] = []
        self._ending: set[str] = set()
        self._allowed: dict[str, str] = {}
        """``GET path`` -> what ``Allow`` says where GET is not allowed."""
        self.validated: set[str] = set()
        """Paths whose answers carry validators."""
        self.shown_to: dict[str, str] = {}
        """Path -> the first identity that it was shown to."""

    def find(self, endpoints: Sequence[Endpoint], others: Sequence[str]) -> None:
        """Look for paths that work, twice: the second time with what the first one taught."""
        for path in ["/", *others]:
            if "{" not in path and path not in self._settings.skip:
                self._look("", path)
        self._routes = [(e.order, e.methods, expression(e.regex)) for e in endpoints]
        near = [path for path, query in self.pool.links if not query and not RISKY.search(path)]
        for path in near[:LINKED]:
            self._look("", path)
        wanted = pairs(endpoints)
        for _ in range(2):
            for name, endpoint in sorted(wanted, key=lambda pair: pair[0].count("{")):
                if name.startswith("GET ") and not self.found.get(name) and not self._skipped(name, endpoint):
                    self.found[name] = self._working(name, endpoint)

    def paths(self, endpoint: Endpoint, method: str) -> Iterator[str]:
        """Paths that may be served by an endpoint and by no route before it, the likeliest first."""
        earlier = [
            expression
            for order, methods, expression in self._routes
            if order < endpoint.order and (methods is None or method in methods)
        ]
        return self.pool.paths(endpoint.path, endpoint.regex, earlier)

    def _skipped(self, name: str, endpoint: Endpoint) -> bool:
        if endpoint.path in self._settings.skip:
            self.silent[name] = "cases.json says to leave it out"
        return name in self.silent

    def _look(self, name: str, path: str) -> bool:
        """Ask as everybody; whether anybody was shown something."""
        good = False
        for identity in self._sender.names:
            try:
                answer = self._sender.look(path, identity)
                if answer["status"] < 400 and not self._sender.ended:
                    with reading():
                        self.pool.learn(answer, path)
            except UnfinishedError as error:
                if name:
                    self.silent[name] = str(error)
                return False
            if self._sender.ended:
                self._lost(name, path, identity)
                return good
            if answer["status"] == 405:
                self._allowed[name] = answer["headers"].get("allow", "")
            if answer["status"] < 300:
                self.shown_to.setdefault(path, identity)
                if {"etag", "last-modified"} & answer["headers"].keys():
                    self.validated.add(path)
                good = True
        return good

    def _lost(self, name: str, path: str, identity: str) -> None:
        """A page ended a session: go on with the data put back, or say what is needed."""
        if identity not in self._settings.logins and self._settings.reset is None:
            raise TargetError(
                f'GET {path} ends the session of {identity}: give --reset, --login, or list "{path}" under '
                '"skip" in cases.json'
            )
        if name:
            self._ending.add(name)
            self.silent[name] = "it ends the session of who asks"

    def _working(self, name: str, endpoint: Endpoint) -> list[str]:
        good: list[str] = []
        for number, path in enumerate(self.paths(endpoint, "GET")):
            if number == TRIES or len(good) == self._settings.examples or name in self.silent:
                break
            if self._look(name, path):
                good.append(path)
        return good

    def served(self, wanted: Sequence[tuple[str, Endpoint]]) -> list[tuple[str, Endpoint]]:
        """Methods and paths as the monolith serves them, where the code does not restrict the methods."""
        found: dict[str, Endpoint] = {}
        for name, endpoint in wanted:
            said = self._allowed.get(name, "") if endpoint.methods is None and name.startswith("GET ") else ""
            methods = [m.strip().upper() for m in said.split(",") if m.strip()]
            for method in [m for m in methods if m not in SAFE_METHODS] or [name.partition(" ")[0]]:
                found.setdefault(f"{method} {endpoint.path}", endpoint)
        return list(found.items())

    # -- cases -----------------------------------------------------------------------------------

    def cases(self, wanted: Sequence[tuple[str, Endpoint]]) -> list[Case]:
        """The cases of all endpoints, in their order; those that end a session at the end."""
        found: list[Case] = []
        last: list[Case] = []
        names = {name for name, _ in wanted}
        for name, endpoint in wanted:
            if name in self.silent and name not in self._ending:
                continue
            method = name.partition(" ")[0]
            rows = (
                self._read(name, endpoint)
                if method == "GET"
                else self._refused(name, endpoint, method, f"GET {endpoint.path}" in names)
            )
            (last if name in self._ending else found).extend(rows)
        return found + last

    def _read(self, name: str, endpoint: Endpoint) -> list[Case]:
        good, names = self.found.get(name, []), self._sender.names
        cases = []
        for path in good:
            cases += [self._make(name, endpoint, "GET", path, "found", identity=who) for who in names]
            for query in self.pool.queries(path)[:PAGES]:
                cases.append(self._get(name, endpoint, path, "linked to", query))
        for path in good[:1]:
            who = self.shown_to.get(path, names[0])
            cases.append(self._make(name, endpoint, "HEAD", path, "headers alone", identity=who))
            cases.append(self._make(name, endpoint, "OPTIONS", path, "allowed methods", identity=who))
            if path in self.validated:
                cases.append(self._make(name, endpoint, "GET", path, "unchanged", identity=who, again=True))
            cases += self._queried(name, endpoint, path)
        if not good:
            path = endpoint.path if "{" not in endpoint.path else next(self.paths(endpoint, "GET"))
            cases += [self._make(name, endpoint, "GET", path, "refused", identity=who) for who in names]
        for value in UNKNOWN if "{" in endpoint.path else ():
            cases.append(self._get(name, endpoint, unknown(endpoint.path, good, value), "unknown", ()))
        return cases

    def _get(self, name: str, endpoint: Endpoint, path: str, why: str, query: Sequence[Any]) -> Case:
        who = self.shown_to.get(path, self._sender.names[0])
        return self._make(name, endpoint, "GET", path, why, query=tuple(query), identity=who)

    def _queried(self, name: str, endpoint: Endpoint, path: str) -> list[Case]:
        """Parameters that the code reads, with a likely value, and beyond their limits."""
        linked = {key for query in self.pool.queries(path) for key, _ in query}
        row = request_of(endpoint, "GET")
        inputs = [one for one in row.inputs if one.where == "query"] if row is not None else []
        if "page" in linked and all(one.name != "page" for one in inputs):
            inputs.append(Input(name="page", where="query", type="integer"))
        rows = [query for one in inputs for query in self._values(one)]
        return [
            self._get(name, endpoint, path, why, ((key, value),))
            for key, value, why in dict.fromkeys(rows[: MOST_QUERIES * 2])
        ]

    def _values(self, one: Input) -> list[tuple[str, str, str]]:
        name = one.name
        if one.choices:
            return [(name, c, "one choice") for c in one.choices[:3]] + [
                (name, "no-such-choice", "no choice")
            ]
        if re.fullmatch(r"page|offset|p|page_?(number|no)", name):
            return [(name, "2", "second page"), *((name, v, "page out of range") for v in ("0", "9999", "x"))]
        rows = [(name, value, "filtered") for value in (self.pool.given(name) or self._likely(one))[:2]]
        if one.type in ("integer", "number"):
            rows += [(name, "1", "a number"), (name, "x", "no number")]
        if one.minimum is not None:
            rows.append((name, str(int(one.minimum) - 1), "too small"))
        if one.maximum is not None:
            rows.append((name, str(int(one.maximum) + 1), "too large"))
        return rows + ([(name, "no-such-thing", "nothing fits")] if one.type in ("string", "") else [])

    def _likely(self, one: Input) -> list[str]:
        """Values seen under that name; for a search, a word of what was shown."""
        found = self.pool.rows(one, "") or self.pool.named(one.name)
        if not found and re.fullmatch(r"q|query|search|term|text|name", one.name):
            texts = self.pool.named("name", "title", "last_name", "label")
            found = [text.split()[0] for text in texts if len(text.split()[0]) > 2][:1]
        if not found and one.type == "boolean":
            found = ["true", "false"]
        return found or ["1", "true"]

    def _refused(self, name: str, endpoint: Endpoint, method: str, readable: bool) -> list[Case]:
        """Of a write, what is safe: the answer to GET where that is not allowed; the rest only if asked."""
        cases = []
        path = fill(endpoint.path, [UNKNOWN[0]] * len(PARAMETER.findall(endpoint.path)))
        if not readable:
            who = self._sender.names[0]
            cases.append(self._make(name, endpoint, "GET", path, "method not allowed", identity=who))
        if self._settings.unsafe:
            send: dict[str, Any] = {"json": {}}
            cases.append(
                self._make(name, endpoint, method, path, "without identity", identity="anonymous", **send)
            )
            cases += [
                self._make(name, endpoint, method, path, "empty body to nothing", identity=who, **send)
                for who in self._sender.names[:-1]
            ]
        return cases

    def given(self, wanted: Sequence[tuple[str, Endpoint]]) -> list[Case]:
        """The requests of cases.json."""
        found = []
        for request in self._settings.requests:
            method, path = request.method, request.path
            if method not in SAFE_METHODS and not (self._settings.unsafe or self._settings.writes):
                continue
            match = next(
                ((n, e) for n, e in wanted if n.startswith(f"{method} ") and form_of(e.path).fullmatch(path)),
                None,
            )
            if match is None:
                raise TargetError(f"cases.json: {method} {path} is no endpoint that moves")
            who = self._sender.names[0] if request.identity is None else request.identity
            if who not in self._sender.names:
                known = ", ".join(self._sender.names)
                raise TargetError(f"cases.json: nobody is called {who!r}; there are {known} (--as, --login)")
            pairs = request.query.items() if isinstance(request.query, dict) else request.query
            found.append(
                self._make(
                    *match,
                    method,
                    path,
                    "given",
                    query=tuple((name, str(value)) for name, value in pairs),
                    identity=who,
                    json=request.json,
                    form=request.form,
                    content=request.content,
                    csrf=request.csrf,
                )
            )
        return found
