"""Cheap and trivial ways to cut a system: printed beside every figure of ours."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from math import log

import networkx as nx

from strangler.contexts import views
from strangler.model import Changes, System

Method = Callable[[System, Changes], dict[str, str]]


def _names(system: System) -> list[str]:
    return [module.name for module in views.production(system)]


def one(system: System, changes: Changes) -> dict[str, str]:
    return dict.fromkeys(_names(system), "all")


def alone(system: System, changes: Changes) -> dict[str, str]:
    return {name: name for name in _names(system)}


def at_random(system: System, changes: Changes) -> dict[str, str]:
    rng = random.Random(0)
    return {name: str(rng.randrange(10)) for name in _names(system)}


def directories(depth: int) -> Method:
    def cut(system: System, changes: Changes) -> dict[str, str]:
        return {m.name: "/".join(m.path.split("/")[:-1][:depth]) for m in views.production(system)}

    return cut


def _louvain(system: System, edges: Mapping[tuple[str, str], float]) -> dict[str, str]:
    graph = nx.Graph()
    graph.add_nodes_from(_names(system))
    for (a, b), weight in sorted(edges.items()):
        if a in graph and b in graph and a != b:
            graph.add_edge(a, b, weight=weight + graph.get_edge_data(a, b, {"weight": 0.0})["weight"])
    groups = nx.community.louvain_communities(graph, seed=0)
    return {name: str(number) for number, group in enumerate(groups) for name in group}


def _imports(system: System) -> dict[tuple[str, str], float]:
    return {(i.importer, i.imported): 1.0 for i in system.imports}


def plain_imports(system: System, changes: Changes) -> dict[str, str]:
    return _louvain(system, _imports(system))


def _idf(system: System) -> dict[tuple[str, str], float]:
    edges = _imports(system)
    users = Counter(target for _, target in edges)
    size = len(system.modules)
    return {(a, b): log(1 + size / users[b]) for a, b in edges}


def _cochange(changes: Changes) -> dict[tuple[str, str], float]:
    edges: dict[tuple[str, str], float] = {}
    for commit in changes.log:
        many = len(commit.modules)
        if 2 <= many <= 30:
            for i, a in enumerate(commit.modules):
                for b in commit.modules[i + 1 :]:
                    edges[a, b] = edges.get((a, b), 0.0) + 1 / (many - 1)
    return edges


def _scaled(*graphs: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    result: dict[tuple[str, str], float] = {}
    for edges in graphs:
        total = sum(edges.values()) or 1.0
        for edge, weight in edges.items():
            result[edge] = result.get(edge, 0.0) + weight / total
    return result


def cochange(system: System, changes: Changes) -> dict[str, str]:
    return _louvain(system, _cochange(changes))


def idf_and_cochange(system: System, changes: Changes) -> dict[str, str]:
    return _louvain(system, _scaled(_idf(system), _cochange(changes)))


def idf_cochange_names(system: System, changes: Changes) -> dict[str, str]:
    modules = views.production(system)
    names = {(modules[a].name, modules[b].name): w for (a, b), w in views.names(modules).items()}
    return _louvain(system, _scaled(_idf(system), _cochange(changes), names))


def path_names(system: System, changes: Changes) -> dict[str, str]:
    modules = views.production(system)
    return _louvain(
        system, {(modules[a].name, modules[b].name): w for (a, b), w in views.names(modules).items()}
    )


METHODS: dict[str, Method] = {
    "everything in one": one,
    "every module alone": alone,
    "ten at random": at_random,
    **{f"directories, depth {depth}": directories(depth) for depth in (1, 2, 3, 4)},
    "Louvain, imports": plain_imports,
    "Louvain, co-change": cochange,
    "Louvain, idf imports + co-change": idf_and_cochange,
    "Louvain, names": path_names,
    "Louvain, idf imports + co-change + names": idf_cochange_names,
}
