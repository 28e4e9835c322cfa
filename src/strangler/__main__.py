"""Where every run begins: ``strangler`` and ``python -m strangler``."""

import os
import sys

INTERRUPTED = 130
"""`strangler.commands.problems.Exit.INTERRUPTED`, before anything can be imported."""


def main() -> None:
    """Run the command line; whoever interrupts it while it starts sees no traceback."""
    try:
        from strangler.cli import main as run

        run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("error: interrupted", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
