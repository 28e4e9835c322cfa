"""The ``routing`` folder: ``routes.json``, ``README.md`` and a folder for each gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from strangler import files
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

    Raises:
        RoutingError: as `render`, or a file is there that an earlier run did not write (pass ``force``).
        OSError: the folder cannot be written.
    """
    return _write_all(Path(directory), render(plan, gateways), force=force)


def render(plan: RoutingPlan, gateways: Iterable[str] | None = None) -> dict[str, bytes]:
    """The files of a plan for gateways (all by default), by their path in the folder, sorted.

    A gateway that cannot hold the plan (a limit of its own) is left out of a run for all gateways, with its
    reason in the README; asked for by name, it is an error.

    Raises:
        RoutingError: the rules are wrong (the proof is repeated), or a setting cannot be written.
    """
    recertify(plan)
    check_settings(plan.settings)
    chosen = tuple(dict.fromkeys(gateways or gateway_names()))
    texts: dict[str, str] = {}
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
        texts |= {f"{name}/{path}": text for path, text in rendered.items()}
    texts["routes.json"] = routes_json(plan)
    texts["README.md"] = readme(plan, [gateway(n) for n in chosen if n not in refused], refused)
    return {name: text.encode() for name, text in sorted(texts.items())}


def routes_json(plan: RoutingPlan) -> str:
    """The plan as JSON; the override token stays out of it."""
    settings = msgspec.structs.replace(plan.settings, override_token=None)
    public = msgspec.structs.replace(plan, settings=settings)
    return msgspec.json.format(msgspec.json.encode(public, order="deterministic"), indent=1).decode() + "\n"


def _write_all(root: Path, contents: Mapping[str, bytes], *, force: bool) -> list[Path]:
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise RoutingError(f"{root} is not a folder of its own; choose another")
    if root.exists() and any(root.iterdir()) and not (root / "routes.json").is_file() and not force:
        raise RoutingError(
            f"{root} holds files that strangler did not write; choose another folder or --force"
        )
    written = [root.joinpath(*PurePosixPath(name).parts) for name in contents]
    for folder in sorted({path.parent for path in written} | {root}):
        _make_folder(root, folder)
    with files.alone(root):
        files.sweep(root)
        files.replace(root, contents)
    return written


def _make_folder(root: Path, folder: Path) -> None:
    """Create a folder below the root, never through a link."""
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.resolve().is_relative_to(root.resolve()):
        raise RoutingError(f"{folder} leads out of {root} through a link; remove it")
