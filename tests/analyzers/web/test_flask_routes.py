"""Routes of Flask applications as the analysis sees them, beside the map of the running application."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from strangler.model import Endpoint

Project = Any
Make = Callable[[dict[str, str]], Project]


def dotted(function: object) -> str:
    """``module.qualname`` of a handler behind its wrappers."""
    function = inspect.unwrap(getattr(function, "view_class", function))  # type: ignore[arg-type]
    return f"{function.__module__}.{function.__qualname__}"


def real(app: Any) -> set[tuple[str, tuple[str, ...], str, str]]:
    """(pattern, methods, handler, name) of every rule but the static files'."""
    return {
        (
            re.sub("/{2,}", "/", rule.rule),
            tuple(sorted(set(rule.methods) - {"HEAD", "OPTIONS"})),
            dotted(app.view_functions[rule.endpoint]),
            rule.endpoint,
        )
        for rule in app.url_map.iter_rules()
        if not dotted(app.view_functions[rule.endpoint]).startswith(("flask.", "flask_"))
    }


def seen(project: Project) -> set[tuple[str, tuple[str, ...], str, str]]:
    return {
        (re.sub("/{2,}", "/", e.pattern), e.methods or (), e.handler, e.name or "")
        for e in project.system.endpoints
    }


def chosen(app: Any, path: str, method: str) -> str | None:
    """The endpoint's name that Werkzeug sends a request to."""
    adapter = app.url_map.bind("localhost")
    try:
        return str(adapter.match(path, method)[0])
    except RequestRedirect:
        try:
            return str(adapter.match(path + "/", method)[0])
        except (HTTPException, RequestRedirect):
            return None
    except HTTPException:
        return None


def predicted(endpoints: list[Endpoint], path: str, method: str) -> str | None:
    for endpoint in sorted(endpoints, key=lambda e: e.order):
        if method in (endpoint.methods or ()) and re.fullmatch(endpoint.regex, path):
            return endpoint.name
    return None


SHOP = {
    "shop/__init__.py": "",
    "shop/auth.py": """
        from functools import wraps

        def login_required(view):
            @wraps(view)
            def inner(*args, **kwargs):
                return view(*args, **kwargs)
            return inner

        def bare(view):
            def inner(*args, **kwargs):
                return view(*args, **kwargs)
            return inner
        """,
    "shop/orders.py": """
        from flask import Blueprint
        from flask.views import MethodView, View
        from shop.auth import login_required

        orders = Blueprint("orders", __name__, url_prefix="/orders")
        lines = Blueprint("lines", __name__, url_prefix="/lines")
        orders.register_blueprint(lines, url_prefix="/<int:order_id>/lines")

        @orders.route("/")
        @login_required
        def index():
            return ""

        @orders.get("/<int:order_id>")
        def show(order_id):
            return ""

        @orders.route("/<int:order_id>", methods=["PUT", "DELETE"])
        def change(order_id):
            return ""

        @lines.post("/")
        @lines.get("/all/")
        def line(order_id):
            return ""

        class Invoice(MethodView):
            def get(self, number):
                return ""

            def post(self, number):
                return ""

        class LateInvoice(Invoice):
            def delete(self, number):
                return ""

        class Report(View):
            methods = ["GET", "POST"]

            def dispatch_request(self):
                return ""

        orders.add_url_rule("/invoice/<path:number>", view_func=login_required(Invoice.as_view("invoice")))
        orders.add_url_rule("/late/<number>", view_func=LateInvoice.as_view("late"))
        orders.add_url_rule("/report", view_func=Report.as_view("report"))
        """,
    "shop/helpers.py": """
        from flask import Blueprint

        def add_all(target, rules, view):
            for number, rule in enumerate(rules):
                target.add_url_rule(rule, f"{view.__name__}_{number}", view)

        def crud(name, functions):
            blueprint = Blueprint(name, __name__)
            for function in functions:
                blueprint.add_url_rule("/" + function.__name__, view_func=function)
            return blueprint
        """,
    "shop/pages.py": """
        def about():
            return ""

        def imprint():
            return ""

        def customer(slug="x", customer_id=0):
            return ""
        """,
    "shop/config.py": """
        import os

        class Base:
            PAGES_PREFIX = "/pages"
            EXTRA = False

        class Live(Base):
            CUSTOMERS = os.environ.get("SHOP_CUSTOMERS", "/customers")
        """,
    "shop/factory.py": """
        from flask import Flask
        from werkzeug.routing import BaseConverter, IntegerConverter
        from shop import pages
        from shop.helpers import add_all, crud

        class Slug(BaseConverter):
            regex = "[a-z][a-z0-9-]*"

        class Year(IntegerConverter):
            regex = r"\\d{4}"

        class Choice(BaseConverter):
            def __init__(self, url_map, *items):
                super().__init__(url_map)
                self.regex = "|".join(items)

        def create_app(config="shop.config.Live"):
            app = Flask(__name__)
            app.config.from_object(config)
            app.url_map.converters["slug"] = Slug
            app.url_map.converters.update(year=Year, choice=Choice)
            register(app)
            if app.config["EXTRA"]:
                app.add_url_rule("/extra", view_func=pages.about, endpoint="extra")

            @app.route("/archive/<year:year>/<choice(a,b):kind>")
            def archive(year, kind):
                return ""

            return app

        def register(app):
            from shop.orders import orders
            app.register_blueprint(orders)
            app.register_blueprint(orders, url_prefix="/v2/orders", name="orders2")
            app.register_blueprint(crud("pages", [pages.about, pages.imprint]),
                                   url_prefix=app.config["PAGES_PREFIX"])
            prefix = app.config["CUSTOMERS"]
            add_all(app, [f"{prefix}/<slug:slug>", prefix + "/<int:customer_id>/"], pages.customer)
        """,
}


