"""A page with the report in a real browser, and what it does that it should not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = "https://git.example.com/team/shop/blob/{revision}/{path}#L{line}"
WATCH_POLICY = (
    "window.violations = [];"
    "document.addEventListener('securitypolicyviolation',"
    " event => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));"
)


@dataclass
class Opened:
    """A page with a report, and what went wrong on it."""

    page: Any
    file: Path
    problems: list[str] = field(default_factory=list)

    def go(self, address: str) -> Any:
        """Open a deep link in a fresh load of the page, as a colleague would."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}{address}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def check(self) -> None:
        """No console error, no request beyond the file, no violation of the policy, nothing run."""
        assert self.problems == []
        assert self.page.evaluate("window.violations") == []
        assert self.page.evaluate("window.hacked === undefined")


def watch(opened: Opened) -> None:
    note = opened.problems.append
    opened.page.on("console", lambda message: note(f"console {message.text}"))
    opened.page.on("pageerror", lambda error: note(f"error {error}"))
    opened.page.on("dialog", lambda dialog: (note(f"dialog {dialog.message}"), dialog.dismiss()))
    local = ("file:", "about:", "data:")
    opened.page.on("request", lambda r: None if r.url.startswith(local) else note(f"request {r.url}"))
