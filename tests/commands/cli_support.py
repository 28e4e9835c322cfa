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


PARTS = ("orders", "billing", "catalog")


def pin_parts(root: Path) -> Path:
    """Let each of the three packages be a context."""
    pins = "\n".join(f'{part} = ["shop.{part}"]' for part in PARTS)
    (root / "strangler.toml").write_text(f"[contexts.pin]\n{pins}\n")
    return root


def three_parts() -> dict[str, str]:
    """Three packages, each held together by its own imports, with one crossing from orders to billing."""
    files = {"shop/__init__.py": ""}
    for part in PARTS:
        files[f"shop/{part}/__init__.py"] = ""
        files[f"shop/{part}/models.py"] = f"class {part.title()}:\n    pass\n"
        for module in ("services", "views", "forms"):
            body = f"from shop.{part}.models import {part.title()}\nfrom shop.{part} import models\n"
            body += "" if module == "services" else f"from shop.{part}.services import run\n"
            files[f"shop/{part}/{module}.py"] = body + f"\n\ndef run():\n    return {part.title()}()\n"
    files["shop/orders/services.py"] += "\n\nfrom shop.billing.services import run as charge\n"
    return files
