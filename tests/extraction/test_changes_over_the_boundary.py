"""Rows of the other side that code changes: their owner is told, once, whatever dies on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
import pytest
from extraction.test_deletes_over_the_boundary import FILES as SITE
from extraction.test_needs import Tree
from helpers.blocks import Page
from helpers.journey import Deaths, left, stream_dies, until
from helpers.on_server import extract_b, page_of, two_databases, write_site
from helpers.postgres import Server

from strangler.extraction import extract
from strangler.sources import scan

FILES = {
    **{path: SITE[path] for path in ("site_settings.py", "urls.py", "a/__init__.py", "b/__init__.py")},
    "a/migrations/__init__.py": "",
    "b/migrations/__init__.py": "",
    "a/models.py": """
        from django.db import models
        class Reader(models.Model):
            name = models.CharField(max_length=20, unique=True)
            loans = models.IntegerField(default=0)
            reset_token = models.CharField(max_length=20, default="")
        """,
    "a/views.py": """
        from django.db.models import F
        from django.http import HttpResponse
        from a.models import Reader
        from b.models import Book, Shelf
        def borrow(request, pk):
            Book.objects.filter(pk=pk).update(copies=F("copies") - 1, stock=F("stock") - 1)
            return HttpResponse("yours")
        def rename(request, pk):
            book = Book.objects.get(pk=pk)
            book.title = request.POST["title"]
            book.save()
            Book.objects.filter(title="").delete()
            return HttpResponse("renamed")
        def tidy(request, pk):
            Shelf.objects.filter(pk=pk).update(books=0)
            return HttpResponse("tidy")
        def donate(request):
            Book.objects.create(title=request.POST["title"])
            return HttpResponse("thank you")
        def reader(request, pk):
            Reader.objects.filter(pk=pk).update(name="x")
            return HttpResponse("done")
        """,
    "a/urls.py": """
        from django.urls import path
        from a import views
        urlpatterns = [path("borrow/<int:pk>/", views.borrow), path("rename/<int:pk>/", views.rename),
            path("donate/", views.donate), path("tidy/<int:pk>/", views.tidy),
            path("reader/<int:pk>/", views.reader)]
        """,
    "b/models.py": """
        from django.db import models
        class Book(models.Model):
            title = models.CharField(max_length=20)
            shelfmark = models.CharField(max_length=20, unique=True, null=True)
            copies = models.IntegerField(default=0)
            stock = models.PositiveIntegerField(default=0)
            price = models.DecimalField(max_digits=6, decimal_places=2, default=1)
        class Shelf(models.Model):
            books = models.IntegerField(default=0)
        """,
    "b/views.py": """
        from django.http import HttpResponse
        from a.models import Reader
        from b.models import Book, Shelf
        def buy(request, pk):
            book = Book.objects.get(pk=pk)
            book.copies += 1
            book.save()
            return HttpResponse(book.title)
        def shelve(request, pk):
            Shelf.objects.filter(pk=pk).update(books=1)
            return HttpResponse("there")
        def lend(request, pk):
            reader = Reader.objects.get(pk=pk)
            reader.loans += 1
            reader.save(update_fields=["loans"])
            return HttpResponse("lent")
        """,
    "b/urls.py": """
        from django.urls import path
        from b import views
        urlpatterns = [path("buy/<int:pk>/", views.buy), path("shelve/<int:pk>/", views.shelve),
            path("lend/<int:pk>/", views.lend)]
        """,
}


SEED = """
INSERT INTO a_reader VALUES (1, 'ann', 0, 'secret');
INSERT INTO b_shelf VALUES (1, 0);
ALTER TABLE b_shelf DROP CONSTRAINT b_shelf_pkey;
INSERT INTO b_book (id, title, copies, stock, price) VALUES (1, 'Emma', 5, 1, 1), (2, 'Ulysses', 1, 1, 2.5),
    (3, 'Mansfield Park', 0, 1, 1), (4, 'Middlemarch', 0, 1, 1);
