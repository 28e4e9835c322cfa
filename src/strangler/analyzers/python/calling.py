"""Calls: arguments bound to parameters, bodies run once for each combination that matters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.budget import Exhausted
from strangler.analyzers.python.builtins import builtin_method
from strangler.analyzers.python.entries import Region
from strangler.analyzers.python.flow import ON, RETURN, meet
from strangler.analyzers.python.footprint import returns_early, yields
from strangler.analyzers.python.frames import Exits, Frame
from strangler.analyzers.python.further import FURTHER, not_followed, what_is_named
from strangler.analyzers.python.handing import extends
from strangler.analyzers.python.metaclasses import OF_OBJECT, fill_fields, instance, metaclass_of, method_of
from strangler.analyzers.python.statements import execute
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    GeneratorContext,
    Generic,
    Iterator,
    Method,
    Object,
    Sequence,
    UnitOfWork,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.changes import Way
    from strangler.analyzers.python.interpreter import Interpreter


def module_getattr(interp: Interpreter, getter: Function, name: str) -> Value:
    """A module-level ``__getattr__``."""
    return interp.invoke(getter, Args([Const(name)]), interp.root_frame)


def invoke(interp: Interpreter, function: Function, args: Args, frame: Frame) -> Value:
    """Call a first-party function: interpreted once for each combination of arguments that matters."""
    if frame is not interp.root_frame:
        interp.log.sites.add(function, frame, "value", args.get(0))
    bound = interp.bind(function, args, frame)
    key: Hashable = tuple([value.key() for value in bound.values()])
    results = function.results
    often = interp.booting and not function.keeps and function.steps > interp.limits.call_steps
    settled = function.keeps or often or not interp.booting  # the same call does the same, whatever changes
    changes = None if settled else interp.changes.count
    if key in results and function.since.get(key) == changes:
        if often:
            message = f"{function.qualname} is called too often: the same call is taken to do the same again"
            interp.cut(function.module, function.line, message, "call_steps")
        _reached(interp, function, key, bound, frame)
        return results[key] if interp.booting and not often else results[key].again({})
    if key in function.running and function.running[key] == changes:
        return results.get("general", UNKNOWN)
    limits = interp.limits
    if len(function.running) >= limits.recursion or frame.depth >= limits.call_depth:
        which = "call_depth" if frame.depth >= limits.call_depth else "recursion"
        what = "calls" if which == "call_depth" else f"calls of {function.qualname}"
        message = f"{what} within one another are followed {getattr(limits, which)} deep: here they end"
        interp.cut(frame.module, frame.line, message, which)
        return results.get("general", UNKNOWN)
    given = bound
    if function.steps > limits.call_steps and not interp.booting:
        message = (
            f"{function.qualname} is called in too many ways: of further calls only what they name counts"
        )
        interp.cut(function.module, function.line, message, "call_steps")
        given = what_is_named(interp, function, bound)
        key = ("named", *[value.key() for value in given.values()])
        if key in results:
            _reached(interp, function, key, bound, frame)
            return results[key].again({})
        if key in function.running:
            return results.get("general", UNKNOWN)
        if function.steps > limits.call_steps * FURTHER:
            not_followed(interp, function, bound, frame)
            return interp.general(function, frame)
    interp.spend(1)
    # Where calls within one another end somewhere, what they change may be changed by further ones.
    journal = interp.changes.open() if function.running and interp.booting else None
    cuts = interp.cuts
    running = function.running.get(key)
    function.running[key] = changes
    function.called = True
    registrations, vagueness = interp.registrations, interp.log.vagueness
    interp.log.begin()
    limit, steps, taken = interp.budget.share(), interp.budget.steps, function.steps
    try:
        result = interp.run(function, given, frame)
    except Exhausted:
        if interp.budget.steps > limit or interp.budget.left < 0:
            raise
        result = UNKNOWN
        message = f"{function.qualname}, called from here, takes too many steps: what it does is incomplete"
        interp.cut(frame.module, frame.line, message, interp.budget.hit)
    finally:
        interp.budget.limit = limit
        spent = interp.budget.steps - steps
        if interp.booting:
            function.steps += spent
        else:  # those of its calls within this one are among them
            function.steps = max(function.steps, taken + spent)
        if running is None:
            del function.running[key]
        else:
            function.running[key] = running
        function.effects[key] = interp.log.end()
        if interp.log.vagueness > vagueness:
            function.vague.add(key)
        if journal is not None:
            if interp.cuts > cuts:
                interp.changes.doubt(journal)
            interp.changes.close(journal)
    _reached(interp, function, key, bound, frame)
    unmoved = registrations == interp.registrations  # what registers something does it each time
    if not interp.booting or (unmoved and (settled or _again(interp, changes, result))):
        results[key] = result
        function.since[key] = changes
        return result if interp.booting and not often else result.again({})
    return result


def _again(interp: Interpreter, changes: int | None, result: Value) -> bool:
    """Whether the same call would do nothing and give just that."""
    return interp.changes.count == changes and not any(
        option.mutable or isinstance(option, Object) for option in result.options()
    )


def _reached(
    interp: Interpreter, function: Function, key: Hashable, bound: dict[str, Value], frame: Frame
) -> None:
    """What a called function touched, its caller touches; what a row's or query's own method does,
    the calling line does in the reader's eyes."""
    if key in function.vague and not _told(interp, bound):
        interp.log.asked_vaguely(frame, function)
    effects = function.effects.get(key)
    if not effects:
        return
    interp.log.touch(frame, effects)
    if (
        function.owner is not None
        and bound
        and not interp.knowledge.carriers.isdisjoint(function.owner.ancestors(interp))
    ):
        receiver = next(iter(bound.values()))
        if isinstance(receiver, (Object, Class)) and frame.callee is not function:
            for target, operation, database in effects:
                with interp.log.on_database(database) if database else nullcontext():
                    interp.log.access(frame, target, operation, "method", "inferred")
    else:
        interp.hand_over(interp, function, effects, bound, frame)


