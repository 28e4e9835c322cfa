"""Whatever a model holds: a figure that two outputs give is the same figure."""

# ruff: noqa: E501 (facts: one a line)

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from helpers.planted import planted
from helpers.systems import context, model_of, module
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler import checks
from strangler.commands.plan import describe_plan, describe_roadmap
from strangler.commands.progress import describe as describe_progress
from strangler.commands.summary import summarise
from strangler.contexts.consistency import contradictions as of_model
from strangler.contexts.ranking import rank_contexts
from strangler.contexts.what_if import what_if
from strangler.model import (
    Access,
    Call,
    Changes,
    Definition,
    Endpoint,
    ForeignKey,
    Import,
    Message,
    Model,
    Signal,
    Table,
    Task,
    Transaction,
    dump,
    load,
)
from strangler.model.history import Commit
from strangler.model.system import Invocation
from strangler.plans import contradictions, plan_extraction, plan_files, plan_roadmap, roadmap_files
from strangler.reports import ReportOptions, render
from strangler.reports.html.data import Data
from strangler.reports.index import Index
from strangler.reports.story import story
from strangler.reports.verdict import verdict

MODULES = tuple(f"shop.m{n}" for n in range(6))
TABLES = tuple(f"t{n}" for n in range(5))
FUNCTIONS = ("f", "g", "Kind.h")

modules, tables = st.sampled_from(MODULES), st.sampled_from(TABLES)
functions = st.sampled_from((*FUNCTIONS, None))
handlers = st.sampled_from(("shop.m0.f", "shop.m1.g", "shop.m1.tests.f", "library.view"))
"""Also in a test below a module, and outside the tree."""
lines = st.integers(1, 4)
some = st.lists(tables, max_size=4, unique=True).map(lambda names: tuple(sorted(names)))


def rows(row: type, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few rows of a fact, as linking leaves them: one a place."""
    built = st.builds(row, **fields)
    return st.lists(built, max_size=6, unique_by=_place).map(tuple)


def _place(row: Any) -> Any:
    """Of a transaction its place, of other rows all that they say."""
    return (row.module, row.function, row.line) if isinstance(row, Transaction) else row


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Six modules and five tables in two to four contexts, one of them perhaps shared code."""
    count = draw(st.integers(2, 4))
    homes = {name: draw(st.integers(0, count - 1)) for name in MODULES}
    owners = {name: draw(st.integers(0, count - 1)) for name in TABLES}
    kernel = draw(st.booleans())
    contexts = tuple(
        context(
            f"c{n}",
            *(name for name in MODULES if homes[name] == n),
            tables=tuple(name for name in TABLES if owners[name] == n),
            kind="shared_kernel" if kernel and n == 0 else "context",
        )
        for n in range(count)
    )
    keys = st.lists(
        st.builds(ForeignKey, column=st.sampled_from("ab"), table=tables),
        max_size=2,
        unique_by=lambda k: k.column,
    )
    mapped = tuple(
        Table(
            name=name,
            model=f"shop.m{n}.Row" if draw(st.booleans()) else None,
            framework="django",
            path=f"shop/m{n // 2}.py",  # a join table stands where its model stands
            line=9,
            foreign_keys=tuple(sorted(draw(keys))),
        )
        for n, name in enumerate(TABLES)
    )
    access = {"module": modules, "function": functions, "line": lines, "table": tables}
    via = {
        "via": st.sampled_from(("orm", "cascade", "template", "sql")),
        "certainty": st.sampled_from(("certain", "possible")),
    }
    call = {
        "module": modules,
        "function": functions,
        "line": lines,
        "target_module": modules,
        "target": st.sampled_from(FUNCTIONS),
    }
    kinds = st.sampled_from(("call", "inheritance", "reference"))
    facts = {
        "tables": mapped,
        "definitions": tuple(
            Definition(module=m, name=f, line=1, end_line=4, kind="method" if "." in f else "function")
            for m in MODULES
            for f in FUNCTIONS
        ),
        "imports": draw(
            rows(
                Import,
                importer=modules,
                imported=modules,
                line=lines,
                kind=st.sampled_from(("runtime", "dynamic")),
            )
        ),
        "calls": draw(rows(Call, kind=kinds, **call)),
        "invocations": draw(rows(Invocation, **call)),
        "accesses": draw(rows(Access, operation=st.sampled_from(("read", "write")), **access, **via)),
        "transactions": draw(
            rows(
                Transaction,
                module=modules,
                function=functions,
                line=lines,
                tables_written=some,
                tables_read=some,
            )
        ),
        "tasks": draw(
            rows(
                Task,
                name=st.just("work"),
                handler=modules.map(lambda m: f"{m}.f"),
                framework=st.just("celery"),
                line=lines,
            )
        ),
        "signals": draw(
            rows(
                Signal,
                signal=st.sampled_from(("done", "saved")),
                receiver=modules.map(lambda m: f"{m}.g"),
                line=lines,
                module=modules,
                sender=st.none(),
                table=st.sampled_from(("", *TABLES)),
                change=st.sampled_from(("", "saved")),
            )
        ),
        "endpoints": tuple(
            Endpoint(
                path=f"/{n}",
                pattern=f"/{n}",
                regex=f"^/{n}$",
                methods=("GET",),
                order=n,
                handler=handler,
                framework="django",
                file="shop/urls.py",
                line=1,
                name=None,
            )
            for n, handler in enumerate(draw(st.lists(handlers, max_size=3)))
        ),
        "messages": draw(
            rows(
                Message,
                module=modules,
                function=functions,
                line=lines,
                kind=st.sampled_from(("task", "signal")),
                name=st.sampled_from(("work", "done")),
            )
        ),
    }
    tests = (module("shop.m1.tests", "test"),)
    facts["modules"] = tuple(sorted((*map(module, MODULES), *tests)))
    log = st.lists(st.lists(modules, min_size=1, max_size=3, unique=True), max_size=3)
    commits = [
        Commit(sha=f"{n}", time=n, subject="", modules=tuple(sorted(touched)))
        for n, touched in enumerate(draw(log))
    ]
    model = model_of(*contexts, **facts)
    return msgspec.structs.replace(model, changes=Changes(commits=len(commits), log=tuple(commits)))


def number(text: str) -> int:
    return int(text.replace(",", ""))


def sheet(model: Model, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(model, "csv", ReportOptions())[name].decode())))


