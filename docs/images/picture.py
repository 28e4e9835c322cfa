"""The picture of README and site: the report of the README's first command. ``python3 dev.py picture``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("report.png")
SIZE = {"width": 1280, "height": 860}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def main(report: Path) -> int:
    """Open a report in a browser of this machine, and keep what its map with an open drawer shows."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        print(f"a picture needs a browser: {', '.join(PROGRAMS)}", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.goto(f"{report.resolve().as_uri()}#/map?e=crossings~orders~billing")
        page.wait_for_timeout(1500)
        page.screenshot(path=str(PICTURE))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
