"""Templates: the relations that ``{{ order.customer.name }}`` walks when a page is rendered.

Django's template language and Jinja agree on what matters here: dotted names, ``for``, ``with``,
``include``, ``extends``. Accesses count for the statement that renders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bound,
    Const,
    External,
    Function,
    Mapping,
    Object,
    Sequence,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter
    from strangler.sources.tree import SourceTree

DEEPEST_INCLUDE = 6
LONGEST_TEMPLATE = 200_000
_TOKEN = re.compile(r"\{\{\s*(.*?)\s*\}\}|\{%-?\s*(\w+)\s*(.*?)\s*-?%\}", re.S)
_PATH = re.compile(r"^[A-Za-z_]\w*(?:\.\w+)*")
_PATHS = re.compile(r"(?<![\w.\"'|:])[A-Za-z_]\w*(?:\.\w+)+")
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


class Token(NamedTuple):
    """A variable (tag ``""``) or a tag with its argument."""

    tag: str
    text: str


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
        """The variables and tags of a template in order."""
        if path not in self._tokens:
            text = self.tree.read_text(path)[:LONGEST_TEMPLATE]
            self._tokens[path] = [
                Token(m[2] or "", (m[3] if m[2] else m[1]) or "") for m in _TOKEN.finditer(text)
            ]
        return self._tokens[path]


class Renderer:
    """Walks a template with a context, as the rendering statement would."""

    def __init__(self, ip: Interpreter, templates: Templates, frame: Frame) -> None:
        self.ip = ip
        self.templates = templates
        self.frame = frame
        self.seen: set[str] = set()

    def render(self, name: str, names: dict[str, Value], depth: int = 0) -> None:
        """Follow every variable of the template."""
        path = self.templates.find(name)
        if path is None or depth > DEEPEST_INCLUDE or path in self.seen:
            return
        self.seen.add(path)
        scopes = [names]
        for token in self.templates.tokens(path):
            self._step(token, scopes, depth)
        self.seen.discard(path)

    def _step(self, token: Token, scopes: list[dict[str, Value]], depth: int) -> None:
        names = scopes[-1]
        if token.tag == "":
            self._value(token.text, names)
        elif token.tag == "for":
            targets, _, source = token.text.partition(" in ")
            scopes.append({**names, **self._loop(targets, source, names)})
        elif token.tag in ("with", "blocktrans", "blocktranslate"):
            scopes.append({**names, **dict(self._bindings(token.text, names))})
        elif token.tag in ("endfor", "endwith", "endblocktrans", "endblocktranslate"):
            if len(scopes) > 1:
                scopes.pop()
        elif token.tag in ("include", "extends"):
            quoted = _QUOTED.match(token.text)
            if quoted:
                extra = dict(self._bindings(token.text[quoted.end() :], names))
                self.render(quoted[1], {**names, **extra}, depth + 1)
        elif (
            token.tag not in ("load", "trans", "comment", "block", "csrf_token", "url", "static", "else")
            or token.tag == "url"
        ):
            for match in _PATHS.finditer(re.sub(_QUOTED, '""', token.text)):
                self._value(match[0], names)

    def _loop(self, targets: str, source: str, names: dict[str, Value]) -> dict[str, Value]:
        value = self._value(source, names)
        items, _ = value.elements(self.ip, self.frame)
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

    def _bindings(self, text: str, names: dict[str, Value]) -> Iterator[tuple[str, Value]]:
        old = re.match(r"(\S+)\s+as\s+(\w+)", text)
        if old:
            yield old[2], self._value(old[1], names)
        for match in re.finditer(r"(\w+)=([\w.]+)", text):
            yield match[1], self._value(match[2], names)

    def _value(self, text: str, names: dict[str, Value]) -> Value:
        match = _PATH.match(text)
        if match is None:
            return UNKNOWN
        first, *rest = match[0].split(".")
        value = names.get(first, UNKNOWN)
        for part in rest:
            if value is UNKNOWN:
                return UNKNOWN
            value = self._attribute(value, part)
        return self._called(value) if rest else value

    def _attribute(self, value: Value, name: str) -> Value:
        value = self._called(value)
        if isinstance(value, Mapping):
            return value.item(self.ip, Const(name), self.frame)
        if isinstance(value, Sequence) or name.isdigit():
            return value.item(self.ip, Const(int(name)) if name.isdigit() else Const(name), self.frame)
        return value.get(self.ip, name, self.frame)

    def _called(self, value: Value) -> Value:
        """Callables are called without arguments; queries that end an expression are run."""
        if isinstance(value, (Bound, Function)) or type(value).__name__ in ("QueryMethod", "FormMethod"):
            return value.call(self.ip, Args(), self.frame)
        return value


def _context(value: Value | None) -> dict[str, Value]:
    names: dict[str, Value] = {}
    for option in value.options() if value is not None else ():
        if isinstance(option, Mapping):
            names.update({k: v for k, v in option.items.items() if isinstance(k, str)})
    return names


def _names(value: Value | None) -> list[str]:
    found = []
    for option in value.options() if value is not None else ():
        items = option.items if isinstance(option, Sequence) else [option]
        found += [i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)]
    return found


def finish(ip: Interpreter, templates: Templates) -> None:
    """Class-based views render their own template: its accesses count for the view class."""
    from strangler.analyzers.django.orm.classviews import VIEW
    from strangler.analyzers.python.interpreter import Frame as NewFrame

    for cls in ip.classes:
        if VIEW not in cls.ancestors(ip):
            continue
        stated = cls.find("template_name")
        names = _names(stated[0]) if stated is not None else []
        if not any(templates.find(name) for name in names):
            continue
        frame = NewFrame(cls.module, cls.qualname, {}, None)
        frame.function = None
        frame.line = cls.extra.get("lines", {}).get("template_name", cls.line)
        view = Object(cls, None, None)
        ip.steps = 0
        try:
            context = view.get(ip, "get_context_data", frame).call(ip, Args(), frame)
            values = _context(context)
            values.setdefault("view", view)
            values.setdefault("request", view.get(ip, "request", frame))
            for name in ("object", "object_list"):
                if name not in values:
                    values[name] = view.get(ip, name, frame)
            own = cls.find("context_object_name")
            if own is not None and isinstance(own[0], Const) and isinstance(own[0].value, str):
                values.setdefault(own[0].value, _main(values))
            for name in names[:2]:
                Renderer(ip, templates, frame).render(name, values)
        except (RecursionError, ip.exhausted):
            continue


def _main(values: dict[str, Value]) -> Value:
    listed = values.get("object_list", UNKNOWN)
    return listed if listed is not UNKNOWN else values.get("object", UNKNOWN)


def teach(knowledge: Knowledge, templates: Templates) -> None:
    """Everything that renders a template."""

    def render_with(position: int, name: str, context_position: int):  # type: ignore[no-untyped-def]
        def handler(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
            if ip.booting:
                return None
            context = args.get(context_position, "context")
            values = _context(context)
            if position == 1 and (request := args.get(0, "request")) is not None:
                values.setdefault("request", request)
            for template in _names(args.get(position, name)):
                Renderer(ip, templates, frame).render(template, values)
            return None

        return handler

    knowledge.calls["django.shortcuts.render"] = render_with(1, "template_name", 2)
    knowledge.calls["django.template.response.TemplateResponse"] = render_with(1, "template", 2)
    knowledge.calls["django.template.loader.render_to_string"] = render_with(0, "template_name", 1)

    def get_template(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        return Object(External("django.template.Template"), args, frame)

    def render_object(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        if ip.booting or not isinstance(receiver, Object):
            return None
        for template in _names(receiver.arg(0, "template_name")):
            Renderer(ip, templates, frame).render(template, _context(args.get(0, "context")))
        return None

    knowledge.calls["django.template.loader.get_template"] = lambda ip, external, args, frame: get_template(
        ip, external, args, frame
    )
    knowledge.methods["django.template.Template.render"] = render_object
    knowledge.aliases["django.template.loader.engines"] = "django.template.engines"
    knowledge.items["django.template.engines"] = "django.template.Engine"
    knowledge.methods["django.template.Engine.get_template"] = get_template
