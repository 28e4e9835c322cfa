"""Provider states in one place: ``states.json`` for tools, ``states.py`` for the team to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from strangler.contracts.consumers.examples import example
from strangler.contracts.consumers.values import Pacts, State
from strangler.contracts.data.columns import json_schema, keys_of, shape_of
from strangler.literals import python_comment, python_literal, python_text
from strangler.model import Model, Table

_DEEPEST = 6
Row = tuple[str, dict[str, Any]]
"""Table and values by column."""


def all_states(pacts: Pacts) -> dict[str, dict[str, Any]]:
    """Name -> the state with all parameters that it is asked for with, and the interactions that ask."""
    found: dict[str, dict[str, Any]] = {}
    for pact in pacts.pacts:
        for interaction in pact.interactions:
            for state in interaction.states:
                row = found.setdefault(
                    state.name,
                    {
                        "name": state.name,
                        "kind": state.kind,
                        "subject": state.subject,
                        "tables": list(state.tables),
                        "params": [],
                        "used_by": [],
                    },
                )
                if state.params not in row["params"]:
                    row["params"].append(state.params)
                row["used_by"].append(f"{pact.consumer} -> {pact.provider}: {interaction.description}")
    return dict(sorted(found.items()))


def states_json(pacts: Pacts, hints: Mapping[str, Iterable[str]]) -> bytes:
    """All states with what the monolith's tests offer to make their rows."""
    rows = [
        {**state, **({"hints": list(hints[state["subject"]])} if state["subject"] in hints else {})}
        for state in all_states(pacts).values()
    ]
    return (json.dumps({"schema_version": 1, "states": rows}, indent=1) + "\n").encode()


def states_py(pacts: Pacts, model: Model, hints: Mapping[str, Iterable[str]]) -> bytes:
    """The module that sets states up: rows by SQL, the rest to be filled in."""
    tables = {table.name: table for table in model.tables}
    states = all_states(pacts)
    names = {s["subject"] for s in states.values() if s["kind"] == "row"}
    names |= {name for state in states.values() for name in state["tables"]}
    rows: dict[str, list[Row]] = {
        name: list({row: (row, values) for row, values in _rows(tables[name], tables, ())}.values())
        for name in sorted(names & tables.keys())
    }
    made = sorted({name for listed in rows.values() for name, _ in listed})
    keys = {name: keys_of(tables[name])[0].name for name in made if len(keys_of(tables[name])) == 1}
    text = template("states.py")
    text = text.replace("KEYS: dict[str, str] = {}", f"KEYS: dict[str, str] = {python_literal(keys)}")
    text = text.replace(
        "ROWS: dict[str, list[Any]] = {}", f"ROWS: dict[str, list[Any]] = {python_literal(rows)}"
    )
    functions = [_function(state, number, hints) for number, state in enumerate(states.values(), 1)]
    return (text + "".join(functions)).encode()


def template(name: str) -> str:
    """A file that is written beside the contracts as it stands."""
    return (files("strangler.contracts.consumers") / "templates" / name).read_text(encoding="utf-8")


def _rows(table: Table, tables: Mapping[str, Table], above: tuple[str, ...]) -> Iterator[Row]:
    """The rows that must be there for one row of a table, those that are referred to first."""
    if table.name in above or len(above) > _DEEPEST:
        return
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable and not column.primary_key:
            continue
        schema = json_schema(column, table, tables)
        plain = "{}" if shape_of(column, table, tables).kind == "json" else None
        values[column.name] = example(schema) if schema else plain
        for key in table.foreign_keys:
            if key.column == column.name and key.table in tables:
                yield from _rows(tables[key.table], tables, (*above, table.name))
    yield table.name, values


def _function(state: dict[str, Any], number: int, hints: Mapping[str, Iterable[str]]) -> str:
    name, subject = python_text(state["name"]), python_text(state["subject"])
    lines = ["", "", f"@state({name})", f"def state_{number}(params: dict[str, Any]) -> None:"]
    lines += [f"    # {python_comment(use)}" for use in state["used_by"][:6]]
    lines += [
        f"    # could be made by {python_comment(hint)}" for hint in list(hints.get(state["subject"], ()))[:4]
    ]
    if state["tables"]:
        lines.append(f"    # it works on {python_comment(', '.join(state['tables'][:8]))}")
    if state["kind"] == "row":
        lines.append(f"    put_row({subject}, params)")
    elif state["kind"] == "no_row":
        lines.append(f"    no_row({subject}, params)")
    else:
        lines.append(f"    raise NotImplementedError({name})")
    return "\n".join(lines) + "\n"


def factory_hints(model: Model) -> dict[str, list[str]]:
    """Table -> factories and fixtures of the monolith's tests that make a row, with their places."""
    found: dict[str, list[str]] = {}
    for item in sorted(model.factories, key=lambda one: not one.line):
        hint = f"{item.name} ({item.file}:{item.line})"
        if not item.line:
            hint = f"{item.name} in {item.file} (loaddata)"
        found.setdefault(item.table, []).append(hint)
    return found


__all__ = ["State", "all_states", "factory_hints", "states_json", "states_py"]
