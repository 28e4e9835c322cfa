# ruff: noqa: N805, RUF009
"""The many ways to declare a table: 1.x, mixins, imperative, SQLModel, Flask-SQLAlchemy, schemas."""

import re
import uuid
from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    as_declarative,
    backref,
    column_property,
    configure_mappers,
    declarative_base,
    declared_attr,
    deferred,
    mapped_column,
    registry,
    relationship,
    scoped_session,
    sessionmaker,
    synonym,
)
from sqlalchemy.pool import StaticPool
from sqlmodel import Field, Relationship, SQLModel

engine = create_engine(
    "sqlite://",
    poolclass=StaticPool,
    connect_args={"check_same_thread": False, "cached_statements": 0},
)
Session = scoped_session(sessionmaker(bind=engine))


def underscore(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Common:
    @declared_attr
    def __tablename__(cls):
        return underscore(cls.__name__)

    id = Column(Integer, primary_key=True)


Base = declarative_base(cls=Common, metadata=MetaData(naming_convention={"pk": "pk_%(table_name)s"}))
Base.query = Session.query_property()


class Stamped:
    created = Column(DateTime)

    @declared_attr
    def creator_id(cls):
        return Column("creator", ForeignKey("person.id", ondelete="SET NULL"))

    @declared_attr
    def creator(cls):
        return relationship("Person", foreign_keys=[cls.creator_id])


class Person(Base):
    name = Column(String, nullable=False)
    tasks = relationship("TaskItem", back_populates="owner", lazy="dynamic", foreign_keys="TaskItem.owner_id")


def make_link(left, right):
    return Table(
        f"{left}_{right}",
        Base.metadata,
        Column(f"{left}_id", Integer, ForeignKey(f"{left}.id"), primary_key=True),
        Column(f"{right}_id", Integer, ForeignKey(f"{right}.id"), primary_key=True),
    )


task_label = make_link("task_item", "label")


class Label(Stamped, Base):
    text = deferred(Column(String))


class TaskItem(Stamped, Base):
    owner_id = Column(Integer, ForeignKey(Person.id))
    state_code = Column("state", String(10), default="new")
    state = synonym("state_code")
    owner = relationship(Person, back_populates="tasks", foreign_keys=[owner_id])
    labels = relationship(Label, secondary=lambda: task_label, backref=backref("tasks", lazy="select"))

    @hybrid_property
    def is_new(self):
        return self.state_code == "new"

    @is_new.setter
    def is_new(self, value):
        self.state_code = "new" if value else "old"


class AbstractThing(Base):
    __abstract__ = True
    weight = Column(Integer)


class HeavyThing(AbstractThing):
    pass


class Account(Base):
    __tablename__ = "ledger_account"
    __table_args__ = (PrimaryKeyConstraint("id", "branch"), {"info": {}})
    id = Column(Integer)
    branch = Column(Integer)
    kind = Column(String)
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "plain"}


class SavingsAccount(Account):
    __tablename__ = None
    rate = Column(Integer)
    holder_id = Column(ForeignKey("person.id"))
    __mapper_args__ = {"polymorphic_identity": "savings"}


class Entry(Base):
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "account_branch"], ["ledger_account.id", "ledger_account.branch"]
        ),
    )
    account_id = Column(Integer)
    account_branch = Column(Integer)
    account = relationship(Account, backref=backref("entries", cascade="all, delete-orphan"))


class Employee(Person):
    id = Column(ForeignKey("person.id"), primary_key=True)
    desk = Column(String)


events_table = Table(
    "events_log",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id")),
)


class EventEntry(Base):
    __table__ = events_table
    person = relationship(Person)


@as_declarative()
class OtherBase:
    id = Column(Integer, primary_key=True)


class Setting(OtherBase):
    __tablename__ = "settings"
    key = Column(String)
    on = column_property(Column(Boolean))


mapper_registry = registry()
plain_table = Table("plain", mapper_registry.metadata, Column("id", Integer, primary_key=True))


class Plain:
    pass


mapper_registry.map_imperatively(Plain, plain_table)


@mapper_registry.mapped
@dataclass
class Point:
    __tablename__ = "points"
    __sa_dataclass_metadata_key__ = "sa"
    id: Mapped[int] = mapped_column(primary_key=True)


identifier = Annotated[int, mapped_column(primary_key=True)]


