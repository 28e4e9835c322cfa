"""What crosses of an operation's arguments and of its result."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from strangler.contracts.operations import shapes
from strangler.contracts.operations.blockers import blocker, of_parameter, of_shape
from strangler.contracts.operations.rows import SESSIONS, Rows, crosses
from strangler.contracts.operations.values import Blocker, Parameter, Receiving
from strangler.model import Model, Signature
from strangler.model import Parameter as Given
from strangler.model.effects import Effects
from strangler.model.shapes import (
    OTHER_KEYS,
    TAGGED,
    TAGGED_ROW,
    UNKNOWN,
    Field,
    Shape,
    expanded,
    has_unknown,
    make,
)

_OF_ITS_PROCESS = frozenset({"session", "FILES", "META", "headers", "environ", "resolver_match"})
"""Attributes of a request that hold more than values, or change when they are read."""
_CHANGED = ("list", "dict", "set", "tagged", "typeddict", "dataclass", "pydantic")


class Crossing:
    """Arguments and results of operations.

    Args:
        model: the facts.
        rows: of the same model.
        effects: of the same model.
    """

    def __init__(self, model: Model, rows: Rows, effects: Effects) -> None:
        self._records = {record.name: record for record in model.records}
        self._rows = rows
        self._effects = effects
        self._sessions = {table.name for table in model.tables if table.framework in SESSIONS}
        self._flask = "flask" in model.monolith.frameworks

    def parameters(self, signature: Signature) -> tuple[tuple[Parameter, ...], tuple[str, ...]]:
        """The parameters, and what is assumed of them."""
        found: list[Parameter] = []
        places: list[str] = []
        written = self._effects.writes(signature.module, signature.name)
        optional = any(item.default is not None for item in signature.parameters if not _named(item))
        for item in signature.parameters:
            open_end = item.passing == "var_positional" and optional
            shape, some = (UNKNOWN, ()) if open_end else self._known(signature, item, written)
            places += some
            found.append(self.parameter(item, shape, written, committed=signature.commits))
        return tuple(found), tuple(places)

    def _known(
        self, signature: Signature, item: Given, written: frozenset[str]
    ) -> tuple[Shape, tuple[str, ...]]:
        """What a parameter holds, and where that is assumed: there it is a value that carries its type."""
        subject = f"parameter {item.name}"
        shape = shapes.as_it_is(expanded(item.shape, self._records), self._records)
        if item.rest:
            if item.known_from == "nothing" and item.fits:
                shape, subject = TAGGED, f"{subject}[]"
            elif item.known_from != "annotation":
                return UNKNOWN, ()
            held = make("dict" if item.passing == "var_keyword" else "list", shape)
            return held, (subject,) if shape == TAGGED else ()
        if replace(shape, nullable=False) == OTHER_KEYS:
            return TAGGED, (subject,)
        if not has_unknown(shape):
            return shape, ()
        rows = item.untouched and (signature.commits or not written & self._sessions)
        if item.plain or item.fits == "value" or (item.fits == "row" and rows):
            return shapes.assumed(shape, subject, TAGGED_ROW if rows else TAGGED)
        return shape, ()

    def parameter(
        self, item: Given, shape: Shape, written: frozenset[str], *, committed: bool = False
    ) -> Parameter:
        """A parameter as it crosses."""
        if shape.kind == "request" and _is_told(item):
            fields = (Field(name=name, shape=TAGGED_ROW) for name in item.asked)
            shape = replace(shape, fields=tuple(fields))
        elif not item.changed or (committed and self._rows.of_session(shape)):
            shape = self._rows.argument(
                shape, item.reads, written, untouched=item.untouched, committed=committed
            )
        held, known = self._rows.changed(shape, item.row), None
        if held is not None and item.row is not None and (item.row.sets or not crosses(shape)):
            shape = replace(held.shape, nullable=shape.nullable)
            known = shapes.of_object(shape)
        return Parameter(
            name=item.name,
            passing=item.passing,
            required=item.required,
            default=item.default,
            shape=shape,
            schema=known or shapes.schema(shape),
            known_from=item.known_from,
        )

    def changed(self, signature: Signature, parameters: tuple[Parameter, ...]) -> tuple[Receiving, ...]:
        """The rows among the parameters that may be changed for the caller."""
        found = []
        for told, parameter in zip(signature.parameters, parameters, strict=True):
            held = self._rows.changed(told.shape, told.row)
            sent = replace(parameter.shape, nullable=False)
            if held is not None and told.row is not None and sent == held.shape:
                found.append(
                    Receiving(
                        parameter=parameter.name, plain=held.plain, whole=told.row.handed_on, changes=True
                    )
                )
        return tuple(found)

    def result(self, signature: Signature, *, session: bool, safe: bool) -> tuple[Shape, tuple[str, ...]]:
        """The result as it crosses, and what is assumed of it.

        Args:
            signature: of the definition.
            session: whether the caller hands over the session by which its rows are read.
            safe: whether the work can be lost where the result turns out not to cross.
        """
        shape = shapes.as_it_is(expanded(signature.result, self._records), self._records)
        shape = self._rows.result(shape, session=session)
        if not has_unknown(shape):
            return shape, ()
        rows = session or self._flask or not self._sessions
        fits = signature.result_fits if safe else ""
        if shape != UNKNOWN or signature.result_plain or fits == "value" or (fits == "row" and rows):
            return shapes.assumed(shape, "result", TAGGED_ROW if rows else TAGGED)
        return UNKNOWN, ()

    def blockers(
        self, signature: Signature, file: str, parameters: tuple[Parameter, ...], result: Shape
    ) -> Iterator[Blocker]:
        """Why arguments and results do not cross."""
        for told, parameter in zip(signature.parameters, parameters, strict=True):
            read = dict.fromkeys(chain.partition(".")[0] for chain in told.reads)
            used = tuple(f"{parameter.name}.{name}" for name in read)
            yield from of_parameter(parameter, file, signature.line, used)
            if told.changed and not told.rest and parameter.shape.kind in _CHANGED:
                message = f"parameter {parameter.name} is changed for the caller"
                yield blocker("changes_argument", file, told.changed, message, "return the changed value")
        yield from of_shape(result, "result", file, signature.line, result=True)


def _is_told(item: Given) -> bool:
    """Whether all that is read of a request can be sent."""
    return bool(item.asked) and not _OF_ITS_PROCESS & set(item.asked)


def _named(item: Given) -> bool:
    """Whether a call gives it by its name alone."""
    return item.passing in ("keyword_only", "var_keyword")
