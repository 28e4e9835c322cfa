"""Seams between contexts: each module holds what the other contexts call of one.

A context's calls stay in the process until SEAM_<CONTEXT>_URL names the service that answers them. Callers
and service share SEAM_TOKEN. SEAM_TIMEOUT (5 seconds) and SEAM_RETRIES (2, of calls that write nothing) can
be set.
"""
# saga: begin

CONTEXTS: "tuple[str, ...]" = ()
"""Those whose calls are steps of sagas."""
# saga: end
