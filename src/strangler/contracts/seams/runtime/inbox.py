"""Steps of sagas, the side that does them: each once, however often it is asked for."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

from .database import Conflict, Database
from .wire import Operation

MOST = 1000
"""Steps of one answer."""
AGAIN = 30.0
"""Seconds, at most, until a step that could not be taken back is told again."""


class TakenBack(Exception):
    """The step was done and taken back: its caller has given it up."""


class Unwritten(Exception):
    """Nothing is written yet that takes the step back."""


def once(
    database: Database,
    header: dict[str, str],
    context: str,
    operation: Operation,
    sent: Any,
    undo: Callable[..., None] | None,
    call: Callable[[], Any],
) -> Any:
    """The answer of a step: of the call, in one transaction with a note of it, or the one that was noted.

    Raises:
        TakenBack: its caller has given it up.
        Unwritten: it could not be taken back; nothing was done.
        what the call raises: nothing of it is kept, not the note either.
    """
    step, caller, now = header["step"], header["caller"], time.time()
    waits = header["mode"] == "before"
    if waits and (undo is None or getattr(undo, "missing", False)):
        raise Unwritten(f"compensations.py has nothing that takes {operation.name} back")
    try:
        with database.whole():
            database.insert(
                "INSERT INTO strangler_inbox VALUES (?, ?, ?, ?, ?, ?, '', ?, ?)",
                step,
                caller,
                context,
                operation.name,
                "open" if waits else "kept",
                json.dumps(sent),
                now,
                now,
            )
            result = call()
            database.flush()
            answer = operation.result.encode(result, "result")
            database.run("UPDATE strangler_inbox SET answer = ? WHERE step = ?", json.dumps(answer), step)
            return answer
    except Conflict:
        pass
    with database.whole():
        ((state, noted),) = database.run("SELECT state, answer FROM strangler_inbox WHERE step = ?", step)
    if state == "undone":
        raise TakenBack(step)
    return json.loads(noted)


def settle(
    database: Database, context: str, asked: Any, undo: Callable[[str, Any, Any], None]
) -> dict[str, Any]:
    """Keep or take back steps of a caller; and those of which it has not decided yet.

    Args:
        context: that did the steps.
        asked: ``keep`` and ``undo``, lists of keys, or ``grace``: seconds that open ones are old at least.
        undo: takes an operation back, by its name, the arguments as they were sent, and its answer.
    """
    caller, failed, settled = str(asked["caller"]), {}, []
    for step in asked.get("keep", ()):
        with database.whole():
            database.run(
                "UPDATE strangler_inbox SET state = 'kept' WHERE step = ? AND caller = ? AND state = 'open'",
                step,
                caller,
            )
        settled.append(step)
    for step in asked.get("undo", ()):
        try:
            with database.whole():
                mine = database.run(
                    "UPDATE strangler_inbox SET state = 'undone' "
                    "WHERE step = ? AND caller = ? AND state = 'open'",
                    step,
                    caller,
                )
                if mine:
                    ((name, body, answer),) = database.run(
                        "SELECT operation, body, answer FROM strangler_inbox WHERE step = ?", step
                    )
                    undo(name, json.loads(body), json.loads(answer))
                    database.flush()
            settled.append(step)
        except Exception as error:
            failed[step] = f"{type(error).__name__}: {error}"
            with database.whole():  # the others first
                later = time.time() + random.uniform(0, AGAIN)
                database.run("UPDATE strangler_inbox SET due = ? WHERE step = ?", later, step)
    waiting: list[str] = []
    if "grace" in asked:
        with database.whole():
            rows = database.run(
                "SELECT step FROM strangler_inbox WHERE state = 'open' AND caller = ? AND context = ? "
                f"AND due <= ? ORDER BY due LIMIT {MOST}",
                caller,
                context,
                time.time() - float(asked["grace"]),
            )
        waiting = [row[0] for row in rows][: int(asked.get("most", MOST))]
    return {"settled": settled, "failed": failed, "open": waiting}
