"""Names that try to break out of a plan's files, and code bases at the edges."""

from __future__ import annotations

import json
import re
import shlex
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
import sqlglot
from helpers.planted import changed, planted
from helpers.psql import statements
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from strangler.model import BoundedContext, Changes, Model, load
from strangler.model.document import dump
from strangler.plans import plan_extraction, plan_files, plan_roadmap, roadmap_files
from strangler.plans.data_stage import write

NASTY = [
    "</code></style><script>alert(1)</script>",
    "`|\n\n# x\n<img src=x onerror=alert(1)>",
    '"; DROP TABLE x; --',
    "$(rm -rf /)`id`",
    "{{ 7*7 }}{% raw %}",
    "a\u202eb\u2028c\x00\x1b[31m",
    "```\n~~~",
    "[x](javascript:alert(1)) <http://evil.example>",
    "'\\''",
    "",
]
NAMES = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Every string of a document that is one of the names, replaced; keys too."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def hostile(context: str, table: str, path: str, function: str) -> tuple[Model, str]:
    """The clinic with a context, a table, a file and a function of these names, and the context's name."""
    model = planted("flask_clinic")
    taken = {c.name for c in model.contexts} | {table.name for table in model.tables}
    context, table = (name if name and name not in taken else name + "!" for name in (context, table))
    if context == table:
        table += "!"
    billing = next(c for c in model.contexts if c.name == "billing")
    owned = billing.tables[0]
    inside = {module.path for module in model.modules if module.name in billing.modules}
    access = next(a for a in model.accesses if a.module in billing.modules and a.function)
    names = {
        "billing": context,
        owned: table,
        sorted(inside)[1]: path or "?",
        access.function or "": function or "f",
    }
    keys = next(one for one in model.tables if one.name == owned).foreign_keys
    names |= {f"{owned}.{key.column}": f"{table}.{key.column}" for key in keys}
    return load(json.dumps(renamed(json.loads(dump(model)), names)).encode()), context


OWN_SCRIPT = (files("strangler.plans") / "assets" / "plan.js").read_text(encoding="utf-8")
"""The only script that a page may hold."""


