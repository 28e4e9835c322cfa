"""What is generated beside a plan: each writer adds files, and says what they mean for the plan.

To add one: write ``_name(plan, model, patcher) -> Written`` below (late imports, a few lines that call
the package which does the work) and name it in ``WRITERS``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from strangler.contexts.consistency import ensure
from strangler.model import Model
from strangler.plans import contract_parts
from strangler.plans.consistency import disagreements
from strangler.plans.values import Check, ExtractionPlan, Part, Readiness, Saga, Stage

Written = tuple[Part, Mapping[str, bytes]] | None
"""The part and the content of its files by path in the folder of the plan; None: nothing to write."""
Writer = Callable[[ExtractionPlan, Model, contract_parts.Patcher | None], Written]
"""Pure in its arguments, but for the patcher, which reads the source tree (None: it is not on this machine).

A writer that needs the tree and has none gives a Part without files and says so in ``doubts``.
"""


def _data(plan: ExtractionPlan, model: Model, patcher: contract_parts.Patcher | None) -> Written:
    from strangler.plans.data_stage import write

    files = write(plan, model)
    if not files:
        return None
    part = Part(
        title="Data stage",
        use="SQL and Debezium configurations: copy, compare, cut over, go back; start with data/README.md",
        files=tuple(files),
        stage=3,
    )
    return part, files


WRITERS: tuple[Writer, ...] = (
    contract_parts.events,
    contract_parts.data,
    contract_parts.consumers,
    contract_parts.seams,
    _data,
)
"""In the order of the stages."""


def generate(
    plan: ExtractionPlan,
    model: Model,
    patcher: contract_parts.Patcher | None = None,
    writers: Iterable[Writer] = WRITERS,
) -> tuple[ExtractionPlan, dict[str, bytes]]:
    """The plan that names its generated files, and these files.

    Raises:
        ValueError: two writers give the same path, or a part does not list what it wrote.
        ContradictionError: a part disagrees with the plan.
    """
    parts: list[Part] = []
    files: dict[str, bytes] = {}
    for writer in writers:
        written = writer(plan, model, patcher)
        if written is None:
            continue
        part, contents = written
        if set(part.files) != set(contents) or files.keys() & contents.keys():
            raise ValueError(f"part {part.title!r}: its files are not those that it lists, or not its own")
        parts.append(part)
        files.update(contents)
    told = with_parts(plan, parts)
    ensure(disagreements(told))
    return told, files


def with_parts(plan: ExtractionPlan, parts: Iterable[Part]) -> ExtractionPlan:
    """The plan whose stages, readiness and doubts speak of the parts."""
    parts = sorted((*plan.parts, *parts), key=lambda part: part.stage)
    by_stage: dict[int, list[Part]] = defaultdict(list)
    by_check: dict[Check, list[Part]] = defaultdict(list)
    for part in parts:
        by_stage[part.stage].append(part)
        if part.check:
            by_check[part.check].append(part)
    return msgspec.structs.replace(
        plan,
        parts=tuple(parts),
        sagas=tuple(_coded(saga, parts) for saga in plan.sagas),
        stages=tuple(_stage(stage, by_stage[stage.number]) for stage in plan.stages),
        readiness=tuple(_check(check, by_check[check.check]) for check in plan.readiness),
        doubts=(*plan.doubts, *(doubt for part in parts for doubt in part.doubts)),
    )


def _coded(saga: Saga, parts: list[Part]) -> Saga:
    """The saga with its calls that have code."""
    here = (saga.place.file, saga.place.symbol)
    steps = {step for part in parts for step in part.steps if (step.place.file, step.place.symbol) == here}
    return msgspec.structs.replace(saga, coded=tuple(sorted(steps)))


def _stage(stage: Stage, parts: list[Part]) -> Stage:
    added = [line for part in parts for line in part.commands]
    changes = [line for line in added if line.startswith("git ")]  # what comes after looks at the new tree
    return msgspec.structs.replace(
        stage,
        work=(*stage.work, *(line for part in parts for line in part.work)),
        commands=(*changes, *stage.commands, *(line for line in added if line not in changes)),
    )


def _check(check: Readiness, parts: list[Part]) -> Readiness:
    facts = [f"{count.name}: {count.value:,g}" for part in parts for count in part.counts if count.value]
    blocked = sum(len(part.blockers) for part in parts)
    if blocked:
        facts.append(f"blockers: {blocked:,}")
    state = "work" if blocked and check.state == "ready" else check.state
    return msgspec.structs.replace(check, state=state, facts=(*check.facts, *facts))
