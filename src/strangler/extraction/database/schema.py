"""How the service's tables are made: by the monolith's own means, on an empty database."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.resources import files

from strangler.extraction.reader import Reader
from strangler.literals import python_text
from strangler.model import Evidence
from strangler.plans.view import View

_NAMED = re.compile(
    r"^\s*DATABASES\s*(:[^=]*)?=|\bSQLALCHEMY_DATABASE_URI\b|\bcreate_(async_)?engine\(|\bDATABASE_URL\b"
)
_ALEMBIC = re.compile(r"\bcontext\.run_migrations\(")
_FLASK = re.compile(r"\bcurrent_app\b")
"""Flask-Migrate: the application says where its database is."""
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE[\"']\s*[,\]]\s*(?:=\s*)?[\"']([\w.]+)[\"']")
SCHEMA = "strangler_service/schema.py"


def commands(view: View, reader: Reader, held: frozenset[str]) -> tuple[str, ...]:
    """The commands that make the tables; run in the folder of the service's code."""
    frameworks = {table.framework for table in view.model.tables if table.name in view.tables}
    if "django" in frameworks:
        return tuple(_django(reader, held))
    if (made := _alembic(reader)) is not None:
        return (made,)
    if frameworks:
        return ('python -m strangler_service.schema "$SERVICE_DB"',)
    return ()


def _django(reader: Reader, held: frozenset[str]) -> Iterator[str]:
    for name, module in sorted(reader.modules.items()):
        if name in held and module.path.rpartition("/")[2] == "manage.py":
            path = f"./{module.path}" if module.path.startswith("-") else module.path  # no option of Python's
            yield f"python {shlex.quote(path)} migrate"
            return
    for name in sorted(held):
        source = reader.source(name)
        if source is not None and (match := _SETTINGS.search(source.text)):
            yield f"python -m django migrate --settings {match[1]}"
            return
    yield "python -m django migrate"


def _alembic(reader: Reader) -> str | None:
    """The command that runs all steps of the schema's history; None where no program does."""
    for name, module in sorted(reader.modules.items()):
        source = reader.source(name) if module.role == "migration" else None
        if source is not None and _ALEMBIC.search(source.text):
            if _FLASK.search(source.text):
                return f"flask db upgrade --directory {shlex.quote(module.path.rpartition('/')[0])}"
            named = [path for path in reader.tree.configuration if path.endswith("alembic.ini")]
            if not named or "alembic.ini" in named:
                return "alembic upgrade head"
            return f"alembic -c {shlex.quote(min(named, key=len))} upgrade head"
    return None


def program(view: View, held: frozenset[str]) -> dict[str, bytes]:
    """The program that makes the tables of SQLAlchemy models, where no migration does; by path."""
    paths = {module.path: name for name, module in view.modules.items()}
    homes = {
        view.home(table.model) if table.model else paths.get(table.path)
        for table in view.model.tables
        if table.framework != "django"
    }
    modules = sorted(name for name in homes if name in held and name)
    text = files("strangler.extraction.runtime").joinpath("schema.py").read_text()
    rows = "".join(f"    {python_text(name)},\n" for name in modules)
    text = text.replace("] = []\n", f"] = [\n{rows}]\n")
    return {"strangler_service/__init__.py": b"", SCHEMA: text.encode()}


def named(reader: Reader, held: frozenset[str]) -> Iterator[Evidence]:
    """Where held code names its database."""
    for name in sorted(held):
        source = reader.source(name)
        for number, line in enumerate(source.text.splitlines() if source is not None else (), 1):
            if _NAMED.search(line):
                yield Evidence(file=reader.modules[name].path, line=number, symbol="")
