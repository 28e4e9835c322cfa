"""``enum``: members of classes, with their names and values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.comparisons import equal
from strangler.analyzers.python.metaclasses import method_of
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    Mapping,
    Object,
    Sequence,
    Value,
    Wrapper,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge

ENUM = "enum.Enum"
LABELLED = "enum.labelled"
"""Stands for the base of enumerations whose members have a label, the last part of a tuple or their name."""
_HIERARCHY = {
    "enum.StrEnum": (ENUM,),
    "enum.IntEnum": (ENUM,),
    "enum.Flag": (ENUM,),
    "enum.IntFlag": ("enum.Flag",),
    LABELLED: (ENUM,),
}
_PLAIN = {"enum.StrEnum", "enum.IntEnum", "enum.IntFlag", "builtins.str", "builtins.int"}
"""Bases with which a member is its value."""


class Member(Value):
    """A member of an enumeration that equals nothing but itself."""

    __slots__ = ("attrs", "cls", "name", "value")

    by_identity = True

    def __init__(self, cls: Class, name: str, value: Value) -> None:
        self.cls = cls
        self.name = name
        self.value = value
        self.attrs: dict[str, Value] = {}
        """What its constructor has set."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.attrs:
            return self.attrs[name]
        return member_attribute(interp, self, self.cls, self.name, self.value, name, frame)

    def truth(self) -> bool | None:
        return None if self.cls.find("__bool__") else True

    def key(self) -> Hashable:
        return ("member", self.cls.key(), self.name)

    def __repr__(self) -> str:
        return f"<member {self.cls.dotted}.{self.name}>"


class PlainMember(Const):
    """A member that is a string or a number as well."""

    __slots__ = ("cls", "name")

    def __init__(self, cls: Class, name: str, value: Const) -> None:
        super().__init__(value.value)
        self.cls = cls
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        own = member_attribute(interp, self, self.cls, self.name, Const(self.value), name, frame)
        return own if own is not UNKNOWN else super().get(interp, name, frame)

    def key(self) -> Hashable:
        return ("member", self.cls.key(), self.name)


def member_attribute(
    interp: Interpreter, member: Value, cls: Class, own: str, value: Value, name: str, frame: Frame
) -> Value:
    """``member.name``, ``member.value``, or what its class defines."""
    if name in ("value", "_value_"):
        return value
    if name in ("name", "_name_"):
        return Const(own)
    if name == "__class__":
        return cls
    if name == "label" and (label := members(interp, cls) and cls.extra["enum labels"].get(own)):
        return label  # type: ignore[no-any-return]
    found = cls.find(name)
    if found is None or _is_member(name, found[0]):
        return UNKNOWN
    return interp.bind_member(member, cls, name, found[0], frame)


def _is_member(name: str, value: Value) -> bool:
    return not name.startswith("_") and not isinstance(value, (Function, Wrapper, Class, External))


def members(interp: Interpreter, cls: Class) -> dict[str, Value]:
    """The members of an enumeration, in the order of their definition."""
    known: dict[str, Value] | None = cls.extra.get("enum members")
    if known is not None:
        return known
    plain = not _PLAIN.isdisjoint(cls.ancestors(interp))
    by_name = "enum.StrEnum" in cls.ancestors(interp)
    found: dict[str, Value] = {}
    names: dict[str, Value] = {}
    labels: dict[str, Value] = {}
    last = 0
    for parent in reversed(cls.mro()):
        for name, value in parent.namespace.items():
            if not _is_member(name, value):
                continue
            if isinstance(value, Object) and interp.kind(value) == "enum.auto":
                value = Const(name.lower()) if by_name else Const(last + 1)
            if isinstance(value, Const) and isinstance(value.value, int):
                last = value.value
            label: Value | None = None
            if LABELLED in cls.ancestors(interp):
                label = Const(name.replace("_", " ").title())
                if isinstance(value, Sequence) and len(value.items) > 1 and not value.open:
                    *rest, label = value.items
                    value = rest[0] if len(rest) == 1 else Sequence(rest, "tuple")
            first = next((m for m in found.values() if equal(_value(m), value)), None)
            if first is not None:  # another name of the same member
                names[name] = first
                continue
            own = method_of(cls, "__init__")
            simple = plain and type(value) is Const and own is None
            if method_of(cls, "__new__") is not None:
                simple, value = False, UNKNOWN  # it may say what the value is
            made = PlainMember(cls, name, value) if simple else Member(cls, name, value)  # type: ignore[arg-type]
            if own is not None and isinstance(made, Member):
                given = value.items if isinstance(value, Sequence) and value.kind == "tuple" else [value]
                obj = Object(cls, Args(), interp.root_frame)
                obj.identify()
                obj.attrs |= {"name": Const(name), "value": value}
                interp.invoke_concrete(own, obj, Args(list(given)), interp.root_frame)
                made.attrs = {k: v for k, v in obj.attrs.items() if k not in ("name", "value")}
            if label is not None:
                labels[name] = label
            names[name] = found[name] = made
    cls.extra["enum members"] = found
    cls.extra["enum names"] = names
    cls.extra["enum labels"] = labels
    return found


