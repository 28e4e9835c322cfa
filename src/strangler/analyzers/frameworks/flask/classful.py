"""Flask-Classful (and Flask-Classy before it): the public methods of a class are its routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from strangler.analyzers.frameworks.flask.app import Scaffold, UrlRule, host_of, prefix_text
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Place,
    Sequence,
    Value,
    Wrapper,
    http_methods,
    is_default,
    known_strings,
    place,
    unwrapped,
    words,
)

VIEW = "flask_classful.FlaskView"
RULES, VERBS = "<rules>", "<verbs>"
SPECIAL = {
    "get": ("GET",),
    "put": ("PUT",),
    "patch": ("PATCH",),
    "post": ("POST",),
    "delete": ("DELETE",),
    "index": ("GET",),
}
"""Methods that answer at the base of their class, and what they answer."""
_OWN = frozenset(
    words("""
        register parse_options make_proxy_method build_rule get_route_base default_route_base
        build_route_name decorators representations route_base route_prefix trailing_slash base_args
        excluded_methods method_dashified special_methods type_hints
    """)
)
"""What the library's class has itself: none of it is a route."""
_CONVERTERS = {"str": "string", "int": "int", "float": "float", "UUID": "uuid"}
_VARIABLE = re.compile(r"<(?:[^<>:]*:)?([^<>:]+)>")


def teach(knowledge: Knowledge) -> None:
    """Add Flask-Classful to what is known."""
    knowledge.aliases["flask_classy"] = "flask_classful"
    knowledge.calls["flask_classful.route"] = _route
    knowledge.calls["flask_classful.method"] = _method
    knowledge.methods[f"{VIEW}.register"] = _register
    knowledge.registrars.add(VIEW)


def _route(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    rule, methods = prefix_text(args.get(0, "rule")), args.get(None, "methods")
    row = [Const(rule or ""), methods or NONE, Const(host_of(args))]
    return _noting(interp, RULES, Sequence([*row], "tuple"))


def _method(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    return _noting(interp, VERBS, args.get(0, "method") or NONE)


def _noting(interp: Interpreter, name: str, row: Value) -> Decorator:
    """A decorator that leaves a row on the function and gives it back."""

    def apply(target: Value, inner: Frame) -> Value | None:
        function = unwrapped(interp, target)
        if isinstance(function, Function):
            known = function.attrs.setdefault(name, Sequence([]))
            if isinstance(known, Sequence):
                known.items.insert(0, row)
        return None

    return Decorator(apply)


def _register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    for cls in receiver.options():
        for option in app.options() if app is not None else ():
            if isinstance(cls, Class) and isinstance(option, Scaffold) and interp.registers():
                option.entries.extend(_rules(interp, cls, args, place(frame)))
    return NONE


def _rules(interp: Interpreter, cls: Class, args: Args, where: Place) -> Iterator[UrlRule]:
    base = prefix_text(args.get(1, "route_base")) or _text(cls, "route_base")
    base = (_dashed(cls.name.removesuffix("View")) if base is None else base).strip("/")
    prefix = prefix_text(args.get(3, "route_prefix")) or _text(cls, "route_prefix") or ""
    slash = _flag(cls, args.get(4, "trailing_slash"), "trailing_slash", True)
    dashed = _flag(cls, args.get(5, "method_dashified"), "method_dashified", False)
    subdomain = args.get(2, "subdomain") or _attribute(cls, "subdomain") or NONE
    own_host = host_of(Args([], {"subdomain": subdomain}))
    given = [args.get(1, "route_base"), args.get(3, "route_prefix")]
    given += [_attribute(cls, name) for name in ("route_base", "route_prefix")]
    default = any(map(is_default, given))
    known = {"self", *_VARIABLE.findall(base), *_strings(interp, cls, "base_args")}
    inspected = _flag(cls, None, "inspect_args", True)
    usual = http_methods(interp, _attribute(cls, "default_methods"), interp.root_frame) or ("GET",)
    for name, view, function in _members(interp, cls, args.get(6, "base_class")):
        endpoint = f"{cls.name}:{name}"
        noted = _noted(function, RULES)
        for number, row in enumerate(noted):
            stated, methods, elsewhere = row.items if isinstance(row, Sequence) else (row, NONE, NONE)
            own = str(stated.value) if isinstance(stated, Const) else ""
            verbs = http_methods(interp, methods, interp.root_frame)
            suffix = f"_{number}" if len(noted) > 1 else ""
            yield UrlRule(
                _joined(prefix, base, own), endpoint + suffix, view, verbs, where, default=default,
                host=elsewhere.value if isinstance(elsewhere, Const) and elsewhere.value else own_host,
            )  # fmt: skip
        if noted:
            continue
        variables = list(_variables(function, known)) if inspected else []
        verbs = SPECIAL.get(name)
        if verbs is not None:
            own = "/"
        else:
            named = Sequence(_noted(function, VERBS))
            verbs = (http_methods(interp, named, interp.root_frame) if named.items else None) or usual
            own = f"/{name.replace('_', '-') if dashed else name}/"
            own = own if slash else own.rstrip("/")
        rule = _joined(prefix, base, own, *variables)
        if not slash and name in SPECIAL and rule != "/":
            rule = rule.rstrip("/")
        elif slash and not rule.endswith("/"):
            rule += "/"
        yield UrlRule(rule, endpoint, view, verbs, where, default=default, host=own_host)


def _members(
    interp: Interpreter, cls: Class, base_class: Value | None
) -> Iterator[tuple[str, Value, Function]]:
    """(name, what the class has under it, the function in there) of all that is a route, by name."""
    found: dict[str, Value] = {}
    for parent in cls.mro():
        for name, value in parent.namespace.items():
            found.setdefault(name, value)
    hidden = {*_OWN, *_strings(interp, cls, "excluded_methods")}
    for parent in base_class.mro() if isinstance(base_class, Class) else ():
        hidden |= set(parent.namespace)
    for name in sorted(found):
        if name in hidden or name.startswith(("_", "before_", "after_")):
            continue
        if isinstance(found[name], Wrapper):  # a property, a method of the class
            continue
        function = unwrapped(interp, found[name])
        if isinstance(function, Function) and function.params and function.owner is not None:
            yield name, found[name], function


def _variables(function: Function, known: set[str]) -> Iterator[str]:
    """The parameters without a default, as parts of the path."""
    for parameter in function.params:
        if parameter.kind in ("*", "**") or parameter.default is not None or parameter.name in known:
            continue
        stated = getattr(parameter.annotation, "id", "") or getattr(parameter.annotation, "attr", "")
        converter = _CONVERTERS.get(stated)
        yield f"<{converter}:{parameter.name}>" if converter else f"<{parameter.name}>"


def _joined(*parts: str) -> str:
    return re.sub("/{2,}", "/", "/" + "/".join(part for part in parts if part))


def _noted(function: Function, name: str) -> list[Value]:
    noted = function.attrs.get(name)
    return list(noted.items) if isinstance(noted, Sequence) else []


def _dashed(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def _attribute(cls: Class, name: str) -> Value | None:
    found = cls.find(name)
    return found[0] if found is not None else None


def _text(cls: Class, name: str) -> str | None:
    return prefix_text(_attribute(cls, name))


def _flag(cls: Class, given: Value | None, name: str, default: bool) -> bool:
    for value in (given, _attribute(cls, name)):
        if isinstance(value, Const) and value.value is not None:
            return bool(value.value)
    return default


def _strings(interp: Interpreter, cls: Class, name: str) -> list[str]:
    value = _attribute(cls, name)
    return (known_strings(interp, value, interp.root_frame) or []) if value is not None else []
