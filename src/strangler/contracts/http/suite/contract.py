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
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
# What changes with every answer or belongs to the hop and not to the service.
VOLATILE = frozenset(
    (
        "age",
        "alt-svc",
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "server",
        "set-cookie",
        "transfer-encoding",
        "via",
        "x-correlation-id",
        "x-request-id",
        "x-response-time",
        "x-runtime",
        "x-strangler-backend",
    )
)
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
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
SHAPES = {"uuid": UUID, "email": EMAIL}


def observe(answer: httpx.Response, base: str) -> dict[str, Any]:
    """The answer as an observation."""
    seen: dict[str, Any] = {"status": answer.status_code}
    seen["headers"] = {
        name: _placed(_header(name, ", ".join(answer.headers.get_list(name))), base)
        for name in sorted({name.lower() for name in answer.headers})
        if name not in VOLATILE
    }
    seen["cookies"] = sorted(_cookie(text) for text in answer.headers.get_list("set-cookie"))
    kind = answer.headers.get("content-type", "").lower()
    if "json" in kind:
        try:
            text = _placed(answer.content.decode("utf-8"), base)
            return seen | {"json": json.loads(text, parse_float=lambda number: {"$number": number})}
        except ValueError:
            pass
    if not answer.content or kind.startswith("text/") or "xml" in kind or "json" in kind:
        return seen | {"text": _placed(answer.text, base).splitlines()}
    return seen | {"sha256": hashlib.sha256(answer.content).hexdigest()}


def _header(name: str, value: str) -> str:
    """The value; members of an unordered list sorted."""
    if name not in UNORDERED or '"' in value:
        return value
    return ", ".join(sorted(part.strip() for part in value.split(",")))


def _placed(text: str, base: str) -> str:
    return text.replace(base, "{base}").replace(base.partition("://")[2], "{base}") if base else text


def _cookie(text: str) -> str:
    """Name and attributes; value and time of expiry are nobody's contract."""
    first, *attributes = (part.strip() for part in text.split(";"))
    kept = sorted(a for a in attributes if not a.lower().startswith(("expires=", "max-age=")))
    return "; ".join([first.partition("=")[0], *kept])


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


def differences(expected: dict[str, Any], observed: dict[str, Any], matchers: dict[str, Any]) -> list[str]:
    """What a client would notice, one sentence each; headers that came in addition are no difference."""
    wanted, found = parts(expected), parts(observed)
    free = tuple(path[:-2] for path, matcher in matchers.items() if matcher["type"] == "any_list")
    result = []
    for path, value in wanted.items():
        if path.startswith(free) and free:
            continue
        if path not in found:
            result.append(f"{path} is missing (was {value!r})")
        elif path in matchers:
            if not fits(matchers[path], found[path]):
                result.append(f"{path} is {found[path]!r}, which does not fit {matchers[path]}")
        elif not same(value, found[path]):
            result.append(f"{path} is {found[path]!r}, was {value!r}")
    result += [
        f"{path} is new: {value!r}"
        for path, value in found.items()
        if path not in wanted and not path.startswith("header.") and not (free and path.startswith(free))
    ]
    return result


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


class Api:
    """Sends the requests of the contract; identities are given on the command line and stored nowhere."""

    def __init__(self, client: httpx.Client, base: str, identities: dict[str, dict[str, str]]) -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._identities = {"anonymous": {}, **identities}
        self._recorded = json.loads((HERE / "recordings.json").read_text(encoding="utf-8"))["answers"]
        self._matchers = json.loads((HERE / "matchers.json").read_text(encoding="utf-8"))

    def check(self, case: str, method: str, path: str, *, identity: str, status: int, **options: Any) -> None:
        """Send a request and compare the answer with the recorded one."""
        if identity not in self._identities:
            raise AssertionError(f"who is {identity!r}? Say it with --as {identity}='Authorization: ...'")
        url = httpx.URL(self._base + path, params=options.pop("params", None))
        # Some servers send a body with HEAD all the same: nothing may be read after it.
        closing = {"Connection": "close"} if method == "HEAD" else {}
        headers = {**self._identities[identity], **closing}
        self._client.cookies.clear()  # what one identity was given is not another's
        answer = self._client.request(method, url, headers=headers, **options)
        assert answer.status_code == status, f"{method} {path}: status {answer.status_code}, was {status}"
        found = differences(self._recorded[case], observe(answer, self._base), self._matchers.get(case, {}))
        assert not found, f"{method} {path} as {identity} differs:\n  " + "\n  ".join(found[:30])
