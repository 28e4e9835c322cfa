"""Metrics of a cut, as the literature defines them.

Each is easily gamed alone (one blob with ten tiny pairs wins on structural modularity, one cluster on calls
between partitions, groups of ten on non-extreme distribution): read them together with the number of
contexts, their sizes and the coverage. ``None`` where a metric is not defined.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations
from math import log

from strangler.contexts import words
from strangler.model import Changes, System
from strangler.model.lookup import Homes


def structural_modularity(system: System, context_of: Mapping[str, str]) -> float | None:
    """SM = 1/K sum(mu_i / N_i^2) - 2/(K(K-1)) sum(sigma_ij / (2 N_i N_j)) (Jin et al. 2018).

    Higher is better. mu_i: pairs of modules of context i that use each other; sigma_ij: pairs between i
    and j.
    """
    sizes = Counter(context_of.values())
    inside, between = _ties(system, context_of)
    k = len(sizes)
    if not k:
        return None
    cohesion = sum(inside[c] / sizes[c] ** 2 for c in sizes) / k
    if k == 1:
        return cohesion
    coupling = sum(
        between[a, b] / (2 * sizes[a] * sizes[b]) for a, b in combinations(sorted(sizes), 2) if between[a, b]
    )
    return cohesion - coupling * 2 / (k * (k - 1))


def _ties(system: System, context_of: Mapping[str, str]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    pairs = {tuple(sorted((i.importer, i.imported))) for i in system.imports}
    pairs |= {tuple(sorted((c.module, c.target_module))) for c in system.calls}
    inside: Counter[str] = Counter()
    between: Counter[tuple[str, str]] = Counter()
    for a, b in sorted(pairs):
        if a == b or a not in context_of or b not in context_of:
            continue
        x, y = sorted((context_of[a], context_of[b]))
        if x == y:
            inside[x] += 1
        else:
            between[x, y] += 1
    return inside, between


def turbo_mq(system: System, context_of: Mapping[str, str]) -> float | None:
    """TurboMQ = 1/K sum(2 mu / (2 mu + epsilon)) (Mitchell and Mancoridis 2006; higher is better)."""
    sizes = Counter(context_of.values())
    inside, between = _ties(system, context_of)
    outside: Counter[str] = Counter()
    for (a, b), weight in between.items():
        outside[a] += weight
        outside[b] += weight
    if not sizes:
        return None
    parts = [2 * inside[c] / (2 * inside[c] + outside[c]) for c in sizes if inside[c] + outside[c]]
    return sum(parts) / len(sizes)


def inter_partition_calls(system: System, context_of: Mapping[str, str]) -> float | None:
    """ICP: share of the uses between modules that cross contexts (Kalia et al. 2021; lower is better)."""
    crossing = total = 0
    for call in system.calls:
        if (
            call.module in context_of
            and call.target_module in context_of
            and call.module != call.target_module
        ):
            total += 1
            crossing += context_of[call.module] != context_of[call.target_module]
    return crossing / total if total else None


def interface_number(system: System, context_of: Mapping[str, str]) -> float | None:
    """IFN: mean number of definitions of a context used from outside; lower is better.

    After Adjoyan et al. 2014.
    """
    used: dict[str, set[tuple[str, str]]] = defaultdict(set)
    contexts = set(context_of.values())
    for call in system.calls:
        here, there = context_of.get(call.module), context_of.get(call.target_module)
        if here and there and here != there:
            used[there].add((call.target_module, call.target.split(".")[0]))
    return sum(len(used[c]) for c in sorted(contexts)) / len(contexts) if contexts and system.calls else None


def non_extreme_distribution(context_of: Mapping[str, str]) -> float | None:
    """NED: share of the modules in contexts of 5 to 20 modules (Wu et al. 2005; higher is better)."""
    sizes = Counter(context_of.values())
    return sum(n for n in sizes.values() if 5 <= n <= 20) / len(context_of) if context_of else None


def business_context_purity(system: System, context_of: Mapping[str, str]) -> float | None:
    """BCP: 1 - mean over contexts of the normalised entropy of the use cases in it (Kalia et al. 2021).

    A module's use case is the first word of the routes that it serves; higher is better.
    """
    cases: dict[str, Counter[str]] = defaultdict(Counter)
    home = Homes(system, context_of)
    for endpoint in system.endpoints:
        module = home(endpoint.handler)
        if module is not None:
            cases[context_of[module]][_use_case(endpoint.path)] += 1
    kinds = len({case for counts in cases.values() for case in counts})
    if kinds < 2:
        return None
    return 1 - sum(_entropy(counts) for counts in cases.values()) / len(cases) / log(kinds)


def _use_case(path: str) -> str:
    parts = [p for p in path.split("/") if p and not p.startswith("{") and p not in ("api", "v1", "v2", "v3")]
    return words.split(parts[0])[0] if parts and words.split(parts[0]) else ""


def _entropy(counts: Counter[str]) -> float:
    total = sum(counts.values())
    return -sum(n / total * log(n / total) for n in counts.values() if n)


def data_cohesion(system: System, owners: Mapping[str, str], context_of: Mapping[str, str]) -> float | None:
    """Share of the table accesses made by the context that owns the table (higher is better)."""
    own = total = 0
    for access in system.accesses:
        if access.module in context_of and access.table in owners and access.ties:
            total += 1
            own += context_of[access.module] == owners[access.table]
    return own / total if total else None


def transaction_purity(system: System, context_of: Mapping[str, str]) -> float | None:
    """1 - mean over tables of the entropy of the contexts that touch it (Yedida et al. 2023), normalised by
    the logarithm of the number of contexts; higher is better."""
    touch: dict[str, Counter[str]] = defaultdict(Counter)
    for access in system.accesses:
        if access.module in context_of and access.ties:
            touch[access.table][context_of[access.module]] += 1
    contexts = len(set(context_of.values()))
    if not touch or contexts < 2:
        return None
    return 1 - sum(_entropy(counts) for counts in touch.values()) / len(touch) / log(contexts)


def co_change(changes: Changes, context_of: Mapping[str, str]) -> dict[str, float | None]:
    """ICF, ECF and REI = ECF / ICF (Jin et al. 2018; ICF higher, ECF and REI lower are better).

    ICF: mean over contexts of the co-change frequency of its pairs, sum f(i, j) / |C|^2; ECF: the same over
    the pairs of a member with a module outside, sum f(i, j) / (|C| * (n - |C|)).
    """
    sizes = Counter(context_of.values())
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    seen = False
    for commit in changes.log:
        held = Counter(context_of[name] for name in commit.modules if name in context_of)
        all_of = sum(held.values())
        if all_of < 2:
            continue
        seen = True
        for context, count in held.items():
            inside[context] += count * (count - 1)
            outside[context] += count * (all_of - count)
    if not seen:
        return {"internal_co_change": None, "external_co_change": None, "co_change_ratio": None}
    n = sum(sizes.values())
    icf = sum(inside[c] / sizes[c] ** 2 for c in sizes) / len(sizes)
    ecf = sum(outside[c] / (sizes[c] * (n - sizes[c])) for c in sizes if n > sizes[c]) / len(sizes)
    return {
        "internal_co_change": icf,
        "external_co_change": ecf,
        "co_change_ratio": ecf / icf if icf else None,
    }


def of_cut(
    system: System, changes: Changes, context_of: Mapping[str, str], owners: Mapping[str, str]
) -> dict[str, float | None]:
    """Every metric of a cut, with the figures without which none can be read."""
    sizes = sorted(Counter(context_of.values()).values())
    return {
        "contexts": float(len(sizes)),
        "largest_share": sizes[-1] / sum(sizes) if sizes else None,
        "median_size": float(sizes[len(sizes) // 2]) if sizes else None,
        "structural_modularity": structural_modularity(system, context_of),
        "turbo_mq": turbo_mq(system, context_of),
        "inter_partition_calls": inter_partition_calls(system, context_of),
        "interface_number": interface_number(system, context_of),
        "non_extreme_distribution": non_extreme_distribution(context_of),
        "business_context_purity": business_context_purity(system, context_of),
        "data_cohesion": data_cohesion(system, owners, context_of),
        "transaction_purity": transaction_purity(system, context_of),
        **co_change(changes, context_of),
    }
