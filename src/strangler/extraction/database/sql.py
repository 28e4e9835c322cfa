"""The SQL that makes, fills and gives over a service's own database, with what PostgreSQL 15 has itself.

Every file stops at its first error. What depends on the real schema (names of constraints, keys, columns,
sequences) is read from the database's own catalog when the file runs.
"""

# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strangler.contracts.seams.runtime.tables import INDEXES, TABLES
from strangler.extraction.values import Side, StoredTable
from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage import catalog
from strangler.plans.data_stage.catalog import do
from strangler.plans.data_stage.tables import DataTable

HEAD = "\\set ON_ERROR_STOP on\n"
"""A file stops at its first error, however it is run."""
KEPT = "synchronous_commit = on"
"""Option of a subscription: what it tells the sender to have, a death of its server does not take back."""
MOVED = "the other side of the cut-over writes it"
"""Why a table that has moved is not written."""
EVENTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


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

    @property
    def deleting(self) -> str:
        """Name of the triggers that carry a delete on."""
        return f"strangler_{self.slug}_deletes"

    def deletes(self, number: int) -> str:
        """The function of one of them."""
        return f"public.{sql_name(f'{self.deleting}_{number}')}"

    @property
    def following(self) -> str:
        """Name of the triggers that let a copy's row go with the one that it refers to."""
        return f"strangler_{self.slug}_follows"

    def follows(self, number: int) -> str:
        """The function of one of them."""
        return f"public.{sql_name(f'{self.following}_{number}')}"

    @property
    def told(self) -> str:
        """The table through which one side tells the other what it has changed."""
        return f"public.{sql_name(f'strangler_{self.slug}_told')}"

    @property
    def telling(self) -> str:
        """Name of the triggers that write it."""
        return f"strangler_{self.slug}_tells"

    @property
    def tell(self) -> str:
        """The function that they call."""
        return f"public.{sql_name(f'strangler_{self.slug}_tell')}"

    @property
    def hearing(self) -> str:
        """Name of the trigger that does what was told."""
        return f"strangler_{self.slug}_hears"

    @property
    def hear(self) -> str:
        """The function that it calls."""
        return f"public.{sql_name(f'strangler_{self.slug}_hear')}"

    @property
    def counts(self) -> str:
        """Name of the triggers that keep what was counted here and has not arrived there."""
        return f"strangler_{self.slug}_counts"

    @property
    def count(self) -> str:
        """The function that they call."""
        return f"public.{sql_name(f'strangler_{self.slug}_count')}"

    @property
    def sums(self) -> str:
        """The table of all differences that one side has told."""
        return f"public.{sql_name(f'strangler_{self.slug}_sums')}"

    def heard(self, side: Side) -> str:
        """The table of all differences that one side has heard; the other has it as a copy."""
        return f"public.strangler_{self.slug}_heard_{side}"

    @property
    def kept(self) -> str:
        """The table of what the other side has done and this one could not do."""
        return f"public.{sql_name(f'strangler_{self.slug}_kept')}"

    def reader(self, side: str) -> str:
        """Name of the role that reads one side's changes."""
        return f"strangler_{self.slug}_{side}_reader"


def table(name: str) -> str:
    """The quoted name of a table."""
    return DataTable(name=name).sql


def array(names: Iterable[str]) -> str:
    """An array of tables as the catalog knows them."""
    return catalog.tables(map(table, names))


