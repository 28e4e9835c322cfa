"""Templates: the relations that ``{{ order.customer.name }}`` walks when a page is rendered.

Django's template language and Jinja agree on what matters here: dotted names, ``for``, ``with``,
``include``, ``extends``. Accesses count for the statement that renders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Const,
    External,
    Frame,
    Framework,
    Function,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Sequence,
    SourceTree,
    Value,
    join,
)
from strangler.model.system import AMBIENT

DEEPEST_INCLUDE = 6
_OPENING = re.compile(r"\{\{|\{%-?\s*(\w+)")
_PATH = re.compile(r"^[A-Za-z_]\w*(?:\.\w+)*")
_PATHS = re.compile(r"(?<![\w.\"'|:])[A-Za-z_]\w*(?:\.\w+)+")
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


_SILENT = frozenset({"load", "trans", "comment", "block", "csrf_token", "static", "else"})
"""Tags that name nothing of the context."""
_WITH = frozenset({"with", "blocktrans", "blocktranslate"})
_ENDS = frozenset({"endfor", "endwith", "endblocktrans", "endblocktranslate"})
_BINDING = frozenset({"for", "include", "extends", *_WITH, *_ENDS})
Path = tuple[str, ...]
"""The parts of a dotted name."""


class Token(NamedTuple):
    """A variable (tag ``""``) or a tag with its argument."""

    tag: str
    text: str
    paths: tuple[Path, ...]
    """The names that it shows or asks for."""


class Templates:
    """The template files of a monolith, read on demand."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self._by_name: dict[str, list[str]] | None = None
        self._tokens: dict[str, list[Token]] = {}

    def find(self, name: str) -> str | None:
        """The path of a template by the name that code uses."""
        if self._by_name is None:
            self._by_name = {}
            for path in self.tree.templates:
                parts = path.split("/")
                for index in range(len(parts)):
                    if parts[index] in ("templates", "jinja2"):
                        self._by_name.setdefault("/".join(parts[index + 1 :]), []).append(path)
        found = self._by_name.get(name.lstrip("/"), [])
        return found[0] if found else None

    def tokens(self, path: str) -> list[Token]:
        """The variables and tags of a template in order, those that name nothing left out."""
        if path not in self._tokens:
            text = self.tree.read_text(path)
            found = (_token(tag, inside) for tag, inside in _tags(text))
            self._tokens[path] = [token for token in found if token.paths or token.tag in _BINDING]
        return self._tokens[path]


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """Tag (``""`` for a variable) and argument of each token; what is not closed is none.

    A text is gone through once: a pattern would look for the end anew behind each opening.
    """
    position, closed = 0, {"}}": True, "%}": True}
    while match := _OPENING.search(text, position):
        position = match.end()
        closing = "%}" if match[1] else "}}"
        end = text.find(closing, position) if closed[closing] else -1
        closed[closing] = end >= 0
        if end >= 0:
            inside = text[position:end].strip()
            yield match[1] or "", inside.removesuffix("-").rstrip() if match[1] else inside
            position = end + 2


def _token(tag: str, text: str) -> Token:
    if tag in _SILENT or tag in _BINDING:
        return Token(tag, text, ())
    if tag:
        named = [match[0] for match in _PATHS.finditer(_QUOTED.sub('""', text))]
        return Token(tag, text, tuple(_dotted(name) for name in named))
    path = _dotted(text)
    return Token(tag, text, (path,) if path else ())


def _dotted(text: str) -> Path:
    """The dotted name with which a text begins."""
    match = _PATH.match(text)
    return tuple(match[0].split(".")) if match is not None else ()


Show = Callable[[Interpreter, Value, Frame], None]
Surround = Callable[[Interpreter, Value, Frame], dict[str, Value]]


@dataclass
class Shown:
    """What another framework adds to the rendering of templates."""

    show: Show | None = None
    """Told of every value that a template names."""
    surroundings: Surround | None = None
    """Gives the names that every template knows that is rendered for a request."""
    methods: tuple[type[Value], ...] = ()
    """Values that a template calls where it names them, besides functions."""


class Scope:
    """Names that are bound at a place of a template, and what has been looked up with them."""

    __slots__ = ("ambient", "known", "names", "outer")

    def __init__(
        self, names: dict[str, Value], outer: Scope | None = None, ambient: Set[str] = frozenset()
    ) -> None:
        self.names = names
        self.outer = outer
        self.ambient = ambient
        """Those of its names that every template knows, and what is made of such ones."""
        self.known: dict[tuple[Path, bool], Value] = {}

    def of(self, name: str) -> Scope:
        """The scope that binds a name, the outermost where none does."""
        scope = self
        while scope.outer is not None and name not in scope.names:
            scope = scope.outer
        return scope


