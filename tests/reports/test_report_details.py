"""What the views tell beside their main table: what weakens, what grows, what is folded."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from report_page import Opened

from strangler.model import Domain, Model
from strangler.model.coverage import WEAKENS
from strangler.model.history import Activity, ContextCoupling, Hotspot
from strangler.reports.needs import needs


def test_a_message_says_what_it_weakens(open_report: Callable[..., Opened], shop: Model) -> None:
    first = shop.diagnostics[0]
    model = msgspec.structs.replace(
        shop, diagnostics=(msgspec.structs.replace(first, code="unresolved-access"),)
    )
    page = open_report(model).go("#/diagnostics")
    row = page.locator("tr").filter(has_text="unresolved-access")
    assert row.locator("td[data-label=Weakens]").inner_text() == ", ".join(WEAKENS["unresolved-access"])


def test_trends_and_hotspots_are_shown_with_their_contexts(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    first, second = [context for context in shop.contexts if context.proper][:2]
    module = first.modules[0]
    activity = Activity(
        couplings=(
            ContextCoupling(
                a=first.name, b=second.name, commits=12, share=0.5, earlier=2, later=10, trend="growing"
            ),
        ),
        hotspots=(Hotspot(module=module, context=first.name, commits=9, later=7, lines=400, score=1.0),),
    )
    opened = open_report(msgspec.structs.replace(shop, activity=activity))
    page = opened.go("#/changes")
    assert page.locator("td[data-label=Trend]", has_text="2 → 10, growing").count() == 1
    hot = page.get_by_role("region", name="Hotspots").locator("tbody tr")
    assert hot.locator("th").inner_text() == module
    assert hot.locator("td").first.inner_text() == first.name
    opened.check()


def test_two_spellings_of_one_endpoint_are_one_row(open_report: Callable[..., Opened], shop: Model) -> None:
    endpoint = shop.endpoints[0]
    bare = endpoint.path.rstrip("/")
    paths = (f"{bare}/", bare, f"{bare}.{{format}}", f"{bare}-other/")
    twins = tuple(msgspec.structs.replace(endpoint, path=path) for path in paths)
    page = open_report(msgspec.structs.replace(shop, endpoints=twins)).go("#/entries?kind=endpoint")
    rows = page.locator("article:not([hidden]) tbody th").all_inner_texts()
    assert sorted(len(row.split()) for row in rows) == [1, 3]
    assert set(" ".join(rows).split()) == set(paths)


def test_the_roadmap_tells_to_whom_a_context_is_tied(report: Opened, shop: Model) -> None:
    proper = {context.name for context in shop.contexts if context.proper}
    page = report.go("#/roadmap")
    step = page.locator(".roadmap > li").first
    name = step.locator("h2").inner_text()
    places: dict[str, int] = {}
    for need in needs(shop.crossings):
        if name in (need.source, need.target):
            other = need.target if need.source == name else need.source
            places[other] = places.get(other, 0) + need.weight
    most = max((other for other in places if other in proper), key=lambda other: places[other])
    chip = step.locator("a.chip").first
    assert chip.inner_text() == f"{most} {places[most]:,}"
    chip.click()
    page.wait_for_selector("#drawer:not([hidden])")
    report.check()


@pytest.mark.parametrize("state", ["chosen", "edited", "moved", "saving"])
def test_no_state_of_the_workshop_has_an_accessibility_finding(
    open_report: Callable[..., Opened], shop: Model, state: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
    ).Axe()
    opened = open_report(shop, width=1280 if state in ("chosen", "saving") else 400, scheme="dark")
    page = opened.go("#/workshop")
    page.locator(".pick").nth(2).click()
    if state == "edited":
        page.get_by_role("button", name="Edit ").first.click()
    if state == "moved":
        page.locator(".picked button.main").first.click()
    if state == "saving":
        page.get_by_role("button", name="Save the cut").click()
    page.wait_for_timeout(100)
    found = [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in axe.run(page).response["violations"]
    ]
    assert found == []
    opened.check()


def test_a_context_names_what_is_in_none_of_its_domains(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    first = next(context for context in shop.contexts if context.proper and len(context.tables) > 2)
    left = Domain(name="", modules=first.modules[:1], tables=first.tables[2:])
    domains = tuple(Domain(name=table, tables=(table,)) for table in first.tables[:2])
    changed = msgspec.structs.replace(first, domains=domains, to_split=first.modules[1:], in_none=left)
    contexts = tuple(changed if context is first else context for context in shop.contexts)
    page = open_report(msgspec.structs.replace(shop, contexts=contexts)).go(f"#/context/{first.name}")
    told = page.locator("details.note")
    assert told.locator("summary").inner_text().startswith("In none of these domains: ")
    assert told.locator("p.code").all_text_contents() == [", ".join(left.tables), ", ".join(left.modules)]
