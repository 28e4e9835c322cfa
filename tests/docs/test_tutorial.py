"""The tutorial is typed from its first command to its last."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from helpers.sessions import free_ports, installed, matches, session, type_all

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx")
@pytest.mark.skipif(os.name == "nt", reason="its commands are those of a POSIX shell")
def test_the_tutorial_works_as_it_is_printed(tmp_path: Path) -> None:
    ports = free_ports(8000, 8001, 8080)
    plan = "plan customers "
    addresses = (
        f"--listen {ports['8080']} --monolith-url http://127.0.0.1:{ports['8000']} "
        f"--service-url http://127.0.0.1:{ports['8001']} "
    )
    instead = {plan: plan + addresses, "fixtures/": f"{DOCS.parent}/fixtures/", **ports}
    typed = [one for one in session((DOCS / "tutorial.md").read_text("utf-8")) if not installed(one.command)]
    assert len(typed) > 25
    try:
        for one, printed in type_all(typed, tmp_path, instead):
            assert matches(one.shown, printed), f"$ {one.command}\n{printed}"
    finally:
        for pid in tmp_path.glob("strangler-out/*/routing/nginx/nginx.pid"):  # left where a command failed
            os.kill(int(pid.read_text()), signal.SIGTERM)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["shop", "strangler-out"]
