"""What stands before all routes and answers for a path itself is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.ledger import model_of, told

FLASK = """
from flask import Flask, abort, g, jsonify, redirect, request
app = Flask(__name__)

@app.before_request
def check():
    {body}
"""
DJANGO = """
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render

class Check:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        {body}
        return self.get_response(request)

    def _to_login(self, request):
        return redirect("/login")
"""
FASTAPI = """
from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse
app = FastAPI()

@app.middleware("http")
async def check(request, call_next):
    {body}
    return await call_next(request)
"""
WSGI = """
class Check:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        {body}
        return self.app(environ, start_response)
"""
ASGI = """
from starlette.responses import PlainTextResponse

class Check:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        {body}
        await self.app(scope, receive, send)
"""


def said(tmp_path: Path, source: str) -> list[str]:
    """What is told of doors."""
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/before.py": source})
    return [line for line in told(model, "unlisted-handler") if "before any route is asked" in line]


@pytest.mark.parametrize(
    ("around", "body"),
    [
        (FLASK, 'if request.path == "/health": return "ok"'),
        (FLASK, 'if request.path.startswith("/health"): return jsonify(ok=True), 200'),
        (DJANGO, 'if request.path in ("/health", "/live"): return HttpResponse("ok")'),
        (DJANGO, 'if request.path_info == "/health": answer = JsonResponse({{}}); return answer'),
        (
            DJANGO,
            'if request.method == "GET" and request.path == "/health": return render(request, "x.html")',
        ),
        (FASTAPI, 'if request.url.path == "/health": return PlainTextResponse("ok")'),
        (WSGI, 'if environ["PATH_INFO"] == "/health": start_response("200 OK", []); return [b"ok"]'),
        (ASGI, 'if scope["path"] == "/health": return await PlainTextResponse("ok")(scope, receive, send)'),
    ],
)
def test_a_page_that_middleware_answers_itself_is_told(tmp_path: Path, around: str, body: str) -> None:
    source = around.format(body=body)
    (line,) = said(tmp_path, source)
    assert "answers /health itself" in line
    assert "/health" in source.splitlines()[int(line.split(" ")[0].partition(":")[2]) - 1]


@pytest.mark.parametrize(
    ("around", "body"),
    [
        (FLASK, "g.path = request.path"),
        (FLASK, 'if request.path.startswith("/admin"): abort(403)'),
        (FLASK, 'if request.path == "/old": return redirect("/new")'),
        (FLASK, 'if request.path.startswith("/api"): return jsonify(error="no"), 401'),
        (FLASK, 'if request.method == "OPTIONS": return "ok"'),
        (DJANGO, 'if request.path != "/login": return HttpResponse("log in first", status=403)'),
        (DJANGO, 'if request.path == "/admin": return HttpResponseForbidden("no")'),
        (DJANGO, 'if request.path == "/admin": return self._to_login(request)'),
        (DJANGO, 'if request.path == "/admin": return self.get_response(request)'),
        (FASTAPI, 'if request.url.path.startswith("/api"): return JSONResponse({{}}, status_code=401)'),
        (FASTAPI, 'if request.url.path == "/health": return await call_next(request)'),
        (WSGI, 'if environ["PATH_INFO"] == "/x": start_response("404 Not Found", []); return [b"no"]'),
    ],
)
def test_what_hands_on_refuses_or_sends_elsewhere_is_not_told(tmp_path: Path, around: str, body: str) -> None:
    assert said(tmp_path, around.format(body=body)) == []
