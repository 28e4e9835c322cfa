"""Control that is inverted: who fills in a hook or stands under a decorator depends on it, not it on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.contexts.crossings import counted, find
from strangler.model import Model
from strangler.model.effects import Effects

DATA = """
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()
engine = create_engine("sqlite://")


class Row(Base):
    __tablename__ = "row"
    id = Column(Integer, primary_key=True)


def keep():
    with Session(engine) as session:
        session.add(Row(id=1))
        session.commit()
"""


def analysed(root: Path, files: Mapping[str, str]) -> Model:
    for name, text in {"__init__": "", "data": DATA, **files}.items():
        (root / "app").mkdir(exist_ok=True)
        (root / "app" / f"{name}.py").write_text(text)
    return pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)


def called(model: Model) -> set[tuple[str, str]]:
    """(context, definition of another one that it calls), of a cut into files."""
    context_of = {module.name: module.name.rpartition(".")[2] for module in model.modules}
    found = counted(find(model.system, context_of, {"row": "data"}))
    return {(crossing.source, crossing.subject) for crossing in found if crossing.kind == "call"}


BASE = """
class Service:
    def delete(self, one):
        self.on_delete(one)
        return [self.label(one) for _ in range(1)]

    def on_delete(self, one):
        pass

    def label(self, one):
        return str(one)

    @property
    def title(self):
        return "service"

    @classmethod
    def make(cls):
        return cls.made()

    @classmethod
    def made(cls):
        return None

    def head(self):
        return self.title
"""
SUB = """
from app.base import Service
from app.data import keep


class Orders(Service):
    def on_delete(self, one):
        keep()

    def label(self, one):
        keep()
        return "order"

    @property
    def title(self):
        keep()
        return "orders"

    @classmethod
    def made(cls):
        keep()

    def close(self):
        self.delete(1)
        self.head()


def remove():
    Orders().delete(1)
    Orders().head()
    Orders.make()
"""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return analysed(tmp_path_factory.mktemp("hooks"), {"base": BASE, "sub": SUB})


def test_a_base_class_does_not_depend_on_the_subclass_that_fills_in_its_methods(hooks):
    assert not [pair for pair in called(hooks) if pair[0] == "base"]
    assert not [call for call in hooks.calls if call.module == "app.base"]


def test_a_subclass_depends_on_the_methods_of_its_base(hooks):
    assert {("sub", "app.base.Service.delete"), ("sub", "app.base.Service.head")} <= called(hooks)


def test_what_a_base_class_does_by_a_hook_is_still_followed(hooks):
    assert Effects(hooks).writes("app.base", "Service.delete") == {"row"}


MIXED = {
    "first": """
class First:
    def run(self):
        self.work()
        super().save()
""",
    "second": """
from app.data import keep


class Second:
    def work(self):
        keep()

    def save(self):
        keep()
""",
    "both": """
from app.first import First
from app.second import Second


class Both(First, Second):
    pass


def start():
    Both().run()
""",
}


def test_a_mixin_does_not_depend_on_the_class_that_another_puts_beside_it(tmp_path):
    assert not [pair for pair in called(analysed(tmp_path, MIXED)) if pair[0] == "first"]


OTHER_OBJECT = {
    "tree": """
class Node:
    def draw(self, child):
        child.draw(None)
        self.own()

    def own(self):
        pass
""",
    "leaf": """
from app.data import keep
from app.tree import Node


class Leaf(Node):
    def draw(self, child):
        keep()

    def own(self):
        keep()


def start():
    Node().draw(Leaf())
""",
}


def test_a_call_on_another_object_that_it_was_handed_starts_with_the_caller(tmp_path):
    assert ("tree", "app.leaf.Leaf.draw") in called(analysed(tmp_path, OTHER_OBJECT))


DECORATORS = {
    "with_wraps": """
from functools import wraps


def guard(view):
    @wraps(view)
    def inner(*args):
        return view(*args)
    return inner
""",
    "with_arguments": """
def guard(*roles):
    def decorate(view):
        def inner(*args):
            return view(*args)
        return inner
    return decorate


guard = guard("admin")
""",
    "of_a_class": """
class guard:
    def __init__(self, view):
        self.view = view

    def __call__(self, *args):
        return self.view(*args)
""",
    "of_a_method": """
class guard:
    def __init__(self, view):
        self.view = view

    def __call__(self, *args):
        return self.checked(*args)

    def checked(self, *args):
        return self.view(*args)
""",
    "threaded": """
def guard(view):
    def inner(*args):
        def once():
            return view(*args)
        return once()
    return inner
""",
}
VIEWS = """
from app.auth import guard
from app.data import keep


@guard
def show(number=1):
    keep()


def start():
    show(2)
"""


@pytest.mark.parametrize("form", DECORATORS)
def test_a_decorator_does_not_depend_on_what_it_is_put_on(tmp_path, form):
    model = analysed(tmp_path, {"auth": DECORATORS[form], "views": VIEWS})
    assert not [pair for pair in called(model) if pair[0] == "auth"]
    assert ("views", "app.data.keep") in called(model)


HOOKS = {
    "hooks": """
HOOKS = []


def on_event(function):
    HOOKS.append(function)
    return function


def recorded():
    for hook in HOOKS:
        hook()
""",
    "billing": """
from app.data import keep
from app.hooks import on_event


@on_event
def bill():
    keep()
""",
}


def test_what_calls_the_functions_that_were_registered_with_it_calls_them(tmp_path):
    model = analysed(tmp_path, HOOKS)
    assert ("hooks", "app.billing.bill") in called(model)
