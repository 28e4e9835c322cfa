"""A parameter is taken for a row of the model of its name, unless what is asked of it refutes that."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.db import models

class Status(models.Model):
    suite = models.TextField()

class ProjectStatus(models.Model):
    build = models.TextField()
    notified = models.BooleanField()

    def previous(self):
        ...
"""
USES = {
    "def run(status):\n    status.save()\n": {"shop_status"},
    "def run(status):\n    print(status.suite)\n    status.save()\n": {"shop_status"},
    "def run(status):\n    print(status.total)  # annotated, perhaps\n    status.save()\n": {"shop_status"},
    "def run(status):\n    print(status.previous())\n    status.save()\n": set(),
    "def run(status):\n    status.notified = True\n    status.save()\n": set(),
    "def run(note):\n    note.status.notified = True\n    note.status.save()\n": set(),
}


@pytest.mark.parametrize("code", USES)
def test_a_name_says_no_model_whose_rows_lack_what_is_asked_of_it(project: Any, code: str) -> None:
    files = {**settings("shop"), "shop/models.py": MODELS, "shop/run.py": code, "site_urls.py": ""}
    accesses = project(files).system.accesses
    assert {a.table for a in accesses if a.module == "shop.run" and a.operation == "write"} == USES[code]
