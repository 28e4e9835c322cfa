"""What Django asks of a database beside the views: users, sessions, tokens, permissions, pages' contexts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.on_server import extract_b, page_of, program, two_databases, write_site

FILES = {
    "site_settings.py": """
        import os
        SECRET_KEY = "x"
        ALLOWED_HOSTS = ["*"]
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
            "django.contrib.messages", "rest_framework", "rest_framework.authtoken", "a", "b"]
        MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware"]
        ROOT_URLCONF = "urls"
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True, "OPTIONS": {"context_processors": [
                "django.contrib.auth.context_processors.auth", "a.context.site"]}}]
        DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1",
            "PORT": os.environ.get("TEST_PORT"), "NAME": "data", "USER": os.environ.get("TEST_USER")}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        REST_FRAMEWORK = {
            "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication",
                "rest_framework.authentication.BasicAuthentication"],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]}
        """,
    "urls.py": """
        from django.urls import include, path
        urlpatterns = [path("", include("a.urls")), path("b/", include("b.urls"))]
        """,
    "a/__init__.py": "",
    "a/migrations/__init__.py": "",
    "a/models.py": """
        from django.db import models
        class Site(models.Model):
            name = models.CharField(max_length=20)
        """,
    "a/context.py": """
        from a.models import Site
        def site(request):
            return {"site": Site.objects.first()}
        """,
    "a/urls.py": """
        from django.contrib.auth.views import LoginView
        from django.urls import path
        urlpatterns = [path("login/", LoginView.as_view())]
        """,
    "b/__init__.py": "",
    "b/migrations/__init__.py": "",
    "b/models.py": """
        from django.conf import settings
        from django.db import models
        class Note(models.Model):
            user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
            text = models.CharField(max_length=20)
        """,
    "b/views.py": """
        from django.contrib.auth.decorators import login_required, permission_required
        from django.shortcuts import redirect, render
        from rest_framework.response import Response
        from rest_framework.views import APIView
        from b.models import Note
        class Notes(APIView):
            def get(self, request):
                return Response([note.text for note in Note.objects.filter(user=request.user)])
            def post(self, request):
                return Response({"id": Note.objects.create(user=request.user, text="new").id})
        @login_required
        def page(request):
            return render(request, "b/page.html", {"notes": Note.objects.filter(user=request.user)})
        @permission_required("b.change_note", raise_exception=True)
        def guarded(request):
            return render(request, "b/page.html", {"notes": Note.objects.all()})
        @login_required
        def remember(request):
            request.session["seen"] = 1
            return redirect("/b/page/")
        """,
    "b/templates/b/page.html": "{{ site.name }} {{ user }} {% for n in notes %}{{ n.text }} {% endfor %}",
    "b/urls.py": """
        from django.urls import path
        from b import views
        urlpatterns = [path("notes/", views.Notes.as_view()), path("page/", views.page),
            path("guarded/", views.guarded), path("remember/", views.remember)]
        """,
}
SEED = """
import django, json
django.setup()
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from rest_framework.authtoken.models import Token
from a.models import Site
from b.models import Note
Site.objects.create(name="Town")
group = Group.objects.create(name="editors")
group.permissions.add(Permission.objects.get(codename="change_note"))
found = {}
for name in ("ada", "bob"):
    user = User.objects.create_user(name, password="secret")
    Note.objects.create(user=user, text=f"of-{name}")
    client = Client()
    assert client.login(username=name, password="secret")
    found[name] = [Token.objects.create(user=user).key, client.cookies["sessionid"].value]
User.objects.get(username="ada").groups.add(group)
print(json.dumps(found))
"""
ASK = """
import django, json, sys
django.setup()
from django.test import Client
found = []
for token, session in (*json.loads(sys.argv[1]).values(), ("", "")):
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = session
    for method, path in (("get", "notes"), ("post", "notes"), ("get", "page"), ("get", "guarded")):
        headers = {"HTTP_AUTHORIZATION": f"Token {token}"} if token else {}
        answer = getattr(client, method)(f"/b/{path}/", **headers)
        found.append([path, answer.status_code, answer.content.decode(), answer.headers.get("Location", "")])
if len(sys.argv) > 2:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = json.loads(sys.argv[1])["ada"][1]
    found.append(client.get("/b/remember/").status_code)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ambient")
    write_site(FILES, root)
    extract_b(root, "default")
    extract_b(root, "out", "--copy-passwords")
    return root


def test_each_table_is_listed_with_the_line_that_asks(tree: Path) -> None:
    database = json.loads((tree / "default" / "service.json").read_bytes())["database"]
    stores = {table["name"]: table["store"] for table in database["tables"]}
    assert [name for name, store in stores.items() if store == "own"] == ["b_note"], "users are not b's"
    for name in (
        "a_site",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "auth_user",
        "auth_user_groups",
        "auth_user_user_permissions",
        "authtoken_token",
        "django_content_type",
        "django_session",
    ):
        assert stores[name] == "replica"
    tables = {table["name"]: table for table in database["tables"]}
    assert tables["authtoken_token"]["place"]["file"] == "site_settings.py"
    assert tables["auth_user"]["left_out"] == ["password"]
    assert [(p["file"], p["line"]) for p in tables["django_session"]["written"]] == [("b/views.py", 20)]
    notes = "\n".join(database["notes"])
    assert "a/urls.py:2 signs somebody in" in notes
    assert "site_settings.py:8: Django verifies each session" in notes
    assert "site_settings.py:19: a request that brings name and password (HTTP Basic)" in notes
    copying = json.loads((tree / "out" / "service.json").read_bytes())["database"]
    users = next(table for table in copying["tables"] if table["name"] == "auth_user")
    assert users["left_out"] == []
    assert not any("Django verifies" in note for note in copying["notes"])


def test_requests_are_known_and_permitted_on_the_service_s_own_database(tree: Path) -> None:
    with two_databases() as (one, other):
        program("manage.py migrate -v 0", tree / "site", one, "maker")
        people = program(SEED, tree / "site", one, "maker")
        page = page_of(tree / "out", one, other)
        for part in ("1.", "2.", "3."):
            page.do(part)
        found = json.loads(program(ASK, tree / "out" / "service", other, "mine", people, "write"))
        assert found.pop() == 400, "a session that cannot be kept is no success"
        page.do("4.")
        one.rows("DELETE FROM b_note WHERE text = 'new'; SELECT setval('b_note_id_seq', 2)", "data")
        expected = json.loads(program(ASK, tree / "site", one, "maker", people))
        assert found == expected
        statuses = [row[1] for row in expected]
        assert statuses == [200, 200, 200, 200, 200, 200, 200, 403, 401, 401, 302, 403]
