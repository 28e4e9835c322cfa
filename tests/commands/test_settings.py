"""Configuration: where it is read from, and what a mistake in it gives."""

import pytest


def test_settings_come_from_pyproject(cli, shop):
    (shop / "pyproject.toml").write_text('[tool.strangler.history]\nsince = "1 year"\n')
    assert 'history.since = "1 year"' in cli("analyze", shop, "--show-settings").stdout


def test_strangler_toml_wins_over_pyproject(cli, shop):
    (shop / "pyproject.toml").write_text('[tool.strangler.history]\nsince = "1 year"\n')
    (shop / "strangler.toml").write_text('[history]\nsince = "2 years"\n')
    assert 'history.since = "2 years"' in cli("analyze", shop, "--show-settings").stdout


def test_isolated_ignores_the_files_of_the_tree(cli, shop):
    (shop / "strangler.toml").write_text('[history]\nsince = "2 years"\n')
    assert "2 years" not in cli("analyze", shop, "--show-settings", "--isolated").stdout


def test_config_takes_a_file_and_single_settings(cli, shop, tmp_path):
    (tmp_path / "mine.toml").write_text("[history]\nmax-files = 9\n")
    options = ("--config", tmp_path / "mine.toml", "--config", "history.since=2024-01-31")
    shown = cli("analyze", shop, "--show-settings", *options).stdout
    assert "history.max-files = 9" in shown
    assert 'history.since = "2024-01-31"' in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[histroy]\nsince = '1 year'\n", ("histroy", "did you mean 'history'")),
        ("[history]\nmaxfiles = 3\n", ("history.maxfiles", "did you mean 'max-files'")),
        ("[history]\nmax-files = 1\n", ("history.max-files must be at least 2",)),
        ("[contexts]\ncount = 0\n", ("contexts.count must be at least 1",)),
        ("[check]\nmin-resolved = 1.01\n", ("check.min-resolved must lie between 0 and 1",)),
        ("[history]\nmax-files = 'many'\n", ("history.max-files", "int")),
        ("[check]\nmin-resolved = 90\n", ("check.min-resolved", "between 0 and 1")),
        ("source-url = 'javascript:alert(1)'\n", ("source-url", "https://")),
        ("source-url = 'https://h/{revision}'\n", ("source-url must contain {path}",)),
        ("source-url = 'https://[h/{path}'\n", ("source-url is no address",)),
        ("exclude = [", ("strangler.toml", "TOML")),
    ],
)
def test_a_mistake_in_the_configuration_is_explained(cli, shop, text, words):
    (shop / "strangler.toml").write_text(text)
    done = cli("analyze", shop)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_all_unknown_keys_are_named_at_once(cli, shop):
    (shop / "strangler.toml").write_text("one = 1\ntwo = 2\n")
    done = cli("analyze", shop)
    assert "'one'" in done.stderr
    assert "'two'" in done.stderr


def test_a_broken_pyproject_of_the_analysed_code_is_not_our_configuration(cli, shop):
    (shop / "pyproject.toml").write_text("this is not TOML")
    assert cli("analyze", shop).returncode == 0


def test_init_writes_a_configuration_that_analyze_accepts(cli, shop):
    assert cli("init", shop).returncode == 0
    assert cli("analyze", shop).returncode == 0
    again = cli("init", shop)
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_every_line_of_the_written_configuration_is_a_known_setting(cli, shop):
    cli("init", shop)
    target = shop / "strangler.toml"
    lines = target.read_text().splitlines()[3:]
    target.write_text("\n".join(line.removeprefix("# ") for line in lines))
    done = cli("analyze", shop, "--show-settings")
    assert done.returncode == 0, done.stderr
    assert 'contexts.pin.billing = ["shop.billing","shop.tax","table:orders_invoice"]' in done.stdout


def test_an_unknown_verb_or_option_gives_the_nearest_name(cli, shop):
    verb = cli("analyse", shop)
    assert verb.returncode == 2
    assert "analyze" in verb.stderr
    option = cli("analyze", shop, "--outptu", "x")
    assert option.returncode == 2
    assert "--output" in option.stderr
    for given, told in (
        ("foo=1", "--config foo=1: unknown key 'foo'; known here: "),
        ("histroy.since=all", "--config histroy.since=all: unknown key 'histroy'; did you mean 'history'?"),
    ):
        done = cli("analyze", shop, "--config", given)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    form = cli("check", shop, "--format", "srif")
    assert "'--format': 'srif' is not one of 'text'," in form.stderr
