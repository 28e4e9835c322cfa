"""What a client can notice of an answer, and how two answers differ. Needs httpx, and nothing of strangler.

An observation is plain JSON: status, headers, names and attributes of cookies, and the body. JSON bodies keep
the spelling of their decimals (``{"$number": "1.50"}``); text is kept by lines; anything else by its SHA-256.
The address of the server is written as ``{base}``.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx

# What changes with every answer or belongs to the hop and not to the service.
VOLATILE = frozenset((
    "age", "alt-svc", "connection", "content-encoding", "content-length", "date", "keep-alive", "nel",
    "report-to", "server", "server-timing", "set-cookie", "traceparent", "tracestate",
    "transfer-encoding", "via", "x-amzn-trace-id", "x-b3-spanid", "x-b3-traceid", "x-cache",
    "x-correlation-id", "x-powered-by", "x-process-time", "x-request-id", "x-response-time",
    "x-runtime", "x-served-by", "x-strangler-backend", "x-trace-id", "x-varnish",
))  # fmt: skip
# Lists whose order means nothing (RFC 9110, Fetch): some servers keep them in sets and order them by chance.
UNORDERED = frozenset(
    (
        "accept-patch",
        "accept-post",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
        "allow",
        "cache-control",
        "vary",
    )
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")
SHAPES = {"uuid": UUID, "email": EMAIL}


class Bounds(NamedTuple):
    """What one answer may cost; a suite has those with which it was recorded."""

    bytes: int
    """Of the body, decompressed."""
    seconds: float
    """Until the answer is whole; one read of it may take half of them."""
    levels: int
    """Of JSON: objects and lists in each other; a body nested deeper is kept by its hash."""
    values: int
    """Of a JSON body, or lines of a text; a body with more is kept by its hash."""

    @property
    def patience(self) -> float:
        """Seconds that one read may take."""
        return self.seconds / 2


def observe(answer: httpx.Response, base: str, bounds: Bounds) -> dict[str, Any]:
    """The answer as an observation."""
    seen: dict[str, Any] = {"status": answer.status_code}
    seen["headers"] = {
        name: _placed(_header(name, ", ".join(answer.headers.get_list(name)), answer), base)
        for name in sorted({name.lower() for name in answer.headers})
        if name not in VOLATILE and not (name == "content-type" and answer.status_code in (204, 304))
    }
    if "location" in seen["headers"]:  # relative or with the address of the server: the same to a client
        seen["headers"]["location"] = seen["headers"]["location"].removeprefix("{base}") or "/"
    seen["cookies"] = sorted(
        _cookie(text)
        for text in answer.headers.get_list("set-cookie")
        if not text.startswith("strangler_user=")  # the façade keeps each user on one side with it
    )
    kind = answer.headers.get("content-type", "").lower()
    if "json" in kind:
        try:
            return seen | {"json": _json(_placed(answer.content.decode("utf-8"), base), bounds)}
        except _TooMuchError:
            return seen | {"sha256": hashlib.sha256(answer.content).hexdigest()}
        except ValueError:
            pass
    if not answer.content or kind.startswith("text/") or "xml" in kind or "json" in kind:
        text = _placed(answer.text, base).removeprefix("\ufeff")
        lines = _html_lines(text) if "html" in kind else text.split("\n") if text else []
        if len(lines) <= bounds.values:
            return seen | {"text": lines}
    return seen | {"sha256": hashlib.sha256(answer.content).hexdigest()}


class _TooMuchError(ValueError):
    """A body has more or deeper values than can be compared."""


def _json(text: str, bounds: Bounds) -> Any:
    """The value, decimals as they are spelt.

    Raises:
        _TooMuchError: more or deeper values than can be compared.
        ValueError: no JSON, or a key that comes twice.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key comes twice")
        return found

    def spelt(number: str) -> dict[str, str]:
        return {"$number": number}

    try:
        found = json.loads(text, parse_float=spelt, parse_constant=spelt, object_pairs_hook=unique)
    except RecursionError:
        raise _TooMuchError from None
    level, count = [found], 0
    for _ in range(bounds.levels):
        count += len(level)
        if not level or count > bounds.values:
            break
        nested = (
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        )
        level = [value for values in nested for value in values]
    if level:
        raise _TooMuchError
    return found


def _html_lines(text: str) -> list[str]:
    """Lines without the blanks at their ends: a browser shows the same."""
    return [line.rstrip() for line in text.strip().splitlines()]


def _header(name: str, value: str, answer: httpx.Response) -> str:
    """The value in one form of several that mean the same."""
    if name == "content-type":
        kind, *parameters = (part.strip().lower() for part in value.split(";"))
        kept = [p.replace('"', "") for p in sorted(parameters) if p]
        if "json" in kind:  # RFC 8259: it is UTF-8 whether that is said or not
            kept = [p for p in kept if p != "charset=utf-8"]
        return "; ".join([kind, *kept])
    if name == "etag":
        return "(any)" if value else ""
    if name == "expires":
        return _after(value, answer.headers.get("date", ""))
    if name not in UNORDERED or '"' in value:
        return value
    members = {part.strip().lower() if name == "vary" else part.strip() for part in value.split(",")}
    return ", ".join(sorted(members - {"accept-encoding"} if name == "vary" else members))


def _after(value: str, now: str) -> str:
    """A moment relative to that of the answer, to half a minute."""
    try:
        seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(now)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return value
    return f"date {round(seconds / 30) * 30:+d} s"


