"""Characterisation of the HTTP endpoints that move.

record(endpoints, target, settings) -> Recording        drives safe requests, each twice; TargetError
suite_files(recording, context) -> dict[str, bytes]      a pytest suite that needs pytest and httpx alone
openapi(recording, endpoints, context) -> dict            an OpenAPI 3.1 document
"""

from strangler.contracts.http.openapi import openapi
from strangler.contracts.http.recorder import record
from strangler.contracts.http.suite_files import suite_files
from strangler.contracts.http.values import Case, Missing, Recording, RecordSettings, TargetError

__all__ = [
    "Case",
    "Missing",
    "RecordSettings",
    "Recording",
    "TargetError",
    "openapi",
    "record",
    "suite_files",
]
