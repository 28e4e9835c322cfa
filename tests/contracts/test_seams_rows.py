"""Rows and sessions over a seam: a row is its key and is read again on the other side, a session stays."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers.seams import TOKEN, apply
from test_operations import with_contexts

from strangler.contracts.operations import Operation, find_operations
from strangler.contracts.seams import build_seams
from strangler.sources import scan

DJANGO = {
    "shop/settings.py": """
        INSTALLED_APPS = ["shop.goods", "shop.orders"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "rows.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        """,
    "shop/goods/models.py": """
        from django.db import models
        class Product(models.Model):
            name = models.CharField(max_length=40)
            price = models.DecimalField(max_digits=8, decimal_places=2)
            class Meta:
                app_label = "goods"
        class Part(models.Model):
            product = models.ForeignKey(Product, on_delete=models.CASCADE)
            class Meta:
                app_label = "goods"
        """,
    "shop/goods/services.py": """
        from django.db import models
        from shop.goods.models import Part, Product

        def whole_of(part: Part) -> str:
            return f"{part.product.name} of {Product.objects.count()}"

        def label(product: Product) -> str:
            return f"{product.name} {product.price} of {Product.objects.count()}"

        def cheapest() -> Product | None:
            return Product.objects.order_by("price").first()

        def cheap() -> list[Product]:
            return list(Product.objects.order_by("-price"))

        def under(price: int):
            return Product.objects.filter(price__lt=price).order_by("name")

        def counted():
            return Product.objects.annotate(twice=models.F("price") * 2)

        def rename(product: Product) -> int:
            product.name = "other"
            return Product.objects.count()

        def sell(product: Product) -> None:
            product.save()

        def cut(product: Product, by: int, other: Product | None = None) -> Product:
            lower(product, by)
            if other is not None:
                lower(other, by)
            return product

        def lower(product, by):
            product.price -= by
            if product.price < 0:
                raise ValueError(product.name)
            product.save()

        def mark(product: Product) -> None:
            product.marked = True
            product.save()
        """,
    "shop/orders/views.py": """
        from django.db import transaction
        from shop.goods.models import Product
        from shop.goods.services import cheap, cheapest, counted, cut, label, mark, rename, sell, under
        from shop.goods.services import whole_of

        def names(price):
            return [row.name for row in under(price)]

        def spelled(price):
            found, rows = [], None
            if price:
                rows = under(price)
                for row in rows:
                    found.append(row.name)
            return found

        def only(price):
            found = []
            if price:
                goods = under(price)
                for row in goods:
                    found.append(row.name)
            return found

        def number(price):
            return under(price).count()

        def dearest():
            return [row.twice for row in counted()]

        def later(price):
            rows = under(price)
            Product.objects.all().delete()
            return [row.name for row in rows]

        def page(product):
            return label(product)

        def boxed(product):
            return label(*[product])

        def best():
            return cheapest()

        def fresh():
            with transaction.atomic():
                Product.objects.create(name="nail", price=0)
                return cheapest()

        def every():
            return cheap()

        def other(product):
            rename(product)
            sell(product)

        def lowered(product, by, other=None):
            return cut(product, by, other)

        def marked(product):
            mark(product)

        def part(part):
            return whole_of(part)
        """,
}
SQLALCHEMY = {
    "shop/goods/models.py": """
        from sqlalchemy import Column, Integer, Numeric, String
        from sqlalchemy.orm import declarative_base
        Base = declarative_base()
        class Product(Base):
            __tablename__ = "product"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            stock = Column(Integer)
        """,
    "shop/goods/services.py": """
        import functools
        import logging
        from sqlalchemy.orm import Session
        from shop.goods.models import Product

        log = logging.getLogger(__name__)

        def noted(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                result = function(*args, **kwargs)
                log.info("%s", function.__name__)
                return result
            return wrapper

        def or_none(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                try:
                    return function(*args, **kwargs)
                except ValueError:
                    return None
            return wrapper

        @noted
        def count(session) -> int:
            return session.query(Product).count()

        @or_none
        def whole(session, name: str) -> int:
            return session.query(Product).filter_by(name=name).one().stock

        def label(session: Session, product: Product) -> str:
            return f"{product.name} of {session.query(Product).count()}"

        def named(session: Session, name: str) -> Product | None:
            return session.query(Product).filter_by(name=name).first()

        def rows(session: Session):
            return session.query(Product).order_by(Product.stock)

        def pairs(session: Session):
            return session.query(Product, Product.stock)

        def every(session: Session) -> list[Product]:
            return session.query(Product).order_by(Product.stock).all()

        def restock(session: Session, name: str, count: int) -> Product:
            product = session.query(Product).filter_by(name=name).one()
            product.stock += count
            session.commit()
            return product

        def sell(session: Session, product: Product) -> None:
            product.stock -= 1
            session.commit()

        def reserve(session: Session, name: str) -> None:
            session.query(Product).filter_by(name=name).one().stock -= 1
        """,
    "shop/orders/views.py": """
        from shop.goods.services import count, every, label, named, pairs, reserve, restock, rows, sell, whole

        def listed(session):
            return rows(session).all(), [product.stock for product, _ in pairs(session)]

        def counted(session):
            return count(session), whole(session, "saw")

        def page(session, product):
            return label(session, product)

        def find(session, name):
            return named(session, name)

        def goods(session):
            return every(session)

        def more(session, name):
            return restock(session, name, 5)

        def other(session, product):
            reserve(session, product.name)
            sell(session, product)
        """,
}
SERVE = """
import os, threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
from shop.seams import goods as seam, server, wire

class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass

def serve(**options):
    provider, bodies = server.Provider("goods", **options), []
    def application(environ, start_response):
        import io
        bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        environ["wsgi.input"] = io.BytesIO(bodies[-1].encode())
        return provider(environ, start_response)
    http = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    os.environ["SEAM_GOODS_URL"] = f"http://127.0.0.1:{http.server_port}"
    return bodies

def refused(call, *arguments):
    try:
        call(*arguments)
    except wire.WireError as error:
        return str(error)
    raise AssertionError("not refused")
"""


