"""The order of extraction: what comes first, what is none, and the figures that say why."""

from __future__ import annotations

import msgspec
import pytest
from helpers.planted import planted
from helpers.systems import access, candidate, context, model_of, use
from hypothesis import given
from hypothesis import strategies as st

from strangler.contexts.figures import togetherness
from strangler.contexts.ranking import CRITERIA, Candidate, rank, rank_contexts
from strangler.contexts.reasons import behind, precedence, reasons, standing, strengths, weaknesses
from strangler.model import (
    BoundedContext,
    Changes,
    Command,
    Commit,
    Endpoint,
    ForeignKey,
    Import,
    Table,
    Task,
)


def test_what_the_history_does_not_tell_stands_in_the_middle():
    never, unknown, always = (
        candidate(name, independence=share) for name, share in (("a", 0.0), ("b", None), ("c", 1.0))
    )
    assert [c.context for c in rank([never, unknown, always])] == ["c", "b", "a"]


def test_a_context_without_tables_follows_all_that_have_some():
    easy = candidate("easy", tables=0)
    hard = candidate("hard", places_in={"write": 50, "call": 90})
    assert [c.context for c in rank([easy, hard])] == ["hard", "easy"]
    assert "owns no table: after all that do" in reasons(easy, [easy, hard])


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_every_position_has_its_figures(name):
    ranked = rank_contexts(planted(name))
    for one in ranked:
        told = reasons(one, ranked)
        assert told
        if not one.excluded:
            place, of = standing(one, ranked, "to_cut")
            assert 1 <= place <= of
            assert told[0].startswith(f"{one.places:,} places")


def of(name: str, modules: int, **fields: object) -> BoundedContext:
    return context(name, *(f"{name}.m{n}" for n in range(modules)), **fields)


def test_equal_values_share_a_position_and_decide_nothing():
    found = rank([candidate("b"), candidate("a"), candidate("c", places_in={"call": 9})])
    assert [c.context for c in found] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"places_in": {"call": 4}}, {"places_in": {"call": 5}}),
        ({"places_out": {"read": 4}}, {"places_out": {"read": 5}}),
        ({"places_in": {"import": 9}, "modules": 10}, {"places_in": {"import": 10}, "modules": 40}),
        ({"transactions": 1}, {"transactions": 2}),
        ({"places_out": {"write": 1}}, {"places_out": {"write": 2}}),
        ({"places_in": {"foreign_key": 1}}, {"places_in": {"foreign_key": 2}}),
        ({"independence": 0.6}, {"independence": 0.5}),
        ({"confidence": 0.6}, {"confidence": 0.5}),
    ],
)
def test_each_criterion_alone_decides(better: dict[str, object], worse: dict[str, object]):
    """The better one has the later name, so that only the figures can put it first."""
    found = rank([candidate("a", **worse), candidate("b", **better)])
    assert [c.context for c in found] == ["b", "a"]


def test_places_count_by_the_work_that_they_are():
    one = candidate(
        "one",
        places_in={"call": 1, "import": 2, "read": 4, "write": 8, "signal": 16},
        places_out={
            "task": 32,
            "template": 64,
            "inheritance": 128,
            "foreign_key": 256,
            "read": 512,
            "write": 1,
        },
        transactions=3,
    )
    assert one.ports == 1 + 2 + 16 + 32 + 64 + 128
    assert one.reads == 4 + 512
    assert one.places == one.ports + one.reads
    assert one.density == one.places / 10
    assert candidate("lone", modules=1, places_in={"call": 3}).density == 3.0
    assert one.shared_writes == 9
    assert one.foreign_keys == 256
    assert one.knots == 3 + 9 + 256


@pytest.mark.parametrize(("sure", "first"), [(0.4, "guess"), (0.39, "sure")])
def test_a_guess_follows_whatever_is_surer(sure: float, first: str):
    guess = candidate("guess", confidence=sure, independence=0.9)
    other = candidate("sure", confidence=0.41, places_in={"call": 500, "write": 9}, independence=0.1)
    assert rank([guess, other])[0].context == first


