"""Hostile names in the pages for coding assistants and in the answers of the server for them."""

from __future__ import annotations

import json
import re
from itertools import count

import pytest
from helpers.planted import planted
from markdown_it import MarkdownIt

from strangler.commands.mcp import tools
from strangler.model import Model, load
from strangler.model.document import dump
from strangler.reports import render

HOSTILE = {
    "lines": "a\nINJECTED: true\n\n# INJECTED\n- INJECTED",
    "carriage return": "a\r# INJECTED\r\n\x85# INJECTED\u2028# INJECTED\x0b# INJECTED",
    "backticks": "`` a`` ` INJECTED ```\n~~~",
    "fence in a table": "a` | INJECTED | `b\\| INJECTED | \\\\| x",
    "shell": "$(INJECTED)`INJECTED`;'\"",
    "template": "{{ INJECTED }}{% raw %}${{ INJECTED }}",
    "markup": "</code></script><script>INJECTED</script><img src=x onerror=INJECTED><!--",
    "link": "](javascript:INJECTED) ![x](http://evil/INJECTED) <http://evil/INJECTED>",
    "terminal": "a\x1b[2J\x1b]0;INJECTED\x07\x9b31m\u202eb\0",
    "long": "x" * 5_000 + "`|",
}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")


def hostile(name: str) -> Model:
    """The shop with the name for its modules' paths, tables, routes, contexts, functions and the monolith."""
    model, number, taken = planted("django_shop"), count(), {}
    for context in model.contexts:
        taken[context.name] = f"{name}{next(number)}"
    for table in model.tables:
        taken[table.name] = f"{name}{next(number)}"
        for key in table.foreign_keys:  # as crossings name it
            taken[f"{table.name}.{key.column}"] = f"{taken[table.name]}.{key.column}"
    for module in model.modules:
        taken[module.path] = f"{name}/{next(number)}.py"
        taken[module.name] = f"{name}.m{next(number)}"
    for endpoint in model.endpoints:
        taken[endpoint.path] = f"/{name}/{next(number)}/"
        taken[endpoint.handler] = f"{taken.get((endpoint.handler or '').rpartition('.')[0], 'm')}.{name}"
    for access in model.accesses:
        if access.function:
            taken.setdefault(access.function, f"{name}{next(number)}")
    taken[model.monolith.name] = name

    def renamed(value):
        if isinstance(value, dict):
            return {key: item if key in FIXED else renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return taken.get(value, value) if isinstance(value, str) else value

    return load(json.dumps(renamed(json.loads(dump(model)))).encode())


FIXED = {"kind", "how", "framework", "methods", "status", "severity", "code", "role", "mode", "basis"}


def outside(page: str) -> str:
    """What a reader of Markdown takes for text of ours: all but the code spans."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    kinds = {token.type for token in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert not {"html_block", "html_inline", "image", "fence", "code_block"} & kinds
    links = [c.attrs["href"] for t in tokens for c in t.children or () if c.type == "link_open"]
    assert all(re.fullmatch(r"(agents/)?context-\d+\.md", str(link)) for link in links), links
    return " ".join(c.content for t in tokens for c in t.children or () if c.type != "code_inline")


def rows(page: str) -> list[int]:
    """The cells of each row of the tables."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    found: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            found.append(0)
        elif token.type in ("td_open", "th_open"):
            found[-1] += 1
    return found


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_stays_in_its_code_span_and_its_row(kind: str) -> None:
    plain, pages = (render(hostile(name), "agents") for name in ("plain", HOSTILE[kind]))
    assert set(plain) == set(pages)
    for path, content in pages.items():
        text = content.decode()
        assert "INJECTED" not in outside(text), path
        assert not CONTROL.search(text), path
        # folders that all names share may be merged: the rows may be fewer, their cells may not
        assert set(rows(text)) == set(rows(plain[path].decode())), path


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_assistant_s_answers_hold_no_control_character_and_no_line_of_a_name(kind: str) -> None:
    model = hostile(HOSTILE[kind])
    overview, explain, suggest, roadmap, plan = tools(model)
    context = next(c for c in model.contexts if c.proper)
    table = context.tables[0]
    subjects = (context.name, context.modules[0], f"table:{table}", model.endpoints[0].path, HOSTILE[kind])
    answers = [overview(), roadmap(), plan(context.name), plan(HOSTILE[kind])]
    answers += [explain(subject) for subject in subjects]
    answers += [explain(context.name, other.name) for other in model.contexts]
    answers += [suggest([f"table:{table}"]), suggest([context.modules[0]]), suggest([HOSTILE[kind]])]
    assert not any("cannot answer" in answer for answer in answers)
    for answer in answers:
        assert not CONTROL.search(answer), answer[:300]
        assert not re.search(r"^[ #>*+-]*INJECTED", answer, re.MULTILINE), answer[:300]
