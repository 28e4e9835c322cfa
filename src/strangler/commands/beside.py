"""What lies beside a report: stored plans and their routes, the page of progress."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from strangler.commands.problems import UserError
from strangler.written import PLAN, PROGRESS, REPORT

if TYPE_CHECKING:
    from strangler.commands.terminal import Terminal
    from strangler.reports import PlanLink


def found_beside(folder: Path, target: Path, terminal: Terminal) -> tuple[PlanLink, ...]:
    """The plans beside the model; those of another version are no reason to have no report."""
    try:
        return stored_plans([folder], target)
    except UserError as error:
        terminal.note(f"plans are not linked: {error}")
        return ()


def progress_beside(target: Path) -> str:
    """Address of the page of progress in ``target``; empty where there is none."""
    return f"./{PROGRESS}" if (target / PROGRESS).is_file() else ""


def tell_of_the_report(directory: Path, terminal: Terminal) -> None:
    """Say when the report in ``directory`` will lead to what has just been written beside it."""
    if (directory / REPORT).is_file():
        terminal.note("the report beside it leads there from the next `strangler analyze` on")


def stored_plans(folders: Sequence[Path], target: Path) -> tuple[PlanLink, ...]:
    """Links from a report in ``target`` to the plans in the folders, or one level below them.

    Raises:
        UserError: a plan cannot be read, or is of another version.
    """
    found = sorted({path for folder in folders for path in (*folder.glob(PLAN), *folder.glob(f"*/{PLAN}"))})
    return tuple(_link(path, target) for path in found)


def _link(path: Path, target: Path) -> PlanLink:
    import msgspec

    from strangler import files
    from strangler.model.document import NOT_JSON
    from strangler.plans import ExtractionPlan, short
    from strangler.reports import PlanLink
    from strangler.routing import RoutingPlan

    routes = path.parent / "routing" / "routes.json"
    try:
        plan = msgspec.json.decode(files.read(path), type=ExtractionPlan)
        rules = msgspec.json.decode(files.read(routes), type=RoutingPlan) if routes.is_file() else None
    except (OSError, *NOT_JSON) as error:
        raise UserError(f"{path}: not a plan of this version: {error}; run `strangler plan` again") from error
    return PlanLink(
        context=plan.context,
        href=_address(path.with_name("plan.html"), target),
        sentences=tuple(short(plan)),
        revision=plan.revision,
        routing=_address(routes.with_name("README.md"), target) if rules else "",
        routes=rules.moved() if rules else None,
    )


def _address(page: Path, target: Path) -> str:
    relative = os.path.relpath(page, target).replace(os.sep, "/")
    # A dot first: no part of the name can be taken for a scheme or a host.
    return quote(relative if relative.startswith(".") else f"./{relative}")
