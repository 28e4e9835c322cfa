"""The five stages: each with its entry check, its command, what is observed, and the way back."""

# ruff: noqa: E501

from __future__ import annotations

import shlex
from collections.abc import Sequence

from strangler.model.lookup import tables_read
from strangler.plans.values import Cut, KeyToBreak, Moves, Remedy, Saga, Stage
from strangler.plans.view import View
from strangler.routing.probes import probes
from strangler.text import listed, plural

VARIABLES = {
    "SOURCE": "../monolith",
    "MODEL": "../strangler-out",
    "MONOLITH": "http://127.0.0.1:8000",
    "SERVICE": "http://127.0.0.1:8001",
    "FACADE": "http://127.0.0.1:8080",
    "SERVICE_SEAMS": "http://127.0.0.1:8100",
    "MONOLITH_SEAMS": "http://127.0.0.1:8101",
    "MONOLITH_DB": "postgresql://127.0.0.1/monolith",
    "SERVICE_DB": "postgresql://127.0.0.1/service",
}
"""What the commands use: the checkout of the monolith, its model, where things answer."""
BASELINE = '"$SOURCE/strangler-baseline.json"'


def find_stages(
    view: View, moves: Moves, cuts: Sequence[Cut], keys: Sequence[KeyToBreak], sagas: Sequence[Saga]
) -> tuple[Stage, ...]:
    """Stages 0 to 4 for this context; commands are run from the folder of the plan."""
    routed = bool(moves.endpoints)
    return (
        _contracts(view, moves, routed),
        _seams(view, moves, cuts),
        _service(view, moves, routed),
        _data(view, moves, cuts, keys, sagas),
        _removal(view, moves, cuts),
    )


def _tests(base: str) -> str:
    return f'pytest contracts/http --base-url "${base}" "${{SUITE[@]}}"'


def _kept(view: View) -> tuple[str, ...]:
    """The cut is accepted, so that later analyses of a changed tree keep to it, and its crossings are known."""
    found = next((item for item in view.model.contexts if item.name == view.name), None)
    accepted = found is not None and found.accepted
    return (
        *(() if accepted else ('strangler accept --model "$MODEL" --source "$SOURCE"',)),
        f'[ -e {BASELINE} ] || strangler check "$SOURCE" --baseline {BASELINE} --update-baseline',
    )


def _contracts(view: View, moves: Moves, routed: bool) -> Stage:
    if not routed:
        work: tuple[str, ...] = (
            "the context serves no URL of its own: write tests at the functions, tasks and commands that others use (below: what others need from it)",
        )
    else:
        work = (
            f"record {plural(len(moves.endpoints), 'endpoint')}, and review contracts/http/matchers.json: a field that is matched loosely is not guarded",
            "add cases for what no recording shows: writes (strangler record --writes, with a --reset), errors, roles, pages beyond the first",
        )
    return Stage(
        number=0,
        title="Contract tests green on the monolith",
        entry_check="the monolith runs with a database that can be put back into the same state",
        work=(
            *work,
            "commit strangler-boundaries.toml and strangler-baseline.json in the monolith: what was decided, and the crossings of today",
        ),
        commands=(
            *_kept(view),
            *(
                (
                    'strangler record . --target "$MONOLITH" "${SUITE[@]}"',
                    f"(for i in $(seq 10); do {_tests('MONOLITH')} || exit 1; done)",
                )
                if routed
                else ()
            ),
        ),
        observable="ten runs in a row without a failure; the share of endpoints with a passing case"
        if routed
        else "the tests at the entry points pass ten times in a row",
        rollback="nothing to roll back: the monolith is unchanged",
    )


_SEAMS: dict[Remedy, str] = {
    "move_function": "move the function to the side that owns its data",
    "duplicate": "copy constants, types and small functions",
    "shared_library": "move shared code into a package with a version of its own",
    "api_call": "put a port with a local adapter before the call; later the HTTP adapter with time-out and retries",
    "replica": "read through a query interface of the owner; later from a copy fed by events",
    "event": "send through a publisher; later over the broker, by an outbox",
}

_OF_TABLES = "an operation of the owner in place of a read or change of its table; with PostgreSQL on both sides service/data/README.md leaves them as they are: it keeps a copy to read, and tells the owner what changed"
"""What becomes of an API call that stands for an access."""


