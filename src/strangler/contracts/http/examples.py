"""Bodies for writes: likely valid ones, and each way of being wrong that the code names."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from strangler.contracts.http.pool import Pool
from strangler.contracts.http.regular import shortest_match
from strangler.model import Input
from strangler.routing.matching import found_in

VARIANTS = 5
"""Different likely bodies tried for one request."""
MOST_WRONG = 20
DAYS = ("2031-03-17", "1990-05-17", "2030-11-04", "2029-02-12", "2031-12-29")
NUMBERS = (1, 5, 30, 2, 10)
AMOUNTS = ("12.50", "7.25", "99.00", "1.10", "20.00")
WORDS = ("Contract sample", "Sample two", "Third sample", "Sample of four", "Last sample")
FORMATS: dict[str, Callable[[int], str]] = {
    "email": lambda n: f"contract{n or ''}@example.test",
    "date": lambda n: DAYS[n % len(DAYS)],
    "date-time": lambda n: f"{DAYS[n % len(DAYS)]}T09:{n:02d}:00" + ("+00:00" if n % 2 == 0 else ""),
    "time": lambda n: f"09:{n:02d}:00",
    "duration": lambda n: f"PT{n + 1}H",
    "uuid": lambda n: f"00000000-0000-4000-8000-{n + 1:012d}",
    "uri": lambda n: f"https://example.test/{n + 1}",
}
HINTS = (
    (r"e-?mail", "email"),
    (r"(^|_)(url|uri|link|website|homepage)$", "uri"),
    (r"(^|_)uuid$", "uuid"),
    (r"(_at|_time|time|when|_until|_from|datetime)$", "date-time"),
    (r"(date|^day|_on|born|birthday)$", "date"),
)
"""Part of a field's name -> format, where the code does not say one."""

_TAKEN = re.compile(r"\balready\b|\btaken\b|\bunique\b|\bduplicate|\bin use\b", re.IGNORECASE)


class Wrong(NamedTuple):
    """A body that should be refused, and what is wrong with it."""

    why: str
    body: Any


def bodies(
    inputs: Sequence[Input],
    pool: Pool,
    template: str,
    known: Any = None,
    taken: Container[str] = (),
) -> Iterator[dict[str, Any]]:
    """Likely bodies, the likeliest first.

    Args:
        known: what a GET of the same path shows: values of a row that exists, for changes.
        taken: fields whose values no other row may have: they get new ones.
    """
    seen: list[dict[str, Any]] = []
    for variant in range(VARIANTS):
        body = _body(inputs, pool, template, variant, known if isinstance(known, dict) else {}, taken)
        if body not in seen:
            seen.append(body)
            yield body


def _body(
    inputs: Sequence[Input],
    pool: Pool,
    template: str,
    variant: int,
    known: dict[str, Any],
    taken: Container[str],
) -> dict[str, Any]:
    body = {}
    changed = False
    for one in inputs:
        if one.name in known and (changed or variant % 2 or one.refers or one.choices):
            body[one.name] = known[one.name]
            continue
        if not one.required and not known and variant in (1, 3):
            continue
        body[one.name] = value_of(one, pool, template, variant, taken)
        changed = True
    return body


def value_of(one: Input, pool: Pool, template: str, variant: int, taken: Container[str] = ()) -> Any:
    """A likely value of a field; the variants differ."""
    given = pool.given(one.name)
    if given:
        return _typed(one, given[variant % len(given)])
    if one.choices:
        return _typed(one, one.choices[variant % len(one.choices)])
    if one.type == "array":
        item = one.inputs[0] if one.inputs else Input(name="", where="body", type="string")
        named = Input(name=one.name, where="body") if not item.name else item
        return [value_of(_merged(item, named), pool, template, variant)]
    if one.type == "object":
        return {field.name: value_of(field, pool, template, variant) for field in one.inputs}
    if one.type == "boolean":
        return variant % 2 == 0
    rows = [] if one.name in taken else pool.rows(one, template)
    if rows:
        return _typed(one, rows[variant % len(rows)])
    return _plain(one, pool, variant)


def _merged(item: Input, named: Input) -> Input:
    from msgspec import structs

    return structs.replace(item, name=named.name)


def _plain(one: Input, pool: Pool, variant: int) -> Any:
    """A value made up from type, format, limits and name."""
    form = one.format or next((found for part, found in HINTS if re.search(part, one.name, re.I)), "")
    if one.type == "integer" or (not one.type and re.search(r"(_id|count|number|minutes|year)$", one.name)):
        return int(_limited(one, NUMBERS[variant % len(NUMBERS)]))
    if one.type == "number" or (not one.type and re.search(r"price|amount|total|cost|sum", one.name)):
        known = pool.named("amount", "total", "price", "balance") if variant >= 3 else []
        text = known[(variant - 3) % len(known)] if known else AMOUNTS[variant % len(AMOUNTS)]
        try:
            return text if form == "decimal" or not one.type else _limited(one, float(text))
        except ValueError:
            return AMOUNTS[0]
    if form in FORMATS:
        return FORMATS[form](variant)
    if re.search(r"pass(word|phrase)|pwd", one.name, re.I):
        text = f"Contract-pass-{variant + 1}"
    elif re.search(r"phone|mobile|fax", one.name, re.I):
        text = f"0421 55501{variant:02d}"
    elif re.search(r"slug", one.name, re.I):
        text = WORDS[variant % len(WORDS)].lower().replace(" ", "-")
    else:
        text = WORDS[variant % len(WORDS)]
    return _fitted(one, text)


