"""`strangler check` lets pass what the boundaries file allows, with a reason, for a time."""

from __future__ import annotations

import json
import tomllib
from xml.etree import ElementTree

import pytest
from cli_support import three_parts

FILE = "strangler-boundaries.toml"
CROSSING = "\n\nfrom shop.billing import models as bills\n"
ALLOW = """
# agreed in the design review
[[allow]]
from = "catalog"
to = "billing"
reason = "until prices are events"
until = 2027-03-31
owner = "@shop/catalog"
"""
ENTRIES = ALLOW + '\n[[allow]]\nfile = "shop/gone/*.py"\nreason = "long ago"\nuntil = "2026-01-31"\n'


@pytest.fixture
def guarded(cli, tree):
    """Three accepted contexts with owners, a baseline, then a new crossing from catalog to billing."""
    owners = "/shop/catalog/ @shop/catalog\n"
    root = tree(
        three_parts()
        | {"CODEOWNERS": owners, FILE: "".join(
            f'[contexts.{part}]\npackages = ["shop.{part}"]\n' for part in ("orders", "billing", "catalog")
        )}
    )  # fmt: skip
    assert cli("check", root, "--baseline", root / "baseline.json", "--update-baseline").returncode == 0
    with (root / "shop/catalog/views.py").open("a") as file:
        file.write(CROSSING)
    return root


def check(cli, root, *options):
    return cli("check", root, "--baseline", root / "baseline.json", *options)


def allow(root, text):
    with (root / FILE).open("a") as file:
        file.write(text)


def test_an_allowed_finding_passes_until_its_day_and_then_fails_again(cli, guarded):
    done = check(cli, guarded)
    assert done.returncode == 1
    assert done.stdout.startswith("@shop/catalog: 1 new-crossing\nshop/catalog/views.py:")
    allow(guarded, ENTRIES)
    line = (guarded / FILE).read_text().splitlines().index("[[allow]]") + 1
    done = check(cli, guarded, "--today", "2027-03-31")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "nothing new")
    told = f"1 finding allowed until 2027-03-31 by {FILE}:{line} (@shop/catalog): until prices are events"
    assert told in done.stdout
    assert f"{FILE}:{line + 7} allows nothing that is there: delete it" in done.stdout
    done = check(cli, guarded, "--today", "2027-04-01")
    assert done.returncode == 1
    assert "(allowed until 2027-03-31: until prices are events)" in done.stdout
    assert f"{FILE}:{line} ended on 2027-03-31" in done.stdout


def test_every_form_says_what_passes_and_whose_it_is(cli, guarded):
    allow(guarded, ENTRIES)
    now, late = ("--today", "2027-01-01"), ("--today", "2028-01-01")
    found = json.loads(check(cli, guarded, *now, "--format", "json").stdout)
    assert (found["findings"], len(found["allowed"]), len(found["unused"]), found["expired"]) == (
        [],
        1,
        1,
        [],
    )
    assert found["allowed"][0]["finding"]["owners"] == ["@shop/catalog"]
    [result] = json.loads(check(cli, guarded, *now, "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["suppressions"][0]["justification"].endswith("until 2027-03-31: until prices are events")
    suite = ElementTree.fromstring(check(cli, guarded, *now, "--format", "junit").stdout.encode())
    assert (
        suite.get("failures"),
        suite.find("testsuite").get("skipped"),
        len(suite.findall(".//skipped")),
    ) == ("0", "1", 1)
    text = check(cli, guarded, *late, "--format", "github").stdout
    assert "(@shop/catalog)\n" in text
    assert text.count("::warning title=allowance::") == 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('reason = "x"\nuntil = 2027-01-01', "it lets everything pass"),
        ('from = "catalog"\nuntil = 2027-01-01', "say why it may pass"),
        ('from = "catalog"\nreason = "x"', "say until when it may pass"),
        ('from = "catalog"\nreason = "x"\nuntil = "soon"', "say until when it may pass"),
        ('form = "catalog"\nreason = "x"', "unknown key 'form'; did you mean 'from'"),
        ('rule = "new-crosing"\nreason = "x"\nuntil = 2027-01-01', "no rule 'new-crosing'; did you mean"),
        ("from = 3", "from must be a text"),
    ],
)
def test_an_entry_that_cannot_hold_is_told_with_its_line(cli, guarded, entry, said):
    allow(guarded, f"\n[[allow]]\n{entry}\n")
    done = check(cli, guarded)
    assert done.returncode == 2
    assert f"{FILE}:8: {said}" in done.stderr
    assert check(cli, guarded, "--today", "tomorrow").returncode == 2


def test_accept_keeps_the_entries_with_their_comments(cli, guarded, tmp_path):
    allow(guarded, ENTRIES)
    before = tomllib.loads((guarded / FILE).read_text())["allow"]
    assert cli("analyze", guarded, "-o", tmp_path / "out", "-q").returncode == 0
    done = cli("accept", "--model", tmp_path / "out", "--source", guarded)
    assert done.returncode == 0, done.stderr
    text = (guarded / FILE).read_text()
    assert tomllib.loads(text)["allow"] == before
    assert "# agreed in the design review\n[[allow]]\n" in text
