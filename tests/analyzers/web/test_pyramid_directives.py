"""Routes and tasks that an application's own directives and decorators register with Pyramid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

SHOP = {
    "shop/__init__.py": """
        from pyramid.config import Configurator

        def main(global_config, **settings):
            config = Configurator(settings=settings)
            config.include(".redirects")
            config.include(".tasks")
            config.add_redirect("/old/{pk}", "/new", header="X-Old")
            config.add_page("help", "/help/")
            config.add_later("late")
            config.add_static_view("static", "shop:static")
            config.add_route("order", r"/orders/{pk:.*}")
            config.add_jsonrpc_endpoint("api", "/api")
            config.scan()
            return config.make_wsgi_app()
        """,
    "shop/redirects.py": """
        from pyramid.httpexceptions import HTTPMovedPermanently

        def redirect_to(target):
            def redirect(request):
                return HTTPMovedPermanently(target)
            return redirect

        def add_redirect(config, source, target, **options):
            name = "redirect." + source + str(options)
            config.add_route(name, source, **options)
            config.add_view(redirect_to(target), route_name=name)

        def add_page(config, name, pattern):
            config.add_route(name, pattern)
            config.add_view(route_name=name, renderer=name + ".html")

        def late(request):
            return {}

        def add_later(config, name):
            def register():
                config.add_route(name, "/" + name)
                config.add_view("shop.redirects.late", route_name=name)
            config.action(None, register, order=10)

        def includeme(config):
            config.add_directive("add_redirect", add_redirect, action_wrap=False)
            config.add_directive("add_page", ".redirects.add_page")
            config.add_directive("add_later", "shop.redirects.add_later")
        """,
    "shop/tasks.py": """
        import functools
        import venusian
        from celery import Celery

        def task(**options):
            def decorate(wrapped):
                def callback(scanner, name, wrapped):
                    scanner.config.registry["celery.app"].task(**options)(wrapped)
                venusian.attach(wrapped, callback, category="shop")
                return wrapped
            return decorate

        def _task(app, function):
            return app.tasks[app.gen_task_name(function.__name__, function.__module__)]

        def _of_request(request):
            return functools.partial(_task, request.registry["celery.app"])

        def includeme(config):
            config.registry["celery.app"] = Celery("shop")
            config.add_request_method(_of_request, name="task", reify=True)
        """,
    "shop/views.py": """
        import venusian
        from pyramid.view import view_config, view_defaults
        from pyramid_rpc.jsonrpc import jsonrpc_method
        from shop import tasks

        @tasks.task(ignore_result=True)
        def send(request, pk):
            pass

        @venusian.onlyliftedfrom()
        class Both:
            @view_config(request_method="POST")
            def change(self):
                self.request.task(send).delay(1)

        @view_defaults(route_name="order")
        @venusian.lift()
        class Order(Both):
            def __init__(self, request):
                self.request = request

            @view_config(request_method="GET")
            def show(self):
                return {}

        @jsonrpc_method(endpoint="api")
        def count(request):
            request.task(send).delay(2)

        @view_config(route_name="nowhere")
        def lost(request):
            return {}
        """,
}


def test_directives_deferred_actions_and_lifted_views_are_served(project: Make) -> None:
    endpoints = project(SHOP).system.endpoints
    assert {(e.path, e.methods, e.handler) for e in endpoints} == {
        ("/old/{pk}", None, "shop.redirects.redirect_to.<locals>.redirect"),
        ("/help/", None, "pyramid.config.views.ViewsConfiguratorMixin.add_view.<locals>.view"),
        ("/late", None, "shop.redirects.late"),
        ("/static/{subpath}", None, "pyramid.static.static_view"),
        ("/orders/{pk}", ("GET",), "shop.views.Order.show"),
        ("/orders/{pk}", ("POST",), "shop.views.Order.change"),
        ("/api", None, "shop.views.count"),
    }
    # A predicate of the application's own, and a body that decides who serves.
    assert {e.path for e in endpoints if not e.exact} == {"/old/{pk}", "/api"}


def test_a_view_whose_route_nothing_adds_is_told(project: Make) -> None:
    rows = [d for d in project(SHOP).system.diagnostics if d.code == "unregistered-routes"]
    assert [(d.file, "nowhere" in d.message) for d in rows] == [("shop/views.py", True)]


def test_tasks_attached_for_a_scan_are_registered_and_queued_through_the_request(project: Make) -> None:
    system = project(SHOP).system
    assert [(t.name, t.handler) for t in system.tasks] == [("shop.views.send", "shop.views.send")]
    assert {(m.module, m.function, m.name) for m in system.messages} == {
        ("shop.views", "Both.change", "shop.views.send"),
        ("shop.views", "count", "shop.views.send"),
    }


def test_each_of_two_applications_has_the_views_of_its_own_packages(project: Make) -> None:
    def files(name: str) -> dict[str, str]:
        return {
            f"{name}/__init__.py": f"""
                from pyramid.config import Configurator
                def main(global_config, **settings):
                    config = Configurator(settings=settings)
                    config.add_route("home", "/{name}")
                    config.scan("{name}.views")
                    return config.make_wsgi_app()
                """,
            f"{name}/views.py": """
                from pyramid.view import view_config
                @view_config(route_name="home")
                def home(request): return {}
                """,
        }

    system = project({**files("shop"), **files("desk")}).system
    assert {(e.path, e.handler) for e in system.endpoints} == {
        ("/shop", "shop.views.home"),
        ("/desk", "desk.views.home"),
    }


CORNICE = {
    "shop/__init__.py": """
        from pyramid.config import Configurator

        def main(global_config, **settings):
            config = Configurator(settings=settings)
            config.include("cornice")
            config.add_route("old", "/old")
            config.include(included, route_prefix="v1")
            config.add_route("last", "/{anything}")
            return config.make_wsgi_app()

        def included(config):
            config.scan("shop.api")
            from shop import other
            config.add_cornice_service(other.by_hand)
        """,
    "shop/api.py": """
        from cornice import Service
        from cornice.resource import resource, view

        orders = Service(name="orders", path="/orders", description="All orders")
        existing = Service("x", pyramid_route="old")

        @orders.get(accept="application/json")
        @orders.get(accept="text/html")
        def listed(request):
            return {}

        @orders.post()
        @existing.delete()
        def made(request):
            return {}

        def validate_boat(request, **kwargs):
            request.errors.add("body", "name")

        @resource(collection_path="/boats", path="/boats/{pk}")
        class Boat:
            def __init__(self, request, context=None):
                self.request = request

            def collection_get(self):
                return {}

            @view(renderer="json", validators=[validate_boat])
            def put(self):
                return {}
        """,
    "shop/other.py": """
        from cornice import Service

        class Own(Service):
            pass

        def plain(request):
            return {}

        by_hand = Own("by_hand", "/hand")
        by_hand.add_view("GET", plain)
        never = Service("never", "/never")

        @never.get()
        def not_scanned(request):
            return {}
        """,
}


def test_services_of_cornice_are_served_where_they_are_scanned_or_added(project: Make) -> None:
    found = project(CORNICE).system
    in_order = sorted(found.endpoints, key=lambda e: e.order)
    assert [(e.path, e.methods, e.handler) for e in in_order] == [
        ("/old", ("DELETE",), "shop.api.made"),
        ("/v1/boats/{pk}", ("PUT",), "shop.api.Boat.put"),
        ("/v1/boats", ("GET",), "shop.api.Boat.collection_get"),
        ("/v1/orders", ("GET",), "shop.api.listed"),
        ("/v1/orders", ("POST",), "shop.api.made"),
        ("/v1/hand", ("GET",), "shop.other.plain"),
    ]
    told = [d.message for d in found.diagnostics if d.code == "unregistered-routes"]
    assert len(told) == 1
    assert "never" in told[0]
    assert [d.message for d in found.diagnostics if d.code == "unlisted-view"] == []
