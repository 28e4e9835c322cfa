"""Source trees for the tests of the command line."""

from collections.abc import Mapping
from pathlib import Path

SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": "from shop import billing\n\n\ndef place(order):\n    billing.charge(order)\n",
    "shop/billing.py": "def charge(order):\n    return order\n",
}


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root
