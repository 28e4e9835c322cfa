"""From a model, its source tree and a context to the operations over the context's boundary."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from strangler.contracts.operations import shapes
from strangler.contracts.operations.blockers import blocker, of_parameter, of_shape
from strangler.contracts.operations.calls import Calls, CallSite
from strangler.contracts.operations.effects import EffectFinder
from strangler.contracts.operations.failures import failures
from strangler.contracts.operations.forms import form_blockers, kind_of
from strangler.contracts.operations.inference import Inference
from strangler.contracts.operations.knowledge import words
from strangler.contracts.operations.parameters import Parameters
from strangler.contracts.operations.source import Code, DefinitionNode, Sources, Target
from strangler.contracts.operations.transactions import Transactions
from strangler.contracts.operations.types import Types
from strangler.contracts.operations.values import (
    Blocker,
    Operation,
    Operations,
    Parameter,
    Result,
    Shape,
    Site,
)
from strangler.model import Definition, Diagnostic, Evidence, Model
from strangler.sources import SourceTree

SHOWN_EFFECTS = 5
_DATA_TYPES = frozenset({"dataclass", "namedtuple", "typeddict", "pydantic", "enum"})
_TAKEN = words(
    "os client wire LOCAL OPERATIONS FALLBACKS TYPE_CHECKING Any Callable Protocol annotations "
    "datetime decimal uuid"
)
"""Names that the module of a seam needs for itself."""


def find_operations(model: Model, tree: SourceTree, context: str | None = None) -> Operations:
    """Every definition that is called over the boundary of a context, in both directions, sorted.

    Args:
        model: with its contexts.
        tree: the source that the model was made from; it is read, never imported.
        context: name of the context; None for all boundaries between contexts.

    What the shared kernel defines is no operation: both sides install it as a library. Types (exceptions,
    enums, plain records) are none either: both sides have a copy.
    """
    finder = _Finder(model, tree, context)
    operations = tuple(sorted(finder.operations(), key=lambda item: (item.provider, item.path)))
    return Operations(
        context=context or "",
        monolith=model.monolith.name,
        operations=operations,
        diagnostics=tuple(sorted(finder.diagnostics(), key=Diagnostic.sort_key)),
    )


def slug(name: str) -> str:
    """A context's name as a part of a path, a module's name and an environment variable."""
    kept = "".join(char if char.isascii() and char.isalnum() else "_" for char in name.lower())
    text = "_".join(part for part in kept.split("_") if part)[:48] or "context"
    return text if not text[0].isdigit() else f"c_{text}"


class _Finder:
    def __init__(self, model: Model, tree: SourceTree, context: str | None) -> None:
        self.model = model
        self.context = context
        self.context_of = {module: found.name for found in model.contexts for module in found.modules}
        self.kinds = {found.name: found.kind for found in model.contexts}
        self.starting = {item.name for item in model.modules if item.role in ("entry_point", "settings")}
        """What only puts the process together: each side has its own."""
        self.handlers = {item.handler.replace(":", ".") for item in model.endpoints}
        """What a framework calls: to name one in a table of routes is no call."""
        self.handlers |= {item.handler.replace(":", ".") for item in model.tasks}
        self.handlers |= {item.receiver.replace(":", ".") for item in model.signals}
        self.sources = Sources(model, tree)
        self.types = Types(model, self.sources)
        self.inference = Inference(self.sources, self.types)
        self.calls = Calls(self.inference, sorted(self.context_of))
        self.parameters = Parameters(self.inference, self.calls)
        self.effects = EffectFinder(model, self.inference)
        self.transactions = Transactions(model, self.calls)

    def diagnostics(self) -> list[Diagnostic]:
        """What could not be read, and what holds for all operations."""
        return self.sources.diagnostics + list(self.transactions.diagnostics(self.sources))

    def crosses(self, module: str, target: str) -> bool:
        """Whether a use of one module's definition by another crosses the boundary in question."""
        here, there = self.context_of.get(module), self.context_of.get(target)
        if module in self.starting:
            return False
        if here is None or there is None or here == there or self.kinds.get(there) != "context":
            return False
        return self.context is None or self.context in (here, there)

    def operations(self) -> Iterator[Operation]:
        found: dict[Target, list[CallSite]] = defaultdict(list)
        for index in (self.calls.of, self.calls.uses):
            for target, sites in index.items():
                wired = target.dotted in self.handlers
                found[target] += [
                    site
                    for site in sites
                    if self.crosses(site.module, target.module)
                    and (isinstance(site.node, ast.Call) or not wired)
                ]
        indirect = self._indirect()
        for target in indirect:
            found[target] += []
        names = self._names([target for target, sites in found.items() if sites or target in indirect])
        for target in sorted(names, key=lambda item: (item.module, item.qualname)):
            made = self._operation(target, names[target], found[target], indirect.get(target, []))
            if made is not None:
                yield made

    def _indirect(self) -> dict[Target, list[tuple[Site, str]]]:
        """Calls that the analysis saw and that are no plain call of a name: methods, call-backs."""
        found: dict[Target, list[tuple[Site, str]]] = defaultdict(list)
        definitions: dict[tuple[str, str], Definition] = {
            (item.module, item.name): item for item in self.model.definitions
        }
        for call in self.model.calls:
            target = Target(call.target_module, call.target)
            if call.kind != "call" or not self.crosses(call.module, call.target_module):
                continue
            if (
                "<locals>" in call.target
                or target.dotted in self.handlers
                or any(site.target == target for site in self.calls.by_line[call.module, call.line])
            ):
                continue
            code = self.sources.load(call.module)
            definition = definitions.get((call.target_module, call.target))
            if code is None or definition is None:
                continue
            how = "method" if definition.kind == "method" else definition.kind
            site = Site(
                context=self.context_of[call.module],
                module=call.module,
                function=call.function or "",
                file=code.path,
                line=call.line,
                column=0,
            )
            found[target].append((site, how))
        return found

    def _names(self, targets: Iterable[Target]) -> dict[Target, str]:
        """Target -> name of the operation, unique in its context."""
        by_name: dict[tuple[str, str], list[Target]] = defaultdict(list)
        for target in targets:
            by_name[self.context_of[target.module], target.qualname.replace(".", "_")].append(target)
        found: dict[Target, str] = {}
        for (_, name), same in by_name.items():
            for target in same:
                last = target.module.rpartition(".")[2]
                lasts = [other.module.rpartition(".")[2] for other in same]
                prefix = "" if len(same) == 1 else last if lasts.count(last) == 1 else target.module
                full = f"{prefix.replace('.', '_')}_{name}" if prefix else name
                found[target] = f"{full}_call" if full in _TAKEN else full
        return found

    def _operation(
        self, target: Target, name: str, sites: list[CallSite], indirect: list[tuple[Site, str]]
    ) -> Operation | None:
        node, code = self.sources.definition(target), self.sources.load(target.module)
        if node is None or code is None:
            return None
        if isinstance(node, ast.ClassDef):
            made = [site for site in sites if isinstance(site.node, ast.Call)]
            return (
                self._constructor(target, name, node, code, made)
                if made and not self._is_data(target)
                else None
            )
        parameters = self.parameters.of(target, node)
        shape = self.inference.result(target)
        known: Literal["annotation", "returns", "nothing"] = "returns"
        if shape.kind == "unknown" or node.returns is not None:
            known = "nothing" if shape.kind == "unknown" else "annotation"
        effects = self.effects.of(target)
        safe = not effects.acts and not effects.writes
        plain = [site for site in sites if isinstance(site.node, ast.Call)]
        blockers = [
            *form_blockers(target, node, code, sites, indirect, effects, self.sources),
            *self._values(target, node, code, parameters, shape),
            *self.transactions.blockers(target, code, node, plain, effects, safe=safe),
        ]
        if not blockers and not effects.outside:
            message = "touches no table, queue or other service: a remote call buys nothing"
            blockers.append(
                blocker("no_data", code.path, node.lineno, message, "copy it, or publish a library")
            )
        raised = list(effects.raises.items())
        raised += [
            (caught, Evidence(file=site.scope.code.path, line=site.node.lineno, symbol=site.function))
            for site in plain
            for caught in site.catches
        ]
        provider = self.context_of[target.module]
        return Operation(
            name=name,
            provider=provider,
            consumers=self._consumers(sites, indirect),
            module=target.module,
            qualname=target.qualname,
            call=kind_of(target, node),
            file=code.path,
            line=node.lineno,
            sites=self._sites(sites, indirect),
            parameters=parameters,
            result=Result(shape=shape, schema=shapes.schema(shape), known_from=known),
            failures=failures(raised, self.sources, self.types),
            safe=safe,
            idempotent=safe,
            effects=tuple(effects.acts[:SHOWN_EFFECTS]),
            is_async=isinstance(node, ast.AsyncFunctionDef),
            method="POST",
            path=f"/_strangler/{slug(provider)}/{name}",
            blockers=_unique(blockers),
        )

    def _is_data(self, target: Target) -> bool:
        """Whether a class is a type that both sides copy: an exception, an enum, a plain record."""
        if self.types.of(target).kind in _DATA_TYPES:
            return True
        names = [target.qualname, *self.types.bases(target)]
        return any(
            name.rpartition(".")[2].endswith(("Exception", "Error", "Warning")) for name in names[1:]
        ) or (names[0].endswith(("Exception", "Error")))

    def _constructor(
        self, target: Target, name: str, node: ast.ClassDef, code: Code, sites: list[CallSite]
    ) -> Operation:
        provider = self.context_of[target.module]
        shape = self.types.of(target)
        effects = self.effects.of(target)
        message = f"{target.qualname} is made here: an object with behaviour stays in its process"
        remedy = f"offer what is done with it as one function of {provider}"
        if shape.kind == "row":
            message = f"a row of {provider} is made in memory by another context"
            remedy = f"offer creating it as a function of {provider} that takes plain fields"
        places = sorted({(site.scope.code.path, site.node.lineno) for site in sites})
        return Operation(
            name=name,
            provider=provider,
            consumers=self._consumers(sites, []),
            module=target.module,
            qualname=target.qualname,
            call="constructor",
            file=code.path,
            line=node.lineno,
            sites=self._sites(sites, []),
            parameters=(),
            result=Result(shape=shape, schema={}, known_from="annotation"),
            failures=(),
            safe=False,
            idempotent=False,
            effects=tuple(effects.acts[:SHOWN_EFFECTS]),
            is_async=False,
            method="POST",
            path=f"/_strangler/{slug(provider)}/{name}",
            blockers=tuple(blocker("constructor", file, line, message, remedy) for file, line in places),
        )

    def _consumers(self, sites: list[CallSite], indirect: list[tuple[Site, str]]) -> tuple[str, ...]:
        found = {self.context_of[site.module] for site in sites} | {site.context for site, _ in indirect}
        return tuple(sorted(found))

    def _sites(self, sites: list[CallSite], indirect: list[tuple[Site, str]]) -> tuple[Site, ...]:
        found = {
            Site(
                context=self.context_of[site.module],
                module=site.module,
                function=site.function,
                file=site.scope.code.path,
                line=site.node.lineno,
                column=site.node.col_offset,
            )
            for site in sites
        } | {site for site, _ in indirect}
        return tuple(sorted(found, key=lambda site: (site.file, site.line, site.column)))

    def _values(
        self,
        target: Target,
        node: DefinitionNode,
        code: Code,
        parameters: tuple[Parameter, ...],
        result: Shape,
    ) -> Iterator[Blocker]:
        for parameter in parameters:
            used = tuple(
                f"{parameter.name}.{name}" for name in self.parameters.uses.attributes(target, parameter.name)
            )
            yield from of_parameter(parameter, code.path, node.lineno, used)
            line = self.parameters.uses.changed(target, parameter.name)
            if line is not None and parameter.shape.kind in ("list", "dict", "set", "typeddict"):
                message = f"parameter {parameter.name} is changed for the caller"
                yield blocker("changes_argument", code.path, line, message, "return the changed value")
        yield from of_shape(result, "result", code.path, node.lineno, result=True)


def _unique(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    found = {(item.kind, item.subject, item.file, item.line, item.message): item for item in blockers}
    return tuple(found[key] for key in sorted(found))
