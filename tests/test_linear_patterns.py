"""Searches in hostile texts end: what they cost grows with the text, and not with its square."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from strangler import boundaries, secrets
from strangler.analyzers import history
from strangler.analyzers.frameworks.django import patterns, sites
from strangler.analyzers.frameworks.peewee import models as peewee
from strangler.analyzers.frameworks.sql import parsed, statement
from strangler.analyzers.python import text
from strangler.contracts.http.pool import form_of
from strangler.extraction import others
from strangler.extraction.database import ambient, schema, tables
from strangler.sources import hints, python, requirements, submodules, tokens, usage

SIZE = 400_000
"""Characters; each of these took minutes when its square was what counted."""
SEARCHES: dict[str, tuple[Callable[[str], object], str]] = {
    "a file of boundaries with quotes in a comment": (boundaries._lines, '\\"'),
    "a line of quotes beside a secret": (lambda t: secrets.hidden_in_code(f"token{t}"), '\\"'),
    "names of a % form": (lambda t: list(text._PERCENT.finditer(t)), "%("),
    "placeholders": (lambda t: statement._PLACEHOLDERS.sub("", t), "%("),
    "comments of SQL": (lambda t: statement._PLACEHOLDERS.sub("", t), "/*"),
    "CREATE": (lambda t: statement._STATEMENT.match(f"create{t}"), " "),
    "batches": (statement._ENDS.split, "\n"),
    "brackets of SQL Server": (parsed._TRANSACT.search, "[a"),
    "names behind FROM": (lambda t: list(statement._SKIM.finditer(t)), "from [a"),
    "parameters of a path": (lambda t: patterns.of_path(t, {}), "<"),
    "a class of underscores": (peewee.snake_case, "_"),
    "the subject of a commit": (history._MECHANICAL.search, "license "),
    "a file that is no Python": (lambda t: python.parse(f"({t}".encode(), "a.py"), "{{"),
    "tokens of older Python": (tokens.tokenize, '\\"'),
    "empty lines of requirements": (lambda t: requirements.asked("requirements.txt", t), "\n"),
    "empty lines of .gitmodules": (submodules._PATH.findall, "\n"),
    "imports without an end": (lambda t: usage._FROM.findall(t.encode()), "from a import (\n"),
    "paths that are not closed": (hints._PATH.findall, "sys.path.append("),
    "spaces in a Dockerfile": (lambda t: hints._PYTHONPATH.findall(f"WORKDIR{t}"), " "),
    "spaces of manage.py": (lambda t: hints._SETTINGS.search(f'DJANGO_SETTINGS_MODULE",{t}'.encode()), " "),
    "spaces of a setting": (lambda t: schema._SETTINGS.search(f'DJANGO_SETTINGS_MODULE",{t}'), " "),
    "further lists": (lambda t: others._FURTHER.findall(t.encode()), "\n"),
    "sessions": (ambient._SESSION.search, ".session["),
    "users": (ambient._USER_MODEL.search, "AUTH_USER_MODEL:\n"),
    "sign-in": (tables._SIGN_IN.search, "import "),
}


@pytest.mark.parametrize(("search", "piece"), SEARCHES.values(), ids=SEARCHES)
def test_a_text_of_many_beginnings_is_read_once(search: Callable[[str], object], piece: str) -> None:
    start = time.process_time()
    search(piece * (SIZE // len(piece)))
    assert time.process_time() - start < 20


def test_a_template_of_many_parameters_is_matched_in_one_pass() -> None:
    many = form_of("/" + "{a}" * 60 + "/x")
    assert many.fullmatch("/" + "a" * 200) is None
    assert many.fullmatch("/" + "a" * 200 + "/x")
    few = form_of("/{name}.{format}/{a}-{b}")
    assert few.fullmatch("/report.old.csv/1-2").groups() == ("report.old", "csv", "1", "2")  # type: ignore[union-attr]


def test_a_settings_module_of_many_unknown_parts_is_matched_in_one_pass() -> None:
    assert sites._with_gaps("*a" * 60).fullmatch("a" * 5_000 + "!") is None
    found = sites._with_gaps("site.*.settings_*")
    assert found.fullmatch("site.prod.settings_eu")
    assert not found.fullmatch("site.a.b.settings_eu")
    assert sites._with_gaps("*(").fullmatch("a(")


def test_what_the_bounds_leave_alone() -> None:
    assert boundaries._STRING.findall(r'''"a\"b", 'c', "d"''') == [(r"a\"b", ""), ("", "c"), ("d", "")]
    assert secrets.hidden_in_code("""f(token, "ab\\"cdefg") # don't""") == """f(token, "***") # don't"""
    assert peewee.snake_case("AuditLog__Old_HTTPEntry") == "audit_log_old_http_entry"
    assert [m["name"] for m in text._PERCENT.finditer("%(a)s %(b)d %s")] == ["a", "b", None]
    assert submodules._PATH.findall("[x]\n\tpath = a b \n\turl = c\n path=d\n") == ["a b", "d"]
    assert re.search(statement._ENDS, "select 1\n  GO \nselect 2")
