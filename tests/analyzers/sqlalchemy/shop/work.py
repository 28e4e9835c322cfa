"""Each public function is a case: it is run, and what it touches is compared with what the analysis finds."""

from models import (
    Author,
    Base,
    Book,
    Box,
    Chapter,
    Country,
    Film,
    Genre,
    Loan,
    Media,
    Note,
    Profile,
    Session,
    Shelf,
    Song,
    User,
    Volume,
    book_genres,
    engine,
)
from sqlalchemy import and_, delete, exists, func, insert, or_, select, text, tuple_, union, update
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import (
    aliased,
    contains_eager,
    joinedload,
    lazyload,
    load_only,
    selectinload,
    with_polymorphic,
)


def query_filter(s: OrmSession):
    return s.query(User).filter(User.name == "u").order_by(User.id.desc()).limit(3).all()


def query_first(s: OrmSession):
    return s.query(User.name).filter_by(name="u").first()


def query_count(s: OrmSession):
    return s.query(func.count(User.id)).scalar()


def query_iteration(s: OrmSession):
    for user in s.query(User):
        print(user.name)


def query_two_entities(s: OrmSession):
    return s.query(User, Profile).filter(User.id == Profile.user_id).all()


def query_implicit_from(s: OrmSession):
    return s.query(User).filter(Loan.user_id == User.id).all()


def query_join_model(s: OrmSession):
    return s.query(User).join(Loan, Loan.user_id == User.id).all()


def query_join_chain(s: OrmSession):
    return s.query(Loan.id).join(Loan.book).join(Book.author).filter(Author.name == "a").all()


def query_outer_join(s: OrmSession):
    return s.query(User.id).outerjoin(User.profile).all()


def query_in_subquery(s: OrmSession):
    inner = s.query(Loan.user_id).filter(Loan.id > 0)
    return s.query(User).filter(User.id.in_(inner)).all()


def query_exists(s: OrmSession):
    return s.query(exists().where(Loan.user_id == 1)).scalar()


def query_update(s: OrmSession):
    s.query(Note).filter(Note.id == 1).update({"text": "z"})
    s.commit()


def query_delete(s: OrmSession):
    s.query(Note).filter(Note.id == 99).delete(synchronize_session=False)
    s.commit()


def query_get(s: OrmSession):
    return s.get(User, 1)


def query_slice(s: OrmSession):
    return s.query(Genre)[0:2]


def query_helper_builds(s: OrmSession):
    return _open_loans(s).filter(Loan.id > 0).count()


def _open_loans(s: OrmSession):
    return s.query(Loan)


def eager_by_mapping(s: OrmSession):
    return s.query(Author).all()


def eager_columns_only(s: OrmSession):
    return s.query(Author.name).all()


def eager_by_option(s: OrmSession):
    loans = s.scalars(select(Loan).options(joinedload(Loan.book), selectinload(Loan.user))).all()
    return [loan.book.title for loan in loans]


def eager_chained(s: OrmSession):
    return s.scalars(select(Loan).options(joinedload(Loan.book).joinedload(Book.author))).unique().all()


def lazy_by_option(s: OrmSession):
    return s.scalars(select(Author).options(lazyload(Author.country), load_only(Author.name))).all()


def contains_eager_join(s: OrmSession):
    return s.query(Loan).join(Loan.book).options(contains_eager(Loan.book)).all()


def lazy_many_to_one(s: OrmSession):
    loan = s.query(Loan).first()
    return loan.book.title


def lazy_chain(s: OrmSession):
    loan = s.query(Loan).first()
    return loan.book.author.country.name


def lazy_collection(s: OrmSession):
    user = s.get(User, 1)
    return len(user.loans)


def lazy_in_loop(s: OrmSession):
    return [loan.user.name for loan in s.query(Loan).all()]


def lazy_backref(s: OrmSession):
    book = s.get(Book, 1)
    return [loan.id for loan in book.loans]


def lazy_many_to_many(s: OrmSession):
    book = s.get(Book, 1)
    return [genre.label for genre in book.genres]


def lazy_many_to_many_backref(s: OrmSession):
    genre = s.get(Genre, 1)
    return [book.title for book in genre.books]


def lazy_one_to_one(s: OrmSession):
    user = s.query(User).one()
    return user.profile.bio


def lazy_mixin_relation(s: OrmSession):
    loan = s.query(Loan).one()
    return loan.author.name


def lazy_self_reference(s: OrmSession):
    shelf = s.get(Shelf, 1)
    return [child.id for child in shelf.children]


def foreign_key_alone_reads_nothing_else(s: OrmSession):
    loan = s.query(Loan).first()
    return loan.user_id


def same_relation_twice(s: OrmSession):
    loan = s.query(Loan).first()
    first = loan.book
    return first is loan.book


def proxy_values(s: OrmSession):
    book = s.get(Book, 1)
    return list(book.genre_labels)


