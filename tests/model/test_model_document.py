"""What is refused as a model, so that no reader meets a name that leads nowhere."""

from __future__ import annotations

import msgspec
import pytest
from helpers.planted import planted

from strangler.model import ModelError, dump, load


def test_a_model_is_read_back_as_it_was_written() -> None:
    assert load(dump(planted("flask_clinic"))) == planted("flask_clinic")


@pytest.mark.parametrize("rows", ["imports", "calls", "accesses", "definitions", "transactions"])
def test_a_row_of_a_module_that_is_not_listed_is_refused(rows: str) -> None:
    model = planted("flask_clinic")
    first, *rest = getattr(model, rows)
    field = "importer" if rows == "imports" else "module"
    changed = {rows: (msgspec.structs.replace(first, **{field: "clinic.nowhere"}), *rest)}
    with pytest.raises(ModelError, match=f"^{rows} names the module 'clinic.nowhere'"):
        load(dump(msgspec.structs.replace(model, **changed)))


def test_two_contexts_of_one_name_are_refused() -> None:
    model = planted("flask_clinic")
    changed = msgspec.structs.replace(model, contexts=(*model.contexts, model.contexts[0]))
    with pytest.raises(ModelError, match=r"^two contexts are called"):
        load(dump(changed))
