"""Secrets in what an application answers: by name, by shape, and by where they stand in a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from strangler.credentials import MASK, SHAPES

EMAIL = r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+"
"""As ``contracts.http.suite.contract`` has it, which stands in generated suites and imports httpx."""

SECRET_KEY = re.compile(
    r"pass(word|wd|phrase|code)?$|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|csrf|xsrf|session|jwt"
    r"|authori[sz]ation|credential|signature|nonce|^key$|^pin$|^otp|cvv|cvc$|^iban$|card[_-]?number"
    r"|connection[_-]?string|^dsn$|_dsn$",
    re.IGNORECASE,
)
"""Names of what is secret: keys of JSON, headers, parameters of URLs, fields, variables of scripts."""

_SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    *SHAPES,
    (EMAIL, ("@",)),
    (r"\b[0-9a-f]{32,}\b", ()),
    (r"\b(?:Bearer|Token|Basic|Digest)\s+[\w.~+/=-]{8,}", ("Bearer", "Token", "Basic", "Digest")),
)
"""Expressions, and texts of which one stands in whatever they match: most answers hold few of them."""
_DIGITS = re.compile(r"\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d")
"""Stands in every `_NUMBER`, and is looked for in a third of the time."""
_NUMBER = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
_CARD = re.compile(
    r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|6(?:011|5[0-9]{2})[0-9]{12}"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b")
_PAIR = re.compile(
    r"""(?<![\w-])(?P<name>[A-Za-z_][\w-]{0,60})(?P<between>["']?\s{0,9}(?:=|:)\s{0,9})(?P<value>"[^"\n]{1,4000}"|'[^'\n]{1,4000}'|[^\s"'&;,<>#)]{1,4000})"""
)
"""``apiKey = "..."``, ``"token": "..."``, ``?token=...``, ``nonce="..."``."""
_INPUT = re.compile(r"<(?:input|meta)\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(name|id|type|value|content)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE
)


class Hiding:
    """Replaces secrets in texts; what was sent to prove who asks is hidden wherever an answer repeats it."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._sent = sorted(
            {secret for secret in known if len(secret) >= 4}, key=lambda one: (-len(one), one)
        )

    def text(self, text: str) -> str:
        """The text with `MASK` in place of each secret; as many lines as before."""
        shapes = [re.escape(secret) for secret in self._sent if secret in text]
        shapes += [shape for shape, signs in _SHAPES if not signs or any(sign in text for sign in signs)]
        text = re.compile("|".join(shapes), re.DOTALL).sub(_mask, text)
        text = _INPUT.sub(_field, text)
        text = _PAIR.sub(_pair, text)
        if _DIGITS.search(text):
            text = _NUMBER.sub(lambda found: MASK if _card(found[0]) else found[0], text)
        return _IBAN.sub(lambda found: MASK if _mod_97(found[0]) else found[0], text)


_NAMED = re.compile(
    r"pass(?:word|wd|phrase)|secret|token|api_?key|access_?key|private_?key|credential|authori[sz]ation|_dsn"
    r"|connection_?string",
    re.IGNORECASE,
)
"""Names in code beside which a text may be a secret; fewer than keys of data, where nothing else is said."""
_SIGNS = ("pass", "secret", "token", "key", "credential", "authori", "_dsn", "connection")
"""Texts of which one stands, in lower case, in whatever `_NAMED` matches of ASCII."""
_STRING = re.compile(r"""(?<!\\)(?:\"(?:[^"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')""")
_WORD = re.compile(r"[\w-]*")
_OPEN = ("(", "=", "[", "{", "\\")


def hidden_in_code(text: str) -> str:
    """Lines of source with secrets hidden: what `Hiding` finds, and the literals beside names of secrets.

    Rather too much than too little: a name such as ``token`` hides all longer literals of its line, and of
    the next one where the line stays open. A path or a sentence that holds such a word is no name.
    """
    lines = Hiding().text(text).split("\n")
    carried = False
    for number, line in enumerate(lines):
        told = _STRING.sub(_word, line)
        named = _names_secret(told)
        if named or carried:
            lines[number] = _STRING.sub(_long, line)
        carried = named and line.rstrip().endswith(_OPEN)
    return "\n".join(lines)


def _word(found: re.Match[str]) -> str:
    return found[0] if _WORD.fullmatch(found[0], 1, len(found[0]) - 1) else ""


def _names_secret(code: str) -> bool:
    # The expression costs ten times as much, and most lines name none.
    if code.isascii():
        small = code.lower()
        for sign in _SIGNS:
            if sign in small:
                break
        else:
            return False
    return _NAMED.search(code) is not None


def _long(found: re.Match[str]) -> str:
    return f"{found[0][0]}{MASK}{found[0][-1]}" if len(found[0]) >= 6 else found[0]


def _mask(found: re.Match[str]) -> str:
    return MASK + f"\n{MASK}" * found[0].count("\n")


def _pair(found: re.Match[str]) -> str:
    value = found["value"]
    bare = value.strip("\"'")
    before = found.string[found.start() - 1 : found.start()]
    if not SECRET_KEY.search(found["name"]) or bare == MASK:
        return found[0]
    if value[0] not in "\"'" and before not in ("?", "&", ";") and not _telling(bare):
        return found[0]
    hidden = f"{value[0]}{MASK}{value[-1]}" if value[0] in "\"'" else MASK
    return f"{found['name']}{found['between']}{hidden}"


def _telling(value: str) -> bool:
    """Whether a bare value may be a secret, and is no code and no word: ``token = get_token();``."""
    return re.fullmatch(r"(?=\D*\d)[\w.~+/=-]{6,}", value) is not None


def _field(found: re.Match[str]) -> str:
    """A field of a form, or a meta element, with its value hidden where its name or type says so."""
    attributes = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(found[0])}
    names = (attributes.get("name", ""), attributes.get("id", ""))
    if attributes.get("type", "").lower() != "password" and not any(map(SECRET_KEY.search, names)):
        return found[0]

    def hide(one: re.Match[str]) -> str:
        value = one[2]
        if one[1].lower() not in ("value", "content") or not value.strip("\"'"):
            return one[0]
        quote = value[0] if value[0] in "\"'" else ""
        mask = MASK + f"\n{MASK}" * value.count("\n")
        return one[0][: one.start(2) - one.start()] + f"{quote}{mask}{quote}"

    return _ATTRIBUTE.sub(hide, found[0])


def _card(text: str) -> bool:
    """Whether a number begins as payment cards do, and has their check digit (ISO/IEC 7812-1, annex B)."""
    number = re.sub(r"[ -]", "", text)
    if not _CARD.fullmatch(number):
        return False
    digits = [int(one) for one in number]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mod_97(text: str) -> bool:
    """Whether the check digits are those of an international bank account number (ISO 13616)."""
    bare = text.replace(" ", "")
    number = "".join(str(int(one, 36)) for one in bare[4:] + bare[:4])
    return 15 <= len(bare) <= 34 and int(number) % 97 == 1
