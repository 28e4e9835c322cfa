"""Sends the requests of a contract: who asks, sign-in, form tokens, putting the data back. Needs httpx."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from contract import Bounds  # type: ignore[import-not-found,unused-ignore]
    from contract_target import Line  # type: ignore[import-not-found,unused-ignore]

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
TOKEN_NAMES = ("csrfmiddlewaretoken", "csrf_token", "_csrf_token", "authenticity_token", "_csrf", "nonce")
INPUT = re.compile(r"<(?:input|meta)\b[^<>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(name|value|content)\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
NONCE = re.compile(r"""["']?csrf[_-]?(?:nonce|token)["']?\s*[:=]\s*["']([^"']{8,})["']""", re.IGNORECASE)
COOKIE_HEADERS = {
    "csrftoken": "X-CSRFToken",
    "XSRF-TOKEN": "X-XSRF-TOKEN",
    "csrf_access_token": "X-CSRF-TOKEN",
}
LOGIN = re.compile(r"log-?in|sign-?in|/auth\b", re.IGNORECASE)


RESET_SECONDS = 120
"""What puts the data back may take so long."""


class ResetError(RuntimeError):
    """The data could not be put back."""


class Resetter:
    """Puts the data back: a URL that takes POST, or a command that is run without a shell."""

    def __init__(self, how: str) -> None:
        self._how = how
        self.restarts = not how.startswith(("http://", "https://"))
        """Whether the service may have been stopped on the way."""

    def __call__(self) -> None:
        """Put the data back.

        Raises:
            ResetError: the command or the URL says that it could not.
        """
        if not self.restarts:
            answer = httpx.post(self._how, timeout=RESET_SECONDS, trust_env=False)
            if answer.status_code >= 400:
                place = httpx.URL(self._how).copy_with(userinfo=None, query=None)
                raise ResetError(f"reset: POST {place} answered {answer.status_code}")
            return
        command = shlex.split(self._how)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=RESET_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ResetError(
                f"reset: {self._how!r} did not end in {RESET_SECONDS} s; what it starts in the background "
                "must not keep its output open: let it write to a file"
            ) from None
        except OSError as error:
            raise ResetError(f"reset: {self._how!r} cannot be run: {error.strerror or error}") from None
        if done.returncode:
            said = done.stderr.strip()[-300:]
            raise ResetError(f"reset: {self._how!r} ended with {done.returncode}: {said}")


def resetter(how: str) -> Callable[[], None]:
    """What puts the data back."""
    return Resetter(how)


class Client:
    """One conversation after the other with a service; nobody's cookies reach anybody else."""

    def __init__(
        self,
        line: Line,
        identities: dict[str, dict[str, str]],
        logins: dict[str, tuple[str, dict[str, str]]] | None = None,
        reset: Callable[[], None] | None = None,
    ) -> None:
        """Take the line to the service and who may ask.

        Args:
            identities: name -> headers.
            logins: name -> path of a form and its fields, for those who sign in.
            reset: puts the data back to where they were recorded.
        """
        self._line = line
        self.base: str = line.target.base
        self.bounds: Bounds = line.bounds
        self._identities = {"anonymous": {}, **identities}
        self._logins = logins or {}
        self._reset = reset
        self._sessions: dict[str, dict[str, str]] = {}
        self._jars: dict[str, dict[str, str]] = {}
        self.dirty = False
        """Whether something was written since the data were put back."""
        self.ended = ""
        """Who lost a session by the last answer."""
        self._clean = True

    @property
    def names(self) -> tuple[str, ...]:
        """Who may ask, nobody last."""
        return (*dict.fromkeys((*self._identities, *self._logins)), "anonymous")[1:]

    @property
    def resets(self) -> bool:
        """Whether the data can be put back."""
        return self._reset is not None

    def knows(self, identity: str) -> bool:
        """Whether that identity was given."""
        return identity in self._identities or identity in self._logins

    def cookies(self, identity: str) -> dict[str, str]:
        """What that identity would send now."""
        return dict(self._jar(identity))

    def begin(self) -> None:
        """Start a conversation: cookies of the one before are gone, and so is what it wrote."""
        self._jars.clear()
        if self.dirty and self._reset is not None:
            self.put_back()

    def put_back(self) -> None:
        """Put the data back; sessions have to be opened anew."""
        if self._reset is not None:
            self._reset()
            if getattr(self._reset, "restarts", True):
                self.wait()
        self._sessions.clear()
        self._jars.clear()
        self.dirty = False

    def wait(self, seconds: float = 60) -> None:
        """Wait until the service takes connections again.

        Raises:
            httpx.ConnectError: it does not.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                url = self._line.target.url("/")
                self._line.ask("HEAD", url, headers={"Connection": "close"}, timeout=10)
                return
            except httpx.ConnectError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            except httpx.HTTPError:  # it answers, if badly
                return

    def _jar(self, identity: str) -> dict[str, str]:
        if identity not in self._jars:
            if identity in self._logins and identity not in self._sessions:
                self._sign_in(identity)
            sent = self._identities.get(identity, {}).get("Cookie", "")
            self._jars[identity] = _pairs(sent) | self._sessions.get(identity, {})
        return self._jars[identity]

    def _sign_in(self, identity: str) -> None:
        path, fields = self._logins[identity]
        self._jars[identity] = {}
        answer = self._send("POST", path, identity, form=fields, csrf=path)
        again = re.search(r"""type=["']?password""", answer.text)
        if answer.status_code >= 400 or again or not self._jars[identity]:
            raise ResetError(f"{identity} could not sign in: POST {path} answered {answer.status_code}")
        self._sessions[identity] = dict(self._jars.pop(identity))

    def send(
        self,
        method: str,
        path: str,
        *,
        identity: str = "anonymous",
        params: Any = None,
        json: Any = None,
        form: dict[str, Any] | None = None,
        content: str | None = None,
        csrf: str = "",
        validators: httpx.Response | None = None,
    ) -> httpx.Response:
        """Send one request of the conversation.

        Args:
            form: fields of a form, sent URL-encoded.
            content: a body as it stands, said to be JSON.
            csrf: path of the page with the form: its token is sent along.
            validators: an answer whose ETag and Last-Modified are sent back.
        """
        self._clean = not self.dirty
        if method not in SAFE:
            self.dirty = True
        body = {"params": params, "json": json, "form": form, "content": content, "csrf": csrf}
        return self._send(method, path, identity, validators=validators, **body)

    def took(self, answer: httpx.Response) -> None:
        """Note what became of the last request: one that was turned away has written nothing."""
        refused = 400 <= answer.status_code < 500 or to_login(
            answer.status_code, answer.headers.get("location", "")
        )
        if self._clean and refused and not self.ended:
            self.dirty = False

    def _send(self, method: str, path: str, identity: str, **body: Any) -> httpx.Response:
        jar = self._jar(identity)
        headers = {k: v for k, v in self._identities.get(identity, {}).items() if k.lower() != "cookie"}
        options: dict[str, Any] = {}
        if body.get("csrf"):
            name, token = self._token(body["csrf"], identity)
            headers |= {"Referer": str(self._line.target.url(body["csrf"]))}
            if token:
                headers |= {"X-CSRFToken": token, "CSRF-Token": token}
                if body.get("form") is not None and name:
                    body["form"] = {**body["form"], name: token}
            headers |= {to: jar[cookie] for cookie, to in COOKIE_HEADERS.items() if cookie in jar}
        if body.get("json") is not None:
            options["json"] = body["json"]
        elif body.get("form") is not None:
            options["data"] = body["form"]
        elif body.get("content") is not None:
            options["content"] = body["content"].encode()
            headers["Content-Type"] = "application/json"
        elif body.get(
            "csrf"
        ):  # as scripts of pages send it: some frameworks look for a form's token otherwise
            headers["Content-Type"] = "application/json"
        if body.get("validators") is not None:
            known = body["validators"].headers
            headers |= {"If-None-Match": known["etag"]} if "etag" in known else {}
            headers |= {"If-Modified-Since": known["last-modified"]} if "last-modified" in known else {}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if method == "HEAD":  # some servers send a body all the same, which nothing may read after it
            headers["Connection"] = "close"
        url = self._line.target.url(path, body.get("params"))
        answer: httpx.Response = self._line.ask(method, url, headers=headers, **options)
        self._keep(answer, identity)
        return answer

    def _keep(self, answer: httpx.Response, identity: str) -> None:
        """Take the cookies of an answer; notice when they end a session."""
        jar = self._jars.setdefault(identity, {})
        opened = self._sessions.get(identity, {}) | _pairs(
            self._identities.get(identity, {}).get("Cookie", "")
        )
        self.ended = ""
        for text in answer.headers.get_list("set-cookie"):
            first, *attributes = (part.strip() for part in text.split(";"))
            name, _, value = first.partition("=")
            gone = any(a.lower().replace(" ", "") == "max-age=0" for a in attributes)
            if gone or value in ("", '""'):
                jar.pop(name, None)
                if name in opened:
                    self.ended, self.dirty = identity, True
            else:
                jar[name] = value

    def _token(self, page: str, identity: str) -> tuple[str, str]:
        """Name of the field and value of the token that a page with a form carries."""
        answer = self._send("GET", page, identity)
        return form_token(answer.text)


def to_login(status: int, location: str) -> bool:
    """Whether an answer sends people to sign in first."""
    return 300 <= status < 400 and LOGIN.search(location.partition("?")[0]) is not None


def identities(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """``NAME=Header: value`` options as headers of each name.

    Raises:
        ValueError: another form.
    """
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        name, _, header = text.partition("=")
        field, colon, value = header.partition(":")
        if not name.isidentifier() or not colon or not value.strip() or name == "anonymous":
            raise ValueError("--as takes NAME='Header: value', NAME a plain word other than anonymous")
        field = "Cookie" if field.strip().lower() == "cookie" else field.strip()
        found.setdefault(name, {})[field] = value.strip()
    return found


def logins(texts: Iterable[str]) -> dict[str, tuple[str, dict[str, str]]]:
    """``NAME=/path/ field=value ...`` options as path and fields of each name; quote values with blanks.

    Raises:
        ValueError: another form.
    """
    found = {}
    for text in texts:
        name, _, rest = text.partition("=")
        path, *fields = shlex.split(rest) or [""]
        if not name.isidentifier() or not path.startswith("/") or not fields or name == "anonymous":
            raise ValueError("--login takes NAME='/path/ field=value field=value'")
        parts = (field.partition("=") for field in fields)
        found[name] = (path, {field: value for field, _, value in parts})
    return found


def _pairs(cookies: str) -> dict[str, str]:
    found = (part.strip().partition("=") for part in cookies.split(";") if "=" in part)
    return {name: value for name, _, value in found}


def form_token(html: str) -> tuple[str, str]:
    """The token against forged requests in a page, with the name of its field; empty where there is none."""
    for tag in INPUT.findall(html):
        found = {name.lower(): value for name, value in ATTRIBUTE.findall(tag)}
        if found.get("name", "").lower() in TOKEN_NAMES:
            return found["name"], found.get("value", "")
        if found.get("name", "").lower() in ("csrf-token", "csrf_token"):
            return "csrf_token", found.get("content", "")
    match = NONCE.search(html)
    return ("nonce", match[1]) if match else ("", "")
