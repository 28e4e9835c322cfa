"""Rules that code gives werkzeug itself, past an application: which handler serves them is not read."""

from __future__ import annotations

from strangler.analyzers.plugin import Args, External, Frame, Interpreter, Knowledge, Value


def teach(knowledge: Knowledge) -> None:
    """``Map([Rule("/boats", endpoint="boats")])``, ``app.url_map.add(Rule(...))``."""
    for name in ("werkzeug.routing.Rule", "werkzeug.routing.rules.Rule"):
        knowledge.calls[name] = _rule


def _rule(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    if interp.registers():
        path = args.text(0, "string") or "a rule of werkzeug"
        interp.log.failed(frame.module, frame.line, "unresolved-urls", f"what serves {path} is not read")
    return None
