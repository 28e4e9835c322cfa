"""From the operations over a boundary to one patch against the monolith."""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.contracts.operations import Operation, Operations, slug
from strangler.contracts.seams.generate import compensations_module, seam_module
from strangler.contracts.seams.patch import patch_of
from strangler.contracts.seams.registration import Registration
from strangler.contracts.seams.rewrite import Rewrite, plan_rewrite, statements_of
from strangler.contracts.seams.source import Sources, imported
from strangler.literals import python_text
from strangler.model import Diagnostic, Model
from strangler.sources import SourceTree, child

RUNTIME = Path(__file__).parent / "runtime"
_PACKAGE_NAMES = ("seams", "context_seams", "strangler_seams")
_SECONDS, _SECONDS_OF_A_FILE, _MEMORY = 60.0, 10.0, 4 << 30


@dataclass(frozen=True)
class Seams:
    """The patch that puts seams into a monolith, and what it does not do."""

    package: str
    """Dotted name of the package of the seams; empty where there is none to write."""
    patch: bytes
    operations: tuple[Operation, ...]
    """Those with a port and adapters."""
    files: tuple[str, ...]
    """Files of the monolith that change."""
    calls: int
    """Calls that go through a seam afterwards."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Calls and files that stay as they are, and why."""


@dataclass
class _Draft:
    files: dict[str, tuple[bytes | None, bytes]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    calls: int = 0

    def note(self, file: str, line: int | None, message: str) -> None:
        item = Diagnostic(file=file, line=line, code="not-rewritten", severity="warning", message=message)
        self.diagnostics.append(item)


def build_seams(model: Model, tree: SourceTree, found: Operations) -> Seams:
    """The seams for every operation without blockers; the same input gives the same bytes."""
    draft = _Draft()
    operations = [item for item in found.operations if item.wireable and _writable(item, tree, draft)]
    older = next((item for item in model.diagnostics if item.code == "python2"), None)
    if older is not None and operations:
        draft.note(older.file, older.line, "Python 2: the adapters need Python 3.8")
        operations = []
    if not operations:
        return Seams("", b"", (), (), 0, tuple(draft.diagnostics))
    package, directory = _place(model, operations)
    sources = Sources(model, tree)
    rewrites = _plan(model, tree, sources, operations, package, draft)
    _edit(tree, rewrites, package, draft)
    changed = tuple(sorted(draft.files))
    for name, text in _package(operations, model).items():
        draft.files[f"{directory}/{name}" if directory else name] = (None, text.encode())
    patch = b"".join(patch_of(path, old, new) for path, (old, new) in sorted(draft.files.items()))
    diagnostics = tuple(sorted(draft.diagnostics, key=Diagnostic.sort_key))
    return Seams(package, patch, tuple(operations), changed, draft.calls, diagnostics)


def _writable(operation: Operation, tree: SourceTree, draft: _Draft) -> bool:
    """Whether the operation can be named in Python source and in a URL."""
    prefixed = any(file.prefix and file.module == operation.module for file in tree.files)
    names = [operation.name, *operation.module.split("."), *operation.qualname.split(".")]
    plain = all(name.isascii() and name.isidentifier() and not keyword.iskeyword(name) for name in names)
    if prefixed or not plain:
        draft.note(
            operation.file, operation.line, f"{operation.qualname}: its module cannot be named in an import"
        )
        return False
    return True


def _place(model: Model, operations: Sequence[Operation]) -> tuple[str, str]:
    """The package of the seams, dotted and as a path: in the package that both sides share."""
    paths = {module.name: module.path for module in model.modules}
    modules = {item.module for item in operations} | {
        site.module for item in operations for site in item.sites
    }
    parts = [module.split(".")[:-1] for module in sorted(modules) if module in paths]
    shared: list[str] = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    home = ".".join(shared)
    if not home:
        first = sorted(operations, key=lambda item: item.module)[0].module
        home = first.partition(".")[0] if "." in first else ""
    name = next(
        name for name in (*_PACKAGE_NAMES, "_strangler_seams") if f"{home}.{name}".lstrip(".") not in paths
    )
    below = next(path for module, path in sorted(paths.items()) if not home or module.startswith(f"{home}."))
    module = next(module for module, path in sorted(paths.items()) if path == below)
    depth = len(module.split(".")) - (not below.endswith("/__init__.py"))
    folder = below.split("/")[:-1]
    root = folder[: len(folder) - depth] if depth else folder
    return f"{home}.{name}".lstrip("."), "/".join([*root, *(home.split(".") if home else []), name])


def _plan(
    model: Model,
    tree: SourceTree,
    sources: Sources,
    operations: Sequence[Operation],
    package: str,
    draft: _Draft,
) -> list[Rewrite]:
    by_module: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        for module in sorted({site.module for site in operation.sites}):
            by_module[module].append(operation)
    patched = _patched(model, tree, by_module)
    rewrites = []
    for module, called in sorted(by_module.items()):
        code = sources.load(module)
        if code is None or code.lowered:
            path = code.path if code else called[0].sites[0].file
            draft.note(path, None, "not plain Python of this version: its calls stay as they are")
            continue
        rewrite = plan_rewrite(code, called, package, patched)
        for line, message in rewrite.problems:
            draft.note(code.path, line, message)
        if rewrite.statements:
            rewrites.append(rewrite)
    _keep_registering(model, sources, rewrites)
    return rewrites


def _keep_registering(model: Model, sources: Sources, rewrites: Iterable[Rewrite]) -> None:
    """Go on importing modules that register something and that nothing else imports."""
    dropped: dict[tuple[str, str], list[tuple[Rewrite, int]]] = defaultdict(list)
    for rewrite in rewrites:
        for line, statement in rewrite.statements.items():
            if statement.node not in rewrite.code.tree.body:
                continue
            module = _whole_module(rewrite, line, sources)
            if module is not None:
                dropped[rewrite.code.module, module].append((rewrite, line))
    for key in sorted(Registration(model).lost(dropped)):
        for rewrite, line in dropped[key]:
            rewrite.statements[line].kept.add(key[1])


def _whole_module(rewrite: Rewrite, line: int, sources: Sources) -> str | None:
    """The module that a statement imported and, with all its names gone, no longer does."""
    statement = rewrite.statements[line]
    names = imported(rewrite.code, statement.node)
    if not statement.remove or set(names) - statement.remove:
        return None
    return sources.home(next(iter(names.values())))


def _patched(model: Model, tree: SourceTree, modules: Iterable[str]) -> frozenset[str]:
    """Dotted names of the modules' members that stand in tests."""
    wanted = "|".join(re.escape(module) for module in sorted(modules))
    pattern = re.compile(rf"(?<![\w.])(?:{wanted})\.[\w.]+")
    return frozenset(
        name
        for module in model.modules
        if module.role == "test"
        for name in pattern.findall(tree.read_text(module.path))
    )


def _edit(tree: SourceTree, rewrites: Sequence[Rewrite], package: str, draft: _Draft) -> None:
    """Change the files, in processes of their own that a hostile file may crash."""
    waiting: list[dict[str, Any]] = []
    original: dict[str, bytes] = {}
    sites: dict[str, int] = {}
    for rewrite in rewrites:
        path = rewrite.code.path
        original[path] = tree.read(path)
        sites[path] = rewrite.rewritten
        calls = [
            {"line": line, "column": column, "old": old, "new": new}
            for line, column, old, new in rewrite.calls
        ]
        statements = statements_of(rewrite, package)
        text = original[path].decode("latin-1")
        waiting.append({"path": path, "text": text, "statements": statements, "calls": calls})
    while waiting:
        seconds = _SECONDS + _SECONDS_OF_A_FILE * len(waiting)
        answers = child.run(
            "rewrite_imports", {"files": waiting}, timeout=seconds, memory=_MEMORY, outside=tree.root
        )
        done = {item["path"]: item for item in answers if "path" in item}
        if not done and not answers:
            draft.note("", None, "the process that edits the files could not be started")
            return
        for path, item in done.items():
            if "text" in item:
                draft.files[path] = (original[path], item["text"].encode("latin-1"))
                draft.calls += sites[path]
            else:
                draft.note(path, None, f"{item['problem']}: its calls stay as they are")
        left = [item for item in waiting if item["path"] not in done]
        if left:
            draft.note(left[0]["path"], None, "editing it ended the process that did it: its calls stay")
        waiting = left[1:]


def _package(operations: Sequence[Operation], model: Model) -> dict[str, str]:
    """Files of the package of the seams."""
    by_provider: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        by_provider[operation.provider].append(operation)
    steps = [operation for operation in operations if operation.step is not None]
    django = "django" in model.monolith.frameworks
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(RUNTIME.glob("*.py"))}
    sqlalchemy = files.pop("database_sqlalchemy.py")
    for name in ("__init__.py", "server.py"):
        files[name] = _only(files[name], django=django, saga=bool(steps))
    if django:
        files["server.py"] = files["server.py"].replace(_AROUND, "around or database_connections")
    if steps:
        files["database.py"] = files["database.py"] if django else sqlalchemy
        files["compensations.py"] = compensations_module(steps)
        contexts = "".join(f"{python_text(name)}, " for name in sorted({slug(o.provider) for o in steps}))
        files["__init__.py"] = files["__init__.py"].replace("= ()", f"= ({contexts.rstrip()})")
    else:
        for name in ("database.py", "inbox.py", "saga.py", "test_saga.py"):
            del files[name]
    for provider, owned in sorted(by_provider.items()):
        files[f"{slug(provider)}.py"] = seam_module(provider, owned)
    return files


_AROUND = "around or contextlib.nullcontext"
_MARKED = re.compile(r"^ *# (\w+): begin\n(.*?)^ *# \1: end\n", re.MULTILINE | re.DOTALL)


def _only(text: str, **wanted: bool) -> str:
    """A file of the runtime with the marked parts that are wanted, without the others."""
    text = _MARKED.sub(lambda found: found[2] if wanted[found[1]] else "", text)
    return re.sub(r"\n{4,}", "\n\n\n", text)
