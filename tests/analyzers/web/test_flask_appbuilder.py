"""Flask-AppBuilder: routes of views and APIs (the library itself is not at hand in the tests)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def test_exposed_methods_lie_below_the_route_of_their_class(project: Make) -> None:
    made = project(
        {
            "panel/__init__.py": "",
            "panel/views.py": """
                from functools import wraps
                from flask_appbuilder import BaseView, ModelView, expose, has_access
                from flask_appbuilder.api import BaseApi, safe

                def logged(view):
                    @wraps(view)
                    def inner(*args, **kwargs):
                        return view(*args, **kwargs)
                    return inner

                class Base(BaseView):
                    @expose("/health")
                    def health(self):
                        return ""

                class Reports(Base):
                    route_base = "/reports"

                    @expose("/")
                    @expose("/list/<int:page>")
                    @has_access
                    def index(self, page=0):
                        return ""

                    @logged
                    @expose("/run", methods=["POST"])
                    def run(self):
                        return ""

                class OrderView(ModelView):
                    exclude_route_methods = {"hidden"}

                    @expose("/hidden")
                    def hidden(self):
                        return ""

                    @expose("/export/<pk>")
                    def export(self, pk):
                        return ""

                class OrderApi(BaseApi):
                    resource_name = "order"

                    @expose("/<int:pk>", methods=("GET",))
                    @safe
                    def get(self, pk):
                        return ""
                """,
            "panel/app.py": """
                from flask import Flask
                from flask_appbuilder import AppBuilder
                from panel import views

                appbuilder = AppBuilder()
                appbuilder.add_view_no_menu(views.OrderView)

                def create_app():
                    app = Flask(__name__)
                    appbuilder.init_app(app, None)
                    appbuilder.add_view(views.Reports(), "Reports")
                    appbuilder.add_api(views.OrderApi)
                    return app
                """,
        }
    )
    own = {e for e in made.system.endpoints if "export" in e.path or "/orderview/" not in e.path}
    assert {(e.path, e.methods, e.handler) for e in own} == {
        ("/reports/", ("GET",), "panel.views.Reports.index"),
        ("/reports/list/{page}", ("GET",), "panel.views.Reports.index"),
        ("/reports/run", ("POST",), "panel.views.Reports.run"),
        ("/reports/health", ("GET",), "panel.views.Base.health"),
        ("/orderview/export/{pk}", ("GET",), "panel.views.OrderView.export"),
        ("/api/v1/order/{pk}", ("GET",), "panel.views.OrderApi.get"),
    }


SHOP = {
    "shop/models.py": """
        from flask_appbuilder import Model
        from sqlalchemy import Column, Integer
        class Boat(Model):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
        """,
    "shop/app.py": """
        from flask import Flask
        from flask_appbuilder import AppBuilder, ModelRestApi, ModelView, IndexView, expose
        from flask_appbuilder.models.sqla.interface import SQLAInterface
        from shop.models import Boat

        class BoatApi(ModelRestApi):
            resource_name = "boat"
            datamodel = SQLAInterface(Boat)
            include_route_methods = {"get_list", "post", "delete", "sail"}

            @expose("/sail", methods=["POST"])
            def sail(self): ...

            @expose("/", methods=["POST"])
            def post(self): ...

        class BoatView(ModelView):
            datamodel = SQLAInterface(Boat)
            include_route_methods = {"list", "edit"}

        class Home(IndexView):
            @expose("/")
            def index(self): ...

        app = Flask(__name__)
        builder = AppBuilder(app, None, indexview=Home)
        builder.add_api(BoatApi)
        builder.add_view(BoatView, "Boats")
        """,
}


def test_views_that_the_class_of_the_library_brings_are_listed_with_their_tables(project: Make) -> None:
    system = project(SHOP).system
    assert {(e.path, e.methods, e.handler) for e in system.endpoints} == {
        ("/", ("GET",), "shop.app.Home.index"),
        ("/api/v1/boat/", ("GET",), "shop.app.BoatApi.get_list"),
        ("/api/v1/boat/", ("POST",), "shop.app.BoatApi.post"),
        ("/api/v1/boat/{pk}", ("DELETE",), "shop.app.BoatApi.delete"),
        ("/api/v1/boat/sail", ("POST",), "shop.app.BoatApi.sail"),
        ("/boatview/list/", ("GET",), "shop.app.BoatView.list"),
        ("/boatview/edit/{pk}", ("GET", "POST"), "shop.app.BoatView.edit"),
    }
    assert {(a.function, a.operation, a.table) for a in system.accesses} == {
        ("BoatApi.get_list", "read", "boat"),
        ("BoatApi.delete", "read", "boat"),
        ("BoatApi.delete", "write", "boat"),
        ("BoatView.list", "read", "boat"),
        ("BoatView.edit", "read", "boat"),
        ("BoatView.edit", "write", "boat"),
    }


def test_what_the_library_serves_itself_is_opaque(project: Make) -> None:
    opaque = {row.pattern for row in project(SHOP).system.opaque_routes}
    assert {"/login/", "/logout/", "/api/v1/security/<path:rest>"} <= opaque
    assert "/" not in opaque
