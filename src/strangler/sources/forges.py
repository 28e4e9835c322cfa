"""Links to lines at the forge that hosts a repository, from the address of its remote.

The address is text of the analysed tree: of it only the forge, if it is one of those known here, and a path
of plain words are taken, never a name, a password or another host.
"""

from __future__ import annotations

import re
from urllib.parse import quote

FORGES = {
    "github.com": "/blob/{revision}/%s{path}#L{line}",
    "gitlab.com": "/-/blob/{revision}/%s{path}#L{line}",
    "bitbucket.org": "/src/{revision}/%s{path}#lines-{line}",
    "codeberg.org": "/src/commit/{revision}/%s{path}#L{line}",
}
"""Host -> what follows the repository in the address of a line; ``%s`` is the folder that was analysed."""
LONGEST = 1000
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]*@)?|(?:[^@/\s]*@))"
    rf"(?P<host>[A-Za-z0-9.-]+)(?::\d+/|[:/])/?(?P<path>{_WORD}(?:/{_WORD})+)/?"
)


def source_url(remote: str, folder: str = "") -> str:
    """The template of links to lines, as ``--source-url`` takes it; empty where no known forge is named.

    Args:
        remote: address of the remote: ``https://github.com/org/repo``, ``git@gitlab.com:org/repo.git`` ...
        folder: the analysed folder below the root of the repository, with slashes; empty for the root.
    """
    match = _ADDRESS.fullmatch(remote.strip()) if len(remote) < LONGEST else None
    if match is None or match["host"].lower() not in FORGES:
        return ""
    inside = f"{quote(folder, safe='/')}/" if folder else ""
    if "{" in inside:
        return ""
    host = match["host"].lower()
    path = match["path"].removesuffix(".git")
    return f"https://{host}/{path}{FORGES[host].replace('%s', inside)}"
