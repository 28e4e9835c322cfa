"""Signatures: from an interpreted program to what its definitions take, give, raise and do beside that.

The same syntax, names, classes, tables and calls as the interpreter's; only the question is another one. The
interpreter asks what a value may be, so that no access is missed; a wire needs what it must be. What is not
certain is ``unknown`` here.
"""

from strangler.analyzers.signatures.rows import Rows, signature_rows

__all__ = ["Rows", "signature_rows"]
