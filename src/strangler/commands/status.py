"""``strangler status``: which gates of a plan are passed, and what is left to change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strangler.commands import options, outputs, trees
from strangler.commands.earlier import current_model
from strangler.commands.problems import UserError
from strangler.commands.record import read_plan
from strangler.commands.terminal import Terminal
from strangler.files import read
from strangler.text import one_line
from strangler.written import PLAN

if TYPE_CHECKING:
    from strangler.plans.status import Seen, Status

SHOWN = 12
"""Changes that are printed of a plan."""
MARKS = {"done": "[x]", "open": "[ ]", "ask": "[?]"}


def status(
    plans: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLAN]...",
            help="Folder of a plan, or its context; default: every plan beside the model.",
            show_default=False,
        ),
    ] = None,
    model: options.Model = None,
    tree: options.Source = None,
    output_format: options.OutputFormat = options.Format.text,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Hold plans against the code of today: the gates in order, and each change that is left, a line each.

    Run it after `strangler analyze`. [x] is done, [ ] is open; [?] is all that code can show, and the gate's
    own commands tell the rest.

    \b
    strangler status
    strangler status billing --output-format json
    """
    import msgspec

    from strangler.plans import UnknownContextError
    from strangler.plans.status import status as hold

    terminal = Terminal(color.value, -1 if quiet else 0)
    source = outputs.find_model(model)
    document = current_model(source, terminal, tree)
    root = trees.of_model(source, document, tree)
    if root is not None:
        trees.warn_of_another_revision(document, root, terminal)
    found = []
    for folder in folders(plans or (), source):
        plan = read_plan(folder)
        try:
            found.append((folder, hold(plan, document, seen(folder, source, plan.context))))
        except UnknownContextError as error:
            raise UserError(
                f"{folder}: {error}; write the plan again, or accept the cut it was made on"
            ) from error
    if output_format is options.Format.json:
        content = msgspec.json.encode([one for _, one in found], order="deterministic")
        terminal.raw(msgspec.json.format(content, indent=1) + b"\n")
    else:
        terminal.result("\n".join(describe(one, folder) for folder, one in found), headings=True)


def folders(given: Sequence[str], model: Path) -> list[Path]:
    """The folders of the plans that are meant.

    Raises:
        UserError: there is no such plan, or none at all.
    """
    beside = sorted(path.parent for path in model.parent.glob(f"*/{PLAN}"))
    if not given:
        if not beside:
            raise UserError(f"no plan beside {model}; write one with `strangler plan CONTEXT`")
        return beside
    chosen = []
    for name in given:
        folder = Path(name)
        if not (folder / PLAN).is_file():
            folder = model.parent / f"plan-{outputs.safe_name(name)}"
        if not (folder / PLAN).is_file():
            raise UserError(f"{name}: no plan of that name beside {model}; `strangler plan` writes one")
        chosen.append(folder)
    return chosen


def seen(folder: Path, model: Path, context: str) -> Seen:
    """What lies beside a plan: recorded answers, the extracted service."""
    import msgspec

    from strangler.plans.status import Seen

    class Recorded(msgspec.Struct):
        covered: int
        endpoints: int

    class Extracted(msgspec.Struct):
        revision: str | None = None

    recorded: Any = _decoded(folder / "contracts" / "http" / "recordings.json", Recorded)
    places = (folder / "service", model.parent / f"service-{outputs.safe_name(context)}")
    services = [one for place in places if (one := _decoded(place / "service.json", Extracted))]
    return Seen(
        recorded=(recorded.covered, recorded.endpoints) if recorded else None,
        extracted=bool(services),
        service=services[0].revision if services else None,
    )


def _decoded(path: Path, kind: type) -> Any:
    import msgspec

    from strangler.model.document import NOT_JSON

    try:
        return msgspec.json.decode(read(path), type=kind)
    except (OSError, *NOT_JSON):
        return None


def describe(found: Status, folder: Path) -> str:
    """The gates of one plan, the changes that are left at the first open one, and what to run next."""
    commits = f"of {_short(found.planned)}; the code is at {_short(found.revision)}"
    lines = [f"Plan  {one_line(found.context, 40)}, {commits}"]
    for gate in found.gates:
        lines.append(f"  {MARKS[gate.state]} {gate.stage}  {one_line(gate.title, 70)}")
        lines.append(f"         {one_line('; '.join(gate.facts), 110)}")
    stages = sorted({item.stage for item in found.work})
    if stages:
        first = [item for item in found.work if item.stage == stages[0]]
        lines.append(f"Left  at stage {stages[0]}")
        for item in first[:SHOWN]:
            places = f" ({item.places} places)" if item.places > 1 else ""
            lines.append(f"  {one_line(f'{item.file}:{item.line}', 60)}")
            lines.append(f"      {one_line(f'{item.what}{places}: {item.remedy}', 110)}")
        if first[SHOWN:]:
            lines.append(f"  ... {len(first) - SHOWN} more; all with --output-format json")
    if found.next:
        lines.append(f"Next  in {folder}, as PLAN.md says")
        lines += [f"  {command}" for command in found.next]
    return "\n".join(lines) + "\n"


def _short(revision: str | None) -> str:
    return (revision or "no commit")[:12]
