"""What the fuzz over hostile inputs has found: each ends with a message, none with an internal error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from strangler.checks import baseline
from strangler.model import ModelError, load, load_cut
from strangler.pipeline import spans
from strangler.routing import RoutingError
from strangler.routing.verification import load as load_routes

Cli = Callable[..., Any]
NOT_UTF_8 = b'{"a": "\xf5"}'
DEEP = b"[" * 100_000
SHOP = """from fastapi import FastAPI
app = FastAPI()
@app.get('/a')
def a(): ...
@app.get('/b')
def b(): ...
"""


@pytest.mark.parametrize("content", [NOT_UTF_8, DEEP], ids=["not UTF-8", "deep"])
def test_what_is_no_json_is_said_to_be_none(content: bytes) -> None:
    for read in (load, load_cut):
        with pytest.raises(ModelError, match=r"not a strangler model|schema_version is none"):
            read(content)
    with pytest.raises(baseline.BaselineError):
        baseline.load(content)
    assert list(spans([content])) == [content.decode("utf-8", "replace")]


@pytest.fixture
def planned(cli: Cli, tree: Callable[..., Path], tmp_path: Path) -> Path:
    root = tree({"shop/__init__.py": "", "shop/main.py": SHOP})
    assert cli("analyze", root, "-o", tmp_path / "out", "-q").returncode == 0
    assert cli("plan", "shop", "--model", tmp_path / "out", "-o", tmp_path / "plan").returncode == 0
    return tmp_path / "plan"


@pytest.mark.parametrize("content", [NOT_UTF_8, DEEP], ids=["not UTF-8", "deep"])
def test_plans_that_are_no_json(cli: Cli, planned: Path, tmp_path: Path, content: bytes) -> None:
    (planned / "plan.json").write_bytes(content)
    done = cli("record", planned, "--target", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "not a plan of this version" in " ".join(done.stderr.split())
    done = cli("report", tmp_path / "out", "--format", "html", "--plans", planned)
    assert done.returncode == 2
    assert "not a plan of this version" in " ".join(done.stderr.split())
    done = cli("plan", "shop", "--model", tmp_path / "out", "-o", planned, "--check")
    assert done.returncode in (1, 2), done.stderr


@pytest.mark.parametrize("number", [99, -1])
@pytest.mark.parametrize("rows", ["rules", "overlaps"])
def test_routes_that_are_not_there(planned: Path, rows: str, number: int) -> None:
    path = planned / "routing" / "routes.json"
    document = json.loads(path.read_bytes())
    if rows == "overlaps":
        document["overlaps"] = [{"kind": "shadowed", "routes": [0, number], "example": "/", "message": ""}]
    else:
        document["rules"][0]["routes"] = [number]
    path.write_bytes(msgspec.json.encode(document))
    with pytest.raises(RoutingError, match="routes"):
        load_routes(path.parent)
