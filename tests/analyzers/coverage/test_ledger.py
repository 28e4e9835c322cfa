"""What the model rests on is told: libraries that nobody reads, definitions that nothing lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.ledger import model_of, told

from strangler.commands.runs import shortfall
from strangler.config import CheckConfig, Config
from strangler.model.coverage import measures, weakens


@pytest.mark.parametrize(
    ("statement", "name", "brings"),
    [
        ("from falcon import App", "falcon", "routes"),
        ("import strawberry", "strawberry", "operations"),
        ("from google.cloud import firestore", "google.cloud.firestore", "collections"),
        ("import aiokafka as kafka", "aiokafka", "channels"),
        ("from prefect import flow", "prefect", "tasks"),
        ("import pony.orm", "pony", "tables"),
    ],
)
def test_a_library_that_brings_facts_and_is_not_read_is_named_with_its_first_import(
    tmp_path: Path, statement: str, name: str, brings: str
) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/a.py": f"import os\n{statement}\n"})
    (row,) = (one for one in model.coverage.libraries if one.name == name)
    assert (row.reading, row.file, row.line, row.hooks) == ("not read", "shop/a.py", 2, {"shop.a": 0})
    (message,) = told(model, "unread-library")
    assert message.startswith(f"shop/a.py:2 {name} ")
    assert brings in message


def test_a_library_that_is_read_is_in_the_ledger_and_no_diagnostic(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/a.py": "import celery\n"})
    assert [(one.name, one.reading) for one in model.coverage.libraries] == [("celery", "read")]
    assert not told(model, "unread-library")


def test_a_module_of_ones_own_is_no_library(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"web/__init__.py": "", "web/a.py": "import web\nfrom . import falcon\n"})
    assert not model.coverage.libraries


def test_an_unknown_library_is_told_only_where_it_takes_hold_of_definitions(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/a.py": "import harmless\nfrom odd import hub\nh = hub.Hub()\n\n@h.on('x')\ndef f(): ...\n",
        },
    )
    (message,) = told(model, "unknown-library")
    assert message.startswith("shop/a.py:2 nothing is known of the library odd")


def test_a_library_that_is_given_an_application_may_bring_routes_and_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/extensions.py": "from site_kit import Pages\nfrom odd_log import Log\npages = Pages()\n",
            "shop/app.py": """
                import odd_log
                from flask import Flask
                from flask_mail import Mail
                from flask_security import Security
                from shop.extensions import pages

                def create_app():
                    app = Flask("shop")
                    Mail(app)
                    Security(app, None)
                    pages.init_app(app)
                    odd_log.write("made")
                    return app
                """,
        },
    )
    (unread,) = [m for m in told(model, "unread-library") if "flask_security" in m]
    assert unread.endswith("shop/app.py:11 gives it an application")
    (unknown,) = told(model, "unknown-library")
    assert "of the library site_kit, which is given an application" in unknown
    assert unknown.endswith("shop/app.py:12 gives it an application")


def test_a_handler_with_a_path_that_no_endpoint_comes_from_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/a.py": "from flask import Flask\napp = Flask('a')\n\n@app.get('/a')\ndef a(): ...\n",
            "shop/odd.py": "from site_kit import page\n\n@page('/b')\ndef b(): ...\n",
            "shop/service.py": """
                from site_kit import Service

                boats = Service("boats", "/boats")

                @boats.get(renderer="json")
                @boats.cached()
                def listed(): ...

                @boats.cached()
                def kept(): ...
                """,
        },
    )
    by_path, by_name = told(model, "unlisted-handler")
    assert by_path.startswith("shop/odd.py:4 b looks like the handler of /b")
    assert by_name.startswith("shop/service.py:8 listed is decorated by site_kit.Service.get")


def test_what_an_unknown_library_is_given_for_a_path_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/boats.py": "class Boats: ...\n\nclass Boat: ...\n\ndef sink(): ...\n",
            "shop/crew.py": "from flask import Flask\n\ndef crew(): ...\n",
            "shop/table.py": """
                from flask import Flask
                from site_kit import Api
                from shop.boats import Boats, sink
                from .boats import Boat
                from shop.crew import crew

                api = Api()
                api.route(Boats, "boats", "/boats", "/piers/boats")
                api.add_route("/boats/<number>", Boat())
                api.log("/boats", sink)
                app = Flask("a")
                app.add_url_rule("/crew", view_func=crew)
                """,
        },
    )
    assert told(model, "unlisted-handler") == [
        "shop/table.py:9 Boats is given to site_kit.Api.route for /boats, but no endpoint was found for it",
        "shop/table.py:10 Boat is given to site_kit.Api.add_route for /boats/<number>, "
        "but no endpoint was found for it",
    ]


def test_a_view_class_that_serves_nothing_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/views.py": """
                from django.views import View

                class Base(View): ...

                class Orphan(Base): ...
                """,
        },
    )
    (message,) = told(model, "unlisted-view")
    assert message.startswith("shop/views.py:6 Orphan ")


def test_a_model_without_a_table_is_told_unless_it_shares_that_of_its_parent(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from pony.orm import Model
                from flask_sqlalchemy import SQLAlchemy

                db = SQLAlchemy()

                class Lost(Model): ...

                class File(db.Model):
                    id = db.Column(db.Integer, primary_key=True)
                    kind = db.Column(db.String)
                    __mapper_args__ = {"polymorphic_on": kind}

                class Picture(File):
                    __mapper_args__ = {"polymorphic_identity": "picture"}
                """,
        },
    )
    assert [message.partition(" descends")[0] for message in told(model, "unlisted-model")] == [
        "shop/models.py:7 Lost"
    ]


