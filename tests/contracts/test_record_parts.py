"""Bodies made up from what the code takes, and the conversation that sends them."""

from __future__ import annotations

import re
import sys
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.contracts.http.examples import bodies, learned, taken_fields, value_of, wrong
from strangler.contracts.http.pool import Pool
from strangler.contracts.http.regular import shortest_match
from strangler.contracts.http.suite import contract_client
from strangler.contracts.http.suite.contract import differences, observe
from strangler.contracts.http.suite.contract_client import (
    Client,
    ResetError,
    form_token,
    identities,
    logins,
    resetter,
)
from strangler.contracts.http.suite.contract_target import Line, Target
from strangler.contracts.http.values import bounds_of
from strangler.limits import DEFAULT
from strangler.model import Input
from strangler.routing.matching import expression


def field(name: str, kind: str = "string", **more: Any) -> Input:
    return Input(name=name, where="body", type=kind, **{"required": True, **more})


@pytest.mark.parametrize("variant", range(5))
@pytest.mark.parametrize(
    ("one", "fits"),
    [
        (field("title", max_length=6), lambda v: 0 < len(v) <= 6),
        (field("title", min_length=40), lambda v: len(v) >= 40),
        (field("size", choices=("S", "M")), lambda v: v in ("S", "M")),
        (field("pieces", "integer", minimum=3, maximum=4), lambda v: 3 <= v <= 4),
        (field("price", "number", format="decimal"), lambda v: re.fullmatch(r"\d+\.\d\d", v)),
        (field("email"), lambda v: "@" in v),
        (field("code", pattern="^[A-Z]{2}-[0-9]+$"), lambda v: re.fullmatch("[A-Z]{2}-[0-9]+", v)),
        (field("tags", "array", inputs=(field("", "integer"),)), lambda v: isinstance(v[0], int)),
        (field("born", format="date"), lambda v: re.fullmatch(r"\d{4}-\d\d-\d\d", v)),
        (field("phone"), lambda v: re.fullmatch("[0-9 ]+", v)),
    ],
)
def test_a_made_up_value_keeps_the_limits_of_its_field(one, fits, variant):
    assert fits(value_of(one, Pool({}), "/things", variant))


def test_a_field_that_names_a_row_gets_a_row_that_exists():
    pool = Pool({"owner": ["7"]})
    medicines = {"items": [{"code": "IBU400", "id": 4}]}
    pool.learn({"headers": {}, "json": medicines}, "/api/medicines")
    assert value_of(field("medicine"), pool, "/x", 0) == "IBU400"
    assert value_of(field("medicine_id", "integer"), pool, "/x", 0) == 4
    assert value_of(field("drug", refers="pharmacy_medicine.code"), pool, "/x", 0) == "IBU400"
    assert value_of(field("owner", ""), pool, "/x", 0) == 7


def test_only_values_that_exist_already_are_replaced():
    missing = {
        "owner": ['Invalid pk "3" - object does not exist.'],
        "name": ["A thing with this name already exists."],
    }
    assert taken_fields(missing) == {"name"}


def test_a_change_starts_from_what_is_there():
    inputs = (field("title"), field("price", "number", format="decimal"))
    first = next(bodies(inputs, Pool({}), "/things/{id}", {"title": "Saw", "price": "9.00", "id": 3}))
    assert first["title"] != "Saw"
    assert first["price"] == "9.00"
    assert "id" not in first


def test_each_wrong_body_has_one_thing_wrong_and_says_what():
    inputs = (field("title", max_length=5), field("size", choices=("S",)), field("n", "integer", minimum=1))
    body = {"title": "a", "size": "S", "n": 1}
    found = {one.why: one.body for one in wrong(inputs, body, form=False)}
    assert found["title missing"] == {"size": "S", "n": 1}
    assert found["title too long"]["title"] == "xxxxxx"
    assert found["size no choice"]["size"] == "no-such-choice"
    assert found["n too small"]["n"] == 0
    assert found["n of a wrong type"]["n"] == "not-valid"
    assert found["unexpected field"] == {**body, "unexpected_field": "x"}
    assert body not in found.values()


@pytest.mark.parametrize(
    "refusal",
    [
        {"title": ["This field is required."]},
        {"errors": {"title": "This field is required."}},
        {"detail": [{"loc": ["body", "title"], "msg": "Field required"}]},
        {"json": {"title": ["Missing data for required field."]}},
    ],
)
def test_a_refusal_names_fields_that_the_code_did_not_show(refusal):
    assert [one.name for one in learned((), refusal)] == ["title"]
    assert learned((field("title"),), refusal) == [field("title")]


def test_a_refusal_without_names_teaches_nothing():
    assert learned((), {"detail": "No.", "error": "Bad Request"}) == []


