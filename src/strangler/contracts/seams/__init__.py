"""Seams in code: for every operation that can cross a wire a port with two adapters, as a patch.

find_operations(model, tree, context) -> Operations     (strangler.contracts.operations)
build_seams(model, tree, operations) -> Seams           the patch, what it covers, what it leaves
"""

from strangler.contracts.seams.build import Seams, build_seams

__all__ = ["Seams", "build_seams"]
