"""``strangler record``: ask the running monolith, and write the contract tests of a plan from its answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strangler.commands import options, outputs
from strangler.commands.plan import settle
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal, one_line

if TYPE_CHECKING:
    from strangler.contracts.http import Recording
    from strangler.plans import ExtractionPlan

SHOWN = 10
CASES = b'{\n "parameters": {},\n "requests": []\n}\n'


def record(
    directory: Annotated[Path, typer.Argument(help="Directory that `strangler plan` wrote.")],
    target: Annotated[str, typer.Option("--target", metavar="URL", help="The running monolith.")],
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="NAME=HEADER", help="Who asks: boss='Authorization: Bearer ...'; never stored."
        ),
    ] = None,
    model: options.Model = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Also send writes, and all of cases.json: only to a copy.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite tests that were edited by hand.")] = False,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Record the endpoints that move, each request twice; write contracts/http and contracts/openapi.json.

    Only GET, HEAD and OPTIONS are sent without --unsafe. What differs between two answers goes to
    matchers.json for review; secrets are masked; cases.json takes values and requests of your own.
    """
    from strangler.contracts.http import RecordSettings, TargetError, openapi, suite_files
    from strangler.contracts.http import record as drive
    from strangler.contracts.http.suite_files import dumped

    terminal = Terminal(color.value, -1 if quiet else 0)
    plan = read_plan(directory)
    folder = directory / "contracts"
    given = _read_json(folder / "http" / "cases.json") or {}
    settings = RecordSettings(
        identities=identities(identity or ()),
        parameters={str(k): [str(v) for v in values] for k, values in given.get("parameters", {}).items()},
        requests=tuple(given.get("requests", ())),
        unsafe=unsafe,
    )
    others = _others(model, plan)
    try:
        found = drive(plan.moves.endpoints, target, settings, others)
    except TargetError as error:
        raise UserError(str(error)) from error
    files = {f"http/{name}": content for name, content in suite_files(found, plan.context).items()}
    reviewed = _read_json(folder / "http" / "matchers.json") or {}
    fresh = found.matchers
    kept = {case: {**fresh.get(case, {}), **reviewed.get(case, {})} for case in found.answers}
    matchers = dumped({case: entries for case, entries in kept.items() if entries})
    del files["http/matchers.json"]
    files["openapi.json"] = dumped(openapi(found, plan.moves.endpoints, plan.context))
    settle(folder, files, terminal, check=False, force=force)
    outputs.write(folder / "http", {"matchers.json": matchers})
    if not (folder / "http" / "cases.json").exists():
        outputs.write(folder / "http", {"cases.json": CASES})
    terminal.result(describe(found), headings=True)
    terminal.note(f"tests in {folder / 'http'}; review matchers.json")


def identities(texts: list[str] | tuple[str, ...]) -> dict[str, dict[str, str]]:
    """``NAME=Header: value`` options as headers of each name.

    Raises:
        UserError: another form.
    """
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        name, _, header = text.partition("=")
        field, colon, value = header.partition(":")
        if not name.isidentifier() or not colon or not value.strip() or name == "anonymous":
            raise UserError("--as takes NAME='Header: value', NAME a plain word other than anonymous")
        found.setdefault(name, {})[field.strip()] = value.strip()
    return found


def read_plan(directory: Path) -> ExtractionPlan:
    """The plan in a directory.

    Raises:
        UserError: there is none that can be read.
    """
    import msgspec

    from strangler.plans import ExtractionPlan

    path = directory / "plan.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=ExtractionPlan)
    except OSError as error:
        raise UserError(f"no plan in {directory}; write one with `strangler plan CONTEXT -o DIR`") from error
    except msgspec.DecodeError as error:
        raise UserError(f"{path}: not a plan of this version ({error}); write it again") from error


def _read_json(path: Path) -> dict[str, Any] | None:
    import json

    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path}: must be a JSON object")
    return found


def _others(model: Path | None, plan: ExtractionPlan) -> tuple[str, ...]:
    """Further pages to read for links: only where a model is named."""
    if model is None:
        return ()
    document = outputs.read_model(outputs.find_model(model))
    own = {endpoint.path for endpoint in plan.moves.endpoints}
    paths = {e.path for e in document.endpoints if "{" not in e.path and "GET" in (e.methods or ())}
    return tuple(sorted(paths - own))[:60]


def describe(found: Recording) -> str:
    """What is covered, and what is missing."""
    share = found.covered / found.endpoints if found.endpoints else 1.0
    matched = sum(len(entries) for entries in found.matchers.values())
    lines = [
        f"Covered  {found.covered} of {found.endpoints} pairs of method and path ({share:.0%})",
        f"Cases  {len(found.cases)}; {matched} fields matched by type (they differ or are masked)",
    ]
    lines += [one_line(f"  missing: {item.endpoint}: {item.reason}", 150) for item in found.missing[:SHOWN]]
    if found.missing[SHOWN:]:
        lines.append(f"  ... {len(found.missing) - SHOWN} more in contracts/http/README.md")
    return "\n".join(lines) + "\n"
