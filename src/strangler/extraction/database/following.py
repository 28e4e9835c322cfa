"""The SQL that carries a delete on: what refers to a row that was deleted on the other side follows it.

The stream of changes is the outbox, and a trigger on the copy that it writes is the receiver, in the transaction in
which the delete arrives: once, however often the stream begins anew. Rows that went on both sides are no longer found.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from strangler.extraction.database.sql import HEAD, Names, refuse, table, trigger
from strangler.extraction.values import DeleteRule, Side
from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage.catalog import do, quoted
from strangler.text import located

DEEPEST = 60
"""Deletes that lead to one another; more of them go in a circle."""


def follow(names: Names, side: Side, rules: Sequence[DeleteRule], copies: frozenset[str]) -> str:
    """Act on deletes that arrive, and on the copies where one is made here; can be repeated.

    Args:
        names: of what is made.
        side: the database.
        rules: those of that side.
        copies: the tables of it that the other side writes.
    """
    by_table: dict[str, list[DeleteRule]] = defaultdict(list)
    for rule in rules:
        by_table[rule.references].append(rule)
    parts = [
        f"-- Deletes that the other side makes are gone on with here, and its rows follow those made here.\n{HEAD}BEGIN;\n{drop(names, side)}"
        f"CREATE TABLE IF NOT EXISTS {names.kept} (at timestamptz NOT NULL DEFAULT now(), kept text NOT NULL, key text, because text);\n",
        _keys(rules),
    ]
    for number, (referred, items) in enumerate(sorted(by_table.items()), 1):
        function = names.deletes(number)
        parts += [
            _function(function, names, items, copies),
            f"SELECT to_regclass({sql_text(table(referred))}) IS NOT NULL AS there \\gset\n\\if :there\n"
            f"CREATE TRIGGER {sql_name(names.deleting)} BEFORE DELETE ON {table(referred)}\n"
            f"  FOR EACH ROW EXECUTE FUNCTION {function}();\n"
            f"ALTER TABLE {table(referred)} ENABLE ALWAYS TRIGGER {sql_name(names.deleting)};\n\\endif\n",
        ]
    if side == "monolith":
        parts += [refuse(names), allow(names, rules, dict.fromkeys(copies, "the service writes it"))]
    parts.append("COMMIT;\n")
    return "\n".join(parts)


def drop(names: Names, side: Side) -> str:
    """Take away what ``follow`` has made, but for the list of what was kept."""
    made = "(deletes|follows)" if side == "monolith" else "deletes"
    pattern = f"^strangler_{names.slug}_{made}_[0-9]+$"
    return do(
        f"""
FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname ~ {sql_text(pattern)} LOOP
  EXECUTE format('DROP FUNCTION %s CASCADE', found.name);
END LOOP;""",
        "found record;",
    )


def end(names: Names, side: Side) -> str:
    """No more deletes are gone on with here."""
    return f"{HEAD}SET client_min_messages = warning;\n{drop(names, side)}"


def _keys(rules: Iterable[DeleteRule]) -> str:
    """Stop where the column that is named is not what one row is known by."""
    rows = ",\n".join(
        f"    ({sql_text(table(rule.references))}, {sql_text(rule.to)}, {sql_text(table(rule.table))}, {sql_text(rule.column)})"
        for rule in rules
    )
    return do(
        f"""
FOR rule IN SELECT * FROM (VALUES
{rows}
  ) AS rules (referred, key, holder, name)
LOOP
  IF to_regclass(rule.referred) IS NULL OR to_regclass(rule.holder) IS NULL THEN
    RAISE NOTICE '% or % is not in this database: nothing of it follows', rule.referred, rule.holder;
    CONTINUE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
      WHERE indrelid = rule.referred::regclass AND indisunique AND indnkeyatts = 1 AND indpred IS NULL AND attname = rule.key) THEN
    RAISE EXCEPTION 'no row of % is known by its column % alone: what a delete does to % cannot be told', rule.referred, rule.key, rule.holder;
  END IF;
  IF EXISTS (SELECT FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
      WHERE contype = 'f' AND conrelid = rule.holder::regclass AND confrelid = rule.referred::regclass AND attname = rule.name
      AND (cardinality(conkey) > 1 OR rule.key <> (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]))) THEN
    RAISE EXCEPTION '%.% refers to another column of % than %: what a delete does cannot be told', rule.holder, rule.name, rule.referred, rule.key;
  END IF;
