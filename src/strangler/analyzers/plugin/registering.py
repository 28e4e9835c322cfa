"""Classes of applications and routers: what code makes of them is set up and kept in the order of making."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.values import NONE, Args, Class, External, Function, Object, Value

Made = TypeVar("Made", bound=Object)


def registering_class(
    knowledge: Knowledge,
    name: str,
    kind: type[Made],
    set_up: Callable[[Interpreter, Made, Args, Frame], None],
    made: list[Made],
) -> None:
    """Say that a library's class makes objects of ``kind``, also where the monolith subclasses it.

    Args:
        name: the dotted name of the class.
        kind: the class of the values; made of (class, arguments, frame) as ``Object`` is.
        set_up: what its constructor does with the arguments, called by a subclass's own or by itself.
        made: where those go that are made while the application is put together.
    """

    knowledge.registrars.add(name)

    def make(interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Made:
        value = kind(cls, args, frame)
        if interp.registers():
            made.append(value)
        return value

    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        value = make(interp, external, args, frame)
        set_up(interp, value, args, frame)
        return value

    def instantiate(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
        value = make(interp, cls, args, frame)
        if not run_own_constructor(interp, value, args, frame):
            set_up(interp, value, args, frame)
        return value

    def initialise(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        if isinstance(receiver, kind):
            set_up(interp, receiver, args, frame)
        return NONE

    knowledge.calls[name] = call
    knowledge.instantiations[name] = instantiate
    knowledge.methods[f"{name}.__init__"] = initialise


def run_own_constructor(interp: Interpreter, made: Object, args: Args, frame: Frame) -> bool:
    """Run the ``__init__`` that the monolith defines for an object below a library's class.

    Returns:
        Whether there is one; without one the library's own constructor takes the arguments.
    """
    init = made.cls.find("__init__") if isinstance(made.cls, Class) else None
    if init is None or not isinstance(init[0], Function):
        return False
    interp.invoke_concrete(init[0], made, args, frame)
    return True
