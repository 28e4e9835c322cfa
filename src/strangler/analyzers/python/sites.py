"""Where first-party definitions are called: the line, the transaction around it, by name or value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.python import syntax
from strangler.analyzers.python.values import Class, Function, Object, Value, Wrapper, class_options
from strangler.model import CallSite, Invocation

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.model.system import Reached


named = tuple.__new__
"""Makes a named tuple of a tuple: what is made for every call is made without running Python for it."""


class Place(NamedTuple):
    """A line that calls a definition."""

    module: str
    function: str | None
    line: int
    target_module: str
    target: str


class Sites:
    """The calls of first-party definitions that the interpreter has seen, in the order found."""

    def __init__(self) -> None:
        self._found: dict[Place, tuple[Reached, int]] = {}
        """Place -> how the definition is reached, first line of the innermost open transaction (0: none)."""
        self._wrapping: set[Place] = set()
        """Where a decorator's own function calls what it is put around."""
        self._objects: set[tuple[Class | None, Function | Class]] = set()
        """Classes whose objects decorators have put around definitions, with these."""
        self._around: set[Value] = set()
        """Those objects: who calls one calls what it is put around."""
        self._hooks: dict[Place, bool] = {}
        """Calls of methods of other modules -> whether each is of the caller's own object: a hook."""
        self._last: tuple[Frame, int, Value] | None = None

    def add(self, called: Value, frame: Frame, reached: Reached, receiver: Value | None = None) -> None:
        """Note that the code at ``frame.line`` calls a definition; what is reached by its name stays so.

        Args:
            receiver: of a method, the object or class that it is called on.
        """
        definition = called.definition()
        if definition is None or not frame.line or receiver in self._around:
            return
        if reached == "value" and self._last == (frame, frame.line, definition):
            return  # the expression has said so just now
        self._last = (frame, frame.line, definition)
        target = (definition.module.name, definition.qualname)
        place = named(Place, (frame.module.name, frame.function, frame.line, *target))
        if frame.module is not definition.module and self._hooks.get(place, True):
            self._hooks[place] = is_hook(definition, receiver, frame)
        if frame.callee is not called and self.is_around(frame, definition):
            self._wrapping.add(place)
        known = self._found.get(place)
        opened = transaction(frame) if frame.region else 0
        if known is None:
            self._found[place] = (reached, opened)
        elif (reached == "name" != known[0]) or opened > known[1]:
            how = reached if reached == "name" else known[0]
            self._found[place] = (how, max(opened, known[1]))

    def decorated(self, made: Object, cls: Class, value: Value) -> None:
        """Note that a decorator has put an object of a class in the place of a definition."""
        definition = value.definition()
        if definition is not None:
            self._objects.add((cls, definition))
            self._around.add(made)

    def said(self, called: Value, frame: Frame) -> None:
        """What calls a definition at the frame's line is noted already."""
        definition = called.definition()
        if definition is not None:
            self._last = (frame, frame.line, definition)

    def makes_decorator(self, applied: Value, frame: Frame) -> bool:
        """Whether a decorator is what the function gives that the frame's line calls (``@cached(60)``): both
        are one use of it."""
        inner = applied.definition()
        if inner is None or ".<locals>" not in inner.qualname:
            return False
        target = (inner.module.name, outer(inner.qualname))
        place = named(Place, (frame.module.name, frame.function, frame.line, *target))
        if place not in self._found:
            return False
        self._found[place] = ("decorator", self._found[place][1])
        return True

    def is_around(self, frame: Frame, definition: Function | Class) -> bool:
        """Whether the running code is what a decorator has put around a definition."""
        scope: Frame | None = frame
        while scope is not None and scope.callee is not None:
            owner = scope.callee.owner
            if scope.callee.definition() is definition:
                return True
            if owner is not None and (owner, definition) in self._objects:
                return True
            scope = scope.parent
        return False

    def keep(self, place: Place, reached: Reached, opened: int) -> None:
        """Note a call that the text shows."""
        self._found.setdefault(place, (reached, opened))

    def places(self) -> Iterable[tuple[Place, tuple[Reached, int]]]:
        """Every place with how it reaches the definition and the transaction that is open there."""
        return self._found.items()

    def of_calls(self) -> dict[tuple[str, str | None, str, str], list[CallSite]]:
        """(module, function, target module, target) -> its sites by line."""
        found: dict[tuple[str, str | None, str, str], list[CallSite]] = {}
        for place, (reached, opened) in self._found.items():
            if place.module != place.target_module and not self._inverted(place):
                key = (place.module, place.function, place.target_module, place.target)
                found.setdefault(key, []).append(
                    CallSite(line=place.line, transaction=opened, reached=reached)
                )
        return {key: sorted(sites) for key, sites in found.items()}

    def _inverted(self, place: Place) -> bool:
        """Whether the definition is given to the calling code by who depends on it."""
        return place in self._wrapping or self._hooks.get(place, False)

    def invocations(
        self, known: Iterable[tuple[str, str | None, str, str]], acting: set[tuple[str, str]]
    ) -> Iterator[Invocation]:
        """What the calls across modules do not tell: calls inside a module, and those through a value alone.

        Args:
            known: (module, function, target module, target) of the calls across modules.
            acting: definitions that touch a table or send a message; of the others nobody asks.
        """
        told = set(known)
        acting = self._acting(acting)
        seen: set[tuple[str, str | None, str, str, int]] = set()
        for place, (_, opened) in sorted(self._found.items(), key=lambda item: (item[0].line, str(item[0]))):
            pair = (place.module, place.function, place.target_module, place.target)
            if pair in told or (place.target_module, outer(place.target)) not in acting:
                continue
            if (*pair, opened) not in seen and (place.module, place.function) != pair[2:]:
                seen.add((*pair, opened))
                inside = place.module == place.target_module
                yield Invocation(
                    module=place.module,
                    function=place.function,
                    line=place.line,
                    target_module="" if inside else place.target_module,
                    target=place.target,
                    transaction=opened,
                    wraps=place in self._wrapping,
                    hook=self._hooks.get(place, False),
                )

    def _acting(self, own: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """The same with everything that reaches one of them."""
        callers: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for place in self._found:
            callers.setdefault((place.target_module, outer(place.target)), set()).add(
                (place.module, outer(place.function or ""))
            )
        found = {(module, outer(name)) for module, name in own}
        waiting = list(found)
        while waiting:
            module, name = waiting.pop()
            owner = name.removesuffix(".__init__")  # to make an object is to call its constructor
            for one in callers.get((module, name), set()) | callers.get((module, owner), set()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return found | {(module, name.removesuffix(".__init__")) for module, name in found}


def outer(name: str) -> str:
    """The top-level function or method around a nested one."""
    return name.partition(".<locals>")[0]


def is_hook(definition: Function | Class, receiver: Value | None, frame: Frame) -> bool:
    """Whether a method calls on its own object what neither its class nor a base of that defines: a subclass
    does, or a class that one puts beside it."""
    if receiver is None or type(definition) is not Function or definition.owner is None:
        return False
    scope: Frame | None = frame
    while scope is not None and (method := scope.callee) is not None:
        home, own = method.owner, scope.locals.get(method.params[0].name) if method.params else None
        if home is not None and own is not None:
            kinds = class_options(receiver.cls if isinstance(receiver, Object) and receiver.cls else receiver)
            itself = any(option is receiver for option in own.options())
            return itself and definition.owner not in home.mro() and any(home in k.mro() for k in kinds)
        scope = scope.parent
    return False


def transaction(frame: Frame) -> int:
    """First line of the innermost transaction that the frame's own code has open; 0 outside."""
    if not frame.region:
        return 0
    return next((r.line for r in reversed(frame.region) if r.function == frame.function), 0)


def is_named(node: syntax.Expr, frame: Frame) -> bool:
    """Whether a called expression is a name that an import or ``def`` binds, or attributes of one."""
    while type(node) is syntax.Attribute:
        node = node.value
    if type(node) is not syntax.Name:
        return False
    name = node.id
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.locals:
            return _bound(name, scope)
        scope = scope.parent
    top = frame.module.frame
    return top is not None and name in top.locals and _bound(name, top)


def _bound(name: str, scope: Frame) -> bool:
    if name in scope.imported:
        return True
    value = scope.locals[name]
    while isinstance(value, Wrapper):
        value = value.function
    return isinstance(value, (Function, Class)) and value.name == name and value.module is scope.module
