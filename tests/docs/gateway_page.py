"""Write how each gateway is started and switched into docs/gateways.md, in the words of a plan's README.

``python tests/docs/gateway_page.py``, or ``python3 dev.py docs``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers.planted import planted

from strangler.routing import RoutingSettings, plan_routes
from strangler.routing.gateways import gateways
from strangler.routing.readme import gateway_section

PAGE = Path(__file__).parents[2] / "docs" / "gateways.md"
START, END = "<!-- gateways -->\n", "<!-- end -->\n"


def written(page: str) -> str:
    """The page with what is said of each gateway today."""
    model = planted("django_shop")
    context = next(context for context in model.contexts if context.name == "customers")
    plan = plan_routes(model.system, context, RoutingSettings())
    lines = [line for gateway in gateways().values() for line in gateway_section(plan, gateway)]
    head, _, rest = page.partition(START)
    return f"{head}{START}\n" + "\n".join(lines).strip() + f"\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