@given(st.from_regex(r"\A[a-c]{1,3}(\.[0-9]{2}|_x)?(d|e)+\Z", fullmatch=True))
def test_a_literal_pattern_matches_itself(text):
    assert shortest_match(re.escape(text)) == text


@pytest.mark.parametrize(
    "pattern", [r"^\d{4}-\d\d$", r"[^a-z]{2}", r"^(x|y)\w+@[a-z.]+$", r"\S{3,}", r"a{0}b?c"]
)
def test_a_made_up_text_matches_its_pattern(pattern):
    assert re.search(pattern, shortest_match(pattern))


def test_a_pattern_that_cannot_be_followed_gives_nothing():
    assert shortest_match(r"(a)\1(?<=zz)") is None
    assert shortest_match("(") is None


def test_a_route_whose_expression_explodes_is_asked_all_the_same():
    pool = Pool({"name": ["a" * 40]})
    explodes = "/x/(a+)+b/"
    assert next(pool.paths("/x/{name}/", explodes)) == f"/x/{'a' * 40}/"
    assert next(pool.paths("/x/{name}/", "/x/([^/]+)/", [expression(explodes)])) == f"/x/{'a' * 40}/"


def test_a_route_whose_expression_cannot_be_followed_is_asked_by_its_template():
    assert next(Pool({}).paths("/x/{name}/", r"/x/(.)\1/")) == "/x/1/"


def test_repetitions_of_repetitions_make_no_text():
    assert shortest_match("(((a{200}){200}){200}){200}") is None


# -- the conversation ----------------------------------------------------------------------------------


class Shop:
    """Signs in with a token, counts what it sells, and forgets everything at a reset."""

    def __init__(self) -> None:
        self.sold = 0
        self.resets = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, cookies = request.url.path, request.headers.get("cookie", "")
        if path == "/login" and request.method == "POST":
            good = b"token=t1" in request.content and b"password=right" in request.content
            page = httpx.Response(200, html='<input type="password">', headers={"Set-Cookie": "seen=1"})
            return httpx.Response(302, headers={"Set-Cookie": "session=s1; Path=/"}) if good else page
        if path == "/login":
            return httpx.Response(200, html='<input type="hidden" name="token" value="t0">'
                                            '<input name="csrf_token" value="t1">')  # fmt: skip
        if path == "/logout":
            return httpx.Response(200, headers={"Set-Cookie": 'session=""; Max-Age=0'})
        if path == "/sell" and request.method == "POST":
            self.sold += 1
            return httpx.Response(201)
        return httpx.Response(200, json={"sold": self.sold, "cookies": cookies})

    def reset(self) -> None:
        self.sold, self.resets = 0, self.resets + 1


def talk(shop: Shop, password: str = "right") -> Client:
    http = httpx.Client(transport=httpx.MockTransport(shop))
    fields = {"user": "ann", "password": password, "token": "t1"}
    line = Line(http, Target("http://shop"), bounds_of(DEFAULT))
    return Client(line, {"bot": {"Authorization": "x"}}, {"ann": ("/login", fields)}, shop.reset)


def test_cookies_live_for_one_conversation_and_reach_nobody_else():
    client = talk(Shop())
    assert client.names == ("bot", "ann", "anonymous")
    assert client.send("GET", "/", identity="ann").json()["cookies"] == "session=s1"
    assert client.send("GET", "/").json()["cookies"] == ""
    client.send("POST", "/login", form={"token": "t1", "password": "right"})
    assert client.send("GET", "/").json()["cookies"] == "session=s1"
    client.begin()
    assert client.send("GET", "/").json()["cookies"] == ""


def test_data_are_put_back_only_after_something_was_written():
    shop = Shop()
    client = talk(shop)
    client.send("GET", "/")
    client.begin()
    assert shop.resets == 0
    client.send("POST", "/sell")
    client.begin()
    assert (shop.resets, shop.sold) == (1, 0)
    refused = httpx.Response(403)
    client.send("POST", "/sell")
    client.took(refused)
    client.begin()
    assert shop.resets == 1


def test_a_session_that_ends_is_noticed_and_opened_again():
    shop = Shop()
    client = talk(shop)
    client.send("GET", "/logout", identity="ann")
    assert client.ended == "ann"
    client.begin()
    assert shop.resets == 1
    assert client.send("GET", "/", identity="ann").json()["cookies"] == "session=s1"


