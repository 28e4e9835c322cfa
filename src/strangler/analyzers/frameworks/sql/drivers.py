"""SQL that goes to the database past any ORM: DB-API drivers, their asynchronous kin, pandas."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql.statement import looks_like_sql, text_of
from strangler.analyzers.frameworks.sql.tables import note_sql, resolve_table
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Const,
    External,
    Frame,
    Framework,
    GuessHandler,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Schema,
    Sequence,
    Text,
    Value,
    words,
)
from strangler.model.system import Operation

CONNECTION = "dbapi.Connection"
_CONNECTING = words("""
    sqlite3.connect psycopg2.connect psycopg.connect psycopg.AsyncConnection.connect pymysql.connect
    MySQLdb.connect
    mysql.connector.connect pyodbc.connect cx_Oracle.connect oracledb.connect pymssql.connect pg8000.connect
    aiosqlite.connect asyncpg.connect asyncpg.create_pool aiomysql.connect aiopg.connect duckdb.connect
    snowflake.connector.connect databases.Database
""")
_RUNNING = words("""
    execute executemany executescript fetch fetchrow fetchval fetch_all fetch_one fetch_val iterate
    copy_expert copy copy_from_query prepare sql execute_insert execute_fetchall
""")
_HANDING_OUT = words("""
    cursor acquire connection transaction getconn __enter__ __aenter__ __call__ raw_connection
""")
_TYPES = words("""
    sqlite3.Connection sqlite3.Cursor psycopg2.extensions.connection psycopg2.extensions.cursor
    psycopg.Connection
    psycopg.Cursor asyncpg.Connection asyncpg.Pool asyncpg.pool.Pool pymysql.connections.Connection
    pymysql.cursors.Cursor aiosqlite.Connection
""")


class Drivers(Framework):
    """Database drivers used directly."""

    name = "sql"
    packages = (
        "sqlite3",
        "psycopg2",
        "psycopg",
        "pymysql",
        "MySQLdb",
        "asyncpg",
        "aiosqlite",
        "pandas",
        "databases",
        "aiomysql",
        "aiopg",
        "cx_Oracle",
        "duckdb",
        "mysql",
        "oracledb",
        "pg8000",
        "pymssql",
        "pyodbc",
        "snowflake",
    )
    always = True  # SQL text that something unknown executes needs no driver

    def teach(self, knowledge: Knowledge) -> None:
        for name in _CONNECTING:
            knowledge.calls[name] = _connect
        for name in _TYPES:
            knowledge.hierarchy.setdefault(name, (CONNECTION,))
        for name in _RUNNING:
            knowledge.methods[f"{CONNECTION}.{name}"] = _run(name)
        for name in ("copy_from", "copy_records_to_table", "copy_to_table"):
            knowledge.methods[f"{CONNECTION}.{name}"] = _copy("write", 1 if name == "copy_from" else 0)
        for name in ("copy_to", "copy_from_table"):
            knowledge.methods[f"{CONNECTION}.{name}"] = _copy("read", 1 if name == "copy_to" else 0)
        knowledge.methods[f"{CONNECTION}.callproc"] = _call_procedure
        for name in _HANDING_OUT:
            knowledge.methods[f"{CONNECTION}.{name}"] = lambda interp, receiver, args, frame: receiver
        for name in ("read_sql", "read_sql_query", "read_sql_table"):
            knowledge.calls[f"pandas.{name}"] = _read_frame
        knowledge.guesses["to_sql"] = _write_frame
        knowledge.methods["pandas.DataFrame.to_sql"] = lambda interp, receiver, args, frame: _write_frame(
            interp, args, frame
        )
        for name in ("copy_expert", "executescript", "fetch_all", "fetch_one"):
            knowledge.guesses[name] = _guessed_value
        knowledge.guesses["callproc"] = _guessed_procedure
        knowledge.guesses["copy_from"] = _guessed_copy
        for name in ("execute", "executemany", "fetch", "fetchrow", "fetchval"):
            knowledge.guesses.override(name, _guess(knowledge.guesses.get(name)))


def _connect(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Object(interp.external(CONNECTION), None, None)


def _guess(before: GuessHandler | None) -> GuessHandler:
    """``x.execute("select ...")``, whatever x is; other arguments are left to what was known before."""

    def handle(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
        if _guessed(interp, args, frame):
            return UNKNOWN
        return before(interp, args, frame) if before is not None else None

    return handle


def _run(name: str) -> MethodHandler:
    def handle(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        sql = args.get(0) or next(iter(args.keywords.values()), None)
        note_sql(interp, frame, sql)
        return receiver if name in ("execute", "executemany") else Sequence([], "list", True)

    return handle


def _copy(operation: Operation, index: int) -> MethodHandler:
    """``cursor.copy_from(file, "table")``, ``connection.copy_records_to_table("table", ...)``."""

    def handle(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        name = args.text(index, "table_name" if index == 0 else "table")
        schema = args.text(None, "schema_name")
        if name is None:
            interp.log.unresolved_access(frame, "a copy of a table that is chosen at run time")
        else:
            full = f"{schema}.{name}" if schema else name
            interp.log.access(frame, resolve_table(interp.state(Schema), full), operation, "sql")
        return UNKNOWN

    return handle


def _call_procedure(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name = args.text(0, "procname") or "that is chosen at run time"
    interp.log.unresolved_access(frame, f"what the procedure {name} touches cannot be told")
    return receiver


def _guessed(interp: Interpreter, args: Args, frame: Frame) -> bool:
    """``x.execute("SELECT ...")`` on something unknown: whatever x is, this is SQL."""
    sql = args.get(0)
    if not isinstance(sql, (Const, Text)):
        return False
    text = text_of(sql)
    if text is None or not looks_like_sql(text):
        return False
    return note_sql(interp, frame, sql, certainty="inferred")


def _guessed_value(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
    _guessed(interp, args, frame)
    return None


def _guessed_procedure(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
    return _call_procedure(interp, UNKNOWN, args, frame)


def _guessed_copy(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
    """``x.copy_from(file, "table")`` on something unknown."""
    name = args.text(1, "table")
    if name is not None:
        interp.log.access(frame, resolve_table(interp.state(Schema), name), "write", "sql", "inferred")
    return None


def _read_frame(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``pandas.read_sql``: a statement or the name of a table."""
    source = args.get(0)
    if source is None:
        return None
    text = text_of(source) if isinstance(source, (Const, Text)) else None
    if text is not None and not looks_like_sql(text) and text.isidentifier():
        interp.log.access(frame, resolve_table(interp.state(Schema), text), "read", "sql")
    elif text is not None:
        note_sql(interp, frame, source)
    else:
        run = getattr(source, "run", None)
        if run is not None:
            run(interp, frame)
    return Object(interp.external("pandas.DataFrame"), None, None)


def _write_frame(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
    """``frame.to_sql("table", connection)``."""
    name = args.text(0, "name")
    if name and (len(args.positional) > 1 or "con" in args.keywords):
        schema = args.text(None, "schema")
        full = f"{schema}.{name}" if schema else name
        interp.log.access(frame, resolve_table(interp.state(Schema), full), "write", "sql", "inferred")
    return None
