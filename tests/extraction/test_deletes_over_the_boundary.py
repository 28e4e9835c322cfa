"""Rows that refer to a row which the other side deletes: what the code declares holds with two databases."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.blocks import Page
from helpers.on_server import extract_b, page_of, program, two_databases, write_site
from helpers.postgres import Server

FILES = {
    "site_settings.py": """
        import os
        SECRET_KEY = "x"
        INSTALLED_APPS = ["a", "b"]
        ROOT_URLCONF = "urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1",
            "PORT": os.environ.get("TEST_PORT"), "NAME": "data", "USER": os.environ.get("TEST_USER")}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        """,
    "urls.py": """
        from django.urls import include, path
        urlpatterns = [path("a/", include("a.urls")), path("b/", include("b.urls"))]
        """,
    "a/__init__.py": "",
    "a/migrations/__init__.py": "",
    "a/models.py": """
        from django.db import models
        class Author(models.Model):
            name = models.CharField(max_length=20)
        class Shelf(models.Model):
            name = models.CharField(max_length=20)
        class Award(models.Model):
            author = models.ForeignKey(Author, on_delete=models.PROTECT)
        class Loan(models.Model):
            book = models.ForeignKey("b.Book", on_delete=models.CASCADE)
        class Fine(models.Model):
            loan = models.ForeignKey(Loan, on_delete=models.CASCADE)
        class Review(models.Model):
            book = models.ForeignKey("b.Book", on_delete=models.SET_NULL, null=True)
        class Hold(models.Model):
            book = models.ForeignKey("b.Book", on_delete=models.PROTECT)
        class Tour(models.Model):
            books = models.ManyToManyField("b.Book")
        """,
    "a/views.py": """
        from django.http import HttpResponse
        from a.models import Author, Award, Shelf
        def author(request, pk):
            Award.objects.filter(author_id=pk).delete()
            Author.objects.get(pk=pk).delete()
            return HttpResponse("gone")
        def shelf(request, pk):
            Shelf.objects.get(pk=pk).delete()
            return HttpResponse("gone")
        """,
    "a/urls.py": """
        from django.urls import path
        from a import views
        urlpatterns = [path("author/<int:pk>/", views.author), path("shelf/<int:pk>/", views.shelf)]
        """,
    "b/__init__.py": "",
    "b/migrations/__init__.py": "",
    "b/models.py": """
        from django.db import models
        class Book(models.Model):
            author = models.ForeignKey("a.Author", on_delete=models.CASCADE)
            shelf = models.ForeignKey("a.Shelf", on_delete=models.SET_NULL, null=True)
        class Chapter(models.Model):
            book = models.ForeignKey(Book, on_delete=models.CASCADE)
            within = models.ForeignKey("self", on_delete=models.CASCADE, null=True)
        class Ticket(models.Model):
            author = models.ForeignKey("a.Author", on_delete=models.PROTECT)
        """,
    "b/views.py": """
        from django.http import HttpResponse
        from b.models import Book
        def book(request, pk):
            Book.objects.get(pk=pk).delete()
            return HttpResponse("gone")
        """,
    "b/urls.py": """
        from django.urls import path
        from b import views
        urlpatterns = [path("book/<int:pk>/", views.book)]
        """,
}
USE = """
import django
django.setup()
from a.models import *
from b.models import *
from django.db import transaction
from django.db.models import ProtectedError
"""
SEED = f"""{USE}
for n in range(1, 6):
    author, shelf = Author.objects.create(name=f"a{{n}}"), Shelf.objects.create(name=f"s{{n}}")
    book = Book.objects.create(author=author, shelf=shelf)
    chapter = Chapter.objects.create(book=book)
    Chapter.objects.create(book=book, within=chapter)
    Chapter.objects.filter(pk=chapter.pk).update(within=chapter)
    Fine.objects.create(loan=Loan.objects.create(book=book))
    Review.objects.create(book=book)
    Tour.objects.create().books.add(book)
Hold.objects.create(book_id=2)
Ticket.objects.create(author_id=4)
Award.objects.create(author=Author.objects.create(pk=9, name="a9"))
"""


@dataclass
class Pair:
    """The two databases after the cut-over."""

    tree: Path
    one: Server
    other: Server
    page: Page

    def monolith(self, text: str) -> str:
        return program(USE + text, self.tree / "site", self.one, "maker")

    def service(self, text: str) -> str:
        return program(USE + text, self.tree / "out" / "service", self.other, "mine")

    def sees(self, expected: str, query: str, *sides: Server) -> None:
        """Both databases answer a query so, at latest when the streams have arrived."""
        for side in sides or (self.one, self.other):
            for _ in range(150):
                found = ",".join(side.rows(query, "data"))
                if found == expected:
                    break
                time.sleep(0.1)
            assert found == expected, query


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deletes")
    write_site(FILES, root)
    extract_b(root, "out")
    return root


@pytest.fixture(scope="module")
def pair(tree: Path) -> Iterator[Pair]:
    with two_databases() as (one, other):
        program("manage.py migrate -v 0", tree / "site", one, "maker")
        program(SEED, tree / "site", one, "maker")
        page = page_of(tree / "out", one, other)
        for part in ("1.", "2.", "3."):
            page.do(part)
        yield Pair(tree, one, other, page)
        page.do("4.")
        page.do("6.")
        left = "SELECT proname FROM pg_proc WHERE proname LIKE 'strangler%'"
        assert one.rows(left, "data") == other.rows(left, "data") == []


def test_rows_of_the_monolith_follow_a_row_that_the_service_deletes(pair: Pair) -> None:
    pair.service("Book.objects.get(pk=1).delete(); print(Loan.objects.filter(book_id=1).count())")
    pair.sees("2,3,4,5", "SELECT book_id FROM a_loan ORDER BY 1")
    pair.sees("2,3,4,5", "SELECT id FROM a_fine ORDER BY 1")
    pair.sees("2,3,4,5", "SELECT book_id FROM a_tour_books ORDER BY 1")
    pair.sees(
        "1:,2:2", "SELECT id || ':' || coalesce(book_id::text, '') FROM a_review WHERE id < 3 ORDER BY 1"
    )
    pair.sees("", "SELECT id FROM b_chapter WHERE book_id = 1")


def test_what_forbids_a_delete_forbids_it_over_the_boundary(pair: Pair) -> None:
    ask = """