def _placed(text: str, base: str) -> str:
    return text.replace(base, "{base}").replace(base.partition("://")[2], "{base}") if base else text


def _cookie(text: str) -> str:
    """Name and attributes; the value is nobody's contract, and how long it lives is kept to the minute."""
    first, *attributes = (part.strip() for part in text.split(";"))
    names = {a.partition("=")[0].lower(): a.partition("=")[2] for a in attributes if a}
    if "max-age" in names:
        names.pop("expires", None)
        seconds = names["max-age"]
        if re.fullmatch(r"-?[0-9]{1,15}", seconds):
            names["max-age"] = f"{round(int(seconds) / 60)} min"
    elif "expires" in names:
        names["expires"] = "(any)"
    if "samesite" in names:
        names["samesite"] = names["samesite"].lower()
    return "; ".join([first.partition("=")[0], *(f"{k}={v}" if v else k for k, v in sorted(names.items()))])


def flatten(value: Any, path: str = "json") -> dict[str, Any]:
    """Path -> scalar; an empty object or list stands for itself, and a list has its length."""
    if isinstance(value, dict) and set(value) != {"$number"}:
        found: dict[str, Any] = {f"{path}{{}}": sorted(value)}
        for key, item in value.items():
            found |= flatten(item, f"{path}.{key}")
        return found
    if isinstance(value, list):
        found = {f"{path}[]": len(value)}
        for index, item in enumerate(value):
            found |= flatten(item, f"{path}[{index}]")
        return found
    return {path: value}


def parts(observation: dict[str, Any]) -> dict[str, Any]:
    """Everything in an observation that can be compared, by path."""
    found = {"status": observation["status"], "cookies": observation["cookies"]}
    found |= {f"header.{name}": value for name, value in observation["headers"].items()}
    if "json" in observation:
        return found | flatten(observation["json"])
    if "text" in observation:
        lines = observation["text"]
        return found | {"text[]": len(lines)} | {f"text[{i}]": line for i, line in enumerate(lines)}
    return found | {"sha256": observation["sha256"]}


def differences(
    expected: dict[str, Any],
    observed: dict[str, Any],
    matchers: dict[str, Any],
    anywhere: dict[str, Any] | None = None,
) -> list[str]:
    """What a client would notice, one sentence each; headers that came in addition are no difference.

    Args:
        matchers: path -> what its value has to fit.
        anywhere: path with ``[*]`` for any place in a list -> what is no difference where both values fit.
    """
    wanted, found = parts(expected), parts(observed)
    free = tuple(path[:-2] for path, matcher in matchers.items() if matcher["type"] == "any_list")
    result = []
    for path, value in wanted.items():
        if _below(path, free):
            continue
        if path not in found:
            result.append(f"{path} is missing (was {value!r})")
        elif path in matchers:
            if not fits(matchers[path], found[path]):
                result.append(f"{path} is {found[path]!r}, which does not fit {matchers[path]}")
        elif not same(value, found[path]) and not _alike(path, (value, found[path]), anywhere or {}):
            result.append(f"{path} is {found[path]!r}, was {value!r}")
    result += [
        f"{path} is new: {value!r}"
        for path, value in found.items()
        if path not in wanted and not path.startswith("header.") and not _below(path, free)
    ]
    return result


def _alike(path: str, values: tuple[Any, Any], anywhere: dict[str, Any]) -> bool:
    """Whether two values differ in a way that was said to be none, wherever they stand."""
    matcher = anywhere.get(re.sub(r"\[\d+\]", "[*]", path))
    return matcher is not None and all(fits(matcher, value) for value in values)


def _below(path: str, free: tuple[str, ...]) -> bool:
    """Whether a path is one of those or lies below it."""
    return any(path.startswith(one) and path[len(one) : len(one) + 1] in ("", ".", "[", "{") for one in free)


def same(a: Any, b: Any) -> bool:
    """Equal in value and in JSON type: true is not 1, and 1 is not 1.0."""
    return type(a) is type(b) and bool(a == b)


def fits(matcher: dict[str, Any], value: Any) -> bool:
    """Whether a value is of the kind that a matcher describes."""
    kind = matcher["type"]
    if kind == "any":
        return True
    if kind == "regex":
        return isinstance(value, str) and re.fullmatch(matcher["pattern"], value, re.DOTALL) is not None
    if kind in SHAPES:
        return isinstance(value, str) and SHAPES[kind].fullmatch(value) is not None
    if kind in ("datetime", "date"):
        return kind_of(value) == {name: entry for name, entry in matcher.items() if name != "why"}
    return bool(kind_of(value)["type"] == kind)


def kind_of(value: Any) -> dict[str, Any]:
    """The narrowest kind that describes a scalar; of a time its offset, too."""
    if value is None:
        return {"type": "null"}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, dict):
        return {"type": "number"}
    if not isinstance(value, str):
        return {"type": "list"}
    if UUID.fullmatch(value):
        return {"type": "uuid"}
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            date.fromisoformat(value)
            return {"type": "date"}
        if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
            datetime.fromisoformat(value)
            zone = re.search(r"(Z|[+-]\d\d:?\d\d)$", value)
            return {"type": "datetime", "zone": zone[1] if zone else "none"}
    except ValueError:
        pass
    return {"type": "string"}
