"""`strangler accept` writes the boundaries down; from then on every verb speaks of the same ones."""

import json
import shutil
import subprocess
import sys
import tomllib

import pytest
from cli_support import PARTS, three_parts

from strangler.boundaries import BoundariesError, comments, dump, parse
from strangler.files import alone
from strangler.model import Boundary

FILE = "strangler-boundaries.toml"


@pytest.fixture
def monolith(tree):
    """Three packages, with one crossing from orders to billing."""
    return tree(three_parts())


@pytest.fixture
def analysed(cli, monolith, tmp_path):
    """The monolith with a model in ``out`` of the working directory's neighbour."""
    done = cli("analyze", monolith, "-o", tmp_path / "out", "-q")
    assert done.returncode == 0, done.stderr
    assert "nothing is accepted, and there is no earlier run" in done.stdout
    return tmp_path / "out"


def accept(cli, monolith, model, *options):
    done = cli("accept", *options, "--model", model, "--source", monolith)
    assert done.returncode == 0, done.stderr
    return tomllib.loads((monolith / FILE).read_text())["contexts"]


def test_the_file_says_each_context_by_its_package_with_who_decided_and_when(cli, monolith, analysed):
    said = accept(cli, monolith, analysed, "--decided-by", "Ada", "--decided", "2026-11-29", "--notes", "why")
    for part in PARTS:
        assert said[part]["packages"] == [f"shop.{part}"]
        assert (said[part]["decided-by"], str(said[part]["decided"])) == ("Ada", "2026-11-29")
        assert said[part]["notes"] == "why"


def test_right_after_accepting_a_check_is_clean_and_the_baseline_speaks_of_the_accepted_contexts(
    cli, monolith, analysed, tmp_path
):
    baseline = tmp_path / "baseline.json"
    options = ("--baseline", baseline)
    assert cli("check", monolith, *options, "--update-baseline").returncode == 0
    accept(cli, monolith, analysed, *options)
    assert json.loads(baseline.read_text())["contexts"] == []
    done = cli("check", monolith, *options)
    assert (done.returncode, done.stdout) == (0, "nothing new\n")
    text = (monolith / FILE).read_text()
    (monolith / FILE).write_text(text.replace("[contexts.billing]\n", '[contexts.billing]\nname = "money"\n'))
    assert cli("check", monolith, *options).stdout == "nothing new\n"
    with (monolith / "shop/catalog/views.py").open("a") as file:
        file.write("\n\nfrom shop.billing import models as bills\n")
    done = cli("check", monolith, *options)
    assert done.returncode == 1
    assert "catalog -> money" in done.stdout
    (monolith / FILE).unlink()
    done = cli("check", monolith, *options)
    assert done.returncode == 2
    assert "--boundaries FILE" in done.stderr


def test_one_unused_file_is_one_module_added_and_nothing_else(cli, monolith, analysed, tmp_path):
    accept(cli, monolith, analysed)
    (monolith / "shop/billing/notes.py").write_text("# nothing\n")
    done = cli("analyze", monolith, "-o", tmp_path / "new", "--prior", analysed, "-q")
    assert "accepted" in done.stdout
    assert "1 new module placed: shop.billing.notes (billing)" in done.stdout
    lines = cli("diff", analysed, tmp_path / "new").stdout.splitlines()
    assert lines[1:] == ["Modules  1 module added", "  + shop.billing.notes"]


def test_one_commit_has_one_value_whatever_it_is_compared_with(cli, monolith, analysed, tmp_path):
    accept(cli, monolith, analysed)
    cli("analyze", monolith, "-o", tmp_path / "one", "-q")
    with (monolith / "shop/catalog/views.py").open("a") as file:
        file.write("\n\nfrom shop.billing.services import run as bill\n\n\nbill()\n")
    cli("analyze", monolith, "-o", tmp_path / "two", "-q", "--no-prior")
    first, second = (
        json.loads(cli("progress", *map(tmp_path.joinpath, order), "--format", "json").stdout)
        for order in (("out", "one", "two"), ("two", "one", "out"))
    )
    assert first == second[::-1]
    assert first[0] == first[1]
    assert first[2]["crossings"] > first[1]["crossings"]


