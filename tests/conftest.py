"""Shared by all tests: the sample monoliths, and no silent skips where everything must run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from helpers.monolith import Running, copy_of, seed, serving
from hypothesis import HealthCheck, settings

BROWSER_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def failed_if_skipped(report: Any) -> Any:
    if in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but everything must run where CI is set: {report.longrepr}"
    return report


# No test is timed, and in CI the examples are the same in every run: a commit is judged by what it changes,
# not by luck nor by how busy the machine is.
settings.register_profile(
    "strangler", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=in_ci()
)
settings.load_profile("strangler")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where CI is set, a test that did not run is a test that failed."""
    return failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """The same for a whole module."""
    return failed_if_skipped((yield))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """seeded(name) -> a sample monolith's database, made once; not to be written to."""
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            made[name] = seed(name, tmp_path_factory.mktemp(name) / f"{name}.sqlite3")
        return made[name]

    return get


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The only browser of the whole session: Playwright starts once in a process."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed: no browser to open pages in")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def serve(seeded: Callable[[str], Path], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """serve(name, database=None, folder=None) -> a sample monolith, running on a copy of its database."""
    with ExitStack() as stack:

        def start(name: str, database: Path | None = None, **options: Any) -> Running:
            return stack.enter_context(serving(name, database or copy_of(seeded(name), tmp_path), **options))

        yield start
