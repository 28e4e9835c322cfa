"""URL tables that may be one of several: what they share is listed once, the rest with its condition."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django_boot import settings

VIEWS = "def boats(request): ...\n\ndef crew(request): ...\n\ndef bills(request): ...\n"


def rows(project: Any, urls: str, **files: str) -> dict[tuple[str, str], str]:
    """(path, handler) -> condition, of every endpoint; a row that is listed twice fails."""
    found = project(
        settings("shop")
        | {"shop/views.py": VIEWS, "site_urls.py": urls}
        | {name.replace("__", "/") + ".py": text for name, text in files.items()}
    ).system.endpoints
    made = {(e.path, e.handler): e.condition for e in found}
    assert len(made) == len(found)
    return made


def test_what_two_possible_tables_share_is_listed_once(project: Any) -> None:
    found = rows(
        project,
        """
        import os
        from django.urls import path
        from shop import views
        urlpatterns = [path("boats/", views.boats)]
        if os.environ.get("CREW"):
            urlpatterns = [path("crew/", views.crew)] + urlpatterns
        """,
    )
    assert found == {
        ("/boats/", "shop.views.boats"): "",
        ("/crew/", "shop.views.crew"): "os.environ.get('CREW')",
    }


def test_what_is_included_under_a_condition_has_that_condition(project: Any) -> None:
    found = rows(
        project,
        """
        import os
        from django.urls import include, path
        from shop import views
        urlpatterns = [path("boats/", views.boats)]
        if os.environ.get("BILLING"):
            urlpatterns.append(path("billing/", include("shop.urls")))
        """,
        shop__urls="from django.urls import path\nfrom shop import views\n"
        'urlpatterns = [path("bills/", views.bills)]\n',
    )
    assert found[("/billing/bills/", "shop.views.bills")] == "os.environ.get('BILLING')"
    assert found[("/boats/", "shop.views.boats")] == ""


ROUTERS = """
    import os
    from rest_framework.routers import DefaultRouter, SimpleRouter
    from rest_framework_nested.routers import NestedSimpleRouter
    from shop.api import BoatViewSet, CrewViewSet
    router = DefaultRouter() if os.environ.get("BROWSE") else SimpleRouter()
    router.register("boats", BoatViewSet)
    crew = NestedSimpleRouter(router, "boats", lookup="boat")
    crew.register("crew", CrewViewSet)
    urlpatterns = router.urls + crew.urls
    """
VIEWSETS = """
    from rest_framework.viewsets import ReadOnlyModelViewSet
    class BoatViewSet(ReadOnlyModelViewSet): ...
    class CrewViewSet(ReadOnlyModelViewSet): ...
    """


def test_a_router_that_is_one_of_two_has_its_nested_routes_and_marks_what_one_alone_gives(
    project: Any,
) -> None:
    found = rows(project, ROUTERS, shop__api=VIEWSETS)
    sure = {path: handler for (path, handler), condition in found.items() if not condition}
    assert sure == {
        "/boats/": "shop.api.BoatViewSet",
        "/boats/{pk}/": "shop.api.BoatViewSet",
        "/boats/{boat_pk}/crew/": "shop.api.CrewViewSet",
        "/boats/{boat_pk}/crew/{pk}/": "shop.api.CrewViewSet",
    }
    assert "/" in {path for (path, _), condition in found.items() if condition}  # the root view of one


def test_a_nested_router_ends_its_routes_as_its_parent_does_unless_it_says_otherwise(project: Any) -> None:
    routers = """
        from rest_framework.routers import SimpleRouter
        from rest_framework_nested.routers import NestedSimpleRouter
        from shop.api import BoatViewSet, CrewViewSet
        router = SimpleRouter(trailing_slash=False)
        router.register("boats", BoatViewSet)
        crew = NestedSimpleRouter(router, "boats", lookup="boat")
        crew.register("crew", CrewViewSet)
        pay = NestedSimpleRouter(crew, "crew", lookup="crew", trailing_slash=True)
        pay.register("pay", CrewViewSet)
        urlpatterns = [*router.urls, *crew.urls, *pay.urls]
        """
    assert {path for path, _ in rows(project, routers, shop__api=VIEWSETS)} == {
        "/boats",
        "/boats/{pk}",
        "/boats/{boat_pk}/crew",
        "/boats/{boat_pk}/crew/{pk}",
        "/boats/{boat_pk}/crew/{crew_pk}/pay/",
        "/boats/{boat_pk}/crew/{crew_pk}/pay/{pk}/",
    }


def test_a_list_of_a_library_that_is_spread_over_the_urls_is_said_where_it_stands(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "shop/views.py": "def a(request): ...\n",
            "site_urls.py": """
                from django.urls import include, path
                from oidc.urls import urlpatterns as oidc_urls
                from shop import views
                urlpatterns = [path("api/", include([path("a/", views.a), *oidc_urls]))]
                """,
        }
    ).system
    assert [(row.pattern, row.what) for row in made.opaque_routes] == [("api/", "oidc.urls.urlpatterns")]


def test_what_a_router_cannot_tell_is_said_and_stays_with_the_monolith(project: Any) -> None:
    urls = """
        from rest_framework.routers import SimpleRouter
        from shop.api import CrewViewSet
        import fleet
        router = SimpleRouter()
        router.register(fleet.prefix(), CrewViewSet)
        router.register("boats", fleet.views["boats"]())
        urlpatterns = router.urls
        """
    found = project(settings("shop") | {"shop/api.py": VIEWSETS, "site_urls.py": urls}).system
    assert [e.path for e in found.endpoints] == []
    said = {(d.file, d.line) for d in found.diagnostics if d.code == "unresolved-handler"}
    assert said == {("site_urls.py", 6), ("site_urls.py", 7)}
    assert {route.line for route in found.opaque_routes} == {6, 7}


def test_a_router_that_changes_its_routes_itself_is_said(project: Any) -> None:
    urls = """
        from rest_framework.routers import SimpleRouter
        from shop.api import CrewViewSet
        class Short(SimpleRouter):
            def get_urls(self):
                return [aliased(one) for one in super().get_urls()]
        router = Short()
        router.register("crew", CrewViewSet)
        urlpatterns = router.urls
        """
    found = project(settings("shop") | {"shop/api.py": VIEWSETS, "site_urls.py": urls}).system
    assert [e.path for e in found.endpoints] == ["/crew/", "/crew/{pk}/"]
    said = [(d.file, d.line) for d in found.diagnostics if d.code == "unresolved-urls"]
    assert said == [("site_urls.py", 7)]
    assert [route.regex for route in found.opaque_routes] == ["/.*"]


def said(project: Any, urls: str, **files: str) -> tuple[set[str], int, int]:
    """Codes of the diagnostics, endpoints, opaque routes."""
    system = project(
        settings("shop")
        | {"shop/views.py": VIEWS, "site_urls.py": urls}
        | {name.replace("__", "/") + ".py": text for name, text in files.items()}
    ).system
    return {d.code for d in system.diagnostics}, len(system.endpoints), len(system.opaque_routes)


def test_a_table_that_includes_itself_is_walked_once_and_told(project: Any) -> None:
    urls = """
        from django.urls import include, path
        from shop import views
        urlpatterns = [
            path("boats/", views.boats),
            path("a/", include("site_urls")),
            path("b/", include("site_urls")),
            path("c/", include("site_urls")),
        ]
        """
    codes, endpoints, opaque = said(project, urls)
    assert "url-table-too-deep" in codes
    assert (endpoints, opaque) == (1, 3)


def test_tables_that_multiply_each_other_end_at_a_limit_that_is_told(project: Any) -> None:
    levels = {
        f"shop__level{n}": f"""
        from django.urls import include, path
        urlpatterns = [path("a/", include("shop.level{n + 1}")), path("b/", include("shop.level{n + 1}"))]
        """
        for n in range(16)
    }
    last = """
        from django.urls import path
        from shop import views
        urlpatterns = [path("boats/", views.boats)]
        """
    first = 'from django.urls import include, path\nurlpatterns = [path("", include("shop.level0"))]\n'
    codes, endpoints, _ = said(project, first, **levels, shop__level16=last)
    assert "url-table-too-long" in codes
    assert endpoints == 20_000


@pytest.mark.parametrize(
    "urls",
    [
        "urlpatterns = own\nurlpatterns += fleet.more()",
        "urlpatterns = own + fleet.more()",
        "urlpatterns = own\nurlpatterns.extend(fleet.more())",
        "urlpatterns = [*own, *fleet.urls.more]",
    ],
)
def test_a_list_with_more_than_can_be_told_is_a_hole_behind_what_is_listed(project: Any, urls: str) -> None:
    head = "import fleet\nfrom django.urls import path\nfrom shop import views\nown = [path('a/', views.a)]\n"
    files = {"shop/views.py": "def a(request): ...\n", "site_urls.py": head + urls}
    found = project(settings("shop") | files).system
    assert [(row.regex, row.order) for row in found.opaque_routes] == [("/.*", 1)]
    assert [d.code for d in found.diagnostics if d.code == "unresolved-urls"] == ["unresolved-urls"]
    assert [e.path for e in found.endpoints] == ["/a/"]


@pytest.mark.parametrize(
    ("urls", "order"),
    [
        ("urlpatterns = fleet.more() + own", 0),
        ("urlpatterns = [*fleet.more(), *own]", 0),
        ("urlpatterns = [path('a/', views.a), *fleet.more(), path('b/', views.b)]", 1),
        ("urlpatterns = fleet.more()\nurlpatterns += own", 0),
    ],
)
def test_what_more_a_list_holds_stands_where_it_was_added(project: Any, urls: str, order: int) -> None:
    head = (
        "import fleet\nfrom django.urls import path\nfrom shop import views\n"
        "own = [path('a/', views.a), path('b/', views.b)]\n"
    )
    views = "def a(request): ...\ndef b(request): ...\n"
    found = project(settings("shop") | {"shop/views.py": views, "site_urls.py": head + urls}).system
    assert [(row.regex, row.order) for row in found.opaque_routes] == [("/.*", order)]
    assert [d.code for d in found.diagnostics if d.code == "unresolved-urls"] == ["unresolved-urls"]
    assert [e.path for e in found.endpoints] == ["/a/", "/b/"]


@pytest.mark.parametrize(
    "given", ["fleet_urls + [path('a/', views.a)]", "[*fleet_urls, path('a/', views.a)]", "joined"]
)
def test_a_list_of_a_library_stands_in_the_list_that_it_was_added_to_and_in_no_other(
    project: Any, given: str
) -> None:
    urls = f"""
        from django.urls import include, path
        from fleet.urls import base_urlpatterns as fleet_urls
        from shop import views
        from two_factor.urls import urlpatterns as two_factor
        joined = []
        joined.extend(fleet_urls)
        joined += [path('a/', views.a)]
        urlpatterns = [
            path("fleet/", include({given})),
            path("", include(two_factor)),
        ]
        """
    files = {"shop/views.py": "def a(request): ...\n", "site_urls.py": urls}
    found = project(settings("shop") | files).system
    assert [(row.regex, row.what) for row in sorted(found.opaque_routes, key=lambda row: row.order)] == [
        ("/fleet/.*", "fleet.urls.base_urlpatterns"),
        ("/account/.*", "two_factor.urls.urlpatterns"),
    ]
    assert [(e.path, e.order) for e in found.endpoints] == [("/fleet/a/", 1)]


def test_static_files_of_a_prefix_that_is_one_of_several_are_listed_under_those_of_this_host(
    project: Any,
) -> None:
    urls = """
        from django.conf import settings
        from django.conf.urls.static import static
        urlpatterns = static(settings.FILES_URL)
        """
    extra = """
