"""Runs inside a monolith's own Python: prints its route table, or resolves paths, by the framework itself.

    python boot.py APP table               -> endpoints as JSON
    python boot.py APP resolve < samples   -> handler (or null) of each [path, method]

APP is ``django:SETTINGS``, ``flask:MODULE:FACTORY`` or ``fastapi:MODULE:APP``. It shares nothing with the
package under test: what it says is the truth that the gateways are measured against.
"""

import importlib
import json
import re
import sys
from urllib.parse import unquote_to_bytes

sys.path.insert(0, ".")


def dotted(function):
    """``module.qualname`` of what is behind a view."""
    for _ in range(10):
        if hasattr(function, "view_class"):
            function = function.view_class
        elif hasattr(function, "cls"):
            function = function.cls
        elif hasattr(function, "func") and not hasattr(function, "__module__"):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
    owner = function if hasattr(function, "__qualname__") else type(function)
    return f"{owner.__module__}.{owner.__qualname__}"


def decode(raw):
    return unquote_to_bytes(raw).decode("utf-8", "replace")


class DjangoApp:
    framework = "django"

    def __init__(self, settings):
        import os

        os.environ["DJANGO_SETTINGS_MODULE"] = settings
        import django

        django.setup()
        from django.urls import get_resolver

        self.resolver = get_resolver()

    def rows(self):
        for regex, pattern, view in self.walk(self.resolver, ["/"], ""):
            yield regex, pattern, None, dotted(view)

    def walk(self, resolver, prefixes, text):
        from django.urls import URLPattern

        for child in resolver.url_patterns:
            for prefix in prefixes:
                parts = self.part(child.pattern, isinstance(child, URLPattern))
                if isinstance(child, URLPattern):
                    for part in parts:
                        yield prefix + part, text + str(child.pattern), child.callback
                else:
                    yield from self.walk(child, [prefix + part for part in parts], text + str(child.pattern))

    def part(self, pattern, last):
        from django.conf import settings
        from django.urls.resolvers import LocalePrefixPattern, RegexPattern

        if isinstance(pattern, LocalePrefixPattern):
            codes = [code for code, _ in settings.LANGUAGES]
            bare = [settings.LANGUAGE_CODE] if not pattern.prefix_default_language else []
            return [re.escape(code) + "/" for code in codes if code not in bare] + ["" for _ in bare]
        regex = re.sub(r"\(\?P<\w+>", "(?:", pattern.regex.pattern)
        anchored = regex.startswith("^")
        regex = regex.removeprefix("^")
        if isinstance(pattern, RegexPattern):
            if regex.endswith("$") and not regex.endswith(r"\$"):
                return [("" if anchored else "(?s:.*)") + f"(?:{regex[:-1]})"]
            regex = f"(?:{regex})" + ("(?s:.*)" if last and not regex.endswith(r"\Z") else "")
            return [("" if anchored else "(?s:.*)") + regex.replace(r"\Z)", ")")]
        return [regex.removesuffix(r"\Z")]

    def resolve(self, raw, method):
        from django.conf import settings
        from django.urls import Resolver404
        from django.utils import translation

        path = decode(raw)
        translation.activate(translation.get_language_from_path(path) or settings.LANGUAGE_CODE)
        for candidate in (path, path + "/"):
            if candidate.endswith("//") and candidate != path:
                continue
            try:
                return dotted(self.resolver.resolve(candidate).func)
            except Resolver404:
                if path.endswith("/") or not settings.APPEND_SLASH:
                    return None
        return None


