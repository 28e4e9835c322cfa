"""Builtin functions and the methods of builtin containers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from strangler.analyzers.python import files, ir, patterns, text
from strangler.analyzers.python.expressions import iterate, put
from strangler.analyzers.python.knowledge import CallHandler, Knowledge
from strangler.analyzers.python.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    Mapping,
    Method,
    Module,
    Object,
    Sequence,
    Super,
    Text,
    Union,
    Value,
    Wrapper,
    join,
    mapping_key,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter


LONGEST_LIST = 3000
"""Elements that a growing list is followed to."""


def builtin_method(ip: Interpreter, receiver: Value, name: str, args: Args, frame: Frame) -> Value | None:
    """A method of a string, list, dict or property; None for other receivers."""
    if isinstance(receiver, (Const, Text)):
        items, exact = args.positional[0].elements(ip, frame) if args.positional else ([], True)
        return text.call_method(receiver, name, args, items, exact)
    if isinstance(receiver, Sequence):
        return _sequence_method(ip, receiver, name, args, frame)
    if isinstance(receiver, Mapping):
        return _mapping_method(ip, receiver, name, args, frame)
    if isinstance(receiver, Wrapper):
        return _property_method(receiver, name, args)
    if isinstance(receiver, Class):
        if name == "__subclasses__":
            subclasses = [c for c in ip.program.classes if receiver in c.mro()[1:]]
            return Sequence(list(subclasses), "list")
        if name == "mro":
            return Sequence(list(receiver.mro()), "list")
    return None


def _sequence_method(ip: Interpreter, receiver: Sequence, name: str, args: Args, frame: Frame) -> Value:
    first = args.get(0)
    if name in ("append", "add", "appendleft") and first is not None:
        if receiver.kind == "set" and any(item is first for item in receiver.items):
            pass
        elif len(receiver.items) < LONGEST_LIST and (ip.booting or first is not UNKNOWN):
            receiver.items.append(first)
        else:
            receiver.open = True
        return NONE
    if name == "insert" and len(args.positional) > 1:
        index = args.positional[0]
        at = index.value if isinstance(index, Const) and isinstance(index.value, int) else 0
        receiver.items.insert(at, args.positional[1])
        return NONE
    if name in ("extend", "update", "union", "intersection", "difference", "__add__"):
        target = (
            receiver
            if name in ("extend", "update")
            else Sequence(list(receiver.items), receiver.kind, receiver.open)
        )
        for argument in args.positional:
            items, exact = argument.elements(ip, frame)
            if name not in ("intersection", "difference"):
                target.items += items[: LONGEST_LIST - len(target.items)]
            target.open = target.open or not exact
        return NONE if target is receiver else target
    if name == "copy":
        return Sequence(list(receiver.items), receiver.kind, receiver.open)
    if name in ("pop", "popleft", "__getitem__"):
        return join(receiver.items)
    if name == "sort":
        return NONE
    if name == "remove":
        return NONE
    return UNKNOWN


def _mapping_method(ip: Interpreter, receiver: Mapping, name: str, args: Args, frame: Frame) -> Value:
    first, second = args.get(0), args.get(1)
    if name in ("get", "pop", "__getitem__") and first is not None:
        value = receiver.item(ip, first, frame)
        if isinstance(first, Const) and first.value in receiver.items:
            return value
        key = mapping_key(first)
        exact = name == "get" and ip.booting and not receiver.open and key is not UNKNOWN
        if exact and key not in receiver.items:
            return second or NONE
        return join([value, second]) if second is not None else value
    if name == "setdefault" and first is not None:
        value = receiver.item(ip, first, frame)
        if value is UNKNOWN and second is not None:
            put(receiver, first, second)
            return second
        return value
    if name == "update":
        for argument in args.positional:
            if isinstance(argument, Mapping):
                receiver.items.update(argument.items)
                receiver.others += argument.others
                receiver.open = receiver.open or argument.open
            else:
                receiver.open = True
        receiver.items.update(args.keywords)
        return NONE
    if name == "copy":
        return Mapping(dict(receiver.items), list(receiver.others), receiver.open)
    if name == "values":
        return Sequence([*receiver.items.values(), *receiver.others], "list", receiver.open)
    if name == "keys":
        return Sequence([_key(k) for k in receiver.items], "list", receiver.open)
    if name == "items":
        pairs: list[Value] = [Sequence([_key(k), v], "tuple") for k, v in receiver.items.items()]
        pairs += [Sequence([UNKNOWN, v], "tuple") for v in receiver.others]
        return Sequence(pairs, "list", receiver.open)
    return UNKNOWN


def _key(key: object) -> Value:
    return key if isinstance(key, Value) else Const(key)


def _property_method(receiver: Wrapper, name: str, args: Args) -> Value | None:
    setter = args.get(0)
    if name in ("setter", "getter", "deleter", "expression", "comparator"):
        inner = receiver.function
        if isinstance(setter, Wrapper):
            setter = setter.function
        if isinstance(inner, Function) and isinstance(setter, Function):
            inner.attrs[name] = setter
        return receiver
    return None


# -- builtin functions -------------------------------------------------------------------------------


def _first(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return args.get(0) or UNKNOWN


def _options(value: Value | None) -> list[Value]:
    return list(value.options()) if value is not None else []


def _getattr(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name, default = args.get(0), args.text(1), args.get(2)
    if target is None or name is None:
        columns = [o.get(ip, "*", frame) for o in _options(target) if isinstance(o, Class)]
        columns = [c for c in columns if c is not UNKNOWN and not isinstance(c, Method)]
        if columns:  # some column of a known table
            return join(columns)
        if not ip.booting and any(
            not ip.knowledge.carriers.isdisjoint(ip.lineage(o)) for o in _options(target)
        ):
            ip.unresolved_access(frame, "an attribute that is chosen at run time")
        return UNKNOWN
    value = target.get(ip, name, frame) if target is not UNKNOWN else UNKNOWN
    vague = (Method, External) if isinstance(target, (External, Union)) else Method
    guess = all(isinstance(option, vague) for option in value.options())
    if default is not None and (value is UNKNOWN or guess):
        # While an application puts itself together the default is what it gets; later nobody knows.
        return default if ip.booting else UNKNOWN
    return value


def _setattr(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name, value = args.get(0), args.text(1), args.get(2)
    if target is not None and value is not None:
        if name is not None:
            target.store(ip, name, value, frame)
            return NONE
        for option in target.options():  # an attribute chosen at run time, for whom it may concern
            if isinstance(option, Object):
                ip.store_unnamed(option, value, frame)
    return NONE


def _hasattr(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name = args.get(0), args.text(1)
    if target is None or name is None or target is UNKNOWN:
        return UNKNOWN
    value = target.get(ip, name, frame)  # may run a query, as it does in Python
    cls = target.cls if isinstance(target, Object) else target
    if isinstance(cls, Class):
        if cls.find(name) is not None:
            return TRUE
        bases = cls.ancestors(ip)
        if all(base in ip.knowledge.public for base in bases):
            if any(name in ip.knowledge.public[base] for base in bases):
                return TRUE
            return UNKNOWN if isinstance(target, Object) else FALSE
    elif isinstance(target, Module):
        return UNKNOWN if value is UNKNOWN else TRUE
    elif isinstance(target, Function) and not isinstance(value, Method):
        return TRUE
    return UNKNOWN


def _dir(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target = args.get(0)
    cls = target.cls if isinstance(target, Object) else target
    if isinstance(cls, Class):
        names = {name for parent in cls.mro() for name in parent.namespace}
        return Sequence([Const(name) for name in sorted(names)], "list")
    if isinstance(target, Module):
        scope = ip.program.scope(target.name)
        return Sequence([Const(name) for name in sorted(scope.env)] if scope else [], "list")
    return UNKNOWN


def _namedtuple(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name, fields = args.text(0, "typename"), args.get(1, "field_names")
    if name is None or fields is None:
        return UNKNOWN
    if isinstance(fields, Const) and isinstance(fields.value, str):
        names = fields.value.replace(",", " ").split()
    else:
        items, _ = fields.elements(ip, frame)
        names = [str(i.value) for i in items if isinstance(i, Const)]
        names += [
            str(i.items[0].value) for i in items if isinstance(i, Sequence) and isinstance(i.items[0], Const)
        ]
    cls = Class(frame.module, ip.qualify(name, frame), name, frame.line, frame.line)
    cls.extra["fields"] = names
    cls.annotations = dict.fromkeys(names, ([ir.CONST, frame.line, None], frame))
    return cls


def _super(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    if len(args.positional) >= 2 and isinstance(args.positional[0], Class):
        return Super(args.positional[0], args.positional[1])
    scope: Frame | None = frame
    while scope is not None and scope.callee is not None and scope.callee.owner is None:
        scope = scope.parent
    if scope is None or scope.callee is None or scope.callee.owner is None or not scope.callee.params:
        return UNKNOWN
    receiver = scope.locals.get(scope.callee.params[0][0], UNKNOWN)
    return join([Super(scope.callee.owner, option) for option in receiver.options() if option is not UNKNOWN])


def _with_key(ip: Interpreter, items: list[Value], args: Args, frame: Frame) -> None:
    """``key=`` of ``sorted``, ``min`` and ``max`` is called with the elements."""
    key = args.get(None, "key")
    if key is not None and items:
        key.call(ip, Args([join(items)]), frame)


def _collect(kind: str) -> CallHandler:
    def build(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        source = args.get(0)
        if source is None:
            return Sequence([], kind)
        items, exact = source.elements(ip, frame)
        _with_key(ip, items, args, frame)
        if kind != "set" and "reversed" in external.name:
            items.reverse()
        return Sequence(items, kind, not exact)

    return build


def _dict(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Mapping(open=args.open)
    source = args.get(0)
    if isinstance(source, Mapping):
        result = Mapping(dict(source.items), list(source.others), source.open)
    elif source is not None:
        pairs, exact = source.elements(ip, frame)
        for pair in pairs:
            if isinstance(pair, Sequence) and len(pair.items) == 2:
                put(result, pair.items[0], pair.items[1])
        result.open = result.open or not exact
    result.items.update(args.keywords)
    return result


def _enumerate(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    items, exact = source.elements(ip, frame) if source else ([], False)
    pairs: list[Value] = [Sequence([Const(n), item], "tuple") for n, item in enumerate(items)]
    if not exact:
        pairs = [Sequence([UNKNOWN, join(items)], "tuple")]
    return Sequence(pairs, "list", not exact)


def _zip(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    columns = [source.elements(ip, frame) for source in args.positional]
    if columns and all(exact for _, exact in columns):
        rows = zip(*(items for items, _ in columns), strict=False)
        return Sequence([Sequence(list(row), "tuple") for row in rows])
    return Sequence([Sequence([join(items) for items, _ in columns], "tuple")], "list", True)


def _map(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    if function is None or source is None:
        return UNKNOWN
    items, exact = iterate(ip, source, frame)
    return Sequence([function.call(ip, Args([item]), frame) for item in items], "list", not exact)


def _filter(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    items, _ = source.elements(ip, frame) if source else ([], False)
    if function is not None and items:
        function.call(ip, Args([join(items)]), frame)
    return Sequence(items, "list", True)


def _element(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is None:
        return UNKNOWN
    items, _ = source.elements(ip, frame)
    _with_key(ip, items, args, frame)
    if "next" not in external.name and len(args.positional) > 1:
        return join(args.positional)
    return join([*items, *args.positional[1:]])


def _evaluated(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is not None:
        source.elements(ip, frame)
    return UNKNOWN


def _len(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is None:
        return UNKNOWN
    items, exact = source.elements(ip, frame)
    return Const(len(items)) if exact and isinstance(source, (Sequence, Mapping)) else UNKNOWN


def _type(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if len(args.positional) == 3:
        return _make_class(ip, args, frame)
    if isinstance(value, Object):
        return value.cls
    return join([v.cls for v in value.options() if isinstance(v, Object)]) if value else UNKNOWN


def _make_class(ip: Interpreter, args: Args, frame: Frame) -> Value:
    name = args.text(0)
    if name is None:
        return UNKNOWN
    cls = Class(frame.module, ip.qualify(name, frame), name, frame.line, frame.line)
    cls.bases = args.positional[1].elements(ip, frame)[0]
    body = args.positional[2]
    if isinstance(body, Mapping):
        cls.namespace = {k: v for k, v in body.items.items() if isinstance(k, str)}
    ip.classes.append(cls)
    ip.program.classes.append(cls)
    for hook in ip.knowledge.class_hooks:
        hook(ip, cls, frame)
    return cls


def _str(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    return text.build(text.parts_of(value)) if value is not None else Const("")


def _bool(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    truth = value.truth() if value is not None else False
    return UNKNOWN if truth is None else Const(truth)


def _int(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, Const) and isinstance(value.value, (str, int, bool)):
        try:
            return Const(int(value.value))
        except ValueError:
            return UNKNOWN
    return UNKNOWN


def _range(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    ends = [a.value for a in args.positional if isinstance(a, Const) and isinstance(a.value, int)]
    if len(ends) == len(args.positional) and ends:
        numbers = range(*ends[:3]) if all(ends[2:3] or [1]) else range(0)
        if len(numbers) <= 100:
            return Sequence([Const(n) for n in numbers])
    return Sequence([], "list", True)


def _isinstance(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value, kinds = args.get(0), args.get(1)
    if value is None or kinds is None or value is UNKNOWN:
        return UNKNOWN
    wanted = kinds.items if isinstance(kinds, Sequence) else [kinds]
    if isinstance(value, Object) and isinstance(value.cls, Class):
        lineage = value.cls.mro()
        if all(isinstance(k, Class) for k in wanted):
            if any(k in lineage for k in wanted):
                return TRUE
            if value.args is not None:
                return FALSE
        libraries = {k.name for k in wanted if isinstance(k, External)}
        if libraries & value.cls.ancestors(ip):
            return TRUE
        if libraries and len(libraries) == len(wanted) and value.cls.ancestors(ip) <= {"builtins.object"}:
            return FALSE
    names = {k.name for k in wanted if isinstance(k, External)}
    if isinstance(value, Object) and isinstance(value.cls, External) and len(names) == len(wanted):
        if names & ip.knowledge.lineage(value.cls.name):
            return TRUE
        if value.cls.name in ip.knowledge.public:
            return FALSE
    simple = {"builtins.str": str, "builtins.int": int, "builtins.bool": bool}
    if isinstance(value, Const) and names and names <= set(simple) and len(names) == len(wanted):
        return Const(any(isinstance(value.value, simple[n]) for n in names))
    if isinstance(value, Text) and names == {"builtins.str"}:
        return TRUE
    if names and len(names) == len(wanted):
        return _is_one_of(value, names)
    return UNKNOWN


_PLAIN = {f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "dict", "str", "int", "bool")}
_ABSTRACT = ("typing.", "types.", "collections.", "builtins.", "abc.", "inspect.")


def _is_one_of(value: Value, names: set[str]) -> Value:
    """Whether a value that is no instance of a class of its own is of one of these library types."""
    if isinstance(value, (Sequence, Mapping)) and names <= _PLAIN:
        kind = value.kind if isinstance(value, Sequence) else "dict"
        return Const(f"builtins.{kind}" in names or (kind == "set" and "builtins.frozenset" in names))
    if isinstance(value, Class) and "builtins.type" in names:
        return TRUE
    plain = isinstance(value, (Const, Text, Sequence, Mapping, Module, Function, Class))
    if plain and not any(name.startswith(_ABSTRACT) for name in names):
        return FALSE
    return UNKNOWN


def _is_class(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, Class):
        return TRUE
    return FALSE if isinstance(value, (Function, Bound, Const, Object, Module, Sequence)) else UNKNOWN


def _is_function(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, Function):
        return TRUE
    return FALSE if isinstance(value, (Class, Const, Object, Module, Sequence)) else UNKNOWN


def _callable(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, (Function, Class, Bound, Method)):
        return TRUE
    return FALSE if isinstance(value, (Const, Text, Sequence, Mapping, Module)) else UNKNOWN


def _getmembers(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, predicate = args.get(0), args.get(1)
    names = _dir(ip, external, Args([target] if target is not None else []), frame)
    rows: list[Value] = []
    exact = isinstance(names, Sequence)
    for name in names.items if isinstance(names, Sequence) else []:
        member = target.get(ip, str(name.value), frame) if target and isinstance(name, Const) else UNKNOWN
        keep = predicate.call(ip, Args([member]), frame).truth() if predicate is not None else True
        if keep is not False:
            rows.append(Sequence([name, member], "tuple"))
            exact = exact and keep is True
    return Sequence(rows, "list", not exact)


def _context(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    function = args.get(0)
    if isinstance(function, Function):
        function.attrs["<context>"] = TRUE
    return function


def _issubclass(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value, kinds = args.get(0), args.get(1)
    if isinstance(value, Class) and kinds is not None:
        wanted = kinds.items if isinstance(kinds, Sequence) else [kinds]
        for kind in wanted:
            if kind in value.mro() or (isinstance(kind, External) and kind.name in value.ancestors(ip)):
                return TRUE
        if all(isinstance(kind, Class) for kind in wanted):
            return Const(False)
    return UNKNOWN


def _import_module(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0)
    if name is None:
        return UNKNOWN
    if name.startswith("."):
        package = args.text(1, "package") or frame.module.package
        while name.startswith(".."):
            package, name = package.rpartition(".")[0], name[1:]
        name = f"{package}{name}"
    return ip.import_by_name(name, frame)


def _import_string(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0)
    return ip.import_by_name(name.replace(":", "."), frame) if name else UNKNOWN


def _partial(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0)
    if function is None:
        return UNKNOWN
    return Partial(function, Args(args.positional[1:], args.keywords, args.open))


class Partial(Value):
    """``functools.partial``."""

    by_identity = True

    __slots__ = ("args", "function")

    def __init__(self, function: Value, args: Args) -> None:
        self.function = function
        self.args = args

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return self.function if name == "func" else UNKNOWN

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        merged = Args(
            [*self.args.positional, *args.positional],
            {**self.args.keywords, **args.keywords},
            self.args.open or args.open,
        )
        return self.function.call(ip, merged, frame)

    def key(self) -> object:
        return ("partial", self.function.key(), *(a.key() for a in self.args.all()))


class _Wraps(Value):
    """The decorator that ``functools.wraps(f)`` gives."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        target = args.get(0)
        if isinstance(target, Function):
            target.wrapped = self.function
        return target or UNKNOWN