import os
DEBUG = True
if os.environ.get("CDN"):
    FILES_URL = "https://cdn.example/files/"
else:
    FILES_URL = "/files/"
"""
    found = project(settings("shop", extra=extra) | {"shop/models.py": "", "site_urls.py": urls}).system
    assert [(e.path, "settings.DEBUG" in e.condition) for e in found.endpoints] == [("/files/{path}", True)]


def test_tables_of_libraries_at_the_root_take_only_what_is_theirs(project: Any) -> None:
    urls = """
        from debug_toolbar.toolbar import debug_toolbar_urls
        from django.urls import include, path
        from shop import views
        from two_factor.urls import urlpatterns as two_factor
        urlpatterns = [
            path("", include(two_factor)),
            path("", include("social_django.urls")),
            path("a/", views.a),
        ] + debug_toolbar_urls()
        """
    files = {"shop/views.py": "def a(request): ...\n", "site_urls.py": urls}
    found = project(settings("shop", extra="DEBUG = True\n") | files).system
    takes = [re.compile(row.regex) for row in found.opaque_routes]

    def taken(url: str) -> bool:
        return any(one.fullmatch(url) for one in takes)

    assert all(map(taken, ["/account/two_factor/setup/", "/complete/github/", "/__debug__/render_panel/"]))
    assert not any(map(taken, ["/a/", "/", "/accounts/"]))


def test_what_is_there_while_debugging_alone_says_so_and_a_table_that_a_library_makes_is_no_view(
    project: Any,
) -> None:
    urls = """
        from django.conf import settings
        from django.conf.urls.static import static
        from django.urls import path
        from rest_framework.documentation import include_docs_urls
        from site_kit import page_urls
        from shop import views
        urlpatterns = [path("docs/", include_docs_urls(title="Shop")), path("pages/", page_urls(1))]
        if settings.DEBUG:
            urlpatterns.append(path("a/", views.a))
        urlpatterns += static("/media/")
        """
    files = {"shop/views.py": "def a(request): ...\n", "site_urls.py": urls}
    found = project(settings("shop", extra="DEBUG = True\n") | files).system
    assert {(e.path, e.condition) for e in found.endpoints} == {
        ("/a/", "settings.DEBUG"),
        ("/media/{path}", "settings.DEBUG"),
    }
    assert [row.regex for row in found.opaque_routes] == ["/docs/", "/docs/schema\\.js", "/pages/.*"]


def test_what_a_helper_registers_has_the_condition_of_its_callers(project: Any) -> None:
    helpers = """
        from django.urls import path
        from shop import views
        from shop.api import CrewViewSet

        def add_crew(router):
            router.register("crew", CrewViewSet, basename="crew")
            return router

        def old():
            return [path("old/", views.a)]
        """
    urls = """
        from django.conf import settings
        from django.urls import include, path
        from rest_framework.routers import DefaultRouter
        from shop.helpers import add_crew, old
        router = DefaultRouter(include_root_view=False)
        urlpatterns = [path("api/", include(router.urls))]
        if settings.BETA:
            router = add_crew(router)
            urlpatterns += old()
        """
    files = {
        "shop/api.py": VIEWSETS,
        "shop/views.py": "def a(request): ...\n",
        "shop/helpers.py": helpers,
        "site_urls.py": urls,
    }
    beta = "import os\nBETA = os.environ.get('BETA')\n"
    found = project(settings("shop", extra=beta) | files).system.endpoints
    assert {(e.path, e.condition) for e in found} == {
        ("/api/crew/", "settings.BETA"),
        ("/api/crew/{pk}/", "settings.BETA"),
        ("/old/", "settings.BETA"),
    }


def test_lists_that_a_condition_adds_have_it_wherever_their_entries_are_written(project: Any) -> None:
    module = "from django.urls import path\nfrom shop import views\n"
    found = rows(
        project,
        """
        import os
        from django.urls import include, path
        from shop import extra, plain, shared, views
        parts = [path("boats/", views.boats)]
        if os.environ.get("NEW"):
            parts += extra.urlpatterns
        else:
            parts.extend(plain.urlpatterns)
        parts += shared.urlpatterns
        urlpatterns = [path("v1/", include(parts)), path("v2/", include("shop.extra"))]
        """,
        shop__extra=module + 'urlpatterns = [path("crew/", views.crew)]\n',
        shop__plain=module + 'urlpatterns = [path("crew/", views.bills)]\n',
        shop__shared=module + 'urlpatterns = [path("bills/", views.bills)]\n',
    )
    assert found == {
        ("/v1/boats/", "shop.views.boats"): "",
        ("/v1/crew/", "shop.views.crew"): "os.environ.get('NEW')",
        ("/v1/crew/", "shop.views.bills"): "not (os.environ.get('NEW'))",
        ("/v1/bills/", "shop.views.bills"): "",
        ("/v2/crew/", "shop.views.crew"): "",
    }


def test_a_switch_that_the_named_settings_modules_set_differently_is_a_condition(project: Any) -> None:
    """``manage.py`` starts a developer's settings, ``wsgi.py`` those that are served."""
    found = rows(
        project,
        """
        from django.conf import settings
        from django.urls import path, re_path
        from shop import views
        urlpatterns = [re_path("^boats.txt$", views.boats)]
        if settings.DEBUG:
            urlpatterns += [path("crew/", views.crew)]
        if settings.SAILS:
            urlpatterns += [path("bills/", views.bills)]
        """,
        served_settings="from project_settings import *\nDEBUG = False\n",
        project_settings=settings("shop")["project_settings.py"] + "\nDEBUG = SAILS = True\n",
        wsgi='import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "served_settings")\n',
    )
    assert found == {
        ("/boats.txt", "shop.views.boats"): "",
        ("/crew/", "shop.views.crew"): "settings.DEBUG",
        ("/bills/", "shop.views.bills"): "",
    }


