"""What an analysis takes over from before: the accepted boundaries, and the cut of the last run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strangler import files
from strangler.commands.outputs import read_model
from strangler.commands.problems import UserError
from strangler.commands.trees import of_model
from strangler.text import listed, one_line, plural
from strangler.written import BASELINE, MODEL

if TYPE_CHECKING:
    from strangler.checks import Baseline
    from strangler.commands.terminal import Terminal
    from strangler.contexts import Accepted
    from strangler.model import Continuity, Model, Prior

SHOWN = 3
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Before:
    """The cut that was there before a run."""

    cut: Prior
    called: str
    """What it is of, as the summary says it."""


def read_accepted(root: Path, given: Path | None = None, *, isolated: bool = False) -> Accepted | None:
    """The accepted boundaries: of the file that the user names, else of the one in the tree, if any.

    Raises:
        UserError: the file is missing, or says what cannot hold.
    """
    from strangler.boundaries import BoundariesError, find, read
    from strangler.contexts import Accepted

    path = given or (None if isolated else find(root))
    if path is None:
        return None
    try:
        boundaries, lines = read(path)
    except BoundariesError as error:
        raise UserError(str(error)) from error
    return Accepted(file=path.name, boundaries=boundaries, lines=lines)


def current_model(path: Path, terminal: Terminal, tree: Path | None = None) -> Model:
    """The model in a file, with the accepted boundaries laid over it where they are other than its own.

    They are looked for in the tree that the user names, else in the one that the model was written for.

    Raises:
        UserError: no model of this version, or boundaries that cannot hold.
    """
    model = read_model(path)
    root = tree or of_model(path, model)
    accepted = read_accepted(root) if root is not None else None
    if accepted is None or accepted.boundaries == model.boundaries:
        return model
    from strangler import pipeline

    terminal.note(f"the cut is that of {accepted.file}, not the model's: `strangler analyze` stores it there")
    return pipeline.lay(model, accepted)


def read_prior(place: Path | None) -> Prior | None:
    """The cut in a model.json, or in that of a directory, or in a baseline; None where none can be used."""
    found = _read(place) if place is not None else None
    return found.cut if found is not None else None


def before(root: Path, directory: Path | None, given: Path | None = None) -> Before | None:
    """The cut to keep to: the one that the user names, else of the last run, else of the committed baseline.

    So a fresh clone, as in CI, has the cut by which `strangler check` counts there.

    Args:
        root: the analysed tree.
        directory: where the last run wrote, if it wrote.
        given: a model, a directory with one, or a baseline.

    Raises:
        UserError: nothing that can be used is where the user says.
    """
    if given is not None:
        named = _read(given)
        if named is None:
            what = f"name a model.json or its directory, or a {BASELINE}"
            raise UserError(f"--prior {given}: no model that can be used; {what}")
        return named
    places = [directory] if directory is not None else []
    committed = [place for place in (root / BASELINE, Path(BASELINE)) if not place.is_symlink()]
    found = (_read(place) for place in (*places, *committed))
    return next((cut for cut in found if cut is not None), None)


def _read(place: Path) -> Before | None:
    from strangler.model import ModelError, load_cut

    try:
        data = files.read(place / MODEL if place.is_dir() else place)
    except OSError:
        return None
    try:
        return Before(load_cut(data)[0], "the last run")
    except ModelError:
        cut = _frozen(data)
        return Before(cut, place.name) if cut is not None else None


def _frozen(baseline: bytes) -> Prior | None:
    """The cut by which a baseline counts; None where it is none, or counts by accepted boundaries alone.

    It may come with code that nobody trusts: names are as they may be in the file of boundaries.
    """
    from strangler import checks
    from strangler.boundaries import LONGEST

    try:
        found = checks.load(baseline)
    except checks.BaselineError:
        return None
    for said in ([c.name for c in found.contexts], [c.id or c.name for c in found.contexts]):
        if len(set(said)) < len(said) or any(len(s) > LONGEST or not s.isprintable() for s in said):
            return None
    return frozen_cut(found) if found.contexts else None


def frozen_cut(baseline: Baseline) -> Prior:
    """The cut by which a baseline counts."""
    from strangler.model import BoundedContext, Prior

    contexts = (
        BoundedContext(name=c.name, id=c.id, kind=c.kind, modules=c.modules, tables=c.tables, confidence=0.0)
        for c in baseline.contexts
    )
    return Prior(contexts=tuple(contexts), guidance=baseline.guidance)


def told(cut: Prior, found: Continuity, earlier: Before | None) -> str:
    """What became of the boundaries, on a few lines for the end of the summary.

    Args:
        cut: the contexts that the run wrote.
        found: what became of those before.
        earlier: the cut that it was given.
    """
    contexts = [context for context in cut.contexts if context.proper]  # as the summary counts
    accepted = [context for context in contexts if context.accepted]
    listed_before = earlier.cut.contexts if earlier else ()
    ids = {context.id or context.name for context in listed_before}
    same = [context for context in contexts if context.id in ids]
    if accepted:
        open_ = sum(not context.accepted for context in contexts)
        head = f"{len(accepted)} accepted" + (f", {open_} more proposed" if open_ else "")
    elif earlier is None:
        head = "proposed anew: nothing is accepted, and there is no earlier run"
    elif same:
        head = f"same {plural(len(same), 'context')} as {earlier.called}"
        if len(same) < len(contexts):
            head += f", {len(contexts) - len(same)} new"
    else:
        head = f"proposed anew: {earlier.called} was of another code base"
    lines = [f"Boundaries  {head}"]
    if found.placed:
        rows = [f"{row.module} ({row.context})" for row in found.placed]
        lines.append(f"{plural(len(rows), 'new module')} placed: {listed(rows, SHOWN)}")
    if found.moved:
        groups = Counter((row.before, row.after) for row in found.moved)
        rows = [f"{count} from {a} to {b}" for (a, b), count in sorted(groups.items())]
        lines.append(f"{plural(len(found.moved), 'module')} moved: {listed(rows, SHOWN)}")
    if found.removed:
        lines.append(f"{plural(len(found.removed), 'module')} gone: {listed(found.removed, SHOWN)}")
    if found.renamed:
        rows = [f"{old} is {new} now" for old, new in found.renamed]
        lines.append(f"{plural(len(rows), 'module')} renamed: {listed(rows, SHOWN)}")
    if found.offer is not None:
        lines.append(_offer(found.offer.gain, len(found.offer.moves), found.offer.held_out))
    return "\n".join([lines[0], *(f"  {one_line(line, WIDTH - 2)}" for line in lines[1:])]) + "\n"


def _offer(gain: float, moves: int, held_out: tuple[float, float] | None) -> str:
    better = f"{gain:+.1%} of the ties inside"
    if held_out is not None:
        better = f"{held_out[0]:.0%} -> {held_out[1]:.0%} of later co-change inside"
    return f"offered, not taken: {plural(moves, 'module')} elsewhere ({better}); --no-prior shows it"
