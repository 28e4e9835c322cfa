"""Files that psql runs, as plain SQL."""

import re


def statements(text: str) -> str:
    """The file without psql's own commands, its variables replaced by their names."""
    plain = re.sub(r"^\\set .*$", "", text, flags=re.MULTILINE)
    plain = re.sub(r" \\gexec$", ";", plain, flags=re.MULTILINE)
    return re.sub(r""":(["'])(\w+)\1""", r"\1\2\1", plain)
