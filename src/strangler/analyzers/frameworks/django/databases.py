"""Which database the tables live in, where there are several: DATABASE_ROUTERS, asked for each model.

A router's ``db_for_write`` is followed as any code of the monolith is. What cannot be followed leaves the
model on a database that is not known (``?``), and is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.entities import model_of
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    External,
    Object,
    Schema,
    Sequence,
    Value,
)
from strangler.model import Diagnostic
from strangler.text import plural

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

UNKNOWN_DATABASE = "?"


def database_named(value: Value | None) -> str:
    """The database that ``using`` names: empty where none is given, ``?`` where it cannot be told."""
    if value is None or value is NONE or (isinstance(value, Const) and value.value is None):
        return ""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    return UNKNOWN_DATABASE


def place(interp: Interpreter, settings: Settings) -> list[Diagnostic]:
    """Ask the routers for the database of every entity; what could not be followed."""
    routers = settings.get(interp, "DATABASE_ROUTERS")
    listed = list(routers.items) if isinstance(routers, Sequence) else []
    if not listed:
        return []
    found = [_router(interp, value) for value in listed]
    vague: dict[int, int] = {}
    entities = [e for e in interp.state(Schema).by_table.values() if e.framework == "django"]
    for entity in entities:
        entity.database, number = _of(interp, found, entity)
        if number is not None:
            vague[number] = vague.get(number, 0) + 1
    for entity in entities:
        for relation in entity.relations.values():
            through = interp.state(Schema).by_table.get(relation.through or "")
            if through is not None and through.cls is None:
                through.database = entity.database
    return [_note(interp, settings, listed[number], found[number], count) for number, count in vague.items()]


def _router(interp: Interpreter, value: Value) -> Value:
    """An instance of the router that a setting names or is."""
    if isinstance(value, Const) and isinstance(value.value, str):
        module, _, name = value.value.rpartition(".")
        if interp.program.scope(module) is None:
            return UNKNOWN
        value = interp.program.member(module, name)
    return value.call(interp, Args(), interp.root_frame) if isinstance(value, Class) else value


def _of(interp: Interpreter, routers: list[Value], entity: Entity) -> tuple[str, int | None]:
    """The database of an entity, and the number of the router that could not be followed."""
    model = model_of(entity, interp)
    if model is UNKNOWN:
        return "", None
    for number, router in enumerate(routers):
        if _silent(router):
            continue
        with interp.log.apart():
            method = router.get(interp, "db_for_write", interp.root_frame)
            answer = method.call(interp, Args([model]), interp.root_frame)
        names = {database_named(option) for option in answer.options()} or {UNKNOWN_DATABASE}
        if len(names) > 1 or UNKNOWN_DATABASE in names:
            return UNKNOWN_DATABASE, number
        name = names.pop()
        if name:
            return name, None
    return "", None


def _silent(router: Value) -> bool:
    """Whether a router has no opinion on writes: its class and all that it inherits from say nothing."""
    cls = router.cls if isinstance(router, Object) else None
    if not isinstance(cls, Class) or cls.find("db_for_write") is not None:
        return False
    return all(isinstance(base, Class) or _plain(base) for parent in cls.mro() for base in parent.bases)


def _plain(base: Value) -> bool:
    return isinstance(base, External) and base.name.rpartition(".")[2] == "object"


def _note(interp: Interpreter, settings: Settings, value: Value, router: Value, count: int) -> Diagnostic:
    cls = getattr(router, "cls", None)
    name = value.value if isinstance(value, Const) else cls.dotted if isinstance(cls, Class) else "a router"
    scope = settings.scope(interp)
    file, line = (scope.facts.path, 1) if scope is not None else ("", 1)
    if isinstance(cls, Class):
        file, line = cls.module.facts.path, cls.line
    return Diagnostic(
        file=file,
        line=line,
        code="database-not-known",
        severity="warning",
        message=f"the database router {name} cannot be followed for {plural(count, 'model')}: "
        "what is committed together with them cannot be told",
    )
