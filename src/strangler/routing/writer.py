"""The ``routing`` folder: ``routes.json``, ``README.md`` and a folder for each gateway."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from strangler.routing.errors import RoutingError
from strangler.routing.gateways import gateway, gateway_names
from strangler.routing.gateways._common import check_settings
from strangler.routing.plan import recertify
from strangler.routing.readme import readme
from strangler.routing.values import RoutingPlan


def write(
    plan: RoutingPlan, directory: Path | str, gateways: Iterable[str] | None = None, *, force: bool = False
) -> list[Path]:
    """Write a plan for gateways (all by default); returns the files, sorted.

    A gateway that cannot hold the plan (a limit of its own) is left out of a run for all gateways, with its
    reason in the README; asked for by name, it is an error.

    Raises:
        RoutingError: the rules are wrong (the proof is repeated), a setting cannot be written, or a file is
            there that an earlier run did not write (pass ``force``).
    """
    recertify(plan)
    check_settings(plan.settings)
    chosen = tuple(dict.fromkeys(gateways or gateway_names()))
    files: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name in chosen:
        target = gateway(name)
        try:
            rendered = target.files(plan)
        except RoutingError as error:
            if gateways:
                raise
            refused[name] = str(error)
            continue
        files |= {f"{name}/{path}": text for path, text in rendered.items()}
    files["routes.json"] = routes_json(plan)
    files["README.md"] = readme(plan, [gateway(n) for n in chosen if n not in refused], refused)
    return _write_all(Path(directory), files, force=force)


def routes_json(plan: RoutingPlan) -> str:
    """The plan as JSON; the override token stays out of it."""
    settings = msgspec.structs.replace(plan.settings, override_token=None)
    public = msgspec.structs.replace(plan, settings=settings)
    return msgspec.json.format(msgspec.json.encode(public, order="deterministic"), indent=1).decode() + "\n"


def _write_all(root: Path, files: Mapping[str, str], *, force: bool) -> list[Path]:
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise RoutingError(f"{root} is not a folder of its own; choose another")
    if root.exists() and any(root.iterdir()) and not (root / "routes.json").is_file() and not force:
        raise RoutingError(
            f"{root} holds files that strangler did not write; choose another folder or --force"
        )
    written = []
    for name in sorted(files):
        path = root.joinpath(*PurePosixPath(name).parts)
        _make_folder(root, path.parent)
        _replace(path, files[name])
        written.append(path)
    return written


def _make_folder(root: Path, folder: Path) -> None:
    """Create a folder below the root, never through a link."""
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.resolve().is_relative_to(root.resolve()):
        raise RoutingError(f"{folder} leads out of {root} through a link; remove it")


def _replace(path: Path, text: str) -> None:
    """Write beside and rename: never a half-written file, never through a link."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".strangler-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
