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
    assert {(e.path, e.methods, e.handler) for e in made.system.endpoints} == {
        ("/reports/", ("GET",), "panel.views.Reports.index"),
        ("/reports/list/{page}", ("GET",), "panel.views.Reports.index"),
        ("/reports/run", ("POST",), "panel.views.Reports.run"),
        ("/reports/health", ("GET",), "panel.views.Base.health"),
        ("/orderview/export/{pk}", ("GET",), "panel.views.OrderView.export"),
        ("/api/v1/order/{pk}", ("GET",), "panel.views.OrderApi.get"),
    }
