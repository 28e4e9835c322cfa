"""Accepted boundaries: which module each claims today, and the fewest lines that say a cut."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from strangler.model import Boundary, Diagnostic
from strangler.model.base import Value
from strangler.model.lookup import TABLE, ancestors, home, parent
from strangler.spelling import nearest

MAJORITY = 2 / 3
"""Share of a package's modules from which the package is said and the rest as exceptions."""
TOLD = 50
"""Lines that name nothing of which each is told."""


class Accepted(Value, frozen=True, kw_only=True):
    """The file of accepted boundaries as it was read."""

    file: str = ""
    boundaries: tuple[Boundary, ...] = ()
    lines: dict[str, int] = {}
    """Selector (a table with ``table:`` before it) -> line of the file."""


def claims(boundaries: Sequence[Boundary], modules: Iterable[str]) -> dict[str, Boundary]:
    """module -> the boundary that claims it: by its own name, else by the longest package."""
    exact = {name: boundary for boundary in boundaries for name in boundary.modules}
    inside = {name: boundary for boundary in boundaries for name in boundary.packages}
    result = {}
    for module in modules:
        found = exact.get(module)
        if found is None:
            found = next((inside[name] for name in ancestors(module) if name in inside), None)
        if found is not None:
            result[module] = found
    return result


def moved_claims(
    boundaries: Sequence[Boundary], claimed: Mapping[str, Boundary], renamed: Mapping[str, str]
) -> dict[str, tuple[str, Boundary]]:
    """Module that nobody claims by its name of today -> (its former name, the boundary that claims that)."""
    former = {new: old for old, new in sorted(renamed.items()) if new not in claimed}
    old = claims(boundaries, former.values())
    return {new: (name, old[name]) for new, name in former.items() if name in old}


def package_votes(owner: Mapping[str, str]) -> dict[str, Counter[str]]:
    """package -> context -> modules of it that are there."""
    votes: dict[str, Counter[str]] = {}
    for module, context in owner.items():
        for package in ancestors(module):
            votes.setdefault(package, Counter())[context] += 1
    return votes


def package_vote(module: str, votes: Mapping[str, Counter[str]]) -> str:
    """The context that most modules of the nearest known package are in, "" for none."""
    package = home(module, votes)
    return min(votes[package].items(), key=lambda item: (-item[1], item[0]))[0] if package else ""


def unknown(
    accepted: Accepted, modules: Collection[str], tables: Collection[str], renamed: Mapping[str, str]
) -> list[Diagnostic]:
    """A warning for each selector that names nothing (any more), with the line and what is near."""
    packages = {name for module in modules for name in ancestors(module)}
    found: list[Diagnostic] = []
    for boundary in accepted.boundaries:
        rows = [
            *(("package", name, packages) for name in boundary.packages),
            *(("module", name, modules) for name in boundary.modules),
            *(("table", name, tables) for name in boundary.tables),
        ]
        for what, name, known in rows:
            if name in known:
                continue
            now = renamed.get(name)
            if len(found) == TOLD:
                more = f"more than {TOLD} lines name nothing: `strangler accept` writes the file anew"
                last = Diagnostic(
                    file=accepted.file, line=None, code="boundaries-unknown", severity="warning", message=more
                )
                return [*found, last]
            near = nearest(name, sorted(known), 1, 0.7) if now is None else []
            hint = f"it is {now} now" if now else f"near is {near[0]}" if near else "it may be gone"
            found.append(
                Diagnostic(
                    file=accepted.file,
                    line=accepted.lines.get(f"{TABLE}{name}" if what == "table" else name),
                    code="boundaries-unknown",
                    severity="warning",
                    message=f"{boundary.id}: no {what} {name!r}; {hint}: mend or delete the line, "
                    "or let `strangler accept` write it anew",
                )
            )
    return found


def selectors(
    place: Mapping[str, str], kept: Mapping[str, str] | None = None
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """context -> (packages, single modules): few lines from which ``claims`` makes the cut again.

    A package is said where all its modules, or two thirds of three at least, are in one context; its
    exceptions follow. A top-level package is said for nobody who does not hold all of it, and no package
    that holds an open module.

    Args:
        place: module -> context, "" where nothing is decided.
        kept: packages that are said already -> context; they stay where the context has modules there.
    """
    return _Cover(place, kept or {}).result()


class _Cover:
    def __init__(self, place: Mapping[str, str], kept: Mapping[str, str]) -> None:
        self.place, self.kept = place, kept
        self.children: dict[str, set[str]] = defaultdict(set)
        self.held: dict[str, Counter[str]] = defaultdict(Counter)
        for module, context in place.items():
            for name in ancestors(module):
                self.held[name][context] += 1
                self.children[parent(name)].add(name)
        self.packages: dict[str, list[str]] = defaultdict(list)
        self.modules: dict[str, list[str]] = defaultdict(list)

    def result(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        for name in sorted(self.children[""]):
            self._cover(name, "")
        said = {*self.packages, *self.modules}
        return {c: (tuple(self.packages[c]), tuple(sorted(self.modules[c]))) for c in sorted(said)}

    def _cover(self, name: str, inherited: str) -> None:
        held = self.held[name]
        context = self._package(name, held)
        if context and context != inherited:
            self.packages[context].append(name)
            inherited = context
        if set(held) == {inherited}:
            return
        own = self.place.get(name, inherited)
        if own != inherited:
            self.modules[own].append(name)
        for child in sorted(self.children[name]):
            self._cover(child, inherited)

    def _package(self, name: str, held: Counter[str]) -> str:
        """The context for which a package is said, if any."""
        if held[""] or not self.children[name]:
            return ""
        said = self.kept.get(name, "")
        if held[said]:
            return said
        context = min(held, key=lambda c: (-held[c], c))
        total = held.total()
        if held[context] == total:
            return context
        enough = "." in name and total >= 3 and held[context] >= MAJORITY * total
        return context if enough else ""
