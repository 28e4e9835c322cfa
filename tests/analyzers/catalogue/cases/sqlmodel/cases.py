"""Ways in which SQLModel code touches tables. Every public function is a case and gets a session."""

from sqlmodel import Session, SQLModel, col, delete, func, select, update
from weather.models import Reading, Region, Station, StationIn


def _prepare(session: Session):
    SQLModel.metadata.create_all(session.connection())
    station = Station(name="Peak", region=Region(name="Alps"), readings=[Reading(degrees=1.5)])
    session.add(station)
    session.commit()


def exec_select(session: Session):
    return session.exec(select(Station).where(Station.height == 0)).all()


def exec_join(session: Session):
    return session.exec(select(Reading, Station).join(Station)).all()


def get_and_follow(session: Session):
    reading = session.get(Reading, 1)
    return reading.station.region.name


def aggregate(session: Session):
    return session.exec(select(func.avg(Reading.degrees))).one()


def validated_and_added(session: Session):
    data = StationIn(name="Lake")
    session.add(Station.model_validate(data))
    session.commit()


def changed_from_dict(session: Session):
    region = session.get(Region, 1)
    region.sqlmodel_update({"name": "The Alps"})
    session.add(region)
    session.commit()


def deleted_with_children(session: Session):
    station = session.exec(select(Station)).one()
    session.delete(station)
    session.commit()


def bulk_statements(session: Session):
    session.exec(update(Reading).where(col(Reading.degrees) > 40).values(degrees=40))
    session.exec(delete(Region).where(col(Region.name) == "Nowhere"))


def related_appended(session: Session):
    region = session.get(Region, 1)
    region.stations.append(Station(name="Valley"))
    session.commit()


def one_or_none(session: Session):
    return session.exec(select(Region.name).where(Region.id == 7)).one_or_none()


def filter_over_relationship(session: Session):
    return session.exec(select(Station.name).where(Station.region.has(Region.name == "Alps"))).all()


def _latest(session: Session, station: Station) -> Reading | None:
    return session.exec(select(Reading).where(Reading.station_id == station.id)).first()


def through_helper(session: Session):
    return [_latest(session, station) for station in session.exec(select(Station))]
