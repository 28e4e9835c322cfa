"""``python -m strangler``."""

from strangler.cli import main

main()
