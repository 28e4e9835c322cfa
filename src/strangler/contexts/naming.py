"""Names for contexts, from what their members are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import log

from strangler.contexts import packages, subjects, words
from strangler.model import BoundedContext, System
from strangler.model.lookup import ancestors, last, parent

KEPT = 0.5
"""Share of common members (Jaccard) from which a context keeps the name of an earlier run."""
COMMON = 0.25
"""Share of the members that carry a word which may name them all."""


def name_all(
    system: System,
    members: Sequence[Sequence[str]],
    taken: Mapping[int, str] | None = None,
    previous: Sequence[BoundedContext] = (),
    held: Mapping[int, str] | None = None,
    reserved: frozenset[str] = frozenset(),
    without: Collection[int] = (),
    owned: Mapping[int, Collection[str]] | None = None,
) -> list[str]:
    """A name for each group of modules: distinct, lower case, words of the code base itself.

    In this order: the user's name; the name of an earlier context with mostly the same members; the concept
    that holds it together; the word that most members carry in their path and few others do, a quarter of
    them at least; the last part of the package that holds most members. The name of anything (``core``) and
    that of the system itself give way to what the tables of the context are about, and a package that holds
    about half of it is named with the other half (``subjects``). The package that declares tables comes
    first, what is no context last. A name that is taken (signs aside) gets that of the package above before
    it, or a second word.

    Args:
        members: module names of each context.
        taken: position -> name given by the user.
        previous: contexts of an earlier run.
        held: position -> concept (a word, ``@`` and a package, or ``~`` and a place across layers).
        reserved: names that are used elsewhere and must not be given anew.
        without: positions of what is no context: its tables do not name it.
        owned: position -> its tables, the only ones that name it; None where that is not known yet.
    """
    taken = dict(taken or {})
    layer = words.layer_words(module.name for module in system.modules)
    spelling = words.spellings(module.name for module in system.modules)
    texts = [_carriers(system, group) for group in members]
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update(text)
    about = subjects.Subjects(system)
    result: dict[int, str] = dict(taken)
    used = _Taken({*taken.values(), *reserved})
    for position, name in _kept(members, previous, used):
        result.setdefault(position, name)
        used.add(name)
    wanted = []
    for position, concept in (held or {}).items():
        if concept[1:] == ".":  # the top directory: its modules' own words say more
            continue
        own = words.plain(last(concept).lstrip(packages.MARKS))
        name = own if concept.startswith(tuple(packages.MARKS)) else spelling.get(own, own)
        if position not in without:
            name = about.name(members[position], name, None if owned is None else owned.get(position, ()))
        declares = any(own in _packages(module) for module in members[position] if module in about.declared)
        wanted.append((position in without, not declares, position, name, concept))
    for *_, position, name, concept in sorted(wanted):
        above = words.plain(last(parent(concept)).lstrip(packages.MARKS))
        found = [name, f"{above}-{name}"] if concept.startswith(packages.PACKAGE) and above else [name]
        name = next((one for one in found if one not in used), "")
        if position not in result and name:
            result[position] = name
            used.add(name)
    order = sorted(range(len(members)), key=lambda i: (i in without, -len(members[i]), i))
    for position in order:
        if position not in result:
            text, size = texts[position], len(members[position])
            common = [w for w in _ranked(text, spread, size, layer) if text[w] >= COMMON * size]
            found = [*(spelling.get(w, w) for w in common[:6]), _package(members[position])]
            if position not in without:
                tables = None if owned is None else owned.get(position, ())
                found[0] = about.name(members[position], found[0], tables)
            result[position] = _free(found, used)
            used.add(result[position])
    return [result[position] for position in range(len(members))]


def of_rest(system: System, group: Sequence[str], taken: Collection[str]) -> str | None:
    """A name for what stays: that of the package which holds more than half of it, or of the application
    where that is called like anything (its ``core`` where that name is ``taken``); None where these are
    taken, and where there is no package.

    Its tables do not name it: they are of several domains.
    """
    above = {package for name in group for package in ancestors(parent(name))}
    if not above:
        return None
    below = Counter(package for name in group for package in {name, *ancestors(parent(name))} & above)
    held = [package for package, count in below.items() if 2 * count > len(group)]
    own = words.plain(last(max(held, key=len))) if held else ""
    found = [own] if own and not subjects.anything(own) else []
    whole = words.plain(system.monolith.name)
    return next((name for name in (*found, whole, f"{whole}-core") if name not in taken), None)


def _carriers(system: System, group: Sequence[str]) -> Counter[str]:
    """word -> members that carry it in their path (the package's words and the file's)."""
    text: Counter[str] = Counter()
    top = {package.split(".")[0] for package in system.monolith.packages}
    for name in group:
        parts = name.split(".")
        if parts[0] in top and len(parts) > 1:
            parts = parts[1:]
        text.update({word for part in parts for word in words.split(part)})
    return text


def _ranked(text: Counter[str], spread: Counter[str], size: int, layer: Mapping[str, float]) -> list[str]:
    """Words by the F-measure of 'carries the word' against 'is a member', layer words last."""

    def worth(word: str) -> float:
        precision, recall = text[word] / spread[word], text[word] / size
        return (
            2
            * precision
            * recall
            / (precision + recall)
            * (1 - 0.9 * layer.get(word, 0.0))
            * log(1 + len(word))
        )

    return sorted((word for word in text if len(word) > 1), key=lambda word: (-worth(word), word))


def _packages(module: str) -> set[str]:
    """The packages that a module lies in, as names of contexts."""
    return {words.plain(part) for part in module.split(".")[:-1]}


def _package(group: Sequence[str]) -> str:
    packages = Counter(parent(name) or name for name in group)
    return words.plain(last(min(packages, key=lambda name: (-packages[name], name))))


class _Taken:
    """Names in use: two that differ by a sign only are one (``files_upload``, ``files-upload``)."""

    def __init__(self, names: Collection[str]) -> None:
        self._keys = {_letters(name) for name in names}

    def add(self, name: str) -> None:
        self._keys.add(_letters(name))

    def __contains__(self, name: str) -> bool:
        return _letters(name) in self._keys


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _free(candidates: Sequence[str], used: _Taken) -> str:
    for candidate in candidates[:1]:
        if candidate not in used:
            return candidate
    first = candidates[0]
    for other in candidates[1:]:
        if other != first and f"{first}-{other}" not in used:
            return f"{first}-{other}"
    number = 2
    while f"{first}-{number}" in used:
        number += 1
    return f"{first}-{number}"


def _kept(
    members: Sequence[Sequence[str]], previous: Sequence[BoundedContext], used: _Taken
) -> list[tuple[int, str]]:
    sets = [set(group) for group in members]
    pairs = []
    for context in previous:
        old = set(context.modules)
        if not context.proper or context.name in used or not old:
            continue
        for position, group in enumerate(sets):
            common = len(group & old)
            if common and common / len(group | old) > KEPT:
                pairs.append((-common / len(group | old), context.name, position))
    result: dict[int, str] = {}
    for _, name, position in sorted(pairs):
        if position not in result and name not in result.values():
            result[position] = name
    return sorted(result.items())
