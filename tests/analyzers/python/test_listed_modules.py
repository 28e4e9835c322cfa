"""What is loaded because it lies in a directory is imported, though no line names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import load

FILES = ("shop/__init__.py", "shop/jobs/__init__.py", "shop/jobs/mail.py", "shop/jobs/far/__init__.py")
WAYS = {
    "packages are walked": """
        import importlib, pkgutil
        def everything(name):
            package = importlib.import_module(name)
            for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(found.name)
        everything("shop.jobs")
        """,
    "in another function than they are loaded": """
        import importlib, pkgutil
        from shop import jobs
        def names():
            return [found.name for found in pkgutil.iter_modules(jobs.__path__)]
        for name in names():
            importlib.import_module(f"shop.jobs.{name}")
        """,
    "a directory is listed": """
        import importlib, os
        here = os.path.join(os.path.dirname(__file__), "jobs")
        for name in os.listdir(here):
            if not name.startswith("__"):
                importlib.import_module("shop.jobs." + name.removesuffix(".py"))
        """,
    "a pattern": """
        import importlib
        from pathlib import Path
        for path in (Path(__file__).parent / "jobs").glob("*"):
            if path.stem != "__init__":
                importlib.import_module("shop.jobs." + path.stem)
        """,
    "a module of Flask": """
        from werkzeug.utils import find_modules, import_string
        for name in find_modules("shop.jobs", include_packages=True):
            import_string(name)
        """,
}


def loaded(root: Path, source: str) -> dict[str, bool]:
    """Module that ``shop.start`` imports by name -> whether because it is found in a directory."""
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x = 1\n")
    (root / "shop/start.py").write_text("\n".join(line[8:] for line in source.splitlines()) + "\n")
    system = pipeline.read(pipeline.scan(root, load(root, [])), jobs=1, cached=False)
    return {row.imported: row.listed for row in system.imports if row.kind == "dynamic"}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_directory_holds_is_loaded_unnamed(tmp_path: Path, way: str) -> None:
    found = loaded(tmp_path, WAYS[way])
    assert {name for name, listed in found.items() if listed} == {"shop.jobs.mail", "shop.jobs.far"}
    assert not found.get("shop.jobs", False)


def test_a_module_that_is_named_is_used_by_who_names_it(tmp_path: Path) -> None:
    source = """
        import importlib, pkgutil
        import shop
        for name in ("mail", "far"):
            importlib.import_module(f"shop.jobs.{name}")
        everything = [found.name for found in pkgutil.iter_modules(shop.__path__)]
        """
    assert loaded(tmp_path, source) == {"shop.jobs.mail": False, "shop.jobs.far": False}
