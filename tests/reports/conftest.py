"""The report in a real browser that notes all that it should not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from report_page import SOURCE, WATCH_POLICY, Opened, watch
from synthetic import hostile, synthetic

from strangler.model import Model
from strangler.reports import ReportOptions, render


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
