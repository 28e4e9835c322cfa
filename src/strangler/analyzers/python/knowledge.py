"""What is known of libraries: how their callables, classes and objects behave, by dotted name.

A framework adds to these tables; the interpreter looks here whenever the source of a thing is not part
of the monolith. Handlers return None where they have nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import Args, Class, External, Function, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

CallHandler = Callable[["Interpreter", External, Args, "Frame"], Value | None]
AttributeHandler = Callable[["Interpreter", External, str, "Frame"], Value | None]
MethodHandler = Callable[["Interpreter", Value, Args, "Frame"], Value | None]
ClassMember = Callable[["Interpreter", Class, str, "Frame"], Value | None]
InstanceMember = Callable[["Interpreter", Object, str, "Frame"], Value | None]
Descriptor = Callable[["Interpreter", Class, str, Value, "Frame"], Value | None]
InstanceDescriptor = Callable[["Interpreter", Object, str, Value, "Frame"], Value | None]
Store = Callable[["Interpreter", Object, str, Value, "Frame"], None]
Instantiation = Callable[["Interpreter", Class, Args, "Frame"], Value | None]
ClassItem = Callable[["Interpreter", Class, Value, "Frame"], Value | None]
Annotation = Callable[["Interpreter", Value, Value | None, "Frame"], Value | None]
Parameter = Callable[["Interpreter", Function, int, str], Value | None]


def words(text: str) -> list[str]:
    """Names separated by blanks, for the longer tables."""
    return text.split()


class Knowledge:
    """The tables. Keys are canonical dotted names, after ``aliases``."""

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}
        """Other places from which a library's thing can be imported -> its canonical name."""
        self.hierarchy: dict[str, tuple[str, ...]] = {}
        """Library class -> its parents, where inheritance matters."""
        self.calls: dict[str, CallHandler] = {}
        """Calling a library's function or class."""
        self.endings: dict[str, CallHandler] = {}
        """Last name of a library's function of which nothing else is known: what calling it tells."""
        self.attributes: dict[str, AttributeHandler] = {}
        """Attributes of a library's module, class or object."""
        self.attribute_endings: dict[str, AttributeHandler] = {}
        """Attributes by which things of libraries of which nothing else is known give themselves away."""
        self.methods: dict[str, MethodHandler] = {}
        """``base.method`` -> calling it on an object whose class descends from base."""
        self.class_members: dict[str, ClassMember] = {}
        """base -> attributes of first-party classes that descend from it and do not define them."""
        self.instance_members: dict[str, InstanceMember] = {}
        """base -> attributes of instances (first-party classes and the library's own)."""
        self.descriptors: dict[str, Descriptor] = {}
        """base -> a class attribute seen through the class."""
        self.instance_descriptors: dict[str, InstanceDescriptor] = {}
        """base -> a class attribute seen through an instance."""
        self.stores: dict[str, Store] = {}
        """base -> an attribute is set on an instance."""
        self.instantiations: dict[str, Instantiation] = {}
        """base -> a first-party class that descends from it is called."""
        self.class_items: dict[str, ClassItem] = {}
        """base -> ``Class[key]`` of a first-party class that descends from it."""
        self.items: dict[str, str] = {}
        """Library mapping -> the library class of its values (``engines["django"]``)."""
        self.annotations: dict[str, Annotation] = {}
        """Library class -> the value of something annotated with it (second value: its subscript)."""
        self.guesses: dict[str, Callable[[Interpreter, Args, Frame], Value | None]] = {}
        """Method name -> what calling it means on an object of which nothing is known."""
        self.parameters: list[Parameter] = []
        """What an unannotated parameter is, by convention of a framework."""
        self.public: dict[str, frozenset[str]] = {}
        """Library class -> the names that it defines, where ``hasattr`` decides something."""
        self.selves: list[Callable[[Interpreter, Class], Value | None]] = []
        """What ``self`` is in a method of a class, where it is more than an instance of that class."""
        self.conventions: list[Callable[[Interpreter, Object, str, Frame], Value | None]] = []
        """What an attribute that nothing defines is, by its name."""
        self.keys: list[Callable[[Interpreter, str, Frame], Value | None]] = []
        """What ``value["key"]`` is, by the key, where nothing is known of the value."""
        self.carriers: set[str] = set()
        """Library classes (models, managers, queries) whose methods stand for the data they touch."""
        self.class_hooks: list[Callable[[Interpreter, Class, Frame], None]] = []
        """Called for every first-party class when its body has been run."""
        self._lineages: dict[str, frozenset[str]] = {}

    def names(self) -> frozenset[str]:
        """Every dotted name of which something is known, with all that it is part of."""
        tables = (table for name, table in vars(self).items() if name != "_lineages")
        keys = {key for table in tables if isinstance(table, (dict, set)) for key in table}
        found: set[str] = set()
        for key in keys:
            while key and key not in found:
                found.add(key)
                key = key.rpartition(".")[0]
        return frozenset(found)

    def lineage(self, name: str) -> frozenset[str]:
        """A library class and all its known ancestors."""
        known = self._lineages.get(name)
        if known is None:
            names = {name}
            for parent in self.hierarchy.get(name, ()):
                names |= self.lineage(parent)
            known = self._lineages[name] = frozenset(names)
        return known

    def inherit(self, name: str, parent: str) -> None:
        """A library class turns out to descend from another."""
        self.hierarchy[name] = (*self.hierarchy.get(name, ()), parent)
        self._lineages.pop(name, None)

    def canonical(self, name: str) -> str:
        """The canonical name of a library's thing; aliases apply to the longest known prefix."""
        if name in self.aliases:
            return self.aliases[name]
        head, _, tail = name.rpartition(".")
        while head:
            if head in self.aliases:
                return f"{self.aliases[head]}.{tail}"
            head, _, part = head.rpartition(".")
            tail = f"{part}.{tail}"
        return name
