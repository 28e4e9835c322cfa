"""The files of the data stage of a service: ``data/README.md`` and what its commands name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files as resources

from strangler.extraction.database import comparison, following, sql, streams, telling
from strangler.extraction.database.guide import guide
from strangler.extraction.values import OTHER, SIDES, Service, StoredTable
from strangler.plans.data_stage.tables import slug


def write(service: Service) -> dict[str, bytes]:
    """Path -> content; nothing where the context owns no table."""
    database = service.database
    own = database.of("own")
    if not own or not database.schema:
        return {}
    names = sql.Names(slug(service.context))
    copies, moved = database.of("replica"), [table.name for table in own]
    local = [table.name for table in database.of("local")]
    forward: list[tuple[str, Sequence[StoredTable]]] = [("move", own)]
    forward += [("replicas", copies)] if copies else []
    uses = [use for use, _ in forward]
    every = [*moved, *(table.name for table in copies)]
    tells = {side: database.tells(side) for side in SIDES}
    heard = {side: telling.streamed(names, tells[OTHER[side]], side) for side in SIDES}
    made = {side: telling.sums(names, tells[OTHER[side]], side) for side in SIDES}
    if heard["monolith"]:
        forward[-1] = (forward[-1][0], [*copies, *heard["monolith"]])
    rules = {side: [rule for rule in database.deletes if rule.side == side] for side in SIDES}
    why = {item.name: sql.read_only(item) for item in copies}
    found = {
        "README.md": guide(service),
        "schema.sql": sql.schema(
            names,
            moved,
            local,
            copies,
            following.service(names, rules["service"], why),
            steps=bool(database.steps),
        ),
        "freeze.sql": sql.freeze(names, moved),
        "unfreeze.sql": sql.unfreeze(names, moved),
        "publish.sql": streams.publish(names, "monolith", forward, moved, made["monolith"]),
        "subscribe.sql": streams.subscribe(
            names, "monolith", uses, empty=every, own=moved, first=made["monolith"]
        ),
        "copied.sql": streams.copied(names, uses),
        "compare.sh": resources("strangler.extraction.database").joinpath("compare.sh").read_text(),
        "compare-moved.sql": comparison.compare(own),
        "compare-moved-live.sql": comparison.compare_live(names, "move", own),
        "sequences.sql": sql.counters(moved),
        "reverse-publish.sql": streams.publish(
            names, "service", [("reverse", [*own, *heard["service"]])], moved, made["service"]
        ),
        "reverse-subscribe.sql": streams.subscribe(names, "service", ["reverse"], first=made["service"]),
        "reverse-end.sql": streams.end(names, ["reverse"]),
        "clean-up-monolith.sql": streams.clean_up(
            names, "monolith", [*uses, telling.stream("monolith")], every
        ),
        "clean-up-service.sql": streams.clean_up(
            names, "service", ["reverse", telling.stream("service")], moved
        ),
    }
    held = {"monolith": frozenset(moved), "service": frozenset(why)}
    for side, items in rules.items():
        if items:
            found[f"deletes-{side}.sql"] = following.follow(names, side, items, held[side])
            found[f"deletes-end-{side}.sql"] = following.end(names, side)
    withheld = {item.name: item.left_out for item in copies}
    reasons = {"monolith": dict.fromkeys(moved, sql.MOVED), "service": why}
    for side in SIDES:
        if not (told := tells[side]):
            continue
        use, other = telling.stream(side), OTHER[side]
        found[f"tell-{side}.sql"] = telling.tell(names, side, told, reasons[side], withheld)
        found[f"hear-{other}.sql"] = telling.hear(names, side, told)
        found[f"close-{side}.sql"] = telling.close(names, told, reasons[side])
        found[f"tell-end-{side}.sql"] = telling.end(names, side, told)
        found[f"caught-up-{use}.sql"] = streams.caught_up(names, use)
        found[f"stop-{use}.sql"] = streams.stop(names, use)
    if copies:
        found["compare-replicas.sql"] = comparison.compare(copies)
        found["compare-replicas-live.sql"] = comparison.compare_live(names, "replicas", copies)
    for use in (*uses, "reverse"):
        found[f"stop-{use}.sql"] = streams.stop(names, use)
    for use in ("move", "reverse"):
        found[f"caught-up-{use}.sql"] = streams.caught_up(names, use)
    return {f"data/{name}": text.encode() for name, text in sorted(found.items())}
