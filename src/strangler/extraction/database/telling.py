"""The SQL that tells the owner of a table what the other side's code has changed in its copy.

A change of a row is written down in the transaction that makes it, sent by a stream of its own, and done at the
owner's once, in order; the row comes back as it is then. A column that code only counts up or down gets the
difference, any other one the new value where the owner's is still the old one. What cannot be done is listed.

A row that comes back does not know what was counted here since. So each side keeps its sums: of what it told, and of
what it heard, which comes back in the same transaction as the row; the difference of the two is on its way, and added.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from strangler.extraction.database.sql import HEAD, KEPT, Names, array, refuse, table, trigger
from strangler.extraction.values import OTHER, Side, StoredTable, ToldTable
from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage.catalog import do, quoted


def stream(side: Side) -> str:
    """The stream of what one side tells."""
    return f"told_{side}"


def tell(
    names: Names,
    side: Side,
    tables: Sequence[ToldTable],
    why: Mapping[str, str],
    left_out: Mapping[str, Iterable[str]],
) -> str:
    """Let rows of copies be changed and deleted, and write down each; can be repeated.

    A table without a primary key stays closed: nothing says which row is meant.

    Args:
        names: of what is made.
        side: the one that tells.
        tables: its copies.
        why: by table, why no row is made there.
        left_out: by table, columns of credentials that a copy does not have.
    """
    holders = [item.table for item in tables]
    reader, name = sql_name(names.reader(side)), sql_name(names.stream(stream(side)))
    slot = sql_text(names.stream(stream(side)))
    role, grants = "", ""
    if side == "service":
        role = "\\getenv service_role SERVICE_ROLE\n"
        grants = "".join(f'GRANT UPDATE, DELETE ON {table(item)} TO :"service_role";\n' for item in holders)
    counted = [item for item in tables if item.added]
    counts = "\n".join(
        f"CREATE OR REPLACE TRIGGER {sql_name(names.counts)} BEFORE UPDATE ON {table(item.table)}\n"
        f"  FOR EACH ROW EXECUTE FUNCTION {names.count}({', '.join(map(sql_text, item.added))});\n"
        f"ALTER TABLE {table(item.table)} ENABLE REPLICA TRIGGER {sql_name(names.counts)};"
        for item in counted
    )
    triggers = _TRIGGERS.format(
        closed=", ".join(f"({sql_text(table(item))}::regclass, {sql_text(why[item])})" for item in holders),
        frozen=sql_text(names.frozen),
        refuse=sql_text(names.refuse),
        follows=sql_text(names.following),
        tells=sql_text(names.telling),
        function=sql_text(names.tell),
    )
    added = [(item.table, column) for item in tables for column in item.added]
    withheld = [(item.table, column) for item in tables for column in left_out.get(item.table, ())]
    told = _TELL.format(
        told=names.told,
        sums=names.sums,
        added=_among("TG_RELID", added),
        left_out=_among("TG_RELID", withheld),
    )
    return f"""\
-- What code here changes in rows that the other side owns is told to it.
{HEAD}{role}BEGIN;
{_outbox(names)}
CREATE TABLE IF NOT EXISTS {names.sums} (holder text, key jsonb, name text, total numeric NOT NULL, PRIMARY KEY (holder, key, name));
GRANT USAGE ON SCHEMA public TO {reader};
GRANT SELECT ON {names.told} TO {reader};
DROP PUBLICATION IF EXISTS {name};
CREATE PUBLICATION {name} FOR TABLE ONLY {names.told} WITH (publish = 'insert');
COMMIT;
SELECT slot_name FROM pg_create_logical_replication_slot({slot}, 'pgoutput')
  WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {slot});
BEGIN;
{_function(names.tell, told)}
{_function(names.count, _COUNT.format(sums=names.sums, heard=names.heard(OTHER[side]))) if counted else ""}
{refuse(names)}
{do(triggers, "found record;")}{counts}
{grants}COMMIT;
"""


_TELL = """\
#variable_conflict use_column
DECLARE
  before jsonb := to_jsonb(OLD);
  known jsonb;
  changes jsonb;
  single text;
  line bigint;
