"""What the reports conclude from a model: the order of extraction, the fit of the packages, the pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise

import msgspec
import networkx as nx
import pytest
from helpers.systems import access, candidate, model_of, with_rest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import synthetic

from strangler.contexts.figures import togetherness
from strangler.contexts.ranking import rank
from strangler.model import (
    BoundedContext,
    Call,
    ContextTeams,
    Crossing,
    Definition,
    Evidence,
    Model,
    TeamShare,
)
from strangler.reports.html.bundle import script
from strangler.reports.html.entries import entries
from strangler.reports.index import Index
from strangler.reports.layout import CARD_WIDTH, picture
from strangler.reports.needs import needs
from strangler.reports.order import order
from strangler.reports.relations import relations
from strangler.reports.story import proposed, story
from strangler.reports.text import percent, texts
from strangler.reports.tree import Row, matrix_tree
from strangler.reports.verdict import verdict

letters = st.sampled_from("abcdefgh")
weights = st.dictionaries(st.tuples(letters, letters).filter(lambda e: e[0] != e[1]), st.floats(0.1, 9))


def context(name: str, modules: int = 4, kind: str = "context", confidence: float = 0.9) -> BoundedContext:
    return BoundedContext(
        name=name,
        kind=kind,
        modules=tuple(f"shop.{name}.m{n}" for n in range(modules)),
        tables=(f"{name}_table",),
        confidence=confidence,
    )


def crossing(source: str, target: str, kind: str, count: int = 1) -> Crossing:
    place = Evidence(file=f"shop/{source}/m0.py", line=1)
    return Crossing(source=source, target=target, kind=kind, evidence=(place,), count=count)


@given(weights)
def test_a_mark_below_the_diagonal_is_always_part_of_a_cycle(edges: dict[tuple[str, str], float]) -> None:
    position = {name: place for place, name in enumerate(order("abcdefgh", edges))}
    graph = nx.DiGraph(list(edges))
    for user, used in edges:
        if position[user] > position[used]:
            assert nx.has_path(graph, used, user)


@given(weights)
def test_the_order_of_the_matrix_holds_every_row_once(edges: dict[tuple[str, str], float]) -> None:
    assert sorted(order("abcdefgh", edges)) == sorted("abcdefgh")


def test_the_context_with_the_least_to_cut_comes_first() -> None:
    easy = candidate("easy", places_in={"import": 2})
    hard = candidate("hard", places_in={"import": 40, "write": 3})
    assert [c.context for c in rank([hard, easy])] == ["easy", "hard"]


def test_a_criterion_on_which_all_are_equal_decides_nothing() -> None:
    few = candidate("few", independence=None, places_out={"call": 1})
    many = candidate("many", independence=None, places_out={"call": 9})
    assert [c.context for c in rank([many, few])] == ["few", "many"]


def test_a_boundary_that_is_a_guess_comes_after_surer_ones() -> None:
    guess = candidate("guess", confidence=0.1)
    hard = candidate("hard", places_in={"import": 40, "write": 3}, independence=0.1)
    assert [c.context for c in rank([guess, hard])] == ["hard", "guess"]


def with_contexts(model: Model, *contexts: BoundedContext, crossings: tuple[Crossing, ...] = ()) -> Model:
    """The model with other contexts, whose tables are declared in its first module."""
    known = {table.name for table in model.tables}
    like = next(table for table in model.tables if table.model)
    added = [
        msgspec.structs.replace(like, name=name, foreign_keys=())
        for name in sorted({name for one in contexts for name in one.tables} - known)
    ]
    tables = (*model.tables, *added)
    facts = {"tables": tables, "contexts": contexts, "crossings": crossings, "hierarchy": ()}
    return with_rest(msgspec.structs.replace(model, **facts))


def test_shared_code_and_the_bulk_of_the_monolith_are_no_candidates(shop: Model) -> None:
    model = with_contexts(shop, context("kernel", kind="shared_kernel"), context("small"))
    large = shop.modules[: len(shop.modules) * 2 // 3]
    rest = msgspec.structs.replace(context("rest"), modules=tuple(module.name for module in large))
    model = with_contexts(model, *model.contexts, rest)
    excluded = {c.context: c.excluded for c in verdict(model, Index(model)).candidates}
    assert excluded == {"small": "", "kernel": "kernel", "rest": "rest"}


def test_packages_that_are_the_contexts_are_called_a_good_cut(shop: Model) -> None:
    index = Index(shop)
    judged = verdict(shop, index)
    assert judged.fit is not None
    assert judged.fit.agreement == pytest.approx(1)
    assert "already a good cut" in story(shop, index, judged).packages


def test_where_most_stays_in_one_piece_its_package_is_no_good_cut(shop: Model) -> None:
    judged = verdict(shop, Index(shop))
    first, *others = judged.candidates
    for modules, good in ((60, True), (61, False)):  # of 120
        whole = replace(first, excluded="rest", modules=modules)
        assert replace(judged, candidates=(whole, *others)).packages_are_good is good


def test_contexts_across_the_packages_are_not_called_a_good_cut(shop: Model) -> None:
    modules = [module.name for module in shop.modules]
    halves = [
        msgspec.structs.replace(context(name), modules=tuple(modules[start::2]))
        for start, name in enumerate(("even", "odd"))
    ]
    model = with_contexts(shop, *halves)
    index = Index(model)
    assert story(model, index, verdict(model, index)).packages == ""


@pytest.mark.parametrize("contexts", [(), (context("one"),)])
def test_without_two_contexts_the_verdict_says_that_no_boundary_was_found(
    shop: Model, contexts: tuple[BoundedContext, ...]
) -> None:
    model = with_contexts(shop, *contexts)
    index = Index(model)
    assert story(model, index, verdict(model, index)).headline == "No boundary was found."


def test_an_empty_model_still_gives_a_verdict(shop: Model) -> None:
    empty = msgspec.structs.replace(
        with_contexts(shop), modules=(), imports=(), tables=(), accesses=(), endpoints=(), tasks=(),
        signals=(), commands=(), transactions=(), messages=(), diagnostics=(), references=(),
    )  # fmt: skip
    index = Index(empty)
    assert story(empty, index, verdict(empty, index)).headline == "There is no Python code to judge."


def test_relations_follow_what_crosses() -> None:
    contexts = [context(name) for name in ("orders", "billing", "stock", "mail")]
    contexts.append(context("base", kind="shared_kernel"))
    found = needs(
        (
            crossing("orders", "billing", "write"),
            crossing("orders", "stock", "import", 5),
            crossing("stock", "orders", "import", 4),
            crossing("billing", "mail", "call"),
            crossing("mail", "base", "import"),
        )
    )
    index = {c.name: c for c in contexts}
    model = synthetic(10, commits=0)
    suggested = relations(found, index, togetherness(model))
    assert suggested["orders", "billing"] == "anti_corruption_layer"
    assert suggested["orders", "stock"] == suggested["stock", "orders"] == "partnership"
    assert suggested["billing", "mail"] == "conformist"
    assert suggested["mail", "base"] == "shared_kernel"


@pytest.mark.parametrize(
    ("back", "kind", "partners"),
    [
        (10, "context", True),
        (5, "context", True),
        (4, "context", False),  # one of them leads
        (10, "platform", False),  # what all stand on is nobody's partner
    ],
)
def test_partners_are_two_contexts_that_need_each_other_about_equally(
    back: int, kind: str, partners: bool
) -> None:
    index = {"orders": context("orders"), "stock": context("stock", kind=kind)}
    found = needs((crossing("orders", "stock", "import", 10), crossing("stock", "orders", "import", back)))
    suggested = relations(found, index, togetherness(synthetic(10, commits=0)))
    assert (set(suggested.values()) == {"partnership"}) is partners


@pytest.mark.parametrize("count", [1, 2, 13, 60, 80])
def test_no_two_cards_of_the_map_overlap(count: int) -> None:
    contexts = [context(f"c{n:02}", modules=n + 1) for n in range(count)]
    found = needs(tuple(crossing(a.name, b.name, "import") for a, b in pairwise(contexts)))
    drawn = picture(contexts, found, [])
    assert len(drawn.cards) + drawn.left_out == count
    for i, a in enumerate(drawn.cards):
        for b in drawn.cards[i + 1 :]:
            apart_x = abs(a.x - b.x) >= CARD_WIDTH
            apart_y = a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart_x or apart_y


def test_the_matrix_holds_every_module_once(shop: Model) -> None:
    index = Index(shop)
    leaves: list[str] = []

    def visit(row: Row) -> None:
        if row.module is not None:
            leaves.append(row.module)
        for child in row.children.values():
            visit(child)

    for row in matrix_tree(shop, index, needs(shop.crossings)):
        visit(row)
    assert sorted(leaves) == [module.name for module in shop.modules]


def test_an_endpoint_reaches_the_tables_behind_the_calls_of_its_handler(shop: Model) -> None:
    first, second, third = (context.modules[-1] for context in shop.contexts[:3])
    access = msgspec.structs.replace(shop.accesses[0], module=third, function="save", operation="write")
    view = {"module": first, "line": 1, "end_line": 9}
    model = msgspec.structs.replace(
        shop,
        accesses=(access,),
        endpoints=(msgspec.structs.replace(shop.endpoints[0], handler=f"{first}.View"),),
        definitions=(
            Definition(name="View", kind="class", **view),
            Definition(name="View.post", kind="method", **view),
        ),
        calls=(
            Call(module=first, function="View.post", line=1, target_module=second, target="go"),
            Call(module=second, function="go", line=1, target_module=third, target="save"),
        ),
    )
    found = entries(model, Index(model), str, str, str)
    number = found["handler"].index(f"{first}.View")
    assert found["writes"][number] == [access.table]
    context_of = {name: context.name for context in shop.contexts for name in context.modules}
    passed = {context_of[second], context_of[third]} - {context_of[first]}
    assert found["reaches"][number] == sorted(passed)


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    shown = [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0, 0.001, 0.5, 0.999, 1, None)]
    assert shown == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %", "–"]


def test_every_text_exists_and_is_used() -> None:
    package = files("strangler.reports")
    pages = [file for file in (package / "assets").iterdir() if file.name.endswith(".html")]
    sources = [script(), *(page.read_text() for page in pages)]
    folders = (package, package / "html")
    sources += [file.read_text() for one in folders for file in one.iterdir() if file.name.endswith(".py")]
    asked = {key for s in sources for key in re.findall(r"""(?<![\w.])t\(["']([\w.]+)["'][,)]""", s)}
    assert asked <= set(texts())
    whole = {key for source in sources for key in re.findall(r"""["']([\w.]+)["']""", source)}
    prefix = r"""(?:t|known)\(\s*f?["'`]([\w.]+[._])(?:[${]|["'] ~)"""
    begun = {key for source in sources for key in re.findall(prefix, source)}
    unused = {key.removesuffix("_one") for key in texts()} - whole
    assert {key for key in unused if not key.startswith(tuple(begun))} == set()


def test_imports_of_shared_code_are_nothing_to_cut(shop: Model) -> None:
    kernel = context("base", kind="shared_kernel")
    model = with_contexts(
        shop, context("orders"), kernel, crossings=(crossing("orders", "base", "import", 50),)
    )
    orders = next(c for c in verdict(model, Index(model)).candidates if c.context == "orders")
    assert orders.places == 0


def test_a_context_too_small_for_a_service_is_no_candidate(shop: Model) -> None:
    names = [module.name for module in shop.modules]
    tiny = msgspec.structs.replace(context("tiny"), modules=tuple(names[:1]))
    fair = msgspec.structs.replace(context("fair"), modules=tuple(names[1:20]))
    model = with_contexts(shop, tiny, fair)
    excluded = {c.context: c.excluded for c in verdict(model, Index(model)).candidates}
    assert excluded == {"tiny": "small", "fair": ""}


def test_between_contexts_an_import_below_the_diagonal_is_part_of_a_cycle(shop: Model) -> None:
    index = Index(shop)
    rows = matrix_tree(shop, index, needs(shop.crossings))
    position = {row.key: place for place, row in enumerate(rows)}
    graph = nx.DiGraph((need.source, need.target) for need in needs(shop.crossings))
    for user, used in graph.edges:
        if position[user] > position[used]:
            assert nx.has_path(graph, used, user)


def test_a_context_without_data_of_its_own_comes_after_the_others() -> None:
    owner = candidate("owner", places_in={"import": 30})
    layer = candidate("layer", confidence=0.9, tables=0)
    assert [c.context for c in rank([layer, owner])] == ["owner", "layer"]


@pytest.mark.parametrize(("modules", "outcome"), [(44, "small"), (45, "far")])
def test_a_small_system_is_not_to_be_split_whatever_its_contexts(
    shop: Model, modules: int, outcome: str
) -> None:
    code = [module for module in shop.modules if module.role == "code"][:modules]
    parts = [
        msgspec.structs.replace(context(name), modules=tuple(module.name for module in code[start::2]))
        for start, name in enumerate(("left", "right"))
    ]
    tangled = with_contexts(shop, *parts, crossings=(crossing("left", "right", "write", 900),))
    model = msgspec.structs.replace(tangled, modules=tuple(code))
    found = verdict(model, Index(model))
    assert found.outcome == outcome
    assert story(model, Index(model), found).headline.startswith(
        "Too small to split" if outcome == "small" else "Nothing here is near a cut: the nearest is "
    )


costs = st.tuples(st.integers(0, 300), st.integers(0, 60), st.floats(0.3, 0.9))


@given(costs=st.lists(costs, min_size=2, max_size=6))
def test_the_reasons_printed_name_the_runner_up_and_figures_that_differ(
    shop: Model, costs: list[tuple[int, int, float]]
) -> None:
    every = tuple(
        rank(
            [
                candidate(f"c{n}", places_in={"call": calls, "write": writes}, confidence=sure)
                for n, (calls, writes, sure) in enumerate(costs)
            ]
        )
    )
    index = Index(shop)
    judged = verdict(shop, index)
    judged = replace(judged, candidates=every, outcome="ready" if every[0].near else "far")
    told = story(shop, index, judged)
    assert told.why == ("Why this one" if every[0].near else "Why it is the nearest")
    reasons = [sentence.text for sentence in told.reasons]
    assert reasons
    for text in reasons:
        assert every[1].context in text
        own, against, other = text.partition(", against ")
        assert not against or re.findall(r"[\d,.]+", own) != re.findall(r"[\d,.]+", other.split(" of ")[0])


@pytest.mark.parametrize(("name", "said"), [("core-utils", True), ("billing", False)])
def test_a_first_extraction_that_is_named_like_a_layer_is_called_so(
    shop: Model, name: str, said: bool
) -> None:
    index = Index(shop)
    judged = verdict(shop, index)
    judged = replace(judged, candidates=(candidate(name), candidate("orders")))
    told = [sentence.text for sentence in story(shop, index, judged).surety]
    assert any(text.startswith(f"{name} is a general word") for text in told) == said


@pytest.mark.parametrize(("other", "told"), [("@same", False), ("@other", True)])
def test_that_one_team_owns_it_is_a_reason_where_another_owns_something(
    shop: Model, other: str, told: bool
) -> None:
    best = proposed(verdict(shop, Index(shop)))
    assert best is not None
    teams = tuple(
        ContextTeams(context=c.name, teams=(TeamShare(team=team, modules=len(c.modules), commits=5),))
        for c in shop.contexts
        for team in ("@same" if c.name == best.context else other,)
    )
    model = msgspec.structs.replace(shop, activity=msgspec.structs.replace(shop.activity, teams=teams))
    judged = verdict(model, Index(model))
    said = [sentence.text for sentence in story(model, Index(model), judged).reasons]
    assert any("One team owns it" in text for text in said) is told


def test_who_writes_a_table_is_one_answer_for_the_count_and_the_list() -> None:
    """A delete that takes rows along makes its context no writer of their table."""
    model = model_of(
        context("people"),
        context("orders"),
        accesses=(
            access("shop.orders.m0", "orders_table", "write"),
            access("shop.people.m0", "orders_table", "write", via="cascade"),
        ),
    )
    index = Index(model)
    assert index.accessors("orders_table", "write") == {"orders": 1}
    assert verdict(model, index).figures.shared_tables == ()


@pytest.mark.parametrize(("others", "told"), [(("@a", "@b"), False), (("@a",), True)])
def test_that_several_teams_own_it_stands_in_the_way_where_not_all_is_owned_so(
    shop: Model, others: tuple[str, ...], told: bool
) -> None:
    best = proposed(verdict(shop, Index(shop)))
    assert best is not None
    teams = tuple(
        ContextTeams(
            context=c.name,
            teams=tuple(TeamShare(team=team, modules=len(c.modules), commits=5) for team in owners),
        )
        for c in shop.contexts
        for owners in (("@a", "@b") if c.name == best.context else others,)
    )
    model = msgspec.structs.replace(shop, activity=msgspec.structs.replace(shop.activity, teams=teams))
    judged = verdict(model, Index(model))
    said = [sentence.text for sentence in story(model, Index(model), judged).obstacles]
    assert any("@a" in text for text in said) is told
