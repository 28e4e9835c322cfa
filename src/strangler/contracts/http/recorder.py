"""Drives safe requests at a running monolith and keeps what it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.matchers import Matchers, compare, masked
from strangler.contracts.http.pool import PARAMETER, Pool, fill
from strangler.contracts.http.values import Case, Missing, Recording, RecordSettings, TargetError
from strangler.model import Endpoint

UNKNOWN = ("987654321", "no-such-thing")
TRIES = 14
"""Requests spent on finding the paths of one endpoint."""
PAGES = 3


def record(
    endpoints: Sequence[Endpoint], target: str, settings: RecordSettings, others: Sequence[str] = ()
) -> Recording:
    """Find requests for the endpoints, send each twice, keep what stays the same.

    Args:
        endpoints: those that move.
        target: address of the running monolith.
        others: paths outside the context that are read for links and identifiers, but not recorded.

    Raises:
        TargetError: nothing answers there, or httpx is not installed.
    """
    driver = _Driver(target, settings)
    cases = driver.find(endpoints, others)
    answers: dict[str, dict[str, Any]] = {}
    matchers: dict[str, Matchers] = {}
    secrets = [
        value
        for headers in settings.identities.values()
        for text in headers.values()
        for value in (text, *text.split())
    ]
    first = [driver.send(case) for case in cases]
    second = [driver.send(case) for case in cases]
    for case, one, two in zip(cases, first, second, strict=True):
        differing = compare(one, two)
        answers[case.id], hidden = masked(one, secrets)
        if differing or hidden:
            matchers[case.id] = {**hidden, **differing}
    shown = {case.endpoint for case, one in zip(cases, first, strict=True) if one["status"] < 300}
    return Recording(
        target=target,
        cases=tuple(cases),
        answers=answers,
        matchers=matchers,
        missing=tuple(_missing(pairs(endpoints), shown, settings)),
        endpoints=len(pairs(endpoints)),
    )


def pairs(endpoints: Sequence[Endpoint]) -> list[tuple[str, Endpoint]]:
    """``METHOD path`` of everything that moves; an endpoint for any method counts as GET."""
    found: dict[str, Endpoint] = {}
    for endpoint in endpoints:
        for method in endpoint.methods or ("GET",):
            if method not in ("HEAD", "OPTIONS"):
                found.setdefault(f"{method} {endpoint.path}", endpoint)
    return list(found.items())


def _missing(wanted: list[tuple[str, Endpoint]], shown: set[str], settings: RecordSettings) -> list[Missing]:
    missing = []
    for name, _ in wanted:
        if name in shown:
            continue
        if not name.startswith("GET "):
            reason = "a write: add a request to cases.json and record it with --unsafe on a copy of the data"
        elif "{" in name:
            reason = "no path that answers was found: give values of its parameters in cases.json"
        else:
            reason = "it answered with an error: an identity (--as) or a query in cases.json is needed"
        missing.append(Missing(endpoint=name, reason=reason))
    return missing


class _Driver:
    def __init__(self, target: str, settings: RecordSettings) -> None:
        try:
            import httpx
        except ImportError:
            raise TargetError("recording needs httpx: pip install 'strangler[record]'") from None
        self._httpx = httpx
        self._base = target.rstrip("/")
        self._settings = settings
        self._client = httpx.Client(timeout=settings.timeout, trust_env=False)
        self._pool = Pool(settings.parameters)
        self._ids: set[str] = set()
        self._names = (*settings.identities, "anonymous")

    def send(self, case: Case) -> dict[str, Any]:
        """The answer to a case as an observation."""
        from strangler.contracts.http.suite.contract import observe

        headers = self._settings.identities.get(case.identity, {})
        if case.method == "HEAD":  # some servers send a body all the same, which nothing may read after it
            headers = {**headers, "Connection": "close"}
        try:
            url = self._httpx.URL(self._base + case.path, params=list(case.query) or None)
            body = {} if case.json is None else {"json": case.json}
            self._client.cookies.clear()  # what one identity was given is not another's
            answer = self._client.request(case.method, url, headers=headers, **body)
        except (self._httpx.HTTPError, self._httpx.InvalidURL) as error:
            raise TargetError(f"{case.method} {self._base}{case.path}: {error}; is it running?") from error
        return observe(answer, self._base)

    def find(self, endpoints: Sequence[Endpoint], others: Sequence[str]) -> list[Case]:
        """The cases of all endpoints, in the order of the endpoints."""
        for path in ["/", *others]:
            if "{" not in path:
                self._look(path)
        wanted = pairs(endpoints)
        found: dict[str, list[str]] = {}
        for _ in range(2):
            for name, endpoint in sorted(wanted, key=lambda pair: pair[0].count("{")):
                if name.startswith("GET ") and not found.get(name):
                    found[name] = self._working(endpoint.path)
        cases: list[Case] = []
        for name, endpoint in wanted:
            cases += self._cases(name, endpoint, found.get(name, []), dict(wanted))
        for request in self._settings.requests:
            if self._settings.unsafe or request.get("method", "GET") == "GET":
                cases.append(self._given(request, wanted))
        return cases

    def _look(self, path: str) -> bool:
        """Ask as everybody; whether anybody was shown something."""
        good = False
        for name in self._names:
            probe = Case(id="", endpoint="", method="GET", path=path, identity=name)
            answer = self.send(probe)
            if answer["status"] < 400:
                self._pool.learn(answer, path)
            good = good or answer["status"] < 300
        return good

    def _working(self, template: str) -> list[str]:
        good: list[str] = []
        for number, path in enumerate(self._pool.paths(template)):
            if number == TRIES or len(good) == self._settings.examples:
                break
            if self._look(path):
                good.append(path)
        return good

    def _case(self, name: str, endpoint: Endpoint, method: str, path: str, why: str, **more: Any) -> Case:
        identity = more.get("identity", self._names[0])
        words = f"{method} {path} {' '.join(f'{k} {v}' for k, v in more.get('query', ()))} as {identity}"
        slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:90]
        unique, number = slug, 2
        while unique in self._ids:
            unique, number = f"{slug}_{number}", number + 1
        self._ids.add(unique)
        place = f"{endpoint.file}:{endpoint.line}"
        return Case(
            id=unique,
            endpoint=name,
            method=method,
            path=path,
            why=why,
            place=place,
            **{"identity": identity, **more},
        )

    def _cases(
        self, name: str, endpoint: Endpoint, good: list[str], wanted: dict[str, Endpoint]
    ) -> list[Case]:
        method = name.partition(" ")[0]
        if method != "GET":
            return self._writes(name, endpoint, method, wanted)
        cases = []
        for path in good:
            cases += [self._case(name, endpoint, "GET", path, "found", identity=who) for who in self._names]
            for query in self._pool.queries(path)[:PAGES]:
                cases.append(self._case(name, endpoint, "GET", path, "linked to", query=query))
        for path in good[:1]:
            cases.append(self._case(name, endpoint, "HEAD", path, "headers alone"))
            cases.append(self._case(name, endpoint, "OPTIONS", path, "allowed methods"))
            pages = [q for q in self._pool.queries(path) if any(k == "page" for k, _ in q)]
            for value in ("0", "9999", "x") if pages else ():
                cases.append(
                    self._case(name, endpoint, "GET", path, "page out of range", query=(("page", value),))
                )
        if not good and "{" not in endpoint.path:
            cases += [
                self._case(name, endpoint, "GET", endpoint.path, "refused", identity=who)
                for who in self._names
            ]
        for value in UNKNOWN if "{" in endpoint.path else ():
            path = self._unknown(endpoint.path, good, value)
            cases.append(self._case(name, endpoint, "GET", path, "unknown"))
        return cases

    @staticmethod
    def _unknown(template: str, good: list[str], value: str) -> str:
        """A path that only differs in its last parameter from one that works."""
        count = len(PARAMETER.findall(template))
        known = ["1"] * count
        if good:
            form = re.compile("([^/]+)".join(re.escape(part) for part in PARAMETER.split(template)[::2]))
            match = form.fullmatch(good[0])
            known = list(match.groups()) if match else known
        return fill(template, [*known[:-1], value])

    def _writes(self, name: str, endpoint: Endpoint, method: str, wanted: dict[str, Endpoint]) -> list[Case]:
        """Of a write, what is safe: the answer to GET where that is not allowed; the rest only if asked."""
        cases = []
        unknown = fill(endpoint.path, [UNKNOWN[0]] * len(PARAMETER.findall(endpoint.path)))
        if f"GET {endpoint.path}" not in wanted:
            cases.append(self._case(name, endpoint, "GET", unknown, "method not allowed"))
        if self._settings.unsafe:
            cases.append(
                self._case(name, endpoint, method, unknown, "without identity", identity="anonymous", json={})
            )
            cases += [
                self._case(name, endpoint, method, unknown, "empty body", identity=who, json={})
                for who in self._names[:-1]
            ]
        return cases

    def _given(self, request: dict[str, Any], wanted: list[tuple[str, Endpoint]]) -> Case:
        method, path = str(request.get("method", "GET")), str(request["path"])
        for name, endpoint in wanted:
            form = "[^/]+".join(re.escape(part) for part in PARAMETER.split(endpoint.path)[::2])
            if name.startswith(f"{method} ") and re.fullmatch(form, path):
                query = tuple((str(k), str(v)) for k, v in request.get("query", {}).items())
                return self._case(
                    name,
                    endpoint,
                    method,
                    path,
                    "given",
                    query=query,
                    json=request.get("json"),
                    identity=str(request.get("identity", self._names[0])),
                )
        raise TargetError(f"cases.json: {method} {path} is no endpoint that moves")
