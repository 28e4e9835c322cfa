"""What declares tables: columns, foreign keys, relationships and their relatives, as written."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    CallHandler,
    Class,
    Const,
    External,
    Frame,
    Function,
    Instantiation,
    Interpreter,
    Mapping,
    Object,
    Sequence,
    Value,
    Wrapper,
)


class Definition(Value):
    """A declaration in a class body or a Table: the arguments it was made with, and where."""

    __slots__ = ("args", "attrs", "line")

    def __init__(self, args: Args, frame: Frame | None = None) -> None:
        self.args = args
        self.line = frame.line if frame is not None else 0
        self.attrs: dict[str, Value] = {}

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.attrs.get(name) or DefinitionMethod(self)

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.attrs[name] = value

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Expression()

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("sa", id(self))


class DefinitionMethod(Value):
    """``column.desc()`` and the like in a class body."""

    __slots__ = ("of",)

    def __init__(self, of: Definition) -> None:
        self.of = of

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Expression()


class ColumnDefinition(Definition):
    """``Column(...)``, ``mapped_column(...)`` or SQLModel's ``Field(...)``."""

    __slots__ = ("is_field", "is_merged", "kind", "optional")

    def __init__(self, args: Args, frame: Frame | None = None, is_field: bool = False) -> None:
        super().__init__(args, frame)
        self.is_field = is_field
        self.kind: str | None = None
        """The type that the attribute is annotated with."""
        self.optional: bool | None = None
        """Whether the annotation allows None."""
        self.is_merged = False
        """Whether what ``Annotated[...]`` says is among its arguments."""

    def parts(self) -> list[Value]:
        """Type, foreign keys and constraints, without the name."""
        given = list(self.args.positional)
        if given and isinstance(given[0], Const) and isinstance(given[0].value, str):
            given = given[1:]
        return given

    def given_name(self) -> str | None:
        """The column's own name where it differs from the attribute's."""
        return (None if self.is_field else self.args.text(0)) or self.args.text(None, "name")

    def foreign_keys(self) -> list[ForeignKeyDefinition]:
        """The foreign keys among its arguments."""
        found = [part for part in self.parts() if isinstance(part, ForeignKeyDefinition)]
        text = self.args.text(None, "foreign_key")
        if self.is_field and text:
            found.append(ForeignKeyDefinition(Args([Const(text)], dict(self.args.keywords))))
        return found

    def is_primary(self) -> bool:
        """Whether it is (part of) the primary key."""
        value = self.args.get(None, "primary_key")
        return value is not None and value.truth() is True


class ForeignKeyDefinition(Definition):
    """``ForeignKey("table.column")``."""

    __slots__ = ()

    def on_delete(self) -> str | None:
        """The database's own rule, in capitals."""
        text = self.args.text(None, "ondelete")
        return text.upper().replace(" ", "_") if text else None

    def to(self) -> str:
        """The column that is named, where it is written out."""
        return (self.args.text(0, "column") or "").rpartition(".")[2]


class ConstraintDefinition(Definition):
    """``ForeignKeyConstraint`` and ``PrimaryKeyConstraint``."""

    __slots__ = ("kind",)

    def __init__(self, kind: str, args: Args, frame: Frame) -> None:
        super().__init__(args, frame)
        self.kind = kind


class RelationshipDefinition(Definition):
    """``relationship(...)`` or SQLModel's ``Relationship(...)``; ``mode`` for dynamic and write-only ones."""

    __slots__ = ("mode",)

    def __init__(self, args: Args, frame: Frame | None = None, mode: str = "") -> None:
        super().__init__(args, frame)
        self.mode = mode


class BackrefDefinition(Definition):
    """``backref("name", ...)``."""

    __slots__ = ()


class ColumnProperty(Definition):
    """``column_property(expression)`` over a select."""

    __slots__ = ()


class Synonym(Definition):
    """``synonym("other")``."""

    __slots__ = ()


class Proxy(Definition):
    """``association_proxy("relation", "attribute")``."""

    __slots__ = ()


