"""Strings and numbers: what operators, formatting and the methods of ``str`` give."""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.knowledge import words
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bytes,
    Const,
    External,
    Guess,
    Mapping,
    Method,
    Object,
    Sequence,
    Text,
    Union,
    Value,
    doubted,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

_CHANGES = frozenset(
    words(
        "capitalize casefold center expandtabs ljust lower lstrip removeprefix removesuffix replace rjust "
        "rstrip strip swapcase title upper zfill"
    )
)
"""The methods of a string that give another one."""

_OF_A_STRING = _CHANGES | frozenset(
    words(
        "count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric "
        "isprintable isspace istitle isupper partition rfind rindex rpartition rsplit split splitlines "
        "startswith"
    )
)
"""Those that are computed as Python computes them."""

_PERCENT = re.compile(r"%(?:\((?P<name>[^()]*)\))?(?P<form>[-#0 +]*\d{0,3}(?:\.\d{0,3})?[a-zA-Z%])?")
_BRACES = re.compile(
    r"\{\{|\}\}|\{(?P<name>[^{}:!]*)(?P<how>![rsa])?(?P<form>:[^{}]*)?\}|(?P<nested>\{[^{}]*\{[^{}]*\}[^{}]*\})"
)
_FORM = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?\d{0,3}[,_]?(?:\.\d{0,3})?[a-zA-Z%]?")
MOST_PARTS = 500
"""Known parts and holes of a string that is put together."""


