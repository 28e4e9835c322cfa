"""What a generic data layer does counts for the one who says which data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from strangler.model.effects import Effects

Make = Callable[[dict[str, str]], Any]

DB = """
    import sqlite3

    def connect():
        return sqlite3.connect("x.db")

    def run(sql, *args):
        return connect().execute(sql, args).fetchall()

    class Database:
        def __init__(self, path):
            self.path = path
        def all(self, sql, **options):
            return self._run(sql)
        def _run(self, sql):
            return sqlite3.connect(self.path).execute(sql).fetchall()
        def insert(self, table, row):
            return self._run(f"INSERT INTO {table} (id) VALUES (1)")

    database = Database("x.db")
"""
MODELS = """
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import declarative_base
    Base = declarative_base()
    class Boat(Base):
        __tablename__ = "boat"
        id = Column(Integer, primary_key=True)
    class Crew(Base):
        __tablename__ = "crew"
        id = Column(Integer, primary_key=True)
"""


def rows(system: Any, module: str) -> set[tuple[Any, ...]]:
    return {
        (a.function, a.operation, a.table, a.certainty, a.through)
        for a in system.accesses
        if a.module == module
    }


def test_sql_handed_to_a_helper_is_read_by_the_one_who_wrote_it(project: Make) -> None:
    source = """
        from shop.db import run, database
        def open_orders():
            return run("SELECT * FROM orders WHERE open = 1")
        def invoices():
            return database.all("SELECT * FROM invoices")
        def add():
            database.insert("invoices", {})
        def by_status(status):
            return run("SELECT * FROM orders WHERE status = " + status)
    """
    system = project({"shop/db.py": DB, "shop/orders.py": source}).system
    assert rows(system, "shop.orders") == {
        ("open_orders", "read", "orders", "certain", ("shop.db.run",)),
        ("by_status", "read", "orders", "certain", ("shop.db.run",)),
        ("invoices", "read", "invoices", "certain", ("shop.db.Database.all", "shop.db.Database._run")),
        ("add", "write", "invoices", "certain", ("shop.db.Database.insert", "shop.db.Database._run")),
    }
    # In the layer the rows stand for the callers, and nothing is unknown.
    assert {a.for_callers for a in system.accesses if a.module == "shop.db"} == {True}
    assert not [d for d in system.diagnostics if d.code == "unresolved-access"]


@pytest.mark.parametrize(("other", "told"), [("bills", True), ("boats", False)])
def test_what_a_base_of_the_models_of_several_packages_does_it_does_for_who_has_the_row(
    project: Make, other: str, told: bool
) -> None:
    """``other``: the package of a second model; of one package the base is a part of it."""
    base = """
        from django.db import models
        class Stamped(models.Model):
            class Meta:
                abstract = True
            def save(self, *args, **kwargs):
                super().save(*args, **kwargs)
    """
    boat = """
        from base.models import Stamped
        class Boat(Stamped):
            class Meta:
                db_table = "boat"
    """
    bill = """
        from base.models import Stamped
        class Bill(Stamped):
            class Meta:
                db_table = "bill"
    """
    harbour = """
        from boats.models import Boat
        def moor(pk):
            Boat.objects.get(pk=pk).save()
    """
    tree = {
        "base/models.py": base,
        "boats/models.py": boat,
        f"{other}/bill.py": bill,
        "boats/views.py": harbour,
    }
    system = project(tree).system
    written = [a for a in system.accesses if a.module == "base.models" and a.operation == "write"]
    assert {a.table for a in written} == {"boat", "bill"}
    assert {a.for_callers for a in written} == {told}
    assert [
        a.for_callers for a in system.accesses if (a.module, a.operation) == ("boats.views", "write")
    ] == [False]


def test_a_caller_whose_statement_cannot_be_told_is_named_not_the_layer(project: Make) -> None:
    source = """
        from shop.db import run
        def known():
            return run("SELECT * FROM orders")
        def unknown(request):
            return run(request.args["sql"])
    """
    system = project({"shop/db.py": DB, "shop/orders.py": source}).system
    told = [d for d in system.diagnostics if d.code == "unresolved-access"]
    assert {(d.file, d.line) for d in told if not d.message.startswith("Database.")} == {
        ("shop/orders.py", 6)
    }


def test_a_layer_that_nobody_calls_is_told(project: Make) -> None:
    system = project({"shop/db.py": DB}).system
    assert {d.file for d in system.diagnostics if d.code == "unresolved-access"} == {"shop/db.py"}


REPOSITORIES = {
    "an attribute of the class": """
        class Repo:
            model = None
            def __init__(self, session: Session): self.session = session
            def all(self): return self.session.scalars(select(self.model)).all()
            def add(self, **kw): self.session.add(self.model(**kw))
        class Boats(Repo):
            model = Boat
        class Crews(Repo):
            model = Crew
    """,
    "an attribute of a middle class": """
        class Repo:
            def __init__(self, session: Session): self.session = session
            def all(self): return self.session.query(self.model).all()
            def add(self, **kw): self.session.add(self.model(**kw))
        class Named(Repo):
            name = ""
        class Boats(Named):
            model = Boat
        class Crews(Named):
            model = Crew
    """,
    "an attribute of the object": """
        class Repo:
            def __init__(self, model, session: Session):
                self.model, self.session = model, session
            def all(self): return self.session.query(self.model).all()
            def add(self, **kw): self.session.add(self.model(**kw))
        def Boats(session): return Repo(Boat, session)
        def Crews(session): return Repo(Crew, session)
    """,
    "class methods": """
        class Repo:
            model = None
            @classmethod
            def of(cls, session: Session):
                cls.session = session
                return cls
            @classmethod
            def all(cls): return Session().query(cls.model).all()
            @classmethod
            def add(cls, **kw): Session().add(cls.model(**kw))
        class BoatRepo(Repo):
            model = Boat
        class CrewRepo(Repo):
            model = Crew
        def Boats(session): return BoatRepo
        def Crews(session): return CrewRepo
    """,
}


@pytest.mark.parametrize("source", REPOSITORIES.values(), ids=REPOSITORIES.keys())
def test_a_repository_acts_for_the_one_who_uses_it(project: Make, source: str) -> None:
    head = """
        from sqlalchemy import select
        from sqlalchemy.orm import Session
        from shop.models import Boat, Crew
    """
    use = """
        from sqlalchemy.orm import Session
        from shop.repo import Boats, Crews
        def a(s: Session): return Boats(s).all()
        def b(s: Session): Boats(s).add(id=1)
        def c(s: Session): Crews(s).add(id=1)
    """
    system = project({"shop/models.py": MODELS, "shop/repo.py": head + source, "shop/use.py": use}).system
    assert {(f, o, t) for f, o, t, _, _ in rows(system, "shop.use")} == {
        ("a", "read", "boat"),
        ("b", "write", "boat"),
        ("c", "write", "crew"),
    }
    assert {t for f, o, t, _, way in rows(system, "shop.use") if way} == {"boat", "crew"}


def test_without_a_caller_the_models_of_the_subclasses_are_tried(project: Make) -> None:
    source = """
        from sqlalchemy.orm import Session
        from shop.models import Boat, Crew
        class Repo:
            model = None
            def all(self, session: Session): return session.query(self.model).all()
        class Boats(Repo):
            model = Boat
        class Crews(Repo):
            model = Crew
    """
    system = project({"shop/models.py": MODELS, "shop/repo.py": source}).system
    assert rows(system, "shop.repo") == {
        ("Repo.all", "read", "boat", "possible", ()),
        ("Repo.all", "read", "crew", "possible", ()),
    }


def test_a_function_that_names_its_own_table_keeps_it(project: Make) -> None:
    source = """
        from shop.db import connect
        def orders(status):
            return connect().execute("SELECT * FROM orders WHERE status = ?", (status,)).fetchall()
        def log(message):
            connect().execute("INSERT INTO log (message) VALUES (?)", (message,))
    """
    use = """
        from shop.own import log, orders
        def view():
            log("orders were looked at")
            return orders("open orders")
    """
    system = project({"shop/db.py": DB, "shop/own.py": source, "shop/use.py": use}).system
    assert rows(system, "shop.use") == set()
    assert not any(a.for_callers for a in system.accesses)


def test_what_calls_a_caller_of_the_layer_does_not_touch_what_others_ask_for(project: Make) -> None:
    source = """
        from shop.db import run
        def orders():
            return run("SELECT * FROM orders")
        def invoices():
            return run("DELETE FROM invoices")
    """
    use = """
        from shop.orders import orders
        def view():
            return orders()
    """
    system = project({"shop/db.py": DB, "shop/orders.py": source, "shop/use.py": use}).system
    effects = Effects(system)
    assert [(e.table, e.operation, e.certainty) for e in effects.of("shop.use", "view")] == [
        ("orders", "read", "certain")
    ]
    assert {e.table for e in effects.of("shop.db", "run")} == {"orders", "invoices"}
