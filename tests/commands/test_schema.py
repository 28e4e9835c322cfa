"""model.json keeps to the schema that ships in the package."""

import json
import subprocess
import sys

import jsonschema
import pytest

from strangler import schema
from strangler.schema.generate import generate

# What readers of model.json may rely on: these stay required in every version 1.x.
REQUIRED = {
    "Model": "schema_version generator monolith modules imports tables accesses transactions endpoints tasks "
    "signals commands changes contexts crossings diagnostics",
    "Generator": "name version",
    "Monolith": "name packages revision frameworks",
    "Module": "name path lines",
    "Import": "importer imported line kind",
    "Table": "name model path line foreign_keys",
    "ForeignKey": "column table",
    "Access": "module function table operation line via certainty",
    "Transaction": "module function line tables_written",
    "Endpoint": "framework path pattern methods handler file line",
    "Task": "framework name handler line",
    "Signal": "signal sender receiver line",
    "Command": "name handler",
    "Changes": "commits since until pairs",
    "ChangePair": "a b support confidence",
    "BoundedContext": "name modules tables confidence metrics",
    "Crossing": "from to kind evidence",
    "Evidence": "file line",
    "Diagnostic": "file line code severity message",
}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    document = json.loads(schema.text())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def test_the_shipped_schema_is_that_of_the_model():
    assert schema.text() == generate(), "run: python3 dev.py schema"


def test_fields_that_readers_rely_on_stay_required():
    definitions = json.loads(schema.text())["$defs"]
    for name, fields in REQUIRED.items():
        assert set(fields.split()) <= set(definitions[name]["required"]), name


def test_the_model_of_a_tree_is_valid(cli, tree, validator):
    root = tree(
        {
            "shop/__init__.py": "",
            "shop/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n    "
            "customer = models.ForeignKey('Customer', on_delete=models.CASCADE)\n\n\n"
            "class Customer(models.Model):\n    name = models.CharField(max_length=9)\n",
            "shop/views.py": "from shop.models import Order\n\n\ndef orders(request):\n    "
            "return Order.objects.filter(customer__name='x')\n",
            "shop/urls.py": "from django.urls import path\nfrom shop import views\n\n"
            "urlpatterns = [path('orders/', views.orders)]\n",
            "shop/bad.py": "def broken(:\n",
        }
    )
    subprocess.run(["git", "init", "-q", root], check=True)
    done = cli("analyze", root, "--format", "json")
    assert list(validator.iter_errors(json.loads(done.stdout))) == []


def test_a_document_of_another_version_is_invalid(cli, shop, validator):
    document = json.loads(cli("analyze", shop, "--format", "json").stdout)
    document["schema_version"] = 2
    assert list(validator.iter_errors(document))


def test_start_up_imports_nothing_heavy():
    code = "import sys, strangler.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "networkx",
        "libcst",
        "jinja2",
        "sqlglot",
        "grimp",
        "numpy",
        "rich.console",
        "sqlite3",
        "asyncio",
    }
    assert not heavy & set(done.stdout.split())
