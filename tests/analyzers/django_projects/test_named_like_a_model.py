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


FORMS = """
from django import forms
from django.db import models

class Form(models.Model):
    title = models.TextField()

class Letter(models.Model):
    text = models.TextField()

class LetterForm(forms.ModelForm):
    class Meta:
        model = Letter
        fields = ["text"]

class SearchForm(forms.Form):
    def save(self):
        return None
"""
GIVEN = {
    "class View(edit.FormView):\n    form_class = SearchForm\n"
    "    def form_valid(self, form):\n        form.save()\n": set(),
    "class View(edit.FormView):\n    form_class = LetterForm\n"
    "    def form_valid(self, form):\n        form.save()\n": {"shop_letter"},
    "class View(auth.PasswordResetConfirmView):\n"
    "    def form_valid(self, form):\n        form.save()\n": set(),
    "class View(edit.FormView):\n    def post(self, request):\n        self.form.save()\n": set(),
    "class Adapter(somewhere.adapter.Adapter):\n"
    "    def save_user(self, request, form):\n        form.save()\n": set(),
    "class Letters:\n    def send(self, form):\n        form.save()\n": {"shop_form"},
    "class View(edit.FormView):\n    def form_valid(self, form: Form):\n        form.save()\n": {"shop_form"},
}


@pytest.mark.parametrize("code", GIVEN)
def test_the_form_that_a_framework_hands_over_is_no_row_of_a_model_called_form(
    project: Any, code: str
) -> None:
    imports = (
        "import somewhere.adapter\nfrom django.contrib.auth import views as auth\n"
        "from django.views.generic import edit\nfrom shop.models import Form, LetterForm, SearchForm\n\n"
    )
    files = {
        **settings("shop"),
        "shop/models.py": FORMS,
        "shop/views.py": imports + code,
        "site_urls.py": "import shop.views\nurlpatterns = []\n",
    }
    accesses = project(files).system.accesses
    assert {a.table for a in accesses if a.module == "shop.views" and a.operation == "write"} == GIVEN[code]
