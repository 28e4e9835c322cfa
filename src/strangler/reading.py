"""Reading all files of a tree into facts: from the cache where the content is known, else on all cores."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import msgspec

from strangler.analyzers.facts import ModuleFacts, extract
from strangler.identity import program_digest
from strangler.model import Diagnostic
from strangler.parallel import map_in_order
from strangler.sources.cache import Cache, cache_directory

if TYPE_CHECKING:
    from strangler.sources import SourceFile, SourceTree

KIND = "facts"
EMPTY_BODY = msgspec.msgpack.encode([])


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One file to read: all that its facts depend on."""

    path: str
    module: str
    is_package: bool
    data: bytes


def read_facts(
    tree: SourceTree,
    *,
    jobs: int | None = None,
    cached: bool = True,
    executor: Executor | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[ModuleFacts]:
    """The facts of every file of the tree, in the order of ``tree.files``.

    A file that has gone or changed since the scan is read as it is now, and not stored.
    """
    keys = [_key(file) for file in tree.files]
    with Cache(cache_directory() if cached else None, outside=tree.root) as cache:
        known = cache.get(KIND, program_digest(), keys)
        missing = [(key, file) for key, file in zip(keys, tree.files, strict=True) if key not in known]
        work = [Job(file.path, file.module, file.is_package, _content(tree, file)) for _, file in missing]
        read = map_in_order(
            packed_facts,
            work,
            weigh=lambda job: len(job.data),
            crashed=_crashed,
            jobs=jobs,
            executor=executor,
            done=lambda count: progress("reading", count, len(work)),
        )
        fresh = {key: facts for (key, _), facts in zip(missing, read, strict=True)}
        unchanged = {
            key: fresh[key]
            for (key, file), job in zip(missing, work, strict=True)
            if hashlib.sha256(job.data).hexdigest() == file.digest
        }
        cache.put(KIND, program_digest(), unchanged)
    decode = msgspec.msgpack.Decoder(ModuleFacts).decode
    return [decode(known[key] if key in known else fresh[key]) for key in keys]


def packed_facts(job: Job) -> bytes:
    """The facts of one file, packed; one that cannot be parsed has none but its diagnostics."""
    from strangler.sources.python import parse

    parsed = parse(job.data, job.path)
    if parsed.tree is None:
        facts = _nothing(job, parsed.diagnostics)
        facts.lines = parsed.text.count("\n") + 1
    else:
        facts = extract(job.path, job.module, job.is_package, parsed.tree, parsed.text)
        facts.diagnostics += parsed.diagnostics
    return msgspec.msgpack.encode(facts)


def _crashed(job: Job) -> bytes:
    message = "reading this file ended the process that did it; left out"
    problem = Diagnostic(file=job.path, line=None, code="too-complex", severity="error", message=message)
    return msgspec.msgpack.encode(_nothing(job, [problem]))


def _nothing(job: Job, diagnostics: Iterable[Diagnostic]) -> ModuleFacts:
    return ModuleFacts(
        path=job.path,
        module=job.module,
        is_package=job.is_package,
        lines=0,
        body=EMPTY_BODY,
        diagnostics=list(diagnostics),
    )


def _content(tree: SourceTree, file: SourceFile) -> bytes:
    try:
        return tree.read(file.path)
    except OSError:
        return b""


def _key(file: SourceFile) -> str:
    text = f"{file.digest}\0{file.path}\0{file.module}\0{file.is_package}"
    return hashlib.sha256(text.encode()).hexdigest()