def made(root: Path, files: dict[str, str]) -> dict[str, Operation]:
    """The tree with its seams in it."""
    packages = ("shop", "shop/goods", "shop/orders")
    for name, text in {**{f"{package}/__init__.py": "" for package in packages}, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    parts = {"goods": ["shop.goods.services", "shop.goods.models"], "orders": ["shop.orders.views"]}
    model = with_contexts(root, parts)
    found = find_operations(model)
    apply(root, build_seams(model, scan(root), found).patch)
    return {item.name: item for item in found.operations}


def run(root: Path, program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SERVE + textwrap.dedent(program)],
        cwd=root,
        env={"SEAM_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "shop.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()


@pytest.fixture(scope="module")
def django(tmp_path_factory):
    root = tmp_path_factory.mktemp("django")
    return root, made(root, DJANGO)


@pytest.fixture(scope="module")
def sqlalchemy(tmp_path_factory):
    root = tmp_path_factory.mktemp("sqlalchemy")
    return root, made(root, SQLALCHEMY)


def kinds(operation: Operation) -> set[str]:
    return {item.kind for item in operation.blockers}


def test_a_row_crosses_back_with_what_its_caller_sees_of_the_changes(django, sqlalchemy):
    assert [item.parameter for item in django[1]["cut"].changed] == ["product", "other"]
    assert "orm_object" in kinds(django[1]["mark"])  # what it sets is no column
    assert "orm_object" not in kinds(sqlalchemy[1]["sell"])  # it commits: its caller reads it anew
    assert [item.parameter for item in django[1]["rename"].changed] == ["product"]


def test_a_commit_left_to_the_caller_is_a_step_that_follows_it(sqlalchemy):
    assert sqlalchemy[1]["reserve"].step.mode == "after"


def test_the_contract_says_what_crosses_of_a_row(django):
    schema, new = django[1]["label"].parameters[0].schema["anyOf"]
    assert new["required"] == ["key", "new"]
    assert schema["properties"]["key"] == {"type": "integer"}
    assert list(schema["properties"]["read"]["properties"]) == ["name", "price"]


def test_a_row_of_django_is_read_again_and_says_what_its_caller_sees(django):
    root, found = django
    assert [name for name, item in sorted(found.items()) if item.wireable] == [
        "cheap",
        "cheapest",
        "cut",
        "label",
        "rename",
        "sell",
        "under",
        "whole_of",
    ]
    said = run(
        root,
        """
        import django
        django.setup()
        from decimal import Decimal
        from django.db import connection
        from shop.goods.models import Part, Product
        with connection.schema_editor() as editor:
            editor.create_model(Product)
            editor.create_model(Part)
        from shop.orders import views
        bodies = serve()
        print(views.best())
        saw = Product.objects.create(name="saw", price=Decimal("4.50"))
        Product.objects.create(name="axe", price=Decimal("3.00"))
        print(views.page(saw))
        print(bodies[-1])
        saw.name = "not saved"
        print(views.page(saw))
        print(views.best().name, type(views.best()).__name__)
        print([row.name for row in views.every()])
        print(views.page(Product(name="new", price=Decimal("1.50"))))
        print(bodies[-1])
        print(views.part(Part(product=Product(name="box"))), views.part(Part(product=saw)))
        gone = Product.objects.create(name="gone", price=0)
        gone.delete()
        print(refused(views.page, gone))
        print(refused(views.page, "saw"))
        sent = len(bodies)
        print(views.fresh().name, views.boxed(saw), len(bodies) - sent)
        print(views.names(4), views.only(4), len(bodies) - sent)
        print(views.spelled(4), views.number(4), len(bodies) - sent)
        """,
    )
    assert said == [
        "None",
        "saw 4.50 of 2",
        '{"product": {"key": 1, "read": {"name": "saw", "price": "4.50"}}}',
        "not saved 4.50 of 2",
        "axe Product",
        "['saw', 'axe']",
        "new 1.50 of 2",
        '{"product": {"key": null, "new": {"$type": "row", "class": "shop.goods.models:Product", '
        '"key": null, "new": true, "read": {"id": null, "name": "new", '
        '"price": {"$type": "decimal", "value": "1.50"}}}}}',
        "box of 2 saw of 2",
        "product: the row is not saved, so it has no key yet",
        "product: str is not shop.goods.models:Product",
        "nail not saved 4.50 of 3 1",
        "['axe', 'nail'] ['axe', 'nail'] 3",
        "['axe', 'nail'] 2 3",
    ]


def test_a_row_of_django_that_is_changed_and_saved_there_is_so_for_its_caller(django):
    said = run(
        django[0],
        """
        import django
        django.setup()
        from django.conf import settings
        settings.DATABASES["default"]["NAME"] = "changed.sqlite3"
        from decimal import Decimal
        from django.db import connection
        from shop.goods.models import Part, Product
        with connection.schema_editor() as editor:
            editor.create_model(Product)
            editor.create_model(Part)
        from shop.orders import views
        bodies = serve()
        saw = Product.objects.create(name="saw", price=Decimal("4.50"))
        saw.name = "not saved"
        print(views.lowered(saw, 1) is saw, saw.price, len(bodies))
        print(Product.objects.get(pk=saw.pk).name, Product.objects.get(pk=saw.pk).price)
        axe = Product(name="axe", price=Decimal(3))
        views.lowered(saw, 1, axe)
        print(axe.pk, axe._state.adding, axe.price, Product.objects.count())
        try:
            views.lowered(saw, 7)
        except ValueError as error:
            print(error, saw.price)
        nail = Product(name="nail", price=1)
        views.other(nail)
        print(nail.pk, Product.objects.get(pk=nail.pk).name)
        Product.objects.all().delete()
        try:
            views.lowered(axe, 1)
        except Product.DoesNotExist as error:
            print("gone", axe.price)
        """,
    )
    assert said == [
        "True 3.50 1",
        "not saved 3.50",
        "2 False 2 2",
        "not saved 2.50",
        "3 other",
        "gone 2",
    ]


def test_a_call_that_cannot_change_stays_and_the_others_of_its_operation_cross(django):
    kept = {
        name: [(b.kind, b.line) for b in item.by_hand] for name, item in django[1].items() if item.by_hand
    }
    assert kept == {
        "cheapest": [("open_transaction", 49)],
        "under": [("queryset", 13), ("queryset", 27), ("queryset", 33)],
    }
    assert [site.function for site in django[1]["label"].crossing] == ["page", "boxed"]


def test_a_session_stays_and_rows_come_back_in_the_callers_own(sqlalchemy):
    root, found = sqlalchemy
    crossing = [name for name, item in sorted(found.items()) if item.wireable and item.step is None]
    assert crossing == ["count", "every", "label", "named", "restock", "rows"]
    assert found["whole"].beside == "replica", "its decorator makes the result another one"
    said = run(
        root,
        """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session
        from shop.goods.models import Base, Product
        engine = create_engine("sqlite:///rows.sqlite3")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all([Product(name="saw", stock=3), Product(name="axe", stock=1)])
            session.commit()
        from shop.orders import views
        bodies = serve(session=lambda: Session(engine))
        session = Session(engine)
        saw = session.get(Product, 1)
        print(views.page(session, saw))
        print(bodies[-1])
        print(views.counted(session), bodies[-1])
        print([[row.name for row in views.listed(session)[0]], views.listed(session)[0][1] is saw])
        print(refused(views.counted, type("Store", (), {"query": lambda self, kind: saw})()))
        print(views.find(session, "saw") is saw, views.find(session, "gone"))
        print([row.name for row in views.goods(session)])
        session.commit()
        print(views.more(session, "saw").stock, saw.stock)
        saw.name = "not saved"
        print(refused(views.page, session, saw))
        session.rollback()
        print(views.page(session, Product(name="new")))
        added = Product(name="new")
        session.add(added)
        print(refused(views.page, session, added))
        """,
    )
    assert said == [
        "saw of 2",
        '{"product": {"key": 1}}',
        "(2, 3) {}",
        "[['axe', 'saw'], True]",
        "Store is no session of SQLAlchemy",
        "True None",
        "['axe', 'saw']",
        "8 8",
        "the session has changes that are not saved: the other side would not see them",
        "new of 2",
        "the session has changes that are not saved: the other side would not see them",
    ]


def test_a_provider_without_a_session_to_open_says_so(sqlalchemy):
    said = run(
        sqlalchemy[0],
        """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session
        from shop.goods.models import Base, Product
        engine = create_engine("sqlite:///none.sqlite3")
        Base.metadata.create_all(engine)
        session = Session(engine)
        session.add(Product(name="saw", stock=3))
        session.commit()
        from shop.orders import views
        serve()
        try:
            views.page(session, session.get(Product, 1))
        except Exception as error:
            print(type(error).__name__, error)
        """,
    )
    assert said[0].startswith("RemoteError")
    assert "session=" in said[0]