def _told(interp: Interpreter, bound: dict[str, Value]) -> bool:
    """Whether a call hands over nothing but rows, queries and numbers that are known: what it asks for is."""
    return bool(bound) and all(
        (isinstance(option, Const) and not isinstance(option.value, (str, bytes)))
        or (isinstance(option, Object) and not interp.knowledge.carriers.isdisjoint(interp.lineage(option)))
        for value in bound.values()
        for option in value.options()
    )


def general(interp: Interpreter, function: Function, frame: Frame | None = None) -> Value:
    """The function's result when nothing is known of its callers."""
    if "general" in function.results:
        if frame is not None:
            interp.log.touch(frame, function.effects.get("general", ()))
        return function.results["general"]
    if "general" in function.running:
        return UNKNOWN
    if frame is not None and frame.depth >= interp.limits.call_depth:
        return UNKNOWN
    function.running["general"] = None
    interp.log.begin()
    try:
        result = interp.run(function, interp.parameters(function), frame)
    finally:
        function.running.pop("general", None)
        function.effects["general"] = interp.log.end()
    if frame is not None:
        interp.log.touch(frame, function.effects["general"])
    function.results["general"] = result
    return result


def run(
    interp: Interpreter,
    function: Function,
    bound: dict[str, Value],
    caller: Frame | None,
    around: Callable[[Value], None] | None = None,
) -> Value:
    """Interpret the body with the given parameters; ``around`` is called at each ``yield``."""
    given = dict(bound) if function.manages_context else bound
    scope = function.scope
    # Names of a class body are not visible in its methods, those around the class are.
    parent = scope.parent if scope.in_class else scope
    depth = caller.depth + 1 if caller is not None else 0
    frame = Frame(function.module, function.qualname, bound, parent, depth, function.owner, function)
    frame.line = function.line
    frame.region = ()
    frame.under = caller.under if caller is not None else ()
    if function.transactional:
        lines = (function.line, function.end_line)
        frame.region = (Region(function.module.name, function.qualname, *lines, function.database),)
    frame.around = around
    doubts = interp.log.enter_body()
    journals = len(interp.changes.journals)
    # The body of a generator runs as far as it is asked, and not before: by whom is not followed.
    lazy = interp.changes.open() if interp.booting and around is None and yields(function.body) else None
    frame.born = interp.changes.opened
    if interp.booting and returns_early(function.body):
        frame.exits = Exits(interp.changes.open())
    try:
        end = execute(interp, syntax.unpack_body(function.body), frame)
    except Exception:
        interp.changes.abandon(journals)
        raise
    finally:
        interp.log.leave_body(doubts)
    if frame.exits is not None:
        meet(interp, frame.exits, frame.exits.breaks, end in (ON, RETURN))
        interp.changes.close(frame.exits.journal)
    changed: Way = {}
    if lazy is not None:
        changed = interp.changes.way(lazy)
        if function.manages_context:
            interp.changes.back(lazy)
        else:
            interp.changes.doubt(lazy)
        interp.changes.close(lazy)
    if frame.yields or lazy is not None:
        if function.manages_context and interp.booting:
            return GeneratorContext(frame.yields, function, given)
        if function.leaves_open:
            return UnitOfWork(frame.yields)
        if interp.booting:
            return Iterator(frame.yields, True, interp, changed=changed)
        return Sequence(frame.yields, "generator", True)
    if interp.booting and end == ON and (frame.results or frame.unlikely or function.returns is None):
        frame.results.append(NONE)
    result = join([*frame.results, *frame.unlikely] if frame.unlikely else frame.results)
    if result is UNKNOWN and function.returns is not None:
        result = interp.annotated(function.returns, function.scope)
    return result


