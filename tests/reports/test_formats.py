"""Every format: read back by a reader of that format, with the names that were put in."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import pydot
import pytest
from helpers.systems import access, context, model_of
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_page import SOURCE
from synthetic import HOSTILE, hostile

from strangler.model import ForeignKey, Model, Table, load
from strangler.reports import FORMATS, ReportError, ReportOptions, render
from strangler.reports.quoting import csv_cell, dsl_quoted, identifiers, mermaid_quoted
from strangler.text import code as markdown_code
from strangler.text import visible

names = st.one_of(
    st.text(max_size=60), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE)).map("".join)
)
TABLE = ("table", "thead", "tbody", "tr", "th", "td")
some_names = st.lists(names, min_size=3, max_size=6, unique=True)


def text(model: Model, format: str, options: ReportOptions | None = None) -> str:
    (content,) = render(model, format, options).values()
    return content.decode()


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_model_gives_the_same_bytes(shop: Model, format: str) -> None:
    assert render(shop, format) == render(shop, format)


@pytest.mark.parametrize("format", FORMATS)
def test_file_names_are_plain_and_never_come_from_the_code_base(villain: Model, format: str) -> None:
    assert all(
        re.fullmatch(r"AGENTS\.md|([a-z]+/)?[a-z-]+(\d\d)?\.[a-z]+", name) for name in render(villain, format)
    )


def test_an_unknown_format_is_refused_with_the_list_of_those_there_are(shop: Model) -> None:
    with pytest.raises(ReportError, match="there are: html, markdown"):
        render(shop, "pdf")


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert(1)/{path}",
        "https://host/blob",
        "https://{path}/x",
        "/local/{path}",
        "",
        "https://[h/{path}",
    ],
)
def test_a_source_url_that_is_no_template_of_web_addresses_is_refused(template: str) -> None:
    with pytest.raises(ReportError, match="source-url"):
        ReportOptions(source_url=template)


def test_a_source_link_quotes_what_comes_from_the_code_base() -> None:
    link = ReportOptions(source_url=SOURCE).link("abc+dirty", 'a b/"><script>.py', 3)
    assert link == "https://git.example.com/team/shop/blob/abc/a%20b/%22%3E%3Cscript%3E.py#L3"


def test_json_is_the_model_again(shop: Model) -> None:
    assert load(render(shop, "json")["model.json"]) == shop


def test_csv_holds_one_line_for_each_module_with_its_context(shop: Model) -> None:
    rows = list(csv.DictReader(io.StringIO(render(shop, "csv")["modules.csv"].decode(), newline="")))
    assert [row["module"] for row in rows] == [module.name for module in shop.modules]
    home = {module: context.name for context in shop.contexts for module in context.modules}
    assert all(row["context"] == home[row["module"]] for row in rows)


def test_dot_is_read_back_with_a_node_for_each_context(shop: Model) -> None:
    (graph,) = pydot.graph_from_dot_data(text(shop, "dot"))
    nodes = [node for node in graph.get_nodes() if re.fullmatch(r"n\d+", node.get_name())]
    assert len(nodes) == len(shop.contexts)
    assert len(graph.get_edges()) == len({(c.source, c.target) for c in shop.crossings})


def test_svg_is_well_formed_and_names_each_context(shop: Model) -> None:
    root = ET.fromstring(text(shop, "svg"))
    shown = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {context.name for context in shop.contexts} <= shown


def test_sarif_points_at_the_lines_of_the_crossings_and_has_the_rules_as_code_hosts_ask(shop: Model) -> None:
    run = json.loads(text(shop, "sarif"))["runs"][0]
    results, rules = run["results"], {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in results} <= set(rules)
    for rule in rules.values():  # GitHub takes no rule without them
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    crossing = next(c for c in shop.crossings if c.kind == "write")
    places = {
        (
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            r["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for r in results
        if r["ruleId"] == "crossing/write"
    }
    assert all((place.file, place.line) in places for place in crossing.evidence)


def test_what_a_delete_takes_along_is_no_place_where_that_follows_from_a_key() -> None:
    keyed = Table(
        name="theirs",
        model=None,
        framework="django",
        path="b.py",
        line=9,
        foreign_keys=(ForeignKey(column="own_id", table="own"),),
    )
    model = model_of(
        context("one", "a", tables=("own",)),
        context("two", "b", tables=("theirs",)),
        accesses=(access("a", "theirs", "write", via="cascade"), access("a", "theirs", "write", line=2)),
        tables=(keyed,),
    )
    hardest = text(model, "markdown").partition("## The hardest places")[2].partition("\n## ")[0]
    assert re.findall(r"a\.py:(\d+)", hardest) == ["2"]
    results = json.loads(text(model, "sarif"))["runs"][0]["results"]
    lines = [
        r["locations"][0]["physicalLocation"]["region"]["startLine"]
        for r in results
        if r["ruleId"] == "crossing/write"
    ]
    assert lines == [2]


def test_markdown_says_the_verdict_and_links_to_the_source(shop: Model) -> None:
    report = text(shop, "markdown", ReportOptions(source_url=SOURCE))
    assert report.startswith("# `shop`: Take out shipping first, once its crossings are cut")
    assert "](<https://git.example.com/team/shop/blob/" in report


def test_markdown_says_what_each_context_holds() -> None:
    model = model_of(
        context("mail", "shop.post", "shop.post.imap", "shop.docs.mail", tables=("account",)),
        context("docs", "shop", "shop.docs", "shop.docs.views", "shop.docs.models"),
    )
    held = text(model, "markdown").partition("## What each holds")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in held.splitlines() if "`" in line
    ]
    assert rows == [
        ["`mail`", "`shop.post`, `shop.docs.mail`", "`account`"],
        ["`docs`", "`shop.docs`, `shop`", ""],
    ]


@settings(max_examples=60)
@given(some_names)
def test_no_name_leaves_its_place_in_any_format(chosen: list[str]) -> None:
    model = hostile(chosen, modules=12)
    dot = pydot.graph_from_dot_data(text(model, "dot"))
    assert dot
    allowed = {"node", "graph", "edge", '"\\n"'}
    assert all(re.fullmatch(r"n\d+", n.get_name()) or n.get_name() in allowed for n in dot[0].get_nodes())
    assert all(set(edge.get_attributes()) <= {"label", "tooltip", "color"} for edge in dot[0].get_edges())
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(text(model, "svg")).iter()}
    assert tags <= {"svg", "title", "rect", "path", "g", "text"}
    quoted = r'"[^"\[\]{}<>|]*"'
    colours = r"[a-z]+:(?:none|#[0-9a-f]{6})(?:,[a-z]+:(?:none|#[0-9a-f]{6}))*"
    lines = (
        rf"flowchart LR|  n\d+\[{quoted}\]|  n\d+ -->\|{quoted}\| n\d+",
        rf"  linkStyle \d+(?:,\d+)* {colours}|  classDef [a-z]+ {colours}",
        rf"  (?:legend_[a-z]+|more)\[{quoted}\]:::[a-z]+",
    )
    for line in text(model, "mermaid").splitlines():
        assert re.fullmatch("|".join(lines), line)
    for line in text(model, "structurizr").splitlines():
        assert line.count('"') % 2 == 0
        assert "\\" not in line
    for line in text(model, "context-mapper").splitlines():
        assert re.fullmatch(r"\s*(?:[\w\[\]<>,= -]+\{?|\}|domainVisionStatement = \"[^\"\\]*\")", line), line
    json.loads(text(model, "sarif"))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text(model, "markdown"))
    assert set(re.findall(r"<(/?\w+)", html)) <= {
        f"{slash}{tag}"
        for tag in (
            "h1",
            "h2",
            "p",
            "ul",
            "li",
            "code",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "strong",
        )
        for slash in ("", "/")
    }


@settings(max_examples=40)
@given(some_names)
def test_no_name_adds_an_element_or_a_script_to_the_page(chosen: list[str]) -> None:
    page = text(hostile(chosen, modules=12), "html")
    plain = text(hostile(("plain", "names", "only"), modules=12), "html")
    counted = {
        tag: page.count(f"<{tag}") for tag in ("script", "img", "svg", "iframe", "style", "link", "body")
    }
    assert counted == {tag: plain.count(f"<{tag}") for tag in counted}
    assert "\u202e" not in page
    assert "\x00" not in page


@given(names)
def test_quoting_keeps_every_name_on_one_line_and_inside_its_quotes(name: str) -> None:
    for quoted in (markdown_code(name), mermaid_quoted(name), dsl_quoted(name)):
        assert len(quoted.splitlines()) == 1
    assert '"' not in mermaid_quoted(name)[1:-1]
    assert '"' not in dsl_quoted(name)[1:-1]
    assert not str(csv_cell(name)).startswith(("=", "+", "-", "@"))


@given(some_names)
def test_identifiers_differ_even_without_regard_to_case(chosen: list[str]) -> None:
    made = identifiers(chosen, "Ctx")
    assert len({identifier.lower() for identifier in made.values()}) == len(chosen)
    assert all(re.fullmatch(r"[A-Za-z]\w*", identifier, re.ASCII) for identifier in made.values())


def test_characters_that_turn_text_around_are_shown_by_their_code() -> None:
    assert visible("a\u202eb\x00c\u200b") == "a⟨U+202E⟩b⟨U+0000⟩c⟨U+200B⟩"
