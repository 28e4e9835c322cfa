"""What answers and is not listed stays with the monolith; the certificate says what it does not know."""

from __future__ import annotations

import textwrap
from pathlib import Path

import msgspec
import pytest
from routing_tables import context, route, system
from test_rules import sides

from strangler.config import Config
from strangler.model import Model, OpaqueRoute, RouteTraits
from strangler.pipeline import analyze
from strangler.routing import RoutingSettings, plan_routes
from strangler.routing.automaton import Product
from strangler.routing.canonical import canonical_paths
from strangler.routing.errors import TooComplexError
from strangler.routing.parse import MAX_PATTERN
from strangler.routing.plan import recertify
from strangler.routing.readme import readme
from strangler.routing.routes import route_table, without_intricate
from strangler.routing.samples import Expectation
from strangler.routing.values import RoutingPlan
from strangler.sources import scan

SHOP = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'cove.settings')\n",
    "cove/__init__.py": "",
    "cove/settings.py": "INSTALLED_APPS = ['pages']\nROOT_URLCONF = 'cove.urls'\n",
    "pages/__init__.py": "",
    "pages/views.py": "def page(request, slug): ...\n",
}
CATCH_ALL = "re_path(r'^(?P<slug>[a-z/]*)$', page)"


def plan_of(root: Path, urls: str) -> tuple[Model, RoutingPlan]:
    for path, text in {**SHOP, "cove/urls.py": textwrap.dedent(urls)}.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
    model = analyze(scan(root), Config(), cached=False, jobs=1)
    (context,) = (one for one in model.contexts if "pages.views" in one.modules)
    kept = tuple(name for name in context.modules if name.startswith("pages"))
    return model, plan_routes(model.system, msgspec.structs.replace(context, modules=kept))


def test_library_tables_and_unknown_includes_before_a_catch_all_stay(
    tmp_path: Path,
) -> None:
    model, plan = plan_of(
        tmp_path,
        f"""
        from django.contrib import admin
        from django.urls import include, path, re_path
        from pages.views import page
        from somewhere import made

        urlpatterns = [
            path("staff/", admin.site.urls),
            path("", include("django.contrib.auth.urls")),
            path("shop/", include(made())),
            {CATCH_ALL},
        ]
        """,
    )
    there = ["/staff/", "/staff/x/y/", "/login/", "/shop/anything"]
    assert sides(plan, *there) == ["monolith"] * len(there)
    assert sides(plan, "/about/", "/stafflist/") == ["service", "service"]
    assert {row.what for row in model.opaque_routes} >= {"django.contrib.auth.urls"}
    assert plan.certificate.complete


def test_what_may_answer_anywhere_is_a_hole_in_the_certificate_named_before_it(tmp_path: Path) -> None:
    _, plan = plan_of(
        tmp_path,
        f"""
        from django.urls import include, path, re_path
        from pages.views import page

        urlpatterns = [path("", include("social.urls")), {CATCH_ALL}]
        """,
    )
    assert not plan.certificate.complete
    (hole,) = plan.holes
    assert (hole.file, hole.line) == ("cove/urls.py", 5)
    assert "social.urls" in hole.message
    text = readme(plan, [], {})
    assert text.index("is not complete") < text.index("Certificate")


def test_a_route_whose_view_cannot_be_told_is_somebodys(tmp_path: Path) -> None:
    _, plan = plan_of(
        tmp_path,
        f"""
        from django.urls import path, re_path
        from pages.views import page
        from somewhere import views

        urlpatterns = [path("odd/", views()["odd"]), {CATCH_ALL}]
        """,
    )
    assert sides(plan, "/odd/", "/odder/") == ["monolith", "service"]


FLASK = """
    from flask import Flask, Blueprint
    from kit import made
    from shop import pages

    app = Flask("shop")
    app.register_blueprint(made(), url_prefix="/kit")
    app.add_url_rule("/odd/<name>", view_func=made().view)
    app.add_url_rule("/<path:slug>", view_func=pages.page)
    """
FASTAPI = """
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles
    from kit import made
    from shop import pages

    app = FastAPI()
    app.mount("/files", StaticFiles(directory="files"))
    app.include_router(made(), prefix="/kit")
    app.get("/{slug:path}")(pages.page)
    """


