"""`strangler check` lets a team keep its boundaries from getting worse; `diff` shows what changed."""

import json
from pathlib import Path

import pytest
from cli_support import pin_parts, three_parts


@pytest.fixture
def monolith(tree):
    """Three packages, with one crossing from orders to billing."""
    return pin_parts(tree(three_parts()))


@pytest.fixture
def guarded(cli, monolith):
    """The monolith with a baseline taken."""
    done = cli("check", monolith, "--baseline", monolith / "baseline.json", "--update-baseline")
    assert done.returncode == 0, done.stderr
    return monolith


def check(cli, root, *options):
    return cli("check", root, "--baseline", root / "baseline.json", *options)


def add(root, name, text):
    with (root / name).open("a") as file:
        file.write(text)


def test_without_a_baseline_the_way_to_one_is_named(cli, monolith):
    done = check(cli, monolith)
    assert done.returncode == 2
    assert "--update-baseline" in done.stderr


def test_unchanged_code_has_no_findings(cli, guarded):
    done = check(cli, guarded)
    assert done.returncode == 0
    assert "nothing new" in done.stdout


def test_a_new_crossing_fails_with_file_and_line(cli, guarded):
    add(guarded, "shop/catalog/views.py", "\n\nfrom shop.billing import models as bills\n")
    done = check(cli, guarded)
    assert done.returncode == 1
    assert "shop/catalog/views.py:10: new-crossing catalog -> billing: import" in done.stdout
    assert check(cli, guarded, "--exit-zero").returncode == 0


def test_moving_code_within_a_file_is_no_finding(cli, guarded):
    path = guarded / "shop/orders/services.py"
    path.write_text("# a comment\n\n" + path.read_text())
    assert check(cli, guarded).returncode == 0


def test_a_new_import_cycle_is_a_finding(cli, guarded):
    add(guarded, "shop/billing/models.py", "\n\nfrom shop.billing import services\n")
    done = check(cli, guarded)
    assert done.returncode == 1
    assert "new-cycle" in done.stdout
    assert "shop.billing.models -> shop.billing.services" in done.stdout


def test_a_crossing_that_is_gone_is_told_and_can_be_locked_in(cli, guarded):
    path = guarded / "shop/orders/services.py"
    text = path.read_text()
    path.write_text(text.partition("\n\nfrom shop.billing")[0] + "\n")
    done = check(cli, guarded)
    assert done.returncode == 0
    assert "--update-baseline locks that in" in done.stdout
    assert check(cli, guarded, "--update-baseline").returncode == 0
    path.write_text(text)
    assert check(cli, guarded).returncode == 1


def test_a_new_module_belongs_to_the_context_of_its_package(cli, guarded):
    (guarded / "shop/catalog/prices.py").write_text("from shop.billing import models\n")
    done = check(cli, guarded)
    assert done.returncode == 1
    assert "catalog -> billing" in done.stdout
    assert "shop.catalog.prices: catalog" in done.stdout


def test_findings_are_machine_readable(cli, guarded):
    add(guarded, "shop/catalog/views.py", "\n\nfrom shop.billing import models as bills\n")
    (finding, *_) = json.loads(check(cli, guarded, "--format", "json").stdout)["findings"]
    assert finding["code"] == "new-crossing"
    assert (finding["file"], finding["line"]) == ("shop/catalog/views.py", 10)
    github = check(cli, guarded, "--format", "github").stdout
    assert github.startswith("::error file=shop/catalog/views.py,line=10,title=new-crossing::")


def test_a_file_that_is_no_baseline_is_refused(cli, monolith):
    (monolith / "baseline.json").write_text("{}")
    done = check(cli, monolith)
    assert done.returncode == 2
    assert "not a strangler baseline" in done.stderr


def test_the_baseline_of_an_older_version_is_written_anew_with_its_contexts(cli, guarded):
    path = guarded / "baseline.json"
    old = json.loads(path.read_text())
    contexts = old["contexts"]
    del old["guidance"]  # it is not known of which settings they are
    path.write_text(json.dumps({"strangler_baseline": 1, "contexts": contexts, "ties": [], "cycles": []}))
    done = check(cli, guarded)
    assert done.returncode == 2
    assert "older strangler; `strangler check --update-baseline`" in done.stderr
    assert check(cli, guarded, "--update-baseline").returncode == 0
    assert json.loads(path.read_text()) == old
    path.write_text(json.dumps(old | {"strangler_baseline": 99}))
    assert "use a newer one" in check(cli, guarded).stderr


