"""Rules from routes: as few as do exactly the same, and the proof that they do.

Everything is decided on *signatures*: the sets of routes that some path is in together. There are few, they
come out of one product automaton, and each has a shortest path that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from strangler.routing.automaton import MAX_STATES, Product
from strangler.routing.canonical import canonical_paths
from strangler.routing.dialect import PYTHON, write
from strangler.routing.errors import RoutingError
from strangler.routing.parse import OWN_PATTERN, parse
from strangler.routing.routes import Line
from strangler.routing.terms import ALL, Term, literal_prefix, rep, seq, text
from strangler.routing.values import METHODS, WEBSOCKET, Certificate, Rule, Target


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a first-match list over numbered languages."""

    language: int
    methods: frozenset[str] | None
    target: Target


class MismatchError(RoutingError):
    """Rules and routes differ; ``path`` is a shortest decoded path that shows it."""

    def __init__(self, path: str, method: str, expected: Target, got: Target) -> None:
        self.path, self.method, self.expected, self.got = path, method, expected, got
        super().__init__(
            f"the rules are wrong: {method} {path!r} belongs to the {expected}, they send it to the {got}"
        )


def term_of(rule: Rule) -> Term:
    """The decoded paths that a rule takes."""
    if rule.kind == "regex":
        return parse(rule.value, OWN_PATTERN)
    return text(rule.value) if rule.kind == "exact" else seq(text(rule.value), ALL)


def _methods(methods: Iterable[str] | None, *, upgrades: bool) -> frozenset[str] | None:
    """As a set; with a GET go HEAD and, with ``upgrades``, the handshakes."""
    if methods is None:
        return None
    found = frozenset(m.upper() for m in methods)
    if "GET" not in found:
        return found
    return found | ({"HEAD", WEBSOCKET} if upgrades else {"HEAD"})


def has_upgrades(lines: Iterable[Line]) -> bool:
    """Whether the monolith serves WebSockets: only then are handshakes told from other requests."""
    return any(line.route.methods == (WEBSOCKET,) for line in lines)


def decisions(lines: Sequence[Line]) -> list[Entry]:
    """The framework's way to decide, as a first-match list.

    A handshake goes to the first WebSocket that takes the path, or to what stands before it and may take
    anything; where there is none it goes where a GET goes, since servers that know no WebSockets see one. Of
    all else, a route whose methods fit wins; else the first that takes the path (it answers 405 or OPTIONS);
    else the redirects that come only when no route takes the path; else the WebSocket (404 or 426). Below a
    mount all this is decided by the routes of what is mounted, before anything that stands behind it.
    """
    numbered = list(enumerate(lines))
    sockets = [n for n, line in numbered if line.route.methods == (WEBSOCKET,)]
    early = [n for n, line in numbered if line.route.in_order and n not in sockets]
    late = [n for n, line in numbered if not line.route.in_order]
    opaque = [n for n, line in numbered if line.route.kind == "opaque"] if sockets else []
    handshakes = [Entry(n, frozenset({WEBSOCKET}), lines[n].route.target) for n in sorted(sockets + opaque)]
    entries: list[Entry] = []
    for n in early:
        route = lines[n].route
        if route.rest:  # a mount decides alone: first its own other answers, and nothing behind it is asked
            inside = [m for m, line in numbered if line.route.pattern.startswith(f"{route.pattern}/")]
            before = [m for m in inside if m < n and m not in sockets]
            entries += [Entry(m, None, lines[m].route.target) for m in before if lines[m].route.in_order]
            entries += [Entry(m, None, lines[m].route.target) for m in inside if m in late]
        entries.append(Entry(n, _methods(route.methods, upgrades=True), route.target))
    fallback = [replace(entry, methods=None) for entry in entries if entry.methods is not None]
    last = [Entry(n, None, lines[n].route.target) for n in [*late, *sockets]]
    return [*handshakes, *entries, *fallback, *last]


