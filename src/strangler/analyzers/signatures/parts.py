"""What signatures and calls are made of: records, exceptions, and the columns that functions speak of."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from strangler.analyzers.python.values import Class, Const
from strangler.analyzers.signatures.classes import Classes
from strangler.analyzers.signatures.columns import ColumnWords
from strangler.analyzers.signatures.names import Names, Target
from strangler.model import Access, Call, ColumnUse, ExceptionClass, Record, Signature
from strangler.model.shapes import RECORDS, Shape, bounded

_STATUS_NAMES = ("status_code", "status", "code", "http_status")
_NOT_CARRIED = frozenset({"Exception", "BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"})


class Parts:
    """Parts of a program's signatures.

    Args:
        names: of the program.
        classes: of the program.
        words: that its functions use.
        accesses: to tables.
    """

    def __init__(
        self, names: Names, classes: Classes, words: ColumnWords, accesses: Sequence[Access]
    ) -> None:
        self._names = names
        self._classes = classes
        self._words = words
        self._accesses = accesses

    def records(self, signatures: Iterable[Signature]) -> tuple[Record, ...]:
        """The records that parameters and results are made of, theirs included."""
        found: dict[str, Record] = {}
        waiting = [shape for row in signatures for shape in (row.result, *(p.shape for p in row.parameters))]
        while waiting:
            shape = waiting.pop()
            if shape.kind in RECORDS and shape.name in self._classes.records and shape.name not in found:
                record = self._classes.records[shape.name]
                fields = tuple(replace(field, shape=bounded(field.shape)) for field in record.fields)
                found[shape.name] = replace(record, fields=fields)
                waiting += [field.shape for field in fields]
            waiting += [*shape.items, *(field.shape for field in shape.fields)]
        return tuple(sorted(found.values()))

    def exceptions(self, signatures: Iterable[Signature], calls: Iterable[Call]) -> Iterator[ExceptionClass]:
        """The classes of the exceptions that are raised or handled."""
        names = {raised.exception for row in signatures for raised in row.raises}
        names |= {name for call in calls for site in call.sites for name in site.catches}
        for name in sorted(names):
            target = self._names.find(name)
            cls = self._names.classes.get(target) if target is not None else None
            bases: list[str] = []
            status = 0
            if cls is not None:
                library = sorted(cls.ancestors(self._names.interp))
                bases = [*(one.dotted for one in cls.mro()[1:]), *library]
                status = next((found for one in cls.mro() if (found := _status(one))), 0)
            yield ExceptionClass(
                name=name, importable=self._importable(name, target), bases=tuple(bases), status=status
            )

    def _importable(self, name: str, target: Target | None) -> str:
        """``module:Class`` of an exception class that can be imported by that name."""
        module, _, last = name.rpartition(".")
        if module == "builtins":
            kind = getattr(builtins, last, None)
            carried = isinstance(kind, type) and issubclass(kind, Exception) and last not in _NOT_CARRIED
            return f"builtins:{last}" if carried else ""
        if target is not None:
            owner = Target(target.module, target.qualname.rpartition(".")[0])
            nested = last in ("DoesNotExist", "MultipleObjectsReturned") and owner in self._names.classes
            return target.name if target in self._names.classes or nested else ""
        return f"{module}:{last}" if module and last[:1].isupper() and not last.isupper() else ""

    def column_uses(self, signatures: Iterable[Signature], calls: Iterable[Call]) -> Iterator[ColumnUse]:
        """The columns that functions name of tables that they touch, or of which a call gives them a row."""
        pairs: set[tuple[Target, str]] = {
            (Target(access.module, access.function), access.table)
            for access in self._accesses
            if access.function
        }
        given: dict[Target, str] = {}
        for row in signatures:
            table = _table_in(row.result, self._classes)
            if table is not None:
                given[Target(row.module, row.name)] = table
        for call in calls:
            name = given.get(Target(call.target_module, call.target))
            if name is not None and call.function:
                pairs.add((Target(call.module, call.function), name))
        for target, name in sorted(pairs):
            columns = self._words.columns(target, name)
            if columns:
                yield ColumnUse(module=target.module, function=target.qualname, table=name, columns=columns)


def _table_in(shape: Shape, classes: Classes) -> str | None:
    table = classes.table(shape)
    return table.name if table is not None else None


def _status(cls: Class) -> int:
    for name in _STATUS_NAMES:
        value = cls.namespace.get(name)
        if isinstance(value, Const) and isinstance(value.value, int) and 400 <= value.value < 600:
            return value.value
    return 0
