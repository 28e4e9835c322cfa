"""The independent Java benchmark (Wang, Bornais and Rubin, ASE 2024; data CC-BY, given by path).

Four systems with decompositions by developers. Classes that the reference names in several services or leaves
out of the count are passed over; a class that a tool leaves out is a cluster of its own. The published tools'
own outputs are scored on the same footing.

Our input are facts in the published material only: Mono2Micro's call and data graphs, and the calls and
signatures of CARGO's analysis where it reached the application; names of classes and packages.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import scores
from inputs import system_of

from strangler import contexts
from strangler.model import Call, Changes, Module, System

APPS = {
    "demo": ("7ep-demo", "demo", "demo", "7ep-demo", "7ep-demo"),
    "jpetstore": ("JPetStore", "jpetstore", "jpetstore", "jpetstore", "JpetStore"),
    "partsunlimited": (
        "PartsUnlimitedMRP",
        "PartsUnlimitedMRP",
        "partsunlimited",
        "partsunlimitedmrp",
        "PartsUnlimitedMRP",
    ),
    "spring-petclinic": ("spring-petclinic", "petclinic", "spring-petclinic", "petclinic", "Petclinic"),
}
"""reference file -> names in MOSAIC, CARGO, Mono2Micro, HyDec, Data-Centric."""


@dataclass(frozen=True)
class App:
    name: str
    classes: tuple[str, ...]
    truth: dict[str, list[str]]


def read_reference(text: str, name: str) -> App:
    rows = list(csv.reader(io.StringIO(text)))[1:]
    times = Counter(row[0] for row in rows)
    truth: dict[str, list[str]] = defaultdict(list)
    for full, _, service, *_ in rows:
        if times[full] == 1 and service != "uncounted":
            truth[service].append(full)
    return App(name, tuple(sorted(times)), dict(truth))


def read_system(app: App, archive: zipfile.ZipFile) -> System:
    """Classes as modules, uses as calls."""
    short = {full.rpartition(".")[2]: full for full in app.classes}
    known = set(app.classes)
    _, cargo, mono, _, _ = APPS[app.name]
    uses: Counter[tuple[str, str, str]] = Counter()
    for path in archive.namelist():
        if re.fullmatch(rf"tool_raw_results/Mono2Micro/{mono}/output[^/]*/final_graph.json", path):
            graph = json.loads(archive.read(path))
            for kind in ("mono_run_time_call_graph", "mono_data_dependency_graph"):
                for link in graph[kind]["links"]:
                    a, b = short.get(link["source"]), short.get(link["target"])
                    if a and b:
                        uses[a, b, "call" if "run_time" in kind else "reference"] += 1
        if path == f"tool_raw_results/CARGO/{cargo}/doop-output/AnyCallGraphEdge.csv":
            for line in archive.read(path).decode().splitlines():
                held = [c.split("$")[0] for c in re.findall(r"<([\w.$]+):", line)]
                if len(held) >= 2 and {held[0], held[1]} <= known:
                    uses[held[0], held[1], "call"] += 1
        if path == f"tool_raw_results/CARGO/{cargo}/doop-output/MethodInformation.csv":
            for line in archive.read(path).decode().splitlines():
                fields = line.split("\t")
                here = fields[3].split("$")[0]
                for other in {c.split("$")[0] for c in (*fields[2].split(","), fields[4])}:
                    if here in known and other in known:
                        uses[here, other, "reference"] += 1
    calls = [
        Call(module=a, function=None, line=1, target_module=b, target="", kind=kind)  # type: ignore[arg-type]
        for (a, b, kind), count in sorted(uses.items())
        for _ in range(count)
        if a != b
    ]
    modules = (Module(name=c, path=c.replace(".", "/") + ".java", lines=1) for c in app.classes)
    return system_of(app.name, modules, calls=tuple(calls))


def published(app: App, archive: zipfile.ZipFile) -> dict[str, dict[str, str]]:
    """tool -> class -> partition, from the tools' own outputs."""
    mosaic, cargo, mono, hydec, data = APPS[app.name]
    short = {full.rpartition(".")[2]: full for full in app.classes}
    lower = {name.lower(): full for name, full in short.items()}

    def full(name: str) -> str:
        return name if name in app.classes else lower.get(name.rpartition(".")[2].lower(), "")

    def read(path: str) -> object:
        return json.loads(archive.read("tool_raw_results/" + path))

    def listed(node: object) -> Iterable[str]:
        if isinstance(node, Mapping):
            if isinstance(node.get("id"), str):
                yield node["id"]
            for key, value in node.items():
                if key != "Tables":
                    yield from listed(value)
        elif isinstance(node, list):
            for value in node:
                yield from listed(value)

    found: dict[str, dict[str, str]] = {}
    for tool, path in {
        "MOSAIC": f"MOSAIC/{mosaic}_report.json",
        "HyDec": f"HyDec/hydec_decomposition_{hydec}.json",
        "Data-Centric": f"Data-Centric/with_classes/{data}.json",
    }.items():
        document = next(iter(read(path).values()))["decomposition"]  # type: ignore[attr-defined]
        found[tool] = {full(c): part for part, node in document.items() for c in listed(node) if full(c)}
    name = "partitions.3.json" if cargo == "jpetstore" else "partitions.json"
    parts = read(f"CARGO/{cargo}/{name}")
    found["CARGO"] = {c: str(p) for c, p in parts.items() if c in app.classes}  # type: ignore[attr-defined]
    for path in archive.namelist():
        if re.fullmatch(rf"tool_raw_results/Mono2Micro/{mono}/output[^/]*/final_graph.json", path):
            nodes = json.loads(archive.read(path))["micro_detail_partition_by_business_logic"]["nodes"]
            found["Mono2Micro"] = {short[n["name"]]: str(n["category"]) for n in nodes if n["name"] in short}
    return found


def run(folder: Path) -> str:
    """The table; ``folder`` holds ``*_classes.csv`` and ``tool_raw_results.zip``."""
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with zipfile.ZipFile(folder / "tool_raw_results.zip") as archive:
        for name in APPS:
            app = read_reference((folder / f"{name}_classes.csv").read_text(encoding="utf-8"), name)
            system = read_system(app, archive)
            proposal = contexts.propose(system, Changes())
            cuts = {"one cluster": dict.fromkeys(app.classes, "all"), **published(app, archive)}
            cuts["strangler"] = {m: c.name for c in proposal.contexts for m in c.modules}
            cuts["strangler, coarser"] = {
                m: c.name for c in proposal.hierarchy[0].contexts for m in c.modules
            }
            for tool, found in cuts.items():
                rows[tool].append((scores.mojo_fm(found, app.truth), scores.adjusted_rand(found, app.truth)))
    lines = ["| tool | MoJoFM | ARI | " + " | ".join(APPS) + " |", "|---" * (3 + len(APPS)) + "|"]
    for tool, values in rows.items():
        mojo, rand = (sum(v) / len(v) for v in zip(*values, strict=True))
        each = " | ".join(f"{a:.0f} / {b:.2f}" for a, b in values)
        lines.append(f"| {tool} | {mojo:.1f} | {rand:.2f} | {each} |")
    return "\n".join(lines)