@pytest.mark.parametrize(("modules", "excluded"), [(50, ""), (51, "rest"), (2, ""), (1, "small")])
def test_a_context_of_half_the_code_or_of_hardly_any_is_no_extraction(modules: int, excluded: str):
    ranked = rank_contexts(
        model_of(of("one", modules, tables=("t",)), of("other", 100 - modules, tables=("u",)))
    )
    (found,) = [c for c in ranked if c.context == "one"]
    assert found.excluded == excluded
    assert found.modules == modules


def test_what_is_no_candidate_comes_last_and_says_why():
    ranked = rank_contexts(
        model_of(
            of("kernel", 5, kind="shared_kernel"),
            of("loose", 5, kind="unassigned"),
            of("library", 5, kind="library"),
            of("served", 5),
            of("stored", 5, tables=("t",)),
            endpoints=(endpoint("served.m0.show"), endpoint("lost.show")),
            commands=(Command(name="go", handler="served.m1.Command"),),
            tasks=(Task(name="t", handler="served.m0.work", framework="celery", line=1),),
        )
    )
    assert [(c.context, c.excluded, c.entries) for c in ranked] == [
        ("stored", "", 0),
        ("served", "", 3),
        ("kernel", "kernel", 0),
        ("loose", "unassigned", 0),
        ("library", "library", 0),
    ]
    assert reasons(ranked[-1], ranked) == ("hardly uses others and declares no table: a library",)


def endpoint(handler: str) -> Endpoint:
    return Endpoint(
        path="/", methods=None, handler=handler, framework="flask", pattern="/", regex="/", name=None,
        file="", line=1, order=0,
    )  # fmt: skip


def test_the_share_of_commits_that_touch_no_other_context():
    def commit(*modules: str) -> Commit:
        return Commit(sha="0", time=0, subject="", modules=modules)

    log = (
        commit("one.m0", "one.m1"),
        commit("one.m0", "two.m0"),
        commit("one.m0", "kernel.m0"),  # the kernel does not count
        commit("one.m0", "gone"),
        commit("kernel.m0"),
    )
    contexts = (of("one", 2), of("two", 1), of("three", 1), of("kernel", 1, kind="shared_kernel"))
    history = togetherness(model_of(*contexts, changes=Changes(log=log)))
    found = {context.name: history.independence(context.name) for context in contexts}
    assert {name: share for name, share in found.items() if share is not None} == {"one": 3 / 4, "two": 0.0}


def test_standing_counts_the_better_ones_among_those_with_a_figure():
    every = [
        candidate("a", independence=0.9),
        candidate("b", independence=0.9),
        candidate("c", independence=0.5),
        candidate("d", independence=None),
        candidate("e", independence=1.0, excluded="small"),
    ]
    assert [standing(c, every, "independence") for c in every[:4]] == [(1, 3), (1, 3), (3, 3), (1, 3)]


def test_the_reasons_hold_the_figures_and_what_weighs_before_them():
    one = candidate("one", places_in={"call": 25}, transactions=2, independence=0.25, confidence=0.5)
    better = candidate("two")
    assert reasons(one, [one, better]) == (
        "25 places to cut (2nd)",
        "2 data ties (2nd)",
        "25% of its commits touch no other context (2nd)",
        "boundary 50% sure (1st)",
    )
    guess = candidate("three", confidence=0.1, independence=None, tables=0)
    assert reasons(guess, [guess, better])[3:] == (
        "no commits of its own in the history read",
        "the boundary is hardly more than a guess: after the surer ones that lack no more",
        "as likely wrong as right, and no package of its own (0 of its 10 modules lie in one): "
        "nothing carries this boundary",
        "owns no table: after all that do",
    )
    unread = candidate("one", tables=0)
    told = reasons(unread, [unread])
    assert "no table was read: its data is not known" in told
    assert not any("data ties" in text or "owns no table" in text for text in told)
    library = candidate("two", tables=0, excluded="library")
    assert reasons(library, [unread, library])[1:] == ("no table was read: its data is not known",)
    assert reasons(library, [better, library])[1:] == ()


