"""Real monoliths and backends, started once for all routing tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from routing_harness import FIXTURES, App, Echo, serving


@pytest.fixture(scope="session")
def echo() -> Iterator[Echo]:
    with Echo() as running:
        yield running


@pytest.fixture(scope="session")
def monoliths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[App, int]]]:
    """Name -> the application and the port that it is served on."""
    with ExitStack() as stack:
        yield {
            app.name: (app, stack.enter_context(serving(app, Path(tmp_path_factory.mktemp(app.name)))))
            for app in FIXTURES
        }