class Renderer:
    """Walks a template with a context, as the rendering statement would."""

    def __init__(self, interp: Interpreter, templates: Templates, frame: Frame) -> None:
        self.interp = interp
        self.templates = templates
        self.frame = frame
        self.seen: set[str] = set()
        self.layout = False
        """Whether it is in what a template extends, or in what that includes."""
        shown = interp.state(Shown)
        self.shown, self.methods = shown.show, shown.methods

    def render(self, name: str, names: dict[str, Value], ambient: Set[str] = frozenset()) -> None:
        """Follow every variable of the template: its conditions are not known, so all is inferred.

        ``ambient``: the names that every template knows; what a layout does with them is not the page's.
        """
        self._render(name, Scope(names, ambient=ambient), 0)

    def _render(self, name: str, scope: Scope, depth: int) -> None:
        path = self.templates.find(name)
        if path is None or depth > DEEPEST_INCLUDE or path in self.seen:
            return
        self.seen.add(path)
        scopes = [scope]
        for token in self.templates.tokens(path):
            self._step(token, scopes, depth)
        self.seen.discard(path)

    def _step(self, token: Token, scopes: list[Scope], depth: int) -> None:
        scope = scopes[-1]
        for path in token.paths:
            self._value(path, scope)
        if token.tag == "for":
            targets, _, source = token.text.partition(" in ")
            with self._around(_dotted(source), scope) as ambient:
                bound = self._loop(targets, source, scope)
            scopes.append(Scope(bound, scope, bound.keys() if ambient else frozenset()))
        elif token.tag in _WITH:
            scopes.append(self._bound(token.text, scope))
        elif token.tag in _ENDS:
            if len(scopes) > 1:
                scopes.pop()
        elif token.tag in ("include", "extends"):
            quoted = _QUOTED.match(token.text)
            if quoted:
                extra = self._bound(token.text[quoted.end() :], scope)
                before, self.layout = self.layout, self.layout or token.tag == "extends"
                self._render(quoted[1], extra if extra.names else scope, depth + 1)
                self.layout = before

    def _loop(self, targets: str, source: str, scope: Scope) -> dict[str, Value]:
        value = self._value(_dotted(source), scope)
        items, _ = value.elements(self.interp, self.frame)
        listed = [t.strip() for t in targets.split(",")]
        found: dict[str, Value] = {}
        for item in items:
            for option in item.options():
                if len(listed) == 1:
                    known = found.get(listed[0])
                    found[listed[0]] = option if known is None else known
                elif isinstance(option, Sequence) and len(option.items) == len(listed):
                    found.update(zip(listed, option.items, strict=True))
        return {**dict.fromkeys(listed, UNKNOWN), **found}

    def _bound(self, text: str, scope: Scope) -> Scope:
        """The scope below, with the names that a tag binds."""
        old = re.match(r"(\S+)\s+as\s+(\w+)", text)
        bound = {old[2]: _dotted(old[1])} if old else {}
        bound |= {match[1]: _dotted(match[2]) for match in re.finditer(r"\b(\w+)=([\w.]+)", text)}
        ambient = {name for name, path in bound.items() if path and path[0] in scope.of(path[0]).ambient}
        return Scope({name: self._value(path, scope) for name, path in bound.items()}, scope, ambient)

    @contextmanager
    def _around(self, path: Path, scope: Scope) -> Iterator[bool]:
        """What a name leads to, noted as ambient where a layout asks for what every template knows; gives
        whether it does."""
        ambient = self.layout and bool(path) and path[0] in scope.of(path[0]).ambient
        with self.interp.log.at_most("inferred", self.frame, AMBIENT) if ambient else nullcontext():
            yield ambient

    def _value(self, path: Path, scope: Scope) -> Value:
        if not path:
            return UNKNOWN
        scope = scope.of(path[0])
        key = path, self.layout
        value = scope.known.get(key)
        if value is None:
            with self._around(path, scope):
                value = scope.known[key] = self._looked_up(path, scope.names)
        return value

    def _looked_up(self, path: Path, names: dict[str, Value]) -> Value:
        first, *rest = path
        value = names.get(first, UNKNOWN)
        if value is not UNKNOWN and self.shown is not None:
            self.shown(self.interp, value, self.frame)
        for part in rest:
            if value is UNKNOWN:
                return UNKNOWN
            value = self._attribute(value, part)
        return self._called(value) if rest else value

    def _attribute(self, value: Value, name: str) -> Value:
        return self._of_each(self._called(value), lambda option: self._part(option, name))

    def _part(self, value: Value, name: str) -> Value:
        if isinstance(value, Mapping):
            return value.item(self.interp, Const(name), self.frame)
        if isinstance(value, Sequence) or name.isdigit():
            return value.item(self.interp, Const(int(name)) if name.isdigit() else Const(name), self.frame)
        return value.get(self.interp, name, self.frame)

    def _called(self, value: Value) -> Value:
        """Callables are called without arguments; queries that end an expression are run."""
        return self._of_each(value, self._run)

    def _run(self, value: Value) -> Value:
        if isinstance(value, (Bound, Function)) or type(value) in self.methods:
            return value.call(self.interp, Args(), self.frame)
        return value

    def _of_each(self, value: Value, act: Callable[[Value], Value]) -> Value:
        """Act on whatever a value may be, one by one."""
        options = list(value.options())
        return join(self.interp.log.of_each(options, act)) if options != [value] else act(value)


