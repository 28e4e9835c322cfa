"""Repositories that would run something, wait for something, or are damaged."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from case import Case, made, write

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@b",
}


def run(tree: Path, *arguments: str, text: str | None = None) -> str:
    """One git command in the tree."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=tree,
        env={**os.environ, **IDENTITY},
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def history(tree: Path) -> None:
    """Three commits."""
    run(tree, "init", "-q", "-b", "main")
    for number in range(3):
        write(tree, {"good/a.py": f"a = {number}\n", "good/b.py": f"b = {number}\n"})
        run(tree, "add", "-A")
        run(tree, "commit", "-q", "-m", f"Work {number}")


def trap(tree: Path, marker: Path) -> str:
    """A program that tells that it was run."""
    program = tree.with_name("trap")
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    return str(program)


def configured(name: str, value: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, marker: Path) -> None:
        history(tree)
        write(tree, {".gitattributes": "*.py filter=evil diff=evil merge=evil\n"})
        program = trap(tree, marker)
        run(tree, "config", name, value.format(trap=program))

    return make


def hook(name: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, marker: Path) -> None:
        history(tree)
        place = tree / ".git" / "hooks" / name
        place.parent.mkdir(exist_ok=True)
        Path(trap(tree, marker)).rename(place)

    return make


def replaced(name: str, content: bytes | None) -> Callable[[Path, Path], None]:
    """A file of git's own with another content; none: a pipe."""

    def make(tree: Path, _: Path) -> None:
        history(tree)
        place = tree / ".git" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_file():
            place.unlink()
        if content is None:
            os.mkfifo(place)
        else:
            place.write_bytes(content)

    return make


def included_pipe(tree: Path, _: Path) -> None:
    history(tree)
    os.mkfifo(tree / ".git" / "pipe")
    run(tree, "config", "include.path", "pipe")


def dated(second: int) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        history(tree)
        text = f"tree {run(tree, 'write-tree')}\nparent {run(tree, 'rev-parse', 'HEAD')}\nauthor A <a@b> {second} +0000\ncommitter A <a@b> {second} +0000\n\nodd\n"
        run(
            tree,
            "update-ref",
            "HEAD",
            run(tree, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", text=text),
        )

    return make


def written(subject: str, author: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        history(tree)
        write(tree, {"good/a.py": "a = 9\n", "good/b.py": "b = 9\n"})
        run(tree, "commit", "-q", "-a", "-m", subject, "--author", author)

    return make


def planted(folder: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, marker: Path) -> None:
        history(tree)
        (tree / folder).mkdir(exist_ok=True)
        Path(trap(tree, marker)).rename(tree / folder / "git")

    return make


PROGRAMS = """core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy pager.log
core.alternateRefsCommand gpg.program gpg.ssh.program diff.external diff.evil.command diff.evil.textconv
filter.evil.clean filter.evil.smudge filter.evil.process uploadpack.packObjectsHook mailmap.file
sequence.editor credential.helper interactive.diffFilter"""
MAKERS: dict[str, Callable[[Path, Path], None]] = {
    **{f"config-{name}": configured(name, "{trap}") for name in PROGRAMS.split()},
    "config-alias": configured("alias.log", "!{trap}"),
    "config-hooks": configured("core.hooksPath", "."),
    "config-worktree": configured("core.worktree", "/etc"),
    "config-include": configured("include.path", "/etc/passwd"),
    "config-promisor": configured("remote.origin.promisor", "true"),
    "config-version": configured("core.repositoryFormatVersion", "99"),
    **{
        f"hook-{name}": hook(name)
        for name in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman")
    },
    **{
        f"pipe-{name.replace('/', '-')}": replaced(name, None)
        for name in (
            "shallow",
            "packed-refs",
            "info/grafts",
            "refs/heads/main",
            "objects/info/commit-graph",
            "HEAD",
            "config",
        )
    },
    "pipe-include": included_pipe,
    "head-garbage": replaced("HEAD", b"\xff" * 1000),
    "head-elsewhere": replaced("HEAD", b"ref: ../../../etc/passwd\n"),
    "config-garbage": replaced("config", b"[core\n\0"),
    "config-huge": replaced("config", b"[a]\n" + b"b = c\n" * 2_000_000),
    "shallow-garbage": replaced("shallow", b"not a hash\n" * 1000),
    "grafts": replaced("info/grafts", b"0" * 40 + b"\n"),
    "alternates": replaced("objects/info/alternates", b"/etc\n../../../..\n"),
    "packed-garbage": replaced("packed-refs", b"\0" * 10_000),
    "index-garbage": replaced("index", b"DIRC" + b"\xff" * 1000),
    "graph-garbage": replaced("objects/info/commit-graph", b"CGPH" + b"\xff" * 1000),
    **{f"date-{second}": dated(second) for second in (0, 253402300799, 9223372036854775000)},
    "message-huge": written("x" * 100_000, "A <a@b>"),
    "message-markup": written("<script>alert(1)</script>\x1f\x02", "img onerror=alert(1) & <a@b>"),
    "message-controls": written("a\x1b[2Jb\u202e", "\u202eA\x07 <a@b>"),
    "planted-in-root": planted("."),
    "planted-in-bin": planted("bin"),
    "git-is-file": lambda tree, _: write(tree, {".git": "gitdir: /etc\n"}),
    "git-points-up": lambda tree, _: write(tree, {".git": "gitdir: ../../..\n"}),
    "git-is-link": lambda tree, _: (tree / ".git").symlink_to("/"),
    "git-is-pipe": lambda tree, _: os.mkfifo(tree / ".git"),
    "git-empty": lambda tree, _: (tree / ".git").mkdir(),
    "unborn": lambda tree, _: run(tree, "init", "-q") and None,
}
CASES = [Case(name, made(change)) for name, change in MAKERS.items()]
