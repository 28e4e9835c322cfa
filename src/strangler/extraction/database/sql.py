"""The SQL that makes, fills and gives over a service's own database, with what PostgreSQL 15 has itself.

Every file stops at its first error. What depends on the real schema (names of constraints, keys, columns,
sequences) is read from the database's own catalog when the file runs.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strangler.extraction.values import StoredTable
from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage.tables import DataTable

WAIT = 600
"""Seconds that a gate waits before it fails."""
_HEAD = "\\set ON_ERROR_STOP on\n"
_STABLE = "SET TIME ZONE 'UTC';\nSET IntervalStyle = 'iso_8601';\nSET bytea_output = 'hex';\n"
"""Values are spelled alike on both sides."""


@dataclass(frozen=True)
class Names:
    """The names of one service's streams, roles and triggers."""

    slug: str

    def stream(self, use: str) -> str:
        """Name of the slot, the publication and the subscription of one stream."""
        return f"strangler_{self.slug}_{use}"

    @property
    def frozen(self) -> str:
        """Name of the triggers that refuse writes."""
        return f"strangler_{self.slug}_frozen"

    @property
    def refuse(self) -> str:
        """The function that they call."""
        return f"public.{sql_name(f'strangler_{self.slug}_refuse')}"

    def reader(self, side: str) -> str:
        """Name of the role that reads one side's changes."""
        return f"strangler_{self.slug}_{side}_reader"


def table(name: str) -> str:
    """The quoted name of a table."""
    return DataTable(name=name).sql


def _array(names: Iterable[str]) -> str:
    """An array of tables as the catalog knows them; one that is not there is an error that names it."""
    return f"ARRAY[{', '.join(f'{sql_text(table(name))}::regclass' for name in names)}]::regclass[]"


def _do(body: str, declare: str = "") -> str:
    declared = f"DECLARE\n{_indented(declare)}\n" if declare else ""
    block = f"{declared}BEGIN\n{_indented(body)}\nEND\n"
    quote = "$strangler$"
    while quote in block:  # a name of the monolith would end the block
        quote = f"{quote[:-1]}_$"
    return f"DO {quote}\n{block}{quote};\n"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.strip("\n").splitlines())


def schema(names: Names, own: Sequence[str], local: Sequence[str], copies: Sequence[StoredTable]) -> str:
    """Make of tables that the monolith's own means made those of the service; can be repeated."""
    copied = _array(item.name for item in copies)
    parts = [
        f"-- In the service's database, after its tables were made. SERVICE_ROLE is the role that the service logs in as.\n{_HEAD}\\getenv service_role SERVICE_ROLE\nBEGIN;\n",
        "-- 1. A copy arrives when it arrives: foreign keys from and to copies go, columns and their indexes stay.",
        _do(
            f"""
FOR found IN SELECT conrelid::regclass AS holder, conname, confrelid::regclass AS target FROM pg_constraint
    WHERE contype = 'f' AND (conrelid = ANY ({copied}) OR confrelid = ANY ({copied})) ORDER BY 1, 2
LOOP
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.holder, found.conname);
  RAISE NOTICE '% no longer refers to %: % is dropped', found.holder, found.target, found.conname;
END LOOP;""",
            "found record;",
        ),
        "-- 2. Credentials stay with their owner: nobody signs in with what stands here instead.",
        *(_left_out(item.name, column) for item in copies for column in item.left_out),
        "-- 3. Copies are written by the stream alone.",
        _refuse(names),
        *(
            _trigger(names, item.name, f"it is a copy, its owner is {item.owner or 'the monolith'}")
            for item in copies
        ),
        "",
        "-- 4. The role sees what is listed, and nothing else: an empty table that nobody fills is an error, no answer.",
        "SELECT set_config('strangler.role', :'service_role', true);",
        _do(
            f"""
IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_setting('strangler.role')) IS NOT FALSE THEN
  RAISE EXCEPTION 'SERVICE_ROLE % is missing or a superuser: CREATE ROLE % LOGIN PASSWORD ...', current_setting('strangler.role'), current_setting('strangler.role');
END IF;
IF EXISTS (SELECT FROM pg_class WHERE oid = ANY ({_array([*own, *local, *(item.name for item in copies)])})
    AND pg_has_role(current_setting('strangler.role'), relowner, 'member')) THEN
  RAISE EXCEPTION 'SERVICE_ROLE % owns the tables: make them as another role', current_setting('strangler.role');
END IF;"""
        ),
        'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"service_role";',
        *(
            f'GRANT USAGE ON SCHEMA {name} TO :"service_role";'
            for name in schemas([*own, *local, *(item.name for item in copies)])
        ),
        *(f'GRANT SELECT ON {table(item.name)} TO :"service_role";' for item in copies),
        *(
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table(name)} TO :"service_role";'
            for name in (*own, *local)
        ),
        _do(
            f"""
FOR found IN SELECT pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence FROM pg_attribute
    WHERE attrelid = ANY ({_array([*own, *local])}) AND attnum > 0 AND NOT attisdropped
LOOP
  IF found.sequence IS NOT NULL THEN
    EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO %I', found.sequence, current_setting('strangler.role'));
  END IF;
END LOOP;
IF to_regclass('public.django_migrations') IS NOT NULL THEN
  EXECUTE format('GRANT SELECT ON public.django_migrations TO %I', current_setting('strangler.role'));
END IF;""",
            "found record;",
        ),
        "COMMIT;\n",
    ]
    return "\n".join(parts)


