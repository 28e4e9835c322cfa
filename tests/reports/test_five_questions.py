"""Five questions of a meeting, answered from the report of a sample monolith alone, as the docs tell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from report_page import Opened

from strangler.model import Model, load
from strangler.reports.index import Index

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The Django sample with its history, analysed by the command line."""
    folder = tmp_path_factory.mktemp("sample")
    replay = [sys.executable, str(ROOT / "fixtures" / "replay.py"), "django_shop", str(folder / "shop")]
    analyze = [sys.executable, "-m", "strangler", "analyze", str(folder / "shop"), "-o", str(folder / "out")]
    for command in (replay, analyze):
        subprocess.run(command, check=True, capture_output=True)
    return load((folder / "out" / "model.json").read_bytes())


@pytest.fixture
def opened(open_report: Callable[..., Opened], sample: Model) -> Opened:
    result = open_report(sample)
    result.go("")
    return result


def test_which_context_is_the_best_first_extraction(opened: Opened, sample: Model) -> None:
    headline = opened.page.locator("h1:visible").inner_text()
    assert any(f"Take out {context.name} first" in headline for context in sample.contexts)


def test_who_else_writes_a_table(opened: Opened, sample: Model) -> None:
    index = Index(sample)
    table = "orders_order"
    writers = index.accessors(table, "write")
    page = opened.page
    page.keyboard.press("/")
    page.keyboard.type(table)
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer:not([hidden])")
    text = page.locator("#drawer").inner_text()
    assert len(writers) > 1
    for context, count in writers.items():
        assert f"Writes by {context} {count}" in " ".join(text.split())
    assert text.count("not the owner") == len(set(writers) - {index.owner_of[table]})


def test_which_commits_tie_two_contexts_together(opened: Opened, sample: Model) -> None:
    home = Index(sample).context_of
    page = opened.page
    page.click("nav a[data-view=changes]")
    row = page.locator("article:not([hidden]) tbody tr").first
    first, second = row.locator("bdi").all_inner_texts()[:2]
    row.locator("td.num a").click()
    page.wait_for_selector("#drawer:not([hidden])")
    text = page.locator("#drawer").inner_text()
    both = [c for c in sample.changes.log if {first, second} <= {home.get(name) for name in c.modules}]
    assert both
    assert all(commit.subject in text for commit in both)


def test_what_breaks_if_a_foreign_key_goes(opened: Opened, sample: Model) -> None:
    page = opened.page
    page.click("nav a[data-view=data]")
    key = page.locator("[aria-label='Foreign keys to cut'] tbody th a").first
    table, column = key.inner_text().rsplit(".", 1)
    key.click()
    page.wait_for_selector("#drawer:not([hidden])")
    text = page.locator("#drawer").inner_text()
    declared = next(t for t in sample.tables if t.name == table)
    assert any(fk.column == column for fk in declared.foreign_keys)
    assert f"{declared.path}:{declared.line}" in text
    assert "On deletion" in text or "No rule for deletion" in text


def test_which_urls_move_with_the_best_first_extraction(opened: Opened, sample: Model) -> None:
    index = Index(sample)
    page = opened.page
    page.click("text=The URLs and tasks that move")
    page.wait_for_selector("article#view:not([hidden]) tbody tr")
    chosen = page.get_by_label("Context", exact=True).input_value()
    listed = set(page.locator("article:not([hidden]) tbody th").all_inner_texts())
    moving = {e.path for e in sample.endpoints if index.context_of_handler(e.handler) == chosen}
    assert moving <= listed
    assert not {e.path for e in sample.endpoints} - moving & listed
    opened.go("")
    page.click("text=The tables that move")
    page.wait_for_selector("article#view:not([hidden]) tbody tr")
    tables = page.locator("article:not([hidden]) table.heated tbody th").all_inner_texts()
    assert sorted(tables) == sorted(index.contexts[chosen].tables)
