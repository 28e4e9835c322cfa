"""Rules say what the framework does: order, methods, slashes, overlaps, and the proof."""

from __future__ import annotations

import msgspec
import pytest
from routing_tables import context, route, system

from strangler.model import RouteTraits
from strangler.routing import RoutingError, RoutingPlan, RoutingSettings, plan_routes, write
from strangler.routing.plan import recertify
from strangler.routing.rules import MismatchError
from strangler.routing.samples import Expectation, samples
from strangler.routing.values import Rule

READ, WRITE = ("GET", "HEAD"), ("POST",)


def plan(*endpoints: object, **settings: object) -> RoutingPlan:
    return plan_routes(system(*endpoints), context("orders.v"), RoutingSettings(**settings))  # type: ignore[arg-type]


def sides(made: RoutingPlan, *paths: str, method: str = "GET") -> list[str]:
    expectation = Expectation(made)
    return [expectation.answer(path, method) for path in paths]


def test_the_first_match_decides_and_a_route_inside_a_moved_prefix_stays() -> None:
    made = plan(
        route(0, "/orders/export/", "reports.v.export"),
        route(1, "/orders/(?:[^/]+)/", "orders.v.show"),
        route(2, "/(?:[^/]+)/", "pages.v.page"),
    )
    assert sides(made, "/orders/7/", "/orders/export/", "/about/", "/nowhere/at/all") == [
        "service",
        "monolith",
        "monolith",
        "monolith",
    ]
    assert [(o.kind, o.example) for o in made.overlaps if o.kind == "carved_out"] == [
        ("carved_out", "/orders/export"),
        ("carved_out", "/orders/export/"),
    ]


def test_append_slash_follows_the_slashed_path_only_where_no_route_takes_the_bare_one() -> None:
    made = plan(
        route(0, "/orders/", "orders.v.index"),
        route(1, "/shop/", "orders.v.shop"),
        route(2, "/shop", "pages.v.shop"),
    )
    assert sides(made, "/orders", "/shop", "/shop/") == ["service", "monolith", "service"]
    off = plan(route(0, "/orders/", "orders.v.index"), append_slash=False)
    assert sides(off, "/orders/", "/orders") == ["service", "monolith"]


@pytest.mark.parametrize(
    ("redirect", "answers"),
    [
        ("never", ["service", "monolith", "service", "monolith"]),
        ("append", ["service", "monolith", "service", "service"]),
        ("remove", ["service", "service", "service", "monolith"]),
        ("either", ["service", "service", "service", "service"]),
    ],
)
def test_paths_follow_the_redirects_that_the_framework_makes(redirect: str, answers: list[str]) -> None:
    traits = RouteTraits(slash_redirect=redirect)  # type: ignore[arg-type]
    made = plan(
        route(0, "/bare", "orders.v.bare", READ, "any", traits=traits),
        route(1, "/slashed/", "orders.v.slashed", READ, "any", traits=traits),
    )
    assert sides(made, "/bare", "/bare/", "/slashed/", "/slashed") == answers


@pytest.mark.parametrize(("by_method", "answer"), [(True, "service"), (False, "monolith")])
def test_whether_methods_choose_among_routes_is_a_trait(by_method: bool, answer: str) -> None:
    traits = RouteTraits(by_method=by_method)
    made = plan(
        route(0, "/pay", "pages.v.show", READ, "any", traits=traits),
        route(1, "/pay", "orders.v.pay", WRITE, "any", traits=traits),
    )
    assert sides(made, "/pay", method="POST") == [answer]


def test_werkzeug_redirects_at_the_place_of_the_route() -> None:
    made = plan(
        route(0, "/x/", "orders.v.x", READ, "flask"),
        route(1, "/(?:[^/]+)", "pages.v.page", READ, "flask"),
    )
    assert sides(made, "/x", "/x/", "/y") == ["service", "service", "monolith"]


def test_starlette_redirects_both_ways_after_all_routes() -> None:
    made = plan(
        route(0, "/a/", "orders.v.a", READ, "fastapi"),
        route(1, "/b", "orders.v.b", READ, "fastapi"),
        route(2, "/a", "pages.v.a", READ, "fastapi"),
    )
    assert sides(made, "/a/", "/a", "/b", "/b/") == ["service", "monolith", "service", "service"]


def test_methods_split_only_where_their_owners_differ() -> None:
    mixed = plan(
        route(0, "/items", "orders.v.list", READ, "fastapi"),
        route(1, "/items", "stock.v.add", WRITE, "fastapi"),
        route(2, "/orders", "orders.v.list", READ, "fastapi"),
        route(3, "/orders", "orders.v.add", WRITE, "fastapi"),
    )
    assert sides(mixed, "/items", "/orders") == ["service", "service"]
    assert sides(mixed, "/items", "/orders", method="POST") == ["monolith", "service"]
    assert sides(mixed, "/items", method="DELETE") == ["service"]  # the first that takes the path answers 405
    assert {rule.value: rule.methods is None for rule in mixed.rules if rule.target == "service"}["/orders"]
    assert any(o.kind == "split_by_method" for o in mixed.overlaps)