def test_a_review_of_the_baseline_shows_one_crossing_a_line(cli, guarded):
    before = (guarded / "baseline.json").read_text().splitlines()
    add(guarded, "shop/catalog/views.py", "\n\nfrom shop.billing import models as bills\n")
    assert check(cli, guarded, "--update-baseline").returncode == 0
    after = (guarded / "baseline.json").read_text().splitlines()
    added = [line for line in after if line not in before]
    assert len(added) <= 2  # the new one, and a comma at the end of the one before it
    assert any('"subject":"shop.billing.models"' in line for line in added)


def test_diff_names_what_was_added_and_removed(cli, monolith, tmp_path):
    assert cli("analyze", monolith, "-o", tmp_path / "old").returncode == 0
    (monolith / "shop/catalog/forms.py").rename(monolith / "shop/catalog/prices.py")
    assert cli("analyze", monolith, "-o", tmp_path / "new").returncode == 0
    done = cli("diff", tmp_path / "old", tmp_path / "new")
    assert done.returncode == 0
    assert "+ shop.catalog.prices" in done.stdout
    assert "- shop.catalog.forms" in done.stdout
    assert cli("diff", tmp_path / "old", tmp_path / "old").stdout.endswith("Nothing changed\n")
    comment = cli("diff", tmp_path / "old", tmp_path / "new", "--format", "markdown").stdout
    assert "- 1 module added: `shop.catalog.prices`" in comment
    assert "- 1 module removed: `shop.catalog.forms`" in comment
    same = cli("diff", tmp_path / "old", tmp_path / "old", "--format", "markdown").stdout
    assert same.startswith("### Boundaries from ")
    assert same.endswith("Nothing changed\n")


def test_progress_counts_the_crossings_of_several_models_on_one_cut(cli, monolith, tmp_path):
    cli("analyze", monolith, "-o", tmp_path / "old")
    path = monolith / "shop/orders/services.py"
    path.write_text(path.read_text().partition("\n\nfrom shop.billing")[0] + "\n")
    cli("analyze", monolith, "-o", tmp_path / "new")
    done = cli("progress", tmp_path / "old", tmp_path / "new", "--format", "json")
    before, after = json.loads(done.stdout)
    assert (before["crossings"], after["crossings"]) == (1, 0)
    assert "import" in cli("progress", tmp_path / "old", tmp_path / "new").stdout
    page = tmp_path / "new" / "progress.html"
    done = cli("progress", tmp_path / "old", tmp_path / "new", "--format", "html", "-o", page)
    assert done.returncode == 0, done.stderr
    assert "Crossings 1 → 0" in page.read_text()
    assert 'href="./report.html"' in page.read_text()
    assert "the report beside it leads there" in done.stderr
    for words in (["report", tmp_path / "new"], ["analyze", monolith, "-o", tmp_path / "new"]):
        (tmp_path / "new" / "report.html").unlink()
        assert cli(*words).returncode == 0
        assert 'href="./progress.html"' in (tmp_path / "new" / "report.html").read_text()


def test_report_is_made_from_a_model_alone(cli, monolith, tmp_path):
    cli("analyze", monolith, "-o", tmp_path / "out", "--no-excerpts")
    first = (tmp_path / "out/report.html").read_bytes()
    done = cli("report", tmp_path / "out/model.json", "-o", tmp_path / "again.html")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.html").read_bytes() == first
    cli("analyze", monolith, "-o", tmp_path / "out")  # with source lines, for which the tree is named
    done = cli("report", tmp_path / "out", "--source", monolith, "-o", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "out/report.html").read_bytes()


def test_a_model_of_another_version_and_a_file_that_is_none_are_refused(cli, tmp_path):
    (tmp_path / "future.json").write_text('{"schema_version": 99}')
    future = cli("report", tmp_path / "future.json")
    assert future.returncode == 2
    assert "schema_version is 99" in future.stderr
    (tmp_path / "none.json").write_text("<html>")
    none = cli("report", tmp_path / "none.json")
    assert none.returncode == 2
    assert "not a strangler model" in none.stderr


