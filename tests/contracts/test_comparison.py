"""What the generated suite takes for a difference, what for a matcher, and what for a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.contracts.http.matchers import compare, masked
from strangler.contracts.http.openapi import merged, schema
from strangler.contracts.http.pool import Pool
from strangler.contracts.http.suite.contract import differences, observe
from strangler.contracts.http.suite_files import suite_files
from strangler.contracts.http.values import Case, Recording, bounds_of
from strangler.limits import DEFAULT

JSON = {"content-type": "application/json"}
BOUNDS = bounds_of(DEFAULT)


def seen(body: str, status: int = 200, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = httpx.Response(status, headers=headers or JSON, content=body.encode())
    return observe(answer, "http://127.0.0.1:8000", BOUNDS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 1}', '{"b": 1}'),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": 1.50}', '{"a": 1.5}'),
        ('{"a": null}', "{}"),
        ('{"a": []}', '{"a": null}'),
        ("[1, 2]", "[2, 1]"),
        ("[1, 2]", "[1]"),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"at": "2026-03-02T10:00:00+01:00"}', '{"at": "2026-03-02T09:00:00+00:00"}'),
    ],
)
def test_what_a_client_notices_is_a_difference(before, after):
    assert differences(seen(before), seen(after), {})


def test_the_order_of_keys_and_further_headers_are_no_difference():
    assert not differences(
        seen('{"a": 1, "b": 2}'), seen('{"b": 2, "a": 1}', headers={**JSON, "x-new": "1"}), {}
    )


def test_headers_that_are_sets_may_come_in_any_order_but_lose_no_member():
    before = seen("{}", headers={**JSON, "allow": "GET, POST", "vary": "Cookie, Origin"})
    assert not differences(
        before, seen("{}", headers={**JSON, "allow": "POST, GET", "vary": "Origin, Cookie"}), {}
    )
    assert differences(before, seen("{}", headers={**JSON, "allow": "GET", "vary": "Cookie, Origin"}), {})


def test_the_address_of_the_server_is_no_difference():
    here = httpx.Response(200, headers=JSON, content=b'{"next": "http://127.0.0.1:8000/a?page=2"}')
    there = httpx.Response(200, headers=JSON, content=b'{"next": "http://service:9/a?page=2"}')
    assert not differences(
        observe(here, "http://127.0.0.1:8000", BOUNDS), observe(there, "http://service:9", BOUNDS), {}
    )


def test_a_time_that_differs_may_differ_but_keeps_its_zone():
    first = seen('{"now": "2026-03-02T10:00:00+01:00"}')
    matchers = compare(first, seen('{"now": "2026-03-02T10:00:05+01:00"}'))
    assert matchers["json.now"]["type"] == "datetime"
    assert not differences(first, seen('{"now": "2027-01-01T00:00:00+01:00"}'), matchers)
    assert differences(first, seen('{"now": "2027-01-01T00:00:00Z"}'), matchers)
    assert differences(first, seen('{"now": null}'), matchers)


def test_a_form_token_may_differ_and_the_rest_of_its_line_not():
    html = {"content-type": "text/html"}
    first = seen('<input value="abc123">', headers=html)
    matchers = compare(first, seen('<input value="xyz987">', headers=html))
    assert not differences(first, seen('<input value="other">', headers=html), matchers)
    assert differences(first, seen('<output value="other">', headers=html), matchers)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
bodies = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(bodies, bodies)
def test_two_recordings_are_never_a_difference_to_each_other(a, b):
    first, second = seen(json.dumps(a)), seen(json.dumps(b))
    assert not differences(first, first, {})
    matchers = compare(first, second)
    assert not differences(first, first, matchers)
    kept, hidden = masked(first, [])
    assert not differences(kept, first, {**hidden, **matchers})


@pytest.mark.parametrize(
    "body",
    [
        '{"email": "ada@shop.test"}',
        '{"note": "write to ada@shop.test please"}',
        '{"api_key": "k-1"}',
        '{"csrf_token": "q"}',
        '{"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}',
        '{"x": "0123456789abcdef0123456789abcdef"}',
        '{"echo": "Bearer top-secret-1"}',
        '{"echo": ["sent-secret"]}',
    ],
)
def test_a_secret_is_masked_and_its_place_still_checked(body):
    whole = seen(body)
    kept, matchers = masked(whole, ["sent-secret"])
    assert kept["json"] != whole["json"]
    assert "***" in json.dumps(kept)
    assert not differences(kept, whole, matchers)
    assert differences(kept, seen("{}"), matchers)


def test_cookies_are_kept_without_their_values():
    answer = seen("{}", headers={**JSON, "set-cookie": "sessionid=s3cret; Path=/; HttpOnly; Max-Age=3600"})
    assert answer["cookies"] == ["sessionid; httponly; max-age=60 min; path=/"]
    assert "s3cret" not in json.dumps(answer)


def test_paths_come_from_the_list_above_links_and_given_values():
    pool = Pool({"day": ["2026-03-10"]})
    pool.learn(seen('{"results": [{"id": 7, "url": "{base}/bills/9"}]}'), "/bills")
    found = list(pool.paths("/bills/{bill_id}"))
    assert found[0] == "/bills/9"
    assert "/bills/7" in found
    assert next(pool.paths("/days/{day}")) == "/days/2026-03-10"


@pytest.mark.parametrize("link", ["https://[", "{base}////[", "http://[::1", "////["])
def test_a_link_that_is_no_address_is_no_link(link: str) -> None:
    pool = Pool({})
    pool.learn(seen(json.dumps({"next": link, "url": "{base}/bills/9"})), "/bills")
    assert list(pool.links) == [("/bills/9", ())]


@given(bodies, bodies)
def test_a_merged_schema_takes_both_bodies(a, b):
    import jsonschema

    left, right = seen(json.dumps(a))["json"], seen(json.dumps(b))["json"]
    both = merged(schema(left), schema(right))
    jsonschema.Draft202012Validator(both).validate(a)
    jsonschema.Draft202012Validator(both).validate(b)


def test_names_of_the_monolith_cannot_leave_their_strings_in_a_generated_test():
    hostile = '"""\n\u2028import os #\'\\'
    case = Case(
        id="get_x",
        endpoint=f"GET /{hostile}",
        method="GET",
        path=f"/{hostile}",
        place=hostile,
        json={hostile: 1},
    )
    recording = Recording(
        target="", cases=(case,), answers={"get_x": seen("{}")}, matchers={}, missing=(), endpoints=1
    )
    files = suite_files(recording, hostile)
    (name,) = [name for name in files if name.startswith("test_")]
    source = files[name].decode("ascii")
    compile(source, name, "exec")
    assert "\nimport os" not in source