def test_a_sign_in_that_shows_the_form_again_has_failed():
    with pytest.raises(ResetError, match="ann could not sign in"):
        talk(Shop(), "wrong").send("GET", "/", identity="ann")


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<input type="hidden" name="csrfmiddlewaretoken" value="abc">', ("csrfmiddlewaretoken", "abc")),
        ("<input value='abc' name='csrf_token'/>", ("csrf_token", "abc")),
        ('<meta name="csrf-token" content="abc">', ("csrf_token", "abc")),
        ("<script>init = {'csrfNonce': \"abcdefgh1\"}</script>", ("nonce", "abcdefgh1")),
        ('<input name="user" value="abc">', ("", "")),
    ],
)
def test_the_token_of_a_form_is_found(html, found):
    assert form_token(html) == found


def test_a_reset_that_fails_is_told_with_its_words(tmp_path):
    script = tmp_path / "reset.py"
    script.write_text("import sys; sys.exit('no such snapshot')")
    with pytest.raises(ResetError, match="no such snapshot"):
        resetter(f"{sys.executable} {script}")()


def test_a_reset_that_does_not_end_is_stopped_with_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(contract_client, "RESET_SECONDS", 1)
    script = tmp_path / "reset.py"
    script.write_text("import time; time.sleep(60)")
    with pytest.raises(ResetError, match="did not end in 1 s; what it starts in the background"):
        resetter(f"{sys.executable} {script}")()


def test_a_reset_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ResetError, match="cannot be run: No such file"):
        resetter(str(tmp_path / "gone"))()


@pytest.mark.parametrize("text", ["x", "a b=C: d", "anonymous=A: b", "a=A:"])
def test_identities_of_another_form_are_refused(text):
    with pytest.raises(ValueError, match="--as takes"):
        identities([text])


@pytest.mark.parametrize("text", ["ann", "ann=login user=x", "ann=/login"])
def test_logins_of_another_form_are_refused(text):
    with pytest.raises(ValueError, match="--login takes"):
        logins([text])


# -- what is a difference ------------------------------------------------------------------------------


def seen(body: bytes = b"", status: int = 200, **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return observe(
        httpx.Response(status, headers=named, content=body), "http://127.0.0.1:8000", bounds_of(DEFAULT)
    )


JSON = "application/json"
SAME = [
    (seen(vary="Cookie, Accept"), seen(vary="accept,Accept-Encoding, cookie")),
    (seen(content_type="text/html; charset=utf-8"), seen(content_type="text/html;charset=UTF-8")),
    (seen(b"{}", content_type=JSON), seen(b"{ }", content_type=f"{JSON}; charset=utf-8")),
    (seen(location="/a?b=1"), seen(location="http://127.0.0.1:8000/a?b=1")),
    (seen(etag='"a"'), seen(etag='W/"b"')),
    (seen(expires="Mon, 01 Feb 2027 10:00:00 GMT", date="Mon, 01 Feb 2027 10:00:00 GMT"),
     seen(expires="Tue, 02 Feb 2027 11:00:05 GMT", date="Tue, 02 Feb 2027 11:00:00 GMT")),
    (seen(set_cookie="s=1; Path=/; HttpOnly"), seen(set_cookie="s=2; httponly; path=/")),
    (seen(b"<p>a</p>\n", content_type="text/html"), seen(b"\n<p>a</p>  \n\n", content_type="text/html")),
    (seen(b'{"a": "\\u00e9"}', content_type=JSON),
     seen('{"a":"é"}'.encode(), content_type=JSON)),
    (seen(status=204, content_type="text/html"), seen(status=204)),
]  # fmt: skip
OTHER = [
    (seen(b"a\n", content_type="text/plain"), seen(b"a", content_type="text/plain")),
    (seen(b"a\n", content_type="text/csv"), seen(b"a\r\n", content_type="text/csv")),
    (seen(content_type="text/html; charset=utf-8"), seen(content_type="text/html")),
    (seen(location="/a?b=1"), seen(location="/a?b=2")),
    (seen(location="/a"), seen(location="http://internal:8001/a")),
    (seen(etag='"a"'), seen()),
    (seen(set_cookie="s=1; HttpOnly; Secure"), seen(set_cookie="s=1; HttpOnly")),
    (seen(set_cookie="s=1; SameSite=Lax"), seen(set_cookie="s=1; SameSite=None")),
    (seen(set_cookie="s=1; Max-Age=3600"), seen(set_cookie="s=1")),
    (seen(b'{"a": 1}', content_type=JSON), seen(b'{"a": 2, "a": 1}', content_type=JSON)),
    (seen(b'{"a": "\\u00e9"}', content_type=JSON),
     seen(b'{"a": "e\\u0301"}', content_type=JSON)),
    (seen(status=404), seen(status=410)),
    (seen(allow="GET, POST"), seen(allow="GET")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAME)
def test_what_no_client_notices_is_no_difference(before, after):
    assert differences(before, after, {}) == []


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_what_a_client_notices_of_headers_and_texts_is_a_difference(before, after):
    assert differences(before, after, {})
