"""``strangler record``: ask the running monolith, and write the contract tests of a plan from its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from strangler.commands import options, outputs
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.files import read
from strangler.text import plural, remark_lines
from strangler.written import MODEL, PLAN

if TYPE_CHECKING:
    from strangler.contracts.http import Recording
    from strangler.plans import ExtractionPlan

T = TypeVar("T")
SHOWN = 10
LEAVING = re.compile(r"(log|sign)[-_]?(out|off)", re.IGNORECASE)
"""Pages that are not read for links: they end the session of who asks."""
CASES = b'{\n "parameters": {},\n "requests": [],\n "skip": []\n}\n'


def record(
    directory: Annotated[Path, typer.Argument(help="Directory that `strangler plan` wrote.")],
    target: Annotated[str, typer.Option("--target", metavar="URL", help="The running monolith.")],
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="NAME=HEADER",
            help="Identity to send: boss='Authorization: Bearer ...' (never stored).",
        ),
    ] = None,
    login: Annotated[
        list[str] | None,
        typer.Option(
            "--login",
            metavar="NAME=PATH FIELD=VALUE ...",
            help="Identity that logs in through a form (credentials are not stored).",
        ),
    ] = None,
    model: options.Model = None,
    writes: Annotated[
        bool, typer.Option("--writes", help="Also record writes, with --reset: only on a copy of the data.")
    ] = False,
    reset: Annotated[
        str,
        typer.Option(
            "--reset", metavar="COMMAND|URL", help="What puts the data back: a command, or a URL to POST to."
        ),
    ] = "",
    restart: Annotated[
        str,
        typer.Option(
            "--restart",
            metavar="COMMAND|URL",
            help="Command or URL that restarts the monolith between the recordings.",
        ),
    ] = "",
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="Also send writes that should be refused, and those of cases.json."),
    ] = False,
    limit: options.Limit = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite tests that were edited by hand.")] = False,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Record the endpoints that move, each request twice; write contracts/http and contracts/openapi.json.

    Only GET, HEAD and OPTIONS are sent without --writes or --unsafe. What differs between two answers goes
    to matchers.json for review; secrets are masked; cases.json takes values and requests of your own.

    \b
    strangler record strangler-out/plan-billing --target http://127.0.0.1:8000
    strangler record plans/billing --target http://127.0.0.1:8000 --as boss='Authorization: Bearer ...'
    """
    need_httpx()
    if not target.startswith(("http://", "https://")):
        raise UserError(f"--target takes an address such as http://127.0.0.1:8000, not {target!r}")
    from strangler.contracts.http import RecordSettings, TargetError, openapi, suite_files
    from strangler.contracts.http import record as drive
    from strangler.contracts.http.suite.contract_client import resetter
    from strangler.contracts.http.suite_files import dumped, states_file
    from strangler.contracts.http.values import Cases

    terminal = Terminal(color.value, -1 if quiet else 0)
    limits = options.settings(Path(), options.of_limits(limit), isolated=False).limits
    plan = read_plan(directory)
    folder = directory / "contracts"
    given = _read_json(folder / "http" / "cases.json", Cases) or Cases()
    headers, logins = people(identity or (), login or ())
    settings = RecordSettings(
        identities=headers,
        logins=logins,
        parameters={name: [str(value) for value in values] for name, values in given.parameters.items()},
        requests=given.requests,
        unsafe=unsafe,
        writes=writes,
        reset=resetter(reset) if reset else None,
        restart=resetter(restart) if restart else None,
        skip=given.skip,
        limits=limits,
    )
    others = _others(model, directory, plan)
    try:
        with terminal.working("recording"):
            found = drive(plan.moves.endpoints, target, settings, others)
    except TargetError as error:
        raise UserError(str(error)) from error
    files = {f"http/{name}": content for name, content in suite_files(found, plan.context).items()}
    reviewed = _read_json(folder / "http" / "matchers.json", dict[str, dict[str, Any]]) or {}
    fresh = found.matchers
    kept = {case: {**fresh.get(case, {}), **reviewed.get(case, {})} for case in (*found.answers, "*")}
    matchers = dumped({case: entries for case, entries in kept.items() if entries})
    del files["http/matchers.json"]
    files["openapi.json"] = dumped(openapi(found, plan.moves.endpoints, plan.context))
    outputs.settle(folder, files, terminal, check=False, force=force)
    outputs.write(folder / "http", {"matchers.json": matchers})
    for name, content in (("cases.json", CASES), ("contract_states.py", states_file())):
        if not (folder / "http" / name).exists():
            outputs.write(folder / "http", {name: content})
    terminal.result(describe(found), headings=True)
    terminal.note(f"tests in {folder / 'http'}; review matchers.json")