BEGIN
  IF coalesce(current_setting('strangler.following', true), '') = 'on' THEN
    RETURN NULL;  -- the other side's own row goes in the same way
  END IF;
  SELECT jsonb_object_agg(name, before -> name) INTO known FROM unnest(TG_ARGV) AS name;
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(now.key, jsonb_build_array(before -> now.key, now.value)) INTO changes
      FROM jsonb_each(to_jsonb(NEW)) AS now WHERE now.value IS DISTINCT FROM before -> now.key;
    IF changes IS NULL THEN
      RETURN NULL;
    END IF;
    IF changes ?| TG_ARGV THEN
      RAISE EXCEPTION '% is not written here: its key', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- two equal values, one from each side, would stop the stream
    SELECT attname INTO single FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
      WHERE indrelid = TG_RELID AND indisunique AND changes ? attname::text LIMIT 1;
    IF single IS NOT NULL THEN
      RAISE EXCEPTION '% is not written here: % is unique', TG_TABLE_NAME, single USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  SELECT name INTO single FROM jsonb_object_keys(changes) AS name WHERE {left_out} LIMIT 1;
  IF single IS NOT NULL THEN
    RAISE EXCEPTION '% is not written here: its owner alone has %', TG_TABLE_NAME, single USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO {sums} AS sums
    SELECT format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), known, name, (item ->> 1)::numeric - (item ->> 0)::numeric FROM jsonb_each(changes) AS changed (name, item)
      WHERE {added} AND jsonb_typeof(item -> 0) = 'number' AND jsonb_typeof(item -> 1) = 'number'
    ON CONFLICT (holder, key, name) DO UPDATE SET total = sums.total + excluded.total;
  INSERT INTO {told} (holder, key, change) VALUES (format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), known, changes)
    RETURNING id INTO line;
  DELETE FROM {told} WHERE id = line;  -- the stream reads it in the log
  RETURN NULL;
END
"""
_COUNT = """\
DECLARE
  known jsonb;
  way jsonb;
  rule record;
  holds boolean;
BEGIN
  SELECT jsonb_object_agg(attname, to_jsonb(OLD) -> attname) INTO known FROM pg_index JOIN pg_attribute
    ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = TG_RELID AND indisprimary;
  SELECT jsonb_object_agg(told.name, (to_jsonb(NEW) ->> told.name)::numeric + told.total - coalesce(heard.total, 0)) INTO way
    FROM {sums} AS told LEFT JOIN {heard} AS heard USING (holder, key, name)
    WHERE holder = format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) AND key = known AND name = ANY (TG_ARGV);
  IF way IS NULL THEN
    RETURN NEW;
  END IF;
  FOR rule IN SELECT pg_get_expr(conbin, conrelid) AS text FROM pg_constraint WHERE conrelid = TG_RELID AND contype = 'c' LOOP
    EXECUTE format('SELECT %s FROM (SELECT (jsonb_populate_record(NULL::%s, $1)).*) AS row', rule.text, TG_RELID::regclass)
      INTO holds USING to_jsonb(NEW) || way;
    IF NOT holds THEN
      RETURN NEW;  -- what is on its way will be refused there
    END IF;
  END LOOP;
  NEW := jsonb_populate_record(NEW, way);
  RETURN NEW;
END
"""
_TRIGGERS = """
FOR found IN SELECT holder, why, (SELECT string_agg(quote_literal(attname), ', ') FROM pg_index JOIN pg_attribute
      ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = holder AND indisprimary) AS key
    FROM (VALUES {closed}) AS copies (holder, why)
LOOP
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', {tells}, found.holder);
  IF found.key IS NULL THEN
    RAISE NOTICE '% has no primary key: what is changed in it cannot be told, and is refused', found.holder;
    CONTINUE;
  END IF;
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', {follows}, found.holder);
  EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ', {frozen}, found.holder) || {refuse} || format('(%L)', found.why);
  EXECUTE format('CREATE TRIGGER %I AFTER UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION ', {tells}, found.holder) || {function} || format('(%s)', found.key);
