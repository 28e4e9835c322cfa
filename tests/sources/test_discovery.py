"""Which files belong to a monolith, under which names Python imports them, and what they are for."""

import os
import sys

import pytest

from strangler import pipeline
from strangler.limits import Limits
from strangler.sources import git, scan

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'


def names(tree):
    return {file.path: file.module for file in tree.files}


def codes(tree):
    return {(item.file, item.code) for item in tree.diagnostics}


LAYOUTS = {
    "a src layout": (
        {"pyproject.toml": "", "src/shop/__init__.py": "", "src/shop/orders.py": "from shop import x"},
        {"src/shop/__init__.py": "shop", "src/shop/orders.py": "shop.orders"},
    ),
    "applications beside manage.py": (
        {"manage.py": MANAGE.format("site.settings"), "site/__init__.py": "", "site/settings.py": "A = 1",
         "orders/__init__.py": "", "orders/models.py": ""},
        {"orders/models.py": "orders.models", "site/settings.py": "site.settings", "manage.py": "manage"},
    ),
    "a project below a directory": (
        {"backend/app/__init__.py": "", "backend/app/main.py": "from app import x", "hooks/post.py": ""},
        {"backend/app/main.py": "app.main", "hooks/post.py": "hooks.post"},
    ),
    "a sandbox that puts itself on the path": (
        {"src/shop/__init__.py": "", "sandbox/__init__.py": "", "sandbox/settings.py": "",
         "sandbox/manage.py": MANAGE.format("settings"), "sandbox/apps/__init__.py": "",
         "sandbox/apps/x.py": ""},
        {"sandbox/settings.py": "settings", "sandbox/apps/x.py": "apps.x", "sandbox/__init__.py": "sandbox"},
    ),
    "a manage.py of something else inside a package": (
        {"shop/__init__.py": "", "shop/manage.py": "from shop.users import x", "shop/users.py": ""},
        {"shop/manage.py": "shop.manage", "shop/users.py": "shop.users"},
    ),
    "directories without __init__.py inside a package": (
        {"shop/__init__.py": "", "shop/deep/er/x.py": ""},
        {"shop/deep/er/x.py": "shop.deep.er.x"},
    ),
    "a namespace package at the top, as the imports tell": (
        {"acme/billing/__init__.py": "", "acme/billing/a.py": "from acme.billing import b\n",
         "acme/billing/b.py": "import acme.users.c\n", "acme/users/__init__.py": "", "acme/users/c.py": ""},
        {"acme/billing/a.py": "acme.billing.a", "acme/users/c.py": "acme.users.c"},
    ),
    "a root without __init__.py, as the imports tell": (
        {"server/main.py": "from models import User\nimport routers.users\n", "server/models.py": "",
         "server/routers/users.py": "from models import User\n"},
        {"server/main.py": "main", "server/models.py": "models", "server/routers/users.py": "routers.users"},
    ),
    "several distributions in one repository": (
        {"services/orders/pyproject.toml": "", "services/orders/orders/__init__.py": "",
         "services/orders/orders/a.py": "from orders import b", "services/users/users/__init__.py": ""},
        {"services/orders/orders/a.py": "orders.a", "services/users/users/__init__.py": "users"},
    ),
    "a root that pyproject.toml names": (
        {"pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["code"]\n', "code/shop/x.py": ""},
        {"code/shop/x.py": "shop.x"},
    ),
    "a directory that manage.py puts on the path": (
        {"manage.py": 'sys.path.insert(0, os.path.join(BASE, "apps"))\n' + MANAGE.format("site.settings"),
         "site/__init__.py": "", "site/settings.py": "", "apps/__init__.py": "", "apps/users/__init__.py": "",
         "apps/users/models.py": ""},
        {"apps/users/models.py": "users.models", "site/settings.py": "site.settings"},
    ),
    "a directory that settings put on the path": (
        {"site/__init__.py": "", "site/settings.py": "sys.path.append(str(BASE_DIR / 'site' / 'apps'))\n",
         "site/apps/__init__.py": "", "site/apps/users/__init__.py": ""},
        {"site/apps/users/__init__.py": "users"},
    ),
    "a package that wsgi.py puts on the path, but that the code names": (
        {"manage.py": MANAGE.format("config.settings"), "config/__init__.py": "", "config/settings.py": "",
         "config/wsgi.py": 'sys.path.append(str(BASE_DIR / "shop"))\n', "shop/__init__.py": "",
         "shop/users/__init__.py": "", "shop/users/models.py": "from shop.users import roles\n",
         "shop/users/roles.py": "from shop.users.models import User\n"},
        {"shop/users/models.py": "shop.users.models", "config/settings.py": "config.settings"},
    ),
    "a package whose content is imported without it": (
        {"apps/__init__.py": "", "apps/users/__init__.py": "", "apps/users/models.py": "",
         "apps/shop/__init__.py": "", "apps/shop/models.py": "from users.models import User\n",
         "apps/shop/views.py": "from users.models import User\nfrom shop import models\n",
         "apps/shop/urls.py": "from shop import views\n"},
        {"apps/users/models.py": "users.models", "apps/shop/views.py": "shop.views"},
    ),
    "a package with a module that is called like a library": (
        {"shop/__init__.py": "", "shop/celery/__init__.py": "", "shop/celery/utils.py": "",
         "shop/app.py": "from celery.utils import x\nfrom shop.models import y\n",
         "shop/models.py": "from celery.utils import x\nimport shop.app\n"},
        {"shop/celery/utils.py": "shop.celery.utils", "shop/app.py": "shop.app"},
    ),
    "a package deep down that is called like a library": (
        {"shop/__init__.py": "", "shop/api/__init__.py": "", "shop/api/rest_framework/__init__.py": "",
         "shop/api/rest_framework/views.py": "from rest_framework.views import APIView\n",
         "shop/a.py": "from rest_framework.views import APIView\nfrom rest_framework import response\n",
         "shop/b.py": "from rest_framework.views import APIView\nfrom rest_framework import status\n",
         "shop/c.py": "from rest_framework.views import APIView\nfrom rest_framework import serializers\n",
         "shop/d.py": "from rest_framework.decorators import action\n"},
        {"shop/api/rest_framework/views.py": "shop.api.rest_framework.views", "shop/a.py": "shop.a"},
    ),
    "distributions whose setup.py names a namespace": (
        {"a/setup.py": "setup(packages=['harbour'])\n", "a/harbour/tides.py": "",
         "b/setup.py": "setup(packages=find_namespace_packages())\n", "b/harbour/berths/__init__.py": "",
         "c/setup.py": "setup(package_dir={'': 'lib'}, packages=find_packages('lib'))\n",
         "c/lib/piers/__init__.py": ""},
        {"a/harbour/tides.py": "harbour.tides", "b/harbour/berths/__init__.py": "harbour.berths",
         "c/lib/piers/__init__.py": "piers"},
    ),
    "tests without __init__.py": (
        {"shop/__init__.py": "", "tests/unit/__init__.py": "", "tests/unit/test_x.py": "",
         "tests/conftest.py": ""},
        {"tests/unit/test_x.py": "tests.unit.test_x", "tests/conftest.py": "tests.conftest"},
    ),
    "dots and dashes in file names": (
        {"shop/__init__.py": "", "shop/default.conf.py": "", "shop/my-script.py": ""},
        {"shop/default.conf.py": "shop.default_conf", "shop/my-script.py": "shop.my-script"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_module_names_are_those_that_python_imports(project, files, expected):
    found = names(scan(project(files)))
    assert {path: found.get(path) for path in expected} == expected


def test_the_caller_can_name_the_import_roots(project):
    root = project({"a/b/shop/x.py": ""})
    assert names(scan(root, roots=["a/b"])) == {"a/b/shop/x.py": "shop.x"}


def test_a_package_can_be_analysed_by_itself(project):
    root = project({"shop/__init__.py": "", "shop/orders/__init__.py": "", "shop/orders/models.py": ""})
    assert names(scan(root / "shop" / "orders"))["models.py"] == "shop.orders.models"


def test_packages_are_the_product_and_not_what_lies_beside_it(project):
    root = project(
        {
            "setup.py": "",
            "shop/__init__.py": "",
            "docs/conf.py": "",
            "tests/test_x.py": "",
            "scripts/x.py": "",
        }
    )
    assert scan(root).packages == ("shop",)


ROLES = {
    "shop/tests/test_x.py": ("", "test"),
    "shop/test_x.py": ("", "test"),
    "conftest.py": ("", "test"),
    "shop/contest.py": ("", "code"),
    "shop/migrations/0001_initial.py": ("class Migration: ...", "migration"),
    "shop/migrations/__init__.py": ("", "migration"),
    "alembic/env.py": ("", "code"),
    "alembic/versions/ab12cd34ef_add.py": ("revision = 1", "migration"),
    "transfers/migrations/service.py": ("def migrate(): ...", "code"),
    "project/settings.py": ("DEBUG = True\nINSTALLED_APPS = []\n", "settings"),
    "project/settings/base.py": ("DEBUG = True\n", "settings"),
    "accounts/settings/views.py": ("def view(request): ...\n", "code"),
    "shop/settings.py": ("@route\ndef show(): ...\n\n\ndef save(): ...\n", "code"),
    "manage.py": ("", "entry_point"),
    "project/wsgi.py": ("", "entry_point"),
    "shop/__main__.py": ("", "entry_point"),
    "shop/orders_pb2.py": ("", "generated"),
    "shop/schema.py": ("# This file was auto-generated, do not edit.\nx = 1\n", "generated"),
    "shop/vouchers.py": ('class Voucher:\n    """Perhaps auto-generated."""\n', "code"),
    "shop/utils/migrations/__init__.py": ("def upgrade(): ...\n", "code"),
    "shop/http/wsgi.py": ("class Router: ...\n", "code"),
    "shop/config.py": ("class Config(object):\n    SECRET_KEY = 1\n", "settings"),
    "shop/config_flow.py": ("LIMIT = 1\nSIZE = 2\n\n\nclass Flow(Config): ...\n", "code"),
    "shop/core/config.py": (
        "class Settings(BaseSettings):\n    url: str = ''\n    debug: bool = False\n",
        "settings",
    ),
    "shop/mail/config.py": ("LIMIT = 1\n\n\nclass MailConfigForm(Form): ...\n", "code"),
    "shop/generator.py": ('x = "do not edit"\n', "code"),
    "shop/_vendor/six.py": ("", "vendored"),
    "vendor/lib/six.py": ("", "vendored"),
    "market/vendors/models.py": ("", "code"),
}

USED = {
    "a module that the product imports": (
        {"lab/__init__.py": "", "lab/app.py": "from .blood_test import BloodTest\n", "lab/blood_test.py": "",
         "lab/test_app.py": "from lab.app import x\n"},
        {"lab/blood_test.py": "code", "lab/test_app.py": "test"},
    ),
    "what that module imports": (
        {"lab/app.py": "import lab.ab_test\n",
         "lab/ab_test.py": "from lab import (\n    x,  # first\n    load_test,\n)\n",
         "lab/load_test.py": "", "lab/unit_test.py": ""},
        {"lab/ab_test.py": "code", "lab/load_test.py": "code", "lab/unit_test.py": "test"},
    ),
    "a package, its other modules and not its tests": (
        {"bench/urls.py": "from bench.test.api import add\n", "bench/test/api.py": "",
         "bench/test/models.py": "",
         "bench/test/tests/test_api.py": "", "tests/test_runs.py": "from bench.test.api import add\n"},
        {"bench/test/api.py": "code", "bench/test/models.py": "code", "bench/test/tests/test_api.py": "test",
         "tests/test_runs.py": "test"},
    ),
    "an installed app": (
        {"lab/settings.py": "INSTALLED_APPS = [\n    'test_orders',\n]\n", "test_orders/__init__.py": "",
         "test_orders/models.py": "", "test_orders/tests.py": ""},
        {"test_orders/models.py": "code", "test_orders/tests.py": "test"},
    ),
    "an included URLconf": (
        {"lab/urls.py": "urlpatterns = [path('x/', include('lab.views.test_results'))]\n",
         "lab/views/test_results.py": ""},
        {"lab/views/test_results.py": "code"},
    ),
    "helpers of real tests that the product reaches for": (
        {"shop/app.py": "from shop.tests.factories import make\n", "shop/tests/factories.py": "",
         "shop/tests/base.py": "", "shop/tests/test_x.py": ""},
        {"shop/tests/factories.py": "code", "shop/tests/base.py": "test", "shop/tests/test_x.py": "test"},
    ),
    "what only runs the tests": (
        {"runtests.py": "import tests.settings\n", "scripts/x.py": "import tests.settings\n",
         "noxfile.py": "import tests.settings\n", "tests/settings.py": "INSTALLED_APPS = ['tests.app']\n",
         "tests/app/models.py": ""},
        {"tests/settings.py": "test", "tests/app/models.py": "test"},
    ),
    "an argument that is called test": (
        {"shop/settings.py": "INSTALLED_APPS = []\nif 'test' in sys.argv: DEBUG = True\n",
         "test/__init__.py": ""},
        {"test/__init__.py": "test"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "roles"), USED.values(), ids=USED.keys())
def test_what_the_product_uses_is_no_test_whatever_its_name(project, files, roles):
    found = {file.path: file.role for file in scan(project(files)).files}
    assert {path: found[path] for path in roles} == roles


TESTING = {
    "a package of tests that a script imports": (
        {"fill.py": "import tests\nfrom tests.base import make\nfrom tests.data import rows\n",
         "tests/__init__.py": "import unittest\nfrom tests import rows\n", "tests/rows.py": "",
         "tests/base.py": "from tests import Case\n", "tests/data.py": ""},
        {"tests/__init__.py": "test", "tests/rows.py": "test", "tests/base.py": "test",
         "tests/data.py": "code"},
    ),
    "tests that the package around them imports": (
        {"shop/__init__.py": "from . import tests, views\n", "shop/views.py": "",
         "shop/tests.py": "from django.test import TestCase\n"},
        {"shop/tests.py": "test", "shop/views.py": "code"},
    ),
    "tests of a base class that the product offers to others": (
        {"shop/__init__.py": "from .orders import tests\nfrom . import test_base\n",
         "shop/test_base.py": "from unittest.mock import Mock\n",
         "shop/orders/tests.py": "from shop.test_base import Case\n"},
        {"shop/test_base.py": "test", "shop/orders/tests.py": "test"},
    ),
    "the package of a test that the product imports": (
        {"shop/app.py": "from tests.parts.mail import Outbox\n", "tests/__init__.py": "",
         "tests/parts/__init__.py": "", "tests/parts/mail.py": "import pytest\n"},
        {"tests/__init__.py": "test", "tests/parts/__init__.py": "test", "tests/parts/mail.py": "test"},
    ),
    "tests of commands, and a command that is called like one": (
        {"shop/management/commands/send_test.py": "from django.core.management import BaseCommand\n",
         "shop/management/commands/test_send.py": "import pytest\n"},
        {"shop/management/commands/send_test.py": "code", "shop/management/commands/test_send.py": "test"},
    ),
    "what supports tests, in a directory of its own": (
        {"shop/testing/__init__.py": "", "shop/testing/fixtures.py": "import pytest\n",
         "shop/testing/database.py": "", "shop/app.py": "", "unittests/__init__.py": "",
         "unittests/case.py": "from django.test import TestCase\n"},
        {"shop/testing/__init__.py": "test", "shop/testing/fixtures.py": "test",
         "shop/testing/database.py": "test", "unittests/__init__.py": "test", "unittests/case.py": "test"},
    ),
    "what the product uses of such a directory": (
        {"shop/app.py": "from shop.testing import clock\n", "shop/testing/__init__.py": "",
         "shop/testing/clock.py": "", "shop/testing/zones.py": "",
         "shop/testing/fixtures.py": "import pytest\n"},
        {"shop/testing/clock.py": "code", "shop/testing/zones.py": "code",
         "shop/testing/fixtures.py": "test"},
    ),
    "a domain that is called so, with tests of its own": (
        {"lab/testing/models.py": "", "lab/testing/tests.py": "import unittest\n",
         "lab/testing/tests/base.py": "import unittest\n"},
        {"lab/testing/models.py": "code", "lab/testing/tests.py": "test",
         "lab/testing/tests/base.py": "test"},
    ),
    "a product that borrows from a framework for tests": (
        {"shop/app.py": "from shop import test_mail\n",
         "shop/test_mail.py": "from django.test import RequestFactory\n"},
        {"shop/test_mail.py": "code"},
    ),
    "a module of the product that is called like a framework": (
        {"lab/app.py": "import load_test\n", "mock.py": "",
         "load_test.py": "from mock import Mock\n\ntest = Mock()\n",
         "shop/views.py": "from shop.lab_test import Run\n", "shop/models.py": "class TestCase: ...\n",
         "shop/lab_test.py": "from shop.models import TestCase\n"},
        {"load_test.py": "code", "shop/lab_test.py": "code"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "roles"), TESTING.values(), ids=TESTING.keys())
def test_what_imports_a_framework_for_tests_is_a_test_whoever_uses_it(project, files, roles):
    found = {file.path: file.role for file in scan(project(files)).files}
    assert {path: found[path] for path in roles} == roles


def test_the_caller_corrects_roles(project):
    tree = scan(
        project({"lab/test/a.py": "import lab.x_test\n", "lab/x_test.py": "", "lab/old.py": ""}),
        roles={"lab/test/*": "code", "lab/old.py": "vendored"},
    )
    assert {file.path: file.role for file in tree.files} == {
        "lab/test/a.py": "code",
        "lab/x_test.py": "code",
        "lab/old.py": "vendored",
    }


@pytest.mark.parametrize(("path", "text", "role"), [(p, *v) for p, v in ROLES.items()], ids=ROLES.keys())
def test_roles(project, path, text, role):
    tree = scan(project({path: text}))
    assert {file.path: file.role for file in tree.files} == {path: role}


def test_environments_caches_and_hidden_directories_are_skipped(project):
    root = project(
        {
            "shop/a.py": "",
            "env/pyvenv.cfg": "",
            "env/lib/b.py": "",
            "node_modules/x/c.py": "",
            ".hidden/d.py": "",
            "shop/__pycache__/e.py": "",
        }
    )
    assert set(names(scan(root))) == {"shop/a.py"}


def test_excluded_patterns_are_left_out(project):
    root = project({"shop/a.py": "", "shop/legacy/b.py": "", "tools/c.py": ""})
    assert set(names(scan(root, exclude=["*/legacy", "tools/*.py"]))) == {"shop/a.py"}


def test_a_loop_of_links_ends_and_a_linked_directory_is_read_once(project):
    root = project({"shop/__init__.py": "", "shop/a.py": ""})
    (root / "shop" / "again").symlink_to(root / "shop")
    (root / "shop" / "self").symlink_to("self")
    assert set(names(scan(root))) == {"shop/__init__.py", "shop/a.py"}


def test_links_out_of_the_tree_are_named_and_not_followed(project):
    outside = project({"secret.py": "PASSWORD = 1", "dir/x.py": ""}, "outside")
    root = project({"shop/a.py": ""})
    (root / "shop" / "secret.py").symlink_to(outside / "secret.py")
    (root / "shop" / "dir").symlink_to(outside / "dir")
    tree = scan(root)
    assert set(names(tree)) == {"shop/a.py"}
    assert codes(tree) == {("shop/secret.py", "link"), ("shop/dir", "link")}
    with pytest.raises(OSError, match=r"symbolic|link"):
        tree.read("shop/secret.py")


def test_a_link_to_a_file_of_the_tree_is_a_module_of_its_own(project):
    root = project({"a/__init__.py": "", "a/x.py": "X = 1"})
    (root / "a" / "y.py").symlink_to("x.py")
    tree = scan(root)
    assert names(tree)["a/y.py"] == "a.y"
    assert tree.read("a/y.py") == b"X = 1"


def test_pipes_do_not_make_it_wait(project):
    root = project({"shop/a.py": ""})
    for name in ("pyproject.toml", "setup.cfg", "manage.py", ".git", "shop/pipe.py"):
        os.mkfifo(root / name)
    tree = scan(root)
    assert set(names(tree)) == {"shop/a.py"}
    assert codes(tree) == {("manage.py", "unreadable"), ("shop/pipe.py", "unreadable")}
    assert tree.read_text("pyproject.toml") == ""
    assert git.revision(root) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_file_name_that_is_no_text_becomes_a_diagnostic(project):
    root = project({"shop/a.py": ""})
    with open(os.fsencode(root) + b"/shop/caf\xe9.py", "wb"):  # noqa: PTH123
        pass
    tree = scan(root)
    assert set(names(tree)) == {"shop/a.py"}
    assert [item.code for item in tree.diagnostics] == ["file-name"]
    assert tree.diagnostics[0].file.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="refuses such names")
@pytest.mark.parametrize("name", ["a\nb.py", "a\x1b[31m.py", "a\r.py", "é\n.py"])
def test_a_file_name_of_several_lines_is_told_on_one(project, name):
    root = project({"shop/a.py": ""})
    (root / "shop" / name).write_text("x = 1\n")
    tree = scan(root)
    assert set(names(tree)) == {"shop/a.py"}
    (remark,) = tree.diagnostics
    assert (remark.code, remark.file.isprintable()) == ("file-name", True)
    assert "control characters" in remark.message


def test_a_file_over_the_limit_is_named_and_left_out(project):
    tree = scan(project({"shop/a.py": "", "shop/big.py": "x = 1\n" * 100}), limits=Limits(file_bytes=500))
    assert set(names(tree)) == {"shop/a.py"}
    assert codes(tree) == {("shop/big.py", "too-large")}


def test_texts_over_the_limit_are_named_and_left_out(project):
    more = {
        "shop/templates/a.html": "x" * 600,
        "shop/templates/b.html": "x",
        "shop/locale/de/LC_MESSAGES/django.po": "x" * 600,
        "requirements.txt": "x\n" * 300,
        ".gitmodules": "x" * 1_000_001,
    }
    tree = scan(project({"shop/a.py": "", **more}), limits=Limits(file_bytes=500))
    assert codes(tree) == {
        ("shop/templates/a.html", "text-too-large"),
        ("shop/locale/de/LC_MESSAGES/django.po", "text-too-large"),
        ("requirements.txt", "text-too-large"),
        (".gitmodules", "too-large"),
    }
    assert tree.templates == ("shop/templates/b.html",)


def test_a_link_to_a_large_file_of_the_tree_is_not_read(project):
    root = project({"shop/a.py": ""})
    with (root / "data.bin").open("wb") as file:
        file.truncate(1 << 40)  # a sparse file: to read it would end the run
    (root / "shop" / "link.py").symlink_to("../data.bin")
    assert codes(scan(root)) == {("shop/link.py", "too-large")}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_a_pipe_among_the_files_of_rows_does_not_make_the_run_wait(project):
    root = project({"shop/a.py": "", "shop/fixtures/a.json": "[]"})
    os.mkfifo(root / "shop" / "fixtures" / "b.json")
    assert pipeline.read(scan(root), jobs=1, cached=False).factories == ()


def test_a_package_wins_over_the_module_of_its_name(project):
    tree = scan(project({"shop/__init__.py": "", "shop/x.py": "", "shop/x/__init__.py": ""}))
    assert {file.module: file.path for file in tree.files}["shop.x"] == "shop/x/__init__.py"
    assert codes(tree) == {("shop/x.py", "duplicate-module")}


TWO_SERVICES = {
    f"{root}/app/{path}": text
    for root in ("one", "services/two")
    for path, text in {"__init__.py": "", "main.py": "import app.main\n", "orders.py": ""}.items()
}


def test_two_roots_with_one_name_keep_all_their_files(project):
    tree = scan(project({**TWO_SERVICES, "services/two/app/extra.py": ""}))
    assert names(tree)["one/app/main.py"] == "app.main"
    second = {path: module for path, module in names(tree).items() if path.startswith("services")}
    assert second == {
        f"services/two/app/{name}.py": f"services.two.app.{name}".removesuffix(".__init__")
        for name in ("__init__", "main", "orders", "extra")
    }
    assert len(codes(tree)) == 1


def test_a_package_spread_over_two_roots_keeps_its_names(project):
    root = project(
        {
            "one/pyproject.toml": "",
            "one/acme/__init__.py": "",
            "one/acme/orders.py": "import acme.orders",
            "two/acme/__init__.py": "",
            "two/acme/users.py": "import acme.users",
        }
    )
    found = names(scan(root))
    assert found["one/acme/orders.py"] == "acme.orders"
    assert found["two/acme/users.py"] == "acme.users"


def test_module_names_are_unique_and_the_result_does_not_depend_on_the_order_of_creation(project):
    files = {f"pkg{i % 3}/m{i}.py": f"import pkg{(i + 1) % 3}.m{i + 1}\n" for i in range(12)}
    first = scan(project(files, "first"))
    second = scan(project(dict(reversed(files.items())), "second"))
    assert first.files == second.files
    assert len({file.module for file in first.files}) == len(first.files)


def test_the_digest_follows_contents_and_names(project):
    root = project({"shop/a.py": "x = 1\n", "shop/templates/t.html": "hello"})
    before = scan(root).digest
    assert scan(root).digest == before
    (root / "shop/templates/t.html").write_text("changed")
    template_changed = scan(root).digest
    (root / "shop/a.py").write_text("x = 2\n")
    assert len({before, template_changed, scan(root).digest}) == 3


def test_templates_and_project_files_are_at_hand(project):
    tree = scan(
        project({"shop/templates/shop/a.html": "{{ x }}", "pyproject.toml": "", "a.py": "", "b.html": ""})
    )
    assert tree.templates == ("shop/templates/shop/a.html",)
    assert tree.configuration == ("pyproject.toml",)
    assert tree.read_text("shop/templates/shop/a.html") == "{{ x }}"


def test_the_name_is_the_distribution_s_and_not_the_directory_s(project):
    assert scan(project({"pyproject.toml": '[project]\nname = "shop"\n'})).name == "shop"
