"""Tables and columns of Django itself and of libraries, as Django declares them."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from model_utils.models import TimeStampedModel, UUIDModel

class Person(AbstractUser):
    age = models.IntegerField()

class Note(UUIDModel, TimeStampedModel):
    kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
"""


def columns(table: Any) -> dict[str, bool]:
    return {column.name: column.primary_key for column in table.columns}


@pytest.fixture
def made(project: Any) -> Any:
    user = 'AUTH_USER_MODEL = "shop.Person"\n'
    urls = "urlpatterns = []\n"
    return project({**settings("shop", extra=user), "shop/models.py": MODELS, "site_urls.py": urls}).system


def test_tables_of_django_have_their_columns_and_keys_and_are_none_of_the_monoliths(made: Any) -> None:
    known = {table.name: table for table in made.platform_tables}
    assert columns(known["django_content_type"]) == {"id": True, "app_label": False, "model": False}
    assert {"auth_group", "auth_permission", "django_session"} <= known.keys()
    assert "django_content_type" not in {table.name for table in made.tables}
    (key,) = known["auth_permission"].foreign_keys
    assert (key.column, key.table) == ("content_type_id", "django_content_type")


def test_columns_of_librarys_bases_are_the_models_own(made: Any) -> None:
    known = {table.name: columns(table) for table in made.tables}
    assert known["shop_person"] == {
        "id": True, "age": False, "password": False, "last_login": False, "is_superuser": False,
        "username": False, "first_name": False, "last_name": False, "email": False, "is_staff": False,
        "is_active": False, "date_joined": False,
    }  # fmt: skip
    assert known["shop_note"] == {"id": True, "created": False, "modified": False, "kind_id": False}
