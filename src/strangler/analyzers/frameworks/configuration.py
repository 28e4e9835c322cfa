"""Values from the environment: python-decouple, and the settings classes of Pydantic."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    External,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Value,
    doubted,
)


class Configuration(Framework):
    """What reads the environment: its defaults are what the values may be, and decide nothing."""

    name = "configuration"
    partly = ("decouple", "pydantic", "pydantic_settings")

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.calls["decouple.config"] = _looked_up
        knowledge.filled_from_outside |= {
            "pydantic_settings.BaseSettings",
            "pydantic.BaseSettings",
            "pydantic.v1.BaseSettings",
        }


def _looked_up(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``config("NAME", default=...)``."""
    return doubted(args.get(1, "default") or UNKNOWN)
