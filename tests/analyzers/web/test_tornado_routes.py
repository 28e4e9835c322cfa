"""Tornado: rules as tuples and objects, inner routers, hosts, static files, and what cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

SHOP = {
    "shop/__init__.py": "",
    "shop/handlers.py": """
        import tornado.web
        from tornado.websocket import WebSocketHandler

        class Base(tornado.web.RequestHandler):
            def get(self): ...

        class Order(Base):
            def post(self, pk): ...

        class Feed(WebSocketHandler):
            def open(self): ...

        class Lost(Base):
            def get(self): ...
        """,
    "shop/app.py": """
        import os
        from tornado.routing import HostMatches, PathMatches, Rule, RuleRouter
        from tornado.web import Application, RedirectHandler, url
        from shop import handlers

        NAME = "[a-z]+"
        RULES = [
            (r"/", handlers.Base),
            url(r"/orders/(?P<pk>\\d+)", handlers.Order, name="order"),
            (r"/crew/({})/edit$".format(NAME), "shop.handlers.Order", dict(a=1)),
        ]

        class Shop(Application):
            def __init__(self, **settings):
                rules = RULES + [(f"/feed/{part}", handlers.Feed) for part in ("a", "b")]
                if os.environ.get("OLD"):
                    rules.append((r"/old", handlers.Base))
                rules += [(r"/moved", RedirectHandler, {"url": "/"})]
                super().__init__(rules, static_path="static", **settings)

        def inner():
            return Application([(r"/inner/x", handlers.Base)])

        def make_app():
            app = Shop(debug=False)
            app.add_handlers(r"api\\.shop\\.example", [(r"/", handlers.Order)])
            return RuleRouter([Rule(PathMatches("/inner.*"), inner()), Rule(PathMatches("/.*"), app)])
        """,
}


def test_rules_are_asked_in_the_order_of_tornado(project: Make) -> None:
    found = project(SHOP).system
    rows = sorted([*found.endpoints, *found.opaque_routes], key=lambda row: row.order)
    assert [(row.regex, getattr(row, "handler", "") or row.what) for row in rows] == [
        ("/inner/x", "shop.handlers.Base"),
        ("/robots\\.txt", "tornado.web.StaticFileHandler"),
        ("/favicon\\.ico", "tornado.web.StaticFileHandler"),
        ("/static/.*", "tornado.web.StaticFileHandler"),
        ("/", "shop.handlers.Order"),
        ("/", "shop.handlers.Base"),
        ("/orders/(?:\\d+)", "shop.handlers.Order"),
        ("/crew/([a-z]+)/edit", "shop.handlers.Order"),
        ("/feed/a", "shop.handlers.Feed"),
        ("/feed/b", "shop.handlers.Feed"),
        ("/old", "shop.handlers.Base"),
        ("/moved", "tornado.web.RedirectHandler"),
    ]
    by_regex = {(e.regex, e.host): e for e in found.endpoints}
    order = by_regex["/orders/(?:\\d+)", ""]
    assert (order.path, order.methods, order.name) == ("/orders/{pk}", ("GET", "POST"), "order")
    assert by_regex["/feed/a", ""].protocol == "websocket"
    assert by_regex["/old", ""].condition == "os.environ.get('OLD')"
    assert by_regex["/", "api\\.shop\\.example"].handler == "shop.handlers.Order"
    assert [d.message.partition(" ")[0] for d in found.diagnostics if d.code == "unlisted-view"] == []


def test_rules_of_which_not_all_can_be_told_are_a_hole(project: Make) -> None:
    app = """
        from tornado.web import Application, RequestHandler
        from elsewhere import more, prefix

        class Boat(RequestHandler):
            def get(self): ...

        app = Application([(r"/boats", Boat), (f"/{prefix}/x", Boat), (r"/odd", more()), *more()])
        """
    found = project({"shop/__init__.py": "", "shop/app.py": app}).system
    rows = sorted([*found.endpoints, *found.opaque_routes], key=lambda row: row.order)
    assert [(row.regex, getattr(row, "exact", None)) for row in rows] == [
        ("/boats", True),
        ("/.*/x", False),
        ("/odd", None),
        ("/.*", None),
    ]
    told = {d.code for d in found.diagnostics}
    assert told >= {"unresolved-prefix", "unresolved-handler", "unresolved-urls"}


def test_rules_that_lead_to_themselves_end_and_are_a_hole(project: Make) -> None:
    app = """
        from tornado.web import Application, RequestHandler

        class Boat(RequestHandler):
            def get(self): ...

        rules = [(r"/boats", Boat)]
        for _ in range(9):
            rules.append((r"/.*", rules))
        app = Application(rules)
        """
    found = project({"shop/__init__.py": "", "shop/app.py": app}).system
    assert {e.path for e in found.endpoints} == {"/boats"}
    assert "/.*" in {row.regex for row in found.opaque_routes}


def test_an_application_class_that_a_script_makes_has_its_rules(project: Make) -> None:
    app = """
        import tornado.web

        class Order(tornado.web.RequestHandler):
            def get(self): ...

        class Application(tornado.web.Application):
            def __init__(self):
                rules = [(r"/orders", Order)]
                tornado.web.Application.__init__(self, rules, debug=True)
        """
    found = project({"shop/__init__.py": "", "shop/app.py": app}).system
    assert [(e.path, e.handler) for e in found.endpoints] == [("/orders", "shop.app.Order")]
