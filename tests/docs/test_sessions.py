"""What the how-to pages say to type is typed, on the sample shop in the place of one's own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from helpers.monolith import replay
from helpers.sessions import Typed, matches, session, type_all

DOCS = Path(__file__).parents[2] / "docs"
ELSEWHERE = re.compile(r"pip install|strangler (mcp|record|serve|verify)|.*( \| jq |spans\.json|--without)")
"""Commands of these pages that other tests run: they install, serve until they are stopped, ask a server,
need another program or a file or table that the shop does not have."""

LEFT = {
    "agents": ["src/shop/AGENTS.md", "src/shop/agents/context-01.md"],
    "boundaries": ["src/shop/strangler-boundaries.toml"],
    "ci": ["src/shop/strangler-baseline.json", "summary.md"],
    "cli": ["src/shop/boundaries.md", "src/shop/services/billing/SERVICE.md"],
    "extraction": ["strangler-out/service-billing/SERVICE.md", "strangler-out/service-orders/SERVICE.md"],
    "limits": [],
    "plans": ["plans/billing/PLAN.md", "strangler-out/roadmap/ROADMAP.md"],
}
"""Page -> files that its commands are to leave."""


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upstream") / "shop"
    replay("django_shop", folder)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="the commands are those of a POSIX shell")
@pytest.mark.parametrize("page", sorted(LEFT))
def test_the_commands_of_a_page_do_what_they_say(page: str, upstream: Path, tmp_path: Path) -> None:
    shop = tmp_path / "src" / "shop"
    begin = [Typed(f"git clone -q {upstream} {shop}", ())]
    begin += (
        [Typed(f"cd {shop}", ())] if page not in ("extraction", "plans") else []
    )  # which name it from elsewhere
    typed = [
        one for one in session((DOCS / f"{page}.md").read_text("utf-8")) if not ELSEWHERE.match(one.command)
    ]
    assert len(typed) >= 2
    instead = {"~/src": str(shop.parent), "$GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    for one, printed in type_all([*begin, *typed], tmp_path, instead):
        assert matches(one.shown, printed), f"$ {one.command}\n{printed}"
    for name in LEFT[page]:
        assert (tmp_path / name).exists(), name
