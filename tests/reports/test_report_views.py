"""Views that answer at a glance: what stands where, in a real browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from playwright.sync_api import expect
from report_page import Opened
from synthetic import synthetic

from strangler.contexts.ranking import rank_contexts
from strangler.model import Model
from strangler.model.coverage import measures
from strangler.reports.html.page import VIEWS

CUT_OFF = """[...document.querySelectorAll('article:not([hidden]) .scroll')]
    .filter(box => box.querySelector('table') && box.scrollWidth > box.clientWidth).length"""


@pytest.fixture(scope="module")
def large() -> Model:
    """A monolith of 900 modules."""
    return synthetic(900, 6000)


@pytest.fixture(scope="module")
def large_report(open_report: Callable[..., Opened], large: Model) -> Opened:
    return open_report(large)


@pytest.mark.parametrize("width", [1280, 400])
def test_no_column_of_a_table_is_cut_off(
    open_report: Callable[..., Opened], large: Model, width: int
) -> None:
    opened = open_report(large, width=width)
    addresses = [f"#/{view}" for view in VIEWS] + [f"#/context/{large.contexts[0].name}"]
    for address in addresses:
        page = opened.go(address)
        page.wait_for_timeout(150)
        assert page.evaluate(CUT_OFF) == 0, address
    opened.check()


def test_on_a_narrow_screen_each_cell_of_a_table_tells_its_column(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    page = open_report(shop, width=400).go("#/verdict")
    cell = page.locator("#verdict tbody tr").first.locator("td").nth(0)
    before = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert before == '"Modules"'


def test_a_long_table_draws_every_row_by_its_end(large_report: Opened, large: Model) -> None:
    page = large_report.go("#/data")
    box = page.locator("article:not([hidden]) .scroll.tall").first
    names = {table.name for table in large.tables}
    assert len(names) > 60
    for _ in range(30):
        if box.locator("tbody tr").count() >= len(names):
            break
        box.evaluate("box => box.scrollTop = box.scrollHeight")
        page.wait_for_timeout(30)
    assert set(box.locator("tbody th").all_inner_texts()) >= names
    large_report.check()


def test_the_heat_map_tells_who_writes_and_reads_a_table(report: Opened, shop: Model) -> None:
    home = {module: c.name for c in shop.contexts for module in c.modules}
    owner = {table: c.name for c in shop.contexts for table in c.tables}
    uses: Counter[tuple[str, str, str]] = Counter(
        (a.table, home[a.module], a.operation) for a in shop.accesses if a.module in home
    )
    table, context = next((t, c) for t, c, operation in uses if operation == "write" and owner.get(t) != c)
    writes, reads = uses[table, context, "write"], uses[table, context, "read"]
    page = report.go(f"#/data?q={table}")
    row = page.locator("table.heated tbody tr").filter(
        has=page.get_by_role("rowheader", name=table, exact=True)
    )
    cell = row.locator(f".heat [aria-label^='{context}: ']")
    label = cell.get_attribute("aria-label")
    told = [f"{n} {word}" + ("s" if n > 1 else "") for n, word in ((writes, "write"), (reads, "read")) if n]
    assert label == f"{context}: " + ", ".join(told)
    assert "writes" in cell.get_attribute("class")
    assert cell.inner_text() == str(writes)


def test_the_matrix_of_all_modules_stands_in_the_window_with_names_beside_it(large_report: Opened) -> None:
    page = large_report.go("#/matrix?level=modules")
    page.wait_for_selector(".matrix[style*=height]")
    page.wait_for_timeout(100)
    box = page.locator(".matrix").bounding_box()
    assert box["y"] + box["height"] <= 900
    # Left of the marks and above them something is written although a row is less than a pixel high.
    gutters = page.locator(".matrix canvas").evaluate("""canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const pixels = new Uint32Array(data.buffer);
        const seen = [new Set(), new Set()];
        pixels.forEach((pixel, i) => {
            const [x, y] = [i % canvas.width, Math.floor(i / canvas.width)];
            if (x < 200 && y > 140) seen[0].add(pixel);
            if (y < 120 && x > 220) seen[1].add(pixel);
        });
        return seen.map(colours => colours.size > 8);
    }""")
    assert gutters == [True, True]
    hover = page.locator(".hover").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 220)
    assert page.locator(".hover").inner_text()
    assert 0 <= hover["y"] <= 900
    large_report.check()


def test_the_name_of_a_block_of_the_matrix_fills_the_picture_with_it(large_report: Opened) -> None:
    page = large_report.go("#/matrix?level=modules")
    page.wait_for_selector(".matrix[style*=height]")
    page.wait_for_timeout(100)
    before = page.locator(".sheet").bounding_box()["height"]
    box = page.locator(".matrix").bounding_box()
    page.mouse.click(box["x"] + 150, box["y"] + 130 + (box["height"] - 134) / 2)
    assert page.locator(".sheet").bounding_box()["height"] > 2 * before
    page.get_by_role("button", name="Whole").click()
    assert page.locator(".sheet").bounding_box()["height"] == before


def test_the_diagonal_of_the_matrix_tells_the_share_that_stays_inside(report: Opened, shop: Model) -> None:
    page = report.go("#/matrix")
    page.wait_for_selector(".matrix[style*=height]")
    page.focus(".matrix canvas")
    page.keyboard.press("ArrowDown")
    hover = page.locator(".hover").inner_text()
    context = hover.removeprefix("Inside ").split(":")[0]
    home = {module: c.name for c in shop.contexts for module in c.modules}
    ends = [(home.get(i.importer), home.get(i.imported)) for i in shop.imports]
    ends = [pair for pair in ends if None not in pair and context in pair]
    inside = ends.count((context, context))
    share = f"{round(100 * inside / len(ends))}\N{NO-BREAK SPACE}%"
    assert hover == f"Inside {context}: {inside}, {share} of all that touches it."


def test_the_legend_of_the_matrix_is_that_of_the_layer(report: Opened) -> None:
    page = report.go("#/matrix")
    page.wait_for_selector(".matrix[style*=height]")
    assert "against the order" in page.locator("article:not([hidden]) .key").inner_text()
    page.get_by_label("Layer").select_option("change")
    expect(page.locator("article:not([hidden]) .key")).to_contain_text("changes together")
    assert "against the order" not in page.locator("article:not([hidden]) .key").inner_text()


def test_the_first_view_shows_a_map_and_what_was_understood(report: Opened, shop: Model) -> None:
    page = report.go("")
    names = page.locator("#small-map .card title").all_text_contents()
    assert sorted(names) == sorted(context.name for context in shop.contexts if context.proper)
    text = page.locator(".coverage").inner_text()
    for measure in measures(shop.system):
        if measure.share is not None:
            assert f"{measure.found:,} found{', ' * bool(measure.gaps)}{measure.gaps}" in text
    for part in ("h1", "#small-map", ".coverage"):
        box = page.locator(f"#verdict {part}").bounding_box()
        assert box["y"] + box["height"] < 900


def test_contexts_that_are_not_to_be_taken_out_are_folded_and_say_where_they_go(
    open_report: Callable[..., Opened], large: Model
) -> None:
    first = large.contexts[0]
    few = msgspec.structs.replace(first, name="tiny", modules=first.modules[:2], tables=(), members=())
    rest = msgspec.structs.replace(first, modules=first.modules[2:])
    model = msgspec.structs.replace(large, contexts=(rest, few, *large.contexts[1:]))
    names = [c.context for c in rank_contexts(model) if c.excluded]
    assert "tiny" in names
    page = open_report(model).go("")
    tiny = page.locator("#verdict").get_by_role("rowheader", name="tiny")
    assert not tiny.is_visible()
    page.locator(".folded > summary").click()
    assert tiny.is_visible()


def test_the_page_of_a_context_is_short(large_report: Opened, large: Model) -> None:
    context: Any = max(large.contexts, key=lambda c: len(c.modules))
    page = large_report.go(f"#/context/{context.name}")
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollHeight") < 3500
    large_report.check()
