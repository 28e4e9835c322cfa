"""Values from the environment.

python-decouple, environs, prettyconf, Dynaconf, and the settings classes of Pydantic.
"""

from __future__ import annotations

from strangler.analyzers.plugin import (
    Args,
    External,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Value,
    unset,
    words,
)


class Configuration(Framework):
    """What reads the environment: its defaults are what the values may be, and decide nothing."""

    name = "configuration"
    partly = ("decouple", "dynaconf", "environs", "prettyconf", "pydantic", "pydantic_settings")

    def teach(self, knowledge: Knowledge) -> None:
        for name in _CALLS:
            knowledge.calls[name] = _looked_up
        for name in _METHODS:
            knowledge.methods[name] = _asked
        knowledge.fields |= {"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field"}
        knowledge.filled_from_outside |= {
            "pydantic_settings.BaseSettings",
            "pydantic.BaseSettings",
            "pydantic.v1.BaseSettings",
        }


_CALLS = words("decouple.config prettyconf.config")
_METHODS = [
    *words("dynaconf.Dynaconf.get dynaconf.LazySettings.get decouple.Config.__call__ environs.Env.__call__"),
    *(f"environs.Env.{kind}" for kind in words("str bool int float decimal list tuple dict json path url")),
]


def _looked_up(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``config("NAME", default=...)``."""
    return unset(args.get(1, "default"))


def _asked(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """``env.str("NAME", "default")`` and the like."""
    return unset(args.get(1, "default"))
