"""``strangler check``: fail on crossings and import cycles that the baseline does not hold."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler import files, written
from strangler.commands import earlier, options, outputs
from strangler.commands.analyze import perform, read_facts
from strangler.commands.problems import Exit, UserError
from strangler.commands.runs import SHORTFALL
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural

if TYPE_CHECKING:
    from strangler.checks import Allowance, Baseline, Outcome
    from strangler.checks.baseline import Finding
    from strangler.config import Config
    from strangler.model import Model

BASELINE = Path(written.BASELINE)


class FindingFormat(StrEnum):
    """Form of the findings."""

    text = "text"
    json = "json"
    github = "github"
    gitlab = "gitlab"
    junit = "junit"
    sarif = "sarif"


def check(
    path: options.Tree = Path(),
    baseline: Annotated[
        Path, typer.Option("--baseline", metavar="FILE", help="What is tolerated.", show_default=True)
    ] = BASELINE,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline from today's code instead.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="REVISION",
            help="Tolerate what was there when HEAD left this branch or commit; no baseline is read.",
        ),
    ] = None,
    today: Annotated[
        str,
        typer.Option(
            "--today", metavar="DAY", help="Day by which allowances end, as YYYY-MM-DD; default: today (UTC)."
        ),
    ] = "",
    output_format: Annotated[
        FindingFormat, typer.Option("--output-format", "--format", help="Form of the findings.")
    ] = FindingFormat.text,
    boundaries: options.Boundaries = None,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    config: options.Config = None,
    isolated: options.Isolated = False,
    exit_zero: options.ExitZero = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Fail (exit 1) on crossings and import cycles that are not in the baseline.

    \b
    strangler check . --update-baseline
    strangler check . --against origin/main --output-format github
    """
    import msgspec

    from strangler import checks

    terminal = Terminal(color.value, -1 if quiet else verbose)
    settings = options.settings(path, list(config or ()), isolated=isolated)
    if against and update_baseline:
        raise UserError("--against reads no baseline, so there is none to update")
    known = None if against or (update_baseline and not baseline.exists()) else read_baseline(baseline)
    day = judged_on(today)
    accepted = earlier.read_accepted(path, boundaries, isolated=isolated)
    allowed = read_allowances(path, boundaries, isolated=isolated)
    if known is not None:
        prior = earlier.frozen_cut(known) if known.contexts else None
    else:  # the first baseline is of the cut that the last run here showed
        found = earlier.before(path, outputs.default_directory(path) if update_baseline else None)
        prior = found.cut if found else None
    run = perform(path, settings, terminal, jobs=jobs, cached=not no_cache, accepted=accepted, prior=prior)
    model = run.model
    if update_baseline:
        fresh = checks.take(model) if known is None else checks.update(known, model)
        outputs.write_file(baseline, checks.dump(fresh))
        crossings = plural(len({row.crossing for row in fresh.places}), "crossing")
        places = plural(sum(row.count for row in fresh.places), "place")
        cycles = plural(len(fresh.cycles), "import cycle")
        terminal.note(f"wrote {baseline}: {crossings} in {places}, {cycles}")
        return
    if against:
        known = before(path, against, settings, terminal, model, jobs)
    assert known is not None
    try:
        outcome = checks.compare(known, model)
    except checks.BaselineError as error:
        raise UserError(f"{baseline}: {error}") from error
    if against:  # there is no file to lock in what is gone
        outcome = msgspec.structs.replace(outcome, gone=0, gone_cycles=0)
    outcome = checks.allow(outcome, allowed, model.boundaries, day)
    show(outcome, output_format, terminal)
    shortfall = run.read(SHORTFALL).decode()
    if shortfall and not exit_zero:
        raise UserError(shortfall, Exit.INCOMPLETE)
    if outcome.findings and not exit_zero:
        raise typer.Exit(Exit.FINDINGS)