BOUNDARY = r"([\d,]+) crossings? in ([\d,]+) places?: ([\d,]+) to cut(?:, ([\d,]+) data ties?)?(?:, ([\d,]+) of shared code)?"
DATA = r"([\d,]+) transactions? over the boundary(?: \(([\d,]+) becomes? )?"


def boundaries(text: str) -> Iterator[tuple[int, ...]]:
    for found in re.finditer(BOUNDARY, text):
        yield tuple(number(part or "0") for part in found.groups())


def same(values: dict[str, Any]) -> None:
    assert len(set(values.values())) == 1, values


@settings(max_examples=30)
@given(models())
def test_every_output_gives_the_same_figures_of_the_whole(model: Model) -> None:
    assert list(of_model(model)) == []
    model = load(dump(model))
    judged = verdict(model, Index(model))
    told = {figure.label: figure.value for figure in story(model, Index(model), judged).figures}
    printed = re.search(
        r"Crossings  ([\d,]+) in ([\d,]+) places?", summarise(model, verdict(model, Index(model)))
    )
    crossings, places = (number(part) for part in printed.groups()) if printed else (0, 0)
    (step,) = checks.progress([model], checks.take(model))
    change = {c.metric: c.before for c in what_if(model.system, model.changes, model.contexts, ()).changes}
    exported = sheet(model, "crossings.csv")
    listed = {
        (r["kind"], r["subject"], r["file"], r["line"], r["symbol"])
        for r in exported
        if r["how"] != "implied"
    }
    blocks = Data(model, Index(model), judged, ReportOptions()).blocks()
    evidence = blocks["evidence"]
    sarif = msgspec.json.decode(render(model, "sarif", ReportOptions())["report.sarif"])["runs"][0]["results"]
    same(
        {
            "printed": crossings,
            "page": len(evidence["crossings"]["subject"]),
            "progress": step.crossings,
            "csv": len({r["id"] for r in exported if r["count"] != "0"}),
        }
    )
    same(
        {
            "printed": places,
            "report": number(told["Places of crossings"]),
            "csv": len(listed),
            "progress": step.places,
        }
    )
    per_kind = Counter(kind for kind, *_ in listed)
    assert per_kind == dict(step.by_kind) == judged.figures.places
    assert per_kind == +Counter(
        {kind.removeprefix("crossings."): n for kind, n in change.items() if kind.startswith("crossings.")}
    )
    assert number(told["Transactions across"]) == per_kind["transaction"]
    for kind in ("write", "foreign_key", "transaction"):
        assert sum(r["ruleId"] == f"crossing/{kind}" for r in sarif) == per_kind[kind]
    tables = {table.name for table in model.tables} | {row.table for row in model.accesses}
    head = re.search(r"([\d,]+) tables?\b", summarise(model, verdict(model, Index(model))))
    same(
        {
            "rows": len(tables),
            "printed": number(head[1]) if head else 0,
            "report": number(told["Shared tables"].partition(" / ")[2]),
            "page": len(blocks["core"]["tables"]["name"]),
            "progress": step.tables,
        }
    )
    assert "1970" not in describe_progress([step])
    assert checks.difference(model, model).crossings == ()


