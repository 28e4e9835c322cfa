"""Size and speed of the HTML report: ``python benchmarks/reports/run.py [MODEL.json ...]``.

Without arguments: synthetic monoliths of 30, 4,000 and 10,000 modules (50,000 imports). For each model: the
bytes of the page, the CPU seconds of writing it, and for four views the CPU seconds of the browser's renderer
process, from Chromium's own trace: up to the first contentful paint, and in all until nothing happened any
more (two seconds after the view stood). Every view is loaded afresh. Then the CPU milliseconds of the page's
main thread for moves in the workshop, least and most: of scripts, and in all until the page stands again.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "reports"))

from playwright.sync_api import sync_playwright
from synthetic import synthetic

from strangler.model import Model, load
from strangler.reports import render

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MOVES = 7
VIEWS = ("#/verdict", "#/map", "#/matrix", "#/matrix?level=modules", "#/data")
TASKS = {"RunTask", "ThreadControllerImpl::RunTask", "ThreadPool_RunTask"}
CATEGORIES = ["toplevel", "blink.user_timing", "loading", "__metadata"]


def main(arguments: list[str]) -> None:
    """Print one table."""
    if arguments:
        models = {Path(path).resolve().parent.name: load(Path(path).read_bytes()) for path in arguments}
    else:
        models = {"30": synthetic(30), "4,000": synthetic(4000, 25_000), "10,000": synthetic(10_000, 50_000)}
    program = shutil.which("chromium")
    print(f"{'model':<12} {'modules':>8} {'imports':>8} {'page':>9} {'writing':>8}   renderer CPU s", end="")
    print(": paint / in all")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        for name, model in models.items():
            page, seconds = written(model)
            file = Path(folder) / "report.html"
            file.write_bytes(page)
            print(
                f"{name:<12} {len(model.modules):>8,} {len(model.imports):>8,} {len(page) / 1e6:>6.2f} MB "
                f"{seconds:>6.2f} s"
            )
            for view in VIEWS:
                browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
                paint, every = renderer_seconds(browser, f"{file.as_uri()}{view}")
                browser.close()
                print(f"{'':<50} {view:<24} {paint:5.2f} / {every:5.2f}", flush=True)
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            scripts, tasks = zip(*moves(browser, f"{file.as_uri()}#/workshop"), strict=True)
            browser.close()
            print(
                f"{'':<50} {'a move in the workshop':<24} "
                f"{min(scripts):.0f} to {max(scripts):.0f} ms of scripts, "
                f"{min(tasks):.0f} to {max(tasks):.0f} ms in all",
                flush=True,
            )


def written(model: Model) -> tuple[bytes, float]:
    """The page, and the CPU seconds of the second writing (the first imports the libraries)."""
    render(model, "html")
    start = time.process_time()
    (page,) = render(model, "html").values()
    return page, time.process_time() - start


def renderer_seconds(browser: Any, address: str) -> tuple[float, float]:
    """CPU seconds of all threads of the page's process: until the first contentful paint, and in all."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    page.wait_for_timeout(2000)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    painted = [e for e in events if e.get("name") == "firstContentfulPaint"]
    process = painted[-1]["pid"] if painted else busiest(events)
    tasks = [
        e for e in events if e["pid"] == process and e.get("name", "").endswith("RunTask") and "tdur" in e
    ]
    limit = painted[-1]["ts"] if painted else 0
    before = sum(task["tdur"] for task in tasks if task["ts"] < limit)
    return before / 1e6, sum(task["tdur"] for task in tasks) / 1e6


def moves(browser: Any, address: str) -> list[tuple[float, float]]:
    """CPU milliseconds of the page's main thread for each of ``MOVES`` moves: of scripts, of all tasks."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.wait_for_selector(".bench-card", timeout=60_000)
    picks = page.locator(".pick").count()
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> tuple[float, float]:
        found = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
        return 1000 * found["ScriptDuration"], 1000 * found["TaskDuration"]

    taken = []
    for number in range(MOVES):
        page.locator(".pick").nth(3 * number % picks).click()
        box = page.get_by_label("Move to")
        targets = box.locator("option:not([disabled])")
        if not targets.count():
            break  # a small model: all is in one context by now
        box.select_option(targets.nth(number % min(2, targets.count())).get_attribute("value"))
        page.get_by_role("button", name="Move", exact=True).focus()
        page.wait_for_timeout(300)
        before = spent()
        page.keyboard.press("Enter")  # a click would count how the browser's driver looks for the button
        page.wait_for_timeout(800)
        after = spent()
        taken.append((after[0] - before[0], after[1] - before[1]))
    return taken


def busiest(events: list[dict[str, Any]]) -> int:
    """The process with most CPU time."""
    spent: dict[int, int] = {}
    for event in events:
        spent[event["pid"]] = spent.get(event["pid"], 0) + event.get("tdur", 0)
    return max(spent, key=lambda pid: spent[pid])


if __name__ == "__main__":
    main(sys.argv[1:])
