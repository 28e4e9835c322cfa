"""What every value answers, and the values that need no other: constants, texts, methods."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.values.classes import Class
    from strangler.analyzers.python.values.functions import Function

work = [0]
"""Values that were compared or joined, and are not yet counted among the steps of the run."""
ITEMS_A_VALUE = 10
"""Items that are gone through cost as much as one such value."""

serials = count(1)
"""Numbers in order of creation: unlike ``id`` they are never reused and the same in every run."""


class Args:
    """The arguments of a call; ``open`` where ``*args`` or ``**kwargs`` of unknown content were passed."""

    __slots__ = ("keywords", "open", "positional", "samples")

    def __init__(
        self,
        positional: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        open: bool = False,
    ) -> None:
        self.positional = positional if positional is not None else []
        self.keywords = keywords if keywords is not None else {}
        self.open = open
        self.samples: list[Value] = []
        """What is known of the content of such an ``*args``; at which positions is not."""

    def get(self, index: int | None, name: str | None = None) -> Value | None:
        """The argument at a position or of a name; None where it was not given."""
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return None

    def text(self, index: int | None, name: str | None = None) -> str | None:
        """The argument as a string where it is a known string."""
        value = self.get(index, name)
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None

    def all(self) -> Iterator[Value]:
        """Every argument."""
        yield from self.positional
        yield from self.keywords.values()


class Same:
    """The key of a value that is too large to be compared: equal only to that of the same value."""

    __slots__ = ("size", "value")

    def __init__(self, value: Value, size: int = 0) -> None:
        self.value = value
        self.size = size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value and other.size == self.size

    def __hash__(self) -> int:
        return hash((id(self.value), self.size))


class Value:
    """A value of which nothing is known; the base of all others."""

    __slots__ = ()
    by_identity = False
    """Whether two of them are equal only if they are the same: functions, classes."""
    decorable = False
    """Whether decorators are put around it: functions, classes, and what stands for one."""
    mutable = False
    """Whether it changes in place, so that equal ones must not be taken for one: lists, dicts."""
    surrounds = False
    """Whether what ``with value`` sets holds in the body alone: ``around`` runs it."""
    opens_transaction = False
    """Whether the body of ``with value`` is one transaction."""
    database = ""
    """Of what opens a transaction, the database that it is on, as the code names it; empty: the default one,
    ``?``: it cannot be told."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        """The attribute ``name``."""
        return UNKNOWN

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        """The result of calling the value."""
        return UNKNOWN

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        """What iteration yields, and whether that is exactly the list (else each may come often or never)."""
        return [], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        """The result of ``value[key]``."""
        return UNKNOWN

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        """What ``with value as x`` binds to x."""
        return self

    def around(self, interp: Interpreter, inside: Callable[[Value], None], frame: Frame) -> None:
        """Run the body of ``with value as x``: ``inside`` does, with what is bound to x."""
        inside(self.enter(interp, frame))

    def awaited(self, interp: Interpreter, frame: Frame) -> Value:
        """The result of ``await value``."""
        return self

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        """``value.name = value``."""

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        """The result of ``value <operator> other``."""
        return UNKNOWN

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        """The value leaves what can be followed: returned, yielded, kept, or given to a library."""

    def definition(self) -> Function | Class | None:
        """The first-party definition that it is or leads to."""
        return None

    def truth(self) -> bool | None:
        """True, False, or None where it cannot be told."""
        return None

    def tested(self, interp: Interpreter, frame: Frame) -> bool | None:
        """``truth`` where code asks for it: whatever has to be run for an answer is run."""
        return self.truth()

    def key(self) -> Hashable:
        """Equal only for values that behave alike: the key under which results of calls are remembered."""
        return "?" if self is UNKNOWN else Same(self)

    def options(self) -> Iterable[Value]:
        """The values that it may be."""
        return (self,)

    def again(self, seen: dict[int, Value]) -> Value:
        """What the same call gives once more: itself, unless callers would see what others do to it.

        ``seen``: what has been asked already, by identity; parts may be shared, or within themselves.
        """
        return self


UNKNOWN = Value()
"""Of which nothing is known."""
NEVER = Value()
"""What an expression gives that certainly raises: the statement ends there."""


class Const(Value):
    """A string, number, boolean or None."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name) if isinstance(self.value, str) else UNKNOWN

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return interp.operate_on_text(self, operator, other, frame)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        if type(self) is Bytes or not isinstance(self.value, str):
            return UNKNOWN
        if isinstance(key, Slice) and (key.value is None or key.value.step == 0):
            return Text([None])
        at = key.value if isinstance(key, Slice) or type(key) is Const else None
        if isinstance(at, (int, slice)):
            try:
                return Const(self.value[at])
            except IndexError:
                return UNKNOWN
        return UNKNOWN

    def truth(self) -> bool | None:
        return bool(self.value)

    def key(self) -> Hashable:
        return (type(self.value), self.value)

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


