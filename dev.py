#!/usr/bin/env python3
"""Tasks of the project, with nothing installed but Python 3.11 or newer: ``python3 dev.py --help``.

demo     analyse a shipped sample monolith and say where its report is
test     everything that must be green: lint, types, architecture, tests
lint     the fast part of it
fix      let ruff format and mend
schema   rewrite the JSON Schema of model.json after a change of the model
docs     rewrite what docs/plugins.md and docs/gateways.md show of the code
site     build the documentation as a site, a warning being an error
picture  take the picture of the README anew, of the demo's report
bench    speed beside ast.parse and grimp on a source tree: dev.py bench PATH
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
DEMO = HERE / "strangler-out" / "demo"
MOST_PROCESSES = 8
"""More are not worth their browsers and databases."""


def main(arguments: Sequence[str]) -> int:
    """Run one task; the exit code is that of its first failing step."""
    tasks = {
        "demo": demo,
        "test": test,
        "lint": lint,
        "fix": fix,
        "schema": schema,
        "docs": docs,
        "site": site,
        "picture": picture,
        "bench": bench,
    }
    if sys.version_info < (3, 11):  # noqa: UP036
        return complain(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    if not arguments or arguments[0] not in tasks:
        print(__doc__)
        return 0 if arguments and arguments[0] in {"-h", "--help"} else 2
    return tasks[arguments[0]](arguments[1:])


def demo(_: Sequence[str]) -> int:
    """Replay the history of the Django sample, analyse it, and say where the report is."""
    install("demo", [])
    if DEMO.exists():
        shutil.rmtree(DEMO)
    shop = DEMO / "shop"
    replay = [str(PYTHON), str(HERE / "fixtures" / "replay.py"), "django_shop", str(shop)]
    code = run(replay) or run([str(PYTHON), "-m", "strangler", "analyze", str(shop), "--output", str(DEMO)])
    if code == 0:
        print(f"\nOpen the report in a browser: {(DEMO / 'report.html').as_uri()}")
    return code


def test(extra: Sequence[str]) -> int:
    """Bring what the tests need, then run every check; further arguments go to pytest."""
    bring_system_packages()
    install("dev", ["dev"])
    install_plugins()
    return lint(()) or run([str(PYTHON), "-m", "pytest", *processes(), *extra])


def processes() -> list[str]:
    """Tests run in as many processes as there are cores, at least two as many of them wait for a server;
    those of a file stay together, for what they share. ``-n 0`` of the caller takes it back."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ["-n", str(min(max(cores, 2), MOST_PROCESSES)), "--dist", "loadfile"]


def lint(_: Sequence[str]) -> int:
    """Style, format, types, layers."""
    install("dev", ["dev"])
    steps = [
        [PYTHON, "-m", "ruff", "check", "."],
        [PYTHON, "-m", "ruff", "format", "--check", "."],
        [PYTHON, "-m", "mypy"],
        [BIN / "lint-imports"],
    ]
    for step in steps:
        code = run([str(part) for part in step])
        if code:
            return code
    return 0


def fix(_: Sequence[str]) -> int:
    """Format the code and apply the safe fixes."""
    install("dev", ["dev"])
    return run([str(PYTHON), "-m", "ruff", "check", "--fix", "."]) or run(
        [str(PYTHON), "-m", "ruff", "format", "."]
    )


def schema(_: Sequence[str]) -> int:
    """Write src/strangler/schema/model.schema.json from the model."""
    install("dev", ["dev"])
    return run([str(PYTHON), "-m", "strangler.schema"])


def docs(_: Sequence[str]) -> int:
    """Write the front door's names and the gateways' commands into their pages."""
    install("dev", ["dev"])
    scripts = [("analyzers", "plugin", "front_door.py"), ("docs", "gateway_page.py")]
    return max(run([str(PYTHON), str(HERE.joinpath("tests", *script))]) for script in scripts)


