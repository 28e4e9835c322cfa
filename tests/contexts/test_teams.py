"""Who owns and who changes each context."""

from __future__ import annotations

from strangler.contexts.teams import context_teams, team_couplings
from strangler.model import Changes, Commit, ModuleOwners, Ownership, TeamCoupling

WHERE = {"a.one": "a", "a.two": "a", "b.one": "b", "b.two": "b"}


def ownership(**owners: str) -> Ownership:
    rows = (
        ModuleOwners(module=name.replace("_", "."), owners=tuple(teams.split()), line=1)
        for name, teams in owners.items()
    )
    return Ownership(file="CODEOWNERS", modules=tuple(rows))


def history(*commits: tuple[int, str]) -> Changes:
    log = tuple(
        Commit(sha=f"{n:040x}", time=n, subject="", modules=tuple(modules.split()), author=author)
        for n, (author, modules) in enumerate(commits)
    )
    return Changes(commits=len(log), log=log)


def test_a_context_has_its_teams_with_modules_and_commits_and_what_nobody_owns() -> None:
    owned = ownership(a_one="@x", a_two="@x @y", b_one="@y", out_side="@z")
    changes = history((1, "a.one"), (1, "a.one a.two"), (2, "a.two b.one"), (0, "b.two"))
    a, b = context_teams(owned, changes, WHERE)
    assert [(s.team, s.modules, s.commits) for s in a.teams] == [("@x", 2, 3), ("@y", 1, 2)]
    assert (a.unowned, a.authors, a.main_share) == (0, 2, round(2 / 3, 4))
    assert [(s.team, s.modules, s.commits) for s in b.teams] == [("@y", 1, 1)]
    assert (b.unowned, b.authors, b.main_share) == (1, 1, 0.5)  # one commit is of nobody that is known


def test_without_owners_people_are_counted_alone_and_without_history_nobody() -> None:
    a, b = context_teams(Ownership(), history((1, "a.one")), WHERE)
    assert (a.teams, a.unowned, a.authors, a.main_share) == ((), 2, 1, 1.0)
    assert (b.authors, b.main_share) == (0, None)


def test_teams_are_coupled_by_commits_to_what_each_owns_without_the_other() -> None:
    owned = ownership(a_one="@x", a_two="@x @y", b_one="@y")
    shared_alone, both, few = (1, "a.two"), (1, "a.one b.one"), (1, "a.one a.two")
    assert team_couplings(owned, history(*[shared_alone] * 5, *[few] * 5, *[both] * 2)) == ()
    assert team_couplings(owned, history(*[shared_alone] * 5, *[both] * 3)) == (
        TeamCoupling(a="@x", b="@y", commits=3),
    )