def _wraps(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return _Wraps(args.get(0) or UNKNOWN)


def _update_wrapper(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, source = args.get(0), args.get(1)
    if isinstance(target, Function) and source is not None:
        target.wrapped = source
    return target or UNKNOWN


def _environment(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """Environment variables: what is analysed is the deployment without any set, so the default counts."""
    return args.get(1, "default") or UNKNOWN


def _property(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0, "fget")
    return Wrapper("property", function) if function is not None else UNKNOWN


def _static(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    kind = "class" if external.name.endswith("classmethod") else "static"
    return Wrapper(kind, args.get(0) or UNKNOWN)


def _globals(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Mapping(dict(frame.module.env), open=True)


def _chain(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Sequence([], "list")
    for source in args.positional:
        items, exact = source.elements(ip, frame)
        result.items += items
        result.open = result.open or not exact
    return result


def _urlparse(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    address = args.text(0, "url")
    if address is None:
        return UNKNOWN
    try:
        parts = urlsplit(address)
    except ValueError:
        return UNKNOWN
    result = Object(External("urllib.parse.ParseResult"), args, frame)
    for name in ("scheme", "netloc", "path", "query", "fragment"):
        result.attrs[name] = Const(getattr(parts, name))
    return result


def teach(knowledge: Knowledge) -> None:
    """Add Python's own library to what is known."""
    patterns.teach(knowledge)
    calls: dict[str, CallHandler] = {
        "builtins.getattr": _getattr,
        "builtins.setattr": _setattr,
        "builtins.hasattr": _hasattr,
        "builtins.super": _super,
        "builtins.dir": _dir,
        "collections.namedtuple": _namedtuple,
        "typing.NamedTuple": _namedtuple,
        "builtins.list": _collect("list"),
        "builtins.tuple": _collect("tuple"),
        "builtins.set": _collect("set"),
        "builtins.frozenset": _collect("set"),
        "builtins.sorted": _collect("list"),
        "builtins.reversed": _collect("list"),
        "builtins.iter": _first,
        "builtins.dict": _dict,
        "builtins.enumerate": _enumerate,
        "builtins.zip": _zip,
        "builtins.map": _map,
        "builtins.filter": _filter,
        "builtins.next": _element,
        "builtins.min": _element,
        "builtins.max": _element,
        "builtins.sum": _evaluated,
        "builtins.any": _evaluated,
        "builtins.all": _evaluated,
        "builtins.len": _len,
        "builtins.type": _type,
        "builtins.str": _str,
        "builtins.bool": _bool,
        "builtins.int": _int,
        "builtins.range": _range,
        "builtins.isinstance": _isinstance,
        "builtins.callable": _callable,
        "inspect.isclass": _is_class,
        "inspect.isfunction": _is_function,
        "inspect.getmembers": _getmembers,
        "contextlib.contextmanager": _context,
        "contextlib.asynccontextmanager": _context,
        "builtins.issubclass": _issubclass,
        "builtins.property": _property,
        "builtins.classmethod": _static,
        "builtins.staticmethod": _static,
        "builtins.globals": _globals,
        "builtins.vars": _globals,
        "builtins.__import__": _import_module,
        "importlib.import_module": _import_module,
        "django.utils.module_loading.import_string": _import_string,
        "django.utils.module_loading.import_by_path": _import_string,
        "werkzeug.utils.import_string": _import_string,
        "pkgutil.resolve_name": _import_string,
        "functools.partial": _partial,
        "functools.partialmethod": _partial,
        "functools.wraps": _wraps,
        "functools.update_wrapper": _update_wrapper,
        "itertools.chain": _chain,
        "itertools.chain.from_iterable": lambda ip, ext, args, frame: _chain(
            ip, ext, Args(args.positional[0].elements(ip, frame)[0] if args.positional else []), frame
        ),
        "collections.OrderedDict": _dict,
        "collections.defaultdict": lambda ip, ext, args, frame: Mapping(open=True),
        "collections.deque": _collect("list"),
        "copy.copy": _first,
        "copy.deepcopy": _first,
        "typing.cast": lambda ip, ext, args, frame: (
            ip.instance_of(args.positional[0], frame) if args.positional else None
        ),
        "urllib.parse.urlparse": _urlparse,
        "urllib.parse.urlsplit": _urlparse,
        "os.environ.get": _environment,
        "os.getenv": _environment,
    }
    knowledge.calls.update(calls)
    files.teach(knowledge)
    for name in ("_", "gettext", "gettext_lazy", "ugettext", "ugettext_lazy", "pgettext_lazy", "pgettext"):
        handler = _first if "pgettext" not in name else (lambda ip, ext, args, frame: args.get(1) or UNKNOWN)
        knowledge.calls[f"django.utils.translation.{name}"] = handler
    knowledge.calls["django.utils.functional.lazy"] = _first
    knowledge.public["builtins.object"] = frozenset()
    knowledge.public["typing.Generic"] = frozenset()
    knowledge.public["typing.Protocol"] = frozenset()
    knowledge.public["abc.ABC"] = frozenset()
    knowledge.aliases["typing_extensions"] = "typing"
    knowledge.aliases["collections.abc"] = "typing"
    knowledge.aliases["django.utils.functional.cached_property"] = "functools.cached_property"
    knowledge.aliases["werkzeug.utils.cached_property"] = "functools.cached_property"
