"""Code that touches tables which only the run decides. Nothing here calls these functions."""

from django.apps import apps
from django.db import connection


def table_from_argument(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        return cursor.fetchone()


def statement_from_argument(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def model_from_argument(label):
    return apps.get_model(label).objects.count()


def table_from_row(kind):
    names = {row[0] for row in kind}
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute("DELETE FROM " + name)