def test_a_plan_of_last_week_finds_its_context_by_its_id_after_it_was_renamed(
    cli, monolith, analysed, tmp_path
):
    accept(cli, monolith, analysed, "billing")
    text = (monolith / FILE).read_text()
    (monolith / FILE).write_text(text.replace("[contexts.billing]\n", '[contexts.billing]\nname = "money"\n'))
    done = cli("plan", "billing", "--model", analysed, "--source", monolith, "-o", tmp_path / "plan")
    assert done.returncode == 0, done.stderr
    assert "the cut is that of strangler-boundaries.toml" in done.stderr
    assert json.loads((tmp_path / "plan/plan.json").read_text())["context"] == "money"


def test_some_contexts_can_be_accepted_and_later_others_without_touching_what_is_written(
    cli, monolith, analysed
):
    assert set(accept(cli, monolith, analysed, "billing", "--notes", "first")) == {"billing"}
    path = monolith / FILE
    path.write_text(path.read_text().replace("[contexts.billing]", "# as agreed\n[contexts.billing]"))
    cli("analyze", monolith, "-o", analysed, "-q")
    said = accept(cli, monolith, analysed, "orders", "--notes", "second")
    assert {key: entry["notes"] for key, entry in said.items()} == {"billing": "first", "orders": "second"}
    assert "# as agreed\n[contexts.billing]" in path.read_text()


def test_another_level_is_accepted_by_its_number_and_levels_are_listed(cli, monolith, analysed):
    levels = cli("accept", "--model", analysed, "--level", "help").stdout.splitlines()
    [recommended] = [line.split()[0] for line in levels if "recommended" in line]
    assert set(accept(cli, monolith, analysed, "--level", recommended)) >= set(PARTS)
    done = cli("accept", "--model", analysed, "--level", "99", "--source", monolith)
    assert done.returncode == 2
    assert "no level '99'; give the number of one" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["billig"], "no context 'billig'; nearest: billing"),
        (["--decided", "yesterday"], "write it as 2026-11-29"),
        (["--offered"], "offers no other cut"),
    ],
)
def test_what_cannot_be_accepted_is_explained(cli, monolith, analysed, options, said):
    done = cli("accept", *options, "--model", analysed, "--source", monolith)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (monolith / FILE).exists()


def test_nothing_is_written_into_a_tree_that_is_not_the_models(cli, analysed, monolith, tmp_path):
    shutil.move(monolith, tmp_path / "moved")
    monolith.mkdir()
    done = cli("accept", "--model", analysed)
    assert done.returncode == 2
    assert "name it with --source DIR" in done.stderr
    assert not list(monolith.iterdir())


def test_a_fault_of_the_file_is_told_with_its_line_by_every_verb_that_reads_it(cli, monolith):
    (monolith / FILE).write_text('[contexts.a]\npackages = ["shop.orders"]\nmoduls = []\n')
    for verb in (["analyze"], ["check", "--update-baseline"]):
        done = cli(*verb, monolith)
        assert done.returncode == 2
        assert f"{FILE}:3: unknown key 'moduls'; did you mean 'modules'?" in done.stderr


BROKEN = {
    '[contexts.a]\npackages = ["x"]\n\n[contexts.b]\npackages = [\n  "y",\n  "x",\n]\n': (
        "F:7: package 'x' is claimed by 'b' and by 'a' (line 2); delete it from one of the two"
    ),
    '[contexts.a]\ntables = ["t"]\n[contexts."b c"]\ntables = ["t"]\n': (
        "F:4: table 't' is owned by 'b c' and by 'a' (line 2); delete it from one of the two"
    ),
    '[contexts.a]\nmodules = ["x"]\n[contexts.b]\nmodules = ["y"]\nname = "a"\n': (
        "F:5: 'b' and 'a' are both called 'a'; rename one"
    ),
    '[contexts.a]\nmodules = ["x"]\nname = "a\\u001b[1m"\n': (
        "F:3: a name is at most 1000 printable characters"
    ),
    "[contexts.a]\nnotes = 'x'\n": "F:1: a holds nothing; add packages or modules, or delete it",
    "[contexts.a]\nmodules = 'x'\n": "F:2: modules must be a list of names in quotes",
    '[contexts.a]\nmodules = ["x"]\nkind = "contxt"\n': "F:3: kind 'contxt'; did you mean 'context'?",
    "version = 9\n": "F:1: version 9 is not 1: use a newer strangler",
    "\n[context.a]\n": "unknown key 'context'; did you mean 'contexts'?",
    "contexts = 3\n": "F:1: contexts must be tables: write [contexts.NAME]",
    "[contexts.a\n": "F: not TOML: ",
}