def _seams(view: View, moves: Moves, cuts: Sequence[Cut]) -> Stage:
    work = []
    if moves.mapped_apart:
        found = plural(len(moves.mapped_apart), "model")
        work.append(f"bring {found} to the side of their tables, each listed under “What moves”")
    chosen: dict[str, list[Cut]] = {what: [] for what in (*_SEAMS.values(), _OF_TABLES)}
    for cut in cuts:
        if cut.remedy == "api_call" and cut.kind in ("read", "write"):
            chosen[_OF_TABLES].append(cut)
        elif cut.remedy in _SEAMS and cut.kind != "transaction":
            chosen[_SEAMS[cut.remedy]].append(cut)
    for what, some in chosen.items():
        if some:
            places = plural(sum(len(cut.places) for cut in some), "place")
            work.append(f"{plural(len(some), 'crossing')} in {places}: {what}")
    return Stage(
        number=1,
        title="Seams in place, still one process",
        entry_check="stage 0 is green in CI, and strangler check runs there so that no new crossing appears",
        work=(
            *work,
            "a switch for each port, off by default: the local adapter calls what was called before",
        ),
        commands=(
            f'strangler check "$SOURCE" --baseline {BASELINE}',
            *((_tests("MONOLITH"),) if view.endpoints else ()),
            'strangler analyze "$SOURCE" -o after',
            'strangler diff "$MODEL" after',
        ),
        observable=f"crossings between {view.name} and the rest go down from one commit to the next (strangler diff); contract tests stay green with every switch off",
        rollback="every port is one commit: revert it; nothing else depends on it yet",
    )


def _extract(view: View) -> tuple[str, str]:
    """Of the tree as it is by then, which no longer is the one that the plan was made of."""
    return (
        'strangler analyze "$SOURCE" -o now',
        f'strangler extract {shlex.quote(view.name)} --model now --source "$SOURCE" -o service',
    )


def _service(view: View, moves: Moves, routed: bool) -> Stage:
    scheduled = sum(task.schedule is not None for task in moves.tasks)
    work = [
        "deploy what strangler extract writes: the monolith's own code, cut down to what the context needs, with the monolith's database and settings; service/SERVICE.md says what it holds and why; switches stay off, transactions stay whole",
    ]
    if routed:
        work += [
            "shadow, where the gateway can: safe requests are copied to the service and its answers thrown away; they show errors and load, the contract tests compare answers",
            "canary: a share of the users (routing/README.md), kept on their side by a cookie",
            "full: all requests of these routes to the service; the monolith's copy stays deployable",
        ]
    if moves.tasks:
        work.append(
            f"workers of {plural(len(moves.tasks), 'task')} in the service's deployment only"
            + (
                f", {plural(scheduled, 'schedule')} taken out of the monolith's first: never both"
                if scheduled
                else ""
            )
        )
    if moves.commands:
        work.append(f"run {listed(moves.commands, 4)} from the service's deployment")
    return Stage(
        number=2,
        title="The same code deployed as a separate service behind the route",
        entry_check="contract tests green against the second deployment, on the monolith's database"
        if routed
        else "the second deployment starts, with its health checks green",
        work=tuple(work),
        commands=(
            *_extract(view),
            f'curl -fsS "$SERVICE{probes(view.model).ready}"',
            _tests("SERVICE"),
            'strangler verify routes . --gateway-url "$FACADE"',
            _tests("FACADE"),
        )
        if routed
        else _extract(view),
        observable="verify reports 0 requests to the wrong backend; error rate and 95th percentile of the latency for each backend within the limits agreed on before"
        if routed
        else "queue length, failures and run time of its tasks as before",
        rollback="the gateway's rollback stage (routing/README.md): one reload, no deployment, no data to move, as both sides still use one database"
        if routed
        else "start its workers in the monolith's deployment again; one database, so no data to move",
    )


_EQUAL = (
    'of_monolith="$(psql -XA -v ON_ERROR_STOP=1 -f data/compare.sql "$MONOLITH_DB")" && of_service="$(psql -XA -v ON_ERROR_STOP=1 -f data/compare.sql "$SERVICE_DB")" && diff <(echo "$of_monolith") <(echo "$of_service")',
)
"""Both databases are asked, and hold the same; what cannot be asked is not equal."""

_NO_PORT = ("transaction", "read", "write")
"""Kinds of crossings for which no port is written."""