@pytest.mark.parametrize(
    ("places", "ordinal"),
    [(0, "1st"), (1, "2nd"), (2, "3rd"), (3, "4th"), (9, "10th"), (10, "11th"), (12, "13th"), (20, "21st")],
)
def test_positions_are_written_as_people_do(places: int, ordinal: str):
    every = [candidate(f"c{n}", places_in={"call": n}) for n in range(places + 1)]
    assert f"({ordinal})" in reasons(every[-1], every)[0]


def test_a_criterion_of_two_values_weighs_as_much_as_one_of_many():
    every = [
        candidate("a", places_in={"call": 9}),
        candidate("b", transactions=1),
        candidate("c", transactions=2),
    ]
    assert [c.context for c in rank(every)] == ["b", "a", "c"]


def test_a_boundary_of_two_fifths_is_no_guess():
    told = "the boundary is hardly more than a guess: after the surer ones that lack no more"
    assert told not in reasons(candidate("one", confidence=0.4), [])
    assert told in reasons(candidate("one", confidence=0.39), [])


def test_the_figures_of_a_candidate_are_those_of_its_crossings():
    """What uses shared code is left out where it is code: the library goes along."""
    kernel = context("kernel", "k", kind="shared_kernel", tables=("k_row",))
    model = model_of(
        context("one", "a1", "a2", tables=("t",)),
        context("two", "b"),
        context("three", "c"),
        kernel,
        calls=(use("a1", "b"), use("a2", "b"), use("a1", "k"), use("k", "a1")),
        imports=(Import(importer="b", imported="a1", line=7, kind="runtime"),),
        accesses=(access("c", "t"), access("a1", "k_row"), access("a1", "k_row", "write", line=2)),
    )
    one = next(c for c in rank_contexts(model) if c.context == "one")
    assert one.places_out == {"call": 2, "read": 1, "write": 1}
    assert one.places_in == {"import": 1, "read": 1}
    assert one.partners == ("two",)
    assert one.crossings == 7
    assert one.all_places == 8
    assert (one.places, one.knots) == (5, 1)
    bare = candidate("bare")
    assert (bare.crossings, bare.all_places, bare.transactions, bare.places, bare.knots) == (0, 0, 0, 0, 0)
    assert bare.excluded == ""


def test_a_context_with_most_of_the_tables_is_the_rest_of_the_monolith():
    tables = tuple(f"t{n}" for n in range(4))
    ranked = rank_contexts(model_of(of("one", 20, tables=tables[:3]), of("other", 20, tables=tables[3:])))
    assert {c.context: c.excluded for c in ranked} == {"one": "rest", "other": ""}


@pytest.mark.parametrize(("users", "modules", "excluded"), [(2, 20, "rest"), (1, 20, ""), (2, 15, "")])
def test_a_third_of_the_code_that_most_others_need_stays_behind(users: int, modules: int, excluded: str):
    names = ("one", "two", "three")
    model = model_of(
        of("core", modules, tables=("t", "u")),
        *(of(name, 10, tables=(name,)) for name in names),
        calls=tuple(use(f"{name}.m0", "core.m0") for name in names[:users]),
    )
    found = {c.context: c.excluded for c in rank_contexts(model)}
    assert found == {"core": excluded, "one": "", "two": "", "three": ""}


def test_two_of_four_others_are_not_most_of_them():
    names = ("one", "two", "three", "four")
    model = model_of(
        of("core", 30, tables=("t", "u")),
        *(of(name, 10, tables=(name,)) for name in names),
        calls=tuple(use(f"{name}.m0", "core.m0") for name in names[:2]),
    )
    assert {c.context: c.excluded for c in rank_contexts(model)} == dict.fromkeys((*names, "core"), "")


