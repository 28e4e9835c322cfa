# ruff: noqa: N805
"""A schema with the usual shapes: one to many, many to many, inheritance, eager and lazy relations."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine, func, select
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    column_property,
    declared_attr,
    mapped_column,
    relationship,
    sessionmaker,
)
from sqlalchemy.pool import StaticPool

engine = create_engine(
    "sqlite://",
    poolclass=StaticPool,
    connect_args={"check_same_thread": False, "cached_statements": 0},
)
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Named:
    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.__name__.lower() + "s"


class Audited:
    @declared_attr
    def author_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    def author(cls) -> Mapped[User | None]:
        return relationship("User", foreign_keys=[cls.author_id])


book_genres = Table(
    "book_genres",
    Base.metadata,
    Column("book_id", ForeignKey("books.id"), primary_key=True),
    Column("genre_id", ForeignKey("genres.id"), primary_key=True),
)


class User(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    profile: Mapped[Profile] = relationship(back_populates="user", uselist=False)
    loans: Mapped[list[Loan]] = relationship(
        back_populates="user", cascade="all, delete-orphan", foreign_keys="Loan.user_id"
    )
    notes: WriteOnlyMapped[Note] = relationship(back_populates="user", foreign_keys="Note.user_id")


class Profile(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    bio: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User | None] = relationship(back_populates="profile")


class Genre(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]


class Author(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    country_id: Mapped[int | None] = mapped_column(ForeignKey("countrys.id"))
    country: Mapped[Country | None] = relationship(lazy="joined")
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Country(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")
    genres: Mapped[list[Genre]] = relationship(secondary=book_genres, backref="books")
    genre_labels = association_proxy("genres", "label", creator=lambda label: Genre(label=label))

    @hybrid_property
    def heading(self):
        return self.title


class Loan(Named, Audited, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    book_id: Mapped[int | None] = mapped_column(ForeignKey("books.id"))
    user: Mapped[User | None] = relationship(back_populates="loans", foreign_keys=[user_id])
    book: Mapped[Book | None] = relationship(backref="loans")


class Note(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User | None] = relationship(back_populates="notes", foreign_keys=[user_id])


class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("shelves.id"))
    children = relationship("Shelf")
    boxes = relationship("Box", backref="shelf")


class Box(Base):
    __tablename__ = "boxes"
    id = Column(Integer, primary_key=True)
    shelf_id = Column(ForeignKey("shelves.id"))


class Media(Base):
    __tablename__ = "media"
    id = Column(Integer, primary_key=True)
    kind = Column(String)
    name = Column(String)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "media"}


class Film(Media):
    __tablename__ = "films"
    id = Column(ForeignKey("media.id"), primary_key=True)
    minutes = Column(Integer)
    __mapper_args__ = {"polymorphic_identity": "film"}


class Song(Media):
    beats = Column(Integer)
    __mapper_args__ = {"polymorphic_identity": "song"}


class Chapter(Base):
    __tablename__ = "chapters"
    id = Column(Integer, primary_key=True)
    book_id = Column(ForeignKey("books.id"))


class Volume(Base):
    __tablename__ = "volumes"
    id = Column(Integer, primary_key=True)
    book_id = Column(ForeignKey("books.id"))
    chapter_count = column_property(
        select(func.count(Chapter.id))
        .where(Chapter.book_id == book_id)
        .correlate_except(Chapter)
        .scalar_subquery()
    )


def seed(session) -> None:
    country = Country(name="x")
    author = Author(name="a", country=country)
    user = User(name="u", profile=Profile(bio="b"))
    book = Book(title="t", author=author, genres=[Genre(label="g")])
    session.add_all([country, author, user, book])
    session.flush()
    session.add(Loan(user=user, book=book, author_id=user.id))
    session.add(Note(user_id=user.id))
    shelf = Shelf(boxes=[Box()])
    shelf.children.append(Shelf())
    session.add_all([shelf, Film(name="f", minutes=1), Song(name="s", beats=1)])
    session.add_all([Chapter(book_id=book.id), Volume(book_id=book.id)])
    session.commit()


METADATA = [Base.metadata]
REGISTRIES = [Base.registry]
