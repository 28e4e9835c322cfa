"""Sends cases to the monolith and keeps what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from strangler.contracts.http.values import Case, RecordSettings, TargetError, bounds_of

LOOK_SECONDS = 8.0
"""Time for an answer while looking for paths."""


MOST_UNFINISHED = 8
"""Requests in a row without a whole answer; after them the monolith is not asked any more."""


class UnfinishedError(Exception):
    """One request did not get its answer; the message says why."""


class Sender:
    """A conversation with the monolith."""

    def __init__(self, target: str, settings: RecordSettings) -> None:
        try:
            import httpx
        except ImportError:
            raise TargetError("recording needs httpx: pip install httpx") from None
        from strangler.contracts.http.suite.contract_client import Client, ResetError
        from strangler.contracts.http.suite.contract_target import (
            ONE_EACH,
            ElsewhereError,
            Line,
            Target,
            TargetRefusedError,
        )

        try:
            place = Target(target)
        except ValueError as error:
            raise TargetError(f"--target: {error}") from error
        self._httpx = httpx
        self._reset_error = ResetError
        self._refused, self._elsewhere = TargetRefusedError, ElsewhereError
        bounds = bounds_of(settings.limits)
        self._timeout = bounds.patience
        self._http = httpx.Client(timeout=self._timeout, trust_env=False, limits=ONE_EACH)
        line = Line(self._http, place, bounds)
        self.client = Client(line, settings.identities, settings.logins, settings.reset)
        self.answered = False
        self.size = 0
        """Bytes of the last answer."""
        self._unfinished = 0
        self.now: datetime | None = None
        """The moment of the last answer, by the server's own header."""

    @property
    def names(self) -> tuple[str, ...]:
        """Who may ask, nobody last."""
        return self.client.names

    @property
    def ended(self) -> str:
        """Who lost a session by the last answer."""
        return self.client.ended

    def fresh(self) -> None:
        """A new conversation, with the data as they were."""
        self._guarded("the data are put back", self.client.begin)

    def put_back(self) -> None:
        """Put the data back, whatever was sent before."""
        self._guarded("the data are put back", self.client.put_back)

    def wait(self) -> None:
        """Wait until the monolith takes connections."""
        self._guarded("it is started again", self.client.wait)

    def _guarded(self, what: str, call: Any) -> None:
        try:
            call()
        except self._reset_error as error:
            raise TargetError(str(error)) from error
        except self._httpx.HTTPError as error:
            raise TargetError(f"when {what}: {error}; is it running?") from error
        except OSError as error:
            raise TargetError(f"--reset or --restart: {error}") from error

    def look(self, path: str, identity: str) -> dict[str, Any]:
        """A quick GET in a conversation of its own."""
        self.fresh()
        self._http.timeout = self._httpx.Timeout(min(LOOK_SECONDS, self._timeout))
        try:
            return self.send(Case(id="", endpoint="", method="GET", path=path, identity=identity))
        finally:
            self._http.timeout = self._httpx.Timeout(self._timeout)

    def send(self, case: Case) -> dict[str, Any]:
        """The answer to a case as an observation.

        Raises:
            TargetError: nothing has answered there yet.
            UnfinishedError: this request got no answer, or one that could not be read.
        """
        from strangler.contracts.http.suite.contract import observe

        options: dict[str, Any] = {
            "params": list(case.query),
            "json": case.json,
            "form": case.form,
            "content": case.content,
            "csrf": case.csrf,
        }
        try:
            answer = self.client.send(case.method, case.path, identity=case.identity, **options)
            if case.again:
                options["validators"] = answer
                answer = self.client.send(case.method, case.path, identity=case.identity, **options)
        except self._refused as error:
            raise self._turned(error, str(error)) from error
        except (self._httpx.HTTPError, self._httpx.InvalidURL) as error:
            place = f"{case.method} {self.client.base}{case.path}"
            if isinstance(error, self._httpx.ConnectError) or not self.answered:
                raise TargetError(f"{place}: {error}; is it running?") from error
            said = f"it gave no whole answer ({error or type(error).__name__})"
            raise self._turned(error, said) from error
        except self._reset_error as error:
            raise TargetError(str(error)) from error
        self.answered, self._unfinished = True, 0
        self.size = len(answer.content)
        self.now = _moment(answer.headers.get("date", ""))
        if case.method not in ("GET", "HEAD", "OPTIONS"):
            self.client.took(answer)
        with reading():
            return observe(answer, self.client.base, self.client.bounds)

    def _turned(self, error: Exception, said: str) -> UnfinishedError | TargetError:
        """The error of one request; of the target where it has given no whole answer for long."""
        elsewhere = isinstance(error, self._elsewhere)
        self._unfinished += not elsewhere
        if self._unfinished < MOST_UNFINISHED:
            return UnfinishedError(said)
        return TargetError(f"{MOST_UNFINISHED} requests in a row got no whole answer; of the last, {said}")

    def talk(self, cases: Iterable[Case]) -> list[dict[str, Any]]:
        """The answers to the cases of one conversation, from the data as they were."""
        self.fresh()
        return [self.send(case) for case in cases]


@contextmanager
def reading() -> Iterator[None]:
    """Around what reads an answer: a defect of ours costs this one answer, not the recording.

    Raises:
        UnfinishedError: it could not be read.
    """
    try:
        yield
    except Exception as error:
        raise UnfinishedError(f"its answer could not be read: {error!r}"[:300]) from error


def _moment(text: str) -> datetime | None:
    """The moment that a Date header names, unless a day before or after it has no date."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None and 1970 <= found.year < 9999 else None
