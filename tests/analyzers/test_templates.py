"""The variables and tags of a template."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from strangler.analyzers.frameworks.templates import Templates
from strangler.sources import scan


def tokens(place: Path, text: str) -> list[tuple[str, str]]:
    (place / "shop" / "templates").mkdir(parents=True)
    (place / "shop" / "a.py").write_text("")
    (place / "shop" / "templates" / "a.html").write_text(text)
    found = Templates(scan(place)).tokens("shop/templates/a.html")
    return [(token.tag, token.text) for token in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ order.total }}", [("", "order.total")]),
        ("{{order.total|floatformat:2}}", [("", "order.total|floatformat:2")]),
        ("{% for row in order.rows %}{{ row.name }}{% endfor %}",
         [("for", "row in order.rows"), ("", "row.name"), ("endfor", "")]),
        ("{%- include 'b.html' -%}", [("include", "'b.html'")]),
        ("{% if order.open\n and order.rows %}", [("if", "order.open\n and order.rows")]),
        ("{{ {'a': order.b} }}{{ order.c }}", [("", "order.c")]),
        ("{{ order.a {{ order.b }}", [("", "order.a {{ order.b")]),
        ("{{ order.a", []),
        ("{% %}{% with a=order.b %}{{ order.c", [("with", "a=order.b")]),
        ("{{ order.a %} {% if order.b %}", [("if", "order.b")]),
        ("{# {{ a }} #} text }} %}", [("", "a")]),
    ],
)  # fmt: skip
def test_what_a_template_shows_and_asks_for(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    assert tokens(tmp_path, text) == found


def test_openings_without_an_end_cost_no_more_than_their_text(tmp_path: Path) -> None:
    start = time.process_time()
    assert tokens(tmp_path, "{{ {% a " * 120_000) == []
    assert time.process_time() - start < 10