def schemas(names: Iterable[str]) -> list[str]:
    """The schemas of tables, quoted."""
    return sorted({sql_name(DataTable(name=name).parts[0]) for name in names})


def _left_out(name: str, column: str) -> str:
    """A column that the stream does not fill: text that must be there becomes ``!``, anything else may be empty."""
    quoted = sql_text(table(name))
    return _do(
        f"""
SELECT * INTO found FROM pg_attribute WHERE attrelid = {quoted}::regclass AND attname = {sql_text(column)};
IF found.attnotnull AND found.atttypid IN ('text'::regtype, 'varchar'::regtype)
    AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = found.attrelid AND indisunique AND found.attnum = ANY (indkey)) THEN
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT ''!''', {quoted}, {sql_text(column)});
ELSIF found.attnotnull THEN
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', {quoted}, {sql_text(column)});
END IF;""",
        "found pg_attribute;",
    )


def _refuse(names: Names) -> str:
    return f"""\
CREATE OR REPLACE FUNCTION {names.refuse}() RETURNS trigger LANGUAGE plpgsql AS $strangler$
BEGIN
  RAISE EXCEPTION '% is not written here: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';
END
$strangler$;
"""


def _trigger(names: Names, name: str, why: str) -> str:
    """Refuse every write but those of a stream, which fire no such triggers."""
    return (
        f"CREATE OR REPLACE TRIGGER {sql_name(names.frozen)} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE "
        f"ON {table(name)}\n  FOR EACH STATEMENT EXECUTE FUNCTION {names.refuse}({sql_text(why)});"
    )


def freeze(names: Names, own: Sequence[str]) -> str:
    """Refuse writes of the tables that move, whoever asks; waits for transactions that have written.

    A table at a time: a transaction that writes several is never waited for while it waits itself.
    """
    triggers = "\n".join(_trigger(names, name, "the other side of the cut-over writes it") for name in own)
    return f"""\
-- Writes of these tables fail from here on, with this message; those under way are waited for. Reads go on.
{_HEAD}SET lock_timeout = '30s';
{_refuse(names)}
{triggers}
"""


def unfreeze(names: Names, own: Sequence[str]) -> str:
    """Let the tables that move be written here again."""
    drops = "\n".join(f"DROP TRIGGER IF EXISTS {sql_name(names.frozen)} ON {table(name)};" for name in own)
    return f"{_HEAD}{drops}\n"


