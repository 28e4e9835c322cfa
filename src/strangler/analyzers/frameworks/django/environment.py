"""Settings from the environment, with the default in the code.

django-environ, dj-database-url and the values of django-configurations.
"""

from __future__ import annotations

from strangler.analyzers.plugin import (
    Args,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    MethodHandler,
    Object,
    Sequence,
    Value,
    unset,
    words,
)

ENV = "environ.Env"
_WITH_CAST = frozenset(words("list tuple dict"))
"""Methods whose second argument says what the parts are, and not the default."""
_METHODS = words("str bool int float json url path cache email_url search_url list tuple dict")
_VALUES = words("""
    Value BooleanValue IntegerValue PositiveIntegerValue FloatValue DecimalValue ListValue TupleValue SetValue
    SingleNestedListValue SingleNestedTupleValue BackendsValue DictValue EmailValue URLValue IPValue
    RegexValue PathValue
""")


def _value_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """``Base.INSTALLED_APPS.default``: a value is itself until the settings are set up."""
    return obj.arg(0, "default") if name in ("default", "value") else None


def _looked_up(default_at: int) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        default = args.get(default_at, "default")
        name = args.text(0, "var")
        if default is None and name is not None and isinstance(receiver, Object):
            stated = receiver.arg(None, name)  # Env(NAME=(cast, default))
            default = stated.items[1] if isinstance(stated, Sequence) and len(stated.items) > 1 else None
        return unset(default)

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
    for name in _VALUES:
        knowledge.instance_members[f"configurations.values.{name}"] = _value_member
    for name in _METHODS:
        knowledge.methods[f"{ENV}.{name}"] = _looked_up(2 if name in _WITH_CAST else 1)
