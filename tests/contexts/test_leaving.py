"""When the verdict is to leave a system whole, and what it says then."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import context, model_of

from strangler.commands.summary import summarise
from strangler.contexts.leaving import Packages
from strangler.contexts.ranking import rank_contexts
from strangler.contexts.reasons import reasons
from strangler.model import BoundedContext, Endpoint, Model, Table
from strangler.model.contexts import Domain
from strangler.reports.index import Index
from strangler.reports.markdown import files
from strangler.reports.options import ReportOptions
from strangler.reports.story import Story, story
from strangler.reports.verdict import verdict

CORE = tuple(f"site.core.m{n}" for n in range(40))
USERS = (
    "site.models.users",
    "site.rpc.users",
    "site.utils.users",
    "site.views.users.login",
    "site.views.users.reset",
)
LAYERS = tuple(f"site.{layer}.tables" for layer in ("models", "rpc", "utils"))
STAYS = context("core", *CORE, *LAYERS, tables=("core_row", "core_cell"))
HEADLINE = (
    "Leave it whole: the one part that could leave, users, is no package of its own and as likely wrong as "
    "right (45 % sure)."
)


def users(*modules: str, name: str = "users", confidence: float = 0.45, **fields: object) -> BoundedContext:
    return context(name, *(modules or USERS), tables=(f"{name}_row",), confidence=confidence, **fields)


def system(*parts: BoundedContext, stays: BoundedContext = STAYS, read: bool = True) -> Model:
    contexts = (stays, *parts)
    tables = [
        Table(name=t, model=None, framework="django", path="", line=1) for c in contexts for t in c.tables
    ]
    endpoints = [
        Endpoint(
            path="/",
            methods=None,
            handler=f"{c.modules[0]}.show",
            framework="django",
            pattern="/",
            regex="/",
            name=None,
            file="",
            line=1,
            order=0,
        )
        for c in contexts
    ]
    if not read:
        contexts = tuple(msgspec.structs.replace(c, tables=()) for c in contexts)
        tables = []
    return model_of(*contexts, tables=tuple(tables), endpoints=tuple(endpoints))


def told(model: Model) -> tuple[str, Story]:
    index = Index(model)
    judged = verdict(model, index)
    return judged.outcome, story(model, index, judged)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_part_that_nothing_carries_is_left_and_every_report_says_why_with_its_figures() -> None:
    model = system(users())
    outcome, said = told(model)
    assert outcome == "leave"
    assert plain(said.headline) == HEADLINE
    assert said.lead.startswith("5 of 48 modules, 1 table and 1 entry point could leave; the rest would stay")
    assert said.why == "Why to leave it whole"
    assert [plain(reason.text) for reason in said.reasons] == [
        "users is 45 % sure: of the modules in parts as unsure as that about half belonged elsewhere, in the "
        "splits of real teams by which this is calibrated",
        "No package is mostly users and holds half of it: the one that comes nearest has 2 of its 5 modules",
        "0 places would have to be cut to take users out, and 0 ties in the data",
    ]
    assert said.obstacles == ()
    assert said.clear == ""
    assert HEADLINE in plain(summarise(model, verdict(model, Index(model))))
    (page,) = files(model, ReportOptions()).values()
    assert HEADLINE.replace("users", "`users`") in plain(page.decode()) or HEADLINE in plain(page.decode())
    own, *_ = (c for c in rank_contexts(model) if c.context == "users")
    assert any(
        "no package of its own (2 of its 5 modules" in text for text in reasons(own, rank_contexts(model))
    )


CARRIED = {
    "it is more likely right than wrong": users(confidence=0.5),
    "it is a package": users(*(f"site.users.m{n}" for n in range(5))),
    "a package that is its own holds half of it": users(*USERS[2:], "site.views.users.ask"),
    "it was decided": users(accepted=True),
}


@pytest.mark.parametrize("part", CARRIED.values(), ids=CARRIED)
def test_a_part_is_no_reason_to_leave_it_whole_if(part: BoundedContext) -> None:
    outcome, said = told(system(part))
    assert outcome in ("ready", "prepare", "far")
    assert "Leave it whole" not in said.headline


def test_one_part_that_is_carried_is_enough() -> None:
    mail = users(*(f"site.mail.m{n}" for n in range(5)), name="mail")
    assert told(system(users(), mail))[0] != "leave"


def test_of_several_parts_that_nothing_carries_the_surest_is_named() -> None:
    other = users("site.models.wiki", "site.rpc.wiki", "site.utils.wiki", name="wiki", confidence=0.41)
    outcome, said = told(system(users(), other))
    assert outcome == "leave"
    assert "none of the 2 parts that could leave" in said.headline
    assert "(the surest, users: 45 % sure)" in plain(said.headline)
    assert said.lead.startswith("8 of 51 modules, 2 tables and 2 entry points could leave")


def test_where_nothing_could_be_a_service_what_stays_is_named() -> None:
    model = system(context("web", *USERS, kind="layer"))
    outcome, said = told(model)
    assert outcome == "leave"
    assert said.headline == "Leave it whole: nothing that was found could be a service."
    assert [reason.text for reason in said.reasons] == [
        "core is what stays: 43 modules, 2 tables and 1 entry point"
    ]


def test_what_is_to_be_divided_first_or_was_not_read_is_no_reason_to_leave_it_whole() -> None:
    mixed = users(domains=(Domain(name="a", tables=("x",)), Domain(name="b", tables=("y",))))
    assert told(system(mixed))[0] == "no_candidate"
    assert told(system(users(), read=False))[0] != "leave"


def test_the_package_that_is_its_own_is_not_that_of_the_system_nor_one_that_is_mostly_of_others() -> None:
    mail = [f"site.mail.m{n}" for n in range(9)]
    shop = [f"site.shop.m{n}" for n in range(9)]
    packages = Packages((*mail, *shop, *USERS))
    assert packages.own(USERS) == 2
    assert packages.own((*mail, *USERS)) == 9
    assert packages.own(mail[:4]) == 0
    assert packages.own(mail[:5]) == 5
    assert packages.own((*mail, *shop)) == 9
    assert packages.own(()) == 0
