"""Files outside the context that have to change when it leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import get_args

from strangler.contexts.words import split
from strangler.model.lookup import member
from strangler.plans.mentions import OWNED, Texts, find_mentions, leaving_packages, words_of
from strangler.plans.values import Cut, Edit, KeyToBreak, Saga, Sureness
from strangler.plans.view import View
from strangler.text import plural

NAMED_BY_A_LINE = {
    "import": "imports {}",
    "call": "uses {}",
    "template": "uses {}",
    "inheritance": "inherits from {}",
    "read": "reads {}",
    "write": "writes {}",
    "signal": "sends or receives {}",
    "task": "queues {}",
}


def find_edits(
    view: View,
    cuts: tuple[Cut, ...],
    keys: tuple[KeyToBreak, ...],
    sagas: tuple[Saga, ...],
    texts: Texts | None = None,
) -> tuple[Edit, ...]:
    """Files outside, certain ones first, each with its reasons and lines.

    With the texts of the source tree all its files are searched for the context (see ``mentions``), without
    them only the identifiers of modules.
    """
    uses = _Uses(view)
    for cut in cuts:
        # What the ORM sends from here is received elsewhere: such a place lies outside all the same.
        if cut.kind in NAMED_BY_A_LINE and (cut.direction == "in" or cut.kind == "signal"):
            for place in cut.places:
                uses.note(place.file, place.line, NAMED_BY_A_LINE[cut.kind], cut.subject)
    for key in keys:
        if key.direction == "in":
            uses.note(key.place.file, key.place.line, "foreign key to {}", key.references, named=True)
    for saga in sagas:
        if saga.orchestrator != view.name:
            uses.note(saga.place.file, saga.place.line, "transaction that writes tables of the context", "")
    for item in view.model.imports:
        if item.imported in view.inside and item.importer not in view.inside:
            path, written = view.modules[item.importer].path, item.kind != "dynamic"
            uses.note(path, item.line, "imports {}", item.imported, named=written)
    for endpoint in view.endpoints:
        uses.note(endpoint.file, endpoint.line, "registers {}", endpoint.pattern)
    leaving = {*moving_tests(view), *moving_migrations(view)}
    own = {view.modules[module].path for module in view.inside if module in view.modules} | leaving
    tied = [edit for edit in uses.edits() if edit.file not in own]
    certain = own | {edit.file for edit in tied if edit.sureness == "certain"}
    if texts is None:
        spoken = _mentions(view, certain)
    else:
        spoken = find_mentions(view, texts, leaving, certain)
    said = {edit.file: edit for edit in spoken}
    # What is reached without a name and yet spoken of counts as spoken of.
    edits = [edit for edit in tied if edit.file not in said] + list(spoken)
    grades = get_args(Sureness)
    return tuple(sorted(edits, key=lambda edit: (grades.index(edit.sureness), edit.file)))


class _Uses:
    """Reasons and lines by file, and whether the file names what it uses.

    General code (a loader of classes, a generic view, a cascade on delete) reaches every context and names
    none: it works on without any edit, or needs one for reasons that the crossings show.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.reasons: dict[str, set[str]] = defaultdict(set)
        self.lines: dict[str, set[int]] = defaultdict(set)
        self.named: set[str] = set()
        self.module_of = {module.path: module.name for module in view.model.modules}
        self.role_of = {module.path: module.role for module in view.model.modules}
        self.own_words = set(words_of(view.name))
        self.mapped = {table.name: member(table.model or "", view.modules)[1] for table in view.model.tables}

    def note(self, file: str, line: int, reason: str, subject: str, *, named: bool = False) -> None:
        """Note a use; ``named``: the line is known to name it."""
        self.reasons[file].add(reason.format(subject))
        self.lines[file].add(line)
        if file not in self.named and (named or self._names(file, subject)):
            self.named.add(file)

    def _names(self, file: str, subject: str) -> bool:
        vocabulary = self.view.model.vocabulary.get(self.module_of.get(file, ""))
        if vocabulary is None:
            return True  # not a module whose words were counted: believe it
        if not self.own_words.isdisjoint(vocabulary):
            return True
        name = self.mapped.get(subject) or subject
        module = self.view.home(subject)
        if module:
            name = subject[len(module) + 1 :].partition(".")[0]
        words = split(name)
        return bool(words) and all(word in vocabulary for word in words)

    def edits(self) -> Iterator[Edit]:
        """One edit a file."""
        for file, reasons in self.reasons.items():
            named = file in self.named
            yield Edit(
                file=file,
                sureness="certain" if named else "possible",
                role=self.role_of.get(file, "code"),
                reasons=tuple(sorted(reasons))
                if named
                else ("reaches it without naming it", *sorted(reasons)),
                lines=tuple(sorted(self.lines[file])),
            )


def _mentions(view: View, known: set[str]) -> tuple[Edit, ...]:
    """Modules whose identifiers say a word that the context owns; all that a model alone can tell."""
    found = []
    for word in words_of(view.name):
        uses = {name: _uses(words, word) for name, words in view.model.vocabulary.items()}
        inside = sum(count for name, count in uses.items() if name in view.inside)
        if not inside or inside < OWNED * sum(uses.values()):
            continue
        for name, count in sorted(uses.items()):
            module = view.modules.get(name)
            if module and count and module.path not in known and view.production(name):
                reason = f"its identifiers say {word!r} {plural(count, 'time')}"
                found.append(
                    Edit(file=module.path, sureness="possible", role=module.role, reasons=(reason,), lines=())
                )
                known = known | {module.path}
    return tuple(found)


def _uses(words: Mapping[str, int], word: str) -> int:
    return sum(words.get(form, 0) for form in {word, f"{word}s"})


def moving_tests(view: View) -> tuple[str, ...]:
    """Test files that import modules of the context and of no other context but the shared kernel."""
    imported: dict[str, set[str]] = defaultdict(set)
    for item in view.model.imports:
        module = view.modules.get(item.importer)
        if module is not None and module.role == "test" and item.imported in view.context_of:
            owner = view.context_of[item.imported]
            if view.kind_of[owner] == "context":
                imported[module.path].add(owner)
    return tuple(sorted(path for path, owners in imported.items() if owners == {view.name}))


def moving_migrations(view: View) -> tuple[str, ...]:
    """Migrations in packages that leave whole."""
    packages = leaving_packages(view)
    return tuple(
        sorted(
            module.path
            for module in view.model.modules
            if module.role == "migration"
            and any(module.name.startswith(f"{package}.") for package in packages)
        )
    )
