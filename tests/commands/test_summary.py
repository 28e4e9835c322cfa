"""What the screen after an analysis says of the cut, and of what could not be read."""

from __future__ import annotations

import msgspec
import pytest
from helpers.planted import planted
from helpers.systems import context, model_of, use

from strangler.commands.summary import summarise
from strangler.model import Diagnostic, Model, Table
from strangler.model.document import Level
from strangler.reports.index import Index
from strangler.reports.story import story
from strangler.reports.verdict import verdict


def cut(sizes: dict[str, int], tables: int = 1, **more: object) -> Model:
    """A system of contexts of so many modules, each with so many tables."""
    contexts = [
        context(
            name,
            *(f"{name}.m{n}" for n in range(size)),
            tables=tuple(f"{name}_{n}" for n in range(tables)),
            confidence=0.6,
        )
        for name, size in sizes.items()
    ]
    return model_of(*contexts, **more)


def screen(model: Model) -> list[str]:
    return summarise(model, verdict(model, Index(model))).splitlines()


def after(lines: list[str], start: str) -> int:
    (place,) = (n for n, line in enumerate(lines) if line.startswith(start))
    return place


MANY = {f"c{n:02}": 10 for n in range(11)} | {"zz-largest": 60} | {f"tiny{n}": 1 for n in range(5)}


def test_the_largest_contexts_are_listed_wherever_they_stand_in_the_order():
    lines = screen(cut(MANY))
    assert any(line.startswith("  zz-largest ") for line in lines)
    order = [c.context for c in verdict(cut(MANY), Index(cut(MANY))).candidates]
    assert order.index("zz-largest") > 8


def test_of_what_is_not_listed_it_is_said_which_is_in_the_order_and_which_is_not():
    lines = screen(cut(MANY))
    place = after(lines, "  ... and 9 more")
    assert lines[place].endswith(" 45")
    assert lines[place + 1] == "    4 later in the order, 5 too small for a service"


def test_where_all_others_come_later_one_line_says_so():
    lines = screen(cut({f"c{n:02}": 10 for n in range(11)}))
    assert any(line.startswith("  ... and 3 later in the order of extraction ") for line in lines)


def test_one_context_is_listed_and_not_counted():
    lines = screen(cut({f"c{n}": 10 for n in range(9)}))
    assert [line.split()[0] for line in lines[after(lines, "Contexts") + 1 :]][:9] == [
        f"c{n}" for n in range(9)
    ]


def test_the_strongest_crossings_are_those_between_contexts_and_how_many_are_not_is_said():
    contexts = (context("a", "a.m"), context("b", "b.m"), context("base", "base.m", kind="platform"))
    calls = [use("a.m", "b.m", line=1)] + [use("b.m", "base.m", line=line) for line in range(1, 6)]
    lines = screen(model_of(*contexts, calls=tuple(calls)))
    place = after(lines, "Crossings  ")
    assert "in 6 places" in lines[place]
    assert lines[place + 1 : place + 3] == [
        "       1  a -> b",
        "       5  to or from what is no context (5 of them b -> base)",
    ]


@pytest.mark.parametrize(
    ("sizes", "told"), [({"a": 30, "b": 10, "c": 10}, True), (dict.fromkeys("abcde", 10), False)]
)
def test_where_the_cut_is_coarse_it_is_said_how_to_see_finer_ones(sizes: dict[str, int], told: bool):
    finer = Level(label="finer", resolution=2.0, contexts=cut({f"f{n}": 5 for n in range(9)}).contexts)
    lines = screen(cut(sizes, hierarchy=(finer,)))
    said = "  9 finer groups: `strangler accept --level help`, or the workshop"
    assert (said in lines) is told


def test_where_nothing_is_proposed_it_is_said_how_to_see_finer_groups():
    finer = Level(label="finer", resolution=2.0, contexts=cut({f"f{n}": 5 for n in range(9)}).contexts)
    base = context("base", *(f"base.m{n}" for n in range(9)), kind="platform")
    lines = screen(model_of(base, hierarchy=(finer,)))
    place = after(lines, "Contexts  none proposed")
    assert lines[place + 1] == "  9 finer groups: `strangler accept --level help`, or the workshop"


def test_where_no_table_was_read_nothing_is_said_of_data_as_a_fact():
    model = cut({"a": 30, "b": 20, "c": 20}, tables=0)
    index = Index(model)
    found = verdict(model, index)
    text = summarise(model, found)
    assert "no table was read: owners, data ties and transactions are not known" in text
    assert "owns no table" not in text
    told = story(model, index, found)
    assert "owns no table" not in told.headline
    assert any("No table was read" in sentence.text for sentence in told.surety)
    assert "No table, foreign key or transaction crosses" not in told.clear
    figures = {figure.label: figure.value for figure in told.figures}
    assert (figures["Shared tables"], figures["Transactions across"]) == ("–", "–")


def test_tables_of_which_keys_may_be_missing_are_counted():
    row = Table(name="a_0", model="a.m1.Row", framework="django", path="a/m1.py", line=4)
    note = Diagnostic(file="a/m1.py", line=4, code="inherited-columns", severity="note", message="Row: ...")
    sizes = {"a": 30, "b": 20, "c": 20}
    assert not any("not all known" in line for line in screen(cut(sizes, tables=0)))
    model = cut(sizes, tables=1)
    model = msgspec.structs.replace(model, tables=(row,), diagnostics=(note,))
    assert "  columns and keys not all known, 1 table: a_0" in screen(model)
    index = Index(model)
    told = [sentence.text for sentence in story(model, index, verdict(model, index)).surety]
    assert any(text.startswith("1 table inherits columns and foreign keys") for text in told)


def test_the_comparison_with_the_packages_shows_the_corrected_figures_that_it_rests_on():
    model = planted("django_shop")
    held = {"commits": 100.0, "within": 0.39, "random": 0.11}
    held |= {"packages": 3.0, "within_packages": 0.99, "random_packages": 0.97}
    figures = {f"held_out_{name}": value for name, value in held.items()}
    model = msgspec.structs.replace(model, metrics=model.metrics | figures)
    index = Index(model)
    found = verdict(model, index)
    lines = summarise(model, found).splitlines()
    place = after(lines, "  held out: 39% of 100 in one context (random 11%), packages 99% (random 97%)")
    assert lines[place + 1] == "    corrected for chance: contexts 31%, packages 67%"
    (said,) = (s.text for s in story(model, index, found).surety if s.text.startswith("Corrected for chance"))
    assert "they kept 67\N{NO-BREAK SPACE}% together, the cut 31\N{NO-BREAK SPACE}%" in said
