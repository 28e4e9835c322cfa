"""What makes, walks and measures containers and plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import text
from strangler.analyzers.python.expressions import elements, iterate, put
from strangler.analyzers.python.knowledge import CallHandler
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Const,
    External,
    Mapping,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def with_key(interp: Interpreter, items: list[Value], args: Args, frame: Frame) -> None:
    """Call the function given as ``key`` on every element."""
    """``key=`` of ``sorted``, ``min`` and ``max`` is called with the elements."""
    key = args.get(None, "key")
    if key is not None and items:
        key.call(interp, Args([join(items)]), frame)


def _collect(kind: str) -> CallHandler:
    def build(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        source = args.get(0)
        if source is None:
            return Sequence([], kind)
        items, exact = elements(interp, source, frame)
        return Sequence(items, kind, not exact)

    return build


def in_order(items: list[Value], args: Args) -> list[Value]:
    """The items as sorting leaves them, where all are known and no ``key`` is given; else as they are."""
    values = [item.value for item in items if type(item) is Const]
    backwards = args.get(None, "reverse")
    if len(values) < len(items) or args.get(None, "key") is not None:
        return items
    try:
        order = sorted(
            range(len(items)),
            key=values.__getitem__,
            reverse=backwards is not None and backwards.truth() is True,
        )
    except TypeError:
        return items
    return [items[number] for number in order]


def _sorted(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    items, exact = elements(interp, source, frame) if source is not None else ([], False)
    with_key(interp, items, args, frame)
    return Sequence(in_order(items, args), "list", not exact)


def _reversed(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    items, exact = elements(interp, source, frame) if source is not None else ([], False)
    return Sequence(items[::-1], "list", not exact)


def _dict(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Mapping(open=args.open)
    source = args.get(0)
    if isinstance(source, Mapping):
        result = source.copy()
    elif source is not None:
        pairs, exact = elements(interp, source, frame)
        for pair in pairs:
            if isinstance(pair, Sequence) and len(pair.items) == 2:
                put(result, pair.items[0], pair.items[1])
        result.open = result.open or not exact
    result.items.update(args.keywords)
    return result


def _enumerate(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    items, exact = elements(interp, source, frame) if source else ([], False)
    pairs: list[Value] = [Sequence([Const(n), item], "tuple") for n, item in enumerate(items)]
    if not exact:
        pairs = [Sequence([UNKNOWN, join([*items, UNKNOWN])], "tuple")]
    return Sequence(pairs, "list", not exact)


def _zip(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    columns = [elements(interp, source, frame) for source in args.positional]
    if columns and all(exact for _, exact in columns):
        rows = zip(*(items for items, _ in columns), strict=False)
        return Sequence([Sequence(list(row), "tuple") for row in rows])
    row: list[Value] = [join([*items, UNKNOWN]) for items, _ in columns]
    return Sequence([Sequence(row, "tuple")], "list", True)


def _map(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    if function is None or source is None:
        return UNKNOWN
    items, exact = iterate(interp, source, frame)
    return Sequence([function.call(interp, Args([item]), frame) for item in items], "list", not exact)


def _filter(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function, source = args.get(0), args.get(1)
    items, _ = elements(interp, source, frame) if source else ([], False)
    if function is not None and items:
        function.call(interp, Args([join(items)]), frame)
    return Sequence(items, "list", True)


def _chain(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    result = Sequence([], "list")
    for source in args.positional:
        result.extend(interp, *elements(interp, source, frame), frame)
    return result


def _element(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is None:
        return UNKNOWN
    if "next" not in external.name and len(args.positional) > 1:
        with_key(interp, args.positional, args, frame)
        return join(args.positional)
    items, exact = elements(interp, source, frame)
    with_key(interp, items, args, frame)
    default = args.get(1, "default") if "next" in external.name else args.get(None, "default")
    if exact:
        return join(items) if items else default or UNKNOWN
    return join([*items, default or UNKNOWN, UNKNOWN])


def _evaluated(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is not None:
        elements(interp, source, frame)
    return UNKNOWN


def _len(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0)
    if source is None:
        return UNKNOWN
    items, exact = elements(interp, source, frame)
    return Const(len(items)) if exact and isinstance(source, (Sequence, Mapping)) else UNKNOWN


def _range(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    ends = [a.value for a in args.positional if isinstance(a, Const) and isinstance(a.value, int)]
    if len(ends) == len(args.positional) and ends:
        numbers = range(*ends[:3]) if all(ends[2:3] or [1]) else range(0)
        if len(numbers) <= 100:
            return Sequence([Const(n) for n in numbers])
    return Sequence([], "list", True)


def _str(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    return text.guessed(text.build(interp, text.parts_of(value), frame), value) if value else Const("")


def _bool(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    truth = value.tested(interp, frame) if value is not None else False
    return UNKNOWN if truth is None else Const(truth)


def _int(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, Const) and isinstance(value.value, (str, int, bool)):
        try:
            return text.guessed(Const(int(value.value)), value)
        except ValueError:
            return UNKNOWN
    return UNKNOWN


def _gather(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Sequence([value.awaited(interp, frame) for value in args.positional], "list", args.open)


CALLS: dict[str, CallHandler] = {
    "asyncio.gather": _gather,
    "builtins.list": _collect("list"),
    "builtins.tuple": _collect("tuple"),
    "builtins.set": _collect("set"),
    "builtins.frozenset": _collect("set"),
    "builtins.sorted": _sorted,
    "builtins.reversed": _reversed,
    "builtins.dict": _dict,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.next": _element,
    "builtins.min": _element,
    "builtins.max": _element,
    "builtins.sum": _evaluated,
    "builtins.any": _evaluated,
    "builtins.all": _evaluated,
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
    "collections.deque": _collect("list"),
}