def test_who_serves_get_serves_head_and_a_fallback_the_rest() -> None:
    made = plan(
        route(0, "/a", "orders.v.a", ("get",), "fastapi"),
        route(1, "/a", "pages.v.a", ("HEAD", "PUT"), "fastapi"),
        route(2, "/b", "pages.v.b", ("POST",), "fastapi"),
        route(3, "/b", "orders.v.b", None, "fastapi"),
    )
    assert sides(made, "/a", "/b", method="HEAD") == ["service", "service"]
    assert sides(made, "/a", "/b", method="PUT") == ["monolith", "service"]
    assert sides(made, "/a", "/b", method="POST") == ["service", "monolith"]


def test_a_rule_speaks_of_methods_only_where_it_must() -> None:
    never = RouteTraits(slash_redirect="never")
    made = plan(
        route(0, "/a", "orders.v.a", READ, traits=never),
        route(1, "/a", "pages.v.a", None, traits=never),
        route(2, "/b", "orders.v.b", READ, traits=never),
    )
    assert [(r.value, r.methods, r.target) for r in made.rules] == [
        ("/a", READ, "service"),
        ("/b", None, "service"),
        ("/a", None, "monolith"),
    ]


def test_a_rule_names_every_method_that_moves() -> None:
    never = RouteTraits(slash_redirect="never")
    moved = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    made = plan(
        route(0, "/a", "orders.v.a", moved, traits=never), route(1, "/a", "pages.v.a", None, traits=never)
    )
    assert [(r.methods, r.target) for r in made.rules] == [(moved, "service"), (None, "monolith")]


def test_a_slash_redirect_shares_the_rule_of_its_route() -> None:
    made = plan(
        route(0, "/orders/(?:[0-9]+)/", "orders.v.show"),
        route(1, "/pages/(?:[0-9]+)/", "pages.v.show"),
        route(2, "/orders/(?:[a-z]+)/", "orders.v.named"),
    )
    assert [(r.kind, r.value, r.routes) for r in made.rules] == [
        ("regex", "/orders/[0-9]+/?", (0, 3)),
        ("regex", "/orders/[a-z]+/?", (2, 5)),
    ]


def test_equal_rules_below_a_prefix_become_the_prefix_the_shortest_first() -> None:
    made = plan(
        route(0, "/shop/old/(?s:.*)", "orders.v.old"),
        route(1, "/shop/(?s:.*)", "orders.v.shop"),
        route(2, "/shopping/", "pages.v.list"),
        append_slash=False,
    )
    assert [(r.kind, r.value, r.routes) for r in made.rules] == [("prefix", "/shop/", (1,))]


def test_a_prefix_with_one_path_of_another_owner_is_none() -> None:
    made = plan(
        route(0, "/shop/help", "pages.v.help"),
        route(1, "/shop/(?s:.*)", "orders.v.shop"),
        append_slash=False,
    )
    assert [(r.kind, r.target) for r in made.rules] == [("exact", "monolith"), ("regex", "service")]


def test_an_exception_stands_before_what_it_is_taken_from() -> None:
    made = plan(
        route(0, "/a/x/", "pages.v.x"),
        route(1, "/b/", "orders.v.b"),
        route(2, "/a/(?:[^/]+)/", "orders.v.a"),
        append_slash=False,
    )
    assert [(r.value, r.target) for r in made.rules] == [
        ("/a/x/", "monolith"),
        ("/b/", "service"),
        ("/a/[^/]+/", "service"),
    ]
    assert sides(made, "/a/x/", "/a/y/", "/b/") == ["monolith", "service", "service"]


def test_the_certificate_counts_what_was_compared() -> None:
    made = plan(route(0, "/a", "orders.v.a"), route(1, "/b", "pages.v.b"), append_slash=False)
    assert made.certificate.classes == 2
    assert made.certificate.exact
    assert made.certificate.complete


def test_django_views_get_every_method() -> None:
    made = plan(
        route(0, "/orders/", "orders.v.read", ("GET",)), route(1, "/orders/", "pages.v.write", ("POST",))
    )
    assert sides(made, "/orders/", method="POST") == ["service"]


def test_a_catch_all_that_moves_becomes_a_prefix_where_that_is_equal() -> None:
    made = plan(route(0, r"(?s:/shop/.*)", "orders.v.shop"), route(1, "/about/", "pages.v.about"))
    assert Rule(kind="prefix", value="/shop/", target="service", routes=(0,)) in made.rules