def test_a_setting_whose_value_is_not_known_is_set_all_the_same(project: Any) -> None:
    """``getattr`` with a default decides nothing, and an entry written before its condition has it."""
    found = rows(
        project,
        """
        from django.conf import settings
        from django.urls import path
        from shop import views
        urlpatterns = [path("boats/", views.boats)]
        for flag, entry in {"CREW": path("crew/", views.crew), "GONE": path("gone/", views.crew)}.items():
            if getattr(settings, flag, False):
                urlpatterns.insert(0, entry)
        if hasattr(settings, "CREW"):
            urlpatterns.append(path("bills/", views.bills))
        """,
        project_settings=settings("shop")["project_settings.py"]
        + "\nimport os\nCREW = bool(os.getenv('C'))\n",
    )
    assert found == {
        ("/boats/", "shop.views.boats"): "",
        ("/crew/", "shop.views.crew"): "getattr(settings, flag, False)",
        ("/bills/", "shop.views.bills"): "",
    }


def test_the_tables_of_django_before_patterns_went_are_read(project: Any) -> None:
    urls = """
    from django.conf.urls import include, patterns, url
    from shop import views

    inner = patterns("shop.views", (r"^a$", "a"), url(r"^b$", "b", {"x": 1}, name="b"))
    urlpatterns = patterns(
        "",
        (r"^shop/", include(inner)),
        (r"^c$", views.a, {"x": 1}, "c"),
        url(r"^d$", "shop.views.b"),
    )
    """
    made = project(
        {
            **settings("shop"),
            "shop/views.py": "def a(request, **more): pass\n\ndef b(request, **more): pass\n",
            "site_urls.py": urls,
        }
    )
    assert {(e.path, e.handler, e.name) for e in made.system.endpoints} == {
        ("/shop/a", "shop.views.a", None),
        ("/shop/b", "shop.views.b", "b"),
        ("/c", "shop.views.a", "c"),
        ("/d", "shop.views.b", None),
    }