def publish(
    names: Names, side: str, streams: Sequence[tuple[str, Sequence[StoredTable]]], own: Sequence[str]
) -> str:
    """Let the other side read the changes of tables; can be repeated while nobody reads them."""
    reader = sql_name(names.reader(side))
    every = [item for _, items in streams for item in items]
    parts = [
        f"-- COPY_PASSWORD is the password that the role {names.reader(side)} gets.\n{_HEAD}\\getenv password COPY_PASSWORD\n",
        _do(
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
IF EXISTS (SELECT FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} AND tgrelid = ANY ({_array(own)})) THEN
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
        parts += [f"DROP PUBLICATION IF EXISTS {publication};", f"CREATE PUBLICATION {publication};"]
        parts += [_publish(item, publication, reader) for item in items]
    parts.append(_identity([item.name for item in every], full=True))
    parts.append("COMMIT;")
    parts += [_slot(names.stream(use)) for use, _ in streams]
    return "\n".join(parts)


def _publish(item: StoredTable, publication: str, reader: str) -> str:
    if not item.left_out:
        return f"ALTER PUBLICATION {publication} ADD TABLE ONLY {table(item.name)};\nGRANT SELECT ON {table(item.name)} TO {reader};"
    columns = ", ".join(map(sql_text, item.left_out))
    return _do(
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
    return _do(
        f"""
FOR found IN SELECT oid::regclass AS name FROM pg_class WHERE oid = ANY ({_array(names)}) AND relreplident = '{now}'
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
    names: Names, source: str, uses: Sequence[str], *, empty: Sequence[str] = (), own: Sequence[str] = ()
) -> str:
    """Read the other side's changes.

    Args:
        names: the names of the streams.
        source: the side that is read.
        uses: the streams.
        empty: tables that are emptied and copied first; none: what is there is equal already.
        own: those among them that move, of which writes must be refused here.
    """
    env = f"{source.upper()}_LINK"
    parts = [
        f"-- {env} leads from this server to the other one, COPY_PASSWORD is its role's.\n{_HEAD}\\getenv link {env}\n\\getenv password COPY_PASSWORD\n"
        f"SELECT format('%s user=%s password=''%s''', :'link', {sql_text(names.reader(source))}, replace(replace(:'password', '\\', '\\\\'), '''', '\\''')) AS link \\gset\n"
    ]
    if empty:
        parts += [
            _do(
                f"""
IF EXISTS (SELECT FROM pg_publication WHERE pubname = {sql_text(names.stream("reverse"))})
    OR (SELECT count(*) FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} AND tgrelid = ANY ({_array(own)})) < {len(own)} THEN
  RAISE EXCEPTION 'the service writes here already: a copy would overwrite its rows; go the way back first';
END IF;"""
            ),
            "-- What migrations have put in is the monolith's to send.",
            f"BEGIN;\nSET LOCAL session_replication_role = replica;\nTRUNCATE {', '.join(table(name) for name in empty)};\nCOMMIT;\n",
        ]
    copy = "true" if empty else "false"
    for use in uses:
        name = sql_name(names.stream(use))
        parts.append(
            f"CREATE SUBSCRIPTION {name} CONNECTION :'link' PUBLICATION {name}\n"
            f"  WITH (create_slot = false, slot_name = {sql_text(names.stream(use))}, copy_data = {copy});"
        )
    return "\n".join(parts) + "\n"


def stop(names: Names, use: str) -> str:
    """End a stream where it arrives; its slot on the other side goes with it."""
    return f"""\
{_HEAD}SELECT format('DROP SUBSCRIPTION %I', subname) FROM pg_subscription
  WHERE subname = {sql_text(names.stream(use))} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
\\gexec
"""


def wait_copied(names: Names, uses: Sequence[str]) -> str:
    """Gate: every table of the streams is copied and follows."""
    subscriptions = ", ".join(sql_text(names.stream(use)) for use in uses)
    return _HEAD + _do(
        f"""
FOR half IN 1 .. {WAIT * 2} LOOP
  SELECT count(*), count(*) FILTER (WHERE srsubstate = 'r') INTO found, ready
    FROM pg_subscription_rel JOIN pg_subscription ON oid = srsubid WHERE subname IN ({subscriptions});
  IF found > 0 AND found = ready THEN RETURN; END IF;
  PERFORM pg_sleep(0.5);
END LOOP;
RAISE EXCEPTION '% of % tables were copied in {WAIT} seconds: the log of this server says what stops them', ready, found;""",
        "found int;\nready int;",
    )


def caught_up(names: Names, use: str) -> str:
    """Gate: everything that was written here until now has been applied on the other side."""
    return _HEAD + _caught_up(names, use)


def _caught_up(names: Names, use: str) -> str:
    name = sql_text(names.stream(use))
    return _do(
        f"""
FOR tenth IN 1 .. {WAIT * 10} LOOP
  SELECT confirmed_flush_lsn INTO there FROM pg_replication_slots WHERE slot_name = {name} AND active;
  IF there >= here THEN RETURN; END IF;
  PERFORM pg_sleep(0.1);
END LOOP;
RAISE EXCEPTION '% has not arrived in {WAIT} seconds, the other side is at %', here, there;""",
        "here pg_lsn := pg_current_wal_insert_lsn();\nthere pg_lsn;",
    )


def compare(items: Sequence[StoredTable]) -> str:
    """Rows and an order-free checksum of each table, left-out columns apart."""
    return _HEAD + _STABLE + "\nUNION ALL\n".join(map(_sum, items)) + "\nORDER BY table_name;\n"


def _sum(item: StoredTable) -> str:
    return (
        f"SELECT {sql_text(item.name)} AS table_name, count(*) AS rows,\n"
        f"  coalesce(sum(hashtextextended((to_jsonb(t){_without(item)})::text, 0)::numeric), 0) AS checksum\n"
        f"FROM {table(item.name)} AS t"
    )


def compare_live(names: Names, use: str, items: Sequence[StoredTable]) -> str:
    """The same while the source is written: each table rests for the moment in which both sides are asked."""
    parts = [_HEAD, _STABLE]
    for item in items:
        parts += [
            f"BEGIN;\nSET LOCAL lock_timeout = '5s';\nLOCK TABLE {table(item.name)} IN SHARE MODE;\n",
            f"{_sum(item)};\n",
            _caught_up(names, use),
            f"\\set question {_psql_text(_sum(item))}\n\\setenv QUESTION :question\n",
            # psql 15 does not tell how a shell command ended: what failed must leave nothing behind
            '\\! psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$STABLE" -c "$QUESTION" "$SERVICE_DB" >>"$ANSWERS" || rm -f "$ANSWERS"\n',
            "COMMIT;\n",
        ]
    return "".join(parts)


def _psql_text(text: str) -> str:
    """A value of psql's ``\\set``."""
    return "'" + " ".join(text.replace("\\", "\\\\").replace("'", "''").split("\n")) + "'"


def _without(item: StoredTable) -> str:
    return "".join(f" - {sql_text(column)}" for column in item.left_out)


def sequences(own: Sequence[str]) -> str:
    """Set the counters of new keys, which no stream carries, behind the highest key."""
    return (
        f"{_HEAD}-- Just before writing begins on this side, or new rows take keys that are taken.\n"
        + _do(
            f"""
FOR found IN SELECT attrelid::regclass AS holder, attname, pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence
    FROM pg_attribute WHERE attrelid = ANY ({_array(own)}) AND attnum > 0 AND NOT attisdropped
LOOP
  IF found.sequence IS NOT NULL THEN
    EXECUTE format('SELECT setval(%L, coalesce((SELECT max(%I) FROM %s), 0) + 1, false)', found.sequence, found.attname, found.holder);
  END IF;
END LOOP;""",
            "found record;",
        )
    )


def end(names: Names, side: str, uses: Sequence[str]) -> str:
    """Take away what one side published of streams that were stopped."""
    parts = [_HEAD]
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
{end(names, side, uses)}BEGIN;
{
        _do(
            f'''
FOR found IN SELECT tgrelid::regclass AS holder FROM pg_trigger WHERE tgname = {sql_text(names.frozen)} LOOP
  EXECUTE format('DROP TRIGGER %I ON %s', {sql_text(names.frozen)}, found.holder);
END LOOP;''',
            "found record;",
        )
    }DROP FUNCTION IF EXISTS {names.refuse}();
{
        _do(
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
        _do(
            f'''
SELECT string_agg(what, ', ') INTO remaining FROM (
  SELECT 'slot ' || slot_name AS what FROM pg_replication_slots WHERE slot_name LIKE {prefix} AND database = current_database()
  UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname LIKE {prefix}
  UNION ALL SELECT 'subscription ' || subname FROM pg_subscription WHERE subname LIKE {prefix} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE {prefix}
  UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE {prefix}
  UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname = {sql_text(role)}
) AS found;
IF remaining IS NOT NULL THEN
  RAISE EXCEPTION 'still here: %', remaining;
END IF;''',
            "remaining text;",
        )
    }"""