def write_only_select(s: OrmSession):
    user = s.get(User, 1)
    return s.scalars(user.notes.select()).all()


def write_only_add(s: OrmSession):
    user = s.get(User, 1)
    user.notes.add(Note(text="n"))
    s.commit()


def add_one(s: OrmSession):
    s.add(Country(name="y"))
    s.commit()


def add_several(s: OrmSession):
    s.add_all([Country(name="y"), Genre(label="z")])
    s.commit()


def add_cascades_to_new_members(s: OrmSession):
    s.add(Author(name="n", country=Country(name="c"), books=[Book(title="q")]))
    s.commit()


def add_with_secondary(s: OrmSession):
    s.add(Book(title="v", genres=[Genre(label="w")]))
    s.commit()


def new_object_not_added(s: OrmSession):
    country = Country(name="never")
    country.name = "still not"
    return country


def attribute_is_update(s: OrmSession):
    user = s.get(User, 1)
    user.name = "changed"
    s.commit()


def attribute_in_loop(s: OrmSession):
    for user in s.scalars(select(User)):
        user.name = user.name + "!"
    s.commit()


def relation_assigned(s: OrmSession):
    loan = s.query(Loan).first()
    loan.book = None
    s.commit()


def collection_append(s: OrmSession):
    user = s.get(User, 1)
    user.loans.append(Loan())
    s.commit()


def collection_many_append(s: OrmSession):
    book = s.get(Book, 1)
    book.genres.append(Genre(label="extra"))
    s.commit()


def proxy_append(s: OrmSession):
    book = s.get(Book, 1)
    book.genre_labels.append("proxied")
    s.commit()


def setattr_with_unknown_name(s: OrmSession):
    values = {"name": "q"}
    user = s.get(User, 1)
    for key in values:
        setattr(user, key, values[key])
    s.commit()


def merge_object(s: OrmSession):
    s.merge(Country(id=1, name="merged"))
    s.commit()


def refresh_object(s: OrmSession):
    country = Country(name="r")
    s.add(country)
    s.commit()
    s.refresh(country)


def delete_plain(s: OrmSession):
    box = s.query(Box).first()
    s.delete(box)
    s.commit()


def delete_nullifies_children(s: OrmSession):
    shelf = s.query(Shelf).filter(Shelf.parent_id.is_(None)).first()
    s.delete(shelf)
    s.commit()


def delete_removes_association_rows(s: OrmSession):
    genre = s.query(Genre).first()
    s.delete(genre)
    s.commit()


def bulk_rows(s: OrmSession):
    s.bulk_insert_mappings(Country, [{"name": "bulk"}])
    s.bulk_save_objects([Genre(label="bulk")])
    s.commit()


def select_columns(s: OrmSession):
    return s.execute(select(User.id, Profile.bio).join(Profile, Profile.user_id == User.id)).all()


def select_relationship_join(s: OrmSession):
    return s.scalars(select(Loan).join(Loan.user).where(User.name == "u")).all()


def select_scalar_count(s: OrmSession):
    return s.scalar(select(func.count()).select_from(Genre))


def select_conditions(s: OrmSession):
    return s.scalars(select(User).where(or_(User.name == "u", and_(User.id > 0, User.id < 9)))).all()


def select_exists_correlated(s: OrmSession):
    return s.scalars(select(User).where(exists().where(Loan.user_id == User.id))).all()


def select_scalar_subquery(s: OrmSession):
    loans = select(func.count(Loan.id)).where(Loan.user_id == User.id).scalar_subquery()
    return s.execute(select(User.name, loans)).all()


def select_subquery_join(s: OrmSession):
    sub = select(Loan.user_id).subquery()
    return s.scalars(select(User).join(sub, sub.c.user_id == User.id)).all()


def select_cte(s: OrmSession):
    cte = select(Loan.book_id).cte("lent")
    return s.scalars(select(Book).where(Book.id.in_(select(cte.c.book_id)))).all()


def select_recursive_cte(s: OrmSession):
    top = select(Shelf.id).where(Shelf.parent_id.is_(None)).cte("tree", recursive=True)
    tree = top.union_all(select(Shelf.id).join(top, Shelf.parent_id == top.c.id))
    return s.execute(select(tree.c.id)).all()


def select_union(s: OrmSession):
    return s.execute(union(select(User.id), select(Genre.id))).all()


def select_alias(s: OrmSession):
    other = aliased(User)
    return s.execute(select(User.id, other.id).where(User.id == other.id)).all()


def select_aliased_relation(s: OrmSession):
    other = aliased(Author)
    return s.scalars(select(Book).join(other, Book.author).where(other.name == "a")).all()


def select_has_any(s: OrmSession):
    query = select(Book).where(Book.author.has(Author.name == "a"), Book.genres.any(Genre.label == "g"))
    return s.scalars(query).all()


