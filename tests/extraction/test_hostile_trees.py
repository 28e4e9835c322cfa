"""`strangler extract` on code meant to break it: it ends, says what it left alone, reads the tree only."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from strangler.cli import app
from strangler.extraction.reader import Ledger
from strangler.limits import Limits

VIEWS = "from {0}.models import A\n\n\ndef view(request):\n    return A.objects.count()\n"
MODELS = "from django.db import models\n\n\nclass A(models.Model):\n    name = models.TextField()\n"
FILES = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n",
    "site1/__init__.py": "",
    "site1/settings.py": "INSTALLED_APPS = ['one', 'two']\nROOT_URLCONF = 'site1.urls'\n",
    "site1/urls.py": "from django.urls import path\nfrom one import views as a\nfrom two import views as b\n"
    "urlpatterns = [path('a/', a.view, name='a'), path('b/', b.view, name='b')]\n",
    **{f"{name}/__init__.py": "" for name in ("one", "two")},
    **{f"{name}/models.py": MODELS for name in ("one", "two")},
    **{f"{name}/views.py": VIEWS.format(name) for name in ("one", "two")},
    "strangler.toml": "[contexts.pin]\none = ['one']\ntwo = ['two']\n",
}
OVERWHELMING = {
    "or": "x = " + " or ".join(["a"] * 20_000),
    "sum": "x = " + " + ".join(["a"] * 900),
    "calls": "x = a" + ".b()" * 700,
    "subscripts": "x = a" + "[0]" * 700,
    "elif": "if a:\n    pass\n" + "elif a:\n    pass\n" * 900,
    "comprehension": "x = [a " + "for a in b " * 3_000 + "]",
    "import": "import a" + ".a" * 400,
    "conditions": "x = " + "a if b else " * 400 + "c",
    "minus": "x = " + "-" * 400 + "1",
    "power": "x = " + " ** ".join(["a"] * 400),
}


class Tree:
    """A tree and what the command makes of it."""

    def __init__(self, root: Path) -> None:
        self.root, self.out, self.service = root / "tree", root / "out", root / "service"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def append(self, name: str, text: str) -> None:
        self.write(name, FILES[name] + text + "\n")

    def analyze(self) -> None:
        code, said = self._run("analyze", self.root, "-o", self.out, "-q", "-j", "1")
        assert code == 0, said

    def extract(self, *more: str) -> tuple[int, str]:
        return self._run(
            "extract", "one", "--model", self.out, "--source", self.root, "-o", self.service, *more
        )

    @staticmethod
    def _run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, [str(one) for one in arguments])
        return done.exit_code, done.output

    @property
    def notes(self) -> list[str]:
        return json.loads((self.service / "service.json").read_bytes())["notes"]  # type: ignore[no-any-return]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize("text", OVERWHELMING.values(), ids=OVERWHELMING.keys())
def test_what_the_rewriting_library_cannot_take_is_copied_as_it_is_and_told(tree: Tree, text: str) -> None:
    tree.append("site1/settings.py", text)
    tree.append("site1/urls.py", text)
    tree.analyze()
    code, said = tree.extract()
    assert code == 0, said
    assert any("site1/urls.py is copied as it is (nested too deeply)" in note for note in tree.notes)
    assert (tree.service / "service/site1/urls.py").read_text() == FILES["site1/urls.py"] + text + "\n"
    assert (tree.service / "service/two/views.py").exists(), "what could not be taken out comes along"


DEEP = {
    "calls": lambda n: "x = a" + ".b()" * (n // 2),
    "sum": lambda n: "x = " + " + ".join(["a"] * n),
    "elif": lambda n: "if a:\n    pass\n" + "elif a:\n    pass\n" * n,
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "conditions": lambda n: "x = " + "y if z else " * n + "y",
    "functions": lambda n: "x = " + "f(" * n + ")" * n,
    "lambda": lambda n: "x = " + "lambda: " * n + "a",
    "comprehension": lambda n: "x = [y " + "for y in z " * n + "]",
}


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP.keys())
def test_what_is_as_deep_as_allowed_is_taken_apart(tree: Tree, make) -> None:
    tree.append("site1/urls.py", make(90))
    tree.analyze()
    code, said = tree.extract()
    assert code == 0, said
    assert not (tree.service / "service/two/views.py").exists()
    assert not any("copied as it is" in note for note in tree.notes)


def test_the_syntax_of_all_files_has_a_limit_that_can_be_raised(tree: Tree) -> None:
    tree.analyze()
    settings = FILES["strangler.toml"]
    tree.write("strangler.toml", settings + "[limits]\nextract-nodes = 10\n")
    assert tree.extract()[0] == 0
    assert any("(limit extract-nodes: 10)" in note for note in tree.notes)
    tree.write("strangler.toml", settings + "[limits]\nextract-nodes = 1000\n")
    assert tree.extract()[0] == 0
    assert not any("limit" in note for note in tree.notes)


def test_files_beside_the_code_have_a_limit_and_a_larger_one_is_named(tree: Tree) -> None:
    tree.write("one/static/one/page.js", b"x" * 2_000_000)
    with tree.write("one/static/one/film.bin", b"").open("wb") as film:
        film.truncate(30_000_000)
    tree.analyze()
    assert tree.extract()[0] == 0
    assert (tree.service / "service/one/static/one/page.js").stat().st_size == 2_000_000
    assert any("film.bin is not copied" in note and "30,000,000" in note for note in tree.notes)
    tree.write("strangler.toml", FILES["strangler.toml"] + "[limits]\nextract-bytes = 1000\n")
    assert tree.extract()[0] == 0
    assert any("(limit extract-bytes: 1,000)" in note and "page.js" in note for note in tree.notes)
    assert not (tree.service / "service/one/static/one/page.js").exists()


def test_a_name_of_a_template_with_many_gaps_takes_no_time(tree: Tree) -> None:
    tree.write("one/templates/" + "a" * 100 + "/" + "a" * 100 + ".html", "x")
    tree.append("one/views.py", f'NAME = "{"a{}" * 40}b.html"')
    tree.analyze()
    assert tree.extract()[0] == 0


@pytest.mark.parametrize("path", ["../secret.py", "linked/secret.py", "one/secret.py"])
def test_a_model_that_names_a_file_elsewhere_copies_nothing_of_it(tree: Tree, path: str) -> None:
    outside = tree.root.parent / "secret.py"
    outside.write_text("TOKEN = 'outside'\n")
    tree.analyze()
    (tree.root / "linked").symlink_to(tree.root.parent)
    (tree.root / "one/secret.py").symlink_to(outside)
    text = (tree.out / "model.json").read_text()
    (tree.out / "model.json").write_text(text.replace('"one/views.py"', f'"{path}"'))
    code, said = tree.extract()
    assert code in (0, 2), said
    assert "Traceback" not in said
    for folder, _, names in os.walk(tree.service):
        assert all(b"outside" not in Path(folder, name).read_bytes() for name in names)


def test_data_behind_a_link_out_of_the_tree_is_not_copied(tree: Tree) -> None:
    outside = tree.root.parent / "outside"
    outside.mkdir()
    (outside / "secret.html").write_text("outside")
    (tree.root / "one/templates").symlink_to(outside)
    (tree.root / "one/secret.txt").symlink_to(outside / "secret.html")
    tree.analyze()
    assert tree.extract()[0] == 0
    assert not list((tree.service / "service").rglob("secret*"))


def test_a_service_inside_the_tree_is_no_part_of_the_next_one(tree: Tree) -> None:
    tree.analyze()
    tree.service = tree.root / "one/service"
    assert tree.extract()[0] == 0
    assert tree.extract("--check")[0] == 0
    tree.analyze()
    code, said = tree.extract("--check")
    assert code == 0, said


@pytest.mark.skipif(os.name == "nt", reason="locks of POSIX")
def test_extractions_at_once_in_one_folder_give_one_whole_service(tree: Tree) -> None:
    tree.analyze()
    command = [
        sys.executable,
        "-m",
        "strangler",
        "extract",
        "one",
        "--model",
        tree.out,
        "--source",
        tree.root,
    ]
    runs = [
        subprocess.Popen([*command, "-q", "-o", tree.service], stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [run.wait(120) for run in runs] == [0, 0, 0]
    assert tree.extract("--check")[0] == 0
    assert not list(tree.service.rglob(".strangler-*.part"))


@pytest.mark.skipif(os.name == "nt", reason="devices of POSIX")
def test_a_service_that_cannot_be_written_is_told(tree: Tree) -> None:
    tree.analyze()
    tree.service = Path("/proc/service")
    code, said = tree.extract()
    assert code == 2
    assert "cannot write /proc/service" in said


def test_a_ledger_names_each_file_once_with_its_reason() -> None:
    ledger = Ledger(Limits(extract_nodes=5))
    assert not ledger.allows("a.py", b"def f(:\n")
    assert not ledger.allows("b.py", b"x = [1, 2, 3, 4, 5]\n")
    assert ledger.allows("c.py", b"x = 1\n")
    assert not ledger.allows("d.py", b"x = 1\n")
    assert list(ledger.refused) == ["a.py", "b.py", "d.py"]


TESTS = (
    "import one.views\nimport two.views\n\nODD = 'a\u2028b'\n\x0c\n"
    "def test_one():\n    assert one.views.view, ODD\n\n\ndef test_two():\n    assert two.views.view\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_module_of_tests_is_cut_at_the_lines_that_python_counts(tree: Tree, end: str) -> None:
    tree.write("tests/test_odd.py", TESTS.replace("\n", end))
    tree.analyze()
    assert tree.extract()[0] == 0
    cut = (tree.service / "service/tests/test_odd.py").read_bytes().decode()
    names = {node.name for node in ast.parse(cut).body if isinstance(node, ast.FunctionDef)}
    assert names == {"test_one"}
    assert "ODD = 'a\u2028b'" in cut
    assert "import two" not in cut


def test_overwhelming_tests_stay_and_do_not_end_the_run(tree: Tree) -> None:
    for number, text in enumerate(OVERWHELMING.values()):
        tree.write(f"tests/test_{number}.py", f"{TESTS}{text}\n@fixture(x)\ndef f(): pass\n")
    tree.write("tests/test_name.py", f"import a{'.a' * 300_000}\n")
    tree.write("tests/test_decorated.py", f"{TESTS}@fixture({' + '.join(['a'] * 3_000)})\ndef f(): pass\n")
    tree.analyze()
    code, said = tree.extract()
    assert code == 0, said
    assert not list((tree.service / "service").rglob("test_*.py"))


HOSTILE = (
    "a$strangler$;\nINJECTED\n--",
    "b\"';\nINJECTED `id` $(id) | ${x} {{y}} %s",
    "c\n```\nINJECTED\n| d | <b>\u202e\x00",
    "d\\n'||INJECTED\u2028INJECTED",
    "e" * 10_000,
)


SET = """

