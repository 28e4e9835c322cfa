"""URL tables that may be one of several: what they share is listed once, the rest with its condition."""

from __future__ import annotations

from typing import Any

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
