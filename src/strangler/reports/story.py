"""The verdict in sentences, each with the view that proves it; for the page and for Markdown alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from strangler.contexts import held_out, words
from strangler.contexts.figures import proposals
from strangler.contexts.held_out import HeldOut
from strangler.contexts.ranking import MOST_KNOTS, MOST_PLACES, NEAR_KNOTS, NEAR_PLACES, Candidate
from strangler.contexts.reasons import behind, precedence, runner_up, standing, strengths, weaknesses
from strangler.contexts.sureness import NEAR_SURE
from strangler.model import Model
from strangler.model.coverage import partly_known
from strangler.model.lookup import all_tables, teams_of, unread_files
from strangler.reports.index import Index
from strangler.reports.text import percent, t
from strangler.reports.verdict import PackageFit, Verdict
from strangler.text import listed

FEW = 0.9
"""Share of the known rows below which the verdict is told to rest on too little."""
FEW_COMMITS = 100
MOST_TOLD = 3
"""Parts of which it is told why they are not worth a cut."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement; ``link`` is the deep link to its proof."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure, what it is called and what it means."""

    value: str
    label: str
    meaning: str
    link: str


@dataclass(frozen=True, slots=True)
class Story:
    """The first view."""

    headline: str
    lead: str
    links: tuple[Sentence, ...]
    """What moves with the best first extraction."""
    packages: str
    """Set where the present packages are already a good cut."""
    why: str
    """What the reasons are reasons for."""
    reasons: tuple[Sentence, ...]
    obstacles: tuple[Sentence, ...]
    clear: str
    """What is said where there are none."""
    surety: tuple[Sentence, ...]
    figures: tuple[Figure, ...]
    neighbours: Mapping[str, str]
    """Context too small for a service of its own -> the context with which most places tie it."""


def context_link(name: str) -> str:
    """Deep link to the canvas of a context."""
    return f"#/context/{quote(name, safe='')}"


def evidence_link(view: str, *parts: str) -> str:
    """Deep link to a view with the evidence drawer open."""
    return f"#/{view}?e=" + "~".join(quote(part, safe="") for part in parts)


def proposed(verdict: Verdict) -> Candidate | None:
    """The context that the verdict says to take out, if it says so of any."""
    return None if verdict.outcome in ("small", "leave") else verdict.best


def headline(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    if verdict.outcome == "leave":
        found = _could_leave(verdict)
        if not found:
            return t("verdict.leave_none")
        surest = max(found, key=lambda candidate: candidate.confidence)
        return t("verdict.leave", n=len(found), name=surest.context, share=percent(surest.confidence))
    best = proposed(verdict)
    coupled = t("count.coupling", n=best.all_places) if best else ""
    why = ""
    if best and best.lacks:
        unread = "unread_" if best.lacks in verdict.nothing_read else ""
        why = t(f"far.{unread}{best.lacks}", coupled=coupled, share=percent(best.confidence))
    return t(f"verdict.{verdict.outcome}", name=best.context if best else "", why=why)


def story(model: Model, index: Index, verdict: Verdict) -> Story:
    """Tell a verdict."""
    best = proposed(verdict)
    return Story(
        headline=headline(verdict),
        lead=_lead(best, verdict),
        links=tuple(_links(best)) if best else (),
        packages=_packages(verdict),
        why=t(f"verdict.why_{verdict.outcome}" if verdict.outcome in ("far", "leave") else "verdict.why"),
        reasons=(*_reasons(best, verdict), *_one_team(model, best)) if best else tuple(_to_leave(verdict)),
        obstacles=(*_obstacles(best, verdict), *_several_teams(model, best)) if best else (),
        clear=t("verdict.clear_unread" if "tables" in verdict.nothing_read else "verdict.clear")
        if best
        else "",
        surety=tuple(_surety(model, verdict)),
        figures=tuple(_figures(model, verdict)),
        neighbours=_neighbours(verdict),
    )


def _could_leave(verdict: Verdict) -> list[Candidate]:
    return [candidate for candidate in verdict.candidates if not candidate.excluded]


def _to_leave(verdict: Verdict) -> Iterator[Sentence]:
    """Why nothing is to be taken out: what each part that could leave lacks; without any, what stays."""
    if verdict.outcome != "leave":
        return
    found = _could_leave(verdict)
    for one in found[:MOST_TOLD]:
        link = context_link(one.context)
        yield Sentence(t("reason.unsure", name=one.context, share=percent(one.confidence)), link)
        yield Sentence(t("reason.no_package", name=one.context, own=one.packaged, of=one.modules), link)
        yield Sentence(t("reason.leave_cost", name=one.context, places=one.places, ties=one.knots), link)
    for one in [] if found else [c for c in verdict.candidates if c.excluded == "rest"]:
        yield Sentence(t("reason.stays", **_holdings([one]), name=one.context), context_link(one.context))


def _holdings(candidates: Sequence[Candidate]) -> Mapping[str, str]:
    return {
        "modules": t("count.modules", n=sum(one.modules for one in candidates)),
        "tables": t("count.tables", n=sum(one.tables for one in candidates)),
        "entries": t("count.entries", n=sum(one.entries for one in candidates)),
    }


def _neighbours(verdict: Verdict) -> dict[str, str]:
    small = {candidate.context for candidate in verdict.candidates if candidate.excluded == "small"}
    places: dict[str, Counter[str]] = {name: Counter() for name in sorted(small)}
    for need in verdict.needs:
        for own, other in ((need.source, need.target), (need.target, need.source)):
            if own in small:
                places[own][other] += need.weight
    return {
        own: min(others, key=lambda name: (-others[name], name)) for own, others in places.items() if others
    }


def _links(best: Candidate) -> Iterator[Sentence]:
    chosen = quote(best.context, safe="")
    yield Sentence(t("verdict.canvas"), context_link(best.context))
    if best.entries:
        yield Sentence(t("verdict.urls"), f"#/entries?context={chosen}")
    if best.tables:
        yield Sentence(t("verdict.data"), f"#/data?context={chosen}&show=own")


def _packages(verdict: Verdict) -> str:
    fit = verdict.fit
    if fit is None or not verdict.packages_are_good:
        return ""
    said = t("verdict.packages", share=percent(fit.agreement))
    if fit.within is None:
        return said
    return f"{said} {_by_packages(fit, verdict)}"


def _by_packages(fit: PackageFit, verdict: Verdict) -> str:
    """How the commits stay within the packages, beside how they stay within the contexts."""
    shares = {"packages": percent(fit.within), "contexts": percent(verdict.figures.within)}
    return t("verdict.packages.history", n=len(fit.packages), **shares)


def _lead(best: Candidate | None, verdict: Verdict) -> str:
    every = t("count.modules", n=verdict.modules)
    if best is None and verdict.outcome == "leave":
        found = _could_leave(verdict)
        rest = [one for one in verdict.candidates if one.excluded == "rest"]
        return t(
            "verdict.leave.lead" if found else "verdict.leave_none.lead",
            **_holdings(found or rest),
            own=f"{sum(one.modules for one in found or rest):,}",
            all=every,
        )
    if best is None:
        return t(f"verdict.{verdict.outcome}.lead", modules=every)
    told = verdict.outcome == "far" and best.lacks == "coupled"  # by the headline
    return t(
        "verdict.lead_size" if told else "verdict.lead",
        **_holdings([best]),
        coupled=t("count.coupling", n=best.all_places),
    )


def _reasons(best: Candidate, verdict: Verdict) -> Iterator[Sentence]:
    """Why it is the first of the order: each reason is one in which the runner-up is behind."""
    second = runner_up(verdict.candidates)
    if second is None:
        yield Sentence(t("reason.only"), "#/roadmap")
        return
    name, told = second.context, False
    before = precedence(best, second)
    far, further = f"{best.distance:,.2f}", f"{second.distance:,.2f}"
    if before and (before != "nearer" or far != further):
        told = True
        limits = {
            "places": f"{NEAR_PLACES:.0f}",
            "ties": f"{NEAR_KNOTS:.0f}",
            "most_places": MOST_PLACES,
            "most_ties": MOST_KNOTS,
        }
        yield Sentence(t(f"reason.{before}", name=name, far=far, further=further, **limits), "#/roadmap")
    for criterion in strengths(best, verdict.candidates):
        own, other = _shown(best)[criterion], _shown(second)[criterion]
        if own != other:
            told = True
            first = t("rank.first") if standing(best, verdict.candidates, criterion)[0] == 1 else ""
            yield Sentence(t(f"reason.{criterion}", value=own, other=other, name=name) + first, "#/roadmap")
    if not told:
        yield Sentence(t("reason.equal", name=name), "#/roadmap")


def _shown(candidate: Candidate) -> Mapping[str, str]:
    return {
        "to_cut": f"{candidate.places:,}",
        "knots": f"{candidate.knots:,}",
        "independence": percent(candidate.independence),
        "confidence": percent(candidate.confidence),
    }


def _obstacles(best: Candidate, verdict: Verdict) -> Iterator[Sentence]:
    name = best.context
    if best.transactions:
        yield Sentence(t("obstacle.transactions", n=best.transactions), context_link(name))
    writers_in, writers_out = best.places_in.get("write", 0), best.places_out.get("write", 0)
    if writers_in:
        yield Sentence(t("obstacle.writes_in", n=writers_in), f"#/data?context={quote(name, safe='')}")
    if writers_out:
        yield Sentence(t("obstacle.writes_out", n=writers_out), context_link(name))
    for key in ("in", "out"):
        reads = (best.places_in if key == "in" else best.places_out).get("read", 0)
        if reads:
            yield Sentence(t(f"obstacle.reads_{key}", n=reads), f"#/data?context={quote(name, safe='')}")
    if best.foreign_keys:
        yield Sentence(
            t("obstacle.foreign_keys", n=best.foreign_keys), f"#/data?context={quote(name, safe='')}"
        )
    for partner in best.partners[:3]:
        yield Sentence(t("obstacle.partner", name=partner), evidence_link("map", "crossings", name, partner))
    if len(best.partners) > 3:
        yield Sentence(t("obstacle.partners", n=len(best.partners) - 3), context_link(name))
    if best.ports:
        yield Sentence(t("obstacle.places", n=best.ports), context_link(name))
    yield from _against(best, verdict)


def _against(best: Candidate, verdict: Verdict) -> Iterator[Sentence]:
    """Where it is the last of all, and where the next in order is ahead of it."""
    last, own = weaknesses(best, verdict.candidates), _shown(best)
    for criterion in last:
        _, of = standing(best, verdict.candidates, criterion)
        yield Sentence(t(f"weakness.{criterion}", value=own[criterion], of=of), "#/roadmap")
    second = runner_up(verdict.candidates)
    if second is None:
        return
    other = _shown(second)
    for criterion in behind(best, verdict.candidates):
        if criterion not in last:
            told = t(f"behind.{criterion}", value=own[criterion], other=other[criterion], name=second.context)
            yield Sentence(told, "#/roadmap")


def _one_team(model: Model, best: Candidate) -> Iterator[Sentence]:
    row = teams_of(model.activity, best.context)
    if row is not None and len(row.teams) == 1 and _teams_differ(model):
        share = row.teams[0]
        said = t("reason.team", team=share.team, n=share.modules, all=share.modules + row.unowned)
        yield Sentence(said, "#/teams")


def _several_teams(model: Model, best: Candidate) -> Iterator[Sentence]:
    row = teams_of(model.activity, best.context)
    if row is not None and len(row.teams) > 1 and _teams_differ(model):
        told = [f"{share.team} {share.modules:,}" for share in row.teams]
        yield Sentence(t("obstacle.teams", teams=listed(told, 4)), "#/teams")


def _teams_differ(model: Model) -> bool:
    """Whether contexts have different owners: what holds for all tells nothing of one."""
    return len({frozenset(share.team for share in row.teams) for row in model.activity.teams}) > 1


def _surety(model: Model, verdict: Verdict) -> Iterator[Sentence]:
    best = proposed(verdict)
    if best:
        key = "sure.boundary" if best.confidence >= NEAR_SURE else "sure.boundary_low"
        yield Sentence(t(key, share=percent(best.confidence)), context_link(best.context))
    if best and words.GENERAL.issuperset(words.split(best.context)):
        yield Sentence(t("sure.general_name", name=best.context), context_link(best.context))
    if best and verdict.undecided:
        yield Sentence(t("sure.undecided", n=verdict.undecided), context_link(best.context))
    for measure in verdict.coverage:
        if measure.gaps:
            key = "sure.coverage" if (measure.share or 0.0) >= FEW else "sure.low_coverage"
            yield Sentence(t(key, rows=measure.rows, n=measure.found, gaps=measure.gaps), "#/diagnostics")
    if "tables" in verdict.nothing_read:
        yield Sentence(t("sure.unread_tables"), "#/diagnostics")
    partly = partly_known(model.system)
    if partly:
        yield Sentence(t("sure.partly_known", n=len(partly)), "#/diagnostics?code=inherited-columns")
    if not any(measure.gaps for measure in verdict.coverage):
        yield Sentence(t("sure.no_gaps"), "#/diagnostics")
    if verdict.unread:
        names = listed(verdict.unread, 4)
        yield Sentence(t("sure.unread", names=names), "#/diagnostics?code=unread-library")
    commits = model.changes.commits
    key = (
        "sure.no_history" if not commits else "sure.few_commits" if commits < FEW_COMMITS else "sure.commits"
    )
    yield Sentence(t(key, n=commits, since=model.changes.since or t("history.start")), "#/changes")
    accepted = sum(context.accepted for context in model.contexts if context.proper)
    if accepted:
        yield Sentence(t("sure.accepted", n=accepted), "#/map")
    if model.continuity.placed:
        yield Sentence(t("sure.placed", n=len(model.continuity.placed)), "#/map")
    offer = model.continuity.offer
    if offer is not None:
        yield Sentence(t("sure.offer", n=len(offer.moves), gain=percent(offer.gain)), "#/changes")
    held = held_out.told(model.metrics)
    if held is not None:
        yield Sentence(t("sure.held_out", n=held.commits, **_held_out(held)), "#/changes")
        if not held.ahead:
            yield Sentence(t("sure.packages_ahead", **_held_out(held)), "#/changes")
    broken = len(unread_files(model.system))
    if broken:
        yield Sentence(t("sure.broken", n=broken), "#/diagnostics?severity=error")
    fit = verdict.fit
    if fit and not verdict.packages_are_good:
        yield Sentence(t("sure.packages_differ", share=percent(fit.agreement)), "#/matrix")
        if held is None and fit.within is not None:
            yield Sentence(_by_packages(fit, verdict), "#/changes")


def _held_out(held: HeldOut) -> dict[str, str]:
    return {
        "within": percent(held.within),
        "random": percent(held.random),
        "packages": f"{held.packages:,}",
        "share": percent(held.within_packages),
        "random_packages": percent(held.random_packages),
        "corrected": percent(held.corrected),
        "corrected_packages": percent(held.corrected_packages),
    }


def _figures(model: Model, verdict: Verdict) -> Iterator[Figure]:
    held = held_out.told(model.metrics)
    if held is not None:
        said = t("figure.held_out.meaning", n=held.commits, **_held_out(held))
        yield Figure(percent(held.within), t("figure.held_out"), said, "#/changes")
    values = {
        "contexts": (f"{len(proposals(model.contexts)):,}", "#/map"),
        "modules": (f"{len(model.modules):,}", "#/matrix"),
        "crossings": (f"{sum(verdict.figures.places.values()):,}", "#/map"),
        "mutual": (f"{len(verdict.figures.mutual):,}", "#/matrix"),
        "shared": (f"{len(verdict.figures.shared_tables):,} / {len(all_tables(model.system)):,}", "#/data"),
        "transactions": (f"{verdict.figures.places.get('transaction', 0):,}", "#/data"),
        "within": (percent(verdict.figures.within), "#/changes"),
        "entries": (f"{len(model.endpoints) + len(model.tasks) + len(model.commands):,}", "#/entries"),
    }
    for key, (value, link) in values.items():
        if key in ("shared", "transactions") and "tables" in verdict.nothing_read:
            yield Figure("–", t(f"figure.{key}"), t("figure.unread"), link)
        else:
            yield Figure(value, t(f"figure.{key}"), t(f"figure.{key}.meaning"), link)
