"""Who may call an operation: from what the code guards and from who was turned away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.cases import request_of
from strangler.contracts.http.values import Case, Recording
from strangler.model import Endpoint

Schemes = dict[str, dict[str, Any]]
UNSAID = "credentials"


def scheme_of(headers: dict[str, str]) -> tuple[str, dict[str, Any]] | None:
    """Name and security scheme of an identity's headers; nothing of their values is kept."""
    for name, value in sorted(headers.items()):
        word = value.split()[0] if value.split() else ""
        if name.lower() == "authorization" and word.lower() in ("bearer", "basic", "digest"):
            return word.lower(), {"type": "http", "scheme": word.lower()}
        if name.lower() == "authorization" and " " in value.strip():
            text = f"The value begins with the word {word}."
            return word.lower(), {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": text,
            }
        if name.lower() == "cookie":
            cookie = value.partition("=")[0].strip()
            return "session", {"type": "apiKey", "in": "cookie", "name": cookie}
    for name in sorted(headers):
        return name.lower().replace("-", "_"), {"type": "apiKey", "in": "header", "name": name}
    return None


def schemes(recording: Recording | None, endpoints: Sequence[Endpoint]) -> Schemes:
    """The schemes of all who asked; without a recording those that the code reads."""
    found: Schemes = {}
    for name, scheme in recording.schemes.values() if recording is not None else ():
        found[name] = scheme
    rows = [row for endpoint in endpoints for row in endpoint.requests]
    if not found:
        for row in rows:
            for one in row.inputs:
                if one.where == "header" and any(
                    word in one.name.lower() for word in ("key", "token", "auth")
                ):
                    if one.name.lower() == "authorization":
                        found["bearer"] = {"type": "http", "scheme": "bearer"}
                    else:
                        key = one.name.lower().replace("-", "_")
                        found[key] = {"type": "apiKey", "in": "header", "name": one.name}
    if not found and any(row.guards for row in rows):
        text = "The code guards these operations; how callers prove who they are was not recorded."
        found[UNSAID] = {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}
    return dict(sorted(found.items()))


def needed(
    recording: Recording | None, endpoint: Endpoint, method: str, cases: Sequence[Case], known: Schemes
) -> list[dict[str, list[str]]] | None:
    """The ``security`` of an operation; None where nothing is known."""
    row = request_of(endpoint, method)
    guarded = bool(row is not None and row.guards)
    if recording is None or not cases:
        return [{name: []} for name in known] if guarded and known else None
    open_to_all, turned_away = _nobody(recording, cases)
    if open_to_all:
        return []
    if not (guarded or turned_away) or not known:
        return None
    let_in = {case.identity for case in cases if recording.answers[case.id]["status"] < 400} - {"anonymous"}
    names = {recording.schemes[who][0] for who in let_in if who in recording.schemes}
    return [{name: []} for name in sorted(names or known)]


def _nobody(recording: Recording, cases: Sequence[Case]) -> tuple[bool, bool]:
    """Whether somebody without identity was let in, and whether such was turned away."""
    let_in = turned_away = False
    for case in cases:
        if case.identity != "anonymous":
            continue
        answer = recording.answers[case.id]
        place = answer["headers"].get("location", "")
        if answer["status"] < 300:
            let_in = True
        elif answer["status"] in (401, 403) or "login" in place or "signin" in place:
            turned_away = True
    return let_in, turned_away
