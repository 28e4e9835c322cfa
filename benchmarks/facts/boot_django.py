"""What a Django application knows of itself once it is booted, in the form that facts are scored with.

    cd APP; APP/venv/bin/python boot_django.py --root . --settings project.settings --output truth.json

Needs Django only. What the files under ``--root`` define counts: models, handlers, commands, receivers.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = ""


def own(thing: Any) -> bool:
    """Whether the application's source defines it."""
    thing = inspect.unwrap(thing) if callable(thing) else thing
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    file = os.path.realpath(getattr(module, "__file__", None) or "")
    return file.startswith(ROOT) and "site-packages" not in file


def dotted(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def handler(callback: Any) -> Any:
    """The function or class that serves a rule, unwrapped."""
    while True:
        for name in ("view_class", "cls", "__wrapped__", "func"):
            inner = getattr(callback, name, None)
            if inner is not None and (name != "cls" or isinstance(inner, type)):
                callback = inner
                break
        else:
            break
    if getattr(callback, "__qualname__", "").endswith("WrappedAPIView"):  # a function under @api_view
        callback.__qualname__ = callback.__name__
    return callback


def normal(pattern: Any) -> str | None:
    """A pattern in normal form; None where an expression has none."""
    from django.urls.resolvers import LocalePrefixPattern, RoutePattern

    text = str(pattern)
    if isinstance(pattern, LocalePrefixPattern):
        return "{}/"
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<[^<>]*>", "{}", text)
    text = re.sub(r"^\^|(?<!\\)\$$|\\Z$", "", text)
    text = replaced(text)
    if re.search(r"(?<!\\)[\[\]()?*+|^$]", re.sub(r"\\.", "", text)):
        return None
    return re.sub(r"\\(.)", r"\1", text)


def replaced(text: str) -> str:
    """Groups as ``{}``; one that is optional stays as it is and makes the whole expression fail."""
    out, depth, index = "", 0, 0
    while index < len(text):
        char = text[index]
        if char == "\\":
            out += text[index : index + 2] if depth == 0 else ""
            index += 2
            continue
        if char == "[" and depth:
            index = text.index("]", index + 2)
        elif char == "(":
            if depth == 0:
                if text.startswith("(?:", index) or text.startswith("(?=", index):
                    return "("
                out += "{}"
            depth += 1
        elif char == ")":
            depth -= 1
        elif depth == 0:
            out += char
        index += 1
    return out


def flatten(patterns: Any, prefix: str | None = "") -> Iterator[tuple[str | None, Any]]:
    for entry in patterns:
        part = normal(entry.pattern)
        path = None if prefix is None or part is None else prefix + part
        if hasattr(entry, "url_patterns"):
            yield from flatten(entry.url_patterns, path)
        else:
            yield path, handler(entry.callback)


def models() -> tuple[list[Any], list[Any]]:
    from django.apps import apps

    tables, keys = [], []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        root = meta.auto_created or model
        if not own(root) or meta.proxy or meta.swapped:
            continue
        tables.append([meta.db_table, None if meta.auto_created else dotted(model)])
        for field in meta.local_fields:
            if field.is_relation and field.concrete and field.related_model is not None:
                keys.append([meta.db_table, field.column, field.related_model._meta.db_table])
    return tables, keys


def commands() -> list[str]:
    from django.core.management import get_commands, load_command_class

    found = []
    for name, app in get_commands().items():
        try:
            command = load_command_class(app, name) if isinstance(app, str) else app
        except Exception:  # a command that needs what is not installed
            continue
        if own(type(command)):
            found.append(name)
    return sorted(found)


def signals() -> list[Any]:
    import gc

    from django.dispatch import Signal

    found = set()
    for signal in [o for o in gc.get_objects() if issubclass(type(o), Signal)]:
        name = next(
            (
                f"{module.__name__}.{key}"
                for module in list(sys.modules.values())
                for key, value in list(vars(module).items() if hasattr(module, "__dict__") else [])
                if value is signal
            ),
            None,
        )
        for row in signal.receivers:
            receiver = row[1]
            if type(receiver).__name__ in ("ReferenceType", "WeakMethod"):
                receiver = receiver()
            receiver = inspect.unwrap(receiver) if callable(receiver) else None
            if isinstance(receiver, functools.partial):
                receiver = receiver.func
            if name and receiver is not None and hasattr(receiver, "__qualname__") and own(receiver):
                found.add((name, None, dotted(receiver)))
    return sorted(found, key=str)


def tasks() -> list[str]:
    try:
        from celery import current_app
    except ImportError:
        return []
    current_app.loader.import_default_modules()
    return sorted(
        {dotted(inspect.unwrap(t.run)) for t in current_app.tasks.values() if own(type(t)) or own(t.run)}
    )


def main() -> None:
    global ROOT
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--settings", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    ROOT = os.path.realpath(options.root) + "/"
    output = options.output.resolve()
    os.environ["DJANGO_SETTINGS_MODULE"] = options.settings
    sys.path[0] = str(Path.cwd())
    import django

    django.setup()
    from django.urls import get_resolver

    endpoints = [[None, path if path is None else "/" + path.lstrip("/"), dotted(view)]
                 for path, view in flatten(get_resolver().url_patterns)
                 if hasattr(view, "__qualname__") and own(view)]  # fmt: skip
    tables, keys = models()
    result = {"tables": tables, "foreign_keys": keys, "endpoints": endpoints, "commands": commands(),
              "signals": signals(), "tasks": tasks(), "imports": None, "accesses": None}  # fmt: skip
    output.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
