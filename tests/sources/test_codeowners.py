"""Which team owns a file, by the documented rules of GitHub and GitLab."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler.sources import codeowners

GITHUB = """\
# the examples of GitHub's documentation
*       @global-owner1 @global-owner2
*.js    @js-owner #an inline comment
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/scripts/ @doctocat @octocat
**/logs @loggers
/apps/github
src/deep/*.py @deep
with\\ space.py @space
"""
GITLAB = """\
* @everybody
README.md @docs
internal/README.md @inside
/config/ @ops
/docs/*.md @writers
[Backend] @backend
*.py
/app/**/api.py @api
^[Database][2] @dba
/app/models/
!/app/models/legacy.py
[backend]
special.py @special
"""


def owned(text: str, path: str, *, gitlab: bool = False) -> str:
    rules, _ = codeowners.parse(text, gitlab=gitlab)
    return " ".join(codeowners.owners_of(rules, path)[0])


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.py", "@global-owner1 @global-owner2"),
        ("x/y/a.js", "@js-owner"),
        ("build/logs/a/b.py", "@loggers"),  # a later line wins
        ("deep/build/logs/a.py", "@loggers"),
        ("build/a.py", "@global-owner1 @global-owner2"),
        ("docs/a.py", "docs@example.com"),
        ("docs/a/b.py", "@global-owner1 @global-owner2"),
        ("apps/a/b.py", "@octocat"),
        ("x/apps/a.py", "@octocat"),
        ("apps/github/a.py", ""),  # its owners are taken away
        ("scripts/a.py", "@doctocat @octocat"),
        ("src/deep/a.py", "@deep"),
        ("x/src/deep/a.py", "@global-owner1 @global-owner2"),
        ("x/with space.py", "@space"),
    ],
)
def test_at_github_the_last_line_that_matches_wins(path: str, owners: str) -> None:
    assert owned(GITHUB, path) == owners


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.txt", "@everybody"),
        ("x/README.md", "@docs"),
        ("x/internal/README.md", "@inside"),
        ("config/a/b.txt", "@ops"),
        ("docs/a.md", "@writers"),
        ("docs/x/a.md", "@everybody"),
        ("a.py", "@everybody @backend"),
        ("app/x/y/api.py", "@everybody @api"),
        ("app/models/a.py", "@everybody @backend @dba"),
        ("app/models/legacy.py", "@everybody @backend"),
        ("x/special.py", "@everybody @special"),  # a section goes on where its name comes again
    ],
)
def test_at_gitlab_each_section_has_a_say_and_its_own_default(path: str, owners: str) -> None:
    assert owned(GITLAB, path) == owners
    assert owned("* @a\ndocs/x.py @b", "y/docs/x.py", gitlab=True) == "@b"


def test_lines_that_neither_forge_knows_are_told_and_hostile_ones_cost_little(tmp_path: Path) -> None:
    stars = "*a" * 190
    text = (
        f"!a.py @x\n[ab].py @y\n{'x' * 500} @z\n/{stars}b @w\n{'**/' * 130}x @v\n"
        + "\\\n" * 3
        + "*.py @team\n"
    )
    rules, unread = codeowners.parse(text)
    assert unread == [1, 2, 3, 6, 7, 8]
    assert codeowners.owners_of(rules, "a" * 4000)[0] == ()
    assert codeowners.owners_of(rules, "/".join("a" * 1000) + ".py")[0] == ("@team",)
    many, beyond = codeowners.parse("a.py @b\n" * 3000)
    assert (len(many), beyond[0]) == (codeowners.MOST_RULES, codeowners.MOST_RULES + 1)
    found, remarks = codeowners.ownership("CODEOWNERS", text, [("shop.a", "shop/a.py"), ("b", "b/b.txt")])
    assert [(row.module, row.owners, row.line) for row in found.modules] == [("shop.a", ("@team",), 9)]
    assert [(row.code, row.file, row.line) for row in remarks] == [("owners-unread", "CODEOWNERS", 1)]


def test_the_first_place_counts_and_a_link_out_of_the_tree_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("* @secret")
    tree = tmp_path / "tree"
    (tree / "docs").mkdir(parents=True)
    (tree / ".github").mkdir()
    assert codeowners.find(tree) == ""
    (tree / "docs/CODEOWNERS").write_text("* @docs")
    (tree / ".github/CODEOWNERS").symlink_to(tmp_path / "secret")
    assert codeowners.find(tree) == "docs/CODEOWNERS"
    (tree / ".github/CODEOWNERS").unlink()
    (tree / ".github/CODEOWNERS").write_text("* @first")
    assert codeowners.find(tree) == ".github/CODEOWNERS"
