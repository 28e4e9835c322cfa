"""Whatever a directory holds, the user gets a message or a diagnostic, and the rest is analysed."""

import json
import subprocess
from pathlib import Path

import pytest
from cli_support import write_tree

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
    "syntax_error": (b"def broken(:\n    pass\n", 1),
    "nul_byte": (b"x = 1\ny = '\x00'\n", None),
    "utf_16": ("x = 'hé'\n".encode("utf-16"), None),
    "latin_1_without_cookie": ("x = 1\ny = 'é'\n".encode("latin-1"), 2),
    "unknown_cookie": (b"# -*- coding: klingon -*-\nx = 1\n", 1),
    "unterminated_string": (b'x = 1\ny = """never ends\n', 2),
}
DEEP = {
    "nested_parentheses_3000": b"x = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n",
    "chain_of_2000_calls": b"x = q" + b".f()" * 2000 + b"\n",
    "operands_20000": b"x = " + b" + ".join([b"1"] * 20000) + b"\n",
    "elif_3000": b"if a:\n    pass\n" + b"".join(b"elif a == %d:\n    pass\n" % n for n in range(3000)),
}
READABLE = {
    "latin_1_with_cookie": "# -*- coding: latin-1 -*-\nfrom app import other\nx = 'é'\n".encode("latin-1"),
    "byte_order_mark": b"\xef\xbb\xbffrom app import other\n",
    "cr_line_ends": b"from app import other\rx = 1\r",
    "newer_than_python_311": f"from app import other\n{NEWER}".encode(),
    "python_2": b"from app import other\nprint 'hello'\n",
}


@pytest.fixture(scope="module")
def model(run, tmp_path_factory):
    """The model of a tree that holds all the odd files beside the good ones."""
    place = tmp_path_factory.mktemp("odd")
    odd = {f"app/{name}.py": content for name, (content, _) in BROKEN.items()}
    odd |= {f"app/{name}.py": content for name, content in (READABLE | DEEP).items()}
    root = write_tree(place / "tree", {**GOOD, **odd})
    return analyse(lambda *arguments: run(*arguments, cwd=place), root)


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, (_, line) in BROKEN.items()])
def test_a_file_that_cannot_be_read_becomes_a_diagnostic_and_the_rest_is_analysed(model, name, line):
    found = [item for item in model["diagnostics"] if item["file"] == f"app/{name}.py"]
    assert [item["severity"] for item in found] == ["error"]
    assert found[0]["message"]
    if line is not None:
        assert found[0]["line"] == line


@pytest.mark.parametrize("name", DEEP)
def test_code_too_deep_for_the_parser_is_read_or_becomes_a_diagnostic(model, name):
    found = [item for item in model["diagnostics"] if item["file"] == f"app/{name}.py"]
    assert [(item["severity"], item["code"]) for item in found] in ([], [("error", "too-complex")])
    assert f"app/{name}.py" in {module["path"] for module in model["modules"]}


@pytest.mark.parametrize("name", READABLE)
def test_a_file_that_some_python_can_read_is_read(model, name):
    imports = {(item["importer"], item["imported"]) for item in model["imports"]}
    assert (f"app.{name}", "app.other") in imports


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
