"""What is known of libraries: how their callables, classes and objects behave, by dotted name.

A framework adds to these tables; the interpreter looks here whenever the source of a thing is not part
of the monolith. Handlers return None where they have nothing to say. Two frameworks that say different
things of one key are an error: see ``Claims``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from strangler.analyzers.python.values import Args, Class, External, Function, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

CallHandler = Callable[["Interpreter", External, Args, "Frame"], Value | None]
"""What calling a function or class of a library does and gives."""
AttributeHandler = Callable[["Interpreter", External, str, "Frame"], Value | None]
"""What an attribute of a module, class or object of a library is."""
MethodHandler = Callable[["Interpreter", Value, Args, "Frame"], Value | None]
"""What calling a method of a receiver does and gives."""
ClassMember = Callable[["Interpreter", Class, str, "Frame"], Value | None]
"""What an attribute is that a first-party class has from the library."""
InstanceMember = Callable[["Interpreter", Object, str, "Frame"], Value | None]
"""What an attribute is that an object has from the library."""
Descriptor = Callable[["Interpreter", Class, str, Value, "Frame"], Value | None]
"""What an attribute of a class is when it is read through the class; its stated value is given."""
InstanceDescriptor = Callable[["Interpreter", Object, str, Value, "Frame"], Value | None]
"""What an attribute of a class is when it is read through an object; its stated value is given."""
Store = Callable[["Interpreter", Object, str, Value, "Frame"], None]
"""What setting an attribute of an object does."""
Instantiation = Callable[["Interpreter", Class, Args, "Frame"], Value | None]
"""What calling a first-party class below a library's class gives."""
ClassItem = Callable[["Interpreter", Class, Value, "Frame"], Value | None]
"""What ``Class[key]`` is."""
Annotation = Callable[["Interpreter", Value, Value | None, "Frame"], Value | None]
"""What something is that is annotated with a class; the subscript of the annotation is given."""
GuessHandler = Callable[["Interpreter", Args, "Frame"], Value | None]
"""What calling a method by its name alone does, on something of which nothing is known."""
Parameter = Callable[["Interpreter", Function, int, str], Value | None]
"""What the parameter of a function at a position is, by a convention."""


V = TypeVar("V")
LANGUAGE = "Python's own library"


class ConflictError(Exception):
    """Two frameworks say different things of one key of ``Knowledge``."""


