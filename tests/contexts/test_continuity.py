"""What becomes of a cut when the code goes on: it stays, and what is new or gone is told."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import access, layered, module, monolith, use
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.contexts import Accepted, ContextSettings, propose, views
from strangler.contexts.accepted import claims, selectors
from strangler.contexts.continuity import keep
from strangler.contexts.decisions import Decisions
from strangler.contexts.drawing import Decision, draw, with_offer
from strangler.contexts.engine import tie
from strangler.model import Boundary, BoundedContext, Changes, Import, Module, System
from strangler.pipeline import assemble


def home(contexts: tuple[BoundedContext, ...]) -> dict[str, str]:
    return {name: context.id for context in contexts for name in context.modules}


def moved(before: tuple[BoundedContext, ...], after: tuple[BoundedContext, ...]) -> set[str]:
    now = home(after)
    return {module for module, where in home(before).items() if now.get(module, where) != where}


def grown(system: System, *modules: Module, imports: tuple[tuple[str, str], ...] = ()) -> System:
    rows = [Import(importer=a, imported=b, line=1, kind="runtime") for a, b in imports]
    return msgspec.structs.replace(
        system,
        modules=tuple(sorted((*system.modules, *modules))),
        imports=tuple(sorted((*system.imports, *rows))),
        calls=tuple(sorted((*system.calls, *(use(a, b) for a, b in imports)))),
    )


def without(system: System, name: str) -> System:
    return msgspec.structs.replace(
        system,
        modules=tuple(m for m in system.modules if m.name != name),
        imports=tuple(i for i in system.imports if name not in (i.importer, i.imported)),
        calls=tuple(c for c in system.calls if name not in (c.module, c.target_module)),
    )


def boundaries(contexts: tuple[BoundedContext, ...], *names: str) -> Accepted:
    chosen = [c for c in contexts if not names or c.name in names]
    place = {m: "" for c in contexts for m in c.modules} | {m: c.id for c in chosen for m in c.modules}
    said = selectors(place)
    return Accepted(
        file="strangler-boundaries.toml",
        boundaries=tuple(
            Boundary(id=c.id, name=c.name, kind=c.kind, packages=said[c.id][0], modules=said[c.id][1])
            for c in chosen
        ),
    )


def test_the_same_code_with_its_own_cut_as_prior_gives_the_same_proposal() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    assert propose(system, changes, ContextSettings(previous=first.contexts)) == first


@pytest.mark.parametrize("seed", [1, 2])
def test_another_seed_moves_nothing(seed: int) -> None:
    system, changes, _ = layered(by_layer=True)
    first = propose(system, changes)
    second = propose(system, changes, ContextSettings(previous=first.contexts, seed=seed))
    assert not moved(first.contexts, second.contexts)


def test_a_file_with_a_comment_joins_its_package_and_moves_nothing() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    more = grown(system, module("shop.billing.notes"))
    second = propose(more, changes, ContextSettings(previous=first.contexts))
    assert not moved(first.contexts, second.contexts)
    [row] = second.continuity.placed
    assert (row.module, row.context) == ("shop.billing.notes", "billing")
    assert "modules of shop.billing are there" in row.reason


def test_a_module_outside_of_all_packages_goes_where_its_uses_are() -> None:
    system, changes, _ = layered(by_layer=True)
    first = propose(system, changes)
    uses = tuple(("shop.extra", m) for m, where in home(first.contexts).items() if where == "delivery")
    second = propose(
        grown(system, module("shop.extra"), imports=uses), changes, ContextSettings(previous=first.contexts)
    )
    assert not moved(first.contexts, second.contexts)
    [row] = second.continuity.placed
    assert row.context == "delivery"
    assert "of its ties go there, most by imports and calls with" in row.reason


def test_modules_that_are_gone_or_renamed_are_told() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    less = grown(
        without(without(system, "shop.billing.views"), "shop.catalog.views"), module("shop.catalog.pages")
    )
    renames = msgspec.structs.replace(changes, renamed={"shop.catalog.views": "shop.catalog.pages"})
    second = propose(less, renames, ContextSettings(previous=first.contexts))
    assert second.continuity.removed == ("shop.billing.views",)
    assert second.continuity.renamed == (("shop.catalog.views", "shop.catalog.pages"),)
    assert not second.continuity.placed
    assert home(second.contexts)["shop.catalog.pages"] == "catalog"


def elsewhere(contexts: tuple[BoundedContext, ...], place: dict[str, str]) -> tuple[BoundedContext, ...]:
    """The same contexts with some modules in others."""
    now = {name: context.id for context in contexts for name in context.modules} | place
    return tuple(
        msgspec.structs.replace(c, modules=tuple(sorted(m for m, where in now.items() if where == c.id)))
        for c in contexts
    )


def test_a_module_moves_when_nearly_all_that_it_has_to_do_with_is_elsewhere() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    old = elsewhere(first.contexts, {"shop.billing.views": "catalog"})
    second = propose(system, changes, ContextSettings(previous=old))
    assert [row.module for row in second.continuity.moved] == ["shop.billing.views"]
    assert all(row.gain > 0.4 for row in second.continuity.moved)
    assert home(second.contexts) == home(first.contexts)


def test_a_context_that_holds_what_it_held_is_of_the_kind_that_it_was() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    old = tuple(
        msgspec.structs.replace(c, kind="platform") if c.id == "catalog" else c for c in first.contexts
    )
    kinds = {c.id: c.kind for c in propose(system, changes, ContextSettings(previous=old)).contexts}
    assert kinds == {c.id: c.kind for c in old}
    modules = next(c.modules for c in old if c.id == "catalog")
    grew = tuple(
        msgspec.structs.replace(c, modules=modules[: len(modules) // 2]) if c.id == "catalog" else c
        for c in old
    )
    kinds = {c.id: c.kind for c in propose(system, changes, ContextSettings(previous=grew)).contexts}
    assert kinds["catalog"] == "context"


def test_what_has_come_to_declare_tables_is_of_the_kind_that_the_code_tells() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    old = tuple(
        msgspec.structs.replace(c, kind="library", tables=()) if c.id == "catalog" else c
        for c in first.contexts
    )
    kinds = {c.id: c.kind for c in propose(system, changes, ContextSettings(previous=old)).contexts}
    assert kinds["catalog"] == "context"


def test_more_than_a_few_modules_are_offered_together_and_none_of_them_moves() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    old = elsewhere(first.contexts, {"shop.billing.views": "catalog", "shop.catalog.views": "billing"})
    second = propose(system, changes, ContextSettings(previous=old))
    assert home(second.contexts) == home(old)
    assert second.continuity.offer is not None
    assert {row.module for row in second.continuity.offer.moves} == {
        "shop.billing.views",
        "shop.catalog.views",
    }
    again = propose(system, changes, ContextSettings(previous=second.contexts))
    assert home(again.contexts) == home(old)


@pytest.mark.parametrize(("landed", "moves"), [(1.0, True), (0.5, False)])
def test_what_the_samples_of_the_evidence_do_not_agree_on_stays(landed: float, moves: bool) -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    stray = "shop.billing.views"
    old = tuple(
        msgspec.structs.replace(
            c,
            modules=(*(m for m in c.modules if m != stray), *([stray] if c.id == "catalog" else ())),
        )
        for c in first.contexts
    )
    given = ContextSettings(previous=old)
    land = views.build(system, changes, given)
    labels = {c.id: number for number, c in enumerate(first.contexts)}
    where = home(first.contexts)
    fresh = [labels[where[m.name]] for m in land.modules]
    wanted = Decisions(system, land, given)
    kept = keep(land, tie(land), fresh, {}, given, wanted, {}, [landed] * land.size)
    assert kept is not None
    assert [land.modules[n].name for n in kept.moved] == ([stray] if moves else [])


def test_a_context_keeps_name_and_id_whatever_its_members_would_be_called() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    called = tuple(
        msgspec.structs.replace(c, name="money", id="m1") if c.name == "billing" else c
        for c in first.contexts
    )
    less = without(system, "shop.billing.views")
    second = propose(less, changes, ContextSettings(previous=called))
    assert ("money", "m1") in {(c.name, c.id) for c in second.contexts}


def test_another_code_base_or_other_settings_leave_only_the_evidence() -> None:
    system, changes, _ = layered()
    fresh = propose(system, changes)
    strange = (BoundedContext(name="x", kind="context", modules=("a", "b", "c"), tables=(), confidence=1.0),)
    assert propose(system, changes, ContextSettings(previous=strange)).contexts == fresh.contexts
    whole = tuple(m for c in fresh.contexts for m in c.modules)
    one = (BoundedContext(name="all", kind="context", modules=whole, tables=(), confidence=1.0),)
    free = propose(system, changes, ContextSettings(previous=one, stay=False))
    assert [c.modules for c in free.contexts] == [c.modules for c in fresh.contexts]


def test_accepted_boundaries_hold_against_the_evidence_and_a_better_cut_is_offered() -> None:
    system, changes, truth = layered()
    names = sorted(truth)
    half = Boundary(id="odd", name="Odd", modules=tuple(names[::2]))
    rest = Boundary(id="even", name="Even", modules=tuple(names[1::2]))
    found = propose(system, changes, ContextSettings(accepted=Accepted(boundaries=(half, rest))))
    now = home(found.contexts)
    assert {now[m] for m in names[::2]} == {"odd"}
    assert {now[m] for m in names[1::2]} == {"even"}
    assert {(c.id, c.name, c.accepted) for c in found.contexts if c.accepted} == {
        ("odd", "Odd", True),
        ("even", "Even", True),
    }
    offer = found.continuity.offer
    assert offer is not None
    assert offer.gain > 0.1
    assert offer.moves


def test_an_accepted_platform_has_the_tables_that_its_boundary_says_and_no_others() -> None:
    reads = [access("shop.a", "django_content_type")]
    system = monolith([module("shop.a"), module("shop.core")], accesses=reads)
    said = tuple(
        Boundary(id=name, name=name, kind=kind, modules=(f"shop.{name}",), tables=tables)
        for name, kind, tables in (("a", "context", ()), ("core", "platform", ("django_session",)))
    )
    file = "strangler-boundaries.toml"
    found = propose(system, Changes(), ContextSettings(accepted=Accepted(file=file, boundaries=said)))
    assert "django_content_type" not in found.owners


def test_an_offer_that_is_taken_becomes_the_accepted_cut() -> None:
    system, changes, truth = layered()
    names = sorted(truth)
    rows = tuple(
        Boundary(id=key, name=key, modules=tuple(names[start::2])) for key, start in (("odd", 0), ("even", 1))
    )
    found = propose(system, changes, ContextSettings(accepted=Accepted(boundaries=rows)))
    model = assemble(system, changes, found, rows)
    taken = draw(model, with_offer(model), rows, whole=True, decision=Decision(decided_by="Ada"))
    again = propose(system, changes, ContextSettings(accepted=Accepted(boundaries=tuple(taken))))
    assert again.continuity.offer is None
    fresh = propose(system, changes)
    assert {c.modules for c in again.contexts} == {c.modules for c in fresh.contexts}
    assert {boundary.decided_by for boundary in taken} == {"Ada"}


def test_what_was_said_of_a_decision_stays_where_nothing_else_is_said_of_it() -> None:
    system, changes, truth = layered()
    names = sorted(truth)
    rows = tuple(
        Boundary(id=key, name=key, modules=tuple(names[start::2]), notes="n", decided_by="Ada", decided="May")
        for key, start in (("odd", 0), ("even", 1))
    )
    found = propose(system, changes, ContextSettings(accepted=Accepted(boundaries=rows)))
    model = assemble(system, changes, found, rows)
    odd = [context for context in model.contexts if context.id == "odd"]
    taken = draw(model, odd, rows, whole=False, decision=Decision(decided="June"))
    said = {row.id: (row.notes, row.decided_by, row.decided) for row in taken}
    assert said == {"odd": ("n", "Ada", "June"), "even": ("n", "Ada", "May")}
    taken = draw(model, odd, rows, whole=False, decision=Decision(notes="m", decided_by="Bob"))
    said = {row.id: (row.notes, row.decided_by, row.decided) for row in taken}
    assert said == {"odd": ("m", "Bob", "May"), "even": ("n", "Ada", "May")}


def test_what_is_not_accepted_is_proposed_beside_it() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    part = boundaries(first.contexts, "billing")
    second = propose(system, changes, ContextSettings(accepted=part))
    assert home(second.contexts) == home(first.contexts)
    assert {c.name for c in second.contexts if c.accepted} == {"billing"}
    assert not second.continuity.placed


def test_a_new_module_of_an_accepted_cut_is_placed_and_a_whole_new_package_is_a_context() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    said = boundaries(first.contexts)
    package = [module(f"shop.loyalty.{name}") for name in ("models", "views", "points", "cards", "tiers")]
    uses = tuple((a.name, b.name) for a in package for b in package if a.name != b.name)
    second = propose(
        grown(system, *package, module("shop.stray"), imports=(*uses, ("shop.stray", "shop.billing.models"))),
        changes,
        ContextSettings(accepted=said, previous=first.contexts),
    )
    assert not moved(first.contexts, second.contexts)
    new = {c.name for c in second.contexts if not c.accepted}
    assert new == {"loyalty"}
    assert {row.module for row in second.continuity.placed} == {"shop.stray", *(m.name for m in package)}


def test_an_accepted_module_that_was_renamed_stays_and_one_that_is_unknown_is_told_with_its_line() -> None:
    system, changes, _ = layered()
    first = propose(system, changes)
    told = boundaries(first.contexts)
    billing = next(b for b in told.boundaries if b.id == "billing")
    old = msgspec.structs.replace(billing, modules=("shop.before", "shop.billing.vieuws"))
    accepted = msgspec.structs.replace(
        told,
        boundaries=tuple(old if b is billing else b for b in told.boundaries),
        lines={"shop.before": 7, "shop.billing.vieuws": 8},
    )
    renames = msgspec.structs.replace(changes, renamed={"shop.before": "shop.after"})
    found = propose(grown(system, module("shop.after")), renames, ContextSettings(accepted=accepted))
    assert home(found.contexts)["shop.after"] == "billing"
    said = {d.line: d.message for d in found.diagnostics if d.code == "boundaries-unknown"}
    assert "it is shop.after now" in said[7]
    assert "near is shop.billing.views" in said[8]


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join),
        st.sampled_from(["", "x", "x", "y", "z"]),
        max_size=30,
    )
)
def test_the_lines_that_say_a_cut_give_it_again(place: dict[str, str]) -> None:
    said = [
        Boundary(id=c, name=c, packages=packages, modules=modules)
        for c, (packages, modules) in selectors(place).items()
    ]
    found = {module: boundary.id for module, boundary in claims(said, place).items()}
    assert found == {module: context for module, context in place.items() if context}


def test_a_cut_is_said_by_packages_and_its_exceptions_by_modules() -> None:
    place = {f"shop.billing.{n}": "billing" for n in ("models", "views", "tax", "forms")}
    place |= {
        "shop.billing": "billing",
        "shop.billing.mail": "post",
        "shop.mail": "post",
        "shop.seed": "core",
    }
    assert selectors(place) == {
        "billing": (("shop.billing",), ()),
        "post": ((), ("shop.billing.mail", "shop.mail")),
        "core": ((), ("shop.seed",)),
    }


def test_no_history_and_no_prior_is_no_continuity() -> None:
    system, _, _ = layered()
    assert propose(system, Changes()).continuity == propose(system, Changes()).continuity
    assert propose(system, Changes()).continuity.offer is None


@pytest.mark.parametrize("count", [2, 3, 6])
def test_a_number_of_contexts_asked_for_beats_an_earlier_run(count: int) -> None:
    system, changes, _ = layered()
    before = propose(system, changes).contexts
    assert sum(one.proper for one in before) == 4
    asked = propose(system, changes, ContextSettings(count=count, previous=before))
    assert sum(one.proper for one in asked.contexts) == count
    assert not [item for item in asked.diagnostics if item.code == "contexts-count"]
    again = propose(system, changes, ContextSettings(count=count, previous=asked.contexts))
    assert home(again.contexts) == home(asked.contexts), "what has as many stays"


def test_what_is_accepted_beats_the_number_asked_for_and_that_is_said() -> None:
    system, changes, _ = layered()
    accepted = boundaries(propose(system, changes).contexts)
    found = propose(system, changes, ContextSettings(count=2, accepted=accepted))
    assert sum(one.proper for one in found.contexts) == 4
    (said,) = [item.message for item in found.diagnostics if item.code == "contexts-count"]
    assert said == (
        "2 contexts were asked for and 4 came out: the boundaries accepted in strangler-boundaries.toml hold"
    )
