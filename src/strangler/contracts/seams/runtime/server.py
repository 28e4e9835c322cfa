"""The other end of a seam: a WSGI application that serves a context's operations from its own functions.

Put it in front of the service's application: ``application = provide(application, "billing")``. Flask needs
its context as well: ``app.wsgi_app = provide(app.wsgi_app, "billing", around=app.app_context)``. It answers
only callers that know SEAM_TOKEN; keep the gateway from routing /_strangler/ from outside all the same.

Or run it beside the application, which then stays as it is: ``python -m PACKAGE.server billing``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import hmac
import importlib
import importlib.util
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

# saga: begin
from . import inbox
from .database import Database

# saga: end
from .own import MODELS, USE
from .sessions import synchronous
from .wire import PREFIX, Operation, WireError, reading_by, settled, with_schemas

LONGEST = 10_000_000
"""Bytes of a request."""
_LOG = logging.getLogger(__name__)
# django: begin


@contextlib.contextmanager
def database_connections() -> Any:
    """Close connections that are too old or broken, as Django does before and after a request."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


# django: end


class Provider:
    """Serves the operations of some contexts.

    Args:
        contexts: names of modules beside this one.
        around: called for each request; what it returns is entered around the call (``app.app_context``).
        session: makes a database session for functions that take one (``SessionLocal``); closed afterwards.
            Several of them by what each is for, a context or ``context.operation``, ``""`` for the rest.
    """

    def __init__(
        self,
        *contexts: str,
        around: Callable[[], contextlib.AbstractContextManager[Any]] | None = None,
        session: Callable[[], Any] | Mapping[str, Callable[[], Any]] | None = None,
    ) -> None:
        self._seams = {
            context: importlib.import_module("." + context, __package__ or None) for context in contexts
        }
        self._around = around or contextlib.nullcontext
        known: Mapping[str, Any] = session if isinstance(session, Mapping) else {"": session}
        several = {name: item if isinstance(item, list) else [item] for name, item in known.items()}
        self._makers = {name: [item for item in items if item] for name, items in several.items()}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        status, document = self._answer(environ)
        body = json.dumps(document).encode("ascii")
        kind = "application/json" if status == 200 else "application/problem+json"
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{status} {document.get('title', 'OK')}", headers)
        return [body]

    def _answer(self, environ: Any) -> tuple[int, dict[str, Any]]:
        if environ["REQUEST_METHOD"] != "POST":
            return _problem(405, "MethodNotAllowed")
        token = os.environ.get("SEAM_TOKEN", "")
        given = environ.get("HTTP_AUTHORIZATION", "")
        if not token or not hmac.compare_digest(
            ("Bearer " + token).encode(), given.encode("utf-8", "replace")
        ):
            return _problem(401, "Unauthorized")
        context, seam, name = self._find(environ)
        known = {operation.name: operation for operation in seam.OPERATIONS} if seam else {}
        operation = known.get(name)
        step: dict[str, str] = {}
        # saga: begin
        step = {name: environ.get("HTTP_SAGA_" + name.upper(), "") for name in ("step", "caller", "mode")}
        # saga: end
        if operation is None and not (seam and name == "_saga"):
            return _problem(404, "NoSuchOperation")
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            if length > LONGEST:
                return _problem(413, "TooLarge")
            arguments = json.loads(environ["wsgi.input"].read(length))
        except (ValueError, RecursionError) as error:
            return _problem(400, "BadArguments", str(error))
        # saga: begin
        if operation is None:
            return self._settle(context, seam, arguments)
        # saga: end
        told = environ.get("HTTP_SEAM_SCHEMAS", "")
        return self._call(context, seam, operation, arguments, step, told)

    def _maker(self, context: str, operation: Operation) -> Any:
        """What makes sessions for an operation, for coroutines where that is one; None where nothing does."""
        names = (f"{context}.{operation.name}", context, "")
        makers = next((self._makers[name] for name in names if name in self._makers), [])
        fitting = [maker for maker in makers if _of_coroutines(maker) == operation.coroutine]
        return next(iter(fitting + makers), None)

    @contextlib.contextmanager
    def _opened(self, maker: Any) -> Any:
        """The session of one call; None where nothing makes any."""
        session = maker() if maker is not None else None
        if synchronous(session) is not session:  # it is opened by coroutines alone
            session = None
        try:
            yield session
        finally:
            if session is not None:
                session.close()

    def _find(self, environ: Any) -> tuple[str, Any, str]:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        context, _, name = path.rpartition(PREFIX)[2].partition("/")
        return context, self._seams.get(context), name

    def _call(
        self, context: str, seam: Any, operation: Operation, sent: Any, step: dict[str, str], told: str
    ) -> tuple[int, dict[str, Any]]:
        try:
            if operation.coroutine:
                with self._around():
                    return 200, _awaited(self._later(context, seam, operation, sent, told))
            maker = self._maker(context, operation)
            with self._around(), self._opened(maker) as session, reading_by(session):
                try:
                    with_schemas(session, dict(json.loads(told)) if told else {})
                    arguments = operation.decode(sent)
                except WireError as error:
                    raise _BadArguments(str(error)) from error
                # saga: begin
                if step["step"]:
                    undo = seam.UNDO.get(operation.name)
                    answer = inbox.once(
                        Database(session),
                        step,
                        context,
                        operation,
                        sent,
                        undo,
                        lambda: getattr(seam.LOCAL, operation.name)(**arguments),
                    )
                    return 200, {"result": answer}
                # saga: end
                before = operation.seen(arguments)
                result = operation.call(getattr(seam.LOCAL, operation.name), arguments)
                # what it leaves to the commit of its caller would be lost
                settled(session if session is not None else operation.session(arguments))
                return 200, operation.answer(result, arguments, before)
        except _BadArguments as error:
            return _problem(400, "BadArguments", str(error))
        # saga: begin
        except inbox.TakenBack:
            return _problem(409, "TakenBack")
        except inbox.Unwritten as error:
            return _problem(501, "NothingTakesItBack", str(error))
        # saga: end
        except Exception as error:
            found = operation.problem(error)
            if found is not None:
                return found
            _LOG.exception("%s failed", operation.name)
            return _problem(500, "InternalError")

    async def _later(
        self, context: str, seam: Any, operation: Operation, sent: Any, told: str
    ) -> dict[str, Any]:
        """The answer of a coroutine, which gets a session for coroutines where ``session`` makes those."""
        maker = self._maker(context, operation)
        opened: Any = maker() if maker is not None else None
        held = synchronous(opened)

        async def done(function: Callable[..., Any], *given: Any) -> Any:
            if held is None:  # what it does to rows of Django may wait for the database
                return await asyncio.get_running_loop().run_in_executor(None, function, *given)
            return function(*given) if held is opened else await opened.run_sync(lambda _: function(*given))

        def begin() -> tuple[dict[str, Any], dict[str, Any]]:
            with reading_by(held):
                try:
                    with_schemas(held, dict(json.loads(told)) if told else {})
                    arguments = operation.decode(sent)
                except WireError as error:
                    raise _BadArguments(str(error)) from error
                return arguments, operation.seen(arguments)

        def end(result: Any, arguments: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
            with reading_by(held):
                settled(held if held is not None else operation.session(arguments))
                return operation.answer(result, arguments, before)

        try:
            arguments, before = await done(begin)
            given = {name: opened if value is held else value for name, value in arguments.items()}
            with reading_by(held):
                result = await operation.call(getattr(seam.LOCAL, operation.name), given)
            answer: dict[str, Any] = await done(end, result, arguments, before)
            return answer
        finally:
            if opened is not None:
                closing = opened.close()
                if held is not opened:
                    await closing

    # saga: begin
    def _settle(self, context: str, seam: Any, asked: Any) -> tuple[int, dict[str, Any]]:
        def undo(name: str, sent: Any, answer: Any) -> None:
            operation = next(item for item in seam.OPERATIONS if item.name == name)
            result = operation.result.decode(answer, "result")
            seam.UNDO[name](result, **operation.decode(sent))

        found: dict[str, Any] = {"settled": [], "failed": {}, "open": []}
        names = [name for name in self._makers if name in ("", context) or name.startswith(f"{context}.")]
        makers = [item for name in names for item in self._makers[name] if not _of_coroutines(item)]
        try:
            for maker in makers or [None]:
                with self._around(), self._opened(maker) as session, reading_by(session):
                    one = inbox.settle(Database(session), context, asked, undo)
                found["settled"] += one["settled"]
                found["failed"].update(one["failed"])
                found["open"] += one["open"]
        except Exception:
            _LOG.exception("sagas of %s", context)
            return _problem(500, "InternalError")
        found["settled"] = [step for step in dict.fromkeys(found["settled"]) if step not in found["failed"]]
        return 200, {"result": found}

    # saga: end


def provide(
    application: Callable[[Any, Any], Iterable[bytes]],
    *contexts: str,
    around: Callable[[], contextlib.AbstractContextManager[Any]] | None = None,
    session: Callable[[], Any] | Mapping[str, Callable[[], Any]] | None = None,
) -> Callable[[Any, Any], Iterable[bytes]]:
    """The application with the operations of some contexts in front of it."""
    provider = Provider(*contexts, around=around, session=session)

    def serve(environ: Any, start_response: Any) -> Iterable[bytes]:
        inside = environ.get("PATH_INFO", "").startswith(PREFIX)
        return (provider if inside else application)(environ, start_response)

    return serve


class _BadArguments(Exception):
    """What was sent is not what the operation takes."""


_LOOPS: list[asyncio.AbstractEventLoop] = []
_LOCK = threading.Lock()


def _awaited(coroutine: Any) -> Any:
    """What a coroutine returns, in the event loop that all of them share: so do the connections of a pool."""
    with _LOCK:
        if not _LOOPS:
            _LOOPS.append(asyncio.new_event_loop())
            threading.Thread(target=_LOOPS[0].run_forever, daemon=True).start()
    return asyncio.run_coroutine_threadsafe(coroutine, _LOOPS[0]).result()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        _LOG.debug(*arguments)


def main(arguments: list[str] | None = None) -> None:
    """Serve contexts from a process of its own, with the application's settings and database.

    python -m PACKAGE.server CONTEXT... [--listen HOST:PORT] [--use [CONTEXT[.OPERATION]=]module:name]...
    """
    parser = argparse.ArgumentParser(description="Answer the calls of other services.")
    parser.add_argument("contexts", nargs="+", metavar="CONTEXT", help="a module beside this one")
    parser.add_argument("--listen", default="127.0.0.1:8100", metavar="HOST:PORT")
    parser.add_argument(
        "--use",
        action="append",
        default=[],
        metavar="[CONTEXT[.OPERATION]=]MODULE:NAME",
        help="an engine, what makes sessions, or an app; more than one by what each is for; "
        f"default: {', '.join(USE) or 'none'}",
    )
    given = parser.parse_args(arguments)
    host, _, port = given.listen.rpartition(":")
    if not os.environ.get("SEAM_TOKEN"):
        raise SystemExit("SEAM_TOKEN is not set: nobody could call")
    for module in MODELS:
        if _there(module):
            importlib.import_module(module)
    provider = Provider(*given.contexts, **_used(given.use, given.contexts))
    with make_server(host.strip("[]") or "127.0.0.1", int(port), provider, _Server, _Quiet) as server:
        server.serve_forever()


def _there(module: str) -> bool:
    """Whether a module is in this deployment: a service has those of others only where it needs them."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _used(uses: list[str], contexts: list[str]) -> dict[str, Any]:
    """How calls are served: in the context of an application, or with sessions of their own."""
    # django: begin
    import django

    django.setup()
    # django: end
    said = [use.rpartition("=")[::2] for use in uses]
    names = {where for where, _ in said}
    if "" not in names and not names.issuperset(contexts):
        said += [("", use) for use in USE if _there(use.partition(":")[0])]
    found: dict[str, list[Any]] = {}
    for where, use in said:
        found.setdefault(where, []).append(_named(use))
    for where, items in found.items():
        if len({_of_coroutines(item) for item in items}) < len(items):
            which = ", ".join(use for name, use in said if name == where)
            raise SystemExit(f"which of {which} opens the sessions? say --use CONTEXT=module:name")
    applications = [item for items in found.values() for item in items if hasattr(item, "app_context")]
    if applications:
        return {"around": applications[0].app_context}
    return {"session": found} if found else {}


def _named(use: str) -> Any:
    """An application, or what makes sessions: as it is, or by an engine."""
    module, _, name = use.partition(":")
    found: Any = getattr(importlib.import_module(module), name)
    if hasattr(found, "registry"):  # a scoped_session: a session for each call
        return found.session_factory
    made = found
    if callable(found) and not hasattr(found, "app_context") and not hasattr(found, "kw"):
        made = found()
    if hasattr(made, "app_context"):
        return made
    if hasattr(made, "sync_engine"):
        of_coroutines = _sessions("sqlmodel.ext.asyncio.session", "sqlalchemy.ext.asyncio").AsyncSession
        return functools.partial(of_coroutines, made, expire_on_commit=False)
    if hasattr(made, "connect"):
        return functools.partial(_sessions("sqlmodel", "sqlalchemy.orm").Session, made)
    if not hasattr(made, "kw") and not hasattr(made, "get_bind"):
        raise SystemExit(f"{use} is no engine, makes no sessions, and is no application: --use another one")
    return found


def _of_coroutines(maker: Any) -> bool:
    """Whether something makes sessions for coroutines."""
    made = getattr(maker, "class_", None) or getattr(maker, "func", None)
    return hasattr(made, "run_sync")


def _sessions(of_models: str, plain: str) -> Any:
    """The module of the sessions that the code knows: SQLModel has its own, with a method more."""
    return importlib.import_module(of_models if "sqlmodel" in sys.modules else plain)


def _problem(status: int, title: str, detail: str = "") -> tuple[int, dict[str, Any]]:
    return status, {"type": "about:blank", "title": title, "status": status, "detail": detail}


if __name__ == "__main__":
    main()