class FlaskApp:
    framework = "flask"

    def __init__(self, module, factory):
        made = importlib.import_module(module)
        for name in factory.split("."):
            made = getattr(made, name)
        self.app = made if hasattr(made, "url_map") else made()
        self.app.url_map.update()
        self.ages = {}
        for rule in self.app.url_map.iter_rules():
            self.weight(rule)

    def rows(self):
        for rule in sorted(self.app.url_map.iter_rules(), key=self.weight):
            regex = "".join(
                f"(?:{rule._converters[data].regex})" if dynamic else re.escape(data)
                for dynamic, data in rule._trace
                if data != "|"
            )
            exact = all(
                type(c).__module__ == "werkzeug.routing.converters" for c in rule._converters.values()
            )
            yield regex, rule.rule, sorted(rule.methods or ()) or None, self.handler(rule.endpoint), exact

    def weight(self, rule):
        """Werkzeug's order: part by part, fixed text before converters, converters by weight, then by age."""
        key = []
        for depth, part in enumerate(rule._parts):
            trail = tuple(p.content for p in rule._parts[: depth + 1])
            age = self.ages.setdefault(trail, len(self.ages))
            key.append((0, (), 0, part.content) if part.static else (1, part.weight, age, ""))
        return key

    def handler(self, endpoint):
        return dotted(self.app.view_functions[endpoint])

    def resolve(self, raw, method):
        from werkzeug.exceptions import MethodNotAllowed, NotFound
        from werkzeug.routing import RequestRedirect

        adapter = self.app.url_map.bind("localhost")
        path = decode(raw)
        try:
            return self.handler(adapter.match(path, method)[0])
        except RequestRedirect as redirect:
            target = decode(redirect.new_url.split("localhost", 1)[1].split("?")[0])
            return None if target == path else self.resolve_plain(adapter, target, method)
        except MethodNotAllowed as refusal:
            return self.resolve_plain(adapter, path, sorted(refusal.valid_methods)[0])
        except NotFound:
            return None

    def resolve_plain(self, adapter, path, method):
        from werkzeug.exceptions import HTTPException

        try:
            return self.handler(adapter.match(path, method)[0])
        except HTTPException:
            return None


class FastAPIApp:
    framework = "fastapi"

    def __init__(self, module, name):
        self.app = getattr(importlib.import_module(module), name)

    def routes(self, app):
        """Routes in matching order, those of included routers in place (FastAPI includes lazily)."""
        for route in app.router.routes:
            if hasattr(route, "effective_route_contexts"):
                for context in route.effective_route_contexts():
                    yield context.starlette_route or context
            else:
                yield route

    def rows(self, app=None, prefix=""):
        from starlette.routing import Mount, WebSocketRoute

        for route in self.routes(app or self.app):
            path = getattr(route, "path", "")
            if isinstance(route, Mount) and hasattr(route.app, "router"):
                yield from self.rows(route.app, prefix + re.escape(route.path))
                continue
            if isinstance(route, Mount):
                yield prefix + re.escape(route.path) + "/(?s:.*)", path, None, dotted(type(route.app))
                continue
            regex = re.sub(r"\(\?P<\w+>", "(?:", route.path_regex.pattern)
            methods = sorted(getattr(route, "methods", None) or ()) or None
            if isinstance(route, WebSocketRoute):
                methods = ["WEBSOCKET"]
            yield (
                prefix + regex.removeprefix("^").removesuffix("$"),
                prefix + path,
                methods,
                dotted(route.endpoint),
            )

    def resolve(self, raw, method, app=None, path=None):
        from starlette.routing import Mount, WebSocketRoute

        path = decode(raw) if path is None else path
        if method == "WEBSOCKET":  # where nothing takes it, it goes where a GET goes
            for route in self.routes(app or self.app):
                found = route.path_regex.match(path)
                if found and isinstance(route, WebSocketRoute):
                    return dotted(route.endpoint)
            method = "GET"
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        for candidate in (path, other):
            partial = None
            for route in self.routes(app or self.app):
                found = route.path_regex.match(candidate)
                if not found or isinstance(route, WebSocketRoute):
                    continue
                if isinstance(route, Mount):
                    if candidate != path:
                        return dotted(type(route.app))
                    if not hasattr(route.app, "router"):
                        return dotted(type(route.app))
                    return self.resolve(raw, method, route.app, "/" + found.group("path"))
                handler = dotted(route.endpoint)
                if not getattr(route, "methods", None) or method in route.methods:
                    return handler
                partial = partial or handler
            if partial or path == "/":
                return partial
        return None


def load(app):
    kind, *rest = app.split(":")
    return {"django": DjangoApp, "flask": FlaskApp, "fastapi": FastAPIApp}[kind](*rest)


def main():
    out = sys.stdout
    sys.stdout = sys.stderr  # applications print while they start
    app = load(sys.argv[1])
    if sys.argv[2] == "table":
        rows = [
            {
                "regex": r,
                "pattern": p,
                "methods": m,
                "handler": h,
                "framework": app.framework,
                "order": n,
                "exact": all(exact),
            }
            for n, (r, p, m, h, *exact) in enumerate(app.rows())
        ]
        json.dump(rows, out)
    else:
        json.dump([app.resolve(path, method) for path, method in json.load(sys.stdin)], out)


if __name__ == "__main__":
    main()
