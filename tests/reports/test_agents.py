"""The pages for coding assistants say what the model says, and place every file."""

from __future__ import annotations

import re

import pytest
from helpers.planted import planted

from strangler.reports import render


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
def test_the_longest_path_that_is_listed_places_every_module_in_its_context(name: str) -> None:
    model = planted(name)
    page = render(model, "agents")["AGENTS.md"].decode()
    table = page.split("## Where a file belongs")[1].split("\n## ")[0]
    places = dict(re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", table, re.MULTILINE))
    path_of = {module.name: module.path for module in model.modules}
    wanted = {path_of[module]: context.name for context in model.contexts for module in context.modules}
    for path, context in wanted.items():
        fits = [
            place for place in places if path == place or (place.endswith("/") and path.startswith(place))
        ]
        assert places[max(fits, key=len)] == context, path
    assert len(places) < len(wanted) / 2


def test_each_context_has_a_page_with_its_tables_and_what_it_uses_by_file_and_line() -> None:
    model = planted("django_shop")
    files = {name: data.decode() for name, data in render(model, "agents").items()}
    pages = {text.partition("\n")[0]: text for name, text in files.items() if name.startswith("agents/")}
    assert set(pages) == {f"# `{context.name}`" for context in model.contexts}
    for context in model.contexts:
        page = pages[f"# `{context.name}`"]
        assert all(f"`{table}`" in page for table in context.tables)
        for crossing in model.crossings:
            told = any(place.how != "implied" for place in crossing.evidence)  # not what a delete takes along
            if crossing.source == context.name and crossing.kind == "write" and told:
                assert f"write `{crossing.subject}`" in page
                assert re.search(rf"## It uses `{crossing.target}`", page)
    assert "shop/orders/services.py:" in pages["# `orders`"]


def test_what_is_not_known_is_said_on_the_first_page() -> None:
    model = planted("django_shop")
    assert (
        "No place is known that may bring more than was found."
        in render(model, "agents")["AGENTS.md"].decode()
    )
