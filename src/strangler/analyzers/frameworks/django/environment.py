"""django-environ and dj-database-url: settings from the environment, with the default in the code."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    MethodHandler,
    Object,
    Sequence,
    Value,
    doubted,
    words,
)

ENV = "environ.Env"
_WITH_CAST = frozenset(words("list tuple dict"))
"""Methods whose second argument says what the parts are, and not the default."""
_METHODS = words("str bool int float json url path cache email_url search_url list tuple dict")


def _looked_up(default_at: int) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        default = args.get(default_at, "default")
        name = args.text(0, "var")
        if default is None and name is not None and isinstance(receiver, Object):
            stated = receiver.arg(None, name)  # Env(NAME=(cast, default))
            default = stated.items[1] if isinstance(stated, Sequence) and len(stated.items) > 1 else None
        return doubted(default) if default is not None else UNKNOWN

    return handler


def teach(knowledge: Knowledge) -> None:
    """What looking up a variable gives."""
    knowledge.aliases["environ.environ"] = "environ"
    knowledge.hierarchy["environ.FileAwareEnv"] = (ENV,)
    knowledge.methods[f"{ENV}.__call__"] = _looked_up(2)
    for name in ("db", "db_url"):
        knowledge.methods[f"{ENV}.{name}"] = lambda interp, receiver, args, frame: Mapping(open=True)
    for name in ("config", "parse"):
        knowledge.calls[f"dj_database_url.{name}"] = lambda interp, external, args, frame: Mapping(open=True)
    for name in _METHODS:
        knowledge.methods[f"{ENV}.{name}"] = _looked_up(2 if name in _WITH_CAST else 1)
