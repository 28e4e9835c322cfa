"""Slices of a face: what of ``api`` is about one domain, and tied to it, goes with that domain.

``api/visa`` beside a package ``visa`` with tables is how that domain is asked from outside; ``api/schema`` is
about several. The name alone says nothing: a slice whose ties lead elsewhere stays in the face.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from strangler.contexts import layering, packages, subjects, words
from strangler.contexts.graph import Adjacency
from strangler.contexts.views import Landscape
from strangler.model import Module

MOSTLY = 0.4
"""Share of its ties to packages with tables that lead to the domain of its name,"""
TIED = 0.25
"""and share of all its ties that leave the face."""
LEAST = 2
"""Modules of a slice."""
FACES = layering.FACES | {"schema"}
"""Words of the name of a directory that is a face of what lies behind."""


def find(land: Landscape, firm: Adjacency) -> dict[int, str]:
    """module -> directory of the domain that it is a slice of.

    A domain is a package that declares tables. A slice is a directory without a table that has its name (in
    whatever number, and not one of anything: ``core``), in another one named as a face (``api``): of the ties
    that leave the face most lead to the domain. A file alone stays where it is.

    Args:
        firm: the ties by uses, data and history, without those of words.
    """
    domains = _domains(land)
    if not domains:
        return {}
    within = [
        next((folder for folder in packages.folders(module.path) if folder in domains), None)
        for module in land.modules
    ]
    named: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for folder in sorted(domains):
        named[words.split(folder.rpartition("/")[2])].append(folder)
    found: dict[int, str] = {}
    for part, group in sorted(_parts(land).items()):  # outer ones first
        face, _, own = part.rpartition("/")
        bare = land.declaring.isdisjoint(group) and len(group) >= LEAST
        if not bare or not _in_face(face) or subjects.anything(own):
            continue
        for domain in named.get(words.split(own), ()):
            beside = not _in(domain, face) and not _in(part, domain)
            if beside and _belongs(land, firm, within, face, group, domain):
                for number in group:
                    found.setdefault(number, domain)
    return found


def placed(modules: Sequence[Module], found: Mapping[int, str]) -> list[str]:
    """The paths of the modules, as if each slice lay in its domain."""
    return [
        f"{found[number]}/{module.path.rpartition('/')[2]}" if number in found else module.path
        for number, module in enumerate(modules)
    ]


def _domains(land: Landscape) -> set[str]:
    """The packages that declare tables, in no face."""
    own = {land.package(number) for number in land.declaring}
    return {folder for folder in own if folder and not _in_face(folder)}


def _parts(land: Landscape) -> Mapping[str, Sequence[int]]:
    """Directory -> modules."""
    parts: dict[str, list[int]] = defaultdict(list)
    for number, module in enumerate(land.modules):
        for folder in packages.folders(module.path):
            parts[folder].append(number)
    return parts


def _belongs(
    land: Landscape,
    firm: Adjacency,
    within: Sequence[str | None],
    face: str,
    group: Sequence[int],
    domain: str,
) -> bool:
    """Whether most ties of a part of a face, of those that leave the face, lead to a domain."""
    total = 0.0
    told: dict[str, float] = defaultdict(float)
    for number in group:
        for other, weight in firm[number]:
            if not _in(land.modules[other].path, face):
                total += weight
                place = within[other]
                if place is not None:
                    told[domain if _in(place, domain) else place] += weight
    mine = told.get(domain, 0.0)
    return mine >= max(MOSTLY * sum(told.values()), TIED * total, *told.values()) and mine > 0


def _in_face(folder: str) -> bool:
    """Whether a directory is named as a face, or after the schema of one, or lies in one."""
    names = packages.folders(f"{folder}/")
    return any(not FACES.isdisjoint(words.split(name.rpartition("/")[2])) for name in names)


def _in(path: str, folder: str) -> bool:
    """Whether a path is a directory or lies in it."""
    return f"{path}/".startswith(f"{folder}/")
