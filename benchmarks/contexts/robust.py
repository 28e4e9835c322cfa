"""What noise does to the proposal, whether a planted boundary is found, and what size costs."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec
import networkx as nx
import scores
from inputs import Subject, system_of
from splits import cut_of

from strangler import contexts
from strangler.contexts import ContextSettings, engine, proposal, views
from strangler.model import Call, Changes, Commit, Import, Module, System


def moved(before: dict[str, str], after: dict[str, str]) -> float:
    """Share of the modules that change context, contexts matched one to one for most agreement."""
    graph = nx.Graph()
    for module, name in before.items():
        edge = ("before", name), ("after", after[module])
        graph.add_edge(*edge, weight=graph.get_edge_data(*edge, {"weight": 0})["weight"] + 1)
    matched = nx.max_weight_matching(graph)
    return 1 - sum(graph.edges[edge]["weight"] for edge in matched) / max(len(before), 1)


def shuffled_dates(subject: Subject, seed: int) -> Changes:
    """The same commits with their dates dealt out anew."""
    times = [commit.time for commit in subject.changes.log]
    random.Random(seed).shuffle(times)
    log = [
        msgspec.structs.replace(commit, time=t) for commit, t in zip(subject.changes.log, times, strict=True)
    ]
    return msgspec.structs.replace(subject.changes, log=tuple(sorted(log, key=lambda c: (c.time, c.sha))))


def random_edges(subject: Subject, share: float, seed: int) -> System:
    """As many random imports, with a use each, as ``share`` of the ties between modules."""
    names = sorted(subject.path_of)
    pairs = {(i.importer, i.imported) for i in subject.system.imports}
    pairs |= {(c.module, c.target_module) for c in subject.system.calls}
    rng = random.Random(seed)
    new = [tuple(rng.sample(names, 2)) for _ in range(round(share * len(pairs)))]
    imports = [Import(importer=a, imported=b, line=1, kind="runtime") for a, b in new]
    calls = [Call(module=a, function=None, line=1, target_module=b, target="x") for a, b in new]
    return msgspec.structs.replace(
        subject.system,
        imports=tuple(sorted({*subject.system.imports, *imports})),
        calls=(*subject.system.calls, *calls),
    )


def fewer_edges(subject: Subject, share: float, seed: int) -> System:
    """Without ``share`` of the ties between modules: all imports and uses of a pair go together."""
    pairs = {(i.importer, i.imported) for i in subject.system.imports}
    pairs |= {(c.module, c.target_module) for c in subject.system.calls}
    gone = set(random.Random(seed).sample(sorted(pairs), round(share * len(pairs))))
    return msgspec.structs.replace(
        subject.system,
        imports=tuple(i for i in subject.system.imports if (i.importer, i.imported) not in gone),
        calls=tuple(c for c in subject.system.calls if (c.module, c.target_module) not in gone),
    )


def before(subject: Subject, commits: int) -> Changes:
    """The history without its last ``commits``."""
    return msgspec.structs.replace(subject.changes, log=subject.changes.log[:-commits])


def noise(subjects: Sequence[Subject]) -> str:
    lines = [
        "| system | dates shuffled | 5 % random edges | 10 % of the edges dropped | 100 commits earlier |",
        "|---|---|---|---|---|",
    ]
    for subject in subjects:
        base = cut_of(contexts.propose(subject.system, subject.changes))

        def change(system: System, changes: Changes, base: dict[str, str] = base) -> float:
            return moved(base, cut_of(contexts.propose(system, changes)))

        dates = [change(subject.system, shuffled_dates(subject, seed)) for seed in (1, 2)]
        more = [change(random_edges(subject, 0.05, seed), subject.changes) for seed in (1, 2)]
        less = [change(fewer_edges(subject, 0.1, seed), subject.changes) for seed in (1, 2)]
        earlier = change(subject.system, before(subject, 100))
        lines.append(
            f"| {subject.name} | {sum(dates) / 2:.3f} | {sum(more) / 2:.3f} | {sum(less) / 2:.3f} "
            f"| {earlier:.3f} |"
        )
    return "\n".join(lines)


def planted(one: Subject, two: Subject) -> str:
    """Two real projects under one top package, with a shared library that a tenth of both use."""
    systems = []
    for number, subject in enumerate((one, two)):
        # Own top packages would give the boundary away: both lie in one, under names of their modules only.
        prefix = {
            m.name: "app." + (m.name.partition(".")[2] or f"part{number}_{m.name}")
            for m in subject.system.modules
        }
        systems.append((subject, prefix))
    taken: set[str] = set()
    modules, imports, calls, vocabulary, log = [], [], [], {}, []
    truth: dict[str, list[str]] = {"one": [], "two": []}
    library = [f"app.lib{n}" for n in range(5)]
    rng = random.Random(0)
    for number, (subject, prefix) in enumerate(systems):
        new = {}
        for old, name in prefix.items():
            while name in taken:
                name += "_"
            taken.add(name)
            new[old] = name
        production = {m.name for m in views.production(subject.system)}
        for m in subject.system.modules:
            modules.append(
                msgspec.structs.replace(m, name=new[m.name], path=new[m.name].replace(".", "/") + ".py")
            )
        truth[("one", "two")[number]] = sorted(new[m] for m in production)
        imports += [
            msgspec.structs.replace(i, importer=new[i.importer], imported=new[i.imported])
            for i in subject.system.imports
            if i.importer in new and i.imported in new
        ]
        calls += [
            msgspec.structs.replace(c, module=new[c.module], target_module=new[c.target_module])
            for c in subject.system.calls
            if c.module in new and c.target_module in new
        ]
        vocabulary |= {new[m]: words for m, words in subject.system.vocabulary.items() if m in new}
        log += [
            msgspec.structs.replace(c, modules=tuple(sorted(new[m] for m in c.modules if m in new)))
            for c in subject.changes.log
        ]
        for name in sorted(production):
            if rng.random() < 0.1:
                imports.append(
                    Import(importer=new[name], imported=rng.choice(library), line=1, kind="runtime")
                )
    modules += [Module(name=n, path=n.replace(".", "/") + ".py", lines=1) for n in library]
    system = system_of(
        "planted",
        modules,
        imports=tuple(sorted(imports)),
        calls=tuple(sorted(calls, key=lambda c: (c.module, c.line))),
        vocabulary=vocabulary,
    )
    changes = Changes(commits=len(log), log=tuple(sorted(log, key=lambda c: (c.time, c.sha))))
    return _planted_lines(one, two, system, changes, truth)


def _planted_lines(
    one: Subject, two: Subject, system: System, changes: Changes, truth: dict[str, list[str]]
) -> str:
    side = {m: name for name, members in truth.items() for m in members}
    rows = []
    halves = contexts.propose(system, changes, ContextSettings(count=2))
    rows.append(("two contexts asked for", halves.contexts))
    proposal = contexts.propose(system, changes)
    rows += [(f"{level.label}, as proposed", level.contexts) for level in proposal.hierarchy]
    lines = [f"{one.name} and {two.name} in one tree, with a shared library:", ""]
    lines += ["| cut | contexts | ARI | modules in a context of the other project |", "|---|---|---|---|"]
    for name, found in rows:
        cut = {m: c.name for c in found if c.kind == "context" for m in c.modules}
        wrong = sum(
            min(sum(side.get(m) == s for m in c.modules) for s in ("one", "two"))
            for c in found
            if c.kind == "context"
        )
        inside = {name: [m for m in members if m in cut] for name, members in truth.items()}
        lines.append(
            f"| {name} | {len(found)} | {scores.adjusted_rand(cut, inside):.3f} | {wrong / len(side):.3f} |"
        )
    return "\n".join(lines)


def synthetic(modules: int, commits: int, seed: int = 0) -> Subject:
    """A system with packages of 40 modules, mostly inner imports, and commits mostly inside one package."""
    rng = random.Random(seed)
    names = [f"app.area{n // 400}.pack{n // 40}.part{n % 40}_mod{n % 7}" for n in range(modules)]
    imports, calls = [], []
    for n, name in enumerate(names):
        for _ in range(5):
            near = n // 40 * 40 + rng.randrange(40)
            other = names[min(near, modules - 1) if rng.random() < 0.8 else rng.randrange(modules)]
            if other != name:
                imports.append(Import(importer=name, imported=other, line=1, kind="runtime"))
                calls.append(Call(module=name, function=None, line=2, target_module=other, target="f"))
    log = []
    for n in range(commits):
        base = rng.randrange(modules) // 40 * 40
        touched = {
            names[
                min(base + rng.randrange(40), modules - 1) if rng.random() < 0.8 else rng.randrange(modules)
            ]
            for _ in range(rng.choice((1, 2, 3, 5, 8)))
        }
        log.append(
            Commit(sha=f"{n:040x}", time=1_600_000_000 + n * 1800, subject="", modules=tuple(sorted(touched)))
        )
    stock = [f"word{n}" for n in range(3000)]
    return Subject(
        f"{modules} modules, {commits} commits",
        system_of(
            "synthetic",
            (Module(name=n, path=n.replace(".", "/") + ".py", lines=50) for n in names),
            imports=tuple(sorted(set(imports))),
            calls=tuple(calls),
            vocabulary={
                name: {rng.choice(stock[n // 40 % 75 * 40 :][:60]): 2 for _ in range(30)}
                for n, name in enumerate(names)
            },
        ),
        Changes(commits=len(log), log=tuple(log)),
    )


def scale(sizes: Sequence[tuple[int, int]]) -> str:
    """CPU of the whole step beside one Louvain run (networkx) on the combined graph for each sample.

    Each size has a process of its own, so that its peak of memory is its own.
    """
    lines = [
        "| system | samples | propose, CPU s | one Louvain, CPU s | 2 x samples x Louvain | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
            lines.append(one.submit(_cost, *size).result())
    return "\n".join(lines)


def _cost(modules: int, commits: int) -> str:
    subject = synthetic(modules, commits)
    start = time.process_time()
    contexts.propose(subject.system, subject.changes)
    ours = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    land = views.build(subject.system, subject.changes, ContextSettings())
    graph = nx.Graph()
    graph.add_nodes_from(range(land.size))
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in engine.tie(land).edges.items())
    start = time.process_time()
    nx.community.louvain_communities(graph, seed=0)
    louvain = time.process_time() - start
    samples = proposal.sample_count(land.size, ContextSettings())
    most = 2 * samples * louvain
    return f"| {subject.name} | {samples} | {ours:.1f} | {louvain:.1f} | {most:.1f} | {peak:.0f} |"
