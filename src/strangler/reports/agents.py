"""What a coding assistant needs to know of the boundaries before it changes code: ``AGENTS.md``, and a page
for each context, opened when it works there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from strangler.contexts.crossings import count_places, counted
from strangler.model import BoundedContext, Crossing, Model
from strangler.model.coverage import measures, unread
from strangler.model.lookup import ancestors
from strangler.reports.domains import domain_lines
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.text import code, listed, markdown_table, plural

FILE = "AGENTS.md"
MODULES = 60
"""Modules listed of a context; of larger ones packages."""
ROUTES = 40
SUBJECTS = 25
"""Things of another context that are listed with their places, most places first."""
PLACES = 3

STANDS_APART = {
    "rest": "what stays when the others have left",
    "composition_root": "puts the parts together; may use all of them",
    "platform": "what all others stand on",
    "shared_kernel": "shared by the contexts",
    "library": "shared by the contexts",
    "operations": "programs around the contexts",
    "layer": "a layer of the contexts: each part goes with its domain",
    "unassigned": "of no context",
}


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``AGENTS.md`` and ``agents/context-NN.md``, in the order of the model."""
    del options
    index = Index(model)
    pages = {context.name: f"agents/context-{n:02}.md" for n, context in enumerate(model.contexts, 1)}
    found = {FILE: "\n".join(_first(model, pages))}
    for context in model.contexts:
        found[pages[context.name]] = "\n".join(_page(model, index, context, pages))
    return {name: f"{text}\n".encode() for name, text in found.items()}


def _first(model: Model, pages: dict[str, str]) -> Iterator[str]:
    accepted = any(context.accepted for context in model.contexts)
    yield f"# The boundaries of {code(model.monolith.name)}"
    yield ""
    state = "which the team has accepted" if accepted else "a proposal, which the team has not accepted yet"
    revision = code(model.monolith.revision or "not known")
    yield f"Written by strangler from revision {revision}. The code is to be taken apart along these"
    yield f"boundaries: {state}."
    yield "Names below are names of the code, nothing else."
    yield "\n## Rules for a change\n"
    yield "1. Find the context of each file that you touch in the table below, and read its page."
    yield "2. A change stays inside one context where it can."
    yield "3. Use of another context that its page does not list is a new crossing: CI fails on it. Call a"
    yield "   function of the owner that is used already, or ask before you add one."
    yield "4. Only the owner of a table writes it. Others call the owner, or read."
    yield "5. No new foreign key, transaction or signal over a boundary."
    yield "6. Before you are done: `strangler check .` says `nothing new`."
    yield "\n## Contexts\n"
    yield from markdown_table(
        ("context", "page", "modules", "tables", "what"),
        (
            (
                code(context.name),
                f"[{pages[context.name]}]({pages[context.name]})",
                f"{len(context.modules):,}",
                f"{len(context.tables):,}",
                STANDS_APART.get(context.standing, ""),
            )
            for context in model.contexts
        ),
    )
    yield "\n## Where a file belongs\n"
    yield "The longest path counts.\n"
    yield from markdown_table(("path", "context"), ((code(p), code(c)) for p, c in _places(model)))
    yield "\n## What is not known\n"
    yield from _unknown(model)
    yield "\n## To ask more\n"
    yield "`strangler explain SUBJECT` answers with file and line: a module, table, URL path or context."


def _unknown(model: Model) -> Iterator[str]:
    rows = [f"{row.rows}: {row.found:,} found, {row.gaps}" for row in measures(model.system) if row.gaps]
    yield f"- {'; '.join(rows)}." if rows else "- No place is known that may bring more than was found."
    names = [library.name for library in unread(model.system)]
    if names:
        yield f"- Libraries whose routes, tables or calls are not read: {listed(map(code, names))}."
    yield "- What only exists at run time (names from the environment or the database) is not in these pages."


def _places(model: Model) -> list[tuple[str, str]]:
    """The fewest folders and files that place every module: path -> context, by path."""
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    here = {m.path: context_of[m.name] for m in model.modules if m.name in context_of}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, context in here.items():
        for folder in _above(path):
            votes[folder][context] += 1
    chosen: dict[str, str] = {}
    for path in sorted({*votes, *here}, key=lambda path: (path.count("/"), path)):
        ballot = votes.get(path)
        winner = min(ballot, key=lambda name: (-ballot[name], name)) if ballot else here[path]
        if ballot and ballot[winner] * 2 <= ballot.total():
            continue  # a folder of several contexts says nothing
        if next((chosen[up] for up in _above(path) if up in chosen), None) != winner:
            chosen[path] = winner
    return sorted((f"{path}/" if path in votes else path, name) for path, name in chosen.items())


def _above(path: str) -> Iterator[str]:
    folders = ancestors(path.replace(".", "\0").replace("/", "."))
    next(folders)
    for folder in folders:
        yield folder.replace(".", "/").replace("\0", ".")


def _page(model: Model, index: Index, context: BoundedContext, pages: dict[str, str]) -> Iterator[str]:
    yield f"# {code(context.name)}"
    yield ""
    note = STANDS_APART.get(context.standing)
    yield f"{note[0].upper()}{note[1:]}." if note else "A bounded context."
    if context.domains:
        yield "\nSeveral domains lie together here; a change stays within one of them where it can:\n"
        yield from domain_lines(context)
    if context.tables:
        owned = listed(map(code, context.tables), len(context.tables))
        yield f"\nIt owns {owned}: no new code of others writes them."
    yield f"\n## {plural(len(context.modules), 'module')}\n"
    for module in context.modules[:MODULES]:
        yield f"- {code(index.path_of.get(module, module))}"
    if len(context.modules) > MODULES:
        yield f"- and {len(context.modules) - MODULES} more"
    routes = [e for e in model.endpoints if index.context_of_handler(e.handler) == context.name]
    if routes:
        yield f"\n## {plural(len(routes), 'endpoint')}\n"
        for route in routes[:ROUTES]:
            methods = ", ".join(route.methods or ("any method",))
            yield f"- {methods} {code(route.path)}: {code(route.handler)}"
        if len(routes) > ROUTES:
            yield f"- and {len(routes) - ROUTES} more"
    rows = counted(model.crossings)
    for head, mine, other in (
        ("It uses", "source", "target"),
        ("It is used by", "target", "source"),
    ):
        partners: dict[str, list[Crossing]] = defaultdict(list)
        for row in rows:
            if getattr(row, mine) == context.name:
                partners[getattr(row, other)].append(row)
        for partner, found in sorted(partners.items(), key=lambda item: (-count_places(item[1]), item[0])):
            page = pages.get(partner)
            link = f" ([page]({page.rpartition('/')[2]}))" if page else ""
            yield f"\n## {head} {code(partner)}: {plural(count_places(found), 'place')}{link}\n"
            yield from _subjects(found)


def _subjects(found: list[Crossing]) -> Iterator[str]:
    ordered = sorted(found, key=lambda row: (-row.count, row.kind, row.subject))
    for row in ordered[:SUBJECTS]:
        where = [code(f"{place.file}:{place.line}") for place in row.places]
        subject = f" {code(row.subject)}" if row.subject else ""
        yield f"- {row.kind.replace('_', ' ')}{subject}" + (f": {listed(where, PLACES)}" if where else "")
    if len(ordered) > SUBJECTS:
        yield f"- and {len(ordered) - SUBJECTS} more"
