"""Imports: what a name brings, and running the body of what is imported, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.budget import Exhausted
from strangler.analyzers.python.flow import blur
from strangler.analyzers.python.footprint import of_statement
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.statements import execute
from strangler.analyzers.python.values import NEVER, UNKNOWN, Args, Const, Module, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope


def import_module(interp: Interpreter, dotted: str, importer: str = "") -> Value:
    """What ``import dotted`` gives access to, in the module ``importer``."""
    dotted = interp.program.canonical(dotted, importer)
    if dotted in interp.program:
        interp.program.scope(dotted)
        return Module(dotted)
    return interp.external(dotted)


def import_by_name(interp: Interpreter, dotted: str, frame: Frame, sure: bool = False) -> Value:
    """A string that names a module or something in one; the import is noted as dynamic.

    Where ``sure`` says that it is no other string, what the tree's own packages do not hold raises in a
    ``try`` that catches that.
    """
    importer = frame.module.name if frame.module is not None else ""
    value = interp.program.resolve(dotted, importer)
    if value is not UNKNOWN:
        parts = dotted.split(".")
        while parts and interp.program.canonical(".".join(parts), importer) not in interp.program:
            parts.pop()
        module = interp.program.canonical(".".join(parts), importer)
        import_noted(interp, module, frame)
        interp.program.scope(module)  # importing it runs it: it may register something
        return value
    if dotted.partition(".")[0] not in interp.program.tops:
        return interp.external(dotted)
    if sure and frame.catching and _missing(interp, dotted, importer, frame):
        return NEVER
    return UNKNOWN


def _missing(interp: Interpreter, dotted: str, importer: str, frame: Frame) -> bool:
    """Whether a name certainly leads to nothing in those of the tree's modules that it begins with."""
    holder, _, rest = dotted.rpartition(".")
    while holder and interp.program.canonical(holder, importer) not in interp.program:
        holder, _, last = holder.rpartition(".")
        rest = f"{last}.{rest}"
    module = interp.program.canonical(holder, importer)
    scope = interp.program.scope(module)
    if scope is None or "__path__" in scope.env:  # a directory without code may go on elsewhere
        return False
    asked = Args([Module(module), Const(rest.partition(".")[0])])
    return interp.external("builtins.hasattr").call(interp, asked, frame).truth() is False


def import_noted(interp: Interpreter, module: str, frame: Frame) -> None:
    """Note that the frame's module imports another one by name."""
    if module in interp.program.scopes:
        interp.log.dynamic_import(frame.module.name, module, frame.line)


def run_module(interp: Interpreter, scope: ModuleScope) -> None:
    """Run a module's body once."""
    # A package is imported before its modules, and may import this one on the way.
    parent = scope.name.rpartition(".")[0]
    if parent:
        interp.program.scope(parent)
    if scope.state != "new":
        return
    scope.state = "running"
    scope.frame = frame = Frame(scope, None, scope.env, None)
    body = scope.facts.body
    if body:
        budget = interp.budget
        before = budget.begin("module_steps")
        nodes = iter(syntax.unpack(body))
        for node in nodes:
            around = budget.begin("function_steps") if _of_script(node) else None
            most = budget.share()
            failed, journals = True, len(interp.changes.journals)
            try:
                ended = execute(interp, [node], frame)
            except (Exhausted, RecursionError) as error:
                what = "takes too many steps" if isinstance(error, Exhausted) else "is nested too deeply"
                message = f"a statement of the module's top level {what}: what it does is incomplete"
                message += f" ({interp.reason(error)})"
                interp.log.failed(scope, frame.line, "too-complex", message)
                ended = budget.left < 0
            except Exception as error:  # a gap in this interpreter must not hide the whole module
                message = f"a statement of the module's top level was not interpreted: {error!r}"
                interp.log.failed(scope, frame.line, "not-interpreted", message[:300])
                ended = False
            else:
                failed = False
            if failed:
                interp.changes.abandon(journals)
                blur(interp, frame, of_statement(node))
                frame.loops.clear()
            budget.limit = most
            if around is not None:
                budget.resume(around)
            if failed and ended:  # there are no steps left for what follows
                for rest in nodes:
                    blur(interp, frame, of_statement(rest))
            if ended:
                break
        budget.resume(before)
    scope.state = "done"


def _of_script(node: syntax.Node) -> bool:
    """Whether it is what a module does where it is run by itself: ``if __name__ == "__main__"``."""
    return type(node) is syntax.If and any(
        type(part) is syntax.Constant and part.value == "__main__" for part in traversal.walk([node.test])
    )
