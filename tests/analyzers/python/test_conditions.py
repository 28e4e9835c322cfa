"""Which branch runs: decided where the code says so, both where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def tables(project: Callable[[dict[str, str]], Any], condition: str) -> set[str]:
    text = f"""
import sqlite3

LIMIT = 5
NAME = "live"
cursor = sqlite3.connect("x")

def run(given):
    if {condition}:
        cursor.execute("select * from yes")
    else:
        cursor.execute("select * from no")
"""
    return {access.table for access in project({"m.py": text}).system.accesses}


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("LIMIT < 3", {"no"}),
        ("LIMIT > 3", {"yes"}),
        ("LIMIT >= 5", {"yes"}),
        ("LIMIT <= 4", {"no"}),
        ("LIMIT == 5", {"yes"}),
        ("LIMIT != 5", {"no"}),
        ("not LIMIT", {"no"}),
        ('NAME in ("live", "test")', {"yes"}),
        ('NAME not in ("live", "test")', {"no"}),
        ("LIMIT is None", {"no"}),
        ("given", {"yes", "no"}),
        ("given > 3", {"yes", "no"}),
        # A chain is as long as it is: its first part decides nothing by itself.
        ("3 < LIMIT < 4", {"no"}),
        ("3 < LIMIT < given", {"yes", "no"}),
        ("LIMIT > 3 > given", {"yes", "no"}),
    ],
)
def test_a_condition_of_known_values_decides(
    project: Callable[[dict[str, str]], Any], condition: str, read: set[str]
) -> None:
    assert tables(project, condition) == read
