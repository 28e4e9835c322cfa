"""The monolith's table once the code is out: what stays is answered as before, or it is said what is not."""

from __future__ import annotations

import textwrap
from pathlib import Path

import msgspec
from msgspec import structs
from routing_tables import context, route, system

from strangler.config import Config
from strangler.model import Module
from strangler.pipeline import analyze
from strangler.routing import RoutingPlan, plan_routes
from strangler.routing.gateways import gateway
from strangler.routing.readme import readme
from strangler.sources import scan


def planned(*, registered_in: str) -> RoutingPlan:
    """Orders leaves; an export of the reports is registered in ``registered_in``."""
    table = system(
        structs.replace(route(0, "/orders/export/", "reports.views.export"), file=registered_in),
        structs.replace(route(1, r"/orders/(?:\d+)/", "orders.views.show"), file="orders/urls.py"),
        route(2, "/(?s:.*)", "pages.views.page"),
    )
    own = (Module(name="orders.urls", path="orders/urls.py", lines=3),)
    table = structs.replace(table, modules=tuple(sorted((*table.modules, *own))))
    return plan_routes(table, context("orders.views", "orders.urls"))


def test_what_stays_is_answered_as_today_and_catch_alls_are_told() -> None:
    plan = planned(registered_in="shop/urls.py")
    assert plan.removal.ok
    assert plan.removal.removed == 1
    (caught,) = plan.removal.uncovered
    assert (plan.routes[caught.by].handler, caught.example) == ("pages.views.page", "/orders/0/")
    text = readme(plan, [], {})
    assert "answered by the route that answers it today" in text
    assert "no 404, should a request reach the monolith after all (1 route)" in text


def test_a_route_that_is_registered_in_what_goes_is_lost_and_told_with_what_answers_then() -> None:
    plan = planned(registered_in="orders/urls.py")
    (lost,) = plan.removal.lost
    assert plan.routes[lost.route].handler == "reports.views.export"
    assert lost.answered_by is not None
    assert plan.routes[lost.answered_by].handler == "pages.views.page"
    assert (lost.method, lost.example) == ("GET", "/orders/export/")
    assert not plan.removal.ok
    assert "register it elsewhere first" in readme(plan, [], {})


def test_names_that_are_asked_for_by_what_stays_are_told_with_their_places(tmp_path: Path) -> None:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_settings')\n",
        "site_settings.py": """
            INSTALLED_APPS = ["orders", "pages"]
            ROOT_URLCONF = "site_urls"
            """,
        "site_urls.py": """
            from django.urls import include, path
            from pages.views import home, there

            urlpatterns = [
                path("", home, name="home"),
                path("there/", there, name="there"),
                path("orders/", include(("orders.urls", "orders"))),
            ]
            """,
        "orders/__init__.py": "",
        "orders/urls.py": """
            from django.urls import path
            from orders.views import show

            urlpatterns = [path("<int:pk>/", show, name="show"), path("new/", show, name="new")]
            """,
        "orders/views.py": """
            from django.urls import reverse

            def show(request, pk=None):
                return reverse("orders:new")
            """,
        "pages/__init__.py": "",
        "pages/views.py": """
            from django.shortcuts import redirect
            from django.urls import reverse

            def home(request):
                return redirect("orders:show", pk=1)

            def there(request):
                redirect("/orders/new/")
                return reverse("home")
            """,
        "pages/templates/pages/page.html": "<p>\n<a href=\"{% url 'orders:new' %}\">new</a>\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    model = analyze(scan(tmp_path), Config(), cached=False, jobs=1)
    plan = plan_routes(model.system, context("orders", "orders.urls", "orders.views"))
    assert [(one.name, one.place) for one in plan.removal.names] == [
        ("orders:new", "pages/templates/pages/page.html:2"),
        ("orders:show", "pages/views.py:6"),
    ]
    assert plan.removal.lost == ()
    assert "`pages/views.py:6`" in readme(plan, [], {})
    assert msgspec.json.decode(msgspec.json.encode(plan), type=RoutingPlan) == plan


def test_an_incomplete_table_is_said_first_in_every_file() -> None:
    plan = planned(registered_in="shop/urls.py")
    open_ = structs.replace(plan, certificate=structs.replace(plan.certificate, complete=False))
    for name in ("nginx", "haproxy", "envoy", "traefik"):
        first = next(iter(gateway(name).files(open_).values()))
        head = "\n".join(first.splitlines()[:3])
        assert "not complete" in head, name
        assert head.index("not complete") < head.index("proved equal"), name
