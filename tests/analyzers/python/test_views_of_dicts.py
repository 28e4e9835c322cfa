"""Keys, values and items of a dict: in Python 2 they are lists, which code changes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from strangler.analyzers.python.builtins import sequences
from strangler.analyzers.python.changes import Changes
from strangler.analyzers.python.values import UNKNOWN, Args, Const, Mapping, View


@pytest.mark.parametrize("method", ["remove", "pop", "sort"])
def test_what_changes_the_list_of_keys_leaves_the_dict_as_it_is(method: str) -> None:
    changes = Changes(lambda spent: None)
    interp: Any = SimpleNamespace(changes=changes)
    held = Mapping({"a": Const(1), "b": Const(2)})
    with changes.possible():
        sequences.method(interp, View(held, "keys"), method, Args([UNKNOWN]), interp)
    assert (sorted(held.items), held.open) == (["a", "b"], False)