try:
    {}.objects.get(pk={}).delete()
except ProtectedError as error:
    print("refused", error.protected_objects)
"""
    assert "refused" in pair.service(ask.format("Book", 2))
    assert "refused" in pair.monolith(ask.format("Author", 4))
    pair.sees("2", "SELECT id FROM b_book WHERE id = 2")
    pair.sees("4", "SELECT id FROM a_author WHERE id = 4")


def test_a_row_that_something_refers_to_since_a_moment_ago_is_kept_and_told(pair: Pair) -> None:
    pair.other.rows("ALTER SUBSCRIPTION strangler_b_replicas DISABLE", "data")
    pair.monolith("Hold.objects.create(book_id=3)")
    pair.service("Book.objects.get(pk=3).delete()")
    kept = "SELECT kept || ' ' || key || ': ' || because FROM strangler_b_kept"
    pair.sees("public.b_book 3: a_hold.book_id still refers to the row", kept, pair.one)
    pair.sees("3", "SELECT id FROM b_book WHERE id = 3", pair.one)
    pair.sees("3", "SELECT book_id FROM a_loan WHERE book_id = 3", pair.one)
    assert (
        "a_hold.book_id"
        in pair.page.paste(next(block.text for block in pair.page.blocks if "_kept" in block.text)).stdout
    )
    pair.other.rows("ALTER SUBSCRIPTION strangler_b_replicas ENABLE", "data")
    pair.monolith("Hold.objects.filter(book_id=3).delete()")
    arrives = "SET session_replication_role = replica; SET strangler.arrives = on;"
    pair.one.rows(f"{arrives} DELETE FROM b_book WHERE id = 3", "data")
    pair.sees("", "SELECT book_id FROM a_loan WHERE book_id = 3")


def test_rows_of_the_service_follow_a_row_that_the_monolith_deletes(pair: Pair) -> None:
    pair.monolith("Author.objects.get(pk=5).delete(); Shelf.objects.get(pk=2).delete()")
    pair.sees("", "SELECT id FROM b_book WHERE id = 5")
    pair.sees("", "SELECT id FROM b_chapter WHERE book_id = 5")
    pair.sees("", "SELECT id FROM a_loan WHERE book_id = 5")
    pair.sees("2:", "SELECT id || ':' || coalesce(shelf_id::text, '') FROM b_book WHERE id = 2")


def test_the_rows_of_one_side_may_go_in_any_order(pair: Pair) -> None:
    """What refers to a row there is the monolith's own business: its transaction has a constraint for it."""
    gone = "BEGIN; DELETE FROM a_author WHERE id = 9; DELETE FROM a_award WHERE author_id = 9; COMMIT"
    pair.one.rows(gone, "data")
    pair.sees("", "SELECT id FROM a_award WHERE author_id = 9")
    pair.sees("", "SELECT id FROM a_author WHERE id = 9")
    pair.sees("", "SELECT key FROM strangler_b_kept WHERE because LIKE 'a_award%'", pair.other)


def test_a_copy_is_written_for_no_other_reason(pair: Pair) -> None:
    refused = """
for text in {}:
    try:
        with transaction.atomic():
            eval(text)
    except Exception as error:
        print(str(error).splitlines()[0])
"""
    said = pair.service(
        refused.format(
            (
                "Loan.objects.filter(book_id=4).delete()",
                "Tour.objects.get(pk=4).books.clear()",
                "Review.objects.filter(pk=4).update(book_id=None)",
                "Review.objects.filter(pk=4).update(book_id=2)",
                "Loan.objects.create(book_id=4)",
            )
        )
    )
    assert len(said.splitlines()) == 5, said
    assert said.count("it is a copy, its owner is a") == 4
    assert "permission denied" in said
    said = pair.monolith(
        refused.format(("Book.objects.filter(pk=4).delete()", "Book.objects.filter(pk=4).update(shelf=None)"))
    )
    assert said.count("b_book is not written here") == 2, said


def test_the_rules_are_listed_and_what_is_carried_is_no_write_that_fails(tree: Path) -> None:
    found = json.loads((tree / "out" / "service.json").read_bytes())["database"]
    rules = {(rule["side"], rule["table"], rule["references"], rule["does"]) for rule in found["deletes"]}
    assert {
        ("monolith", "a_loan", "b_book", "delete"),
        ("monolith", "a_fine", "a_loan", "delete"),
        ("monolith", "a_review", "b_book", "clear"),
        ("monolith", "a_hold", "b_book", "refuse"),
        ("service", "b_book", "a_author", "delete"),
        ("service", "b_book", "a_shelf", "clear"),
        ("service", "b_chapter", "b_book", "delete"),
    } <= rules
    assert not any(table.get("written") for table in found["tables"])
    assert not found.get("writers")
    assert "| `a_loan.book_id` | `b_book` | CASCADE | goes too |" in (tree / "out" / "SERVICE.md").read_text()
