"""The order of extraction: what comes first, what is none, and the figures that say why."""

from __future__ import annotations

import msgspec
import pytest
from helpers.planted import planted

from strangler.contexts.ranking import Candidate, rank, rank_contexts, reasons, standing


def candidate(name: str, **changed: object) -> Candidate:
    values = {"modules": 10, "tables": 1, "entries": 1, "places_in": {}, "places_out": {}, "partners": ()}
    return Candidate(**{"context": name, "independence": 0.5, "confidence": 0.5} | values | changed)  # type: ignore[arg-type]


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


def test_where_no_entry_point_is_known_at_all_none_is_called_a_library():
    model = planted("flask_clinic")
    contexts = tuple(msgspec.structs.replace(context, tables=()) for context in model.contexts)
    bare = msgspec.structs.replace(model, contexts=contexts, endpoints=(), tasks=(), commands=())
    assert {c.excluded for c in rank_contexts(bare)} == {"", "kernel"}
    one = msgspec.structs.replace(bare, endpoints=model.endpoints[:1])
    assert "library" in {c.excluded for c in rank_contexts(one)}


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_every_position_has_its_figures(name):
    ranked = rank_contexts(planted(name))
    for one in ranked:
        told = reasons(one, ranked)
        assert told
        if not one.excluded:
            place, of = standing(one, ranked, "density")
            assert 1 <= place <= of
            assert told[0].startswith(f"{one.density:.1f} places")
