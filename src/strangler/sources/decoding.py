"""Bytes to text exactly as Python reads a source file (PEP 263); nothing is replaced silently."""

from __future__ import annotations

import codecs
import io
import tokenize

_OTHER_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SLOW = frozenset({"idna", "punycode"})
"""Codecs that need quadratic time, which no source file uses."""


class EncodingError(ValueError):
    """The bytes are not text that Python would read; ``line`` is where, if known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def decode(data: bytes) -> str:
    """The text of a source file, without its byte order mark, with every line end as a line feed.

    Raises:
        EncodingError: another encoding than the file declares (UTF-8 if it declares none), or no text.
    """
    for mark, name in _OTHER_BOMS:
        if data.startswith(mark):
            raise EncodingError(f"{name} text, which Python does not read; save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise EncodingError("contains a NUL byte: binary data, or UTF-16 or UTF-32 text", line)
    try:
        text = data.decode("utf-8") if b"coding" not in data[:400] else data.decode(_declared(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise EncodingError(
            f"byte 0x{byte:02x} is not {error.encoding}; save the file as UTF-8 or declare its encoding", line
        ) from None
    except (LookupError, ValueError) as error:
        raise EncodingError(str(error), 1) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def _declared(data: bytes) -> str:
    """The encoding that a byte order mark or a comment in the first two lines declares."""
    head = data[:4000].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        name = tokenize.detect_encoding(io.BytesIO(head).readline)[0]
    except SyntaxError as error:
        raise ValueError(str(error.msg)) from None
    except UnicodeDecodeError:
        return "utf-8"
    info = codecs.lookup(name)
    if not getattr(info, "_is_text_encoding", True) or info.name in _SLOW:
        raise ValueError(f"{name} is not an encoding of text")
    return name
