"""The SQL of the streams between two databases: published, followed, waited for, ended."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence

from strangler.extraction.database.sql import HEAD, KEPT, Names, array, schemas, table
from strangler.extraction.values import StoredTable
from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage.catalog import do

WAIT = 600
"""Seconds that a gate waits before it fails."""
ALONE = 30
"""Seconds without a worker after which the copy of a table is given up."""


def publish(
    names: Names,
    side: str,
    streams: Sequence[tuple[str, Sequence[StoredTable]]],
    own: Sequence[str],
    first: str = "",
) -> str:
    """Let the other side read the changes of tables; can be repeated while nobody reads them.

    Args:
        names: the names of the streams.
        side: the side that is read.
        streams: (use, tables) of each.
        own: the tables that move.
        first: makes those of the tables that are strangler's own.
    """
    reader = sql_name(names.reader(side))
    every = [item for _, items in streams for item in items]
    parts = [
        f"-- COPY_PASSWORD is the password that the role {names.reader(side)} gets.\n{HEAD}\\getenv password COPY_PASSWORD\n",
        do(
            """
IF current_setting('server_version_num')::int < 150000 THEN
  RAISE EXCEPTION 'PostgreSQL 15 or later is needed, this is %', current_setting('server_version');
END IF;
IF current_setting('wal_level') <> 'logical' THEN
  RAISE EXCEPTION 'wal_level is %: ALTER SYSTEM SET wal_level = logical, and restart', current_setting('wal_level');
END IF;
IF current_setting('max_slot_wal_keep_size') = '-1' THEN
  RAISE EXCEPTION 'max_slot_wal_keep_size is not set, so that a slot that nobody reads fills the disk: ALTER SYSTEM SET max_slot_wal_keep_size = ''10GB''; SELECT pg_reload_conf()';
END IF;"""
            + (
                f"""
IF EXISTS (SELECT FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} AND tgrelid = ANY ({array(own)})) THEN
  RAISE EXCEPTION 'writes are refused here: the other side has taken over, go the way back first';
END IF;"""
                if side == "monolith"
                else ""
            )
        ),
        "BEGIN;",
        f"SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {sql_text(names.reader(side))}) AS missing \\gset",
        f"\\if :missing\nCREATE ROLE {reader} LOGIN REPLICATION;\n\\endif",
        f"ALTER ROLE {reader} PASSWORD :'password';",
        *(f"GRANT USAGE ON SCHEMA {name} TO {reader};" for name in schemas(item.name for item in every)),
    ]
    for use, items in streams:
        publication = sql_name(names.stream(use))
        parts += [f"DROP PUBLICATION IF EXISTS {publication};", first, f"CREATE PUBLICATION {publication};"]
        first = ""
        parts += [_publish(item, publication, reader) for item in items]
    parts.append(_identity([item.name for item in every], full=True))
    parts.append("COMMIT;")
    parts += [_slot(names.stream(use)) for use, _ in streams]
    return "\n".join(parts)


def _publish(item: StoredTable, publication: str, reader: str) -> str:
    if not item.left_out:
        return f"ALTER PUBLICATION {publication} ADD TABLE ONLY {table(item.name)};\nGRANT SELECT ON {table(item.name)} TO {reader};"
    columns = ", ".join(map(sql_text, item.left_out))
    return do(
        f"""
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO STRICT names FROM pg_attribute
  WHERE attrelid = {sql_text(table(item.name))}::regclass AND attnum > 0 AND NOT attisdropped
  AND attgenerated = '' AND attname <> ALL (ARRAY[{columns}]);
EXECUTE format('ALTER PUBLICATION {publication} ADD TABLE ONLY %s (%s)', {sql_text(table(item.name))}, names);
EXECUTE format('GRANT SELECT (%s) ON %s TO {reader}', names, {sql_text(table(item.name))});""",
        "names text;",
    ).rstrip("\n")


def _identity(names: Sequence[str], *, full: bool) -> str:
    """Whole rows name the row that changed where there is no primary key; or back to the default."""
    now, then = ("d", "FULL") if full else ("f", "DEFAULT")
    return do(
        f"""
FOR found IN SELECT oid::regclass AS name FROM pg_class WHERE oid = ANY ({array(names)}) AND relreplident = '{now}'
    AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
LOOP
  EXECUTE format('ALTER TABLE %s REPLICA IDENTITY {then}', found.name);
