"""Flask-Admin: exposed methods below the view's prefix; what the library brings along is opaque."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

ADMIN = """
    from flask import Flask
    from flask_admin import Admin, AdminIndexView, BaseView, expose
    from flask_admin.contrib.sqla import ModelView
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import Session, declarative_base

    Base = declarative_base()

    class Boat(Base):
        __tablename__ = "boat"
        id = Column(Integer, primary_key=True)

    class Home(AdminIndexView):
        @expose("/")
        def index(self):
            return ""

    class Search(BaseView):
        @expose("/", methods=["GET", "POST"])
        def index(self):
            return ""

        @expose("/drop", methods=["POST"])
        def drop(self):
            return ""

    class Boats(ModelView):
        @expose("/sink", methods=["POST"])
        def sink(self):
            return ""

    class Plain(ModelView):
        pass

    def create_app():
        app = Flask(__name__)
        admin = Admin(name="staff"{url})
        admin.add_view(Search(name="Search", endpoint="staff.search"))
        {started}
        admin.add_views(Boats(Boat, Session()), Plain(Boat, Session(), url="other", endpoint="second"))
        return app
    """


def test_views_lie_below_the_prefix_of_the_admin_site(project: Make) -> None:
    for url, started, root in (
        ("", "admin.init_app(app, index_view=Home())", "/admin"),
        (', url="/staff"', "admin.init_app(app, index_view=Home())", "/staff"),
        ("", 'admin.init_app(app, index_view=Home(url="/back"))', "/back"),
    ):
        source = ADMIN.replace("{url}", url).replace("{started}", started)
        system = project({"shop.py": source}).system
        assert {(e.path, e.handler, e.methods) for e in system.endpoints} == {
            (f"{root}/", "shop.Home.index", ("GET",)),
            (f"{root}/staff.search/", "shop.Search.index", ("GET", "POST")),
            (f"{root}/staff.search/drop", "shop.Search.drop", ("POST",)),
            (f"{root}/boat/sink", "shop.Boats.sink", ("POST",)),
        }
        opaque = {route.pattern: route.what for route in system.opaque_routes}
        assert opaque[f"{root}/boat/edit/"] == "shop.Boats"
        assert opaque[f"{root}/other/edit/"] == "shop.Plain"
        assert not [d for d in system.diagnostics if d.code.startswith("unlisted")]


def test_what_the_library_does_to_the_table_of_a_view_is_an_access(project: Make) -> None:
    source = ADMIN.replace("{url}", "").replace("{started}", "admin.init_app(app)")
    system = project({"shop.py": source}).system
    found = {(a.function, a.operation) for a in system.accesses if a.table == "boat"}
    assert {("Boats.edit_view", "write"), ("Plain.index_view", "read")} <= found
    assert ("Plain.index_view", "write") not in found
