"""`strangler explain` of a context, of two, of a table and of a URL; and what a mistyped name gets."""

import re

import msgspec
import pytest
from helpers.planted import planted, planted_file

from strangler.commands.analyze import next_step
from strangler.commands.answers import explained
from strangler.commands.explain import describe
from strangler.model import dump
from strangler.model.lookup import all_tables


@pytest.fixture(scope="module")
def shop():
    return planted("django_shop")


@pytest.fixture
def model(tmp_path):
    return planted_file("django_shop", tmp_path / "out")


def said(cli, model, *subjects):
    done = cli("explain", *subjects, "--model", model, "--limit", "1000")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_context_is_told_with_what_it_holds_its_place_in_the_order_and_its_crossings(cli, model, shop):
    context = next(c for c in shop.contexts if c.name == "orders")
    text = said(cli, model, "orders")
    assert f"{len(context.modules)} modules" in text
    assert re.search(r"order of extraction: no\. \d of \d", text)
    for crossing in shop.crossings:
        if "orders" in (crossing.source, crossing.target) and crossing.count:
            place = next(place for place in crossing.evidence if place.how != "implied")
            assert f"{crossing.source} -> {crossing.target}" in text
            assert f"{place.file}:{place.line}" in text


def test_a_context_goes_before_a_package_of_its_name_which_its_path_asks_for(cli, shop, tmp_path):
    names = {"orders": "shop.orders", "billing": "shop.billing"}
    contexts = [msgspec.structs.replace(c, name=names.get(c.name, c.name)) for c in shop.contexts]
    file = tmp_path / "model.json"
    file.write_bytes(dump(msgspec.structs.replace(shop, contexts=tuple(contexts), crossings=())))
    assert {"shop.orders", "shop.billing"} <= {module.name for module in shop.modules}
    text = said(cli, file, "shop.orders")
    assert re.search(r"context of \d+ modules", text)
    assert "ask for shop/orders/__init__.py" in text
    assert said(cli, file, "shop.orders", "shop.billing").startswith("shop.orders and shop.billing\n")
    assert said(cli, file, "shop/orders/__init__.py").startswith("shop.orders\n")


def test_two_contexts_are_told_each_way_and_nothing_of_a_third(cli, model, shop):
    text = said(cli, model, "orders", "billing")
    heads = set(re.findall(r"^(\w+ -> \w+)  ", text, re.MULTILINE))
    assert heads == {"orders -> billing", "billing -> orders"}


def test_a_table_is_told_with_its_owner_its_keys_and_all_that_use_it(cli, model, shop):
    text = said(cli, model, "table:orders_order")
    assert text.startswith("orders_order  in context orders\n")
    assert "foreign key orders_order.customer_id -> customers_customer, on delete PROTECT" in text
    files = {module.name: module.path for module in shop.modules}
    for access in shop.accesses:
        if access.table == "orders_order":
            assert f"{files[access.module]}:{access.line}" in text
    assert said(cli, model, "orders_order") == text


def test_a_url_is_told_with_the_view_that_answers_it_and_the_tables_on_the_way(cli, model, shop):
    route = next(e for e in shop.endpoints if e.handler.endswith("orders.views.checkout"))
    text = said(cli, model, route.path)
    assert f"served by {route.handler} ({route.file}:{route.line})" in text


def test_a_url_of_a_view_set_is_not_told_what_its_other_actions_do(cli, model):
    reads, writes = (said(cli, model, f"/api/customers/7/{name}/") for name in ("loyalty", "addresses"))
    assert "Write  customers_address" not in reads
    assert "loyalty.py" in reads
    assert "Write  customers_address" in writes
    assert "loyalty.py" not in writes


def test_a_url_that_no_listed_route_answers_is_refused_with_the_nearest(cli, tmp_path):
    model = planted_file("flask_clinic", tmp_path / "clinic")
    path = planted("flask_clinic").endpoints[3].path
    done = cli("explain", f"{path}x/y/z", "--model", model)
    assert done.returncode == 2
    assert f"no listed route answers {path}x/y/z" in done.stderr


def test_a_name_that_nothing_has_is_refused_with_the_nearest(cli, model, shop):
    assert "orders_ordr" not in all_tables(shop.system)
    for verb, subject, near in (
        ("explain", "table:orders_ordr", "orders_order"),
        ("suggest", "table:orders_ordr", "orders_order"),
        ("explain", "shop.orders.service", "shop.orders.services"),
        ("explain", "custmers", "nearest: customers,"),
    ):
        done = cli(verb, subject, "--model", model)
        assert done.returncode == 2
        assert near in done.stderr


def test_a_plan_of_what_is_no_service_is_refused_with_the_reason(cli, model):
    done = cli("plan", "platform", "--model", model)
    assert done.returncode == 2
    assert "not to be taken out: shared code" in done.stderr


def test_an_analysis_that_is_near_no_cut_proposes_no_plan(cli, tree, tmp_path):
    root = tree({"shop/__init__.py": "", "shop/a.py": "x = 1\n"})
    done = cli("analyze", root, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    following = done.stdout.splitlines()[-1]
    assert following == f"Next    strangler serve {root} to draw contexts of your own in the workshop"


def test_contexts_that_are_near_no_cut_can_be_kept(tmp_path):
    assert "strangler accept" in next_step("", tmp_path, tmp_path)


def test_a_cut_of_what_is_best_left_whole_is_not_offered_to_be_kept(tmp_path):
    following = next_step("", tmp_path, tmp_path, whole=True)
    assert "strangler serve" in following
    assert "accept" not in following


def test_nothing_is_lost_of_a_line_that_a_narrow_terminal_cannot_hold(shop):
    found = explained(shop, "orders")
    whole, narrow = describe(found, 1000).split(), describe(found, 1000, 50)
    assert narrow.split() == whole
    assert all(len(line) <= 50 or len(line.split()) == 1 for line in narrow.splitlines()[1:])
