"""Which tables a service's own database has, and what is said of each, on small monoliths."""

from __future__ import annotations

import textwrap
from pathlib import Path

import msgspec
import pytest
from extraction.test_needs import Tree
from helpers.services import bare

from strangler.extraction import Choices, Database, data_files, extract
from strangler.extraction.database.page import database_section
from strangler.extraction.values import StoredTable
from strangler.model import BoundedContext
from strangler.sources import scan

MODELS = """
    from sqlalchemy import Column, ForeignKey, Integer, String, Table
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass
"""
FILES = {
    "shop/__init__.py": "",
    "shop/base.py": MODELS,
    "shop/people.py": """
        from sqlalchemy.orm import Mapped, mapped_column
        from shop.base import Base

        class User(Base):
            __tablename__ = "user_account"
            id: Mapped[int] = mapped_column(primary_key=True)
            password: Mapped[str]
            api_key: Mapped[str]
            reset_token: Mapped[str]
        """,
    "shop/log.py": """
        from sqlalchemy import Column, Integer, String, Table, select
        from shop.base import Base

        key = Column("id", Integer, primary_key=True)
        entries = Table("log_entry", Base.metadata, key, Column("said", String))

        def last(session):
            return session.execute(select(entries)).all()
        """,
    "shop/tools.py": """
        from sqlalchemy import insert, text
        from shop.log import entries

        def note(session, said):
            session.execute(insert(entries).values(said=said))

        def rate(session):
            return session.execute(text("SELECT rate FROM legacy_rate")).scalar()
        """,
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": """
        from sqlalchemy import ForeignKey
        from sqlalchemy.orm import Mapped, mapped_column
        from shop.base import Base

        class Order(Base):
            __tablename__ = "orders"
            id: Mapped[int] = mapped_column(primary_key=True)
            user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
        """,
    "shop/orders/work.py": """
        from sqlalchemy import select
        from shop import tools
        from shop.people import User
        from shop.orders.models import Order

        def place(session, key):
            user = session.execute(select(User).where(User.api_key == key)).scalar_one()
            session.add(Order(user_id=user.id))
            tools.note(session, str(tools.rate(session)))
        """,
    "shop/reports.py": """
        from sqlalchemy import delete
        from shop.orders.models import Order

        def forget(session):
            session.execute(delete(Order))
        """,
}


def database(tmp_path: Path, without: str = "", **changed: str) -> tuple[Database, dict[str, str]]:
    """The database of ``shop.orders``, and its files."""
    files = FILES | {f"{name.replace('__', '/')}.py": textwrap.dedent(text) for name, text in changed.items()}
    tree = Tree(tmp_path, files, "shop.orders")
    mine, rest = tree.model.contexts
    shared = ("shop", "shop.base", "shop.log", "shop.tools")
    cut = (
        msgspec.structs.replace(mine, tables=("orders",)),
        msgspec.structs.replace(
            rest, modules=tuple(set(rest.modules) - set(shared)), tables=("user_account",)
        ),
        BoundedContext(
            name="shared",
            kind="shared_kernel",
            modules=shared,
            tables=("log_entry", "legacy_rate"),
            confidence=1.0,
        ),
    )
    tree.model = msgspec.structs.replace(tree.model, contexts=cut)
    choices = Choices(without=frozenset([without]))
    service, code = extract(tree.model, tree.model.contexts[0], scan(tree.root), (), choices)
    found = {name: data.decode() for name, data in (data_files(service) | code).items()}
    return service.database, found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, dict[str, str]]:
    return database(tmp_path_factory.mktemp("shop"))


def named(database: Database) -> dict[str, StoredTable]:
    return {table.name: table for table in database.tables}


def test_own_tables_move_what_is_read_is_copied_and_a_log_is_kept_apart(found) -> None:
    tables = named(found[0])
    assert {name: table.store for name, table in tables.items()} == {
        "orders": "own",
        "user_account": "replica",
        "log_entry": "local",
        "legacy_rate": "replica",
    }
    assert tables["user_account"].because == "read by shop.orders.work"
    assert tables["user_account"].place.file == "shop/orders/work.py"
    assert tables["user_account"].owner == "rest"


def test_a_log_that_held_code_reads_is_copied_and_its_writes_are_told(tmp_path: Path) -> None:
    reading = FILES["shop/orders/work.py"].replace("from shop import tools", "from shop import log, tools")
    reading = reading.replace("user = ", "log.last(session)\n            user = ")
    table = named(database(tmp_path, shop__orders__work=reading)[0])["log_entry"]
    assert table.store == "replica"
    assert [(place.file, place.symbol) for place in table.written] == [("shop/tools.py", "note")]


def test_of_the_writes_that_a_copy_refuses_those_are_told_that_a_request_comes_to(tmp_path: Path) -> None:
    people = (
        FILES["shop/people.py"].replace(
            "        from", "        from fastapi import HTTPException\n        from", 1
        )
        + """
        def seen(session, key):
            session.add(User(api_key=key))

        def renamed(session, key):
            session.add(User(reset_token=key))

        def current_user(session, key):
            seen(session, key)
            if not key:
                raise HTTPException(status_code=401)
        """
    )
    routes = """
        from fastapi import APIRouter, Depends
        from shop.people import current_user
        from shop.orders.models import Order
        from shop.people import User

        router = APIRouter()

        @router.get("/orders")
        def orders(session, user=Depends(current_user)):
            return session.query(Order).all()

        @router.get("/open")
        def opened(session):
            return session.query(User).all()
        """
    app = """
        from fastapi import FastAPI
        from shop.orders.routes import router

        app = FastAPI()
        app.include_router(router)
        """
    found = database(tmp_path, shop__people=people, shop__orders__routes=routes, shop__main=app)[0]
    written = {place.symbol for place in named(found)["user_account"].written}
    assert written == {"seen", "renamed"}
    (refused,) = found.refused
    assert (refused.table, refused.place.symbol) == ("user_account", "seen")
    assert (refused.asked, refused.by) == (("GET /orders",), ("current_user",))


def test_credentials_stay_behind_unless_the_code_names_them_and_passwords_always(found) -> None:
    users = named(found[0])["user_account"]
    assert users.left_out == ("password", "reset_token")
    ((column, place),) = users.kept
    assert column == "api_key"
    assert place.file == "shop/orders/work.py"
    publish = found[1]["data/publish.sql"]
    assert "ARRAY['password', 'reset_token']" in publish
    assert "- 'password' - 'reset_token'" in found[1]["data/compare-replicas.sql"]


def test_keys_to_copies_and_writers_that_stay_are_told_with_their_places(found) -> None:
    (key,) = found[0].keys
    assert (key.table, key.column, key.references) == ("orders", "user_id", "user_account")
    assert key.place.file == "shop/orders/models.py"
    ((table, place),) = found[0].writers
    assert (table, place.file, place.symbol) == ("orders", "shop/reports.py", "forget")
    assert "`orders` in `shop/reports.py:6 forget`" in found[1]["data/README.md"]


def test_tables_are_made_of_the_models_and_as_the_monolith_has_them_where_no_code_declares_them(
    found,
) -> None:
    assert found[0].schema == ('python -m strangler_service.schema "$SERVICE_DB"',)
    program = found[1]["strangler_service/schema.py"]
    for module in ("shop.log", "shop.orders.models", "shop.people"):
        assert f'    "{module}",\n' in program
    assert found[0].undeclared == ("legacy_rate",)
    assert """-t '"public"."legacy_rate"' -f data/undeclared.sql""" in found[1]["data/README.md"]


HISTORY = {
    "shop/schema/env.py": "from alembic import context\ncontext.run_migrations()\n",
    "shop/schema/versions/0001_first.py": """
        from pathlib import Path
        from alembic import op

        def upgrade():
            op.create_table("orders")
            op.create_table("legacy_rate")
            op.execute((Path(__file__).parent.parent / "sql" / "noted.sql").read_text())
        """,
}
NOTED = """
CREATE OR REPLACE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log_entry (said) SELECT name FROM region WHERE id = NEW.region_id;
  RETURN NEW;
END $$;
CREATE TRIGGER orders_noted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION noted();
"""
REGION = """
    from sqlalchemy.orm import Mapped, mapped_column
    from shop.base import Base

    class Region(Base):
        __tablename__ = "region"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
"""


def historical(tmp_path: Path, trigger: str = NOTED, **changed: str) -> tuple[Database, dict[str, str]]:
    """The same monolith with its tables made by Alembic, in a folder of any name."""
    (tmp_path / "shop/schema/sql").mkdir(parents=True)
    (tmp_path / "shop/schema/sql/noted.sql").write_text(trigger)
    work = FILES["shop/orders/work.py"].replace("tools.note(session, str(tools.rate(session)))", "")
    work = work.replace("from shop import tools\n", "")
    history = {name[: -len(".py")].replace("/", "__"): text for name, text in HISTORY.items()}
    return database(tmp_path, **history, shop__region=REGION, **{"shop__orders__work": work} | changed)


def test_the_schemas_history_makes_the_tables_where_there_is_one(tmp_path: Path) -> None:
    found, _ = historical(tmp_path, shop__orders__work=FILES["shop/orders/work.py"])
    assert "legacy_rate" in named(found)
    assert found.schema == ("alembic upgrade head",)
    assert found.undeclared == ()


def test_what_a_trigger_of_a_moving_table_writes_is_kept_apart_and_what_it_reads_is_copied(
    tmp_path: Path,
) -> None:
    tables = named(historical(tmp_path)[0])
    log = tables["log_entry"]
    assert (log.store, log.place.file, log.place.line) == ("local", "shop/schema/sql/noted.sql", 7)
    assert (tables["region"].store, tables["region"].because) == (
        "replica",
        "a trigger of orders reads it",
    )


def test_a_trigger_that_writes_a_copy_is_told(tmp_path: Path) -> None:
    reading = FILES["shop/orders/work.py"].replace("from shop import tools", "from shop.log import entries")
    reading = reading.replace(
        "tools.note(session, str(tools.rate(session)))", "session.execute(select(entries))"
    )
    found, _ = historical(tmp_path, shop__orders__work=reading)
    assert named(found)["log_entry"].store == "replica"
    assert [note for note in found.notes if "writes log_entry, which is a copy here" in note]


def test_a_trigger_that_is_put_together_at_run_time_is_told(tmp_path: Path) -> None:
    found, _ = historical(tmp_path, trigger="CREATE TRIGGER a AFTER INSERT ON {table} EXECUTE FUNCTION f();")
    assert [note for note in found.notes if note.startswith("shop/schema/sql/noted.sql:1 makes triggers")]


def test_what_is_no_table_of_this_database_can_be_left_out(tmp_path: Path) -> None:
    without = database(tmp_path, without="legacy_rate")
    assert "legacy_rate" not in named(without[0])
    assert without[0].undeclared == ()
    assert not any("legacy_rate" in text for name, text in without[1].items() if name.startswith("data/"))


UNMANAGED = {
    "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'site_settings'\n",
    "site_settings.py": """
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "store"]
        ROOT_URLCONF = "store.urls"
        """,
    "store/__init__.py": "",
    "store/urls.py": """
        from django.urls import path
        from store import views
        urlpatterns = [path("", views.index)]
        """,
    "store/models.py": """
        from django.db import models

        class Item(models.Model):
            name = models.CharField(max_length=9)

        class Draft(models.Model):
            name = models.CharField(max_length=9)

            class Meta:
                managed = False

        class Stock(models.Model):
            class Meta:
                managed = False
        """,
    "store/views.py": """
        from django.contrib.auth.models import User
        from django.http import HttpResponse
        from rest_framework_api_key.permissions import HasAPIKey
        from store.models import Draft, Item, Stock

        def index(request):
            draft = Draft(name="x"), User.objects.filter(groups__name="staff").exists()
            return HttpResponse(f"{draft} {Item.objects.count()} {Stock.objects.count()}")
        """,
}


def test_a_model_that_no_migration_makes_is_a_table_where_something_asks_for_it(tmp_path: Path) -> None:
    service, _ = Tree(tmp_path, UNMANAGED, "store").service()
    assert {"store_item", "store_stock"} <= set(named(service.database))
    assert "store_draft" not in named(service.database)
    assert {"auth_user_groups", "rest_framework_api_key_apikey"} <= set(named(service.database))
    assert service.database.undeclared == ("store_stock",), "a library makes its own, those between too"
    assert "store_draft is taken for no table" in "\n".join(service.database.notes)


@pytest.mark.parametrize(
    ("known", "said"), [(True, "`orders` owns no table"), (False, "No table of the monolith was read")]
)
def test_where_no_table_was_read_it_is_not_said_that_it_owns_none(known: bool, said: str) -> None:
    assert said in "\n".join(database_section(bare("orders", Database(known=known))))
