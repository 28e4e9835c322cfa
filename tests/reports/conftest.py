"""A real browser for the report, one for the whole session, that notes all that it should not do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from report_page import ARGUMENTS, SOURCE, WATCH_POLICY, Opened, watch
from synthetic import hostile, synthetic

from strangler.model import Model
from strangler.reports import ReportOptions, render


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed: no browser to open the report in")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def open_report(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    """open_report(model, width=1280, scheme="light", excerpts={}, **page options) -> the report, opened."""
    contexts = []

    def start(
        model: Model, width: int = 1280, scheme: str = "light", excerpts: Any = None, **options: Any
    ) -> Opened:
        file = tmp_path_factory.mktemp("report") / "report.html"
        chosen = ReportOptions(source_url=SOURCE, excerpts=excerpts or {})
        file.write_bytes(render(model, "html", chosen)["report.html"])
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.add_init_script(WATCH_POLICY)
        opened = Opened(page, file)
        watch(opened)
        return opened

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shop() -> Model:
    """A monolith of 120 modules."""
    return synthetic(120)


@pytest.fixture(scope="session")
def report(open_report: Callable[..., Opened], shop: Model) -> Opened:
    """The shop's report on a desktop screen."""
    return open_report(shop)


@pytest.fixture(scope="session")
def villain() -> Model:
    """A monolith whose every name is an attack."""
    return hostile()
