"""The context map as a picture that stands alone."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from strangler.contexts.sureness import NEAR_SURE
from strangler.model import BoundedContext, Model
from strangler.reports.dot import COLOURS
from strangler.reports.index import Index
from strangler.reports.layout import CARD_WIDTH, Card, Line, Picture, picture
from strangler.reports.needs import BINDING, Need
from strangler.reports.options import ReportOptions
from strangler.reports.text import percent, t
from strangler.reports.verdict import verdict
from strangler.text import one_line

FILE = "context-map.svg"
INK, SOFT, PAPER = "#1b1f23", "#565e66", "#ffffff"
TITLE_LENGTH = 17
LEGEND = 48
"""Height of the legend below the map."""
_NUMBER = re.compile(r"-?[\d.]+")


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``context-map.svg``: the strongest needs, about three for every two contexts."""
    judged = verdict(model, Index(model))
    drawn = picture(model.contexts, judged.needs, [])
    by_pair = {(need.source, need.target): need for need in judged.needs}
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {drawn.width:.0f} {drawn.height + LEGEND:.0f}",
            "width": f"{drawn.width:.0f}",
            "height": f"{drawn.height + LEGEND:.0f}",
            "font-family": "system-ui, sans-serif",
        },
    )
    ET.SubElement(root, "title").text = one_line(t("title", name=model.monolith.name))
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": PAPER})
    kinds = {_draw_line(root, line, by_pair) for line in _strongest(drawn)}
    contexts = {context.name: context for context in model.contexts}
    for card in drawn.cards:
        context = contexts[card.name]
        _draw_card(root, card, context)
    _draw_legend(root, drawn.height, [group for group in BINDING if group in kinds])
    ET.indent(root, " ")
    return {FILE: ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _strongest(drawn: Picture) -> tuple[Line, ...]:
    return drawn.lines[: max(6, round(1.6 * len(drawn.cards)))]


def _draw_line(root: ET.Element, line: Line, by_pair: dict[tuple[str, str], Need]) -> str:
    """The curve with its heads and places; the group that gave it its colour."""
    there, back = by_pair.get((line.a, line.b)), by_pair.get((line.b, line.a))
    needs = [need for need in (there, back) if need]
    hardest = next((group for group in BINDING if any(need.groups[group] for need in needs)), "change")
    width = min(7.0, 1 + line.weight.bit_length() * 0.6)
    attributes = {"d": line.path, "fill": "none", "stroke": COLOURS[hardest], "stroke-width": f"{width:.1f}"}
    path = ET.SubElement(root, "path", attributes | {"stroke-opacity": "0.7"})
    arrow = "⇄" if line.mutual else "→"
    ET.SubElement(path, "title").text = one_line(f"{line.a} {arrow} {line.b}: {line.weight}")
    points = [float(number) for number in _NUMBER.findall(line.path)]
    for need, other, at in ((there, back, 0.76), (back, there, 0.24)):
        if need is None:
            continue
        size = 5 + (width + 2 if other is None or need.weight >= other.weight else 1)
        x, y, from_x = (*points[6:], points[4]) if need is there else (*points[:2], points[2])
        side = 1 if from_x < x else -1
        head = f"M{x:.0f} {y:.0f}l{-side * size:.1f} {-size * 0.55:.1f}v{size * 1.1:.1f}z"
        ET.SubElement(root, "path", {"d": head, "fill": COLOURS[hardest]})
        middle = _on_curve(points, at if other else 0.5)
        place = {"x": f"{middle[0]:.1f}", "y": f"{middle[1] + 4:.1f}", "text-anchor": "middle"}
        looks = {"fill": COLOURS[hardest], "stroke": PAPER, "stroke-width": "4", "paint-order": "stroke"}
        text = ET.SubElement(root, "text", place | looks | {"font-size": "13", "font-weight": "600"})
        text.text = f"{need.weight:,}"
    return hardest


def _on_curve(points: list[float], at: float) -> tuple[float, float]:
    rest = 1 - at
    shares = (rest**3, 3 * rest * rest * at, 3 * rest * at * at, at**3)
    x, y = (sum(share * points[2 * n + axis] for n, share in enumerate(shares)) for axis in (0, 1))
    return x, y


def _draw_legend(root: ET.Element, top: float, groups: list[str]) -> None:
    x = 24
    for group in groups:
        line = {"d": f"M{x} {top:.0f}h28", "stroke": COLOURS[group], "stroke-width": "3"}
        ET.SubElement(root, "path", line)
        label = t(f"group.{group}")
        ET.SubElement(root, "text", {"x": f"{x + 36}", "y": f"{top + 4:.0f}", "font-size": "13"}).text = label
        x += 60 + 7 * len(label)
    note = {"x": "24", "y": f"{top + 26:.0f}", "font-size": "12", "fill": SOFT}
    ET.SubElement(root, "text", note).text = t("picture.map_note")


def _draw_card(root: ET.Element, card: Card, context: BoundedContext) -> None:
    group = ET.SubElement(root, "g", {"transform": f"translate({card.x} {card.y})"})
    dash = {"stroke-dasharray": "4 3"} if context.confidence < NEAR_SURE else {}
    box = {"width": str(CARD_WIDTH), "height": str(card.height), "rx": "5", "fill": PAPER, "stroke": SOFT}
    ET.SubElement(group, "rect", box | dash)
    name = one_line(card.name)
    shown = name if len(name) <= TITLE_LENGTH else name[: TITLE_LENGTH - 1] + "…"
    facts = [t("count.modules", n=len(context.modules)), t("count.tables", n=len(context.tables))]
    facts.append(
        t("map.sure", share=percent(context.confidence))
        if context.standing == "context"
        else t(f"context.{context.standing}")
    )
    lines = [(shown, "15.5", INK, "600"), *((fact, "14", SOFT, "400") for fact in facts)]
    # A picture of its own cuts off what is too wide for the card.
    inside = ET.SubElement(group, "svg", {"width": str(CARD_WIDTH - 6), "height": str(card.height)})
    for number, (text, size, fill, weight) in enumerate(lines):
        y = card.height / 2 - 19 + 17.5 * number
        place = {"x": "16", "y": f"{y:.1f}", "font-size": size, "fill": fill, "font-weight": weight}
        ET.SubElement(inside, "text", place).text = text
    ET.SubElement(group, "title").text = name[:500]
