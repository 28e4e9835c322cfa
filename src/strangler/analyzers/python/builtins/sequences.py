"""Methods of lists, tuples, sets and iterators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.budget import ITEMS_A_STEP
from strangler.analyzers.python.comparisons import equal
from strangler.analyzers.python.iteration import elements
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Guess,
    Sequence,
    Slice,
    Value,
    View,
    distinct,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

_COMBINED = ("union", "intersection", "difference", "symmetric_difference")
_INTO = {
    "update": "union",
    "intersection_update": "intersection",
    "difference_update": "difference",
    "symmetric_difference_update": "symmetric_difference",
}


def method(interp: Interpreter, receiver: Sequence, name: str, args: Args, frame: Frame) -> Value:
    """What a method of a list, tuple or set does and gives."""
    if receiver.kind in ("set", "frozenset") and (name in _COMBINED or name in _INTO):
        return _combined(interp, receiver, name, args, frame)
    known = _METHODS.get(name)
    if isinstance(receiver, View):  # methods of a list: in Python 2 keys() gave a list of its own
        receiver = Sequence(list(receiver.items), "list", receiver.open)
    return known(interp, receiver, args, frame) if known is not None else UNKNOWN


def _append(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    first = args.get(0)
    if first is None:
        return UNKNOWN
    interp.changes.before(receiver)
    if receiver.kind == "set":
        interp.spend(len(receiver.items) // ITEMS_A_STEP)
        receiver.items[:], exact = distinct([*receiver.items, first])
        receiver.open = receiver.open or not exact
    elif interp.booting or first is not UNKNOWN:
        receiver.items.append(first)
        interp.log.additions.put_in(receiver, [first], frame.under)
    else:
        receiver.open = True
    return NONE


def _append_left(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return _insert(interp, receiver, Args([Const(0), *args.positional]), frame)


def _insert(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    if len(args.positional) > 1:
        at = _index(args.positional[0])
        interp.changes.before(receiver)
        receiver.items.insert(at or 0, args.positional[1])
        interp.log.additions.put_in(receiver, [args.positional[1]], frame.under)
        receiver.open = receiver.open or at is None
    return NONE


def _extend(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    for argument in args.positional:
        added, exact = elements(interp, argument, frame)
        before = len(receiver.items)
        receiver.extend(interp, added, exact, frame)
        interp.log.additions.carry(argument, receiver, before)
        interp.log.additions.put_in(receiver, added, frame.under)
    return NONE


def _combined(interp: Interpreter, receiver: Sequence, name: str, args: Args, frame: Frame) -> Value:
    how = _INTO.get(name, name)
    items, exact = list(receiver.items), not (receiver.open or args.open)
    for argument in (*args.positional, *(args.samples if how == "union" else ())):
        more, whole = elements(interp, argument, frame, False)
        items, decided = interp.combine_sets(how, items, more, frame)
        exact = exact and whole and decided
    if name not in _INTO:
        return Sequence(items, receiver.kind, not exact)
    interp.changes.before(receiver)
    receiver.items[:], receiver.open = items, not exact
    return NONE


def _copy(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return Sequence(list(receiver.items), receiver.kind, receiver.open)


def _pop(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return _popped(interp, receiver, args.get(0) or Const(-1))


def _pop_left(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return _popped(interp, receiver, Const(0))


def _popped(interp: Interpreter, receiver: Sequence, where: Value) -> Value:
    at = _index(where)
    interp.changes.before(receiver)
    if (
        receiver.open
        or at is None
        or receiver.kind == "set"
        or not -len(receiver.items) <= at < len(receiver.items)
    ):
        found = join([*receiver.items, UNKNOWN] if receiver.open else receiver.items)
        receiver.open = True
        return found
    return receiver.items.pop(at)


def _item(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return receiver.item(interp, args.get(0) or UNKNOWN, frame)


def _set_item(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    key, value = args.get(0), args.get(1)
    if key is None or value is None:
        return NONE
    at = _index(key)
    interp.changes.before(receiver)
    if isinstance(key, Slice):
        items, exact = elements(interp, value, frame)
        room = interp.budget.room(frame, len(receiver.items), len(items))
        if exact and not receiver.open and key.value is not None and room == len(items):
            try:
                receiver.items[key.value] = items
                return NONE
            except ValueError:
                pass
        receiver.extend(interp, items[:room], False, frame)
    elif at is not None and not receiver.open and -len(receiver.items) <= at < len(receiver.items):
        receiver.items[at] = value
    else:  # any of them
        receiver.items[:] = [join([item, value]) for item in receiver.items] or [value]
        receiver.open = True
    return NONE


def _delete_item(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    key = args.get(0) or UNKNOWN
    at = _index(key)
    interp.changes.before(receiver)
    try:
        if receiver.open:
            pass
        elif isinstance(key, Slice) and key.value is not None:
            del receiver.items[key.value]
            return NONE
        elif at is not None:
            del receiver.items[at]
            return NONE
    except (IndexError, ValueError):
        pass
    receiver.open = True
    return NONE


def _remove(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    wanted = args.get(0) or UNKNOWN
    interp.changes.before(receiver)
    if not receiver.open:
        for at, item in enumerate(receiver.items):
            same = equal(item, wanted)
            if same:
                del receiver.items[at]
                return NONE
            if same is None:
                break
        else:
            return NONE
    receiver.open = True
    return NONE


def _sort(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    interp.changes.before(receiver)
    ordered = in_order(interp, receiver.items, args, frame)
    receiver.open = receiver.open or ordered is None
    receiver.items[:] = ordered if ordered is not None else receiver.items
    return NONE


def in_order(interp: Interpreter, items: list[Value], args: Args, frame: Frame) -> list[Value] | None:
    """The items as ``sorted`` orders them; None where that cannot be told."""
    key, backwards = args.get(None, "key"), args.get(None, "reverse")
    keys = [key.call(interp, Args([item]), frame) if key is not None else item for item in items]
    backward = backwards.truth() if backwards is not None else False
    if backward is None or args.open or not all(type(one) is Const for one in keys):
        return items if len(items) < 2 and not args.open else None
    plain = [one.value for one in keys]  # type: ignore[attr-defined]
    try:
        order = sorted(range(len(items)), key=plain.__getitem__, reverse=backward)
    except TypeError:
        return None
    return [items[at] for at in order]


def _reverse(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    interp.changes.before(receiver)
    receiver.items.reverse()
    return NONE


def _clear(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    interp.changes.before(receiver)
    receiver.items.clear()
    receiver.open = False
    return NONE


def _where(receiver: Sequence, args: Args) -> list[int] | None:
    wanted = args.get(0) or UNKNOWN
    answers = [equal(item, wanted) for item in receiver.items]
    if receiver.open or None in answers or len(args.positional) != 1:
        return None
    return [at for at, answer in enumerate(answers) if answer]


def _find(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    found = _where(receiver, args)
    return Const(found[0]) if found else UNKNOWN


def _count(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    found = _where(receiver, args)
    return Const(len(found)) if found is not None else UNKNOWN


def _next(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return _popped(interp, receiver, Const(0))


def _plus(interp: Interpreter, receiver: Sequence, args: Args, frame: Frame) -> Value:
    return receiver.operate(interp, "+", args.get(0) or UNKNOWN, frame)


def _index(value: Value) -> int | None:
    plain = isinstance(value, Const) and not isinstance(value, Guess) and isinstance(value.value, int)
    return value.value if plain else None  # type: ignore[attr-defined]


_METHODS = {
    "append": _append,
    "add": _append,
    "appendleft": _append_left,
    "insert": _insert,
    "extend": _extend,
    "update": _extend,
    "__add__": _plus,
    "copy": _copy,
    "pop": _pop,
    "popleft": _pop_left,
    "__getitem__": _item,
    "__setitem__": _set_item,
    "__delitem__": _delete_item,
    "__next__": _next,
    "remove": _remove,
    "discard": _remove,
    "sort": _sort,
    "reverse": _reverse,
    "clear": _clear,
    "index": _find,
    "count": _count,
}