class Tags(HTMLParser):
    """The elements of a page, its attributes, and what it would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.risky: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self._inside = tag
        for name, value in attrs:
            own = (value or "").startswith("#") or value == "./routing/README.md"
            link = name in ("href", "src", "action") and not own
            if name.startswith("on") or name == "style" or link:
                self.risky.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data != OWN_SCRIPT:
            self.risky.append(f"script: {data[:200]}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


KNOWN = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "h4", "p", "code", "ul", "ol",
    "li", "nav", "a", "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "details",
    "summary", "section", "header", "b", "pre", "strong", "br", "span", "label", "input", "progress",
    "script",
}  # fmt: skip


@settings(max_examples=25)
@given(NAMES, NAMES, NAMES, NAMES)
@example(NASTY[0], NASTY[1], NASTY[4], NASTY[3])
@example(NASTY[6], NASTY[7], NASTY[0], NASTY[1])
@example(NASTY[2], NASTY[5], NASTY[1], NASTY[0])
def test_no_name_breaks_out_of_a_file(context: str, table: str, path: str, function: str) -> None:
    model, name = hostile(context, table, path, function)
    plan = plan_extraction(model, name)
    written = plan_files(plan) | roadmap_files(plan_roadmap(model)) | write(plan, model)
    plain = plan_files(plan_extraction(planted("flask_clinic"), "billing"))
    page = Tags()
    page.feed(written["plan.html"].decode())
    assert page.found <= KNOWN
    assert not page.risky
    for file in ("PLAN.md", "SUMMARY.md", "ROADMAP.md", "data/README.md"):
        text = written[file].decode()
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028\u2029]", text)
        text = re.sub(r"(?m)^</?details>.*$", "", text)  # ours, in the summary
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        inner = [child for token in tokens for child in token.children or ()]
        assert not {"html_block", "html_inline", "link_open", "image"} & {t.type for t in (*tokens, *inner)}
    headings = [line for line in written["PLAN.md"].decode().splitlines() if line.startswith("## ")]
    assert headings == [line for line in plain["PLAN.md"].decode().splitlines() if line.startswith("## ")]
    for stage in plan.stages:
        for command in stage.commands:
            assert shlex.split(command)
    for file, content in written.items():
        if file.endswith(".json"):
            json.loads(content)
        if file.endswith(".sql"):
            assert sqlglot.parse(statements(content.decode()), dialect="postgres")


def test_a_context_without_urls_tables_history_and_neighbours_gets_a_plan():
    clinic = planted("flask_clinic")
    module = clinic.modules[0]
    lone = BoundedContext(name="lone", kind="context", modules=(module.name,), tables=(), confidence=0.0)
    kinds = ("imports", "calls", "accesses", "endpoints", "tasks", "signals", "messages", "transactions")
    nothing = dict.fromkeys((*kinds, "tables", "commands", "crossings"), ())
    model = changed(clinic, contexts=(lone,), changes=Changes(), **nothing)
    plan = plan_extraction(model, "lone")
    text = plan_files(plan)["PLAN.md"].decode()
    assert "No crossing was found" in text
    assert "no history was read" in text
    assert write(plan, model) == {}
    assert [stage.number for stage in plan.stages] == [0, 1, 2, 3, 4]
    assert not any("contracts/http" in command for stage in plan.stages for command in stage.commands)
    assert plan_roadmap(model).candidates == () or plan_roadmap(model).candidates[0].context == "lone"


def test_ties_to_the_shared_kernel_alone_stay_local():
    clinic = planted("flask_clinic")
    kernel = next(c for c in clinic.contexts if c.kind == "shared_kernel")
    others = {m for c in clinic.contexts if c.name not in ("billing", kernel.name) for m in c.modules}
    contexts = tuple(c for c in clinic.contexts if c.name in ("billing", kernel.name))
    calls = tuple(call for call in clinic.calls if not {call.module, call.target_module} & others)
    model = changed(clinic, contexts=contexts, calls=calls)
    plan = plan_extraction(model, "billing")
    code = [cut for cut in plan.cuts if cut.kind in ("call", "import", "inheritance")]
    assert code
    remedies = {cut.remedy: cut.reason for cut in code if cut.direction == "out"}
    # What writes a table of the kernel is no library: two copies of it would write one table.
    assert set(remedies) <= {"shared_library", "remove_line", "api_call"}
    assert "works on" in remedies["api_call"]


def test_a_context_that_is_nearly_everything_is_planned_too():
    clinic = planted("flask_clinic")
    names = tuple(module.name for module in clinic.modules if module.role == "code")
    tables = tuple(sorted(table.name for table in clinic.tables))
    most = BoundedContext(
        name="most", kind="context", modules=names[1:], tables=tables, confidence=0.5, rest=True
    )
    rest = BoundedContext(name="rest", kind="context", modules=names[:1], tables=(), confidence=0.5)
    plan = plan_extraction(changed(clinic, contexts=(most, rest)), "most")
    assert len(plan.moves.endpoints) == len(clinic.endpoints)
    assert not plan.keys
    stay = plan_roadmap(changed(clinic, contexts=(most, rest))).stay
    assert any("most of the code" in item.reasons[0] for item in stay if item.context == "most")


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_every_place_of_a_plan_is_a_line_of_its_file(name):
    from helpers.monolith import FIXTURES

    model = planted(name)
    lengths = {m.path: len((FIXTURES / name / m.path).read_text().splitlines()) for m in model.modules}
    for context in model.contexts:
        if context.kind == "context":
            plan = plan_extraction(model, context.name)
            places = [place for cut in plan.cuts for place in cut.places]
            places += [place for saga in plan.sagas for step in saga.steps for place in step.places]
            assert all(1 <= place.line <= lengths[place.file] for place in places)