def select_relation_equals_object(s: OrmSession):
    author = s.get(Author, 1)
    return s.scalars(select(Book).where(Book.author == author)).all()


def select_many_contains(s: OrmSession):
    genre = s.get(Genre, 1)
    return s.scalars(select(Book).where(Book.genres.contains(genre))).all()


def select_hybrid(s: OrmSession):
    return s.scalars(select(Book).where(Book.heading == "t")).all()


def select_tuple_in(s: OrmSession):
    return s.scalars(select(User).where(tuple_(User.id, User.name).in_([(1, "u")]))).all()


def select_row_attribute(s: OrmSession):
    rows = s.execute(select(Loan, User).join(Loan.user)).all()
    return [row.Loan.book.title for row in rows]


def select_from_variable_entity(s: OrmSession):
    return [s.scalars(select(entity)).all() for entity in (User, Genre)]


def select_for_update(s: OrmSession):
    return s.execute(select(User).where(User.id == 1).with_for_update()).scalar_one()


def select_in_helper(s: OrmSession):
    return _rows(s, select(Genre))


def _rows(s: OrmSession, statement):
    return s.scalars(statement).all()


def dml_insert(s: OrmSession):
    s.execute(insert(Country), [{"name": "i"}])
    s.commit()


def dml_insert_from_select(s: OrmSession):
    s.execute(insert(Country).from_select(["name"], select(Genre.label)))
    s.commit()


def dml_update_where_subquery(s: OrmSession):
    s.execute(
        update(Note).where(Note.user_id.in_(select(User.id))).values(text="w"),
        execution_options={"synchronize_session": False},
    )
    s.commit()


def dml_delete(s: OrmSession):
    s.execute(delete(Note).where(Note.id == 99))
    s.commit()


def dml_returning(s: OrmSession):
    return s.execute(insert(Country).values(name="ret").returning(Country.id)).scalar_one()


def core_table(s: OrmSession):
    return s.execute(select(book_genres.c.book_id)).all()


def core_table_methods(s: OrmSession):
    s.execute(book_genres.delete().where(book_genres.c.book_id == 99))
    s.execute(book_genres.insert().values(book_id=9, genre_id=9))
    s.execute(Country.__table__.update().values(name="core"))
    s.commit()


def core_metadata(s: OrmSession):
    table = Base.metadata.tables["genres"]
    return s.execute(table.select()).all()


def core_connection(s: OrmSession):
    with engine.connect() as connection:
        return connection.execute(select(Genre.__table__.c.label)).fetchall()


def text_statement(s: OrmSession):
    sql = "SELECT u.name FROM users u JOIN loans l ON l.user_id = u.id WHERE l.id = :i"
    return s.execute(text(sql), {"i": 1}).all()


def text_with_entities(s: OrmSession):
    return s.query(User).from_statement(text("SELECT * FROM users")).all()


def text_built(s: OrmSession):
    table = "genres"
    return s.execute(text(f"SELECT * FROM {table} WHERE id > 0")).all()


def driver_sql(s: OrmSession):
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE countrys SET name = 'd'")


def joined_inheritance(s: OrmSession):
    return s.query(Film).all()


def joined_inheritance_add(s: OrmSession):
    s.add(Film(name="n", minutes=2))
    s.commit()


def joined_inheritance_base(s: OrmSession):
    return s.query(Media.name).all()


def joined_inheritance_own_column(s: OrmSession):
    film = s.query(Film).first()
    film.minutes = 5
    s.commit()


def joined_inheritance_parent_column(s: OrmSession):
    film = s.query(Film).first()
    film.name = "p"
    s.commit()


def joined_inheritance_delete(s: OrmSession):
    s.delete(s.query(Film).first())
    s.commit()


def single_inheritance(s: OrmSession):
    s.add(Song(name="x", beats=3))
    s.commit()
    return s.query(Song).all()


def polymorphic_alias(s: OrmSession):
    everything = with_polymorphic(Media, [Film])
    return s.query(everything).all()


def column_property_is_selected(s: OrmSession):
    return s.query(Volume).all()


def column_property_not_selected(s: OrmSession):
    return s.query(Volume.id).all()


def class_from_dictionary(s: OrmSession):
    entities = {"user": User, "genre": Genre}
    return s.query(entities["genre"]).all()


def repository(s: OrmSession):
    return _Repository(s, Genre).all()


def repository_subclass(s: OrmSession):
    return _Countries(s).all()


class _Repository:
    def __init__(self, session, model):
        self.session = session
        self.model = model

    def all(self):
        return self.session.query(self.model).all()


class _Countries(_Repository):
    model = Country

    def __init__(self, session):
        super().__init__(session, Country)


def nested_function(s: OrmSession):
    def load():
        return s.query(Genre).all()

    return load()


def own_session():
    with Session() as session, session.begin():
        session.add(Country(name="own"))


def own_session_factory():
    with Session.begin() as session:
        return session.query(Chapter).count()
