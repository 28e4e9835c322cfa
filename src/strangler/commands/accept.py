"""``strangler accept``: write down the boundaries that the team has decided on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import completion, options, outputs, trees
from strangler.commands.check import BASELINE
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.spelling import told_nearest
from strangler.text import listed, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.contexts.drawing import Decision
    from strangler.model import Boundary, BoundedContext, Model


def accept(
    contexts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names or ids of contexts; default: all.",
            show_default=False,
            autocompletion=completion.contexts,
        ),
    ] = None,
    model: options.Model = None,
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="LEVEL", help="Another level of the model: --level help lists them."),
    ] = None,
    offered: Annotated[
        bool, typer.Option("--offered", help="Take the better cut that the last analysis offers.")
    ] = False,
    drawn: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="The cut that the workshop of the report has saved."),
    ] = None,
    notes: Annotated[str, typer.Option("--notes", metavar="TEXT", help="Why it was decided so.")] = "",
    decided_by: Annotated[str, typer.Option("--decided-by", metavar="NAME", help="Who decided.")] = "",
    decided: Annotated[
        str, typer.Option("--decided", metavar="DAY", help="When, as YYYY-MM-DD; no clock is asked.")
    ] = "",
    tree: options.Source = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Default: strangler-boundaries.toml in the analysed tree."
        ),
    ] = None,
    baseline: Annotated[
        Path, typer.Option("--baseline", metavar="FILE", help="Baseline to carry over, if there.")
    ] = BASELINE,
    quiet: options.Quiet = False,
) -> None:
    """Write strangler-boundaries.toml: every later analysis, plan, check and comparison keeps to it.

    What the file says of other contexts stays, with ids, notes and comments. It is the one file that
    strangler writes inside the analysed tree, and only for this command.

    \b
    strangler accept
    strangler accept --from strangler-boundaries.toml
    strangler accept orders billing --decided-by "Ada Lovelace" --decided 2026-11-29
    """
    from strangler.contexts.drawing import Decision

    terminal = Terminal(verbosity=-1 if quiet else 0)
    source = outputs.find_model(model)
    document = outputs.read_model(source)
    if level == "help":
        terminal.result(levels(document))
        return
    if sum((offered, level is not None, drawn is not None)) > 1:
        raise UserError("--level, --offered and --from each name a cut; give one of them")
    given = _before(drawn, must_exist=True) if drawn else ()
    if drawn:
        available = from_file(document, drawn, given, terminal)
    else:
        available = offered_cut(document) if offered else at_level(document, level)
    decision = Decision(notes=notes, decided_by=decided_by, decided=_day(decided))
    target = output or _in_the_tree(document, source, tree)
    write_down(document, available, contexts or (), target, terminal, given, decision, baseline)
    terminal.note("next: `strangler analyze`, which keeps to it")


def write_down(
    model: Model,
    available: Sequence[BoundedContext],
    names: Sequence[str],
    target: Path,
    terminal: Terminal,
    given: Sequence[Boundary],
    decision: Decision,
    baseline: Path,
) -> None:
    """Write the file of boundaries, and the baseline anew where there is one; what was done is told.

    Args:
        model: the analysis in which the contexts are.
        available: the contexts of a cut.
        names: names or ids of those that are accepted; none: all.
        target: the file; what it says of other contexts stays.
        terminal: told what was written.
        given: the boundaries of the file that the cut comes from, if it does.
        decision: by whom, when and why.
        baseline: the file of tolerated crossings, carried over if it is there.

    Raises:
        UserError: an unknown name, or a file that cannot be read or written.
    """
    from strangler import boundaries, files
    from strangler.contexts.drawing import draw

    chosen = choose(available, names)
    with files.alone(target.parent):  # what another run decides meanwhile is kept
        before = _before(target)
        text = target.read_text("utf-8-sig") if target.exists() else ""
        known = boundaries.comments(text)
        try:
            rest = boundaries.allowances(text)
        except boundaries.BoundariesError as error:
            raise UserError(f"{target}: {error}; nothing was written") from error
        found = draw(model, chosen, redrawn(before, given), whole=not names, decision=decision)
        outputs.write_file(target, boundaries.dump(found, known, rest).encode())
    terminal.note(f"wrote {target}: {_parts(found)}, {_counted(chosen, names)}")
    if baseline.is_file():
        _carry(baseline, model, chosen, terminal)


def levels(model: Model) -> str:
    """The levels of a model, a line each."""
    rows = [
        f"{number}  {level.label:<12}{_sizes(level.contexts)}"
        for number, level in enumerate(model.hierarchy, 1)
    ]
    rows.append("another number of contexts: `strangler analyze --config contexts.count=N`")
    return "\n".join(rows) + "\n"


def _sizes(contexts: Sequence[BoundedContext]) -> str:
    real = [context for context in contexts if context.proper]
    largest = sorted(real, key=lambda c: (-len(c.modules), c.name))
    return f"{plural(len(real), 'context')}: {listed((c.name for c in largest), 4)}"


def at_level(model: Model, level: str | None) -> tuple[BoundedContext, ...]:
    """The contexts of a level, named by its number or its label.

    Raises:
        UserError: there is no such level, or several.
    """
    if level is None:
        return model.contexts
    found = [held for number, held in enumerate(model.hierarchy, 1) if level in (str(number), held.label)]
    if len(found) != 1:
        what = "no level" if not found else f"{len(found)} levels are called"
        raise UserError(f"{what} {level!r}; give the number of one:\n{levels(model)}".rstrip())
    return model.contexts if found[0].label == "recommended" else found[0].contexts


def offered_cut(model: Model) -> tuple[BoundedContext, ...]:
    """The contexts with the moves that the last analysis offers.

    Raises:
        UserError: it offers none.
    """
    from strangler.contexts.drawing import with_offer

    if model.continuity.offer is None:
        raise UserError("the last analysis offers no other cut; `strangler accept` takes the one it has")
    return with_offer(model)


def from_file(
    model: Model, path: Path | str, given: Sequence[Boundary], terminal: Terminal
) -> tuple[BoundedContext, ...]:
    """The contexts that a file draws in a model; what it names in vain and what it leaves open is told.

    Raises:
        UserError: it names no module of the model.
    """
    from strangler.contexts.accepted import Accepted, claims, unknown
    from strangler.model import BoundedContext

    modules = [module for context in model.contexts for module in context.modules]
    tables = [table for context in model.contexts for table in context.tables]
    claimed = claims(given, modules)
    if not claimed:
        raise UserError(
            f"{path} names no module of this model: is it the file of another code base? "
            "The model is named with --model FILE"
        )
    accepted = Accepted(file=str(path), boundaries=tuple(given))
    for row in unknown(accepted, modules, tables, {}):
        terminal.note(f"{row.file}: {row.message}")
    if len(claimed) < len(modules):
        left = plural(len(modules) - len(claimed), "module")
        terminal.note(f"{path} leaves {left} open: the next analysis places them")
    held: dict[str, list[str]] = {boundary.id: [] for boundary in given}
    for module, boundary in claimed.items():
        held[boundary.id].append(module)
    known = set(tables)
    for boundary in given:
        if not held[boundary.id] and known.intersection(boundary.tables):
            terminal.note(f"{boundary.name} holds tables and no module: left out, its tables stay open")
    return tuple(
        BoundedContext(
            name=boundary.name,
            id=boundary.id,
            kind=boundary.kind,
            modules=tuple(sorted(held[boundary.id])),
            tables=tuple(sorted(known.intersection(boundary.tables))),
            confidence=1.0,
        )
        for boundary in given
        if held[boundary.id]
    )


def redrawn(before: Sequence[Boundary], given: Sequence[Boundary]) -> tuple[Boundary, ...]:
    """What was accepted before, with the names and reasons that a file gives; its packages stay."""
    import msgspec

    new = {boundary.id: boundary for boundary in given}
    kept = []
    for old in before:
        now = new.pop(old.id, None)
        kept.append(
            old
            if now is None
            else msgspec.structs.replace(
                old,
                name=now.name,
                notes=now.notes or old.notes,
                decided_by=now.decided_by or old.decided_by,
                decided=now.decided or old.decided,
            )
        )
    return (*kept, *new.values())


def choose(available: Sequence[BoundedContext], names: Sequence[str]) -> list[BoundedContext]:
    """The contexts of these names or ids; all of them for none.

    Raises:
        UserError: a name that no context has.
    """
    if not available:
        raise UserError("the model has no contexts: there is nothing to accept")
    if not names:
        return list(available)
    by_name = {context.id: context for context in available} | {
        context.name: context for context in available
    }
    unknown = [name for name in names if name not in by_name]
    if unknown:
        near = told_nearest(unknown[0], by_name, 0.5)
        every = listed(sorted(c.name for c in available), 12)
        raise UserError(f"no context {unknown[0]!r}{near}; there are: {every}")
    return list({by_name[name].name: by_name[name] for name in names}.values())


def _before(target: Path, *, must_exist: bool = False) -> tuple[Boundary, ...]:
    from strangler.boundaries import BoundariesError, read

    if target.is_dir():
        raise UserError(f"{target} is a directory; name a file")
    if not target.exists():
        if must_exist:
            raise UserError(f"{target}: no such file; the report's workshop saves one")
        return ()
    try:
        return read(target)[0]
    except BoundariesError as error:
        raise UserError(f"{error}\nnothing was written") from error


def _in_the_tree(model: Model, source: Path, given: Path | None) -> Path:
    from strangler.boundaries import FILE

    root = trees.of_model(source, model, given)
    if root is None:
        raise UserError(
            f"the tree that {source} was made from is not beside it: name it with --source DIR, or the file "
            "to write with --output FILE"
        )
    return root / FILE


def _carry(baseline: Path, model: Model, chosen: Sequence[BoundedContext], terminal: Terminal) -> None:
    """Write the baseline anew on the accepted cut; what it did not tolerate it does not tolerate now."""
    import msgspec

    from strangler import checks
    from strangler.commands.check import read_baseline

    ours = {module for context in chosen for module in context.modules}
    contexts = [
        msgspec.structs.replace(context, id=context.id or context.name, accepted=True) for context in chosen
    ]
    names = {context.id for context in contexts}
    for context in model.contexts:
        rest = tuple(module for module in context.modules if module not in ours)
        if rest and context.id not in names:
            contexts.append(msgspec.structs.replace(context, modules=rest))
    after = msgspec.structs.replace(model, contexts=tuple(contexts))
    try:
        renewed = checks.renew(read_baseline(baseline), model, after)
    except checks.BaselineError as error:
        terminal.note(f"{baseline} is left as it is: {error}")
        return
    outputs.write_file(baseline, checks.dump(renewed))
    terminal.note(f"wrote {baseline}: the same places, counted by the accepted boundaries")


def _day(text: str) -> str:
    import datetime

    if text:
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise UserError(f"--decided {text!r}: not a day; write it as 2026-11-29") from error
    return ""


def _parts(found: Sequence[Boundary]) -> str:
    """As `analyze` counts them: what is no context stands apart."""
    said = (boundary.kind.replace("_", " ") for boundary in found if boundary.kind != "context")
    kinds = Counter("unassigned part" if kind == "unassigned" else kind for kind in said)
    proper = plural(len(found) - kinds.total(), "context")
    several = {"library": "libraries", "operations": "operations"}
    others = (
        f"the {kind}" if n == 1 else plural(n, kind, several.get(kind, "")) for kind, n in kinds.items()
    )
    return listed([proper, *others])


def _counted(chosen: Sequence[BoundedContext], names: Sequence[str] | None) -> str:
    modules = plural(sum(len(context.modules) for context in chosen), "module")
    return f"{modules} accepted" if not names else f"{modules} of {listed((c.name for c in chosen), 4)}"
