"""Which spellings of a URL path are canonical, and what becomes of the others.

Gateways and Python servers disagree on raw paths (decoding of ``%2F``, empty and dot segments ...). So each
raw path falls into one class, and each class has one outcome on every gateway:

``canonical``   routed by the rules. Percent-encoded unreserved characters (``%6F``) and the case of
                hexadecimal digits do not matter (RFC 3986, 6.2.2.1 and 6.2.2.2): Traefik, Istio and Kong
                normalise them before any rule sees them. Nor does it matter whether ASCII characters
                that ought to be encoded are (``|``, ``^``, ``"`` ...).
``ambiguous``   empty segment, ``.`` segment, encoded slash, backslash, control character, bytes that are not
                UTF-8: the policy decides. ``reject`` answers 400; ``monolith`` sends it there as it is;
                ``normalise`` routes by the normal form of slashes and dots, and answers 400 to the rest.
``malformed``   bad percent sign, ``%00``, ``..`` segment, raw control characters, blanks or non-ASCII bytes:
                answered with 400 under every policy (some gateways leave no choice). One exception: Traefik
                encodes raw non-ASCII bytes before anything can see them, and routes them.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote, unquote_to_bytes

from strangler.routing.parse import parse
from strangler.routing.terms import Term

Spelling = Literal["canonical", "ambiguous", "malformed"]
Policy = Literal["reject", "monolith", "normalise"]
POLICIES: dict[Policy, str] = {
    "reject": "answered with 400",
    "monolith": "sent to the monolith as they are",
    "normalise": "routed as the path that they normalise to",
}
"""What becomes of paths in an ambiguous spelling."""

_SLASH = r"(?:/|%2[Ff])"
_DOT = r"(?:\.|%2[Ee])"
MALFORMED = (
    r"%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|[0-9A-Fa-f]?$)",
    r"%00",
    rf"{_SLASH}{_DOT}{_DOT}(?:{_SLASH}|$)",
    r"[^!-~]|#",
)
"""Searched in the raw path (no query string); understood alike by PCRE, RE2, Go and Python."""

FOLDABLE = (
    r"//",
    rf"{_SLASH}{_DOT}(?:{_SLASH}|$)",
    r"%2[Ff]",
)
"""Searched in the raw path: ambiguous, but with a normal form."""
UNUSUAL = (
    r"%5[Cc]|\\",
    r"%[01][0-9A-Fa-f]|%7[Ff]",
    r"%[Ee][Ff]%[Bb][Ff]%[Bb][Dd]",  # U+FFFD, which some gateways put in place of bad bytes
)
"""Searched in the raw path: ambiguous without a normal form."""

_TAIL = r"%[89ABab][0-9A-Fa-f]"
VALID = (
    r"^(?:[^%]|%[0-7][0-9A-Fa-f]"
    rf"|%(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f]){_TAIL}"
    rf"|%[Ee]0%[ABab][0-9A-Fa-f]{_TAIL}|%[Ee][1-9A-Ca-cEeFf]{_TAIL}{_TAIL}|%[Ee][Dd]%[89][0-9A-Fa-f]{_TAIL}"
    rf"|%[Ff]0%[9ABab][0-9A-Fa-f]{_TAIL}{_TAIL}|%[Ff][1-3]{_TAIL}{_TAIL}{_TAIL}|%[Ff]4%8[0-9A-Fa-f]{_TAIL}{_TAIL}"
    r")*$"
)
"""A raw path whose percent escapes are UTF-8 matches this; one that does not is ambiguous."""

_malformed = re.compile("|".join(MALFORMED).replace("$", r"\Z"))
_ambiguous = re.compile("|".join((*FOLDABLE, *UNUSUAL)).replace("$", r"\Z"))
_unusual = re.compile("|".join(UNUSUAL))
_valid = re.compile(VALID[:-1] + r"\Z")


def classify(raw_path: str) -> Spelling:
    """The class of a raw path, without its query string."""
    if not raw_path.startswith("/") or _malformed.search(raw_path):
        return "malformed"
    return "ambiguous" if _ambiguous.search(raw_path) or not _valid.match(raw_path) else "canonical"


def has_normal_form(raw_path: str) -> bool:
    """Whether an ambiguous path can be normalised at all; the others are refused by ``normalise``."""
    return _unusual.search(raw_path) is None and _valid.match(raw_path) is not None


def decode(raw_path: str) -> str:
    """The path as a Python server hands it to the framework: percent-decoded once, read as UTF-8."""
    return unquote_to_bytes(raw_path).decode("utf-8", "replace")


def normalise(raw_path: str) -> str:
    """The decoded path with empty and ``.`` segments removed: what the ``normalise`` policy routes by."""
    path = re.sub(r"/{2,}", "/", unquote(raw_path, errors="replace"))
    while "/./" in path:
        path = path.replace("/./", "/")
    return path[:-1] if path.endswith("/.") else path


SEGMENT_CHARS = r"[^/\\\x00-\x1f\x7f\ufffd]"


def canonical_paths() -> Term:
    """The decoded paths that a canonical raw path can stand for: no segment is empty, ``.`` or ``..``."""
    char = SEGMENT_CHARS
    other = char[:-1] + r".]"
    name = rf"(?:{other}{char}*|\.{other}{char}*|\.\.{char}+)"
    return parse(rf"/(?:{name}(?:/{name})*/?)?")