def _data(
    view: View, moves: Moves, cuts: Sequence[Cut], keys: Sequence[KeyToBreak], sagas: Sequence[Saga]
) -> Stage:
    work = []
    real = [saga for saga in sagas if saga.remedy == "saga"]
    others = len(sagas) - len(real)
    if real:
        work.append(
            f"turn {plural(len(real), 'transaction')} into sagas, one at a time, before any table moves: {listed([saga.name for saga in real], 3)}"
        )
    if others:
        work.append(f"{plural(others, 'more transaction')} over the boundary: as said there, no saga needed")
    if keys:
        work.append(
            f"with service/data/README.md {plural(len(keys), 'foreign key')} over the boundary stay in the code: its files take them out of the two databases and keep their rules; elsewhere drop them in the order given, each with the rule that replaces it"
        )
    if any(cut.remedy in ("api_call", "event") and cut.kind not in _NO_PORT for cut in cuts):
        work.append(
            "turn the switches on, one port at a time, still on one database: seams/BLOCKERS.md counts the calls and events that have a port, and says which switches there are, for whom, and which program answers"
        )
    if moves.tables:
        work += [
            f"copy {plural(len(moves.tables), 'table')} while the monolith goes on writing: change data capture, then a backfill by signals",
            "with PostgreSQL on both sides service/data/README.md of strangler extract does the copy, the cut-over and the way back with psql alone: its blocks in their order, instead of data/README.md",
            "dual read: answer from the monolith, compare with the service, until no difference is left",
            "cut over: writes refused for a moment, lag 0, whole tables compared, counters set, reverse stream started, then the service writes",
            "from then on what puts the data back for the suite does so on both sides: these tables in the service's database, all others in the monolith's",
        ]
        entry = (
            "stage 2 is full and quiet; strangler diff shows no write crossing left that makes rows of "
            f"{listed(moves.tables, 4)} (changes and deletes of them are told by service/data/README.md)"
        )
    else:
        entry = "stage 2 is full and quiet"
        work.append(
            "the context owns no table: its reads and writes go through ports of the owners"
            if tables_read(view.model)
            else "no table of the monolith was read: find what data it owns, and move that here"
        )
    return Stage(
        number=3,
        title="Data to the service's own database",
        entry_check=entry,
        work=tuple(work),
        commands=(
            *_EQUAL,
            *((_tests("FACADE"),) if moves.endpoints else ()),
        )
        if moves.tables
        else ((_tests("FACADE"),) if moves.endpoints else ()),
        observable="replication lag; differences found by the dual read (0 for the time agreed on); sagas neither done nor taken back after their deadline (0); ids without a row where a foreign key stood (0)",
        rollback="before the cut-over: delete the connectors, drop the copy (data/README.md, 4). After it: the reverse stream keeps the monolith's tables current; refuse writes, wait for lag 0, point the switch back"
        if moves.tables
        else "turn the switches off: the local adapters are still there",
    )


def _removal(view: View, moves: Moves, cuts: Sequence[Cut]) -> Stage:
    work = [
        f"delete {plural(len(moves.files), 'file')} ({moves.lines:,} lines)"
        + (f" and {plural(len(moves.tests), 'test file')}" if moves.tests else "")
        + ": listed under “What moves”; code-out.patch of strangler extract takes out what nothing else needs, and service/SERVICE.md lists the places that still hold the rest",
        "edit the files under “Files to edit outside”, certain ones first; read the possible ones",
    ]
    if moves.packages:
        work.append(
            f"keep {listed(moves.packages, 3)}, without what was the context's own: modules of others lie in the same package"
        )
    if moves.migrations:
        work.append(
            f"keep {plural(len(moves.migrations), 'migration')} until a squash: others may depend on them; add one that takes the tables out of the monolith's state"
        )
    if any(cut.remedy in ("api_call", "event") for cut in cuts if cut.kind not in _NO_PORT):
        work.append(
            "the switches of stage 3 stay on, where the monolith's tests run too: what they spare is gone from here"
        )
    if moves.tables:
        work.append(
            "when nothing that stays reads the tables any more (service/data/README.md, 5, lists the places): end the reverse stream, take a last backup, drop the tables: the point of no return; until then the stream back goes on"
        )
    return Stage(
        number=4,
        title="Code out of the monolith",
        entry_check="no request, task or query reached the monolith's copy for one full business cycle (logs of each backend, rights on the tables revoked)",
        work=tuple(work),
        commands=(
            *_extract(view),
            'git -C "$SOURCE" apply --index "$PWD/service/code-out.patch"',
            'strangler analyze "$SOURCE" -o after',
            'strangler diff "$MODEL" after',
            *((_tests("FACADE"),) if moves.endpoints else ()),
        ),
        observable=f"strangler diff shows the modules of {view.name} gone and no new unresolved reference; the monolith's own tests pass",
        rollback=(
            'until the reverse stream ends: git -C "$SOURCE" apply -R --index "$PWD/service/code-out.patch", '
            "the way back of the data (part 4 of service/data/README.md, or of data/README.md), then the gateway's "
            "rollback stage and the switches off; after it the tables come back from the backup only"
        )
        if moves.tables
        else 'git -C "$SOURCE" apply -R --index "$PWD/service/code-out.patch", then the gateway\'s rollback stage and the switches off',
    )
