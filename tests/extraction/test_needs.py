"""What a service needs, and why, on small monoliths."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from strangler import analyze, sources
from strangler.config import Config
from strangler.extraction import Service, extract, remove
from strangler.extraction.markdown import service_md
from strangler.model import BoundedContext, Model
from strangler.sources.others import others

Files = Mapping[str, str]
APP = """
    from flask import Flask
    def create_app():
        app = Flask(__name__)
        from shop.orders.views import bp as orders
        from shop.billing.views import bp as billing
        app.register_blueprint(orders, url_prefix="/orders")
        app.register_blueprint(billing, url_prefix="/billing")
        return app
    """
VIEWS = """
    from flask import Blueprint, url_for
    {imports}
    bp = Blueprint("{name}", __name__)

    @bp.route("/")
    def index():
        return {answer}
    """


def flask(**changed: str) -> dict[str, str]:
    """Two blueprints; keyword arguments are further files, ``__`` for ``/``."""
    files = {
        "wsgi.py": "from shop.app import create_app\napp = create_app()\n",
        "shop/__init__.py": "",
        "shop/app.py": APP,
        "shop/orders/__init__.py": "",
        "shop/billing/__init__.py": "",
        "shop/orders/views.py": VIEWS.format(name="orders", imports="", answer='url_for("billing.index")'),
        "shop/billing/views.py": VIEWS.format(name="billing", imports="", answer='"bill"'),
    }
    return files | {f"{name.replace('__', '/')}.py": text for name, text in changed.items()}


def cut(model: Model, packages: Mapping[str, str]) -> Model:
    """The model with these packages as contexts; the empty one is all that is left."""
    left = {item.name for item in model.modules if item.role != "generated"}
    contexts = []
    for name, package in packages.items():
        inside = [one for one in sorted(left) if not package or f"{one}.".startswith(f"{package}.")]
        left -= set(inside)
        contexts.append(
            BoundedContext(name=name, kind="context", modules=tuple(inside), tables=(), confidence=1.0)
        )
    return msgspec.structs.replace(model, contexts=tuple(contexts))


class Tree:
    """A monolith of files, with the packages of one of its contexts."""

    def __init__(self, root: Path, files: Files, package: str) -> None:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(textwrap.dedent(text))
        self.root = root
        model = analyze(root, Config(), jobs=1, cached=False)
        self.model = cut(model, {"it": package, "rest": ""})

    def service(self) -> tuple[Service, dict[str, bytes]]:
        return extract(self.model, self.model.contexts[0], sources.scan(self.root), others(self.root))


def test_a_blueprint_that_stays_keeps_its_names_and_not_its_code(tmp_path: Path) -> None:
    service, files = Tree(tmp_path, flask(), "shop.orders").service()
    assert {need.module for need in service.needs} == {
        "shop",
        "shop.app",
        "shop.orders",
        "shop.orders.views",
        "wsgi",
    }
    assert "elsewhere.register(app)" in files["shop/app.py"].decode()
    assert "('/billing/', 'billing.index', ['GET'])" in files["strangler_service/elsewhere.py"].decode()


def test_what_stands_before_the_requests_of_a_blueprint_comes_along_with_it_alone(tmp_path: Path) -> None:
    hook = "\n    @bp.before_request\n    def check():\n        return None\n"
    views = VIEWS.format(name="orders", imports="", answer='url_for("billing.index")')
    whole = VIEWS.format(name="billing", imports="", answer='"bill"')
    files = flask(shop__orders__views=views + hook, shop__billing__views=whole)
    service, _ = Tree(tmp_path / "one", files, "shop.billing").service()
    assert "shop.orders.views" not in {need.module for need in service.needs}
    files = flask(shop__orders__views=views + hook.replace("before_request", "before_app_request"))
    service, _ = Tree(tmp_path / "all", files, "shop.billing").service()
    assert "shop.orders.views" in {need.module for need in service.needs}


def test_a_name_with_several_rules_keeps_all_of_them(tmp_path: Path) -> None:
    page = VIEWS.format(name="billing", imports="", answer='"bill"')
    files = flask(
        shop__billing__views=page.replace('@bp.route("/")', '@bp.route("/")\n    @bp.route("/<int:number>")')
    )
    _, found = Tree(tmp_path / "tree", files, "shop.orders").service()
    for path, data in found.items():
        (tmp_path / "service" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "service" / path).write_bytes(data)
    ask = (
        "from flask import url_for\nfrom wsgi import app\n"
        "with app.test_request_context():\n"
        "    print(url_for('billing.index'), url_for('billing.index', number=3))"
    )
    command = [sys.executable, "-c", ask]
    done = subprocess.run(command, cwd=tmp_path / "service", capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["/billing/", "/billing/3"]


def test_what_is_worked_with_comes_along_with_the_line_that_asks(tmp_path: Path) -> None:
    tree = Tree(
        tmp_path,
        flask(
            shop__orders__views=VIEWS.format(
                name="orders", imports="from shop.billing.money import total", answer="str(total())"
            ),
            shop__billing__money="from shop.billing.rates import rate\ndef total():\n    return rate\n",
            shop__billing__rates="rate = 1\n",
            shop__billing__other="unused = 1\n",
        ),
        "shop.orders",
    )
    service, _ = tree.service()
    asked = {need.module: (need.by, need.line, need.because) for need in service.needs}
    assert asked["shop.billing.money"] == ("shop.orders.views", 3, "imported")
    assert asked["shop.billing.rates"] == ("shop.billing.money", 1, "imported")
    assert "shop.billing.other" not in asked
    assert "shop.billing.views" not in asked


def test_a_module_that_registers_what_moves_comes_along(tmp_path: Path) -> None:
    both = """
        from flask import Blueprint
        from shop.orders.views import bp as orders
        api = Blueprint("api", __name__)
        api.register_blueprint(orders, url_prefix="/orders")

        @api.route("/versions")
        def versions():
            return "1"
        """
    app = """
        from flask import Flask
        def create_app():
            app = Flask(__name__)
            from shop.api import api
            app.register_blueprint(api, url_prefix="/api")
            return app
        """
    service, _ = Tree(tmp_path, flask(shop__api=both, shop__app=app), "shop.orders").service()
    assert "shop.api" in {need.module for need in service.needs}
    assert service.notes == ()


def test_a_route_that_no_program_leads_to_is_told(tmp_path: Path) -> None:
    files = {path: text for path, text in flask().items() if path != "wsgi.py"}
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    assert service.endpoints == ("GET /orders/",)
    assert [note for note in service.notes if note.startswith("shop.orders.views ")]


def test_templates_come_along_by_name_and_apostrophes_hide_none(tmp_path: Path) -> None:
    answer = 'render_template("orders/a.html") + render_template(f"errors/{code}.html")'
    page = VIEWS.format(name="orders", imports="from flask import render_template", answer=answer)
    files = flask(shop__orders__views="# it's a page\n" + textwrap.dedent(page))
    files |= {
        "shop/templates/orders/a.html": '{% extends "base.html" %}',
        "shop/templates/base.html": "x",
        "shop/templates/billing/b.html": "x",
        "shop/themes/dark/templates/errors/404.html": "x",
        "requirements.txt": "flask\n",
        "shop/translations/de/LC_MESSAGES/messages.po": "",
    }
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    assert service.files == (
        "requirements.txt",
        "shop/templates/base.html",
        "shop/templates/orders/a.html",
        "shop/themes/dark/templates/errors/404.html",
        "shop/translations/de/LC_MESSAGES/messages.po",
    )


def test_templates_that_only_a_library_names_come_along(tmp_path: Path) -> None:
    files = flask() | {
        "shop/templates/404.html": "x",
        "shop/templates/registration/login.html": "x",
        "shop/templates/billing/bill_list.html": "x",
        "shop/templates/named.html": "x",
        "shop/billing/pages.py": 'PAGE = "named.html"\n',
    }
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    assert service.files == ("shop/templates/404.html", "shop/templates/registration/login.html")


def test_style_sheets_come_along_with_what_they_import(tmp_path: Path) -> None:
    page = VIEWS.format(name="orders", imports="", answer='"css/main.scss"')
    files = flask(shop__orders__views=page) | {
        "shop/static/css/main.scss": '@import "../lib/scss/functions";\n@import "parts/list.scss";',
        "shop/static/lib/scss/_functions.scss": '@import "math";',
        "shop/static/lib/scss/math.scss": "",
        "shop/static/css/parts/list.scss": "",
        "shop/static/css/parts/other.scss": "",
    }
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    assert service.files == (
        "shop/static/css/main.scss",
        "shop/static/css/parts/list.scss",
        "shop/static/lib/scss/_functions.scss",
        "shop/static/lib/scss/math.scss",
    )


def test_a_template_that_is_nowhere_is_told(tmp_path: Path) -> None:
    answer = 'render_template("gone.html")'
    page = VIEWS.format(name="orders", imports="from flask import render_template", answer=answer)
    service, _ = Tree(tmp_path, flask(shop__orders__views=page), "shop.orders").service()
    assert service.notes == ("shop/orders/views.py names gone.html, which is no file of the tree",)


def test_steps_of_the_schemas_history_are_whole(tmp_path: Path) -> None:
    files = flask()
    files |= {
        "migrations/env.py": "from alembic import context\n",
        "migrations/versions/1_first.py": 'revision = "1"\ndown_revision = None\n',
        "migrations/script.py.mako": "",
        "migrations/alembic.ini": "",
    }
    _, found = Tree(tmp_path, files, "shop.orders").service()
    assert {path for path in found if path.startswith("migrations/")} == {
        path for path in files if path.startswith("migrations/")
    }


def test_what_the_steps_of_the_history_run_comes_along_wherever_it_lies(tmp_path: Path) -> None:
    files = flask()
    files |= {
        "shop/schema/env.py": "from alembic import context\ncontext.run_migrations()\n",
        "shop/schema/sql/first.sql": "",
        "shop/schema/versions/0001_first.py": (
            "from pathlib import Path\nfrom alembic import op\n"
            'OTHER = Path(__file__).parent.parent.parent / "billing" / "sql"\n'
            'op.execute(open(OTHER / "views.sql").read())\n'
        ),
        "shop/billing/sql/views.sql": "",
        "shop/billing/sql/others.sql": "",
    }
    _, found = Tree(tmp_path, files, "shop.orders").service()
    assert {path for path in found if path.endswith((".sql", "env.py"))} == {
        "shop/billing/sql/views.sql",
        "shop/schema/env.py",
        "shop/schema/sql/first.sql",
    }


def test_a_file_that_cannot_be_parsed_is_kept_as_it_is(tmp_path: Path) -> None:
    files = flask(shop__orders__old="print 'old'\nfrom shop.billing.views import bp\n")
    service, found = Tree(tmp_path, files, "shop.orders").service()
    assert found["shop/orders/old.py"] == b"print 'old'\nfrom shop.billing.views import bp\n"
    assert "shop.orders.old" in {need.module for need in service.needs}


@pytest.mark.parametrize("package", ["shop.orders", "shop.billing"])
def test_what_only_a_context_needs_leaves_the_monolith(tmp_path: Path, package: str) -> None:
    tree = Tree(tmp_path, flask(), package)
    removal, changed = remove(tree.model, tree.model.contexts[0], sources.scan(tmp_path))
    folder = package.replace(".", "/")
    assert removal.files == (f"{folder}/__init__.py", f"{folder}/views.py")
    assert removal.holds == ()
    assert changed[f"{folder}/views.py"] is None
    assert b"elsewhere.register(app)" in (changed["shop/app.py"] or b"")


def test_what_the_rest_still_uses_stays_and_is_told_with_its_place(tmp_path: Path) -> None:
    files = flask(
        shop__orders__views=VIEWS.format(
            name="orders", imports="from shop.billing.money import total", answer="str(total())"
        ),
        shop__billing__money="def total():\n    return 1\n",
    )
    tree = Tree(tmp_path, files, "shop.billing")
    removal, _ = remove(tree.model, tree.model.contexts[0], sources.scan(tmp_path))
    assert removal.files == ("shop/billing/views.py",)
    assert [(need.module, need.by, need.line) for need in removal.holds] == [
        ("shop.billing", "shop.billing.money", 0),
        ("shop.billing.money", "shop.orders.views", 3),
    ]


def test_what_the_analysis_did_not_follow_in_a_held_file_is_told(tmp_path: Path) -> None:
    files = flask(shop__orders__views=VIEWS.format(name="orders", imports="import boto3", answer='"x"'))
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    assert [note for note in service.notes if note.startswith("shop/orders/views.py:3: boto3")]


@pytest.mark.parametrize(
    ("call", "loaded"),
    [
        ('import_module(f"{app}.tables")', {"shop.billing.tables", "shop.orders.tables"}),
        ('import_module(app + ".tables")', {"shop.billing.tables", "shop.orders.tables"}),
        ('import_module("%s.tables" % app)', {"shop.billing.tables", "shop.orders.tables"}),
        ('__import__("shop.stock.{}".format(app))', {"shop.stock.red", "shop.stock.tables"}),
        ("import_module(app)", set()),
        ('import_module(f"{app}{app}")', set()),
    ],
)
def test_what_a_name_put_together_may_mean_comes_along(tmp_path: Path, call: str, loaded: set[str]) -> None:
    views = VIEWS.format(
        name="orders",
        imports="from shop.billing.money import total; from shop.loader import load",
        answer="str(total(), load)",
    )
    files = flask(
        shop__orders__views=views,
        shop__loader=f"from importlib import import_module\ndef load(app):\n    return {call}\n",
        shop__billing__money="def total():\n    return 1\n",
        shop__billing__tables="",
        shop__orders__tables="",
        shop__stock__tables="",
        shop__stock__red="",
        shop__stock____init__="",
    )
    service, _ = Tree(tmp_path, files, "shop.orders").service()
    because = {need.module: need.because for need in service.needs}
    kinds = {"shop.billing.tables", "shop.orders.tables", "shop.stock.tables", "shop.stock.red"}
    assert kinds & because.keys() == loaded | {"shop.orders.tables"}
    assert {because[name] for name in loaded - {"shop.orders.tables"}} <= {
        "may be loaded by a name that is put together"
    }


SCANNING = """
    from importlib import import_module
    from pathlib import Path
    import pkgutil
    from flask import Flask

    def create_app():
        app = Flask(__name__)
        for info in pkgutil.iter_modules([str(Path(__file__).parent / "pages")]):
            load(app, info.name)
        return app

    def load(app, name):
        {loading}
    """


@pytest.mark.parametrize(
    ("loading", "missed"),
    [
        ('app.register_blueprint(import_module(f"shop.pages.{name}.views").bp)', True),
        (
            """try:
            app.register_blueprint(import_module(f"shop.pages.{name}.views").bp)
        except ImportError:
            pass""",
            False,
        ),
        (
            """try:
            app.register_blueprint(import_module(f"shop.pages.{name}.views").bp)
        except ImportError:
            raise RuntimeError(name)""",
            True,
        ),
        (
            """for info in pkgutil.iter_modules([f"shop/pages/{name}"]):
            app.register_blueprint(import_module(f"shop.pages.billing.{info.name}").bp)
        for info in pkgutil.iter_modules([f"shop/pages/{name}"]):
            app.register_blueprint(import_module(f"shop.pages.orders.{info.name}").bp)""",
            False,
        ),
    ],
)
def test_what_is_looked_for_where_it_lies_stays_behind_with_its_routes(
    tmp_path: Path, loading: str, missed: bool
) -> None:
    answer = 'url_for("billing.index")'
    files = {
        "wsgi.py": "from shop.app import create_app\napp = create_app()\n",
        "shop/__init__.py": "",
        "shop/app.py": SCANNING.replace("{loading}", loading),
        "shop/pages/__init__.py": "",
        "shop/pages/orders/__init__.py": "",
        "shop/pages/billing/__init__.py": "",
        "shop/pages/orders/views.py": VIEWS.format(name="orders", imports="", answer=answer),
        "shop/pages/billing/views.py": VIEWS.format(name="billing", imports="", answer='"bill"'),
    }
    service, found = Tree(tmp_path, files, "shop.pages.orders").service()
    held = {need.module for need in service.needs}
    assert "shop.pages.orders.views" in held
    assert ("shop.pages.billing.views" in held) is missed
    assert found["shop/app.py"].count(b"import_module(f") == files["shop/app.py"].count("import_module(f")


def test_code_that_asks_for_its_own_distribution_says_where_and_how_it_is_installed(tmp_path: Path) -> None:
    asks = 'import importlib.metadata\nVERSION = importlib.metadata.version("{}")\n'
    files = flask(shop__version=asks.format("Shop"), shop__other=asks.format("flask"))
    files["pyproject.toml"] = '[project]\nname = "shop"\ndependencies = ["flask"]\n'
    files["shop/orders/views.py"] += "\n    from shop import other, version\n"
    tree = Tree(tmp_path, files, "shop.orders")
    service, _ = tree.service()
    assert service.itself is not None
    assert (service.itself.file, service.itself.line) == ("shop/version.py", 2)
    assert "Then with `pip install --no-deps -e .`, since `shop/version.py:2`" in service_md(
        service, remove(tree.model, tree.model.contexts[0], sources.scan(tmp_path))[0]
    )
