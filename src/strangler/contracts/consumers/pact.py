"""Interactions as a Pact V4 file."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from strangler.contracts.consumers.examples import example, rules
from strangler.contracts.consumers.values import Interaction, Pact

JSON_TYPE = r"^application/(?:[a-z.]+\+)?json(?:;.*)?$"


def pact(contract: Pact) -> dict[str, Any]:
    """The document, as https://github.com/pact-foundation/pact-specification (version 4) describes it."""
    return {
        "consumer": {"name": contract.consumer},
        "provider": {"name": contract.provider},
        "interactions": [_interaction(one) for one in contract.interactions],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }


def _interaction(one: Interaction) -> dict[str, Any]:
    request: dict[str, Any] = {"method": one.method, "path": one.path}
    if one.request is not None:
        request |= _content(one.request, "application/json")
        found = rules(one.request)
        if found:
            request["matchingRules"] = {"body": found}
    response: dict[str, Any] = {"status": one.status}
    if one.response is not None:
        response |= _content(
            one.response, "application/json" if one.status < 400 else "application/problem+json"
        )
        kind = {"combine": "AND", "matchers": [{"match": "regex", "regex": JSON_TYPE}]}
        response["matchingRules"] = {"header": {"Content-Type": kind}, "body": rules(one.response)}
    made: dict[str, Any] = {
        "type": "Synchronous/HTTP",
        "description": one.description,
        "pending": one.pending,
        "providerStates": [{"name": state.name, "params": state.params} for state in one.states],
        "request": request,
        "response": response,
        "comments": {"text": list(one.comments)},
    }
    return {"key": hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16], **made}


def _content(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "headers": {"Content-Type": [kind]},
        "body": {"content": example(schema), "contentType": kind, "encoded": False},
    }
