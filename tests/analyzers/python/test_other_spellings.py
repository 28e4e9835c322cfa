"""The same meaning in another spelling gives the same facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

APP = """
    from flask import Flask
    app = Flask(__name__)

    def boats(): ...
"""


def paths(project: Make, rest: str, **files: str) -> set[str]:
    """The paths of an application."""
    more = {f"{name}.py": text for name, text in files.items()}
    return {e.path for e in project({"shop.py": APP + rest, **more}).system.endpoints}


def test_the_members_of_an_enumeration_carry_what_their_constructor_sets(project: Make) -> None:
    rest = """
    from enum import Enum

    class Place(Enum):
        BOATS = ("/boats", 3)
        CREWS = ("/crews", 4)
        def __init__(self, path, size):
            self.path = path
            self.size = size

    for place in Place:
        app.add_url_rule(place.path, place.name.lower(), boats)
    app.add_url_rule(f"/{Place.CREWS.size}/{Place.CREWS.value[1]}", "x", boats)
    """
    assert paths(project, rest) == {"/boats", "/crews", "/4/4"}


def test_an_enumeration_made_by_a_call_has_the_members_that_it_is_given(project: Make) -> None:
    rest = """
    from enum import Enum, StrEnum
    One = Enum("One", {"A": "/a", "B": "/b"})
    Two = Enum("Two", "C D")
    Three = StrEnum("Three", ["E", "F"])
    Four = Enum("Four", [("G", "/g")])
    app.add_url_rule(One.A.value, "a", boats)
    app.add_url_rule(One["B"].value, "b", boats)
    app.add_url_rule(f"/{Two.D.name}/{Two.D.value}", "c", boats)
    app.add_url_rule(f"/{Three.F}", "d", boats)
    app.add_url_rule(Four("/g").value, "e", boats)
    """
    assert paths(project, rest) == {"/a", "/b", "/D/2", "/f", "/g"}


def test_reduce_calls_its_function_with_each_element(project: Make) -> None:
    rest = """
    from functools import reduce
    app.add_url_rule(reduce(lambda all, one: f"{all}/{one}", ["a", "b"], ""), "x", boats)
    app.add_url_rule(reduce(lambda all, one: all + one, ["/c", "/d"]), "y", boats)
    """
    assert paths(project, rest) == {"/a/b", "/c/d"}


def test_the_default_of_a_setting_of_pydantic_decides_nothing_and_is_the_value(project: Make) -> None:
    settings = """
    from pydantic_settings import BaseSettings
    class Settings(BaseSettings):
        beta: bool = False
        root: str = "/v2"
    settings = Settings()
    """
    rest = """
    from settings import settings
    app.add_url_rule(settings.root + "/boats", "a", boats)
    if settings.beta:
        app.add_url_rule("/beta", "b", boats)
    """
    assert paths(project, rest, settings=settings) == {"/v2/boats", "/beta"}


def test_the_hook_that_the_constructor_of_fastapi_calls_is_run(project: Make) -> None:
    source = """
    from fastapi import FastAPI
    def boats(): ...
    class Api(FastAPI):
        def setup(self):
            super().setup()
            self.add_api_route("/boats", boats)
    app = Api()
    """
    assert {e.path for e in project({"shop.py": source}).system.endpoints} == {"/boats"}


def test_a_task_whose_stated_name_is_not_known_is_announced(project: Make) -> None:
    source = """
    import os
    from celery import Celery
    app = Celery("shop")
    @app.task(name=f"{os.environ['X']}.send")
    def send(): ...
    """
    system = project({"shop.py": source}).system
    assert [t.name for t in system.tasks] == ["shop.send"]
    assert {d.line for d in system.diagnostics if d.code == "unresolved-task"} == {6}


def test_an_attribute_that_the_else_of_a_try_sets_is_not_what_its_handler_leaves(project: Make) -> None:
    rest = """
    class Box: ...
    box = Box()
    first = box.path = "/first"
    try:
        box.path = "/second"
        int("x")
    except ValueError:
        pass
    else:
        box.path = first
    app.add_url_rule(box.path, "x", boats)
    """
    assert paths(project, rest) == {"/first", "/second"}


def test_the_case_that_a_known_value_matches_is_the_one_that_runs(project: Make) -> None:
    rest = """
    from dataclasses import dataclass

    @dataclass
    class Public:
        path: str
    class Inner: ...

    def place(part):
        match part:
            case Public(path=path):
                return path
            case Inner():
                return "/inner"
            case [first, *_]:
                return f"/{first}"
            case {"at": at}:
                return at
            case str() | None if part:
                return "/" + part
            case int(number) if number > 3:
                return f"/{number}"
        return "/else"

    for number, part in enumerate([Public("/public"), Inner(), ("a", "b"), {"at": "/at"}, "name", 4, 2]):
        app.add_url_rule(place(part), str(number), boats)
    """
    assert paths(project, rest) == {"/public", "/inner", "/a", "/at", "/name", "/4", "/else"}


def test_the_cases_of_an_unknown_value_say_what_must_hold(project: Make) -> None:
    rest = """
    import os
    match os.getenv("ROLE", "web"):
        case "web":
            app.add_url_rule("/web", "web", boats)
        case _:
            app.add_url_rule("/rest", "rest", boats)
    """
    found = project({"shop.py": APP + rest}).system.endpoints
    assert {e.path: e.condition for e in found} == {
        "/web": "os.getenv('ROLE', 'web') == 'web'",
        "/rest": "not (os.getenv('ROLE', 'web') == 'web')",
    }


def test_a_statement_given_to_a_decorator_is_an_access_of_the_function_under_it(project: Make) -> None:
    layer = """
    import sqlite3
    from functools import wraps
    def rows(sql):
        def decorate(function):
            @wraps(function)
            def inner(*args):
                return sqlite3.connect("x").execute(sql, function(*args)).fetchall()
            return inner
        return decorate
    """
    asking = """
    from layer import rows
    @rows("SELECT * FROM {table}")
    def asked(): return ()
    """
    files = {"layer.py": layer, "a.py": asking.format(table="boats"), "b.py": asking.format(table="crews")}
    found = {(a.module, a.function, a.table) for a in project(files).system.accesses}
    assert {row for row in found if row[0] != "layer"} == {("a", "asked", "boats"), ("b", "asked", "crews")}


def test_a_constraint_that_a_table_gets_later_is_one_of_its_own(project: Make) -> None:
    source = """
    from sqlalchemy import Column, ForeignKeyConstraint, Integer, MetaData, Table
    meta = MetaData()
    boats = Table("boats", meta, Column("id", Integer, primary_key=True))
    crews = Table("crews", meta, Column("boat_id", Integer))
    crews.append_column(Column("mate_id", Integer))
    crews.append_constraint(ForeignKeyConstraint([crews.c.boat_id], [boats.c.id]))
    crews.append_constraint(ForeignKeyConstraint(["mate_id"], ["boats.id"]))
    """
    tables = {t.name: t for t in project({"shop.py": source}).system.tables}
    assert {(k.column, k.table) for k in tables["crews"].foreign_keys} == {
        ("boat_id", "boats"),
        ("mate_id", "boats"),
    }


def test_objects_that_hold_other_statements_do_other_things(project: Make) -> None:
    layer = """
    import sqlite3
    from dataclasses import dataclass
    @dataclass
    class Query:
        sql: str
        def run(self):
            return sqlite3.connect("x").execute(self.sql).fetchall()
    """
    asking = """
    from layer import Query
    OPEN = Query("SELECT * FROM boats")
    def read(): return OPEN.run()
    def write(): return Query(sql="DELETE FROM boats").run()
    """
    made = project({"layer.py": layer, "asking.py": asking}).system.accesses
    found = {(a.function, a.operation, a.table) for a in made if a.module == "asking"}
    assert found == {("read", "read", "boats"), ("write", "write", "boats")}


def test_a_prefix_of_pyramid_holds_for_the_body_alone_and_one_that_is_not_known_is_a_hole(
    project: Make,
) -> None:
    source = """
    import os
    from pyramid.config import Configurator
    def boats(request): ...
    def routes(config):
        config.add_route("boats", "/boats")
        config.add_view(boats, route_name="boats")
    def main(settings):
        config = Configurator()
        with config.route_prefix_context("v1"):
            config.add_route("crews", "/crews")
        config.add_view(boats, route_name="crews")
        config.add_route("after", "/after")
        config.add_view(boats, route_name="after")
        config.include(routes, route_prefix=os.environ["BASE"])
        return config.make_wsgi_app()
    """
    system = project({"shop.py": source}).system
    assert {e.path: e.exact for e in system.endpoints} == {
        "/v1/crews": True,
        "/after": True,
        "/{unresolved}/boats": False,
    }
    assert {d.line for d in system.diagnostics if d.code == "unresolved-prefix"} == {6}


def test_the_choices_of_django_have_values_and_labels(project: Make) -> None:
    rest = """
    from django.db import models

    class State(models.TextChoices):
        OPEN = "open", "Is open"
        SHUT = "shut"
    class Size(models.IntegerChoices):
        BIG = 3, "Big"

    for state in State:
        app.add_url_rule(f"/{state}/{state.label}", state.name, boats)
    app.add_url_rule(f"/{Size.BIG.value}/{Size.BIG.label}/{State.values[1]}", "x", boats)
    app.add_url_rule(f"/{State.choices[0][1]}", "y", boats)
    """
    assert paths(project, rest) == {"/open/Is open", "/shut/Shut", "/3/Big/shut", "/Is open"}


def test_the_metaclass_of_a_declarative_base_makes_the_tables_that_it_makes(project: Make) -> None:
    source = """
    from sqlalchemy import Column, ForeignKey, Integer
    from sqlalchemy.orm import DeclarativeMeta, declarative_base
    class Meta(DeclarativeMeta):
        def __init__(cls, name, bases, names, **options):
            super().__init__(name, bases, names, **options)
            if names.get("logged"):
                key = Column(ForeignKey(cls.__tablename__ + ".id"))
                names = {"__tablename__": cls.__tablename__ + "_log", "id": Column(Integer, primary_key=True)}
                cls.Log = type(name + "Log", (Base,), {**names, "source_id": key})
    Base = declarative_base(metaclass=Meta)
    class Boat(Base):
        __tablename__ = "boat"
        logged = True
        id = Column(Integer, primary_key=True)
    """
    tables = project({"shop.py": source}).system.tables
    assert {t.name: [k.table for k in t.foreign_keys] for t in tables} == {"boat": [], "boat_log": ["boat"]}
