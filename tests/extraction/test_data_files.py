"""The files that give a service its own database, on tables of every kind, on real servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.blocks import Page
from helpers.journey import until
from helpers.postgres import Server, servers
from helpers.services import bare

from strangler.extraction import Service, data_files
from strangler.extraction.values import Database, StoredTable

OWN = ("numbers", "words", "uuids", "pairs", "keyless", "odd.\"na'me", "store.things")
TABLES = """\
CREATE SCHEMA store;
CREATE SCHEMA odd;
CREATE TABLE person (id bigint PRIMARY KEY, name text, password varchar(80) NOT NULL, pin int NOT NULL);
CREATE TABLE log (id bigserial PRIMARY KEY, said text);
CREATE TABLE unseen (id int);
CREATE TABLE numbers (
  id bigserial PRIMARY KEY, at timestamptz, amount numeric(9, 2), person_id bigint REFERENCES person
);
CREATE INDEX by_person ON numbers (person_id);
CREATE TABLE words (key text PRIMARY KEY, long text);
CREATE TABLE uuids (id uuid PRIMARY KEY, raw bytea, many int[]);
CREATE TABLE pairs (one int, other text, more jsonb, PRIMARY KEY (one, other));
CREATE TABLE keyless (a int, b text);
CREATE TABLE store.things (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number_id bigint REFERENCES numbers
);
CREATE TABLE odd.\"""na'me" ("ke'y" serial PRIMARY KEY);
"""
LEGACY = "CREATE TABLE legacy (id serial PRIMARY KEY, rate numeric, person_id bigint REFERENCES person)"
ROWS = """\
INSERT INTO person SELECT n, 'p' || n, 'secret' || n, n FROM generate_series(1, 3) n;
INSERT INTO numbers (at, amount, person_id) SELECT now(), n / 3.0, 1 + n % 3 FROM generate_series(1, 50) n;
INSERT INTO words SELECT 'w' || n, repeat(md5(n::text), 200) FROM generate_series(1, 50) n;
INSERT INTO uuids SELECT gen_random_uuid(), '\\x00ff', ARRAY[n, n] FROM generate_series(1, 50) n;
INSERT INTO pairs SELECT n % 7, n::text, '{"a": 1.50}' FROM generate_series(1, 50) n;
INSERT INTO legacy (rate, person_id) VALUES (1.5, 2);
INSERT INTO keyless SELECT n, 'k' FROM generate_series(1, 5) n;
INSERT INTO store.things (number_id) SELECT n FROM generate_series(1, 5) n;
INSERT INTO odd.\"""na'me" DEFAULT VALUES;
"""
CHANGES = """\
UPDATE words SET key = key || '!' WHERE key LIKE '%1';
UPDATE uuids SET many = '{}';
DELETE FROM pairs WHERE one = 3;
UPDATE keyless SET b = 'changed' WHERE a = 2;
DELETE FROM keyless WHERE a = 3;
INSERT INTO numbers (amount) VALUES (-7);
INSERT INTO odd.\"""na'me" DEFAULT VALUES;
INSERT INTO store.things (number_id) VALUES (1);
"""


@pytest.fixture(scope="module")
def pair() -> Iterator[list[Server]]:
    with servers(2) as found:
        for server in found:
            server.rows("CREATE ROLE own LOGIN")
            server.rows("CREATE ROLE mine LOGIN")
        yield found


@pytest.fixture
def page(pair: list[Server], tmp_path: Path) -> Iterator[Page]:
    monolith, service = pair
    for server in pair:
        server.rows("DROP DATABASE IF EXISTS data WITH (FORCE)")
        server.rows("CREATE DATABASE data OWNER own")
        server.rows(f"SET ROLE own; {TABLES}", "data")
    monolith.rows(f"SET ROLE own; {LEGACY}", "data")
    monolith.rows(ROWS, "data")
    service.rows("INSERT INTO words VALUES ('a migration put me in', '')", "data")
    for name, data in data_files(service_of()).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "service").mkdir()
    environment = {
        **os.environ,
        "MONOLITH_DB": monolith.url("data"),
        "SERVICE_DB": service.url("data"),
        "MONOLITH_LINK": monolith.link("data"),
        "SERVICE_LINK": service.link("data"),
        "SERVICE_ROLE": "mine",
        "COPY_PASSWORD": "it's a \\ secret",
    }
    found = Page(tmp_path / "data" / "README.md", tmp_path, environment)
    yield found
    found.paste(
        "service stop-move.sql; service stop-replicas.sql; monolith stop-reverse.sql;"
        " monolith clean-up-monolith.sql; service clean-up-service.sql"
    )