class DeclaredAttr(Value):
    """``declared_attr``: a function of the class that gives a column, a relation or a name."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function

    def of(self, interp: Interpreter, cls: Class, frame: Frame) -> Value:
        """What it declares for a class: it is called once for each, as what it makes is made once."""
        made: dict[DeclaredAttr, Value] = cls.extra.setdefault("sqlalchemy.declared", {})
        if self not in made:
            made[self] = UNKNOWN  # while it is running
            made[self] = self.function.call(interp, Args([cls]), frame)
        return made[self]


class Hybrid(Value):
    """``hybrid_property`` or ``hybrid_method``: a function on instances, an expression on classes."""

    __slots__ = ("expression", "function", "is_method", "setter")

    def __init__(self, function: Value, is_method: bool = False) -> None:
        self.function = function
        self.is_method = is_method
        self.expression: Value | None = None
        self.setter: Value | None = None

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "inplace":
            return self
        return HybridPart(self, name) if name in ("expression", "setter", "comparator", "deleter") else self


class HybridPart(Value):
    """``@thing.setter`` or ``@thing.expression`` of a hybrid."""

    __slots__ = ("hybrid", "name")

    def __init__(self, hybrid: Hybrid, name: str) -> None:
        self.hybrid = hybrid
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        function = args.get(0)
        if isinstance(function, Wrapper):
            function = function.function
        if function is not None and self.name == "expression":
            self.hybrid.expression = function
        elif function is not None and self.name == "setter":
            self.hybrid.setter = function
        return self.hybrid


def column(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``Column(...)``."""
    return ColumnDefinition(args, frame)


def of_subclass(make: CallHandler) -> Instantiation:
    """Instances of a first-party subclass of a column, key or table: what reaches the library's counts."""

    def instantiate(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
        obj = Object(cls, args, frame)
        init = cls.find("__init__")
        if init is not None and isinstance(init[0], Function):
            interp.invoke_concrete(init[0], obj, args, frame)
        calls = interp.knowledge.calls
        base = next(name for name in sorted(cls.ancestors(interp)) if calls.get(name) is make)
        return make(interp, interp.external(base), obj.given(), frame)

    return instantiate


def deferred(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``deferred(Column(...))`` is the column."""
    first = args.get(0)
    return first if isinstance(first, Definition) else ColumnDefinition(args, frame)


def column_property(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """A column, or an expression that is selected with the entity."""
    first = args.get(0)
    return first if isinstance(first, ColumnDefinition) else ColumnProperty(args, frame)


def field(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """SQLModel's ``Field(...)``: a column of SQLAlchemy where one is given, else one made of all that is."""
    column = args.get(None, "sa_column")
    if isinstance(column, ColumnDefinition):
        return column
    more, options = args.get(None, "sa_column_args"), args.get(None, "sa_column_kwargs")
    positional, keywords = list(args.positional), dict(args.keywords)
    if isinstance(more, Sequence):
        positional += more.items
    if isinstance(options, Mapping):
        keywords.update((name, value) for name, value in options.items.items() if isinstance(name, str))
    return ColumnDefinition(Args(positional, keywords, args.open), frame, True)


def foreign_key(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``ForeignKey(...)``."""
    return ForeignKeyDefinition(args, frame)


def constraint(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``ForeignKeyConstraint(...)`` or ``PrimaryKeyConstraint(...)``."""
    return ConstraintDefinition(external.name.rpartition(".")[2], args, frame)


def relationship(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``relationship(...)``, ``dynamic_loader(...)``."""
    return RelationshipDefinition(args, frame, "dynamic" if "dynamic" in external.name else "")


def backref(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``backref(...)``."""
    return BackrefDefinition(args, frame)


def synonym(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``synonym(...)``."""
    return Synonym(args, frame)


def association_proxy(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``association_proxy(...)``."""
    return Proxy(args, frame)


def declared_attr(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``@declared_attr`` and its variants."""
    function = args.get(0)
    if isinstance(function, Wrapper):
        function = function.function
    if not isinstance(function, Function):
        return external
    function.per_class = True
    return DeclaredAttr(function)


def hybrid(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``@hybrid_property`` and ``@hybrid_method``."""
    function = args.get(0)
    return Hybrid(function, external.name.endswith("method")) if function is not None else None


def decorator_that_keeps(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """A decorator factory that leaves the function as it is (``validates``, ``reconstructor``)."""
    return _Keep()


class _Keep(Value):
    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return args.get(0) or UNKNOWN


def type_name(value: Value | None) -> str:
    """The last part of the name of a column's type: ``Integer``, ``String``, ``UUID``."""
    if isinstance(value, Object):
        value = value.cls
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    return value.name if isinstance(value, Class) else ""