class Decider:
    """Looks up who gets a path, by its signature and the method."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_language: dict[int, list[tuple[int, Entry]]] = {}
        for number, entry in enumerate(entries):
            self._by_language.setdefault(entry.language, []).append((number, entry))

    def matching(self, signature: Iterable[int]) -> list[tuple[int, Entry]]:
        """The entries whose language holds the path, in order."""
        return sorted(
            (pair for language in signature for pair in self._by_language.get(language, ())),
            key=lambda pair: pair[0],
        )

    def winners(self, signature: Iterable[int]) -> list[tuple[Target, int | None]]:
        """For each of METHODS: who gets it, and by which entry (None: by default)."""
        matching = self.matching(signature)
        if matching and matching[0][1].methods is None:
            return [(matching[0][1].target, matching[0][0])] * len(METHODS)
        found: list[tuple[Target, int | None]] = []
        for method in METHODS:
            for number, entry in matching:
                if entry.methods is None or method in entry.methods:
                    found.append((entry.target, number))
                    break
            else:
                found.append(("monolith", None))
        return found

    def targets(self, signature: Iterable[int]) -> tuple[Target, ...]:
        """For each of METHODS: who gets it."""
        return tuple(target for target, _ in self.winners(signature))


def _targets(matching: Sequence[Entry]) -> tuple[Target, ...]:
    """As ``Decider.targets``, where the matching entries are known."""
    if not matching or matching[0].methods is None:
        return ("monolith" if not matching else matching[0].target,) * len(METHODS)
    return tuple(
        next((e.target for e in matching if e.methods is None or method in e.methods), "monolith")
        for method in METHODS
    )


def minimise(entries: list[Entry], signatures: Iterable[tuple[int, ...]]) -> list[Entry]:
    """Drop methods and entries that change no decision: the monolith's first, from the last on."""
    kinds = [frozenset(signature) for signature in signatures]
    decider = Decider(entries)
    wanted = [decider.targets(kind) for kind in kinds]
    relaxed = list(dict.fromkeys(replace(entry, methods=None) for entry in entries))
    decider = Decider(relaxed)
    if all(decider.targets(kind) == want for kind, want in zip(kinds, wanted, strict=True)):
        entries = relaxed
    decider = Decider(entries)
    matching = [dict(decider.matching(kind)) for kind in kinds]
    touched: dict[int, list[int]] = {}
    for index, found in enumerate(matching):
        for number in found:
            touched.setdefault(number, []).append(index)

    def harmless(number: int, instead: Entry | None) -> bool:
        for index in touched.get(number, ()):
            trial = [
                instead if n == number else entry
                for n, entry in matching[index].items()
                if n != number or instead is not None
            ]
            if _targets([entry for entry in trial if entry is not None]) != wanted[index]:
                return False
        return True

    kept = dict(enumerate(entries))
    for target in ("monolith", "service"):
        for number in range(len(entries) - 1, -1, -1):
            entry = entries[number]
            if entry.target != target:
                continue
            wider = replace(entry, methods=None)
            if harmless(number, None):
                del kept[number]
                for index in touched.get(number, ()):
                    del matching[index][number]
            elif entry.methods is not None and harmless(number, wider):
                kept[number] = wider
                for index in touched.get(number, ()):
                    matching[index][number] = wider
    return list(kept.values())


def tidy(entries: list[Entry], lines: Sequence[Line], signatures: Iterable[tuple[int, ...]]) -> list[Entry]:
    """Reorder without changing a decision: same targets together, slash redirects behind their routes.

    Two entries may change places unless their targets differ and some path is in both.
    """
    decider, conflicts = Decider(entries), set[tuple[Entry, Entry]]()
    for signature in signatures:
        found = [entry for _, entry in decider.matching(signature)]
        conflicts |= {(a, b) for a in found for b in found if a.target != b.target}

    def move(entry: Entry, place: int) -> None:
        """Up to a place, if nothing between is in the way."""
        now = order.index(entry)
        if place < now and not any((entry, other) in conflicts for other in order[place:now]):
            order.insert(place, order.pop(now))

    order: list[Entry] = []
    for entry in entries:
        same = [n for n, other in enumerate(order) if other.target == entry.target]
        order.append(entry)
        if same:
            move(entry, same[-1] + 1)
    for entry in entries:
        route = next((n for n, other in enumerate(order) if _joined(other, entry, lines) is not None), None)
        if route is not None:
            move(entry, route + 1)
    return order


def _joined(route: Entry, redirect: Entry, lines: Sequence[Line]) -> Term | None:
    """One language for a route and its slash redirect; None for others, and for plain texts."""
    if route is redirect or (route.target, route.methods) != (redirect.target, redirect.methods):
        return None
    with_slash, without = lines[route.language].term, lines[redirect.language].term
    if literal_prefix(with_slash)[1]:
        return None
    for longer, shorter in ((with_slash, without), (without, with_slash)):
        if seq(shorter, text("/")) is longer:
            return seq(shorter, rep(text("/"), 0, 1))
    return None