class Modern(MappedAsDataclass, DeclarativeBase):
    registry = mapper_registry


class Invoice(Modern):
    __tablename__ = "invoice"
    id: Mapped[identifier] = mapped_column(init=False)
    number: Mapped[str]
    paid: Mapped[bool | None] = mapped_column(default=None)
    note: Mapped["str | None"] = mapped_column(default=None)
    limit: ClassVar[int] = 3


class Timed(SQLModel):
    created: int | None = None


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    players: list["Player"] = Relationship(back_populates="team", cascade_delete=True)


class Membership(SQLModel, table=True):
    player_id: int | None = Field(default=None, foreign_key="player.id", primary_key=True)
    club_id: int | None = Field(default=None, foreign_key="the_club.id", primary_key=True)


class Player(Timed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    code: uuid.UUID = Field(default_factory=uuid.uuid4)
    team_id: int | None = Field(default=None, foreign_key="team.id", ondelete="CASCADE")
    score: int = 0
    team: Team | None = Relationship(back_populates="players")
    clubs: list["Club"] = Relationship(back_populates="players", link_model=Membership)


class Club(SQLModel, table=True):
    __tablename__ = "the_club"
    id: int | None = Field(default=None, primary_key=True)
    players: list[Player] = Relationship(back_populates="clubs", link_model=Membership)


class Trophy(SQLModel, table=True):
    id: int | None = Field(sa_column=Column(Integer, primary_key=True))
    player_id: int = Field(sa_column=Column(Integer, ForeignKey("player.id"), nullable=False))
    club_id: int | None = Field(default=None, sa_column=Column("of_club", ForeignKey("the_club.id")))
    team_id: int | None = Field(
        default=None, sa_column_args=[ForeignKey("team.id")], sa_column_kwargs={"name": "of_team"}
    )


class PlayerRead(Timed):
    id: int


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
    "poolclass": StaticPool,
    "connect_args": {"check_same_thread": False, "cached_statements": 0},
}
db = SQLAlchemy(app)


class OAuth2Token(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.Integer, db.ForeignKey("web_user.id"))
    owner = db.relationship("WebUser", backref=db.backref("tokens", lazy="dynamic"))


class WebUser(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(20))
    ___tablename__ = "typo"  # three underscores: the default name holds
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "user"}


class AdminUser(WebUser):
    __tablename__ = "admins"  # no primary key of its own: single-table inheritance
    __mapper_args__ = {"polymorphic_identity": "admin"}
    badge_id = db.Column(db.Integer, db.ForeignKey("badge.id"))


class Badge(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class _AuditTrail(db.Model):  # the name of its table does not begin with an underscore
    id = db.Column(db.Integer, primary_key=True)
    badge_id = db.Column(db.ForeignKey("badge.id"))


user_badges = db.Table(
    "user_badges",
    db.Column("user_id", db.ForeignKey("web_user.id"), primary_key=True),
    db.Column("badge_id", db.ForeignKey("badge.id"), primary_key=True),
)

schema_metadata = MetaData(schema="crm")
SchemaBase = declarative_base(metadata=schema_metadata)


class Lead(SchemaBase):
    __tablename__ = "lead"
    id = Column(Integer, primary_key=True)
    source_id = Column(ForeignKey("lead_source.id"))
    other_id = Column(ForeignKey("archive.lead.id"))


class LeadSource(SchemaBase):
    __tablename__ = "lead_source"
    id = Column(Integer, primary_key=True)


class OldLead(SchemaBase):
    __tablename__ = "lead"
    __table_args__ = {"schema": "archive"}
    id = Column(Integer, primary_key=True)


T = TypeVar("T")


class Repository(Generic[T]):
    model: type[T]

    def all(self):
        return Session.query(self.model).all()


@event.listens_for(Label, "before_insert")
def label_inserted(mapper, connection, target):
    connection.execute(events_table.insert().values(person_id=None))


configure_mappers()
METADATA = [
    Base.metadata,
    OtherBase.metadata,
    mapper_registry.metadata,
    SQLModel.metadata,
    db.metadata,
    schema_metadata,
]
REGISTRIES = [
    Base.registry,
    OtherBase.registry,
    mapper_registry,
    SQLModel._sa_registry,
    db.Model.registry,
    SchemaBase.registry,
]
INSPECT = inspect
