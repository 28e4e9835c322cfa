"""What functions load by name: ``get_model("shop", "Order")``, ``get_class("shop.forms", "OrderForm")``.

Django's own ``apps.get_model`` is one of many: shops, forums and swappable apps bring loaders of their own,
which are recognised by what they are called and by literals that name a model or class that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from strangler.analyzers.frameworks.django.apps import Registry
from strangler.analyzers.frameworks.django.library import MODELS, reference_of
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Deferred,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Sequence,
    Value,
    words,
)
from strangler.text import identifier_pieces

_VERBS = frozenset(words("get load import resolve locate find fetch"))
_THINGS = frozenset(words("class classes object callable string attribute attr symbol"))
_NAME = re.compile(r"[A-Za-z_]\w*")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


@cache
def _parts(name: str) -> frozenset[str]:
    """The words of the last name of a library's function; none of a class."""
    last = name.rpartition(".")[2]
    if not last[:1].islower():
        return frozenset()
    return frozenset(identifier_pieces(last))


class Loaders:
    """Finds what literals name among the models and classes of a program."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    # -- models ------------------------------------------------------------------------------------

    def get_model(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        """``django.apps.apps.get_model``."""
        reference = _reference(args)
        if reference is None:
            return _not_told(interp, frame, "a model that is chosen at run time")
        return self._model(interp, *reference, frame) or _not_told(interp, frame, _no_model(*reference))

    def guess_model(self, interp: Interpreter, args: Args, frame: Frame) -> Value | None:
        """``something.get_model("shop", "Order")``, where nothing is known of what is asked."""
        reference = _reference(args)
        return self._model(interp, *reference, frame) if reference is not None else None

    def load(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        """A function of a library of which nothing else is known."""
        parts = _parts(external.name)
        if "model" in parts:
            return self._of_library(interp, args, frame, _VERBS.isdisjoint(parts))
        if _VERBS.isdisjoint(parts) or _THINGS.isdisjoint(parts):
            return None
        return self._loaded(interp, external, args, frame)

    def _of_library(self, interp: Interpreter, args: Args, frame: Frame, vague: bool) -> Value | None:
        reference = _reference(args)
        if reference is None:
            two = len(args.positional) == 2 or "model_name" in args.keywords
            if two and not vague and self.registry.apps(interp):
                _not_told(interp, frame, "a model that is chosen at run time")
            return None
        found = self._model(interp, *reference, frame)
        if found is None and not vague and (len(args.positional) == 2 or self._knows(interp, reference[0])):
            _not_told(interp, frame, _no_model(*reference))
        return found

    def _knows(self, interp: Interpreter, label: str) -> bool:
        return any(one == label for one, _ in self._labels(interp))

    def _labels(self, interp: Interpreter) -> Iterator[tuple[str, str]]:
        """Label and package of each installed app, those of libraries as Django would name them."""
        for app in self.registry.apps(interp):
            yield app.label, app.module
        for entry in self.registry.entries(interp):
            package, _, last = entry.rpartition(".")
            if last[:1].isupper():  # a configuration: ``library.shop.apps.ShopConfig``
                entry = package.rpartition(".")[0]
            yield entry.rpartition(".")[2], entry

    def _model(self, interp: Interpreter, label: str, name: str, frame: Frame) -> Value | None:
        """The model of ``label.name``: one of the tree, or of a library that is installed; None: neither."""
        chosen = self.registry.in_its_place(interp, f"{label}.{name}")
        if chosen is not None:
            label, _, name = chosen.rpartition(".")
        found = self.registry.model(interp, label, name)
        if found is UNKNOWN:
            found = self._held(interp, label, name) or self._in_library(interp, label, name)
        if isinstance(found, Class):
            interp.import_noted(found.module.name, frame)
        elif isinstance(found, External):
            interp.state(Notes).load(found.name)
        return None if found is UNKNOWN else found

    def _held(self, interp: Interpreter, label: str, name: str) -> Value | None:
        """What the models module of an app of the tree calls so: its own class, or one that it imports."""
        for package in self._packages(interp, label):
            scope = interp.program.scope(f"{package}.models")
            if scope is None:
                continue
            for key, value in scope.env.items():
                if key.lower() == name.lower() and isinstance(value, (Class, External)):
                    return value
            if scope.state == "running":
                return Deferred(scope.name, name)
            for star in reversed(scope.stars):
                if "models" in star.split(".")[1:] and not star.startswith("django."):
                    return interp.external(f"{star}.{name}")
        return None

    def _packages(self, interp: Interpreter, label: str) -> list[str]:
        """The packages of the tree of an app's label: called so, where it is not known what is installed."""
        found = [app.module for app in self.registry.apps(interp) if app.label == label]
        if found or self.registry.complete:
            return found
        ending = f".{label}.models"
        named = (one for one in sorted(interp.program.scopes) if f".{one}".endswith(ending))
        return [one.removesuffix(".models") for one in named]

    def _in_library(self, interp: Interpreter, label: str, name: str) -> Value:
        """The model of a library: by Django's own rule, in the models module of the app of that label."""
        reference = f"{label}.{name}".lower()
        for dotted, known in MODELS.items():
            if known.table is not None and (reference_of(dotted) or "").lower() == reference:
                return interp.external(dotted)
        own = {app.module for app in self.registry.apps(interp)}
        for one, package in self._labels(interp):
            if one == label and package not in own:
                return interp.external(f"{package}.models.{name}")
        if self.registry.complete or self._packages(interp, label) or not name[:1].isupper():
            return UNKNOWN
        return interp.external(f"{label}.models.{name}")  # as a foreign key to it is taken

    # -- classes -----------------------------------------------------------------------------------

    def _loaded(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        """A class of the tree by the end of its module's name and its own, or by its whole path."""
        place, name = args.text(0), args.get(1)
        if place is None:
            return None
        if isinstance(name, Sequence):
            texts = [one.value for one in name.items if isinstance(one, Const) and isinstance(one.value, str)]
            found = [self._class(interp, place, text, frame) for text in texts]
            if not any(found) or len(texts) < len(name.items):
                return None
            given = [Args([args.positional[0], Const(text)]) for text in texts]
            return Sequence(
                [
                    one or interp.made_by(external, each, frame)
                    for one, each in zip(found, given, strict=True)
                ],
                "list",
            )
        text = args.text(1)
        if text is not None and _NAME.fullmatch(text):
            return self._class(interp, place, text, frame)
        if name is None and _PATH.fullmatch(place) and place.partition(".")[0] in interp.program.tops:
            value = interp.program.resolve(place)
            return interp.import_by_name(place, frame) if isinstance(value, (Class, Function)) else None
        return None

    def _class(self, interp: Interpreter, place: str, name: str, frame: Frame) -> Value | None:
        label, _, rest = place.partition(".")
        apps = [app.module for app in self.registry.apps(interp) if app.label == label]
        own = [f"{app}.{rest}".rstrip(".") for app in apps]
        others = [one for one in sorted(interp.program.scopes) if one == place or one.endswith(f".{place}")]
        found: dict[str, Value] = {}
        for module in dict.fromkeys((*own, *others)):
            scope = interp.program.scope(module)
            value = scope.env.get(name) if scope is not None else None
            if isinstance(value, (Class, Function)):
                found[module] = value
        chosen = [found[module] for module in own if module in found] or list(found.values())
        if len(set(chosen)) != 1:
            return None
        interp.import_noted(next(module for module, value in found.items() if value is chosen[0]), frame)
        return chosen[0]


def _reference(args: Args) -> tuple[str, str] | None:
    """The label of an app and the name of a model: ``"shop", "Order"`` or ``"shop.Order"``."""
    label, name = args.text(0, "app_label"), args.text(1, "model_name") or args.text(None, "model")
    if label is not None and name is None and len(args.positional) < 2:
        label, _, name = label.partition(".")
    if label is None or name is None or not (_NAME.fullmatch(label) and _NAME.fullmatch(name)):
        return None
    return label, name


def _no_model(label: str, name: str) -> str:
    return f"the model {label}.{name} is not among those that are known"


def _not_told(interp: Interpreter, frame: Frame, what: str) -> Value:
    """Say that a model is loaded of which the table cannot be told; at the top of a module, once."""
    if frame.callee is None:
        interp.log.failed(frame.module, frame.line, "unresolved-access", what)
    else:
        interp.log.unresolved_access(frame, what)
    return UNKNOWN


def teach(knowledge: Knowledge, registry: Registry) -> None:
    """Add the loaders."""
    loaders = Loaders(registry)
    for name in ("get_model", "get_registered_model"):
        knowledge.calls[f"django.apps.apps.{name}"] = loaders.get_model
    for name in ("get_model", "get_registered_model", "load_model"):
        knowledge.guesses[name] = loaders.guess_model
    knowledge.loaders.append(loaders.load)
