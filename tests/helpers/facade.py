"""A real NGINX before a monolith and a service, as a plan says."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from helpers.monolith import wait_until_healthy
from strangler.routing.gateways import gateway
from strangler.routing.verification import load


class Facade:
    """NGINX with the files that ``strangler plan`` wrote, by their own commands."""

    def __init__(self, plan: Path) -> None:
        self._routes, self._folder = load(plan / "routing"), plan / "routing" / "nginx"
        self._gateway = gateway("nginx")
        self.url = f"http://127.0.0.1:{self._routes.settings.listen}"

    def __enter__(self) -> Facade:
        if not shutil.which("nginx", path="/usr/sbin:/usr/local/bin:/usr/bin:/opt/homebrew/bin"):
            pytest.skip("nginx is not installed: see tests/routing/system-packages.txt")
        log = self._folder / "gateway.log"
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec {self._gateway.start} -g 'daemon off;'"],
            cwd=self._folder,
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        wait_until_healthy(self.url, self._process, log)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def stage(self, name: str) -> None:
        command = self._gateway.command(self._routes, name)  # type: ignore[arg-type]
        subprocess.run(command, shell=True, cwd=self._folder, check=True, capture_output=True)
        time.sleep(0.5)
