"""plan.html in a real browser: it runs nothing, fits a telephone, and all can use it."""

from __future__ import annotations

import pytest
from helpers.monolith import FIXTURES
from helpers.planted import planted

from strangler.commands.plan import patcher
from strangler.commands.texts import texts
from strangler.plans import generate, plan_extraction, plan_files

CUT_OFF = """[...document.querySelectorAll('.wide')]
    .filter(box => box.scrollWidth > box.clientWidth).map(box => box.getAttribute('aria-label'))"""


@pytest.fixture(scope="module")
def written():
    model, source = planted("django_shop"), FIXTURES / "django_shop"
    plan, _ = generate(plan_extraction(model, "billing", texts(source)), model, patcher(model, source))
    return plan_files(plan, "../report.html")["plan.html"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_the_page_of_a_plan(chromium, written, tmp_path, width, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
    ).Axe()
    file = tmp_path / "plan" / "plan.html"
    file.parent.mkdir()
    file.write_bytes(written)
    (tmp_path / "report.html").write_text("<title>the report</title>")
    problems: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    assert page.locator("h2").all_inner_texts()[:4] == [
        "What moves", "What stands before every request", "What must be cut",
        "Foreign keys to break, in order",
    ]  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") < 6_000
    page.click("nav a:has-text('Crossings')")
    assert page.locator("#cuts table").first.is_visible()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(CUT_OFF) == []
    label = page.locator("#cuts tbody td[data-label=Remedies]").first
    shown = label.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert shown == ('"Remedies"' if width == 400 else "none")
    page.get_by_label("Stage 0 is done").check()
    page.locator(".ticks input").first.check()
    assert page.locator("#ticked").inner_text().strip().startswith("1 of ")
    page.reload()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator("#stages :checked").count() == 2  # kept by the browser
    page.click("nav a:has-text('In the report')")
    assert page.url.endswith("/report.html#/context/billing")
    page.go_back()
    page.click("nav a:has-text('Stages')")
    assert page.locator("section.stage").first.is_visible()
    found = axe.run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert problems == []
    context.close()
