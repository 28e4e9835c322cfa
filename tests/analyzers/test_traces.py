"""The data-access graph of the sample monoliths against a trace of their own tests.

Reads are compared by module and table. A unit of work writes at a flush that anybody may cause, so its writes
are compared by table alone; Django's stand where they are written. What the tests did not run is nobody's
miss; ``certain`` accesses of functions that ran, but were not seen, are printed to be looked at.

``python -m pytest tests/analyzers/test_traces.py -rP`` prints the figures and every miss.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES, NAMES, run

from strangler import pipeline
from strangler.config import Config

SUITE = Path(__file__).parents[1] / "fixtures" / "traced_suite.py"
# Measured: 0.941, 0.750 (what only Jinja templates read is missing) and 1.000.
RECALL = {"django_shop": 0.93, "flask_clinic": 0.74, "fastapi_courier": 0.97}
Row = tuple[str, str, str]


@cache
def traced(name: str) -> list[tuple[str, str, int, str, str]]:
    return [tuple(row) for row in json.loads(run(SUITE, name))]


def comparable(name: str, module: str, table: str, operation: str) -> Row:
    unit_of_work = name != "django_shop" and operation == "write"
    return ("" if unit_of_work else module, table, operation)


@pytest.mark.parametrize("name", NAMES)
def test_what_its_own_tests_touch_was_found(name: str) -> None:
    config = Config()
    model = pipeline.analyze(pipeline.scan(FIXTURES / name, config), config, jobs=1, cached=False)
    tables = {table.name for table in model.tables} | {"auth_user"}
    seen = {comparable(name, m, t, o) for m, _, _, t, o in traced(name) if t in tables}
    found = {comparable(name, a.module, a.table, a.operation) for a in model.accesses}
    ran = {(module, function) for module, function, *_ in traced(name)}
    executed = {
        (module, function, table, operation) for module, function, _, table, operation in traced(name)
    }
    claimed = {
        (a.module, a.function, a.table, a.operation)
        for a in model.accesses
        if a.certainty == "certain" and (a.module, a.function) in ran
    }
    print(f"recall {len(seen & found) / len(seen):.3f} of {len(seen)}")
    print(f"certain and seen at its very function: {len(claimed & executed)} of {len(claimed)}")
    for row in sorted(seen - found):
        print("  missed", row)
    for row in sorted(claimed - executed):
        print("  certain, not seen", row)
    assert len(seen & found) / len(seen) >= RECALL[name]
