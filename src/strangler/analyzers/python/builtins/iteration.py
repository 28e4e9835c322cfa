"""What makes, walks and measures containers and plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python import text
from strangler.analyzers.python.builtins import sequences
from strangler.analyzers.python.iteration import elements, iterate
from strangler.analyzers.python.knowledge import CallHandler
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Iterator,
    Mapping,
    Object,
    Sequence,
    Value,
    distinct,
    join,
    put,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


MOST_FILTERED = 200
"""Elements that ``filter`` asks for one by one."""


def with_key(interp: Interpreter, items: list[Value], args: Args, frame: Frame) -> None:
    """``key=`` of ``min`` and ``max`` is called with the elements."""
    key = args.get(None, "key")
    if key is not None and items:
        with interp.changes.possible():
            key.call(interp, Args([join(items)]), frame)


def _reduced(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``functools.reduce``."""
    function, first = args.get(0, "function"), args.get(2, "initial")
    items, exact = elements(interp, args.get(1, "iterable") or UNKNOWN, frame)
    if function is None:
        return UNKNOWN
    exact = exact and len(items) <= MOST_FILTERED
    if not exact:
        sources = [*([first] if first is not None else []), *items, UNKNOWN]
        with interp.changes.possible():
            once = function.call(interp, Args([join(sources), join([*items, UNKNOWN])]), frame)
        return join([*sources, once])
    if first is None:
        if not items:
            return UNKNOWN
        first, *items = items
    for item in items:
        first = function.call(interp, Args([first, item]), frame)
    return first