@pytest.mark.parametrize(
    ("main", "there", "moved"),
    [
        (FLASK, ["/kit/a/b", "/odd/x", "/static/x.css"], ["/about", "/statics"]),
        (FASTAPI, ["/files/x/y.css", "/kit/a", "/docs", "/openapi.json"], ["/about", "/filesystem"]),
    ],
)
def test_mounts_static_files_and_unknown_parts_of_an_application_stay(
    tmp_path: Path, main: str, there: list[str], moved: list[str]
) -> None:
    files = {"shop/__init__.py": "", "shop/pages.py": "def page(slug): ...\n", "shop/main.py": main}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(textwrap.dedent(text))
    model = analyze(scan(tmp_path), Config(), cached=False, jobs=1)
    plan = plan_routes(
        model.system, msgspec.structs.replace(model.contexts[0], modules=("shop.pages",), name="pages")
    )
    assert sides(plan, *there) == ["monolith"] * len(there)
    assert sides(plan, *moved) == ["service"] * len(moved)


@pytest.mark.parametrize("regex", ["/" + "a?" * 500 + "a" * 500, "/.*a.{18}"])
@pytest.mark.parametrize("owner", ["orders.v", "pages.v"])
def test_one_route_that_no_automaton_can_follow_is_a_hole_and_not_the_end(regex: str, owner: str) -> None:
    table = system(route(0, regex, owner, pattern="/odd"), route(1, "/orders/", "orders.v"))
    plan = plan_routes(table, context("orders"), RoutingSettings())
    assert Expectation(plan).answer("/orders/", "GET") == "service"
    assert [hole.code for hole in plan.holes] == ["route-not-regular"]
    assert not plan.certificate.complete
    recertify(plan)


@pytest.mark.parametrize("regex", ["/(?:(?:a{1,1000}){1,1000})/", "/(?:(?:[a-z]{1,900}){2,800}){3,700}"])
def test_a_nested_repetition_ends_by_what_its_states_hold(regex: str) -> None:
    table = system(route(0, regex, "orders.v", pattern="/odd"), route(1, "/orders/", "orders.v"))
    routes = route_table(table, context("orders"), RoutingSettings())
    with pytest.raises(TooComplexError, match="counted repetitions"):
        Product([line.term for line in routes.lines], canonical_paths(), limit=5_000)
    left = without_intricate(routes)
    assert {line.route.pattern for line in left.lines} == {"/orders/"}
    assert [(hole.code, hole.file, hole.line) for hole in left.holes] == [("route-not-regular", "urls.py", 1)]


@pytest.mark.parametrize(
    ("path", "method", "side"),
    [
        ("/fleet/tours", "GET", "service"),
        ("/fleet/tours", "POST", "service"),  # 405, by the mounted application
        ("/fleet/tours/", "GET", "service"),  # its redirect
        ("/fleet/other", "GET", "monolith"),
        ("/fleet/late", "GET", "monolith"),  # the mount has taken it
    ],
)
def test_a_mounted_application_answers_405_and_redirects_for_its_own_routes(
    path: str, method: str, side: str
) -> None:
    rest = OpaqueRoute(
        pattern="/fleet", regex="/fleet/.*", what="the rest", framework="fastapi", file="app.py", line=9,
        order=1, rest=True,
    )  # fmt: skip
    table = system(
        route(0, "/fleet/tours", "orders.v", ("GET",), "fastapi"),
        route(2, "/fleet/late", "orders.v", ("GET",), "fastapi"),
    )
    table = msgspec.structs.replace(table, opaque_routes=(rest,))
    plan = plan_routes(table, context("orders"), RoutingSettings())
    assert Expectation(plan).answer(path, method) == side


def test_routes_of_one_host_are_a_hole_since_rules_see_paths_alone() -> None:
    bound = [
        msgspec.structs.replace(route(order, regex, "orders.v"), host="api", exact=False)
        for order, regex in enumerate(("/a/", "/b/"))
    ]
    plan = plan_routes(system(*bound, route(2, "/a/", "pages.v")), context("orders"), RoutingSettings())
    (hole,) = plan.holes
    assert (hole.code, "api" in hole.message) == ("host-routes", True)
    assert not plan.certificate.complete


def test_a_redirect_whose_expression_grows_long_is_proved_again_as_any_other() -> None:
    names = r"/queues/(?P<name>[\w.@+-]+)(?:/|\.(?P<format>[a-z0-9]+)/?)"
    slashes = RouteTraits(by_method=False, slash_redirect="append")
    queue = msgspec.structs.replace(route(0, names, "pages.v", framework="django"), traits=slashes)
    plan = plan_routes(system(queue, route(1, "/orders/", "orders.v")), context("orders"), RoutingSettings())
    assert max(len(row.regex) for row in plan.routes) > MAX_PATTERN
    recertify(plan)
    assert Expectation(plan).answer("/queues/a.b", "GET") == "monolith"
