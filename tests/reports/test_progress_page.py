"""The page of a migration's progress in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strangler.reports.html.progress import Point, page

HOSTILE = "</style><script>window.hacked = 1</script>\u202e"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_the_page_shows_each_model_and_fits_and_all_can_use_it(
    chromium: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
    ).Axe()
    points = [
        Point(f"{n:040x}" if n else HOSTILE, f"2026-{n + 1:02}-01", (40 - n, 90 - 2 * n, 3, 0, 50, 9, 20))
        for n in range(9)
    ]
    file = tmp_path / "progress.html"
    file.write_bytes(page(HOSTILE, points, [(HOSTILE, 12, 3)], [(HOSTILE, "./report.html")]))
    problems: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    shown = context.new_page()
    shown.on("console", lambda message: problems.append(message.text))
    shown.goto(file.as_uri())
    assert "Crossings 40 → 32, places 90 → 74" in shown.locator(".lead").inner_text()
    assert shown.locator("tbody").first.locator("tr").count() == 9
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate("window.hacked === undefined")
    found = axe.run(shown).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert problems == []
    context.close()