END LOOP;""",
        "found record;",
    )


def _slot(name: str) -> str:
    quoted = sql_text(name)
    return (
        f"SELECT slot_name FROM pg_create_logical_replication_slot({quoted}, 'pgoutput')\n"
        f"  WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {quoted});\n"
    )


def subscribe(
    names: Names,
    source: str,
    uses: Sequence[str],
    *,
    empty: Sequence[str] = (),
    own: Sequence[str] = (),
    first: str = "",
) -> str:
    """Read the other side's changes.

    Args:
        names: the names of the streams.
        source: the side that is read.
        uses: the streams.
        empty: tables that are emptied and copied first; none: what is there is equal already.
        own: those among them that move, of which writes must be refused here.
        first: makes those of the tables that are strangler's own.
    """
    env = f"{source.upper()}_LINK"
    parts = [
        f"-- {env} leads from this server to the other one, COPY_PASSWORD is its role's.\n{HEAD}\\getenv link {env}\n\\getenv password COPY_PASSWORD\n"
        f"SELECT format('%s user=%s password=''%s''', :'link', {sql_text(names.reader(source))}, replace(replace(:'password', '\\', '\\\\'), '''', '\\''')) AS link \\gset\n"
    ]
    parts.append(_room(names, uses, copying=bool(empty)))
    if empty:
        parts += [
            do(
                f"""
IF EXISTS (SELECT FROM pg_publication WHERE pubname = {sql_text(names.stream("reverse"))})
    OR (SELECT count(*) FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} AND tgrelid = ANY ({array(own)})) < {len(own)} THEN
  RAISE EXCEPTION 'the service writes here already: a copy would overwrite its rows; go the way back first';
END IF;"""
            ),
            "-- What migrations have put in is the monolith's to send.",
            f"BEGIN;\nSET LOCAL session_replication_role = replica;\nTRUNCATE {', '.join(table(name) for name in empty)};\nCOMMIT;\n",
        ]
    parts.append(first)
    copy = "true" if empty else "false"
    for use in uses:
        name = sql_name(names.stream(use))
        parts.append(
            f"CREATE SUBSCRIPTION {name} CONNECTION :'link' PUBLICATION {name}\n"
            f"  WITH (create_slot = false, slot_name = {sql_text(names.stream(use))}, copy_data = {copy}, {KEPT});"
        )
    return "\n".join(parts) + "\n"


def _room(names: Names, uses: Sequence[str], *, copying: bool) -> str:
    """Gate: this server can follow so many streams at once, and copy a table beside them."""
    own = ", ".join(sql_text(names.stream(use)) for use in uses)
    return do(
        f"""
SELECT count(*) FILTER (WHERE subenabled AND subname NOT IN ({own})) + {len(uses) + copying} INTO needed FROM pg_subscription;
FOREACH name IN ARRAY ARRAY['max_logical_replication_workers', 'max_replication_slots', 'max_worker_processes'] LOOP
  IF current_setting(name)::int < needed + (name = 'max_worker_processes')::int THEN
    RAISE EXCEPTION '% is %, too few for all streams that this server follows: ALTER SYSTEM SET % = %, and restart', name, current_setting(name), name, needed + 4;
  END IF;
END LOOP;""",
        "needed int;\nname text;",
    )


def stop(names: Names, use: str) -> str:
    """End a stream where it arrives; its slot on the other side goes with it.

    A server that dies while it drops a subscription may keep it when the slot is gone already: then it can only
    be dropped without its slot. What says so is the sender's error, in the sender's language, which names the slot
    a second time.
    """
    name = names.stream(use)
    one = f"""FROM pg_subscription
  WHERE subname = {sql_text(name)} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
\\gexec
"""
    drop = f"SELECT format('DROP SUBSCRIPTION %I', subname) {one}"
    return f"""\
-- If this server died while it dropped the subscription, the slot on the other side may be gone already.
\\set ON_ERROR_STOP off
{drop}\\set failed :ERROR
{HEAD}\\if :failed
SELECT array_length(string_to_array(:'LAST_ERROR_MESSAGE', {sql_text(name)}), 1) > 2 AS gone \\gset
\\if :gone
BEGIN;
SELECT format('ALTER SUBSCRIPTION %I DISABLE', subname), format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', subname),
  format('DROP SUBSCRIPTION %I', subname) {one}COMMIT;
\\else
{drop}\\endif
\\endif
"""


def copied(names: Names, uses: Sequence[str]) -> str:
    """Gate: every table of the streams is copied and follows; then the database knows what it holds, to plan
    queries by it as the monolith's does.

    A copy is over when its slot on the other side is gone and this side has noted it, in that order: a server
    that dies in between starts the worker of a table again and again, for nothing (PostgreSQL 15).
    """
    subscriptions = ", ".join(sql_text(names.stream(use)) for use in uses)
    gate = do(
        f"""