def context_of(value: Value | None) -> dict[str, Value]:
    """The names that a context gives to a template."""
    names: dict[str, Value] = {}
    for option in value.options() if value is not None else ():
        if isinstance(option, Mapping):
            names.update({k: v for k, v in option.items.items() if isinstance(k, str)})
    return names


def names_of(value: Value | None) -> list[str]:
    """Known strings: one, or a list of which the first that exists is taken."""
    found = []
    for option in value.options() if value is not None else ():
        items = option.items if isinstance(option, Sequence) else [option]
        found += [i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)]
    return found


class TemplateEngines(Framework):
    """Django's templates and Jinja, wherever a framework renders them."""

    name = "templates"
    packages = ("django", "flask", "jinja2", "starlette", "fastapi")

    def teach(self, knowledge: Knowledge) -> None:
        """Everything that renders a template by name."""
        templates = Templates(self.tree)
        calls, methods = knowledge.calls, knowledge.methods
        calls["django.shortcuts.render"] = _renders(templates, 1, "template_name", 2)
        calls["django.template.response.TemplateResponse"] = _renders(templates, 1, "template", 2)
        calls["django.template.loader.render_to_string"] = _renders(templates, 0, "template_name", 1)
        calls["flask.render_template"] = _renders(templates, 0, "template_name_or_list", None)
        calls["flask.templating.render_template"] = calls["flask.render_template"]
        for engine in ("fastapi.templating.Jinja2Templates", "starlette.templating.Jinja2Templates"):
            methods[f"{engine}.TemplateResponse"] = _response(templates)
        calls["django.template.loader.get_template"] = _template
        knowledge.aliases["django.template.loader.engines"] = "django.template.engines"
        knowledge.items["django.template.engines"] = "django.template.Engine"
        methods["django.template.Engine.get_template"] = _template
        methods["jinja2.Environment.get_template"] = _template
        methods["django.template.Template.render"] = _render_object(templates)


def surroundings(interp: Interpreter, request: Value, frame: Frame) -> dict[str, Value]:
    """What the framework adds to the context of every template that is rendered for a request."""
    provide = interp.state(Shown).surroundings
    return provide(interp, request, frame) if provide is not None else {}


def _renders(templates: Templates, position: int, name: str, context: int | None) -> Any:
    """A function that takes a template's name and a context (or keywords, for None)."""

    def handler(interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
        if interp.booting:
            return
        values = dict(args.keywords) if context is None else context_of(args.get(context, "context"))
        request = args.get(0, "request") if position == 1 else args.get(2, "request")
        around: dict[str, Value] = {}
        if context is not None and request is not None:
            around = {**surroundings(interp, request, frame), "request": request}
        ambient = around.keys() - values.keys()
        for template in names_of(args.get(position, name)):
            with interp.log.at_most("inferred", frame, "template"):
                Renderer(interp, templates, frame).render(template, {**around, **values}, ambient)

    return handler


def _response(templates: Templates) -> Any:
    """``templates.TemplateResponse(request, name, context)``, or ``(name, context)`` as it used to be."""

    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> None:
        if interp.booting:
            return
        values: dict[str, Value] = {}
        for argument in args.all():
            values.update(context_of(argument))
        for template in names_of(args.get(1, "name")) + names_of(args.get(0)):
            with interp.log.at_most("inferred", frame, "template"):
                Renderer(interp, templates, frame).render(template, values)

    return handler


def _template(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return Object(External("django.template.Template"), args, frame)


def _render_object(templates: Templates) -> Any:
    """``template.render(context)``."""

    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> None:
        if interp.booting or not isinstance(receiver, Object):
            return
        values = {**context_of(args.get(0, "context")), **args.keywords}
        for template in names_of(receiver.arg(0, "template_name")):
            with interp.log.at_most("inferred", frame, "template"):
                Renderer(interp, templates, frame).render(template, values)

    return handler
