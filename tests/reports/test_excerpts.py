"""Source lines in the report: where they come from, what they leave out, and how they are read."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from report_page import Opened
from typer.testing import CliRunner

from strangler.cli import app
from strangler.commands.trees import text_of
from strangler.contracts.http.suite import contract
from strangler.model import Model
from strangler.reports.excerpts import MOST_CHARACTERS, excerpts
from strangler.secrets import EMAIL, hidden_in_code


def numbered(path: str) -> str:
    """A file whose lines say where they stand."""
    return "".join(f"call({n}, '{path}')\n" for n in range(1, 401))


def carried(page: bytes) -> dict[str, Any]:
    """The source lines in a page."""
    found = re.search(rb'id="data-source">([^<]*)<', page)
    assert found
    lines: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return lines


def joined(lines: dict[str, Any]) -> str:
    return "\n".join(line for runs in lines.values() for _, run in runs for line in run)


def test_a_place_opens_its_line_with_two_lines_around(
    open_report: Callable[..., Opened], shop: Model
) -> None:
    crossing = next(c for c in shop.crossings if c.kind == "write" and c.evidence[0].line > 3)
    place = crossing.evidence[0]
    opened = open_report(shop, excerpts=excerpts(shop, numbered))
    page = opened.go(f"#/map?e=crossings~{crossing.source}~{crossing.target}")
    item = page.locator("#drawer .places li").filter(has_text=f"{place.file}:{place.line}").first
    assert item.locator("summary").inner_text() == f"call({place.line}, '{place.file}')"
    item.locator("summary").click()
    shown = item.locator("pre").inner_text().split("\n")
    around = range(place.line - 2, place.line + 3)
    assert [line for line in shown if line] == [f"{n}call({n}, '{place.file}')" for n in around]
    assert item.locator("pre .at").inner_text().startswith(str(place.line))
    opened.check()


def test_a_message_of_the_diagnostics_opens_its_line(open_report: Callable[..., Opened], shop: Model) -> None:
    remark = next(d for d in shop.diagnostics if d.line)
    opened = open_report(shop, excerpts=excerpts(shop, numbered))
    page = opened.go("#/diagnostics")
    page.locator("a.place", has_text=f"{remark.file}:{remark.line}").last.click()
    page.wait_for_selector("#drawer:not([hidden])")
    assert f"call({remark.line}, " in page.locator("#drawer pre .at").inner_text()
    assert remark.message[:40] in page.locator("#drawer").inner_text()
    opened.check()


def test_source_lines_of_an_attacker_are_text(open_report: Callable[..., Opened], shop: Model) -> None:
    attack = "</script><img src=x onerror='window.hacked=1'> \u202egnp.exe \x01 ]]> ${window.hacked=2}\n"
    opened = open_report(shop, excerpts=excerpts(shop, lambda path: attack * 400))
    crossing = next(c for c in shop.crossings if c.kind == "write")
    page = opened.go(f"#/map?e=crossings~{crossing.source}~{crossing.target}")
    page.locator("#drawer summary code").first.click()
    text = page.locator("#drawer pre").first.inner_text()
    assert "<img src=x" in text
    assert "⟨U+202E⟩" in text
    assert page.locator("#drawer img").count() == 0
    opened.check()


def test_the_source_lines_of_a_page_are_bounded_and_the_hardest_crossings_come_first(shop: Model) -> None:
    wide = "x" * 150 + "\n"
    lines = excerpts(shop, lambda path: wide * 400)
    assert sum(len(line) + 1 for runs in lines.values() for _, run in runs for line in run) <= MOST_CHARACTERS
    longest = excerpts(shop, lambda path: ("y" * 100_000 + "\n") * 3)
    assert all(len(line) <= 160 for runs in longest.values() for _, run in runs for line in run)


def test_what_cannot_be_read_has_no_lines(shop: Model) -> None:
    def gone(path: str) -> bytes:
        raise OSError(path)

    assert excerpts(shop, partial(text_of, gone)) == {}
    assert excerpts(shop, partial(text_of, lambda path: b"\0\xff\xfe")) == {}


@pytest.mark.parametrize(
    "line",
    [
        'PASSWORD = "hunter2-or-so"',
        "SECRET_KEY: str = 'hunter2-or-so'",
        'os.environ.setdefault("API_TOKEN", "hunter2-or-so")',
        'connect(user="shop", password=env("PW", default="hunter2-or-so"))',
        'API_KEY = (\n    "hunter2-or-so"\n)',
        'url = "postgres://shop:hunter2-or-so@db/shop"',
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2-or-so\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_lines_that_look_like_credentials_are_masked(shop: Model, line: str) -> None:
    assert "hunter2" not in hidden_in_code(line)
    assert hidden_in_code(line).count("\n") == line.count("\n")
    file = "\n".join([line] * 300)
    lines = excerpts(shop, lambda path: file)
    assert lines
    assert "hunter2" not in joined(dict(lines))


@pytest.mark.parametrize(
    "line",
    [
        'Order.objects.filter(state="shipped")',
        'return render(request, "account/token_list.html", {"orders": orders})',
        'session.execute(text("select 1 from orders"))',
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert hidden_in_code(line) == line


def test_the_report_ships_source_lines_unless_told_not_to(tmp_path: Path) -> None:
    tree = tmp_path / "shop"
    tree.mkdir()
    (tree / "a.py").write_text("x = 1\n")
    (tree / "b.py").write_text("# before\nimport a\nprint(a.x)\n")
    (tree / "strangler.toml").write_text('roots = [""]\n')
    pages = {}
    for name, more in (
        ("with", []),
        ("without", ["--no-excerpts"]),
        ("setting", ["--config", "excerpts=false"]),
    ):
        output = tmp_path / name
        command = [
            "analyze",
            str(tree),
            "--output",
            str(output),
            "--no-cache",
            "--quiet",
            "--exit-zero",
            *more,
        ]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        pages[name] = carried((output / "report.html").read_bytes())
    assert "import a" in joined(pages["with"])
    assert pages["without"] == pages["setting"] == {}
    again = tmp_path / "again.html"
    model = str(tmp_path / "with" / "model.json")
    for more, found in (([], False), (["--source", str(tree)], True)):
        result = CliRunner().invoke(app, ["report", model, "--output", str(again), "--quiet", *more])
        assert result.exit_code == 0, result.output
        assert ("import a" in joined(carried(again.read_bytes()))) is found


def test_an_address_is_known_by_what_the_recorded_suites_know_it_by() -> None:
    assert contract.EMAIL.pattern == EMAIL
