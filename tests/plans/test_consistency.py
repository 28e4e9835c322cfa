"""No plan is printed whose parts disagree, with each other or with the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from helpers.planted import changed, planted, planted_file
from typer.testing import CliRunner

from strangler.cli import app
from strangler.contexts.consistency import ContradictionError, ensure
from strangler.contexts.consistency import contradictions as of_model
from strangler.model import Model
from strangler.plans import ExtractionPlan, contradictions, plan_extraction

replace = msgspec.structs.replace
NAMES = ("django_shop", "flask_clinic", "fastapi_courier")


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_and_their_plans_contradict_nothing(name: str) -> None:
    model = planted(name)
    assert list(of_model(model)) == []
    for context in model.contexts:
        if context.kind == "context":
            assert list(contradictions(plan_extraction(model, context.name), model)) == []


@pytest.fixture(scope="module")
def shop() -> Model:
    return planted("django_shop")


@pytest.fixture(scope="module")
def warehouse(shop: Model) -> ExtractionPlan:
    return plan_extraction(shop, "warehouse")


def first(items: tuple[Any, ...], wanted: Callable[[Any], bool], **fields: Any) -> tuple[Any, ...]:
    """The items with the first one that is wanted changed."""
    position = next(n for n, item in enumerate(items) if wanted(item))
    return (*items[:position], replace(items[position], **fields), *items[position + 1 :])


def call(cut: Any) -> bool:
    return cut.kind == "call" and cut.subject.endswith(".reserve")


def data(item: Any) -> bool:
    return item.check == "data"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: {"cuts": p.cuts[1:]}, "is not planned"),
        (lambda p: {"cuts": (*p.cuts, p.cuts[0])}, "is planned 2 times"),
        (lambda p: {"cuts": first(p.cuts, call, subject="elsewhere")}, "is another crossing in the model"),
        (lambda p: {"cuts": first(p.cuts, call, id="x")}, "is no crossing of the model"),
        (lambda p: {"cuts": first(p.cuts, call, places=())}, "has 0 places, 1 in the model"),
        (lambda p: {"cuts": first(p.cuts, call, remedy="move_function")}, "and touches 'catalog_product'"),
        (lambda p: {"cuts": first(p.cuts, call, remedy="duplicate")}, "and to be called locally"),
        (lambda p: {"figures": replace(p.figures, places=p.figures.places + 1)}, "places: "),
        (lambda p: {"figures": replace(p.figures, transactions=9)}, "transactions: 9 and "),
        (lambda p: {"figures": replace(p.figures, shared=p.figures.shared + 1)}, "parts of the places: "),
        (lambda p: {"sagas": p.sagas[1:]}, "transactions: "),
        (lambda p: {"sagas": first(p.sagas, lambda s: True, place=p.cuts[0].places[0])}, "is no crossing"),
        (lambda p: {"keys": p.keys[1:]}, "foreign keys: "),
        (lambda p: {"risk": first(p.risk, lambda c: "transactions" in c.name, value=9)}, "transactions over"),
        (lambda p: {"effort": first(p.effort, lambda c: c.name == "data ties", value=1)}, "data ties: "),
        (lambda p: {"edits": ()}, "which is not to be edited"),
        (lambda p: {"readiness": first(p.readiness, data, state="ready")}, "the data is ready, with"),
    ],
)  # fmt: skip
def test_each_contradiction_is_found(
    shop: Model, warehouse: ExtractionPlan, change: Callable[[Any], dict[str, Any]], said: str
) -> None:
    broken = replace(warehouse, **change(warehouse))
    assert any(said in told for told in contradictions(broken, shop))


def test_a_step_may_only_write_what_crosses(shop: Model, warehouse: ExtractionPlan) -> None:
    saga = next(s for s in warehouse.sagas if s.remedy == "saga" and s.orchestrator != "warehouse")
    other = replace(saga.steps[1], tables=(*saga.steps[1].tables, "customers_customer"))
    broken = replace(
        warehouse,
        sagas=first(warehouse.sagas, lambda s: s == saga, steps=(saga.steps[0], other, saga.steps[2])),
    )
    told = list(contradictions(broken, shop))
    assert any("writes tables that do not cross" in one for one in told)
    assert any("writes tables of the other side" in one for one in told)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: {"crossings": (*m.crossings, m.crossings[0])}, "occurs 2 times"),
        (lambda m: {"crossings": first(m.crossings, lambda c: c.count, count=99)}, "counts 99 places"),
        (lambda m: {"crossings": first(m.crossings, lambda c: True, target="no")}, "which is no context"),
        (lambda m: {"contexts": (*m.contexts, replace(m.contexts[0], name="again"))}, "is in 2 contexts"),
    ],
)  # fmt: skip
def test_a_model_must_not_contradict_itself_either(
    shop: Model, change: Callable[[Any], dict[str, Any]], said: str
) -> None:
    assert any(said in told for told in of_model(replace(shop, **change(shop))))


def test_a_contradiction_is_an_error_that_names_the_first_of_them() -> None:
    with pytest.raises(ContradictionError, match=r"^a; b; c; d; e; and 2 more$"):
        ensure(iter("abcdefg"))


def test_a_plan_that_contradicts_its_model_is_not_printed(tmp_path, monkeypatch) -> None:
    import strangler.plans.build as build

    found = build.find_keys
    monkeypatch.setattr(build, "find_keys", lambda *args: found(*args)[1:])
    file = planted_file("django_shop", tmp_path)
    done = CliRunner().invoke(app, ["plan", "billing", "--model", str(file), "-o", str(tmp_path / "plan")])
    assert done.exit_code == 4
    assert "ContradictionError" in done.output
    assert "foreign keys: " in done.output
    assert not (tmp_path / "plan").exists()


def test_a_function_that_writes_through_another_is_not_moved_for_touching_no_table(shop: Model) -> None:
    """``reserve`` changes the stock through ``move`` of its own module."""
    for name in ("orders", "warehouse"):
        cuts = plan_extraction(shop, name).cuts
        (reserve,) = [c for c in cuts if c.kind == "call" and c.subject == "shop.warehouse.services.reserve"]
        assert reserve.remedy == "api_call"
        assert "wh_stock through move" in reserve.reason


def test_a_function_that_only_sends_is_no_code_to_copy(shop: Model) -> None:
    """What queues a task or sends a signal of the other side acts there."""
    sends = [m for m in shop.messages if m.function]
    bare = changed(shop, accesses=(), transactions=(), messages=tuple(sends))
    for context in bare.contexts:
        if context.kind == "context":
            for cut in plan_extraction(bare, context.name).cuts:
                if cut.kind == "call" and any(cut.subject == f"{m.module}.{m.function}" for m in sends):
                    assert (cut.remedy, "sends" in cut.reason) == ("api_call", True)
