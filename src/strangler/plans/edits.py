"""Files outside the context that have to change when it leaves."""

from __future__ import annotations

from collections import defaultdict

from strangler.plans.values import Cut, Edit, KeyToBreak, Saga
from strangler.plans.view import View

MENTIONS = 3
"""A word of the context's name has to stand so often in a module's identifiers to count as a mention."""

_REASONS = {
    "import": "imports {}",
    "call": "uses {}",
    "inheritance": "inherits from {}",
    "read": "reads {}",
    "write": "writes {}",
    "signal": "sends or receives {}",
    "task": "queues {}",
}


def find_edits(
    view: View, cuts: tuple[Cut, ...], keys: tuple[KeyToBreak, ...], sagas: tuple[Saga, ...]
) -> tuple[Edit, ...]:
    """Files outside, certain ones first, each with its reasons and lines."""
    reasons: dict[str, set[str]] = defaultdict(set)
    lines: dict[str, set[int]] = defaultdict(set)

    def note(file: str, line: int, reason: str) -> None:
        reasons[file].add(reason)
        lines[file].add(line)

    for cut in cuts:
        for place in cut.places if cut.direction == "in" else ():
            note(place.file, place.line, _REASONS.get(cut.kind, "uses {}").format(cut.subject))
    for key in keys:
        if key.direction == "in":
            note(key.place.file, key.place.line, f"foreign key to {key.references}")
    for saga in sagas:
        if saga.orchestrator != view.name:
            note(saga.place.file, saga.place.line, "transaction that writes tables of the context")
    for item in view.model.imports:
        if item.imported in view.inside and item.importer not in view.inside:
            note(view.modules[item.importer].path, item.line, f"imports {item.imported}")
    for endpoint in view.endpoints:
        note(endpoint.file, endpoint.line, f"registers {endpoint.pattern}")
    own = {view.modules[module].path for module in view.inside if module in view.modules}
    role = {module.path: module.role for module in view.model.modules}
    leaving = set(moving_tests(view))
    certain = {
        Edit(
            file=file,
            sureness="certain",
            role=role.get(file, "code"),
            reasons=tuple(sorted(found)),
            lines=tuple(sorted(lines[file])),
        )
        for file, found in reasons.items()
        if file not in own | leaving
    }
    return tuple(sorted(certain, key=lambda edit: edit.file)) + _mentions(view, own | leaving | set(reasons))


def _mentions(view: View, known: set[str]) -> tuple[Edit, ...]:
    """Files that only speak of the context: options, wiring by strings, documentation in code."""
    word = view.name.lower().rpartition(".")[2]
    found = []
    for name, words in sorted(view.model.vocabulary.items()):
        module = view.modules.get(name)
        if module is None or module.path in known or not view.production(name):
            continue
        if words.get(word, 0) >= MENTIONS:
            reason = f"its identifiers say {word!r} {words[word]} times"
            found.append(
                Edit(file=module.path, sureness="possible", role=module.role, reasons=(reason,), lines=())
            )
    return tuple(found)


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
