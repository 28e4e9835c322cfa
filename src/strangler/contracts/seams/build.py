"""From the operations over a boundary to one patch against the monolith."""

from __future__ import annotations

import ast
import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from strangler.contracts.operations import Operation, Operations, slug
from strangler.contracts.seams.generate import compensations_module, events_module, seam_module
from strangler.contracts.seams.patch import patch_of
from strangler.contracts.seams.registration import Registration
from strangler.contracts.seams.rewrite import Rewrite, free, plan_rewrite, statements_of
from strangler.contracts.seams.source import Code, Sources, dotted_name, imported
from strangler.literals import python_text
from strangler.model import Diagnostic, Evidence, Model
from strangler.sources import SourceTree, child

RUNTIME = Path(__file__).parent / "runtime"
_SENDS = ("send", "send_async", "send_robust")
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
    events: int = 0
    """Receivers that are told by events afterwards."""
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
        return Seams("", b"", (), (), 0, diagnostics=tuple(draft.diagnostics))
    sources = Sources(model, tree)
    told = (_told(item, sources, draft) for item in operations)
    operations = [item for item in told if item is not None]
    if not operations:
        return Seams("", b"", (), (), 0, diagnostics=_sorted(draft))
    package, directory = _place(model, operations)
    called = [item for item in operations if item.heard is None]
    heard = [item for item in operations if item.heard is not None]
    rewrites = _plan(model, tree, sources, called, package, draft)
    _edit(tree, rewrites, _tellings(heard, sources, package), package, draft)
    changed = tuple(sorted(draft.files))
    for name, text in _package(operations, model).items():
        draft.files[f"{directory}/{name}" if directory else name] = (None, text.encode())
    patch = b"".join(patch_of(path, old, new) for path, (old, new) in sorted(draft.files.items()))
    return Seams(package, patch, tuple(operations), changed, draft.calls, len(heard), _sorted(draft))


def _sorted(draft: _Draft) -> tuple[Diagnostic, ...]:
    return tuple(sorted(draft.diagnostics, key=Diagnostic.sort_key))


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


@dataclass
class _Telling:
    """What is added to a module that sends or hears signals of others."""

    code: Code
    decorators: dict[int, str] = field(default_factory=dict)
    """Line of a receiver's ``def`` -> the decorator beneath the others."""
    tells: bool = False


def _told(operation: Operation, sources: Sources, draft: _Draft) -> Operation | None:
    """The operation, of an event with the module that tells it; None where one cannot be edited."""
    heard = operation.heard
    if heard is None:
        return operation
    if not heard.at:
        names = {_sent(place, sources) for place in operation.step.places} if operation.step else set()
        signal = names.pop() if len(names) == 1 else None
        home = sources.home(signal) if signal is not None else None
        if signal is None or home is None:
            message = (
                f"{operation.qualname} is not told: no name leads from where it is sent to {heard.signal}"
            )
            draft.note(operation.file, operation.line, message)
            return None
        heard = replace(heard, signal=signal, at=home)
    for module in (operation.module, heard.at):
        code = sources.load(module)
        if code is None or code.lowered:
            path = code.path if code else operation.file
            draft.note(path, None, f"not plain Python of this version: {operation.qualname} is not told")
            return None
    return replace(operation, heard=heard)


def _sent(place: Evidence, sources: Sources) -> str | None:
    """The dotted name of the signal that a line sends."""
    code = sources.at(place.file)
    if code is None:
        return None
    for node in ast.walk(code.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = dotted_name(node.func.value)
        if node.lineno == place.line and node.func.attr in _SENDS and name is not None:
            first, dot, rest = name.partition(".")
            return f"{_bound(first, code)}{dot}{rest}"
    return None


def _bound(name: str, code: Code) -> str:
    """What a name of a module stands for."""
    for node in code.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and name in (names := imported(code, node)):
            return names[name]
    return f"{code.module}.{name}"


def _tellings(operations: Sequence[Operation], sources: Sources, package: str) -> dict[str, _Telling]:
    """Module -> what is added to it, so that receivers are told by events."""
    found: dict[str, _Telling] = {}
    for operation in operations:
        for module in (operation.module, operation.heard.at if operation.heard is not None else ""):
            code = sources.load(module)
            if code is not None and module not in found:
                found[module] = _Telling(code)
        if operation.module in found:
            name = free("seam_relay", found[operation.module].code)
            text = f"{name}.elsewhere({python_text(slug(operation.provider))})"
            found[operation.module].decorators[operation.line] = text
        if operation.heard is not None and operation.heard.at in found:
            found[operation.heard.at].tells = True
    return found


def _added(telling: _Telling | None, package: str) -> dict[str, Any]:
    """What is added to a module, as the process that edits takes it."""
    if telling is None:
        return {"decorators": [], "imports": [], "last": []}
    code = telling.code
    relay, events = free("seam_relay", code), free("seam_events", code)
    decorators = [{"line": line, "text": text} for line, text in sorted(telling.decorators.items())]
    imports = [f"from {package} import relay as {relay}"] if decorators else []
    last = [
        f"from {package} import events as {events}  # noqa: E402",
        f"{events}.tell({python_text(code.module)})",
    ]
    return {"decorators": decorators, "imports": imports, "last": last if telling.tells else []}


def _place(model: Model, operations: Sequence[Operation]) -> tuple[str, str]:
    """The package of the seams, dotted and as a path: in the package that both sides share."""
    paths = {module.name: module.path for module in model.modules}
    modules = {item.module for item in operations} | {
        site.module for item in operations for site in item.sites
    }
    modules |= {item.heard.at for item in operations if item.heard is not None}
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


def _edit(
    tree: SourceTree,
    rewrites: Sequence[Rewrite],
    tellings: dict[str, _Telling],
    package: str,
    draft: _Draft,
) -> None:
    """Change the files, in processes of their own that a hostile file may crash."""
    waiting: list[dict[str, Any]] = []
    original: dict[str, bytes] = {}
    sites: dict[str, int] = {}
    by_module = {rewrite.code.module: rewrite for rewrite in rewrites}
    for module in sorted(by_module.keys() | tellings.keys()):
        rewrite = by_module.get(module)
        path = rewrite.code.path if rewrite is not None else tellings[module].code.path
        original[path] = tree.read(path)
        sites[path] = rewrite.rewritten if rewrite is not None else 0
        calls = [
            {"line": line, "column": column, "old": old, "new": new}
            for line, column, old, new in (rewrite.calls if rewrite is not None else ())
        ]
        statements = statements_of(rewrite, package) if rewrite is not None else []
        file = {"path": path, "text": original[path].decode("latin-1")}
        added = _added(tellings.get(module), package)
        waiting.append({**file, "statements": statements, "calls": calls, **added})
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
    heard = [operation for operation in operations if operation.heard is not None]
    if heard:
        files["events.py"] = events_module(heard)
    else:
        del files["relay.py"]
    if not steps:
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
