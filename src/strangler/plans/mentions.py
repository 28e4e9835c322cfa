"""Files that speak of a context without any tie that the analysis follows: settings, options, navigation,
templates, capability lists, policies, packaging, tests, documents.

Three kinds of evidence, in falling order of certainty:

- the dotted name or the path of a package that leaves whole, or the quoted name of one of its URLs or tasks;
- a *distinctive name*: an identifier with the context's word in it (``alarm_history_time_to_live``) which the
  context itself uses and few other files do: of the files that use it at least 30 % lie inside, and at most
  eight outside;
- the word alone, and only where the context *owns* it: at least two thirds of its uses in production modules
  lie inside, and it is no word of the trade. A word that is everywhere (``volume``, ``api``) is no evidence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from strangler.contexts.words import GENERAL
from strangler.model.lookup import last
from strangler.plans.values import Edit, Sureness
from strangler.plans.view import View
from strangler.text import listed, plural

OWNED = 0.66
"""Share of a word's uses inside the context from which the word is evidence by itself."""
AFFINITY = 0.3
COMMON = 0.1
"""Affinity below which a name that many files use (``OpenStack`` for a context of stacks) says nothing."""
FEW = 8
"""Files outside; more of them use a name that is common property."""
SHOWN_LINES = 12

_MIGRATIONS = re.compile(r"(^|/)(\w*migrations|migrate_repo|alembic/versions)/")
"""Steps of the schema's history, which are kept as they are."""
_OURS = re.compile(r"(^|/)strangler-(boundaries\.toml|baseline\.json)$")
"""What strangler itself wrote of the tree, and writes again."""
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z_][A-Za-z0-9_]*)*")
_GRADES: dict[int, Sureness] = {3: "certain", 2: "likely", 1: "possible"}


Texts = Iterable[tuple[str, bytes]]
"""Path below the root of the tree, and content."""


@dataclass
class _Found:
    """What one file says."""

    grade: int = 0
    reasons: list[str] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)

    def note(self, grade: int, reason: str, lines: Iterable[int]) -> None:
        self.grade = max(self.grade, grade)
        self.reasons.append(reason)
        self.lines.update(lines)


def find_mentions(view: View, texts: Texts, leaving: set[str], known: set[str]) -> tuple[Edit, ...]:
    """Files of the tree that speak of the context, by path.

    Args:
        view: the context.
        texts: path and content of the text files of the tree, sorted by path.
        leaving: tests and migrations that move with the context.
        known: files whose ties are known already.
    """
    words = words_of(view.name)
    needles = [word.encode() for word in words]
    packages = _package_pattern(leaving_packages(view))
    quoted = _quoted_names(view)
    own = {view.modules[name].path for name in view.inside if name in view.modules} | leaving
    production = {module.path for name, module in view.modules.items() if view.production(name)}
    inside: dict[str, str] = {}
    outside: dict[str, str] = {}
    for path, content in texts:
        lower = content.lower()
        if path in own:
            inside[path] = content.decode("utf-8", "replace")
        elif not _OURS.search(path) and (
            any(needle in lower for needle in needles)
            or (packages and packages.search(content))
            or (quoted and not path.endswith(".py") and quoted.search(content))
        ):
            outside[path] = content.decode("utf-8", "replace")
    found = {path: _Found() for path in outside}
    roles = {module.path: module.role for module in view.model.modules}
    past = {path for path in outside if _MIGRATIONS.search(path) or roles.get(path) == "migration"}
    labels = _labels(view)
    for path, text in outside.items():
        if path in past:
            _depends(found[path], text, labels)
        else:
            _exact(found[path], text, packages, quoted)
    present = {path: text for path, text in outside.items() if path not in past}
    for word in words:
        pattern = re.compile(_segment(word))
        programs = _programs(view, pattern)
        _by_word(found, pattern, inside, present, production, programs, general=word in GENERAL)
    return tuple(
        Edit(
            file=path,
            sureness=_GRADES[item.grade],
            role=roles.get(path) or kind_of(path),
            reasons=tuple(item.reasons),
            lines=tuple(sorted(item.lines)[:SHOWN_LINES]),
        )
        for path, item in sorted(found.items())
        if item.grade and path not in known | own and roles.get(path) not in ("generated", "vendored")
    )


