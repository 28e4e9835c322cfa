"""The parser of URL rules against Werkzeug itself."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect
from werkzeug.routing import Rule as WerkzeugRule

from strangler.analyzers.frameworks.flask.rules import matching_order, parse

VARIABLES = (
    "<x>", "<int:x>", "<float:x>", "<path:x>", "<uuid:x>", "<any(a, b, 'a-b'):x>", "<string(length=2):x>",
    "<int(signed=True):x>", "<string(minlength=2, maxlength=3):x>", "<string(minlength=2):x>",
)  # fmt: skip
STATIC = ("a", "b", "ab", "a.b", "1", "a+b", "ä")

segments = st.one_of(
    st.sampled_from(STATIC),
    st.sampled_from(VARIABLES),
    st.tuples(st.sampled_from(("a", "b-", "1.")), st.sampled_from(VARIABLES)).map("".join),
    st.tuples(st.sampled_from(VARIABLES), st.sampled_from(("a", "-b", ".1"))).map("".join),
    st.just("<x>-<y>"),
)
templates = st.tuples(st.lists(segments, max_size=3), st.booleans()).map(
    lambda t: "/" + "".join(_unique(s, n) + "/" for n, s in enumerate(t[0]))[: None if t[1] else -1]
)


def _unique(segment: str, position: int) -> str:
    return re.sub(r"([xy])>", rf"\g<1>{position}>", segment)


def _chosen(rules: list[str], strict: bool, url: str) -> str | None:
    """The rule that Werkzeug sends a URL to; a redirect to the slashed path belongs to its rule."""
    urls = Map([WerkzeugRule(r, endpoint=str(n)) for n, r in enumerate(rules)], strict_slashes=strict)
    adapter = urls.bind("localhost")
    try:
        return str(adapter.match(url)[0])
    except RequestRedirect:
        try:
            return str(adapter.match(url + "/")[0])
        except (HTTPException, RequestRedirect):
            return None
    except HTTPException:
        return None


def _predicted(rules: list[str], strict: bool, url: str) -> str | None:
    parsed = [(rule, str(n)) for n, text in enumerate(rules) if (rule := parse(text, strict_slashes=strict))]
    assert len(parsed) == len(rules)
    for rule, name in matching_order(parsed):
        if re.fullmatch(rule.compiled.regex, url):
            return name
    return None


def _urls(data: st.DataObject, rules: list[str], strict: bool) -> str:
    text = data.draw(st.sampled_from(rules))
    rule = parse(text, strict_slashes=strict)
    assert rule is not None
    url: str = data.draw(st.from_regex(rule.compiled.regex, fullmatch=True))
    change = data.draw(st.sampled_from(("", "slash", "bare", "more", "less", "newline")))
    return {
        "": url,
        "slash": f"{url}/",
        "bare": url.rstrip("/") or "/",
        "more": f"{url}a",
        "less": url[:-1] or "/",
        "newline": f"{url}\n",
    }[change]


@settings(max_examples=400)
@given(st.lists(templates, min_size=1, max_size=5, unique=True), st.data())
def test_the_first_matching_expression_is_werkzeugs_choice(rules: list[str], data: st.DataObject) -> None:
    url = _urls(data, rules, True)
    if "//" not in url:  # merged in a second pass, after all rules have failed
        assert _predicted(rules, True, url) == _chosen(rules, True, url)


@settings(max_examples=150)
@given(templates, st.data())
def test_rules_that_are_not_strict_about_slashes(rule: str, data: st.DataObject) -> None:
    url = _urls(data, [rule], False)
    if "//" not in url:
        assert _predicted([rule], False, url) == _chosen([rule], False, url)


@example("/a/<x>")
@example("/<path:x>/")
@given(templates)
@settings(max_examples=60)
def test_the_normal_form_names_every_parameter(rule: str) -> None:
    parsed = parse(rule)
    assert parsed is not None
    assert parsed.compiled.path == re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule)
