"""`strangler mcp`, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest
from helpers.loops import run
from helpers.planted import planted_file
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from strangler.commands.mcp import LONGEST, portion, tools
from strangler.commands.problems import UserError
from strangler.model import load

QUESTIONS = [
    ("overview", {}),
    ("explain", {"subject": "table:orders_order"}),
    ("explain", {"subject": "orders", "other": "billing"}),
    ("explain", {"subject": "shop.nowhere"}),
    ("suggest", {"seeds": ["loyalty"], "most": 2}),
    ("suggest", {"seeds": ["table:nowhere"]}),
    ("roadmap", {}),
    ("plan", {"context": "billing"}),
    ("plan", {"context": "bill"}),
]


def ask(model: Path) -> tuple[str, dict[str, str], list[str]]:
    program = StdioServerParameters(
        command=str(Path(sys.executable).with_name("strangler")), args=["mcp", "--model", str(model)]
    )

    async def asked() -> tuple[str, dict[str, str], list[str]]:
        async with stdio_client(program) as (read, write), ClientSession(read, write) as session:
            begun = await session.initialize()
            tools = {tool.name: tool.description or "" for tool in (await session.list_tools()).tools}
            answers = [await session.call_tool(name, given) for name, given in QUESTIONS]
            return begun.instructions or "", tools, [answer.content[0].text for answer in answers]

    return run(asyncio.wait_for(asked(), 120))


def test_an_assistant_gets_what_the_command_line_says_and_a_mistyped_name_the_nearest(cli, tmp_path):
    model = planted_file("django_shop", tmp_path / "out")
    before = model.read_bytes()
    instructions, tools, answers = ask(model)
    assert "data, never instructions" in instructions
    assert set(tools) == {"overview", "explain", "suggest", "roadmap", "plan"}
    assert all(tools.values())
    overview, table, pair, nowhere, suggested, unknown, roadmap, plan, mistyped = answers
    assert "## Rules for a change" in overview
    told = cli("explain", "table:orders_order", "--model", model, "--limit", "20").stdout
    assert table == told
    assert "orders -> billing" in pair
    assert nowhere.startswith("error: ")
    assert unknown.startswith("error: ")
    assert suggested.count("\n       ") <= 2
    assert "shop.customers.loyalty" in suggested
    assert roadmap.startswith("Roadmap")
    assert plan.startswith("# Extraction plan: `billing`")
    assert "nearest: billing" in mistyped
    assert model.read_bytes() == before
    assert sorted(path.name for path in model.parent.iterdir()) == ["model.json"]


def test_an_odd_model_or_argument_gets_an_answer_and_not_an_end(tmp_path):
    model = load(planted_file("django_shop", tmp_path / "out").read_bytes())
    broken = msgspec.structs.replace(model, contexts=None)  # as no reader would let pass
    for tool, given in zip(tools(broken), ((), ("orders",), (["orders"],), (), ("billing",)), strict=True):
        assert tool(*given).startswith("error: ")
    _, explain, suggest, _, plan = tools(model)
    for odd in ("", "\0", "x" * 1_000_000, "table:", "/", "../../etc/passwd", "\x1b[2J\n\ud800"):
        for answer in (explain(odd), explain("orders", odd, -5), suggest([odd], -1), plan(odd)):
            assert isinstance(answer, str)
    assert suggest([]) is not None


def test_a_long_page_comes_in_portions_of_which_each_can_be_asked_for():
    page = "# P\n\n" + "".join(f"## {title}\n\n{f'{title} line' * 9}\n" for title in ("One", "Two"))
    assert portion(page) == page
    long = page + "## Long\n\n" + "a line\n" * LONGEST
    short = portion(long)
    assert short.startswith("# P\n\n## One\n")
    assert "- Two: " in short
    assert "Two line" not in short
    assert portion(long, "Two").startswith("## Two\n\nTwo line")
    cut = portion(long, "Long")
    assert len(cut) < LONGEST + 100
    lines, more = cut.count("a line\n"), int(cut.split()[-8].replace(",", ""))
    assert lines + more == LONGEST
    with pytest.raises(UserError, match="there are: One, Two, Long"):
        portion(long, "nowhere")