def need_httpx() -> None:
    """Say how to install what recording needs, before anything of it is imported.

    Raises:
        UserError: httpx is not installed.
    """
    from importlib.util import find_spec

    if find_spec("httpx") is None:
        raise UserError("recording needs httpx: pip install httpx")


def people(
    headers: Sequence[str], logins: Sequence[str]
) -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, dict[str, str]]]]:
    """``--as`` and ``--login`` options: headers and sign-in forms of each name.

    Raises:
        UserError: another form.
    """
    from strangler.contracts.http.suite import contract_client

    try:
        return contract_client.identities(headers), contract_client.logins(logins)
    except ValueError as error:
        raise UserError(str(error)) from error


def read_plan(directory: Path) -> ExtractionPlan:
    """The plan in a directory.

    Raises:
        UserError: there is none that can be read.
    """
    import msgspec

    from strangler.model.document import NOT_JSON
    from strangler.plans import ExtractionPlan

    path = directory / PLAN
    try:
        return msgspec.json.decode(read(path), type=ExtractionPlan)
    except OSError as error:
        raise UserError(f"no plan in {directory}; write one with `strangler plan CONTEXT -o DIR`") from error
    except NOT_JSON as error:
        raise UserError(f"{path}: not a plan of this version ({error}); write it again") from error


def _read_json(path: Path, kind: type[T]) -> T | None:
    """A file of that kind; None where there is none."""
    try:
        return msgspec.json.decode(read(path), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: {error}") from error


def _others(model: Path | None, directory: Path, plan: ExtractionPlan) -> tuple[str, ...]:
    """Further pages to read for links: of the model that is named, or that lies beside the plan."""
    if model is None:
        beside = directory.resolve().parent / MODEL
        if not beside.is_file():
            return ()
        model = beside
    document = outputs.read_model(outputs.find_model(model))
    own = {endpoint.path for endpoint in plan.moves.endpoints}
    paths = {
        e.path
        for e in document.endpoints
        if "{" not in e.path and (e.methods is None or "GET" in e.methods) and not LEAVING.search(e.path)
    }
    return tuple(sorted(paths - own))[:60]


def describe(found: Recording) -> str:
    """What is covered, and what is missing."""
    share = found.covered / found.endpoints if found.endpoints else 1.0
    matched = sum(len(entries) for entries in found.matchers.values())
    lines = [
        f"Covered  {found.covered} of {plural(found.endpoints, 'pair')} of method and path ({share:.0%})",
        f"Cases  {len(found.cases)}; {plural(matched, 'field')} matched by type "
        "(different in each answer, or masked)",
    ]
    if found.masked:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.masked.items())
        lines.append(f"Masked  {plural(sum(found.masked.values()), 'value')}: {kinds}")
    if found.unsteady:
        lines.append(
            f"Left out  {plural(len(found.unsteady), 'request')} without a steady answer, "
            f"the first {found.unsteady[0]}"
        )
    for item in found.missing[:SHOWN]:
        lines += remark_lines(f"missing: {item.endpoint}: {item.reason}")
    if found.missing[SHOWN:]:
        lines.append(f"  ... {len(found.missing) - SHOWN} more in contracts/http/README.md")
    return "\n".join(lines) + "\n"
