"""Records a running monolith: what is asked, twice from the same state, and what stays the same."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from strangler.contracts.http.cases import Cases, pairs
from strangler.contracts.http.matchers import Matchers, compare, masked
from strangler.contracts.http.reads import Reads
from strangler.contracts.http.security import scheme_of
from strangler.contracts.http.sender import Sender, UnfinishedError
from strangler.contracts.http.suite_files import module_of
from strangler.contracts.http.values import Case, Missing, Recording, RecordSettings, TargetError
from strangler.contracts.http.writes import Writes
from strangler.model import Endpoint

APART = 1.1
"""Seconds between the two recordings of a case, so that a clock in an answer shows."""
Answer = tuple[dict[str, Any], datetime | None]


def record(
    endpoints: Sequence[Endpoint], target: str, settings: RecordSettings, others: Sequence[str] = ()
) -> Recording:
    """Find requests for the endpoints, send each twice from the same state, keep what stays the same.

    Args:
        endpoints: those that move.
        target: address of the running monolith.
        others: paths outside the context that are read for links and identifiers, but not recorded.

    Raises:
        TargetError: nothing answers there, httpx is not installed, the data cannot be put back.
    """
    if settings.writes and settings.reset is None:
        raise TargetError("--writes needs --reset: each write is recorded twice from the same state")
    sender, cases = Sender(target, settings), Cases()
    if settings.reset is not None:
        sender.put_back()
    reads = Reads(sender, settings, cases)
    reads.find(endpoints, others)
    wanted = reads.served(pairs(endpoints))
    writes = Writes(sender, settings, cases, reads)
    found = reads.cases(wanted) + reads.given(wanted)
    if settings.writes:
        found += writes.cases(wanted)
    kept, first, second = _twice(sender, settings, _conversations(found), reads.silent)
    return _recording(target, wanted, settings, kept, first, second, _reasons(wanted, reads, writes))


def _conversations(cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that follow each other, in one list each, in the order in which the suite will send them.

    Reads that leave something behind (a preference, the last page seen) then leave it in the suite, too.
    """
    found: list[list[Case]] = []
    for case in cases:
        if case.follows and found:
            found[-1].append(case)
        else:
            found.append([case])
    return sorted(found, key=lambda talk: module_of(talk[0]))


def _twice(
    sender: Sender, settings: RecordSettings, talks: list[list[Case]], silent: dict[str, str]
) -> tuple[list[Case], dict[str, Answer], dict[str, Answer]]:
    """All conversations twice; those that were not answered, or with another status, are left out.

    ``silent`` takes the endpoints whose answers no longer fit, with the reason.
    """
    if settings.reset is not None:
        sender.put_back()
    started = time.monotonic()
    first = dict(_pass(sender, settings, talks, silent))
    if settings.restart is not None:
        settings.restart()
        sender.wait()
    if settings.reset is not None:
        sender.put_back()
    time.sleep(max(0.0, APART - (time.monotonic() - started)))
    second = dict(_pass(sender, settings, talks, silent))

    def same_status(case: Case) -> bool:
        one, two = first.get(case.id), second.get(case.id)
        return one is not None and two is not None and one[0]["status"] == two[0]["status"]

    steady = [case for talk in talks for case in takewhile(same_status, talk)]
    return steady, first, second


def _pass(
    sender: Sender, settings: RecordSettings, talks: list[list[Case]], silent: dict[str, str]
) -> Iterator[tuple[str, Answer]]:
    kept, limits = 0, settings.limits
    for talk in talks:
        sender.fresh()
        try:
            for case in talk:
                answer, now = sender.send(case), sender.now
                if kept + sender.size > limits.recording_bytes:
                    silent[case.endpoint] = (
                        f"the answer did not fit into the recording ({limits.named('recording_bytes')}): "
                        "list other paths under skip in cases.json"
                    )
                    break
                kept += sender.size
                yield case.id, (answer, now)
        except UnfinishedError:
            continue


def _recording(
    target: str,
    wanted: Sequence[tuple[str, Endpoint]],
    settings: RecordSettings,
    cases: Sequence[Case],
    first: dict[str, Answer],
    second: dict[str, Answer],
    reasons: dict[str, str],
) -> Recording:
    answers: dict[str, dict[str, Any]] = {}
    matchers: dict[str, Matchers] = {}
    secrets = _secrets(settings)
    hiding: Counter[str] = Counter()
    for case in cases:
        (one, now), (two, _) = first[case.id], second[case.id]
        own = _texts((case.json, case.form))
        answers[case.id], hidden = masked(one, secrets, own)
        differing = compare(answers[case.id], masked(two, secrets, own)[0], now)
        hiding.update(matcher["why"].removeprefix("masked: ") for matcher in hidden.values())
        if differing or hidden:
            matchers[case.id] = {**hidden, **differing}
    shown = {case.endpoint for case in cases if _at_work(case, first[case.id][0])}
    return Recording(
        target=target,
        cases=tuple(cases),
        answers=answers,
        matchers=matchers,
        missing=tuple(
            Missing(endpoint=n, reason=_reason(n, reasons, settings)) for n, _ in wanted if n not in shown
        ),
        endpoints=len(wanted),
        schemes=_schemes(settings),
        unsteady=tuple(sorted({c for c in first if c not in answers})),
        limits=settings.limits,
        masked=dict(sorted(hiding.items())),
    )


def _schemes(settings: RecordSettings) -> dict[str, tuple[str, dict[str, Any]]]:
    found = {who: scheme_of(headers) for who, headers in settings.identities.items()}
    signed_in = ("session", {"type": "apiKey", "in": "cookie", "name": "session"})
    return {who: scheme for who, scheme in found.items() if scheme is not None} | dict.fromkeys(
        settings.logins, signed_in
    )


def _at_work(case: Case, answer: dict[str, Any]) -> bool:
    """Whether a case shows its endpoint at work: below 300; a write that redirects has been done, too."""
    if case.method in ("HEAD", "OPTIONS"):
        return False
    if case.why == "done":
        return bool(answer["status"] < 400)
    return bool(answer["status"] < 300) and case.endpoint.startswith(f"{case.method} ")


def _secrets(settings: RecordSettings) -> list[str]:
    """All that was sent to prove who asks."""
    texts = [text for headers in settings.identities.values() for text in headers.values()]
    words = [word for text in texts for word in (text, *text.split())]
    passwords = [
        value
        for _, fields in settings.logins.values()
        for name, value in fields.items()
        if "pass" in name.lower() or "pwd" in name.lower()
    ]
    return words + passwords


def _texts(value: Any) -> set[str]:
    """The strings in a body that was sent: they are no secret of the monolith's."""
    if isinstance(value, str):
        return {value}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {text for item in items for text in _texts(item)}


def _reasons(wanted: Sequence[tuple[str, Endpoint]], reads: Reads, writes: Writes) -> dict[str, str]:
    found = dict(reads.silent)
    for name, said in writes.refusals.items():
        found.setdefault(
            name, f"no request that it takes was found (the nearest answer: {said}): add one to cases.json"
        )
    return found


def _reason(name: str, reasons: dict[str, str], settings: RecordSettings) -> str:
    if name in reasons:
        return reasons[name]
    if not name.startswith("GET "):
        if settings.writes:
            return "no request that it takes was found: add one to cases.json"
        return "a write: record with --writes and --reset on a copy of the data"
    if "{" in name:
        return "no path that answers was found: give values of its parameters in cases.json"
    return "it answered with an error: an identity (--as) or a query in cases.json is needed"
