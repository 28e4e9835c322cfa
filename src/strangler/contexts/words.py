"""Words of names: splitting, and telling domain words from words that name a layer.

A *layer word* says what kind of thing a module is (view, driver, hook), not what it is about. Such words
are found in the code base itself: English compounds put the kind last (``slack_hook``, ``order_views``), so
a word that mostly ends file names, after many different words or in many directories, names a layer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from heapq import nlargest
from math import log, sqrt

from strangler.text import identifier_pieces

_GENERAL = """
abstract admin api app application backend base builder cache client command common component conf config
const constant contrib controller core crud data db default domain dto enum error event exception extension
factory field filter form func function handler helper hook http impl init interface internal job layer
lib library main management manager middleware migration mixin model module mutation operator package
page permission plugin py query receiver repo repository resolver resource route router schema script
sensor serializer service setting shared signal src storage store task template templatetag test tool type url
util utility v validator view viewset web worker
"""
GENERAL = frozenset(_GENERAL.split())
"""Words of the trade that say nothing about a domain unless the code base says otherwise."""


_APART = re.compile(r"[^0-9A-Za-z]+")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Singular of an English plural, by its ending only: ``policies`` -> ``policy``."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=200_000)
def split(name: str) -> tuple[str, ...]:
    """Words of an identifier, lower case, singular: ``OrderLines_v2`` -> ``order line v``."""
    return tuple(stem(piece) for piece in identifier_pieces(name))


def plain(name: str) -> str:
    """A name as a context carries it: lower case, words joined by ``-``; digits and a letter alone in front
    part none (``b2b``, ``OAuth``)."""
    parts = _APART.split(name)
    return (
        "-".join(part.lower() if part.islower() else _hyphened(part) for part in parts if part) or "context"
    )


def _hyphened(part: str) -> str:
    pieces = identifier_pieces(part)
    if len(pieces) > 1 and len(pieces[0]) == 1:
        pieces[:2] = [pieces[0] + pieces[1]]
    return "-".join(pieces)


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Stem -> how it is mostly written in the paths: ``postgre`` -> ``postgres``."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        for piece in identifier_pieces(name):
            seen[stem(piece)][piece] += 1
    return {word: min((-n, form) for form, n in forms.items())[1] for word, forms in seen.items()}


def layer_words(names: Iterable[str]) -> dict[str, float]:
    """Word -> how much it names a layer, 0 (a domain word) to 1.

    The share of a word's uses in file names at the end, after many others: a word that ends fewer than three
    distinct file names, or stands first as often as last, is a domain word. A word that is a file name by
    itself in many directories can be either (``views`` in each app, ``users`` in each layer): it counts as a
    layer only if it is a general word of the trade.

    Args:
        names: dotted module names.
    """
    last: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    first: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    alone: Counter[str] = Counter()
    for name in names:
        parts = [split(part) for part in name.split(".")]
        file = parts[-1]
        if len(file) > 1:
            if not GENERAL.issuperset(file[:-1]):
                last[file[-1]].add(file[:-1])
            for word in file[:-1]:
                first[word].add(file)
        elif file:
            alone[file[0]] += 1
    result: dict[str, float] = {}
    for word in {*last, *alone, *GENERAL}:
        tails = len(last.get(word, ())) + (alone[word] if word in GENERAL else 0)
        heads = len(first.get(word, ()))
        if tails >= 3 or word in GENERAL:
            prior = 4.0 if word in GENERAL else 0.0
            result[word] = (tails + prior) / (tails + heads + prior + 1.0)
    return result


def vectors(
    texts: Sequence[Counter[str]], damp: dict[str, float] | None = None, most: float = 0.5
) -> list[dict[str, float]]:
    """TF-IDF vectors of unit length.

    Args:
        texts: words of each document.
        damp: word -> share of its weight to take away.
        most: words in more than this share of the documents are left out, as are words in one only.
    """
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update(text.keys())
    size = max(len(texts), 1)
    limit = max(most * size, 2)
    weight = {
        word: log(size / count) * (1 - (damp or {}).get(word, 0.0))
        for word, count in spread.items()
        if 1 < count <= limit
    }
    result = []
    for text in texts:
        row = {w: (1 + log(c)) * weight[w] for w, c in text.items() if weight.get(w, 0.0) > 0 and c > 0}
        length = sqrt(sum(value * value for value in row.values()))
        result.append({w: value / length for w, value in row.items()} if length else {})
    return result


def nearest(
    rows: Sequence[dict[str, float]], k: int = 10, postings: int = 400, least: float = 0.1, reach: int = 1500
) -> dict[tuple[int, int], float]:
    """Cosine similarity of each row with its k nearest; the larger of both directions.

    Args:
        rows: unit vectors.
        k: neighbours a row keeps.
        postings: a word in more rows than this ties no pair.
        least: smallest similarity kept.
        reach: rows compared with one row, counted with repetition, its heaviest words first; so the time
            grows with the number of rows, not with its square.
    """
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, row in enumerate(rows):
        for word, value in row.items():
            index[word].append((number, value))
    edges: dict[tuple[int, int], float] = {}
    for number, row in enumerate(rows):
        score: dict[int, float] = defaultdict(float)
        left = reach
        for value, word in sorted([(-value, word) for word, value in row.items()]):
            places = index[word]
            if len(places) > postings or len(places) < 2:
                continue
            left -= len(places)
            if left < 0 and score:
                break
            for other, weight in places:
                score[other] -= value * weight
        score.pop(number, None)
        close = [(value, -other) for other, value in score.items() if value >= least]
        if len(close) > k:
            close = nlargest(k, close)
        for value, other in close:
            key = (number, -other) if number < -other else (-other, number)
            if value > edges.get(key, 0.0):
                edges[key] = value
    return edges
