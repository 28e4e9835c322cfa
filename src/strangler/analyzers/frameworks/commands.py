"""Commands of the command line: click, Typer, Flask's own, and the scripts that the project declares."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from strangler.analyzers.plugin import (
    NONE,
    SCRIPTS,
    UNKNOWN,
    Args,
    Const,
    Decorator,
    External,
    Found,
    Frame,
    Framework,
    Function,
    Interpreter,
    Knowledge,
    Object,
    SourceTree,
    Value,
    declared_entry_points,
    unwrapped,
)
from strangler.model import Command

GROUP, TYPER = "click.Group", "typer.Typer"
GROUP_CLASSES = (
    "flask.cli.FlaskGroup",
    "flask.cli.AppGroup",
    "click.CommandCollection",
    "click.MultiCommand",
)


class CommandValue(Object):
    """A click command or group; commands below it carry its name in front."""

    __slots__ = ("children", "handler", "label", "named")

    def __init__(self, cls: Value, frame: Frame, handler: Value | None, label: str | None) -> None:
        super().__init__(cls, Args(), frame)
        self.handler = handler
        self.label = label
        self.children: list[tuple[str, CommandValue]] = []
        self.named = False
        """Whether a group's name is part of its commands' names although nothing is seen above it."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "callback" and self.handler is not None:
            return self.handler
        if name == "name" and self.label is not None:
            return Const(self.label)
        return super().get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return UNKNOWN

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("command", id(self))


class Commands(Framework):
    """What can be started from a shell."""

    name = "click"
    packages = ("click", "typer", "flask", "rich_click", "asyncclick")
    always = True  # pyproject.toml declares scripts that use none of them

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.all: list[CommandValue] = []

    def teach(self, knowledge: Knowledge) -> None:
        for name in GROUP_CLASSES:
            knowledge.hierarchy[name] = (GROUP,)
        knowledge.aliases |= {"click.core.Group": GROUP, "rich_click": "click", "asyncclick": "click"}
        knowledge.aliases |= {"typer.main.Typer": TYPER, "flask.cli.with_appcontext": "flask.with_appcontext"}
        knowledge.calls["flask.with_appcontext"] = lambda interp, external, args, frame: args.get(0)
        knowledge.calls["click.command"] = self._maker("click.Command")
        knowledge.calls["click.group"] = self._maker(GROUP)
        for name in (GROUP, TYPER, *GROUP_CLASSES):
            knowledge.calls[name] = self._new
        for owner in (GROUP, TYPER):
            knowledge.methods |= {
                f"{owner}.command": self._below("click.Command"),
                f"{owner}.group": self._below(GROUP),
                f"{owner}.callback": _callback,
                f"{owner}.add_command": _add_command,
                f"{owner}.add_typer": _add_command,
                f"{owner}.cli": _callback,
            }
        knowledge.instance_members["flask.Scaffold"] = self._flask_cli

    # -- making ------------------------------------------------------------------------------------

    def _make(
        self, interp: Interpreter, kind: str, frame: Frame, handler: Value | None, label: str | None
    ) -> CommandValue:
        command = CommandValue(interp.external(kind), frame, handler, label)
        if interp.registers():
            self.all.append(command)
        return command

    def _new(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        name = args.text(None, "name") or (args.text(0) if external.name != TYPER else None)
        kind = TYPER if external.name == TYPER else GROUP
        return self._make(interp, kind, frame, None, name)

    def _maker(self, kind: str) -> Callable[[Interpreter, External, Args, Frame], Value | None]:
        def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
            return self._decorate(interp, kind, args, frame, None)

        return call

    def _below(self, kind: str) -> Callable[[Interpreter, Value, Args, Frame], Value | None]:
        def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
            return self._decorate(interp, kind, args, frame, receiver)

        return call

    def _decorate(
        self, interp: Interpreter, kind: str, args: Args, frame: Frame, parent: Value | None
    ) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            handler = unwrapped(interp, target)
            if handler is None:
                return None
            label = args.text(0, "name") or handler.name.lower().replace("_", "-")
            command = self._make(interp, kind, inner, target, label)
            for option in parent.options() if parent is not None else ():
                if isinstance(option, CommandValue):
                    option.children.append((label, command))
            # Typer leaves the function as it is; click puts a command in its place.
            return target if isinstance(parent, CommandValue) and _is_typer(parent) else command

        first = args.get(0)
        if isinstance(first, Function):
            return Decorator(apply).call(interp, Args([first]), frame) if not args.text(0) else None
        return Decorator(apply)

    def _flask_cli(self, interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
        if name != "cli":
            return None
        if "cli" not in obj.attrs:
            # Commands of a blueprint stand below its name, those of the application at the top.
            label = getattr(obj, "name", None) if "flask.Blueprint" in interp.lineage(obj) else None
            group = self._make(interp, GROUP, frame, None, label)
            group.named = label is not None
            obj.attrs["cli"] = group
        return obj.attrs["cli"]

    # -- results -----------------------------------------------------------------------------------

    def collect(self, interp: Interpreter) -> Found:
        found: dict[Command, None] = {}
        inner = {id(child) for command in self.all for _, child in command.children}
        for command in self.all:
            if id(command) not in inner:
                # The outermost group is the program itself.
                label = "" if command.children and not command.named else command.label or ""
                for name, handler in _flatten(command, label, 0):
                    target = unwrapped(interp, handler)
                    if target is not None and name:
                        found[Command(name=name, handler=target.dotted)] = None
        for group, points in sorted(declared_entry_points(self.tree).items()):
            for name, value in sorted(points.items()) if group in SCRIPTS else ():
                target = unwrapped(interp, interp.program.resolve(value.replace(":", ".")))
                if target is not None:
                    found[Command(name=name, handler=target.dotted)] = None
        return Found(present=bool(self.all), commands=list(found))


def _flatten(command: CommandValue, name: str, depth: int) -> list[tuple[str, Value]]:
    found = []
    if command.handler is not None and not command.children:
        found.append((name, command.handler))
    for label, child in command.children if depth < 10 else ():
        found += _flatten(child, f"{name} {label}".strip(), depth + 1)
    return found


def _is_typer(command: CommandValue) -> bool:
    return isinstance(command.cls, External) and command.cls.name == TYPER


def _callback(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return Decorator(lambda target, inner: None)


def _add_command(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    command = args.get(0)
    for option in command.options() if command is not None else ():
        if isinstance(receiver, CommandValue) and isinstance(option, CommandValue) and interp.registers():
            label = args.text(1, "name") or option.label or ""
            receiver.children.append((label, option))
    return NONE