def test_tables_of_a_framework_and_those_only_read_are_no_data_of_ones_own():
    declared = tuple(
        Table(name=name, model=None, framework="django", path="", line=1) for name in ("order", "line")
    )
    model = model_of(
        of("sites", 10, tables=("django_site",)),
        of("shop", 10, tables=("order", "line")),
        tables=declared,
        accesses=(access("sites.m0", "django_site", "write"),),
        endpoints=(endpoint("sites.m0.show"), endpoint("shop.m0.show")),
    )
    found = {c.context: (c.excluded, c.tables, c.own_tables, c.lacks) for c in rank_contexts(model)}
    assert found["sites"] == ("", 1, 0, "tables")
    assert found["shop"][1:3] == (2, 2)
    for operation, own in (
        ("read", 0),
        ("write", 1),
    ):  # by SQL: a catalogue of the database, or rows of its own
        sql = (access("sites.m0", "django_site", operation, via="sql"),)
        found = {c.context: c for c in rank_contexts(msgspec.structs.replace(model, accesses=sql))}
        assert found["sites"].own_tables == own
    raw = msgspec.structs.replace(model, tables=())  # where none is declared, all are its own
    assert {c.own_tables for c in rank_contexts(raw)} == {1, 2}


def test_two_of_three_tables_are_most_of_them():
    ranked = rank_contexts(model_of(of("one", 20, tables=("a", "b")), of("other", 20, tables=("c",))))
    assert {c.context: c.excluded for c in ranked} == {"one": "rest", "other": ""}


def test_a_service_that_would_only_mirror_a_table_comes_after_one_with_more():
    mirror = candidate("mirror", tables=1, modules=9)
    more = candidate("more", tables=1, modules=10, places_in={"call": 50}, independence=0.1)
    assert [c.context for c in rank([mirror, more])] == ["more", "mirror"]
    assert mirror.mirror
    assert not mirror.service
    assert more.service


def test_what_speaks_for_the_best_is_where_it_beats_the_runner_up_and_half_are_not_better():
    best = candidate("best", places_in={"call": 3}, confidence=0.8, independence=0.3)
    second = candidate("second", places_in={"call": 6}, confidence=0.7, independence=0.2)
    third = candidate("third", places_in={"call": 2, "write": 9}, confidence=0.9, independence=0.9)
    assert strengths(best, [best, second, third]) == ("to_cut", "independence", "confidence")
    assert strengths(best, [best]) == ()
    ahead = candidate("ahead", confidence=0.9, independence=0.9)
    behind = candidate("behind", places_in={"call": 9, "write": 9}, confidence=0.1, independence=0.1)
    assert len(strengths(ahead, [ahead, behind])) == 3  # of four
    assert strengths(best, [best, second, third, third]) == ()  # two of four are better in each


def test_a_guess_into_which_nothing_leads_is_no_candidate_where_ways_in_are_known() -> None:
    def excluded(sure: float, served: bool) -> str:
        model = model_of(
            of("a", 20, tables=("t",), confidence=sure),
            of("b", 20, tables=("u",)),
            endpoints=(endpoint("b.m0.f"),) if served else (),
        )
        return {c.context: c.excluded for c in rank_contexts(model)}["a"]

    assert excluded(0.39, served=True) == "guess"
    assert excluded(0.4, served=True) == ""
    assert excluded(0.39, served=False) == ""


def test_confidences_that_differ_by_less_than_they_are_calibrated_decide_nothing() -> None:
    surer = candidate("surer", confidence=0.51, places_in={"call": 9})
    easier = candidate("easier", confidence=0.49)
    assert [one.context for one in rank([surer, easier])] == ["easier", "surer"]
    assert strengths(easier, [easier, surer]) == ("to_cut",)
    assert behind(easier, [easier, surer]) == ()


