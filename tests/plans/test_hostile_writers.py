"""A hostile name at every place at once, through everything that a plan and the reports of it write."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
import sqlglot
import yaml
from helpers.planted import planted
from helpers.psql import statements
from markdown_it import MarkdownIt
from test_hostile import KNOWN, Tags, renamed

from strangler.commands.plan import route
from strangler.model import Model, load
from strangler.model.document import dump
from strangler.plans import generate, plan_extraction, plan_files, plan_roadmap, roadmap_files
from strangler.reports import FORMATS, render
from strangler.routing import RoutingSettings

MARKER = "/tmp/strangler-injected-by-a-writer"
HOSTILE = {
    "lines": "a\nINJECTED: true\n- INJECTED\n--INJECTED",
    "quotes": "a'\"`;INJECTED()#",
    "triple quotes": "a\"\"\"\nINJECTED\n'''\nINJECTED\n",
    "shell": f"$(touch {MARKER})`touch {MARKER}`;touch {MARKER}|&",
    "template": "{{ 7*7 }}{% raw %}{#x#}${{ github.token }}<%= 1 %>",
    "markup": "</script></style></code><script>INJECTED</script><img src=x onerror=INJECTED>",
    "markdown": "`|\n\n# INJECTED\n[x](javascript:INJECTED) ![y](http://evil/z)\n```",
    "percent": "%s%d%(x)s%%\\x41\\u0041\\n",
    "invisible": "a\0b\u202ec\u2028d\ufeff\x1b[31m\x85e",
    "option": "--rf INJECTED",
    "dash": "-",
    "yaml": "!!python/object:evil {a: &b [c, *b]} # : - ? 1e3",
    "sql": 'a"; DROP TABLE x; --$strangler$/*',
    "dot dot": "../../../../etc/INJECTED",
    "long": "x" * 5_000,
}


def hostile(name: str) -> tuple[Model, str]:
    """The shop with the name for all that the code names, and that of one context."""
    model = planted("django_shop")
    number = count()
    chosen = next(c for c in model.contexts if c.name == "orders")
    taken: dict[str, str] = {}

    def take(old: str | None, form: str = "{}") -> None:
        if old:
            taken.setdefault(old, form.format(f"{name}{next(number)}"))

    for context in model.contexts:
        take(context.name)
    for table in model.tables:
        take(table.name)
        for column in table.columns:
            take(column.name)
    for module in model.modules:
        take(module.path)
    for access in model.accesses:
        take(access.function)
    for endpoint in model.endpoints:
        take(endpoint.handler, f"{(endpoint.handler or '').rpartition('.')[0]}.{{}}")
        take(endpoint.path, "/{}/")
    for task in model.tasks:
        take(task.name)
    document, schema = json.loads(dump(model)), msgspec.json.encode(msgspec.json.schema(Model))
    kept = {m.name for m in model.modules} | {"id", "pk"} | set(keys(document))
    kept |= set(re.findall(r'"([^"]*)"', str(re.findall(rb'"enum":(\[.*?\])', schema))))
    kept -= {context.name for context in model.contexts if context.proper}  # a package is called so, too
    names = {old: new for old, new in taken.items() if old not in kept}
    keyed = [(table.name, key.column) for table in model.tables for key in table.foreign_keys]
    names |= {f"{one}.{key}": f"{names.get(one, one)}.{names.get(key, key)}" for one, key in keyed}
    return load(json.dumps(renamed(document, names)).encode()), names[chosen.name]


def keys(value: Any) -> Iterator[str]:
    """The keys of a document, which are no names of the code where they are fields."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(inner)


@lru_cache(maxsize=2)  # the plain one is made once
def everything(name: str) -> dict[str, bytes]:
    """All files of a plan, its roadmap and its reports."""
    model, context = hostile(name)
    plan = plan_extraction(model, context)
    found = next(c for c in model.contexts if c.name == context)
    plan, files = generate(plan, model, None)
    _, routing = route(model, found, RoutingSettings(), None)
    files |= {f"routing/{path}": content for path, content in routing.items()}
    files |= plan_files(plan) | roadmap_files(plan_roadmap(model))
    for form in FORMATS:
        files |= {f"report/{path}": content for path, content in render(model, form).items()}
    return files


def of_yaml(value: Any) -> int:
    """How many keys a document has."""
    if isinstance(value, dict):
        return len(value) + sum(map(of_yaml, value.values()))
    return sum(map(of_yaml, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_stays_a_name_in_every_file(kind: str, tmp_path: Path) -> None:
    name = HOSTILE[kind]
    plain, files = everything("plain"), everything(name)
    assert {Path(p).suffix for p in files} >= {
        ".md",
        ".html",
        ".json",
        ".yaml",
        ".yml",
        ".sql",
        ".conf",
        ".py",
    }
    for path, content in files.items():
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)*", path, re.ASCII), path
        assert not {".", ".."} & set(path.split("/")), path
        assert not any(part.startswith("-") for part in path.split("/")), path
        text = content.decode()
        if Path(path).suffix not in (".html", ".csv", ".svg"):  # there a line means nothing
            assert not re.search(r"^INJECTED", text, re.MULTILINE), path
        match Path(path).suffix:
            case ".json" | ".sarif":
                json.loads(text)
            case ".yaml" | ".yml":
                documents = list(yaml.safe_load_all(text))
                assert "INJECTED" not in set(keys(documents)), path
                if path in plain and not path.startswith("contracts/"):
                    assert of_yaml(documents) == of_yaml(list(yaml.safe_load_all(plain[path].decode()))), path
            case ".csv":
                assert (
                    len({len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)}) == 1
                ), path
            case ".svg":
                ElementTree.fromstring(text)
            case ".py":
                calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)]
                assert not [n for n in calls if n.id == "INJECTED"], path
            case ".sql":
                assert sqlglot.parse(statements(text), dialect="postgres"), path
            case ".sh":
                subprocess.run(["bash", "-n"], input=content, check=True)
            case ".html" if not path.startswith("report/"):
                page = Tags()
                page.feed(text)
                assert page.found <= KNOWN, path
                assert not page.risky, path
            case ".md":
                shown = re.sub(r"(?m)^</?(details|summary)>.*$", "", text)
                tokens = MarkdownIt("commonmark").enable("table").parse(shown)
                inner = [child for token in tokens for child in token.children or ()]
                kinds = {token.type for token in (*tokens, *inner)}
                assert not {"html_block", "html_inline", "image"} & kinds, path
                assert "javascript:" not in str([t.attrs for t in inner if t.type == "link_open"]), path
                assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028\u2029]", text), path
    assert not Path(MARKER).exists()
