"""Functions, and what ``property``, ``classmethod`` and attribute access make of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.python.values.base import UNKNOWN, Args, Const, Method, Value, serials

if TYPE_CHECKING:
    from strangler.analyzers.python.entries import Effect
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.python.syntax import Expr, Parameter
    from strangler.analyzers.python.values.classes import Class


MOST_WRAPPERS = 12
"""Decorators on one another that are looked through."""


class Written(NamedTuple):
    """What only the text of a ``def`` tells."""

    decorators: list[Expr]
    positional_only: int
    """How many of its parameters cannot be given by name."""
    defaults: dict[str, str]
    """Parameter -> its default as source."""


class Function(Value):
    """A first-party function; ``scope`` is the frame in which it was defined."""

    by_identity = True
    decorable = True

    __slots__ = (
        "attrs",
        "body",
        "bound_at_once",
        "bound_defaults",
        "called",
        "database",
        "decorators",
        "effects",
        "end_line",
        "is_async",
        "keeps",
        "leaves_open",
        "line",
        "manages_context",
        "module",
        "name",
        "owner",
        "params",
        "per_class",
        "qualname",
        "results",
        "returns",
        "running",
        "scope",
        "serial",
        "since",
        "steps",
        "transactional",
        "vague",
        "wrapped",
        "written",
    )

    def __init__(
        self,
        module: ModuleScope,
        qualname: str,
        name: str,
        params: list[Parameter],
        body: bytes,
        returns: Expr | None,
        scope: Frame,
        line: int,
        end_line: int,
        is_async: bool = False,
    ) -> None:
        self.module = module
        self.qualname = qualname
        self.name = name
        self.params = params
        self.body = body
        self.returns = returns
        self.scope = scope
        self.line = line
        self.end_line = end_line
        self.is_async = is_async
        self.serial = next(serials)
        self.owner: Class | None = None
        self.wrapped: Value | None = None
        """What it stands around; set by ``wrap`` alone."""
        self.written: Written | None = None
        self.attrs: dict[str, Value] = {}
        self.decorators: list[Value] = []
        self.bound_defaults: dict[str, Value] = {}
        self.bound_at_once = False
        """Whether these were evaluated when it was defined; one that is not there was not known then."""
        self.results: dict[Hashable, Value] = {}
        self.since: dict[Hashable, int | None] = {}
        """Arguments -> the changes until then, as long as applications put themselves together."""
        self.running: dict[Hashable, int | None] = {}
        self.keeps = False
        """Whether it keeps its results, under ``lru_cache``."""
        self.effects: dict[Hashable, set[Effect]] = {}
        """Arguments -> what a call touches."""
        self.vague: set[Hashable] = set()
        """Arguments with which a call touches data that cannot be told."""
        self.per_class = False
        """Whether a framework calls it for each class that inherits it, and never for its own."""
        self.manages_context = False
        """Whether it is a generator function under ``contextmanager``."""
        self.transactional = False
        """Whether each call is one transaction."""
        self.database = ""
        """On which database; see ``Value.database``."""
        self.leaves_open = False
        """Whether it leaves a transaction open, for the block of the ``with`` that enters it."""
        self.steps = 0
        """What its calls have taken so far, those of functions that it called among them."""
        self.called = False
        """Whether any code that was run called it."""

    @property
    def dotted(self) -> str:
        """``module.qualname``."""
        return f"{self.module.name}.{self.qualname}"

    @property
    def static(self) -> bool:
        """Whether it is a static method: its first parameter is no ``self``."""
        return any(getattr(d, "name", "") == "builtins.staticmethod" for d in self.decorators)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.attrs:
            return self.attrs[name]
        if name in ("__name__", "__qualname__"):
            own = self.name if name == "__name__" else self.qualname
            return Const("<lambda>" if self.is_lambda and name == "__name__" else own)
        if name == "__module__":
            return Const(self.module.name)
        if name == "__get__":
            return Getter(self)
        if name == "__wrapped__":
            return self.wrapped or UNKNOWN
        if name == "__code__":
            return Code(self)
        return Method(self, name)

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        interp.changes.before(self)
        self.attrs[name] = value
        interp.marks.add(name)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return interp.invoke(self, args, frame)

    @property
    def is_lambda(self) -> bool:
        """Whether it has no name of its own."""
        return self.name.startswith("<lambda>")

    def wrap(self, inner: Value) -> None:
        """Stand around another function, unless that one stands around this one: the way in has an end."""
        step: Value | None = inner
        while step is not None:
            if step is self:
                return
            step = step.wrapped if isinstance(step, Function) else getattr(step, "function", None)
        self.wrapped = inner

    def definition(self) -> Function:
        """What a decorator has put around a function stands for that function."""
        inner = self
        if inner.wrapped is None:
            return inner
        for _ in range(MOST_WRAPPERS):
            wrapped = inner.wrapped.definition() if inner.wrapped is not None else None
            if "<locals>" not in inner.qualname or not isinstance(wrapped, Function):
                break
            inner = wrapped
        return inner

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("f", self.serial)

    def __repr__(self) -> str:
        return f"<function {self.dotted}>"


class Wrapper(Value):
    """``property``, ``classmethod`` or ``staticmethod`` around a function."""

    __slots__ = ("cached", "function", "kind")

    def __init__(self, kind: str, function: Value, cached: bool = False) -> None:
        self.kind = kind
        self.function = function
        self.cached = cached
        """Whether what a property gives is kept as an attribute of the object."""

    @property
    def is_data(self) -> bool:
        """Whether it is asked before the object's own attributes: a property."""
        return self.kind == "property" and not self.cached

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if self.kind == "property" and name in ("setter", "getter", "deleter", "expression", "comparator"):
            return Method(self, name)
        if name == "__get__":
            return Getter(self)
        return self.function.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.function.call(interp, args, frame)

    def key(self) -> Hashable:
        return ("w", self.kind, self.function.key())

    def definition(self) -> Function | Class | None:
        return self.function.definition()


