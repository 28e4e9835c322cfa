"""The five stages: each with its entry check, its command, what is observed, and the way back."""

# ruff: noqa: E501

from __future__ import annotations

import shlex
from collections.abc import Sequence

from strangler.plans.values import Cut, KeyToBreak, Moves, Saga, Stage
from strangler.plans.view import View, listed, plural


def find_stages(
    view: View, moves: Moves, cuts: Sequence[Cut], keys: Sequence[KeyToBreak], sagas: Sequence[Saga]
) -> tuple[Stage, ...]:
    """Stages 0 to 4 for this context; commands are run from the folder of the plan."""
    routed = bool(moves.endpoints)
    return (
        _contracts(moves, routed),
        _seams(view, cuts),
        _service(routed),
        _data(moves, keys, sagas),
        _removal(view, moves),
    )


def _contracts(moves: Moves, routed: bool) -> Stage:
    tests = "pytest contracts/http --base-url http://127.0.0.1:8000"
    return Stage(
        number=0,
        title="Contract tests green on the monolith",
        entry_check="the monolith runs with a database that can be put back into the same state",
        work=(
            f"record the {plural(len(moves.endpoints), 'endpoint')} that move, review matchers.json",
            "add cases for what no recording shows: writes, errors, roles",
        ),
        commands=(
            "strangler record . --target http://127.0.0.1:8000",
            f"for i in $(seq 10); do {tests}; done",
        )
        if routed
        else ("write contract tests at the entry points of the modules that move (they serve no URL)",),
        observable="ten runs in a row without a failure; the share of endpoints with a case is in the output",
        rollback="nothing to take back: the monolith is unchanged",
    )


def _seams(view: View, cuts: Sequence[Cut]) -> Stage:
    ways = [
        cut for cut in cuts if cut.remedy in ("api_call", "replica", "event", "move_function", "duplicate")
    ]
    work = [
        f"{plural(sum(len(cut.places) for cut in ways if cut.remedy == remedy), 'place')}: {what}"
        for remedy, what in (
            ("move_function", "move the function to the side that owns its data"),
            ("duplicate", "copy constants, types and small functions"),
            (
                "api_call",
                "put a port with a local adapter before the call; later an HTTP adapter with time-out",
            ),
            ("replica", "read through a query interface; later from a replicated read model"),
            ("event", "send through a publisher; later over the broker, with an outbox"),
        )
        if any(cut.remedy == remedy for cut in ways)
    ]
    return Stage(
        number=1,
        title="Seams in place, still one process",
        entry_check="stage 0 is green in CI, and strangler check guards against new crossings",
        work=(*work, "a switch for each port, off by default"),
        commands=("strangler check PATH", "pytest contracts/http --base-url http://127.0.0.1:8000"),
        observable=f"direct ties between {view.name} and the rest go down in strangler progress; "
        "contract tests stay green with every switch off",
        rollback="turn the switch off; revert the one commit of the port",
    )


def _service(routed: bool) -> Stage:
    steps = (
        "shadow: the same request to both, answers compared, the monolith's answer is used",
        "canary: a share of users, kept on their side by a cookie; reads first",
        "full: all requests to the service, the monolith's code stays deployable",
    )
    return Stage(
        number=2,
        title="The same code deployed as a separate service behind the route",
        entry_check="contract tests green against the separate deployment, on the monolith's database",
        work=steps if routed else ("run its tasks and commands in the separate deployment only",),
        commands=(
            "pytest contracts/http --base-url http://127.0.0.1:8001",
            "strangler verify routes . --gateway-url http://127.0.0.1:8080",
        )
        if routed
        else ("run the tests of the modules that move in the separate deployment",),
        observable="verify reports 0 requests to the wrong backend; error rate and 95th percentile of the "
        "latency per backend stay within the limits that were agreed on before",
        rollback="the gateway's rollback file (routing/README.md): one reload, no deployment, no data to "
        "move, as both sides still write one database",
    )


def _data(moves: Moves, keys: Sequence[KeyToBreak], sagas: Sequence[Saga]) -> Stage:
    work = [f"drop {plural(len(keys), 'foreign key')} in the order below, replace what they did on delete"]
    if sagas:
        names = listed([saga.name for saga in sagas], 3)
        work.append(f"replace {plural(len(sagas), 'transaction')} over the boundary: {names}")
    work += [
        "outbox table beside each write; change data capture (Debezium) from it to the broker",
        f"backfill {plural(len(moves.tables), 'table')} into the service's own database, then follow the changes",
        "dual read: compare both databases on live requests until no difference is left",
        "cut over: the service writes its own database, changes flow back to the monolith",
    ]
    tables = " ".join(shlex.quote(table) for table in moves.tables[:8])
    return Stage(
        number=3,
        title="Data to the service's own database",
        entry_check="stage 2 is full and quiet; no code outside the context writes its tables any more "
        "(strangler analyze again: no write crossing left)",
        work=tuple(work) if moves.tables else ("the context owns no table: only its reads go through ports",),
        commands=(
            f"compare row counts and checksums of: {tables}" if tables else "no table to compare",
            "pytest contracts/http --base-url http://127.0.0.1:8001",
        ),
        observable="replication lag, differences found by the dual read (0 for the agreed time), "
        "orphaned identifiers where a foreign key stood (0)",
        rollback="until cut-over: drop the copy. After it: the reverse stream keeps the monolith's tables "
        "current; point the switch back, then stop the stream",
    )


def _removal(view: View, moves: Moves) -> Stage:
    files = listed([shlex.quote(file) for file in moves.files], 5)
    return Stage(
        number=4,
        title="Code out of the monolith",
        entry_check="no request, task or query of the monolith reached the old code for one full business cycle",
        work=(
            f"delete {plural(len(moves.files), 'file')} ({moves.lines:,} lines): {files}",
            "edit the files listed under “Files to edit outside”",
            "drop the tables after a last backup, and the reverse stream",
        ),
        commands=("strangler analyze PATH --output after", "strangler diff BEFORE after"),
        observable=f"strangler diff shows the modules of {view.name} gone and no unresolved import new",
        rollback="revert the commit; the tables come back from the backup (the last point where that is cheap)",
    )