"""


@dataclass
class Pair:
    """The two databases after the cut-over; the monolith has readers, the service has books."""

    one: Server
    other: Server
    page: Page
    found: dict[str, object]

    def monolith(self, text: str) -> None:
        self.by(self.one, "maker", text)

    def service(self, text: str) -> None:
        self.by(self.other, "mine", text)

    def by(self, server: Server, user: str, text: str) -> None:
        with psycopg.connect(server.url("data", user)) as connection:
            connection.execute(text)

    def sees(self, query: str, expected: str) -> None:
        """Both databases answer so, at latest when the streams have arrived."""
        for side in (self.one, self.other):
            until(lambda side=side: ",".join(side.rows(query, "data")) == expected, 30)  # type: ignore[misc]

    @contextmanager
    def silence(self) -> Iterator[None]:
        """The service hears nothing for a while."""
        self.other.rows("ALTER SUBSCRIPTION strangler_b_told_monolith DISABLE", "data")
        yield
        self.other.rows("ALTER SUBSCRIPTION strangler_b_told_monolith ENABLE", "data")

    def kept(self, server: Server) -> list[str]:
        """What could not be done there."""
        return server.rows("SELECT kept || ' ' || key || ' ' || because FROM strangler_b_kept", "data")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    root = tmp_path_factory.mktemp("changes")
    write_site(FILES, root)
    extract_b(root, "out")
    with two_databases() as (one, other):
        page = page_of(root / "out", one, other)
        monolith = Page(page.path, page.folder, page.environment | {"TEST_PORT": str(one.port)})
        assert monolith.paste("cd ../site && python manage.py migrate -v 0").returncode == 0
        one.rows(SEED, "data")
        for part in ("1.", "2.", "3."):
            page.do(part)
        yield Pair(one, other, page, json.loads((root / "out" / "service.json").read_text())["database"])


def test_what_is_told_and_what_fails_is_said_by_place(pair: Pair) -> None:
    told = {(item["side"], item["table"]): item for item in pair.found["told"]}  # type: ignore[attr-defined]
    assert sorted(told) == [("monolith", "b_book"), ("monolith", "b_shelf"), ("service", "a_reader")]
    assert told["monolith", "b_book"]["added"] == ["copies", "stock"]
    assert told["service", "a_reader"]["added"] == ["loans"]
    assert [place["line"] for place in told["monolith", "b_book"]["changes"]] == [7, 12, 13]
    assert [place["line"] for place in told["monolith", "b_book"]["others"]] == [19]
    page = pair.page.path.read_text()
    assert "`b_book` in `a/views.py:7 borrow`, in the monolith" in page
    assert "`b_book` in `a/views.py:19 donate`" in page.partition("**First**")[2].partition("```")[0]


def test_a_column_that_both_sides_count_loses_nothing_while_everything_dies(pair: Pair) -> None:
    counted = {"monolith": 0, "service": 0}
    stopped = threading.Event()

    def count(side: str, by: int) -> None:
        while not stopped.is_set():
            getattr(pair, side)(f"UPDATE b_book SET copies = copies + {by} WHERE id = 1")
            counted[side] += by

    threads = [threading.Thread(target=count, args=item) for item in (("monolith", -1), ("service", 3))]
    for thread in threads:
        thread.start()
    with Deaths([lambda: stream_dies(pair.one), lambda: stream_dies(pair.other)], 10, 0.8) as deaths:
        deaths.wait()
    stopped.set()
    for thread in threads:
        thread.join()
    pair.other.crash()
    assert counted["monolith"] < -20
    assert counted["service"] > 60
    pair.sees("SELECT copies FROM b_book WHERE id = 1", str(5 + sum(counted.values())))
    assert pair.kept(pair.other) == pair.kept(pair.one) == []


def test_the_service_tells_the_monolith_as_well(pair: Pair) -> None:
    for _ in range(3):
        pair.service("UPDATE a_reader SET loans = loans + 1 WHERE id = 1")
        pair.monolith("UPDATE a_reader SET loans = loans + 1 WHERE id = 1")
    pair.sees("SELECT loans FROM a_reader", "6")


def test_a_new_value_is_told_and_a_row_that_goes(pair: Pair) -> None:
    pair.monolith("UPDATE b_book SET title = 'Ulysses II', price = 9.99 WHERE id = 2")
    pair.sees("SELECT title, copies, price FROM b_book WHERE id = 2", "Ulysses II|1|9.99")
    pair.monolith("DELETE FROM b_book WHERE id = 2")
    pair.sees("SELECT title FROM b_book WHERE id = 2", "")
    assert pair.kept(pair.other) == []


def test_where_the_owner_has_changed_it_too_the_owner_is_right_and_the_other_is_listed(pair: Pair) -> None:
    with pair.silence():
        pair.monolith("UPDATE b_book SET title = 'Fanny', copies = copies - 1 WHERE id = 3")
        pair.service("UPDATE b_book SET title = 'Fanny Price' WHERE id = 3")
    pair.sees("SELECT title, copies FROM b_book WHERE id = 3", "Fanny Price|-1")
    assert pair.kept(pair.other)[-1] == (
        'public.b_book {"id": 3} title is "Fanny Price" here, and was changed from "Mansfield Park" to '
        '"Fanny" on the other side'
    )


def test_what_the_owner_s_database_refuses_is_listed_and_taken_back(pair: Pair) -> None:
    with pair.silence():
        pair.monolith("UPDATE b_book SET stock = stock - 1 WHERE id = 4")
        pair.service("UPDATE b_book SET stock = stock - 1 WHERE id = 4")
        pair.service("UPDATE b_book SET title = 'Romola' WHERE id = 4")
        until(lambda: pair.one.rows("SELECT title FROM b_book WHERE id = 4", "data") == ["Romola"], 30)
    pair.sees("SELECT stock FROM b_book WHERE id = 4", "0")
    until(lambda: "b_book_stock_check" in pair.kept(pair.other)[-1], 30)
    pair.service("UPDATE b_book SET stock = 5 WHERE id = 4")
    pair.sees("SELECT stock FROM b_book WHERE id = 4", "5")


def test_a_new_row_another_key_and_a_unique_column_are_refused(pair: Pair) -> None:
    for text, why in (
        ("INSERT INTO b_book (id, title, copies, stock, price) VALUES (9, 'Sanditon', 1, 1, 1)", "writes it"),
        ("UPDATE b_book SET id = 9 WHERE id = 1", "its key"),
        ("UPDATE b_book SET shelfmark = 'A1' WHERE id = 1", "shelfmark is unique"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"is not written here: .*{why}"):
            pair.monolith(text)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        pair.service("INSERT INTO a_reader VALUES (9, 'bo', 1, '')")


def test_a_credential_that_the_copy_does_not_have_is_not_changed_there(pair: Pair) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="its owner alone has reset_token"):
        pair.service("UPDATE a_reader SET reset_token = 'mine' WHERE id = 1")
    assert pair.one.rows("SELECT reset_token FROM a_reader", "data") == ["secret"]


def test_a_table_without_a_primary_key_stays_closed(pair: Pair) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="b_shelf is not written here"):
        pair.monolith("UPDATE b_shelf SET books = 7")


def test_on_the_way_back_all_that_was_told_has_arrived_and_nothing_is_left(pair: Pair) -> None:
    pair.service("UPDATE b_book SET copies = 0 WHERE id = 1")
    pair.sees("SELECT copies FROM b_book WHERE id = 1", "0")
    for _ in range(50):
        pair.monolith("UPDATE b_book SET copies = copies - 1 WHERE id = 1")
    pair.service("UPDATE a_reader SET loans = loans + 7 WHERE id = 1")
    pair.page.do("4.")
    assert pair.one.rows("SELECT copies FROM b_book WHERE id = 1", "data") == ["-50"]
    assert pair.one.rows("SELECT loans FROM a_reader", "data") == ["13"]
    pair.monolith("INSERT INTO b_book (id, title, copies, stock, price) VALUES (9, 'Sanditon', 1, 1, 1)")
    pair.page.do("2.")
    pair.page.do("3.")
    pair.monolith("UPDATE b_book SET copies = copies + 1 WHERE id = 9")
    pair.sees("SELECT copies FROM b_book WHERE id IN (1, 9) ORDER BY id", "-50,2")
    pair.page.do("3.", "when the cut-over has failed")
    pair.monolith("UPDATE b_book SET copies = copies + 1 WHERE id = 9")
    pair.page.do("2.")
    pair.page.do("3.")
    pair.sees("SELECT copies FROM b_book WHERE id IN (1, 9) ORDER BY id", "-50,3")
    pair.page.do("4.")
    pair.page.do("6.")
    assert left(pair.one) == left(pair.other) == []
    for server in (pair.one, pair.other):
        assert server.rows("SELECT relname FROM pg_class WHERE relname LIKE 'strangler%'", "data") == []


def test_when_nobody_will_go_back_the_monolith_writes_no_more_and_the_service_goes_on_telling(
    pair: Pair,
) -> None:
    for part in ("1.", "2.", "3."):
        pair.page.do(part)
    pair.page.do("5.", "when nobody will go back")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is not written here"):
        pair.monolith("UPDATE b_book SET copies = 0 WHERE id = 1")
    pair.service("UPDATE a_reader SET loans = 99 WHERE id = 1")
    pair.sees("SELECT loans FROM a_reader", "99")


STOCK = """
    from sqlalchemy import delete, text, update
    from shop.orders.models import Bin

    def change(session, n, name):
        b = session.get(Bin, 1)
        {code}
        session.commit()
    """
FILES_OF_BINS = {
    "shop/__init__.py": "",
    "shop/base.py": """
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase):
            pass
        """,
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": """
        from sqlalchemy.orm import Mapped, mapped_column
        from shop.base import Base

        class Bin(Base):
            __tablename__ = "bin"
            id: Mapped[int] = mapped_column(primary_key=True)
            pieces: Mapped[int]
            label: Mapped[str]
        """,
    "shop/orders/service.py": """
        from shop.orders.models import Bin

        def make(session):
            session.add(Bin(pieces=0, label="new"))
        """,
}


@pytest.mark.parametrize(
    ("code", "told", "added"),
    [
        ("b.pieces += n", True, ["pieces"]),
        ("b.pieces = b.pieces - n", True, ["pieces"]),
        ("b.pieces = n", True, []),
        ("b.pieces += n; b.pieces = max(b.pieces, 0)", True, []),
        ("b.pieces *= n", True, []),
        ("b.pieces += n; setattr(b, name, n)", True, []),
        ("session.execute(update(Bin).values(pieces=Bin.pieces + n))", True, ["pieces"]),
        ("session.execute(update(Bin).values(pieces=n))", True, []),
        ("session.execute(update(Bin).values({name: n}))", True, []),
        ("session.execute(text('UPDATE bin SET pieces = pieces + 1'))", True, ["pieces"]),
        ("session.execute(text('UPDATE bin SET pieces = 1'))", True, []),
        ("stmt = update(Bin).values(pieces=Bin.pieces + n); session.execute(stmt)", True, ["pieces"]),
        ("new = Bin(pieces=n); session.add(new)", False, []),
        ("session.delete(b)", True, []),
        ("session.execute(delete(Bin))", True, []),
        ("session.add(Bin(pieces=n))", False, []),
        ("session.execute(text('INSERT INTO bin (pieces) VALUES (1)'))", False, []),
    ],
)
def test_what_code_does_to_rows_is_read_from_its_statements(
    code: str, told: bool, added: list[str], tmp_path: Path
) -> None:
    files = FILES_OF_BINS | {"shop/stock.py": STOCK.format(code=code.replace("; ", "\n        "))}
    model = Tree(tmp_path, files, "shop.orders").model
    (context,) = [item for item in model.contexts if item.name == "it"]
    moved = msgspec.structs.replace(context, tables=("bin",))
    owned = tuple(item for item in model.contexts if item.name != "it")
    model = msgspec.structs.replace(model, contexts=(*owned, moved))
    service, _ = extract(model, moved, scan(tmp_path), ())
    found = service.database.tells("monolith")
    assert [list(item.added) for item in found] == ([added] if told else [])
    assert all(item.changes for item in found)