def test_blueprints_views_and_factories(project: Make) -> None:
    shop = project(SHOP)
    app = shop.load("shop.factory").create_app()
    assert seen(shop) == real(app)
    assert all(e.file.startswith("shop/") and e.line > 0 for e in shop.system.endpoints)
    assert {d.message for d in shop.system.diagnostics if d.severity != "note"} == {
        f"the rule /customers/{rest} may be another one" for rest in ("<slug:slug>", "<int:customer_id>/")
    }


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_url_goes_where_flask_sends_it(shop_and_app: tuple[Project, Any], data: st.DataObject) -> None:
    shop, app = shop_and_app
    endpoints = list(shop.system.endpoints)
    endpoint = data.draw(st.sampled_from(endpoints))
    path = data.draw(st.from_regex(endpoint.regex, fullmatch=True))
    path = data.draw(st.sampled_from((path, path + "/", path.rstrip("/") or "/", path + "x", path + "\n")))
    method = data.draw(st.sampled_from(("GET", "POST", "PUT", "DELETE")))
    if "//" not in path:
        assert predicted(endpoints, path, method) == chosen(app, path, method)


@pytest.fixture
def shop_and_app(project: Make) -> tuple[Project, Any]:
    shop = project(SHOP)
    return shop, shop.load("shop.factory").create_app()


def test_resources_of_flask_restful_and_restx(project: Make) -> None:
    api = project(
        {
            "api/__init__.py": "",
            "api/rest.py": """
                from flask import Blueprint
                from flask_restful import Api, Resource

                blueprint = Blueprint("rest", __name__, url_prefix="/rest")
                api = Api(blueprint, prefix="/v1")

                class Base(Resource):
                    def get(self, **kwargs):
                        return {}

                class Orders(Base):
                    def post(self):
                        return {}

                class Order(Base):
                    def delete(self, pk):
                        return {}

                api.add_resource(Orders, "/orders", "/orders/all", endpoint="orders")
                api.add_resource(Order, "/orders/<int:pk>")
                """,
            "api/restx.py": """
                from flask import Blueprint
                from flask_restx import Api, Namespace, Resource

                items = Namespace("items")

                @items.route("/", "/list")
                class Items(Resource):
                    def get(self):
                        return {}

                @items.route("/<string:sku>", endpoint="item")
                class Item(Resource):
                    def put(self, sku):
                        return {}

                api = Api()
                api.add_namespace(items)
                stock = api.namespace("stock", path="/stock/")

                @stock.route("/<int:pk>")
                class Stock(Resource):
                    def get(self, pk):
                        return {}

                def add(app):
                    blueprint = Blueprint("restx", __name__, url_prefix="/restx")
                    api.init_app(blueprint)
                    app.register_blueprint(blueprint)
                """,
            "api/app.py": """
                from flask import Flask
                from api import rest, restx

                app = Flask(__name__)
                app.register_blueprint(rest.blueprint)
                restx.add(app)
                """,
        }
    )
    app = api.load("api.app").app
    rows = real(app)
    assert {row[:3] for row in seen(api)} == {row[:3] for row in rows}
    assert len(rows) == 7


