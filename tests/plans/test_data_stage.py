"""The files of the data stage: SQL that parses, connectors that agree with it, names that stay names."""

from __future__ import annotations

import json
import re

import pytest
import sqlglot
from helpers.planted import planted
from helpers.psql import statements

from strangler.literals import sql_name, sql_text
from strangler.plans import plan_extraction
from strangler.plans.data_stage import write
from strangler.plans.data_stage.tables import DataTable, slug


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    model = planted("django_shop")
    return {name: text.decode() for name, text in write(plan_extraction(model, "billing"), model).items()}


def test_every_statement_is_sql(files):
    for name, text in files.items():
        if name.endswith(".sql"):
            assert sqlglot.parse(statements(text), dialect="postgres"), name


def test_each_stream_captures_publishes_and_applies_the_same_tables(files):
    before = files["data/before-monolith.sql"]
    for use in ("move", "replicas"):
        capture = json.loads(files[f"data/{use}-capture.json"])
        sink = json.loads(files[f"data/{use}-apply.json"])
        tables = capture["table.include.list"].split(",")
        (publication,) = re.findall(rf'CREATE PUBLICATION "{capture["publication.name"]}".*;', before)
        for table in tables:
            topic = f"{capture['topic.prefix']}.{table.replace(chr(92), '')}"
            assert re.fullmatch(sink["topics.regex"], topic)
            assert '"' + table.replace("\\.", '"."') + '"' in publication
        assert capture["signal.data.collection"].partition(".")[2] in publication
        assert "public.debezium_heartbeat" in publication
        assert f"'{capture['slot.name']}'" in capture["heartbeat.action.query"]
    moved = json.loads(files["data/move-capture.json"])["table.include.list"]
    assert moved == r"public\.fin_invoice,public\.fin_payment"


def test_the_backfill_asks_for_incremental_snapshots_by_the_signal_table_of_its_stream(files):
    statements = re.findall(
        r"VALUES \(gen_random_uuid\(\)::text, 'execute-snapshot', '(.*)'\);", files["data/move-backfill.sql"]
    )
    assert [json.loads(data)["data-collections"] for data in statements] == [
        [r"public\.fin_invoice"],
        [r"public\.fin_payment"],
    ]
    assert all(json.loads(data)["type"] == "incremental" for data in statements)
    signals = json.loads(files["data/move-capture.json"])["signal.data.collection"]
    assert signals.partition(".")[2] in files["data/move-backfill.sql"]


def test_forward_and_reverse_streams_share_no_topic(files):
    forward = json.loads(files["data/move-capture.json"])
    reverse = json.loads(files["data/reverse-capture.json"])
    assert forward["topic.prefix"] != reverse["topic.prefix"]
    assert forward["slot.name"] != reverse["slot.name"]
    assert not re.fullmatch(
        json.loads(files["data/move-apply.json"])["topics.regex"],
        f"{reverse['topic.prefix']}.public.fin_invoice",
    )


def test_the_outbox_of_each_side_names_what_that_side_sends(files):
    assert "data/outbox-monolith.json" in files
    told = files["data/README.md"]
    (line,) = [line for line in told.splitlines() if line.startswith("- From the monolith")]
    assert "shop.orders.signals.order_placed" in line
    config = json.loads(files["data/outbox-monolith.json"])
    assert config["transforms.outbox.type"] == "io.debezium.transforms.outbox.EventRouter"
    topic = f"{config['topic.prefix']}.{config['table.include.list'].replace(chr(92), '')}"
    assert re.fullmatch(config["predicates.isOutbox.pattern"], topic)


def test_values_of_connect_are_strings_and_hold_no_secret(files):
    for name, text in files.items():
        if name.endswith(".json"):
            config = json.loads(text)
            assert all(isinstance(value, str) for value in config.values())
            assert all(
                value.startswith("${env:") for key, value in config.items() if key.endswith("password")
            )


def test_a_copy_for_readers_has_no_passwords():
    known = DataTable(name="crm_person", columns=("id", "api_key", "reset_token", "name"))
    assert known.secrets == (r"public\.crm_person\.api_key", r"public\.crm_person\.reset_token")
    assert DataTable(name="auth_user").secrets == (r"public\.auth_user\.password",)
    assert DataTable(name="orders_order", columns=("id", "number")).secrets == ()


def test_a_context_without_tables_gets_no_copy_of_its_own():
    model = planted("django_shop")
    plan = plan_extraction(model, "billing")
    bare = type(plan.moves)(
        **{n: getattr(plan.moves, n) for n in plan.moves.__struct_fields__} | {"tables": ()}
    )
    plan = type(plan)(**{n: getattr(plan, n) for n in plan.__struct_fields__} | {"moves": bare})
    names = set(write(plan, model))
    assert "data/replicas-capture.json" in names
    assert "data/move-capture.json" not in names
    assert "data/compare.sql" not in names


@pytest.mark.parametrize("name", ['a"; DROP TABLE x; --', "a'b", "a,b", "a\nb\\c", "sc.a b", "", "é"])
def test_hostile_names_stay_inside_their_quotes(name):
    table = DataTable(name=name)
    (statement,) = sqlglot.parse(f"SELECT {sql_text(name)} FROM {sql_name(name or 'x')}", dialect="postgres")
    assert statement is not None
    assert re.fullmatch(r"[A-Za-z0-9_.\\]*", table.pattern)
    assert re.fullmatch(r"[a-z0-9_]+", slug(name))
