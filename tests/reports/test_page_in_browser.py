"""The HTML report as its readers use it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import expect
from report_page import Opened
from synthetic import synthetic

from strangler.model import BoundedContext, Diagnostic, Model
from strangler.model.document import Level
from strangler.reports.html.page import VIEWS

HEADINGS = {
    "map": "Context map",
    "workshop": "Workshop",
    "matrix": "Design structure matrix",
    "data": "Data ownership",
    "changes": "Change coupling",
    "teams": "Teams",
    "entries": "Endpoints, tasks, commands and signals",
    "roadmap": "Roadmap",
    "diagnostics": "Diagnostics",
}


def heading(page: Any) -> str:
    return page.locator("article:not([hidden]) h1").inner_text()


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_opens_by_its_link_in_the_menu_and_by_its_address(report: Opened, view: str) -> None:
    page = report.go(f"#/{view}")
    by_address = heading(page)
    page = report.go("")
    page.click(f"nav a[data-view={view}]")
    page.wait_for_url(f"**#/{view}")
    page.wait_for_selector(f"nav a[data-view={view}][aria-current=page]")
    assert heading(page) == by_address
    assert by_address == HEADINGS.get(view, by_address)
    assert page.locator("nav a[aria-current=page]").get_attribute("data-view") == view
    report.check()


def test_the_service_canvas_of_a_context_opens_by_its_address_and_says_what_is_not_known_of_it(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    context, other = [context for context in shop.contexts if context.tables][:2]
    path = next(module.path for module in shop.modules if module.name == context.modules[0])
    gap = Diagnostic(file=path, line=3, code="unresolved-access", severity="note", message="cannot be told")
    opened = open_report(msgspec.structs.replace(shop, diagnostics=(gap, *shop.diagnostics)))
    page = opened.go(f"#/context/{context.name}")
    assert heading(page) == context.name
    assert context.tables[0] in page.locator(".canvas").inner_text()
    assert "Not understood in its modules: accesses 1 missing" in page.locator("main").inner_text()
    page = opened.go(f"#/context/{other.name}")
    assert heading(page) == other.name
    assert "accesses 1 missing" not in page.locator("main").inner_text()
    opened.check()


def test_search_finds_a_table_by_the_keyboard_alone(report: Opened, shop: Model) -> None:
    table = shop.tables[3].name
    page = report.go("#/roadmap")
    page.keyboard.press("/")
    page.keyboard.type(table)
    assert table in page.locator("#search-results [aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer:not([hidden])")
    assert page.locator("#drawer-title").inner_text() == table
    page.keyboard.press("Escape")
    page.wait_for_selector("#drawer", state="hidden")
    report.check()


def test_the_drawer_of_a_table_shows_each_place_that_writes_it(report: Opened, shop: Model) -> None:
    table = shop.tables[0].name
    files = {module.name: module.path for module in shop.modules}
    writes = [a for a in shop.accesses if a.table == table and a.operation == "write"]
    page = report.go(f"#/data?e=table~{table}")
    page.wait_for_selector("#drawer:not([hidden])")
    text = page.locator("#drawer").inner_text()
    assert writes
    for access in writes:
        assert f"{files[access.module]}:{access.line}" in text
    report.check()


def test_a_place_in_the_drawer_opens_at_the_forge_or_in_an_editor(report: Opened, shop: Model) -> None:
    crossing = next(c for c in shop.crossings if c.kind == "import")
    place = crossing.evidence[0]
    page = report.go(f"#/map?e=crossings~{crossing.source}~{crossing.target}")
    page.wait_for_selector("#drawer:not([hidden])")
    link = page.locator("#drawer a.place", has_text=f"{place.file}:{place.line}").first
    revision = shop.monolith.revision
    assert link.get_attribute("href") == (
        f"https://git.example.com/team/shop/blob/{revision}/{place.file}#L{place.line}"
    )
    editor = page.get_by_label("Lines open")
    editor.select_option("in VS Code")
    page.get_by_label("Folder of your clone").fill("not a folder; javascript:alert(1)")
    assert link.get_attribute("href").startswith("https://")
    page.get_by_label("Folder of your clone").fill("/home/ada/my shop/")
    expected = f"vscode://file/home/ada/my%20shop/{place.file}:{place.line}"
    assert link.get_attribute("href") == expected
    page = report.go(f"#/map?e=crossings~{crossing.source}~{crossing.target}")  # it is kept
    assert link.get_attribute("href") == expected
    page.get_by_label("Lines open").select_option("in the repository's forge")
    assert link.get_attribute("href").startswith("https://")
    report.check()


def test_commits_behind_two_contexts_are_listed(report: Opened, shop: Model) -> None:
    home = {module: c.name for c in shop.contexts for module in c.modules}
    commit = next(c for c in shop.changes.log if len({home[m] for m in c.modules}) > 1)
    first, second = sorted({home[module] for module in commit.modules})[:2]
    page = report.go(f"#/changes?e=commits~{first}~{second}")
    page.wait_for_selector("#drawer:not([hidden])")
    while (more := page.locator("#drawer button", has_text="Show more")).first.is_visible():
        more.first.click()
    text = page.locator("#drawer .commits").inner_text()
    assert commit.sha[:10] in text
    assert commit.subject in text


def test_evidence_is_copied_as_markdown_with_its_places(report: Opened, shop: Model) -> None:
    table = shop.tables[0]
    page = report.go(f"#/data?e=table~{table.name}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy as Markdown")
    page.wait_for_selector("text=Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"## `{table.name}`")
    assert f"[`{table.path}:{table.line}`](https://git.example.com/" in text


def test_filters_stay_in_the_address(report: Opened, shop: Model) -> None:
    context = shop.contexts[0].name
    page = report.go("#/entries")
    page.get_by_label("Context", exact=True).select_option(context)
    page.get_by_label("Kind", exact=True).select_option("task")
    rows = page.locator("article:not([hidden]) tbody tr").count()
    address = page.evaluate("location.hash")
    assert f"context={context}" in address
    page = report.go(address)
    assert page.get_by_label("Kind", exact=True).input_value() == "task"
    assert page.locator("article:not([hidden]) tbody tr").count() == rows
    report.check()


def test_tables_are_sorted_by_their_headings(report: Opened) -> None:
    page = report.go("#/roadmap")
    column = page.locator("article:not([hidden]) table").first
    column.get_by_role("button", name="Data ties").click()
    values = column.locator("tbody tr td:nth-child(3)").all_inner_texts()
    numbers = [int(value.replace(",", "")) for value in values]
    assert numbers == sorted(numbers, reverse=True)
    assert column.locator("th[aria-sort=descending]").inner_text().startswith("Data ties")


def test_a_cell_of_the_matrix_opens_its_imports_by_the_keyboard(report: Opened, shop: Model) -> None:
    page = report.go("#/matrix")
    page.wait_for_selector(".matrix canvas")
    page.wait_for_selector(".matrix[style*=height]")
    page.focus(".matrix canvas")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    hover = page.locator(".hover").inner_text()
    source, target = hover.split(":")[0].split(" → ")
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer:not([hidden])")
    home = {module: c.name for c in shop.contexts for module in c.modules}
    path = {module.name: module.path for module in shop.modules}
    between = [i for i in shop.imports if (home[i.importer], home[i.imported]) == (source, target)]
    text = page.locator("#drawer").inner_text()
    assert f"{len(between)} imports" in hover
    assert all(f"{path[i.importer]}:{i.line}" in text for i in between)
    report.check()


def test_each_layer_of_the_matrix_can_be_drawn_at_each_level(report: Opened) -> None:
    page = report.go("#/matrix")
    for layer in ("data", "message", "change", "hidden", ""):
        page.get_by_label("Layer").select_option(layer)
        for level in ("packages", "modules", ""):
            page.get_by_label("Rows").select_option(level)
            expect(page.locator("[role=status].note").first).to_contain_text("rows")
    report.check()


def test_a_context_opens_into_its_packages_and_a_cell_between_them_shows_its_own_imports(
    report: Opened, shop: Model
) -> None:
    context = max(shop.contexts, key=lambda c: len(c.modules))
    inside = set(context.modules)
    path = {module.name: module.path for module in shop.modules}
    page = report.go(f"#/matrix?open={context.name}")
    rows = page.locator("article:not([hidden]) tbody tr").filter(has_text="shop.")
    first, second = rows.first.locator("bdi").all_inner_texts()
    rows.first.locator("button.link").click()
    page.wait_for_selector("#drawer:not([hidden])")
    text = page.locator("#drawer .places").inner_text()

    def under(label: str, module: str) -> bool:
        home = next((c for c in shop.contexts if c.name == label), None)
        return module in home.modules if home else module in inside and f"{module}.".startswith(f"{label}.")

    listed = set(text.split())
    expected = {
        f"{path[i.importer]}:{i.line}"
        for i in shop.imports
        if under(first, i.importer) and under(second, i.imported)
    }
    assert expected == {word for word in listed if re.search(r"\.py:\d+$", word)}
    report.check()


def test_the_slider_of_the_map_shows_a_coarser_cut(report: Opened) -> None:
    page = report.go("#/map")
    cards = page.locator("svg.map .card").count()
    page.get_by_label("Resolution").fill("0")
    coarser = page.locator("svg.map .card").count()
    assert coarser < cards
    page = report.go(page.evaluate("location.hash"))
    assert page.locator("svg.map .card").count() == coarser


def test_each_position_of_the_slider_draws_its_own_cut(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    def level(label: str, parts: int) -> Level:
        modules = [module for context in shop.contexts for module in context.modules]
        return Level(
            label=label,
            resolution=1.0,
            contexts=tuple(
                BoundedContext(
                    name=f"{label}-{n}",
                    kind="context",
                    modules=tuple(modules[n::parts]),
                    tables=(),
                    confidence=1.0,
                )
                for n in range(parts)
            ),
        )

    sizes = [("coarser", 2), ("coarser", 3), ("finer", 7), ("finer", 9)]
    levels = tuple(level(label, parts) for label, parts in sizes)
    page = open_report(msgspec.structs.replace(shop, hierarchy=levels)).go("#/map")
    drawn = {}
    for position in range(len(sizes) + 1):
        page.get_by_label("Resolution").fill(str(position))
        told = page.locator(".range output").first.inner_text()
        drawn[told] = page.locator("svg.map .card").count()
    for label, parts in sizes:
        assert drawn[f"{label}: {parts} contexts"] == parts


def test_the_verdict_can_be_read_without_scripts(open_report: Callable[..., Opened], shop: Model) -> None:
    opened = open_report(shop, java_script_enabled=False)
    opened.page.goto(opened.file.as_uri())
    text = opened.page.locator("main").inner_text()
    assert "Take out shipping first" in text
    assert "What stands in the way" in text
    assert "Scripts are off" in text
    assert not opened.page.locator("nav").is_visible()
    assert opened.problems == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_no_view_is_wider_than_the_screen_or_has_an_accessibility_finding(
    open_report: Callable[..., Opened], shop: Model, width: int, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
    ).Axe()
    whole = Diagnostic(file="", line=None, code="no-history", severity="note", message="No history was read")
    model = msgspec.structs.replace(shop, diagnostics=(whole, *shop.diagnostics))
    opened = open_report(model, width=width, scheme=scheme)
    table = shop.tables[0].name
    addresses = [f"#/{view}" for view in VIEWS]
    addresses += [f"#/context/{shop.contexts[0].name}", f"#/data?e=table~{table}"]
    found = []
    for address in addresses:
        page = opened.go(address)
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        for violation in axe.run(page).response["violations"]:
            nodes = [node["html"][:200] for node in violation["nodes"][:3]]
            found.append((address, violation["id"], nodes))
    assert found == []
    opened.check()


@pytest.mark.parametrize("missing", ["history", "everything"])
def test_every_view_opens_where_there_is_little_to_show(
    open_report: Callable[..., Opened], missing: str
) -> None:
    model = synthetic(12, commits=0)
    if missing == "everything":
        empty = [name for name in Model.__struct_fields__ if isinstance(getattr(model, name), tuple)]
        model = msgspec.structs.replace(model, **dict.fromkeys(empty, ()))
    opened = open_report(model)
    for view in VIEWS:
        page = opened.go(f"#/{view}")
        page.wait_for_timeout(80)
        assert heading(page)
    opened.check()


ENDS_OF_TITLES = """[...document.querySelectorAll("svg .card text.title")].map((text) => {
  const box = text.getBBox();
  return box.x + box.width;
})"""
"""Where the names in the cards of a map end, of a card that is 168 wide."""


def test_hostile_names_run_nothing_and_keep_the_layout(
    open_report: Callable[..., Opened], villain: Model
) -> None:
    for width in (1280, 400):
        opened = open_report(villain, width=width)
        for view in VIEWS:
            page = opened.go(f"#/{view}")
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, view
            assert page.evaluate("document.documentElement.scrollHeight") < 60_000, view
            assert page.locator("main script, main img, main iframe").count() == 0
            ends = page.evaluate(ENDS_OF_TITLES)
            assert all(end <= 168 for end in ends), (view, ends)
        page = opened.go("#/map")
        for link in page.locator("svg.map a").all()[:3]:
            link.click()
            page.go_back()
        page = opened.go("#/data")
        for number in range(5):
            page.locator("article:not([hidden]) tbody a").nth(number * 2).click()
            page.wait_for_selector("#drawer:not([hidden])")
            opened.page.keyboard.press("Escape")
        page.locator("article:not([hidden]) tbody a").first.click()
        page.wait_for_selector("#drawer:not([hidden])")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("text=Copy as Markdown")
        page.wait_for_selector("text=Copied")
        copied = MarkdownIt("commonmark", {"html": True}).render(
            page.evaluate("navigator.clipboard.readText()")
        )
        assert set(re.findall(r"<(\w+)", copied)) <= {"h2", "h3", "p", "ul", "li", "code", "a", "br"}
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("script")
        assert page.locator("#search-results li").count() > 0
        opened.check()
