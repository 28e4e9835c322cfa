"""Change coupling: which modules changed together, from the commits of git.

Weights and measures:

* A commit over *n* first-party production files has the weight ``1 / max(1, n - 1)``, so that the more it
  touches, the less it says about each pair, and each file gets at most 1 from a commit (the normalisation of
  co-authorship networks by M. E. J. Newman, Phys. Rev. E 64, 016132, 2001, applied to files).
* ``support(a, b)``: the sum of the weights of the commits that touch both.
* ``confidence(a, b) = max(P(a|b), P(b|a))`` with ``P(a|b) = support(a, b) / W(b)``, ``W(b)`` the sum of the
  weights of the commits that touch b (association rules: Agrawal, Imielinski, Swami, SIGMOD 1993; on changes:
  Zimmermann et al., ICSE 2004).
* ``lift(a, b) = support(a, b) * W / (W(a) * W(b))`` with W over all commits: 1 is chance (Brin et al.,
  SIGMOD 1997).

Merges, bulk and mechanical commits and those of bots say nothing about coupling: they are left out and
counted. The window ends at the analysed commit, not at today's date, so that a revision has one result.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations

from strangler.analyzers.commits import Touched, grouped
from strangler.config import GroupBy, HistoryConfig
from strangler.model import ChangePair, Changes, Commit, Diagnostic
from strangler.model.lookup import UNREAD
from strangler.sources.git import GitError, Repository, find_repository
from strangler.sources.gitlog import LAST_TIME, LogEntry
from strangler.sources.roles import is_aside
from strangler.sources.tree import SourceTree
from strangler.text import plural

_DEFAULTS = HistoryConfig()
USUAL = "3 years"
"""The window of ``auto``,"""
ENOUGH = 60
"""which has so many commits that count at least, or all of the history is read."""
MIN_COMMITS = 2
"""A pair that met once met by chance."""
_BOT = re.compile(
    r"\[bot\]|(?:^|[^a-z])(?:[a-z]+-)?bot(?:[^a-z]|$)|dependabot|renovate|greenkeeper|pre-commit-ci|"
    r"github-actions?|snyk|pyup|weblate|transifex|crowdin|jenkins|zuul|semantic-release|automation@",
    re.IGNORECASE,
)
_MECHANICAL = re.compile(
    r"\b(?:re-?format(?:ted|ting|s)?|(?:apply|run|ran|use|add|adopt)\w* (?:black|isort|ruff|yapf|autopep8|"
    r"pyupgrade|autoflake|pre-commit|django-upgrade)|blacken(?:ed)?|isort|pyupgrade|autopep8|"
    r"(?:licen[cs]e|copyright)\w*\b.{0,200}\b(?:headers?|years?|notices?)|"
    r"(?:update|add|change|remove|fix)\w* (?:the |all )?(?:licen[cs]es?|copyrights?)(?=\s*$)|"
    r"sort(?:ed)? imports|trailing whitespace|code style sweep|lint(?:ing)? (?:fixes|sweep))\b",
    re.IGNORECASE,
)
_MECHANICAL_FILES = 8
"""A commit with such a subject over fewer files is taken at its word: it may fix more than the form."""
_UNIT_MONTHS = {"year": 12, "month": 1}
_UNIT_SECONDS = {"week": 604_800, "day": 86_400}


class WindowError(ValueError):
    """A window that cannot be understood."""


def changes(
    tree: SourceTree,
    *,
    since: str | None = _DEFAULTS.since,
    until: str | None = None,
    max_files: int = _DEFAULTS.max_files,
    bots: Sequence[str] = (),
    ignore_revs: Sequence[str] = (),
    group_by: GroupBy = _DEFAULTS.group_by,
) -> tuple[Changes, list[Diagnostic]]:
    """The change coupling of the modules of a tree.

    Args:
        tree: what is there today; names of the past are followed to it through renames.
        since: ``3 years``, ``18 months``, a date (``2024-01-31``), or None or ``all`` for everything;
            counted back from ``until``. ``auto``: three years, or everything where these have few commits.
        until: a date; None: the commit checked out.
        max_files: a commit over more Python files is a bulk change.
        bots: shell patterns of author names or addresses to leave out besides the usual ones.
        ignore_revs: commits to leave out, by at least seven digits of their hash.
        group_by: which one-file commits are read as one change; see ``commits.grouped``.

    Returns:
        The coupling, empty where there is no history, and what could not be read.

    Raises:
        WindowError: ``since`` or ``until`` cannot be understood.
    """
    check_window(since if since != "auto" else None)
    check_window(until)
    repository, reason = find_repository(tree.root, tree.limits)
    head = repository.head() if repository is not None else None
    if repository is None or head is None:
        problem = repository.problem() if repository is not None else reason
        return Changes(), [_note("no-history", problem)]

    def within(window: str | None) -> tuple[Changes, list[Diagnostic]]:
        return _read(tree, repository, head, window, until, max_files, bots, ignore_revs, group_by)

    try:
        if since != "auto":
            return within(since)
        found, diagnostics = within(USUAL)
        if found.commits >= ENOUGH:
            return found, diagnostics
        every, noted = within(None)
    except GitError as error:
        return Changes(), [_note("no-history", str(error))]
    if every.commits == found.commits:
        return found, diagnostics
    told = f"{plural(found.commits, 'commit')} of the last {USUAL} can be counted: the whole history is read"
    return every, [*noted, _note("short-window", told)]


def _read(
    tree: SourceTree,
    repository: Repository,
    head: str,
    since: str | None,
    until: str | None,
    max_files: int,
    bots: Sequence[str],
    ignore_revs: Sequence[str],
    group_by: GroupBy,
) -> tuple[Changes, list[Diagnostic]]:
    end = _moment(until, 0) if until and until != "all" else repository.time(head)
    start = _moment(since, end) if since and since != "all" else None
    window = [f"--until=@{end}"] if until and until != "all" else []
    window += [f"--since=@{start}"] if start is not None else []
    log, diagnostics = _log(repository, window)
    if end >= LAST_TIME:
        message = "the commit checked out is dated after the year 9998: the window of the history is empty"
        diagnostics.append(_note("odd-date", message))
    cut = repository.shallow()
    if cut:
        message = "the clone is shallow: commits before its cut are missing (git fetch --unshallow)"
        diagnostics.append(_note("shallow-history", message))
    skip = _Skip(max_files, bots, [*ignore_revs, *_ignored_revisions(repository)], cut)
    kept = [commit for commit in follow(log, tree) if skip.keeps(commit)]
    kept, parts = grouped(kept, group_by, max_files)
    kept.reverse()
    skipped = skip.counts + Counter(merge=repository.merges(window))
    if not kept:
        diagnostics.append(_note("no-history", "no commit in the window touches a module of today"))
    result = Changes(
        commits=len(kept),
        since=_day(start) if start is not None else None,
        until=_day(end),
        group_by=group_by,
        grouped=parts,
        skipped={name: count for name, count in sorted(skipped.items()) if count},
        pairs=pairs(kept, tree),
        log=_rows(kept),
        renamed=_renamed(log, tree),
    )
    return result, diagnostics


def _log(repository: Repository, window: list[str]) -> tuple[list[LogEntry], list[Diagnostic]]:
    """The log with renames as well as the objects at hand allow."""
    try:
        return repository.log(window), []
    except GitError as error:
        problem = str(error)
    for renames, what in (
        (("-M50%",), "names that were swapped and moves that left a file behind are not followed"),
        (("-M100%",), "only renames without edits are followed"),
        (("--no-renames",), "renames are not followed"),
    ):
        try:
            return repository.log(window, renames=renames), [_note("partial-history", f"{what}: {problem}")]
        except GitError as error:
            problem = str(error)
    raise GitError(problem)


def follow(log: Sequence[LogEntry], tree: SourceTree) -> Iterator[Touched]:
    """Commits, newest first, with the modules that their files are today; renames are followed in chains."""
    module_of = {file.path: file.module for file in tree.files}
    aside = {file.path for file in tree.files if file.role in UNREAD}
    in_the_end = _final_names(log)
    today: dict[str, str] = {}
    for entry in log:
        found, count, moved = set(), 0, []
        for status, path, before in entry.changes:
            now = today.get(path, path)
            if now not in module_of:  # renamed on a branch that was merged after this commit
                now = in_the_end.get(path, now)
            if now in module_of:
                found.add(now)
                count += now not in aside
            else:
                count += not is_aside(path)
            if status == "R":
                moved.append((path, before, now))
        today |= {path: "" for path, _, _ in moved}  # what had this name before is another file
        today |= {before: now for _, before, now in moved}
        modules = tuple(sorted(module_of[path] for path in found))
        yield Touched(entry, modules, len(entry.changes), 1 / max(1, count - 1))


def _final_names(log: Sequence[LogEntry]) -> dict[str, str]:
    """Every name that was ever changed by a rename -> the last name of its chain, wherever it stands."""
    final: dict[str, str] = {}
    for entry in log:
        last = {before: final.get(path, path) for status, path, before in entry.changes if status == "R"}
        final = last | final
    return final


def _renamed(log: Sequence[LogEntry], tree: SourceTree) -> dict[str, str]:
    """Module that is no more -> the module that its file is today."""
    module_of = {file.path: file.module for file in tree.files}
    known = set(module_of.values())
    roots = sorted((root for root in tree.roots if root), key=lambda root: (-len(root), root))
    result = {}
    for before, path in sorted(_final_names(log).items()):
        if path in module_of and before.endswith(".py"):
            root = next((root for root in roots if before.startswith(root + "/")), "")
            inside = before[len(root) + 1 :] if root else before
            name = inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            if name not in known:
                result[name] = module_of[path]
    return result


def _rows(kept: Sequence[Touched]) -> tuple[Commit, ...]:
    """The commits as rows; people are told apart by their addresses."""
    numbers: dict[str, int] = {}
    return tuple(
        commit.value(numbers.setdefault(commit.entry.email.lower(), len(numbers) + 1)) for commit in kept
    )


class _Skip:
    """Decides which commits count, and counts the others by reason."""

    def __init__(
        self, max_files: int, bots: Sequence[str], ignored: Sequence[str], cut: frozenset[str]
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._max_files = max_files
        self._bots = [re.compile(fnmatch.translate(pattern), re.IGNORECASE) for pattern in bots]
        self._ignored = {item[:7].lower(): item.lower() for item in ignored if len(item) >= 7}
        self._cut = cut
        self._is_bot: dict[tuple[str, str], bool] = {}

    def keeps(self, commit: Touched) -> bool:
        reason = self._reason(commit)
        if reason:
            self.counts[reason] += 1
        return not reason

    def _reason(self, commit: Touched) -> str:
        entry = commit.entry
        if entry.sha in self._cut:
            return "shallow"
        ignored = self._ignored.get(entry.sha[:7])
        if ignored and entry.sha.startswith(ignored):
            return "ignored"
        if self._bot(entry.author, entry.email):
            return "bot"
        if commit.files > self._max_files:
            return "bulk"
        if commit.files >= _MECHANICAL_FILES and _MECHANICAL.search(entry.subject):
            return "mechanical"
        return "" if commit.modules else "gone"

    def _bot(self, name: str, email: str) -> bool:
        key = (name, email)
        if key not in self._is_bot:
            local = email.partition("@")[0]
            self._is_bot[key] = bool(
                _BOT.search(name)
                or _BOT.search(f"{local}@")
                or any(p.match(name) or p.match(email) for p in self._bots)
            )
        return self._is_bot[key]


def pairs(commits: Sequence[Touched], tree: SourceTree) -> tuple[ChangePair, ...]:
    """The pairs of production modules that at least two commits touch together, by name."""
    counted = {f.module for f in tree.files if f.role not in UNREAD}
    number: dict[str, int] = {}
    names: list[str] = []
    activity: defaultdict[int, float] = defaultdict(float)
    support: defaultdict[tuple[int, int], float] = defaultdict(float)
    met: Counter[tuple[int, int]] = Counter()
    total = 0.0
    for commit in commits:
        numbers = []
        for module in commit.modules:
            if module in counted:
                if module not in number:
                    number[module] = len(names)
                    names.append(module)
                numbers.append(number[module])
        if not numbers:
            continue
        total += commit.weight
        for one in numbers:
            activity[one] += commit.weight
        numbers.sort()
        for pair in combinations(numbers, 2):
            support[pair] += commit.weight
            met[pair] += 1
    found = []
    for (one, other), count in met.items():
        if count >= MIN_COMMITS:
            together = support[one, other]
            a, b = sorted((names[one], names[other]))
            least = min(activity[one], activity[other])
            lift = together * total / (activity[one] * activity[other])
            found.append(
                ChangePair(
                    a=a,
                    b=b,
                    support=round(together, 6),
                    confidence=round(min(1.0, together / least), 6),
                    lift=round(lift, 6),
                )
            )
    return tuple(sorted(found, key=lambda pair: (pair.a, pair.b)))


def check_window(text: str | None) -> None:
    """Refuse a window that ``changes`` would not understand.

    Raises:
        WindowError: with what is understood.
    """
    if text and text != "all":
        _moment(text, 4_000_000_000)


def _moment(text: str, end: int) -> int:
    """Seconds since the epoch of a date, or of a duration before ``end``."""
    match = re.fullmatch(r"\s*(\d{1,4})\s*(year|month|week|day)s?\s*", text)
    if match:
        amount, unit = int(match[1]), match[2]
        if unit in _UNIT_SECONDS:
            return max(0, end - amount * _UNIT_SECONDS[unit])
        return _months_before(end, amount * _UNIT_MONTHS[unit])
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WindowError(
            f"{text!r} is no window: write '3 years', '18 months', '2024-01-31', 'all' or 'auto'"
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _months_before(end: int, months: int) -> int:
    moment = datetime.fromtimestamp(end, UTC)
    index = moment.year * 12 + moment.month - 1 - months
    if index < 12 * 1970:
        return 0
    return int(moment.replace(year=index // 12, month=index % 12 + 1, day=min(moment.day, 28)).timestamp())


def _ignored_revisions(repository: Repository) -> list[str]:
    """What the project itself lists as noise for ``git blame``."""
    try:
        text = repository.run("cat-file", "blob", "HEAD:.git-blame-ignore-revs").decode("ascii", "replace")
    except GitError:
        return []
    return re.findall(r"^[0-9a-f]{40,64}\b", text[:1_000_000], re.MULTILINE)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _note(code: str, message: str) -> Diagnostic:
    return Diagnostic(file="", line=None, code=code, severity="note", message=message)
