"""The context map: numbers on its lines, one context in focus, the way between two, and cycle breakers."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise, permutations

import networkx as nx
import pytest
from playwright.sync_api import expect
from report_page import Opened

from strangler.model import BoundedContext, Crossing, Evidence, Model
from strangler.reports.cycles import EXACT, breakers
from strangler.reports.needs import Need, needs


def contexts(names: list[str]) -> list[BoundedContext]:
    return [BoundedContext(name=n, kind="context", modules=(n,), tables=(), confidence=1.0) for n in names]


def some_needs(names: list[str], density: float, seed: int) -> list[Need]:
    dice = random.Random(seed)
    return [
        Need(a, b, {"import": dice.randint(1, 9)})
        for a in names
        for b in names
        if a != b and dice.random() < density
    ]


def acyclic(found: list[Need]) -> bool:
    graph = nx.DiGraph((need.source, need.target) for need in found)
    return bool(nx.is_directed_acyclic_graph(graph))


@pytest.mark.parametrize("seed", range(12))
def test_cycle_breakers_of_few_contexts_are_the_fewest_places(seed: int) -> None:
    names = list("abcdef")
    found = some_needs(names, 0.6, seed)
    cut = breakers(contexts(names), found)
    assert acyclic([need for need in found if need not in cut.needs])
    least = min(
        sum(need.weight for need in found if order.index(need.source) > order.index(need.target))
        for order in permutations(names)
    )
    assert cut.exact
    assert sum(need.weight for need in cut.needs) == least


@pytest.mark.parametrize("seed", range(3))
def test_cycle_breakers_of_many_contexts_leave_no_cycle_and_say_that_there_may_be_fewer(seed: int) -> None:
    names = [f"c{n:02}" for n in range(EXACT + 15)]
    found = some_needs(names, 0.3, seed)
    cut = breakers(contexts(names), found)
    kept = [need for need in found if need not in cut.needs]
    assert acyclic(kept)
    assert not cut.exact
    assert sum(need.weight for need in cut.needs) < sum(need.weight for need in found) / 2
    assert all(not acyclic([*kept, need]) for need in cut.needs)


def test_where_there_is_no_cycle_nothing_is_to_be_cut() -> None:
    names = list("abc")
    found = [Need("a", "b", {"call": 3}), Need("b", "c", {"call": 1}), Need("a", "c", {"read": 2})]
    assert breakers(contexts(names), found) == ((), (), True)


def test_the_breakers_in_the_page_leave_no_cycle(report: Opened, shop: Model) -> None:
    page = report.go("#/map")
    rows = page.get_by_role("region", name="Cycle breakers").locator("tbody tr")
    cut = {(row.locator("th").inner_text(), row.locator("td").first.inner_text()) for row in rows.all()}
    proper = {context.name for context in shop.contexts if context.proper}
    every = [need for need in needs(shop.crossings) if {need.source, need.target} <= proper]
    assert cut
    assert not acyclic(every)
    assert acyclic([need for need in every if (need.source, need.target) not in cut])
    page.get_by_label("Cycle breakers only").check()
    assert page.locator("svg.map .pair").count() == len({frozenset(pair) for pair in cut})
    report.check()


MEETING = """(() => {
  const numbers = [...document.querySelectorAll("svg.map .places")];
  const boxes = numbers.map((one) => [one.textContent, one.getBoundingClientRect()]);
  const meet = (p, q) =>
    p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3;
  return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([, q]) => meet(p, q)).map(([b]) => [a, b]));
})()"""
"""Numbers on the map that stand on each other."""


def test_the_numbers_on_a_line_are_the_places_each_way(report: Opened, shop: Model) -> None:
    places = Counter[tuple[str, str]]()
    for need in needs(shop.crossings):
        places[need.source, need.target] += need.weight
    proper = {context.name for context in shop.contexts if context.proper}
    first, second = next((a, b) for a, b in sorted(places) if (b, a) in places and {a, b} <= proper)
    page = report.go(f"#/map?focus={first}&off=change")
    pair = page.locator(f"svg.map a.pair[aria-label*='{second}']").first
    numbers = sorted(int(text.replace(",", "")) for text in pair.locator(".places").all_text_contents())
    assert numbers == sorted([places[first, second], places[second, first]])
    pair.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer:not([hidden])")
    assert first in page.locator("#drawer-title").inner_text()
    report.go("#/map?lines=99&show=shared")
    assert page.locator("svg.map .places").count() > 10
    assert page.evaluate(MEETING) == []
    report.check()


def test_business_code_alone_and_certain_places_alone_are_counted(report: Opened, shop: Model) -> None:
    proper = {context.name for context in shop.contexts if context.proper}
    between = {(need.source, need.target) for need in needs(shop.crossings)}
    inside = {pair for pair in between if proper.issuperset(pair)}
    page = report.go("#/map")
    table = page.locator("article:not([hidden]) table").first.locator("tbody tr")
    assert table.count() == len(inside) < len(between)
    assert f"{len(between) - len(inside)} pairs with platform" in page.locator("#view").inner_text()
    page.get_by_role("checkbox", name="Crossings with platform").check()
    expect(table).to_have_count(len(between))
    home = {module: context.name for context in shop.contexts for module in context.modules}
    by_path = {module.path: module.name for module in shop.modules}
    table_at = {table.name: home[by_path[table.path]] for table in shop.tables}
    uses = [(home[a.module], table_at[a.table]) for a in shop.accesses if a.certainty == "certain"]
    keys = [(table_at[t.name], table_at[key.table]) for t in shop.tables for key in t.foreign_keys]
    counted = Counter(pair for pair in uses + keys if proper.issuperset(pair) and pair[0] != pair[1])
    page = report.go("#/matrix?layer=data&show=business,certain")
    rows = page.locator("article:not([hidden]) table tbody tr")
    expect(rows).to_have_count(len(counted))
    told = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    assert {(a, b): int(n) for a, b, n, _ in told} == counted
    report.check()


def test_the_places_of_a_need_that_are_certain_are_counted_apart() -> None:
    sure, guessed = Evidence(file="a.py", line=1), Evidence(file="a.py", line=2, certainty="inferred")
    implied = Evidence(file="a.py", line=3, how="implied")
    crossing = Crossing(source="a", target="b", kind="read", evidence=(sure, guessed, implied), count=2)
    (need,) = needs([crossing])
    assert (need.kinds, need.certain) == ({"read": 2}, {"read": 1})


def test_a_context_in_focus_is_drawn_with_its_neighbours_alone(report: Opened, shop: Model) -> None:
    proper = {context.name for context in shop.contexts if context.proper}
    focus = min(proper)
    page = report.go("#/map")
    page.get_by_role("checkbox", name="Changes together").uncheck()
    page.get_by_label("Focus on").select_option(focus)
    near = {focus}
    for need in needs(shop.crossings):
        if focus in (need.source, need.target) and {need.source, need.target} <= proper:
            near |= {need.source, need.target}
    drawn = page.locator("svg.map .card title").all_text_contents()
    assert set(drawn) == near
    page = report.go(page.evaluate("location.hash"))
    assert set(page.locator("svg.map .card title").all_text_contents()) == near
    report.check()


def test_the_way_between_two_contexts_is_told_step_by_step(report: Opened, shop: Model) -> None:
    proper = {context.name for context in shop.contexts if context.proper}
    graph = nx.DiGraph()
    places = Counter[tuple[str, str]]()
    for need in needs(shop.crossings):
        if {need.source, need.target} <= proper:
            graph.add_edge(need.source, need.target)
            places[need.source, need.target] += need.weight
    lengths = dict(nx.all_pairs_shortest_path_length(graph))
    _, start, end = max((n, a, b) for a, ends in lengths.items() for b, n in ends.items() if a != b)
    page = report.go(f"#/map?focus={start}&to={end}")
    told = page.locator("article:not([hidden]) .callout").inner_text()
    steps = [step.split(" (")[0].strip() for step in told.split("→")]
    assert (steps[0], steps[-1]) == (start, end)
    assert len(steps) == lengths[start][end] + 1
    for first, second in pairwise(steps):
        assert f"{second} ({places[first, second]:,} place" in told


def test_the_present_packages_can_be_drawn_as_a_cut(report: Opened) -> None:
    page = report.go("#/map")
    slider = page.get_by_label("Resolution")
    slider.fill(slider.get_attribute("max"))
    assert page.locator(".range output").first.inner_text().startswith("present packages: ")
    names = page.locator("svg.map .card title").all_text_contents()
    assert names
    assert all(name == "shop" or name.startswith("shop.") for name in names)
    report.check()
