"""Who asks: a library that is given a row, a user who is logged in, a class with methods of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

MODELS = """
    from flask_login import UserMixin
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.orm import as_declarative, declared_attr, relationship, scoped_session, sessionmaker

    session = scoped_session(sessionmaker())

    @as_declarative()
    class Base:
        @declared_attr
        def __tablename__(cls):
            return cls.__name__.lower()
        id = Column(Integer, primary_key=True)

        @classmethod
        def found(cls, key):
            return session.query(cls).filter_by(id=key).first()

        @classmethod
        def made(cls, **values):
            one = cls(**values)
            session.add(one)
            session.commit()
            return one

    class User(Base, UserMixin):
        name = Column(String(9))

    class Boat(Base):
        owner_id = Column(Integer, ForeignKey("user.id"))
        owner = relationship(User)
        trips = relationship("Trip")

    class Trip(Base):
        boat_id = Column(Integer, ForeignKey("boat.id"))
        marks = relationship("Mark")

    class Mark(Base):
        trip_id = Column(Integer, ForeignKey("trip.id"))
"""
USES = """
    from flask_login import current_user
    from flask_restful import fields, marshal
    from shop.models import Boat, session

    mark = {"id": fields.Integer}
    trip = {"id": fields.Integer, "signs": fields.List(fields.Nested(mark), attribute="marks")}
    boat = {"name": fields.String(attribute="owner.name"), "trips": fields.Nested(trip)}

    def shown(one: Boat):
        return marshal(one, boat)

    def listed():
        return marshal(session.query(Boat).all(), {"id": fields.Integer, "trips": fields.Nested({})})

    def who():
        return current_user.name

    def looked():
        return Boat.found(1)

    def walked(one):
        for trip in one.trips:
            trip.marks

    def walked_again(key):
        one = Boat.found(key)
        walked(one)
        return [trip.marks for trip in one.trips]

    def built():
        return Boat.made(id=1)
"""


def touched(system: Any, function: str) -> set[tuple[str, str]]:
    return {(a.operation, a.table) for a in system.accesses if a.function == function}


def test_an_access_belongs_to_the_line_that_asks_for_it(project: Make) -> None:
    system = project({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/uses.py": USES}).system
    assert touched(system, "shown") == {("read", "user"), ("read", "trip"), ("read", "mark")}
    assert touched(system, "listed") == {("read", "boat"), ("read", "trip")}
    assert touched(system, "who") == {("read", "user")}
    assert touched(system, "looked") == {("read", "boat")}
    looked_at = {a.table for a in system.accesses if a.function == "walked_again" and a.via == "relation"}
    assert looked_at == {"trip", "mark"}
    assert touched(system, "built") == {("write", "boat")}
