"""Pictures for slides: what the page saves, and the formats that draw the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from report_page import Opened

from strangler.model import Model
from strangler.reports import render
from strangler.reports.needs import needs

SVG = "{http://www.w3.org/2000/svg}"


def saved(opened: Opened, address: str, button: str, folder: Path) -> Path:
    page = opened.go(address)
    page.wait_for_timeout(150)
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def words(file: Path) -> list[str]:
    return [node.text or "" for node in ET.parse(file).iter(f"{SVG}text")]


def test_the_map_is_saved_with_title_names_numbers_and_legend(
    report: Opened, shop: Model, tmp_path: Path
) -> None:
    file = saved(report, "#/map", "Save as SVG", tmp_path)
    text = words(file)
    assert text[0].startswith(f"{shop.monolith.name}: recommended")
    assert {context.name for context in shop.contexts if context.proper} <= set(text)
    assert "Data" in text
    weights = {f"{need.weight:,}" for need in needs(shop.crossings)}
    assert weights & set(text)
    looks = [node.get("stroke") for node in ET.parse(file).iter(f"{SVG}path") if node.get("stroke")]
    assert any(stroke not in ("none", "rgb(0, 0, 0)") for stroke in looks)
    assert not [node for node in ET.parse(file).iter() if node.get("class") or node.get("href")]
    report.check()


@pytest.mark.parametrize("address", ["#/map", "#/matrix", "#/matrix?level=modules&layer=change"])
def test_a_picture_is_saved_as_png(report: Opened, tmp_path: Path, address: str) -> None:
    file = saved(report, address, "Save as PNG", tmp_path)
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 5_000
    report.check()


def test_the_matrix_is_saved_with_its_names_and_legend(report: Opened, shop: Model, tmp_path: Path) -> None:
    text = words(saved(report, "#/matrix", "Save as SVG", tmp_path))
    assert {context.name for context in shop.contexts if context.modules} <= set(text)
    assert {"needs", "both need each other", "against the order"} <= set(text)
    report.check()


def test_hostile_names_are_text_in_a_saved_picture(
    open_report: Callable[..., Opened], villain: Model, tmp_path: Path
) -> None:
    opened = open_report(villain)
    for address in ("#/map", "#/matrix"):
        tree = ET.parse(saved(opened, address, "Save as SVG", tmp_path))
        tags = {node.tag.removeprefix(SVG) for node in tree.iter()}
        assert tags <= {"svg", "g", "rect", "path", "text", "title"}
        assert not any(name.startswith("on") for node in tree.iter() for name in node.attrib)
    opened.check()


def test_the_svg_format_has_heads_numbers_and_a_legend(shop: Model) -> None:
    tree = ET.fromstring(render(shop, "svg")["context-map.svg"])
    text = [node.text for node in tree.iter(f"{SVG}text")]
    heaviest = max(needs(shop.crossings), key=lambda need: need.weight)
    assert f"{heaviest.weight:,}" in text
    assert "Data" in text
    lines = [node for node in tree.iter(f"{SVG}path") if node.get("fill") == "none"]
    heads = [node for node in tree.iter(f"{SVG}path") if (node.get("d") or "").endswith("z")]
    assert len(heads) >= len(lines) > 3


def test_the_mermaid_format_can_be_read_in_a_pull_request(shop: Model) -> None:
    text = render(shop, "mermaid")["context-map.mmd"].decode()
    arrows = [line for line in text.splitlines() if "-->" in line]
    proper = [context for context in shop.contexts if context.proper]
    assert 0 < len(arrows) <= max(8, 1.5 * len(proper) + 1)
    assert all(len(line) < 40 for line in arrows)
    numbered = [line for line in text.splitlines() if "linkStyle" in line]
    styled = [int(n) for line in numbered for n in line.split()[1].split(",")]
    assert sorted(styled) == list(range(len(arrows)))
    assert "Data" in text