def service_of() -> Service:
    tables = [StoredTable(name=name, store="own", owner="odd 'context'", because="it moves") for name in OWN]
    tables.append(
        StoredTable(name="person", store="replica", owner="", because="read", left_out=("password", "pin"))
    )
    tables.append(StoredTable(name="legacy", store="replica", owner="", because="read"))
    tables.append(StoredTable(name="log", store="local", owner="", because="a log"))
    return bare("odd 'context'", Database(tables=tuple(tables), schema=("true",), undeclared=("legacy",)))


def test_keys_of_every_kind_go_there_and_back(page: Page, pair: list[Server]) -> None:
    monolith, service = pair
    said = page.do("1.")
    assert "numbers no longer refers to person: numbers_person_id_fkey is dropped" in said
    assert service.rows("SELECT indexname FROM pg_indexes WHERE indexname = 'by_person'", "data")
    assert service.rows("SELECT conname FROM pg_constraint WHERE contype = 'f'", "data") == [
        "things_number_id_fkey"
    ]
    page.do("2.")
    monolith.rows(CHANGES, "data")
    page.do("2.")  # what was copied is copied anew
    assert service.rows("SELECT name, password, pin FROM person WHERE id = 1", "data") == ["p1|!|"]
    assert service.rows("SELECT rate, person_id FROM legacy", "data") == ["1.5|2"]
    known = "SELECT reltuples > 0 FROM pg_class WHERE relname = 'person'"
    assert service.rows(known, "data") == ["t"], "queries are planned by what there is"
    page.do("3.")
    service.rows(CHANGES.replace("%1", "%2"), "data")
    page.do("4.")
    assert monolith.rows("SELECT count(*) FROM numbers WHERE amount = -7", "data") == ["2"]
    assert monolith.rows("SELECT count(*) FROM words WHERE key LIKE '%2!'", "data") == ["5"]
    monolith.rows(CHANGES.replace("%1", "%3"), "data")
    page.do("6.")
    identities = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relreplident = 'f'"
    assert monolith.rows(identities, "data") == service.rows(identities, "data") == []


def test_the_service_sees_what_is_listed_and_writes_what_is_its_own(page: Page, pair: list[Server]) -> None:
    _, service = pair
    page.do("1.")
    page.do("2.")

    def as_service(text: str) -> str:
        return page.paste(f'psql -X -q -c "{text}" "{service.url("data", "mine")}" 2>&1').stdout

    assert "words is not written here" in as_service("INSERT INTO words VALUES ('too early', '')")
    page.do("3.")
    assert as_service("INSERT INTO words VALUES ('now', ''); INSERT INTO log (said) VALUES ('x')") == ""
    assert as_service("INSERT INTO store.things (number_id) VALUES (2)") == ""
    assert "permission denied" in as_service("UPDATE person SET name = ''")
    assert "permission denied" in as_service("SELECT * FROM unseen")
    assert (
        "person is not written here: it is a copy"
        in page.paste('psql -X -q -c "UPDATE person SET name = \'\'" "$SERVICE_DB" 2>&1').stdout
    )


def test_no_copy_overwrites_what_the_service_has_written(page: Page, pair: list[Server]) -> None:
    page.do("1.")
    page.do("2.")
    page.do("3.")
    pair[1].rows("INSERT INTO words VALUES ('mine', '')", "data")
    again = next(block.text for block in page.blocks if block.heading.startswith("2."))
    assert "the other side has taken over" in page.fails(again)
    assert "the service writes here already" in page.fails("service subscribe.sql")
    assert pair[1].rows("SELECT key FROM words WHERE key = 'mine'", "data") == ["mine"]
    page.do("5.", "when nobody will go back")
    assert "the other side has taken over" in page.fails(again)
    assert "the service writes here already" in page.fails("service subscribe.sql")


def test_a_cut_over_that_fails_leaves_the_monolith_writing(page: Page, pair: list[Server]) -> None:
    monolith, service = pair
    page.do("1.")
    page.do("2.")
    service.rows("SET session_replication_role = replica; DELETE FROM words WHERE key = 'w7'", "data")
    cut_over = next(block.text for block in page.blocks if block.heading.startswith("3."))
    assert "words|50|" in page.fails(cut_over)
    page.do("3.", "when the cut-over has failed")
    monolith.rows("INSERT INTO words VALUES ('after', '')", "data")
    page.do("2.")
    page.do("3.")


