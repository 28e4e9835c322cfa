"""A password or token in the address of a remote, a commit or a setting is in nothing that is written."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_support import three_parts
from helpers.repository import GitRepository

from strangler.commands.check import FindingFormat
from strangler.config import problem_of_template
from strangler.credentials import without_credentials
from strangler.reports import FORMATS
from strangler.sources.git import source_url

TOKEN = "T0K3Nt0k3nT0K3Nt0k3nT0K3N"
REMOTES = (
    f"https://ada:{TOKEN}@github.com/org/shop.git",
    f"https://{TOKEN}@github.com/org/shop.git",
    f"https://x-access-token:{TOKEN}@GitHub.com:443/org/shop",
    f"https://oauth2:{TOKEN}@gitlab.com/group/sub/shop.git",
    f"ssh://ada:{TOKEN}@codeberg.org:22/org/shop.git",
    f"{TOKEN}@bitbucket.org:org/shop.git",
    f"https://ada:{TOKEN}@git.example.com/org/shop.git",
    f"https://ada:{TOKEN}@github.com/org/shop?token={TOKEN}",
    f"https://ada:{TOKEN}@github.com/org/shop#{TOKEN}",
    f"https://ada:{TOKEN}%40@github.com@evil.example/org/shop",
    f"https://ada:{TOKEN}",
    f"{TOKEN}",
)
Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    made = GitRepository(tmp_path_factory.mktemp("credentials") / "tree")
    made.commit(three_parts(), f"From https://ada:{TOKEN}@github.com/org/shop")
    made.commit({"orders/later.py": "import billing\n"}, f"ghp_{TOKEN} in the subject")
    made.git("remote", "add", "origin", REMOTES[0])
    return made


@pytest.mark.parametrize("remote", REMOTES)
def test_of_a_remote_no_credential_is_taken(repository: GitRepository, remote: str) -> None:
    repository.git("remote", "set-url", "origin", remote)
    assert TOKEN not in source_url(repository.path)


def texts(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All files, blocks of a report as they are before they were packed."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield path, content
            for block in re.findall(rb"H4sI[A-Za-z0-9+/=]{20,}", content):
                yield path, gzip.decompress(base64.b64decode(block))


def test_no_verb_tells_a_credential(cli: Cli, repository: GitRepository, tmp_path: Path) -> None:
    tree, out = repository.path, tmp_path / "out"
    repository.git("remote", "set-url", "origin", REMOTES[0])
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    model, empty = ("--model", out), tmp_path / "empty.json"
    verbs: list[tuple[object, ...]] = [
        ("analyze", tree, "-o", out, "-v"),
        *(("report", out, "--format", name, "-o", tmp_path / f"report-{name}") for name in FORMATS),
        ("check", tree, "--baseline", tmp_path / "full.json", "--update-baseline"),
        *(
            ("check", tree, "--baseline", empty, "--output-format", name, "--exit-zero")
            for name in FindingFormat
        ),
        ("explain", "orders", *model),
        ("explain", "orders", "billing", *model),
        ("accept", *model, "-o", tmp_path / "boundaries.toml"),
        ("plan", "--all", *model, "-o", tmp_path / "all"),
        ("plan", "orders", *model, "--source", tree, "-o", tmp_path / "plan"),
        ("extract", "orders", *model, "--source", tree, "-o", tmp_path / "service", "--copy-passwords"),
    ]
    for verb in verbs:
        if "--exit-zero" in verb and not empty.exists():
            empty.write_text(json.dumps(json.loads((tmp_path / "full.json").read_bytes()) | {"places": []}))
        done = cli(*verb, **own)
        assert done.returncode == 0, (verb, done.stderr)
        assert TOKEN not in done.stdout + done.stderr, verb
    written = list(texts(tmp_path))
    assert any(b"in the subject" in content for _, content in written)
    assert [path for path, content in written if TOKEN.encode() in content] == []


def test_a_template_of_links_with_a_password_is_refused_without_telling_it() -> None:
    for template in (f"https://ada:{TOKEN}@h/{{path}}", f"https://ada:{TOKEN}@[h/{{path}}"):
        assert (problem := problem_of_template(template))
        assert TOKEN not in problem


@pytest.mark.parametrize(
    "text",
    ["Fix a:b@c", "Merge https://github.com/a/b", "Revert 0123456789abcdef0123456789abcdef01234567", "a@b.c"],
)
def test_a_subject_without_credentials_stays(text: str) -> None:
    assert without_credentials(text) == text
