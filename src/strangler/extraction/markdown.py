"""``SERVICE.md``: what a service holds and why, for people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from strangler.extraction.database.page import database_section
from strangler.extraction.dependencies import LISTS, UNKNOWN
from strangler.extraction.rows import SHOWN, rows
from strangler.extraction.values import Need, Removal, Service
from strangler.model.lookup import last, parent
from strangler.text import code, located, plural, prose

GUESTS = 12


def service_md(service: Service, removal: Removal) -> str:
    """The whole page."""
    sections = (
        _head,
        _start,
        _switches,
        _probes,
        _dependencies,
        _routes,
        _needs,
        database_section,
        _tests,
        _changes,
        _notes,
    )
    lines = [line for section in sections for line in section(service)]
    return "\n".join([*lines, *_removal(service, removal)]).rstrip() + "\n"


def share(service: Service) -> str:
    """``54 of 82 modules, 1,151 of 2,043 lines (56 %)``."""
    part, whole = service.size, service.monolith
    percent = f" ({part.lines / whole.lines:.0%})" if whole.lines else ""
    modules = f"{part.modules:,} of {plural(whole.modules, 'module')}"
    return f"{modules}, {part.lines:,} of {plural(whole.lines, 'line')}{percent}"


def _head(service: Service) -> Iterator[str]:
    yield f"# {prose(service.context)} as a service"
    yield ""
    yield (
        f"The part of the monolith that {code(service.context)} needs to run alone: {share(service)}. Its "
        "code is the monolith's, unchanged but for the places listed below. Nothing in it is to be edited: "
        "run `strangler extract` again when the monolith has changed."
    )
    yield ""


def _start(service: Service) -> Iterator[str]:
    yield "## How it is started"
    yield ""
    yield (
        "As the monolith is: with the same programs, environment and requirements, in the folder `service`. "
        "It works on the monolith's database, which the monolith alone migrates, until it gets its own "
        "(`data/README.md`). Other calls into the code of other contexts than those over a seam run inside "
        "the service: their modules are listed below, and each is one to replace by a seam."
    )
    yield ""


def _switches(service: Service) -> Iterator[str]:
    """The seams that the service calls and answers."""
    if not service.switches:
        return
    yield "## What it calls, and who calls it"
    yield ""
    for item in service.switches:
        package = parent(item.module)
        program = code(f"python -m {package}.server {last(item.module)} --listen HOST:PORT")
        if item.own:
            tables = code(f"python -m {package}.saga install")
            saga = any(need.module == f"{package}.saga" for need in service.needs)
            yield (
                f"- Others call it where they have {code(item.variable)}. {program}, in the folder "
                f"`service`, answers them{f'; {tables} makes the tables of both sides once' if saga else ''}."
            )
        elif item.needed:
            yield (
                f"- {code(item.variable)} has to be set: what is called there is not in the service. "
                f"{program} in the monolith's folder answers, as long as it is the monolith that does."
            )
        else:
            yield (
                f"- {code(item.variable)} may be set: unset, the calls run inside the service. To leave "
                f"their code out, extract again with {code('--remote CONTEXT')}."
            )
    yield ""
    yield "All of them share `SEAM_TOKEN`. No gateway routes `/_strangler/`."
    yield ""


def _probes(service: Service) -> Iterator[str]:
    yield "## How it is watched"
    yield ""
    found = service.probes
    if found is None:
        yield (
            "No place was found that makes the application (`Flask(...)`, `FastAPI(...)`, a list "
            "`MIDDLEWARE`), so it answers no probes of its own."
        )
    else:
        yield f"- {code(f'GET {found.live}')}: 200 as long as the process answers."
        asked = ", ".join(map(code, found.checks))
        yield (
            f"- {code(f'GET {found.ready}')}: 200 when it can ask its databases ({asked}), else 503."
            if found.checks
            else f"- {code(f'GET {found.ready}')}: 200 as well. No engine was found that a module makes "
            "when it is imported, so no database is asked."
        )
        yield ""
        yield "They are answered before the routes, to anybody, and name no secret."
    yield ""


def _dependencies(service: Service) -> Iterator[str]:
    kept = [item for item in service.dependencies if item.kept]
    gone = [item for item in service.dependencies if not item.kept]
    yield f"## What has to be installed: {len(kept):,} of {plural(len(service.dependencies), 'requirement')}"
    yield ""
    lists = sorted(path for path in service.files if LISTS.match(path))
    if not lists:
        yield "No list of requirements was found in the tree: install what the monolith has."
        yield ""
        return
    yield (
        f"With {', '.join(code(f'pip install -r {path}') for path in lists)}, in the folder `service`. A "
        "requirement is left out where modules that stay import it and none of these does; its version still "
        "binds what others ask for."
    )
    yield ""
    if service.itself is not None:
        yield (
            f"Then with `pip install --no-deps -e .`, since {code(located(service.itself))} asks for the "
            "distribution that the code is."
        )
        yield ""
    unknown = [item for item in kept if item.because == UNKNOWN]
    if unknown:
        more = f" and {len(unknown) - SHOWN:,} more" if unknown[SHOWN:] else ""
        yield (
            "Kept although no module imports anything of that name, so look whether they are needed: "
            f"{', '.join(code(item.name) for item in unknown[:SHOWN])}{more}."
        )
        yield ""
    yield from rows(
        [
            f"{code(item.name)} is left out: {prose(item.because)}{f' ({code(item.by)})' if item.by else ''}"
            for item in gone
        ]
    )


def _routes(service: Service) -> Iterator[str]:
    yield f"## What it answers: {plural(len(service.endpoints), 'endpoint')}"
    yield ""
    yield from rows([code(item) for item in service.endpoints])
    yield (
        "Other routes answer 421 here under their names with Django and Flask, and 404 with other "
        "frameworks, where a link to them by name fails; the gateway sends none."
    )
    yield ""
    if service.guests:
        yield (
            f"{plural(len(service.guests), 'endpoint')} of others would be answered too, since the service "
            f"holds the code: {', '.join(code(item) for item in service.guests[:GUESTS])}."
        )
        yield ""


def _needs(service: Service) -> Iterator[str]:
    counts: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for need in service.needs:
        counts[need.context] += 1
        lines[need.context] += need.lines
    yield "## What it holds"
    yield ""
    yield "| of | modules | lines |"
    yield "|---|--:|--:|"
    for name, count in sorted(
        counts.items(), key=lambda item: (item[0] != service.context, -item[1], item[0])
    ):
        yield f"| {code(name) if name else 'migrations and others'} | {count:,} | {lines[name]:,} |"
    yield ""
    for name, needs in _foreign(service).items():
        yield f"### Of {code(name)}"
        yield ""
        yield from _reasons(needs)
    yield f"Beside the modules: {plural(len(service.files), 'file')} that they name or that lie beside them."
    yield ""


def _tests(service: Service) -> Iterator[str]:
    whole = len(service.tests) + len(service.left)
    if not whole:
        return
    yield f"## Its tests: {len(service.tests):,} of {plural(whole, 'test')}"
    yield ""
    yield (
        "Tests of the monolith that reach nothing, and ask for no route, that stays behind; with the "
        "fixtures and helpers that they need, in their own places, run as the monolith's are. The others "
        "stay:"
    )
    yield ""
    reasons = Counter(item.because for item in service.left)
    yield from rows(
        [f"{prose(because)}: {plural(count, 'test')}" for because, count in reasons.most_common()]
    )


def _foreign(service: Service) -> dict[str, list[Need]]:
    found: dict[str, list[Need]] = defaultdict(list)
    for need in service.needs:
        if need.context not in ("", service.context):
            found[need.context].append(need)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _changes(service: Service) -> Iterator[str]:
    yield f"## What differs from the monolith: {plural(len(service.changes), 'place')}"
    yield ""
    yield from rows([f"{code(f'{item.file}:{item.line}')} {prose(item.what)}" for item in service.changes])


def _notes(service: Service) -> Iterator[str]:
    if service.notes:
        yield "## To look at by hand"
        yield ""
        yield from rows([prose(note) for note in service.notes])


def _removal(service: Service, removal: Removal) -> Iterator[str]:
    yield "## What can leave the monolith"
    yield ""
    size = f"{plural(removal.size.modules, 'module')} with {plural(removal.size.lines, 'line')}"
    yield (
        f"`code-out.patch` takes out what only {code(service.context)} needs: {size}. Apply it in the "
        "monolith with `git apply --index code-out.patch` when the gateway has sent every request of these "
        "routes to the service for so long that nobody will go back; `git apply -R` takes it back. It leaves "
        "no import dangling that the analysis knows of, and no table is touched. What is loaded by a name "
        "that is put together at run time is not seen: the monolith's tests and the recorded suite decide."
    )
    yield ""
    switch = next((item for item in service.switches if item.own), None)
    if switch is not None and removal.files:
        yield (
            f"{code(switch.variable)} and `SEAM_TOKEN` have to be set in the monolith from then on, and "
            "where its tests run, with the program above answering there: what is called over the seam is "
            "no longer here. Unset, each of these calls ends in `ModuleNotFoundError`."
        )
        yield ""
    if removal.holds:
        yield f"### What still holds the rest: {plural(len(removal.holds), 'module')}"
        yield ""
        yield "Cut each of these places by a seam, a replica or an event; then run `strangler extract` again."
        yield ""
        yield from _reasons(removal.holds)
    if removal.unheard:
        yield "### Signals that nobody hears any more"
        yield ""
        yield from rows([prose(item) for item in removal.unheard])
    if removal.registrations:
        yield f"### What is no longer registered: {plural(len(removal.registrations), 'place')}"
        yield ""
        yield "The modules that go register something with what stays, which goes on without it:"
        yield ""
        yield from rows(
            [f"{code(located(place))} with {code(place.symbol)}" for place in removal.registrations]
        )
    if removal.tests:
        taken = set(removal.moved)
        yield f"### Tests that it makes red: {len(removal.tests):,}"
        yield ""
        yield (
            f"{plural(len(taken), 'test')} of them run with the service: the patch takes them out. "
            "What the others test is on both sides: edit them, or write them anew against the gateway."
        )
        yield ""
        yield from rows(
            [f"{code(item.test)} {prose(item.because)}" for item in removal.tests if item.test not in taken]
        )
        yield from rows([f"{code(item)}: taken out" for item in removal.moved])


def _reasons(needs: Sequence[Need]) -> Iterator[str]:
    yield "| module | why | asked by |"
    yield "|---|---|---|"
    for need in needs[:SHOWN]:
        where = f"{need.by}:{need.line}" if need.line else need.by
        yield f"| {code(need.module)} | {prose(need.because)} | {code(where) if where else ''} |"
    if needs[SHOWN:]:
        yield f"| {len(needs) - SHOWN:,} more in the JSON files | | |"
    yield ""