FOR half IN 1 .. {WAIT * 2} LOOP
  SELECT count(*), count(*) FILTER (WHERE srsubstate = 'r'),
      string_agg(srrelid::regclass::text, ', ') FILTER (WHERE srsubstate IN ('d', 'f') AND NOT EXISTS (
        SELECT FROM pg_stat_subscription AS worker WHERE subid = srsubid AND relid = srrelid AND pid IS NOT NULL))
    INTO found, ready, halfway
    FROM pg_subscription_rel JOIN pg_subscription ON oid = srsubid WHERE subname IN ({subscriptions});
  IF found > 0 AND found = ready THEN RETURN; END IF;
  alone := CASE WHEN halfway IS NULL THEN greatest(alone - 1, 0) ELSE alone + 1 END;
  IF alone > {ALONE * 2} THEN
    RAISE EXCEPTION 'the copy of % stands still: the log of this server says why. Where a slot does not exist, begin this part anew', halfway;
  END IF;
  PERFORM pg_sleep(0.5);
END LOOP;
RAISE EXCEPTION '% of % tables were copied in {WAIT} seconds: the log of this server says what stops them', ready, found;""",
        "found int;\nready int;\nhalfway text;\nalone int := 0;",
    )
    return f"{HEAD}{gate}ANALYZE;\n"


def caught_up(names: Names, use: str) -> str:
    """Gate: everything that was written here until now has been applied on the other side."""
    return HEAD + arrival(names, use)


def arrival(names: Names, use: str) -> str:
    """The wait of ``caught_up`` as a part of a file."""
    name = sql_text(names.stream(use))
    return do(
        f"""
FOR tenth IN 1 .. {WAIT * 10} LOOP
  SELECT confirmed_flush_lsn INTO there FROM pg_replication_slots WHERE slot_name = {name} AND active;
  IF there >= here THEN RETURN; END IF;
  PERFORM pg_sleep(0.1);
END LOOP;
RAISE EXCEPTION '% has not arrived in {WAIT} seconds, the other side is at %: the log of its server says what stops it', here, there;""",
        "here pg_lsn := pg_current_wal_insert_lsn();\nthere pg_lsn;",
    )


def end(names: Names, uses: Sequence[str]) -> str:
    """Take away what one side published of streams that were stopped."""
    parts = [HEAD]
    for use in uses:
        name = names.stream(use)
        parts.append(
            f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {sql_text(name)};\n"
            f"DROP PUBLICATION IF EXISTS {sql_name(name)};\n"
        )
    return "".join(parts)


def clean_up(names: Names, side: str, uses: Sequence[str], tables: Sequence[str]) -> str:
    """Take away everything that the other files have made on one side, and see that nothing is left."""
    role = names.reader(side)
    prefix = sql_text(f"strangler_{names.slug}_%".replace("_", "\\_"))
    return f"""\
{end(names, uses)}BEGIN;
{
        do(
            f'''
FOR found IN SELECT tgrelid::regclass AS holder FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} LOOP
  EXECUTE format('DROP TRIGGER %I ON %s', {sql_text(names.frozen)}, found.holder);
END LOOP;''',
            "found record;",
        )
    }DROP FUNCTION IF EXISTS {names.refuse}();
DROP TABLE IF EXISTS {names.kept};
DROP TABLE IF EXISTS {names.told}, {names.sums}, {names.heard("monolith")}, {names.heard("service")};
{
        do(
            f'''
FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname ~ {sql_text(f"^strangler_{names.slug}_((deletes|follows)_[0-9]+|tell|hear|count)$")} LOOP
  EXECUTE format('DROP FUNCTION %s CASCADE', found.name);
END LOOP;''',
            "found record;",
        )
    }{
        do(
            f'''
FOR found IN SELECT oid::regclass AS name FROM pg_class WHERE oid IN ({", ".join(f"to_regclass({sql_text(table(name))})" for name in tables)})
    AND relreplident = 'f' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
LOOP
  EXECUTE format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', found.name);
END LOOP;
IF EXISTS (SELECT FROM pg_roles WHERE rolname = {sql_text(role)}) THEN
  DROP OWNED BY {sql_name(role)};
  DROP ROLE {sql_name(role)};
END IF;''',
            "found record;",
        )
    }COMMIT;
{
        do(
            f'''
SELECT string_agg(what, ', ') INTO remaining FROM (
  SELECT 'slot ' || slot_name AS what FROM pg_replication_slots WHERE slot_name LIKE {prefix} AND database = current_database()
  UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname LIKE {prefix}
  UNION ALL SELECT 'subscription ' || subname FROM pg_subscription WHERE subname LIKE {prefix} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE {prefix}
  UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE {prefix}
  UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relkind = 'r' AND relname LIKE {prefix}
  UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname = {sql_text(role)}
) AS found;
IF remaining IS NOT NULL THEN
  RAISE EXCEPTION 'still here: %', remaining;
END IF;''',
            "remaining text;",
        )
    }"""
