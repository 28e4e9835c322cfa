"""How sure an access is: every one passes through the same door, whichever way the code takes to it."""

from __future__ import annotations

import pytest

MODELS = """
from django.db import models

class A(models.Model):
    class Meta: app_label = "shop"

class B(models.Model):
    class Meta: app_label = "shop"

class C(models.Model):
    a = models.ForeignKey(A, on_delete=models.CASCADE)
    class Meta: app_label = "shop"

class Repository:
    def __init__(self, model):
        self.model = model

    def all(self):
        return self.model.objects.all()

KINDS = {"a": A, "b": B}
"""


def found(project, body: str) -> set[str]:
    """``line operation table certainty`` of the accesses of the function ``run``; line 1 is its first."""
    text = MODELS + "\ndef run(kind, chosen):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    first = MODELS.count("\n") + 2
    system = project({"shop/__init__.py": "", "shop/models.py": text}).system
    return {
        f"{a.line - first} {a.operation} {a.table} {a.certainty}"
        for a in system.accesses
        if a.function == "run"
    }


@pytest.mark.parametrize(
    "body",
    [
        "list((A if kind else B).objects.filter(pk=1))",
        "(A if kind else B).objects.get(pk=1)",
        "KINDS[kind].objects.get(pk=1)",
        "KINDS.get(kind).objects.first()",
        "for row in KINDS[kind].objects.all(): print(row)",
        "if KINDS[kind].objects.filter(pk=1): pass",
        "return KINDS[kind].objects.filter(pk=1)",
        "return [row for row in (A if kind else B).objects.all()]",
    ],
)
def test_a_query_of_one_of_several_models_possibly_reads_each(project, body):
    assert found(project, body) == {"1 read shop_a possible", "1 read shop_b possible"}


def test_a_query_kept_in_a_variable_is_as_doubtful_where_it_is_built_as_where_it_is_run(project):
    rows = found(project, "model = A if kind else B\nquery = model.objects.all()\nprint(list(query))")
    assert rows == {"2 read shop_a possible", "2 read shop_b possible"}


def test_a_write_to_one_of_several_models_is_possible(project):
    assert found(project, "KINDS[kind].objects.create()") == {
        "1 write shop_a possible",
        "1 write shop_b possible",
    }


def test_what_every_alternative_touches_is_certain(project):
    rows = found(
        project, "query = C.objects.filter(pk=1) if kind else C.objects.filter(a__pk=2, a__id=1)\nlist(query)"
    )
    assert "1 read shop_c certain" in rows


def test_a_condition_that_only_one_way_adds_is_certain_at_its_own_line(project):
    rows = found(
        project,
        "query = C.objects.all()\nif chosen:\n    query = query.filter(a__id__gt=1, a__c=2)\nlist(query)",
    )
    assert rows == {"1 read shop_c certain", "3 read shop_a certain", "3 read shop_c certain"}


def test_what_a_called_function_does_for_certain_stays_certain_there(project):
    text = (
        MODELS
        + """
def of_a():
    return list(A.objects.all())

def of_b():
    return list(B.objects.all())

def run(kind):
    (of_a if kind else of_b)()
"""
    )
    system = project({"shop/__init__.py": "", "shop/models.py": text}).system
    assert {(a.function, a.table, a.certainty) for a in system.accesses} == {
        ("of_a", "shop_a", "certain"),
        ("of_b", "shop_b", "certain"),
    }


def test_a_templates_reads_are_inferred_and_said_to_be_the_templates(project):
    files = {
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/templates/page.html": "{% for c in rows %}{{ c.a.pk }}{{ c.a.b }}{% endfor %}",
        "shop/views.py": """
            from django.shortcuts import render
            from shop.models import C

            def page(request):
                return render(request, "page.html", {"rows": C.objects.all()})
            """,
    }
    rows = {(a.table, a.via, a.certainty) for a in project(files).system.accesses if a.function == "page"}
    assert ("shop_a", "template", "inferred") in rows
    assert {certainty for _, _, certainty in rows} == {"inferred"}


def test_what_a_function_does_for_some_of_its_callers_only_is_inferred(project):
    """What its line does for all of them is certain, what it does for one of them is not."""
    text = MODELS + (
        "\ndef newest(model):\n"
        "    C.objects.first()\n"
        "    return model.objects.latest('pk')\n\n\n"
        "def of_a():\n    return newest(A)\n\n\n"
        "def of_b():\n    return newest(B)\n"
    )
    system = project({"shop/__init__.py": "", "shop/models.py": text}).system
    rows = {(a.table, a.certainty) for a in system.accesses if a.function == "newest"}
    assert rows == {("shop_c", "certain"), ("shop_a", "inferred"), ("shop_b", "inferred")}
