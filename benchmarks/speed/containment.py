"""The cost of containment: ``python benchmarks/speed/containment.py PATH [--pairs N]``.

Runs `strangler analyze` (one process, an empty cache) as it is and with parts of the layer out, in turn:
bringing files to the disk, digests of what is stored, bounded reading of files, the search for git. What the
interpreter charges to its budget is not taken out: without it some programs would not end.
Prints the CPU of each, the least of both and the median difference of the pairs; the noise is the spread of
the runs as they are.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WITHOUT = """
import os, shutil, pathlib
os.fsync = lambda handle: None
from strangler import files
from strangler.commands import runs
from strangler.sources import cache, git, places, python, walk
files.sync = lambda directory: None
runs._check_sum = lambda content: b""
cache._check = lambda group, key, value: b""
walk.read = lambda root, path, limit=0: pathlib.Path(f"{root}/{path}").read_bytes()
python._has_endless_name = lambda text: False
git.git_program = places.git_program = lambda outside: shutil.which("git")
"""
RUN = "import sys\nfrom strangler.__main__ import main\nmain()\n"


def cpu(root: Path, before: str) -> float:
    """User and system time of one run with all its children."""
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable,
            "-c",
            before + RUN,
            "analyze",
            str(root),
            "-o",
            f"{place}/out",
            "-q",
            "-j",
            "1",
        ]
        environment = {**os.environ, "STRANGLER_CACHE_DIR": f"{place}/cache"}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    whole, without = [], []
    for number in range(given.pairs):
        for found, before in ((whole, ""), (without, WITHOUT))[:: 1 if number % 2 else -1]:
            found.append(cpu(given.path.resolve(), before))
        print(f"pair {number + 1}: {whole[-1]:.2f} {without[-1]:.2f}", flush=True)
    between = statistics.median(a / b - 1 for a, b in zip(whole, without, strict=True))
    print("as it is ", " ".join(f"{seconds:.2f}" for seconds in sorted(whole)))
    print("without  ", " ".join(f"{seconds:.2f}" for seconds in sorted(without)))
    share = min(whole) / min(without) - 1
    noise = max(whole) / min(whole) - 1
    print(f"the layer costs {share:+.1%} by the least of each, {between:+.1%} by the median pair")
    print(f"spread of the runs as they are: {noise:.1%}")


if __name__ == "__main__":
    main()
