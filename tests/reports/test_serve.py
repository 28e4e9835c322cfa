"""`strangler serve` as people use it: the workshop writes the cut into the tree, the page follows it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from helpers.monolith import FIXTURES
from report_page import WATCH_POLICY

FILE = "strangler-boundaries.toml"


def listing(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="is interrupted by a signal")
def test_a_cut_drawn_in_the_page_is_written_as_accept_writes_it_and_the_page_shows_it(
    chromium: Any, tmp_path: Path
) -> None:
    tree, work = tmp_path / "clinic", tmp_path / "work"
    shutil.copytree(FIXTURES / "flask_clinic", tree)
    work.mkdir()
    environment = os.environ | {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "strangler"]
    server = subprocess.Popen(
        [*command, "serve", str(tree), "-j", "1"],
        cwd=work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a script may have had it ignored
    )  # fmt: skip
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(url) else problems.append(r.url))
        page.add_init_script(WATCH_POLICY)
        before = listing(tree)
        page.goto(f"{url}#/workshop")
        page.locator(".pick").first.click()
        page.get_by_role("button", name="New context").first.click()
        page.get_by_role("button", name="Save the cut").click()
        page.get_by_label("Decided by").fill("Ada <b>")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the file").click()
        download.value.save_as(tmp_path / "drawn.toml")
        with page.expect_event("load", timeout=60_000):
            page.get_by_role("button", name="Accept this cut").click()
            page.get_by_text("Written. The page shows").wait_for()
        after = listing(tree)
        assert after.keys() - before.keys() == {FILE}
        assert {name: after[name] for name in before} == before
        said = tomllib.loads(after[FILE].decode())["contexts"]
        assert {context["decided-by"] for context in said.values()} == {"Ada <b>"}

        page.wait_for_selector(".bench-card")
        assert page.locator(".bench-card").count() == len(said)
        assert page.get_by_role("button", name="Undo").is_disabled()  # it is no draft any more
        with page.expect_event("load", timeout=60_000):
            (tree / "clinic/newcomer.py").write_text("from clinic import db\n")
        page.wait_for_selector(".bench-card")
        assert (problems, page.evaluate("window.violations")) == ([], [])
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        page.get_by_text("strangler serve has ended").wait_for()
    finally:
        server.kill()
        server.wait()
        context.close()
    assert list(work.iterdir()) == []
    (tree / FILE).unlink()
    (tree / "clinic/newcomer.py").unlink()
    for words in (["analyze", tree], ["accept", "--from", tmp_path / "drawn.toml", "--source", tree]):
        done = subprocess.run(
            [*command, *map(str, words)], cwd=work, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert listing(tree)[FILE] == after[FILE]