def analyse(interp: Interpreter, functions: Iterable[Function]) -> None:
    """Interpret every function for itself, whoever calls it."""
    for function in functions:
        interp.budget.begin("function_steps")
        try:
            interp.general(function)
        except (Exhausted, RecursionError) as error:
            function.results.setdefault("general", UNKNOWN)
            function.running.clear()
            message = f"{function.qualname} takes too many steps: its data access may be incomplete"
            interp.cut(function.module, function.line, f"{message} ({interp.reason(error)})")
        except Exception as error:  # a defect of ours costs one function, not the run
            function.results.setdefault("general", UNKNOWN)
            function.running.clear()
            message = f"{function.qualname} could not be interpreted ({type(error).__name__}: {error})"
            interp.log.failed(function.module, function.line, "not-interpreted", message)


def subclasses(interp: Interpreter, cls: Class) -> list[Class]:
    """First-party classes that descend from a class, in order of definition."""
    if interp._subclasses is None or interp._subclasses[0] != len(interp.classes):
        table: dict[Class, list[Class]] = {}
        for one in interp.classes:
            for parent in one.mro()[1:]:
                table.setdefault(parent, []).append(one)
        interp._subclasses = (len(interp.classes), table)
    return interp._subclasses[1].get(cls, [])


def classes_called(interp: Interpreter, name: str) -> list[Class]:
    """First-party classes of that plain name, in order of definition."""
    if interp._called is None or interp._called[0] != len(interp.classes):
        table: dict[str, list[Class]] = {}
        for one in interp.classes:
            table.setdefault(one.name, []).append(one)
        interp._called = (len(interp.classes), table)
    return interp._called[1].get(name, [])


