"""Consumer contracts: what one context expects of another, as Pact V4 files.

find_pacts(model, operations, uses, remote) -> Pacts
pact_files(pacts) -> dict[str, bytes]
    ``<consumer>-<provider>.json`` each
states_json(pacts, hints), states_py(pacts, model, hints) -> bytes
    the provider states: all that are asked for, and the module in which the team sets them up
"""

from __future__ import annotations

import json

from strangler.contracts.consumers.find import find_pacts
from strangler.contracts.consumers.pact import pact
from strangler.contracts.consumers.states import factory_hints, states_json, states_py, template
from strangler.contracts.consumers.values import Interaction, Left, Pact, Pacts, State
from strangler.contracts.operations import slug

__all__ = [
    "Interaction",
    "Left",
    "Pact",
    "Pacts",
    "State",
    "factory_hints",
    "find_pacts",
    "pact",
    "pact_files",
    "states_json",
    "states_py",
    "template",
]


def pact_files(pacts: Pacts) -> dict[str, bytes]:
    """File name -> content; names are unique also where case does not count."""
    files: dict[str, bytes] = {}
    for contract in pacts.pacts:
        stem = name = f"{slug(contract.consumer)}-{slug(contract.provider)}"
        number = 2
        while f"{name}.json" in files:
            name, number = f"{stem}-{number}", number + 1
        files[f"{name}.json"] = (json.dumps(pact(contract), indent=1) + "\n").encode()
    return files