from rest_framework.decorators import action
from rest_framework.viewsets import ModelViewSet


class Set(ModelViewSet):
    queryset = A.objects.all()

    @action(detail=True, url_path="a'b", url_name='c"d')
    def ship(self, request, pk):
        pass
"""


def test_names_of_tables_columns_routes_and_files_stay_names_in_every_file(tree: Tree) -> None:
    tables = "".join(
        f"\n\nclass T{n}(models.Model):\n    a = models.ForeignKey('two.A', "
        f"models.CASCADE, db_column={name!r})\n"
        f"    class Meta:\n        db_table = {name!r}\n"
        for n, name in enumerate(HOSTILE)
    )
    uses = "".join(f"    one.models.T{n}.objects.create()\n" for n in range(len(HOSTILE)))
    tree.write("one/models.py", MODELS + tables)
    tree.write("one/views.py", f"import one.models\n\n\ndef view(request):\n{uses}")
    rest = "from rest_framework.routers import DefaultRouter\nrouter = DefaultRouter()\n"
    rest += "".join(f"urlpatterns += [path({n!r}, a.view, name={n!r})]\n" for n in HOSTILE)
    staying = "".join(
        f"router.register('r{n}', b.Set, basename={name!r})\n" for n, name in enumerate(HOSTILE)
    )
    tree.append("site1/urls.py", f"{rest}{staying}urlpatterns += router.urls\n")
    tree.write("two/views.py", VIEWS.format("two") + SET)
    for name in HOSTILE:
        if "/" not in name and "\0" not in name and len(name.encode()) < 200:
            for path in (f"one/{name}.py", f"one/tests/test_{name}.py", f"one/templates/one/{name}.html"):
                tree.write(path, "")
    tree.analyze()
    before = {str(path) for path in tree.root.parent.rglob("*")}
    code, said = tree.extract()
    assert code == 0, said
    beside = {str(path) for path in tree.root.parent.rglob("*")} - before
    assert all(f"{path}/".startswith(f"{tree.service}/") for path in beside)
    written = [path for path in tree.service.rglob("*") if path.is_file()]
    assert "elsewhere.viewset(" in (tree.service / "service/site1/urls.py").read_text()
    for path in written:
        if path.suffix == ".py":
            code_of = ast.dump(ast.parse(path.read_bytes()))
            assert "Name(id='INJECTED'" not in code_of, path
    ours = [path for path in written if "service/" not in path.relative_to(tree.service).as_posix()]
    assert {"SERVICE.md", "service.json"} <= {path.name for path in ours}
    assert any(path.suffix == ".sql" for path in ours)
    for path in ours:
        text = path.read_text("utf-8")
        assert not [line for line in text.split("\n") if line.startswith("INJECTED")], path
        assert path.suffix not in (".md", ".sql") or not any(char in text for char in "\0\u202e\u2028"), path
        if path.suffix == ".sql":
            blocks(text)


def blocks(text: str) -> None:
    """Every block of a script ends where it should: what stands in it does not end it."""
    at = 0
    while block := re.compile(r"^DO (\$\w+\$)\n", re.MULTILINE).search(text, at):
        end = text.index(block[1], block.end())
        assert text[:end].endswith("\nEND\n")
        assert text[end:].startswith(f"{block[1]};\n")
        at = end + len(block[1])
