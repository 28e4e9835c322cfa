"""`strangler analyze`: what is written where, on which stream, and with which exit code."""

import hashlib
import json
import re
import subprocess
from pathlib import Path


def snapshot(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def commit(root: Path, message: str) -> None:
    git = ["git", "-C", root, "-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", message], check=True)


def test_model_and_report_are_written_to_the_output_directory(cli, shop, tmp_path):
    done = cli("analyze", shop, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [".strangler-tree", "model.json", "report.html"]
    names = {module["name"] for module in json.loads((tmp_path / "out/model.json").read_text())["modules"]}
    assert names == {"shop", "shop.billing", "shop.orders"}
    assert "<html" in (tmp_path / "out/report.html").read_text()


def test_the_summary_fits_one_screen_and_says_where_the_rest_is(cli, shop, tmp_path):
    done = cli("analyze", shop, "--output", tmp_path / "out")
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    paths = [line for line in lines if str(tmp_path) in line]
    assert max(len(line) for line in lines if line not in paths) <= 80
    assert any("report.html" in line for line in paths)
    assert re.search(r"Coverage  found: endpoints [\d,]+", done.stdout)


def test_nothing_is_written_inside_the_analysed_tree(cli, shop):
    subprocess.run(["git", "init", "-q", shop], check=True)
    commit(shop, "first")
    before = snapshot(shop)
    assert cli("analyze", shop).returncode == 0
    assert cli("analyze", ".", cwd=shop).returncode == 0
    assert cli("analyze", "..", cwd=shop / "shop").returncode == 0
    assert snapshot(shop) == before


def test_by_default_results_go_below_the_current_directory(cli, shop, tmp_path):
    assert cli("analyze", shop).returncode == 0
    assert (tmp_path / "elsewhere/strangler-out/model.json").is_file()


def test_inside_the_tree_results_go_beside_it(cli, shop, tmp_path):
    done = cli("analyze", ".", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "shop-repo-strangler-out/report.html").is_file()
    assert "../shop-repo-strangler-out" in done.stdout


def test_an_output_directory_inside_the_tree_is_the_users_choice(cli, shop):
    assert cli("analyze", shop, "--output", shop / "build").returncode == 0
    assert (shop / "build/model.json").is_file()


def test_json_goes_to_stdout_alone_and_no_file_is_written(cli, shop, tmp_path):
    done = cli("analyze", shop, "--format", "json")
    assert json.loads(done.stdout)["schema_version"] == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_json_on_stdout_is_the_model_file(cli, shop, tmp_path):
    done = cli("analyze", shop, "--format", "json", "--output", tmp_path / "out")
    assert done.stdout.encode() == (tmp_path / "out/model.json").read_bytes()


def test_a_pipe_gets_no_escape_codes_and_stderr_no_progress(cli, shop, tmp_path):
    done = cli("analyze", shop, "--output", tmp_path / "out")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_color_always_colours_a_pipe(cli, shop, tmp_path):
    done = cli("analyze", shop, "--output", tmp_path / "out", "--color", "always")
    assert "\x1b[1m" in done.stdout


def test_the_same_input_gives_the_same_bytes_whatever_the_number_of_jobs(cli, tree):
    names = [f"m{number:03}" for number in range(120)]
    root = tree(
        {"app/__init__.py": ""}
        | {
            f"app/{name}.py": f"from app import {names[(index * 7 + 1) % len(names)]}\nX = {index}\n"
            for index, name in enumerate(names)
        }
    )
    outputs = {
        cli("analyze", root, "--format", "json", "--no-cache", "--jobs", jobs, PYTHONHASHSEED=seed).stdout
        for jobs, seed in ((1, "1"), (2, "2"), (2, "3"))
    }
    assert len(outputs) == 1


def test_a_second_run_gives_the_same_bytes_from_the_cache(cli, shop, tmp_path):
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    cold = cli("analyze", shop, "--output", tmp_path / "cold", "-v", **own)
    warm = cli("analyze", shop, "--output", tmp_path / "warm", "-v", **own)
    assert "stored result used" not in cold.stderr
    assert "stored result used" in warm.stderr
    assert snapshot(tmp_path / "cold") == snapshot(tmp_path / "warm")


def test_a_changed_file_is_analysed_again(cli, shop):
    cli("analyze", shop, "--format", "json")
    (shop / "shop/refunds.py").write_text("from shop import billing\n")
    model = json.loads(cli("analyze", shop, "--format", "json").stdout)
    assert "shop.refunds" in {module["name"] for module in model["modules"]}


def test_a_new_commit_is_seen_although_no_file_changed(cli, shop):
    subprocess.run(["git", "init", "-q", shop], check=True)
    commit(shop, "first")
    first = json.loads(cli("analyze", shop, "--format", "json").stdout)
    git = ["git", "-C", shop, "-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "second"], check=True)
    second = json.loads(cli("analyze", shop, "--format", "json").stdout)
    assert first["monolith"]["revision"] != second["monolith"]["revision"]


def test_a_damaged_cache_is_not_an_error(cli, shop, tmp_path):
    place = tmp_path / "own-cache"
    first = cli("analyze", shop, "--format", "json", STRANGLER_CACHE_DIR=str(place))
    for path in place.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00garbage")
    (shop / "shop/new.py").write_text("")
    done = cli("analyze", shop, "--format", "json", STRANGLER_CACHE_DIR=str(place))
    assert done.returncode == first.returncode == 0
    assert "shop.new" in {module["name"] for module in json.loads(done.stdout)["modules"]}


def test_an_output_that_cannot_be_written_is_named(cli, shop, tmp_path):
    (tmp_path / "occupied").write_text("a file")
    done = cli("analyze", shop, "--output", tmp_path / "occupied")
    assert done.returncode == 2
    assert "occupied" in done.stderr
    assert "--output" in done.stderr


def test_too_few_resolved_references_are_exit_code_3(cli, tree, tmp_path):
    root = tree({"app/__init__.py": "", "app/a.py": "from app import missing\nfrom app.gone import thing\n"})
    demand = ("--config", "check.min-resolved=1.0")
    done = cli("analyze", root, "-o", tmp_path / "out", *demand)
    assert done.returncode == 3
    assert "check.min-resolved" in done.stderr
    assert (tmp_path / "out/model.json").is_file()
    assert cli("analyze", root, "-o", tmp_path / "out", *demand, "--exit-zero").returncode == 0


def test_unparsed_files_beyond_the_limit_are_exit_code_3(cli, tree, tmp_path):
    root = tree({"app/__init__.py": "", "app/bad.py": "def broken(:\n"})
    demand = ("--config", "check.max-unparsed=0")
    assert cli("analyze", root, "-o", tmp_path / "out", *demand).returncode == 3
