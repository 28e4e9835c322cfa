"""Calls inside a transaction as steps of a saga: the calling side.

A step is a row of ``strangler_saga``, written in the transaction of its caller. One that has to be answered
is called at once, with its row's key: the other side does it once and remembers the key. Where the
transaction commits, the row says so; where it does not, there is none, and the worker has the step taken
back. One that nobody waits for is called after the commit, until it has succeeded: by the caller, then by
the worker.

    python -m PACKAGE.saga install        make the tables (on both sides)
    python -m PACKAGE.saga work           the worker; --once: one round
    python -m PACKAGE.saga status         what is open; fails where a person is needed
    python -m PACKAGE.saga retry STEP     try a step once more that was given up
    python -m PACKAGE.saga remove         drop the tables; refused while something is open
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import json
import logging
import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from . import CONTEXTS, client
from .database import Conflict, Database, opened
from .tables import INDEXES, TABLES
from .wire import Operation, reading_by

BACKOFF, LONGEST = 0.5, 300.0
"""Seconds: before a repetition any time up to BACKOFF * 2 ** attempts, at most LONGEST (full jitter)."""
LEASE = 30.0
"""Seconds for which a step belongs to whoever is calling it."""
GRACE = 2.0
"""Seconds after which a step that is not settled is asked for."""
DEADLINE = 86_400.0
"""Seconds after which a step that does not succeed is given up and waits for a person (SAGA_DEADLINE)."""
KEPT = 7 * 86_400.0
"""Seconds for which steps that are done are remembered; longer than anything is repeated."""
MOST = 100
"""Steps of one round."""
_INSERT = "INSERT INTO strangler_saga VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, '')"
_LOG = logging.getLogger(__name__)
_CALLER: dict[str, str] = {}


# -- in the caller's transaction ----------------------------------------------------------------------


def before(
    remote: client.Remote, operation: Operation, arguments: Mapping[str, Any], undo: Callable[..., None]
) -> Any:
    """Call an operation whose answer the transaction waits for.

    Raises:
        NotImplementedError: nothing is written yet that takes it back; nothing was sent.
        what ``Remote.call`` raises: the step counts as not done, and is taken back if it was.
    """
    session = operation.session(arguments)
    database = Database(session)
    if not database.open:
        return remote.call(operation, arguments)
    if getattr(undo, "missing", False):
        raise NotImplementedError(f"compensations.{undo.__name__}: nothing takes {operation.name} back yet")
    step = _write(database, remote, operation, arguments, "called")
    try:
        return remote.call(operation, arguments, _headers(step, "before"))
    except BaseException:
        # whoever handles this goes on without the step: no row, so it is taken back
        with contextlib.suppress(Exception):  # a transaction that is broken cannot commit the row either
            database.run("DELETE FROM strangler_saga WHERE step = ?", step)
        raise


def after(remote: client.Remote, operation: Operation, arguments: Mapping[str, Any]) -> None:
    """Have an operation called as soon as the transaction is committed."""
    database = Database(operation.session(arguments))
    if database.open:
        _write(database, remote, operation, arguments, "waiting")
    else:
        remote.call(operation, arguments)


def tell(remote: client.Remote, operation: Operation, arguments: Mapping[str, Any]) -> None:
    """Have a receiver told of a signal: with the open transaction, or at once where nothing waits for one."""
    database = Database(operation.session(arguments))
    with database.telling() as own:
        _write(own, remote, operation, arguments, "waiting")


def _write(
    database: Database, remote: client.Remote, operation: Operation, arguments: Mapping[str, Any], state: str
) -> str:
    """The key of a step, written down in the open transaction."""
    database.flush()
    with reading_by(operation.session(arguments)):
        body = json.dumps(operation.encode(arguments))
    caller = identity(database)
    saga, number = database.next_step(functools.partial(_finish, database))
    step, now = f"{caller}.{saga}.{number:04d}", time.time()
    # what follows the commit is called by whoever committed; the worker comes after the lease
    database.run(_INSERT, step, saga, remote.context, operation.name, state, body, now + LEASE, now)
    return step


def identity(database: Database) -> str:
    """The name of this database among the callers of a service: made when its tables were."""
    if "" not in _CALLER:
        rows = database.run("SELECT saga FROM strangler_saga WHERE step = ''")
        if not rows:
            raise RuntimeError(f"this database has no name among sagas: python -m {__package__}.saga install")
        _CALLER[""] = rows[0][0]
    return _CALLER[""]


def _deadline() -> float:
    return min(float(os.environ.get("SAGA_DEADLINE", DEADLINE)), KEPT)


def _headers(step: str, mode: str) -> dict[str, str]:
    return {"Saga-Step": step, "Saga-Caller": step.partition(".")[0], "Saga-Mode": mode}


def _finish(database: Database, saga: str) -> None:
    """Call what a saga has left after its commit; what fails is left to the worker."""
    try:
        with database.alone() as own:
            rows = own.run(
                "SELECT step, context, operation, body, attempts, created FROM strangler_saga "
                "WHERE saga = ? AND state = 'waiting' ORDER BY step",
                saga,
            )
        for row in rows:
            for attempt in range(1 + int(os.environ.get("SEAM_RETRIES", "2"))):
                if attempt:
                    time.sleep(random.uniform(0, client.BACKOFF * 2**attempt))
                told = _call(database, _remote(row[1]), *row)
                if told != "refused":
                    break
            if told != "done":
                return
    except Exception:
        _LOG.exception("saga %s: left to the worker", saga)


# -- the worker -----------------------------------------------------------------------------------------


def work(database: Database) -> int:
    """One round: call what is due, settle what is open; how many steps moved on."""
    return _deliver(database) + sum(_settle(database, context) for context in CONTEXTS)


def _deliver(database: Database) -> int:
    now, done = time.time(), 0
    with database.alone() as own:
        rows = own.run(
            "SELECT step, context, operation, body, attempts, created FROM strangler_saga a "
            "WHERE state = 'waiting' AND due <= ? AND NOT EXISTS (SELECT 1 FROM strangler_saga b WHERE "
            "b.saga = a.saga AND b.step < a.step AND b.state IN ('waiting', 'stuck')) "
            f"ORDER BY due LIMIT {MOST}",
            now,
        )
    for row in rows:
        with database.alone() as own:
            mine = own.run(
                "UPDATE strangler_saga SET due = ? WHERE step = ? AND state = 'waiting' AND due <= ?",
                time.time() + LEASE,
                row[0],
                now,
            )
        done += bool(mine) and _call(database, _remote(row[1], patient=True), *row) == "done"
    return done


def _call(
    database: Database,
    remote: client.Remote | None,
    step: str,
    context: str,
    operation: str,
    body: str,
    attempts: int,
    created: float,
) -> str:
    """Call one step that follows its commit: ``done``, ``refused``, or ``silent`` where nobody answered."""
    try:
        if remote is None:
            raise client.Unavailable(f"no address of {context} is set")
        status, answer = remote.post(operation, body, _headers(step, "after"))
        told, error = ("done", "") if status == 200 else ("refused", f"status {status}: {answer}")
    except client.Unavailable as problem:
        told, error = "silent", str(problem)
    now = time.time()
    state = "done" if not error else "waiting"
    if error and now - created > _deadline():
        state = "stuck"
        _LOG.error("saga step %s (%s) is given up: %s", step, operation, error)
    wait = random.uniform(0, min(LONGEST, BACKOFF * 2 ** min(attempts, 20)))
    with database.alone() as own:
        own.run(
            "UPDATE strangler_saga SET state = ?, attempts = ?, due = ?, error = ? "
            "WHERE step = ? AND state = 'waiting'",
            state,
            attempts + 1,
            now + wait,
            error[:500],
            step,
        )
    return told


def _settle(database: Database, context: str) -> int:
    """Ask a service which steps of ours are open, and tell it which of them count."""
    remote = _remote(context, patient=True)
    if remote is None:
        return 0
    with database.alone() as own:
        caller = identity(own)
        # those whose last answer was lost
        told = dict(
            own.run(
                "SELECT step, state FROM strangler_saga WHERE state IN ('called', 'undo') AND context = ? "
                f"AND created < ? ORDER BY created LIMIT {MOST}",
                context,
                time.time() - LEASE,
            )
        )
    counts: dict[str, bool | None] = {step: state == "called" for step, state in told.items()}
    grace = float(os.environ.get("SAGA_GRACE", GRACE))
    try:
        found = _ask(remote, {"caller": caller, "grace": grace, "most": MOST})["open"]
        ours = [step for step in found if step.startswith(f"{caller}.") and step not in counts]
        counts.update({step: _counts(database, context, step) for step in ours})
        keep = [step for step, yes in counts.items() if yes]
        undo = sorted((step for step, yes in counts.items() if yes is False), reverse=True)
        if not keep and not undo:
            return 0
        answer = _ask(remote, {"caller": caller, "keep": keep, "undo": undo})
    except client.Unavailable as problem:
        _LOG.warning("%s: %s", context, problem)
        return 0
    with database.alone() as own:
        for step, error in answer["failed"].items():
            _LOG.error("saga step %s could not be taken back: %s", step, error)
            own.run("UPDATE strangler_saga SET error = ? WHERE step = ?", error[:500], step)
        for step in answer["settled"]:
            state = "done" if counts[step] else "undone"
            own.run("UPDATE strangler_saga SET state = ?, error = '' WHERE step = ?", state, step)
    return len(answer["settled"])


def _ask(remote: client.Remote, asked: dict[str, Any]) -> Any:
    status, answer = remote.post("_saga", json.dumps(asked), {})
    if status != 200:
        raise client.Unavailable(f"status {status}: {answer}")
    return answer["result"]


def _remote(context: str, patient: bool = False) -> client.Remote | None:
    """The service of a context; the worker, which waits by itself, asks also where the circuit is open."""
    url = client.address(context)
    if not url or patient:
        return client.Remote(context, url, {}) if url else None
    seam = importlib.import_module("." + context, __package__)
    return client.remote(context, url, seam.FALLBACKS)


def _counts(database: Database, context: str, step: str) -> bool | None:
    """Whether the transaction of a step has committed; None where that is to be asked again.

    A row in the step's place decides: it waits for the transaction that has written one, finds it where that
    committed, and stays where it did not, so that it cannot commit any more.
    """
    now = time.time()
    try:
        with database.alone() as own:
            own.insert(_INSERT, step, step.split(".")[1], context, "", "undo", "", now, now)
    except Conflict:
        with database.alone() as own:
            rows = own.run("SELECT state FROM strangler_saga WHERE step = ?", step)
        return rows[0][0] not in ("undo", "undone") if rows else None
    except Exception as error:
        _LOG.warning("saga step %s: %s", step, error)  # SQLite: the file is locked by that transaction
        return None
    return False


def forget(database: Database) -> None:
    """Delete what was settled long ago."""
    old = time.time() - KEPT
    with database.alone() as own:
        own.run("DELETE FROM strangler_saga WHERE state IN ('done', 'undone') AND created < ?", old)
        own.run("DELETE FROM strangler_inbox WHERE state IN ('kept', 'undone') AND created < ?", old)


# -- the commands ---------------------------------------------------------------------------------------


def install(database: Database) -> None:
    """Make the tables that are not there, and the name of this database."""
    for name, statement in TABLES.items():
        if not _there(database, name):
            with database.alone() as own:
                own.run(statement)
                own.run(next(item for item in INDEXES if name in item))
    with database.alone() as own:
        if not own.run("SELECT saga FROM strangler_saga WHERE step = ''"):
            own.run(_INSERT, "", uuid.uuid4().hex, "", "", "self", "", 0.0, 0.0)


def _there(database: Database, table: str) -> bool:
    try:
        with database.alone() as own:
            own.run(f"SELECT COUNT(*) FROM {table}")
    except Exception:
        return False
    return True


def status(database: Database) -> dict[str, int]:
    """How many steps are in each state; ``stuck`` and ``late`` ones need a person."""
    late = time.time() - _deadline()
    with database.alone() as own:
        found = dict(own.run("SELECT state, COUNT(*) FROM strangler_saga WHERE step <> '' GROUP BY state"))
        rows = own.run("SELECT COUNT(*) FROM strangler_saga WHERE state = 'undo' AND created < ?", late)
        found["open"] = own.run("SELECT COUNT(*) FROM strangler_inbox WHERE state = 'open'")[0][0]
    return {**found, "late": rows[0][0]}


def main(arguments: list[str] | None = None) -> int:
    """The commands above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["install", "work", "status", "retry", "remove"])
    parser.add_argument("step", nargs="?", default="")
    parser.add_argument("--use", default=os.environ.get("SAGA_USE", ""), help="module:name of the database")
    parser.add_argument("--once", action="store_true", help="one round")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between rounds without work")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    with opened(options.use) as database:
        if options.command == "install":
            install(database)
        elif options.command == "work":
            return _loop(database, options)
        elif options.command == "status":
            found = status(database)
            print(", ".join(f"{name} {count}" for name, count in sorted(found.items())))
            return 1 if found["late"] or found.get("stuck") else 0
        elif options.command == "retry":
            with database.alone() as own:
                changed = own.run(
                    "UPDATE strangler_saga SET state = 'waiting', due = 0 "
                    "WHERE step = ? AND state = 'stuck' AND created > ?",
                    options.step,
                    time.time() - KEPT,
                )
            if not changed:
                print("no such step is stuck, or the other side may have forgotten it", file=sys.stderr)
            return 0 if changed else 1
        else:
            found = status(database)
            if any(found.get(state) for state in ("called", "waiting", "stuck", "undo", "open")):
                print(f"not everything is settled: {found}", file=sys.stderr)
                return 1
            for name in TABLES:
                with database.alone() as own:
                    own.run(f"DROP TABLE {name}")
    return 0


def _loop(database: Database, options: argparse.Namespace) -> int:
    cleaned = 0.0
    while True:
        database.renew()
        try:
            moved = work(database)
            if time.monotonic() - cleaned > 3600:
                forget(database)
                cleaned = time.monotonic()
        except Exception:
            if options.once:
                raise
            _LOG.exception("the round failed; the next one goes on")
            moved = 0
        if options.once:
            return 0
        if not moved:
            time.sleep(options.every)


if __name__ == "__main__":
    sys.exit(main())
