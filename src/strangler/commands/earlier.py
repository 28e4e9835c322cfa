"""What an analysis takes over from before: the accepted boundaries, and the cut of the last run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from strangler import files
from strangler.commands.outputs import read_model
from strangler.commands.problems import UserError
from strangler.commands.trees import of_model
from strangler.text import listed, one_line, plural
from strangler.written import MODEL

if TYPE_CHECKING:
    from strangler.commands.terminal import Terminal
    from strangler.contexts import Accepted
    from strangler.model import Model, Prior

SHOWN = 3
WIDTH = 80


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
    """The cut in a model.json, or in that of a directory; None where there is none that can be used."""
    from strangler.model import ModelError, load_cut

    if place is None:
        return None
    try:
        return load_cut(files.read(place / MODEL if place.is_dir() else place))[0]
    except (OSError, ModelError):
        return None


def told(model: bytes, prior: Prior | None) -> str:
    """What became of the boundaries, on a few lines for the end of the summary.

    Args:
        model: the document that the run wrote.
        prior: the cut that it was given.
    """
    from strangler.model import load_cut

    cut, found = load_cut(model)
    contexts = [context for context in cut.contexts if context.proper]  # as the summary counts
    accepted = [context for context in contexts if context.accepted]
    before = {context.id or context.name for context in prior.contexts} if prior else set()
    same = [context for context in contexts if context.id in before]
    if accepted:
        open_ = sum(not context.accepted for context in contexts)
        head = f"{len(accepted)} accepted" + (f", {open_} more proposed" if open_ else "")
    elif prior is None:
        head = "proposed anew: nothing is accepted, and there is no earlier run"
    elif same:
        head = f"same {plural(len(same), 'context')} as the last run"
        if len(same) < len(contexts):
            head += f", {len(contexts) - len(same)} new"
    else:
        head = "proposed anew: the last run was of another code base"
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