def schema(
    names: Names,
    own: Sequence[str],
    local: Sequence[str],
    copies: Sequence[StoredTable],
    following: str = "",
    steps: bool = False,
) -> str:
    """Make of tables that the monolith's own means made those of the service; can be repeated.

    Args:
        names: of what is made.
        own: the tables that move.
        local: those that are kept apart.
        copies: those of other owners.
        following: what lets rows of copies go with rows of the service's own.
        steps: whether the service's seams have tables of their own.
    """
    copied = array(item.name for item in copies)
    parts = [
        f"-- In the service's database, after its tables were made. SERVICE_ROLE is the role that the service logs in as.\n{HEAD}\\getenv service_role SERVICE_ROLE\nBEGIN;\n",
        "-- 1. A copy arrives when it arrives: foreign keys from and to copies go, columns and their indexes stay.",
        do(
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
        refuse(names),
        *(trigger(names, item.name, read_only(item)) for item in copies),
        "",
        "-- 4. The role sees what is listed, and nothing else: an empty table that nobody fills is an error, no answer.",
        "SELECT set_config('strangler.role', :'service_role', true) AS role \\gset",
        do(
            f"""
IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_setting('strangler.role')) IS NOT FALSE THEN
  RAISE EXCEPTION 'SERVICE_ROLE % is missing or a superuser: CREATE ROLE % LOGIN PASSWORD ...', current_setting('strangler.role'), current_setting('strangler.role');
END IF;
IF EXISTS (SELECT FROM pg_class WHERE oid = ANY ({array([*own, *local, *(item.name for item in copies)])})
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
        do(
            f"""
FOR found IN SELECT pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence FROM pg_attribute
    WHERE attrelid = ANY ({array([*own, *local])}) AND attnum > 0 AND NOT attisdropped
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
        following,
        _steps() if steps else "",
        "COMMIT;\n",
    ]
    return "\n".join(parts)


def _steps() -> str:
    """What ``saga install`` would make, by another role than the one that uses it."""
    made = [
        re.sub(r"^CREATE (\w+) ", r"CREATE \1 IF NOT EXISTS ", text) + ";"
        for text in (*TABLES.values(), *INDEXES)
    ]
    return "\n".join(
        [
            "-- 6. What the seams write down of calls that follow a commit, and the name of this database among callers.",
            *made,
            "INSERT INTO strangler_saga SELECT '', replace(gen_random_uuid()::text, '-', ''), '', '', 'self', '', 0, 0, 0, ''",
            "  WHERE NOT EXISTS (SELECT FROM strangler_saga WHERE step = '');",
            *(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO :"service_role";' for name in TABLES),
            "",
        ]
    )


def schemas(names: Iterable[str]) -> list[str]:
    """The schemas of tables, quoted."""
    return sorted({sql_name(DataTable(name=name).parts[0]) for name in names})


def _left_out(name: str, column: str) -> str:
    """A column that the stream does not fill: text that must be there becomes ``!``, anything else may be empty."""
    quoted = sql_text(table(name))
    return do(
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


def read_only(item: StoredTable) -> str:
    """Why a copy is not written."""
    return f"it is a copy, its owner is {item.owner or 'the monolith'}"


def refuse(names: Names) -> str:
    """The function that refuses, but what goes with a row that was deleted."""
    return f"""\
CREATE OR REPLACE FUNCTION {names.refuse}() RETURNS trigger LANGUAGE plpgsql AS $strangler$
BEGIN
  IF current_setting('strangler.following', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is not written here: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';
END
$strangler$;
"""


def trigger(names: Names, name: str, why: str, events: Sequence[str] = EVENTS) -> str:
    """Refuse every write but those of a stream, which fire no such triggers."""
    return (
        f"CREATE OR REPLACE TRIGGER {sql_name(names.frozen)} BEFORE {' OR '.join(events)} "
        f"ON {table(name)}\n  FOR EACH STATEMENT EXECUTE FUNCTION {names.refuse}({sql_text(why)});"
    )


def freeze(names: Names, own: Sequence[str]) -> str:
    """Refuse writes of the tables that move, whoever asks; waits for transactions that have written.

    A table at a time: a transaction that writes several is never waited for while it waits itself.
    """
    triggers = "\n".join(trigger(names, name, MOVED) for name in own)
    return f"""\
-- Writes of these tables fail from here on, with this message; those under way are waited for. Reads go on.
{HEAD}SET lock_timeout = '30s';
{refuse(names)}
{triggers}
"""


def unfreeze(names: Names, own: Sequence[str]) -> str:
    """Let the tables that move be written here again."""
    drops = "\n".join(f"DROP TRIGGER IF EXISTS {sql_name(names.frozen)} ON {table(name)};" for name in own)
    return f"{HEAD}{drops}\n"


def counters(own: Iterable[str]) -> str:
    """Set the counters of new keys."""
    return HEAD + catalog.counters(map(table, own))