def test_each_entry_of_a_table_that_nothing_includes_is_told_those_of_its_lists_too(project: Any) -> None:
    urls = """
    from django.urls import include, path
    from shop import views

    boats = [
        path("a", views.a),
        path("b", views.b),
    ]
    urlpatterns = [
        path("boats/", include(boats)),
        path("c", views.b),
    ]
    """
    made = project(
        {
            **settings("shop"),
            "shop/views.py": "def a(request): pass\n\ndef b(request): pass\n",
            "shop/urls.py": urls,
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    said = [d for d in made.system.diagnostics if d.code == "unreached-urls"]
    assert [(d.file, d.line) for d in said] == [("shop/urls.py", line) for line in (6, 7, 11)]


def test_an_entry_that_a_view_makes_while_the_application_runs_is_told(project: Any) -> None:
    views = """
    from django.urls import path

    def made():
        return [path("made", report)]

    def report(request): ...

    def upload(request):
        import site_urls
        site_urls.urlpatterns.append(path("late", report))
    """
    urls = """
    from django.urls import path
    from shop import views

    urlpatterns = [path("upload", views.upload), *views.made()]
    """
    made = project({**settings("shop"), "shop/views.py": views, "site_urls.py": urls})
    assert {e.path for e in made.system.endpoints} == {"/upload", "/made"}
    told = [(d.file, d.line) for d in made.system.diagnostics if d.code == "unreached-urls"]
    assert told == [("shop/views.py", 11)]
