"""From an interpreted program to the rows of signatures, call sites, records, exceptions and columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from strangler.analyzers.python import syntax
from strangler.analyzers.python.entries import Location
from strangler.analyzers.python.sites import Place
from strangler.analyzers.python.values import Class, Function, Wrapper
from strangler.analyzers.signatures.arguments import UNCLEAR, argument_of, is_bound, positional
from strangler.analyzers.signatures.behaviour import Behaviour, Behaviours, changes, own_raises
from strangler.analyzers.signatures.callers import Callers
from strangler.analyzers.signatures.classes import Classes
from strangler.analyzers.signatures.columns import ColumnWords
from strangler.analyzers.signatures.copies import Copies
from strangler.analyzers.signatures.decorators import decorations, wrapper
from strangler.analyzers.signatures.inference import Inference
from strangler.analyzers.signatures.looping import listed, read_through
from strangler.analyzers.signatures.mentions import mentions
from strangler.analyzers.signatures.messages import with_shapes
from strangler.analyzers.signatures.names import Names, Scope, Target
from strangler.analyzers.signatures.parameters import Parameters
from strangler.analyzers.signatures.parts import Parts
from strangler.analyzers.signatures.paths import path_shapes
from strangler.analyzers.signatures.portable import Portable
from strangler.analyzers.signatures.receivers import Receivers
from strangler.analyzers.signatures.tree import Called, is_name
from strangler.model import (
    Access,
    Call,
    CallSite,
    ColumnUse,
    Endpoint,
    ExceptionClass,
    Form,
    HandedOn,
    KnownFrom,
    Message,
    Parameter,
    Raised,
    Record,
    Signal,
    Signature,
    Table,
    Task,
)
from strangler.model.shapes import bounded, has_unknown

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.model.system import Reached

SHOWN_ACTS = 5
"""Places that are told of why a definition may change something."""


@dataclass(frozen=True)
class Rows:
    """What is told of signatures."""

    calls: tuple[Call, ...]
    messages: tuple[Message, ...]
    signatures: tuple[Signature, ...]
    records: tuple[Record, ...]
    exceptions: tuple[ExceptionClass, ...]
    column_uses: tuple[ColumnUse, ...]


def signature_rows(
    interp: Interpreter,
    *,
    calls: Sequence[Call],
    tables: Sequence[Table],
    accesses: Sequence[Access],
    messages: Sequence[Message],
    tasks: Sequence[Task],
    signals: Sequence[Signal],
    endpoints: Iterable[Endpoint],
    settings: Iterable[str],
) -> Rows:
    """Signatures of whatever other modules call, and what is told of the calls.

    Args:
        interp: it has run the program.
        calls: across modules, with their sites.
        tables: all of them.
        accesses: to tables.
        messages: that are sent.
        tasks: their handlers have signatures, too.
        signals: so have their receivers.
        endpoints: their routes tell what handlers are given.
        settings: names of the modules of settings.
    """
    reader = _Reader(interp, tables, accesses, messages, frozenset(settings))
    reader.parameters.routes = path_shapes(endpoints, reader.names)
    seen, handed = mentions(reader.inference)
    calls = with_unseen(interp, calls, seen)
    wanted = {Target(call.target_module, call.target) for call in calls if call.kind == "call"}
    wanted |= handed.keys()
    handlers = [task.handler for task in tasks] + [signal.receiver for signal in signals]
    wanted |= {target for handler in handlers if (target := reader.handler(handler)) is not None}
    found = [reader.signature(target, handed.get(target, ())) for target in sorted(wanted)]
    signatures = tuple(row for row in found if row is not None)
    told = tuple(reader.with_sites(call) for call in calls)
    rows = Rows(
        calls=told,
        messages=with_shapes(reader.inference, messages, tasks, reader.handler),
        signatures=signatures,
        records=reader.parts.records(signatures),
        exceptions=tuple(reader.parts.exceptions(signatures, told)),
        column_uses=tuple(reader.parts.column_uses(signatures, told)),
    )
    reader.forget()
    return rows


def with_unseen(interp: Interpreter, calls: Sequence[Call], named: Iterable[Place]) -> tuple[Call, ...]:
    """The calls with those that stand in the text and that the interpreter did not resolve, or not reach."""
    log = interp.log
    known = {(c.module, c.function, c.target_module, c.target): c for c in calls if c.kind == "call"}
    more: dict[tuple[str, str | None, str, str], list[CallSite]] = defaultdict(list)
    for place in set(named) - {place for place, _ in log.sites.places()}:
        here = Location(place.module, place.function, place.line)
        reached: Reached = "name" if here in log.executed else "unseen"
        opened = log.opened.get(here, 0)
        log.sites.keep(place, reached, opened)
        site = CallSite(line=place.line, transaction=opened, reached=reached)
        more[place.module, place.function, place.target_module, place.target].append(site)
    rows = [call for call in calls if call.kind != "call"]
    for key in known.keys() | more.keys():
        module, function, target_module, target = key
        added = tuple(sorted(more.get(key, ())))
        call = known.get(key) or Call(
            module=module,
            function=function,
            line=added[0].line,
            target_module=target_module,
            target=target,
        )
        rows.append(replace(call, sites=tuple(sorted((*call.sites, *added)))))
    rows.sort(key=lambda c: (c.module, c.line, c.target_module, c.target, c.kind, c.function or ""))
    return tuple(rows)


class _Reader:
    def __init__(
        self,
        interp: Interpreter,
        tables: Sequence[Table],
        accesses: Sequence[Access],
        messages: Sequence[Message],
        settings: frozenset[str],
    ) -> None:
        self.interp = interp
        self.names = Names(interp)
        self.classes = Classes(self.names, tables)
        self.inference = Inference(self.names, self.classes)
        self.inference.settings = settings
        self.callers = Callers(self.inference)
        self.parameters = Parameters(self.inference, self.callers)
        self.behaviours = Behaviours(self.inference, accesses, messages)
        self.copies = Copies(self.behaviours)
        self.portable = Portable(self.behaviours, self.copies)
        self.receivers = Receivers(self.inference)
        self.words = ColumnWords(self.inference, tables)
        self.parts = Parts(self.names, self.classes, self.words, accesses)

    def forget(self) -> None:
        """Let go of syntax and values: the parts hold one another, and nothing frees such circles while a
        tree is analysed."""
        self.inference.forget()
        positional.cache_clear()
        parts = (self.names, self.classes, self.inference, self.callers, self.parameters, self.behaviours)
        for part in (
            self.parameters.uses,
            self.copies,
            self.portable,
            *parts,
            self.copies,
            self.receivers,
            self.parts,
            self.words,
            self,
        ):
            vars(part).clear()

    def handler(self, dotted: str) -> Target | None:
        """A function, or the method that runs a task's class."""
        target = self.names.find(dotted.replace(":", "."))
        for name in ("", ".run", ".__call__"):
            found = Target(target.module, f"{target.qualname}{name}") if target is not None else None
            if found in self.names.functions:
                return found
        return None

    # -- definitions -----------------------------------------------------------------------------

    def signature(self, target: Target, handed: Sequence[HandedOn]) -> Signature | None:
        """The signature of a function, method or class; None of exceptions and of what is nested."""
        if "<locals>" in target.qualname:
            return None
        cls = self.names.classes.get(target)
        if cls is not None:
            return self._constructor(target, cls)
        function = self.names.functions.get(target)
        scope = self.inference.scope(target)
        if function is None or scope is None:
            return None
        behaviour = self.behaviours.of(target)
        passing = self._passing(target, function)
        if passing:
            behaviour = Behaviour()
            for item in (target, *passing.values()):
                behaviour.add(self.behaviours.of(item))
        result = self.inference.result(target)
        known: KnownFrom = "returns"
        if result.kind == "unknown" or function.returns is not None:
            known = "nothing" if result.kind == "unknown" else "annotation"
        return Signature(
            module=target.module,
            name=target.qualname,
            line=function.line,
            form=_form(function),
            asynchronous=function.is_async,
            decorators=decorations(function, passing),
            parameters=tuple(self._held(target, item) for item in self.parameters.of(target, function)),
            result=bounded(result),
            result_known_from=known,
            result_plain=has_unknown(result) and self.parameters.plain_result(target),
            result_fits=self.parameters.fit_of_result(target) if has_unknown(result) else "",
            raises=tuple(
                Raised(exception=name, place=place) for name, place in sorted(behaviour.raises.items())
            ),
            raised_here=tuple(sorted(set(own_raises(scope)))),
            changes=tuple(sorted(set(changes(scope)))),
            acts=tuple(list(behaviour.acts)[:SHOWN_ACTS]),
            ambient=tuple(replace(place, symbol=what) for what, place in sorted(behaviour.ambient.items())),
            registers=behaviour.registers,
            process=behaviour.process,
            commits=behaviour.commits,
            ends=behaviour.ends,
            outside=behaviour.outside,
            computes=self.copies.of(target),
            **self._portable(target),
            handed_on=tuple(handed),
            receiver=self.receivers.of(target, function) if _form(function) == "method" else None,
        )

    def _passing(self, target: Target, function: Function) -> dict[int, Target]:
        """Line of a decorator that passes everything on -> what it puts around the function."""
        found = {}
        scope = Scope(function.module, None)
        own = self.behaviours.of(target)
        for node in function.written.decorators if function.written is not None else ():
            around = wrapper(node, scope, self.inference)
            does = self.behaviours.of(around.target) if around is not None else None
            if around is None or does is None or does.reads or does.writes:
                continue
            if (does.ends and not own.ends) or (does.commits and not own.commits):
                continue
            given = all(self._given(target, function, name, around.target) for name in around.adds)
            if given and not (does.ambient or does.registers or does.process):
                found[node.line] = around.target
        return found

    def _given(self, target: Target, function: Function, name: str, around: Target) -> bool:
        """Whether all callers but what is around it give an argument themselves."""
        return all(
            call is not None and argument_of(call, function, name) not in (None, UNCLEAR)
            for scope, call in self.callers.of(target)
            if (scope.module.name, scope.qualname) != around
        )

    def _constructor(self, target: Target, cls: Class) -> Signature | None:
        if self._is_exception(cls):
            return None
        behaviour = self.behaviours.of(target)
        return Signature(
            module=target.module,
            name=target.qualname,
            line=cls.line,
            form="constructor",
            result=bounded(self.classes.of(target)),
            result_known_from="annotation",
            acts=tuple(list(behaviour.acts)[:SHOWN_ACTS]),
            outside=behaviour.outside,
            computes=self.copies.of(target),
            **self._portable(target),
        )

    def _held(self, target: Target, item: Parameter) -> Parameter:
        """A parameter with what is done to the row that it holds."""
        if item.untouched or item.rest:
            return item
        found = self.receivers.of_parameter(target, item.name, item.shape)
        return replace(item, row=found) if found is not None else item

    def _portable(self, target: Target) -> dict[str, Any]:
        read = self.portable.of(target)
        return {} if read is None else {"portable": True, "portable_reads": read}

    def _is_exception(self, cls: Class) -> bool:
        bases = [*(one.name for one in cls.mro()), *cls.ancestors(self.interp)]
        return any(name.rpartition(".")[2].endswith(("Exception", "Error", "Warning")) for name in bases)

    # -- calls -----------------------------------------------------------------------------------

    def with_sites(self, call: Call) -> Call:
        """The call with what its syntax tells of each site."""
        return (
            replace(call, sites=tuple(self._site(call, site) for site in call.sites)) if call.sites else call
        )

    def _site(self, call: Call, site: CallSite) -> CallSite:
        place = Place(call.module, call.function, site.line, call.target_module, call.target)
        found = self.callers.at(place)
        if site.reached == "name" and not any(one.exact for one in found):
            site = replace(site, reached="value")  # ``Order.objects.paid()``: no import brings that name
        scope = self.inference.scope(Target(place.module, place.function or ""))
        if scope is None:
            return site
        catches = {name for one in found for name in self._caught(one, scope)}
        own = f"{call.target_module}.{call.target}"
        result = self.inference.result(Target(call.target_module, call.target))
        queried = bool(found) and result.kind == "query"
        called = {self.names.dotted(one.node.func, scope) or "" for one in found if one.exact} - {own, ""}
        return replace(
            site,
            catches=tuple(sorted(catches)),
            discarded=bool(found) and self._discarded(found, scope),
            called=min(called, default=""),
            member=bool(found) and all(map(_is_member, found)),
            looped=queried and all(read_through(scope, one.node) for one in found),
            listed=queried and all(listed(scope, one.node) for one in found),
        )

    def _discarded(self, found: Sequence[Called], scope: Scope) -> bool:
        """Whether each of the calls stands in a function as a statement."""
        alone = {id(node.value) for node in scope.of(syntax.Evaluate)}
        return all(id(one.node) in alone for one in found)

    def _caught(self, called: Called, scope: Scope) -> Iterator[str]:
        for kind in called.catches:
            name = self.names.dotted(kind, scope)
            target = self.names.find(name) if name else None
            if name:
                yield target.dotted if target is not None else name


def _is_member(called: Called) -> bool:
    """Whether it is called as an attribute of a value, which ``super()`` is not."""
    function = called.node.func
    if called.exact or not isinstance(function, syntax.Attribute):
        return False
    value = function.value
    return not (isinstance(value, syntax.Call) and is_name(value.func, "super"))


def _form(function: Function) -> Form:
    if function.owner is None:
        return "function"
    value = function.owner.namespace.get(function.name)
    if isinstance(value, Wrapper) and value.kind == "class":
        return "class_method"
    return "method" if is_bound(function) else "static"
