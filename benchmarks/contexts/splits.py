"""Against boundaries that maintainers really drew: the default cut, hierarchy, confidence, suggestions."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import baselines
import scores
from inputs import Subject

from strangler import contexts
from strangler.contexts import ContextSettings, Proposal

VIEWS = ContextSettings().views


Figures = tuple[float, float, float, float, float, float, float]
"""best_f1, AMI, ARI, pair F1, times too many, and of what left alone best_f1 and ARI."""

Row = tuple[str, list[Figures]]
"""A method and its figures on each split."""


class Split:
    """A subject with the true contexts of (some of) its files."""

    def __init__(self, truth_file: Path, subject: Subject) -> None:
        document = json.loads(truth_file.read_text(encoding="utf-8"))
        self.name: str = document["name"]
        self.truth: dict[str, list[str]] = document["truth"]
        self.stayed = frozenset(document.get("stayed", ()))
        """The true contexts that are all that was left when the others had gone."""
        if unknown := sorted(self.stayed - self.truth.keys()):
            raise ValueError(f"{truth_file}: no true context is called {', '.join(unknown)}")
        self.subject = subject
        self.path_of = subject.path_of

    def paths(self, found: dict[str, str]) -> dict[str, str]:
        return {self.path_of[m]: c for m, c in found.items() if m in self.path_of}

    def propose(self, **settings: object) -> Proposal:
        return contexts.propose(self.subject.system, self.subject.changes, ContextSettings(**settings))  # type: ignore[arg-type]

    def score(self, found: dict[str, str]) -> Figures:
        """The figures of module -> context."""
        by_path = self.paths(found)
        sets = scores.sets_of(by_path)
        return (
            scores.best_f1(sets, self.truth),
            scores.adjusted_mutual_information(by_path, self.truth),
            scores.adjusted_rand(by_path, self.truth),
            scores.pair_f1(by_path, self.truth),
            scores.times_too_many(by_path, self.truth),
            scores.best_f1(sets, self.truth, self.stayed),
            scores.adjusted_rand_of_what_left(by_path, self.truth, self.stayed),
        )

    def nodes(self, proposal: Proposal) -> list[list[str]]:
        return [
            [self.path_of[m] for m in context.modules]
            for level in proposal.hierarchy
            for context in level.contexts
        ]


def cut_of(proposal: Proposal) -> dict[str, str]:
    return {module: context.name for context in proposal.contexts for module in context.modules}


def table(splits: Sequence[Split], baselines_too: bool = True) -> str:
    """The figures of the default cut and of the trivial and cheap ones, and the best node."""
    rows: list[Row] = []
    if baselines_too:
        for name, method in baselines.METHODS.items():
            rows.append((name, [s.score(method(s.subject.system, s.subject.changes)) for s in splits]))
    proposals = [s.propose() for s in splits]
    rows.append(("strangler", [s.score(cut_of(p)) for s, p in zip(splits, proposals, strict=True)]))
    lines = _table("method", splits, rows)
    best = [scores.best_f1(s.nodes(p), s.truth) for s, p in zip(splits, proposals, strict=True)]
    lines.append(
        f"| strangler, best node of its hierarchy | {sum(best) / len(best):.3f} |  |  |  |  |  |  | "
        + " | ".join(f"{value:.3f}" for value in best)
        + " |"
    )
    return "\n".join(lines)


def ablation(splits: Sequence[Split]) -> str:
    """Each view alone, all but one, all."""
    used = [v for v in VIEWS if v != "traces"]
    choices = [(f"{v} only", (v,)) for v in used]
    choices += [(f"all but {v}", tuple(w for w in used if w != v)) for v in used]
    choices += [("all", tuple(used))]
    rows = [(name, [s.score(cut_of(s.propose(views=views))) for s in splits]) for name, views in choices]
    return "\n".join(_table("views", splits, rows))


def _table(head: str, splits: Sequence[Split], rows: list[Row]) -> list[str]:
    lines = [
        f"| {head} | best_f1 | AMI | ARI | pair F1 | times too many | F1 of what left | ARI of what left | "
        + " | ".join(s.name for s in splits)
        + " |",
        "|---" * (8 + len(splits)) + "|",
    ]
    for name, values in rows:
        means = [sum(v) / len(v) for v in zip(*values, strict=True)]
        each = " | ".join(f"{value[0]:.3f} / {value[1]:.2f}" for value in values)
        mean = " | ".join(f"{value:.3f}" for value in means[:4])
        lines.append(f"| {name} | {mean} | {means[4]:.1f} | {means[5]:.3f} | {means[6]:.3f} | {each} |")
    return lines


Rights = dict[int, list[tuple[bool, bool]]]
"""tenth of the confidence -> (extractable, pure) of each module in it."""


def reliability(splits: Sequence[Split], picture: Path | None = None) -> str:
    """How right modules of each confidence are.

    *extractable*: the module's context is the one that matches its true context best (one proposal a true
    context); *pure*: most of its context has the same true context.
    """
    bins: Rights = defaultdict(list)
    named: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for split in splits:
        proposal = split.propose()
        real = scores.real_of(split.truth)
        home = split.paths(cut_of(proposal))
        groups = scores.sets_of({p: c for p, c in home.items() if p in real})
        majority, best = {}, {}
        for group in groups:
            name = home[group[0]]
            counts = {t: sum(real[p] == t for p in group) for t in {real[p] for p in group}}
            majority[name] = min(counts, key=lambda t: (-counts[t], t))
            for t, n in counts.items():
                f1 = 2 * n / (len(group) + len(split.truth[t]))
                best[t] = max(best.get(t, (0.0, "")), (f1, name))
        for context in proposal.contexts:
            for member in context.members:
                path = split.path_of[member.module]
                if path in real:
                    right = best[real[path]][1] == context.name, majority[context.name] == real[path]
                    bins[min(int(member.confidence * 10), 9)].append(right)
                    if member.confidence > 0.9:
                        named["above 0.9"].append(right)
                    if member.confidence < 0.5:
                        named["below 0.5"].append(right)
    if picture is not None:
        picture.write_text(plot(bins), encoding="utf-8")
    lines = ["| confidence | modules | extractable | pure | |", "|---|---|---|---|---|"]
    for number in sorted(bins):
        lines.append(_bar(f"{number / 10:.1f} to {number / 10 + 0.1:.1f}", bins[number]))
    lines += [_bar(name, values) for name, values in sorted(named.items())]
    return "\n".join(lines)


def plot(bins: Rights) -> str:
    """An SVG of 400 by 300: share that is right over confidence, the area of a point for its modules."""
    side, left, top = 240, 60, 20

    def at(x: float, y: float) -> str:
        return f"{left + side * x:.1f},{top + side * (1 - y):.1f}"

    def text(x: float, y: float, said: str, anchor: str = "middle") -> str:
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{said}</text>'

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" font-family="sans-serif" '
        'font-size="11" role="img" aria-label="Share of modules that are right over their confidence">',
        '<rect width="400" height="300" fill="#fff"/>',
        f'<path d="M{at(0, 1)} L{at(0, 0)} L{at(1, 0)}" fill="none" stroke="#444"/>',
        f'<path d="M{at(0, 0)} L{at(1, 1)}" stroke="#999" stroke-dasharray="4 3"/>',
    ]
    for step in (0.0, 0.5, 1.0):
        parts.append(text(left + side * step, top + side + 16, f"{step:.1f}"))
        parts.append(text(left - 8, round(top + side * (1 - step)) + 4, f"{step:.1f}", "end"))
    parts.append(text(left + side / 2, top + side + 34, "confidence"))
    for position, (name, colour) in enumerate((("extractable", "#0b61a4"), ("pure", "#b35900"))):
        shares = [(n / 10 + 0.05, sum(r[position] for r in bins[n]) / len(bins[n])) for n in sorted(bins)]
        line = " ".join(at(x, y) for x, y in shares)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        for number, (x, y) in zip(sorted(bins), shares, strict=True):
            place = 'cx="{}" cy="{}"'.format(*at(x, y).split(","))
            radius = max(2.0, len(bins[number]) ** 0.5 / 2.5)
            parts.append(f'<circle {place} r="{radius:.1f}" fill="{colour}" fill-opacity="0.5"/>')
        parts.append(
            f'<text x="{left + side + 12}" y="{top + 20 + 18 * position}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _bar(name: str, values: list[tuple[bool, bool]]) -> str:
    first, second = (sum(v) / len(values) for v in zip(*values, strict=True))
    return f"| {name} | {len(values)} | {first:.2f} | {second:.2f} | {'█' * round(first * 20)} |"


def suggestions(splits: Sequence[Split], only: Sequence[str], draws: int = 20) -> str:
    """Mean average precision of ``suggest`` from three members of a true context (one of a small one).

    Args:
        only: true contexts to ask for; empty for all with at least eight members.
    """
    lines = ["| split | context | average precision |", "|---|---|---|"]
    means = []
    for split in splits:
        real = scores.real_of(split.truth)
        for context, members in split.truth.items():
            if (context not in only) if only else len(members) < 8:
                continue
            values = []
            for number in range(draws):
                seeds = random.Random(number).sample(sorted(members), 3 if len(members) > 5 else 1)
                ranked = contexts.suggest(split.subject.system, split.subject.changes, seeds)
                ranking = [item.path for item in ranked]
                skip = set(seeds) | {path for path in ranking if path not in real}
                values.append(scores.average_precision(ranking, set(members) - set(seeds), skip))
            means.append(sum(values) / len(values))
            lines.append(f"| {split.name} | {context} | {means[-1]:.3f} |")
    lines.append(f"| mean of {len(means)} | | {sum(means) / max(len(means), 1):.3f} |")
    return "\n".join(lines)