def words_of(name: str) -> tuple[str, ...]:
    """The words of a context's name in the singular, those that can be looked for."""
    pieces = re.findall(r"[a-z]+[0-9]*", name.lower())
    return tuple(dict.fromkeys(_singular(piece) for piece in pieces if len(piece) >= 3))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 4 else word


def _segment(word: str) -> str:
    """The word as a part of identifiers and prose: ``alarm_id``, ``Alarms``, ``listAlarms``."""
    stem, ends = (word[:-1], "(?:y|ies)") if word.endswith("y") else (word, "(?:s|es|ing|ed)?")
    lower, title, upper = (re.escape(form) for form in (stem, stem.capitalize(), stem.upper()))
    return f"(?<![a-z]){lower}{ends}(?![a-z])|{title}{ends}(?![a-z])|(?<![A-Z]){upper}{ends.upper()}(?![A-Z])"


def leaving_packages(view: View) -> tuple[str, ...]:
    """The shortest dotted names under which no production module stays."""
    stays: set[str] = set()
    for name in view.modules:
        if view.production(name) and name not in view.inside:
            stays.update(_prefixes(name))
    found = set()
    for name in view.inside & view.modules.keys():
        prefix = next((prefix for prefix in _prefixes(name) if prefix not in stays), None)
        if prefix:
            found.add(prefix)
    return tuple(sorted(found))


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _labels(view: View) -> re.Pattern[str] | None:
    """A dependency on a migration of the context: ``("billing", "0001_initial")``."""
    labels = {last(package) for package in leaving_packages(view)}
    if not labels:
        return None
    names = "|".join(map(re.escape, sorted(labels)))
    return re.compile(rf"""\(\s*["'](?:{names})["']\s*,\s*["'](?:\d{{4}}_\w*|__first__|__latest__)["']""")


def _package_pattern(packages: Iterable[str]) -> re.Pattern[bytes] | None:
    by_top: dict[str, list[str]] = {}
    for name in packages:
        top, dot, rest = name.partition(".")
        if dot:  # a bare word is judged as a word
            by_top.setdefault(top, []).append("[./]".join(map(re.escape, rest.split("."))))
    if not by_top:
        return None
    # The literal first, so that the search can skip through the text; then what may stand before it.
    tops = "|".join(
        f"{re.escape(top)}(?<![\\w.]{re.escape(top)})[./](?:{'|'.join(rests)})(?![\\w])"
        for top, rests in sorted(by_top.items())
    )
    return re.compile(tops.encode())


def _quoted_names(view: View) -> re.Pattern[bytes] | None:
    names = {endpoint.name for endpoint in view.endpoints if endpoint.name and ":" in endpoint.name}
    names |= {task.name for task in view.model.tasks if view.moves(task.handler) and "." in task.name}
    if not names:
        return None
    return re.compile(rb"""["'](?:%s)["']""" % b"|".join(re.escape(name).encode() for name in sorted(names)))


def _depends(found: _Found, text: str, labels: re.Pattern[str] | None) -> None:
    hits = list(labels.finditer(text)) if labels else []
    if hits:
        found.note(3, "depends on its migrations", (text.count("\n", 0, hit.start()) + 1 for hit in hits))


def _exact(
    found: _Found, text: str, packages: re.Pattern[bytes] | None, quoted: re.Pattern[bytes] | None
) -> None:
    data = text.encode()
    for pattern, reason in ((packages, "names {}"), (quoted, "names {}")):
        hits = list(pattern.finditer(data)) if pattern else []
        if hits:
            names = list(dict.fromkeys(hit[0].decode().strip("\"'") for hit in hits))
            found.note(
                3, reason.format(listed(names, 3)), (data.count(b"\n", 0, hit.start()) + 1 for hit in hits)
            )


