"""strangler as a library: the same as the commands, for programs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import strangler
from strangler.config import Config, ConfigError, ContextsConfig
from strangler.model import ModelError

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": "def save(db):\n    db.execute('insert into orders values (1)')\n",
    "shop/bills.py": "from shop.orders import save\n\ndef bill(db):\n    save(db)\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "monolith"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_read_gives_the_facts(shop: Path) -> None:
    system = strangler.read(shop, cached=False)
    assert [module.name for module in system.modules] == ["shop", "shop.bills", "shop.orders"]
    assert [(i.importer, i.imported) for i in system.imports] == [("shop.bills", "shop.orders")]
    assert [(a.function, a.operation, a.table) for a in system.accesses] == [("save", "write", "orders")]


def test_analyze_gives_what_the_command_writes(shop: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "strangler",
        "analyze",
        str(shop),
        "--output",
        str(tmp_path / "out"),
        "-q",
    ]
    subprocess.run(command, check=True, capture_output=True)
    written = (tmp_path / "out" / "model.json").read_bytes()
    model = strangler.analyze(str(shop), cached=False)
    assert strangler.dump(model) == written
    assert strangler.load(written) == strangler.load(tmp_path / "out" / "model.json") == model


def test_propose_gives_the_contexts_of_other_settings(shop: Path) -> None:
    model = strangler.analyze(shop, cached=False)
    assert strangler.propose(model).contexts == model.contexts
    pinned = Config(contexts=ContextsConfig(pin={"billing": ("shop.bills",), "ordering": ("shop.orders",)}))
    names = {context.name for context in strangler.propose(model, pinned).contexts}
    assert {"billing", "ordering"} <= names


def test_the_settings_of_the_tree_count_unless_others_are_given(shop: Path) -> None:
    (shop / "strangler.toml").write_text('exclude = ["shop/bills.py"]\n')
    assert len(strangler.read(shop, cached=False).modules) == 2
    assert len(strangler.read(shop, Config(), cached=False).modules) == 3


def test_what_cannot_be_used_raises(shop: Path, tmp_path: Path) -> None:
    (shop / "strangler.toml").write_text("excluded = []\n")
    with pytest.raises(ConfigError, match="excluded"):
        strangler.read(shop)
    with pytest.raises(OSError, match="nowhere"):
        strangler.analyze(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="schema_version"):
        strangler.load(b"{}")


def test_every_function_is_typed_and_documented() -> None:
    names = {"analyze", "dump", "load", "propose", "read"}
    assert names == set(strangler.__all__) - {"__version__"}
    for name in names:
        function = getattr(strangler, name)
        assert inspect.getdoc(function)
        signature = inspect.signature(function)
        assert all(p.annotation is not p.empty for p in signature.parameters.values())
        assert signature.return_annotation is not signature.empty
    page = (Path(__file__).parent.parent / "docs" / "library.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"strangler.{name}(" not in page] == []


def test_importing_strangler_loads_nothing_heavy() -> None:
    code = "import strangler, sys; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"msgspec", "typer", "grimp", "networkx", "sqlglot", "jinja2", "libcst", "rich", "yaml"}
    assert heavy & set(done.stdout.split()) == set()
