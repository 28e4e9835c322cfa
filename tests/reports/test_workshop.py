"""The workshop of the report, by mouse and by keyboard: its figures are those of the command line."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.monolith import FIXTURES
from report_page import Opened

from strangler import pipeline
from strangler.boundaries import parse
from strangler.config import Config
from strangler.contexts import crossings
from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.text import percent
from strangler.reports.verdict import verdict

MOVES = 12


@pytest.fixture(scope="module")
def clinic() -> Model:
    """The Flask sample as `analyze` finds it."""
    return pipeline.analyze(
        pipeline.scan(FIXTURES / "flask_clinic", Config()), Config(), jobs=1, cached=False
    )


@pytest.fixture
def workshop(open_report: Callable[..., Opened], clinic: Model) -> Iterator[Opened]:
    opened = open_report(clinic)
    start(opened)
    yield opened
    opened.check()


def start(opened: Opened) -> Any:
    page = opened.go("#/workshop")
    page.wait_for_selector(".bench-card")
    return page


def figures(page: Any) -> dict[str, str]:
    """What the bar says now, by label."""
    return {
        row.locator("dt").inner_text(): re.split(r"→|✓|✗", row.locator("dd").evaluate(NOW))[0].strip()
        for row in page.locator(".tiles > div").all()
    }


NOW = "dd => (dd.querySelector('b')?.firstChild ?? dd.firstChild).textContent"


def expected(model: Model, contexts: dict[str, tuple[str, set[str], set[str]]]) -> dict[str, str]:
    """The figures of the first view of a report on the same monolith with these contexts."""
    known = {context.name: context for context in model.contexts}
    template = model.contexts[0]
    cut = tuple(
        msgspec.structs.replace(
            known.get(name, template),
            name=name,
            kind=kind,
            modules=tuple(sorted(modules)),
            tables=tuple(sorted(tables)),
            members=(),
        )
        for name, (kind, modules, tables) in sorted(contexts.items())
        if modules or tables
    )
    after = msgspec.structs.replace(model, contexts=cut, crossings=crossings.of_cut(model.system, cut))
    rows = verdict(after, Index(after)).figures.rows()
    within = rows.pop("commits within one context")
    counts = {name.capitalize(): f"{value:,}" for name, value in rows.items()}
    return counts | {"Commits within one context": percent(within)}


def as_it_is(model: Model) -> dict[str, tuple[str, set[str], set[str]]]:
    return {c.name: (c.kind, set(c.modules), set(c.tables)) for c in model.contexts}


def choose(page: Any, label: str) -> None:
    """Find a module by its name and choose it."""
    page.get_by_label("Module or table").fill(label)
    row = page.locator(".pick").filter(has_text=re.compile(rf"^{re.escape(label)}$"))
    row.first.wait_for()
    row.first.click()


def move(page: Any, label: str, target: str) -> None:
    choose(page, label)
    options = page.locator(".picked option").all()
    value = next(o.get_attribute("value") for o in options if o.inner_text().startswith(f"{target}: "))
    page.get_by_label("Move to").select_option(value)
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_selector(".picked", state="hidden")


def test_the_figures_after_each_of_random_moves_are_those_of_a_report_on_that_cut(
    workshop: Opened, clinic: Model
) -> None:
    page, rng = workshop.page, random.Random(20)
    cut = as_it_is(clinic)
    assert figures(page) == expected(clinic, cut)
    declared = {table.name: table.path for table in clinic.tables}
    path_of = {module.name: module.path for module in clinic.modules}
    seen = [figures(page)]
    for _ in range(MOVES):
        source = rng.choice(sorted(name for name, (_, modules, _) in cut.items() if modules))
        module = rng.choice(sorted(cut[source][1]))
        target = rng.choice(sorted(set(cut) - {source}))
        move(page, module, target)
        tables = {table for table in cut[source][2] if declared.get(table) == path_of[module]}
        cut[source][1].discard(module)
        cut[target][1].add(module)
        cut[source][2].difference_update(tables)
        cut[target][2].update(tables if cut[source][1] else {*tables, *cut[source][2]})
        cut = {name: held for name, held in cut.items() if held[1]}
        assert figures(page) == expected(clinic, cut)
        seen.append(figures(page))
    assert len({tuple(row.values()) for row in seen}) > MOVES // 2
    for earlier in reversed(seen[:-1]):
        page.get_by_role("button", name="Undo").click()
        assert figures(page) == earlier
    page.get_by_role("button", name="Redo").click()
    assert figures(page) == seen[1]


def test_two_cuts_stand_side_by_side(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    level = next(level for level in clinic.hierarchy if level.label != "recommended")
    number = 1 + [one for one in clinic.hierarchy if one.label != "recommended"].index(level)
    page.get_by_label("Compare with").select_option(str(number))
    rows = page.locator("[aria-label='Figures of both cuts'] tbody tr").all_inner_texts()
    mine, other = ({re.split(r"\t", row)[0]: re.split(r"\t", row)[side] for row in rows} for side in (1, 2))
    there = {c.name: (c.kind, set(c.modules), set(c.tables)) for c in level.contexts}
    assert mine == expected(clinic, as_it_is(clinic))
    assert other == expected(clinic, there)
    context = next(c for c in clinic.contexts if c.proper)
    row = page.locator("[aria-label='Where your contexts are in the other cut'] tbody tr").filter(
        has=page.locator("th", has_text=re.compile(rf"^{re.escape(context.name)}$"))
    )
    split = {c.name: len({*c.modules} & {*context.modules}) for c in level.contexts}
    told = row.locator("td").last.inner_text()
    assert sorted(told.split(", ")) == sorted(f"{name} {n}" for name, n in split.items() if n)


def test_each_cut_of_the_analysis_can_be_started_from(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    others = [level.contexts for level in clinic.hierarchy if level.label != "recommended"]
    assert others
    for number, contexts in enumerate(others, 1):
        page.get_by_label("Start from").select_option(str(number))
        cut = {c.name: (c.kind, set(c.modules), set(c.tables)) for c in contexts}
        assert figures(page) == expected(clinic, cut)


def test_contexts_are_renamed_marked_merged_and_made_and_the_file_says_so(
    workshop: Opened, clinic: Model, tmp_path: Path
) -> None:
    page = workshop.page
    first, second, third = sorted(
        (c for c in clinic.contexts if c.proper), key=lambda c: (-len(c.modules), c.name)
    )[:3]
    edit(page, first.name)
    page.get_by_label("Name").fill("renamed")
    page.get_by_label("Why it is so").fill('they said "yes"')
    page.get_by_role("button", name="Apply").click()
    edit(page, second.name)
    page.get_by_label("Mark as").select_option("platform")
    page.get_by_role("button", name="Apply").click()
    edit(page, third.name)
    page.get_by_label("Merge into").select_option(label="renamed")
    page.get_by_role("button", name="Apply").click()
    choose(page, first.modules[0])
    page.get_by_role("button", name="New context of these").click()
    page.get_by_role("button", name="Save the cut").click()
    page.get_by_label("Decided by").fill("Ada")
    page.get_by_label("Decided on").fill("2026-11-29")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the file").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.name == "strangler-boundaries.toml"
    found = {boundary.id: boundary for boundary in parse(file.read_text(), str(file))[0]}
    renamed = found[first.id]
    assert (renamed.name, renamed.notes) == ("renamed", 'they said "yes"')
    assert {*renamed.modules} == {*first.modules, *third.modules} - {first.modules[0]}
    assert found[second.id].kind == "platform"
    assert third.id not in found
    assert any(boundary.modules == (first.modules[0],) for boundary in found.values())
    assert {(b.decided_by, b.decided) for b in found.values()} == {("Ada", "2026-11-29")}
    every = [module for boundary in found.values() for module in boundary.modules]
    assert sorted(every) == sorted(module for context in clinic.contexts for module in context.modules)


def edit(page: Any, name: str) -> None:
    page.get_by_role("button", name=f"Edit {name}", exact=True).click()


def test_two_contexts_cannot_have_one_name(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    first, second = [c.name for c in clinic.contexts][:2]
    edit(page, first)
    page.get_by_label("Name").fill(second)
    page.get_by_role("button", name="Apply").click()
    assert f"Another context is called {second}" in page.get_by_role("alert").inner_text()


def test_a_module_is_moved_with_the_keyboard_alone_and_the_step_is_undone(
    workshop: Opened, clinic: Model
) -> None:
    page = workshop.page
    before = figures(page)
    context = max((c for c in clinic.contexts if c.proper), key=lambda c: len(c.modules))
    page.get_by_label("Module or table").focus()
    page.keyboard.type(context.modules[0])
    page.wait_for_timeout(300)
    for _ in range(100):
        page.keyboard.press("Tab")
        if "pick" in page.evaluate("document.activeElement.className"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("m")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Move"
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Undo").is_enabled()
    page.keyboard.press("Control+z")
    assert not page.get_by_role("button", name="Undo").is_enabled()
    assert figures(page) == before


def test_a_package_is_dragged_onto_another_context(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    before = page.locator(".bench-card .note").all_inner_texts()
    cards = page.locator(".bench-card")
    cards.first.locator(".row").first.drag_to(cards.nth(1).locator("h2"))
    assert page.locator(".bench-card .note").all_inner_texts() != before
    assert page.get_by_role("button", name="Undo").is_enabled()


def test_what_a_step_changes_is_listed_with_the_places_behind_it(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    statement = next(
        i
        for i in clinic.imports
        if {home(clinic, i.importer), home(clinic, i.imported)} - {""} == {home(clinic, i.importer)}
    )
    target = next(c.name for c in clinic.contexts if c.name != home(clinic, statement.imported) and c.proper)
    move(page, statement.imported, target)
    pair = page.locator("#view table tbody tr").filter(has_text=target).first
    pair.locator("a").click()
    page.wait_for_selector("#drawer:not([hidden])")
    assert re.search(r"\.py:\d+", page.locator("#drawer").inner_text())


def home(model: Model, module: str) -> str:
    return next((c.name for c in model.contexts if module in c.modules), "")


def test_the_work_is_still_there_after_the_page_was_closed(workshop: Opened, clinic: Model) -> None:
    page = workshop.page
    context = max((c for c in clinic.contexts if c.proper), key=lambda c: len(c.modules))
    other = next(c.name for c in clinic.contexts if c.name != context.name)
    move(page, context.modules[0], other)
    kept = figures(page)
    page = start(workshop)
    assert figures(page) == kept
    page.get_by_role("button", name="Undo").click()
    assert figures(page) == expected(clinic, as_it_is(clinic))
    cuts = page.get_by_label("Start from")
    last = str(cuts.locator("option").count() - 1)
    cuts.select_option(last)
    page.locator(".pick").first.click()
    page.get_by_role("button", name="Move", exact=True).click()
    kept = figures(page)
    page = start(workshop)
    assert (figures(page), page.get_by_label("Start from").input_value()) == (kept, last)


def test_on_a_telephone_nothing_is_wider_than_the_screen_while_rows_are_chosen_and_edited(
    open_report: Callable[..., Opened], clinic: Model
) -> None:
    opened = open_report(clinic, width=400)
    page = start(opened)
    page.locator(".pick").nth(2).click()
    page.locator(".bench-card header button").nth(1).click()
    page.get_by_role("button", name="Save the cut").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    opened.check()


def test_hostile_names_are_harmless_in_the_workshop_and_stay_strings_in_its_file(
    open_report: Callable[..., Opened], villain: Model
) -> None:
    opened = open_report(villain)
    page = start(opened)
    page.get_by_role("button", name="Save the cut").click()
    text = page.locator("dialog textarea").input_value()
    said = tomllib.loads(text)["contexts"].values()
    assert sum(len(b.get("modules", ())) for b in said) == sum(len(c.modules) for c in villain.contexts)
    opened.check()
