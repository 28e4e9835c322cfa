"""Provider states in one place: ``states.json`` for tools, ``states.py`` for the team to fill in."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from strangler.contracts.consumers.examples import example
from strangler.contracts.consumers.values import Pacts, State
from strangler.contracts.data.columns import json_schema, keys_of, shape_of
from strangler.contracts.events.code import text_of
from strangler.contracts.operations.source import Sources, dotted_name
from strangler.model import Model, Table
from strangler.sources import SourceTree

FACTORY_FILES = ("factor", "conftest", "fixture")
"""Words in the paths of test modules in which factories and fixtures are looked for."""
MOST_FIXTURES, LARGEST_FIXTURE = 50, 2_000_000
"""Files of a folder; bytes of a file."""
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
    text = text.replace("KEYS: dict[str, str] = {}", f"KEYS: dict[str, str] = {_literal(keys)}")
    text = text.replace("ROWS: dict[str, list[Any]] = {}", f"ROWS: dict[str, list[Any]] = {_literal(rows)}")
    functions = [_function(state, number, hints) for number, state in enumerate(states.values(), 1)]
    return (text + "".join(functions)).encode()


def template(name: str) -> str:
    """A file that is written beside the contracts as it stands."""
    return (files("strangler.contracts.consumers") / "templates" / name).read_text(encoding="utf-8")


def _literal(value: Any) -> str:
    """A literal of strings, numbers and containers over several lines; ASCII only, whatever the names are."""
    from pprint import pformat

    return ascii_only(pformat(value, width=96, sort_dicts=False))


def ascii_only(text: str) -> str:
    """Source of literals with every other character escaped."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


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
    name, subject = ascii_only(repr(state["name"])), ascii_only(repr(state["subject"]))
    lines = ["", "", f"@state({name})", f"def state_{number}(params: dict[str, Any]) -> None:"]
    lines += [f"    # {_comment(use)}" for use in state["used_by"][:6]]
    lines += [
        f"    # could be made by {_comment(hint)}" for hint in list(hints.get(state["subject"], ()))[:4]
    ]
    if state["tables"]:
        lines.append(f"    # it works on {_comment(', '.join(state['tables'][:8]))}")
    if state["kind"] == "row":
        lines.append(f"    put_row({subject}, params)")
    elif state["kind"] == "no_row":
        lines.append(f"    no_row({subject}, params)")
    else:
        lines.append(f"    raise NotImplementedError({name})")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return ascii_only("".join(char if char.isprintable() else " " for char in text))[:150]


def factory_hints(model: Model, tree: SourceTree | None) -> dict[str, list[str]]:
    """Table -> factories and fixtures of the monolith's tests that make a row, with their places."""
    if tree is None:
        return {}
    sources = Sources(model, tree)
    table_of = {table.model: table.name for table in model.tables if table.model}
    by_name: dict[str, list[str]] = {}
    for dotted, name in table_of.items():
        by_name.setdefault(dotted.rpartition(".")[2].lower(), []).append(name)
    found: dict[str, list[str]] = {}
    for module in model.modules:
        if not any(word in module.path.lower() for word in FACTORY_FILES):
            continue
        code = sources.load(module.name)
        for qualname, node in code.definitions.items() if code is not None else ():
            if isinstance(node, ast.ClassDef):
                table = _factory_table(node, module.name, sources, table_of)
            else:
                names = by_name.get(node.name.replace("_", "").lower(), [])
                table = names[0] if len(names) == 1 and _is_fixture(node) else None
            if table is not None:
                found.setdefault(table, []).append(f"{qualname} ({module.path}:{node.lineno})")
    for table, hint in _django_fixtures(model, tree.root):
        found.setdefault(table, []).append(hint)
    return found


def _django_fixtures(model: Model, root: Path) -> Iterator[tuple[str, str]]:
    """(table, where its rows are) in ``fixtures/*.json`` beside the modules."""
    table_of = {tuple(t.model.lower().split(".")): t.name for t in model.tables if t.model}
    folders = sorted({PurePosixPath(module.path).parent / "fixtures" for module in model.modules})
    for folder in folders:
        for path in sorted((root / folder).glob("*.json"))[:MOST_FIXTURES]:
            labels = Counter(_labels(path, root))
            for label, count in sorted(labels.items()):
                app, _, name = label.lower().rpartition(".")
                same = [t for parts, t in table_of.items() if parts[-1] == name and app in parts]
                if len(same) == 1:
                    yield same[0], f"{count} in {(folder / path.name).as_posix()} (loaddata)"


def _labels(path: Path, root: Path) -> list[str]:
    """``app.model`` of every row of a fixture; nothing where the file is none."""
    try:
        if not path.resolve().is_relative_to(root.resolve()) or path.stat().st_size > LARGEST_FIXTURE:
            return []
        rows = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row["model"] for row in rows if isinstance(row.get("model"), str)]


def _factory_table(
    node: ast.ClassDef, module: str, sources: Sources, table_of: Mapping[str, str]
) -> str | None:
    """The table of ``class Meta: model = X`` in a factory of factory_boy."""
    for meta in node.body:
        if not isinstance(meta, ast.ClassDef) or meta.name != "Meta" or "Factory" not in node.name:
            continue
        for item in meta.body:
            if isinstance(item, ast.Assign) and any(getattr(t, "id", "") == "model" for t in item.targets):
                return _named(item.value, module, sources, table_of)
    return None


def _named(node: ast.expr, module: str, sources: Sources, table_of: Mapping[str, str]) -> str | None:
    """The table of a class that is named by an expression or as ``"app.Model"``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        label, _, name = node.value.rpartition(".")
        same = [dotted for dotted in table_of if dotted.rpartition(".")[2] == name]
        near = [dotted for dotted in same if label.lower() in dotted.lower().split(".")]
        return table_of[near[0]] if len(near) == 1 else None
    code, written = sources.load(module), dotted_name(node)
    if code is None or written is None:
        return None
    head, _, tail = written.partition(".")
    full = code.imports.get(head, f"{module}.{head}")
    target = sources.find_from(code, f"{full}.{tail}" if tail else full)
    return table_of.get(target.dotted) if target is not None else None


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in text_of(item) for item in node.decorator_list)


__all__ = ["State", "all_states", "factory_hints", "states_json", "states_py"]
