"""What definitions and imports bind."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.metaclasses import metaclass_of, through_metaclass
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Deferred,
    External,
    Function,
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
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope


STEPS_OF_A_CLASS = 100
"""What a class that a function makes counts among the steps: more than a call, as it stays."""


def absolute(level: int, module: str, frame: Frame) -> str:
    """The module that an import statement names, under its one name."""
    scope = frame.module
    if not level:
        return scope.names.canonical(module, scope.name)
    if level < 0:  # Python 2 looks beside the file first
        beside = f"{scope.package}.{module}" if scope.package else module
        return beside if beside in scope.names else scope.names.canonical(module, scope.name)
    for name in (scope.name, *scope.names.others(scope.name)):
        parts = name.split(".")
        drop = level - scope.facts.is_package
        if drop < len(parts):
            above = ".".join(parts[: len(parts) - drop])
            return scope.names.canonical(f"{above}.{module}" if module else above)
    return module


def define_function(interp: Interpreter, node: syntax.FunctionDef, frame: Frame) -> int:
    """A function definition: bound under its name, through its decorators."""
    function = interp.define(node, frame)
    value: Value = function
    for decorator in reversed(node.decorators):
        applied = evaluate(interp, decorator, frame)
        made = type(decorator) is syntax.Call and interp.log.sites.makes_decorator(applied, frame)
        frame.line = node.line
        named = decorator.attr if applied is UNKNOWN and type(decorator) is syntax.Attribute else None
        guess = interp.knowledge.guess(interp, named, Args([value]), frame)
        if guess is not None:
            function.decorators.append(applied)
            value = guess
        else:
            value = _decorate(interp, applied, function, value, frame, made)
    inside = frame.owner if frame.callee is None else None
    _name(interp, frame, syntax.mangled(node.name, inside.name) if inside is not None else node.name, value)
    frame.line = node.line
    return 0


def _name(interp: Interpreter, frame: Frame, name: str, value: Value) -> None:
    """Bind a name where ``global`` and ``nonlocal`` say."""
    home = frame.home(name) if frame.outer else frame
    interp.changes.before(home)
    home.locals[name] = value


def _decorate(
    interp: Interpreter, applied: Value, function: Function, value: Value, frame: Frame, made: bool
) -> Value:
    """Put a decorator around a function; ``made``: by a call, which is noted already."""
    function.decorators.append(applied)
    if isinstance(applied, External) and applied.name in _WRAPPERS:
        return Wrapper(_WRAPPERS[applied.name], value, applied.name == "functools.cached_property")
    if made:
        interp.log.sites.said(applied, frame)
    else:
        interp.log.use(applied, "call", frame)
        interp.log.sites.add(applied, frame, "decorator")
    result = applied.call(interp, Args([value]), frame)
    if isinstance(result, Function) and result is not function and result.wrapped is None:
        result.wrap(value)
        result.owner = result.owner or function.owner
    if result is UNKNOWN or (isinstance(result, Const) and result.value is None):
        return value
    if type(result) is Object and isinstance(result.cls, Class):
        interp.log.sites.decorated(result, result.cls, value)
    if type(result) is Object and isinstance(result.cls, External):
        return value  # a library's decorator of which nothing is known leaves the function as it is
    if type(result) is Union:
        functions: list[Function] = [one for one in result.options() if isinstance(one, Function)]
        # What stands around the function comes first: another form of the decorator may give something else.
        functions.sort(key=lambda one: one.wrapped is None)
        return join([*functions] or [value])
    return value if type(result) in (Sequence, Mapping, Text) else result


_WRAPPERS = {
    "builtins.property": "property",
    "builtins.classmethod": "class",
    "builtins.staticmethod": "static",
    "functools.cached_property": "property",
    "abc.abstractproperty": "property",
    "abc.abstractclassmethod": "class",
    "abc.abstractstaticmethod": "static",
}


def _of_library(interp: Interpreter, base: Value) -> Value:
    """A base class that an object of a library has is known by its name alone: ``db.Document``."""
    owner = base.receiver if isinstance(base, Method) else None
    if isinstance(base, Method) and isinstance(owner, Object) and isinstance(owner.cls, External):
        return interp.external(f"{owner.cls.name}.{base.name}")
    return base


def define_class(interp: Interpreter, node: syntax.ClassDef, frame: Frame) -> int:
    """A class definition: its body is run, its hooks called, its decorators applied."""
    line, name = node.line, node.name
    cls = Class(frame.module, interp.qualify(name, frame), name, line, node.end_line)
    for base in node.bases:
        if isinstance(base, syntax.Starred):
            cls.bases += evaluate(interp, base.value, frame).elements(interp, frame)[0]
        else:
            value = _of_library(interp, evaluate(interp, base, frame))
            frame.line = line
            interp.log.use(value, "inheritance", frame)
            cls.bases.append(value)
    for keyword, value_node in node.keywords:
        if keyword is not None:
            cls.keywords[keyword] = evaluate(interp, value_node, frame)
    inner = Frame(frame.module, frame.function, cls.namespace, _enclosing(frame), frame.depth, cls)
    inner.line = line
    interp.changes.before(frame)
    frame.locals.setdefault(name, Deferred(frame.module.name, name) if frame.callee is None else UNKNOWN)
    inner.born = interp.changes.opened
    interp.execute(node.body, inner)
    frame.line = line
    value = class_made(interp, cls, frame)
    for decorator in reversed(node.decorators):
        applied = evaluate(interp, decorator, frame)
        made = type(decorator) is syntax.Call and interp.log.sites.makes_decorator(applied, frame)
        frame.line = line
        cls.decorators.append(applied)
        if made:
            interp.log.sites.said(applied, frame)
        else:
            interp.log.use(applied, "call", frame)
        result = applied.call(interp, Args([value]), frame)
        value = next((r for r in result.options() if isinstance(r, Class)), value)
    _name(interp, frame, name, value)
    return 0


def class_made(interp: Interpreter, cls: Class, frame: Frame) -> Class:
    """A class has got its bases and its names: its metaclass, frameworks and its base classes are told."""
    meta = metaclass_of(cls)
    if meta is not None:
        return through_metaclass(interp, cls, meta, partial(announce, interp, cls, frame), frame)
    announce(interp, cls, frame)
    return cls


def announce(interp: Interpreter, cls: Class, frame: Frame) -> None:
    """A class is there: ``__set_name__``, frameworks, and the ``__init_subclass__`` of its bases."""
    if frame.callee is not None:
        interp.spend(STEPS_OF_A_CLASS)
    most = interp.limits.ancestors
    if len(cls.mro()) > most:
        cls.lineage = cls.mro()[:most]
        message = f"{cls.qualname} has more than {most} ancestors: the farthest are left out"
        message += f" ({interp.limits.named('ancestors')})"
        interp.log.failed(cls.module, cls.line, "too-complex", message)
    interp.classes.append(cls)
    interp.program.classes.append(cls)
    for name, value in list(cls.namespace.items()):
        kind = value.cls if isinstance(value, Object) else None
        found = kind.find("__set_name__") if isinstance(kind, Class) else None
        if found is not None and isinstance(found[0], Function):
            interp.invoke(found[0], Args([value, cls, Const(name)]), frame)
    for hook in interp.knowledge.class_hooks:
        hook(interp, cls, frame)
    for parent in cls.mro()[1:]:
        hook_of_parent = parent.namespace.get("__init_subclass__")
        function = hook_of_parent.function if isinstance(hook_of_parent, Wrapper) else hook_of_parent
        if isinstance(function, Function):
            options = {name: value for name, value in cls.keywords.items() if name != "metaclass"}
            Bound(function, cls).call(interp, Args([], options), frame)
            break


def _enclosing(frame: Frame) -> Frame | None:
    """The frame whose names a class body sees beside its own: not those of an outer class body."""
    while frame.owner is not None and frame.callee is None and frame.parent is not None:
        frame = frame.parent
    return frame if frame.callee is not None or frame.owner is None else None


def bind_import(interp: Interpreter, node: syntax.Import, frame: Frame) -> int:
    """``import a.b as c``."""
    interp.changes.before(frame)
    for name, alias in node.names:
        value = interp.import_module(name, frame.module.name)
        top = name.partition(".")[0]
        frame.imported[alias or top] = name if alias else top
        if alias is not None:
            _name(interp, frame, alias, value)
        else:
            own = interp.program.canonical(top, frame.module.name)
            first_party = own in interp.program or isinstance(value, Module)
            _name(interp, frame, top, Module(own) if first_party else interp.external(top))
    return 0


def bind_names(interp: Interpreter, node: syntax.ImportFrom, frame: Frame) -> int:
    """``from a import b as c``, relative and star imports too."""
    module = absolute(node.level, node.module, frame)
    interp.changes.before(frame)
    first_party = module in interp.program
    for name, alias in node.names:
        if name != "*":
            frame.imported[alias or name] = f"{module}.{name}"
        if name == "*":
            _star_import(interp, module, first_party, frame)
        elif first_party or f"{module}.{name}" in interp.program:
            _name(interp, frame, alias or name, interp.program.member(module, name))
        elif _below_a_module(interp, module):
            _name(interp, frame, alias or name, UNKNOWN)  # a file that is not there: generated, or ignored
        else:  # a library's, or that of another distribution of one namespace
            _name(interp, frame, alias or name, interp.external(f"{module}.{name}"))
    return 0


def _below_a_module(interp: Interpreter, module: str) -> bool:
    """Whether a dotted name begins with that of a file of the tree, which no other distribution adds to."""
    while module:
        if module in interp.program.scopes:
            return True
        module = module.rpartition(".")[0]
    return False


def _star_import(interp: Interpreter, module: str, first_party: bool, frame: Frame) -> None:
    if not first_party:
        if module not in frame.module.stars:
            frame.module.stars.append(module)
        return
    scope = interp.program.scope(module)
    if scope is None:
        return
    wanted, sure = _exported(scope)
    partly = scope.frame.partly if scope.frame is not None else ()
    for name in wanted:
        frame.imported[name] = f"{module}.{name}"
        value = scope.env.get(name)
        if value is None and f"{module}.{name}" in interp.program:
            value = Module(f"{module}.{name}")
        if value is None:
            continue
        known = frame.locals.get(name) if not sure or name in partly else None
        frame.locals[name] = value if known is None else join([known, value])
    frame.module.stars += [s for s in scope.stars if s not in frame.module.stars]


def _exported(scope: ModuleScope) -> tuple[list[str], bool]:
    """The names that ``import *`` takes of a module, and whether it takes exactly these."""
    public = [name for name in scope.env if not name.startswith("_")]
    exported = scope.env.get("__all__")
    if exported is None:
        return public, scope.state == "done"
    found = exported.items if isinstance(exported, Sequence) else []
    named = [one.value for one in found if isinstance(one, Const) and isinstance(one.value, str)]
    if isinstance(exported, Sequence) and not exported.open and len(named) == len(found):
        return named, not any(isinstance(one, Guess) for one in found)
    return list(dict.fromkeys([*public, *named])), False
