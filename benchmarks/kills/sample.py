"""A small Django monolith with a history, in versions, and a server that answers as it might."""

from __future__ import annotations

import json
import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PARTS = ("orders", "billing", "catalog")
MODEL = """\
from django.db import models


class {title}(models.Model):
    name = models.TextField()
    amount = models.IntegerField(default={version})
"""
VIEWS = """\
from django.http import JsonResponse

from shop.{part}.models import {title}
from shop.{other}.services import total


def listing(request):
    return JsonResponse({{"rows": list({title}.objects.values()), "total": total()}})


def one(request, pk):
    return JsonResponse({{"name": {title}.objects.get(pk=pk).name, "version": {version}}})
"""
SERVICES = """\
from shop.{part}.models import {title}


def total():
    return {title}.objects.filter(amount__gt={version}).count()
"""
URLS = """\
from django.urls import path

from shop.{part} import views

urlpatterns = [path("{part}/", views.listing), path("{part}/<int:pk>/", views.one)]
"""


def plant(tree: Path, version: int) -> None:
    """Write a version; each commits itself to the history that is there."""
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "strangler.toml": "[contexts.pin]\n" + "".join(f'{p} = ["shop.{p}"]\n' for p in PARTS),
        "shop/__init__.py": "",
        "shop/settings.py": f"INSTALLED_APPS = {[f'shop.{p}' for p in PARTS]}\nROOT_URLCONF = 'shop.urls'\n",
        "shop/urls.py": "from django.urls import include, path\n\nurlpatterns = [\n"
        + "".join(f"    path('', include('shop.{p}.urls')),\n" for p in PARTS)
        + "]\n",
    }
    for number, part in enumerate(PARTS):
        names = {"part": part, "title": part.title(), "other": PARTS[(number + 1) % 3], "version": version}
        files[f"shop/{part}/__init__.py"] = ""
        for name, text in (("models", MODEL), ("views", VIEWS), ("services", SERVICES), ("urls", URLS)):
            files[f"shop/{part}/{name}.py"] = text.format(**names)
    if version > 1:
        files["shop/orders/extra.py"] = (
            f"from shop.billing import services\n\nTOTAL = services.total, {version}\n"
        )
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if not (tree / ".git").exists():
        _git(tree, "init", "-q")
    _git(tree, "add", "-A")
    _git(tree, "commit", "-q", "-m", f"Version {version}")


def _git(tree: Path, *arguments: str) -> None:
    day = "2026-01-02T03:04:05Z"
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": day}
    who |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_COMMITTER_DATE": day}
    subprocess.run(["git", "-C", tree, *arguments], env={**os.environ, **who}, check=True)


class Answers(BaseHTTPRequestHandler):
    """The rows of a part, and one of them."""

    name = ""

    def do_GET(self) -> None:
        """Answer."""
        parts = [part for part in self.path.partition("?")[0].split("/") if part]
        known = parts and parts[0] in PARTS
        rows = [{"id": one, "name": f"{parts[0]} {self.name} {one}"} for one in (1, 2)] if known else []
        found = {"rows": rows, "total": 2} if len(parts) == 1 else rows[0] if rows else {"error": "not found"}
        body = json.dumps(found).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the names of http.server

    def log_message(self, *_: object) -> None:
        """Nobody reads along."""


def serve(name: str) -> tuple[int, str]:
    """Start a server in a process of its own: its number, and its address."""
    Answers.name = name
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    child = os.fork()
    if not child:
        try:
            server.serve_forever()
        finally:
            os._exit(0)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    server.server_close()
    return child, address
