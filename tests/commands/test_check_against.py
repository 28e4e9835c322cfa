"""`strangler check --against REVISION`: what a branch adds, without a baseline; moved code adds nothing."""

from __future__ import annotations

import pytest
from helpers.repository import GitRepository

MODELS = "from django.db import models\n\n\nclass {}(models.Model):\n    name = models.TextField()\n"
VIEWS = "from shop.{0}.models import {1}\n\n\ndef all(request):\n    return {1}.objects.all()\n"
SERVICES = (
    "from shop.billing.models import Invoice\n\n\ndef place(order):\n    Invoice.objects.create(name=order)\n"
)


@pytest.fixture
def shop(tmp_path):
    """A repository with a crossing on main, and a branch."""
    repository = GitRepository(tmp_path / "shop")
    files = {"manage.py": "", "shop/__init__.py": ""}
    for app, model in (("orders", "Order"), ("billing", "Invoice"), ("stock", "Item")):
        files |= {f"shop/{app}/__init__.py": "", f"shop/{app}/models.py": MODELS.format(model)}
        files |= {f"shop/{app}/views.py": VIEWS.format(app, model)}
    repository.commit({**files, "shop/orders/services.py": SERVICES})
    (tmp_path / "shop" / "strangler-boundaries.toml").write_text(
        "version = 1\n"
        + "".join(f'[contexts.{app}]\npackages = ["shop.{app}"]\n' for app in ("orders", "billing", "stock"))
    )
    repository.git("add", ".")
    repository.commit({"README": "boundaries"})
    repository.git("checkout", "-q", "-b", "work")
    return repository


def check(cli, repository, *options):
    return cli("check", ".", "--against", "main", "--no-cache", *options, cwd=repository.path)


def test_a_branch_that_adds_no_crossing_passes_and_one_that_does_fails_with_file_and_line(cli, shop):
    shop.commit({"shop/orders/tax.py": "RATE = 19\n"})
    done = check(cli, shop)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "nothing new")
    assert "where HEAD left main" in done.stderr
    shop.commit({"shop/stock/jobs.py": SERVICES})
    done = check(cli, shop)
    assert done.returncode == 1
    assert (
        "shop/stock/jobs.py:5: new-crossing stock -> billing: write billing_invoice by place" in done.stdout
    )
    assert "shop/orders" not in done.stdout


def test_what_came_into_main_meanwhile_is_not_blamed_on_the_branch(cli, shop):
    shop.git("checkout", "-q", "main")
    shop.commit({"shop/stock/jobs.py": SERVICES})
    shop.git("checkout", "-q", "work")
    shop.commit({"shop/orders/tax.py": "RATE = 19\n"})
    assert check(cli, shop).returncode == 0


def test_a_crossing_that_moves_to_another_file_or_gets_another_name_is_not_new(cli, shop):
    shop.git("mv", "shop/orders/services.py", "shop/orders/placing.py")
    shop.commit({})
    assert check(cli, shop).stdout.startswith("nothing new")
    shop.commit({"shop/orders/placing.py": SERVICES.replace("place(", "put(")})
    assert check(cli, shop).returncode == 1  # another name in another file: who knows
    shop.git("mv", "shop/orders/placing.py", "shop/orders/services.py")
    shop.commit({})
    assert check(cli, shop).stdout.startswith("nothing new")


def test_a_second_place_beside_the_first_is_new(cli, shop):
    shop.commit({"shop/orders/again.py": SERVICES})
    done = check(cli, shop)
    assert done.returncode == 1
    assert "shop/orders/again.py" in done.stdout


def test_a_revision_that_is_none_is_refused_and_cannot_be_an_option(cli, shop, tmp_path):
    for name in ("nowhere", "--output=x"):
        done = cli("check", ".", f"--against={name}", cwd=shop.path)
        assert done.returncode == 2
        assert f"no commit {name!r}" in done.stderr
    assert not (shop.path / "x").exists()
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").write_text("x = 1\n")
    done = cli("check", ".", "--against", "main", cwd=tmp_path / "plain")
    assert done.returncode == 2
    assert "not in a git repository" in done.stderr
