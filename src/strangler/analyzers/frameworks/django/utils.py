"""``django.utils``: what imports by a name, what is lazy, and decorators like Python's own."""

from __future__ import annotations

from strangler.analyzers.plugin import UNKNOWN, Args, External, Frame, Interpreter, Knowledge, Value

ALIASES = {
    "django.utils.decorators.classonlymethod": "builtins.classmethod",
    "django.utils.decorators.classproperty": "builtins.property",
    "django.utils.functional.classproperty": "builtins.property",
    "django.utils.functional.cached_property": "functools.cached_property",
    "django.utils.module_loading.import_by_path": "django.utils.module_loading.import_string",
}


def _import_string(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name, given = args.text(0, "dotted_path"), args.get(0, "dotted_path")
    if not name or given is None:
        return UNKNOWN
    return interp.import_by_name(name.replace(":", "."), frame, given.truth() is True)


def _lazy(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return args.get(0, "func") or UNKNOWN


def teach(knowledge: Knowledge) -> None:
    """Register the functions."""
    knowledge.aliases.update(ALIASES)
    knowledge.calls["django.utils.module_loading.import_string"] = _import_string
    knowledge.calls["django.utils.functional.lazy"] = _lazy
