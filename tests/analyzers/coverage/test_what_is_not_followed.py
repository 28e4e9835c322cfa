"""What brings routes or tables in ways that are not followed is told, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.ledger import model_of, told


def test_python_scripts_without_a_suffix_are_told_and_other_scripts_are_not(tmp_path: Path) -> None:
    scripts = {
        "bin/serve": "#!/usr/bin/env python3\nfrom flask import Flask\n",
        "bin/old": "#!/usr/bin/python2.7 -u\n",
        "bin/start": "#!/bin/sh\npython -m shop\n",
        "README": "#! python is nice\n",
    }
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/a.py": "", **scripts})
    names = [line.partition(":")[0] for line in told(model, "script-not-read")]
    assert names == ["bin/old", "bin/serve"]


@pytest.mark.parametrize(
    ("application", "library"),
    [
        (
            "from litestar import Litestar\nfrom crew_plugin import Crew\napp = Litestar(plugins=[Crew()])\n",
            "crew_plugin",
        ),
        (
            "from pyramid.config import Configurator\ndef main(g, **s):\n    config = Configurator()\n"
            "    config.include('crew_pages')\n    return config.make_wsgi_app()\n",
            "crew_pages",
        ),
    ],
)
def test_what_an_application_takes_in_of_a_library_is_told(
    tmp_path: Path, application: str, library: str
) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": application})
    (message,) = told(model, "unknown-library")
    assert f"nothing is known of the library {library}" in message
    assert "gives it an application" in message


AIOHTTP = """
    from aiohttp import web
    from elsewhere import handler, paths, sub

    def make():
        app = web.Application()
        app.router.add_get("/library", handler)
        app.router.add_get(paths["x"], lambda request: None)
        app.router.add_static("/static/", "files")
        app.add_routes([web.static("/media", "media")])
        app.add_routes(paths)
        app.add_subapp("/sub", sub)
        return app
    """


def test_routes_of_aiohttp_that_are_not_listed_are_opaque_or_told(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/web.py": AIOHTTP})
    opaque = {route.pattern: route.what for route in model.opaque_routes}
    assert opaque == {
        "/library": "elsewhere.handler",
        "/static/{tail}": "static files",
        "/media/{tail}": "static files",
        "/sub{tail}": "elsewhere.sub",
    }
    assert [line.partition(" ")[0] for line in told(model, "unresolved-urls")] == [
        "shop/web.py:8", "shop/web.py:11",
    ]  # fmt: skip


PYRAMID = """
    from pyramid.config import Configurator
    from pyramid.httpexceptions import HTTPNotFound
    from pyramid.view import view_config

    class Root(dict):
        pass

    @view_config(context=Root, name="found")
    def found(context, request):
        return {}

    @view_config(context=HTTPNotFound)
    def missing(error, request):
        return {}

    def main(settings, **more):
        config = Configurator(root_factory=Root)
        config.scan()
        return config.make_wsgi_app()
    """


def test_views_of_what_a_traversal_finds_are_told_and_those_of_errors_are_not(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": PYRAMID})
    assert [line.partition(" ")[0] for line in told(model, "unlisted-view")] == ["shop/__init__.py:10"]


TABLES = """
    from elsewhere import make_view
    from sqlalchemy import Column, Integer, MetaData, Table, event
    from sqlalchemy.ext.automap import automap_base
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()
    Found = automap_base()

    class Boat(Base):
        __tablename__ = "boat"
        id = Column(Integer, primary_key=True)

    class Stats(Base):
        __table__ = make_view("stats", Base.metadata)

    class Port(Found):
        __tablename__ = "port"

    Found.prepare()
    copies = Table("copies", MetaData(), *[column.copy() for column in Boat.__table__.columns])

    def keep_history(mapper):
        return Table(mapper.name + "_history", mapper.metadata, Column("id", Integer))
    """


def test_tables_that_code_makes_in_ways_that_are_not_followed_are_told(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": TABLES})
    assert {table.name for table in model.tables} >= {"boat", "copies", "port"}
    (stats, reflected) = told(model, "unlisted-model")
    assert stats.startswith("shop/models.py:14 Stats ")
    assert reflected.startswith("shop/models.py:20 ")
    assert "shop/models.py:24" in [line.partition(" ")[0] for line in told(model, "unresolved-table")]


METACLASS = """
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import DeclarativeBase

    class Named(type(DeclarativeBase)):
        def __init__(cls, name, bases, names, **options):
            if "__abstract__" not in names:
                cls.__tablename__ = "sea_" + name.lower()
            super().__init__(name, bases, names, **options)

    class Base(DeclarativeBase, metaclass=Named):
        __abstract__ = True

    class Boat(Base):
        id = Column(Integer, primary_key=True)
    """


def test_a_table_whose_name_a_metaclass_sets_is_found(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": METACLASS})
    assert [table.name for table in model.tables] == ["sea_boat"]


def test_what_a_module_registers_when_it_is_imported_by_its_name_is_there(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": """
            import importlib
            from flask import Flask
            from shop.registry import HANDLERS

            def create_app():
                app = Flask(__name__)
                for name in ("zoo", "yard"):
                    importlib.import_module(f"shop.{name}")
                for path, handler in HANDLERS:
                    app.add_url_rule(path, view_func=handler)
                return app
            """,
        "shop/registry.py": """
            HANDLERS = []
            def page(path):
                def keep(function):
                    HANDLERS.append((path, function))
                    return function
                return keep
            """,
        "shop/zoo.py": "from shop.registry import page\n@page('/zoo')\ndef zoo(): ...\n",
        "shop/yard.py": "from shop.registry import page\n@page('/yard')\ndef yard(): ...\n",
    }
    model = model_of(tmp_path, files)
    assert {endpoint.path for endpoint in model.endpoints} == {"/zoo", "/yard"}


BARE = {
    "shop/__init__.py": "",
    "shop/rules.py": """
        from werkzeug.routing import Map, Rule

        class Application:
            def __init__(self):
                self.url_map = Map([Rule("/boats", endpoint="boats")])

        application = Application()
        """,
    "shop/flasks.py": """
        from flask import Flask
        from werkzeug.routing import Rule

        app = Flask(__name__)
        app.url_map.add(Rule("/ports", endpoint="ports"))
        """,
    "shop/bare.py": """
        from shop.flasks import app

        def application(environ, start_response):
            start_response("200 OK", [])
            return []

        async def serve(scope, receive, send):
            await send({})

        def around(environ, start_response):
            environ["X"] = "1"
            return app(environ, start_response)
        """,
}


def test_rules_of_werkzeug_and_applications_without_a_framework_are_told(tmp_path: Path) -> None:
    model = model_of(tmp_path, BARE)
    assert [line.partition(" ")[0] for line in told(model, "unresolved-urls")] == [
        "shop/flasks.py:6", "shop/rules.py:6",
    ]  # fmt: skip
    assert [line.partition(" takes")[0] for line in told(model, "unlisted-view")] == [
        "shop/bare.py:4 application", "shop/bare.py:8 serve",
    ]  # fmt: skip


def test_what_an_unknown_library_makes_of_an_application_does_not_hide_its_routes(tmp_path: Path) -> None:
    source = """
        from elsewhere import pages, site
        from fastapi import FastAPI

        app = FastAPI(openapi_url=None)
        app.include_router(pages(app), prefix="/pages")
        app.mount("/site", site(app))

        @app.get("/boats")
        def boats(): ...
        """
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/web.py": source})
    assert [endpoint.path for endpoint in model.endpoints] == ["/boats"]
    assert [route.pattern for route in model.opaque_routes] == ["/pages", "/site"]


def test_rules_that_come_from_a_file_are_told(tmp_path: Path) -> None:
    source = """
        import json
        from elsewhere import page
        from flask import Flask

        app = Flask(__name__)

        def own(): ...

        for row in json.load(open("rules.json"))["rules"]:
            app.add_url_rule(row["path"], view_func=page)
            app.add_url_rule(row["other"], row["name"], own)
        """
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/web.py": source})
    assert [line.partition(" ")[0] for line in told(model, "unresolved-prefix")] == [
        "shop/web.py:11", "shop/web.py:12",
    ]  # fmt: skip
    assert [(endpoint.handler, endpoint.exact) for endpoint in model.endpoints] == [("shop.web.own", False)]


def test_fields_that_a_library_calls_after_django_s_relations_are_relations(tmp_path: Path) -> None:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf')\n",
        "conf.py": "INSTALLED_APPS = ['sea']\n",
        "sea/__init__.py": "",
        "sea/models.py": """
            from django.db import models
            from elsewhere.fields import NestedForeignKey, SpecialManyToManyField

            class Port(models.Model): ...

            class Boat(models.Model):
                home = NestedForeignKey("sea.Port", on_delete=models.CASCADE)
                ports = SpecialManyToManyField(Port)
            """,
    }
    model = model_of(tmp_path, files)
    keys = {table.name: {(key.column, key.table) for key in table.foreign_keys} for table in model.tables}
    assert keys == {
        "sea_port": set(),
        "sea_boat": {("home_id", "sea_port")},
        "sea_boat_ports": {("boat_id", "sea_boat"), ("port_id", "sea_port")},
    }


def test_an_app_that_is_installed_under_a_condition_is_told_however_the_lists_are_put_together(
    tmp_path: Path,
) -> None:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf')\n",
        "conf.py": """
            import os
            OWN = ["sea"]
            if os.environ.get("EXTRA") == "1":
                OWN += ["extra"]
            INSTALLED_APPS = ["django.contrib.auth", *(["django.contrib.contenttypes"] + OWN)]
            """,
        "sea/__init__.py": "",
        "sea/models.py": "from django.db import models\nclass Boat(models.Model): ...\n",
        "extra/__init__.py": "",
        "extra/models.py": "from django.db import models\nclass Port(models.Model): ...\n",
    }
    model = model_of(tmp_path, files)
    assert {table.name for table in model.tables} >= {"sea_boat", "extra_port"}
    (message,) = told(model, "installed-apps-unknown")
    assert message.startswith("conf.py:4 extra is installed where os.environ.get('EXTRA') == '1'")


def test_the_class_below_all_models_of_flask_sqlalchemy_has_no_table(tmp_path: Path) -> None:
    source = """
        from flask_sqlalchemy import SQLAlchemy
        from flask_sqlalchemy.model import Model

        class Base(Model):
            pass

        db = SQLAlchemy(model_class=Base)

        class HTTPBoat(db.Model):
            id = db.Column(db.Integer, primary_key=True)
        """
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": source})
    assert [table.name for table in model.tables] == ["http_boat"]


BELOW_A_LIBRARY = """
    from elsewhere import Base, Pages, Row, Table
    from peewee import CharField
    from sqlalchemy import Column, Integer
    from tortoise import fields

    class Boat(Base):
        id = Column(Integer, primary_key=True)

    class Port(Row):
        name = CharField()

    class Crew(Table):
        name = fields.TextField()

    class Plain(Base):
        name = "plain"

    class Mixin:
        id = Column(Integer, primary_key=True)
    """


def test_classes_with_columns_below_an_unknown_base_are_told_by_name(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": BELOW_A_LIBRARY})
    names = [line.split()[1] for line in told(model, "unlisted-model")]
    assert sorted(names) == ["Boat", "Crew", "Port"]


def test_models_of_flask_appbuilder_are_named_as_flask_sqlalchemy_does_it(tmp_path: Path) -> None:
    source = """
        from flask_appbuilder import Model
        from sqlalchemy import Column, Integer

        class ContactGroup(Model):
            id = Column(Integer, primary_key=True)
        """
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": source})
    assert [table.name for table in model.tables] == ["contact_group"]


IN_FUNCTIONS = """
    from sqlalchemy import *

    def of_year(year, metadata):
        return Table(f"boats_{year}", metadata, Column("id", Integer))

    def known(metadata):
        return Table("ports", metadata, Column("id", Integer))

    def prefixed(prefix=""):
        return Table(prefix + "crew", MetaData(), Column("id", Integer))

    crew = prefixed("sea_")
    """


def test_tables_of_functions_are_those_whose_names_are_known_and_the_others_are_told(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": IN_FUNCTIONS})
    assert [table.name for table in model.tables] == ["ports", "sea_crew"]
    assert [line.split()[1] for line in told(model, "unresolved-table")] == ["of_year"]


def test_an_application_that_is_mounted_is_no_handler_without_an_endpoint(
    tmp_path: Path,
) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/inner.py": """
            from fastapi import FastAPI
            api = FastAPI()
            @api.get("/boats")
            def boats(): ...
            """,
        "shop/app.py": """
            from fastapi import FastAPI
            from shop.inner import api
            app = FastAPI()
            app.mount("/api", api)
            """,
    }
    model = model_of(tmp_path, files)
    assert "/api/boats" in {endpoint.path for endpoint in model.endpoints}
    assert not told(model, "unlisted-handler")


@pytest.mark.parametrize(
    "definition",
    [
        "class Boat(core.Base):\n    id: Mapped[int]\n",
        "class Boat(core.Base):\n    __tablename__ = 'boats'\n",
        "class Boat(core.Base, table=True):\n    id: int\n",
        "class Boat(core.TenantModel):\n    pass\n",
        "class Boat(core.make_base('x')):\n    id: orm.Mapped[int]\n",
        "class Boat:\n    __tablename__ = 'boats'\n    id = orm.mapped_column(primary_key=True)\n",
    ],
)
def test_a_model_below_a_base_of_an_unknown_library_is_told_once(tmp_path: Path, definition: str) -> None:
    head = "import core\nfrom sqlalchemy import orm\nfrom sqlalchemy.orm import Mapped\n"
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": head + definition})
    assert [line.split(" ")[:2] for line in told(model, "unlisted-model")] == [["shop/models.py:4", "Boat"]]


def test_what_is_no_model_below_a_base_of_an_unknown_library_is_not_told(tmp_path: Path) -> None:
    source = """
    import core
    from pydantic import BaseModel
    from sqlmodel import SQLModel

    class Boat(BaseModel):
        id: int

    class Sails(core.Widget):
        id: int

    class NamedMixin(core.NamedModel):
        pass

    class Form(SQLModel):
        name: str
    """
    files = {"shop/__init__.py": "", "shop/models.py": source, "shop/ml.py": source.replace("Mixin", "")}
    assert not told(model_of(tmp_path, files), "unlisted-model")


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("core.create_history(Base)", 1),
        ("core.table('boats', Base.metadata)", 1),
        ("core.start(engine)", 0),
        ("sqlalchemy.event.listen(Base, 'init', print)", 0),
    ],
)
def test_a_library_that_is_given_what_tables_are_declared_on_is_told(
    tmp_path: Path, call: str, count: int
) -> None:
    source = f"""
    import core
    import sqlalchemy
    from sqlalchemy.orm import declarative_base
    Base = declarative_base()
    engine = sqlalchemy.create_engine("sqlite://")
    {call}
    """
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": source}), "unlisted-model")
    assert len(said) == count
    assert all(line.startswith("shop/models.py:7 core.") for line in said)


@pytest.mark.parametrize(
    ("made", "base"),
    [
        ("from flask_mongoengine import MongoEngine\ndb = MongoEngine()\n", "db.Document"),
        ("from pony.orm import Database\ndb = Database()\n", "db.Entity"),
        ("import redis_om\n", "redis_om.HashModel"),
        ("from piccolo.table import Table\n", "Table"),
    ],
)
def test_a_class_that_a_store_keeps_which_is_not_read_is_told_by_name(
    tmp_path: Path, made: str, base: str
) -> None:
    source = f"{made}class Boat({base}):\n    pass\n\nclass Error(Exception):\n    pass\n"
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/store.py": source}), "unlisted-model")
    assert [line.split(" ")[1] for line in said] == ["Boat"]


def test_tables_that_peewee_takes_from_the_database_are_told(tmp_path: Path) -> None:
    source = """
    from peewee import SqliteDatabase
    from playhouse.dataset import DataSet
    from playhouse.reflection import generate_models
    models = generate_models(SqliteDatabase("x"))
    rows = DataSet("sqlite:///x")["crews"]
    """
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/store.py": source}), "unlisted-model")
    assert [line.split(" ")[0] for line in said] == ["shop/store.py:5", "shop/store.py:6"]


def test_rules_of_a_url_map_that_code_makes_itself_are_told(tmp_path: Path) -> None:
    source = """
    from werkzeug.routing import Map, Rule, Submount

    class Shop:
        def __init__(self):
            self.map = Map([Rule("/boats", endpoint="boats"), Submount("/api", [
                Rule("/crews", endpoint="crews")])])

        def __call__(self, environ, start_response):
            return getattr(self, self.map.bind_to_environ(environ).match()[0])(environ)
    """
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/site.py": source}), "unresolved-urls")
    assert said == [
        "shop/site.py:6 what serves /boats is not read",
        "shop/site.py:7 what serves /crews is not read",
    ]


def test_a_class_with_methods_of_http_that_nothing_serves_is_told(tmp_path: Path) -> None:
    source = """
    import falcon
    import web

    class Boats:
        def GET(self, name): ...
        def POST(self, name): ...

    class Crew:
        async def on_get(self, req, resp, name): ...

    class Base:
        def GET(self): ...

    class Derived(Base):
        pass

    class Request:
        @property
        def POST(self): ...

    class Listener:
        def on_delete(self, row): ...

    urls = ("/boats/(.*)", "Boats")
    """
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/site.py": source}), "unlisted-view")
    assert [line.split(" ")[:2] for line in said] == [["shop/site.py:5", "Boats"], ["shop/site.py:9", "Crew"]]


def test_what_a_library_of_tasks_takes_hold_of_that_is_not_read_is_told(tmp_path: Path) -> None:
    source = """
    from django_cron import CronJobBase
    import other_tasks.library
    from other_tasks import task
    from rocketry import Rocketry
    app = Rocketry()

    @app.task("every 1 hour")
    def hourly(): ...

    class Nightly(CronJobBase):
        def do(self): ...

    @task(retries=3)
    def later(): ...

    @app.params(x=1)
    def plain(): ...

    @other_tasks.library.global_function
    def shown(): ...
    """
    said = told(model_of(tmp_path, {"shop/__init__.py": "", "shop/site.py": source}), "unlisted-task")
    assert [line.split(" ")[0] for line in said] == ["shop/site.py:9", "shop/site.py:11", "shop/site.py:15"]
