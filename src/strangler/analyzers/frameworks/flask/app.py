"""Flask applications and blueprints as values: what is registered on them, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from strangler.analyzers.plugin import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Frame,
    Hook,
    Interpreter,
    Mapping,
    Method,
    Module,
    Object,
    Place,
    Sequence,
    Text,
    Value,
    host_regex,
    is_default,
    join,
    place,
)

UNRESOLVED = "<unresolved:prefix>"
"""Stands for the part of a rule that cannot be told: a variable with an unknown converter."""


@dataclass
class UrlRule:
    """``add_url_rule``."""

    rule: str
    endpoint: str | None
    view: Value | None
    methods: tuple[str, ...] | None
    place: Place
    strict_slashes: bool | None = None
    conditional: bool = False
    """Whether it may not be there."""
    default: bool = False
    """Whether it is made of a default, for which another value may be set."""
    host: str = ""
    """As ``Endpoint.host``."""


@dataclass
class UnknownBlueprint:
    """``register_blueprint`` of something that is no known blueprint."""

    blueprint: Value
    url_prefix: str | None
    place: Place


@dataclass
class Registration:
    """``register_blueprint``; a prefix of None leaves the blueprint's own."""

    blueprint: Scaffold
    url_prefix: str | None
    name: str | None
    place: Place
    doubtful: bool = False
    """Whether the prefix may be another one."""
    host: str = ""
    """The subdomain of its rules that name none."""


@dataclass
class Api:
    """A Flask-RESTful or RESTX ``Api`` on an application or blueprint."""

    api: Value


@dataclass
class Recorded:
    """``blueprint.record``: called with the setup state when the blueprint is registered."""

    function: Value


Entry = UrlRule | Registration | UnknownBlueprint | Api | Recorded


class Scaffold(Object):
    """An application or a blueprint."""

    __slots__ = (
        "called_from",
        "entries",
        "hooks",
        "import_name",
        "mount",
        "name",
        "registering",
        "url_prefix",
    )

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.entries: list[Entry] = []
        self.hooks: list[Hook] = []
        """What runs when it starts, or before its first request."""
        self.name: str | None = None
        self.url_prefix: str | None = None
        self.import_name: str | None = None
        self.mount = ""
        """Where an application is served, if a dispatcher puts it below a prefix."""
        self.registering: list[Scaffold] = []
        """The blueprints whose registration is under way."""
        self.called_from: Place | None = None
        """The line outside its classes that last asked it for something."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        inside = frame.owner is not None and isinstance(self.cls, Class) and frame.owner in self.cls.mro()
        if not inside:
            self.called_from = place(frame)
        return super().get(interp, name, frame)

    def key(self) -> Hashable:
        return ("scaffold", id(self))

    def truth(self) -> bool | None:
        return True


class SetupState(Object):
    """``BlueprintSetupState``: rules pass through it when a blueprint is registered."""

    __slots__ = ("collected",)

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.collected: list[tuple[str, Args]] = []
        """(rule with its prefix, arguments)"""

    def key(self) -> Hashable:
        return ("setup state", id(self))


def set_up_state(interp: Interpreter, state: SetupState, args: Args, frame: Frame) -> None:
    """``BlueprintSetupState.__init__``."""
    blueprint, options = args.get(0, "blueprint") or UNKNOWN, args.get(2, "options")
    given = options.items.get("url_prefix") if isinstance(options, Mapping) else None
    own = blueprint.attrs.get("url_prefix") if isinstance(blueprint, Scaffold) else None
    state.attrs |= {
        "blueprint": blueprint,
        "app": args.get(1, "app") or UNKNOWN,
        "options": options or Mapping(),
        "first_registration": TRUE,
        "url_prefix": given or own or NONE,
    }


def join_prefix(prefix: str | None, rule: str) -> str:
    """As Flask joins a blueprint's prefix and a rule."""
    if prefix is None:
        return rule
    return "/".join((prefix.rstrip("/"), rule.lstrip("/"))) if rule else prefix


@dataclass
class Applications:
    """What was made while the monolith was booted."""

    apps: list[Scaffold] = field(default_factory=list)
    blueprints: list[Scaffold] = field(default_factory=list)
    dispatched: list[Place] = field(default_factory=list)
    """Where a dispatcher is given applications that cannot be told."""
    elsewhere: dict[int, Place] = field(default_factory=dict)
    """``id`` of an application -> where it is dispatched to below a prefix that is not known."""

    def current(self) -> Scaffold | None:
        """What ``current_app`` means: the application made last."""
        return self.apps[-1] if self.apps else None


