"""Alembic: the steps of the schema's history, which a program may look for when it starts."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.extraction.conventions import Conventions, Tie
from strangler.extraction.reader import Reader
from strangler.model.lookup import parent
from strangler.plans.view import View


class Alembic(Conventions):
    """Migrations that belong to no package of models: found by their folder, not by an import."""

    def __init__(self, view: View, reader: Reader) -> None:
        models = [table.model for table in view.model.tables if table.framework == "django"]
        apps = {parent(view.home(name) or "") for name in models if name is not None}
        self._steps = [
            name
            for name, module in sorted(reader.modules.items())
            if module.role == "migration" and not any(name.startswith(f"{app}.") for app in apps if app)
        ]

    def held(self, modules: frozenset[str]) -> Iterator[Tie]:
        """All of them: none can be left out of a chain."""
        for name in self._steps:
            yield Tie(name, "a step of the schema's history")


def environments(reader: Reader) -> frozenset[str]:
    """Folders of the programs that run the steps, whose templates and SQL lie beside them."""
    return frozenset(
        path.rpartition("/")[0]
        for path in (module.path for module in reader.modules.values() if module.role == "migration")
        if path.endswith("/env.py")
    )