def test_an_unknown_report_format_lists_the_known_ones(cli, monolith, tmp_path):
    cli("analyze", monolith, "-o", tmp_path / "out")
    done = cli("report", tmp_path / "out", "--format", "powerpoint")
    assert done.returncode == 2
    assert "html" in done.stderr


def test_a_verb_without_a_model_says_how_to_get_one(cli):
    done = cli("report")
    assert done.returncode == 2
    assert "strangler analyze" in done.stderr


def test_planning_an_unknown_context_gives_the_nearest_names(cli, monolith, tmp_path):
    cli("analyze", monolith, "-o", tmp_path / "out")
    done = cli("plan", "biling", "--model", tmp_path / "out")
    assert done.returncode == 2
    assert "billing" in done.stderr


RAW = """
def run(cursor):
    cursor.execute("UPDATE legacy_stock SET amount = 0")
    cursor.execute("DELETE FROM auth_user WHERE id = 1")
"""


LOOK = "\n\ndef look(cursor):\n    cursor.execute('SELECT * FROM auth_user')\n"
DROP = "\n\ndef drop(cursor):\n    cursor.execute('DELETE FROM legacy_stock')\n"


def test_tables_that_no_model_maps_are_guarded_as_well(cli, monolith):
    add(monolith, "shop/billing/services.py", RAW)
    add(
        monolith,
        "shop/orders/forms.py",
        "\n\ndef look(cursor):\n    cursor.execute('SELECT * FROM auth_user')\n",
    )
    assert check(cli, monolith, "--update-baseline").returncode == 0
    assert check(cli, monolith).stdout == "nothing new\n"
    add(
        monolith,
        "shop/catalog/forms.py",
        "\n\ndef drop(cursor):\n    cursor.execute('DELETE FROM legacy_stock')\n",
    )
    done = check(cli, monolith)
    assert done.returncode == 1
    assert "catalog -> billing: write legacy_stock by drop" in done.stdout


def test_a_new_table_that_no_model_maps_belongs_to_its_heaviest_user(cli, guarded):
    add(guarded, "shop/billing/services.py", RAW)
    add(
        guarded,
        "shop/orders/forms.py",
        "\n\ndef look(cursor):\n    cursor.execute('SELECT * FROM auth_user')\n",
    )
    assert "orders -> billing: read auth_user by look" in check(cli, guarded).stdout


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
def test_right_after_the_baseline_nothing_is_new_and_nothing_gone(cli, name, tmp_path):
    sample = Path(__file__).parents[2] / "fixtures" / name
    baseline = tmp_path / "baseline.json"
    assert cli("check", sample, "--baseline", baseline, "--update-baseline").returncode == 0
    first = baseline.read_bytes()
    assert cli("check", sample, "--baseline", baseline).stdout == "nothing new\n"
    assert cli("check", sample, "--baseline", baseline, "--update-baseline").returncode == 0
    assert baseline.read_bytes() == first


def test_a_check_renders_no_report_and_reads_no_model_back(monkeypatch, monolith, tmp_path):
    """What a check never shows it never makes; the report of the same run is made when it is asked for."""
    from typer.testing import CliRunner

    import strangler.model
    import strangler.reports
    from strangler.cli import app

    made = []
    rendered, loaded = strangler.reports.render, strangler.model.load
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(strangler.reports, "render", lambda *a: made.append("report") or rendered(*a))
    monkeypatch.setattr(strangler.model, "load", lambda *a: made.append("model") or loaded(*a))
    options = ["--baseline", str(tmp_path / "baseline.json"), "--jobs", "1"]
    assert CliRunner().invoke(app, ["check", str(monolith), *options, "--update-baseline"]).exit_code == 0
    assert made == []
    out = tmp_path / "out"
    assert CliRunner().invoke(app, ["analyze", str(monolith), "-o", str(out), "--jobs", "1"]).exit_code == 0
    assert made == ["model", "report"]
    assert (out / "report.html").stat().st_size > 10_000
    assert CliRunner().invoke(app, ["analyze", str(monolith), "-o", str(out), "--jobs", "1"]).exit_code == 0
    assert made == ["model", "report"]
