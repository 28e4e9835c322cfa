"""What is only a piece of a domain, and where it goes."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith

from strangler.contexts import crumbs, views
from strangler.contexts.graph import adjacency
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Table

USERS = tuple(f"shop.user.m{n}" for n in range(5))
VIDEO = tuple(f"shop.video.m{n}" for n in range(5))


@pytest.mark.parametrize(
    ("size", "tables", "fixed", "home"),
    [
        (3, 1, False, "user"),
        (4, 1, False, "mail"),  # more than a piece
        (3, 0, False, "mail"),  # without a table nothing says that it is one of a domain
        (3, 2, False, "mail"),
        (3, 1, True, "mail"),
    ],
)
def test_a_few_modules_around_one_table_join_what_they_are_tied_to_most(
    size: int, tables: int, fixed: bool, home: str
) -> None:
    mail = tuple(f"shop.mail.m{n}" for n in range(size))
    declared = [
        Table(name=f"t{n}", model=f"{mail[n]}.Mail", framework="django", path="", line=1)
        for n in range(tables)
    ]
    system = monolith([module(name) for name in (*USERS, *VIDEO, *mail)], tables=tuple(declared))
    land = views.build(system, Changes(), ContextSettings())
    parts = [one.name.split(".")[1] for one in land.modules]
    names = sorted(set(parts))
    labels = [names.index(part) for part in parts]
    at = land.index
    edges = {
        (at[f"shop.{part}.m0"], at[f"shop.{part}.m{n}"]): 1.0
        for part in ("user", "video")
        for n in range(1, 5)
    }
    ties = {(at[mail[0]], at[USERS[1]]): 2.0, (at[mail[1]], at[VIDEO[1]]): 1.0}
    near = adjacency(land.size, edges | ties)
    after = crumbs.fold(land, near, labels, {at[mail[0]]} if fixed else ())
    assert {names[after[at[name]]] for name in mail} == {home}
    assert [label for label, part in zip(after, parts, strict=True) if part != "mail"] == [
        label for label, part in zip(labels, parts, strict=True) if part != "mail"
    ]
