"""The whole evaluation of the context finder; every table also has the trivial and the cheap ways.

    python benchmarks/contexts/run.py
        [--split TRUTH.json=MODEL_OR_REPOSITORY ...] [--suggest CONTEXT ...]
        [--future REPOSITORY ...] [--months 18]
        [--java FOLDER] [--planted MODEL_OR_REPOSITORY MODEL_OR_REPOSITORY]
        [--scale MODULES:COMMITS ...] [--plot FILE.svg] [-o FILE]

TRUTH.json has ``{"name": ..., "truth": {context: [file, ...]}, "stayed": [context, ...]}``; ``stayed`` names
what was left when the others had gone, if anything. MODEL is a model.json of the commit before
the split; a repository is analysed as it is checked out. ``--future`` analyses a repository as it stood some
months before its last commit. FOLDER of ``--java`` holds ``*_classes.csv`` and ``tool_raw_results.zip`` of
the MicroserviceToolStudy (ASE 2024). Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import future
import java
import robust
import splits
from inputs import subject


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", action="append", default=[], metavar="TRUTH=SYSTEM")
    parser.add_argument("--suggest", action="append", default=[], metavar="CONTEXT")
    parser.add_argument("--future", action="append", default=[], type=Path, metavar="REPOSITORY")
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--java", type=Path, metavar="FOLDER")
    parser.add_argument("--planted", nargs=2, type=Path, metavar="SYSTEM")
    parser.add_argument("--scale", action="append", default=[], metavar="MODULES:COMMITS")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="reliability of the confidence")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    parts: list[str] = []

    def show(title: str, text: str) -> None:
        parts.append(f"## {title}\n\n{text}\n")
        print(parts[-1], flush=True)

    pairs = [text.rpartition("=") for text in options.split]
    cases = [splits.Split(Path(truth), subject(Path(system))) for truth, _, system in pairs]
    if cases:
        show("Real splits: default cut (best_f1 / AMI for each)", splits.table(cases))
        show("Ablation", splits.ablation(cases))
        show("Confidence", splits.reliability(cases, options.plot))
        show("Suggestions from seeds", splits.suggestions(cases, options.suggest))
        show("Share of the modules that move under noise", robust.noise([case.subject for case in cases]))
    if options.future:
        title = f"Co-change of the following {options.months} months: within - random (contexts)"
        show(title, future.table(options.future, options.months))
    if options.java:
        show("Java benchmark (ASE 2024): MoJoFM / ARI", java.run(options.java))
    if options.planted:
        show("Planted boundary", robust.planted(*(subject(path) for path in options.planted)))
    if options.scale:
        sizes = [tuple(map(int, text.split(":"))) for text in options.scale]
        show("Size", robust.scale(sizes))
    if options.output:
        options.output.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
