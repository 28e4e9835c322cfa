"""What functions read from a request and which status codes they answer with, read off their source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from strangler.analyzers.plugin.requests import schemas
from strangler.analyzers.plugin.requests.names import RequestNames
from strangler.analyzers.plugin.requests.types import SCALARS
from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.values import (
    UNKNOWN,
    Bound,
    Class,
    Const,
    External,
    Function,
    Object,
    Value,
    Wrapper,
)
from strangler.model import Input

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

Given = dict[str, syntax.Expr]
"""Keyword arguments of a call."""
Where = Literal["body", "query", "header", "cookie"]
DEEPEST_CALL = 3
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STATUS = re.compile(r"^HTTP_(\d{3})_")


@dataclass
class Draft:
    """What was found so far of one request."""

    names: RequestNames
    media: str = ""
    inputs: dict[tuple[str, str], Input] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    """Methods that the code compares ``request.method`` with."""
    posted: bool = False
    """Whether the code asks for a body, whatever the method."""
    of_view: bool = False
    """Whether the class of the view was asked: for another view, something else may be found."""

    def add(self, found: Input) -> None:
        """Take an input in; what is known of its type stays."""
        key = (found.where, found.name)
        known = self.inputs.get(key)
        if known is None or (not known.type and found.type):
            self.inputs[key] = found
        if found.where == "body":
            self.posted = True

    def schema(self, interp: Interpreter, cls: Class) -> None:
        """Take in all fields of a class that validates."""
        library = schemas.library_of(interp, cls)
        self.media = self.media or (library.media if library is not None else "json")
        self.posted = True
        for one in schemas.fields_of(interp, cls):
            self.inputs[one.where, one.name] = one


def read(
    interp: Interpreter, function: Function, draft: Draft, view: Class | None = None, depth: int = 0
) -> None:
    """Add what a function (and what it calls of the monolith, some levels deep) reads and answers."""
    _Reader(interp, function, draft, view, depth).block(_telling(function.body))


_TELLING = frozenset(
    {
        syntax.Assign,
        syntax.Call,
        syntax.Subscript,
        syntax.Attribute,
        syntax.Comparison,
        syntax.Return,
        syntax.Raise,
    }
)


@lru_cache(maxsize=256)
def _telling(body: bytes) -> list[syntax.Node]:
    """The nodes of a body that can tell something of a request, not those of functions and classes in it."""
    nodes = traversal.walk(syntax.unpack(body), closed=traversal.SCOPES)
    return [node for node in nodes if type(node) in _TELLING]


class Helpers:
    """What functions that handlers call read and answer: each is read once, or once for each view."""

    def __init__(self) -> None:
        self.of_any_view: dict[tuple[Function, int, int], Draft] = {}
        self.of_view: dict[tuple[Function, Class | None, int, int], Draft] = {}


class _Reader:
    def __init__(
        self, interp: Interpreter, function: Function, draft: Draft, view: Class | None, depth: int
    ) -> None:
        self.interp = interp
        self.function = function
        self.draft = draft
        self.view = view
        self.depth = depth
        self.names: dict[str, str] = {}
        """Local names that hold (a part of) the request -> body, form, query."""

    def block(self, nodes: syntax.Nodes) -> None:
        """What a body tells, from its nodes in the order of the text."""
        by_attribute = self.draft.names.by_attribute
        for node in nodes:
            if type(node) is syntax.Attribute:
                if by_attribute:
                    self._attribute(node)
                continue
            if type(node) is syntax.Call:
                self._call(node)
                continue
            if type(node) is syntax.Assign:
                self._assign(node)
                continue
            match node:
                case syntax.Subscript():
                    self._named(self._source(node.value), node.key, None, None, True, node.line)
                case syntax.Comparison(operators=[operator], rights=[right]):
                    self._compared(node.left, operator, right, node.line)
                case syntax.Return(value=syntax.Display(elements=[_, status, *_])):
                    self._answered([status])
                case syntax.Raise(value=raised) if raised is not None:
                    self._raised(raised)

    def _attribute(self, node: syntax.Attribute) -> None:
        """``request.query.page``."""
        source = self._source(node.value)
        method = hasattr(dict, node.attr) or node.attr in self.draft.names.getters
        if source in ("query", "form") and not method:
            self._named(source, syntax.Constant(node.line, node.attr), None, None, False, node.line)

    def _compared(self, left: syntax.Expr, operator: str, right: syntax.Expr, line: int) -> None:
        """``name in request.args``, ``request.method == "POST"``."""
        if isinstance(left, syntax.Attribute) and left.attr == "method" and self._is_request(left.value):
            known = right.elements if isinstance(right, syntax.Display) else [right]
            texts = [one.value for one in known if isinstance(one, syntax.Constant)]
            methods = [text.upper() for text in texts if isinstance(text, str)]
            self.draft.methods.update(method for method in methods if method in METHODS)
        elif operator == "in":
            self._named(self._source(right), left, None, None, False, line)

    # -- where values come from ------------------------------------------------------------------

    def _source(self, node: syntax.Expr) -> str:
        """body, form, query or nothing: what part of the request an expression is."""
        match node:
            case syntax.Await(value=value):
                return self._source(value)
            case syntax.BooleanOperation(operands=operands):
                return next((s for s in map(self._source, operands) if s), "")
            case syntax.Name(id=name):
                return self.names.get(name, "")
            case syntax.Call(func=syntax.Attribute() as func):
                return self._source(func)
            case syntax.Call():
                return self._loaded(node)
            case syntax.Attribute(value=owner, attr=name) if self._is_request(owner):
                return self.draft.names.part(name)
        return ""

    def _loaded(self, node: syntax.Call) -> str:
        """``json.loads(request.body)``."""
        match node.args:
            case [syntax.Attribute(value=owner, attr=name), *_] if self._is_request(owner):
                return "body" if name in self.draft.names.raw else ""
        return ""

    def _assign(self, node: syntax.Assign) -> None:
        source = self._source(node.value)
        match node.value:
            case syntax.Call(func=syntax.Attribute(attr="loads")) if not source:
                source = self._loaded(node.value)
        for target in node.targets:
            if isinstance(target, syntax.Name):
                if source:
                    self.names[target.id] = source
                else:
                    self.names.pop(target.id, None)
        if source in ("body", "form"):
            self.draft.posted = True

    def _named(
        self,
        source: str,
        key: syntax.Expr,
        kind: Value | None,
        default: syntax.Expr | None,
        required: bool,
        line: int,
    ) -> None:
        """A part of the request is read by name."""
        if not source or not isinstance(key, syntax.Constant) or not isinstance(key.value, str):
            return
        where: Where = "body" if source in ("body", "form") else source  # type: ignore[assignment]
        if where in ("header", "cookie") and key.value.lower() in ("authorization", "content-type", "cookie"):
            return
        if source == "form":
            self.draft.media = self.draft.media or "form"
        elif source == "body":
            self.draft.media = self.draft.media or "json"
        name, form = type_of(kind)
        if not name and isinstance(default, syntax.Constant) and default.value is not None:
            example = type(default.value).__name__
            name, form = SCALARS.get(example, ("", ""))
        self.draft.add(
            Input(
                name=key.value,
                where=where,
                type=name,
                format=form,
                required=required and where == "body",
                file=self.function.module.facts.path,
                line=line,
            )
        )

    # -- calls -----------------------------------------------------------------------------------

    def _call(self, node: syntax.Call) -> None:
        func, args = node.func, node.args
        given = {name: value for name, value in node.keywords if name}
        name = _last_name(func)
        if isinstance(func, syntax.Attribute) and name in self.draft.names.getters and args:
            kind = self._value(given.get("type"))
            default = args[1] if len(args) > 1 else given.get("default")
            self._named(self._source(func.value), args[0], kind, default, False, node.line)
        self._status(name, args, given)
        made = self.draft.names.view_schemas.get(name)
        self.draft.of_view |= made is not None
        if made is not None and self.view is not None:
            self._view_schema(*made, given)
            return
        target = self._value(func) if name else UNKNOWN
        for option in target.options():
            self._target(option, args, given, node.line)

    def _view_schema(self, attribute: str, by_data: bool, given: Given) -> None:
        found = self.view.find(attribute) if self.view is not None else None
        if (not by_data or "data" in given) and found is not None and isinstance(found[0], Class):
            self.draft.schema(self.interp, found[0])

    def _target(self, target: Value, args: list[syntax.Expr], given: Given, line: int) -> None:
        if isinstance(target, (Bound, Wrapper)):
            target = target.function
        library = schemas.library_of(self.interp, target)
        if isinstance(target, Class) and library is not None:
            reads = any(self._source(a) in ("form", "body") for a in [*args, *given.values()])
            takes = reads or "data" in given or library.reads_request
            if takes and not (library.media == "json" and "many" in given and "data" not in given):
                self.draft.schema(self.interp, target)
        elif isinstance(target, Class):
            self._status_of_class(target)
        elif isinstance(target, Function) and self.depth < DEEPEST_CALL and target is not self.function:
            self._followed(target, given, line)

    def _followed(self, target: Function, given: Given, line: int) -> None:
        inner = self._read(target)
        self.draft.of_view |= inner.of_view
        self.draft.statuses |= inner.statuses
        if not (inner.posted or inner.inputs):
            return
        self.draft.media = self.draft.media or inner.media
        self.draft.posted = self.draft.posted or inner.posted
        for one in inner.inputs.values():
            self.draft.add(one)
        rest = next((p.name for p in target.params if p.kind == "**"), None)
        if rest is None or not inner.posted:
            return
        # A helper that reads the body takes the names of fields as keywords, their types as values.
        own = {p.name for p in target.params}
        for name, node in given.items():
            if name not in own:
                kind, form = type_of(self._value(node))
                self.draft.add(
                    Input(
                        name=name,
                        where="body",
                        type=kind,
                        format=form,
                        required=True,
                        file=self.function.module.facts.path,
                        line=line,
                    )
                )

    def _read(self, target: Function) -> Draft:
        known = self.interp.state(Helpers)
        names, depth = self.draft.names, self.depth + 1
        key = (target, depth, id(names))  # the names live as long as their framework
        own = (target, self.view, depth, id(names))
        found = known.of_any_view.get(key) or known.of_view.get(own)
        if found is None:
            found = Draft(names)
            read(self.interp, target, found, self.view, depth)
            if found.of_view:
                known.of_view[own] = found
            else:
                known.of_any_view[key] = found
        return found

    def _value(self, node: syntax.Expr | None) -> Value:
        """What an expression means where the function was defined; its locals are not known."""
        scope = self.function.scope
        line = scope.line
        try:
            match node:
                case syntax.Attribute(value=syntax.Name(id="self" | "cls"), attr=name):
                    self.draft.of_view = True
                    if self.view is not None:
                        found = self.view.find(name)
                        return found[0] if found is not None else UNKNOWN
            root = node
            while isinstance(root, syntax.Attribute):
                root = root.value
            if node is None or not isinstance(root, syntax.Name):
                return UNKNOWN
            return evaluate(self.interp, node, scope)
        finally:
            scope.line = line

    def _is_request(self, node: syntax.Expr) -> bool:
        """``request``, ``req``, ``self.request``."""
        return _last_name(node) in self.draft.names.request

    # -- statuses --------------------------------------------------------------------------------

    def _status(self, name: str, args: list[syntax.Expr], given: Given) -> None:
        if name in self.draft.names.called:
            self.draft.statuses.add(self.draft.names.called[name])
        if name in self.draft.names.aborts:
            self._answered(args[:1])
        self._answered([given[key] for key in ("status", "status_code", "code") if key in given])

    def _answered(self, nodes: list[syntax.Expr]) -> None:
        for node in nodes:
            number: object = None
            if isinstance(node, syntax.Constant):
                number = node.value
            elif isinstance(node, syntax.Attribute) and (match := STATUS.match(node.attr)):
                number = int(match[1])
            elif isinstance(node, syntax.Conditional):
                self._answered([node.body, node.orelse])
            if isinstance(number, int) and not isinstance(number, bool) and 100 <= number <= 599:
                self.draft.statuses.add(number)

    def _raised(self, node: syntax.Expr) -> None:
        func = node.func if isinstance(node, syntax.Call) else node
        name = _last_name(func)
        if name in self.draft.names.raised:
            self.draft.statuses.add(self.draft.names.raised[name])
        for option in self._value(func).options():
            if isinstance(option, Class):
                self._status_of_class(option)

    def _status_of_class(self, cls: Class) -> None:
        """``class Conflict(Exception): status_code = 409``."""
        for name in ("status_code", "code"):
            found = cls.find(name)
            if found is not None and isinstance(found[0], Const):
                self._answered([syntax.Constant(0, found[0].value)])


def _last_name(node: syntax.Expr) -> str:
    """``c`` of ``a.b.c``; empty where it is no name."""
    if isinstance(node, syntax.Attribute):
        return node.attr
    return node.id if isinstance(node, syntax.Name) else ""


def type_of(kind: Value | None) -> tuple[str, str]:
    """Type and format that a converter (``int``, ``date.fromisoformat``) takes from text or JSON."""
    if isinstance(kind, External):
        parts = kind.name.split(".")
        name = parts[-2] if parts[-1] in ("fromisoformat", "fromtimestamp", "strptime") else parts[-1]
        return SCALARS.get(name, ("", ""))
    if isinstance(kind, Object) and isinstance(kind.cls, External):
        return type_of(kind.cls)
    return ("", "")