def test_classes_of_ones_own(project: Make) -> None:
    """Subclasses of Flask and Blueprint that change how rules are added are followed."""
    own = project(
        {
            "own/__init__.py": "",
            "own/web.py": """
                from flask import Blueprint, Flask

                class Versioned(Blueprint):
                    def __init__(self, name, version):
                        super().__init__(name, __name__, url_prefix=f"/{version}/{name}")

                    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
                        super().add_url_rule(rule, endpoint, view_func, **options)
                        super().add_url_rule(rule + ".json", f"{endpoint or view_func.__name__}_json",
                                             view_func, **options)

                class Tenant(Blueprint):
                    def register(self, app, options):
                        options["url_prefix"] = "/<tenant>" + (options.get("url_prefix") or "")
                        super().register(app, options)

                class Shop(Flask):
                    def __init__(self):
                        super().__init__(__name__)
                        self.url_map.strict_slashes = False
                        self.install()

                    def install(self):
                        for version in ("v1", "v2"):
                            blueprint = Versioned("items", version)
                            blueprint.add_url_rule("/list", view_func=listing)
                            self.register_blueprint(blueprint, name=f"items_{version}")
                        tenant = Tenant("tenant", __name__)
                        tenant.route("/home")(home)
                        self.register_blueprint(tenant, url_prefix="/t")

                def listing():
                    return ""

                def home(tenant):
                    return ""

                app = Shop()
                """,
        }
    )
    app = own.load("own.web").app
    assert seen(own) == real(app)
    assert predicted(list(own.system.endpoints), "/v1/items/list/", "GET") == "items_v1.listing"


def test_blueprints_found_by_walking_a_package(project: Make) -> None:
    walked = project(
        {
            "walked/__init__.py": "",
            "walked/areas/__init__.py": "",
            "walked/areas/users.py": _area("users"),
            "walked/areas/groups.py": _area("groups"),
            "walked/more/__init__.py": "",
            "walked/more/teams.py": _area("teams"),
            "walked/app.py": """
                import importlib
                import os
                import pkgutil
                from flask import Flask
                from walked import areas

                app = Flask(__name__)
                for info in pkgutil.iter_modules(areas.__path__, "walked.areas."):
                    app.register_blueprint(importlib.import_module(info.name).blueprint)
                folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "more")
                for name in sorted(os.listdir(folder)):
                    if name.endswith(".py") and name != "__init__.py":
                        module = importlib.import_module("walked.more." + name[:-3])
                        app.register_blueprint(getattr(module, "blueprint"))
                """,
        }
    )
    assert seen(walked) == real(walked.load("walked.app").app)
    assert len(walked.system.endpoints) == 3


