"""What a team sees when it asks for boundaries."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import msgspec
import pytest
from helpers.systems import access, layered, module, monolith, use
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.contexts import ContextSettings, propose
from strangler.contexts.consensus import adjusted_rand
from strangler.model import BoundedContext, Changes, Commit, Import, System


def home(contexts: tuple[BoundedContext, ...]) -> dict[str, str]:
    return {name: context.name for context in contexts for name in context.modules}


def production(system: System) -> list[str]:
    return [m.name for m in system.modules if m.role == "code"]


@pytest.mark.parametrize("by_layer", [False, True], ids=["packages are domains", "packages are layers"])
def test_planted_domains_are_found_and_named(by_layer: bool) -> None:
    system, changes, truth = layered(by_layer=by_layer)
    found = home(propose(system, changes).contexts)
    assert adjusted_rand([found[m] for m in truth], list(truth.values())) >= 0.9  # type: ignore[list-item]
    assert {found[m] for m in truth} == {"billing", "catalog", "delivery", "account"}


def test_boundaries_are_found_where_no_name_tells_them() -> None:
    system, changes, truth = layered()
    codes = [f"shop.m{n:02d}" for n in range(len(system.modules))]
    random.Random(1).shuffle(codes)
    new = dict(zip((m.name for m in system.modules), codes, strict=True))
    nameless = monolith(
        [module(new[m.name]) for m in system.modules if m.role == "code"],
        imports=tuple(
            sorted(
                msgspec.structs.replace(i, importer=new[i.importer], imported=new[i.imported])
                for i in system.imports
            )
        ),
        calls=tuple(
            msgspec.structs.replace(c, module=new[c.module], target_module=new[c.target_module])
            for c in system.calls
        ),
    )
    log = tuple(
        msgspec.structs.replace(c, modules=tuple(sorted(new[m] for m in c.modules))) for c in changes.log
    )
    found = home(propose(nameless, Changes(commits=len(log), log=log)).contexts)
    assert adjusted_rand([found[new[m]] for m in truth], list(truth.values())) >= 0.9  # type: ignore[list-item]


def test_what_everybody_uses_is_a_shared_kernel() -> None:
    system, changes, _ = layered(("billing", "catalog", "delivery", "account", "search"))
    kernel = [c for c in propose(system, changes).contexts if c.kind == "shared_kernel"]
    assert [set(c.modules) for c in kernel] == [{"shop.lib.text", "shop.lib.dates"}]


def test_tests_and_migrations_are_in_no_context() -> None:
    system, changes, _ = layered()
    found = home(propose(system, changes).contexts)
    assert sorted(found) == sorted(production(system))


def test_without_history_the_static_evidence_decides() -> None:
    system, _, truth = layered()
    found = home(propose(system, Changes()).contexts)
    assert adjusted_rand([found[m] for m in truth], list(truth.values())) >= 0.9  # type: ignore[list-item]


def test_nothing_to_cut_gives_an_empty_proposal() -> None:
    assert propose(monolith([]), Changes()).contexts == ()


def test_modules_without_any_tie_go_to_their_directory() -> None:
    system, changes, _ = layered()
    lonely = msgspec.structs.replace(
        system, modules=tuple(sorted([*system.modules, module("shop.billing.zz.qqq")]))
    )
    found = home(propose(lonely, changes).contexts)
    assert found["shop.billing.zz.qqq"] == found["shop.billing.models"]


def test_each_level_of_the_hierarchy_divides_the_one_above() -> None:
    system, changes, _ = layered(("billing", "catalog", "delivery", "account", "search", "review"))
    levels = propose(system, changes).hierarchy
    for coarse, fine in pairwise(levels):
        above, below = home(coarse.contexts), home(fine.contexts)
        assert sorted(above) == sorted(below)
        for context in fine.contexts:
            holders = {above[m] for m in context.modules}
            assert len(holders) == 1
            assert context.parent in holders
    labels = [level.label for level in levels]
    assert labels.count("recommended") == 1
    assert labels == sorted(labels, key=["coarser", "recommended", "finer"].index)


def test_the_recommended_level_is_the_proposal() -> None:
    system, changes, _ = layered()
    proposal = propose(system, changes)
    [level] = [level for level in proposal.hierarchy if level.label == "recommended"]
    assert level.contexts == proposal.contexts


def test_a_module_between_two_domains_is_less_sure_than_the_rest_and_names_the_other() -> None:
    system, changes, truth = layered()
    bridge = module("shop.bridge")
    ties = [use("shop.bridge", m) for m in truth if m.split(".")[1] in ("billing", "catalog")]
    odd = msgspec.structs.replace(
        system, modules=tuple(sorted([*system.modules, bridge])), calls=(*system.calls, *ties)
    )
    members = {m.module: m for c in propose(odd, changes).contexts for m in c.members}
    sure = [members[m].confidence for m in truth]
    assert members["shop.bridge"].confidence < sum(sure) / len(sure)
    assert members["shop.bridge"].alternative is not None


def test_every_member_has_a_reason_and_a_confidence() -> None:
    system, changes, _ = layered()
    for context in propose(system, changes).contexts:
        assert {m.module for m in context.members} == set(context.modules)
        for member in context.members:
            assert 0 <= member.confidence <= 1
            assert member.reasons


def test_tables_belong_to_who_writes_them() -> None:
    system, changes, _ = layered()
    proposal = propose(system, changes)
    assert proposal.owners == {f"{d}_item": d for d in ("account", "billing", "catalog", "delivery")}


def test_crossings_name_every_place() -> None:
    system, changes, _ = layered()
    ties = {(c.source, c.target, c.kind, c.subject): c for c in propose(system, changes).crossings}
    write = ties["catalog", "billing", "write", "billing_item"]
    assert [(e.file, e.line) for e in write.evidence] == [("shop/catalog/services.py", 30)]
    assert ("billing", "catalog", "import", "shop.catalog.models") in ties
    assert ("billing", "account", "foreign_key", "account_item") in ties
    settle = ties["catalog", "billing", "transaction", "shop.catalog.services.settle"]
    assert settle.reaches == ("billing_item",)
    assert all(c.source != c.target for c in ties.values())


def test_a_god_module_is_shown_with_its_parts() -> None:
    system, changes, _ = layered()
    definitions = list(system.definitions)
    calls = list(system.calls)
    for domain in ("billing", "catalog", "delivery", "account"):
        for n in range(4):
            name = f"{domain}_helper_{n}"
            definitions.append(
                msgspec.structs.replace(
                    definitions[0], module="shop.everything", name=name, kind="function", line=n + 1
                )
            )
            calls.append(use(f"shop.{domain}.views", "shop.everything", target=name))
    god = msgspec.structs.replace(
        system,
        modules=tuple(sorted([*system.modules, module("shop.everything")])),
        definitions=tuple(definitions),
        calls=tuple(calls),
    )
    [split] = propose(god, changes).splits
    assert split.module == "shop.everything"
    parts = {part.context: set(part.definitions) for part in split.parts}
    for domain in ("billing", "catalog", "delivery", "account"):
        assert parts[domain] == {f"{domain}_helper_{n}" for n in range(4)}


def test_names_are_words_of_the_code_and_survive_the_next_run() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    for context in first.contexts:
        assert not re.search(r"cluster|community|\d", context.name)
    renamed = tuple(
        msgspec.structs.replace(c, name="money" if c.name == "billing" else c.name) for c in first.contexts
    )
    second = propose(system, changes, ContextSettings(previous=renamed))
    assert "money" in {c.name for c in second.contexts}


def test_a_few_new_commits_move_nothing() -> None:
    system, changes, _ = layered()
    later = tuple(
        Commit(
            sha=f"{n:040x}", time=10**7 + n, subject="", modules=("shop.account.views", "shop.billing.views")
        )
        for n in range(1000, 1003)
    )
    more = msgspec.structs.replace(changes, log=(*changes.log, *later))
    assert home(propose(system, changes).contexts) == home(propose(system, more).contexts)


names = st.lists(
    st.from_regex(r"app(\.[a-z]{1,6}(_[a-z]{1,5})?){1,3}", fullmatch=True),
    min_size=1,
    max_size=25,
    unique=True,
)


@st.composite
def systems(draw: st.DrawFn) -> tuple[System, Changes]:
    found = draw(names)
    pick = st.sampled_from(found)
    pairs = draw(st.lists(st.tuples(pick, pick), max_size=40))
    commits = draw(st.lists(st.lists(pick, min_size=1, max_size=5, unique=True), max_size=20))
    system = monolith(
        [module(name) for name in found],
        imports=tuple(sorted(Import(importer=a, imported=b, line=1, kind="runtime") for a, b in set(pairs))),
        calls=tuple(use(a, b) for a, b in pairs),
    )
    log = tuple(
        Commit(sha=f"{n:040x}", time=n * 1000, subject="", modules=tuple(sorted(c)))
        for n, c in enumerate(commits)
    )
    return system, Changes(commits=len(log), log=log)


@settings(max_examples=40)
@given(systems())
def test_every_production_module_is_in_exactly_one_context(given: tuple[System, Changes]) -> None:
    system, changes = given
    for level in propose(system, changes).hierarchy:
        listed = [m for c in level.contexts for m in c.modules]
        assert sorted(listed) == sorted(m.name for m in system.modules)
        assert len({c.name for c in level.contexts}) == len(level.contexts)


@settings(max_examples=15)
@given(systems())
def test_the_same_input_gives_the_same_proposal(given: tuple[System, Changes]) -> None:
    assert propose(*given) == propose(*given)


@settings(max_examples=15)
@given(systems(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_nothing(given: tuple[System, Changes], rng: random.Random) -> None:
    system, changes = given
    mixed = msgspec.structs.replace(
        system,
        **{
            name: tuple(rng.sample(getattr(system, name), len(getattr(system, name))))
            for name in ("modules", "imports", "calls", "tables", "accesses")
        },
    )
    assert home(propose(mixed, changes).contexts) == home(propose(system, changes).contexts)


def test_other_names_for_the_same_things_give_the_same_boundaries() -> None:
    system, changes, truth = layered()
    words = {"shop": "app", "billing": "quarry", "catalog": "yard", "delivery": "forge", "account": "abbey"}

    def new(name: str) -> str:
        return ".".join(words.get(part, part) for part in name.split("."))

    said = msgspec.json.encode(system).decode()
    for old, word in words.items():
        said = re.sub(rf"\b{old}(?=[._/\"])", word, said)
    renamed = msgspec.json.decode(said, type=System)
    log = tuple(
        msgspec.structs.replace(c, modules=tuple(sorted(new(m) for m in c.modules))) for c in changes.log
    )
    before = home(propose(system, changes).contexts)
    after = home(propose(renamed, msgspec.structs.replace(changes, log=log)).contexts)
    assert adjusted_rand([before[m] for m in truth], [after[new(m)] for m in truth]) == 1.0  # type: ignore[list-item]
    assert {after[new(m)] for m in truth} == {words[d] for d in truth.values()}


def test_a_word_of_two_products_makes_no_context_across_them() -> None:
    """Two systems under one roof, each with its own ``desk``, and no tie between them."""
    modules, calls = [], []
    for product, parts in (
        ("north", ("mine", "mill", "barn", "well")),
        ("south", ("dock", "ship", "port", "pier")),
    ):
        desk = [f"top.{product}.desk.{part}" for part in parts]
        rest = [f"top.{product}.{part}_{n}x" for part in parts for n in range(4)]
        modules += [module(name) for name in [*desk, *rest]]
        calls += [use(a, b) for a in desk for b in desk if a != b]
        calls += [use(a, b) for a in rest for b in rest if a < b and a[:-2] == b[:-2]]
        calls += [use(desk[0], rest[0])]
    found = home(propose(monolith(modules, calls=tuple(calls)), Changes()).contexts)
    for context in set(found.values()):
        assert len({name.split(".")[1] for name, c in found.items() if c == context}) == 1


@settings(max_examples=40)
@given(systems(), st.data())
def test_decisions_of_the_user_hold(given: tuple[System, Changes], data: st.DataObject) -> None:
    system, changes = given
    pick = st.sampled_from([m.name for m in system.modules])
    a, b, c = data.draw(pick), data.draw(pick), data.draw(pick)
    pin = {"mine": (a,)}
    found = home(propose(system, changes, ContextSettings(pin=pin)).contexts)
    inside = {m for m in found if m == a or m.startswith(a + ".")}
    assert {found[m] for m in inside} == {"mine"}
    together = home(propose(system, changes, ContextSettings(join=((a, b),))).contexts)
    assert together[a] == together[b]
    if not (c == b or c.startswith(b + ".") or b.startswith(c + ".")):
        apart = home(propose(system, changes, ContextSettings(apart=((b, c),))).contexts)
        assert apart[b] != apart[c]
    shared = propose(system, changes, ContextSettings(shared=(a,))).contexts
    assert any(a in context.modules for context in shared if context.kind == "shared_kernel")


@settings(max_examples=25)
@given(systems(), st.integers(1, 6))
def test_the_number_of_contexts_asked_for_comes_out(given: tuple[System, Changes], count: int) -> None:
    system, changes = given
    found = propose(system, changes, ContextSettings(count=count))
    modules = sum(len(c.modules) for c in found.contexts if c.kind != "shared_kernel")
    said = [item.message for item in found.diagnostics if item.code == "contexts-count"]
    reached = sum(c.proper for c in found.contexts)
    assert reached == count or (reached < count and said) or not modules


def test_decisions_that_match_nothing_or_contradict_are_said() -> None:
    system, changes, _ = layered()
    said = propose(
        system,
        changes,
        ContextSettings(
            pin={"a": ("shop.billing.views", "shop.nowhere"), "b": ("shop.billing.views",)},
            count=1,
            apart=(("shop.billing", "shop.catalog"),),
        ),
    ).diagnostics
    assert {d.code for d in said} >= {"contexts-selector", "contexts-contradiction", "contexts-count"}


def test_a_table_can_be_pinned() -> None:
    system, changes, _ = layered()
    pinned = ContextSettings(pin={"catalog": ("table:billing_item",)})
    assert propose(system, changes, pinned).owners["billing_item"] == "catalog"


def test_tables_of_no_context_are_named() -> None:
    system, changes, _ = layered()
    lost = access("shop.billing.views", "django_content_type")
    found = propose(msgspec.structs.replace(system, accesses=(*system.accesses, lost)), changes)
    said = [item.message for item in found.diagnostics if item.code == "contexts-unowned"]
    assert said == ["1 table of no context: django_content_type"]
    assert all(item.code != "contexts-unowned" for item in propose(system, changes).diagnostics)