class Claims(dict[str, V]):
    """One table of ``Knowledge``: dotted name -> what is known of it, and which framework says so.

    A framework may say something else of a key of its own; of a key that another has claimed only with
    ``override``.

    Raises:
        ConflictError: on every other way to set a key that another framework has claimed differently.
    """

    def __init__(self, knowledge: Knowledge, subject: str) -> None:
        super().__init__()
        self.knowledge = knowledge
        self.subject = subject
        """What the table says of its keys, for messages: ``calling {}``."""
        self.owners: dict[str, str] = {}

    def override(self, key: str, value: V) -> V | None:
        """Replace what another framework says of a key; the former value is returned."""
        before = self.get(key)
        self.owners[key] = self.knowledge.claimant
        super().__setitem__(key, value)
        return before

    def __setitem__(self, key: str, value: V) -> None:
        claimant = self.knowledge.claimant
        owner = self.owners.setdefault(key, claimant)
        if owner != claimant and key in self and self[key] != value:
            raise ConflictError(
                f"{owner} and {claimant} both say what {self.subject.format(key)} means; "
                "one of them has to override the other explicitly, or not to be installed"
            )
        super().__setitem__(key, value)

    def setdefault(self, key: str, default: V) -> V:
        """Claim a key that nobody has claimed."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, other: Mapping[str, V] | Iterable[tuple[str, V]] = (), /, **more: V) -> None:  # type: ignore[override]
        """Claim several keys."""
        for key, value in dict(other, **more).items():
            self[key] = value

    def __ior__(self, other: Any) -> Claims[V]:  # type: ignore[override,misc]
        self.update(other)
        return self


def words(text: str) -> list[str]:
    """Names separated by blanks, for the longer tables."""
    return text.split()


class Knowledge:
    """The tables. Keys are canonical dotted names, after ``aliases``."""

    def __init__(self) -> None:
        self.claimant = LANGUAGE
        """Who speaks at the moment."""
        self._shared: dict[type, Claims[Any]] = {}
        self.aliases: Claims[str] = Claims(self, "the name {}")
        """Other places from which a library's thing can be imported -> its canonical name."""
        self.hierarchy: Claims[tuple[str, ...]] = Claims(self, "the parents of {}")
        """Library class -> its parents, where inheritance matters."""
        self.calls: Claims[CallHandler] = Claims(self, "calling {}")
        """Calling a library's function or class."""
        self.endings: Claims[CallHandler] = Claims(self, "calling something named {}")
        """Last name of a library's function of which nothing else is known: what calling it tells."""
        self.loaders: list[CallHandler] = []
        """Asked of each call of a library's function of which nothing is known: what it loads by name."""
        self.attributes: Claims[AttributeHandler] = Claims(self, "the attribute {}")
        """Attributes of a library's module, class or object."""
        self.attribute_endings: Claims[AttributeHandler] = Claims(self, "an attribute named {}")
        """Attributes by which things of libraries of which nothing else is known give themselves away."""
        self.methods: Claims[MethodHandler] = Claims(self, "the method {}")
        """``base.method`` -> calling it on an object whose class descends from base."""
        self.class_members: Claims[ClassMember] = Claims(self, "an attribute of a class below {}")
        """base -> attributes of first-party classes that descend from it and do not define them."""
        self.instance_members: Claims[InstanceMember] = Claims(self, "an attribute of an instance of {}")
        """base -> attributes of instances (first-party classes and the library's own)."""
        self.descriptors: Claims[Descriptor] = Claims(self, "{} in a class body")
        """base -> a class attribute seen through the class."""
        self.instance_descriptors: Claims[InstanceDescriptor] = Claims(self, "{} seen through an instance")
        """base -> a class attribute seen through an instance."""
        self.stores: Claims[Store] = Claims(self, "setting an attribute of an instance of {}")
        """base -> an attribute is set on an instance."""
        self.instantiations: Claims[Instantiation] = Claims(self, "calling a class below {}")
        """base -> a first-party class that descends from it is called."""
        self.class_items: Claims[ClassItem] = Claims(self, "subscribing a class below {}")
        """base -> ``Class[key]`` of a first-party class that descends from it."""
        self.items: Claims[str] = Claims(self, "an item of {}")
        """Library mapping -> the library class of its values (``engines["django"]``)."""
        self.annotations: Claims[Annotation] = Claims(self, "something annotated with {}")
        """Library class -> the value of something annotated with it (second value: its subscript)."""
        self.guesses: Claims[GuessHandler] = Claims(self, "calling {} on something unknown")
        """Method name -> what calling it means on an object of which nothing is known."""
        self.parameters: list[Parameter] = []
        """What an unannotated parameter is, by convention of a framework."""
        self.handed: list[Callable[[Interpreter, External, Args, Frame], None]] = []
        """Told of each call, at start-up, of something of a library of which nothing is known."""
        self.public: Claims[frozenset[str]] = Claims(self, "the public names of {}")
        """Library class -> the names that it defines, where ``hasattr`` decides something."""
        self.holders: dict[str, Callable[[Interpreter, str], bool | None]] = {}
        """Library object -> whether it has an attribute of a name, known value or not."""
        self.selves: list[Callable[[Interpreter, Class], Value | None]] = []
        """What ``self`` is in a method of a class, where it is more than an instance of that class."""
        self.conventions: list[Callable[[Interpreter, Object, str, Frame], Value | None]] = []
        """What an attribute that nothing defines is, by its name."""
        self.keys: list[Callable[[Interpreter, str, Frame], Value | None]] = []
        """What ``value["key"]`` is, by the key, where nothing is known of the value."""
        self.carriers: set[str] = set()
        """Library classes (models, managers, queries) whose methods stand for the data they touch."""
        self.registrars: set[str] = set()
        """Library classes whose objects are given routes, views or tasks: applications, routers, queues."""
        self.applications: set[str] = set()
        """Those whose objects are whole applications. A class of another library whose name ends like one of
        these makes applications, too."""
        self.callable_makers: set[str] = set()
        """Last names of the methods of libraries that give a callable which stands for the class."""
        self.filled_from_outside: set[str] = set()
        """Library classes below which a field takes its value from the environment before its default."""
        self.fields: set[str] = {"dataclasses.field"}
        """Calls of a library that declare a field, with its default among other things."""
        self.class_hooks: list[Callable[[Interpreter, Class, Frame], None]] = []
        """Called for every first-party class when its body has been run."""
        self._ordered: dict[frozenset[str], tuple[str, ...]] = {}
        self._lineages: dict[str, frozenset[str]] = {}
        self._methods_of: dict[tuple[frozenset[str], str], tuple[MethodHandler, ...]] = {}
        self._methods_known = 0

    def names(self) -> frozenset[str]:
        """Every dotted name of which something is known, with all that it is part of."""
        own = (table for name, table in vars(self).items() if not name.startswith("_"))
        tables = (*own, *self._shared.values())
        keys = {key for table in tables if isinstance(table, (dict, set)) for key in table}
        found: set[str] = set()
        for key in keys:
            while key and key not in found:
                found.add(key)
                key = key.rpartition(".")[0]
        return frozenset(found)

    @contextmanager
    def claimed_by(self, framework: str) -> Iterator[None]:
        """What is added inside the block is said by this framework."""
        self.claimant = framework
        try:
            yield
        finally:
            self.claimant = LANGUAGE

    def makes_application(self, name: str) -> bool:
        """Whether calling a library's class gives an application, by how the class is called."""
        return name.endswith(tuple(known.rpartition(".")[2] for known in sorted(self.applications)))

    def shared(self, kind: type[V]) -> Claims[V]:
        """A table that frameworks share among themselves, known by the class of its values."""
        if kind not in self._shared:
            self._shared[kind] = Claims(self, f"{kind.__name__} of {{}}")
        return self._shared[kind]

    def lineage(self, name: str) -> frozenset[str]:
        """A library class and all its known ancestors."""
        known = self._lineages.get(name)
        if known is None:
            names = {name}
            for parent in self.hierarchy.get(name) or self._named_after(name):
                names |= self.lineage(parent)
            known = self._lineages[name] = frozenset(names)
        return known

    def _named_after(self, name: str) -> tuple[str, ...]:
        """The class of applications after which a library names one of which nothing else is known."""
        last = name.rpartition(".")[2]
        if not last[:1].isupper() or name in self.calls:
            return ()
        for base in sorted(self.applications):
            ending = base.rpartition(".")[2]
            if last.endswith(ending) and last != ending:
                return (base,)
        return ()

    def heir_of(self, name: str) -> str | None:
        """The known application's class of which a library's class, by its name alone, is a subclass."""
        return next(iter(self._named_after(name)), None) if name not in self.hierarchy else None

    def most_special_first(self, lineage: frozenset[str]) -> tuple[str, ...]:
        """Library classes, those with the most ancestors first."""
        known = self._ordered.get(lineage)
        if known is None:
            order = sorted(lineage, key=lambda base: (-len(self.lineage(base)), base))
            known = self._ordered[lineage] = tuple(order)
        return known

    def guess(self, interp: Interpreter, name: str | None, args: Args, frame: Frame) -> Value | None:
        """What calling a method of a name may give on something of which nothing is known; None: no idea."""
        known = self.guesses.get(name) if name is not None else None
        return known(interp, args, frame) if known is not None else None

    def load(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        """What a function of a library of which nothing is known loads by a name; None: no idea."""
        for loader in self.loaders:
            value = loader(interp, external, args, frame)
            if value is not None:
                return value
        return None

    def methods_of(self, lineage: frozenset[str], name: str) -> tuple[MethodHandler, ...]:
        """What is known of a method of library classes, of those with the most ancestors first."""
        if len(self.methods) != self._methods_known:  # the table only grows
            self._methods_known = len(self.methods)
            self._methods_of.clear()
        known = self._methods_of.get((lineage, name))
        if known is None:
            keys = [f"{base}.{name}" for base in self.most_special_first(lineage)]
            known = tuple([self.methods[key] for key in keys if key in self.methods])
            self._methods_of[lineage, name] = known
        return known

    def inherit(self, name: str, parent: str) -> None:
        """A library class turns out to descend from another."""
        self.hierarchy.override(name, (*self.hierarchy.get(name, ()), parent))
        self._lineages.pop(name, None)
        self._ordered.clear()
        self._methods_of.clear()

    def canonical(self, name: str) -> str:
        """The canonical name of a library's thing; aliases apply to the longest known prefix.

        The alias ``library.*.Name`` is that of ``Name`` in whichever module of the library.
        """
        if name in self.aliases:
            return self.aliases[name]
        head, _, tail = name.rpartition(".")
        anywhere = f"{name.partition('.')[0]}.*.{tail}"
        if anywhere in self.aliases and head.count("."):
            return self.aliases[anywhere]
        while head:
            if head in self.aliases:
                return f"{self.aliases[head]}.{tail}"
            head, _, part = head.rpartition(".")
            tail = f"{part}.{tail}"
        return name