def site(_: Sequence[str]) -> int:
    """Make docs/ a site in strangler-out/site, and say where it is."""
    install("dev", ["dev"])
    pages = HERE / "strangler-out" / "site"
    code = run([str(PYTHON), "-m", "sphinx", "-W", "--keep-going", "-q", str(HERE / "docs"), str(pages)])
    if code == 0:
        print(f"\nOpen the documentation in a browser: {(pages / 'index.html').as_uri()}")
    return code


def picture(_: Sequence[str]) -> int:
    """Run the demo and photograph its report."""
    install("dev", ["dev"])
    taken = [str(PYTHON), str(HERE / "docs" / "images" / "picture.py"), str(DEMO / "report.html")]
    return demo(()) or run(taken)


def bench(arguments: Sequence[str]) -> int:
    """Print CPU and wall time of cold and warm runs beside ast.parse and grimp."""
    install("dev", ["dev"])
    return run([str(PYTHON), str(HERE / "benchmarks" / "speed" / "run.py"), *arguments])


def install(name: str, extras: list[str]) -> None:
    """Make .venv and install the project into it, unless that was done for this pyproject.toml."""
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / f"strangler-{name}.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("making .venv ...", flush=True)
        make_venv()
    print("installing the project into .venv ...", flush=True)
    target = f"{HERE}[{','.join(extras)}]" if extras else str(HERE)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
    if run([*pip, "--editable", target], quiet=True):
        raise SystemExit(complain("installation failed; the lines above say why"))
    stamp.write_text(wanted)


def install_plugins() -> None:
    """Install the distributions under tests/plugins, as their users would, unless that was done."""
    for project in sorted((HERE / "tests" / "plugins").glob("*/pyproject.toml")):
        wanted = hashlib.sha256(project.read_bytes() + sys.version.encode()).hexdigest()
        stamp = VENV / f"{project.parent.name}.stamp"
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        print(f"installing {project.parent.name} into .venv ...", flush=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
        if run([*pip, "--editable", f"{project.parent}[test]"], quiet=True):
            raise SystemExit(
                complain(f"{project.parent.name} could not be installed; the lines above say why")
            )
        stamp.write_text(wanted)


def make_venv() -> None:
    """A virtual environment; Debian keeps what it needs in a package of its own."""
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError):
        shutil.rmtree(VENV, ignore_errors=True)
        if not apt(["python3-venv"]):
            raise SystemExit(complain("the venv module is incomplete; install python3-venv")) from None
        venv.create(VENV, with_pip=True, clear=True)


def bring_system_packages() -> None:
    """Install the Debian packages that test folders name; elsewhere say what is missing."""
    names = set()
    for listing in sorted((HERE / "tests").glob("**/system-packages.txt")):
        lines = (line.partition("#")[0].strip() for line in listing.read_text().splitlines())
        names.update(line for line in lines if line)
    missing = sorted(name for name in names if not installed(name))
    if missing and not apt(missing):
        print(f"not installed, so their tests are skipped: {' '.join(missing)}", file=sys.stderr)


def installed(package: str) -> bool:
    """Whether dpkg knows the package as installed."""
    if not shutil.which("dpkg-query"):
        return False
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.stdout.strip() == "installed"


def apt(packages: list[str]) -> bool:
    """Install Debian packages as root or through a password-free sudo; False where that is not possible."""
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], check=False).returncode:
            return False
        prefix = ["sudo", "-n"]
    print(f"installing {' '.join(packages)} ...", flush=True)
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*command, "update"], check=False, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        [*command, "install", "-y", "--no-install-recommends", *packages],
        check=False,
        stdout=subprocess.DEVNULL,
    )
    return done.returncode == 0


def run(command: list[str], *, quiet: bool = False) -> int:
    """Run a step in the project's root, its command line printed first."""
    if not quiet:
        shown = [os.path.relpath(part, HERE) if part.startswith(str(HERE)) else part for part in command]
        print(f"$ {' '.join(shown)}", flush=True)
    return subprocess.run(command, cwd=HERE, check=False).returncode


def complain(message: str) -> int:
    """Print an error and give the exit code for it."""
    print(f"dev.py: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
