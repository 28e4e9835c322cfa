"""Seams in code: for every operation that can cross a wire a port with two adapters, as a patch.

find_operations(model, context) -> Operations     (strangler.contracts.operations)
build_seams(model, tree, operations) -> Seams           the patch, what it covers, what it leaves
seam_files(operations, seams) -> dict[str, bytes]       operations.json, BLOCKERS.md, seams.patch
"""

from strangler.contracts.seams.build import MARK, Seams, build_seams
from strangler.contracts.seams.files import seam_files

__all__ = ["MARK", "Seams", "build_seams", "seam_files"]
