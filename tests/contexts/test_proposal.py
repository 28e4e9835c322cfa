"""What a proposal adds to its partition: samples, kernel, target counts and remarks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from helpers.systems import layered, module, monolith, use

from strangler.contexts import ContextSettings, propose
from strangler.contexts import proposal as room
from strangler.contexts.continuity import Slot
from strangler.contexts.views import Landscape
from strangler.model import Changes


@pytest.mark.parametrize(
    ("size", "asked", "samples"), [(100, None, 12), (10**9, None, 5), (0, None, 12), (100, 3, 3), (100, 0, 1)]
)
def test_large_systems_get_fewer_samples_but_never_under_five(
    size: int, asked: int | None, samples: int
) -> None:
    assert room.sample_count(size, ContextSettings(samples=asked)) == samples
    budget = room.NODES_SAMPLED
    assert room.sample_count(budget // 8, ContextSettings()) == 8


@pytest.mark.parametrize(("size", "contexts"), [(6, 4), (8, 3), (12, 2), (100, 1)])
def test_the_size_asked_for_says_how_many_contexts(size: int, contexts: int) -> None:
    system, changes, _ = layered()  # 24 modules and the library
    found = propose(system, changes, ContextSettings(size=size, samples=2, shared=("shop.lib",)))
    assert sum(context.kind == "context" for context in found.contexts) == contexts


def test_what_the_team_shares_is_the_kernel_and_is_named_so() -> None:
    system, changes, _ = layered()
    shared = ("shop.billing.models",)
    [kernel] = [
        c
        for c in propose(system, changes, ContextSettings(shared=shared, samples=2)).contexts
        if c.kind == "shared_kernel"
    ]
    assert kernel.name == "shared-kernel"
    assert "shop.billing.models" in kernel.modules
    pin = {"shared-kernel": ("shop.catalog.models",)}
    found = propose(system, changes, ContextSettings(shared=shared, samples=2, pin=pin))
    assert [c.name for c in found.contexts if c.kind == "shared_kernel"] == ["shared-kernel-2"]


def remarks(size: int, used: int, role: str = "code", **overall: float | None) -> list[str]:
    modules = tuple(module(f"m{n}", role) for n in range(size))
    importers = tuple(frozenset({0}) if n < used else frozenset[int]() for n in range(size))
    land = Landscape(
        modules, {}, {}, {"calls": 0.3, "history": 0.29, "data": 0.0, "traces": 0.0, "words": 0.0}, importers
    )
    return [d.message for d in room._remarks(land, monolith(modules), overall)]


THIN = [
    "the evidence of history covers 29% of the modules and counts less for it",
    "the evidence of words covers 0% of the modules and counts less for it",
]


def test_thin_evidence_is_told_but_not_what_nobody_has() -> None:
    assert remarks(4, 4) == THIN


@pytest.mark.parametrize(
    ("size", "used", "said"),
    [(22, 10, True), (22, 11, False), (20, 0, False), (21, 10, True), (21, 11, False)],
)
def test_many_modules_that_nobody_uses_are_told(size: int, used: int, said: bool) -> None:
    text = f"{size - used} of {size} modules are used by no other module found"
    assert (text in remarks(size, used)) is said


@pytest.mark.parametrize(("agreement", "said"), [(0.91, True), (0.9, False), (None, False)])
def test_packages_that_are_a_good_cut_already_are_told(agreement: float | None, said: bool) -> None:
    text = "the present packages are already a good cut: the proposal agrees"
    assert (text in remarks(4, 4, package_agreement=agreement)) is said


@pytest.mark.parametrize(
    ("size", "share", "said"), [(21, 0.51, True), (21, 0.5, False), (20, 0.9, False), (21, None, False)]
)
def test_one_context_with_most_of_the_modules_is_told(size: int, share: float | None, said: bool) -> None:
    found = remarks(size, size, largest_share=share)
    assert any(text.startswith("one context holds") for text in found) is said


def test_agreement_with_packages_is_one_where_each_app_is_a_context() -> None:
    modules = tuple(module(name) for name in ("s.a.x", "s.a.y.z", "s.b.x", "s.b.y"))
    land = Landscape(modules, {}, {})
    assert room._package_agreement(land, [0, 0, 1, 1]) == 1.0
    assert room._package_agreement(land, [0, 1, 0, 1]) < 0.1


def test_a_context_carries_its_tables_confidence_and_metrics() -> None:
    system, changes, _ = layered()
    for context in propose(system, changes, ContextSettings(samples=3)).contexts:
        mean = sum(member.confidence for member in context.members) / len(context.members)
        assert context.confidence == round(mean, 4)
        assert context.metrics["modules"] == len(context.modules)
        assert context.metrics["lines"] == 100 * len(context.modules)


def test_without_history_the_views_say_so() -> None:
    system = monolith([module("a"), module("b")], calls=(use("a", "b"),))
    said = {d.message for d in propose(system, Changes(), ContextSettings(samples=1)).diagnostics}
    assert "the evidence of history covers 0% of the modules and counts less for it" in said


def test_ids_are_those_of_before_and_never_given_twice():
    """Names may be equal while ids may not: a new context of a name that is taken is numbered."""
    slots = {0: Slot(id="orders"), 1: Slot(id="")}
    taken = room.identify(
        ["sales", "orders", "orders", "stock"], SimpleNamespace(slots=slots), ContextSettings()
    )
    assert taken == ["orders", "orders-2", "orders-3", "stock"]
