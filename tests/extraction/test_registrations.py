"""What a module only registers is cut out; what it works with stays."""

from __future__ import annotations

import textwrap

import pytest

from strangler.extraction.cutting import cut
from strangler.extraction.reader import Ledger, Source
from strangler.extraction.uses import registrations
from strangler.limits import Limits

MODULES = {"shop", "shop.app", "shop.orders", "shop.orders.routes", "shop.billing", "shop.billing.routes"}
STAYING = {"shop.billing.routes"}


def after(text: str, *, module: str = "shop.app") -> str:
    """The text without what registers billing's routes."""
    source = Source(
        module, "shop/app.py", textwrap.dedent(text).encode(), is_package=False, ledger=Ledger(Limits())
    )
    found = registrations(source, STAYING, MODULES)
    return cut(source, [place for item in found for place in item.places]).decode()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            """
            from shop.billing.routes import router as billing
            from shop.orders.routes import router as orders
            app.include_router(orders)
            app.include_router(billing, prefix="/billing")
            """,
            """
            from shop.orders.routes import router as orders
            app.include_router(orders)
            """,
        ),
        (
            """
            from shop.billing import routes as billing
            from shop.orders import routes as orders
            ROUTERS = [orders.router, billing.router]
            """,
            """
            from shop.orders import routes as orders
            ROUTERS = [orders.router, ]
            """,
        ),
        (
            """
            def register(app):
                from shop.billing.routes import bp as billing
                from shop.orders.routes import bp as orders

                for blueprint, prefix in ((orders, "/orders"), (billing, "/billing")):
                    app.register_blueprint(blueprint, url_prefix=prefix)
            """,
            """
            def register(app):
                from shop.orders.routes import bp as orders

                for blueprint, prefix in ((orders, "/orders"), ):
                    app.register_blueprint(blueprint, url_prefix=prefix)
            """,
        ),
        (
            """
            from .billing.routes import build
            app.mount("/billing", build())
            """,
            "\n",
        ),
        (
            """
            from shop.orders.routes import one
            from shop.billing import routes  # noqa: its decorators register
            """,
            """
            from shop.orders.routes import one
            """,
        ),
        (
            """
            def register(app):
                from shop.billing.routes import command
                app.add_command(command)
            """,
            """
            def register(app):
                pass
            """,
        ),
    ],
    ids=["statement", "list", "loop", "built", "side effect", "last of a body"],
)
def test_what_is_only_registered_is_cut_out(before: str, expected: str) -> None:
    assert after(before) == textwrap.dedent(expected)


@pytest.mark.parametrize(
    "text",
    [
        "from shop.billing.routes import total\nprint(total(1) + 1)\nx = total\n",
        "from shop.billing.routes import Form\nclass Other(Form):\n    pass\n",
        "from shop.billing.routes import charge\nresult = charge()\n",
        "from shop.billing.routes import charge\ncharge(1)\n",
        "import shop.billing.routes\nshop.billing.routes.charge(1)\n",
        "from shop.billing.routes import *\n",
    ],
)
def test_what_is_worked_with_stays(text: str) -> None:
    assert after(text) == text


def test_other_text_is_kept_byte_for_byte() -> None:
    text = "# one\r\nfrom shop.billing.routes import r\r\n\tif_ = 1 ;  x = '\u00e9'\r\n".replace("\t", "")
    assert after(text + "add(r)\r\n") == "# one\r\nif_ = 1 ;  x = '\u00e9'\r\n"
