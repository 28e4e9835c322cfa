"""Whatever a directory holds, the user gets a message or a diagnostic, and the rest is analysed."""

import json
import subprocess
from pathlib import Path

import pytest

GOOD = {"app/__init__.py": "", "app/good.py": "from app import other\n", "app/other.py": "X = 1\n"}
NEWER = "type Pair[T] = tuple[T, T]\n\n\ndef first[T](pair: Pair[T]) -> T:\n    return pair[0]\n"


def analyse(cli, root: Path) -> dict:
    done = cli("analyze", root, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    model = json.loads(done.stdout)
    assert {"app.good", "app.other"} <= {module["name"] for module in model["modules"]}
    assert ("app.good", "app.other") in {(i["importer"], i["imported"]) for i in model["imports"]}
    return model


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_a_path_that_does_not_exist_is_named_in_the_message(cli, tmp_path):
    assert_refused(cli("analyze", tmp_path / "nowhere"), "nowhere", "no such directory")


def test_a_file_instead_of_a_directory_is_refused(cli, shop):
    assert_refused(cli("analyze", shop / "shop" / "orders.py"), "not a directory")


def test_an_empty_directory_is_refused(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    assert_refused(cli("analyze", tmp_path / "empty"), "no Python")


def test_a_directory_without_python_is_refused(cli, tree):
    assert_refused(cli("analyze", tree({"index.js": "let x", "README": "hello"})), "no Python")


def test_an_empty_git_repository_is_refused(cli, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path / "repo"], check=True)
    assert_refused(cli("analyze", tmp_path / "repo"), "no Python")


def test_python_without_commits_is_analysed_and_the_summary_says_so(cli, tree):
    root = tree(GOOD)
    subprocess.run(["git", "init", "-q", root], check=True)
    done = cli("analyze", root)
    assert done.returncode == 0
    assert "static evidence alone" in done.stdout


BROKEN = {
    "a syntax error": (b"def broken(:\n    pass\n", 1),
    "Python 2": (b"import os\nprint 'hello'\n", 2),
    "a NUL byte": (b"x = 1\ny = '\x00'\n", None),
    "UTF-16 without a cookie": ("x = 'hé'\n".encode("utf-16"), None),
    "Latin-1 without a cookie": ("x = 1\ny = 'é'\n".encode("latin-1"), None),
    "an unknown encoding cookie": (b"# -*- coding: klingon -*-\nx = 1\n", None),
    "an unterminated string": (b'x = 1\ny = """never ends\n', None),
}


@pytest.mark.parametrize(("content", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_read_becomes_a_diagnostic_and_the_rest_is_analysed(cli, tree, content, line):
    model = analyse(cli, tree({**GOOD, "app/bad.py": content}))
    found = [item for item in model["diagnostics"] if item["file"] == "app/bad.py"]
    assert found, "the broken file is named"
    assert all(item["message"] for item in found)
    if line is not None:
        assert line in {item["line"] for item in found}


READABLE = {
    "Latin-1 with a cookie": "# -*- coding: latin-1 -*-\nfrom app import other\nx = 'é'\n".encode("latin-1"),
    "a UTF-8 byte order mark": b"\xef\xbb\xbffrom app import other\n",
    "CR line ends": b"from app import other\rx = 1\r",
    "syntax newer than Python 3.11": f"from app import other\n{NEWER}".encode(),
}


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE.keys())
def test_a_file_that_some_python_can_read_is_read(cli, tree, content):
    model = analyse(cli, tree({**GOOD, "app/odd.py": content}))
    assert ("app.odd", "app.other") in {(i["importer"], i["imported"]) for i in model["imports"]}


DEEP = {
    "3,000 nested parentheses": b"x = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n",
    "a chain of 2,000 calls": b"x = q" + b".f()" * 2000 + b"\n",
    "3,000 elif": b"if a == 0:\n    pass\n" + b"".join(b"elif a == %d:\n    pass\n" % n for n in range(3000)),
    "20,000 operands": b"x = " + b" + ".join([b"1"] * 20000) + b"\n",
}


@pytest.mark.parametrize("content", DEEP.values(), ids=DEEP.keys())
def test_code_too_deep_for_the_parser_does_not_stop_the_run(cli, tree, content):
    model = analyse(cli, tree({**GOOD, "app/deep.py": content}))
    named = {item["file"] for item in model["diagnostics"]}
    assert "app/deep.py" in named | {module["path"] for module in model["modules"]}


def test_a_loop_of_symbolic_links_is_not_followed(cli, tree):
    root = tree(GOOD)
    (root / "app" / "loop").symlink_to(root / "app", target_is_directory=True)
    model = analyse(cli, root)
    assert not [module for module in model["modules"] if "loop" in module["name"]]


def test_a_link_out_of_the_tree_is_not_followed(cli, tree, tmp_path):
    root = tree(GOOD)
    (tmp_path / "secret.py").write_text("PASSWORD = 'hunter2'\n")
    (root / "app" / "secret.py").symlink_to(tmp_path / "secret.py")
    (root / "strangler.toml").symlink_to(tmp_path / "secret.py")
    model = analyse(cli, root)
    assert "hunter2" not in json.dumps(model)
    assert "app.secret" not in {module["name"] for module in model["modules"]}


def test_terminal_escapes_in_file_names_do_not_reach_the_terminal(cli, tree):
    root = tree({**GOOD, "app/\x1b[31mred.py": "def broken(:\n"})
    done = cli("analyze", root)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
