"""Ports for servers that are told theirs: no two processes that test at once are given the same."""

from __future__ import annotations

import itertools
import os
import socket

# Below the range from which systems take ports for outgoing connections (Linux from 32768, others 49152).
_FIRST, _BLOCK, _BLOCKS = 10_000, 220, 100


def _block() -> int:
    """The workers of one run have neighbouring blocks, runs at once most likely others."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    return _FIRST + (run * 16 + int(worker)) % _BLOCKS * _BLOCK


_numbers = itertools.cycle(range(_block(), _block() + _BLOCK))


def free_port(beside: int = 0) -> int:
    """A port that nobody uses, nor the next ``beside`` ones."""
    for _ in range(2 * _BLOCK):
        port = next(_numbers)
        if all(_is_free(port + step) for step in range(beside + 1)):
            for _ in range(beside):
                next(_numbers)
            return port
    raise AssertionError(f"no free port from {_block()}")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
