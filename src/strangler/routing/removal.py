"""The monolith's own table once the context's modules are deleted, and what then is not as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath

from strangler.model import BoundedContext, Endpoint, System
from strangler.routing.automaton import Product
from strangler.routing.routes import Line
from strangler.routing.rules import Decider, Entry
from strangler.routing.values import METHODS, BrokenName, LostRoute, Removal, Uncovered


def removal(
    system: System,
    context: BoundedContext,
    lines: Sequence[Line],
    entries: Sequence[Entry],
    product: Product,
) -> Removal:
    """Prove the rules against the table after the deletion.

    Every path and method that the rules leave to the monolith must be answered by the route that answers it
    today. It is not where that route is registered in a module that is deleted.

    Args:
        system: the monolith.
        context: what is taken out: all its modules are deleted.
        lines: today's table.
        entries: how the framework decides by it (``rules.decisions``).
        product: the automaton of the lines.
    """
    deleted = {module.path for module in system.modules if module.name in set(context.modules)}
    gone = [n for n, line in enumerate(lines) if line.route.target == "service" or _file(line) in deleted]
    after = Decider([entry for entry in entries if entry.language not in set(gone)])
    before = Decider(entries)
    lost: dict[int, LostRoute] = {}
    uncovered: dict[int, dict[int, str]] = {}
    for signature, state in product.signatures().items():
        then = after.winners(signature)
        for number, (target, entry) in enumerate(before.winners(signature)):
            if entry is None:
                continue
            winner = entries[entry].language
            rest = then[number][1]
            answer = None if rest is None else _language(after, signature, rest)
            if target == "monolith" and answer != winner and winner not in lost:
                lost[winner] = _lost(lines, winner, product.word(state), METHODS[number], answer)
            elif target == "service" and answer is not None:
                uncovered.setdefault(answer, {}).setdefault(winner, product.word(state))
    return Removal(
        removed=sum(lines[n].route.target == "service" and lines[n].route.kind == "route" for n in gone),
        lost=tuple(lost[n] for n in sorted(lost)),
        uncovered=tuple(
            Uncovered(by=answer, routes=tuple(sorted(routes)), example=min(routes.values(), key=_short))
            for answer, routes in sorted(uncovered.items())
        ),
        names=tuple(_broken(system, context, deleted)),
    )


def _short(path: str) -> tuple[int, str]:
    return len(path), path


def _language(decider: Decider, signature: Iterable[int], number: int) -> int:
    return next(entry.language for n, entry in decider.matching(signature) if n == number)


def _file(line: Line) -> str:
    return line.route.place.rpartition(":")[0]


def _lost(lines: Sequence[Line], number: int, path: str, method: str, answer: int | None) -> LostRoute:
    return LostRoute(route=number, example=path, method=method, answered_by=answer)


def _broken(system: System, context: BoundedContext, deleted: Collection[str]) -> Iterable[BrokenName]:
    """The places outside that ask for the URL of a route of which every bearer of the name goes."""
    inside = set(context.modules)
    bearers: dict[str, list[Endpoint]] = {}
    for endpoint in system.endpoints:
        if endpoint.name:
            bearers.setdefault(_plain(endpoint.name), []).append(endpoint)
    gone = {
        name
        for name, found in bearers.items()
        if all(_moves(e.handler, inside) or e.file in deleted for e in found)
    }
    folders = {str(PurePosixPath(m.path).parent): m.name in inside for m in system.modules}
    for link in system.route_links:
        if _plain(link.name) not in gone:
            continue
        if link.module in inside or (not link.module and _inside(link.file, folders)):
            continue
        yield BrokenName(name=link.name, place=f"{link.file}:{link.line}")


def _plain(name: str) -> str:
    """Without namespaces, of which includes may give several."""
    return name.rpartition(":")[2]


def _moves(handler: str, inside: Collection[str]) -> bool:
    parts = handler.split(".")
    return any(".".join(parts[:end]) in inside for end in range(len(parts), 0, -1))


def _inside(file: str, folders: dict[str, bool]) -> bool:
    """Whether the nearest package around a template goes."""
    for parent in PurePosixPath(file).parents:
        if str(parent) in folders:
            return folders[str(parent)]
    return False
