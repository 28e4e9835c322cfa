"""Imported before anything else: ``python -m strangler`` in an analysed tree imports nothing of it.

Python puts the current folder first on the path of a module that is run so: a ``typing.py`` or ``yaml.py``
in it would be run in place of the real one. This is what ``python -P`` does. Only ``sys`` may be imported
here: it is built in. (What Python imports to find this module comes earlier, a ``strangler`` or
``contextlib`` of the current folder: against these only ``-P`` or the ``strangler`` command help.)
"""

import sys


def leave_current_folder(path: list[str], before: list[str], started: list[str], safe: bool) -> None:
    """Take the current folder off the path of imports, where Python has put it there for ``-m strangler``.

    Args:
        path: ``sys.path``.
        before: ``sys.argv``: while a module is looked for, its first is ``-m``.
        started: ``sys.orig_argv``.
        safe: whether Python was told to leave it out.
    """
    named = any(word.removeprefix("-m").partition(".")[0] == "strangler" for word in started[1:])
    if before[:1] == ["-m"] and named and not safe and path:
        del path[0]


leave_current_folder(sys.path, sys.argv, sys.orig_argv, sys.flags.safe_path)