def _value(member: Value) -> Value:
    return member.value if isinstance(member, Member) else Const(member.value)  # type: ignore[attr-defined]


def named(interp: Interpreter, cls: Class) -> dict[str, Value]:
    """The members by each of their names."""
    members(interp, cls)
    names: dict[str, Value] = cls.extra["enum names"]
    return names


def _through_class(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    if name == "__members__":
        return Mapping(dict(named(interp, cls)))
    return named(interp, cls).get(name) if _is_member(name, value) else None


def _class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    if name == "__members__":
        return Mapping(dict(named(interp, cls)))
    if name not in ("choices", "labels", "values", "names") or LABELLED not in cls.ancestors(interp):
        return None
    found = members(interp, cls)
    labels: dict[str, Value] = cls.extra["enum labels"]
    of_each: dict[str, list[Value]] = {
        "names": [Const(own) for own in found],
        "values": [_value(member) for member in found.values()],
        "labels": list(labels.values()),
    }
    of_each["choices"] = [
        Sequence([value, label], "tuple")
        for value, label in zip(of_each["values"], of_each["labels"], strict=True)
    ]
    return Sequence(of_each[name])


def _by_name(interp: Interpreter, cls: Class, key: Value, frame: Frame) -> Value | None:
    name = key.value if isinstance(key, Const) else None
    return named(interp, cls).get(name, UNKNOWN) if isinstance(name, str) else None


def _by_value(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    given = args.get(0, "value")
    if not isinstance(given, Const):
        return UNKNOWN
    for member in members(interp, cls).values():
        value = member.value if isinstance(member, Member) else member
        if isinstance(value, Const) and value.value == given.value:
            return member
    return UNKNOWN


def _iterated(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return Sequence(list(members(interp, receiver).values())) if isinstance(receiver, Class) else None


def _functional(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``Enum("Kind", {"BIG": "big"})``, ``Enum("Kind", "BIG SMALL")``."""
    name, given = args.text(0, "value"), args.get(1, "names")
    if name is None or given is None:
        return None
    held: dict[Any, Value] = {}
    if isinstance(given, Mapping) and not given.open:
        held = dict(given.items)
    elif isinstance(given, Const) and isinstance(given.value, str):
        held = dict.fromkeys(given.value.replace(",", " ").split(), UNKNOWN)
    else:
        items, exact = given.elements(interp, frame)
        for item in items if exact else ():
            pair = item.items if isinstance(item, Sequence) else [item]
            if isinstance(pair[0], Const):
                held[pair[0].value] = pair[1] if len(pair) > 1 else UNKNOWN
    by_name = external.name == "enum.StrEnum"
    numbers: dict[Any, Value] = {
        key: value if value is not UNKNOWN else Const(str(key).lower()) if by_name else Const(number)
        for number, (key, value) in enumerate(held.items(), 1)
    }
    bases: list[Value] = [option for option in [args.get(None, "type")] if option is not None]
    made = Args([Const(name), Sequence([*bases, external], "tuple"), Mapping(numbers)])
    return interp.make_class(made, frame) if held else None


def teach(knowledge: Knowledge) -> None:
    """Add enumerations to what is known."""
    for name in (ENUM, *_HIERARCHY):
        knowledge.calls[name] = _functional
    for name, parents in _HIERARCHY.items():
        knowledge.hierarchy[name] = parents
    knowledge.descriptors[ENUM] = _through_class
    knowledge.class_members[ENUM] = _class_member
    knowledge.class_items[ENUM] = _by_name
    knowledge.instantiations[ENUM] = _by_value
    knowledge.methods[f"{ENUM}.__iter__"] = _iterated
