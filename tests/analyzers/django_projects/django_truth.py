"""What a running Django project knows about itself, as JSON. Run as a program inside the project.

    python django_truth.py SETTINGS [ENDPOINTS.json]

With endpoints (the analysis's rows, in order) it also asks the resolver about URLs drawn from each
expression and about mutations of them, and lists those on which resolver and expressions differ.
"""

import json
import os
import random
import re
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[1]
sys.path.insert(0, str(Path.cwd()))

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.urls import Resolver404, get_resolver  # noqa: E402
from django.urls.resolvers import RegexPattern, RoutePattern, URLResolver  # noqa: E402


def models():
    rows = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name.startswith("django."):
            continue
        fields = [f for f in model._meta.local_fields if f.is_relation and f.concrete]
        rows.append(
            {
                "table": model._meta.db_table,
                "model": None
                if model._meta.auto_created or model._meta.proxy
                else f"{model.__module__}.{model.__qualname__}",
                "proxy": model._meta.proxy,
                "keys": sorted([f.column, f.related_model._meta.db_table] for f in fields),
                "columns": sorted(f.column for f in model._meta.local_fields),
            }
        )
    return rows


def handler(callback):
    while True:
        if hasattr(callback, "view_class"):
            callback = callback.view_class
        elif hasattr(callback, "cls"):
            callback = callback.cls
        elif hasattr(callback, "__wrapped__"):
            callback = callback.__wrapped__
        elif hasattr(callback, "func"):
            callback = callback.func
        else:
            return f"{callback.__module__}.{callback.__qualname__}"


def flatten(patterns, prefix=""):
    for entry in patterns:
        part = entry.pattern
        text = str(part)
        if isinstance(part, RegexPattern):
            text = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"{\1}", text).strip("^$")
        elif isinstance(part, RoutePattern):
            text = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)
        else:
            text = "{language_code}/"
        if isinstance(entry, URLResolver):
            yield from flatten(entry.url_patterns, prefix + text)
        else:
            yield ["/" + prefix + text, handler(entry.callback)]


def differences(rows):
    """URLs on which the resolver and the first expression that takes them name different handlers."""
    from django.conf import settings
    from django.utils import translation
    from hypothesis import HealthCheck, given, seed
    from hypothesis import settings as run
    from hypothesis.strategies import from_regex

    compiled = [(re.compile(row["regex"]), row["handler"]) for row in rows]
    wrong = []

    def ask(url):
        if not url.startswith("/"):
            return  # every path of a request does
        code = url.split("/")[1]  # as LocaleMiddleware does
        translation.activate(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        expected = next((name for regex, name in compiled if regex.fullmatch(url)), None)
        try:
            found = handler(get_resolver().resolve(url).func)
        except Resolver404:
            found = None
        if found != expected:
            wrong.append([url, found, expected])

    rng = random.Random(7)
    for row in rows:

        @seed(1)
        @run(max_examples=25, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(from_regex(re.compile(row["regex"], re.A), fullmatch=True))
        def check(url):
            if "\n" in url:
                return  # no URL of a request holds one
            ask(url)
            at = rng.randrange(len(url))
            ask(url[:at] + rng.choice(["", "/", "x", "7", "."]) + url[at + 1 :] or "/")

        check()
    return wrong


result = {"models": models(), "urls": list(flatten(get_resolver().url_patterns))}
if len(sys.argv) > 2:
    result["differences"] = differences(json.loads(Path(sys.argv[2]).read_text()))
print(json.dumps(result))
