"""What functions read from a request and which status codes they answer with, read off their source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from strangler.analyzers.plugin.requests import schemas
from strangler.analyzers.plugin.requests.reader import RequestNames
from strangler.analyzers.plugin.requests.types import SCALARS
from strangler.analyzers.python import ir
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
    _Reader(interp, function, draft, view, depth).block(ir.unpack_body(function.body))


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

    def block(self, node: Any) -> None:
        """Walk over any part of the compact source."""
        if not isinstance(node, list):
            return
        opcode = node[0] if node and type(node[0]) is int and len(node) > 1 else None
        if opcode in (ir.CONST, ir.DEF, ir.CLASS, ir.LAMBDA) or (opcode == ir.GROUP and node[1] == -1):
            return
        if opcode == ir.ASSIGN and len(node) == 4:
            self._assign(node)
        elif opcode == ir.CALL and len(node) == 5:
            self._call(node)
        elif opcode == ir.ITEM:
            self._named(self._source(node[2]), node[3], None, None, True, node[1])
        elif opcode == ir.ATTR and self.draft.names.by_attribute:
            self._attribute(node)
        elif opcode == ir.COMPARE and len(node[3]) == 1:
            self._compared(node[2], node[3][0], node[4][0], node[1])
        elif opcode == ir.RETURN and node[2] and node[2][0] == ir.SEQ:
            self._answered([item for item in node[2][3][1:2] if item])
        elif opcode == ir.RAISE and node[2]:
            self._raised(node[2])
        for child in node[2:] if opcode is not None else node:
            self.block(child)

    def _attribute(self, node: Any) -> None:
        """``request.query.page``."""
        source = self._source(node[2])
        if (
            source in ("query", "form")
            and not hasattr(dict, node[3])
            and node[3] not in self.draft.names.getters
        ):
            self._named(source, [ir.CONST, node[1], node[3]], None, None, False, node[1])

    def _compared(self, left: Any, operator: str, right: Any, line: int) -> None:
        """``name in request.args``, ``request.method == "POST"``."""
        if left and left[0] == ir.ATTR and left[3] == "method" and self._is_request(left[2]):
            known = right[3] if right and right[0] == ir.SEQ else [right]
            texts = [n[2].upper() for n in known if n and n[0] == ir.CONST and isinstance(n[2], str)]
            self.draft.methods.update(text for text in texts if text in METHODS)
        elif operator == "in":
            self._named(self._source(right), left, None, None, False, line)

    # -- where values come from ------------------------------------------------------------------

    def _source(self, node: Any) -> str:
        """body, form, query or nothing: what part of the request an expression is."""
        if not isinstance(node, list) or not node or node[0] is None:
            return ""
        if node[0] == ir.AWAIT:
            return self._source(node[2])
        if node[0] == ir.BOOLOP:
            return next((s for s in map(self._source, node[3]) if s), "")
        if node[0] == ir.NAME:
            return self.names.get(node[2], "")
        if node[0] == ir.CALL:
            return self._source(node[2]) if node[2] and node[2][0] == ir.ATTR else self._loaded(node)
        if node[0] == ir.ATTR and self._is_request(node[2]):
            return self.draft.names.part(node[3])
        return ""

    def _loaded(self, node: Any) -> str:
        """``json.loads(request.body)``."""
        inner = node[3][0] if node[3] else None
        raw = (
            inner and inner[0] == ir.ATTR and self._is_request(inner[2]) and inner[3] in self.draft.names.raw
        )
        return "body" if raw else ""

    def _assign(self, node: Any) -> None:
        source = self._source(node[3])
        if node[3] and node[3][0] == ir.CALL and not source:
            func = node[3][2]
            source = self._loaded(node[3]) if func[0] == ir.ATTR and func[3] == "loads" else ""
        for target in node[2]:
            if target and target[0] == ir.NAME:
                if source:
                    self.names[target[2]] = source
                else:
                    self.names.pop(target[2], None)
        if source in ("body", "form"):
            self.draft.posted = True

    def _named(
        self, source: str, key: Any, kind: Value | None, default: Any, required: bool, line: int
    ) -> None:
        """A part of the request is read by name."""
        if not source or not key or key[0] != ir.CONST or not isinstance(key[2], str):
            return
        where: Where = "body" if source in ("body", "form") else source  # type: ignore[assignment]
        if where in ("header", "cookie") and key[2].lower() in ("authorization", "content-type", "cookie"):
            return
        if source == "form":
            self.draft.media = self.draft.media or "form"
        elif source == "body":
            self.draft.media = self.draft.media or "json"
        name, form = type_of(kind)
        if not name and default and default[0] == ir.CONST and default[2] is not None:
            example = type(default[2]).__name__
            name, form = SCALARS.get(example, ("", ""))
        self.draft.add(
            Input(
                name=key[2],
                where=where,
                type=name,
                format=form,
                required=required and where == "body",
                file=self.function.module.facts.path,
                line=line,
            )
        )

    # -- calls -----------------------------------------------------------------------------------

    def _call(self, node: Any) -> None:
        _, line, func, args, keywords = node
        given = {name: value for name, value in keywords if name}
        name = func[3] if func[0] == ir.ATTR else func[2] if func[0] == ir.NAME else ""
        if func[0] == ir.ATTR and name in self.draft.names.getters and args:
            kind = self._value(given.get("type"))
            default = args[1] if len(args) > 1 else given.get("default")
            self._named(self._source(func[2]), args[0], kind, default, False, line)
        self._status(name, args, given)
        made = self.draft.names.view_schemas.get(name)
        if made is not None and self.view is not None:
            self._view_schema(*made, given)
            return
        target = self._value(func) if name else UNKNOWN
        for option in target.options():
            self._target(option, args, given, line)

    def _view_schema(self, attribute: str, by_data: bool, given: dict[str, Any]) -> None:
        found = self.view.find(attribute) if self.view is not None else None
        if (not by_data or "data" in given) and found is not None and isinstance(found[0], Class):
            self.draft.schema(self.interp, found[0])

    def _target(self, target: Value, args: list[Any], given: dict[str, Any], line: int) -> None:
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

    def _followed(self, target: Function, given: dict[str, Any], line: int) -> None:
        inner = Draft(self.draft.names)
        read(self.interp, target, inner, self.view, self.depth + 1)
        self.draft.statuses |= inner.statuses
        if not (inner.posted or inner.inputs):
            return
        self.draft.media = self.draft.media or inner.media
        self.draft.posted = self.draft.posted or inner.posted
        for one in inner.inputs.values():
            self.draft.add(one)
        rest = next((p[0] for p in target.params if p[3] == 3), None)
        if rest is None or not inner.posted:
            return
        # A helper that reads the body takes the names of fields as keywords, their types as values.
        own = {p[0] for p in target.params}
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

    def _value(self, node: Any) -> Value:
        """What an expression means where the function was defined; its locals are not known."""
        if not node:
            return UNKNOWN
        scope = self.function.scope
        line = scope.line
        try:
            if node[0] == ir.ATTR and node[2][0] == ir.NAME and node[2][2] in ("self", "cls") and self.view:
                found = self.view.find(node[3])
                return found[0] if found is not None else UNKNOWN
            if node[0] not in (ir.NAME, ir.ATTR):
                return UNKNOWN
            root = node
            while root[0] == ir.ATTR:
                root = root[2]
            return evaluate(self.interp, node, scope) if root[0] == ir.NAME else UNKNOWN
        finally:
            scope.line = line

    def _is_request(self, node: Any) -> bool:
        """``request``, ``req``, ``self.request``."""
        if not isinstance(node, list) or not node:
            return False
        name = node[2] if node[0] == ir.NAME else node[3] if node[0] == ir.ATTR else ""
        return name in self.draft.names.request

    # -- statuses --------------------------------------------------------------------------------

    def _status(self, name: str, args: list[Any], given: dict[str, Any]) -> None:
        if name in self.draft.names.called:
            self.draft.statuses.add(self.draft.names.called[name])
        if name in self.draft.names.aborts:
            self._answered(args[:1])
        self._answered([given[key] for key in ("status", "status_code", "code") if key in given])

    def _answered(self, nodes: list[Any]) -> None:
        for node in nodes:
            number = None
            if node[0] == ir.CONST:
                number = node[2]
            elif node[0] == ir.ATTR and (match := STATUS.match(node[3])):
                number = int(match[1])
            elif node[0] == ir.IFEXP:
                self._answered([part for part in node[3:] if part])
            if isinstance(number, int) and not isinstance(number, bool) and 100 <= number <= 599:
                self.draft.statuses.add(number)

    def _raised(self, node: Any) -> None:
        func = node[2] if node[0] == ir.CALL else node
        name = func[3] if func[0] == ir.ATTR else func[2] if func[0] == ir.NAME else ""
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
                self._answered([[ir.CONST, 0, found[0].value]])


def type_of(kind: Value | None) -> tuple[str, str]:
    """Type and format that a converter (``int``, ``date.fromisoformat``) takes from text or JSON."""
    if isinstance(kind, External):
        parts = kind.name.split(".")
        name = parts[-2] if parts[-1] in ("fromisoformat", "fromtimestamp", "strptime") else parts[-1]
        return SCALARS.get(name, ("", ""))
    if isinstance(kind, Object) and isinstance(kind.cls, External):
        return type_of(kind.cls)
    return ("", "")
