"""What wraps functions: ``partial``, ``wraps``, ``property``, ``super``, context managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.knowledge import CallHandler, MethodHandler
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    External,
    Function,
    Object,
    Super,
    Value,
    Wrapper,
    join,
)
from strangler.analyzers.python.values.base import key_of_content

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def _super(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    if len(args.positional) >= 2 and isinstance(args.positional[0], Class):
        return Super(args.positional[0], args.positional[1])
    scope: Frame | None = frame
    while scope is not None and scope.callee is not None and scope.callee.owner is None:
        scope = scope.parent
    if scope is None or scope.callee is None or scope.callee.owner is None or not scope.callee.params:
        return UNKNOWN
    receiver = scope.locals.get(scope.callee.params[0].name, UNKNOWN)
    return join([Super(scope.callee.owner, option) for option in receiver.options() if option is not UNKNOWN])


def _partial(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0)
    if function is None:
        return UNKNOWN
    return Partial(function, Args(args.positional[1:], args.keywords, args.open))


class Partial(Value):
    """``functools.partial``."""

    by_identity = True
    decorable = True

    __slots__ = ("args", "function")

    def __init__(self, function: Value, args: Args) -> None:
        self.function = function
        self.args = args

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.function if name == "func" else UNKNOWN

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        merged = Args(
            [*self.args.positional, *args.positional],
            {**self.args.keywords, **args.keywords},
            self.args.open or args.open,
        )
        return self.function.call(interp, merged, frame)

    def key(self) -> object:
        names = (*(str(n) for n in range(len(self.args.positional))), *self.args.keywords)
        given = [self.function, *self.args.all()]
        return key_of_content(self, len(given), ("partial", self.args.open, names), given)


def _partialmethod(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    made = _partial(interp, external, args, frame)
    return PartialMethod(made.function, made.args) if isinstance(made, Partial) else made


class PartialMethod(Partial):
    """``functools.partialmethod``: the object that it is read from comes before what it holds."""

    __slots__ = ()

    def bind(self, interp: Interpreter, obj: Value, frame: Frame) -> Value:
        """What an instance sees."""
        return Partial(Bound(self.function, obj), self.args)


def _wrapped(interp: Interpreter, target: Value | None, source: Value, frame: Frame) -> Value:
    """A function that takes over the name of the one that it is put around."""
    if isinstance(target, Function):
        target.wrap(source)
        for name in ("__name__", "__qualname__", "__module__"):
            target.attrs[name] = source.get(interp, name, frame)
    return target or UNKNOWN


class _Wraps(Value):
    """The decorator that ``functools.wraps(f)`` gives."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        target = args.get(0)
        return _wrapped(interp, target, self.function, frame)


def _wraps(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return _Wraps(args.get(0) or UNKNOWN)


def _update_wrapper(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, source = args.get(0), args.get(1)
    return _wrapped(interp, target, source, frame) if source is not None else target or UNKNOWN


def _property(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0, "fget")
    return Wrapper("property", function) if function is not None else UNKNOWN


def _static(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    kind = "class" if external.name.endswith("classmethod") else "static"
    return Wrapper(kind, args.get(0) or UNKNOWN)


def _context(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    function = args.get(0)
    if isinstance(function, Function):
        function.manages_context = True
    return function


class _Cached(Value):
    """``functools.lru_cache(...)``: what it is put around is what is called."""

    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return _keeping(args.get(0) or UNKNOWN)


class Dispatched(Value):
    """A function under ``functools.singledispatch``, and those that are registered with it."""

    __slots__ = ("function", "others")
    by_identity = True
    decorable = True

    def __init__(self, function: Value, others: list[Value]) -> None:
        self.function = function
        self.others = others

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _Registering(self) if name == "register" else self.function.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        found: list[Value] = [UNKNOWN]
        for function in (self.function, *self.others):
            with interp.changes.possible():
                found.append(function.call(interp, args, frame))
        return join(found)

    def definition(self) -> Function | Class | None:
        return self.function.definition()

    def truth(self) -> bool | None:
        return True

    def key(self) -> object:
        return ("dispatched", self.function.key())


class _Registering(Value):
    """``register`` of such a function, and the decorator that it gives."""

    __slots__ = ("of",)

    def __init__(self, of: Dispatched) -> None:
        self.of = of

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given = [value for value in args.positional if isinstance(value, Function)]
        self.of.others += given
        return given[-1] if given else self


def _single_dispatch(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    function = args.get(0)
    return Dispatched(function, []) if function is not None else None


def _keeping(function: Value) -> Value:
    if isinstance(function, Function):
        function.keeps = True
    return function


def _lru_cache(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0, "user_function")
    return _keeping(function) if function is not None and function.definition() is not None else _Cached()


def _enter_context(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return interp.enter_by_hand(args.get(0, "cm") or UNKNOWN, frame)


METHODS: dict[str, MethodHandler] = {
    "contextlib.ExitStack.enter_context": _enter_context,
    "contextlib.AsyncExitStack.enter_context": _enter_context,
    "contextlib.AsyncExitStack.enter_async_context": _enter_context,
}


def _itself(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    return args.get(0)


CALLS: dict[str, CallHandler] = {
    "builtins.super": _super,
    "contextlib.aclosing": _itself,
    "contextlib.closing": _itself,
    "contextlib.nullcontext": _itself,
    "contextlib.contextmanager": _context,
    "contextlib.asynccontextmanager": _context,
    "builtins.property": _property,
    "builtins.classmethod": _static,
    "builtins.staticmethod": _static,
    "functools.cache": _lru_cache,
    "functools.lru_cache": _lru_cache,
    "functools.singledispatch": _single_dispatch,
    "functools.partial": _partial,
    "functools.partialmethod": _partialmethod,
    "functools.wraps": _wraps,
    "functools.update_wrapper": _update_wrapper,
}


def part_of_property(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """``fget`` and its like, of an instance of a class that descends from ``property``."""
    place = {"fget": 0, "fset": 1, "fdel": 2}.get(name)
    return None if place is None or obj.args is None else obj.given().get(place, name)