END LOOP;"""


def hear(names: Names, side: Side, tables: Sequence[ToldTable]) -> str:
    """Do in the owner's database what the other side has told.

    Args:
        names: of what is made.
        side: the one that tells; this is the other.
        tables: those that it tells of.
    """
    name, env = sql_name(names.stream(stream(side))), f"{side.upper()}_LINK"
    body = _HEAR.format(
        holders=array(item.table for item in tables),
        added=_among("NEW.holder::regclass", ((item.table, name) for item in tables for name in item.added)),
        kept=names.kept,
        heard=names.heard(OTHER[side]),
        constraint=sql_name(f"strangler_{names.slug}_heard_{OTHER[side]}_pkey"),
    )
    return f"""\
-- {env} leads from this server to the other one, COPY_PASSWORD is its role's.
{HEAD}\\getenv link {env}
\\getenv password COPY_PASSWORD
SELECT format('%s user=%s password=''%s''', :'link', {sql_text(names.reader(side))}, replace(replace(:'password', '\\', '\\\\'), '''', '\\''')) AS link \\gset
BEGIN;
{_outbox(names)}
{_kept(names)}
{_function(names.hear, body)}
CREATE OR REPLACE TRIGGER {sql_name(names.hearing)} BEFORE INSERT ON {names.told}
  FOR EACH ROW EXECUTE FUNCTION {names.hear}();
ALTER TABLE {names.told} ENABLE REPLICA TRIGGER {sql_name(names.hearing)};
COMMIT;
CREATE SUBSCRIPTION {name} CONNECTION :'link' PUBLICATION {name}
  WITH (create_slot = false, slot_name = {sql_text(names.stream(stream(side)))}, copy_data = false, {KEPT});
"""


_HEAR = """\
DECLARE
  role text := current_setting('session_replication_role');
  before text := coalesce(current_setting('strangler.following', true), '');
  same text;
  there jsonb;
  name text;
  item jsonb;
  change jsonb := '{{}}';
  problem text := '';
BEGIN
  -- whatever becomes of it, it has been heard
  FOR name, item IN SELECT * FROM jsonb_each(NEW.change) LOOP
    IF {added} AND jsonb_typeof(item -> 0) = 'number' AND jsonb_typeof(item -> 1) = 'number' THEN
      INSERT INTO {heard} AS heard VALUES (NEW.holder, NEW.key, name, (item ->> 1)::numeric - (item ->> 0)::numeric)
        ON CONFLICT ON CONSTRAINT {constraint} DO UPDATE SET total = heard.total + excluded.total;
    END IF;
  END LOOP;
  BEGIN
    IF NEW.holder::regclass <> ALL ({holders}) THEN
      RAISE data_exception USING MESSAGE = 'nothing was to be told of it';
    END IF;
    PERFORM set_config('session_replication_role', 'origin', true);
    PERFORM set_config('strangler.following', 'on', true);
    SELECT string_agg(format('told.%I = (jsonb_populate_record(NULL::%s, $1)).%I', part, NEW.holder, part), ' AND ')
      INTO STRICT same FROM jsonb_object_keys(NEW.key) AS part;
    EXECUTE format('SELECT to_jsonb(told) FROM %s AS told WHERE %s FOR UPDATE', NEW.holder, same) INTO there USING NEW.key;
    IF NEW.change IS NULL THEN
      EXECUTE format('DELETE FROM %s AS told WHERE %s', NEW.holder, same) USING NEW.key;
    ELSIF there IS NULL THEN
      problem := 'it was changed on the other side, and is no longer here: ' || NEW.change;
    ELSE
      FOR name, item IN SELECT * FROM jsonb_each(NEW.change) LOOP
        IF {added} AND jsonb_typeof(item -> 0) = 'number' AND jsonb_typeof(item -> 1) = 'number' AND jsonb_typeof(there -> name) = 'number' THEN
          change := change || jsonb_build_object(name, (there ->> name)::numeric + (item ->> 1)::numeric - (item ->> 0)::numeric);
        ELSIF there -> name IS NOT DISTINCT FROM item -> 0 THEN
          change := change || jsonb_build_object(name, item -> 1);
        ELSIF there -> name IS DISTINCT FROM item -> 1 THEN
          problem := problem || format('%s is %s here, and was changed from %s to %s on the other side; ', name, there -> name, item -> 0, item -> 1);
        END IF;
      END LOOP;
      IF change <> '{{}}' THEN
        EXECUTE (SELECT format('UPDATE %s AS told SET %s WHERE %s', NEW.holder,
            string_agg(format('%I = (jsonb_populate_record(NULL::%s, $2)).%I', part, NEW.holder, part), ', '), same)
          FROM jsonb_object_keys(change) AS part) USING NEW.key, change;
      END IF;
    END IF;
    PERFORM set_config('strangler.following', before, true);
    PERFORM set_config('session_replication_role', role, true);
  EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR insufficient_privilege THEN
    problem := SQLERRM || ': ' || coalesce(NEW.change::text, 'deleted');
  END;
  IF problem <> '' THEN
    IF same IS NOT NULL THEN  -- as the row is here, it goes back
      EXECUTE format('UPDATE %1$s AS told SET %2$I = told.%2$I WHERE %3$s', NEW.holder, (SELECT min(part) FROM jsonb_object_keys(NEW.key) AS part), same) USING NEW.key;
    END IF;
    INSERT INTO {kept} (kept, key, because) VALUES (NEW.holder, NEW.key::text, rtrim(problem, '; '));
    RAISE WARNING '% %: %', NEW.holder, NEW.key, problem;
  END IF;
  RETURN NULL;
