"""A process that has imported all of strangler, and gives each run a fork of itself: a run costs no start.

Started by ``fuzz.py``: reads one JSON object a line (``place``, ``arguments``), answers with ``code`` (negative:
the signal that ended it), ``seconds`` of CPU and ``peak`` bytes; the run's two streams go to files in ``place``.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys

SECONDS = 60
MEMORY = 2**30
WALL = 180
NEEDED = ("httpx", "libcst", "sqlglot", "grimp", "networkx", "jinja2", "yaml")
APART = ("__main__", "children", "runtime", "templates", "suite.conftest")
"""Parts of the names of modules that run elsewhere: in a child, in the generated suite."""


def load() -> None:
    """Import what a run may need."""
    import strangler

    for name in NEEDED:
        importlib.import_module(name)
    for found in pkgutil.walk_packages(strangler.__path__, "strangler."):
        inner = found.name.removeprefix("strangler.")
        if not any(part in inner for part in APART):
            try:
                importlib.import_module(found.name)
            except ImportError:  # what runs beside the tests or in a child
                continue


def run(place: str, arguments: list[str]) -> None:
    """One run, in the fork; does not return."""
    os.chdir(place)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 5, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (6 * MEMORY, 6 * MEMORY))
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(stream, number)
    os.environ["STRANGLER_CACHE_DIR"] = f"{place}/cache"
    os.environ["TMPDIR"] = place
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    sys.argv = ["strangler", *arguments]
    from strangler.__main__ import main

    try:
        main()
    finally:  # not reached: the program ends itself
        os._exit(4)


def main() -> None:
    """Answer until the input ends."""
    load()
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            run(asked["place"], asked["arguments"])
        timer = signal.signal(signal.SIGALRM, lambda *_, child=child: os.killpg(child, signal.SIGKILL))
        signal.alarm(WALL)
        _, status, used = os.wait4(child, 0)
        signal.alarm(0)
        signal.signal(signal.SIGALRM, timer)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": used.ru_utime + used.ru_stime,
            "peak": used.ru_maxrss * 1024,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