def before(
    path: Path, revision: str, settings: Config, terminal: Terminal, model: Model, jobs: int | None
) -> Baseline:
    """What today's cut had at the merge base with a revision: that commit is read as the tree is.

    Raises:
        UserError: no repository, no such commit, or nothing of the code in it.
    """
    from strangler import checks
    from strangler.commands.watchdog import orderly, temporary
    from strangler.sources.git import GitError, find_repository
    from strangler.sources.revisions import merge_base, write_files

    repository, why = find_repository(path, settings.limits)
    if repository is None:
        raise UserError(f"--against: {why or 'no git repository holds this directory'}")
    with orderly(), temporary() as folder:
        tree = folder / (path.resolve().name or "tree")
        tree.mkdir()
        try:
            base = merge_base(repository, revision)
            left_out = write_files(repository, base, tree)
        except GitError as error:
            raise UserError(f"--against: {error}") from error
        if left_out:
            why = "above the limit file-bytes, or of a name that cannot be written,"
            terminal.note(f"{base[:12]}: {plural(left_out, 'file')} {why} left out")
        old = read_facts(tree, settings, terminal, jobs=jobs)
    terminal.note(f"compared with {base[:12]}, where HEAD left {one_line(revision, 60)}")
    return checks.update(checks.cut_of(model), old)


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        UserError: there is none, or it is something else.
    """
    from strangler.checks import BaselineError, load

    if not path.exists():
        raise UserError(f"no {path}; write one with `strangler check --update-baseline`, and commit it")
    try:
        return load(files.read(path))
    except (OSError, BaselineError) as error:
        raise UserError(f"{path}: {error}") from error


def judged_on(given: str) -> str:
    """The day by which allowances end: the one given, else the clock's; no other place asks a clock.

    Raises:
        UserError: it is none.
    """
    import datetime

    if not given:
        return datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        return datetime.date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise UserError(f"--today {given!r}: not a day; write it as 2026-11-29") from error


def read_allowances(root: Path, given: Path | None, *, isolated: bool) -> tuple[Allowance, ...]:
    """The ``[[allow]]`` entries of the boundaries file that ``read_accepted`` reads.

    Raises:
        UserError: an entry cannot hold.
    """
    from strangler.boundaries import find
    from strangler.checks.allowed import AllowanceError, parse

    path = given or (None if isolated else find(root))
    if path is None:
        return ()
    try:
        return parse(files.read(path).decode("utf-8-sig"), path.name)
    except AllowanceError as error:
        raise UserError(str(error)) from error


def show(outcome: Outcome, form: FindingFormat, terminal: Terminal) -> None:
    """Print the findings: one a line, then why they matter; or in the form of another program."""
    if form is not FindingFormat.text:
        from strangler.checks.formats import FORMATS

        terminal.raw(FORMATS[form.value](outcome))
        return
    groups: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    for finding in outcome.findings:
        groups.setdefault((finding.code, finding.owners), []).append(finding)
    owned = any(finding.owners for finding in outcome.findings)
    for (code, owners), findings in sorted(groups.items()):
        if owned:
            who = " ".join(owners) or "nobody's"
            terminal.result(one_line(f"{who}: {plural(len(findings), code)}") + "\n", headings=True)
        for finding in findings:
            terminal.result(
                one_line(f"{finding.file}:{finding.line}: {finding.code} {finding.message}") + "\n"
            )
    terminal.result(verdict(outcome))


def allowances(outcome: Outcome) -> list[str]:
    """What is let pass, by which entry; which entries have ended, and which are of no use."""
    counts: dict[Allowance, int] = {}
    for row in outcome.allowed:
        counts[row.allowance] = counts.get(row.allowance, 0) + 1
    lines = [
        f"{plural(count, 'finding')} allowed until {entry.until} by {entry.where}"
        f"{f' ({entry.owner})' if entry.owner else ''}: {entry.reason}"
        for entry, count in counts.items()
    ]
    lines += [f"{entry.where} ended on {entry.until}: {entry.reason}" for entry in outcome.expired]
    lines += [f"{entry.where} allows nothing that is there: delete it" for entry in outcome.unused]
    return [one_line(line, 300) for line in lines]


def verdict(outcome: Outcome) -> str:
    """The last lines: how many findings, what to do about them, and what else is worth knowing."""
    import textwrap

    from strangler.checks.rules import RULES

    number = len(outcome.findings)
    lines = [plural(number, "new finding") if number else "nothing new"]
    for code in sorted({finding.code for finding in outcome.findings}):
        lines += textwrap.wrap(f"{code}: {RULES[code].help}", 78, initial_indent="  ", subsequent_indent="  ")
    lines += allowances(outcome)
    gone = outcome.gone + outcome.gone_cycles
    if gone:
        lines.append(
            f"{plural(gone, 'tolerated one is', 'tolerated ones are')} gone; --update-baseline locks that in"
        )
    if outcome.placed:
        number = len(outcome.placed)
        joined = plural(number, "new module joined", "new modules joined")
        lines.append(f"{joined} the context of {'its' if number == 1 else 'their'} package:")
        lines += [f"  {one_line(f'{module}: {context}', 78)}" for module, context in outcome.placed[:5]]
        lines += [f"  ... {number - 5} more"] if number > 5 else []
    return "\n".join(lines) + "\n"
