"""Tables and keys that code makes (in a ``declared_attr``, in hooks) are those of the metadata."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

Project = Any
Make = Callable[[dict[str, str]], Project]

HEAD = """
from types import new_class
from sqlalchemy import *
from sqlalchemy.orm import *

class Base(DeclarativeBase):
    pass

class Person(Base):
    __tablename__ = "person"
    id = Column(Integer, primary_key=True)
"""

MADE = {
    "type() in a declared_attr": """
        class Notes:
            @declared_attr
            def notes(cls):
                cls.Note = type(cls.__name__ + "Note", (Base,), {
                    "__tablename__": f"{cls.__tablename__}_note",
                    "id": Column(Integer, primary_key=True),
                    "parent_id": Column(ForeignKey(f"{cls.__tablename__}.id")),
                })
                return relationship(cls.Note)
    """,
    "a class statement in a declared_attr": """
        class Notes:
            @declared_attr
            def notes(cls):
                class Note(Base):
                    __tablename__ = "%s_note" % cls.__tablename__
                    id = Column(Integer, primary_key=True)
                    parent_id = Column(ForeignKey(cls.__tablename__ + ".id"))
                    author_id = Column(ForeignKey(Person.id))
                return relationship(Note)
    """,
    "a helper of a declared_attr": """
        def note_of(cls, author):
            names = {
                "__tablename__": f"{cls.__tablename__}_note",
                "id": Column(Integer, primary_key=True),
                "parent_id": Column(ForeignKey(f"{cls.__tablename__}.id")),
            }
            if author:
                names["author_id"] = Column(ForeignKey("person.id"))
            return type(f"{cls.__name__}Note", (Base,), names)
        class Notes:
            @declared_attr
            def notes(cls):
                return relationship(note_of(cls, author=True))
    """,
    "a Table in a declared_attr": """
        class Notes:
            @declared_attr
            def people(self):
                name = self.__name__.lower()
                link = Table(
                    f"{name}_person", Base.metadata,
                    Column(f"{name}_id", ForeignKey(f"{name}.id"), primary_key=True),
                    Column("person_id", ForeignKey("person.id"), primary_key=True),
                )
                return relationship("Person", secondary=link)
    """,
    "a Table by a helper of a declared_attr": """
        def link_table(cls):
            name = cls.__name__.lower()
            return Table(
                name + "_person", Base.metadata,
                Column("left_id", ForeignKey(name + ".id"), primary_key=True),
                Column("person_id", ForeignKey("person.id"), primary_key=True),
            )
        class Notes:
            @declared_attr
            def people(cls):
                return relationship(Person, secondary=link_table(cls))
    """,
    "__init_subclass__": """
        class Notes:
            def __init_subclass__(cls, **options):
                super().__init_subclass__(**options)
                cls.Note = type(f"{cls.__name__}Note", (Base,), {
                    "__tablename__": f"{cls.__tablename__}_note",
                    "id": Column(Integer, primary_key=True),
                    "parent_id": Column(ForeignKey(f"{cls.__tablename__}.id")),
                })
    """,
    "__init_subclass__ that sets the name": """
        class Notes:
            def __init_subclass__(cls, **options):
                cls.__tablename__ = f"shop_{cls.__tablename__}"
                super().__init_subclass__(**options)
    """,
    "types.new_class": """
        class Notes:
            def __init_subclass__(cls, **options):
                super().__init_subclass__(**options)
                def fill(names):
                    names["__tablename__"] = cls.__tablename__ + "_note"
                    names["id"] = Column(Integer, primary_key=True)
                    names["parent_id"] = Column(ForeignKey(cls.__tablename__ + ".id"))
                new_class(cls.__name__ + "Note", (Base,), exec_body=fill)
    """,
}
TWO = """
class Boat(Notes, Base):
    __tablename__ = "boat"
    id = Column(Integer, primary_key=True)

class Crew(Notes, Base):
    __tablename__ = "crew"
    id = Column(Integer, primary_key=True)
