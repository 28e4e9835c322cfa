"""Readiness against nine checks, effort, risk: counted facts, and questions where code cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from strangler.contexts import together
from strangler.contexts.figures import togetherness
from strangler.contexts.sureness import EITHER, NEAR_SURE
from strangler.model.coverage import partly_known
from strangler.model.lookup import last, tables_read
from strangler.plans.data import acts, shared_tables
from strangler.plans.values import Count, Cut, Edit, Figures, KeyToBreak, Moves, Readiness, Saga, outside
from strangler.plans.view import View
from strangler.text import listed, plural


def find_readiness(
    view: View,
    moves: Moves,
    cuts: Sequence[Cut],
    keys: Sequence[KeyToBreak],
    sagas: Sequence[Saga],
) -> tuple[Readiness, ...]:
    """The nine checks in their usual order."""
    shared, known = shared_tables(view), tables_read(view.model)
    calls = [cut for cut in cuts if cut.remedy == "api_call"]
    events = [cut for cut in cuts if cut.remedy == "event" and cut.kind != "transaction"]
    unsure = [member for member in view.context.members if member.confidence < EITHER]
    boundaries = [f"confidence of the context {view.context.confidence:.2f}"]
    mixed = together.told(view.context)
    if mixed:
        boundaries.append(f"{mixed}; decide what goes with what first")
    if unsure:
        rivals = Counter(member.alternative for member in unsure if member.alternative)
        nearest = ", ".join(
            name for name, _ in sorted(rivals.items(), key=lambda item: (-item[1], item[0]))[:3]
        )
        boundaries.append(
            f"{len(unsure)} of {plural(len(moves.modules), 'module')} would fit elsewhere nearly as well"
            + (f" (mostly {nearest})" if nearest else "")
            + f": {listed((member.module for member in unsure), 4)}"
        )
    both = {cut.other for cut in cuts if cut.direction == "out"} & {
        cut.other for cut in cuts if cut.direction == "in"
    }
    offered = [cut for cut in calls if cut.direction == "in"]
    public = len(moves.endpoints)
    contracts = [
        f"{plural(public, 'endpoint needs', 'endpoints need')} recorded cases (strangler record)"
        if public
        else "it serves no URL of its own"
    ]
    if offered:
        operations = plural(len(offered), "crossing becomes an operation", "crossings become operations")
        contracts.append(f"{operations} that others call")
    wide = [endpoint.path for endpoint in moves.endpoints if not endpoint.exact]
    if wide:
        contracts.append(f"{plural(len(wide), 'route')} known only approximately: {listed(wide, 3)}")
    communication = [
        plural(len(calls), "crossing becomes an API call", "crossings become API calls")
        + f", {plural(len(events), 'event')}",
        f"mutual dependence with {listed(sorted(both))}" if both else "no mutual dependence",
    ]
    partly = partly_known(view.model, view.tables)
    data = [
        text
        for count, text in (
            (
                partly,
                f"foreign keys of {plural(len(partly), 'table')} are not all known: {listed(partly, 4)}",
            ),
            (shared, f"{plural(len(shared), 'table')} written on both sides: {listed(shared)}"),
            (keys, f"{plural(len(keys), 'foreign key')} over the boundary"),
            (sagas, f"{plural(len(sagas), 'transaction')} over the boundary"),
        )
        if count
    ] or ["no table, key or transaction is shared" if known else "no table was read: its data is not known"]
    tasks = [task.name for task in moves.tasks if task.schedule]
    waiting = plural(len(offered), "crossing of others waits or fails", "crossings of others wait or fail")
    return (
        _check("boundaries", view.context.confidence >= NEAR_SURE and not (unsure or mixed), boundaries),
        _check("contracts", not public and not offered, contracts),
        _check("communication", not calls and not both, communication),
        _check("data", known and not (partly or shared or keys or sagas), data),
        _ask(
            "delivery",
            "is there a pipeline that builds, tests and deploys the service alone, and takes it back?",
            f"{plural(len(moves.tests), 'test file')} can move with it"
            if moves.tests
            else "no test file is about this context alone: tests must be taken apart first",
        ),
        _ask("observability", "are logs, metrics and traces there per backend, joined by a request id?"),
        _ask(
            "resilience",
            f"when the service is down, {waiting}; when the monolith is, {len(calls) - len(offered)} of the "
            "service: what do users see then?",
            "each port needs a time-out, bounded retries on safe calls, and a fallback",
        ),
        _ask(
            "security",
            "how does the service know the user: session, token or a header set by the gateway?",
            *_guards(moves),
            *_identity(view),
        ),
        _ask(
            "operations",
            "who is on call, what are the service levels, who restores the database?",
            *(
                [f"{plural(len(tasks), 'scheduled task')} must run on one side only: {listed(tasks)}"]
                if tasks
                else []
            ),
        ),
    )


def _guards(moves: Moves) -> list[str]:
    """What lets callers in today, counted by endpoint."""
    guards: Counter[str] = Counter()
    open_ = []
    for endpoint in moves.endpoints:
        found = {last(guard) for request in endpoint.requests for guard in request.guards}
        guards.update(found)
        if endpoint.requests and not found:
            open_.append(endpoint.path)
    if not guards and not open_:
        return []
    told = ", ".join(f"{name} {count}" for name, count in sorted(guards.items(), key=lambda i: (-i[1], i[0])))
    facts = [f"endpoints by guard: {told}"] if guards else []
    if open_:
        facts.append(f"no guard was seen on {plural(len(open_), 'endpoint')}: {listed(open_, 4)}")
    return facts


def _identity(view: View) -> list[str]:
    """Tables that look like users or tokens and that the context reads from others."""
    words = ("user", "account", "session", "token", "permission", "employee", "group")
    found = {
        access.table
        for access in view.model.accesses
        if access.module in view.inside
        and access.table not in view.tables
        and any(word in access.table.lower() for word in words)
    }
    return [f"reads identity data of others: {listed(sorted(found))}"] if found else []


def _check(check: str, ready: bool, facts: Sequence[str]) -> Readiness:
    return Readiness(check=check, state="ready" if ready else "work", facts=tuple(facts))  # type: ignore[arg-type]


def _ask(check: str, *facts: str) -> Readiness:
    return Readiness(check=check, state="ask", facts=facts)  # type: ignore[arg-type]


def find_effort(moves: Moves, figures: Figures, edits: Sequence[Edit]) -> tuple[Count, ...]:
    """What has to be done, counted; no time estimates are invented."""
    certain, others = outside(edits)
    return (
        Count(name="lines that move", value=moves.lines, meaning=plural(len(moves.files), "file")),
        Count(
            name="files to edit outside",
            value=certain,
            meaning=f"certain ones; {others} more to look at",
        ),
        Count(
            name="places to cut",
            value=figures.to_cut,
            meaning="calls, imports, messages and reads; shared code aside",
        ),
        Count(
            name="data ties",
            value=figures.data_ties,
            meaning=f"writes, transactions and {plural(figures.foreign_keys, 'foreign key')}",
        ),
        Count(
            name="places that go over a wire",
            value=figures.remote,
            meaning=f"of {figures.places:,} across the boundary",
        ),
        Count(name="tables to move", value=len(moves.tables), meaning="with their rows"),
        Count(name="endpoints to cover", value=len(moves.endpoints), meaning="with contract cases"),
    )


def find_risk(
    view: View, cuts: Sequence[Cut], keys: Sequence[KeyToBreak], sagas: Sequence[Saga]
) -> tuple[Count, ...]:
    """What can go wrong, counted."""
    shared = shared_tables(view)
    acting = [key for key in keys if acts(key.on_delete)]
    writes = [cut for cut in cuts if cut.kind == "write"]
    history = [
        Count(
            name="commits that touch no other context",
            value=round(share, 2),
            meaning="share of the commits of the context; 1 is best",
        )
        for share in [togetherness(view.model).independence(view.name)]
        if share is not None
    ]
    return (
        Count(name="transactions over the boundary", value=len(sagas), meaning="atomicity is lost"),
        Count(name="tables written on both sides", value=len(shared), meaning=listed(shared) or "none"),
        Count(name="foreign keys that act on delete", value=len(acting), meaning="rules to write in code"),
        Count(name="write crossings", value=len(writes), meaning="changes of rows that another owns"),
        *history,
    )
