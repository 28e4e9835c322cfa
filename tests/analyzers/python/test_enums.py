"""Names that stand in enumerations: paths, tables and tasks are those of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

SOURCE = """
    import sys
    from enum import Enum, IntEnum, StrEnum, auto
    from flask import Flask

    class Url(StrEnum):
        CRATES = "/crates"
        BOATS = "/boats"

        @property
        def one(self):
            return f"{self.value}/<int:pk>"

    class Kind(Enum):
        PLAIN = "plain"
        FANCY = "fancy"

        @classmethod
        def all(cls):
            return [kind.value for kind in cls]

    class Auto(StrEnum):
        FIRST = auto()
        SECOND = auto()

    class Number(IntEnum):
        ONE = auto()
        TEN = 10
        NEXT = auto()

    app = Flask(__name__)

    def view(**values): ...

    def add(rule):
        app.add_url_rule(rule, endpoint=rule, view_func=view)

    add(Url.CRATES)
    add(Url.CRATES.value + "/plain")
    add(f"{Url.CRATES}/formatted")
    add(Url.BOATS.one)
    add(Url["BOATS"] + "/by-name")
    add(Url("/boats") + "/by-value")
    add(Url.BOATS.name.lower().join(["/", "/name"]))
    for url in Url:
        add(url + "/each")
    for kind in Kind.all():
        add("/kinds/" + kind)
    for name, kind in Kind.__members__.items():
        add(f"/members/{name}/{kind.value}")
    add("/auto/" + Auto.SECOND.value)
    add(f"/number/{Number.NEXT.value}")
    TABLE = {Kind.PLAIN: "/of-plain", Kind.FANCY: "/of-fancy"}
    add(TABLE[Kind.FANCY])
"""


def test_paths_named_by_enumerations_are_those_of_the_application(project: Make) -> None:
    made = project({"enumerated.py": SOURCE})
    real = {
        rule.rule for rule in made.load("enumerated").app.url_map.iter_rules() if rule.endpoint != "static"
    }
    assert {e.pattern for e in made.system.endpoints} == real
    assert all(e.exact for e in made.system.endpoints)


def test_tables_and_tasks_named_by_enumerations(project: Make) -> None:
    source = """
        from enum import Enum
        from celery import Celery
        from sqlalchemy import Column, ForeignKey, Integer
        from sqlalchemy.orm import declarative_base

        class Tab(str, Enum):
            CRATE = "crate"

        class Job(Enum):
            WEIGH = "weigh"

        Base = declarative_base()
        queue = Celery("dock")

        class Crate(Base):
            __tablename__ = Tab.CRATE.value
            id = Column(Integer, primary_key=True)
            parent = Column(ForeignKey(f"{Tab.CRATE.value}.id"))

        @queue.task(name=f"dock.{Job.WEIGH.value}")
        def weigh(): ...

        def ask():
            queue.send_task(f"dock.{Job.WEIGH.value}")
    """
    system = project({"dock.py": source}).system
    assert [(t.name, [k.table for k in t.foreign_keys]) for t in system.tables] == [("crate", ["crate"])]
    assert [t.name for t in system.tasks] == ["dock.weigh"]
    assert [m.name for m in system.messages] == ["dock.weigh"]
