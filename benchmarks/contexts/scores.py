"""Scores of a partition against a true one, and against later changes. All of the literature, none ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import comb, exp, lgamma, log

import networkx as nx

Truth = Mapping[str, Sequence[str]]
"""true context -> its items."""


def real_of(truth: Truth) -> dict[str, str]:
    return {item: name for name, items in truth.items() for item in items}


def found_of(found: Mapping[str, str], items: Iterable[str]) -> dict[str, str]:
    """Items that a partition leaves out are clusters of their own."""
    return {item: found.get(item, f"<alone> {item}") for item in items}


def best_f1(nodes: Iterable[Iterable[str]], truth: Truth, stayed: Collection[str] = ()) -> float:
    """Mean over the true contexts (but those that ``stayed``) of the F1 of the one proposed set that matches
    best."""
    real = real_of(truth)
    best = dict.fromkeys(truth, 0.0)
    for node in nodes:
        inside = [item for item in node if item in real]
        for name, count in Counter(real[item] for item in inside).items():
            best[name] = max(best[name], 2 * count / (len(inside) + len(truth[name])))
    left = [value for name, value in best.items() if name not in stayed]
    return sum(left) / len(left) if left else float("nan")


def sets_of(found: Mapping[str, str]) -> list[list[str]]:
    result: dict[str, list[str]] = {}
    for item, name in found.items():
        result.setdefault(name, []).append(item)
    return list(result.values())


def adjusted_rand(found: Mapping[str, str], truth: Truth) -> float:
    """Hubert and Arabie 1985."""
    real = real_of(truth)
    have = found_of(found, real)
    both = sum(comb(n, 2) for n in Counter((have[i], real[i]) for i in real).values())
    in_a = sum(comb(n, 2) for n in Counter(have.values()).values())
    in_b = sum(comb(n, 2) for n in Counter(real.values()).values())
    expected, mean = in_a * in_b / comb(len(real), 2), (in_a + in_b) / 2
    return (both - expected) / (mean - expected) if mean != expected else 1.0


def adjusted_rand_of_what_left(found: Mapping[str, str], truth: Truth, stayed: Collection[str]) -> float:
    """The adjusted Rand index over the pairs of items of which at least one left.

    What stayed when a system was split is one true context only because nobody cut it: how it may be cut the
    truth does not say. So pairs of items that both stayed are not asked. Whatever tears apart what left
    together, or puts it with what stayed or left elsewhere, counts as ever, and chance is taken off over the
    same pairs: everything in one, each item alone and random labels get 0. Without a remainder it is
    ``adjusted_rand``.

    Args:
        stayed: names of the true contexts that are the remainder.
    """
    real = real_of(truth)
    have = found_of(found, real)
    behind = [item for item in real if real[item] in stayed]
    together = sum(
        comb(n, 2) for (_, name), n in Counter((have[i], real[i]) for i in real).items() if name not in stayed
    )
    in_found = sum(comb(n, 2) for n in Counter(have.values()).values())
    in_found -= sum(comb(n, 2) for n in Counter(have[item] for item in behind).values())
    in_truth = sum(comb(len(items), 2) for name, items in truth.items() if name not in stayed)
    pairs = comb(len(real), 2) - comb(len(behind), 2)
    expected, mean = in_found * in_truth / pairs if pairs else 0.0, (in_found + in_truth) / 2
    return (together - expected) / (mean - expected) if mean != expected else 1.0


def adjusted_mutual_information(found: Mapping[str, str], truth: Truth) -> float:
    """Vinh, Epps and Bailey 2010, arithmetic mean, natural logarithm."""
    real = real_of(truth)
    have = found_of(found, real)
    n = len(real)
    cells = Counter((have[i], real[i]) for i in real)
    a, b = Counter(have.values()), Counter(real.values())
    entropy = [-sum(k / n * log(k / n) for k in c.values()) for c in (a, b)]
    mutual = sum(k / n * log(n * k / (a[x] * b[y])) for (x, y), k in cells.items())
    fact = [lgamma(k + 1) for k in range(n + 1)]
    expected = 0.0
    for i, many_i in Counter(a.values()).items():
        for j, many_j in Counter(b.values()).items():
            for k in range(max(1, i + j - n), min(i, j) + 1):
                weight = fact[i] + fact[j] + fact[n - i] + fact[n - j] - fact[n]
                weight -= fact[k] + fact[i - k] + fact[j - k] + fact[n - i - j + k]
                expected += many_i * many_j * k / n * log(n * k / (i * j)) * exp(weight)
    spread = sum(entropy) / 2 - expected
    return (mutual - expected) / spread if spread else 1.0


def pair_f1(found: Mapping[str, str], truth: Truth) -> float:
    """F1 over the pairs of items that are together."""
    real = real_of(truth)
    have = found_of(found, real)
    both = sum(comb(n, 2) for n in Counter((have[i], real[i]) for i in real).values())
    in_a = sum(comb(n, 2) for n in Counter(have.values()).values())
    in_b = sum(comb(n, 2) for n in Counter(real.values()).values())
    return 2 * both / (in_a + in_b) if in_a + in_b else 0.0


def times_too_many(found: Mapping[str, str], truth: Truth) -> float:
    """Number of proposed contexts that hold an item of the truth, against the true number: 2 is twice as many
    or half of them."""
    real = real_of(truth)
    number = len({found[item] for item in real if item in found}) or 1
    return max(number / len(truth), len(truth) / number)


def mojo_fm(found: Mapping[str, str], truth: Truth) -> float:
    """MoJoFM (Wen and Tzerpos 2004), 0 to 100: moves and joins that lead from the found to the true
    partition, against the most that any partition can need. Everything in one cluster can score high."""
    real = real_of(truth)
    have = found_of(found, real)
    cells: dict[str, Counter[str]] = {}
    for item in real:
        cells.setdefault(have[item], Counter())[real[item]] += 1
    moves = len(real) - sum(max(c.values()) for c in cells.values())
    graph = nx.Graph()
    for name, counts in sorted(cells.items()):
        most = max(counts.values())
        graph.add_edges_from((("found", name), ("true", t)) for t, n in counts.items() if n == most)
    top = [node for node in graph if node[0] == "found"]
    joins = len(cells) - len(nx.bipartite.hopcroft_karp_matching(graph, top)) // 2
    tags = 0
    for size in sorted(Counter(real.values()).values()):
        tags += size > tags
    return 100 * (1 - (moves + joins) / max(len(real) - tags, 1))


def within_minus_random(commits: Iterable[Sequence[str]], found: Mapping[str, str]) -> float:
    """Share of the pairs of files of a commit (2 to 30 files) inside one context, minus the same with
    shuffled labels."""
    sizes = Counter(found.values())
    n = sum(sizes.values())
    chance = sum(k * (k - 1) for k in sizes.values()) / (n * (n - 1)) if n > 1 else 0.0
    within = pairs = 0
    for names in commits:
        held = Counter(found[name] for name in set(names) if name in found)
        many = sum(held.values())
        if 2 <= many <= 30:
            pairs += many * (many - 1)
            within += sum(k * (k - 1) for k in held.values())
    return within / pairs - chance if pairs else float("nan")


def average_precision(ranking: Sequence[str], relevant: set[str], skip: set[str]) -> float:
    hits, total = 0, 0.0
    for rank, item in enumerate((i for i in ranking if i not in skip), 1):
        if item in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant)
