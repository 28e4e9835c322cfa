"""From the operations and the table reads over a boundary to interactions between two contexts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote

from strangler.contracts.consumers.examples import example
from strangler.contracts.consumers.values import Interaction, Left, Pact, Pacts, State
from strangler.contracts.data.columns import json_schema, key_schema, keys_of
from strangler.contracts.data.find import Columns
from strangler.contracts.data.values import TableUse
from strangler.contracts.operations import slug
from strangler.contracts.operations.values import BlockerKind, Failure, Operation, Operations
from strangler.model import Column, Model, Shape, Table
from strangler.text import located

RESHAPED: frozenset[BlockerKind] = frozenset({"orm_object", "session", "open_transaction", "caller_commits"})
"""Blockers whose usual remedy leaves the same operation: keys for rows, a session of the provider's own, the
end of a shared transaction. With no others it gets pending interactions, of the form after the remedy."""
ROW, NO_ROW = "there is a row of {}", "there is no row of {}"


def find_pacts(
    model: Model,
    operations: Operations,
    uses: Iterable[TableUse],
    remote: Collection[str],
) -> Pacts:
    """What each context expects of the other over a boundary.

    Args:
        model: it gives the tables.
        operations: the calls over the boundary.
        uses: the reads and writes of tables over the boundary, with their remedies.
        remote: dotted names of the definitions whose calls the plan turns into API calls.
    """
    finder = _Finder(model, operations, Columns(model))
    for operation in operations.operations:
        if operation.heard is not None:
            continue  # an event: contracts/events describes it
        if operation.wireable or f"{operation.module}.{operation.qualname}" in remote:
            finder.call(operation)
    uses = tuple(uses)
    writing: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for use in uses:
        if use.operation == "write":
            writing[use.user, use.table] |= _functions(use)
    for use in uses:
        if use.remedy == "api_call":
            to_write = use.operation == "read" and _functions(use) <= writing[use.user, use.table]
            finder.table(use, to_write=to_write)
    return Pacts(
        context=operations.context,
        monolith=model.monolith.name,
        pacts=tuple(
            Pact(consumer=consumer, provider=provider, interactions=tuple(_distinct(found)))
            for (consumer, provider), found in sorted(finder.found.items())
        ),
        left=tuple(sorted(set(finder.left), key=lambda one: (one.file, one.line, one.what))),
    )


def _functions(use: TableUse) -> set[tuple[str, str]]:
    return {(place.file, place.symbol) for place in use.places}


def _distinct(found: list[Interaction]) -> list[Interaction]:
    """Sorted; several of one description are numbered, as Pact tells them apart by that."""
    rows, seen = [], defaultdict[str, int](int)
    for one in sorted(found, key=lambda item: (item.description, item.path, item.status)):
        seen[one.description] += 1
        number = seen[one.description]
        text = one.description if number == 1 else f"{one.description} ({number})"
        rows.append(
            Interaction(
                **{name: getattr(one, name) for name in one.__struct_fields__} | {"description": text}
            )
        )
    return rows


class _Finder:
    def __init__(self, model: Model, operations: Operations, reader: Columns) -> None:
        self.tables = {table.name: table for table in model.tables}
        self.table_of = {table.model: table for table in model.tables if table.model}
        self.reader = reader
        touched: dict[tuple[str, str], set[str]] = defaultdict(set)
        for access in model.accesses:
            touched[access.module, access.function or ""].add(access.table)
        self.touched = {place: tuple(sorted(names)) for place, names in touched.items()}
        self.context = operations.context
        self.found: dict[tuple[str, str], list[Interaction]] = defaultdict(list)
        self.left: list[Left] = []

    # -- calls -----------------------------------------------------------------------------------

    def call(self, operation: Operation) -> None:
        """Interactions for every context that calls the operation."""
        others = {blocker.kind for blocker in operation.blockers} - RESHAPED
        if others:
            first = next(blocker for blocker in operation.blockers if blocker.kind in others)
            return self._leave(operation, f"{first.message}; {first.remedy}")
        if operation.row is not None:
            return self._leave(operation, "a method of a row: what crosses of it is the seam's own affair")
        untold = any(place.startswith("parameter ") for place in operation.assumed)
        request = self._request(operation) if not untold else None
        if request is None:
            return self._leave(operation, "the type of an argument cannot be written down")
        for consumer in operation.consumers:
            if self.context in ("", consumer, operation.provider):
                self.found[consumer, operation.provider] += self._calls(operation, consumer, request)
        return None

    def _leave(self, operation: Operation, reason: str) -> None:
        self.left.append(
            Left(
                provider=operation.provider,
                what=f"{operation.module}.{operation.qualname}",
                file=operation.file,
                line=operation.line,
                reason=reason,
            )
        )

    def _request(self, operation: Operation) -> tuple[dict[str, Any], tuple[State, ...]] | None:
        """JSON Schema of the arguments and the rows that must be there; None where one is not known."""
        properties: dict[str, Any] = {}
        required, rows = [], []
        for parameter in operation.parameters:
            if parameter.shape.kind == "session":
                continue
            name, schema = parameter.name, parameter.schema
            if parameter.shape.kind == "row":
                table = self._table(parameter.shape)
                key = key_schema(table, self.tables) if table is not None else {}
                if table is None or not key:
                    return None
                column = keys_of(table)[0]
                name, schema = f"{name}_{column.name}", key
                rows.append(self._row_state(table, column))
            if not schema and parameter.shape.kind != "json":
                return None
            properties[name] = schema
            if parameter.required:
                required.append(name)
        body = {"type": "object", "properties": properties, "required": required}
        return body, tuple(state for index, state in enumerate(rows) if state not in rows[:index])

    def _table(self, shape: Shape) -> Table | None:
        return self.table_of.get(shape.name.replace(":", "."))

    def _row_state(self, table: Table, column: Column) -> State:
        params = {column.name: example(key_schema(table, self.tables))}
        return State(name=ROW.format(table.name), params=params, kind="row", subject=table.name)

    def _calls(
        self, operation: Operation, consumer: str, request: tuple[dict[str, Any], tuple[State, ...]]
    ) -> list[Interaction]:
        schema, rows = request
        arguments = example(schema)
        proposed = tuple(f"{b.file}:{b.line} {b.message}: {b.remedy}" for b in operation.blockers)
        sites = [f"called at {site.file}:{site.line}" for site in operation.sites if site.context == consumer]
        comments = (
            f"{operation.file}:{operation.line} {operation.module}.{operation.qualname}",
            *sites[:5],
            *proposed,
        )

        tables = self.touched.get((operation.module, operation.qualname), ())

        def state(name: str, kind: Any) -> State:
            return State(name=name, params=arguments, kind=kind, subject=operation.name, tables=tables)

        def make(description: str, state: State, status: int, response: dict[str, Any] | None) -> Interaction:
            return Interaction(
                description=description,
                states=(*rows, state),
                method="POST",
                path=operation.path,
                request=schema,
                status=status,
                response=response,
                pending=bool(operation.blockers),
                comments=comments,
            )

        success = make(
            f"{operation.name} succeeds",
            state(f"{operation.name} can be done", "success"),
            200,
            {"type": "object", "properties": {"result": self._result(operation, consumer)}},
        )
        return [success, *(
            make(
                f"{operation.name} fails with {failure.code}",
                state(f"{operation.name} fails with {failure.code}", "failure"),
                failure.status,
                problem(failure),
            )
            for failure in operation.failures
        )]  # fmt: skip

    def _result(self, operation: Operation, consumer: str) -> dict[str, Any]:
        table = self._table(operation.result.shape) if operation.result.shape.kind == "row" else None
        if table is None:
            return operation.result.schema
        nothing = {"type": ["object", "null"]} if operation.result.shape.nullable else {}
        words = self.reader.columns_at(
            ((s.file, s.function) for s in operation.sites if s.context == consumer), table
        )
        return self._row(table, words) | nothing

    def _row(self, table: Table, columns: Collection[str]) -> dict[str, Any]:
        """JSON Schema of a row: its key, and the columns that are used; all where none is known to be."""
        kept = [c for c in table.columns if c.primary_key or not columns or c.name in columns]
        properties = {column.name: json_schema(column, table, self.tables) for column in kept}
        return {"type": "object", "properties": properties}

    # -- tables ----------------------------------------------------------------------------------

    def table(self, use: TableUse, *, to_write: bool) -> None:
        """A read becomes a question by key; a write, and a read for it, need an operation by people."""
        place = use.places[0] if use.places else None

        def leave(reason: str) -> None:
            file, line = (place.file, place.line) if place else ("", 0)
            what = f"{use.operation} of {use.table} by {use.user}"
            self.left.append(Left(provider=use.owner, what=what, file=file, line=line, reason=reason))

        if use.operation == "write":
            return leave(f"design an operation of {use.owner} that does it")
        if to_write:
            return leave(f"read to be changed: part of the operation of {use.owner} that changes it")
        table = self.tables.get(use.table)
        keys = keys_of(table) if table is not None else []
        key = key_schema(table, self.tables) if table is not None else {}
        if table is None or len(keys) != 1 or not key:
            return leave("its key is not one column of a known type")
        columns = self.reader.consumer(use, table).columns
        wanted = example(key)
        missing = _no_key(key)
        path = f"/_tables/{slug(use.owner)}/{quote(table.name, safe='')}/"
        comments = tuple(map(located, use.places[:5]))
        asked = "asked by key; where the code filters, agree on a question of its own"
        column = keys[0].name
        found = self.found[use.user, use.owner]
        found.append(
            Interaction(
                description=f"a row of {table.name} by its key",
                states=(self._row_state(table, keys[0]),),
                method="GET",
                path=f"{path}{quote(str(wanted), safe='')}",
                request=None,
                status=200,
                response=self._row(table, columns),
                pending=True,  # nothing that is generated serves it
                comments=(*comments, asked),
            )
        )
        if missing is not None:
            state = State(
                name=NO_ROW.format(table.name), params={column: missing}, kind="no_row", subject=table.name
            )
            found.append(
                Interaction(
                    description=f"a row of {table.name} that is not there",
                    states=(state,),
                    method="GET",
                    path=f"{path}{quote(str(missing), safe='')}",
                    request=None,
                    status=404,
                    response=None,
                    pending=True,
                    comments=comments,
                )
            )
        return None


def _no_key(schema: dict[str, Any]) -> int | str | None:
    """A key that no row is likely to have."""
    if schema.get("format") == "uuid":
        return "00000000-0000-4000-8000-000000000000"
    if schema["type"] == "integer":
        return 2147483647
    plain = schema["type"] == "string" and not {"format", "pattern", "enum"} & schema.keys()
    return "no-such-key"[: schema.get("maxLength", 20)] if plain else None


def problem(failure: Failure) -> dict[str, Any]:
    """JSON Schema of the problem document (RFC 9457) that an exception becomes."""
    return {
        "type": "object",
        "properties": {
            "status": {"type": "integer", "const": failure.status},
            "code": {"type": "string", "const": failure.code},
            "detail": {"type": "string"},
        },
    }