END LOOP;""",
        "rule record;",
    )


def _function(function: str, names: Names, rules: Sequence[DeleteRule], copies: frozenset[str]) -> str:
    """The function of one table's trigger.

    In a delete that is made here it acts on copies alone, of which this database has no constraint; the rest is
    what it was. In one that arrives it acts on the rest alone, or keeps the row and notes it, as a stream cannot
    refuse: for the copies the side that deletes has done it, and the stream brings that, in whatever order.
    """
    first = [rule for rule in rules if rule.table in copies]
    then = [rule for rule in rules if rule.table not in copies]
    here, streamed = (_indent(_statements(rules), "      ") or "      NULL;" for rules in (first, then))
    body = f"""\
DECLARE
  role text := current_setting('session_replication_role');
  before text := coalesce(current_setting('strangler.following', true), '');
BEGIN
  -- a stream, or an administrator who says so; others in that role want no triggers
  IF role = 'replica' AND NOT pg_replication_origin_session_is_setup()
      AND coalesce(current_setting('strangler.arrives', true), '') <> 'on' THEN
    RETURN OLD;
  END IF;
  IF pg_trigger_depth() > {DEEPEST} THEN
    RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' is part of a circle of rows that refer to one another';
  END IF;
  BEGIN
    PERFORM set_config('strangler.following', 'on', true);
    IF role = 'replica' THEN
      PERFORM set_config('session_replication_role', 'origin', true);
    END IF;
    IF role <> 'replica' THEN
{here}
    END IF;
    IF role = 'replica' OR pg_trigger_depth() > 1 THEN
{streamed}
    END IF;
    IF role = 'replica' THEN
      PERFORM set_config('session_replication_role', role, true);
    END IF;
    PERFORM set_config('strangler.following', before, true);
  EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
    IF role <> 'replica' THEN
      RAISE;
    END IF;
    INSERT INTO {names.kept} (kept, key, because) VALUES (TG_RELID::regclass::text, OLD.{sql_name(rules[0].to)}::text, SQLERRM);
    RAISE WARNING '% has a row that the other side has deleted: %', TG_TABLE_NAME, SQLERRM;
    RETURN NULL;
  END;
  RETURN OLD;
