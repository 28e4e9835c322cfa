"""What people install: the wheel and the source archive, the action, the hook, the GitLab component."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.monolith import replay

ROOT = Path(__file__).resolve().parents[1]
VERSION = "97.8.6"
"""Of the tag of today's state."""
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def do(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def offline(said: str) -> bool:
    """Whether pip could not reach its index."""
    signs = ("Failed to establish a new connection", "Temporary failure in name resolution", "dns error")
    return any(sign in said for sign in signs)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it would be fetched: what git holds, with today's changes."""
    folder = tmp_path_factory.mktemp("fetched") / "strangler"
    assert do("git", "clone", "-q", "--no-hardlinks", ROOT, folder, cwd=ROOT).returncode == 0
    changed = do("git", "ls-files", "-m", "-o", "--exclude-standard", "-z", cwd=ROOT).stdout
    for name in filter(None, changed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    do("git", "add", "-A", cwd=folder)
    do("git", *identity, "commit", "-qm", "today", "--allow-empty", cwd=folder)
    do("git", *identity, "tag", "-am", "a release", f"v{VERSION}", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = do(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=source)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monolith with a baseline."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    replay("django_shop", folder)
    program = Path(sys.executable).with_name("strangler")
    assert do(program, "check", ".", "--update-baseline", "-q", cwd=folder).returncode == 0
    do("git", "add", "strangler-baseline.json", cwd=folder)
    return folder


def test_the_wheel_holds_the_program_with_all_that_it_reads_and_no_test(built: Path) -> None:
    (wheel,) = built.glob(f"strangler-{VERSION}-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [p for p in (ROOT / "src").rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"}]
    assert {str(path.relative_to(ROOT / "src")) for path in data} <= names
    assert all(name.startswith(("strangler/", f"strangler-{VERSION}.dist-info/")) for name in names)


def test_the_source_archive_holds_the_tests_and_their_samples(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as held:
        tops = {name.split("/")[1] for name in held.getnames() if "/" in name}
    assert {"src", "tests", "fixtures", "README.md", "LICENSE", "pyproject.toml"} <= tops


def test_the_version_is_that_of_the_tags_also_in_an_archive_and_zero_without_git(
    source: Path, tmp_path: Path
) -> None:
    def version(folder: Path) -> str:
        done = do(sys.executable, "-m", "hatchling", "version", cwd=folder)
        return done.stdout.strip() or done.stderr

    assert version(source) == VERSION
    archive = do("git", "archive", "--format=tar", "-o", tmp_path / "source.tar", f"v{VERSION}", cwd=source)
    assert archive.returncode == 0, archive.stderr
    with tarfile.open(tmp_path / "source.tar") as held:
        held.extractall(tmp_path / "source", filter="data")
    assert version(tmp_path / "source") == VERSION
    (tmp_path / "source" / ".git_archival.txt").unlink()
    assert version(tmp_path / "source") == "0.0.0"


@pytest.mark.skipif(os.name == "nt", reason="no hadolint for it")
def test_the_container_file_has_no_finding_and_does_not_run_as_root() -> None:
    done = do(Path(sys.executable).with_name("hadolint"), ROOT / "Containerfile", cwd=ROOT)
    assert done.returncode == 0, done.stdout
    users = [
        line.split()[1] for line in (ROOT / "Containerfile").read_text().splitlines() if line[:5] == "USER "
    ]
    assert users == ["10001:10001"]


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in an environment of its own, with what it asks for."""
    folder = tmp_path_factory.mktemp("clean")
    do(sys.executable, "-m", "venv", folder, cwd=folder)
    (wheel,) = built.glob("*.whl")
    done = do(folder / SCRIPTS / "pip", "install", "--quiet", wheel, cwd=folder)
    if offline(done.stderr):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / SCRIPTS


def test_the_wheel_works_in_a_clean_environment(installed: Path, shop: Path, tmp_path: Path) -> None:
    done = do(installed / "strangler", "analyze", shop, "--output", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Verdict" in done.stdout
    assert do(installed / "strangler", "--version", cwd=tmp_path).stdout == f"strangler {VERSION}\n"
    for verb, *arguments in (
        ("plan", "billing"),
        ("extract", "billing", "--source", str(shop)),
        ("explain", "billing"),
        ("suggest", "billing"),
    ):
        done = do(installed / "strangler", verb, *arguments, "--model", tmp_path / "out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("tool", ["pipx", "uv tool", "uvx"])
def test_what_the_page_says_to_type_gets_it(
    tool: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    (command,) = re.findall(rf"\| `({tool} [^`]*git\+https[^`]*)` \|", page)
    words = re.sub(r"git\+https://[^ ]*", f"git+{source.as_uri()}@v{VERSION}", command).split()
    monkeypatch.setenv("UV_NATIVE_TLS", "1")  # the certificates of the machine, as pip does
    for variable in ("PIPX_HOME", "PIPX_BIN_DIR", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    program = Path(sys.executable).with_name(words[0])
    if tool == "uvx":
        done = do(program, *words[1:-2], "--version", cwd=tmp_path)
    else:
        done = do(program, *words[1:], cwd=tmp_path)
        if done.returncode == 0:
            (installed,) = tmp_path.glob("*_BIN_DIR/strangler*")
            done = do(installed, "--version", cwd=tmp_path)
    if offline(done.stderr):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"strangler {VERSION}\n"


def action() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return document


@pytest.mark.skipif(os.name == "nt", reason="the action's steps are of bash")
def test_the_action_fails_on_a_new_crossing_and_on_nothing_else(
    installed: Path, shop: Path, tmp_path: Path
) -> None:
    steps = {step["name"]: step for step in action()["runs"]["steps"] if "name" in step}
    inputs = {name: given.get("default", "") for name, given in action()["inputs"].items()}
    (tmp_path / "strangler").symlink_to(installed.parent)  # what its first step makes, made once

    def run(name: str, **given: str) -> subprocess.CompletedProcess[str]:
        environment = dict(steps[name].get("env", {}))
        for key, value in environment.items():
            for wanted, found in {**inputs, **given}.items():
                value = value.replace(f"${{{{ inputs.{wanted} }}}}", found)
            environment[key] = value
        script = ["bash", "-e", "-o", "pipefail", "-c", steps[name]["run"]]
        return do(*script, cwd=shop, RUNNER_TEMP=str(tmp_path), **environment)

    assert "$GITHUB_ACTION_PATH" in steps["Install strangler"]["run"]
    assert run("Report", report=str(tmp_path / "report")).returncode == 0
    assert (tmp_path / "report" / "report.html").exists()
    assert run("Check").returncode == 0
    changed = shop / "shop" / "catalog" / "models.py"
    before = changed.read_text()
    changed.write_text(
        f"{before}\n\ndef spy():\n    from shop.billing import services\n    return services.pay\n"
    )
    try:
        done = run("Check")
    finally:
        changed.write_text(before)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=shop/catalog/models.py,line=")


def test_the_action_and_the_component_are_valid(tmp_path: Path) -> None:
    component = list(yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text("utf-8")))
    assert set(component[0]["spec"]["inputs"]) == {"stage", "path", "baseline", "source", "image"}
    (tmp_path / "job.yml").write_text(yaml.safe_dump(component[1]))
    for schema, file in (
        ("vendor.github-actions", ROOT / "action.yml"),
        ("vendor.gitlab-ci", tmp_path / "job.yml"),
    ):
        done = do(sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file, cwd=ROOT)
        assert done.returncode == 0, done.stdout


@pytest.mark.skipif(os.name == "nt", reason="the component's script is of a POSIX shell")
def test_the_component_says_what_it_found_in_the_form_that_gitlab_reads(
    installed: Path, shop: Path, tmp_path: Path
) -> None:
    _, job = yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text("utf-8"))
    script = job["strangler-check"]["script"][-1].replace("strangler-findings.json", str(tmp_path / "f.json"))
    path = os.pathsep.join([str(installed), os.environ["PATH"]])
    done = do(
        "sh",
        "-e",
        "-c",
        script,
        cwd=shop,
        PATH=path,
        STRANGLER_PATH=".",
        STRANGLER_BASELINE="strangler-baseline.json",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.json").read_text().strip() == "[]"


def test_pre_commit_installs_and_runs_the_hook(source: Path, shop: Path, tmp_path: Path) -> None:
    command = ["-m", "pre_commit", "try-repo", source, "strangler-check", "--all-files"]
    done = do(sys.executable, *command, cwd=shop, PRE_COMMIT_HOME=str(tmp_path))
    if offline(done.stdout):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
