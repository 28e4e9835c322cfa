"""The probes of a service: where they are answered, and which databases they ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from strangler.contracts.seams.openers import ENGINES, bound
from strangler.extraction.syntax import tree_of
from strangler.extraction.values import Probes
from strangler.routing import probes


class Probing:
    """What the adapters of a service need beside themselves.

    Args:
        adapters: names of the files below ``extraction/runtime`` that answer.
        code: the service's modules: name -> Python.
        paths: where they answer.
    """

    def __init__(self, adapters: frozenset[str], code: Mapping[str, bytes], paths: probes.Probes) -> None:
        self._adapters = adapters
        self._paths = paths
        self._engines = [(module, name) for module, data in sorted(code.items()) for name in _engines(data)]
        self._flask_sqlalchemy = "health_flask.py" in adapters and any(
            b"flask_sqlalchemy" in data for data in code.values()
        )
        self._sqlalchemy = bool(self._engines) or self._flask_sqlalchemy

    def said(self) -> Probes:
        """What is known of them."""
        checks = [f"{module}.{name}" for module, name in self._engines]
        if self._flask_sqlalchemy:
            checks.insert(0, "the databases of Flask-SQLAlchemy")
        if "health_django.py" in self._adapters:
            checks.insert(0, "each of DATABASES")
        return Probes(live=self._paths.live, ready=self._paths.ready, checks=tuple(checks))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path and text of each file."""
        own = files("strangler.extraction.runtime")
        text = own.joinpath("health.py").read_text()
        text = text.replace('"/livez"', f'"{self._paths.live}"').replace(
            '"/readyz"', f'"{self._paths.ready}"'
        )
        yield "strangler_service/__init__.py", b""
        yield "strangler_service/health.py", text.encode()
        for name in sorted(self._adapters):
            yield f"strangler_service/{name}", own.joinpath(name).read_bytes()
        if self._sqlalchemy and self._adapters != {"health_django.py"}:
            rows = "".join(f"    ({module!r}, {name!r}),\n" for module, name in self._engines)
            text = own.joinpath("health_sqlalchemy.py").read_text()
            text = text.replace("...] = ()\n", f"...] = (\n{rows})\n" if rows else "...] = ()\n")
            yield "strangler_service/health_sqlalchemy.py", text.encode()


def _engines(data: bytes) -> Iterator[str]:
    """Names that a module binds to an engine when it is imported."""
    if b"create_" not in data:
        return
    tree = tree_of(data, "")
    if tree is not None:
        yield from bound(tree, ENGINES)
