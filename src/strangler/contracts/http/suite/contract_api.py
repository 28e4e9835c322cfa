"""The service under test: sends the requests of the contract and compares the answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from contract import differences, observe  # type: ignore[import-not-found,unused-ignore]
from contract_client import SAFE, Client  # type: ignore[import-not-found,unused-ignore]

HERE = Path(__file__).parent


class Api:
    """One test's conversation with the service."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._recorded = load_file("recordings.json")["answers"]
        self._matchers = load_file("matchers.json")

    def begin(self) -> None:
        """Before each test: no cookies of the one before, and the data as they were recorded."""
        self._client.begin()

    def check(
        self,
        case: str,
        method: str,
        path: str,
        *,
        identity: str,
        status: int,
        again: bool = False,
        **options: Any,
    ) -> None:
        """Send a request and compare the answer with the recorded one.

        Args:
            again: ask once more with the validators of the first answer (ETag, Last-Modified).
            options: params, json, form, content, csrf, headers.
        """
        client = self._client
        if not client.knows(identity):
            raise AssertionError(
                f"who is {identity!r}? Say it with --as {identity}='Authorization: ...' or with --login"
            )
        if method not in SAFE and status < 400 and not client.resets:
            pytest.skip("it writes: say with --reset how the data are put back")
        answer = client.send(method, path, identity=identity, **options)
        if again:
            answer = client.send(method, path, identity=identity, validators=answer, **options)
        expected = self._recorded[case]
        if method not in SAFE and answer.status_code == status:
            client.took(answer)
        where = f"{method} {path} as {identity}"
        seen = observe(answer, client.base, client.bounds)
        assert answer.status_code == status, f"{where}: status {answer.status_code}, was {status}\n  {seen}"[
            :2000
        ]
        found = differences(expected, seen, self._matchers.get(case, {}), self._matchers.get("*"))
        assert not found, f"{where} differs:\n  " + "\n  ".join(found[:30])


def load_file(name: str) -> Any:
    """A file of the suite."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))