"""

KEYS = {
    "columns by keyword": """
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
            owner = Column("owner_id", Integer)
            __table_args__ = (ForeignKeyConstraint(columns=[owner], refcolumns=["person.id"]),)
    """,
    "annotated columns": """
        class Boat(Base):
            __tablename__ = "boat"
            id: Mapped[int] = mapped_column(primary_key=True)
            owner_id: Mapped[int] = mapped_column(Integer)
            __table_args__ = (ForeignKeyConstraint([owner_id], [Person.id], ondelete="CASCADE"), {})
    """,
    "columns of a table": """
        owner = Column("owner_id", Integer)
        boat = Table(
            "boat", Base.metadata, Column("id", Integer, primary_key=True), owner,
            ForeignKeyConstraint([owner], refcolumns=[Person.__table__.c.id]),
        )
    """,
    "two keys on one column": """
        boat = Table(
            "boat", Base.metadata, Column("id", Integer, primary_key=True),
            Column("owner_id", ForeignKey("person.id", ondelete="CASCADE"), ForeignKey("person.id")),
        )
    """,
    "a column of one's own": """
        class OwnerColumn(Column):
            inherit_cache = True
            def __init__(self, *args, **options):
                options.setdefault("nullable", False)
                super().__init__(*args, Integer, ForeignKey("person.id"), **options)
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
            a = OwnerColumn()
            b = OwnerColumn("b_id", nullable=True)
    """,
    "a key of one's own": """
        class OwnerKey(ForeignKey):
            inherit_cache = True
            def __init__(self, **options):
                super().__init__("person.id", ondelete="SET NULL", **options)
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
            owner_id = Column(Integer, OwnerKey())
    """,
}


def _compared(project: Make, source: str) -> None:
    made = project({"models_by_code.py": source})
    metadata = made.load("models_by_code").Base.metadata
    tables = list(metadata.tables.values())
    found = {t.name: t for t in made.system.tables}
    assert set(found) == {t.fullname for t in tables}
    keys = {(t.fullname, k.parent.name, k.column.table.fullname) for t in tables for k in t.foreign_keys}
    assert {(t.name, k.column, k.table) for t in found.values() for k in t.foreign_keys} == keys
    columns = {(t.fullname, c.name) for t in tables for c in t.columns}
    assert {(t.name, c.name) for t in found.values() for c in t.columns} == columns


@pytest.mark.parametrize("source", MADE.values(), ids=MADE.keys())
def test_what_is_made_for_each_class_exists_once_for_each(project: Make, source: str) -> None:
    _compared(project, HEAD + textwrap.dedent(source) + TWO)


@pytest.mark.parametrize("source", KEYS.values(), ids=KEYS.keys())
def test_keys_are_found_however_they_are_written(project: Make, source: str) -> None:
    _compared(project, HEAD + textwrap.dedent(source))


def test_a_class_that_declares_itself_again_and_again_comes_to_an_end(project: Make) -> None:
    source = """
        class Notes:
            @declared_attr
            def notes(cls):
                for letter in ["a", "b"]:
                    type(cls.__name__ + letter, (Notes, Base), {
                        "__tablename__": cls.__tablename__ + letter,
                        "id": Column(Integer, primary_key=True),
                    })
    """
    system = project({"models.py": HEAD + textwrap.dedent(source) + TWO}).system
    assert {"boat", "boata", "person"} <= {t.name for t in system.tables}
    assert "too-complex" in {d.code for d in system.diagnostics}


def test_table_arguments_that_descriptors_of_mixins_gather_name_the_schema(project: Any) -> None:
    system = project(
        {
            "gathered.py": """
            import settings_of_the_host
            from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer
            from sqlalchemy.orm import declarative_base, declared_attr
            Base = declarative_base()
            class of_class(property):
                def __get__(self, obj, kind=None):
                    if obj is not None:
                        raise AttributeError(kind.__name__)
                    return self.fget.__get__(None, kind)()
            def gathered(cls):
                rules, options = [], {}
                for name in dir(cls):
                    if not name.endswith('__table_rules'):
                        continue
                    value = getattr(cls, name)
                    if isinstance(value, dict):
                        options.update(value)
                    else:
                        rules.extend(value)
                if rules and options:
                    return (*rules, options)
                return options or tuple(rules)
            class Numbered:
                @of_class
                @classmethod
                def __table_rules(cls):
                    return [CheckConstraint('id > 0')] if settings_of_the_host.STRICT else []
            class Boat(Numbered, Base):
                __tablename__ = 'boat'
                id = Column(Integer, primary_key=True)
                @of_class
                @staticmethod
                def __table_rules():
                    return {'schema': 'harbour'}
                @declared_attr
                def __table_args__(cls):
                    return gathered(cls)
            """
        }
    ).system
    assert [table.name for table in system.tables] == ["harbour.boat"]


def test_a_table_whose_name_is_known_in_part_is_listed_and_said(project: Make) -> None:
    source = """
    from elsewhere import settings
    from sqlalchemy import Column, ForeignKey, Integer, Table
    from sqlalchemy.orm import DeclarativeBase, Session

    class Base(DeclarativeBase):
        def __init_subclass__(cls):
            cls.__tablename__ = f"{settings.prefix}_{cls.__tablename__}"
            super().__init_subclass__()

    class Boat(Base):
        __tablename__ = "boats"
        id = Column(Integer, primary_key=True)

    class Crew(Base):
        __tablename__ = settings.crew
        id = Column(Integer, primary_key=True)

    serves = Table(
        settings.prefix + "serves",
        Base.metadata,
        Column("boat_id", ForeignKey(Boat.id)),
        Column("crew_id", ForeignKey(Crew.id)),
    )
    lost = Table(settings.lost, Base.metadata, Column("id", Integer, primary_key=True))

    def launch(session: Session):
        session.add(Boat())
    """
    system = project({"shop.py": textwrap.dedent(source)}).system
    keys = {t.name: sorted(key.table for key in t.foreign_keys) for t in system.tables}
    assert keys == {"boats": [], "crew": [], "serves": ["boats", "crew"]}
    assert [(a.function, a.table, a.operation) for a in system.accesses] == [("launch", "boats", "write")]
    said = {
        (d.line, d.message.partition("; ")[2]) for d in system.diagnostics if d.code == "unresolved-table"
    }
    assert said == {
        (11, "it is listed as boats"),
        (15, "it is listed as crew"),
        (19, "it is listed as serves"),
        (25, "it is not listed"),
    }


def test_two_services_of_one_tree_with_a_table_of_one_name_are_told(project: Make) -> None:
    model = """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import declarative_base
        Base = declarative_base()
        class {}(Base):
            __tablename__ = "message"
            id = Column(Integer, primary_key=True)
        class Urgent({}):
            pass
    """
    files = {
        "web/models.py": model.format("Message", "Message"),
        "bot/models.py": model.format("Sent", "Sent"),
    }
    files |= {"web/__init__.py": "", "bot/__init__.py": ""}
    system = project(files).system
    assert [t.name for t in system.tables] == ["message"]
    (told,) = [d for d in system.diagnostics if d.code == "duplicate-table"]
    assert (told.severity, told.line) == ("warning", 5)
    assert {told.file, system.tables[0].path} == {"web/models.py", "bot/models.py"}


PREFIXED = {
    "shop/__init__.py": "",
    "shop/values.py": """
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            prefix: str = "shop_"
    """,
    "shop/settings.py": """
        import importlib
        def make():
            try:
                cls = getattr(importlib.import_module("enterprise.settings"), "Settings")
            except (ImportError, AttributeError):
                cls = getattr(importlib.import_module("shop.values"), "Settings")
            return cls()
        settings = make()
    """,
    "shop/models.py": """
        import os
        from sqlalchemy import Column, ForeignKey, Integer, Table
        from sqlalchemy.orm import DeclarativeBase
        from shop.settings import settings
        OTHER = "__X__" if os.environ.get("GENERATE") == "1" else settings.prefix
        class Base(DeclarativeBase):
            def __init_subclass__(cls):
                cls.__tablename__ = f"{settings.prefix}{cls.__tablename__}"
                super().__init_subclass__()
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
        BOAT = ForeignKey(f"{settings.prefix}boat.id")
        Table(f"{settings.prefix}crew", Base.metadata, Column("boat_id", BOAT))
        Table(f"{OTHER}log", Base.metadata, Column("id", Integer, primary_key=True))
        Table(f"{OTHER}line", Base.metadata, Column("log_id", ForeignKey(f"{OTHER}log.id")))
    """,
}


def test_a_prefix_that_the_environment_may_replace_is_its_default_and_each_table_is_said(
    project: Make,
) -> None:
    found = project(PREFIXED).system
    keys = {table.name: [key.table for key in table.foreign_keys] for table in found.tables}
    assert keys == {"shop_boat": [], "shop_crew": ["shop_boat"], "shop_log": [], "shop_line": ["shop_log"]}
    told = [d.line for d in found.diagnostics if d.code == "doubtful-table"]
    assert len(told) == 4


FROM_OUTSIDE = {
    "if there is a prefix": """
        def named(name):
            prefix = os.environ.get("PREFIX")
            if prefix:
                return f"{prefix}_{name}"
            return name
    """,
    "if there is no prefix": """
        def named(name):
            if os.environ.get("TENANT") is None:
                return "main_" + name
            return "tenant_" + name
    """,
    "one of two": """
        def named(name):
            return "test_" + name if os.getenv("TESTING") == "1" else "live_" + name
    """,
    "not one of two": """
        OF_TESTS = not os.getenv("LIVE", "1") == "1"
        def named(name):
            return name + "_test" if OF_TESTS else name + "_live"
    """,
    "or": """
        PREFIX = os.environ.get("PREFIX", "") or "crew_"
        def named(name):
            return "%s%s" % (PREFIX, name)
    """,
    "by a statement": """
        if os.environ.get("LEGACY", "no") in ("yes", "on"):
            PREFIX = "old"
        else:
            PREFIX = "new"
        def named(name):
            return "_".join([PREFIX, name])
    """,
    "a field that is declared": """
        from pydantic import BaseModel, Field
        class Settings(BaseModel):
            prefix: str = Field("app_", description="of tables")
            other: str = Field(default_factory=lambda: "x")
        def named(name):
            return Settings().prefix + name + Settings().other
    """,
}


@pytest.mark.parametrize("idiom", FROM_OUTSIDE)
def test_a_name_by_the_environment_is_that_of_the_application_without_it(project: Make, idiom: str) -> None:
    models = f"""
