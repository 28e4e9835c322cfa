"""Ways in which SQLAlchemy 2 code touches tables. Every public function is a case and gets a session."""

from festival.models import Band, Base, Gig, Rider, Stage, Ticket, lineup
from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

BY_STAGE = text("SELECT s.name, COUNT(*) FROM stages s JOIN gigs g ON g.stage_id = s.id GROUP BY s.name")


def _prepare(session: Session):
    Base.metadata.create_all(session.connection())
    stage = Stage(name="Main")
    band = Band(name="Oak", riders=[Rider(wish="tea")])
    gig = Gig(stage=stage, bands=[band], tickets=[Ticket(holder="Ann")])
    session.add_all([stage, band, gig])
    session.commit()


def get_by_key(session: Session):
    return session.get(Ticket, 1)


def scalars(session: Session):
    return session.scalars(select(Stage).where(Stage.name == "Main")).all()


def join_explicit(session: Session):
    query = select(Ticket.holder).join(Gig, Ticket.gig_id == Gig.id)
    return session.execute(query).all()


def join_by_relationship(session: Session):
    return session.scalars(select(Rider.wish).join(Rider.band)).all()


def join_over_secondary(session: Session):
    return session.execute(select(Band.name, Gig.sold).join(Band.gigs)).all()


def lazy_relationship(session: Session):
    ticket = session.get(Ticket, 1)
    return ticket.gig.sold


def lazy_collection(session: Session):
    band = session.scalars(select(Band)).one()
    return [rider.wish for rider in band.riders]


def eager_by_mapping(session: Session):
    return session.get(Gig, 1)


def eager_by_option(session: Session):
    query = select(Band).options(selectinload(Band.riders), joinedload(Band.gigs))
    return session.scalars(query).unique().all()


def subquery_in_where(session: Session):
    sold_out = select(Ticket.gig_id).where(Ticket.holder == "Ann")
    return session.scalars(select(Gig.id).where(Gig.id.in_(sold_out))).all()


def correlated_exists(session: Session):
    return session.scalars(select(Band.name).where(exists().where(Rider.band_id == Band.id))).all()


def alias(session: Session):
    other = aliased(Ticket)
    return session.execute(select(Ticket.id, other.id).where(Ticket.id < other.id)).all()


def count_rows(session: Session):
    return session.scalar(select(func.count()).select_from(Stage))


def add_and_commit(session: Session):
    session.add(Stage(name="Tent"))
    session.commit()


def add_with_children(session: Session):
    band = Band(name="Elm", riders=[Rider(wish="coffee")])
    session.add(band)
    session.flush()


def append_to_collection(session: Session):
    gig = session.get(Gig, 1)
    gig.tickets.append(Ticket(holder="Bob"))
    session.commit()


def append_to_secondary(session: Session):
    gig = session.get(Gig, 1)
    gig.bands.append(Band(name="Ash"))
    session.flush()


def set_attribute(session: Session):
    ticket = session.get(Ticket, 1)
    ticket.holder = "Cleo"
    session.commit()


def set_attribute_through_relationship(session: Session):
    ticket = session.get(Ticket, 1)
    ticket.gig.sold += 1
    session.commit()


def delete_with_cascade(session: Session):
    band = session.get(Band, 1)
    session.delete(band)
    session.commit()


def delete_sets_null(session: Session):
    session.delete(session.get(Stage, 1))
    session.flush()


def bulk_update(session: Session):
    session.execute(update(Gig).where(Gig.sold < 5).values(sold=5))


def bulk_update_with_subquery(session: Session):
    named = select(Stage.id).where(Stage.name == "Main").scalar_subquery()
    session.execute(update(Gig).where(Gig.stage_id == named).values(sold=7))


def bulk_delete(session: Session):
    session.execute(delete(Rider).where(Rider.wish == "tea"))


def insert_rows(session: Session):
    session.execute(insert(Ticket), [{"holder": "Dan"}, {"holder": "Eva"}])


def insert_from_select(session: Session):
    session.execute(insert(Stage).from_select(["name"], select(Band.name)))


def core_table(session: Session):
    return session.execute(select(lineup.c.band_id).where(lineup.c.gig_id == 1)).all()


def core_write(session: Session):
    session.execute(lineup.delete())


def textual(session: Session):
    return session.execute(BY_STAGE).all()


def merge(session: Session):
    session.merge(Stage(id=1, name="Big"))
    session.flush()


def _tickets_of(session: Session, gig: Gig):
    return session.scalars(select(Ticket).where(Ticket.gig == gig)).all()


def through_helper(session: Session):
    gig = session.get(Gig, 1)
    return [ticket.holder for ticket in _tickets_of(session, gig)]


def connection_of_session(session: Session):
    session.connection().execute(text("UPDATE riders SET wish = 'water'"))


def refresh(session: Session):
    rider = session.get(Rider, 1)
    session.refresh(rider)


def common_table_expression(session: Session):
    popular = select(Gig.id, Gig.sold).where(Gig.sold >= 0).cte("popular")
    query = select(popular.c.id, Ticket.holder).join(Ticket, Ticket.gig_id == popular.c.id)
    return session.execute(query).all()


class TicketDesk:
    """A repository, as many code bases have one."""

    model = Ticket

    def __init__(self, session: Session) -> None:
        self.session = session

    def of(self, holder: str) -> list[Ticket]:
        return list(self.session.scalars(select(self.model).where(self.model.holder == holder)))


def repository(session: Session):
    return TicketDesk(session).of("Ann")


def returning(session: Session):
    return session.execute(insert(Stage).values(name="Cave").returning(Stage.id)).scalar_one()


def union_of_selects(session: Session):
    return session.execute(select(Band.name).union_all(select(Stage.name))).all()


def nested_transaction(session: Session):
    with session.begin_nested():
        session.add(Ticket(holder="Fay"))
    session.rollback()


def own_transaction(session: Session):
    session.rollback()
    with session.begin():
        session.get(Gig, 1).sold = 3


def relationship_comparator(session: Session):
    return session.scalars(select(Gig.sold).where(Gig.tickets.any(Ticket.holder == "Ann"))).all()


def exists_over_secondary(session: Session):
    return session.scalars(select(Band.name).where(Band.gigs.any())).all()


def column_only(session: Session):
    ticket = session.get(Ticket, 1)
    return ticket.gig_id


def remove_from_collection(session: Session):
    band = session.get(Band, 1)
    band.riders.remove(band.riders[0])
    session.commit()


def assign_parent(session: Session):
    ticket = Ticket(holder="Gus")
    ticket.gig = session.get(Gig, 1)
    session.commit()


def stream(session: Session):
    for holder in session.execute(select(Ticket.holder)).scalars():
        holder.lower()


def filter_in_steps(session: Session):
    query = select(Gig.id)
    for name in ("Oak", "Elm"):
        query = query.where(Gig.bands.any(Band.name != name))
    query = query.order_by(Gig.id)
    return session.scalars(query).all()


def window(session: Session):
    rank = func.row_number().over(partition_by=Ticket.gig_id)
    return session.execute(select(Ticket.holder, rank)).all()


def dispatch(session: Session):
    tables = {"band": Band, "stage": Stage}
    return [session.scalars(select(model)).all() for model in tables.values()]
