"""Links to lines from the address of a remote; the address is hostile text."""

from __future__ import annotations

import pytest
from helpers.repository import GitRepository
from hypothesis import given
from hypothesis import strategies as st

from strangler import pipeline
from strangler.config import Config
from strangler.reports import ReportOptions, render
from strangler.sources.forges import FORGES, source_url

GITHUB = "https://github.com/org/shop/blob/{revision}/{path}#L{line}"


@pytest.mark.parametrize(
    ("remote", "template"),
    [
        ("https://github.com/org/shop", GITHUB),
        ("https://github.com/org/shop.git\n", GITHUB),
        ("https://ada:secret@github.com/org/shop.git", GITHUB),
        ("git@github.com:org/shop.git", GITHUB),
        ("ssh://git@github.com:22/org/shop/", GITHUB),
        (
            "git@gitlab.com:group/sub/shop.git",
            "https://gitlab.com/group/sub/shop/-/blob/{revision}/{path}#L{line}",
        ),
        (
            "https://bitbucket.org/org/shop",
            "https://bitbucket.org/org/shop/src/{revision}/{path}#lines-{line}",
        ),
        (
            "https://codeberg.org/org/shop",
            "https://codeberg.org/org/shop/src/commit/{revision}/{path}#L{line}",
        ),
    ],
)
def test_a_known_forge_gives_links_without_the_name_or_password(remote: str, template: str) -> None:
    assert source_url(remote) == template


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "../shop",
        "https://github.com@evil.example/org/shop",
        "https://github.com.evil.example/org/shop",
        "https://evil.example/github.com/shop",
        "https://github.com/../shop",
        "https://github.com/{path}/shop",
        "https://github.com/org/shop?x=1",
        "https://github.com/org/shop/" + "a/" * 600,
        "ext::sh -c touch%20/tmp/x",
    ],
)
def test_another_host_or_an_odd_address_gives_none(remote: str) -> None:
    assert source_url(remote) == ""


@given(st.text(), st.sampled_from(sorted(FORGES)), st.text())
def test_no_address_leads_to_a_host_that_is_not_known(before: str, host: str, after: str) -> None:
    found = source_url(f"{before}{host}{after}")
    assert found == "" or found.split("/")[2] in FORGES
    ReportOptions(source_url=found or None)


def test_the_report_links_to_the_forge_of_origin_and_below_the_folder_that_was_analysed(tmp_path) -> None:
    repository = GitRepository(tmp_path / "repo")
    files = {"back end/shop/a.py": "from shop import b\n", "back end/shop/b.py": "x = 1\n"}
    sha = repository.commit(files, "one")
    repository.git("remote", "add", "origin", "git@github.com:org/shop.git")
    tree = pipeline.scan(tmp_path / "repo" / "back end", Config())
    model = pipeline.analyze(tree, Config(), jobs=1, cached=False)
    expected = "https://github.com/org/shop/blob/{revision}/back%20end/{path}#L{line}"
    assert model.monolith.source_url == expected
    link = ReportOptions(source_url=expected).link(model.monolith.revision, "shop/a.py", 1)
    assert link == f"https://github.com/org/shop/blob/{sha}/back%20end/shop/a.py#L1"
    assert (
        render(model, "html")["report.html"]
        == render(model, "html", ReportOptions(source_url=expected))["report.html"]
    )