def _programs(view: View, word: re.Pattern[str]) -> re.Pattern[str]:
    """Names of programs, services and packages: ``shop-billing``, ``shop-billing-worker``."""
    tops = sorted({re.escape(name.partition(".")[0]) for name in view.inside}) or ["(?!)"]
    return re.compile(rf"(?:{'|'.join(tops)})-(?:\w+-){{0,8}}(?:{word.pattern})", re.IGNORECASE)


def _by_word(
    found: Mapping[str, _Found],
    word: re.Pattern[str],
    inside: Mapping[str, str],
    outside: Mapping[str, str],
    production: set[str],
    programs: re.Pattern[str],
    general: bool,
) -> None:
    uses_inside = {path: _names(text, word) for path, text in inside.items()}
    uses = {path: _names(text, word) for path, text in outside.items()}
    in_files = Counter(name for names in uses_inside.values() for name in names)
    out_files = Counter(name for names in uses.values() for name in names)
    here, there = (
        sum(sum(names.values()) for path, names in side.items() if path in production)
        for side in (uses_inside, uses)
    )
    owned = not general and here > 0 and here >= OWNED * (here + there)
    common = {
        name
        for name, files in out_files.items()
        if files > FEW and in_files[name] < COMMON * (in_files[name] + files) and not programs.match(name)
    }
    for path, said in uses.items():
        names = {name: count for name, count in said.items() if name not in common}
        if not names:
            continue
        distinctive = sorted(
            name
            for name in names
            if programs.match(name)
            or (
                word.fullmatch(name) is None
                and out_files[name] <= FEW
                and in_files[name] >= AFFINITY * (in_files[name] + out_files[name])
            )
        )
        if distinctive:
            reason = f"says {listed(distinctive, 3)}"
            found[path].note(2, reason, _lines(outside[path], distinctive))
        elif owned:
            reason = f"speaks of it {plural(sum(names.values()), 'time')}: {listed(sorted(names), 3)}"
            found[path].note(1, reason, _lines(outside[path], sorted(names)))


def _names(text: str, word: re.Pattern[str]) -> Counter[str]:
    # The word is searched first: most of a file is none of it.
    names: Counter[str] = Counter()
    end = 0
    for hit in word.finditer(text):
        start = hit.start()
        if start < end:
            continue  # the same name again; names may be as long as the file
        while start > end and (text[start - 1].isalnum() or text[start - 1] in "_-"):
            start -= 1
        token = _TOKEN.search(text, start)
        names[token[0] if token else hit[0]] += 1
        end = max(hit.end(), token.end() if token else 0)
    return names


def _lines(text: str, names: Iterable[str]) -> set[int]:
    pattern = re.compile(rf"(?<![\w])(?:{'|'.join(map(re.escape, names))})(?![\w])")
    found: set[int] = set()
    for hit in pattern.finditer(text):
        found.add(text.count("\n", 0, hit.start()) + 1)
        if len(found) >= SHOWN_LINES:
            break
    return found


_KINDS = (
    ("document", r"\.(rst|md|txt|adoc)$|(^|/)docs?/"),
    ("template", r"\.(html?|jinja2?|j2|djhtml|tpl|mjml)$|(^|/)templates/"),
    ("style", r"\.(css|less|scss|sass)$"),
    ("script", r"\.(js|ts|jsx|tsx|vue|sh|bash)$|(^|/)bin/"),
    (
        "packaging",
        r"(^|/)(setup\.(py|cfg)|pyproject\.toml|requirements[^/]*|MANIFEST\.in|Dockerfile[^/]*|Makefile)$",
    ),
    ("configuration", r"\.(ya?ml|toml|ini|cfg|conf|json|env|sample)$"),
)


def kind_of(path: str) -> str:
    """What a file that is no module is for, by its name."""
    return next((kind for kind, pattern in _KINDS if re.search(pattern, path, re.IGNORECASE)), "file")
