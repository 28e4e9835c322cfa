"""The Django projects of a tree: which settings modules it is started with, and which of them are variants.

A tree may hold several sites, each with its own manage.py, settings, installed apps and URL table. Settings
modules that lead to the same root URLconf (development, production) are variants of one site: the first one
that a starter names stands for all, and a switch that is not the same in all of them is not known. What no
starter names is not used, and said.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    ModuleScope,
    Object,
    Text,
    Value,
    doubted,
    evaluate,
    syntax,
    traversal,
)
from strangler.model import Diagnostic

if TYPE_CHECKING:
    from strangler.analyzers.plugin import Interpreter, SourceTree

MODULE = "DJANGO_SETTINGS_MODULE"
CLASS = "DJANGO_CONFIGURATION"
_STARTERS = ("manage", "wsgi", "asgi", "__main__", "celery", "celeryconf")
_NAMED_LIKE_SETTINGS = re.compile(r"(^|[._])(settings|conf|config)([._]|$)")
_NOT_PRODUCTION = re.compile(
    r"(?:^|[._-]|(?<=[a-z]))(tests?|testing|dev\w*|local|example|demo|ci|docs?)$", re.IGNORECASE
)
_PRODUCTION = re.compile(r"prod", re.IGNORECASE)


class Site:
    """One Django project: its settings module and, where settings are attributes of a class, that class."""

    def __init__(self, scope: ModuleScope, holder: Object | None = None) -> None:
        self.scope = scope
        self.holder = holder
        self.variants: list[Site] = []
        """The other settings that starters name for it."""

    def setting(self, interp: Interpreter, name: str) -> Value | None:
        """A setting; None where the site does not set it."""
        if self.holder is not None and isinstance(self.holder.cls, Class):
            if self.holder.cls.find(name) is None:
                return None
            stated = self.holder.get(interp, name, interp.root_frame)
            computed = isinstance(stated, (Bound, Function))
            return stated.call(interp, Args(), interp.root_frame) if computed else stated
        value = self.scope.env.get(name)
        if value is None and "__getattr__" in self.scope.env:
            value = interp.program.member(self.scope.name, name)
            value = None if value is UNKNOWN else value
        return value

    def seen(self, interp: Interpreter, name: str) -> Value | None:
        """A setting as code sees it: a switch that a variant sets otherwise is a guess."""
        value = self.setting(interp, name)
        if type(value) is Const and isinstance(value.value, bool):
            others = [variant.setting(interp, name) for variant in self.variants]
            if any(isinstance(other, Const) and other.value != value.value for other in others):
                return doubted(value)
        return value

    def text(self, interp: Interpreter, name: str) -> str | None:
        """A setting that is a known string."""
        value = self.setting(interp, name)
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _instance(cls: Class) -> Object:
    """The settings of a class: what is to come from the environment has its default."""
    holder = Object(cls, Args(), None)
    for parent in reversed(cls.mro()):
        for name, value in parent.namespace.items():
            if isinstance(value, Object) and isinstance(value.cls, External):
                if value.cls.name.rpartition(".")[0].endswith("values"):
                    holder.attrs[name] = value.arg(0, "default") or UNKNOWN
            else:
                holder.attrs.pop(name, None)
    return holder


def find(interp: Interpreter, tree: SourceTree) -> tuple[list[Site], list[Diagnostic]]:
    """The sites of a tree, the main one first, and the settings modules that belong to none of them."""
    sites: list[Site] = []
    tables: dict[str | None, Site] = {}
    known: set[str] = set()
    named = list(_named(interp, tree))
    guessed = _guess(interp) if not named else None
    for name, cls in named or ([(guessed, None)] if guessed else []):
        scope = interp.program.scope(name)
        if scope is None or scope.name in known:
            continue
        known.add(scope.name)
        scope, *others = _that_set(interp, scope, cls)
        site = Site(scope, _holder(interp, scope, cls))
        site.variants += map(Site, others)
        table = site.text(interp, "ROOT_URLCONF")
        if not sites or (table is not None and table not in tables):
            sites.append(site)
            tables[table] = site
        elif table in tables:
            tables[table].variants.append(site)
    return sites, list(_unused(interp, sites, {name for name, _ in named}))


def _that_set(interp: Interpreter, scope: ModuleScope, cls: str | None) -> list[ModuleScope]:
    """A settings module; for a package that sets nothing itself those in it that do, the likeliest first."""
    if _sets(scope) or scope.stars or _holder(interp, scope, cls) is not None:
        return [scope]
    inside = sorted(name for name in interp.program.scopes if name.startswith(f"{scope.name}."))
    found = {
        name: one
        for name in inside
        if _NAMED_LIKE_SETTINGS.search(name) and (one := interp.program.scope(name)) and _sets(one)
    }
    chosen = choice(sorted(found))
    if chosen is None:
        return [scope]
    message = (
        f"{scope.name} sets nothing: which of {', '.join(found)} is used is not known: {chosen} is taken"
    )
    interp.log.failed(scope, 1, "settings-chosen", message)
    return [found.pop(chosen), *found.values()]


def _sets(scope: ModuleScope) -> bool:
    return "INSTALLED_APPS" in scope.env or "ROOT_URLCONF" in scope.env


def _named(interp: Interpreter, tree: SourceTree) -> Iterator[tuple[str, str | None]]:
    """The settings modules (and classes) that starters and project files name, the surest first."""
    scopes = interp.program.scopes
    starters = [name for name in scopes if name.rpartition(".")[2] in _STARTERS]
    for name in sorted(starters, key=lambda n: (n.rpartition(".")[2] != "manage", n.count("."), n)):
        scope = scopes[name]
        for value in sorted(_defaults(interp, scope, MODULE), key=_of_tests):
            found = _first_party(value, interp, scope.facts.path)
            if found:
                yield found, next(_defaults(interp, scope, CLASS), None)
    for path in tree.configuration:
        text = tree.read_text(path)
        match = re.search(rf"{MODULE}\s*=\s*[\"']?([\w.]+)", text)
        found = _first_party(match[1], interp, path) if match else None
        if found:
            chosen = re.search(rf"{CLASS}\s*=\s*[\"']?(\w+)", text)
            yield found, chosen[1] if chosen else None


def _guess(interp: Interpreter) -> str | None:
    """The settings module where nothing names one: by its name and content."""
    candidates = [
        name
        for name, scope in interp.program.scopes.items()
        if _NAMED_LIKE_SETTINGS.search(name) and b"INSTALLED_APPS" in scope.facts.body
    ]
    plain = [c for c in candidates if not _NOT_PRODUCTION.search(c)] or candidates
    return min(plain, key=lambda n: (n.count("."), n)) if plain else None


def _with_gaps(name: str) -> re.Pattern[str]:
    """The names that one with unknown parts may mean; each gap takes as little as it can, so that any number
    of them is tried in one pass."""
    first, *rest = (re.escape(part) for part in re.split(r"\*+", name))
    *between, last = rest
    return re.compile(first + "".join(rf"(?>\w+?{part})" for part in between) + rf"\w+{last}")


def _first_party(name: str, interp: Interpreter, near: str) -> str | None:
    """The module that a starter means; of several with that ending the one nearest to it."""
    if "*" in name:
        pattern = _with_gaps(name)
        return choice([n for n in interp.program.scopes if pattern.fullmatch(n)])
    matches = [n for n in interp.program.scopes if n == name or n.endswith("." + name)]
    if not matches:
        return None

    def distance(module: str) -> tuple[int, bool, int, str]:
        ours, theirs = near.split("/"), interp.program.scopes[module].facts.path.split("/")
        shared = sum(1 for _ in itertools.takewhile(lambda p: p[0] == p[1], zip(ours, theirs, strict=False)))
        return (-shared, module != name, module.count("."), module)

    return min(matches, key=distance)


def _of_tests(name: str) -> bool:
    """Whether a module that a starter may choose is meant for tests and the like: it comes last."""
    return any(_NOT_PRODUCTION.search(part) for part in name.split("."))


def choice(names: list[str]) -> str | None:
    """Of several that one is chosen from at run time: that for production, if it shows."""
    plain = [n for n in names if not _NOT_PRODUCTION.search(n)] or names
    return min(plain, key=lambda n: (not _PRODUCTION.search(n), n)) if plain else None


def _defaults(interp: Interpreter, scope: ModuleScope, variable: str) -> Iterator[str]:
    """What a module puts into an environment variable: written beside its name, or computed."""
    if variable.encode() not in scope.facts.body:
        return
    found = False
    nodes = [*_inside(scope.facts.body, variable)]
    for before, after in itertools.pairwise(_strings(nodes)):
        if before == variable and re.fullmatch(r"[\w.]+", after) and _is_module(interp, after, variable):
            found = True
            yield after
    if found:
        return
    for call in _calls_with(nodes, variable):
        loaded = interp.program.scope(scope.name)
        if loaded is not None and loaded.frame is not None and len(call.args) > 1:
            for option in evaluate(interp, call.args[1], loaded.frame).options():
                if isinstance(option, Const) and isinstance(option.value, str):
                    yield option.value
                elif isinstance(option, Text) and any(option.parts):
                    yield "".join("*" if part is None else part for part in option.parts)


def _is_module(interp: Interpreter, text: str, variable: str) -> bool:
    return variable != MODULE or any(n == text or n.endswith("." + text) for n in interp.program.scopes)


def _strings(nodes: Iterable[syntax.Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, syntax.Constant) and isinstance(node.value, str):
            yield node.value


def _calls_with(nodes: Iterable[syntax.Node], variable: str) -> Iterator[syntax.Call]:
    """Calls whose first argument is that string."""
    for node in nodes:
        if isinstance(node, syntax.Call) and node.args:
            first = node.args[0]
            if isinstance(first, syntax.Constant) and first.value == variable:
                yield node


def _inside(body: bytes, variable: str) -> Iterator[syntax.Node]:
    """All nodes of a body in the order of the text, those of bodies in it with the variable's name too."""
    return traversal.walk(syntax.unpack(body), opened=lambda inner: variable.encode() in inner)


