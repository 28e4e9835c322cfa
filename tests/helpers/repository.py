"""Git repositories for tests: fixed dates, no configuration of the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

DAY = 86_400
START = 1_600_000_000


class GitRepository:
    """A repository whose commits lie one day apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, author: str = "Ada <ada@example.org>", where: Path | None = None) -> str:
        """Run git here and return what it prints."""
        name, _, address = author.rstrip(">").partition(" <")
        done = subprocess.run(
            ["git", *arguments],
            cwd=where or self.path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.path.parent),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_AUTHOR_NAME": name,
                "GIT_AUTHOR_EMAIL": address,
                "GIT_COMMITTER_NAME": name,
                "GIT_COMMITTER_EMAIL": address,
                "GIT_AUTHOR_DATE": f"{self.now} +0000",
                "GIT_COMMITTER_DATE": f"{self.now} +0000",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files without committing them."""
        for path, content in files.items():
            target = self.path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(
        self,
        files: Mapping[str, str | bytes],
        subject: str = "Work",
        *,
        author: str = "Ada <ada@example.org>",
    ) -> str:
        """Commit files a day after the last commit; returns the commit's hash."""
        self.write(files)
        self.now += DAY
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject, author=author)
        return self.git("rev-parse", "HEAD").strip()

    def move(self, source: str, target: str, subject: str = "Move") -> str:
        """Commit a rename."""
        (self.path / target).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", source, target)
        return self.commit({}, subject)
