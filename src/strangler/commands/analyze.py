"""``strangler analyze``: the main job, from a tree to model.json, report.html and a summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import beside, earlier, options, outputs, trees
from strangler.commands.problems import Exit, UserError
from strangler.commands.runs import SHORTFALL, SUMMARY, VERDICT
from strangler.commands.terminal import Terminal
from strangler.written import MODEL, REPORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.commands.runs import Run
    from strangler.config import Config
    from strangler.contexts import Accepted
    from strangler.limits import Limits
    from strangler.model import Model, Prior


def analyze(
    path: options.Tree = Path(),
    output: options.Output = None,
    output_format: options.OutputFormat = options.Format.text,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="History to read: '3 years', a date, 'all'.")
    ] = None,
    source_url: Annotated[
        str | None,
        typer.Option("--source-url", metavar="URL", help="Link to lines: .../{revision}/{path}#L{line}."),
    ] = None,
    no_excerpts: Annotated[
        bool, typer.Option("--no-excerpts", help="Write no source lines into the report.")
    ] = False,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if", metavar="move:MODULE=CONTEXT", help="Show what a move would change; repeatable."
        ),
    ] = None,
    traces: Annotated[
        list[Path] | None,
        typer.Option("--traces", metavar="FILE", help="OpenTelemetry spans (OTLP JSON) as further evidence."),
    ] = None,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    boundaries: options.Boundaries = None,
    prior: Annotated[
        Path | None,
        typer.Option(
            "--prior",
            metavar="PATH",
            help="Model or baseline to keep to; default: the output's model.",
        ),
    ] = None,
    no_prior: Annotated[
        bool, typer.Option("--no-prior", help="Propose anew, whatever an earlier run said.")
    ] = False,
    config: options.Config = None,
    isolated: options.Isolated = False,
    show_settings: options.ShowSettings = False,
    limit: options.Limit = None,
    limits: options.ShowLimits = False,
    exit_zero: options.ExitZero = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Read a monolith; write model.json and report.html, print a summary.

    Nothing is written inside the tree: the default directory is ./strangler-out, or beside the tree where
    that would lie inside it. With --output-format json the model goes to stdout, and to files only with
    --output.

    \b
    strangler analyze
    strangler analyze ~/src/shop --output out --since '3 years'
    """
    terminal = Terminal(color.value, -1 if quiet else verbose)
    overrides = [*(config or ()), *_shorthands(since, source_url, no_excerpts), *options.of_limits(limit)]
    settings = options.settings(path, overrides, isolated=isolated)
    if show_settings:
        from strangler.config import dump

        terminal.result(dump(settings))
        return
    if limits:
        terminal.result(show_limits(settings.limits))
        return
    as_json = output_format is options.Format.json
    directory = output or (None if as_json else outputs.default_directory(path))
    spans = tuple(read_traces(file) for file in traces or ())
    accepted = earlier.read_accepted(path, boundaries, isolated=isolated)
    before = None if no_prior else earlier.before(path, directory, prior)
    run = perform(
        path,
        settings,
        terminal,
        jobs=jobs,
        cached=not no_cache,
        traces=spans,
        accepted=accepted,
        prior=before.cut if before else None,
    )
    if directory is not None:
        plans = beside.found_beside(directory, directory, terminal)
        with terminal.working("report"):
            report = run.report(plans, beside.progress_beside(directory))
            written = {MODEL: run.source(MODEL), REPORT: report} | trees.remember(path, directory)
            outputs.write(directory, written)
    if what_if:
        from strangler.commands.what_if import show

        show(run.model, what_if, terminal, as_json=as_json)
    elif as_json:
        terminal.raw(run.read(MODEL))
    else:
        assert directory is not None
        from strangler.model import load_cut

        cut, became = load_cut(run.read(MODEL))
        boundaries_told = earlier.told(cut, became, before)
        page = directory / REPORT
        shown = page.resolve().as_uri() if terminal.on_screen else page
        places = f"Report  {shown}\nModel   {directory / MODEL}\n"
        outcome, _, best = run.read(VERDICT).decode("utf-8", "surrogatepass").partition("\n")
        following = next_step(
            best,
            directory,
            path,
            accepted=bool(accepted and accepted.boundaries),
            found=any(context.proper and not context.rest for context in cut.contexts),
            whole=outcome == "leave",
        )
        terminal.result(run.read(SUMMARY).decode() + boundaries_told + places + following, headings=True)
    shortfall = run.read(SHORTFALL).decode()
    if shortfall and not exit_zero:
        raise UserError(shortfall, Exit.INCOMPLETE)


