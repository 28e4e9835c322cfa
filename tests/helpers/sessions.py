"""What a page of docs/ says to type, typed; and what it says that is printed, compared."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from helpers.monolith import FIXTURES
from helpers.ports import free_port

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALL = re.compile(r"pip install (.*)")


@dataclass(frozen=True)
class Typed:
    """A command and what the page shows below it; no line where it shows nothing."""

    command: str
    shown: tuple[str, ...]


def session(page: str) -> list[Typed]:
    """The commands of a page in their order."""
    found: list[Typed] = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = re.sub(r"\\\n", "", part).partition("\n")
            found.append(Typed(command, tuple(shown.splitlines())))
    return found


def installed(command: str) -> bool:
    """Whether it only installs what is there; a name that is not is an error of the page or of the tests."""
    match = INSTALL.fullmatch(command)
    if match is None:
        return False
    for name in match[1].split():
        if name == "--requirement":
            continue
        if name == "shop/requirements.txt":
            lines = (FIXTURES / "django_shop" / "requirements.txt").read_text("utf-8").splitlines()
            names = [line.partition("==")[0] for line in lines]
        else:
            names = ["strangler" if name == "." else name]
        for one in names:
            distribution(one)
    return True


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether it was printed so. ``...`` stands for any text in a line, alone in a line for any lines."""
    if not shown:
        return True
    lines = [
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n" for line in shown
    ]
    return re.fullmatch("".join(lines), printed if printed.endswith("\n") else f"{printed}\n") is not None


def free_ports(*printed: int) -> dict[str, str]:
    """Ports that a page names -> free ones."""
    return {str(port): str(free_port()) for port in printed}


def type_all(typed: list[Typed], folder: Path, instead: Mapping[str, str]) -> Iterator[tuple[Typed, str]]:
    """Type commands into one shell that stands in ``folder``; each with what it printed. What they have left
    running is stopped at the end.

    Args:
        instead: text of a command -> what is typed for it (ports, the place of the samples).
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    shell = subprocess.Popen(
        ["bash", "--norc"],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    try:
        for one in typed:
            command = one.command
            for text, other in instead.items():
                command = command.replace(text, other)
            shell.stdin.write(f'{{ {command}\n}} 2>"{folder}/errors"; printf "\\n\\001%s\\n" $?\n')
            shell.stdin.flush()
            printed = ""
            while not (line := shell.stdout.readline()).startswith("\001"):
                assert line, f"the shell has ended: {command}"
                printed += line
            assert line == "\0010\n", f"{command}\n{printed}{(folder / 'errors').read_text()}"
            yield one, printed.removesuffix("\n")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(10)