@settings(max_examples=30)
@given(models())
def test_every_output_gives_the_same_figures_of_a_boundary(model: Model) -> None:
    ranked = {c.context: c for c in rank_contexts(model)}
    exported = {row["context"]: row for row in sheet(model, "contexts.csv")}
    roadmap = plan_roadmap(model)
    ordered = {item.context: item for item in (*roadmap.candidates, *roadmap.stay)}
    assert roadmap_files(roadmap)
    assert describe_roadmap(roadmap)
    summary = summarise(model, verdict(model, Index(model)))
    for found in model.contexts:
        if found.kind != "context":
            continue
        plan = plan_extraction(model, found.name)  # refuses a plan that contradicts itself
        assert list(contradictions(plan, model)) == []
        figures, one, row, item = plan.figures, ranked[found.name], exported[found.name], ordered[found.name]
        files = plan_files(plan)
        texts = {name: files[name].decode() for name in ("PLAN.md", "SUMMARY.md", "plan.html")}
        texts["stdout"] = describe_plan(plan)
        stored = msgspec.json.decode(files["plan.json"])
        same(
            {
                "plan": figures.crossings,
                "json": len(stored["cuts"]),
                "csv": int(row["crossings"]),
                "rank": one.crossings,
            }
        )
        line = re.search(rf"(?m)^  {found.name}(?: \(what stays\))? +\d+ +\d+ +(\d+) ", summary)
        same(
            {
                "plan": len(plan.moves.endpoints),
                "printed": int(line[1]) if line else -1,
                "ranking": one.entries - len(plan.moves.tasks),
            }
        )
        alone = f"{item.independence:.0%}" if item.independence is not None else "None"
        assert (row["changes_alone"] == "") == (item.independence is None)
        assert one.independence is None or f"{one.independence:.0%}" == alone
        same({"plan": figures.places, "csv": int(row["places"]), "rank": one.all_places})
        same(
            {
                "plan": figures.to_cut,
                "csv": int(row["places_to_cut"]),
                "roadmap": item.places,
                "rank": one.places,
            }
        )
        same(
            {
                "plan": figures.data_ties,
                "csv": int(row["data_ties"]),
                "roadmap": item.data_ties,
                "rank": one.knots,
            }
        )
        same(
            {
                "plan": figures.transactions,
                "csv": int(row["transactions"]),
                "rank": one.transactions,
                "json": len(stored["sagas"]),
            }
        )
        same({"plan": figures.foreign_keys, "csv": int(row["foreign_keys"]), "json": len(stored["keys"])})
        expected = (figures.crossings, figures.places, figures.to_cut, figures.data_ties, figures.shared)
        for name, text in texts.items():
            told = list(boundaries(re.sub(r"<[^>]+>|\\", "", text)))
            assert told == ([expected] if figures.crossings or name == "stdout" else []), name
            for count in re.finditer(DATA, re.sub(r"<[^>]+>|\\", "", text)):
                assert number(count[1]) == figures.transactions, name
                assert count[2] is None or number(count[2]) == figures.sagas, name


@settings(max_examples=30)
@given(models(), st.booleans(), st.booleans())
def test_right_after_a_baseline_nothing_is_new_and_nothing_gone(
    model: Model, homeless: bool, ownerless: bool
) -> None:
    """Also where the contexts leave modules and tables out."""
    contexts = tuple(
        msgspec.structs.replace(
            c,
            modules=c.modules[1:] if homeless and n else c.modules,
            tables=c.tables[1:] if ownerless else c.tables,
        )
        for n, c in enumerate(model.contexts)
    )
    model = msgspec.structs.replace(model, contexts=contexts)
    baseline = checks.take(model)
    outcome = checks.compare(checks.load(checks.dump(baseline)), model)
    assert (outcome.findings, outcome.gone, outcome.gone_cycles, outcome.placed) == ((), 0, 0, ())
    assert checks.update(baseline, model) == baseline


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
def test_a_sample_has_as_many_transactions_across_as_it_has_over_a_boundary(name: str) -> None:
    model = planted(name)
    over = {
        (saga.name, saga.place)
        for found in model.contexts
        if found.kind == "context"
        for saga in plan_extraction(model, found.name).sagas
    }
    across = verdict(model, Index(model)).figures.places.get("transaction", 0)
    assert across == len(over) <= len(model.transactions)
