"""Registering calls of which an argument may be one of several values: one for each, with what must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.plugin.serving import unwrapped
from strangler.analyzers.python.conditions import Undecided
from strangler.analyzers.python.text import text_of
from strangler.analyzers.python.values import Args, Const, Function, Object, Text, Union, Value, doubted

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_WAYS = 64
"""Calls that one call may stand for; more than that stay one."""


def each_way(
    interp: Interpreter,
    args: Args,
    frame: Frame,
    texts: tuple[tuple[int | None, str], ...] = (),
    handlers: tuple[tuple[int | None, str], ...] = (),
) -> Iterator[Args]:
    """The arguments of a registering call, once for each of the values that some of them may be.

    While one of several is looked at, the frame stands under the condition that it is the one.

    Args:
        texts: the arguments (position and name) that are paths and prefixes.
        handlers: those that serve, or hold what serves.
    """
    found = [(which, possible_texts(args.get(*which))) for which in texts]
    found += [(which, possible_handlers(interp, args.get(*which))) for which in handlers]
    for which in handlers:
        _tell_others(interp, args.get(*which), frame)
    several = [(which, options) for which, options in found if len(options) > 1]
    count = 1
    for _, options in several:
        count *= len(options)
    outside = frame.under
    try:
        yield from _ways(args, frame, several if count <= MOST_WAYS else [])
    finally:
        frame.under = outside


def _tell_others(interp: Interpreter, value: Value | None, frame: Frame) -> None:
    """Say that something may serve that is none of what is known."""
    if isinstance(value, Union) and value.open and interp.registers():
        message = "what is registered here may be something else than what is listed"
        interp.log.failed(frame.module, frame.line, "unresolved-handler", message)


def _ways(
    args: Args, frame: Frame, several: list[tuple[tuple[int | None, str], list[tuple[str, Value]]]]
) -> Iterator[Args]:
    if not several:
        yield args
        return
    ((index, name), options), *rest = several
    outside = frame.under
    for said, option in options:
        condition = Undecided(frame.module.facts.path, frame.line, 0, 0, f"{name} is {said}")
        frame.under = (*outside, condition)
        yield from _ways(_put(args, index, name, option), frame, rest)
    frame.under = outside


def _put(args: Args, index: int | None, name: str, value: Value) -> Args:
    if name in args.keywords or index is None or index >= len(args.positional):
        return Args(args.positional, {**args.keywords, name: value}, args.open)
    return Args([*args.positional[:index], value, *args.positional[index + 1 :]], args.keywords, args.open)


def is_default(value: Value | None) -> bool:
    """Whether a text is made of a default, for which a deployment may set another value."""
    options = value.options() if value is not None else ()
    return any(text_of(one) is not None and one.truth() is None for one in options)


def made_of_default(interp: Interpreter, frame: Frame, what: str, *values: Value | None) -> bool:
    """Whether one of the texts that a call registers is made of a default; where it is, that is told.

    Args:
        what: they are: paths, prefixes.
    """
    found = [value for value in values if value is not None and is_default(value)]
    for value in found if interp.registers() else ():
        text = next((text for one in value.options() if (text := text_of(one))), "")
        message = f"the {what} {text or '/'} may be another one"
        interp.log.failed(frame.module, frame.line, "doubtful-prefix", message)
    return bool(found)


def possible_texts(value: Value | None) -> list[tuple[str, Value]]:
    """The wholly known texts that a value may be, each as it is written and as a value.

    Where it may be something else, each is a guess.
    """
    found: dict[str, Value] = {}
    for option in value.options() if value is not None else ():
        text = None
        if isinstance(option, Const) and isinstance(option.value, str):
            text = option.value
        elif isinstance(option, Text) and None not in option.parts:
            text = "".join(part for part in option.parts if part is not None)
        if text is not None:
            found.setdefault(text, option)
    known = (
        value is not None and len(found) == len(list(value.options())) and not getattr(value, "open", False)
    )
    return [(repr(text), option if known else doubted(option)) for text, option in found.items()]


def possible_handlers(interp: Interpreter, value: Value | None) -> list[tuple[str, Value]]:
    """The definitions and objects that a value may lead to, each with what it is called.

    Beside those that have a name, what a function makes is a wrapper or a decorator, not another one.
    """
    found: dict[object, tuple[str, Value]] = {}
    made: dict[object, tuple[str, Value]] = {}
    for option in value.options() if value is not None else ():
        serving = unwrapped(interp, option) if not isinstance(option, Object) else None
        if serving is not None:
            said = "that lambda" if isinstance(serving, Function) and serving.is_lambda else serving.dotted
            kept = made if "<locals>" in serving.qualname else found
            kept.setdefault(id(serving), (said, option))
        elif option.truth() is True:
            at = f"that of {option.module}:{option.line}" if isinstance(option, Object) else "the library's"
            found.setdefault(id(option), (at, option))
    return list((found or made).values())
