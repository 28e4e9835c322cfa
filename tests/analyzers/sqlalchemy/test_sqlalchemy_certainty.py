"""How sure an access is: what follows from the code alone, and what needs luck, a convention or a choice."""

from __future__ import annotations

import pytest

MODELS = """
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.orm import declarative_base, relationship

    Base = declarative_base()

    class Person(Base):
        __tablename__ = "person"
        id = Column(Integer, primary_key=True)
        name = Column(String)

    class Team(Base):
        __tablename__ = "team"
        id = Column(Integer, primary_key=True)
        name = Column(String)
        motto = Column(String)
        members = relationship("Member", cascade="all")

    class Member(Base):
        __tablename__ = "member"
        id = Column(Integer, primary_key=True)
        team_id = Column(ForeignKey("team.id"))

    class Booking(Base):
        __tablename__ = "booking"
        id = Column(Integer, primary_key=True)
        team_id = Column(ForeignKey("team.id"))
        team = relationship("Team")

        def __init__(self, session, team):
            self.team = team
            self.number = session.query(Person).count()
"""


@pytest.fixture
def accesses(project):
    """Function, table and operation -> certainty, for some code beside the models."""

    def of(code: str) -> dict[tuple[str, str, str], str]:
        system = project({"models.py": MODELS, "work.py": code}).system
        assert not [d for d in system.diagnostics if d.code in ("too-complex", "not-interpreted")]
        return {(a.function or "", a.table, a.operation): a.certainty for a in system.accesses}

    return of


def test_one_of_several_models_is_possible_and_what_all_of_them_touch_is_certain(accesses):
    found = accesses("""
        from sqlalchemy.orm import Session
        from models import Member, Person, Team

        def model(kind):
            return Person if kind == "person" else Team

        def names(session: Session, kind):
            Model = model(kind)
            return session.query(Model.name, Member.id).join(Member, Member.id == Model.id).all()
    """)
    assert found["names", "person", "read"] == found["names", "team", "read"] == "possible"
    assert found["names", "member", "read"] == "certain"


def test_cascades_are_inferred_the_row_itself_is_certain(accesses):
    found = accesses("""
        from sqlalchemy.orm import Session
        from models import Team

        def disband(session: Session, key: int):
            team = session.get(Team, key)
            session.delete(team)
            session.commit()
    """)
    assert found["disband", "team", "write"] == "certain"
    assert found["disband", "member", "write"] == "inferred"


def test_a_query_in_a_constructor_may_write_what_the_row_was_given(accesses):
    found = accesses("")
    assert found["Booking.__init__", "person", "read"] == "inferred"  # by the parameter's name
    assert found["Booking.__init__", "booking", "write"] == "possible"
    assert found["Booking.__init__", "team", "write"] == "possible"


def test_a_row_is_known_by_the_key_of_a_dict_or_by_what_is_used_of_a_parameter(accesses):
    found = accesses("""
        from models import Team

        def by_key(options):
            return options["team"].members

        def by_use(them):
            return them.motto, [m.id for m in them.members]

        def by_too_little(them):
            return them.name
    """)
    assert found["by_key", "member", "read"] == "possible"
    assert found["by_use", "member", "read"] == "possible"
    assert not [key for key in found if key[0] == "by_too_little"]


def test_lists_that_hold_themselves_do_not_end_the_analysis_of_a_function(accesses):
    found = accesses("""
        from sqlalchemy.orm import Session
        from models import Team

        def grouped(session: Session, rows):
            first = {"previews": []}
            stack = [first]
            for row in rows:
                first["previews"].append(first)
                stack.append(stack)
            return session.query(Team).filter(Team.name.in_(stack), Team.id.in_(first)).all()
    """)
    assert found["grouped", "team", "read"] == "certain"