class Config(Mapping):
    """``app.config``."""

    __slots__ = ("outside",)

    def __init__(self, items: dict[Any, Value] | None = None, open: bool = False) -> None:
        super().__init__(items, open=open)
        self.outside = False
        """Whether settings are loaded that stand outside the source: there is some key more to go through."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if self.outside and name in ("keys", "items"):
            return ConfigRows(self, name)
        loader = _LOADERS.get(name)
        return ConfigMethod(self, loader) if loader is not None else Method(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        keys, exact = super().elements(interp, frame)
        return ([*keys, Text([None])], False) if self.outside else (keys, exact)

    def key(self) -> Hashable:
        return ("config", id(self))


class ConfigRows(Value):
    """``app.config.keys`` and ``items`` where some of the settings stand outside the source."""

    __slots__ = ("config", "name")

    def __init__(self, config: Config, name: str) -> None:
        self.config = config
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        keys = self.config.elements(interp, frame)[0]
        if self.name == "keys":
            return Sequence(keys, "list", True)
        return Sequence(
            [Sequence([key, self.config.item(interp, key, frame)], "tuple") for key in keys], "list", True
        )

    def key(self) -> Hashable:
        return ("config rows", id(self.config), self.name)


def _from_outside(interp: Interpreter, config: Config, args: Args, frame: Frame) -> None:
    interp.registered()
    config.outside = True


class ConfigMethod(Value):
    """``app.config.from_object`` and its like."""

    __slots__ = ("config", "load")

    def __init__(self, config: Config, load: Callable[[Interpreter, Config, Args, Frame], None]) -> None:
        self.config = config
        self.load = load

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        self.load(interp, self.config, args, frame)
        return NONE

    def key(self) -> Hashable:
        return ("config method", id(self.config))


def _from_object(interp: Interpreter, config: Config, args: Args, frame: Frame) -> None:
    given = args.get(0, "obj")
    interp.registered()
    found: dict[str, list[Value]] = {}
    for option in given.options() if given is not None else ():
        source = option
        if isinstance(option, Const) and isinstance(option.value, str):
            source = interp.import_by_name(option.value, frame)
        for name in upper_case_names(interp, source):
            found.setdefault(name, []).append(source.get(interp, name, frame))
    for name, values in found.items():
        config.items[name] = join(values)


def upper_case_names(interp: Interpreter, source: Value) -> list[str]:
    """The settings that an object, class or module holds."""
    names: list[str] = []
    if isinstance(source, Module):
        scope = interp.program.scope(source.name)
        names = list(scope.env) if scope else []
    else:
        cls = source.cls if isinstance(source, Object) else source
        if isinstance(cls, Class):
            names = [name for parent in cls.mro() for name in (*parent.namespace, *parent.annotations)]
        if isinstance(source, Object):
            names += source.attrs
    return [name for name in dict.fromkeys(names) if name.isupper()]


def _from_mapping(interp: Interpreter, config: Config, args: Args, frame: Frame) -> None:
    interp.registered()
    for argument in args.positional:
        if isinstance(argument, Mapping):
            config.items.update(argument.items)
    config.items.update(args.keywords)


def _from_file(interp: Interpreter, config: Config, args: Args, frame: Frame) -> None:
    """A Python file of settings: known if it is one of the monolith's."""
    name = args.text(0)
    if name is None:
        return
    for module, scope in sorted(interp.program.scopes.items()):
        path = scope.facts.path
        if path == name or path.endswith("/" + name.lstrip("./")) or ("/" + path).endswith(name):
            interp.import_noted(module, frame)
            _from_object(interp, config, Args([Module(module)]), frame)
            return


_LOADERS: dict[str, Callable[[Interpreter, Config, Args, Frame], None]] = {
    "from_object": _from_object,
    "from_mapping": _from_mapping,
    "from_pyfile": _from_file,
    "from_file": _from_outside,
    "from_json": _from_outside,
    "from_envvar": _from_outside,
    "from_prefixed_env": _from_outside,
}


def set_up_app(interp: Interpreter, app: Scaffold, args: Args, frame: Frame) -> None:
    """``Flask.__init__``: its arguments and attributes."""
    app.import_name = args.text(0, "import_name")
    app.name = app.import_name
    defaults: dict[object, Value] = {"DEBUG": FALSE, "TESTING": FALSE, "APPLICATION_ROOT": Const("/")}
    app.attrs.setdefault("config", Config(defaults, open=True))
    url_map = Object(interp.external("werkzeug.routing.Map"), Args(), frame)
    url_map.attrs = {"converters": Mapping(open=True), "strict_slashes": TRUE}
    app.attrs.setdefault("url_map", url_map)
    app.attrs.setdefault("view_functions", Mapping(open=True))
    app.attrs.setdefault("extensions", Mapping(open=True))
    app.attrs.setdefault("blueprints", Mapping())
    app.attrs.setdefault("import_name", args.get(0, "import_name") or Text([None]))
    app.attrs.setdefault("name", app.attrs["import_name"])


def set_up_blueprint(interp: Interpreter, blueprint: Scaffold, args: Args, frame: Frame) -> None:
    """``Blueprint.__init__``: name, import name and prefix."""
    blueprint.name = args.text(0, "name")
    blueprint.import_name = args.text(1, "import_name")
    prefix = args.get(None, "url_prefix")
    blueprint.url_prefix = prefix_text(prefix)
    blueprint.attrs.setdefault("name", args.get(0, "name") or Text([None]))
    blueprint.attrs.setdefault("url_prefix", prefix if prefix is not None else NONE)


_VARIABLE = re.compile(r"<(?:[^<>:]+:)?\w+>")


def host_of(args: Args) -> str:
    """What a rule or blueprint with these options is bound to, as ``Endpoint.host``; empty: any host."""
    found = [host_regex(args.get(None, name), _VARIABLE) for name in ("host", "subdomain")]
    return found[0] or found[1]


def prefix_text(value: Value | None) -> str | None:
    """A prefix as a string, of several the first; what is not known of it becomes a variable."""
    for option in value.options() if value is not None else [NONE]:
        if isinstance(option, Const) and (option.value is None or isinstance(option.value, str)):
            return option.value
        if isinstance(option, Text):
            return "".join(UNRESOLVED if part is None else part for part in option.parts)
    return f"/{UNRESOLVED}"


def doubtful_prefix(value: Value | None) -> bool:
    """Whether a prefix may be another one: one of several, or a default that a deployment may change."""
    return is_default(value) or (value is not None and len(list(value.options())) > 1)