def next_step(
    best: str,
    directory: Path,
    root: Path,
    *,
    accepted: bool = False,
    found: bool = True,
    whole: bool = False,
) -> str:
    """What to type after an analysis: a plan of the best first extraction; then to write the boundaries down,
    or where they are written, to have new crossings fail; where no context that could leave was found, to
    draw some.

    Args:
        best: the context to take out first; empty where none is near a cut.
        directory: where the model is.
        root: the tree; it is named where the model alone does not lead to it.
        accepted: whether the tree has boundaries that were accepted.
        found: whether there is a context beside what stays.
        whole: whether none of them is worth a cut.
    """
    import shlex

    where = "" if directory == Path(outputs.DEFAULT) else f" --model {shlex.quote(str(directory))}"
    plan = f"strangler plan {shlex.quote(best)}{where}" if best else ""
    known = root.resolve() in trees.beside(directory / MODEL)
    tree = "" if known else f" --source {shlex.quote(str(root))}"
    if accepted:
        check = f"strangler check {shlex.quote(str(root))} --update-baseline"
        further = f"{check} to fail on new crossings from now on"
    elif whole or not found:
        further = f"strangler serve {shlex.quote(str(root))} to draw contexts of your own in the workshop"
    else:
        further = f"strangler accept{where}{tree} to keep this cut"
    return f"Next    {f'{plan}, or {further}' if plan else further}\n"


def perform(
    path: Path,
    settings: Config,
    terminal: Terminal,
    *,
    jobs: int | None,
    cached: bool,
    traces: Sequence[bytes] = (),
    accepted: Accepted | None = None,
    prior: Prior | None = None,
) -> Run:
    """Analyse ``path``, or take the stored result of the same input.

    Raises:
        UserError: nothing to analyse, or settings or traces that cannot be used.
    """
    from strangler import pipeline
    from strangler.commands import runs
    from strangler.commands.watchdog import bounded

    with bounded(settings.limits), terminal.progress() as progress:
        tree = trees.scan(path, settings)
        store = runs.Store(tree, settings, traces, accepted, prior) if cached else None
        if store and store.distrusted:
            terminal.note(
                f"the cache is not used: {store.distrusted}; name a directory of your own with "
                "STRANGLER_CACHE_DIR, or do without with --no-cache"
            )
        stored = store.find() if store else None
        if stored is not None:
            terminal.note("nothing changed since the last run: stored result used", level=1)
            return stored
        if store and store.damaged:
            terminal.note("the stored run of this tree was damaged: it is computed anew")
        from strangler.analyzers.history import WindowError
        from strangler.analyzers.plugin import PluginError
        from strangler.contexts import TraceError

        try:
            model = pipeline.analyze(
                tree,
                settings,
                jobs=jobs,
                cached=cached,
                progress=progress,
                traces=traces,
                accepted=accepted,
                prior=prior,
            )
        except WindowError as error:
            raise UserError(f"history.since: {error}") from error
        except PluginError as error:
            raise UserError(str(error)) from error
        except TraceError as error:
            raise UserError(f"--traces: {error}") from error
        run = runs.Run(settings, tree, model)
        if store is not None:
            progress("writing", 0, 1)
            store.keep(run)
    return run


def read_facts(path: Path, settings: Config, terminal: Terminal, *, jobs: int | None) -> Model:
    """The facts of ``path`` alone: nothing is stored, and no contexts are proposed.

    Raises:
        UserError: nothing to analyse.
    """
    from strangler import pipeline
    from strangler.analyzers.plugin import PluginError
    from strangler.commands.watchdog import bounded

    with bounded(settings.limits), terminal.progress() as progress:
        tree = trees.scan(path, settings)
        try:
            system = pipeline.read(tree, jobs=jobs, cached=False, progress=progress)
        except PluginError as error:
            raise UserError(str(error)) from error
    return pipeline.facts_alone(system)


def read_traces(path: Path) -> bytes:
    """The bytes of a file of spans.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error


def show_limits(limits: Limits) -> str:
    """The table of limits: name, value, unit, what it guards, and where it is not the default, that."""
    from strangler.limits import table

    rows = [
        (row.name, f"{row.value:,}", f"{row.unit:<10} {row.guards}"
         + (f" [default {row.default:,}]" if row.value != row.default else ""))
        for row in table(limits)
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(f"{name:<{widths[0]}}  {value:>{widths[1]}}  {rest}\n" for name, value, rest in rows)


def _shorthands(since: str | None, source_url: str | None, no_excerpts: bool) -> list[str]:
    pairs = (
        ("history.since", since),
        ("source-url", source_url),
        ("excerpts", False if no_excerpts else None),
    )
    return [f"{key}={json.dumps(value)}" for key, value in pairs if value is not None]
