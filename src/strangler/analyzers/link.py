"""Linking: the facts of all files become one System. All knowledge that spans files is applied here."""

from __future__ import annotations

import posixpath
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from strangler.analyzers.coverage.ledger import Lineage, Taker, Understood
from strangler.analyzers.coverage.makers import Makers
from strangler.analyzers.data_access import data_access
from strangler.analyzers.layers import hand_over, hand_to_decorated, names_data
from strangler.analyzers.plugin.framework import Found, Framework, PluginError, frameworks
from strangler.analyzers.plugin.requests import handlers_of, with_requests
from strangler.analyzers.plugin.serving import REQUESTS, SERVERS, hands_on
from strangler.analyzers.python import builtins, footprint, narrowing, syntax
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.knowledge import ConflictError, Knowledge
from strangler.analyzers.python.program import Program
from strangler.analyzers.python.values import Deferred
from strangler.analyzers.schema import Schema
from strangler.analyzers.signatures import signature_rows
from strangler.model import (
    Access,
    Call,
    Definition,
    Diagnostic,
    Endpoint,
    Import,
    Message,
    Module,
    Monolith,
    System,
    Table,
    Task,
    by_fields,
)
from strangler.model.coverage import ALL_ROWS
from strangler.model.lookup import UNREAD

if TYPE_CHECKING:
    from strangler.analyzers.facts import ModuleFacts
    from strangler.sources.tree import SourceTree

T = TypeVar("T", Table, Task)
STACK_BYTES = 512 * 1024 * 1024
"""Interpreting follows imports and calls to any depth: it runs in a thread with room for that."""


class Linked(NamedTuple):
    """What linking the facts of all files gives."""

    system: System
    """Without its static imports and its coverage."""
    dynamic: list[Import]
    """Imports by name, found on the way."""
    understood: Understood
    """What was known of libraries."""
    lineages: list[Lineage]
    """First-party classes that descend from a library's."""
    takers: list[Taker]
    """First-party functions that take a request and that no code calls."""
    extended: dict[str, tuple[str, int]]
    """Dotted name of something of a library of which nothing is known -> the file and line that first give
    it an application or a router."""


def link(tree: SourceTree, facts: Sequence[ModuleFacts]) -> Linked:
    """Interpret the monolith and read off what its frameworks know.

    Raises:
        PluginError: a framework of another distribution cannot be used.
    """
    result: list[Linked] = []
    problem: list[BaseException] = []

    def work() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20_000)
        try:
            result.append(_link(tree, facts))
        except BaseException as error:
            problem.append(error)
        finally:
            sys.setrecursionlimit(limit)

    size = threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=work)
    thread.start()
    threading.stack_size(size)
    thread.join()
    forget_syntax()
    if problem:
        raise problem[0]
    return result[0]


def forget_syntax() -> None:
    """Let go of the bodies that were kept because they are interpreted again and again."""
    syntax.unpack_body.cache_clear()
    footprint.forget()
    narrowing.claims.cache_clear()


def interpret(tree: SourceTree, facts: Sequence[ModuleFacts]) -> tuple[Interpreter, list[Framework]]:
    """Run all modules and functions abstractly."""
    roles = {file.module: file.role for file in tree.files}
    live = [f for f in facts if roles.get(f.module, "code") not in UNREAD]
    knowledge = Knowledge()
    builtins.teach(knowledge)
    known = frameworks(tree, imported_packages(live))
    for framework in known:
        with knowledge.claimed_by(framework.name):
            ask(framework, "teach", knowledge)
    program = Program(live, tree.names, tree.required)
    interp = Interpreter(program, knowledge, hand_over, names_data, tree.limits)
    for framework in known:
        ask(framework, "boot", interp)
    for name in sorted(program.scopes):
        program.scope(name)
    settle_bases(interp)
    for framework in known:
        ask(framework, "prepare", interp)
    interp.enter(booting=False)
    program.open_registries()
    for cls in interp.classes:
        cls.initialised = False
    for function in program.functions:  # what was learnt before the schema was known
        function.results.clear()
        function.steps = 0
        function.effects.clear()
    interp.analyse(program.functions)
    interp.analyse(program.closures())
    hand_to_decorated(interp, [*program.functions, *program.closures()])
    for framework in known:
        ask(framework, "finish", interp)
    return interp, known


def ask(framework: Framework, phase: str, argument: Knowledge | Interpreter) -> Any:
    """One phase of a framework.

    Raises:
        PluginError: it contradicts another one, or is another distribution's and fails.
    """
    try:
        return getattr(framework, phase)(argument)
    except ConflictError as error:
        raise PluginError(str(error)) from error
    except Exception as error:
        if not framework.origin:
            raise
        raise PluginError(
            f"{framework.origin} failed in {phase}(): {type(error).__name__}: {error}; "
            "report it there, or uninstall it"
        ) from error


