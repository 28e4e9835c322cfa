"""The root URLconfs of a tree: of sites and hosts, and those that settings or middlewares choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Const,
    External,
    Frame,
    Function,
    Mapping,
    Module,
    Object,
    Sequence,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.frameworks.django.sites import Site
    from strangler.analyzers.plugin import Interpreter, Knowledge

_NO_HOST = "the host is none of those that ROOT_HOSTCONF lists"
_ERROR_HANDLERS = ("handler400", "handler403", "handler404", "handler500")
_HOST = ("django_hosts.host", "django_hosts.defaults.host", "django_hosts.resolvers.host")


class UrlTable(NamedTuple):
    """A URLconf at the root of a site."""

    module: str
    line: int = 1
    host: str = ""
    """Regular expression of the host names that it is used for; empty: of any."""
    condition: str = ""
    """What must hold of a request, beside its path, for it to be used; empty: nothing."""


def root_tables(interp: Interpreter, settings: Settings) -> list[UrlTable]:
    """The URLconfs that settings name; without any, all that no other one includes."""
    found: dict[str, UrlTable] = {}
    for site in settings.sites(interp):
        for table in (*_hosts(interp, site), *_of_site(interp, settings, site)):
            if table.module not in found:
                found[table.module] = table
                if table.module != site.scope.name:
                    interp.log.dynamic_import(site.scope.name, table.module, 1)
    if found:
        for name in found:
            _serves_errors(interp, name)
        return list(found.values())
    tables = {n for n, s in interp.program.scopes.items() if "urlpatterns" in s.env}
    included = {m for (_, m) in interp.log.dynamic_imports if m in tables}
    return [UrlTable(name) for name in sorted(tables - included)]


def _serves_errors(interp: Interpreter, table: str) -> None:
    """The functions that a URLconf names for pages of errors: Django calls them."""
    scope = interp.program.scope(table)
    for name in _ERROR_HANDLERS if scope is not None else ():
        value = scope.env.get(name, UNKNOWN)  # type: ignore[union-attr]
        for option in value.options():
            found = interp.program.resolve(str(option.value)) if isinstance(option, Const) else option
            if isinstance(found, Function):
                found.called = True


def _of_site(interp: Interpreter, settings: Settings, site: Site) -> Iterator[UrlTable]:
    root = site.text(interp, "ROOT_URLCONF")
    by_host = site.setting(interp, "ROOT_HOSTCONF") is not None
    if root is not None and interp.program.scope(root) is not None:
        yield UrlTable(root, condition=_NO_HOST if by_host else "")
    elif root is not None:
        message = f"ROOT_URLCONF {root} is not among the files read: which URLs there are is not known"
        settings.unresolved(interp, root, "unresolved-urls", message)
    for name in sorted(site.scope.env):
        if "URLCONF" in name and name != "ROOT_URLCONF":
            for module in _modules(interp, site.scope.env[name]):
                yield UrlTable(module, condition=f"the URLconf of the request is settings.{name}")
    types = site.setting(interp, "TENANT_TYPES")
    for kind in types.items.values() if isinstance(types, Mapping) else []:
        if isinstance(kind, Mapping) and "URLCONF" in kind.items:
            for module in _modules(interp, kind.items["URLCONF"]):
                yield UrlTable(module, condition="the host is one of a tenant of a type with this URLconf")


def _modules(interp: Interpreter, value: Value) -> Iterator[str]:
    """The first-party URLconfs that a setting names: by itself, or under each key."""
    for option in value.options():
        if isinstance(option, Mapping):
            for item in option.items.values():
                yield from _modules(interp, item)
        elif (
            isinstance(option, Const) and isinstance(option.value, str) and interp.program.scope(option.value)
        ):
            yield option.value


def _hosts(interp: Interpreter, site: Site) -> Iterator[UrlTable]:
    """django-hosts: a list of host names, each with a URLconf of its own."""
    name = site.text(interp, "ROOT_HOSTCONF")
    if name is None or interp.program.scope(name) is None:
        return
    interp.log.dynamic_import(site.scope.name, name, 1)
    listed, _ = interp.program.member(name, "host_patterns").elements(interp, interp.root_frame)
    for item in listed:
        if not isinstance(item, Object) or not isinstance(item.cls, External) or item.cls.name not in _HOST:
            continue
        pattern, target = item.arg(0, "regex"), item.arg(1, "urlconf")
        names = [target.name] if isinstance(target, Module) else _modules(interp, target) if target else []
        for module in names:
            interp.log.dynamic_import(name, module, item.line)
            host = str(pattern.value) if isinstance(pattern, Const) else ".*"
            yield UrlTable(module, item.line, host, f"the host matches {host}")


def more_tables(interp: Interpreter) -> Iterator[UrlTable]:
    """The URLconfs that code puts in place of the root one: ``request.urlconf = ...``."""
    for module, line, value in interp.state(Notes).urlconfs:
        names = [value.name] if isinstance(value, Module) else _modules(interp, value)
        for name in names:
            interp.log.dynamic_import(module, name, line)
            path = interp.program.scopes[module].facts.path
            yield UrlTable(name, condition=f"{path}:{line} has set the URLconf of the request")


def _set_urlconf(interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
    value = args.get(0, "urlconf_name")
    if value is not None:
        interp.state(Notes).urlconfs[frame.module.name, frame.line, value] = None


def _patterns(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``django_hosts.patterns(prefix, host(...), ...)``: a list of hosts."""
    return Sequence(args.positional[1:], "list", args.open)


def teach(knowledge: Knowledge) -> None:
    """Calls that change the URLconf of a request."""
    for module in ("django_hosts", "django_hosts.defaults"):
        knowledge.calls[f"{module}.patterns"] = _patterns
    for module in ("django.urls", "django.urls.base", "django.core.urlresolvers"):
        knowledge.calls[f"{module}.set_urlconf"] = _set_urlconf
