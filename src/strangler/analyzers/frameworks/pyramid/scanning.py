"""venusian: what decorators attach takes effect when a scanner finds it."""

from __future__ import annotations

from dataclasses import dataclass, field

from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Function,
    Hook,
    Interpreter,
    Knowledge,
    Object,
    Value,
    run_hooks,
)

SCANNER = "venusian.Scanner"


@dataclass(frozen=True)
class Attachment:
    """A callback for something that was decorated."""

    wrapped: Value
    callback: Value
    frame: Frame
    line: int


@dataclass
class Attachments:
    """All attachments, and the classes that take over those of their parents."""

    rows: list[Attachment] = field(default_factory=list)
    lifted: list[Class] = field(default_factory=list)

    def teach(self, knowledge: Knowledge) -> None:
        """Add venusian to what is known."""
        knowledge.calls["venusian.attach"] = self._attach
        knowledge.calls["venusian.lift"] = self._lift
        knowledge.calls["venusian.onlyliftedfrom"] = lambda interp, external, args, frame: Decorator(
            lambda target, inner: None
        )
        knowledge.calls[SCANNER] = _scanner
        knowledge.methods[f"{SCANNER}.scan"] = self._scan

    def _attach(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        wrapped, callback = args.get(0, "wrapped"), args.get(1, "callback")
        if wrapped is not None and callback is not None and interp.registers():
            self.rows.append(Attachment(wrapped, callback, frame, frame.line))
        return Object(External("venusian.AttachInfo"), args, frame)

    def _lift(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(target, Class):
                self.lifted.append(target)
            return None

        return Decorator(apply)

    def _scan(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        if interp.registers():
            self.run(interp, receiver)
        return NONE

    def run(self, interp: Interpreter, scanner: Value) -> None:
        """Call every callback as the scanner does."""
        hooks = []
        for row in self.rows:
            name = row.wrapped.name if isinstance(row.wrapped, (Function, Class)) else None
            given = Args([scanner, Const(name) if name else UNKNOWN, row.wrapped])
            hooks.append(Hook(row.callback, given, row.frame, row.line))
        run_hooks(interp, hooks)


def _scanner(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``Scanner(app=app)``: the keywords are attributes."""
    scanner = Object(external, args, frame)
    scanner.attrs.update(args.keywords)
    return scanner