def imported_packages(facts: Sequence[ModuleFacts]) -> frozenset[str]:
    """The top-level names of all that the files import."""
    return frozenset(name for file in facts for name in file.imported)


def settle_bases(interp: Interpreter) -> None:
    """Bases that were still being imported when their subclass was made are known by now."""
    late = [cls for cls in interp.classes if any(isinstance(base, Deferred) for base in cls.bases)]
    for cls in late:
        cls.bases = [interp.settled(base) for base in cls.bases]
    if late:
        for cls in interp.classes:
            cls.lineage = cls.roots = None


def _link(tree: SourceTree, facts: Sequence[ModuleFacts]) -> Linked:
    interp, known = interpret(tree, facts)
    found = [(framework, ask(framework, "collect", interp)) for framework in known]
    handlers = handlers_of(interp)
    path_of = {file.module: file.path for file in tree.files}
    lines = {f.module: f.lines for f in facts}
    accesses, transactions = data_access(interp)

    def gather(name: str) -> tuple[Any, ...]:
        return tuple(sorted({row for _, one in found for row in getattr(one, name)}, key=by_fields))

    meanings = {f"{f.module}.{s.name}": s.meaning for f in facts for s in f.symbols if s.meaning}
    tables = tuple(_meant(table, meanings, table.model) for table in interp.state(Schema).tables())
    tasks = tuple(_meant(task, meanings, task.handler, f"{task.handler}.run") for task in gather("tasks"))
    signals = gather("signals")
    forget_syntax()
    messages = tuple(
        sorted(gather_messages(found), key=lambda m: (m.module, m.line, m.kind, m.name, m.function or ""))
    )
    told = signature_rows(
        interp,
        calls=_calls(interp),
        tables=tables,
        accesses=accesses,
        messages=messages,
        tasks=tasks,
        signals=signals,
        endpoints=[endpoint for _, one in found for endpoint in one.endpoints],
        settings=[f.module for f in tree.files if f.role == "settings"],
    )
    calls = told.calls
    system = System(
        imports=(),  # those of the statements come with the history: ``pipeline.complete``
        monolith=Monolith(
            name=tree.name,
            packages=tuple(tree.packages),
            revision=None,
            frameworks=tuple(sorted(framework.name for framework, one in found if one.present)),
            atomic_requests=next((one.atomic_requests for _, one in found if one.atomic_requests), None),
        ),
        modules=tuple(
            sorted(
                Module(name=f.module, path=f.path, lines=lines.get(f.module, 0), role=f.role)
                for f in tree.files
            )
        ),
        definitions=tuple(
            sorted(
                Definition(module=f.module, line=s.line, end_line=s.end_line, name=s.name, kind=s.kind)  # type: ignore[arg-type]
                for f in facts
                for s in f.symbols
            )
        ),
        calls=calls,
        invocations=tuple(
            sorted(
                interp.log.sites.invocations(map(_pair, calls), _acting(accesses, messages)), key=by_fields
            )
        ),
        signatures=told.signatures,
        records=told.records,
        exceptions=told.exceptions,
        column_uses=told.column_uses,
        tables=tables,
        platform_tables=tuple(interp.state(Schema).platform_tables()),
        accesses=accesses,
        transactions=transactions,
        endpoints=tuple(
            sorted(
                (
                    under_condition(interp, endpoint)
                    for framework, one in found
                    for endpoint in with_requests(interp, one.endpoints, framework.requests, handlers)
                ),
                key=lambda e: (e.path, e.order),
            )
        ),
        ambient=gather("ambient"),
        route_links=tuple(sorted({*gather("route_links"), *interp.log.links}, key=by_fields)),
        opaque_routes=tuple(
            sorted(
                {route for _, one in found for route in one.opaque_routes},
                key=lambda route: (route.pattern, route.order, route.file, route.line),
            )
        ),
        tasks=tasks,
        signals=signals,
        commands=gather("commands"),
        messages=told.messages,
        vocabulary={f.module: dict(sorted(f.words.items())) for f in sorted(facts, key=lambda f: f.module)},
        references=tuple(sorted(row for _, one in found for row in one.references)),
        diagnostics=tuple(sorted(_diagnostics(interp, facts, found), key=Diagnostic.sort_key)),
    )
    dynamic = [
        Import(
            importer=importer,
            imported=imported,
            line=line,
            kind="dynamic",
            listed=_holder(path_of[imported]) in interp.log.listings.get(importer, ()),
        )
        for (importer, imported), line in sorted(interp.log.dynamic_imports.items())
        if imported in path_of
    ]
    understood = Understood(
        packages=frozenset(name for framework in known for name in framework.packages),
        names=interp.knowledge.names(),
    )
    linked = Linked(system, dynamic, understood, _lineages(interp), _takers(interp), interp.log.extended)
    interp.forget()
    return linked


