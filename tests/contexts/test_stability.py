"""A real history goes on: the cut stays what it was, commit for commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from helpers.monolith import replay

import strangler
from strangler.model import Model

FIXTURES = Path(__file__).parents[2] / "fixtures"
MOST = 0.02
"""Share of the other modules that may move."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample shop with its scripted history."""
    return replay("django_shop", tmp_path_factory.mktemp("replay") / "shop")


def git(tree: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=tree, check=True, capture_output=True)


def copy(shop: Path, target: Path, revision: str = "HEAD") -> Path:
    subprocess.run(["git", "clone", "-q", str(shop), str(target)], check=True, capture_output=True)
    git(target, "checkout", "-q", "--detach", revision)
    return target


@pytest.fixture(scope="module")
def today(shop: Path) -> Model:
    return strangler.analyze(shop)


def share_moved(before: Model, after: Model, *aside: str) -> float:
    """Share of the modules in both that are in another context, by its id."""
    then, now = ({m: c.id for c in model.contexts for m in c.modules} for model in (before, after))
    both = [module for module in then if module in now and module not in aside]
    return sum(then[module] != now[module] for module in both) / len(both)


def renamed(before: Model, after: Model) -> list[str]:
    """Contexts that kept four fifths of their modules and are called otherwise."""
    return [
        context.name
        for context in before.contexts
        for other in after.contexts
        if len(set(context.modules) & set(other.modules)) >= 0.8 * len(context.modules)
        and context.name != other.name
    ]


def test_twenty_commits_move_next_to_nothing_and_rename_nothing(
    shop: Path, today: Model, tmp_path: Path
) -> None:
    before = strangler.analyze(copy(shop, tmp_path / "tree", "HEAD~20"))
    after = strangler.analyze(shop, prior=before)
    assert share_moved(before, after) <= MOST
    assert not renamed(before, after)


def test_a_file_with_a_comment_and_a_file_that_is_moved_move_no_other(
    shop: Path, today: Model, tmp_path: Path
) -> None:
    tree = copy(shop, tmp_path / "tree")
    (tree / "shop/orders/notes.py").write_text("# nothing\n")
    noted = strangler.analyze(tree, prior=today)
    assert share_moved(today, noted) == 0
    assert [row.module for row in noted.continuity.placed] == ["shop.orders.notes"]
    git(tree, "mv", "shop/orders/cart.py", "shop/billing/cart.py")
    git(tree, "commit", "-qm", "the cart goes to billing")
    moved = strangler.analyze(tree, prior=today)
    assert share_moved(today, moved) <= MOST
    assert not renamed(today, moved)
    assert ("shop.orders.cart", "shop.billing.cart") in moved.continuity.renamed


def test_a_shorter_history_moves_next_to_nothing(shop: Path, today: Model) -> None:
    from strangler.config import Config, HistoryConfig

    short = Config(history=HistoryConfig(since="1 year"))
    assert share_moved(today, strangler.analyze(shop, short, prior=today)) <= MOST


def test_after_accepting_nothing_moves_whatever_happens(shop: Path, today: Model, tmp_path: Path) -> None:
    from strangler import boundaries
    from strangler.config import Config, HistoryConfig
    from strangler.contexts.drawing import Decision, draw

    tree = copy(shop, tmp_path / "tree", "HEAD~20")
    before = strangler.analyze(tree)
    said = draw(before, before.contexts, (), whole=True, decision=Decision())
    git(tree, "checkout", "-q", "--detach", "origin/HEAD")
    (tree / boundaries.FILE).write_text(boundaries.dump(said))
    (tree / "shop/orders/notes.py").write_text("# nothing\n")
    after = strangler.analyze(tree, Config(history=HistoryConfig(since="1 year")))
    assert share_moved(before, after) == 0
    assert {c.id for c in before.contexts} == {c.id for c in after.contexts if c.accepted}
