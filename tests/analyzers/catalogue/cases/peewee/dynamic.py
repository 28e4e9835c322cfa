"""Code that touches tables which only the run decides. Nothing here calls these functions."""

from kitchen.models import db


def statement_from_argument(sql):
    return db.execute_sql(sql).fetchall()


def table_from_argument(name):
    return db.execute_sql(f"SELECT COUNT(*) FROM {name}").fetchone()