def text_of(value: Value | None) -> str | None:
    """A string that is known; None for everything else."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def build(interp: Interpreter, parts: Iterable[str | None], frame: Frame) -> Value:
    """A string from known parts and holes; neighbouring parts are joined."""
    joined: list[list[str] | None] = []
    size, longest = 0, interp.budget.longest_text
    for part in parts:
        if part is not None:
            size += len(part)
            if size > longest:
                break
            if joined and joined[-1] is not None:
                joined[-1].append(part)
            else:
                joined.append([part])
        elif not joined or joined[-1] is not None:
            joined.append(None)
            size += longest // MOST_PARTS + 1
    if not interp.budget.text(frame, size):
        return Text([None])
    texts = [None if part is None else "".join(part) for part in joined]
    if len(texts) > 1:
        return Text(texts)
    return Text([None]) if texts == [None] else Const(texts[0] if texts else "")


def parts_of(value: Value) -> list[str | None]:
    """The parts of a value when it is put into a string; a hole where it is not known."""
    value = _likely(value)
    if isinstance(value, Const):
        return [str(value.value) if not isinstance(value, Bytes) else repr(value.value.encode("latin-1"))]
    if isinstance(value, Text):
        return list(value.parts)
    return [None]


def _likely(value: Value) -> Value:
    """The one of several strings that is wholly known, as a guess: a default beside what a setting makes."""
    if type(value) is not Union:
        return value
    known = [option for option in value.values if _is_string(option)]
    return doubted(known[0]) if len(known) == 1 and all(map(_is_string_or_vague, value.values)) else value


def _is_string(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)


def _is_string_or_vague(value: Value) -> bool:
    """Whether it is a string, be it with holes, or something of which only a library knows what it is."""
    owner = value.receiver if isinstance(value, Method) else value  # an attribute that is not called
    vague = isinstance(owner, Object) and isinstance(owner.cls, External)
    return vague or isinstance(value, Text) or _is_string(value)


MOST_SPELLINGS = 6
"""Strings that a value may be, for each of which what is made of it is made."""


def spellings(value: Value) -> tuple[list[Value], bool]:
    """The strings that a value may be, where there are several, but few; whether it may be none of them."""
    if type(value) is not Union or len(value.values) > MOST_SPELLINGS:
        return [], True
    known = [option for option in value.values if _is_string(option)]
    if len(known) < 2 or not all(map(_is_string_or_vague, value.values)):
        return [], True
    return known, value.open or len(known) < len(value.values)


def each_spelling(values: Iterable[Value], make: Callable[[Callable[[Value], Value]], Value]) -> Value:
    """What is made of values: where one of them is one of several strings, what is made of each of these.

    Args:
        make: makes it; it is given what puts one of the strings in the place of that value.
    """
    several = {id(value): value for value in values if spellings(value)[0]}
    if len(several) != 1:
        return make(lambda value: value)
    (one,) = several.values()
    options, more = spellings(one)
    found = [make(lambda value, option=option: option if value is one else value) for option in options]  # type: ignore[misc]
    return join([*found, UNKNOWN] if more else found)


def guessed(result: Value, *sources: Value) -> Value:
    """What is made of a guess is a guess."""
    if not any(
        type(source) is Guess or (type(source) is Union and isinstance(_likely(source), Guess))
        for source in sources
    ):
        return result
    if isinstance(result, Sequence):
        return Sequence([doubted(item) for item in result.items], result.kind, True)
    return doubted(result)


def operate(interp: Interpreter, left: Value, operator: str, other: Value, frame: Frame) -> Value:
    """``+``, ``%`` and ``*`` on strings, arithmetic on numbers."""
    inside: Iterable[Value] = other.items if isinstance(other, Sequence) else ()
    if isinstance(other, Mapping):
        inside = other.items.values()
    return guessed(_operate(interp, left, operator, other, frame), left, other, *inside)


def _operate(interp: Interpreter, left: Value, operator: str, other: Value, frame: Frame) -> Value:
    if isinstance(left, Bytes) or isinstance(other, Bytes):
        if not isinstance(left, Bytes) or not isinstance(other, Bytes) or operator != "+":
            return UNKNOWN
        fits = interp.budget.text(frame, len(left.value) + len(other.value))
        return Bytes(left.value + other.value) if fits else UNKNOWN
    if isinstance(left, Const) and not isinstance(left.value, str):
        return _arithmetic(left.value, operator, other.value) if isinstance(other, Const) else UNKNOWN
    if operator in ("+", "r+"):
        first, second = (left, other) if operator == "+" else (other, left)
        return each_spelling(
            [other], lambda one: build(interp, [*parts_of(one(first)), *parts_of(one(second))], frame)
        )
    if operator == "%":
        inside: Iterable[Value] = other.items if isinstance(other, Sequence) else [other]
        if isinstance(other, Mapping):
            inside = other.items.values()
        return each_spelling(inside, lambda one: build(interp, _percent(left, other, one), frame))
    if operator == "*" and isinstance(other, Const) and isinstance(other.value, int):
        size = sum(len(part) if part is not None else 1 for part in parts_of(left)) * max(other.value, 0)
        fits = interp.budget.text(frame, size)
        return build(interp, parts_of(left) * other.value, frame) if fits else Text([None])
    return UNKNOWN


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "/": operators.truediv,
    "//": operators.floordiv,
    "%": operators.mod,
    "**": operators.pow,
    "&": operators.and_,
    "|": operators.or_,
    "^": operators.xor,
    "<<": operators.lshift,
    ">>": operators.rshift,
}


def _arithmetic(left: Any, operator: str, right: Any) -> Value:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return UNKNOWN
    if max(abs(left), abs(right)) >= 1 << 63 or (operator in ("**", "<<") and not abs(right) <= 64):
        return UNKNOWN
    try:
        result = _ARITHMETIC[operator](left, right)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return UNKNOWN
    return Const(result) if not isinstance(result, complex) and abs(result) < 1 << 63 else UNKNOWN


def _formatted(how: Callable[[Any], str], value: Value | None) -> list[str | None]:
    if not isinstance(value, Const):
        return [None]
    try:
        return [how(value.value)]
    except (TypeError, ValueError, OverflowError):
        return [None]


def _percent(template: Value, arguments: Value, one: Callable[[Value], Value]) -> Iterator[str | None]:
    given = arguments.items if isinstance(arguments, Sequence) and arguments.kind == "tuple" else [arguments]
    named = arguments.items if isinstance(arguments, Mapping) else {}
    exact = not getattr(arguments, "open", False)
    position = 0
    for text in parts_of(template):
        if text is None:
            yield None
            continue
        end = 0
        for match in _PERCENT.finditer(text):
            yield text[end : match.start()]
            end = match.end()
            form = match["form"]
            if form is None:
                yield None  # a form that is not understood
            elif match[0] == "%%":
                yield "%"
            else:
                if match["name"] is not None:
                    value = named.get(match["name"])
                else:
                    value = given[position] if position < len(given) and exact else None
                    position += 1
                value = one(value) if value is not None else None
                if form == "s":
                    yield from parts_of(value) if value is not None else [None]
                else:
                    yield from _formatted(lambda known, form=form: f"%{form}" % (known,), value)  # type: ignore[misc]
        yield text[end:]


def _format(template: Value, args: Args, one: Callable[[Value], Value]) -> Iterator[str | None]:
    position = 0
    for text in parts_of(template):
        if text is None:
            yield None
            continue
        end = 0
        for match in _BRACES.finditer(text):
            yield text[end : match.start()]
            end = match.end()
            name, how, form = match["name"], match["how"], match["form"]
            if match["nested"] is not None:  # ``{:{width}}``
                yield None
                continue
            if name is None:
                yield match[0][0]
                continue
            if name == "":
                name, position = str(position), position + 1
            number = name.isdecimal() and name.isascii() and len(name) < 4
            value = args.get(int(name), None) if number else args.get(None, name)
            yield from shown(one(value) if value is not None else None, how, form)
        yield text[end:]


def shown(value: Value | None, how: str | None, form: str | None) -> list[str | None]:
    """A value as ``{value!how:form}`` shows it."""
    if value is None:
        return [None]
    if how in (None, "!s") and not (form or "").strip(":"):
        return parts_of(value)
    if how == "!a" or not _FORM.fullmatch((form or ":")[1:]):
        return [None]
    return _formatted(lambda known: f"{{{how or ''}{form or ''}}}".format(known), value)


def call_method(
    interp: Interpreter,
    receiver: Value,
    name: str,
    args: Args,
    items: list[Value],
    exact: bool,
    frame: Frame,
) -> Value:
    """A method of ``str``; ``items`` are the elements of the first argument (for ``join``)."""
    result = _call_method(interp, receiver, name, args, items, exact, frame)
    inside = [i for a in args.positional if isinstance(a, Sequence) for i in a.items] if exact else items
    return guessed(result, receiver, *args.all(), *inside)


def _call_method(
    interp: Interpreter,
    receiver: Value,
    name: str,
    args: Args,
    items: list[Value],
    exact: bool,
    frame: Frame,
) -> Value:
    if isinstance(receiver, Bytes):
        return Const(receiver.value) if name == "decode" and receiver.value.isascii() else UNKNOWN
    if name == "encode" and isinstance(receiver, Const) and str(receiver.value).isascii():
        return Bytes(receiver.value)
    if name == "format":
        return each_spelling(args.all(), lambda one: build(interp, _format(receiver, args, one), frame))
    if name == "join":
        if not exact:
            return Text([None])
        return each_spelling(items, lambda one: build(interp, _joined(receiver, map(one, items)), frame))
    if isinstance(receiver, Const) and isinstance(receiver.value, str) and name in _OF_A_STRING:
        return _computed(interp, receiver.value, name, args, frame)
    if name in _CHANGES:
        return Text([None]) if name != "strip" or isinstance(receiver, Const) else receiver
    return receiver if name in ("encode", "decode", "as_string") else UNKNOWN


def _joined(between: Value, items: Iterable[Value]) -> Iterator[str | None]:
    for n, item in enumerate(items):
        yield from parts_of(between) if n else ()
        yield from parts_of(item)


def _computed(interp: Interpreter, text: str, name: str, args: Args, frame: Frame) -> Value:
    vague = Text([None]) if name in _CHANGES else UNKNOWN
    given = [plain(value) for value in args.positional]
    named = {key: plain(value) for key, value in args.keywords.items()}
    if args.open or UNKNOWN in given or UNKNOWN in named.values():
        return vague
    numbers = [abs(value) for value in (*given, *named.values()) if isinstance(value, int)]
    size = max([len(text), *(n for n in numbers if name in _CHANGES and name != "replace")])
    if name == "replace" and len(given) > 1 and isinstance(given[0], str) and isinstance(given[1], str):
        size += (text.count(given[0]) if given[0] else len(text) + 1) * len(given[1])
    if name == "expandtabs":
        size *= text.count("\t") + 1
    if not interp.budget.text(frame, size):
        return vague
    try:
        result = getattr(text, name)(*given, **named)
    except (TypeError, ValueError, OverflowError):
        return vague
    if isinstance(result, (list, tuple)):
        return Sequence([Const(part) for part in result], type(result).__name__)
    return Const(result)


def plain(value: Value) -> Any:
    """The Python value of a constant or of a tuple of constants; UNKNOWN where it is none."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Sequence) and value.kind == "tuple" and not value.open:
        parts = tuple(plain(item) for item in value.items)
        return parts if all(part is not UNKNOWN for part in parts) else UNKNOWN
    return UNKNOWN
