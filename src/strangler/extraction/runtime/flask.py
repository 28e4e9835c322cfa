"""Routes that another program answers: they keep their names, so that links to them can be built."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response

ROUTES: list[tuple[str, str, list[str]]] = []
"""Rule, name and methods of each."""

ELSEWHERE = "This route is answered by another program: the gateway leads there.\n"


def answer(**values: Any) -> Response:
    """421: the gateway should have sent this request elsewhere."""
    return Response(ELSEWHERE, status=421, mimetype="text/plain")


def register(parent: Flask | Blueprint) -> None:
    """Give an application, or the application of a blueprint, the names of the routes that stay."""
    if isinstance(parent, Blueprint):
        parent.record(lambda state: _name(state.app))
    else:
        _name(parent)


def _name(app: Any) -> None:
    for rule, endpoint, methods in ROUTES:
        if app.view_functions.get(endpoint, answer) is answer:  # a name may have several rules
            app.add_url_rule(rule, endpoint=endpoint, view_func=answer, methods=methods)