def _holder(path: str) -> str:
    """The directory in which a module or a package is found."""
    return posixpath.dirname(path.removesuffix("/__init__.py")) or "."


def under_condition(interp: Interpreter, endpoint: Endpoint) -> Endpoint:
    """The endpoint with what must hold where it is registered, as far as that could not be decided."""
    outer = [endpoint.condition] if endpoint.condition else []
    here = interp.log.conditions(endpoint.file, endpoint.line)
    here = [one for one in here if one not in endpoint.condition]
    return msgspec.structs.replace(endpoint, condition=" and ".join([*outer, *here]))


def _lineages(interp: Interpreter) -> list[Lineage]:
    return [
        Lineage(
            cls.module.name,
            cls.qualname,
            cls.line,
            ancestors,
            tuple(parent.dotted for parent in cls.mro() if parent is not cls),
            bool(interp.subclasses(cls)),
            cls in interp.state(Schema).by_class,
        )
        for cls in (*interp.classes, *interp.log.nameless.values())
        if (ancestors := cls.ancestors(interp))
    ]


def _takers(interp: Interpreter) -> list[Taker]:
    functions = interp.program.functions
    outer = [one for one in functions if not one.called and "." not in one.qualname and one.params]
    found = {
        Taker(one.module.name, one.qualname, one.line) for one in outer if one.params[0].name in REQUESTS
    }
    servers = {
        Taker(one.module.name, one.qualname, one.line, True)
        for one in outer
        if tuple(param.name for param in one.params) in SERVERS and not hands_on(one)
    }
    return sorted(found | servers)


def gather_messages(found: list[tuple[Framework, Found]]) -> list[Any]:
    """The messages of all frameworks, each once."""
    return list({message: None for _, one in found for message in one.messages})


def _meant(row: T, meanings: dict[str, str], *names: str | None) -> T:
    """The row with what the docstring of its class or function says, where it says nothing yet."""
    found = next((meanings[name] for n in names if n and (name := n.replace(":", ".")) in meanings), "")
    return msgspec.structs.replace(row, meaning=found) if found else row


def _pair(call: Call) -> tuple[str, str | None, str, str]:
    return call.module, call.function, call.target_module, call.target


def _acting(accesses: Iterable[Access], messages: Iterable[Message]) -> set[tuple[str, str]]:
    """Definitions that touch a table or send a message themselves."""
    found = {(row.module, row.function) for row in accesses if row.function}
    return found | {(row.module, row.function) for row in messages if row.function}


def _calls(interp: Interpreter) -> tuple[Call, ...]:
    sites = interp.log.sites.of_calls()
    rows = [
        Call(
            module=module,
            function=function,
            line=line,
            target_module=target_module,
            target=target,
            kind=kind,
            sites=tuple(sites.get((module, function, target_module, target), ())) if kind == "call" else (),
        )
        for (module, function, target_module, target, kind), line in interp.log.uses.items()
    ]
    rows.sort(key=lambda c: (c.module, c.line, c.target_module, c.target, c.kind, c.function or ""))
    return tuple(rows)


def _diagnostics(
    interp: Interpreter, facts: Sequence[ModuleFacts], found: list[tuple[Framework, Found]]
) -> set[Diagnostic]:
    rows = {d for f in facts for d in f.diagnostics} | {d for _, one in found for d in one.diagnostics}
    rows.update(interp.state(Schema).diagnostics())
    makers = Makers(interp.program.functions, interp.classes, (use[:4] for use in interp.log.uses))
    for path, line, code, message in interp.log.failures:
        without_tables = code == "too-complex" and not makers.may_bring_tables(path, line)
        weakened = tuple(row for row in ALL_ROWS if row != "tables") if without_tables else ()
        rows.add(
            Diagnostic(file=path, line=line, code=code, severity="note", message=message, weakens=weakened)
        )
    for path, place, what in interp.log.all_unresolved():
        message = f"{place.function}: {what}" if place.function else what
        rows.add(
            Diagnostic(file=path, line=place.line, code="unresolved-access", severity="note", message=message)
        )
    return rows
