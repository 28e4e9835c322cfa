"""Each context of each sample as a service: it boots without the rest, and answers as the monolith does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES, copy_of, run, serving
from helpers.planted import planted, planted_file

from strangler import sources
from strangler.extraction import Service, extract
from strangler.model import Model
from strangler.sources.others import others

IDENTITIES = {
    "django_shop": ({}, {"Authorization": "Token ada-token"}, {"Authorization": "Token staff-token"}),
    "flask_clinic": ({}, {"Authorization": "Bearer boss-token"}, {"Authorization": "Bearer nurse-token"}),
    "fastapi_courier": ({}, {"X-Api-Key": "shop-key"}, {"X-Api-Key": "admin-key"}),
}
PARTS = {
    "django_shop": ("billing", "catalog", "customers", "orders", "warehouse"),
    "flask_clinic": ("appointments", "billing", "patients", "pharmacy", "staff"),
    "fastapi_courier": ("accounts", "billing", "fleet", "parcels", "tracking"),
}
CONTEXTS = [(monolith, name) for monolith, names in PARTS.items() for name in names]
VALUES = {"language_code": "en", "day": "2026-03-10", "code": "HB000001", "year": "2026"}


def service_of(model: Model, monolith: str, name: str, folder: Path) -> Service:
    """The service, its files in ``folder``."""
    root = FIXTURES / monolith
    context = next(found for found in model.contexts if found.name == name)
    service, files = extract(model, context, sources.scan(root), others(root))
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return service


class Standing(urllib.request.HTTPRedirectHandler):
    """Redirects lead to routes that stay: they are answers."""

    def redirect_request(self, *arguments: object) -> None:
        return None


OPENER = urllib.request.build_opener(Standing)


def asked(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    try:
        with OPENER.open(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize(("monolith", "name"), CONTEXTS)
def test_a_service_answers_as_the_monolith_does(
    monolith: str, name: str, tmp_path: Path, seeded: Callable[[str], Path]
) -> None:
    service = service_of(planted(monolith), monolith, name, tmp_path / "service")
    paths = [item.split(" ")[-1] for item in service.endpoints if "GET" in item or "any method" in item]
    one, other = (copy_of(seeded(monolith), tmp_path / side) for side in ("monolith", "own"))
    answered = 0
    with (
        serving(monolith, one) as before,
        serving(monolith, other, folder=tmp_path / "service") as after,
    ):
        for path in paths:
            for headers in IDENTITIES[monolith]:
                status, body = asked(before.url + filled(path), headers)
                found = asked(after.url + filled(path), headers)
                assert (found[0], plain(found[1], after.url)) == (status, plain(body, before.url)), path
                answered += status == 200
        assert service.probes is not None
        for probe in (service.probes.live, service.probes.ready):
            assert asked(after.url + probe, {}) == (200, b"ok\n")
    assert answered, "at least one page was answered"
    assert service.size.lines < service.monolith.lines


def filled(path: str) -> str:
    """A path with values of the sample's rows."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda part: VALUES.get(part[1], "1"), path)


def plain(body: bytes, url: str) -> bytes:
    """What does not differ from answer to answer."""
    text = body.replace(url.encode(), b"").replace(url.partition("//")[2].encode(), b"")
    return re.sub(rb'(csrfmiddlewaretoken" value="|request_id": ")[^"]*', b"", text)


@pytest.mark.parametrize(("monolith", "name"), CONTEXTS)
def test_the_monolith_without_a_context_answers_all_the_rest_as_before(
    monolith: str, name: str, tmp_path: Path, seeded: Callable[[str], Path]
) -> None:
    model, tree = planted_file(monolith, tmp_path / "model"), tmp_path / "tree"
    shutil.copytree(FIXTURES / monolith, tree, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    run("-m", "strangler", "extract", name, "--model", model, "--source", tree, "-o", tmp_path / "out", "-q")
    patch = tmp_path / "out" / "code-out.patch"
    removal = json.loads((tmp_path / "out" / "code-out.json").read_bytes())
    git(tree, "init", "-q")
    git(tree, "apply", str(patch))
    gone = [path for path in removal["files"] if (tree / path).exists()]
    assert removal["files"]
    assert not gone
    moved = json.loads((tmp_path / "out" / "service.json").read_bytes())["endpoints"]
    answered = 0
    one, other = (copy_of(seeded(monolith), tmp_path / side) for side in ("monolith", "own"))
    with serving(monolith, one) as before, serving(monolith, other, folder=tree) as after:
        for endpoint in planted(monolith).endpoints:
            if "GET" not in (endpoint.methods or ("GET",)):
                continue
            moves = any(item.endswith(f" {endpoint.path}") for item in moved)
            for headers in IDENTITIES[monolith]:
                status, body = asked(before.url + filled(endpoint.path), headers)
                found = asked(after.url + filled(endpoint.path), headers)
                if moves:
                    assert found[0] in (404, 421), endpoint.path
                else:
                    assert (found[0], plain(found[1], after.url)) == (status, plain(body, before.url))
                    answered += status == 200
    assert answered
    git(tree, "apply", "-R", str(patch))
    for path in (FIXTURES / monolith).rglob("*.py"):
        assert (tree / path.relative_to(FIXTURES / monolith)).read_bytes() == path.read_bytes()


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