def _fitted(one: Input, text: str) -> str:
    """The text as long as it may and must be; another one where a pattern asks for it."""
    if one.pattern and not found_in(one.pattern, text):
        text = shortest_match(one.pattern) or text
    if one.min_length and len(text) < one.min_length:
        text = text + "x" * (one.min_length - len(text))
    return text[: one.max_length] if one.max_length else text


def _limited(one: Input, number: float) -> float:
    low = one.minimum if one.minimum is not None else number
    low = low + 1 if one.exclusive and one.minimum is not None else low
    high = one.maximum if one.maximum is not None else number
    return min(max(number, low), max(high, low))


def _typed(one: Input, text: str) -> Any:
    """The text as the type of the field wants it; without a type, numbers as numbers."""
    if one.type in ("integer", "") and re.fullmatch(r"-?(0|[1-9]\d{0,15})", text):
        return int(text)
    if one.type == "number" and one.format != "decimal":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def wrong(inputs: Sequence[Input], body: dict[str, Any], form: bool) -> list[Wrong]:
    """The body with one thing wrong at a time; what should be refused comes first."""
    found: list[Wrong] = [Wrong("empty body", {})]
    for one in inputs:
        if one.name in body and one.required:
            rest = {name: value for name, value in body.items() if name != one.name}
            found.append(Wrong(f"{one.name} missing", rest))
    if not form:
        found.append(Wrong("unexpected field", {**body, "unexpected_field": "x"}))
    bad = [[(one.name, *pair) for pair in _bad_values(one, form)] for one in inputs if one.name in body]
    for row in zip_longest(*bad):  # the first way of each field, then the second ...
        found += [Wrong(entry[1], {**body, entry[0]: entry[2]}) for entry in row if entry is not None]
    distinct: list[Wrong] = []
    for item in found:
        if item.body != body and all(item.body != other.body for other in distinct):
            distinct.append(item)
    return distinct[:MOST_WRONG]


def _bad_values(one: Input, form: bool) -> Iterator[tuple[str, Any]]:
    if one.choices:
        yield f"{one.name} no choice", "no-such-choice"
    if one.type in ("integer", "number", "boolean") or one.format in (
        "date",
        "date-time",
        "uuid",
        "email",
        "time",
    ):
        yield f"{one.name} of a wrong type", "not-valid"
    elif one.type == "array" and not form:
        yield f"{one.name} no list", "not-valid"
        yield f"{one.name} empty", []
    elif one.type == "string" and not form:
        yield f"{one.name} of a wrong type", ["x"]
    if one.max_length and one.max_length < 5000 and one.type in ("string", ""):
        yield f"{one.name} too long", "x" * (one.max_length + 1)
    if one.min_length and one.type in ("string", ""):
        yield f"{one.name} too short", "x" * (one.min_length - 1)
    if one.minimum is not None:
        yield f"{one.name} too small", _number(one, one.minimum if one.exclusive else one.minimum - 1)
    if one.maximum is not None:
        yield f"{one.name} too large", _number(one, one.maximum + 1)
    if one.refers:
        yield (
            f"{one.name} unknown",
            "987654321" if form else 987654321 if one.type == "integer" else "no-such-thing",
        )
    if not form and one.required and not one.nullable:
        yield f"{one.name} null", None
    if one.required and one.type in ("string", "") and not one.choices:
        yield f"{one.name} blank", ""


def _number(one: Input, number: float) -> Any:
    if one.format == "decimal":
        return f"{number:.2f}"
    return int(number) if number == int(number) else number


def refused_fields(answer: Any) -> dict[str, str]:
    """Field -> message, from the body of a refusal in the forms that frameworks give it."""
    found: dict[str, str] = {}
    if isinstance(answer, dict):
        detail = answer.get("detail", answer.get("errors", answer.get("messages")))
        if isinstance(detail, list):
            for item in detail:  # FastAPI: [{"loc": ["body", "name"], "msg": ...}]
                place = item.get("loc") if isinstance(item, dict) else None
                if isinstance(place, list) and len(place) == 2 and place[0] == "body":
                    found[str(place[1])] = str(item.get("msg", ""))
            return found
        rows = detail if isinstance(detail, dict) else answer
        if isinstance(rows.get("json"), dict):  # webargs
            rows = rows["json"]
        for name, message in rows.items():
            said = isinstance(message, list) or (isinstance(message, str) and rows is not answer)
            if said and re.fullmatch(r"[A-Za-z_]\w*", name):
                found[name] = str(message)
    for name in ("non_field_errors", "__all__", "body", "error", "detail", "message"):
        found.pop(name, None)
    return found


def taken_fields(answer: Any) -> frozenset[str]:
    """Fields that were refused because another row has their value."""
    return frozenset(name for name, message in refused_fields(answer).items() if _TAKEN.search(message))


def learned(inputs: Sequence[Input], answer: Any) -> list[Input]:
    """The inputs with those that a refusal names besides."""
    known = {one.name for one in inputs}
    return [
        *inputs,
        *(
            Input(name=name, where="body", required=True, type=_hinted(message))
            for name, message in refused_fields(answer).items()
            if name not in known
        ),
    ]


def _hinted(message: str) -> str:
    text = message.lower()
    return next((kind for word, kind in (("integer", "integer"), ("boolean", "boolean"), ("list", "array"),
                                         ("number", "number")) if word in text), "")  # fmt: skip
