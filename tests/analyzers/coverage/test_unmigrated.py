"""A model without a migration is doubted where the migrations make the tables of all the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import load

COUNT = 12
CREATE = (
    "        migrations.CreateModel(name='Boat{n}', fields=[('id', models.AutoField(primary_key=True))]),\n"
)


def django(made: int, more: str = "") -> dict[str, str]:
    models = "".join(f"class Boat{n}(models.Model):\n    name = models.TextField()\n" for n in range(COUNT))
    operations = "".join(CREATE.format(n=n) for n in range(made))
    return {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n",
        "site1/__init__.py": "",
        "site1/settings.py": "INSTALLED_APPS = ['fleet', 'club']\n",
        "fleet/__init__.py": "",
        "fleet/models.py": f"from django.db import models\n{models}",
        "fleet/migrations/__init__.py": "",
        "fleet/migrations/0001_initial.py": (
            "from django.db import migrations, models\nclass Migration(migrations.Migration):\n"
            f"    operations = [\n{operations}    ]\n{more}"
        ),
        "club/__init__.py": "",
        "club/models.py": "from django.db import models\nclass Member(models.Model):\n    pass\n",
    }


def alembic(made: int, more: str = "") -> dict[str, str]:
    models = "".join(
        f"class Boat{n}(Base):\n    __tablename__ = 'boat{n}'\n    id = Column(Integer, primary_key=True)\n"
        for n in range(COUNT)
    )
    calls = "".join(f"    op.create_table('boat{n}', sa.Column('id', sa.Integer()))\n" for n in range(made))
    return {
        "fleet/__init__.py": "",
        "fleet/models.py": (
            "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
            f"Base = declarative_base()\n{models}"
        ),
        "alembic/env.py": "from alembic import context\nfrom fleet.models import Base\n",
        "alembic/versions/0001_first.py": (
            "import sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\n"
            f"def upgrade():\n{calls}{more}\ndef downgrade():\n    pass\n"
        ),
    }


def doubted(root: Path, files: dict[str, str]) -> list[tuple[str, int]]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    system = pipeline.read(pipeline.scan(root, load(root, [])), jobs=1, cached=False)
    found = [d for d in system.diagnostics if d.code == "doubtful-table"]
    assert all("no migration makes the table" in d.message for d in found)
    return [(d.file, d.line) for d in found]


@pytest.mark.parametrize("code", [django, alembic])
def test_the_one_model_that_no_migration_makes_is_told(tmp_path: Path, code) -> None:  # type: ignore[no-untyped-def]
    line = {django: 2 * COUNT, alembic: 3 * COUNT + 1}[code]
    assert doubted(tmp_path, code(COUNT - 1)) == [("fleet/models.py", line)]


@pytest.mark.parametrize("code", [django, alembic])
def test_where_all_have_one_nothing_is_told(tmp_path: Path, code) -> None:  # type: ignore[no-untyped-def]
    assert doubted(tmp_path, code(COUNT)) == []


@pytest.mark.parametrize("code", [django, alembic])
def test_where_several_have_none_migrations_are_not_what_makes_tables(tmp_path: Path, code) -> None:  # type: ignore[no-untyped-def]
    assert doubted(tmp_path, code(COUNT - 2)) == []


@pytest.mark.parametrize(
    "more",
    [
        "    for name in ('a', 'b'):\n        op.create_table(name, sa.Column('id', sa.Integer()))\n",
        "    statement = open('first.sql').read()\n    op.execute(statement)\n",
        "    Base.metadata.create_all(op.get_bind())\n",
        "    op.execute('CREATE TABLE boat11 (id int)')\n",
    ],
)
def test_where_a_migration_is_not_understood_or_sql_makes_it_nothing_is_told(
    tmp_path: Path, more: str
) -> None:
    assert doubted(tmp_path, alembic(COUNT - 1, more)) == []


def test_a_renamed_model_has_its_table(tmp_path: Path) -> None:
    old = "migrations.CreateModel(name='Old', fields=[]),\nmigrations.RenameModel('Old', 'Boat11'),\n"
    files = django(COUNT - 1)
    path = "fleet/migrations/0001_initial.py"
    files[path] = files[path].replace("    ]\n", f"{old}    ]\n")
    assert doubted(tmp_path, files) == []


def test_a_migration_with_a_name_that_cannot_be_told_leaves_all_open(tmp_path: Path) -> None:
    files = django(COUNT - 1)
    path = "fleet/migrations/0001_initial.py"
    files[path] = files[path].replace(
        "    ]\n", "        migrations.CreateModel(name=NAME, fields=[]),\n    ]\n"
    )
    assert doubted(tmp_path, files) == []


def test_an_app_without_migrations_is_left_alone(tmp_path: Path) -> None:
    assert ("club/models.py", 2) not in doubted(tmp_path, django(COUNT))
