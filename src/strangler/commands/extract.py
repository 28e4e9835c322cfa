"""``strangler extract``: the part of the monolith that one context needs, as a deployment of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from strangler.commands import options, outputs, trees
from strangler.commands.earlier import current_model
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural, remark_lines

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.extraction import Removal, Service
    from strangler.model import BoundedContext, Model

SHOWN = 8


def extract(
    context: Annotated[str, options.A_CONTEXT],
    model: options.Model = None,
    tree: options.Source = None,
    output: options.BesideModel = None,
    passwords: Annotated[
        bool,
        typer.Option("--copy-passwords", help="Let its copy of users have the hashes of their passwords."),
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE", help="Not a table of this database, though code names it; repeatable."),
    ] = None,
    remote: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTEXT",
            help="Called over its seam: its code does not come along for that; repeatable, or: all.",
        ),
    ] = None,
    check: options.UpToDate = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Write a context as a service: the modules that it needs, each with the reason, and no others; and as
    a patch, what leaves the monolith when the service has taken over.

    The service is started as the monolith is, on the monolith's database. Routes that stay keep their
    names, so that links are built as before, and answer 421. The monolith is not changed.

    \b
    strangler extract billing
    strangler extract billing --source ~/src/shop --output services/billing
    """
    import msgspec

    from strangler.contracts.seams.patch import patch_of
    from strangler.extraction import Choices, data_files, remove
    from strangler.extraction import extract as build
    from strangler.extraction.markdown import service_md
    from strangler.plans import UnknownContextError, find_context
    from strangler.sources.others import others

    terminal = Terminal(color.value, -1 if quiet else 0)
    source = outputs.find_model(model)
    document = current_model(source, terminal, tree)
    try:
        chosen = find_context(document, context)
    except UnknownContextError as error:
        raise UserError(str(error)) from error
    root = trees.of_context(source, document, chosen, tree)
    if root is None:
        raise UserError(f"the tree that {source} was made of is not here; name it with --source DIR")
    trees.warn_of_another_revision(document, root, terminal)
    decided = Choices(passwords, frozenset(without or ()))
    directory = output or source.parent / f"service-{outputs.safe_name(chosen.name)}"
    with terminal.working("extracting"):
        scanned = trees.scan(root)
        service, code = build(
            document, chosen, scanned, others(root), decided, _remote(document, chosen, remote)
        )
        _still_there(service, directory, root)
        removal, changed = remove(document, chosen, scanned, service.tests)
        known = {file.path for file in scanned.files}
        files = {f"service/{path}": data for path, data in code.items()}
        files |= data_files(service)
        files["SERVICE.md"] = service_md(service, removal).encode()
        for name, value in (("service.json", service), ("code-out.json", removal)):
            files[name] = msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
        files["code-out.patch"] = b"".join(
            patch_of(path, scanned.read(path) if path in known else None, data)
            for path, data in sorted(changed.items())
        )
    outputs.settle(directory, files, terminal, check=check, force=force)
    terminal.result(describe(service, removal), headings=True)
    if not check:
        terminal.note(f"{plural(len(files), 'file')} in {directory}; start with SERVICE.md")


def _still_there(service: Service, directory: Path, root: Path) -> None:
    """Refuse to write over a service whose code has left the monolith: there is no other copy of it."""
    import msgspec

    try:
        before = msgspec.json.decode((directory / "service.json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return
    if before.get("endpoints") and not service.endpoints:
        raise UserError(
            f"{root} answers no endpoint of {service.context} any more, and {directory} holds the service "
            "that does: that is where its code lives now. To write it again, name with --source a checkout "
            "of the commit before its code went out"
        )


def _remote(document: Model, chosen: BoundedContext, names: list[str] | None) -> list[str]:
    """The contexts that are called over their seams."""
    from strangler.plans import UnknownContextError, find_context

    if names == ["all"]:
        return [item.name for item in document.contexts if item is not chosen and item.kind == "context"]
    try:
        return [find_context(document, name).name for name in names or ()]
    except UnknownContextError as error:
        raise UserError(str(error)) from error


def describe(service: Service, removal: Removal) -> str:
    """The service on half a screen."""
    from collections import Counter

    from strangler.extraction.markdown import share

    of = Counter(need.context for need in service.needs if need.context not in ("", service.context))
    changed = {change.file for change in service.changes}
    lines = [
        f"Service  {one_line(service.context, 40)}: {share(service)}",
        f"Answers  {plural(len(service.endpoints), 'endpoint')}",
        f"Of others  {plural(sum(of.values()), 'module')} of {plural(len(of), 'context')}",
        *(f"  {count:4}  {one_line(name, 60)}" for name, count in of.most_common(SHOWN)),
        f"Changed  {plural(len(service.changes), 'place')} in {plural(len(changed), 'file')}",
        *(line for note in service.notes[:SHOWN] for line in remark_lines(note)),
        f"Code out  {plural(removal.size.modules, 'module')} can leave the monolith then, "
        f"{plural(len(removal.holds), 'is', 'are')} still needed there",
    ]
    return "\n".join(lines) + "\n"
