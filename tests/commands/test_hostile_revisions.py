"""`strangler check --against` a commit that git did not make: forged trees, odd names, too much of all.

Of a repository nothing is run, and all that is written of a commit lies in a folder that is gone afterwards.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.repository import GitRepository

CODE = b"RATE = 19\n"
FILE, LINK, FOLDER, MODULE = "100644", "120000", "40000", "160000"
MISSING = "12" * 20
FEW = ("--config", "limits.git-bytes=10000000")


@pytest.fixture
def shop(tmp_path):
    """A repository with one module, cut into one context."""
    repository = GitRepository(tmp_path / "shop")
    repository.commit(
        {
            "shop/__init__.py": "",
            "shop/tax.py": CODE,
            "strangler-boundaries.toml": 'version = 1\n[contexts.shop]\npackages = ["shop"]\n',
        }
    )
    return repository


def put(repository, kind: str, content: bytes) -> str:
    command = ["git", "hash-object", "-t", kind, "--literally", "-w", "--stdin"]
    done = subprocess.run(command, cwd=repository.path, input=content, capture_output=True, check=True)
    return done.stdout.decode().strip()


def tree(repository, *rows: tuple[str, str | bytes, str]) -> str:
    """A tree object as it is given, sound or not."""
    name = [row[1] if isinstance(row[1], bytes) else row[1].encode() for row in rows]
    return put(
        repository,
        "tree",
        b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(blob)
            for (mode, _, blob), name in zip(rows, name, strict=True)
        ),
    )


def against(repository, forged: str) -> None:
    """Make HEAD a child of a commit that holds the tree, and name it ``forged``."""
    commit = repository.git("commit-tree", "-m", "forged", forged).strip()
    repository.git("update-ref", "refs/heads/forged", commit)
    head = repository.git("commit-tree", "-m", "work", "-p", commit, "HEAD^{tree}").strip()
    repository.git("update-ref", "refs/heads/main", head)


@pytest.fixture
def check(cli, shop, tmp_path):
    """Run it where whatever it leaves behind or puts elsewhere would be seen."""
    inner = tmp_path / "a" / "b" / "tmp"

    def run(*options: str, code: int = 0, revision: str = "forged"):
        inner.mkdir(parents=True, exist_ok=True)
        before = files(tmp_path)
        done = cli(
            *("check", ".", "--against", revision, "--no-cache", *options),
            cwd=shop.path,
            TMPDIR=str(inner),
        )
        assert done.returncode == code, done.stderr
        assert files(tmp_path) == before
        assert "Traceback" not in done.stderr
        return done

    return run


def files(place: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(place)): path.read_bytes() if path.is_file() else None
        for path in place.rglob("*")
        if "home" not in path.relative_to(place).parts[:1]
    }


LONG = "n" * 300
NAMES: dict[str, list[tuple[str, str | bytes]]] = {
    "the folder above": [(FOLDER, ".."), (FILE, "../../x.py"), (FILE, "..")],
    "a repository": [(FOLDER, ".git"), (FOLDER, ".GIT"), (FOLDER, "git~1"), (FOLDER, ".git.")],
    "an absolute path": [(FILE, "/{place}/x.py"), (FOLDER, "/{place}"), (FILE, "C:x.py")],
    "a backslash": [(FILE, "..\\..\\x.py"), (FOLDER, "a\\b")],
    "no name": [(FOLDER, "."), (FILE, ".")],
    "one name twice": [(FILE, "x.py"), (FILE, "x.py")],
    "a file that is a folder": [(FILE, "x"), (FOLDER, "x"), (FOLDER, "y.py"), (FILE, "y.py")],
    "too long a name": [(FILE, f"{LONG}.py"), (FOLDER, LONG)],
    "no text": [(FILE, b"\xff\xfe.py"), (FOLDER, b"\xc3")],
    "names that differ in case": [(FILE, "x.py"), (FILE, "X.py"), (FOLDER, "Y"), (FILE, "y")],
    "signs": [(FILE, "x\n::error::y.py"), (FILE, "\x1b[2J.py"), (FILE, "-rf.py"), (FILE, "$(touch x).py")],
    "a link and what lies behind it": [(LINK, "out"), (FOLDER, "out")],
    "a submodule": [(MODULE, "sub"), (FILE, "x.py")],
    "odd modes": [("100777", "x.py"), ("104755", "y.py"), ("0", "z.py"), ("140000", "s.py")],
}


@pytest.mark.parametrize("kind", NAMES)
def test_no_name_of_a_forged_tree_leads_anywhere(shop, check, tmp_path, kind):
    code = put(shop, "blob", CODE)
    target = put(shop, "blob", f"{tmp_path}/a".encode())
    config = put(shop, "blob", b"[core]\nfsmonitor = touch x\n")
    within = tree(shop, (FILE, "config", config), (FILE, "m.py", code))
    rows = []
    for mode, name in NAMES[kind]:
        named = name.replace("{place}", str(tmp_path / "a")) if isinstance(name, str) else name
        blob = {FOLDER: within, LINK: target, MODULE: MISSING}.get(mode, code)
        rows.append((mode, named, blob))
    package = tree(shop, (FILE, "__init__.py", code), (FILE, "tax.py", code))
    against(shop, tree(shop, *rows, (FOLDER, "shop", package)))
    done = check(code=0)
    assert done.stdout.startswith("nothing new")


def test_files_that_cannot_be_written_are_counted(shop, check):
    code = put(shop, "blob", CODE)
    large = put(shop, "blob", b"#" * 2_000_000)
    against(
        shop, tree(shop, (FILE, LONG, code), (FILE, "..", code), (FILE, "l.py", large), (FILE, "x.py", code))
    )
    assert "3 files above the limit file-bytes, or of a name that cannot be written" in check().stderr


def test_a_commit_of_which_something_is_missing_is_refused_or_read_without_it(shop, check):
    against(shop, tree(shop, (FILE, "x.py", MISSING), (FILE, "y.py", put(shop, "blob", CODE))))
    assert check().returncode == 0
    against(shop, tree(shop, (FOLDER, "x", MISSING)))
    assert "--against: git ls-tree failed" in check(code=2).stderr
    against(shop, tree(shop, (FILE, "x.py", put(shop, "tree", b""))))
    check()
    against(shop, put(shop, "tree", b"100644 x.py\0short"))
    assert "--against: git ls-tree failed" in check(code=2).stderr


def test_a_tag_of_a_tag_is_the_commit_that_it_names_and_a_tag_of_a_file_is_none(shop, check):
    against(shop, tree(shop, (FILE, "x.py", put(shop, "blob", CODE))))
    named, kind = shop.git("rev-parse", "forged").strip(), "commit"
    for _ in range(200):
        text = f"object {named}\ntype {kind}\ntag t\ntagger A <a@b> 1 +0000\n\nt\n"
        named, kind = put(shop, "tag", text.encode()), "tag"
    shop.git("update-ref", "refs/tags/chain", named)
    assert check(revision="chain").stdout.startswith("nothing new")
    shop.git("update-ref", "refs/tags/blob", put(shop, "blob", CODE))
    assert "no commit 'blob'" in check(revision="blob", code=2).stderr


def test_a_tree_that_holds_itself_ten_times_at_each_level_ends_by_the_limit(shop, check):
    """A hundred million files in nine objects."""
    forged = tree(shop, *((FILE, f"f{n}.py", put(shop, "blob", CODE)) for n in range(10)))
    for _ in range(7):
        forged = tree(shop, *((FOLDER, f"d{n}", forged) for n in range(10)))
    against(shop, forged)
    assert "(limit git-bytes: 10,000,000)" in check(*FEW, code=2).stderr
    shop.git("update-ref", "refs/heads/main", shop.git("commit-tree", "-m", "x", forged).strip())
    check(*FEW, code=2)


def test_one_file_under_many_names_does_not_fill_the_disk(shop, check):
    large = put(shop, "blob", b"#" * 900_000)
    against(shop, tree(shop, *((FILE, f"f{n:02}.txt", large) for n in range(20))))
    told = "has more than may be written (limit revision-bytes: 10,000,000)"
    assert told in check("--config", "limits.revision-bytes=10000000", code=2).stderr
    empty = put(shop, "blob", b"")
    against(shop, tree(shop, *((FILE, f"f{n:04}.txt", empty) for n in range(3_000))))
    assert told in check("--config", "limits.revision-bytes=10000000", code=2).stderr


def test_nothing_that_the_repository_names_is_run(shop, check, tmp_path):
    ran = f"touch {tmp_path}/ran; false"
    code = put(shop, "blob", CODE)
    attributes = put(shop, "blob", b"* filter=f diff=f text eol=crlf ident working-tree-encoding=UTF-16\n")
    against(shop, tree(shop, (FILE, ".gitattributes", attributes), (FILE, "x.py", code)))
    for name in (
        *(
            "filter.f.smudge",
            "filter.f.process",
            "core.pager",
            "filter.f.clean",
            "diff.f.textconv",
            "diff.f.command",
        ),
        *(
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "gpg.program",
            "alias.ls-tree",
            "alias.cat-file",
        ),
    ):
        shop.git("config", name, f"!{ran}" if name.startswith("alias") else ran)
    hooks = shop.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\n{ran}\n")
        (hooks / name).chmod(0o755)
    assert check().stdout.startswith("nothing new")
    assert not (tmp_path / "ran").exists()


def heard() -> None:
    """Whoever starts the tests may ignore signals (nohup, background jobs), and children inherit that."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"])
def test_a_run_that_is_ended_leaves_no_folder_behind_the_next_one(shop, tmp_path, name):
    code, number = put(shop, "blob", CODE), getattr(signal, name)
    against(shop, tree(shop, *((FILE, f"m{n:04}.py", code) for n in range(2_000))))
    inner = tmp_path / "tmp"
    inner.mkdir()
    command = [Path(sys.executable).with_name("strangler"), "check", ".", "--no-cache", "-q", "--against"]
    where = {"cwd": shop.path, "env": {**os.environ, "TMPDIR": str(inner)}}
    running = subprocess.Popen([*command, "forged"], stderr=subprocess.PIPE, preexec_fn=heard, **where)
    while running.poll() is None and not any(inner.glob(".strangler-*/shop/*")):
        time.sleep(0.01)
    assert running.poll() is None
    running.send_signal(number)
    _, told = running.communicate()
    if name == "SIGKILL":
        assert any(inner.iterdir())
        subprocess.run([*command, "HEAD"], check=True, **where)
    else:
        assert running.returncode == 128 + number, told
    assert not any(inner.iterdir())