def instantiate(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
    """``Class(...)``."""
    meta = metaclass_of(cls)
    called = method_of(meta, "__call__") if meta is not None else None
    if called is not None:
        return interp.invoke(called, Args([cls, *args.positional], args.keywords, args.open), frame)
    return interp.instantiate_plainly(cls, args, frame)


def instantiate_plainly(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
    """``type.__call__(cls, ...)``."""
    ancestors = cls.ancestors(interp)
    special = interp.each_by_lineage(interp.knowledge.instantiations, ancestors, cls, args, frame)
    if special is not None:
        return special
    if "builtins.type" in ancestors and len(args.positional) == 3:
        return interp.make_class(Args(args.positional, {**args.keywords, "metaclass": cls}), frame)
    if "typing.TypedDict" in ancestors:
        return interp.external("builtins.dict").call(interp, args, frame)
    made, objects = instance(interp, cls, args, frame)
    if cls.find("__getattribute__") is not None:
        for obj in objects:
            interp.unsettle(obj)
    init = cls.find("__init__")
    if init is not None and isinstance(init[0], Function):
        for obj in objects:
            own = method_of(obj.cls, "__init__")  # type: ignore[arg-type]
            with interp.changes.possible() if len(objects) > 1 else nullcontext():
                interp.invoke_concrete(own or init[0], obj, args, frame)
    else:
        for obj in objects:
            fill_fields(interp, obj, cls.mro(), args)
            if "typing.NamedTuple" in ancestors:
                obj.attrs.update((name, UNKNOWN) for name in _hidden(interp, cls) if name in obj.attrs)
    return made


def _hidden(interp: Interpreter, cls: Class) -> list[str]:
    """Elements of a named tuple that attributes of its subclasses hide: which is meant is not followed."""
    stated = [one for one in cls.mro() if "typing.NamedTuple" in one.ancestors(interp)]
    below = cls.mro()[: cls.mro().index(stated[-1])]
    return [name for name in stated[-1].annotations if any(name in one.namespace for one in below)]


def invoke_concrete(interp: Interpreter, init: Function, obj: Object, args: Args, frame: Frame) -> None:
    """Run a constructor for one object, so that its attributes are its own."""
    if frame.depth >= interp.limits.call_depth or "init" in init.running:
        return
    interp.spend(1)
    init.running["init"] = None
    init.called = True
    try:
        full = Args([obj, *args.positional], args.keywords, args.open)
        interp.run(init, interp.bind(init, full, frame), frame)
    finally:
        init.running.pop("init", None)


def call_method(interp: Interpreter, receiver: Value, name: str, args: Args, frame: Frame) -> Value:
    """A method that is not a first-party function."""
    value = builtin_method(interp, receiver, name, args, frame)
    if value is not None:
        return value
    if name in ("__enter__", "__aenter__") and receiver.opens_transaction:
        return interp.enter_by_hand(receiver, frame)
    if isinstance(receiver, Object):
        cls = receiver.cls.origin if isinstance(receiver.cls, Generic) else receiver.cls
        if isinstance(cls, Class):
            found = cls.find(name)
            if found is not None and isinstance(found[0], Function):
                return interp.invoke(
                    found[0], Args([receiver, *args.positional], args.keywords, args.open), frame
                )
    return interp.call_library_method(receiver, name, args, frame)


def enter_by_hand(interp: Interpreter, context: Value, frame: Frame) -> Value:
    """``__enter__()`` or an ``ExitStack``: a transaction stays open to the end of the function or block."""
    value = context.enter(interp, frame)
    if (value.opens_transaction or context.opens_transaction) and frame.callee is not None:
        frame.region = (*frame.region, Region(*frame.location, frame.callee.end_line, context.database))
        frame.callee.leaves_open = True
    return value


def call_library_method(interp: Interpreter, receiver: Value, name: str, args: Args, frame: Frame) -> Value:
    """A method of a library's class, looked up along the lineage of the receiver."""
    if isinstance(receiver, (Object, Class)):
        lineage = interp.lineage(receiver)
        for handler in interp.knowledge.methods_of(lineage, name):
            result = handler(interp, receiver, args, frame)
            if result is not None:
                return result
        if name in OF_OBJECT:
            own = OF_OBJECT[name](interp, receiver, args, frame)
            if own is not None:
                return own
        if isinstance(receiver, Object) and name[:2] != "__" and name[:9] != "operator ":
            cls = receiver.cls.origin if isinstance(receiver.cls, Generic) else receiver.cls
            if isinstance(cls, External):
                value = interp.knowledge.guess(interp, name, args, frame)
                if value is not None:
                    return value
                method = External(f"{cls.name}.{name}")
                loaded = interp.knowledge.load(interp, method, args, frame)
                if loaded is not None:
                    return loaded
                if interp.booting:
                    extends(interp, method, args, frame)
                return Object(method, args, frame)
        if isinstance(receiver, Class) and lineage:
            return Object(Method(receiver, name), args, frame)
    return UNKNOWN
