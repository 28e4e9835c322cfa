"""What settings put before requests: its tables are told apart, and count for no context."""

from __future__ import annotations

from typing import Any

from django_boot import settings

from strangler.model import Ambient

MIDDLEWARE = """
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shop.middleware.Visits",
    "shop.middleware.plain",
    "somebody.middleware.Else",
]
TEMPLATES = [{"BACKEND": "x", "OPTIONS": {"context_processors": ["shop.middleware.banners"]}}]
ROOT_URLCONF = "shop.urls"
"""
FILES = {
    "shop/models.py": """
        from django.db import models

        class Visit(models.Model):
            n = models.IntegerField()

        class Banner(models.Model):
            n = models.IntegerField()
        """,
    "shop/middleware.py": """
        from shop.models import Banner, Visit

        def count():
            Visit.objects.create(n=1)

        class Visits:
            def __init__(self, get_response):
                self.get_response = get_response

            def __call__(self, request):
                count()
                return self.get_response(request)

        def plain(get_response):
            def middleware(request):
                Banner.objects.first()
                return get_response(request)
            return middleware

        def banners(request):
            return {"n": Banner.objects.count()}
        """,
    "shop/views.py": "def page(request):\n    pass\n",
    "shop/urls.py": """
        from django.urls import path
        from shop.views import page

        urlpatterns = [path("", page)]
        """,
}


def rows(project: Any, *apps: str, extra: str = MIDDLEWARE, **files: str) -> dict[str, Ambient]:
    system = project({**settings("shop", *apps, extra=extra), **FILES, **files}).system
    return {row.name.rpartition(".")[2]: row for row in system.ambient}


def test_middleware_and_processors_tell_what_they_touch_with_all_that_they_call(project: Any) -> None:
    found = rows(project)
    assert (found["Visits"].kind, found["Visits"].tables_written) == ("middleware", ("shop_visit",))
    assert found["plain"].tables_read == ("shop_banner",)
    assert (found["banners"].kind, found["banners"].tables_read) == ("context_processor", ("shop_banner",))
    assert found["SessionMiddleware"].tables_written == ("django_session",)
    assert found["AuthenticationMiddleware"].tables_read == ("auth_user", "django_session")
    assert not found["Else"].known
    assert "SecurityMiddleware" not in found
    assert (found["Visits"].file, found["Visits"].handlers) == ("project_settings.py", ())


def test_engines_and_the_user_model_decide_the_tables(project: Any) -> None:
    extra = MIDDLEWARE + (
        'SESSION_ENGINE = "django.contrib.sessions.backends.cache"\nAUTH_USER_MODEL = "shop.Person"\n'
        'CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", '
        '"LOCATION": "my_cache"}}\n'
    )
    person = """
        from django.contrib.auth.models import AbstractUser
        from django.db import models

        class Visit(models.Model):
            n = models.IntegerField()

        class Banner(models.Model):
            n = models.IntegerField()

        class Person(AbstractUser):
            pass
        """
    found = rows(project, extra=extra, **{"shop/models.py": person})
    assert found["SessionMiddleware"].tables_written == ("my_cache",)
    assert found["AuthenticationMiddleware"].tables_read == ("my_cache", "shop_person")


def test_rest_framework_binds_its_defaults_and_a_view_its_own(project: Any) -> None:
    extra = MIDDLEWARE + (
        'REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": '
        '["rest_framework.authentication.TokenAuthentication"]}\n'
    )
    views = """
        from rest_framework.authentication import BaseAuthentication
        from rest_framework.permissions import IsAuthenticated
        from rest_framework.views import APIView
        from shop.models import Visit

        class ByVisit(BaseAuthentication):
            def authenticate(self, request):
                return Visit.objects.get(n=1), None

        class Usual(APIView):
            def get(self, request):
                pass

        class Own(APIView):
            authentication_classes = [ByVisit]
            permission_classes = [IsAuthenticated]

            def get(self, request):
                pass
        """
    urls = """
        from django.urls import path
        from shop import views

        urlpatterns = [path("a/", views.Usual.as_view()), path("b/", views.Own.as_view())]
        """
    found = rows(project, extra=extra, **{"shop/views.py": views, "shop/urls.py": urls})
    token, own, permission = found["TokenAuthentication"], found["ByVisit"], found["IsAuthenticated"]
    assert (token.tables_read, token.handlers) == (("auth_user", "authtoken_token"), ("shop.views.Usual",))
    assert (own.tables_read, own.handlers) == (("shop_visit",), ("shop.views.Own",))
    assert (permission.guards, permission.handlers) == (True, ("shop.views.Own",))
    assert token.guards


def test_a_project_without_endpoints_has_none(project: Any) -> None:
    assert rows(project, **{"shop/urls.py": "urlpatterns = []\n"}) == {}
