"""The whole flow on one page: tree -> facts -> System -> changes -> contexts -> Model."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from strangler.model import Boundary, Changes, Diagnostic, Import, Model, References, System
from strangler.model.document import NOT_JSON, SCHEMA_VERSION, Generator
from strangler.version import __version__

if TYPE_CHECKING:
    from strangler.config import Config
    from strangler.contexts import Accepted, ContextSettings, Proposal
    from strangler.model import Prior
    from strangler.sources import SourceTree

Progress = Callable[[str, int, int], None]
"""Told the stage, how many steps of it are done, and how many there are."""


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def scan(root: Path, config: Config) -> SourceTree:
    """What is there: first-party files with their hashes, import names and roles.

    Raises:
        OSError: ``root`` is not a readable directory.
    """
    from strangler import sources

    return sources.scan(
        root, roots=config.roots, exclude=config.exclude, roles=config.roles, limits=config.limits
    )


def read(
    tree: SourceTree,
    *,
    jobs: int | None = None,
    cached: bool = True,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> System:
    """The facts of a tree: all that its files say, and what was not understood.

    Args:
        tree: from ``scan``.
        jobs: processes that read files; None means all cores.
        cached: use and fill the user's cache of facts.
        executor: reads the files instead of processes of our own.
        progress: told how far each stage is.

    Raises:
        PluginError: a framework of another distribution cannot be used.
    """
    from strangler.analyzers.coverage.ledger import ledger
    from strangler.analyzers.coverage.libraries import Source
    from strangler.analyzers.import_references import import_references
    from strangler.analyzers.imports import import_graph
    from strangler.analyzers.link import link
    from strangler.analyzers.row_makers import factories
    from strangler.reading import read_facts

    with no_collections():
        files = read_facts(tree, jobs=jobs, cached=cached, executor=executor, progress=progress)
        progress("imports", 0, 1)
        sources = {
            file.facts.module: Source(
                file.facts.module, file.facts.path, file.imports, file.hooks, file.doors
            )
            for file in files
            if file.interpreted
        }
        static = import_graph(tree, {file.facts.module: file.imports for file in files})
        counted, unresolved = import_references(
            tree, {file.facts.module: file.imports for file in files if file.interpreted}
        )
        progress("linking", 0, 1)
        linked = link(tree, [file.facts for file in files])
        stated = {file.facts.path: file.stated for file in files}
        coverage, gaps = ledger(tree, sources, stated, linked)
        made, unread = factories({f.facts.path: f.row_makers for f in files}, linked.system.tables, tree)
        return complete(
            msgspec.structs.replace(linked.system, coverage=coverage, factories=made),
            tree,
            imports=[*static, *linked.dynamic],
            references=[counted],
            diagnostics=[*unresolved, *gaps, *unread],
        )


def analyze(
    tree: SourceTree,
    config: Config,
    *,
    jobs: int | None = None,
    cached: bool = True,
    executor: Executor | None = None,
    progress: Progress = silent,
    traces: Sequence[bytes] = (),
    accepted: Accepted | None = None,
    prior: Prior | None = None,
) -> Model:
    """Everything that is known about a tree; equal input gives an equal model.

    The input is the tree, its history, the settings, the accepted boundaries and the prior.

    Args:
        tree: from ``scan``.
        config: the settings in force.
        jobs: processes that read files; None means all cores.
        cached: use and fill the user's cache of facts.
        executor: reads the files instead of processes of our own.
        progress: told how far each stage is.
        traces: run-time spans, each an OTLP JSON document or one a line.
        accepted: boundaries that hold.
        prior: the cut of an earlier run, which stays unless much is gained by a move.

    Raises:
        PluginError: a framework of another distribution cannot be used.
        WindowError: the history settings cannot be understood.
        TraceError: the traces cannot.
    """
    from strangler import contexts
    from strangler.analyzers import history

    with no_collections():
        system = read(tree, jobs=jobs, cached=cached, executor=executor, progress=progress)
        progress("history", 0, 1)
        changes, remarks = history.changes(
            tree,
            since=config.history.since,
            max_files=config.history.max_files,
            bots=config.history.bots,
            ignore_revs=config.history.ignore_revs,
            group_by=config.history.group_by,
        )
        found = sorted({*system.diagnostics, *remarks}, key=Diagnostic.sort_key)
        system = msgspec.structs.replace(system, diagnostics=tuple(found))
        progress("contexts", 0, 1)
        decided = msgspec.structs.replace(
            decisions(config, accepted, prior), traffic=contexts.traffic(spans(traces), system.modules)
        )
        return assemble(
            system, changes, contexts.propose(system, changes, decided), decided.accepted.boundaries
        )


def decisions(
    config: Config, accepted: Accepted | None = None, prior: Prior | None = None
) -> ContextSettings:
    """What is decided already, by the settings, by the accepted boundaries and by an earlier run."""
    from strangler import contexts

    chosen = contexts.ContextSettings(**msgspec.structs.asdict(config.contexts))
    guidance = ""
    if config.contexts != type(config.contexts)():
        guidance = hashlib.sha256(msgspec.json.encode(config.contexts, order="sorted")).hexdigest()[:16]
    return msgspec.structs.replace(
        chosen,
        accepted=accepted or contexts.Accepted(),
        previous=prior.contexts if prior else (),
        stay=prior is not None and prior.guidance == guidance,
        guidance=guidance,
    )


def propose(model: Model, config: Config) -> Proposal:
    """The contexts that other settings give, from the facts and the history of a model."""
    from strangler import contexts

    return contexts.propose(model.system, model.changes, decisions(config))


def lay(model: Model, accepted: Accepted) -> Model:
    """The model with its contexts as the boundaries say; what they leave open stays where it is.

    Raises:
        ContradictionError: its boundaries contradict each other.
    """
    from strangler import contexts

    settings = contexts.ContextSettings(
        accepted=accepted, previous=model.contexts, guidance=model.continuity.guidance
    )
    kept = (item for item in model.diagnostics if not item.code.startswith(("contexts-", "boundaries-")))
    system = msgspec.structs.replace(model.system, diagnostics=tuple(kept))
    proposal = contexts.propose(system, model.changes, settings)
    return assemble(system, model.changes, proposal, accepted.boundaries)


def complete(
    system: System,
    tree: SourceTree,
    *,
    imports: Iterable[Import],
    references: Iterable[References],
    diagnostics: Iterable[Diagnostic],
) -> System:
    """The System with what other sources than the code's facts know of it."""
    from strangler.sources import codeowners, git

    commit, doubts = revision(tree)
    named = [(module.name, module.path) for module in system.modules]
    owned, unread = codeowners.ownership(tree.codeowners, tree.read_text(tree.codeowners), named)
    place = git.source_url(tree.root, tree.limits) if commit else ""
    found = {*system.diagnostics, *tree.diagnostics, *diagnostics, *doubts, *unread}
    return msgspec.structs.replace(
        system,
        monolith=msgspec.structs.replace(system.monolith, revision=commit, source_url=place),
        imports=tuple(sorted(set(imports))),
        references=tuple(sorted({*system.references, *references})),
        ownership=owned,
        diagnostics=tuple(sorted(found, key=Diagnostic.sort_key)),
    )


