"""Calls of another context's service: timeout, retries of reads, circuit breaker, fall-backs."""

from __future__ import annotations

import asyncio
import contextvars
import http.client
import inspect
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from .sessions import read_anew, synchronous
from .wire import PREFIX, Operation, WireError, given, reading_by, schemas, sessions_of, settled

FAILURES = 5
"""Failures in a row after which the circuit opens: calls fail at once."""
PAUSE = 10.0
"""Seconds until an open circuit lets one call through, to try."""
BACKOFF, LONGEST = 0.1, 2.0
"""Seconds: before a retry any time up to BACKOFF * 2 ** attempt, at most LONGEST (full jitter)."""
TRANSIENT = (502, 503, 504)


class Unavailable(Exception):
    """The service did not answer."""


class RemoteError(Exception):
    """The service answered something that the seam does not know."""


class Breaker:
    """Opens after several failures in a row; then lets one call through from time to time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            now = time.monotonic()
            if now < self._until:
                return False
            self._until = now + PAUSE
            return True

    def note(self, worked: bool) -> None:
        """Count how a call went."""
        with self._lock:
            self._failures = 0 if worked else self._failures + 1
            if self._failures >= FAILURES:
                self._until = time.monotonic() + PAUSE


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


class Remote:
    """The service of one context."""

    def __init__(self, context: str, url: str, fallbacks: Mapping[str, Callable[..., Any]]) -> None:
        self.context = context
        self._url = url.rstrip("/") + PREFIX + context + "/"
        self._fallbacks = fallbacks
        self.breaker = Breaker()

    def call(
        self, operation: Operation, arguments: Mapping[str, Any], step: Mapping[str, str] | None = None
    ) -> Any:
        """The result of an operation.

        Args:
            step: headers of a step of a saga: it may be repeated, whatever the session holds.

        Raises:
            the operation's own exceptions: the service answered with one.
            Unavailable: no answer, and no fall-back is set for the operation.
            RemoteError: an answer that the seam does not know.
            wire.WireError: an argument or the result has another type than the seam was made for.
        """
        session = operation.session(arguments)
        asked = self._asked(operation, arguments, session, step)
        try:
            found = self._exchange(operation, asked, step)
        except Unavailable:
            fallback = self._fallbacks.get(operation.name) if step is None else None
            if fallback is None:
                raise
            with reading_by(session):
                return operation.call(fallback, given(arguments))
        return self._taken(operation, arguments, session, step, found)

    async def later(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """The same for a coroutine: its event loop goes on meanwhile."""
        waiting = operation.session(arguments)
        held = {name: synchronous(value) for name, value in arguments.items()}
        session = synchronous(waiting)

        async def done(function: Callable[..., Any], *more: Any) -> Any:
            if session is None:  # what it does to rows of Django may wait for the database
                return await _aside(function, operation, held, session, None, *more)
            if session is waiting:
                return function(operation, held, session, None, *more)
            return await waiting.run_sync(lambda _: function(operation, held, session, None, *more))

        asked = await done(self._asked)
        try:
            found = await _aside(self._exchange, operation, asked, None)
        except Unavailable:
            fallback = self._fallbacks.get(operation.name)
            if fallback is None:
                raise
            result = operation.call(fallback, given(arguments))
            return await result if inspect.isawaitable(result) else result
        return await done(self._taken, found, session is not waiting)

    def _asked(
        self, operation: Operation, arguments: Mapping[str, Any], session: Any, step: Mapping[str, str] | None
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the request."""
        with reading_by(session):
            told = schemas(session)
            if told and step is not None:
                raise WireError("a session with schemas of its own: a step of a saga is not done in them")
            for one in (found for value in given(arguments).values() for found in sessions_of(value)):
                if schemas(one) != told:
                    raise WireError("rows and the session of a call have different schemas of their own")
            for one in operation.sessions(arguments) if step is None else ():
                settled(one)
            more = {"Seam-Schemas": json.dumps(list(told.items()))} if told else {}
            body = json.dumps(operation.encode(arguments)).encode("ascii")
            return body, {**(step or {}), **more}

    def _taken(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        session: Any,
        step: Mapping[str, str] | None,
        found: tuple[int, Any],
        at_once: bool = False,
    ) -> Any:
        """What the answer stands for."""
        own = [] if session is None else [session]
        with reading_by(session):
            result = self._result(operation, arguments, *found)
            for one in () if operation.safe else operation.sessions(arguments) if step is None else own:
                read_anew(one, at_once)  # what the service has committed
            return result

    def post(self, name: str, body: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Status and answer of one request.

        Raises:
            Unavailable: no answer.
        """
        return self._send(name, body.encode("ascii"), headers, 1)

    def _exchange(
        self, operation: Operation, asked: tuple[bytes, dict[str, str]], step: Mapping[str, str] | None
    ) -> tuple[int, Any]:
        again = int(os.environ.get("SEAM_RETRIES", "2")) if operation.safe or step else 0
        body, headers = asked
        return self._send(operation.name, body, headers, 1 + again, waited=step is not None)

    def _result(self, operation: Operation, arguments: Mapping[str, Any], status: int, answer: Any) -> Any:
        if status == 200 and type(answer) is dict and "result" in answer:
            operation.take(arguments, answer)
            return operation.returned(arguments, answer)
        error = operation.error(answer)
        if error is not None:
            raise error
        detail = answer.get("detail") if type(answer) is dict else None
        raise RemoteError(f"{self._url}{operation.name}: status {status}" + (f", {detail}" if detail else ""))

    def _send(
        self, name: str, body: bytes, headers: Mapping[str, str], attempts: int, waited: bool = False
    ) -> tuple[int, Any]:
        problem: Exception | None = None
        until = time.monotonic() + _timeout()
        for attempt in range(attempts):
            if attempt:
                time.sleep(random.uniform(0, min(LONGEST, BACKOFF * 2**attempt)))
                if waited and time.monotonic() > until:
                    break  # a transaction is waiting
            if not self.breaker.allows():
                raise Unavailable(f"{self._url}: circuit open") from problem
            try:
                status, answer = self._post(name, body, headers)
            except (OSError, http.client.HTTPException) as error:
                problem = error
            else:
                if status not in TRANSIENT:
                    self.breaker.note(True)
                    return status, answer
                problem = RemoteError(f"status {status}")
            self.breaker.note(False)
        raise Unavailable(f"{self._url}{name}: {problem}") from problem

    def _post(self, name: str, body: bytes, more: Mapping[str, str]) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", **more}
        headers["Authorization"] = "Bearer " + os.environ.get("SEAM_TOKEN", "")
        request = urllib.request.Request(self._url + name, data=body, headers=headers, method="POST")
        try:
            with _OPENER.open(request, timeout=_timeout()) as response:
                return response.status, _document(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _document(error.read())


async def _aside(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns that waits, in a thread of its own."""
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(None, lambda: context.run(function, *arguments))


def _timeout() -> float:
    return float(os.environ.get("SEAM_TIMEOUT", "5"))


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def address(context: str) -> str | None:
    """The URL of the service that answers for a context; None while its calls stay in the process."""
    return os.environ.get(f"SEAM_{context.upper()}_URL")


_REMOTES: dict[tuple[str, str], Remote] = {}
_LOCK = threading.Lock()


def remote(context: str, url: str, fallbacks: Mapping[str, Callable[..., Any]]) -> Remote:
    """The service of a context at a URL; one for all calls, because it counts failures."""
    with _LOCK:
        if (context, url) not in _REMOTES:
            _REMOTES[context, url] = Remote(context, url, fallbacks)
        return _REMOTES[context, url]
