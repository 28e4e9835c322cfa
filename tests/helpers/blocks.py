"""The commands of a page that strangler writes, run as they are printed."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```sh(?: ([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of commands."""

    heading: str
    condition: str
    """Words after ``sh``: the case for which the block stands."""
    text: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page in their order, each with the heading above it."""
    found = []
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        found += [Block(heading, match[1] or "", match[2]) for match in BLOCK.finditer(part)]
    return found


@dataclass(frozen=True)
class Page:
    """A page of commands in the folder that they are run in.

    Its first block sets variables, which ``environment`` does instead; its second defines functions, which
    all others may use.
    """

    path: Path
    folder: Path
    environment: dict[str, str]

    @property
    def blocks(self) -> list[Block]:
        return blocks(self.path.read_text())

    def do(self, part: str, condition: str = "") -> str:
        """Run the blocks of a part, each of which succeeds; what they have said."""
        found = [b for b in self.blocks if b.heading.startswith(part) and b.condition == condition]
        assert found, part
        said = ""
        for block in found:
            done = self.paste(block.text)
            assert done.returncode == 0, f"{block.text}\n{done.stdout}{done.stderr}"
            said += done.stdout + done.stderr
        return said

    def tries(self, part: str) -> bool:
        """Whether all blocks of a part succeed: what they need may die meanwhile."""
        return all(
            self.paste(block.text).returncode == 0
            for block in self.blocks
            if block.heading.startswith(part) and not block.condition
        )

    def fails(self, text: str) -> str:
        """What is said where commands fail."""
        done = self.paste(text)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def paste(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run commands as somebody does who has pasted the page's settings."""
        exports, functions = [block.text for block in self.blocks][:2]
        named = {line.split()[1].partition("=")[0] for line in exports.splitlines()}
        assert named <= self.environment.keys()
        return subprocess.run(
            ["sh", "-c", functions + text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
