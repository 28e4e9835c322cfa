"""Operations: what the contexts call of each other in the process, described for the wire.

find_operations(model, context) -> Operations
    for a context every definition that is called over its boundary, in both directions: parameters, result,
    exceptions, whether it may be repeated, and the blockers that keep it from crossing a wire

On the wire an operation is ``POST /_strangler/<context>/<operation>`` with a JSON object of arguments.
200 answers ``{"result": ...}``, with what has become of rows that it may change as ``rows``; one of these as
the result is ``{"result": null, "same": name}``.
An exception answers its status with a problem document (RFC 9457):
``{"type": "about:blank", "title": code, "status": n, "code": code, "detail": text, "arguments": [...]}``.
"""

from strangler.contracts.operations.find import find_operations
from strangler.contracts.operations.naming import slug
from strangler.contracts.operations.values import (
    Blocker,
    Failure,
    Operation,
    Operations,
    Parameter,
    Receiving,
    Result,
    Site,
)

__all__ = [
    "Blocker",
    "Failure",
    "Operation",
    "Operations",
    "Parameter",
    "Receiving",
    "Result",
    "Site",
    "find_operations",
    "slug",
]