class Bytes(Const):
    """A byte string, as the text of the same characters."""

    __slots__ = ()


NONE = Const(None)
"""Python's ``None``."""
TRUE = Const(True)
"""Python's ``True``."""
FALSE = Const(False)
"""Python's ``False``."""


class Guess(Const):
    """A constant that may be something else: a default, or the one of several values that is known.

    It stands for its value where a value is used; no condition is decided by it.
    """

    __slots__ = ()

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        value = super().item(interp, key, frame)
        return Guess(value.value) if type(value) is Const else value

    def truth(self) -> bool | None:
        return None

    def key(self) -> Hashable:
        return ("guess", super().key())

    def __repr__(self) -> str:
        return f"Guess({self.value!r})"


class Text(Value):
    """A string of which some parts are not known: ``parts`` holds strings and None for the holes."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[str | None]) -> None:
        self.parts = parts

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return interp.operate_on_text(self, operator, other, frame)

    def key(self) -> Hashable:
        return ("t", *self.parts)

    def __repr__(self) -> str:
        return f"Text({self.parts!r})"


class Slice(Value):
    """A slice with constant ends; None where they are not known."""

    __slots__ = ("value",)

    def __init__(self, value: slice | None) -> None:
        self.value = value

    def key(self) -> Hashable:
        if self.value is None:
            return ("slice",)
        return ("slice", self.value.start, self.value.stop, self.value.step)


class Method(Value):
    """A method of a value whose behaviour the interpreter or a framework knows by name."""

    __slots__ = ("name", "receiver")

    def __init__(self, receiver: Value, name: str) -> None:
        self.receiver = receiver
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return interp.call_method(self.receiver, self.name, args, frame)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def truth(self) -> bool | None:
        return None  # of a library's object it may be no method

    def key(self) -> Hashable:
        # The methods of two equal lists change different lists.
        receiver = Same(self.receiver) if self.receiver.mutable else self.receiver.key()
        return ("meth", receiver, self.name)

    def __repr__(self) -> str:
        return f"<method {self.name} of {self.receiver!r}>"


class LibraryMethod(Method):
    """A method reached through ``super()``: the library's own, whatever first-party classes override."""

    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return interp.call_library_method(self.receiver, self.name, args, frame)


DEEPEST = 4
"""Containers within containers that are looked into, to tell two of them apart."""

LARGEST_KEY = 64
"""Values within containers that are compared; one that holds more is equal to itself alone."""

_open: list[Value] = []
_room = [0]


def key_of_content(container: Value, size: int, kind: Hashable, content: Iterable[Value]) -> Hashable:
    """The key of a container: equal for those of one kind with equal content.

    Args:
        size: of how many values its content is said to be.
        kind: of the container, with the names under which it holds them.
        content: the values, in order.
    """
    if size > LARGEST_KEY or len(_open) >= DEEPEST:
        return Same(container, size)
    for outer in _open:
        if outer is container:
            return Same(container, size)
    _open.append(container)
    work[0] += 1 + size
    try:
        _room[0] = (LARGEST_KEY if len(_open) == 1 else _room[0]) - size - 1
        if _room[0] < 0:
            return Same(container, size)
        return (kind, *[value.key() for value in content])
    finally:
        _open.pop()


MOST_ESCAPING = 200
"""Containers within one that leaves what can be followed, that are looked into."""

_left: dict[tuple[int, int], Value] = {}


def can_escape(value: Value) -> bool:
    """Whether anything follows from it that a value leaves what can be followed."""
    return type(value).escaped is not Value.escaped


def escape(interp: Interpreter, container: Value, content: list[Value], frame: Frame) -> None:
    """What a container holds leaves with it; each container is looked into once."""
    place = (id(container), id(frame))
    if place in _left:
        return
    interp.spend(1 + len(content) // 10)
    content = [value for value in content if can_escape(value)]
    if len(_left) >= MOST_ESCAPING:
        message = f"of what leaves here, {MOST_ESCAPING} containers within one another are looked into"
        interp.cut(frame.module, frame.line, message)
        return
    outermost = not _left
    _left[place] = container
    try:
        for value in content:
            value.escaped(interp, frame)
    finally:
        if outermost:
            _left.clear()
