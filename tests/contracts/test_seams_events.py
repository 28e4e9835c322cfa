"""Signals over a boundary: receivers are told through the outbox, once, and not of what is rolled back."""

from __future__ import annotations

import textwrap

import pytest
from helpers.seams import apply
from msgspec.structs import replace
from test_operations import with_contexts
from test_seams_rows import run

from strangler.contracts.operations import find_operations
from strangler.contracts.seams import build_seams, seam_files
from strangler.sources import scan

DJANGO = {
    "shop/settings.py": """
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop.goods", "shop.orders"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "events.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        """,
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/goods/models.py": """
        from django.db import models
        class Heard(models.Model):
            text = models.CharField(max_length=80)
        """,
    "shop/goods/apps.py": """
        from django.apps import AppConfig
        class GoodsConfig(AppConfig):
            name = "shop.goods"
            def ready(self):
                from django.contrib.auth import get_user_model
                from django.db.models.signals import post_save, pre_save
                from shop.goods import receivers
                post_save.connect(receivers.saved, sender="orders.Order")
                pre_save.connect(receivers.checked, sender="orders.Order")
                post_save.connect(receivers.joined, sender=get_user_model())
        """,
    "shop/goods/receivers.py": """
        from django.dispatch import receiver
        from shop.goods.models import Heard
        from shop.orders.models import Order
        from shop.orders.signals import placed, refused

        class Refused(Exception):
            pass

        def saved(sender, instance, created, **kwargs):
            Heard.objects.create(text=f"{sender.__name__} {instance.code} {created}")

        def joined(sender, instance, **kwargs):
            Heard.objects.create(text=f"joined {instance.username}")

        def checked(sender, instance, **kwargs):
            Heard.objects.count()

        @receiver(placed, sender=Order)
        def told(sender, order, note, **kwargs):
            Heard.objects.create(text=f"{order.code} {note}")

        @receiver(refused)
        def strict(sender, order, **kwargs):
            if Heard.objects.count() > 99:
                raise Refused(order)

        @receiver(placed)
        def corrects(sender, order, note, **kwargs):
            order.code = note
            Heard.objects.count()
        """,
    "shop/orders/models.py": """
        from django.db import models
        class Order(models.Model):
            code = models.CharField(max_length=40)
        """,
    "shop/orders/signals.py": "from django.dispatch import Signal\n\nplaced = Signal()\nrefused = Signal()\n",
    "shop/orders/views.py": """
        from django.db import transaction
        from shop.orders.models import Order
        from shop.orders.signals import placed, refused

        def place(code: str, fails: bool = False) -> None:
            with transaction.atomic():
                order = Order.objects.create(code=code)
                placed.send(sender=Order, order=order, note="dear")
                if fails:
                    raise KeyError(code)

        def later(code: str) -> None:
            order = Order.objects.get(code=code)
            placed.send(sender=Order, order=order, note="again")
            refused.send(sender=None, order=order)
        """,
}
FLASK = {
    "shop/app.py": """
        from flask import Flask
        from shop.goods.receivers import told
        from shop.goods.models import db
        from shop.orders.signals import placed

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///events.sqlite3"
            db.init_app(app)
            placed.connect(told)
            return app
        """,
    "shop/goods/models.py": """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        class Heard(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String)
        """,
    "shop/goods/receivers.py": """
        from shop.goods.models import Heard, db
        def told(order, pieces=1, **extra):
            db.session.add(Heard(text=f"{order.code} {pieces}"))
        """,
    "shop/orders/models.py": """
        from shop.goods.models import db
        class Order(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            code = db.Column(db.String)
        """,
    "shop/orders/signals.py": "from blinker import Namespace\n\nplaced = Namespace().signal('placed')\n",
    "shop/orders/views.py": """
        from shop.goods.models import db
        from shop.orders.models import Order
        from shop.orders.signals import placed

        def place(code: str, fails: bool = False) -> None:
            order = Order(code=code)
            db.session.add(order)
            placed.send(order, pieces=2)
            if fails:
                db.session.rollback()
            else:
                db.session.commit()

        def late(code: str) -> None:
            order = Order(code=code)
            db.session.add(order)
            db.session.commit()
            placed.send(order, pieces=3)
        """,
}
GOODS = ("models", "receivers", "apps")
ORDERS = ("models", "signals", "views")


def made(root, files):
    packages = ("shop", "shop/goods", "shop/orders")
    for name, text in {**{f"{package}/__init__.py": "" for package in packages}, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    contexts = {
        name: [f"shop.{name}.{module}" for module in modules if f"shop/{name}/{module}.py" in files]
        for name, modules in (("goods", GOODS), ("orders", ORDERS))
    }
    model = with_contexts(root, contexts)
    tables = {"orders": ("auth_user", "orders_order", "order")}
    owners = tuple(replace(item, tables=tables.get(item.name, ())) for item in model.contexts)
    model = replace(model, contexts=owners)
    found = find_operations(model)
    seams = build_seams(model, scan(root), found)
    apply(root, seams.patch)
    return {item.name: item for item in found.operations}, seam_files(found, seams)["BLOCKERS.md"].decode()


@pytest.fixture(scope="module")
def django(tmp_path_factory):
    root = tmp_path_factory.mktemp("events")
    return root, *made(root, DJANGO)


def test_a_receiver_that_its_sender_waits_for_is_a_blocker_and_says_why(django):
    _, found, page = django
    assert [name for name, item in sorted(found.items()) if item.wireable] == ["joined", "saved", "told"]
    blocked = {name: [item.kind for item in found[name].blockers] for name in ("checked", "strict")}
    assert blocked == {"checked": ["waited_for"], "strict": ["waited_for"]}
    assert "changes_argument" in {item.kind for item in found["corrects"].blockers}
    assert "strict may stop its sender: Refused, shop/goods/receivers.py:26" in page
    assert "| `goods: told` | `shop.orders.signals.placed` | `orders` |" in page


def test_what_is_committed_is_told_once_and_what_is_rolled_back_never(django):
    root, _, _ = django
    said = run(
        root,
        """
        import django
        django.setup()
        from django.db import connection
        from django.core.management import call_command
        call_command("migrate", run_syncdb=True, verbosity=0)
        from shop.goods.models import Heard
        from shop.orders import views
        from shop.orders.models import Order
        from shop.seams import saga
        from shop.seams.database import Database

        def heard(label):
            print(label, *Heard.objects.order_by("id").values_list("text", flat=True), sep=", ")
            Heard.objects.all().delete()

        views.place("off")
        heard("in the process")
        bodies = serve()
        saga.main(["install"])
        views.place("saw")
        heard("committed")
        print(bodies[-2], bodies[-1])
        try:
            views.place("axe", fails=True)
        except KeyError:
            heard("rolled back")
        views.later("saw")
        heard("outside a transaction")
        os.environ["SEAM_RETRIES"] = "0"
        url, os.environ["SEAM_GOODS_URL"] = os.environ["SEAM_GOODS_URL"], "http://127.0.0.1:9"
        views.place("late")
        heard("nobody answers")
        os.environ["SEAM_GOODS_URL"] = url
        Database().run("UPDATE strangler_saga SET due = 0 WHERE state = 'waiting'")
        while saga.work(Database()):
            pass
        heard("the worker")
        from django.contrib.auth import get_user_model
        get_user_model().objects.create_user("ada")
        heard("a library's rows")
        """,
    )
    assert said == [
        "in the process, Order off True, off dear",
        "committed, Order saw True, saw dear",
        '{"sender": "orders.Order", "instance": {"key": 2, "read": {"code": "saw"}}, "created": true, '
        '"raw": false, "update_fields": null, "using": "default"} '
        '{"sender": "orders.Order", "order": {"key": 2, "read": {"code": "saw"}}, "note": "dear"}',
        "rolled back",
        "outside a transaction, saw again",
        "nobody answers",
        "the worker, Order late True, late dear",
        "a library's rows, joined ada",
    ]


def test_a_signal_of_a_session_is_told_with_its_commit_or_at_once_where_there_is_none_to_come(tmp_path):
    found, _ = made(tmp_path, FLASK)
    assert found["told"].wireable, found["told"].blockers
    said = run(
        tmp_path,
        """
        from shop.app import create_app
        app = create_app()
        from shop.goods.models import Heard, db
        from shop.orders import views
        from shop.seams import saga
        from shop.seams.database import Database

        def heard(label):
            with app.app_context():
                print(label, *[row.text for row in db.session.query(Heard).order_by(Heard.id)], sep=", ")

        with app.app_context():
            db.create_all()
            saga.install(Database())
        bodies = serve(around=app.app_context)
        for act, arguments in ((views.place, ("saw",)), (views.place, ("axe", True)), (views.late, ("saw",))):
            with app.app_context():
                act(*arguments)
            heard("then")
        print(bodies[-1])
        """,
    )
    assert said == [
        "then, saw 2",
        "then, saw 2",
        "then, saw 2, saw 3",
        '{"order": {"key": 2}, "pieces": 3}',
    ]