def assemble(
    system: System, changes: Changes, proposal: Proposal, boundaries: tuple[Boundary, ...] = ()
) -> Model:
    """The published document.

    Args:
        system: the facts.
        changes: the history.
        proposal: the contexts.
        boundaries: those that were accepted, to which the contexts hold.

    Raises:
        ContradictionError: its boundaries contradict each other.
    """
    from strangler.contexts.consistency import contradictions, ensure

    model = _document(system, changes, proposal, boundaries)
    ensure(contradictions(model))
    return model


def facts_alone(system: System) -> Model:
    """The document of a tree of which only the facts count: no history, no contexts."""
    from strangler import contexts

    return _document(system, Changes(), contexts.Proposal(contexts=()))


def _document(
    system: System, changes: Changes, proposal: Proposal, boundaries: tuple[Boundary, ...] = ()
) -> Model:
    found = {*system.diagnostics, *proposal.diagnostics}
    facts = {name: getattr(system, name) for name in system.__struct_fields__ if name != "diagnostics"}
    return Model(
        schema_version=SCHEMA_VERSION,
        generator=Generator(version=__version__),
        **facts,
        changes=changes,
        contexts=proposal.contexts,
        crossings=proposal.crossings,
        hierarchy=proposal.hierarchy,
        metrics=proposal.metrics,
        splits=proposal.splits,
        boundaries=boundaries,
        continuity=proposal.continuity,
        activity=proposal.activity,
        diagnostics=tuple(sorted(found, key=Diagnostic.sort_key)),
    )


def spans(traces: Iterable[bytes]) -> Iterator[object]:
    """The decoded documents of trace files; what is no JSON is given as text, for the reader to refuse."""
    for data in traces:
        try:
            yield msgspec.json.decode(data)
        except NOT_JSON:
            for line in data.splitlines():
                try:
                    yield msgspec.json.decode(line)
                except NOT_JSON:
                    yield line.decode("utf-8", "replace")


def revision(tree: SourceTree) -> tuple[str | None, list[Diagnostic]]:
    """The commit analysed, with ``+dirty`` where the files differ from it; None outside git."""
    from strangler.sources import git

    found = git.revision(tree.root, tree.limits)
    try:
        return (f"{found}+dirty" if found and git.is_dirty(tree) else found), []
    except (git.GitError, OSError) as error:
        message = f"whether the files differ from the commit is not known: {error}"
        return found, [Diagnostic(file="", line=None, code="revision", severity="note", message=message)]


@contextmanager
def no_collections() -> Iterator[None]:
    """Collect no garbage: the values of an analysis live to its end and would be looked at in vain.

    Measured on 6,700 files: a tenth less CPU, one hundredth more memory.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
