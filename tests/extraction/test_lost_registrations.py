"""What code that leaves had registered with code that stays is told: nothing else says that it is missing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import msgspec
import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.extraction.build import remove
from strangler.extraction.values import Removal
from strangler.model import BoundedContext
from strangler.sources import scan

FILES = {
    "shop/__init__.py": "",
    "shop/core/__init__.py": "",
    "shop/core/registry.py": """
        HANDLERS = {}
        KNOWN = []

        class Plugin:
            def __init_subclass__(cls):
                KNOWN.append(cls)

        class Plain:
            pass

        class Menu:
            def entry(self, name, view):
                HANDLERS[name] = view

        menu = Menu()

        def handles(kind):
            def keep(function):
                HANDLERS[kind] = function
                return function
            return keep

        def timed(function):
            calls = {}
            def wrapper(*given):
                calls["last"] = given
                return function(*given)
            return wrapper
        """,
    "shop/main.py": """
        from flask import Flask
        from shop.billing.routes import billing
        from shop.core.registry import HANDLERS
        app = Flask(__name__)
        app.register_blueprint(billing)

        @app.route("/handle/<kind>")
        def handle(kind):
            return HANDLERS[kind]()
        """,
    "shop/billing/__init__.py": "",
    "shop/billing/routes.py": """
        from flask import Blueprint
        from shop.billing import plugins
        from shop.core.registry import timed
        billing = Blueprint("billing", __name__)

        @billing.route("/bills")
        @timed
        def bills():
            return plugins.invoice()
        """,
    "shop/billing/plugins.py": """
        from shop.core import registry
        from shop.core.registry import HANDLERS, Plain, Plugin, handles, menu, timed

        @handles("invoice")
        def invoice():
            return "an invoice"

        @timed
        def refund():
            return "a refund"

        class Cards(Plugin):
            pass

        class Cash(Plain):
            pass

        HANDLERS["refund"] = refund
        registry.KNOWN.append(Cash)
        menu.entry("bills", invoice)
        print("loaded")
        """,
}


@pytest.fixture(scope="module")
def removal(tmp_path_factory: pytest.TempPathFactory) -> Removal:
    root: Path = tmp_path_factory.mktemp("lost")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text))
    model = pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)
    modules = ("shop.billing", "shop.billing.plugins", "shop.billing.routes")
    billing = BoundedContext(name="billing", kind="context", modules=modules, tables=(), confidence=1.0)
    model = msgspec.structs.replace(model, contexts=(billing,))
    return remove(model, billing, scan(root))[0]


def test_each_place_is_named_with_what_stays_and_goes_on_without_it(removal: Removal) -> None:
    assert "shop/billing/plugins.py" in removal.files
    found = {
        (place.file, place.symbol.removeprefix("shop.core.registry.")) for place in removal.registrations
    }
    assert found == {
        ("shop/billing/plugins.py", name)
        for name in ("handles", "Plugin", "HANDLERS", "KNOWN.append", "menu.entry")
    }
    lines = {place.symbol.rpartition(".")[2]: place.line for place in removal.registrations}
    assert (
        '@handles("invoice")'
        in textwrap.dedent(FILES["shop/billing/plugins.py"]).splitlines()[lines["handles"] - 1]
    )
