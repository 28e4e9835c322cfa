"""The one service that requests may go to, and how much of an answer is taken. Needs httpx.

Paths come from the code of the monolith and from links in its answers: neither may decide which host is
asked, nor how much memory and time an answer costs.
"""

from __future__ import annotations

import codecs
import socket
import threading
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from contract import Bounds  # type: ignore[import-not-found,unused-ignore]

ONE_EACH = httpx.Limits(max_keepalive_connections=0)
"""A connection for each request: what is sent after an answer is not the answer of the next one."""
ENCODINGS = ("gzip", "x-gzip", "deflate")
STREAMS = ("text/event-stream", "multipart/x-mixed-replace")
UNTEXTUAL = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"))
"""Python codecs of text that no charset names; decoding some of them takes quadratic time."""
LOST = (b"content-encoding", b"content-length", b"transfer-encoding")
"""Headers that do not hold for the body as it was taken."""


class TargetRefusedError(httpx.HTTPError):
    """A request would go elsewhere, or an answer was too large, too slow or not readable."""


class ElsewhereError(TargetRefusedError):
    """A request would go elsewhere: nothing was sent."""


class Target:
    """Address of the service under test: scheme, host, port, and the path that it is mounted at."""

    def __init__(self, base: str) -> None:
        """Take an address such as ``http://127.0.0.1:8000``.

        Raises:
            ValueError: no such address, or credentials in it.
        """
        try:
            url = httpx.URL(base.strip())
        except httpx.InvalidURL as error:
            raise ValueError(f"{base!r} is no address of a service: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"{base!r} is no address of a service; write http://host:port")
        if url.userinfo or url.query or url.fragment:
            raise ValueError(
                "the address of a service is scheme, host, port and path: "
                "say who asks with --as, not in the address"
            )
        self._root = url
        self._mount = url.path.rstrip("/")
        self.base = str(url).rstrip("/")

    def url(self, path: str, params: Any = None) -> httpx.URL:
        """The URL of a path of this service.

        Raises:
            ElsewhereError: the path does not begin with a slash, or it names another host.
        """
        if not path.startswith("/"):
            raise ElsewhereError(f"the path {path!r} does not begin with a slash: nothing is sent")
        place, mark, query = path.partition("?")
        url = self._root.copy_with(path=self._mount + place, query=query.encode() if mark else None)
        url = httpx.URL(url, params=params) if params else url
        self.guard(url)
        return url

    def guard(self, url: httpx.URL) -> None:
        """Let a URL pass that is one of this service.

        Raises:
            ElsewhereError: its scheme, host or port is another, or it carries credentials.
        """
        here, there = ((one.scheme, one.host, one.port) for one in (self._root, url))
        if here != there or url.userinfo:
            raise ElsewhereError(f"{url.copy_with(userinfo=None)} is not on {self.base}: nothing is sent")


class Line:
    """Sends requests to one target and takes bounded answers."""

    def __init__(self, http: httpx.Client, target: Target, bounds: Bounds) -> None:
        self._http = http
        self.target = target
        self.bounds = bounds
        self._sockets: dict[int, socket.socket] = {}

    def ask(self, method: str, url: httpx.URL, **options: Any) -> httpx.Response:
        """One answer, with its body decompressed; an endless stream has its headers only.

        Raises:
            TargetRefusedError: the request would go elsewhere; the answer is larger or slower than its bounds
                allow, or compressed in a way that was not asked for.
            httpx.HTTPError: no answer.
        """
        given = {"Accept-Encoding": "gzip, deflate"} | options.pop("headers", {})
        headers = {name: value.encode("utf-8", "replace") for name, value in given.items()}
        tracing = {"trace": self._trace}
        request = self._http.build_request(method, url, headers=headers, extensions=tracing, **options)
        self.target.guard(request.url)
        late = threading.Event()
        # looking for paths has less patience than recording
        seconds = min(self.bounds.seconds, 2 * (self._http.timeout.read or self.bounds.patience))
        watch = threading.Timer(seconds, self._hang_up, (late,))
        watch.daemon = True
        watch.start()
        self._http.cookies.clear()  # who asks is said by the headers alone
        try:
            answer = self._http.send(request, stream=True, follow_redirects=False)
            try:
                taken = self._taken(answer, request)
            finally:
                answer.close()
            if late.is_set():  # a body that ends with its connection looks whole
                raise OSError
            return taken
        except (httpx.HTTPError, OSError, ValueError) as error:
            if late.is_set():
                raise TargetRefusedError(
                    f"the answer was not whole after {seconds:g} s (limit answer-seconds)"
                ) from error
            raise
        finally:
            watch.cancel()
            self._http.cookies.clear()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Remember the connections: httpx has no time-out for an answer as a whole."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            found = info["return_value"].get_extra_info("socket")
            if found is not None:
                alive = {n: one for n, one in self._sockets.items() if one.fileno() != -1}
                self._sockets = {**alive, found.fileno(): found}

    def _hang_up(self, late: threading.Event) -> None:
        late.set()
        for one in list(self._sockets.values()):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def _taken(self, answer: httpx.Response, request: httpx.Request) -> httpx.Response:
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() not in LOST]
        if answer.headers.get("content-type", "").lower().startswith(STREAMS):
            return httpx.Response(answer.status_code, headers=headers, request=request)
        body, size = [], 0
        for part in _plain(answer):
            body.append(part)
            size += len(part)
            if size > self.bounds.bytes:
                raise TargetRefusedError(
                    f"the answer is larger than allowed (limit answer-bytes: {self.bounds.bytes:,})"
                )
        taken = httpx.Response(answer.status_code, headers=headers, content=b"".join(body), request=request)
        taken.encoding = _charset(taken)
        return taken


def _plain(answer: httpx.Response) -> Iterator[bytes]:
    """The body in parts, decompressed a bounded step at a time."""
    if answer.is_stream_consumed:  # a transport in this process gave it as a whole
        yield answer.content
        return
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from answer.iter_raw()
        return
    if encoding not in ENCODINGS:
        raise TargetRefusedError(f"the answer is encoded as {encoding[:40]!r}, which was not asked for")
    inflater: Any = None
    for part in answer.iter_raw():
        if inflater is None:  # deflate is sent with and without the zlib header (RFC 9110, 8.4.1.2)
            bare = encoding == "deflate" and (part[0] & 15 != 8 or (part[0] << 8 | (part + b"\0")[1]) % 31)
            inflater = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
        rest = part
        while rest:
            try:
                plain = inflater.decompress(rest, 2**20)
            except zlib.error as error:
                raise TargetRefusedError(f"the answer cannot be decompressed: {error}") from error
            yield plain
            rest = inflater.unconsumed_tail
            if not plain and not rest:
                break


def _charset(answer: httpx.Response) -> str:
    """The charset that the answer names, if text can be read in it; else UTF-8."""
    name = answer.charset_encoding or "utf-8"
    try:
        found = codecs.lookup(name)
        b"\0\0\0\0".decode(name, "replace")  # refuses what turns bytes into bytes
    except (LookupError, ValueError):
        return "utf-8"
    known = found.incrementaldecoder is not None and found.name.replace("-", "_") not in UNTEXTUAL
    return found.name if known else "utf-8"
