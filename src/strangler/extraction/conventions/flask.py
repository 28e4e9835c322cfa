"""Flask: routes that stay keep their names, so that ``url_for`` still builds them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import libcst as cst

from strangler.extraction.conventions import Conventions, Probed
from strangler.extraction.conventions.applications import Applications
from strangler.extraction.reader import Reader
from strangler.extraction.uses import Substitute
from strangler.model.lookup import home
from strangler.plans.view import View


class Flask(Conventions):
    """Blueprints that stay are stood for by the names of their routes."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._endpoints = [item for item in view.model.endpoints if item.framework == "flask"]
        self._modules = reader.modules
        self._applications = Applications(reader, ("Flask", "APIFlask"), "health_flask")

    def substitute(self, module: str) -> Substitute | None:
        """Where a blueprint was registered, its names are."""
        return _Blueprints() if self._endpoints else None

    def applications(self) -> Iterable[str]:
        """Modules that bind one."""
        return self._applications.made()

    def probed(self, module: str) -> Probed | None:
        """Around the application."""
        return self._applications.probed(module)

    def runtime(self, held: frozenset[str]) -> dict[str, bytes]:
        """The names of the routes that stay, and what answers there."""
        own = files("strangler.extraction.runtime").joinpath("flask.py").read_text()
        names = sorted(
            {
                (item.pattern, item.name, tuple(item.methods or ("GET",)))
                for item in self._endpoints
                if item.name and item.exact and home(item.handler, self._modules) not in held
            }
        )
        rows = "".join(f"    ({rule!r}, {name!r}, {list(methods)!r}),\n" for rule, name, methods in names)
        text = own.replace("]] = []\n", f"]] = [\n{rows}]\n")
        return {"strangler_service/__init__.py": b"", "strangler_service/elsewhere.py": text.encode()}

    def imports(self) -> tuple[str, ...]:
        """What a changed factory imports."""
        return ("from strangler_service import elsewhere\n",)


class _Blueprints(Substitute):
    def statement(self, call: cst.BaseExpression) -> cst.BaseExpression | None:
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            return None
        if call.func.attr.value != "register_blueprint":
            return None
        return cst.Call(
            cst.Attribute(cst.Name("elsewhere"), cst.Name("register")), [cst.Arg(call.func.value)]
        )
