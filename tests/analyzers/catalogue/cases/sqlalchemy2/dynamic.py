"""Code that touches tables which only the run decides. Nothing here calls these functions."""

from sqlalchemy import MetaData, Table, select, text
from sqlalchemy.orm import Session


def statement_from_argument(session: Session, sql: str):
    session.execute(text(sql))


def table_from_argument(session: Session, name: str):
    session.execute(text(f"SELECT COUNT(*) FROM {name}"))


def model_from_argument(session: Session, model):
    return session.scalars(select(model)).all()


def reflected(session: Session, name: str):
    table = Table(name, MetaData(), autoload_with=session.connection())
    return session.execute(select(table)).all()
