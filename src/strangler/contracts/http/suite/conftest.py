"""Where the service is and who asks: ``pytest --base-url http://... --as boss='Authorization: ...'``."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import httpx
import pytest
from contract import Api  # type: ignore[import-not-found,unused-ignore]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suite."""
    group = parser.getgroup("contract")
    group.addoption("--base-url", default="http://127.0.0.1:8000", help="where the service answers")
    group.addoption("--wsgi", default="", help="module:application to call in this process instead")
    group.addoption(
        "--as", dest="identities", action="append", default=[], help="NAME='Header: value', repeatable"
    )


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The service under test."""
    base = request.config.getoption("--base-url")
    identities: dict[str, dict[str, str]] = {}
    for text in request.config.getoption("identities"):
        name, _, header = text.partition("=")
        field, _, value = header.partition(":")
        identities.setdefault(name, {})[field.strip()] = value.strip()
    transport = None
    if place := request.config.getoption("--wsgi"):
        module, _, attribute = place.partition(":")
        transport = httpx.WSGITransport(app=getattr(importlib.import_module(module), attribute))
    with httpx.Client(transport=transport, timeout=30, trust_env=False) as client:
        yield Api(client, base, identities)
