"""Values of unknown type, requests, users, rows in tuples, over HTTP to a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.ports import free_port
from helpers.seams import TOKEN
from test_seams_rows import kinds, made

DJANGO = {
    "shop/settings.py": """
        SECRET_KEY = "only for tests"
        INSTALLED_APPS = [
            "django.contrib.auth", "django.contrib.contenttypes", "shop.goods", "shop.orders",
        ]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "values.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        """,
    "shop/goods/models.py": """
        from django.db import models
        class Product(models.Model):
            name = models.CharField(max_length=40)
            price = models.DecimalField(max_digits=8, decimal_places=2)
            class Meta:
                app_label = "goods"

        class Shelf(models.Model):
            name = models.CharField(max_length=40)
            class Meta:
                app_label = "goods"
        """,
    "shop/goods/services.py": """
        import os
        from django.contrib.auth.models import User
        from django.db import transaction
        from django.http import HttpRequest
        from shop.goods.models import Product, Shelf

        class Handle:
            def close(self):
                return os.getpid()

        def kept(thing, *more, **named):
            return [Product.objects.count(), thing, more, named]

        def priced(item):
            return f"{item.name} {item.price} {os.getpid()} {Product.objects.count()}"

        def process() -> int:
            return os.getpid() * bool(Product.objects.count())

        def shown(request: HttpRequest, name: str) -> tuple[Product | None, bool]:
            found = Product.objects.filter(name=name).first()
            return found, _may(request)

        def _may(request):
            return request.user.is_superuser and request.GET.get("all") == "1"

        def visits(request: HttpRequest) -> int:
            return request.session.get("visits", 0) + Product.objects.count()

        def mine(request: HttpRequest) -> str:
            _count(request.user)
            return f"{Product.objects.count()}"

        def _count(user):
            user.last_name = "counted"
            user.save()

        def greeting(user: User) -> str:
            return f"{user.first_name} of {Product.objects.count()}"

        def renamed(user: User) -> None:
            user.first_name = "other"
            user.save()

        def dearest(products: list[Product]) -> str:
            best = max(products, key=lambda one: one.price)
            return f"{best.name} of {Product.objects.count()}"

        def raised(name: str):
            Product.objects.filter(name=name).update(price=9)
            return Handle()

        def opened(name: str):
            Product.objects.filter(name=name).update(price=9)
            return Handle()

        def run(action):
            return action(Product.objects.count())

        @transaction.atomic
        def marked(product: Product) -> int:
            product.name = "seen"
            return Shelf.objects.create(name="top").pk

        def grown(things):
            things.append(Product.objects.count())
            return len(things)
        """,
    "shop/orders/views.py": """
        from shop.goods.services import dearest, greeting, grown, kept, mine, opened, priced, process, raised
        from shop.goods.services import marked, renamed, run, shown, visits

        def keep(value, *more, **named):
            return kept(value, *more, **named)

        def price(value):
            return priced(value)

        def number():
            return process()

        def show(request, name):
            return shown(request, name)

        def greet(user):
            return greeting(user)

        def best(products):
            return dearest(products)

        def up(name):
            raised(name)

        def other(request, user, value, product):
            visits(request)
            mine(request)
            renamed(user)
            marked(product)
            opened("door").close()
            run(lambda one: one)
            return grown(value)
        """,
}
SQLALCHEMY = {
    "shop/db.py": """
        from sqlalchemy import create_engine, event
        from sqlalchemy.orm import sessionmaker
        engine = create_engine("sqlite:///values.sqlite3")
        Session = sessionmaker(engine)

        @event.listens_for(engine, "connect")
        def attach(connection, record):
            connection.execute("ATTACH 'other.sqlite3' AS other")
        """,
    "shop/tracked.py": """
        from functools import wraps
        from shop.db import Session

        def tracked(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                own = not kwargs.get("session")
                if own:
                    kwargs["session"] = Session()
                try:
                    return function(*args, **kwargs)
                except Exception:
                    print("failed")
                    raise
            return wrapper
        """,
    "shop/goods/models.py": """
        from sqlalchemy import Column, Integer, Numeric, String
        from sqlalchemy.orm import declarative_base
        Base = declarative_base()

        class Named(Base):
            __abstract__ = True
            name = Column(String)

        class Product(Named):
            __tablename__ = "product"
            id = Column(Integer, primary_key=True)
            price = Column(Integer)
            words = Column(String)

            @property
            def note(self):
                return self.words

            @note.setter
            def note(self, text):
                self.words = text

        class Shelf(Named):
            __tablename__ = "shelf"
            id = Column(Integer, primary_key=True)
        """,
    "shop/goods/services.py": """
        import os
        from shop.goods.models import Named, Product, Shelf
        from shop.tracked import tracked

        def discount(db_session, product: Product, by: int) -> None:
            product.price -= by
            db_session.commit()

        def lowered(db_session, product: Product) -> int:
            product.price -= 1
            return db_session.query(Product).count()

        def called(session, subject: Named) -> str:
            return f"{subject.name} of {session.query(Shelf).count()}"

        def noted(session, product: Product) -> str:
            return f"{product.note} of {session.query(Shelf).count()}"

        def note(session, product: Product, text: str) -> None:
            product.note = text
            session.commit()

        @tracked
        def dearest(*, session, limit: int) -> int:
            if limit < 0:
                raise ValueError("limit")
            return session.query(Product).filter(Product.price < limit).count()

        @tracked
        def cheapest(*, session, limit: int) -> int:
            return session.query(Product).filter(Product.price > limit).count()

        def audit(session, name: str):
            session.add(Shelf(name=f"{name} {os.getpid()}"))
            session.commit()

        def kept(session, thing, **named):
            return {"thing": thing, "count": session.query(Product).count(), **named}
        """,
    "shop/orders/views.py": """
        from shop.goods import services
        from shop.goods.services import called, cheapest, dearest, discount, kept, lowered, note, noted

        class Jobs:
            def __init__(self):
                self.waiting = []

            def add(self, function, *given):
                self.waiting.append((function, given))

            def run(self):
                for function, given in self.waiting:
                    function(*given)

        def cut(session, product):
            discount(session, product, 2)
            return product.price

        def call(session, subject):
            return called(session, subject)

        def read(session, product):
            return noted(session, product)

        def write(session, product):
            note(session, product, "sharp")

        def dear(session):
            return dearest(session=session, limit=100)

        def cheap():
            return cheapest(limit=3)

        def later(jobs, session, name):
            jobs.add(services.audit, session, name)

        def keep(session, thing, **named):
            return kept(session, thing, **named)

        def other(session, product):
            lowered(session, product)
        """,
}


