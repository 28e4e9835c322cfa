"""Reading all files of a tree into facts: from the cache where the content is known, else on all cores."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import msgspec

from strangler.analyzers.coverage import sql_tables
from strangler.analyzers.coverage.doors import Door, doors
from strangler.analyzers.coverage.hooks import Hook, hooks
from strangler.analyzers.coverage.sql_tables import Stated
from strangler.analyzers.facts import ModuleFacts, extract
from strangler.analyzers.imports import ImportStatement, import_statements
from strangler.analyzers.row_makers import RowMaker, row_makers
from strangler.identity import program_digest
from strangler.model import Diagnostic
from strangler.model.lookup import UNREAD
from strangler.parallel import map_in_order
from strangler.sources.cache import Cache, cache_directory

if TYPE_CHECKING:
    from strangler.sources import SourceFile, SourceTree

KIND = "facts"
EMPTY_BODY = msgspec.msgpack.encode([])
RECURSION = 6_000
"""Depth to which syntax is followed; a thread's usual stack has room for it."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One file to read: all that its facts depend on."""

    path: str
    module: str
    is_package: bool
    interpreted: bool
    """False for tests and migrations: of these the imports count, and the lines."""
    data: bytes


class FileFacts(msgspec.Struct, array_like=True):
    """All that is kept of one file."""

    facts: ModuleFacts
    imports: list[ImportStatement]
    interpreted: bool
    hooks: list[Hook] = []
    row_makers: list[RowMaker] = []
    stated: list[Stated] = []
    """What its SQL, and the calls of its migrations, say of tables."""
    doors: list[Door] = []


_DECODER = msgspec.msgpack.Decoder(FileFacts)


def read_facts(
    tree: SourceTree,
    *,
    jobs: int | None = None,
    cached: bool = True,
    executor: Executor | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[FileFacts]:
    """The facts of every file of the tree, in the order of ``tree.files``.

    A file that has changed since the scan is read as it is now, and not stored.
    """
    keys = {file.path: _key(file) for file in tree.files}
    with Cache(cache_directory() if cached else None, outside=tree.root) as cache:
        stored = cache.get(KIND, program_digest(), list(keys.values()))
        known = {key: facts for key, data in stored.items() if (facts := _unpacked(data)) is not None}
        missing = [file for file in tree.files if keys[file.path] not in known]
        work = [_job(tree, file) for file in missing]
        read = map_in_order(
            packed_facts,
            work,
            weigh=lambda job: len(job.data),
            crashed=_crashed,
            jobs=jobs,
            executor=executor,
            done=lambda count: progress("reading", count, len(work)),
        )
        fresh = {keys[file.path]: facts for file, facts in zip(missing, read, strict=True)}
        unchanged = {
            keys[file.path]: fresh[keys[file.path]]
            for file, job in zip(missing, work, strict=True)
            if hashlib.sha256(job.data).hexdigest() == file.digest
        }
        cache.put(KIND, program_digest(), unchanged)
    decode = _DECODER.decode
    return [known.get(keys[file.path]) or decode(fresh[keys[file.path]]) for file in tree.files]


def _unpacked(data: bytes) -> FileFacts | None:
    """Stored facts; None where they are none, whatever their check sum says: the file is read anew."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def packed_facts(job: Job) -> bytes:
    """The facts of one file, packed; one that cannot be parsed has none but its diagnostics."""
    from strangler.sources.python import parse

    parsed = parse(job.data, job.path)
    if parsed.tree is None:
        return _nothing(job, parsed.diagnostics)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(RECURSION)
    try:
        imports = import_statements(parsed.tree)
        makers = row_makers(job.path, job.module, job.is_package, parsed.tree)
        stated = sql_tables.of_code(job.data, parsed.tree)
        if not job.interpreted:
            return _nothing(job, parsed.diagnostics, imports, makers, stated)
        facts = extract(job.path, job.module, job.is_package, parsed.tree, parsed.text, imports)
        facts.diagnostics += parsed.diagnostics
        held, opened = hooks(parsed.tree, imports), doors(job.data, parsed.tree)
        found = FileFacts(facts, imports, True, held, makers, stated, opened)
        return msgspec.msgpack.encode(found)
    except (RecursionError, MemoryError):
        return _nothing(job, [*parsed.diagnostics, _too_complex(job, "nested too deeply to be read")])
    finally:
        sys.setrecursionlimit(limit)


def _crashed(job: Job) -> bytes:
    return _nothing(job, [_too_complex(job, "reading this file ended the process that did it")])


def _too_complex(job: Job, why: str) -> Diagnostic:
    message = f"{why}; left out"
    return Diagnostic(file=job.path, line=None, code="too-complex", severity="error", message=message)


def _nothing(
    job: Job,
    diagnostics: Iterable[Diagnostic],
    imports: Sequence[ImportStatement] = (),
    makers: Sequence[RowMaker] = (),
    stated: Sequence[Stated] = (),
) -> bytes:
    facts = ModuleFacts(
        job.path, job.module, job.is_package, _lines(job.data), EMPTY_BODY, diagnostics=list(diagnostics)
    )
    found = FileFacts(facts, [*imports], job.interpreted, row_makers=[*makers], stated=[*stated])
    return msgspec.msgpack.encode(found)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def _job(tree: SourceTree, file: SourceFile) -> Job:
    return Job(file.path, file.module, file.is_package, file.role not in UNREAD, _content(tree, file))


def _content(tree: SourceTree, file: SourceFile) -> bytes:
    try:
        return tree.read(file.path)
    except OSError:
        return b""  # gone since the scan


def _key(file: SourceFile) -> str:
    text = f"{file.digest}\0{file.path}\0{file.module}\0{file.is_package}\0{file.role in UNREAD}"
    return hashlib.sha256(text.encode()).hexdigest()