def test_the_figures_count_what_is_known_to_be_missing_for_all_and_for_some_modules(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/a.py": "from flask import Flask\napp = Flask('a')\n\n@app.get('/a')\ndef a(): ...\n",
            "shop/b.py": "from kit import page\n\n@page('/b')\ndef b(): ...\n",
            "shop/c.py": """
                from falcon import Api
                class Base: ...
                api = Api()
                @api.on
                def c(): ...
                @api.on
                def d(): ...
                """,
            "shop/d.py": """
                from flask.views import View
                class Odd(View): ...
                """,
        },
    )
    by_rows = {one.rows: (one.found, one.missing, one.doubtful) for one in measures(model.system)}
    assert by_rows == {"endpoints": (1, 3, 1), "tables": (0, 0, 0), "accesses": (0, 0, 0)}
    (endpoints, *_) = measures(model.system, {"shop.a", "shop.b"})
    assert (endpoints.found, endpoints.gaps, endpoints.share) == (1, "1 missing", 0.5)


def test_what_is_cut_short_is_a_doubt_for_tables_only_where_it_may_make_one(
    tmp_path: Path,
) -> None:
    model = model_of(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/made.py": """
                from sqlalchemy.orm import declarative_base

                Base = declarative_base()

                def factory(steps):
                    class Row(Base):
                        __tablename__ = "row"
                    return factory([steps])
                """,
            "app/steps.py": """
                from app import made

                def plain(steps):
                    return plain([steps])

                def asking(steps):
                    made.factory(steps)
                    return asking([steps])

                plain(0)
                asking(0)
                """,
        },
    )
    cut = [d for d in model.diagnostics if d.code == "too-complex"]
    made = {"tables" in weakens(d) for d in cut if d.file == "app/made.py"}
    others = {d.line: "tables" in weakens(d) for d in cut if d.file == "app/steps.py"}
    assert (made, others) == ({True}, {5: False, 9: True})
    assert all("endpoints" in weakens(d) for d in cut)


@pytest.mark.parametrize(("least", "told"), [(0.5, ""), (0.51, "50.0% of the endpoints")])
def test_a_gate_fails_where_too_few_of_the_known_endpoints_were_found(
    tmp_path: Path, least: float, told: str
) -> None:
    app = "from flask import Flask\napp = Flask('a')\n\n@app.get('/a')\ndef a(): ...\n"
    model = model_of(
        tmp_path,
        {"a.py": app, "b.py": "from kit import page\n\n@page('/b')\ndef b(): ...\n"},
    )
    text = shortfall(model, Config(check=CheckConfig(min_endpoints=least)))
    assert text.startswith(told)
    assert bool(text) == bool(told)


def test_a_mapped_table_without_columns_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from house_columns import key
                from sqlalchemy.orm import DeclarativeBase
                from sqlalchemy.testing.schema import mapped_column

                class Base(DeclarativeBase): ...

                class Boat(Base):
                    __tablename__ = "boat"
                    id = mapped_column(primary_key=True)

                class Pier(Base):
                    __tablename__ = "pier"
                    id = key()
            """,
        },
    )
    columns = {table.name: [column.name for column in table.columns] for table in model.tables}
    assert columns == {"boat": ["id"], "pier": []}
    assert told(model, "unlisted-columns") == [
        "shop/models.py:12 no column of the table pier was found: its keys are missing, too"
    ]


def test_a_function_of_a_view_module_that_nothing_calls_or_serves_is_told(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/views.py": """
                def helper(request): ...

                def lost(request, pk):
                    return helper(request)

                def total(order): ...
                """,
            "shop/money.py": "def rounded(request): ...\n",
        },
    )
    (message,) = told(model, "unlisted-view")
    assert message.startswith("shop/views.py:4 lost takes a request ")


def test_interfaces_of_zope_are_no_framework_and_its_publisher_is(tmp_path):
    files = {
        "shop/__init__.py": "",
        "shop/mail.py": """
            from zope.interface import Interface, implementer

            class IMailer(Interface):
                def send(): ...

            @implementer(IMailer)
            class Mailer:
                def send(self): ...
        """,
    }
    assert told(model_of(tmp_path / "plain", files), "unread-library") == []
    files["shop/pages.py"] = "from zope.publisher.browser import BrowserPage\n"
    (said,) = told(model_of(tmp_path / "pages", files), "unread-library")
    assert "zope.publisher (web framework)" in said


def test_a_decorator_on_what_is_listed_brings_no_endpoint_and_one_on_what_is_not_does(tmp_path):
    files = {
        "shop/__init__.py": "",
        "shop/app.py": """
            from flask import Flask
            from flask_security import auth_required

            app = Flask(__name__)

            @app.get("/orders")
            @auth_required()
            def orders():
                return ""
        """,
    }
    (row,) = (
        one for one in model_of(tmp_path / "a", files).coverage.libraries if one.name == "flask_security"
    )
    assert row.hooks == {"shop.app": 0}
    files["shop/more.py"] = (
        "from flask_security import auth_required\n\n\n@auth_required()\ndef more():\n    return 1\n"
    )
    (row,) = (
        one for one in model_of(tmp_path / "b", files).coverage.libraries if one.name == "flask_security"
    )
    assert row.hooks == {"shop.app": 0, "shop.more": 1}