def _collect(kind: str) -> CallHandler:
    def build(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        source = args.get(0)
        if source is None:
            return Sequence([], kind)
        items, exact = elements(interp, source, frame, kind not in ("set", "frozenset"))
        if kind in ("set", "frozenset"):
            items, whole = distinct(items)
            exact = exact and whole
        return Sequence(items, kind, not exact)

    return build


_AS_A_DEQUE = _collect("deque")


def _deque(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = _AS_A_DEQUE(interp, external, args, frame)
    most = args.get(1, "maxlen")
    if (
        isinstance(result, Sequence)
        and most is not None
        and not (isinstance(most, Const) and most.value is None)
    ):
        result.open = True  # elements go where there is no room
    return result or UNKNOWN


def _sorted(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    items, exact = elements(interp, args.get(0) or UNKNOWN, frame, False)
    ordered = sequences.in_order(interp, items, args, frame)
    kind = getattr(args.get(0), "kind", "")
    if ordered is None or (
        kind in ("set", "frozenset") and args.get(None, "key") is not None and len(items) > 1
    ):
        return Sequence(items, "list", True)  # equal ones are in no order
    return Sequence(ordered, "list", not exact)


def _reversed(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    items, exact = elements(interp, args.get(0) or UNKNOWN, frame)
    return Iterator(items[::-1], not exact, interp)


def _often(interp: Interpreter, call: Callable[[], Value]) -> Value:
    """What one of many calls gives, no one knows how many."""
    with interp.changes.doubtful():
        return join([call(), UNKNOWN])


def _iter(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    source = args.get(0)
    if source is not None and len(args.positional) > 1:  # called until it gives that
        return Sequence([_often(interp, lambda: source.call(interp, Args(), frame))], "generator", True)
    if isinstance(source, Iterator) or not isinstance(source, (Sequence, Mapping, Const)):
        return source
    items, exact = elements(interp, source, frame)
    return Iterator(items, not exact, interp)


def _dict(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Mapping(open=args.open)
    source = args.get(0)
    if isinstance(source, Mapping):
        result = Mapping(dict(source.items), list(source.others), source.open or args.open)
    elif source is not None:
        pairs, exact = elements(interp, source, frame)
        for pair in pairs:
            if isinstance(pair, Sequence) and len(pair.items) == 2 and not pair.open:
                put(result, pair.items[0], pair.items[1])
            else:
                exact = False
        result.open = result.open or not exact
    result.items.update(args.keywords)
    return result


def _enumerate(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source, start = args.get(0), args.get(1, "start") or Const(0)
    with interp.changes.later() as changed:
        items, exact = elements(interp, source, frame) if source else ([], False)
    if not exact or type(start) is not Const or not isinstance(start.value, int):
        rows = [Sequence([UNKNOWN, join([*items, UNKNOWN])], "tuple")]
        return Iterator([*rows], True, interp, changed=changed)
    rows = [Sequence([Const(n), item], "tuple") for n, item in enumerate(items, start.value)]
    return Iterator([*rows], False, interp, changed=changed)


def _zip(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    with interp.changes.later() as changed:
        columns = [elements(interp, source, frame) for source in args.positional]
    if columns and all(exact for _, exact in columns) and not args.open:
        rows = zip(*(items for items, _ in columns), strict=False)
        return Iterator([Sequence(list(row), "tuple") for row in rows], False, interp, changed=changed)
    row: list[Value] = [join([*items, UNKNOWN]) for items, _ in columns]
    return Iterator([Sequence(row, "tuple")], True, interp, changed=changed)


def _map(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    if function is None or source is None:
        return UNKNOWN
    with interp.changes.later() as changed:
        items, exact = iterate(interp, source, frame)
        found = [function.call(interp, Args([item]), frame) for item in items]
    open = not exact or len(args.positional) > 2
    return Iterator(found, open, interp, True, changed)


def _filter(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    if function is None:
        return UNKNOWN
    with interp.changes.later() as asked:
        items, exact = elements(interp, source, frame) if source else ([], False)
    if exact and len(items) <= MOST_FILTERED and interp.booting:
        by_itself = isinstance(function, Const) and function.value is None
        kept = []
        with interp.changes.later() as changed:
            for item in items:
                answer = item if by_itself else function.call(interp, Args([item]), frame)
                truth = answer.tested(interp, frame)
                exact = exact and truth is not None
                if truth is not False:
                    kept.append(item)
        return Iterator(kept, not exact, interp, not by_itself, asked | changed)
    with interp.changes.later() as changed:
        if items:
            function.call(interp, Args([join(items)]), frame)
    return Iterator(items, True, interp, changed=asked | changed)


def _chain(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Sequence([], "list")
    for source in args.positional:
        result.extend(interp, *elements(interp, source, frame), frame)
    return Iterator(result.items, result.open or args.open, interp)


def _next(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source, default = args.get(0), args.get(1, "default")
    if source is None:
        return UNKNOWN
    if isinstance(source, Iterator) and source.fresh(interp):
        if not source.items:
            return default or UNKNOWN
        interp.changes.before(source)
        first = source.items.pop(0)
        interp.changes.recur(source.changed)
        source.after = source.moment(interp)
        return first
    if isinstance(source, Object) and isinstance(source.cls, Class) and source.cls.find("__next__"):
        found = interp.call_method(source, "__next__", Args(), frame)
        return found if default is None else join([found, default])
    items, _ = elements(interp, source, frame)
    return join([*items, default or UNKNOWN, UNKNOWN])


def _extreme(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source, default = args.get(0), args.get(None, "default")
    if source is None:
        return UNKNOWN
    items, exact = (
        (args.positional, True) if len(args.positional) > 1 else elements(interp, source, frame, False)
    )
    if exact and not args.open and not args.keywords and items and all(type(i) is Const for i in items):
        plain = [item.value for item in items]  # type: ignore[attr-defined]
        try:
            return items[plain.index(min(plain) if external.name.endswith("min") else max(plain))]
        except TypeError:
            return UNKNOWN
    with_key(interp, items, args, frame)
    if exact and items:
        return join(items)
    return (default or UNKNOWN) if exact else join([*items, default or UNKNOWN, UNKNOWN])


def _sum(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    items, exact = elements(interp, args.get(0) or UNKNOWN, frame, False)
    start = args.get(1, "start") or Const(0)
    plain = [
        item.value for item in [start, *items] if type(item) is Const and isinstance(item.value, (int, float))
    ]
    if not exact or args.open or len(plain) <= len(items):
        return UNKNOWN
    total = sum(plain)
    return Const(total) if abs(total) < 1 << 63 else UNKNOWN


def _any(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    items, exact = elements(interp, args.get(0) or UNKNOWN, frame, False)
    truths = {item.tested(interp, frame) for item in items}
    decides = external.name.endswith("any")
    if exact and decides in truths:
        return Const(decides)
    return Const(not decides) if exact and None not in truths else UNKNOWN


def _len(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is None:
        return UNKNOWN
    if type(source) is Const and isinstance(source.value, str):
        return Const(len(source.value))
    items, exact = source.elements(interp, frame)
    return Const(len(items)) if exact and isinstance(source, (Sequence, Mapping)) else UNKNOWN


def _range(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    ends = [a.value for a in args.positional if type(a) is Const and isinstance(a.value, int)]
    if len(ends) == len(args.positional) and ends:
        numbers = range(*ends[:3]) if all(ends[2:3] or [1]) else range(0)
        if len(numbers) <= 100:
            return Sequence([Const(n) for n in numbers], "range")
    return Sequence([], "range", True)


def _str(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if args.get(1, "encoding") is not None and value is not None:
        return value.get(interp, "decode", frame).call(interp, Args([]), frame)
    return text.guessed(text.build(interp, text.parts_of(value), frame), value) if value else Const("")


def _bool(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    truth = value.tested(interp, frame) if value is not None else False
    return UNKNOWN if truth is None else Const(truth)


def _int(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if args.get(1, "base") is not None or args.open:
        return UNKNOWN
    if isinstance(value, Const) and isinstance(value.value, (str, int, float)):
        try:
            return text.guessed(Const(int(value.value)), value)
        except (ValueError, OverflowError):
            return UNKNOWN
    return UNKNOWN


def _gather(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Sequence([value.awaited(interp, frame) for value in args.positional], "list", args.open)


CALLS: dict[str, CallHandler] = {
    "functools.reduce": _reduced,
    "asyncio.gather": _gather,
    "builtins.list": _collect("list"),
    "builtins.tuple": _collect("tuple"),
    "builtins.set": _collect("set"),
    "builtins.frozenset": _collect("frozenset"),
    "builtins.sorted": _sorted,
    "builtins.reversed": _reversed,
    "builtins.iter": _iter,
    "builtins.dict": _dict,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.next": _next,
    "builtins.min": _extreme,
    "builtins.max": _extreme,
    "builtins.sum": _sum,
    "builtins.any": _any,
    "builtins.all": _any,
    "builtins.len": _len,
    "builtins.str": _str,
    "builtins.bool": _bool,
    "builtins.int": _int,
    "builtins.range": _range,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": lambda interp, ext, args, frame: _chain(
        interp, ext, Args(elements(interp, args.positional[0], frame)[0] if args.positional else []), frame
    ),
    "collections.OrderedDict": _dict,
    "collections.deque": _deque,
}
