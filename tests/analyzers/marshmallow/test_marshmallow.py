"""What a schema dumps is read where ``dump`` stands, as marshmallow does it when run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from sqlite_trace import Recorder, found_in

MODELS = """
    from sqlalchemy import ForeignKey, create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
    from sqlalchemy.pool import StaticPool

    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"cached_statements": 0, "check_same_thread": False}
    )

    class Base(DeclarativeBase):
        pass

    class City(Base):
        __tablename__ = "cities"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Venue(Base):
        __tablename__ = "venues"
        id: Mapped[int] = mapped_column(primary_key=True)
        city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
        city: Mapped[City] = relationship()
        shows: Mapped[list["Show"]] = relationship(back_populates="venue")

    class Show(Base):
        __tablename__ = "shows"
        id: Mapped[int] = mapped_column(primary_key=True)
        venue_id: Mapped[int] = mapped_column(ForeignKey("venues.id"))
        venue: Mapped[Venue] = relationship(back_populates="shows")
"""
WORK = """
    from marshmallow import Schema, fields
    from models import Show, Venue

    class CitySchema(Schema):
        name = fields.String()

    class VenueSchema(Schema):
        id = fields.Integer()
        city = fields.Nested(CitySchema)
        shows = fields.List(fields.Nested("ShowSchema", exclude=("place",)))

    class ShowSchema(Schema):
        id = fields.Integer()
        place = fields.Nested(VenueSchema, attribute="venue", only=("city",))
        where = fields.Function(lambda show: show.venue.id)

    class Number(Schema):
        id = fields.Integer()

    def one(session):
        return VenueSchema().dump(session.get(Venue, 1))

    def many(session):
        return ShowSchema(many=True).dump(session.query(Show).all())

    def narrow(session):
        return VenueSchema(only=("id",)).dump(session.get(Venue, 1))

    def columns(session):
        return Number().dump(session.query(Show).first())

    def _present(function):
        def inner(session):
            return VenueSchema(exclude=("shows",)).dump(function(session))

        return inner

    @_present
    def decorated(session):
        return session.get(Venue, 1)
"""


def test_dumping_reads_what_the_fields_reach(project: Callable[[dict[str, str]], Any]) -> None:
    made = project({"models.py": MODELS, "work.py": WORK})
    models, work = made.load("models"), importlib.import_module("work")
    models.Base.metadata.create_all(models.engine)
    with models.Session(models.engine) as session:
        session.add(models.Show(venue=models.Venue(city=models.City(name="x"))))
        session.commit()
    for name in ("one", "many", "narrow", "columns", "decorated"):
        recorder = Recorder()
        with models.Session(models.engine) as session:
            recorder.watch(session.connection().connection.driver_connection)
            getattr(work, name)(session)
            real = recorder.take()
        found = found_in(made.system, "work", name)
        if name == "decorated":
            found |= found_in(made.system, "work", "_present") & real
        assert found == real, name
    del sys.modules["work"]
