"""What is inferred where no type is written down: ``self`` in shared code, and names that say a model."""

from __future__ import annotations

import re

from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.library import MODEL
from strangler.analyzers.frameworks.django.notes import ADMIN_MODEL
from strangler.analyzers.frameworks.django.orm.evidence import row_of, unsure
from strangler.analyzers.frameworks.django.orm.queries import (
    MANAGER,
    QUERYSET,
    Manager,
    QuerySet,
    queryset_class,
)
from strangler.analyzers.plugin import (
    MOST_OPTIONS,
    Class,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Schema,
    Value,
    join,
    syntax,
    traversal,
)


class Guesses:
    """Look-ups made once, after the schema is known."""

    def __init__(self) -> None:
        self._names: dict[str, Class] | None = None
        self._managers: dict[Class, list[Value]] | None = None
        self._refuted: dict[tuple[Function, str], bool] = {}

    def self_of(self, interp: Interpreter, cls: Class) -> Value | None:
        """``self``: rows of the concrete models of an abstract one; managers of the models that use them."""
        lineage = cls.ancestors(interp)
        if MANAGER in lineage or QUERYSET in lineage:
            found = self._users(interp).get(cls)
            return _one_of(found) if found else None
        if cls in interp.state(Schema).by_class:
            return None
        concrete = [
            one
            for one in interp.subclasses(cls)
            if one in interp.state(Schema).by_class and one not in interp.state(Schema).shadows
        ]
        if concrete and (MODEL in lineage or len(concrete) == len(interp.subclasses(cls))):
            return _one_of([row_of(one) for one in concrete[:MOST_OPTIONS]])
        return None

    def _users(self, interp: Interpreter) -> dict[Class, list[Value]]:
        """Manager or queryset class -> what ``self`` is in its methods."""
        if self._managers is None:
            self._managers = {}
            for model in list(interp.state(Schema).by_class):
                for owner in model.mro():
                    for value in owner.namespace.values():
                        if isinstance(value, Object) and MANAGER in interp.lineage(value):
                            self._use(model, value)
        return self._managers

    def _use(self, model: Class, value: Object) -> None:
        table = self._managers
        assert table is not None
        if isinstance(value.cls, Class):
            for parent in value.cls.mro():
                rows = table.setdefault(parent, [])
                if len(rows) < MOST_OPTIONS:
                    rows.append(Manager(model, value.cls, queryset_class(value.cls)))
        source = queryset_class(value.cls)
        if isinstance(source, Class):
            for parent in source.mro():
                rows = table.setdefault(parent, [])
                if len(rows) < MOST_OPTIONS:
                    rows.append(QuerySet(model, source))

    def named(self, interp: Interpreter, name: str) -> Value | None:
        """A row of the one model that is called like a name: ``order_line`` -> OrderLine."""
        if self._names is None:
            found: dict[str, list[Class]] = {}
            for cls, entity in interp.state(Schema).by_class.items():
                if entity.framework == "django" and cls not in interp.state(Schema).shadows:
                    found.setdefault(cls.name.lower(), []).append(cls)
            self._names = {word: classes[0] for word, classes in found.items() if len(classes) == 1}
        named = self._names.get(name.replace("_", "").lower())
        return guessed(named) if named is not None and len(name) > 2 else None

    def parameter(self, interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
        """An unannotated parameter."""
        if interp.booting or (index == 0 and function.owner is not None and not function.static):
            return None
        if name in _HANDED and function.owner is not None and _of_framework(function.owner.ancestors(interp)):
            return None
        if name in ("instance", "model_instance", "obj"):
            return self._by_owner(interp, function) or self._by_field(interp, function)
        return self._named_in(interp, function, name)

    def _named_in(self, interp: Interpreter, function: Function | None, name: str) -> Value | None:
        """The row of the model of a name, unless the function asks it for what another model has."""
        row = self.named(interp, name)
        model = row.cls if isinstance(row, Object) else None
        if function is None or not isinstance(model, Class):
            return row
        key = function, name
        if key not in self._refuted:
            used = _asked_for(function, name)
            others = (one for one in (self._names or {}).values() if one is not model)
            self._refuted[key] = (
                bool(used)
                and _is_plain(interp, model)
                and not _has_all(interp, model, used)
                and any(_is_plain(interp, other) and _has_all(interp, other, used) for other in others)
            )
        return None if self._refuted[key] else row

    def _by_owner(self, interp: Interpreter, function: Function) -> Value | None:
        """``obj`` of an admin's or serializer's method is a row of its model."""
        if function.owner is None:
            return None
        meta = function.owner.find("Meta")
        model = meta[0].find("model") if meta is not None and isinstance(meta[0], Class) else None
        value = model[0] if model is not None else ADMIN_MODEL.of(function.owner)
        if value is None:
            found = function.owner.find("model")
            value = found[0] if found is not None else None
        return guessed(value) if isinstance(value, Class) and entity_of(interp, value) is not None else None

    def _by_field(self, interp: Interpreter, function: Function) -> Value | None:
        """The instance that a method of a model field is given: a row of one of the models that use it."""
        owner = function.owner
        if owner is None or not any(n.startswith("django.db.models.") for n in owner.ancestors(interp)):
            return None
        users = [
            model
            for model in interp.state(Schema).by_class
            if any(
                isinstance(v, Object) and isinstance(v.cls, Class) and owner in v.cls.mro()
                for parent in model.mro()
                for v in parent.namespace.values()
            )
        ]
        return _one_of([row_of(model) for model in users[:MOST_OPTIONS]]) if users else None

    def attribute(self, interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
        """An attribute that nothing defines but that is called like a model (``request.event``)."""
        if re.fullmatch(r"[a-z][a-z0-9_]+", name) is None:
            return None
        lineage = interp.lineage(obj)
        if MANAGER in lineage or QUERYSET in lineage or (name in _HANDED and _of_framework(lineage)):
            return None
        return self._named_in(interp, frame.callee, name)


_HANDED = frozenset({"form", "formset", "serializer"})
"""What frameworks hand to the methods of views and their like, whatever the models are called."""
_PYTHON = ("builtins.", "abc.", "typing.")


def _of_framework(lineage: frozenset[str]) -> bool:
    """Whether a class descends from one of a library that is no model."""
    return MODEL not in lineage and any(not name.startswith(_PYTHON) for name in lineage)


def _asked_for(function: Function, name: str) -> set[str]:
    """The attributes that a function uses of what is called so; none where it binds the name anew."""
    nodes = list(traversal.walk(syntax.unpack(function.body)))
    bound = [target for node in nodes if isinstance(node, syntax.Assign) for target in node.targets]
    if any(isinstance(target, syntax.Name) and target.id == name for target in bound):
        return set()
    attributes = [node for node in nodes if isinstance(node, syntax.Attribute)]
    return {node.attr for node in attributes if _last_name(node.value) == name}


def _last_name(node: syntax.Node) -> str:
    return (
        node.id if isinstance(node, syntax.Name) else node.attr if isinstance(node, syntax.Attribute) else ""
    )


_OF_ALL = re.compile(
    r"_.*|pk|id|objects|.*_id|get_\w+_display|a?(?:save|delete|refresh_from_db)|full_clean|clean(?:_fields)?"
    r"|get_(?:next|previous)_by_\w+|validate_(?:unique|constraints)|save_base|get_deferred_fields|DoesNotExist"
)
"""What rows of every model have."""
_PLAIN = frozenset({MODEL, "builtins.object"})


def _is_plain(interp: Interpreter, model: Class) -> bool:
    """Whether all that its rows have stands in the monolith, and nothing in a library's model above it."""
    return entity_of(interp, model) is not None and model.ancestors(interp) <= _PLAIN


def _has_all(interp: Interpreter, model: Class, names: set[str]) -> bool:
    entity = entity_of(interp, model)
    known = {*model.attrs, *(entity.columns if entity is not None else ())}
    return all(
        name in known
        or model.find(name) is not None
        or _OF_ALL.fullmatch(name)
        or (entity is not None and entity.relation(name) is not None)
        for name in names
    )


def _one_of(values: list[Value]) -> Value:
    return join([unsure(value, "possible") for value in values] if len(values) > 1 else values)


def guessed(cls: Class) -> Value:
    """A row of which only a name tells the model."""
    return unsure(row_of(cls), "inferred")


def teach(knowledge: Knowledge) -> None:
    """Add the inferences."""
    guesses = Guesses()
    knowledge.selves.append(guesses.self_of)
    knowledge.parameters.append(guesses.parameter)
    knowledge.conventions.append(guesses.attribute)
