"""Which tables the service's own database has: what moves, what is copied, what is kept apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from strangler.extraction.database import changes, deletes
from strangler.extraction.database.ambient import ambient, lines, sessions_changed
from strangler.extraction.database.reached import reached
from strangler.extraction.database.schema import commands, named
from strangler.extraction.database.triggers import history, triggers
from strangler.extraction.reader import Reader
from strangler.extraction.values import BrokenKey, Database, DeleteRule, StoredTable
from strangler.model import Access, Evidence, Table
from strangler.model.lookup import last, tables_read
from strangler.plans.data_stage.tables import IDENTITY, data_table
from strangler.plans.view import View
from strangler.text import located

_SIGN_IN = re.compile(
    r"\bimport\b.{0,300}\b(authenticate|LoginView|check_password\w*|verify_password)\b|\bcheck_password(_hash)?\("
)
_SESSIONS = re.compile(r"django\.contrib\.auth\.middleware\.\w*AuthenticationMiddleware")
_BASIC = re.compile(r"rest_framework\.authentication\b.{0,300}\bBasicAuthentication\b")
_WORD = re.compile(r"\w+")
_PASSWORD = re.compile(r"passw", re.IGNORECASE)
SHOWN = 20
"""Places that are listed of one table."""


@dataclass(frozen=True)
class Choices:
    """What the user of ``strangler extract`` decides."""

    passwords: bool = False
    """Whether a copy of users has the hashes of their passwords."""
    without: frozenset[str] = frozenset()
    """Names that code mentions and that are no tables of this database."""


CHOICES = Choices()


def find(
    view: View, reader: Reader, held: frozenset[str], staying: frozenset[str], choices: Choices = CHOICES
) -> Database:
    """A decision for each table that the service's code has to do with.

    Args:
        view: the context.
        reader: the monolith's files.
        held: the modules of the service.
        staying: the modules that the monolith keeps when the service has taken over.
        choices: what its user has decided.
    """
    return _Finder(view, reader, held, choices).database(staying)


class _Finder:
    def __init__(self, view: View, reader: Reader, held: frozenset[str], choices: Choices) -> None:
        self._view = view
        self._choices = choices
        self._reader = reader
        self._held = frozenset(name for name in held if view.production(name))
        model = view.model
        self._known: dict[str, Table] = {
            table.name: table for table in (*model.platform_tables, *model.tables)
        }
        self._touched: dict[str, list[Access]] = defaultdict(list)
        for access in model.accesses:
            if access.module in self._held:
                self._touched[access.table].append(access)
        self._ambient = {item.table: item for item in ambient(view, reader, self._held)}
        declared = {table.name for table in model.tables}
        self._libraries = {table.name for table in model.platform_tables} | self._ambient.keys()
        # whoever uses a library's table most is not its owner: users and sessions stay with the monolith
        self._own = frozenset(
            name
            for name in view.tables - self._choices.without
            if name in declared or not self._of_library(name)
        )

        self._triggers = triggers(reader, self._known)
        moving = [item for item in self._triggers.found if item.table in self._own]
        self._logged = {name: item for item in reversed(moving) for name in item.writes - self._own}
        """Tables of others that the database itself writes when one that moves is written."""
        self._asked = {name: item for item in reversed(moving) for name in item.reads - self._own}

    def _of_library(self, name: str) -> bool:
        """Whether a table is a library's, or the one between two of its models (``auth_user_groups``)."""
        return any(name == one or name.startswith(f"{one}_") for one in self._libraries)

    def database(self, staying: frozenset[str]) -> Database:
        view = self._view
        names = {table.name for table in self._mapped} | self._touched.keys() | self._ambient.keys()
        names |= self._logged.keys() | self._asked.keys()
        names = (names | view.tables) - self._choices.without - self._imagined
        tables = tuple(sorted(self._table(name) for name in names))
        apart = [table for table in tables if (known := self._known.get(table.name)) and known.database]
        notes = [
            f"{table.name} lives in another database than the others: the files here know one"
            for table in apart
        ]
        stores = {table.name: table for table in tables}
        following = tuple(sorted(self._deletes(stores)))
        follow = {(rule.side, rule.table) for rule in following if rule.does in ("delete", "clear")}
        tables = tuple(
            replace(table, written=self._written(table.name, goes=("service", table.name) in follow))
            if table.store == "replica"
            else table
            for table in tables
        )
        writers = tuple(sorted(self._writers(staying, {name for side, name in follow if side == "monolith"})))
        copied = [
            (name, place)
            for name, table in stores.items()
            if table.store == "replica"
            for place in self._writes(name, goes=("service", name) in follow)
        ]
        told = (
            *changes.told("monolith", writers, self._known, self._reader),
            *changes.told("service", copied, self._known, self._reader),
        )
        settled = {(item.table, place) for item in told if item.side == "service" for place in item.changes}
        fails = {(name, place.file, place.line) for name, place in copied if (name, place) not in settled}
        return Database(
            known=tables_read(view.model),
            tables=tables,
            deletes=following,
            refused=tuple(reached(view, fails)),
            keys=tuple(sorted(self._broken(stores))),
            writers=writers,
            readers=tuple(sorted(set(self._readers(staying)))),
            told=told,
            named=tuple(named(self._reader, self._held)),
            schema=commands(view, self._reader, self._held),
            undeclared=tuple(self._undeclared(names)),
            notes=(
                *notes,
                *self._sign_in(tables),
                *map(self._left_out, sorted(self._imagined)),
                *self._refused(tables),
                *deletes.untold(self._stored, self._own),
                *deletes.unheard(view.model, following),
            ),
        )

    def _refused(self, tables: Iterable[StoredTable]) -> Iterator[str]:
        """Triggers of tables that move which write a copy, and those that cannot be read."""
        copies = {table.name for table in tables if table.store == "replica"}
        for name in sorted(copies & self._logged.keys()):
            by = self._logged[name]
            yield (
                f"{located(by.place)}: a trigger of {by.table} writes {name}, which is a copy here: "
                f"writes of {by.table} fail in the service"
            )
        for place in self._triggers.unread:
            yield (
                f"{located(place)} makes triggers whose table or function is put together at run time: see "
                "what they write"
            )

    @cached_property
    def _imagined(self) -> frozenset[str]:
        """Tables that no migration makes and nothing asks for: their rows are never stored."""
        asked = {access.table for access in self._view.model.accesses}
        return frozenset(table.name for table in self._mapped if not table.managed) - asked

    def _left_out(self, name: str) -> str:
        place = self._declared(name)
        where = f"{located(place)}: " if place is not None else ""
        return f"{where}{name} is taken for no table: no migration makes it, and nothing reads or writes it"

    @cached_property
    def _mapped(self) -> list[Table]:
        """Tables that held modules declare."""
        paths = {self._reader.modules[name].path for name in self._held}
        return [
            table
            for table in self._view.model.tables
            if (table.path in paths if table.model is None else self._view.home(table.model) in self._held)
        ]

    def _undeclared(self, names: Iterable[str]) -> Iterator[str]:
        """Tables that no code of the service makes: no model, and no step of a whole history."""
        made = {table.name for table in self._mapped if table.managed}
        words: set[str] = set()
        if any("upgrade" in command for command in commands(self._view, self._reader, self._held)):
            words = {word for _, text in history(self._reader) for word in _WORD.findall(text)}
        for name in sorted(names):
            if name not in made and last(name) not in words and not self._of_library(name):
                yield name

    def _table(self, name: str) -> StoredTable:
        view = self._view
        owner = view.owner_of.get(name, "")
        owner = "" if owner == view.name and name not in self._own else owner
        if name in self._own:
            return StoredTable(
                name=name, store="own", owner=owner, because="it moves", place=self._declared(name)
            )
        reads = [
            access for access in self._touched[name] if access.operation == "read" and self._used(access)
        ]
        writes = [access for access in self._touched[name] if access.operation == "write"]
        if writes and not reads and all(self._common(access.module) for access in writes):
            because = "a log that shared code appends to and nothing here reads"
            return StoredTable(
                name=name,
                store="local",
                owner=owner,
                because=because,
                place=self._place(min(writes, key=_line)),
            )
        inside = [access for access in reads if access.module in view.inside]
        if (by := self._logged.get(name)) is not None and not inside and not writes:
            because = f"a log that a trigger of {by.table} writes, and the context does not read"
            return StoredTable(name=name, store="local", owner=owner, because=because, place=by.place)
        left_out, kept = self._secrets(name)
        place: Evidence | None
        if reads:
            first = min(reads, key=lambda access: (access.module not in view.inside, _line(access)))
            because, place = f"read by {first.module}", self._place(first)
        elif name in self._ambient:
            because, place = self._ambient[name].because, self._ambient[name].place
        elif (asking := self._asked.get(name)) is not None:
            because, place = f"a trigger of {asking.table} reads it", asking.place
        else:
            place = self._declared(name)
            because = "a held module maps it" if place else "a library has it"
        return StoredTable(
            name=name,
            store="replica",
            owner=owner,
            because=because,
            place=place,
            left_out=left_out,
            kept=kept,
        )

    @property
    def _stored(self) -> list[Table]:
        """The tables of the monolith's database, as far as they are known."""
        return [table for table in self._known.values() if table.managed and not table.database]

    def _deletes(self, tables: dict[str, StoredTable]) -> Iterator[DeleteRule]:
        copies = frozenset(name for name, table in tables.items() if table.store == "replica")
        yield from deletes.rules(self._stored, "monolith", self._own)
        here = [table for name, table in self._known.items() if name in self._own | copies]
        yield from deletes.rules(here, "service", copies)

    def _writes(self, name: str, *, goes: bool) -> list[Evidence]:
        """Places that write a copy in code; ``goes``: its rows may go with those that they refer to."""
        writes = [
            access
            for access in self._touched[name]
            if access.operation == "write" and not (goes and access.via == "cascade")
        ]
        return [self._place(access) for access in sorted(writes, key=_line)]

    def _written(self, name: str, *, goes: bool) -> tuple[Evidence, ...]:
        """Places that write a copy and fail."""
        places = self._writes(name, goes=goes)
        if name == "django_session":
            places += sessions_changed(self._view, self._reader, self._held)
        return tuple(dict.fromkeys(places))[:SHOWN]

    def _used(self, access: Access) -> bool:
        """Whether held code comes to a place: not to one beside the declaration, which came along for it."""
        known = self._known.get(access.table)
        if known is None or known.path != self._reader.modules[access.module].path:
            return True
        return access.module in self._view.inside or (access.module, access.function) in self._called

    @cached_property
    def _called(self) -> frozenset[tuple[str, str | None]]:
        return frozenset(
            (call.target_module, call.target)
            for call in self._view.model.calls
            if call.module in self._held and call.module != call.target_module
        )

    def _common(self, module: str) -> bool:
        """Whether a module belongs to no business context."""
        kind = self._view.kind_of.get(self._view.context_of.get(module, ""), "")
        return module not in self._view.inside and kind != "context"

    def _place(self, access: Access) -> Evidence:
        return self._view.place(access.module, access.line, access.function)

    def _declared(self, name: str) -> Evidence | None:
        table = self._known.get(name)
        if table is None or not table.path:
            return None
        return Evidence(file=table.path, line=table.line, symbol=table.model or "")

    def _secrets(self, name: str) -> tuple[tuple[str, ...], tuple[tuple[str, Evidence], ...]]:
        """Columns with credentials: those that a copy does not get, and those that held code asks for.

        Whoever checks a password signs somebody in, and that is for the owner: it is copied on demand alone.
        """
        known = self._known.get(name)
        if known is None and name in self._ambient:
            return (), ()  # a library's own, whose columns are pairs of keys
        table = data_table(name, known)
        left_out, kept = [], []
        for column in table.secret_columns:
            password = IDENTITY.search(last(name)) and _PASSWORD.search(column)
            place = self._mention(column, known) if not password or self._choices.passwords else None
            if password and self._choices.passwords:
                place = place or self._declared(name) or Evidence(file="", line=0, symbol=name)
            if column in table.keys:
                place = place or self._declared(name)
            if place is None:
                left_out.append(column)
            else:
                kept.append((column, place))
        return tuple(left_out), tuple(kept)

    def _mention(self, column: str, known: Table | None) -> Evidence | None:
        """The first line of held code, but for the model itself, that has the column's name."""
        own = known.path if known is not None else ""
        elsewhere = frozenset(name for name in self._held if self._reader.modules[name].path != own)
        return next(lines(self._view, self._reader, elsewhere, re.compile(rf"\b{re.escape(column)}\b")), None)

    def _broken(self, tables: dict[str, StoredTable]) -> Iterator[BrokenKey]:
        """Foreign keys that touch a copy: the database cannot hold them, since copies arrive when they do."""
        for table in self._view.model.tables:
            for key in table.foreign_keys:
                ends = [tables[name].store for name in (table.name, key.table) if name in tables]
                if table.name in tables and "replica" in ends and "own" in ends:
                    yield BrokenKey(
                        table=table.name,
                        column=key.column,
                        references=key.table,
                        on_delete=key.on_delete or "",
                        place=Evidence(
                            file=table.path, line=key.line or table.line, symbol=table.model or ""
                        ),
                    )

    def _writers(self, staying: frozenset[str], follow: Container[str]) -> Iterator[tuple[str, Evidence]]:
        for access in self._view.model.accesses:
            if access.via == "cascade" and access.table in follow:
                continue
            if access.operation == "write" and access.table in self._own and access.module in staying:
                yield access.table, self._place(access)

    def _readers(self, staying: frozenset[str]) -> Iterator[tuple[str, Evidence]]:
        for access in self._view.model.accesses:
            if access.operation == "read" and access.table in self._own and access.module in staying:
                yield access.table, self._place(access)

    def _sign_in(self, tables: Iterable[StoredTable]) -> Iterator[str]:
        """Where held code needs a password that the copy does not have."""
        users = [table.name for table in tables if any(_PASSWORD.search(name) for name in table.left_out)]
        if not users:
            return
        for place in lines(self._view, self._reader, self._held, _SIGN_IN):
            yield (
                f"{located(place)} signs somebody in: the copy of {', '.join(users)} has no passwords, so "
                "that the monolith must answer there"
            )
        for place in lines(self._view, self._reader, self._held, _SESSIONS):
            yield (
                f"{located(place)}: Django verifies each session by the hash of its user's password, which "
                "is not copied, so that requests with a session fail on the service's own database: identify "
                "them by a token, or extract with --copy-passwords"
            )
        for place in lines(self._view, self._reader, self._held, _BASIC):
            yield (
                f"{located(place)}: a request that brings name and password (HTTP Basic) is checked by the "
                "password, which is not copied, so that it fails on the service's own database: identify it "
                "by a token, or extract with --copy-passwords"
            )


def _line(access: Access) -> tuple[str, int]:
    return (access.module, access.line)