def test_gates_fail_where_nobody_answers(page: Page, pair: list[Server]) -> None:
    page.do("1.")
    page.do("2.")
    nowhere = "postgresql://postgres@127.0.0.1:9/data"
    assert page.fails(f"MONOLITH_DB={nowhere} SERVICE_DB={nowhere} sh data/compare.sh moved")
    assert "has not answered" in page.fails(f"SERVICE_DB={nowhere} sh data/compare.sh moved live")
    assert page.fails("MONOLITH_DB= ; monolith freeze.sql")
    assert "syntax error" in page.fails("unset COPY_PASSWORD; monolith publish.sql")
    assert "a superuser" in page.fails("export SERVICE_ROLE=postgres; service schema.sql")
    assert "owns the tables" in page.fails("export SERVICE_ROLE=own; service schema.sql")


def test_no_stream_begins_that_the_server_has_no_worker_for(page: Page, pair: list[Server]) -> None:
    page.do("1.")
    others = [f"other_{number}" for number in range(5)]
    ends = ["host=127.0.0.1 port=9 dbname=nowhere", "connect = false, slot_name = NONE"]
    for name in others:
        pair[1].rows(
            f"CREATE SUBSCRIPTION {name} CONNECTION '{ends[0]}' PUBLICATION x WITH ({ends[1]})", "data"
        )
        pair[1].rows(f"ALTER SUBSCRIPTION {name} SET (slot_name = '{name}')", "data")
        pair[1].rows(f"ALTER SUBSCRIPTION {name} ENABLE", "data")
    try:
        said = page.fails("monolith publish.sql && service subscribe.sql")
        assert "max_worker_processes is 8, too few for all streams" in said
    finally:
        for name in others:
            pair[1].rows(f"ALTER SUBSCRIPTION {name} DISABLE", "data")
            pair[1].rows(f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)", "data")
            pair[1].rows(f"DROP SUBSCRIPTION {name}", "data")
    page.do("2.")


def test_a_stream_whose_slot_is_gone_already_ends(page: Page, pair: list[Server]) -> None:
    """A server may die between dropping the slot on the other side and its own subscription."""
    monolith, service = pair
    page.do("1.")
    page.do("2.")
    service.rows("ALTER SUBSCRIPTION strangler_odd_context_move DISABLE", "data")
    slot = "slot_name = 'strangler_odd_context_move'"
    until(lambda: monolith.rows(f"SELECT active FROM pg_replication_slots WHERE {slot}") == ["f"])
    monolith.rows(f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE {slot}")
    page.do("2.")
    page.do("3.")


def test_a_stream_does_not_end_while_its_slot_would_be_left_behind(page: Page, pair: list[Server]) -> None:
    service = pair[1]
    page.do("1.")
    page.do("2.")
    name, nowhere = "strangler_odd_context_move", "host=127.0.0.1 port=9 dbname=data"
    (link,) = service.rows(f"SELECT subconninfo FROM pg_subscription WHERE subname = '{name}'", "data")
    service.rows(f"ALTER SUBSCRIPTION {name} CONNECTION $${nowhere}$$", "data")
    assert "could not connect to publisher" in page.fails("service stop-move.sql")
    service.rows(f"ALTER SUBSCRIPTION {name} CONNECTION $${link}$$", "data")
    page.do("2.")


def test_a_copy_whose_slot_is_gone_already_is_given_up_and_begins_anew(
    page: Page, pair: list[Server]
) -> None:
    """A server may die between dropping a table's slot on the other side and noting that it is copied."""
    service = pair[1]
    page.do("1.")
    page.do("2.")
    copy = "srrelid = 'words'::regclass"
    worker = "UPDATE pg_subscription_rel SET srsubstate = 'f', srsublsn = NULL WHERE"
    service.rows("ALTER SUBSCRIPTION strangler_odd_context_move DISABLE", "data")
    service.rows(f"SET allow_system_table_mods = on; {worker} {copy}", "data")
    service.rows("ALTER SUBSCRIPTION strangler_odd_context_move ENABLE", "data")
    assert "the copy of words stands still" in page.fails("service copied.sql")
    page.do("2.")
    page.do("3.")


def test_no_slot_is_made_that_could_fill_the_disk(page: Page, pair: list[Server]) -> None:
    pair[0].rows("ALTER SYSTEM SET max_slot_wal_keep_size = -1", "data")
    pair[0].rows("SELECT pg_reload_conf()", "data")
    try:
        assert "fills the disk" in page.fails("sleep 1; monolith publish.sql")
        assert pair[0].rows("SELECT slot_name FROM pg_replication_slots") == []
    finally:
        pair[0].rows("ALTER SYSTEM RESET max_slot_wal_keep_size", "data")
        pair[0].rows("SELECT pg_reload_conf()", "data")