def test_unclaimed_paths_allow_prefixes_on_request_only() -> None:
    table = (
        route(0, "/shop/", "orders.v.a"),
        route(1, "/shop/(?:[0-9]+)/", "orders.v.b"),
        route(2, "/shop2/", "pages.v.c"),
    )
    assert all(rule.kind != "prefix" for rule in plan(*table).rules)
    wide = plan(*table, unclaimed="service", append_slash=False)
    assert [(r.kind, r.value) for r in wide.rules] == [("prefix", "/shop/")]


def test_shadowed_unanchored_catch_all_and_approximate_routes_are_reported() -> None:
    made = plan(
        route(0, "/(?:[^/]+)/", "orders.v.any"),
        route(1, "/never/", "pages.v.never"),
        route(2, "/(?s:.*)print", "pages.v.print"),
        route(3, "/days/(?:[0-9]+)/", "orders.v.day", exact=False),
        route(4, "/(?s:.*)", "pages.v.rest"),
    )
    assert {(o.kind, o.routes) for o in made.overlaps if o.kind not in ("carved_out", "split_by_method")} == {
        ("shadowed", (1,)),
        ("unanchored", (2,)),
        ("approximate", (3,)),
        ("catch_all", (4,)),
    }
    assert not made.certificate.exact


def test_routes_outside_the_regular_languages_are_named_and_stay() -> None:
    made = plan(route(0, r"/(a)\1/", "orders.v.odd"), route(1, "/orders/", "orders.v.index"))
    assert [d.code for d in made.diagnostics] == ["route-not-regular"]
    assert "urls.py" in made.diagnostics[0].file
    assert sides(made, "/aa/", "/orders/") == ["monolith", "service"]


def test_a_context_without_routes_is_said_so() -> None:
    with pytest.raises(RoutingError, match="nothing to route"):
        plan(route(0, "/a/", "pages.v.a"))


def test_a_broken_rule_set_is_refused_with_the_shortest_wrong_path(tmp_path: object) -> None:
    made = plan(
        route(0, "/orders/export/", "reports.v.export"),
        route(1, "/orders/(?:[^/]+)/", "orders.v.show"),
    )
    naive = Rule(kind="prefix", value="/orders/", target="service")
    broken = msgspec.structs.replace(made, rules=(naive,))
    with pytest.raises(MismatchError) as caught:
        recertify(broken)
    assert (caught.value.path, caught.value.expected, caught.value.got) == ("/orders/", "monolith", "service")
    with pytest.raises(RoutingError, match="/orders/"):
        write(broken, str(tmp_path))


def test_a_missing_exception_is_found_by_its_shortest_path() -> None:
    made = plan(
        route(0, "/orders/export/", "reports.v.export"),
        route(1, "/orders/(?:[^/]+)/", "orders.v.show"),
    )
    kept = tuple(rule for rule in made.rules if rule.target == "service")
    with pytest.raises(MismatchError) as caught:
        recertify(msgspec.structs.replace(made, rules=kept))
    assert caught.value.path == "/orders/export"


def test_rules_are_few() -> None:
    made = plan(
        *(route(n, f"/pages/p{n}/", "pages.v.p") for n in range(50)), route(50, "/orders/", "orders.v.o")
    )
    assert [(r.kind, r.value) for r in made.rules] == [("exact", "/orders/"), ("exact", "/orders")]


def test_the_same_input_gives_the_same_plan() -> None:
    table = (
        route(0, "/orders/export/", "reports.v.export"),
        route(1, r"/orders/(?:\w+)/", "orders.v.show"),
        route(2, "/(?:[^/]+)/", "pages.v.page"),
    )
    assert msgspec.json.encode(plan(*table)) == msgspec.json.encode(plan(*reversed(table)))


def test_paths_that_the_policy_changes_are_counted() -> None:
    made = plan(route(0, "/files/(?s:.*)", "orders.v.files"), route(1, "/about/", "pages.v.about"))
    assert made.noncanonical.routes == 1
    assert made.noncanonical.examples == ("/files//",) or made.noncanonical.examples[0].startswith("/files/")


def test_samples_for_verification_are_spent_on_what_moves_and_the_rest_is_asked_too() -> None:
    others = (route(n, f"/page{n}/", "pages.v") for n in range(1, 201))
    made = plan_routes(system(route(0, "/orders/(?:[^/]+)/", "orders.v"), *others), context("orders"))
    drawn = [sample.path for sample in samples(made, 400, seed=1, mutated=0.0, focused=True)]
    assert len(drawn) == 400
    assert sum(path.startswith("/orders") for path in drawn) >= 290
    assert len({path for path in drawn if path.startswith("/page")}) >= 90
