"""Werkzeug's and Flask's own functions that look for modules, import by name, or keep what they computed."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    FALSE,
    UNKNOWN,
    Args,
    Const,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Sequence,
    Text,
    Value,
)


def _root_path(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0, "import_name")
    return interp.program.directory(name) if name is not None else Text([None])


def _import_string(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name, given = args.text(0, "import_name"), args.get(0, "import_name")
    if not name or given is None:
        return UNKNOWN
    return interp.import_by_name(name.replace(":", "."), frame, given.truth() is True)


def _find_modules(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """Modules, packages too if asked for, deeper ones if asked for."""
    package = args.text(0, "import_path")
    if package is None:
        return UNKNOWN
    packages, recursive = args.get(1, "include_packages"), args.get(2, "recursive")
    deep = recursive is not None and recursive.truth() is True
    listed = interp.external(f"pkgutil.{'walk_packages' if deep else 'iter_modules'}").call(
        interp, Args([Sequence([interp.program.directory(package)]), Const(f"{package}.")]), frame
    )
    rows, exact = listed.elements(interp, frame)
    wanted = packages is not None and packages.truth() is True
    found = []
    for row in rows:
        if isinstance(row, Sequence) and (wanted or row.items[2] is FALSE):
            found.append(row.items[1])
    return Sequence(found, "list", not exact)


def teach(knowledge: Knowledge) -> None:
    """Register the functions."""
    knowledge.calls["flask.helpers.get_root_path"] = _root_path
    knowledge.calls["werkzeug.utils.find_modules"] = _find_modules
    knowledge.calls["werkzeug.utils.import_string"] = _import_string
    knowledge.aliases["werkzeug.utils.cached_property"] = "functools.cached_property"