END
"""


def close(names: Names, tables: Iterable[ToldTable], why: Mapping[str, str]) -> str:
    """Refuse every write of the copies again; what was told goes on arriving."""
    closed = "\n".join(trigger(names, item.table, why[item.table]) for item in tables)
    return f"{HEAD}SET lock_timeout = '30s';\n{refuse(names)}\n{closed}\n"


def end(names: Names, side: Side, tables: Iterable[ToldTable]) -> str:
    """Take away what one side told by; nobody hears any more."""
    holders = [item.table for item in tables]
    name = names.stream(stream(side))
    drops = "\n".join(
        f"DROP TRIGGER IF EXISTS {sql_name(names.telling)} ON {table(item)};" for item in holders
    )
    return f"""\
{HEAD}SET client_min_messages = warning;
{drops}
DROP FUNCTION IF EXISTS {names.tell}();
DROP FUNCTION IF EXISTS {names.count}() CASCADE;
DROP TABLE IF EXISTS {names.sums};
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {sql_text(name)};
DROP PUBLICATION IF EXISTS {sql_name(name)};
"""


def sums(names: Names, tables: Iterable[ToldTable], side: Side) -> str:
    """Make the table of what one side has heard, empty, on both."""
    if not any(item.added for item in tables):
        return ""
    name = names.heard(side)
    return (
        f"DROP TABLE IF EXISTS {name};\nCREATE TABLE {name} (holder text, key jsonb, name text, total numeric NOT NULL,\n"
        f"  CONSTRAINT {sql_name(f'strangler_{names.slug}_heard_{side}_pkey')} PRIMARY KEY (holder, key, name));"
    )


def streamed(names: Names, tables: Iterable[ToldTable], side: Side) -> list[StoredTable]:
    """What one side has heard, as a table of its stream."""
    if not any(item.added for item in tables):
        return []
    return [StoredTable(name=names.heard(side), store="own", owner="", because="")]


def _among(holder: str, columns: Iterable[tuple[str, str]]) -> str:
    """Whether ``name`` is one of some columns of a table."""
    pairs = ", ".join(f"({sql_text(table(item))}::regclass, {sql_text(name)})" for item, name in columns)
    return f"({holder}, name) IN ({pairs})" if pairs else "false"


def _function(name: str, body: str) -> str:
    return quoted(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n"
        "  SET search_path = pg_catalog, pg_temp AS",
        body,
    )


def _outbox(names: Names) -> str:
    return f"CREATE TABLE IF NOT EXISTS {names.told} (id bigserial PRIMARY KEY, holder text NOT NULL, key jsonb NOT NULL, change jsonb);"


def _kept(names: Names) -> str:
    return f"CREATE TABLE IF NOT EXISTS {names.kept} (at timestamptz NOT NULL DEFAULT now(), kept text NOT NULL, key text, because text);"
