from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import backref, column_property, declarative_base, relationship
from sqlalchemy.sql import func, select

Base = declarative_base()

squad = Table(
    "squad",
    Base.metadata,
    Column("team_id", ForeignKey("teams.id")),
    Column("player_id", ForeignKey("players.id")),
)


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    players = relationship("Player", secondary=squad, backref="teams")


class Player(Base):
    __tablename__ = "players"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    goals = Column(Integer, default=0)


class Match(Base):
    __tablename__ = "matches"
    id = Column(Integer, primary_key=True)
    home_id = Column(Integer, ForeignKey("teams.id"))
    home = relationship(Team, backref=backref("home_matches", lazy="dynamic"))


class Card(Base):
    __tablename__ = "cards"
    id = Column(Integer, primary_key=True)
    match_id = Column(ForeignKey("matches.id"))
    player_id = Column(ForeignKey("players.id"))
    match = relationship(Match, backref="cards")
    player = relationship(Player)


class Ranking(Base):
    __tablename__ = "rankings"
    id = Column(Integer, primary_key=True)
    team_id = Column(ForeignKey("teams.id"))
    played = column_property(select(func.count(Match.id)).where(Match.home_id == team_id).scalar_subquery())
