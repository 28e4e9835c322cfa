"""What a place hands over with a message: the text of each argument and its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.arguments import signature
from strangler.analyzers.signatures.knowledge import words
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import text, walk
from strangler.model import Message, Task
from strangler.model.shapes import UNKNOWN, bounded

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference

SENDING = words(
    "send send_robust asend asend_robust send_async send_task send_with_options delay apply_async s si "
    "signature enqueue enqueue_call message queue kiq defer defer_async"
)


def with_shapes(
    inference: Inference,
    messages: Sequence[Message],
    tasks: Iterable[Task],
    handler: Callable[[str], Target | None],
) -> tuple[Message, ...]:
    """The messages, their arguments with source text and shape where the call that sends is seen.

    Args:
        inference: of the program.
        messages: as the frameworks found them.
        tasks: the parameters of their handlers name what is passed by position.
        handler: finds the function of a dotted name.
    """
    names: dict[str, list[str]] = {}
    for task in tasks:
        found = handler(task.handler)
        if found is not None:
            declared = [item.name for item in signature(inference.names.functions[found])]
            names[task.name] = declared[1:] if declared[:1] == ["self"] else declared
    return tuple(_told(inference, message, names.get(message.name, [])) for message in messages)


def _told(inference: Inference, message: Message, names: list[str]) -> Message:
    scope = inference.scope(Target(message.module, message.function or "")) if message.arguments else None
    call = _call_at(scope, message.line) if scope is not None else None
    if scope is None or call is None:
        return message
    given: dict[str, Node] = {str(index): value for index, value in enumerate(call.args)}
    given |= {word: value for word, value in call.keywords if word}
    arguments = []
    for argument in message.arguments:
        position = str(names.index(argument.name)) if argument.name in names else argument.name
        value = given.get(argument.name) or given.get("0" if argument.name == "sender" else position)
        if value is not None:
            shape = bounded(inference.shape(value, scope))
            known = shape if shape.kind != UNKNOWN.kind else None
            argument = replace(argument, text=text(value), shape=known)
        arguments.append(argument)
    return replace(message, arguments=tuple(arguments))


def _call_at(scope: Scope, line: int) -> syntax.Call | None:
    for node in scope.nodes or walk(scope.body):
        match node:
            case syntax.Call(at, syntax.Attribute(attr=name)) if at == line and name in SENDING:
                return node
    return None