@pytest.mark.parametrize(("text", "said"), list(BROKEN.items()), ids=range(len(BROKEN)))
def test_each_fault_of_the_file_names_its_line_and_what_to_do(text, said):
    with pytest.raises(BoundariesError) as error:
        parse(text, "F")
    assert said in str(error.value)


def test_what_is_written_is_read_again_whatever_the_names_are():
    rows = (
        Boundary(id="a", name='A "b" \\ é', packages=("p.q",), notes="two\nlines", decided="2026-01-31"),
        Boundary(id="x.y z", name="x.y z", kind="shared_kernel", modules=("m" * 60, "n" * 60), tables=("t",)),
        Boundary(id="c", name="c", tables=("u",), decided_by="B", decided="spring"),
    )
    text = dump(rows, {"a": ["# kept"]})
    found, lines = parse(text, "F")
    assert found == rows
    assert comments(text)["a"] == ["# kept"]
    assert text.splitlines()[lines["n" * 60] - 1].strip() == f'"{"n" * 60}",'
    assert "table:t" in lines
    half = dump((Boundary(id="a", name="a", packages=("p",), notes="\ud800"),), {}).encode().decode()
    assert parse(half, "F")[0][0].notes == "\\ud800"


WORKSHOP = """\
version = 1

[contexts.billing]
name = "money"
modules = ["shop.billing", "shop.billing.models", "shop.orders.models", "shop.gone"]
notes = "they share the ledger"
decided-by = "Ada"
decided = 2026-11-29
"""


def test_the_file_of_the_workshop_becomes_the_accepted_cut(cli, monolith, analysed, tmp_path):
    accept(cli, monolith, analysed)
    saved = tmp_path / "saved.toml"
    saved.write_text(WORKSHOP)
    done = cli("accept", "--from", saved, "--model", analysed, "--source", monolith)
    assert done.returncode == 0, done.stderr
    assert "no module 'shop.gone'" in done.stderr
    assert "open: the next analysis places them" in done.stderr
    said = tomllib.loads((monolith / FILE).read_text())["contexts"]
    assert list(said) == ["billing"]
    assert (said["billing"]["name"], said["billing"]["notes"]) == ("money", "they share the ledger")
    assert "shop.orders.models" in said["billing"]["modules"]
    assert cli("analyze", monolith, "-o", tmp_path / "out", "-q").returncode == 0
    contexts = json.loads((tmp_path / "out/model.json").read_text())["contexts"]
    money = next(context for context in contexts if context["name"] == "money")
    assert "shop.orders.models" in money["modules"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file"),
        ("version = 1\n[contexts.a]\nmodules = ['nothing.here']\n", "names no module of this model"),
        ("version = 1\n[contexts.a]\nmodules = 3\n", "modules must be a list"),
    ],
)
def test_a_file_that_draws_no_cut_of_the_model_is_refused(cli, monolith, analysed, tmp_path, text, told):
    saved = tmp_path / "saved.toml"
    if text is not None:
        saved.write_text(text)
    done = cli("accept", "--from", saved, "--model", analysed, "--source", monolith)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert not (monolith / FILE).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_what_another_run_decides_meanwhile_is_kept(cli, monolith, analysed):
    accept(cli, monolith, analysed, "billing")
    decided = (monolith / FILE).read_text()
    (monolith / FILE).unlink()
    with alone(monolith):  # as another run does that is writing
        command = [
            sys.executable,
            "-m",
            "strangler",
            "accept",
            "orders",
            "--model",
            analysed,
            "--source",
            monolith,
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(4)
        (monolith / FILE).write_text(decided)
    assert process.wait(60) == 0
    assert {"billing", "orders"} <= set(tomllib.loads((monolith / FILE).read_text())["contexts"])
