"""The picture of a context map: cards in columns, users to the left of what they use, curves between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from strangler.model import BoundedContext
from strangler.reports.needs import Need
from strangler.reports.order import order

MOST_CARDS = 60
CARD_WIDTH = 168
LOWEST, HIGHEST = 82, 112
GAP_X, GAP_Y = 88, 22
MARGIN = 24
SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Card:
    """A context in the picture; its height grows with the root of its modules."""

    name: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A curve from the right or left edge of one card to another; ``path`` is SVG path data."""

    a: str
    b: str
    weight: int
    mutual: bool
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Cards and lines, the heaviest line first, in units of CSS pixels."""

    width: float
    height: float
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]
    left_out: int
    """Contexts beyond the ``MOST_CARDS`` largest."""


def picture(
    contexts: Sequence[BoundedContext], found: Sequence[Need], extra: Sequence[tuple[str, str]]
) -> Picture:
    """Lay out the largest contexts; ``extra`` pairs get a line even where neither needs the other."""
    shown = sorted(contexts, key=lambda c: (-len(c.modules), c.name))[:MOST_CARDS]
    names = {context.name for context in shown}
    weights = {(t.source, t.target): t.weight for t in found if t.source in names and t.target in names}
    columns = _columns(shown, weights)
    _untangle(columns, weights)
    cards = _place(columns, {context.name: len(context.modules) for context in shown})
    by_name = {card.name: card for card in cards}
    lines = _lines(by_name, weights, [pair for pair in extra if set(pair) <= names])
    width = 2 * MARGIN + len(columns) * CARD_WIDTH + max(0, len(columns) - 1) * GAP_X
    height = max((card.y + card.height for card in cards), default=0) + MARGIN
    return Picture(width, height, tuple(cards), tuple(lines), len(contexts) - len(shown))


def _columns(shown: Sequence[BoundedContext], weights: Mapping[tuple[str, str], int]) -> list[list[str]]:
    """Cut the order of the matrix into columns; the shared kernel comes last, since all use it."""
    proper = [context.name for context in shown if context.proper]
    other = [context.name for context in shown if not context.proper]
    net = {(a, b): float(w) for (a, b), w in weights.items() if w > weights.get((b, a), 0)}
    sequence = order(proper, net)
    wide = max(1, min(5, ceil(sqrt(len(proper) * 0.9))))
    size = ceil(len(sequence) / wide) if sequence else 0
    columns = [sequence[start : start + size] for start in range(0, len(sequence), size)] if size else []
    return [*columns, sorted(other)] if other else columns


def _untangle(columns: list[list[str]], weights: Mapping[tuple[str, str], int]) -> None:
    """Sort each column by the mean height of its neighbours elsewhere, a few times (barycentre method)."""
    neighbours: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (a, b), weight in weights.items():
        neighbours[a].append((b, sqrt(weight)))
        neighbours[b].append((a, sqrt(weight)))
    for _ in range(SWEEPS):
        for column in columns:
            height = {name: (i + 0.5) / len(c) for c in columns for i, name in enumerate(c)}
            inside = set(column)

            def centre(name: str, height: dict[str, float] = height, inside: set[str] = inside) -> float:
                others = [(height[n], w) for n, w in neighbours[name] if n not in inside]
                weight = sum(w for _, w in others)
                return sum(h * w for h, w in others) / weight if weight else height[name]

            column.sort(key=lambda name: (round(centre(name), 6), name))


def _place(columns: list[list[str]], modules: Mapping[str, int]) -> list[Card]:
    largest = max(modules.values(), default=1) or 1
    heights = {n: round(LOWEST + (HIGHEST - LOWEST) * sqrt(m / largest), 1) for n, m in modules.items()}
    totals = [sum(heights[n] for n in column) + GAP_Y * (len(column) - 1) for column in columns]
    tallest = max(totals, default=0)
    cards = []
    for number, (column, height) in enumerate(zip(columns, totals, strict=True)):
        x = MARGIN + number * (CARD_WIDTH + GAP_X)
        y = MARGIN + (tallest - height) / 2
        for name in column:
            cards.append(Card(name, x, round(y, 1), heights[name]))
            y += heights[name] + GAP_Y
    return cards


def _lines(
    cards: Mapping[str, Card], weights: Mapping[tuple[str, str], int], extra: Sequence[tuple[str, str]]
) -> list[Line]:
    pairs = sorted({(min(pair), max(pair)) for pair in [*weights, *extra]})
    directed = []
    for a, b in pairs:
        there, back = weights.get((a, b), 0), weights.get((b, a), 0)
        directed.append((a, b) if there >= back else (b, a))
    ports = _ports(cards, directed)
    found = []
    for source, target in directed:
        there, back = weights.get((source, target), 0), weights.get((target, source), 0)
        path = _curve(cards[source], cards[target], ports[source, target], ports[target, source])
        found.append(Line(source, target, there + back, bool(there and back), path))
    return sorted(found, key=lambda line: (-line.weight, line.a, line.b))


def _ports(cards: Mapping[str, Card], pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """(card, other) -> height at which their line meets the card, spread so that lines seldom cross there."""
    sides: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for a, b in pairs:
        for card, other in ((a, b), (b, a)):
            sides[card, cards[other].x >= cards[card].x].append(other)
    ports: dict[tuple[str, str], float] = {}
    for (owner, _), others in sides.items():
        place = cards[owner]
        others.sort(key=lambda other: (cards[other].y, other))
        step = place.height * 0.7 / max(1, len(others))
        top = place.y + place.height / 2 - step * (len(others) - 1) / 2
        ports.update({(owner, other): top + step * number for number, other in enumerate(others)})
    return ports


def _curve(source: Card, target: Card, y1: float, y2: float) -> str:
    """A cubic curve between the facing sides; in one column it bulges out to the right."""
    if source.x == target.x:
        x = source.x + CARD_WIDTH
        bulge = x + min(GAP_X * 0.8, 30 + abs(y2 - y1) / 6)
        return f"M{x:.0f} {y1:.0f}C{bulge:.0f} {y1:.0f} {bulge:.0f} {y2:.0f} {x:.0f} {y2:.0f}"
    forward = source.x < target.x
    x1 = source.x + (CARD_WIDTH if forward else 0)
    x2 = target.x + (0 if forward else CARD_WIDTH)
    middle = (x1 + x2) / 2
    return f"M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
