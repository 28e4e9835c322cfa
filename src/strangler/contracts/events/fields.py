"""From arguments, signatures and tables to the properties of a payload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strangler.contracts.data.columns import key_schema, keys_of
from strangler.contracts.events.handlers import Handlers
from strangler.contracts.events.values import Field, KnownFrom, Receiver, Sender
from strangler.contracts.operations.shapes import schema as schema_of
from strangler.model import Argument, Parameter, Shape, Table, shapes

Tables = dict[str, Table]
_BOUND = frozenset({"request", "response", "session", "query", "file", "iterator", "callable", "class"})
"""Kinds of values that belong to a process."""
Sent = dict[str, tuple[str, Shape]]
"""Name of an argument -> its source text and the shape of its expression."""
Given = list[tuple[Argument, str, Shape]]
"""Per sender that passes it: the argument, its source text, the shape of its expression."""


class Payload:
    """The properties of one event, from all its senders and receivers."""

    def __init__(
        self,
        handlers: Handlers,
        tables: Tables,
        senders: Sequence[Sender],
        sent: Sequence[Sent],
        receivers: Sequence[Receiver],
    ) -> None:
        self.handlers = handlers
        self.tables = tables
        self.senders = senders
        self.sent = sent
        self.receivers = receivers

    def of_signal(self) -> tuple[Field, ...]:
        """What the senders of a signal hand over."""
        fields = []
        for name in self._names():
            given = self._given(name)
            shown = self._first_parameter() if name == "sender" else name
            fields.append(self._field(name, shown, given, None, len(given) == len(self.senders)))
        return tuple(fields)

    def of_task(self) -> tuple[Field, ...]:
        """The parameters of a task; without its source what the senders hand over."""
        parameters = self.handlers.parameters(self.receivers[0].handler)
        own = [parameter for parameter in parameters if not parameter.rest]
        fields = [self._field(p.name, p.name, self._given(p.name), p, p.required) for p in own]
        if not parameters or len(own) < len(parameters):
            for name in [n for n in self._names() if n not in {p.name for p in own}]:
                given = self._given(name)
                fields.append(self._field(name, name, given, None, len(given) == len(self.senders)))
        return tuple(fields)

    def _names(self) -> dict[str, None]:
        return dict.fromkeys(argument.name for sender in self.senders for argument in sender.arguments)

    def _given(self, name: str) -> Given:
        found: Given = []
        for sender, texts in zip(self.senders, self.sent, strict=True):
            argument = next((a for a in sender.arguments if a.name == name), None)
            if argument is not None:
                text, shape = texts.get(name, ("", shapes.UNKNOWN))
                found.append((argument, text, shape))
        return found

    def _first_parameter(self) -> str:
        """What the receivers call the sender, where they agree."""
        rows = [self.handlers.parameters(receiver.handler)[:1] for receiver in self.receivers]
        names = {row[0].name for row in rows if row and not row[0].rest}
        return names.pop() if len(names) == 1 else "sender"

    def _field(
        self, name: str, shown: str, given: Given, parameter: Parameter | None, required: bool
    ) -> Field:
        label = f"p{shown}" if shown.isdigit() else shown
        places = sorted({text for _, text, _ in given if text})
        passed = f"sent as {', '.join(f'`{text}`' for text in places[:3])}" if places else ""
        taken = [
            taker.shape
            for receiver in self.receivers
            for taker in self.handlers.parameters(receiver.handler)
            if taker.name == name
        ]
        row = _row(given, taken, self.handlers)
        if row is not None:
            return self._identifier(name, label, *row, required=required, passed=passed)
        key = self._key(label, parameter, required, passed) if parameter is not None else None
        return key or _value(label, given, taken, parameter, required, passed)

    def _key(self, label: str, parameter: Parameter, required: bool, passed: str) -> Field | None:
        """A parameter with which the task looks up a row."""
        table = self.tables.get(parameter.key_of)
        key = key_schema(table, self.tables) if table is not None else {}
        if table is None or not key:
            return None
        value = {"type": "array", "items": key} if parameter.several else key
        note = "; ".join(part for part in (f"key of {table.name}", passed) if part)
        return Field(name=label, schema=value, required=required, known_from="key", note=note)

    def _identifier(
        self, name: str, label: str, table: str, many: bool, *, required: bool, passed: str
    ) -> Field:
        """The key of a row: objects of the ORM do not cross a wire."""
        known = self.tables.get(table)
        keys = keys_of(known) if known is not None else []
        schema = key_schema(known, self.tables) if known is not None else {}
        suffix = keys[0].name if len(keys) == 1 else "id"
        if many:
            schema = {"type": "array", "items": schema}
        read = sorted({chain for receiver in self.receivers for chain in _reads(receiver, name)})
        note = f"{'keys of rows' if many else 'key of the row'} of {table}; the code hands over the object"
        note += f", {passed}" if passed else ""
        if read:
            note += f"; receivers read from it: {', '.join(read[:8])}" + (" ..." if read[8:] else "")
        shown = f"{label}_{suffix}s" if many else f"{label}_{suffix}"
        return Field(name=shown, schema=schema, required=required, known_from="row", note=note)


def _value(
    label: str, given: Given, taken: list[Shape], parameter: Parameter | None, required: bool, passed: str
) -> Field:
    schema, known = _plain(given, parameter)
    notes = [passed]
    if parameter is not None and parameter.default is not None:
        notes.append(f"default {parameter.default}")
    if schema.get("items") == {}:
        notes.insert(0, "type of the items not known")
    if not schema:
        notes.insert(0, _why_unknown(given, taken))
    note = "; ".join(part for part in notes if part)
    return Field(name=label, schema=schema, required=required, known_from=known, note=note)


def _row(given: Given, taken: list[Shape], handlers: Handlers) -> tuple[str, bool] | None:
    """The table of which the senders surely pass a row, or several."""
    rows = {(a.table, a.type == "array") for a, _, _ in given if a.certainty == "certain" and a.table}
    if not any(many for _, many in rows):
        seen = [*(shape for _, _, shape in given), *taken]
        rows |= {(table, False) for shape in seen if (table := handlers.table_of(shape))}
    others = [a for a, _, _ in given if not a.table and a.type not in ("", "null")]
    return rows.pop() if len(rows) == 1 and not others else None


def _why_unknown(given: Given, taken: list[Shape]) -> str:
    kinds = {shape.kind for shape in [*(s for _, _, s in given), *taken]} & _BOUND
    if kinds:
        return f"a {min(kinds)} cannot cross: name the values that receivers use of it"
    named = sorted({a.table for a, _, _ in given if a.table and a.certainty != "certain"})
    hint = f" (by its name it may be a row of {', '.join(named)})" if named else ""
    return f"type not known from the source{hint}"


def _reads(receiver: Receiver, name: str) -> tuple[str, ...]:
    if name == "sender":
        return next(iter(receiver.reads.values()), ())
    return receiver.reads.get(name, ())


def _plain(given: Given, parameter: Parameter | None) -> tuple[dict[str, Any], KnownFrom]:
    if parameter is not None and parameter.known_from == "annotation":
        schema = portable(schema_of(parameter.shape))
        if schema:
            return schema, "annotation"
    types = {a.type for a, _, _ in given} - {"null"}
    nullable = any(a.type == "null" for a, _, _ in given)
    seen = portable(schema_of(shapes.join(shape for _, _, shape in given))) if given else {}
    if not seen and len(types) == 1 and "" not in types:
        seen = {"type": types.pop()}
    if seen:
        return _nullable(seen) if nullable or _defaults_to_none(parameter) else seen, "sender"
    if parameter is not None and parameter.known_from == "default":
        schema = portable(schema_of(parameter.shape))
        if schema:
            return schema, "default"
    return {}, "nothing"


def _defaults_to_none(parameter: Parameter | None) -> bool:
    return parameter is not None and parameter.default == "None"


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) and kind != "null" else schema


def portable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema in words that mean the same in draft 7, which AsyncAPI's own schema extends."""
    if "prefixItems" in schema:
        items = [portable(item) for item in schema["prefixItems"]]
        same = all(item == items[0] for item in items)
        kept = {key: value for key, value in schema.items() if key != "prefixItems"}
        return {**kept, "items": items[0] if same else {"anyOf": items}}
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {name: portable(inner) for name, inner in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            found[key] = portable(value)
        elif key == "anyOf":
            found[key] = [portable(inner) for inner in value]
        else:
            found[key] = value
    return found
