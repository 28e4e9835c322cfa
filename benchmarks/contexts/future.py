"""Against the future: analyse as of some months ago, then see how much later co-change stays inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import baselines
import scores
from inputs import as_of
from splits import VIEWS, cut_of

from strangler import contexts
from strangler.contexts import ContextSettings


def table(repositories: Sequence[Path], months: int) -> str:
    """within - random of every method and every choice of views."""
    columns: list[tuple[str, dict[str, tuple[float, int]]]] = []
    for repository in repositories:
        with as_of(repository, months) as (subject, commits):
            cuts = {
                name: method(subject.system, subject.changes) for name, method in baselines.METHODS.items()
            }
            used = [v for v in VIEWS if v != "traces"]
            choices = {f"{v} only": (v,) for v in used}
            choices |= {f"all but {v}": tuple(w for w in used if w != v) for v in used}
            for name, views in choices.items():
                cuts[f"strangler, {name}"] = cut_of(
                    contexts.propose(subject.system, subject.changes, ContextSettings(views=views))
                )
            proposal = contexts.propose(subject.system, subject.changes)
            for level in proposal.hierarchy:
                if level.label != "recommended":
                    name = f"strangler, {level.label} ({len(level.contexts)} contexts)"
                    cuts.setdefault(name, {m: c.name for c in level.contexts for m in c.modules})
            cuts["strangler"] = cut_of(proposal)
            held = {
                name: (scores.within_minus_random(commits, cut), len(set(cut.values())))
                for name, cut in cuts.items()
            }
            columns.append((f"{repository.name} ({len(commits)} commits)", held))
    names = list(dict.fromkeys(name for _, held in columns for name in held if "contexts)" not in name))
    lines = ["| method | " + " | ".join(c for c, _ in columns) + " |", "|---" * (1 + len(columns)) + "|"]
    for name in names:
        each = (f"{held[name][0]:.3f} ({held[name][1]})" for _, held in columns)
        lines.append(f"| {name} | " + " | ".join(each) + " |")
    for title, held in columns:
        levels = (f"{n}: {v:.3f}" for n, (v, _) in held.items() if "contexts)" in n)
        lines.append(f"\n{title}: " + "; ".join(levels))
    return "\n".join(lines)
