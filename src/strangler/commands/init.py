"""``strangler init``: a commented configuration to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strangler.commands import options
from strangler.commands.outputs import write_file
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal

TEMPLATE = """\
# Configuration of strangler; everything here is optional, and these are the defaults.
# In pyproject.toml the same keys stand under [tool.strangler].

# roots = ["src"]                 # import roots, relative to this file; found by themselves when left out
# exclude = ["sandbox/**"]        # paths that are not analysed
# source-url = "https://git.example.com/org/repo/blob/{revision}/{path}#L{line}"

[history]
# since = "auto"                  # which commits count for change coupling: 3 years, or all if few; "all"
# max-files = 30                  # a commit over more first-party files is a bulk change and left out
# bots = ["*-bot@example.com"]    # authors left out besides the usual bots
# ignore-revs = []                # commits left out, e.g. the one that reformatted everything

[contexts]
# count = 6                       # number of contexts wanted; chosen by the evidence when left out
# shared = ["shop.utils"]         # what belongs to nobody
# apart = [["shop.billing", "shop.catalog"]]
# join = [["shop.orders", "shop.basket"]]

[contexts.pin]                    # seeds of the proposal; decisions are written by `strangler accept`
# billing = ["shop.billing", "shop.tax", "table:orders_invoice"]

[check]
# min-resolved = 0.9              # exit code 3 when fewer references could be resolved
# max-unparsed = 0                # exit code 3 when more files could not be parsed
"""


def init(
    path: Annotated[Path, typer.Argument(help="Directory that gets the file.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a commented strangler.toml to start from.

    \b
    strangler init
    strangler init ~/src/shop --force
    """
    if not path.is_dir():
        raise UserError(f"{path}: no such directory")
    target = path / "strangler.toml"
    if target.exists() and not force:
        raise UserError(f"{target} exists; --force overwrites it")
    write_file(target, TEMPLATE.encode())
    Terminal(verbosity=-1 if quiet else 0).note(f"wrote {target}")
