"""Loader options: relations that a query brings along, or leaves out."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.access import along
from strangler.analyzers.frameworks.sqlalchemy.references import RelationReference, relation_of
from strangler.analyzers.plugin import Args, Class, External, Frame, Interpreter, Value


class LoadOption(Value):
    """``joinedload(Model.relation)`` and what is chained to it: tables that come along."""

    __slots__ = ("loads", "name", "path", "stops")

    def __init__(
        self, loads: tuple[object, ...], name: str = "", stops: bool = False, path: str = ""
    ) -> None:
        self.path = path
        """Names of relations, as versions before 2.0 take them: ``"user.addresses"``."""
        self.loads = loads
        self.name = name
        self.stops = stops

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _LoadMethod(self, name)

    def key(self) -> Hashable:
        return ("load", *(id(source) for source in self.loads))


class _LoadMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: LoadOption, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        more = loads(interp, args) if self.name in LOADERS else ()
        nested = (
            tuple(s for a in args.all() for s in getattr(a, "loads", ())) if self.name == "options" else ()
        )
        return LoadOption((*self.of.loads, *more, *nested), self.of.name)


LOADERS = {
    "joinedload",
    "eagerload",
    "eagerload_all",
    "selectinload",
    "subqueryload",
    "immediateload",
    "joinedload_all",
    "subqueryload_all",
}


def loads(interp: Interpreter, args: Args) -> tuple[object, ...]:
    """The far tables of relations that are loaded along."""
    found: list[object] = []
    for value in args.positional:
        for option in value.options():
            if isinstance(option, RelationReference):
                far = option.target(interp)
                found += far
                for source in far:
                    if isinstance(source, Class) and not interp.booting:
                        found += [extra for extra, _ in along(interp, source)]
    return tuple(found)


def load_option(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``joinedload(...)`` and the other loader options."""
    name = external.name.rpartition(".")[2]
    first = args.get(0)
    relation = first.name if isinstance(first, RelationReference) else args.text(0) or ""
    if name in ("lazyload", "noload", "raiseload"):
        return LoadOption((), relation, True)
    carries = name in LOADERS or name == "contains_eager"
    path = (args.text(0) or "") if name in LOADERS else ""
    return LoadOption(
        loads(interp, args) if name in LOADERS else (),
        relation.partition(".")[0] if carries else "",
        path=path,
    )


def along_path(interp: Interpreter, classes: list[Class], path: str) -> tuple[object, ...]:
    """The tables along ``"user.addresses"``, from whichever of the selected classes it starts."""
    found: list[object] = []
    for cls in classes:
        here: Class | None = cls
        for name in path.split("."):
            relation = relation_of(interp, here, name) if here is not None else None
            if relation is None:
                break
            found += loads(interp, Args([RelationReference(here, name)])) if here is not None else []
            here = relation.target.cls if relation.target is not None else None
    return tuple(found)