def test_rules_that_pass_through_a_setup_state_of_ones_own(project: Make) -> None:
    """A context manager doubles rules, "!" drops the prefix, views are made of classes and remembered."""
    own = project(
        {
            "desk/__init__.py": "",
            "desk/web.py": """
                import inspect
                from contextlib import contextmanager
                from functools import wraps
                from flask import Blueprint, Flask
                from flask.blueprints import BlueprintSetupState

                def remember(function):
                    made = {}

                    @wraps(function)
                    def inner(*args, **kwargs):
                        key = (args, tuple(kwargs.items()))
                        if key not in made:
                            made[key] = function(*args, **kwargs)
                        return made[key]
                    return inner

                @remember
                def view_of(target):
                    if not inspect.isclass(target):
                        return target

                    def wrapper(**kwargs):
                        return target().process(**kwargs)

                    wrapper.__name__ = target.__name__
                    return wrapper

                class State(BlueprintSetupState):
                    @contextmanager
                    def bare(self):
                        kept = self.url_prefix
                        self.url_prefix = None
                        try:
                            yield
                        finally:
                            self.url_prefix = kept

                    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
                        if rule.startswith("!/"):
                            with self.bare():
                                super().add_url_rule(rule[1:], endpoint, view_func, **options)
                        else:
                            super().add_url_rule(rule, endpoint, view_func, **options)

                class Desk(Blueprint):
                    def __init__(self, *args, **kwargs):
                        self.__extra = None
                        super().__init__(*args, **kwargs)

                    def make_setup_state(self, app, options, first_registration=False):
                        return State(self, app, options, first_registration)

                    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
                        view = view_of(view_func)
                        super().add_url_rule(rule, endpoint, view, **options)
                        if self.__extra:
                            super().add_url_rule(self.__extra + rule, f"{endpoint}_2", view, **options)

                    @contextmanager
                    def doubled(self, prefix):
                        self.__extra = prefix
                        try:
                            yield
                        finally:
                            self.__extra = None
                """,
            "desk/pages.py": """
                from desk.web import Desk

                class Page:
                    def process(self, **kwargs):
                        return ""

                class Home(Page):
                    pass

                class Ticket(Page):
                    pass

                def status():
                    return ""

                desk = Desk("desk", __name__, url_prefix="/desk")
                desk.add_url_rule("/", "home", Home)
                desk.add_url_rule("!/status", "status", status)
                with desk.doubled("/<area>"):
                    desk.add_url_rule("/ticket/<int:pk>", "ticket", Ticket)
                desk.record(lambda state: state.add_url_rule("/late", "late", status))
                """,
            "desk/app.py": """
                from flask import Flask
                from desk.pages import desk

                app = Flask(__name__)
                app.register_blueprint(desk)
                """,
        }
    )
    app = own.load("desk.app").app
    rows = {(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    assert {(e.pattern, e.name) for e in own.system.endpoints} == rows
    assert {e.pattern: e.handler for e in own.system.endpoints} == {
        "/desk/": "desk.pages.Home",
        "/status": "desk.pages.status",
        "/desk/ticket/<int:pk>": "desk.pages.Ticket",
        "/desk/<area>/ticket/<int:pk>": "desk.pages.Ticket",
        "/desk/late": "desk.pages.status",
    }
    assert {e.file for e in own.system.endpoints} == {"desk/pages.py"}


def test_modules_that_register_what_lies_below_them(project: Make) -> None:
    """A mixin behind Blueprint does not come between it and the class that derives from both."""
    tree = project(
        {
            "tree/__init__.py": "",
            "tree/base.py": """
                from flask import Blueprint

                class Child:
                    def __init__(self):
                        self.version = 0
                        super().__init__()

                class Module(Blueprint):
                    def __init__(self, name, import_name, **kwargs):
                        kwargs.setdefault("url_prefix", "/" + name)
                        self.below = []
                        super().__init__(name, import_name, **kwargs)

                    def register(self, app, options):
                        super().register(app, options)
                        for module in self.below:
                            if app.blueprints.get(module.name) is None:
                                app.register_blueprint(module)

                class Node(Module, Child):
                    def __init__(self, import_name, **kwargs):
                        Module.__init__(self, "node-%s" % self.kind, import_name, **kwargs)
                        Child.__init__(self)

                    @property
                    def kind(self):
                        return self.KIND
                """,
            "tree/leaf.py": """
                from tree.base import Node

                class Leaf(Node):
                    KIND = "leaf"

                blueprint = Leaf(__name__)

                @blueprint.route("/")
                def leaf():
                    return ""
                """,
            "tree/root.py": """
                from tree.base import Node

                class Root(Node):
                    KIND = "root"

                    def register(self, app, options):
                        from tree.leaf import blueprint as module
                        self.below.append(module)
                        self.below.append(self)
                        super().register(app, options)

                blueprint = Root(__name__, url_prefix="/top")

                @blueprint.route("/x")
                def x():
                    return ""
                """,
            "tree/app.py": """
                from flask import Flask, Blueprint
                from tree import root

                def create():
                    app = Flask(__name__)
                    for name, value in list(root.__dict__.items()):
                        if isinstance(value, Blueprint):
                            app.register_blueprint(value)
                    return app
                """,
        }
    )
    assert seen(tree) == real(tree.load("tree.app").create())


def _area(name: str) -> str:
    return f"""
        from flask import Blueprint

        blueprint = Blueprint("{name}", __name__, url_prefix="/{name}")

        @blueprint.route("/")
        def listing():
            return ""
        """


def test_what_no_application_registers_is_reported_and_not_listed(project: Make) -> None:
    lonely = project(
        {
            "lonely/__init__.py": "",
            "lonely/app.py": "from flask import Flask\napp = Flask(__name__)\n",
            "lonely/forgotten.py": _area("forgotten"),
            "tests/test_app.py": """
                from flask import Flask
                app = Flask(__name__)

                @app.route("/only-in-tests")
                def only():
                    return ""
                """,
        }
    )
    assert lonely.system.endpoints == ()
    (problem,) = [d for d in lonely.system.diagnostics if d.code == "unregistered-routes"]
    assert (problem.file, problem.line) == ("lonely/forgotten.py", 4)


def test_a_prefix_that_cannot_be_told_is_said_so(project: Make) -> None:
    open_prefix = project(
        {
            "app.py": """
                import requests
                from flask import Blueprint, Flask

                app = Flask(__name__)
                blueprint = Blueprint("b", __name__)

                @blueprint.route("/x")
                def x():
                    return ""

                # for url_for alone: nothing answers it
                app.add_url_rule("/files/<name>", endpoint="files", build_only=True)
                app.register_blueprint(blueprint, url_prefix="/" + requests.get("http://config").text)
                """
        }
    )
    (endpoint,) = open_prefix.system.endpoints
    assert not endpoint.exact
    assert endpoint.handler == "app.x"
    assert [d.code for d in open_prefix.system.diagnostics if d.severity == "warning"] == [
        "unresolved-prefix"
    ]
    assert [row.what for row in open_prefix.system.opaque_routes] == ["static files"]


def test_converters_that_make_no_sense_do_not_stop_the_run(project: Make) -> None:
    odd = project(
        {
            "app.py": """
                from flask import Flask
                from werkzeug.routing import BaseConverter

                class Broken(BaseConverter):
                    regex = "[a-("

                app = Flask(__name__)
                app.url_map.converters["broken"] = Broken

                @app.route("/a/<broken:x>")
                @app.route("/b/<string(length=many):x>")
                @app.route("/c/<unknown(((((:x>")
                @app.route("/d/<string(length=99999999999999):x>")
                @app.route("/e/<int(min=3):x>")
                @app.route("/f/<x>")
                def view(x):
                    return ""
                """
        }
    )
    endpoints = {e.path: e for e in odd.system.endpoints}
    assert {path for path, e in endpoints.items() if e.exact} == {"/f/{x}"}
    assert re.fullmatch(endpoints["/a/{x}"].regex, "/a/whatever")


def test_a_list_that_doubles_in_a_loop_stays_small(project: Make) -> None:
    own = project(
        {
            "desk.py": """
                from flask import Flask

                app = Flask(__name__)
                rules = ["/a", "/b"]
                while app.config["MORE"]:
                    rules += rules

                @app.route("/end")
                def end():
                    return str(len(rules))
            """,
        }
    )
    assert {endpoint.path for endpoint in own.system.endpoints} == {"/end"}