def test_characters_that_random_values_share_by_chance_are_no_part_of_a_matcher():
    one, two = (seen(f'{{"url": "/checks/{code}/pause"}}') for code in ("4e7d09", "4f13a9"))
    (matcher,) = compare(one, two).values()
    assert matcher["pattern"] == "/checks/.+/pause"
    one, two = (seen(f'{{"name": "dump {day} {hour}:19.zip"}}') for day, hour in (("Mon", 1), ("Mon", 2)))
    (matcher,) = compare(one, two).values()
    assert matcher["pattern"] == "dump\\ Mon\\ .+\\.zip"


def test_values_are_found_at_their_place_in_links_to_pages_beside():
    pool = Pool({})
    page = '{"a": "/checks/7f-1/details/", "b": "http://elsewhere.example/ping/42"}'
    pool.learn(seen(page), "/")
    assert next(pool.paths("/checks/{code}/log/", r"/checks/[0-9a-f-]+/log/")) == "/checks/7f-1/log/"
    assert "/ping/42" in list(pool.paths("/ping/{code}"))


def test_paths_that_the_route_does_not_take_are_left_out_unless_there_is_no_other():
    pool = Pool({})
    assert list(pool.paths("/days/{day}", r"/days/[12]")) == ["/days/1", "/days/2"]
    assert list(pool.paths("/days/{day}", r"/days/[a-z]+")) == ["/days/1"]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])
def test_the_day_of_the_recording_is_kept_by_no_pattern(form: str) -> None:
    """Two recordings of one day agree in it; the next day the monolith itself would differ."""
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    today, later = now.strftime(form), datetime(2027, 11, 28, tzinfo=UTC).strftime(form)
    first = seen(f"id,made\n1,{today} 10:00:07\nend", headers={"content-type": "text/csv"})
    second = seen(f"id,made\n1,{today} 10:00:19\nend", headers={"content-type": "text/csv"})
    tomorrow = seen(f"id,made\n1,{later} 08:30:11\nend", headers={"content-type": "text/csv"})
    found = compare(first, second, now)
    assert today not in str(found).replace("\\", "")
    assert not differences(first, tomorrow, found)


def test_what_may_differ_in_every_case_is_said_once():
    html = {"content-type": "text/html"}
    anywhere = {"text[*]": {"type": "regex", "pattern": "<i>v4[^<]*</i>"}}
    before = seen("<p>\n<i>v4 (abc123)</i>\n<b>9</b>", headers=html)
    assert not differences(before, seen("<p>\n<i>v4</i>\n<b>9</b>", headers=html), {}, anywhere)
    assert differences(before, seen("<p>\n<i>v5</i>\n<b>9</b>", headers=html), {}, anywhere)
    assert differences(before, seen("<p>\n<i>v4</i>\n<b>8</b>", headers=html), {}, anywhere)
