"""SQL past any ORM: found where the driver is given it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlite_trace import Recorder, found_in

WORK = """
    import sqlite3
    from contextlib import closing

    TABLE = "parcels"
    connection = sqlite3.connect(":memory:", cached_statements=0)

    def plain():
        return connection.execute("SELECT id FROM parcels WHERE id > ?", (0,)).fetchall()

    def by_cursor():
        cursor = connection.cursor()
        cursor.execute(f"UPDATE {TABLE} SET weight = 1 WHERE id IN (SELECT parcel FROM trips)")

    def many():
        connection.executemany("INSERT INTO trips (parcel) VALUES (?)", [(1,), (2,)])

    def handed(cursor):
        cursor.execute("DELETE FROM trips WHERE parcel = 9")

    def through_helper():
        return _rows("SELECT p.id FROM parcels p JOIN trips t ON t.parcel = p.id")

    def _rows(sql):
        with closing(connection.cursor()) as cursor:
            return cursor.execute(sql).fetchall()
"""


def test_statements_of_a_driver(project: Callable[[dict[str, str]], Any]) -> None:
    made = project({"work.py": WORK})
    work = made.load("work")
    connection: sqlite3.Connection = work.connection
    connection.executescript("CREATE TABLE parcels (id, weight); CREATE TABLE trips (parcel)")
    recorder = Recorder()
    recorder.watch(connection)
    recorder.take()
    for name in ("plain", "by_cursor", "many", "handed", "through_helper"):
        function = getattr(work, name)
        function(connection.cursor()) if name == "handed" else function()
        real = recorder.take()
        found = found_in(made.system, "work", name) | (found_in(made.system, "work", "_rows") & real)
        assert found == real, name


def test_a_table_from_a_parameter_is_said_to_be_unknown(project: Callable[[dict[str, str]], Any]) -> None:
    made = project(
        {
            "work.py": """
                import sqlite3

                def clear(path, table):
                    sqlite3.connect(path).execute(f"DELETE FROM {table}")
            """
        }
    )
    assert not made.system.accesses
    assert [d.code for d in made.system.diagnostics] == ["unresolved-access"]


def test_frames_of_pandas(project: Callable[[dict[str, str]], Any]) -> None:
    made = project(
        {
            "work.py": """
                import pandas as pd
                from sqlalchemy import create_engine

                engine = create_engine("sqlite://")

                def load():
                    frame = pd.read_sql("SELECT * FROM parcels", engine)
                    frame.to_sql("summary", engine)
                    return pd.read_sql_table("trips", engine)
            """
        }
    )
    assert found_in(made.system, "work", "load") == {
        ("parcels", "read"),
        ("summary", "write"),
        ("trips", "read"),
    }


def test_what_a_driver_runs_beside_statements(project: Callable[[dict[str, str]], Any]) -> None:
    source = """
        import pyodbc, psycopg2

        def procedure(): pyodbc.connect("").cursor().execute("EXEC dbo.close_month")
        def called(): psycopg2.connect("").cursor().callproc("rebuild", [1])
        def copied(file): psycopg2.connect("").cursor().copy_from(file, "rates")
        def exported(file): psycopg2.connect("").cursor().copy_to(file, "rates")
        def handed(cursor, file):
            cursor.copy_expert("COPY days FROM STDIN", file)
            cursor.copy_from(file, "years")
        def loop(): pyodbc.connect("").execute("WHILE 1 = 1 BEGIN UPDATE flags SET a = 1 END")
        def made(): pyodbc.connect("").execute("SELECT a INTO #work FROM flags")
    """
    system = project({"work.py": source}).system
    assert {(a.function, a.operation, a.table, a.certainty) for a in system.accesses} == {
        ("copied", "write", "rates", "certain"),
        ("exported", "read", "rates", "certain"),
        ("handed", "write", "days", "inferred"),
        ("handed", "write", "years", "inferred"),
        ("loop", "write", "flags", "possible"),  # no model declares it, and only its name was seen
        ("made", "read", "flags", "certain"),
    }
    told = {d.line: d.message for d in system.diagnostics if d.code == "unresolved-access"}
    assert set(told) == {4, 5, 11}
    assert "dbo.close_month" in told[4]
    assert "rebuild" in told[5]
    assert "no dialect parses" in told[11]


def test_prose_given_to_something_unknown_is_no_statement(project: Callable[[dict[str, str]], Any]) -> None:
    source = """
        def ask(command): command.execute("please select an option from the list")
    """
    system = project({"work.py": source}).system
    assert not system.accesses
    assert not [d for d in system.diagnostics if d.code == "unresolved-access"]
