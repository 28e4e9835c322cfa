"""A row is loaded by the code that looks it up: what one caller or one way has loaded, another has not."""

from __future__ import annotations

import pytest

CODE = """
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.orm import declarative_base, relationship

    Base = declarative_base()

    class Team(Base):
        __tablename__ = "team"
        id = Column(Integer, primary_key=True)
        name = Column(String)

    class Booking(Base):
        __tablename__ = "booking"
        id = Column(Integer, primary_key=True)
        team_id = Column(ForeignKey("team.id"))
        team = relationship("Team")

    def one(session, number):
        return session.query(Booking).filter(Booking.id == number).first()

    def several(session):
        return session.query(Booking).all()

"""


@pytest.fixture
def reads(project):
    """Lines of the given code, from 1, at which each function reads the teams."""

    def of(code: str) -> dict[str, list[int]]:
        above = CODE.count("\n") - 1
        system = project({"work.py": CODE + code}).system
        found: dict[str, list[int]] = {}
        for access in sorted(system.accesses):
            if access.table == "team" and access.operation == "read":
                found.setdefault(access.function or "", []).append(access.line - above)
        return found

    return of


@pytest.mark.parametrize("row", ["one(session, number)", "several(session)[0]"])
def test_what_one_caller_has_loaded_another_has_not(reads, row):
    found = reads(f"""
    def first(session, number):
        booking = {row}
        return booking.team.name

    def second(session, number):
        booking = {row}
        return booking.team.name
""")
    assert set(found) == {"first", "second"}


def test_what_is_loaded_is_not_loaded_again(reads):
    found = reads("""
    def work(session, number):
        booking = one(session, number)
        print(booking.team.name)
        return booking.team.name
""")
    assert [len(lines) for lines in found.values()] == [1]


def test_what_one_way_has_loaded_the_other_has_not(reads):
    found = reads("""
    def work(session, number, short):
        booking = one(session, number)
        if short:
            return booking.team.id
        else:
            return booking.team.name
""")
    assert [len(lines) for lines in found.values()] == [2]


def test_what_one_way_adds_the_other_adds_as_well(project):
    system = project(
        {
            "work.py": CODE
            + """
    def work(session, loud):
        team = Team(name="a")
        if loud:
            session.add(team)
        else:
            session.add(team)
"""
        }
    ).system
    writes = [a.line for a in system.accesses if a.table == "team" and a.operation == "write"]
    assert len(writes) == 2


def test_a_form_that_fills_a_row_writes_it(project):
    form = """
    from flask_wtf import FlaskForm
    from wtforms import StringField, SubmitField

    class TeamForm(FlaskForm):
        name = StringField()
        send = SubmitField()

    class Search(FlaskForm):
        words = StringField()

    def edit(session, number):
        team = session.get(Team, number)
        TeamForm(obj=team).populate_obj(team)

    def search(session, number):
        team = session.get(Team, number)
        Search().populate_obj(team)
    """
    rows = project({"work.py": CODE + form}).system.accesses
    assert {(a.function, a.certainty) for a in rows if a.operation == "write"} == {("edit", "certain")}