def test_equal_sums_of_positions_are_equal_whatever_they_are_sums_of() -> None:
    """One is second of four in two rankings, the other third of four in one."""
    costs = {"a": (40, 0, 0.6), "b": (0, 2, 0.9), "c": (50, 1, 0.5), "d": (60, 3, 0.4)}
    every = [
        candidate(name, places_in={"call": calls, "write": writes}, independence=alone)
        for name, (calls, writes, alone) in costs.items()
    ]
    near = {one.context: one.distance for one in every}
    assert near["b"] < near["a"]
    assert [one.context for one in rank(every)][:2] == ["b", "a"]


def test_where_the_runner_up_is_ahead_of_the_best_is_told() -> None:
    best = candidate("best", places_in={"call": 9}, independence=0.9, confidence=0.9)
    second = candidate("second", independence=None, confidence=0.9)
    assert behind(best, [best, second]) == ("to_cut",), "of an independence that is not known nothing is said"
    assert behind(best, [best]) == ()


def test_where_the_best_is_the_last_of_all_is_told():
    best = candidate("best", independence=0.2)
    others = [candidate("b", independence=0.9, places_in={"call": 3}), candidate("c", independence=None)]
    assert weaknesses(best, [best, *others]) == (), "of two that are known"
    others.append(candidate("d", independence=0.3, confidence=0.1))
    assert weaknesses(best, [best, *others]) == ("independence",)
    assert weaknesses(best, [best, *others, candidate("e", independence=0.1)]) == ()


def test_where_a_layer_serves_most_it_says_nothing_that_a_context_serves_nothing():
    few = candidate("few", served=0)
    many = candidate("many", served=1, places_in={"call": 90})
    face = candidate("api", served=3, excluded="layer")
    told = "serves no endpoint and no task: after those with tables that do"
    assert [c.context for c in rank([few, many])] == ["many", "few"]
    assert told in reasons(few, [few, many])
    assert [c.context for c in rank([few, many], [face])] == ["few", "many"]
    assert told not in reasons(few, [few, many, face])


def test_commands_alone_are_no_way_in_for_others():
    settings = candidate("settings", entries=1, served=0, confidence=0.9, independence=0.9)
    orders = candidate("orders", places_in={"call": 30})
    assert [c.context for c in rank([settings, orders])] == ["orders", "settings"]
    assert (settings.service, settings.lacks) == (False, "entries")
    assert "serves no endpoint and no task: after those with tables that do" in reasons(
        settings, [settings, orders]
    )
    assert precedence(orders, settings) == "entries"
    alone = [
        candidate(name, entries=1, served=0, places_in=ties) for name, ties in (("a", {}), ("b", {"call": 9}))
    ]
    assert [c.context for c in rank(alone)] == ["a", "b"], (
        "where nothing of the system is served it says nothing"
    )


figures = st.builds(
    candidate,
    st.uuids().map(str),
    modules=st.integers(1, 30),
    tables=st.integers(0, 3),
    served=st.integers(0, 3),
    places_in=st.dictionaries(st.sampled_from(("call", "read", "write")), st.integers(0, 60)),
    independence=st.none() | st.sampled_from((0.0, 0.3, 0.5, 0.9)),
    confidence=st.sampled_from((0.0, 0.35, 0.45, 0.5, 0.8)),
)


