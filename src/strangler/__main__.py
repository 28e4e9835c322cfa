"""Where every run begins: ``strangler`` and ``python -m strangler``."""

import os
import sys


def main() -> None:
    """Run the command line; whoever interrupts it while it starts sees no traceback."""
    try:
        from strangler.cli import main as run

        run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("error: interrupted", file=sys.stderr, flush=True)
        from strangler.commands.problems import Exit

        os._exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
