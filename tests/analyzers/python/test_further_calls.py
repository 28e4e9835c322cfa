"""A helper that is called in very many ways tells what each call does to which table, or that it does not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from strangler import pipeline
from strangler.config import load
from strangler.model import System
from strangler.model.coverage import measures

NAMES = ("Boat", "Crew", "Berth", "Sail")
MODELS = "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n" + "".join(
    ["Base = declarative_base()\n"]
    + [
        f"class {name}(Base):\n    __tablename__ = '{name.casefold()}'\n"
        "    id = Column(Integer, primary_key=True)\n"
        for name in NAMES
    ]
)
LAYER = (
    "from sqlalchemy import insert\nfrom shop.session import session\n"
    "def save(rows, model, keys=None, options=None):\n"
    + "    count = len(rows)\n"
    * 30
    + "    session.execute(insert(model), rows)\n"
    "def save_all(rows, models):\n"
    + "    count = len(rows)\n"
    * 30
    + "    for model in models:\n        session.execute(insert(model), rows)\n"
    "def halved(rows, model):\n"
    + "    count = len(rows)\n"
    * 30
    + "    if count > 1:\n        halved(rows[:1], model)\n        halved(rows[1:], model)\n"
    "    session.execute(insert(model), rows)\n"
)
SESSION = "from sqlalchemy.orm import Session\nsession = Session()\n"
MANY = "".join(f"    save([{{'id': {n}}}], Boat)\n" for n in range(12))


def made(root: Path, calls: str, limit: int = 300) -> System:
    source = f"from shop.layer import *\nfrom shop.models import *\ndef many():\n{MANY}{calls}"
    files = {"models": MODELS, "session": SESSION, "layer": LAYER, "jobs": source, "__init__": ""}
    (root / "shop").mkdir()
    for name, text in files.items():
        (root / "shop" / f"{name}.py").write_text(text)
    config = load(root, [f"limits.call-steps={limit}"])
    return pipeline.read(pipeline.scan(root, config), jobs=1, cached=False)


def written(system: System, function: str) -> set[str]:
    return {a.table for a in system.accesses if a.function == function and a.operation == "write"}


@pytest.mark.parametrize(
    ("call", "tables"),
    [
        ("save([{'id': 99}], Crew)", {"crew"}),
        ("save(model=Crew, rows=[{'id': 99}], keys=['id', 'name'])", {"crew"}),
        ("save([{'id': 99}], options={'x': 1}, model=Crew)", {"crew"}),
        ("save(rows=find(), model=Crew)\ndef find():\n    return [{'id': n} for n in range(3)]", {"crew"}),
    ],
)
def test_the_table_that_a_late_call_hands_over_is_known(tmp_path: Path, call: str, tables: set[str]) -> None:
    system = made(tmp_path, f"def late():\n    {call}\n")
    assert any("save is called in too many ways" in d.message for d in system.diagnostics)
    assert written(system, "late") == tables
    assert not [d for d in system.diagnostics if d.code == "unfollowed-call"]


def test_tables_in_a_list_are_names_too(tmp_path: Path) -> None:
    many = "".join(f"    save_all([{{'id': {n}}}], [Boat])\n" for n in range(12))
    system = made(tmp_path, f"{many}def late():\n    save_all([{{'id': 99}}], [Crew, Sail])\n")
    assert written(system, "late") == {"crew", "sail"}


def test_what_a_helper_does_within_itself_is_counted_once(tmp_path: Path) -> None:
    late = "def late():\n" + "".join(f"    halved([{{'id': {n}}}], {name})\n" for n, name in enumerate(NAMES))
    system = made(tmp_path, late, 3_000)
    assert written(system, "late") == {name.casefold() for name in NAMES}
    assert not [d for d in system.diagnostics if d.code in ("cut-short", "unfollowed-call")]


def test_a_call_that_is_not_followed_is_missing_where_it_stands(tmp_path: Path) -> None:
    late = "".join(f"    save([{{'id': 99}}], {name})\n" for name in NAMES)
    texts = "".join(f"    save([{{'id': 1}}], Boat, 'key{n}')\n" for n in range(12))
    system = made(tmp_path, f"{texts}def late():\n{late}")
    told = [(d.file, d.line, d.message) for d in system.diagnostics if d.code == "unfollowed-call"]
    first = 3 + 12 + 12 + 2
    assert [row[:2] for row in told[-3:]] == [("shop/jobs.py", first + n) for n in (1, 2, 3)]
    assert told[-1][2] == (
        "what shop.layer.save does to data here is not followed: it is called in too many ways "
        "(limit call-steps: 300)"
    )
    others = tuple(d for d in system.diagnostics if d.code != "unfollowed-call")
    missing, without = (
        next(row.missing for row in measures(one) if row.rows == "accesses")
        for one in (system, msgspec.structs.replace(system, diagnostics=others))
    )
    assert missing - without == len(told)
    assert written(system, "late") == {"boat"}


def test_a_call_of_what_touches_no_data_is_missed_by_nobody(tmp_path: Path) -> None:
    idle = "def idle(x, y):\n" + "    z = 1\n" * 60
    calls = "def late():\n" + "".join(f"    idle({n}, 'text{n}')\n" for n in range(30))
    system = made(tmp_path, idle + calls)
    assert any("idle is called in too many ways" in d.message for d in system.diagnostics)
    assert not [d for d in system.diagnostics if d.code == "unfollowed-call"]