@given(st.lists(figures, min_size=2, max_size=7))
def test_each_reason_for_the_first_is_one_in_which_the_runner_up_is_behind(every: list[Candidate]):
    best, second, *_ = ranked = rank(every)
    assert best.near or not any(one.near for one in every), "what is near a cut comes first"
    for criterion in strengths(best, ranked):
        costs = [cost for one in ranked if (cost := CRITERIA[criterion](one)) is not None]
        own, other = CRITERIA[criterion](best), CRITERIA[criterion](second)
        assert own is not None
        assert other is not None
        assert own < other
        assert 2 * sum(cost < own for cost in costs) < len(costs)
    lacks = {
        "tables": lambda one: not one.tables,
        "entries": lambda one: not one.served,
        "mirror": lambda one: one.mirror,
        "guess": lambda one: one.confidence < 0.4,
        "near": lambda one: not one.near,
        "nearer": lambda one: one.distance > best.distance,
    }
    said = precedence(best, second)
    if said:
        assert lacks[said](second)
        assert not lacks[said](best)
    elif not strengths(best, ranked):
        assert second.near == best.near


def test_what_is_not_near_a_cut_is_put_in_order_by_how_far_it_is():
    """The farther one is better in three of four rankings."""
    nearer = candidate("nearer", places_in={"call": 100}, independence=0.1, confidence=0.5)
    far = candidate("far", places_in={"call": 10, "write": 13}, independence=0.9, confidence=0.9)
    assert (nearer.distance, far.distance) == (1.25, 1.3)
    assert [one.context for one in rank([far, nearer])] == ["nearer", "far"]
    assert candidate("unsure", confidence=0.4).distance == 0
    assert "up to 1.30 times the limits of a near cut: after those within" in reasons(far, [nearer, far])


@pytest.mark.parametrize(
    ("changed", "near"),
    [
        ({}, True),
        ({"places_in": {"call": 80}}, True),
        ({"places_in": {"call": 81}}, False),
        ({"places_in": {"write": 10}}, True),
        ({"places_in": {"write": 11}}, False),
        ({"places_in": {"call": 250}, "modules": 180}, True),
        ({"places_in": {"call": 251}, "modules": 180}, False),
        ({"places_in": {"write": 25}, "modules": 180}, True),
        ({"places_in": {"write": 26}, "modules": 180}, False),
        ({"confidence": 0.4}, True),
        ({"confidence": 0.39}, False),
        ({"served": 0}, False),
        ({"tables": 0}, False),
    ],
)
def test_a_boundary_is_near_a_cut_within_the_limits_for_each_module_and_in_all(changed: dict, near: bool):
    plain = {"modules": 10, "tables": 2, "entries": 1, "confidence": 0.5, "places_in": {}, "places_out": {}}
    assert candidate("one", **(plain | changed)).near is near


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({}, ""),
        ({"places_in": {"call": 1_000}}, "coupled"),
        ({"tables": 0}, "tables"),
        ({"served": 0}, "entries"),
        ({"tables": 1, "modules": 2}, "mirror"),
        ({"confidence": 0.39}, "guess"),
    ],
)
def test_what_keeps_a_boundary_from_being_near_a_cut_is_said(changes: dict[str, object], lacks: str) -> None:
    good = {"modules": 10, "tables": 3, "entries": 2, "confidence": 0.9}
    assert candidate("a", **(good | changes)).lacks == lacks


def test_ties_to_tables_of_no_context_are_told_as_such_and_not_as_none() -> None:
    keys = (ForeignKey(table="auth_user", column="user"), ForeignKey(table="django_site", column="site"))
    model = model_of(
        context("orders", "orders", tables=("line",)),
        context("people", "people", tables=("team",)),
        tables=(Table(name="line", model="", framework="django", path="", line=1, foreign_keys=keys),),
        accesses=(
            access("people", "auth_user", "write", line=1),
            access("people", "auth_user", "write", line=2),
            access("people", "auth_user", "write", line=3, via="cascade"),
            access("people", "auth_user", line=4),
        ),
    )
    ranked = {c.context: c for c in rank_contexts(model)}
    assert (ranked["orders"].unowned, ranked["people"].unowned) == (1, 2)
    assert "2 more ties to tables of no context" in reasons(ranked["people"], tuple(ranked.values()))
    assert ranked["people"].knots == 0  # no other context has the data
