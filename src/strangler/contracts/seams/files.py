"""Operations and seams as files of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from strangler.contracts.operations import Blocker, Operation, Operations, slug
from strangler.contracts.operations.values import Beside
from strangler.contracts.seams.build import Seams
from strangler.text import code, listed, plural, prose

_KINDS: dict[str, str] = {
    "orm_object": "an ORM object crosses",
    "queryset": "a query crosses",
    "session": "a database session crosses",
    "request": "the caller's request crosses",
    "response": "an HTTP response crosses",
    "file": "an open file crosses",
    "iterator": "a generator or context manager",
    "callback": "a function crosses",
    "class": "a class crosses",
    "object": "an object with behaviour crosses",
    "unknown_type": "nothing tells the type",
    "open_transaction": "inside an open transaction",
    "caller_commits": "the commit is left to the caller",
    "instance_method": "a method of the other side's object",
    "constructor": "an object is made on the other side",
    "decorated": "behind a decorator that is not known",
    "call_form": "called with * or **",
    "registers": "registers something, or called while modules are imported",
    "process_state": "it uses what only this process or machine has",
    "changes_argument": "it changes an argument for its caller",
    "no_data": "no table and no other service: better copied",
    "asynchronous": "a coroutine",
    "waited_for": "the sender of a signal waits for its receiver",
    "callers_tables": "it writes tables of its caller",
}


def seam_files(found: Operations, seams: Seams) -> dict[str, bytes]:
    """File name -> content: ``operations.json``, ``BLOCKERS.md`` and, where there is one, ``seams.patch``."""
    if not found.operations:
        return {}
    files = {
        "BLOCKERS.md": blockers_md(found, seams).encode(),
        "operations.json": msgspec.json.format(msgspec.json.encode(found, order="deterministic"), indent=1)
        + b"\n",
    }
    if seams.patch:
        files["seams.patch"] = seams.patch
    return files


def blockers_md(found: Operations, seams: Seams) -> str:
    """What keeps each operation from crossing a wire, in Markdown."""
    blocked = [item for item in found.operations if item.blockers]
    lines = ["# Calls over the boundary", "", _summary(found, seams), ""]
    lines += _copied(found)
    called = [item for item in seams.operations if item.heard is None]
    if called:
        lines += ["| operation | calls | repeated when it fails |", "|---|--:|---|"]
        for item in called:
            name, repeated = (
                code(f"{item.provider}: {item.qualname}"),
                "yes" if item.safe or item.step else "no",
            )
            calls, all_calls = len(item.crossing), len(item.sites)
            told = f"{calls} of {all_calls}" if calls < all_calls else f"{calls}"
            lines.append(f"| {name} | {told} | {repeated} |")
        lines.append("")
    lines += _by_hand(seams)
    lines += _assumed(seams)
    lines += _steps(seams)
    lines += _events(seams)
    lines += _switches(found, seams)
    if blocked:
        kinds = Counter(kind for item in blocked for kind in {blocker.kind for blocker in item.blockers})
        lines += ["## What blocks", "", "| reason | operations |", "|---|--:|"]
        lines += [
            f"| {_KINDS.get(kind, kind)} | {count} |"
            for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        ]
        lines += ["", "The fewest blockers first.", ""]
    for item in sorted(blocked, key=lambda item: (len(item.blockers), item.provider, item.path)):
        lines += _operation(item)
    if seams.diagnostics or found.diagnostics:
        lines += ["## Left as it is", ""]
        lines += [
            f"- {code(f'{item.file}:{item.line or 1}')} {prose(item.message)}"
            for item in (*found.diagnostics, *seams.diagnostics)
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


_BESIDE: dict[Beside, str] = {
    "computes": "since they only compute (no table, no other service, nothing that a process keeps)",
    "process": "since they act on what their caller's process has (the request that it serves, what they "
    "are given, objects of the framework), and write, queue and send nothing",
    "replica": "since they do no more than that and read tables, on the side that does not own them from "
    "a replica, which may lag behind: read what was written a moment ago where it was written",
}
"""Why code is right on both sides."""


def _copied(found: Operations) -> Iterator[str]:
    """What is on both sides as code, and why."""
    for beside, reason in _BESIDE.items():
        copied = [item for item in found.operations if item.beside == beside]
        if not copied:
            continue
        names = ", ".join(code(item.qualname) for item in copied)
        yield f"On both sides as code, {reason}: {names}. Their calls stay as they are."
        yield ""
        tables = sorted({table for item in copied for table in item.replicas})
        if tables:
            yield f"Tables that they may read: {', '.join(map(code, tables))}."
            yield ""


def _by_hand(seams: Seams) -> Iterator[str]:
    """The calls that stay as they are, of operations whose other calls go through the seam."""
    left = [item for item in seams.operations if item.by_hand]
    if not left:
        return
    yield "## Calls left by hand\n"
    yield (
        "Of operations with a seam: these calls stay in the process, whatever the switches say, since each "
        "has a reason of its own.\n"
    )
    for item in left:
        name = code(item.qualname)
        yield from (f"- {code(f'{b.file}:{b.line}')} {name}: {_reason(b)}" for b in item.by_hand)
    yield ""


def _assumed(seams: Seams) -> Iterator[str]:
    """What the code does not tell of what crosses."""
    resting = [item for item in seams.operations if item.assumed]
    if not resting:
        return
    yield "## Assumed to cross\n"
    yield (
        "Nothing tells the types of these, nothing shows that they cannot cross. Each value is looked at "
        "when it does, and written with its type: an argument that cannot is refused before anything is "
        "sent, a result that cannot is an error after the work is done. Annotate them, and it is known.\n"
    )
    for item in resting:
        what = ", ".join(code(text) for text in item.assumed)
        yield f"- {code(f'{item.file}:{item.line}')} {code(item.qualname)}: {what}"
    yield ""


def _steps(seams: Seams) -> Iterator[str]:
    """The calls inside a transaction that the patch makes steps of sagas."""
    steps = [(item, item.step) for item in seams.operations if item.step is not None and not item.heard]
    if not steps:
        return
    yield "## Steps of sagas\n"
    yield (
        "Called inside a transaction. **Before** its commit: done at once on the other side, taken back if "
        "the transaction does not commit. **After** its commit: written down in it, then repeated until it "
        "is done. What each rests on is to be reviewed.\n"
    )
    yield "| operation | when | why | taken back by |"
    yield "|---|---|---|---|"
    for item, step in steps:
        back = code(step.compensation.qualname) if step.compensation else "**to be written**"
        cells = code(f"{item.provider}: {item.qualname}"), step.mode, prose(step.reason)
        yield f"| {' | '.join(cells)} | {back if step.mode == 'before' else 'nothing: it is repeated'} |"
    yield ""
    for item, step in steps:
        for place in step.places:
            yield f"- {code(f'{place.file}:{place.line}')} {code(item.qualname)} in {code(place.symbol)}"
        yield from (f"- review: {prose(text)}" for text in step.review)
    yield ""


def _events(seams: Seams) -> Iterator[str]:
    """The receivers that the patch has told by events."""
    told = [(item, item.heard, item.step) for item in seams.operations if item.heard and item.step]
    if not told:
        return
    yield "## Events\n"
    yield (
        "Receivers of signals that are sent on the other side: told through the outbox, in the transaction "
        "of their sender, done once however often they are told. Those of one transaction keep their order. "
        "Two transactions may change places where one has to be repeated: a receiver is told the key, and "
        "reads the row as it is then.\n"
    )
    yield "| receiver | hears | from | told |"
    yield "|---|---|---|---|"
    for item, heard, _ in told:
        sent = ", ".join(code(parameter.name) for parameter in item.parameters)
        senders = ", ".join(code(name) for name in item.consumers)
        yield f"| {code(f'{item.provider}: {item.qualname}')} | {code(heard.signal)} | {senders} | {sent} |"
    yield ""
    for item, _, step in told:
        yield f"- {code(f'{item.file}:{item.line}')} {code(item.qualname)}, told by {code(heard_at(item))}"
        yield from (f"- review: {prose(text)}" for text in step.review)
    yield ""


def _switches(found: Operations, seams: Seams) -> Iterator[str]:
    """The variables that turn the seams on, and who answers then."""
    if not seams.operations:
        return
    yield "## Turning it on\n"
    yield (
        "One switch for each context that is called, for the programs that call it. Whoever answers runs "
        "the program with its own settings and database, or mounts `provide` of its `server.py`. Both sides "
        f"know `SEAM_TOKEN`.{_opened(seams)}\n"
    )
    yield "| switch | for | answers there |"
    yield "|---|---|---|"
    for provider in sorted({item.provider for item in seams.operations}):
        callers = {name for item in seams.operations if item.provider == provider for name in item.consumers}
        name = slug(provider)
        side, port = ("the service", 8100) if provider == found.context else ("the monolith", 8101)
        program = code(f"python -m {seams.package}.server {name} --listen 127.0.0.1:{port}")
        calling = ", ".join(map(code, sorted(callers)))
        yield f"| {code(f'SEAM_{name.upper()}_URL')} | {calling} | {side}: {program} |"
    yield ""


def _opened(seams: Seams) -> str:
    """By what the programs open sessions of SQLAlchemy."""
    names = [code(name) for name in seams.openers]
    if len(names) == 1:
        return f" It opens sessions by {names[0]}, unless `--use module:name` says otherwise."
    if names:
        return (
            f" {listed(names)} open sessions: where a call may be of either, `--use CONTEXT=module:name` or "
            "`--use CONTEXT.OPERATION=module:name` says which."
        )
    return " Of SQLAlchemy, `--use module:name` says what opens sessions."


def heard_at(operation: Operation) -> str:
    """The module that tells an event."""
    return operation.heard.at if operation.heard is not None else ""


def _summary(found: Operations, seams: Seams) -> str:
    counted = plural(len(found.operations), "operation")
    copied = sum(bool(item.beside) for item in found.operations)
    if copied:
        counted += f", of which {plural(copied, 'is', 'are')} on both sides as code"
    if not seams.operations:
        other = "none of the others" if copied else "none"
        return f"{counted}; {other} can cross a wire as it is, so there is no patch."
    events = f"and {plural(seams.events, 'event')} " if seams.events else ""
    return (
        f"{counted}; {plural(len(seams.operations), 'gets', 'get')} a port and adapters in "
        f"{code('seams.patch')}, which sends {plural(seams.calls, 'call')} {events}"
        f"through {code(seams.package)} and changes {plural(len(seams.files), 'file')}."
    )


def _operation(item: Operation) -> list[str]:
    callers = ", ".join(code(consumer) for consumer in item.consumers)
    return [
        f"### {code(f'{item.provider}: {item.qualname}')}",
        "",
        f"{code(f'{item.file}:{item.line}')}, used by {callers} in {plural(len(item.sites), 'place')}.",
        "",
        *(f"- {code(f'{blocker.file}:{blocker.line}')} {_reason(blocker)}" for blocker in item.blockers),
        "",
    ]


def _reason(blocker: Blocker) -> str:
    return f"{prose(blocker.message)}: {prose(blocker.remedy)}"