def to_rules(entries: Sequence[Entry], lines: Sequence[Line]) -> list[Rule]:
    """Entries in the façade's language: exact paths where the pattern is one, else expressions."""
    upgrades = has_upgrades(lines)
    rules: list[Rule] = []
    before: Entry | None = None
    for entry in entries:
        joined = None if before is None else _joined(before, entry, lines)
        if before is not None and joined is not None:
            languages = (before.language, entry.language)
            rules[-1] = _rule(joined, entry, languages, upgrades=upgrades)
            before = None
        else:
            term = lines[entry.language].term
            rules.append(_rule(term, entry, (entry.language,), upgrades=upgrades))
            before = entry
    return rules


def _rule(term: Term, entry: Entry, languages: tuple[int, ...], *, upgrades: bool) -> Rule:
    prefix, whole = literal_prefix(term)
    named = METHODS if upgrades else METHODS[:-1]
    return Rule(
        kind="exact" if whole else "regex",
        value=prefix if whole else write(term, PYTHON),
        target=entry.target,
        methods=None if entry.methods is None else tuple(m for m in named if m in entry.methods),
        routes=languages,
    )


def with_prefixes(
    rules: list[Rule], product: Product, entries: Sequence[Entry], *, unclaimed: bool
) -> list[Rule]:
    """Replace the service's rules below a prefix by the prefix, where that is proved to be equal.

    Equal means that every canonical path below the prefix goes to the service; with ``unclaimed`` also paths
    that no route takes count as the service's.
    """
    candidates = {p for rule in rules if rule.target == "service" for p in _prefixes(rule)}
    prefixes: list[str] = []
    for prefix in sorted(candidates, key=lambda p: (len(p), p)):
        covered = any(prefix.startswith(chosen) for chosen in prefixes)
        if not covered and _all_service(prefix, product, entries, unclaimed=unclaimed):
            prefixes.append(prefix)
    kept = list(rules)
    found = []
    for prefix in prefixes:
        inside = [rule for rule in kept if literal_prefix(term_of(rule))[0].startswith(prefix)]
        kept = [rule for rule in kept if rule not in inside]
        routes = tuple(sorted({n for rule in inside for n in rule.routes}))
        found.append(Rule(kind="prefix", value=prefix, target="service", routes=routes))
    return found + kept


def _prefixes(rule: Rule) -> list[str]:
    prefix, _ = literal_prefix(term_of(rule))
    return [prefix[: end + 1] for end, char in enumerate(prefix) if char == "/" and end > 0] + [prefix]


def _all_service(prefix: str, product: Product, entries: Sequence[Entry], *, unclaimed: bool) -> bool:
    start = product.walk(prefix)
    if start is None or start == 0:
        return False
    below = product.reachable(start)
    if not unclaimed and not _takes_everything(product, below):
        return False
    seen = {product.states[n].accepts for n in below if product.states[n].inside}
    if not unclaimed and () in seen:
        return False
    decider = Decider(entries)
    return all(set(decider.targets(s)) == {"service"} for s in seen if s)


def _takes_everything(product: Product, below: set[int]) -> bool:
    """Whether no canonical path leaves these states: languages end where none of them can go on."""
    return all(product.states[n].complete for n in below)


def rule_entries(rules: Sequence[Rule], offset: int = 0, *, upgrades: bool = False) -> list[Entry]:
    """Rules as a first-match list; rule ``n`` is language ``offset + n``.

    ``upgrades``: whether a GET that asks for a WebSocket is none (``has_upgrades``).
    """
    return [
        Entry(offset + n, _methods(rule.methods, upgrades=not upgrades), rule.target)
        for n, rule in enumerate(rules)
    ]


def certify(
    lines: Sequence[Line],
    rules: Sequence[Rule],
    *,
    unclaimed: bool,
    complete: bool,
    limit: int = MAX_STATES,
) -> Certificate:
    """Compare routes and rules on every canonical path and method.

    Raises:
        MismatchError: they differ; it carries a shortest path on which they do.
        TooComplexError: the automaton outgrew its limit.
    """
    offset = len(lines)
    routes = Decider(decisions(lines))
    facade = Decider(rule_entries(rules, offset, upgrades=has_upgrades(lines)))
    terms = [line.term for line in lines] + [term_of(rule) for rule in rules]
    product = Product(terms, canonical_paths(), limit)
    signatures = product.signatures()
    for signature, state in signatures.items():  # breadth first: the first mismatch is a shortest
        if unclaimed and signature[0] >= offset:
            continue
        expected, got = routes.targets(signature), facade.targets(signature)
        for method, want, have in zip(METHODS, expected, got, strict=True):
            if want != have:
                raise MismatchError(product.word(state), method, want, have)
    return Certificate(
        states=len(product.states),
        classes=len(signatures),
        exact=all(line.route.exact for line in lines if line.route.kind != "opaque"),
        complete=complete,
    )
