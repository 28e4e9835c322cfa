"""Plug-ins: entry points that the project declares for itself, and pluggy's hooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strangler.analyzers.plugin import (
    SCRIPTS,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Decorator,
    EntryPoints,
    External,
    Found,
    Frame,
    Framework,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    SourceTree,
    Value,
    declared_entry_points,
)
from strangler.model import Diagnostic

MANAGER, MARKER = "pluggy.PluginManager", "pluggy.HookimplMarker"
ENTRY_POINTS = ("importlib.metadata.entry_points", "importlib_metadata.entry_points")
STEVEDORE = {
    "ExtensionManager": "extension",
    "NamedExtensionManager": "named",
    "EnabledExtensionManager": "enabled",
    "DispatchExtensionManager": "dispatch",
    "NameDispatchExtensionManager": "dispatch",
    "DriverManager": "driver",
    "HookManager": "hook",
}
"""Classes of stevedore, whose first argument is a group -> the module that holds each."""


@dataclass(eq=False)
class Implementation:
    """A function marked as the implementation of a hook."""

    function: Function
    rank: int
    """tryfirst before plain before trylast."""


class Plugins(Framework):
    """Discovery through ``importlib.metadata`` and pluggy."""

    name = "pluggy"
    packages = ("pluggy",)
    partly = ("importlib", "importlib_metadata", "pkg_resources", "stevedore")

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.declared: EntryPoints = {}
        self.hooks: dict[str, list[Implementation]] = {}
        self.registered: list[Object] = []
        self.asked: dict[tuple[str, int, str], bool] = {}
        """File, line and group of each place that loads plug-ins -> whether the application starts there."""

    def teach(self, knowledge: Knowledge) -> None:
        self.declared = declared_entry_points(self.tree)
        for name in ENTRY_POINTS:
            knowledge.calls[name] = self._entry_points
        knowledge.calls["pkg_resources.iter_entry_points"] = self._group
        for name, module in STEVEDORE.items():
            knowledge.calls[f"stevedore.{name}"] = self._managed
            knowledge.calls[f"stevedore.{module}.{name}"] = self._managed
        knowledge.aliases["pluggy.manager.PluginManager"] = MANAGER
        knowledge.aliases["pluggy._manager.PluginManager"] = MANAGER
        knowledge.methods[f"{MARKER}.__call__"] = self._mark
        knowledge.methods[f"{MANAGER}.register"] = self._register
        knowledge.methods[f"{MANAGER}.load_setuptools_entrypoints"] = self._load
        knowledge.registrars.add(MANAGER)
        knowledge.instance_members[MANAGER] = lambda interp, obj, name, frame: (
            HookRelay(self) if name == "hook" else None
        )

    def collect(self, interp: Interpreter) -> Found:
        return Found(present=bool(self.hooks), diagnostics=[*self._unseen()])

    def _unseen(self) -> Iterator[Diagnostic]:
        """Where plug-ins are loaded that other distributions may bring."""
        told = {(file, line) for file, line, group in self.asked if group}
        for (file, line, group), at_start in sorted(self.asked.items()):
            if group in SCRIPTS or (not group and (file, line) in told):
                continue
            own = len(self.declared.get(group, ()))
            known = f" ({own} of the tree's own are read)" if own else ""
            what = f"the group {group}" if group else "a group that cannot be told"
            does = "register routes, tables and tasks" if at_start else "read and write data"
            yield Diagnostic(
                file=file,
                line=line,
                code="unseen-plugins",
                severity="note",
                message=f"entry points of {what} are loaded{known}: those of other distributions are not "
                f"seen, and may {does}",
                weakens=("endpoints", "tables", "tasks") if at_start else ("accesses", "calls"),
            )

    # -- entry points ----------------------------------------------------------------------------

    def points(self, interp: Interpreter, group: str | None, frame: Frame) -> Value:
        """The entry points of a group that the monolith itself declares; there may be others' too."""
        place = (frame.module.facts.path, frame.line, group or "")
        self.asked[place] = self.asked.get(place, False) or interp.booting
        if group is None:
            return UNKNOWN
        found = self.declared.get(group, {})
        return Sequence([EntryPoint(name, value, group) for name, value in sorted(found.items())])

    def _entry_points(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        group = args.text(None, "group")
        return self.points(interp, group, frame) if args.get(None, "group") is not None else Groups(self)

    def _group(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        return self.points(interp, args.text(0, "group"), frame)

    def _managed(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        self.points(interp, args.text(0, "namespace"), frame)
        return None

    def _load(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        points = self.points(interp, args.text(0, "group"), frame)
        for point in points.items if isinstance(points, Sequence) else ():
            if isinstance(point, EntryPoint):
                Loader(point).call(interp, Args(), frame)
        return None

    # -- hooks -----------------------------------------------------------------------------------

    def _mark(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        target = args.get(0)
        if isinstance(target, Function):
            self._implement(target, args)
            return target

        def apply(function: Value, inner: Frame) -> Value | None:
            if isinstance(function, Function):
                self._implement(function, args)
            return None

        return Decorator(apply)

    def _implement(self, function: Function, options: Args) -> None:
        rank = 1
        for value, option in ((0, "tryfirst"), (2, "trylast")):
            given = options.get(None, option)
            if given is not None and given.truth() is True:
                rank = value
        name = options.text(None, "specname") or function.name
        known = self.hooks.setdefault(name, [])
        if all(one.function is not function for one in known):
            known.append(Implementation(function, rank))

    def _register(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        plugin = args.get(0, "plugin")
        if isinstance(plugin, Object) and isinstance(plugin.cls, Class) and plugin not in self.registered:
            self.registered.append(plugin)
        return None

    def call_hook(self, interp: Interpreter, name: str, args: Args, frame: Frame) -> Value:
        """Call every implementation with those of the arguments that it takes."""
        results: list[Value] = []
        for one in sorted(self.hooks.get(name, ()), key=lambda i: i.rank):
            function = one.function
            taken = {n: v for n, v in args.keywords.items() if n in {p.name for p in function.params}}
            if function.owner is None:
                results.append(function.call(interp, Args([], taken), frame))
                continue
            for plugin in self.registered:
                if isinstance(plugin.cls, Class) and function.owner in plugin.cls.mro():
                    results.append(Bound(function, plugin).call(interp, Args([], taken), frame))
        known = [r for r in results if not (isinstance(r, Const) and r.value is None)]
        return Sequence(known, "list", True)


class HookRelay(Value):
    """``manager.hook``."""

    __slots__ = ("plugins",)

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Hook(self.plugins, name)

    def key(self) -> object:
        return ("hooks",)


class Hook(Value):
    """``manager.hook.name``."""

    __slots__ = ("name", "plugins")

    def __init__(self, plugins: Plugins, name: str) -> None:
        self.plugins = plugins
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.plugins.call_hook(interp, self.name, args, frame)

    def key(self) -> object:
        return ("hook", self.name)


class Groups(Value):
    """``entry_points()`` without a group."""

    __slots__ = ("plugins",)

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Selection(self.plugins) if name in ("select", "get") else UNKNOWN

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        group = key.value if isinstance(key, Const) else None
        return self.plugins.points(interp, group if isinstance(group, str) else None, frame)

    def key(self) -> object:
        return ("entry points",)


class Selection(Value):
    """``entry_points().select``."""

    __slots__ = ("plugins",)

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.plugins.points(interp, args.text(0, "group"), frame)

    def key(self) -> object:
        return ("entry points", "select")


class EntryPoint(Value):
    """One entry point: ``name = package.module:attribute``."""

    __slots__ = ("group", "name", "value")

    def __init__(self, name: str, value: str, group: str) -> None:
        self.name = name
        self.value = value
        self.group = group

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("load", "resolve"):
            return Loader(self)
        module, _, attribute = self.value.partition(":")
        texts = {"module": module, "module_name": module, "attr": attribute, "name": self.name}
        texts |= {"value": self.value, "group": self.group}
        return Const(texts[name]) if name in texts else UNKNOWN

    def truth(self) -> bool | None:
        return True

    def key(self) -> object:
        return ("entry point", self.group, self.name, self.value)


class Loader(Value):
    """``entry_point.load``."""

    __slots__ = ("point",)

    def __init__(self, point: EntryPoint) -> None:
        self.point = point

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return interp.import_by_name(self.point.value.replace(":", "."), frame)

    def key(self) -> object:
        return ("load", self.point.key())