import os
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base
{textwrap.dedent(FROM_OUTSIDE[idiom])}
Base = declarative_base()
class Boat(Base):
    __tablename__ = named("boat")
    id = Column(Integer, primary_key=True)
    of = Column(ForeignKey(named("boat") + ".id"))
"""
    made = project({"shop/__init__.py": "", "shop/models.py": models})
    (real,) = made.load("shop.models").Base.metadata.tables
    (table,) = made.system.tables
    assert (table.name, table.foreign_keys[0].table) == (real, real)
    said = [d for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert len(said) == (0 if idiom == "a field that is declared" else 1)


def test_a_schema_from_the_environment_is_its_default_and_is_said(project: Make) -> None:
    made = project({"shop/__init__.py": "", "shop/models.py": """
        import os
        from sqlalchemy import Column, Integer, MetaData
        from sqlalchemy.orm import declarative_base
        Base = declarative_base(metadata=MetaData(schema=os.environ.get("SCHEMA") or None))
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
        class Crew(Base):
            __tablename__ = "crew"
            __table_args__ = {"schema": os.getenv("CREW", "people")}
            id = Column(Integer, primary_key=True)
        class Port(Base):
            __tablename__ = "port"
            __table_args__ = {"schema": "land"}
            id = Column(Integer, primary_key=True)
    """})  # fmt: skip
    assert [t.name for t in made.system.tables] == ["boat", "land.port", "people.crew"]
    told = [d.message for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert [message.partition(":")[0] for message in told] == ["Boat", "Crew"]


INHERITED = """
    from sqlalchemy import Column, ForeignKey, Integer
    from sqlalchemy.orm import declarative_base

    class Everywhere:
        __table_args__ = {"schema": "guide"}

    Base = declarative_base(cls=Everywhere)
    Plain = declarative_base()

    class Document(Base):
        __tablename__ = "document"
        id = Column(Integer, primary_key=True)

    class Article(Document):
        __tablename__ = "article"
        id = Column(ForeignKey("guide.document.id"), primary_key=True)

    class Person(Plain):
        __tablename__ = "person"
        __table_args__ = {"schema": "crew"}
        id = Column(Integer, primary_key=True)

    class Captain(Person):
        __tablename__ = "captain"
        id = Column(ForeignKey("crew.person.id"), primary_key=True)
    """


def test_arguments_of_tables_are_inherited_as_sqlalchemy_does_it(project: Make) -> None:
    made = project({"shop/__init__.py": "", "shop/models.py": INHERITED})
    module = made.load("shop.models")
    real = {*module.Base.metadata.tables, *module.Plain.metadata.tables}
    assert {table.name for table in made.system.tables} == real == {
        "guide.document", "guide.article", "crew.person", "captain",
    }  # fmt: skip


def test_tables_of_functions_whose_names_are_not_known_are_told_and_not_invented(project: Make) -> None:
    source = """
    import os
    from sqlalchemy import Column, Integer, Table
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()

    class Boat(Base):
        __tablename__ = "boats"
        id = Column(Integer, primary_key=True)

    def history(table):
        return Table(f"{table}_history", Base.metadata, Column("id", Integer))

    def tagged(name):
        class Tag(Base):
            __tablename__ = name + "_tags"
            id = Column(Integer, primary_key=True)
        return Tag

    def dynamic(name):
        return type(name, (Base,), {"__tablename__": name, "id": Column(Integer, primary_key=True)})

    history("boats")
    tagged("boats")
    dynamic("sails")
    for name in os.listdir("."):
        history(name)
        tagged(name)
        dynamic(name)
    """
    system = project({"shop.py": source}).system
    assert {table.name for table in system.tables} == {"boats", "boats_history", "boats_tags", "sails"}
    codes = ("unresolved-table", "unlisted-model")
    assert [(d.line, d.code) for d in system.diagnostics if d.code in codes] == [
        (13, "unresolved-table"),
        (16, "unlisted-model"),
        (22, "unlisted-model"),
    ]
