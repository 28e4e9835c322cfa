from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


lineup = Table(
    "lineup",
    Base.metadata,
    Column("gig_id", ForeignKey("gigs.id"), primary_key=True),
    Column("band_id", ForeignKey("bands.id"), primary_key=True),
)


class Keyed:
    id: Mapped[int] = mapped_column(primary_key=True)


class Band(Keyed, Base):
    __tablename__ = "bands"
    name: Mapped[str]
    gigs: Mapped[list[Gig]] = relationship(secondary=lineup, back_populates="bands")
    riders: Mapped[list[Rider]] = relationship(back_populates="band", cascade="all, delete-orphan")


class Rider(Keyed, Base):
    __tablename__ = "riders"
    band_id: Mapped[int] = mapped_column(ForeignKey("bands.id"))
    wish: Mapped[str]
    band: Mapped[Band] = relationship(back_populates="riders")


class Stage(Keyed, Base):
    __tablename__ = "stages"
    name: Mapped[str]
    gigs: Mapped[list[Gig]] = relationship(back_populates="stage")


class Gig(Keyed, Base):
    __tablename__ = "gigs"
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id"))
    sold: Mapped[int] = mapped_column(default=0)
    stage: Mapped[Stage | None] = relationship(back_populates="gigs", lazy="joined")
    bands: Mapped[list[Band]] = relationship(secondary=lineup, back_populates="gigs")
    tickets: Mapped[list[Ticket]] = relationship(back_populates="gig")


class Ticket(Keyed, Base):
    __tablename__ = "tickets"
    gig_id: Mapped[int | None] = mapped_column(ForeignKey("gigs.id"))
    holder: Mapped[str]
    gig: Mapped[Gig | None] = relationship(back_populates="tickets")
