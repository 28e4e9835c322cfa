"""What asks about attributes, classes and modules, or makes them: ``getattr``, ``type``, imports."""

from __future__ import annotations

from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.definitions import announce, class_made
from strangler.analyzers.python.knowledge import CallHandler
from strangler.analyzers.python.metaclasses import OF_OBJECT
from strangler.analyzers.python.values import (
    ANY,
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    Generic,
    Guess,
    Mapping,
    Method,
    Module,
    Object,
    Sequence,
    Text,
    Union,
    Value,
    Wrapper,
    doubted,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def _options(value: Value | None) -> list[Value]:
    return list(value.options()) if value is not None else []


def _getattr(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name, default = args.get(0), args.text(1), args.get(2)
    if target is None or name is None:
        columns = [o.get(interp, "*", frame) for o in _options(target) if isinstance(o, Class)]
        columns = [c for c in columns if c is not UNKNOWN and not isinstance(c, Method)]
        if columns:  # some column of a known table
            return join(columns)
        if not interp.booting and any(
            not interp.knowledge.carriers.isdisjoint(interp.lineage(o)) for o in _options(target)
        ):
            interp.log.unresolved_access(frame, "an attribute that is chosen at run time")
        return join([*_held(target), default or UNKNOWN, UNKNOWN]) if interp.booting else UNKNOWN
    value = target.get(interp, name, frame) if target is not UNKNOWN else UNKNOWN
    if isinstance(args.get(1), Guess):
        return join([value, *(_held(target) if interp.booting else ()), default or UNKNOWN, UNKNOWN])
    vague = (Method, External) if isinstance(target, (External, Union)) else Method
    guess = all(isinstance(option, vague) for option in value.options())
    if default is not None and (value is UNKNOWN or guess):
        # While an application puts itself together the default is what it gets; later nobody knows.
        if not interp.booting:
            return UNKNOWN
        # A mark that decorators of the monolith put on functions is on nothing that is not known.
        mark = name in interp.marks
        answers = [_has(interp, option, name, frame) for option in target.options()]
        absent = all(found is False or (found is None and mark) for found in answers)
        return default if absent else doubted(default)
    if isinstance(target, Module) and default is not None and _has(interp, target, name, frame) is None:
        return join([value, default, UNKNOWN])
    return value


def _held(target: Value | None) -> list[Value]:
    """Of the attributes of an object those that can be changed in place: one of them may be meant."""
    owners = [option for option in _options(target) if isinstance(option, Object)]
    values = [value for owner in owners for held in owner.attrs.values() for value in held.options()]
    return [value for value in values if type(value) in (Sequence, Mapping)]


def _setattr(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name, value = args.get(0), args.text(1), args.get(2)
    if target is not None and value is not None:
        if name is not None and not isinstance(args.get(1), Guess):
            target.store(interp, name, value, frame)
            return NONE
        if name is not None:
            with interp.changes.possible():
                target.store(interp, name, value, frame)
        for option in target.options():  # an attribute chosen at run time, for whom it may concern
            if isinstance(option, Object):
                interp.store_unnamed(option, value, frame)
    return NONE


def _hasattr(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, name = args.get(0), args.text(1)
    if target is None or name is None or target is UNKNOWN or isinstance(args.get(1), Guess):
        return UNKNOWN
    answers = {_has(interp, option, name, frame) for option in target.options()}
    answer = answers.pop() if len(answers) == 1 and not getattr(target, "open", False) else None
    return UNKNOWN if answer is None else Const(answer)


class SetFromOutside:
    """Names of attributes -> whether some code gives them to something else than ``self``."""

    def __init__(self) -> None:
        self.known: dict[str, bool] = {}


def _set_from_outside(interp: Interpreter, name: str) -> bool:
    """Whether some code gives a module an attribute of that name: ``config.NAME = ...``."""
    known = interp.state(SetFromOutside).known
    if name not in known:
        token = name.encode()
        packed = [function.body for function in interp.program.functions]
        packed += [scope.facts.body for scope in interp.program.scopes.values()]
        known[name] = any(_sets(body, name) for body in packed if token in body)
    return known[name]


def _sets(body: bytes, name: str) -> bool:
    return any(
        isinstance(target, syntax.Attribute)
        and target.attr == name
        and not (isinstance(target.value, syntax.Name) and target.value.id in ("self", "cls"))
        for node in traversal.walk(syntax.unpack(body))
        if isinstance(node, syntax.Assign)
        for target in node.targets
    )


def _has(interp: Interpreter, target: Value, name: str, frame: Frame) -> bool | None:
    """Whether something has an attribute; None where it cannot be told."""
    value = target.get(interp, name, frame)  # may run a query, as it does in Python
    if isinstance(target, (Class, Object)):
        return _class_has(interp, target, name)
    if isinstance(target, Module):
        scope = interp.program.scope(target.name)
        settled = scope is not None and scope.state == "done" and not scope.stars
        if value is not UNKNOWN:
            partly = scope is not None and scope.frame is not None and name in scope.frame.partly
            return None if partly else True
        return False if settled and not _set_from_outside(interp, name) else None
    if isinstance(target, Function):
        known = not isinstance(value, Method) or hasattr(FunctionType, name)
        if known or target.wrapped is None:
            return known
        return _has(interp, target.wrapped, name, frame)  # ``wraps`` gives its attributes
    if isinstance(target, Wrapper) and target.kind == "property":
        return hasattr(property, name)
    if isinstance(target, (Bound, Wrapper)):
        return _has(interp, target.function, name, frame)
    if isinstance(target, External) and target.name in interp.knowledge.attributes and value is UNKNOWN:
        asked = interp.knowledge.holders.get(target.name)
        return asked(interp, name) if asked is not None else False
    plain = _PYTHON_TYPES.get(target.kind if isinstance(target, Sequence) else type(target))
    if isinstance(target, Const) and type(target) is Const:
        plain = type(target.value)
    return hasattr(plain, name) if plain is not None else None


def _class_has(interp: Interpreter, target: Class | Object, name: str) -> bool | None:
    cls = target.cls if isinstance(target, Object) else target
    if isinstance(cls, Generic):
        cls = cls.origin
    if isinstance(target, Object) and (name in target.attrs or ANY in target.attrs):
        return True if name in target.attrs else None
    public = interp.knowledge.public
    if isinstance(cls, External):
        bases = interp.knowledge.lineage(cls.name)
        return any(name in public[base] for base in bases) if bases <= public.keys() else None
    if not isinstance(cls, Class):
        return None
    if cls.find(name) is not None or hasattr(type if cls is target else object, name):
        return True
    bases = cls.ancestors(interp)
    if any(name in public.get(base, ()) for base in bases):
        return True
    if not all(base in public for base in bases) or cls.find("__getattr__") is not None:
        return None
    if any("__metaclass__" in parent.namespace or "metaclass" in parent.keywords for parent in cls.mro()):
        return None
    if cls is not target and (
        any(name in parent.attrs or name in parent.annotations for parent in cls.mro())
        or (isinstance(target, Object) and target.args is None)
    ):
        return None  # set on some instances, or on one of a subclass
    return False


def _dir(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target = args.get(0)
    cls = target.cls if isinstance(target, Object) else target
    if isinstance(cls, Class):
        names = {name for parent in cls.mro() for name in parent.namespace}
        return Sequence([Const(name) for name in sorted(names)], "list")
    if isinstance(target, Module):
        scope = interp.program.scope(target.name)
        return Sequence(
            [Const(name) for name in sorted(n for n in scope.env if isinstance(n, str))] if scope else [],
            "list",
        )
    return UNKNOWN


def _getmembers(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target, predicate = args.get(0), args.get(1)
    names = _dir(interp, external, Args([target] if target is not None else []), frame)
    rows: list[Value] = []
    exact = isinstance(names, Sequence)
    for name in names.items if isinstance(names, Sequence) else []:
        member = target.get(interp, str(name.value), frame) if target and isinstance(name, Const) else UNKNOWN
        keep = predicate.call(interp, Args([member]), frame).truth() if predicate is not None else True
        if keep is not False:
            rows.append(Sequence([name, member], "tuple"))
            exact = exact and keep is True
    return Sequence(rows, "list", not exact)


def _type(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if len(args.positional) == 3:
        return make_class(interp, args, frame)
    if isinstance(value, Object):
        return value.cls
    if not isinstance(value, Union):
        return UNKNOWN
    known = [option.cls for option in value.values if isinstance(option, Object)]
    return join(known if len(known) == len(value.values) and not value.open else [*known, UNKNOWN])


NAMELESS = "a class whose name is put together"


def make_class(interp: Interpreter, args: Args, frame: Frame, hooks: bool = True) -> Value:
    """``type(name, bases, names)``; without ``hooks`` its metaclass has had its turn."""
    name = args.text(0)
    cls = Class(frame.module, name or NAMELESS, name or NAMELESS, frame.line, frame.line)
    cls.bases = args.positional[1].elements(interp, frame)[0]
    place = frame.module.facts.path, frame.line
    if name is None:
        if interp.booting or place not in interp.log.named:
            interp.log.nameless.setdefault(place, cls)
        return UNKNOWN
    interp.log.named.add(place)
    body = args.positional[2]
    if isinstance(body, Mapping):
        cls.namespace = {k: v for k, v in body.items.items() if isinstance(k, str)}
    cls.keywords = dict(args.keywords)
    if hooks:
        return class_made(interp, cls, frame)
    announce(interp, cls, frame)
    return cls


def _new_class(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``types.new_class``: a function puts the names into the class."""
    names = Mapping()
    body, options = args.get(3, "exec_body"), args.get(2, "kwds")
    if body is not None:
        body.call(interp, Args([names]), frame)
    keywords = options.items if isinstance(options, Mapping) else {}
    given = [args.get(0, "name") or UNKNOWN, args.get(1, "bases") or Sequence([], "tuple"), names]
    return make_class(interp, Args(given, {k: v for k, v in keywords.items() if isinstance(k, str)}), frame)


def _namedtuple(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name, fields = args.text(0, "typename"), args.get(1, "field_names")
    if name is None or fields is None:
        return UNKNOWN
    if isinstance(fields, Const) and isinstance(fields.value, str):
        names = fields.value.replace(",", " ").split()
    else:
        items, _ = fields.elements(interp, frame)
        names = [str(i.value) for i in items if isinstance(i, Const)]
        names += [
            str(i.items[0].value) for i in items if isinstance(i, Sequence) and isinstance(i.items[0], Const)
        ]
    cls = Class(frame.module, interp.qualify(name, frame), name, frame.line, frame.line)
    cls.extra["fields"] = names
    cls.bases = [interp.external("builtins.tuple")]
    defaults = args.get(None, "defaults")
    if defaults is not None:
        items, exact = defaults.elements(interp, frame)
        late = names[len(names) - len(items) :] if exact and len(items) <= len(names) else names
        values = items if exact else [UNKNOWN] * len(late)
        cls.namespace.update(zip(late, values, strict=False))
    cls.annotations = dict.fromkeys(names, (syntax.Constant(frame.line, None), frame))
    return cls


_PYTHON_TYPES: dict[str | type[Value], type] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "generator": GeneratorType,
    Mapping: dict,
    Text: str,
}
"""The kinds of plain values that the analysis knows by their content -> their types."""


def _is_class(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, (Class, Guess)):
        return TRUE if isinstance(value, Class) else UNKNOWN
    return FALSE if isinstance(value, (Function, Bound, Const, Object, Module, Sequence)) else UNKNOWN


def _is_function(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, (Function, Guess)):
        return TRUE if isinstance(value, Function) else UNKNOWN
    return FALSE if isinstance(value, (Class, Const, Object, Module, Sequence)) else UNKNOWN


def _callable(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value = args.get(0)
    if isinstance(value, Guess):
        return UNKNOWN
    if (
        isinstance(value, Method)
        and value.truth() is None
        and isinstance(value.receiver, (Class, External, Object))
    ):
        return UNKNOWN  # it may be an attribute
    if isinstance(value, (Function, Class, Bound, Method)):
        return TRUE
    return FALSE if isinstance(value, (Const, Text, Sequence, Mapping, Module)) else UNKNOWN


def _sure(args: Args) -> bool:
    """Whether a name is no other string than the one that is known."""
    name = args.get(0, "name")
    return name is not None and name.truth() is True


def _import_module(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0, "name")
    if name is None:
        return UNKNOWN
    if name.startswith("."):
        package = args.text(1, "package") or frame.module.package
        while name.startswith(".."):
            package, name = package.rpartition(".")[0], name[1:]
        name = f"{package}{name}"
    return interp.import_by_name(name, frame, _sure(args))


def _resolve_name(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0, "name")
    return interp.import_by_name(name.replace(":", "."), frame, _sure(args)) if name else UNKNOWN


def _of_object(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``object.__setattr__(obj, name, value)`` and its like."""
    receiver, name = args.get(0), external.name.rpartition(".")[2]
    if not isinstance(receiver, (Object, Class)):
        return None
    given = args if name == "__new__" else Args(args.positional[1:], args.keywords, args.open)
    return OF_OBJECT[name](interp, receiver, given, frame)


CALLS: dict[str, CallHandler] = {
    **{f"builtins.{kind}.{name}": _of_object for kind in ("object", "type") for name in OF_OBJECT},
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.hasattr": _hasattr,
    "builtins.dir": _dir,
    "collections.namedtuple": _namedtuple,
    "typing.NamedTuple": _namedtuple,
    "builtins.type": _type,
    "types.new_class": _new_class,
    "builtins.callable": _callable,
    "inspect.isclass": _is_class,
    "inspect.isfunction": _is_function,
    "inspect.getmembers": _getmembers,
    "builtins.__import__": _import_module,
    "importlib.import_module": _import_module,
    "pkgutil.resolve_name": _resolve_name,
}