def _holder(interp: Interpreter, scope: ModuleScope, wanted: str | None) -> Object | None:
    """The settings class of a module that sets nothing itself, as an instance."""
    if _sets(scope):
        return None
    classes = {
        name: value
        for name, value in scope.env.items()
        if isinstance(value, Class) and (value.find("INSTALLED_APPS") or value.find("ROOT_URLCONF"))
    }
    leaves = [n for n, c in classes.items() if not any(c in o.mro()[1:] for o in classes.values())]
    chosen = wanted if wanted in classes else choice(sorted(leaves))
    if chosen is None:
        return None
    if wanted not in classes and len(leaves) > 1:
        message = (
            f"which class of {', '.join(sorted(leaves))} holds the settings is not known: {chosen} is taken"
        )
        interp.log.failed(scope, classes[chosen].line, "settings-chosen", message)
    return _instance(classes[chosen])


def _unused(interp: Interpreter, sites: list[Site], named: set[str]) -> Iterator[Diagnostic]:
    """Settings modules of a project that none of the sites is: their apps and URLs are not seen."""
    tables = {site.text(interp, "ROOT_URLCONF") for site in sites}
    for name in sorted(interp.program.scopes):
        scope = interp.program.scopes[name]
        if any(site.scope is scope for site in sites) or b"ROOT_URLCONF" not in scope.facts.body:
            continue
        if not _NAMED_LIKE_SETTINGS.search(name) or (_NOT_PRODUCTION.search(name) and name not in named):
            continue
        loaded = interp.program.scope(name)
        table = loaded.env.get("ROOT_URLCONF") if loaded is not None else None
        if isinstance(table, Const) and table.value not in tables:
            message = (
                f"{name} is a settings module that nothing in the tree starts: its apps and its URLs "
                f"(ROOT_URLCONF = {table.value}) are not read as a site of their own"
            )
            yield Diagnostic(
                file=scope.facts.path, line=None, code="settings-not-used", severity="note", message=message
            )