@contextmanager
def served(root: Path, *arguments: str) -> Iterator[dict[str, str]]:
    """Environment of a caller while the seams' own server runs in a process of its own."""
    port = free_port()
    environment = os.environ | {"SEAM_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    command = [
        sys.executable,
        "-m",
        "shop.seams.server",
        "goods",
        "--listen",
        f"127.0.0.1:{port}",
        *arguments,
    ]
    with subprocess.Popen(command, cwd=root, env=environment) as process:
        try:
            deadline = time.monotonic() + 60
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider did not start"
                time.sleep(0.05)
            yield environment | {"SEAM_GOODS_URL": f"http://127.0.0.1:{port}"}
        finally:
            process.kill()


def run(root: Path, environment: dict[str, str], program: str) -> list[str]:
    """What a program prints that is run in the monolith's folder."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()


@pytest.fixture(scope="module")
def django(tmp_path_factory):
    root = tmp_path_factory.mktemp("django")
    found = made(root, DJANGO)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "shop.settings"}
    program = """
        import decimal, django
        django.setup()
        from django.core.management import call_command
        call_command("migrate", run_syncdb=True, verbosity=0)
        from django.contrib.auth.models import User
        from shop.goods.models import Product
        Product.objects.create(name="nail", price=decimal.Decimal("0.10"))
        Product.objects.create(name="saw", price=decimal.Decimal("4.50"))
        User.objects.create(username="ann", first_name="Ann", is_superuser=True)
        """
    run(root, environment, program)
    return root, found


def test_what_is_assumed_is_listed_and_what_cannot_cross_is_not(django):
    found = django[1]
    assert found["kept"].assumed == ("parameter thing", "parameter more[]", "parameter named[]", "result[]")
    assert found["priced"].assumed == ("parameter item",)
    assert kinds(found["run"]) & {"callback", "unknown_type"}
    assert found["grown"].beside == "replica"  # it changes its caller's list, and only reads
    assert kinds(found["opened"]) == {"object"}
    assert found["visits"].beside == "replica"  # it reads its caller's session
    assert kinds(found["mine"]) == {"request"}
    assert kinds(found["renamed"]) == {"orm_object"}
    assert [item.parameter for item in found["marked"].changed] == ["product"]


def test_values_of_any_type_cross_with_their_type_and_spread_arguments_with_their_names(django):
    program = """
        import datetime, decimal, os, uuid
        import django
        django.setup()
        from shop.goods.models import Product
        from shop.orders.views import keep, number, price
        when = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.timezone.utc)
        value = {"a": (1, decimal.Decimal("4.50")), "b": {2, 3}, 5: when, "c": [uuid.UUID(int=7), b"x", None]}
        found = keep(value, 1, "two", three={3})
        assert found == [2, value, (1, "two"), {"three": {3}}], found
        assert keep(None) == [2, None, (), {}]
        assert number() != os.getpid()
        saw = Product.objects.get(name="saw")
        saw.price = decimal.Decimal("5.00")  # not saved: it crosses as its caller sees it
        name, cost, process, count = price(saw).split()
        assert (name, cost, count) == ("saw", "5.00", "2")
        assert int(process) != os.getpid()
        """
    root, _ = django
    with served(root) as environment:
        run(root, environment, program)


def test_what_cannot_cross_is_refused_before_anything_is_sent(django):
    program = """
        import django
        django.setup()
        from shop.goods.models import Product
        from shop.orders.views import keep, price, show
        from shop.seams.wire import WireError
        saw = Product.objects.get(name="saw")
        calls = [(keep, open), (keep, 1, object()), (keep, {"named": iter([])}), (keep, [saw])]
        for call, *given in [*calls, (price, Product(name=object(), price=1)), (show, object(), "saw")]:
            try:
                call(*given)
            except WireError as error:
                print(error)
            else:
                raise AssertionError("not refused")
        """
    root, _ = django
    closed = {"SEAM_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    printed = run(root, os.environ | closed | {"SEAM_GOODS_URL": "http://127.0.0.1:1"}, program)
    assert printed == [
        "thing: builtin_function_or_method is not a value whose type crosses",
        "more[0]: object is not a value whose type crosses",
        "thing.named: list_iterator is not a value whose type crosses",
        "thing[0]: a row of Product, which may be changed there",
        "item.name: object is not a value whose type crosses",
        "request: object is not a request",
    ]


def test_a_request_that_is_only_read_crosses_with_what_is_read_of_it(django):
    program = """
        import django
        django.setup()
        from django.contrib.auth.models import AnonymousUser, User
        from django.http import HttpRequest, QueryDict
        from django.utils.functional import SimpleLazyObject
        from shop.orders.views import show
        request = HttpRequest()
        request.GET = QueryDict("all=1&all=0&all=1")
        request.user = SimpleLazyObject(lambda: User.objects.get(username="ann"))
        product, may = show(request, "saw")
        assert (product.name, may) == ("saw", True)
        request.user = AnonymousUser()
        assert show(request, "none") == (None, False)
        """
    root, found = django
    assert found["shown"].wireable
    with served(root) as environment:
        run(root, environment, program)


def test_users_rows_in_lists_and_results_that_nobody_uses(django):
    program = """
        import django
        django.setup()
        from django.contrib.auth.models import User
        from shop.goods.models import Product
        from shop.orders.views import best, greet, up
        ann = User.objects.get(username="ann")
        ann.first_name = "Anna"
        assert greet(ann) == "Anna of 2"
        assert best(list(Product.objects.all())) == "saw of 2"
        up("nail")
        assert Product.objects.get(name="nail").price == 9
        """
    root, found = django
    assert found["raised"].unused
    with served(root) as environment:
        run(root, environment, program)


@pytest.fixture(scope="module")
def sqlalchemy(tmp_path_factory):
    root = tmp_path_factory.mktemp("sqlalchemy")
    found = made(root, SQLALCHEMY)
    program = """
        from shop.db import Session
        from shop.goods.models import Base, Product, Shelf
        with Session() as session:
            Base.metadata.create_all(session.bind)
            session.add_all([Product(name="nail", price=10), Product(name="saw", price=45)])
            session.add(Shelf(name="top"))
            session.commit()
        """
    run(root, dict(os.environ), program)
    return root, found


def test_a_decorator_that_passes_all_on_is_no_obstacle_unless_it_gives_what_is_left_out(
    sqlalchemy,
):
    found = sqlalchemy[1]
    assert found["dearest"].wireable
    assert kinds(found["cheapest"]) == {"decorated"}
    assert kinds(found["lowered"]) == {"orm_object"}


def test_who_reads_a_property_does_not_do_what_sets_it(sqlalchemy):
    assert sqlalchemy[1]["noted"].safe
    assert not sqlalchemy[1]["note"].safe


def test_rows_of_sqlalchemy_that_are_changed_and_committed_are_read_anew(sqlalchemy):
    program = """
        import os
        from shop.db import Session
        from shop.goods.models import Product, Shelf
        from shop.orders.views import Jobs, call, cut, dear, keep, later
        from shop.seams.wire import WireError
        with Session() as session:
            nail = session.query(Product).filter_by(name="nail").one()
            assert (nail.price, cut(session, nail), nail.price) == (10, 8, 8)
            assert call(session, nail) == "nail of 1"
            assert call(session, session.query(Shelf).one()) == "top of 1"
            assert dear(session) == 2
            assert keep(session, (1, 2), more={3}) == {"thing": (1, 2), "count": 2, "more": {3}}
            jobs = Jobs()
            later(jobs, session, "audited by")
            jobs.run()
            audited = session.query(Shelf).filter(Shelf.name.like("audited%")).one()
            assert audited.name != f"audited by {os.getpid()}"
            nail.price = 3
            try:
                cut(session, nail)
            except WireError as error:
                print(error)
            session.rollback()
            session.expunge(nail)
            try:
                cut(session, nail)
            except WireError as error:
                print(error)
        """
    root, _ = sqlalchemy
    with served(root, "--use", "shop.db:Session") as environment:
        printed = run(root, environment, program)
    assert printed == [
        "the session has changes that are not saved: the other side would not see them",
        "product: the row belongs to no session, so its caller would not see it changed",
    ]


def test_a_session_with_schemas_of_its_own_is_answered_from_these(sqlalchemy):
    program = """
        from shop.db import Session, engine
        from shop.goods.models import Base, Product
        from shop.orders.views import dear
        other = engine.execution_options(schema_translate_map={None: "other"})
        with Session(bind=other) as session:
            Base.metadata.create_all(session.connection())
            session.add_all([Product(name=name, price=1) for name in "abcde"])
            session.commit()
            assert dear(session) == 5
        with Session() as session:
            assert dear(session) == 2
        """
    root, _ = sqlalchemy
    with served(root, "--use", "shop.db:Session") as environment:
        run(root, environment, program)
