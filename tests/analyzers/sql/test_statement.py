"""Which tables an SQL string touches."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.analyzers.frameworks.sql import read_sql, tables_of


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t JOIN u ON u.t = t.id WHERE t.id = %s", {("t", "read"), ("u", "read")}),
        ("SELECT a FROM t WHERE x = %(x)s AND y LIKE '%%z'", {("t", "read")}),
        ("SELECT a FROM t WHERE x = ? AND y = :y", {("t", "read")}),
        ("INSERT INTO t (a) SELECT b FROM u", {("t", "write"), ("u", "read")}),
        ("REPLACE INTO t VALUES (?, ?)", {("t", "write")}),
        ("INSERT OR IGNORE INTO t (a) VALUES (1)", {("t", "write")}),
        ("UPDATE t SET a = 1 WHERE id IN (SELECT t_id FROM u)", {("t", "write"), ("u", "read")}),
        ("UPDATE t SET a = 1 WHERE id IN (SELECT id FROM t)", {("t", "write")}),
        ("DELETE FROM t WHERE id = 1", {("t", "write")}),
        ("DELETE a FROM t a JOIN u ON u.id = a.u", {("t", "write"), ("u", "read")}),
        (
            "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN UPDATE SET a = 1",
            {("t", "write"), ("u", "read")},
        ),
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x", {("t", "read")}),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {("t", "read")}),
        (
            "WITH RECURSIVE x AS (SELECT 1 FROM t UNION ALL SELECT 1 FROM x) SELECT * FROM x",
            {("t", "read")},
        ),
        ('SELECT * FROM "s"."t", generate_series(1, 2)', {("s.t", "read")}),
        ("SELECT 1; DELETE FROM t; SELECT * FROM u", {("t", "write"), ("u", "read")}),
        ("TRUNCATE TABLE t", {("t", "write")}),
        ("SELECT * INTO t FROM u UNION ALL SELECT * FROM v", {("t", "write"), ("u", "read"), ("v", "read")}),
        ("SELECT a INTO :out FROM t", {("t", "read")}),
        ("SELECT TOP 10 * FROM [t] WITH (NOLOCK)", {("t", "read")}),
        ("DELETE FROM [s].[t u]", {("s.t u", "write")}),
        ("SELECT 1\nGO\nDELETE FROM [t]", {("t", "write")}),
        ("CREATE TABLE #t (a int); INSERT INTO #t SELECT a FROM u", {("u", "read")}),
        ("SELECT a INTO #t FROM u; INSERT INTO v SELECT a FROM #t", {("u", "read"), ("v", "write")}),
        ("DECLARE @t TABLE (a int); INSERT INTO @t SELECT a FROM u", {("u", "read")}),
        ("CREATE TEMP TABLE t AS SELECT * FROM u; SELECT * FROM t", {("u", "read")}),
        ("CREATE TABLE t AS SELECT * FROM u", {("t", "write"), ("u", "read")}),
        ("IF EXISTS (SELECT 1 FROM t) BEGIN DELETE FROM u END", {("t", "read"), ("u", "write")}),
        ("COPY t (a) FROM STDIN WITH CSV", {("t", "write")}),
        ("COPY (SELECT * FROM t) TO STDOUT", {("t", "read")}),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY t", {("t", "write")}),
        (
            "BEGIN DECLARE v INT; SELECT a INTO v FROM t; UPDATE u SET x = v; END",
            {("t", "read"), ("u", "write")},
        ),
        ("BEGIN TRAN; DELETE FROM t; COMMIT", {("t", "write")}),
        ("LOCK TABLE t IN EXCLUSIVE MODE", set()),
        ("CREATE TABLE t (a int)", set()),
        ("SELECT * FROM sqlite_master", set()),
        ("please select an option from the list", {("the", "read")}),
    ],
)
def test_tables_of_a_statement(sql: str, expected: set[tuple[str, str]]) -> None:
    statement = read_sql(sql, run=True)
    assert set(statement.tables) == expected
    assert statement.parsed is not sql.startswith("please")


@pytest.mark.parametrize(
    ("sql", "routines"),
    [
        ("EXEC dbo.close_month @year = ?", ("dbo.close_month",)),
        ("EXECUTE [dbo].[close_month]", ("dbo.close_month",)),
        ("CALL close_month(%s)", ("close_month",)),
        ("INSERT INTO t EXEC dbo.rows", ("dbo.rows",)),
        ("SELECT 1", ()),
    ],
)
def test_procedures_are_named(sql: str, routines: tuple[str, ...]) -> None:
    assert read_sql(sql, run=True).routines == routines


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("WHILE 1 = 1 BEGIN UPDATE t SET a = 1 END", {("t", "write")}),
        ("DO $$ BEGIN DELETE FROM t; END $$", {("t", "write")}),
        ("LOAD DATA INFILE 'x' INTO TABLE t", {("t", "write")}),
        ("SELECT a INTO OUTFILE 'x' FROM t", {("t", "read")}),
        ("DELETE FROM t; FROB u FROM v", {("t", "write"), ("v", "read")}),
    ],
)
def test_statements_that_no_dialect_parses_are_read_in_part(sql: str, rows: set[tuple[str, str]]) -> None:
    statement = read_sql(sql, run=True)
    assert set(statement.tables) == rows
    assert not statement.parsed


def test_a_table_whose_name_is_not_known_makes_the_result_incomplete() -> None:
    statement = read_sql(["SELECT * FROM t JOIN ", None, " ON 1 = 1"])
    assert statement.tables == (("t", "read"),)
    assert not statement.complete


def test_unknown_values_in_a_statement_do_no_harm() -> None:
    statement = read_sql(["SELECT * FROM t WHERE a IN (", None, ") ORDER BY ", None, " LIMIT ", None])
    assert (statement.tables, statement.complete, statement.parsed) == ((("t", "read"),), True, True)


def test_what_no_dialect_parses_is_skimmed_and_says_so() -> None:
    statement = read_sql("SELECT nope nope nope FROM t FROM u")
    assert set(statement.tables) == {("t", "read"), ("u", "read")}
    assert not statement.parsed


def test_deep_nesting_does_not_end_the_run() -> None:
    assert ("t", "read") in tables_of("SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM t")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    tables_of("SELECT " + text)


def _executed(sql: str) -> set[tuple[str, str]]:
    """What SQLite itself says it reads and writes."""
    seen: set[tuple[str, str]] = set()
    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE t (a, id); CREATE TABLE u (a, t_id);")
    actions = {sqlite3.SQLITE_READ: "read"}
    for action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE):
        actions[action] = "write"

    def note(action: int, table: str | None, *_: object) -> int:
        if action in actions and table in ("t", "u"):
            seen.add((table, actions[action]))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    connection.execute(sql)
    written = {table for table, operation in seen if operation == "write"}
    return {(table, op) for table, op in seen if op == "write" or table not in written}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE id IN (SELECT t_id FROM u)",
        "INSERT INTO t SELECT a, t_id FROM u",
        "WITH x AS (SELECT t_id FROM u) UPDATE t SET a = 1 WHERE id IN (SELECT t_id FROM x)",
        "UPDATE t SET a = u.a FROM u WHERE u.t_id = t.id",
        "DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id)",
        "REPLACE INTO t SELECT a, t_id FROM u",
    ],
)
def test_agrees_with_what_sqlite_executes(sql: str) -> None:
    assert set(tables_of(sql)) == _executed(sql)
