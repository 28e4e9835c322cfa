"""Where the service is and who asks: ``pytest --base-url http://... --as boss='Authorization: ...'``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import contract_states  # type: ignore[import-not-found,unused-ignore]
import httpx
import pytest
from contract import Bounds  # type: ignore[import-not-found,unused-ignore]
from contract_api import Api, load_file  # type: ignore[import-not-found,unused-ignore]
from contract_client import Client, ResetError, identities, logins, resetter  # type: ignore[import-not-found,unused-ignore]
from contract_target import ONE_EACH, Line, Target  # type: ignore[import-not-found,unused-ignore]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suite."""
    group = parser.getgroup("contract")
    group.addoption("--base-url", default="http://127.0.0.1:8000", help="where the service answers")
    group.addoption("--wsgi", default="", help="module:application to call in this process instead")
    group.addoption("--asgi", default="", help="the same for an ASGI application; module:factory() is called")
    group.addoption(
        "--as", dest="identities", action="append", default=[], help="NAME='Header: value', repeatable"
    )
    group.addoption(
        "--login",
        action="append",
        default=[],
        help="NAME='/path/ field=value ...': sign in by a form, repeatable",
    )
    group.addoption("--reset", default="", help="command, or URL to POST to, that puts the data back")


def _reset(how: str, base: str) -> Callable[[], None] | None:
    """The option; else the team's own function, unless it is as it was generated."""
    if how:
        return resetter(how)  # type: ignore[no-any-return,unused-ignore]
    try:
        contract_states.reset(base)
    except NotImplementedError:
        return None
    return lambda: contract_states.reset(base)


def _transport(config: pytest.Config) -> httpx.BaseTransport | None:
    wsgi, asgi = config.getoption("--wsgi"), config.getoption("--asgi")
    if not wsgi and not asgi:
        return None
    from contract_in_process import Asgi, load  # type: ignore[import-not-found,unused-ignore]

    if asgi:
        return Asgi(load(asgi))  # type: ignore[no-any-return,unused-ignore]
    return httpx.WSGITransport(app=load(wsgi), raise_app_exceptions=False)


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The service under test, its data as they were recorded."""
    option = request.config.getoption
    base = option("--base-url")
    bounds = Bounds(**load_file("recordings.json")["limits"])
    with httpx.Client(
        transport=_transport(request.config), timeout=bounds.patience, trust_env=False, limits=ONE_EACH
    ) as http:
        client = Client(
            Line(http, Target(base), bounds),
            identities(option("identities")),
            logins(option("--login")),
            _reset(option("--reset"), base),
        )
        _or_exit(client.put_back)
        yield Api(client)
        client.put_back()


@pytest.fixture
def api(service: Api) -> Api:
    """The service, for one test."""
    _or_exit(service.begin)
    return service


def _or_exit(put_back: Callable[[], None]) -> None:
    """Without the data as they were, no test says anything."""
    try:
        put_back()
    except ResetError as error:
        pytest.exit(f"{error} (it was run in {Path.cwd()})", returncode=2)
