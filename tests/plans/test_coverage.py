"""A plan says what is known to be missing from its context."""

from __future__ import annotations

from helpers.systems import module, monolith

from strangler.model import BoundedContext, Changes, Coverage, Diagnostic, Library, Model
from strangler.model.document import SCHEMA_VERSION, Generator
from strangler.plans.build import find_doubts
from strangler.plans.view import View


def test_the_ledger_of_the_context_is_among_the_doubts_and_that_of_others_is_not() -> None:
    system = monolith(
        [module("shop.a"), module("shop.b")],
        coverage=Coverage(
            libraries=(
                Library(
                    name="falcon",
                    reading="not read",
                    kind="web framework",
                    weakens=("endpoints",),
                    hooks={"shop.a": 2},
                ),
                Library(
                    name="pony", reading="not read", kind="mapper", weakens=("tables",), hooks={"shop.b": 0}
                ),
            )
        ),
        diagnostics=(
            Diagnostic(file="shop/a.py", line=3, code="unresolved-access", severity="note", message="SQL"),
            Diagnostic(file="shop/b.py", line=4, code="unresolved-access", severity="note", message="other"),
        ),
    )
    facts = {name: getattr(system, name) for name in system.__struct_fields__}
    context = BoundedContext(
        name="a", kind="context", modules=("shop.a",), tables=(), confidence=1.0, members=()
    )
    model = Model(
        schema_version=SCHEMA_VERSION,
        generator=Generator(version="0"),
        changes=Changes(),
        contexts=(context,),
        crossings=(),
        **facts,
    )
    doubts = "\n".join(find_doubts(View(model, context), searched=True))
    assert "endpoints in the context: 0 found, 2 missing" in doubts
    assert "falcon (web framework) is not read; it is used by shop.a" in doubts
    assert "shop/a.py:3: SQL" in doubts
    assert "pony" not in doubts
    assert "other" not in doubts