class Code(Value):
    """``function.__code__``: what the definition says of the parameters."""

    __slots__ = ("function",)

    def __init__(self, function: Function) -> None:
        self.function = function

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        counted = {"co_argcount": "positional", "co_kwonlyargcount": "keyword"}
        if name in counted:
            return Const(sum(parameter.kind == counted[name] for parameter in self.function.params))
        return Const(self.function.name) if name == "co_name" else UNKNOWN

    def key(self) -> object:
        return ("code", self.function.key())


class Getter(Value):
    """``__get__`` of a function, ``classmethod`` or ``staticmethod``."""

    __slots__ = ("function",)

    def __init__(self, function: Function | Wrapper) -> None:
        self.function = function

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        obj, owner = args.get(0) or UNKNOWN, args.get(1) or UNKNOWN
        on_class = isinstance(obj, Const) and obj.value is None
        kind = self.function.kind if isinstance(self.function, Wrapper) else ""
        if kind == "class":
            return Bound(self.function.function, owner)  # type: ignore[union-attr]
        if kind == "static":
            return self.function.function  # type: ignore[union-attr]
        if kind == "property":
            return self.function if on_class else self.function.call(interp, Args([obj]), frame)
        return self.function if on_class else Bound(self.function, obj)


class Bound(Value):
    """A method with the object or class that it belongs to."""

    decorable = True
    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("__self__", "__func__"):
            return self.receiver if name == "__self__" else self.function
        return self.function.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.function.call(
            interp, Args([self.receiver, *args.positional], args.keywords, args.open), frame
        )

    def definition(self) -> Function | Class | None:
        return self.function.definition()

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("b", self.function.key(), self.receiver.key())

    def __repr__(self) -> str:
        return f"<bound {self.function!r} of {self.receiver!r}>"