END
"""
    return quoted(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n"
        "  SET search_path = pg_catalog, pg_temp AS",
        body,
    )


def _statements(rules: Iterable[DeleteRule]) -> Iterator[str]:
    """What a delete does: first what forbids it outright, at last what forbids it unless it has gone."""
    order = {"refuse": 0, "delete": 1, "clear": 1, "restrict": 2}
    for rule in sorted(rules, key=lambda rule: (order[rule.does], rule)):
        holder, column = table(rule.table), sql_name(rule.column)
        key = sql_name(rule.to)
        same = f"{column} = OLD.{key}"
        if rule.table == rule.references:
            same += f" AND {key} <> OLD.{key}"  # a row that refers to itself
        yield f"-- {_comment(rule)}"
        yield f"IF to_regclass({sql_text(holder)}) IS NOT NULL THEN"
        if rule.does == "delete":
            yield f"  DELETE FROM {holder} WHERE {same};"
        elif rule.does == "clear":
            yield f"  UPDATE {holder} SET {column} = NULL WHERE {same};"
        else:
            yield f"  IF EXISTS (SELECT FROM {holder} WHERE {same}) THEN"
            message = f"{rule.table}.{rule.column} still refers to the row"
            yield f"    RAISE foreign_key_violation USING MESSAGE = {sql_text(message)};"
            yield "  END IF;"
        yield "END IF;"


def allow(names: Names, rules: Iterable[DeleteRule], why: Mapping[str, str]) -> str:
    """Let rows of copies go, or their columns be emptied, with the row that they refer to, and for no other reason.

    Args:
        names: of what is made.
        rules: of one side.
        why: by copy, why it is not written otherwise.
    """
    by_table: dict[str, list[DeleteRule]] = defaultdict(list)
    for rule in rules:
        if rule.table in why and rule.does in ("delete", "clear"):
            by_table[rule.table].append(rule)
    return "\n".join(
        text
        for number, (holder, items) in enumerate(sorted(by_table.items()), 1)
        for text in _allow(names, number, holder, items, why[holder])
    )


def service(names: Names, rules: Sequence[DeleteRule], why: Mapping[str, str]) -> str:
    """What the service may do to copies: delete and empty what its code does, in ``allow``'s bounds."""
    grants = dict.fromkeys(
        f'GRANT {"DELETE" if rule.does == "delete" else f"UPDATE ({sql_name(rule.column)})"} ON {table(rule.table)} TO :"service_role";'
        for rule in rules
        if rule.table in why and rule.does in ("delete", "clear")
    )
    if not grants:
        return ""
    head = "-- 5. A row of a copy goes, or its column is emptied, with the row that it refers to; its owner does the same."
    return "\n".join([head, allow(names, rules, why), *grants, ""])


def _allow(names: Names, number: int, holder: str, rules: Sequence[DeleteRule], why: str) -> Iterator[str]:
    gone = [rule for rule in rules if rule.does == "delete"]
    emptied = sorted({rule.column for rule in rules if rule.does == "clear"})
    others = ["INSERT", *([] if emptied else ["UPDATE"]), *([] if gone else ["DELETE"]), "TRUNCATE"]
    yield trigger(names, holder, why, others)
    function = names.follows(number)
    checks = [
        f"IF TG_OP = 'DELETE' AND OLD.{sql_name(rule.column)} IS NOT NULL AND NOT EXISTS (SELECT FROM {table(rule.references)} WHERE {sql_name(rule.to)} = OLD.{sql_name(rule.column)}) THEN RETURN NULL; END IF;"
        for rule in gone
    ]
    if emptied:
        columns = ", ".join(map(sql_text, emptied))
        checks.append(
            f"IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - ARRAY[{columns}] = to_jsonb(OLD) - ARRAY[{columns}]"
        )
        for column in emptied:
            name = sql_name(column)
            left = " OR ".join(
                f"NOT EXISTS (SELECT FROM {table(rule.references)} WHERE {sql_name(rule.to)} = OLD.{name})"
                for rule in rules
                if rule.does == "clear" and rule.column == column
            )
            checks.append(
                f"  AND (NEW.{name} IS NOT DISTINCT FROM OLD.{name} OR NEW.{name} IS NULL AND ({left}))"
            )
        checks.append("THEN RETURN NULL; END IF;")
    events = " OR ".join([*(["DELETE"] if gone else []), *(["UPDATE"] if emptied else [])])
    body = "\n".join(f"  {line}" for line in checks)
    yield quoted(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n"
        "  SET search_path = pg_catalog, pg_temp AS",
        f"BEGIN\n{body}\n  RAISE EXCEPTION '% is not written here: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';\nEND\n",
    )
    name = sql_name(names.following)
    yield f"DROP TRIGGER IF EXISTS {name} ON {table(holder)};"
    yield (
        f"CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {table(holder)} DEFERRABLE INITIALLY DEFERRED\n"
        "  FOR EACH ROW WHEN (coalesce(current_setting('strangler.following', true), '') <> 'on')\n"
        f"  EXECUTE FUNCTION {function}({sql_text(why)});"
    )


def _comment(rule: DeleteRule) -> str:
    return "".join(char if char.isprintable() else "?" for char in f"{located(rule.place)}: {rule.does}")


def _indent(lines: Iterable[str], by: str) -> str:
    return "\n".join(by + line for line in lines)
