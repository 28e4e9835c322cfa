"""Puts the database of a served sample monolith back, by SQLite's own means: open connections notice.

python states.py SAVED LIVE
"""

from __future__ import annotations

import shlex
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=30)) as two:
        one.backup(two)


def reset_command(live: Path) -> str:
    """Save the database as it is now; the command that puts it back."""
    saved = live.with_suffix(".saved")
    copy(live, saved)
    return shlex.join([sys.executable, "-I", "-S", __file__, str(saved), str(live)])


@contextmanager
def reset_url(live: Path) -> Iterator[str]:
    """Save the database as it is now; an address that puts it back when something is posted there."""
    saved = live.with_suffix(".saved")
    copy(live, saved)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            copy(saved, live)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
