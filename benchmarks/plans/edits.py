"""Files to edit outside a context, against commits in which maintainers really took one out.

    python benchmarks/plans/edits.py --work DIR NAME=REPOSITORY@COMMIT:WORD ...

REPOSITORY is a local clone. The tree before the commit is analysed (DIR keeps trees and models for the next
run); the context is the production modules that the commit deleted, named WORD. What the plan lists is
compared with the files that the commit modified, beside two baselines from the same model and tree:

- importers: files that import a deleted module;
- mentions: Python files whose text says the word (and, as a second row, all text files).

Deleted files count for nobody.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import msgspec

from strangler import pipeline
from strangler.commands.texts import texts
from strangler.config import Config
from strangler.model import BoundedContext, Model, dump, load
from strangler.plans import plan_extraction

CODE = ("code", "settings", "entry_point")


@dataclass(frozen=True)
class Case:
    name: str
    repository: Path
    commit: str
    word: str

    @classmethod
    def parse(cls, text: str) -> Case:
        found = re.fullmatch(r"([\w.-]+)=(.+)@([0-9a-f]{7,40}):([\w-]+)", text)
        if found is None:
            raise SystemExit(f"not NAME=REPOSITORY@COMMIT:WORD: {text}")
        return cls(found[1], Path(found[2]), found[3], found[4])

    def git(self, *arguments: str) -> bytes:
        where = ["-C", str(self.repository)]
        if (self.repository / "HEAD").is_file():
            where = ["--git-dir", str(self.repository)]
        command = ["git", "-c", "safe.directory=*", *where, *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def changed(self) -> tuple[set[str], set[str]]:
        """Paths that the commit deleted, and those that it modified."""
        raw = (
            self.git("diff", "--no-renames", "--raw", "-z", f"{self.commit}^", self.commit)
            .decode()
            .split("\0")
        )
        by_kind: dict[str, set[str]] = defaultdict(set)
        for meta, path in zip(raw[::2], raw[1::2], strict=False):
            by_kind[meta[-1]].add(path)
        return by_kind["D"], by_kind["M"]

    def tree(self, work: Path) -> Path:
        root = work / self.name / "tree"
        if not root.is_dir():
            root.mkdir(parents=True)
            archive = self.git("archive", f"{self.commit}^")
            subprocess.run(["tar", "-x", "-C", str(root)], input=archive, check=True)
        return root

    def model(self, work: Path) -> Model:
        path = work / self.name / "model.json"
        if not path.is_file():
            path.write_bytes(dump(pipeline.analyze(pipeline.scan(self.tree(work), Config()), Config())))
        return load(path.read_bytes())


def extracted(model: Model, deleted: set[str], word: str) -> Model:
    """The model with the deleted modules as one context and all others as another."""
    leaves = {module.name for module in model.modules if module.path in deleted and module.role in CODE}
    stays = {module.name for module in model.modules if module.role in CODE} - leaves
    tables = {table.name: table.path in deleted for table in model.tables}

    def context(name: str, modules: set[str], moved: bool) -> BoundedContext:
        owned = tuple(sorted(table for table, leaving in tables.items() if leaving == moved))
        return BoundedContext(
            name=name, kind="context", modules=tuple(sorted(modules)), tables=owned, confidence=1.0
        )

    return msgspec.structs.replace(
        model, contexts=(context(word, leaves, True), context("rest of the monolith", stays, False))
    )


def baselines(model: Model, root: Path, deleted: set[str], word: str) -> dict[str, set[str]]:
    path_of = {module.name: module.path for module in model.modules}
    inside = {name for name, path in path_of.items() if path in deleted}
    stem = re.compile(re.escape(word.removesuffix("s")).encode(), re.IGNORECASE)
    said = set()
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if b"\0" not in content[:4096] and stem.search(content):
                said.add(path.relative_to(root).as_posix())
    return {
        "importers": {path_of[i.importer] for i in model.imports if i.imported in inside},
        "mentions, Python": {path for path in said if path.endswith(".py")},
        "mentions, all text": said,
    }


def measure(found: set[str], truth: set[str]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = len(found & truth)
    precision, recall = right / len(found) if found else 0.0, right / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def answers(case: Case, work: Path) -> tuple[dict[str, set[str]], set[str]]:
    deleted, modified = case.changed()
    model, root = case.model(work), case.tree(work)
    rows = baselines(model, root, deleted, case.word)
    plan = plan_extraction(extracted(model, deleted, case.word), case.word, texts(root))
    for label, grades in (
        ("plan, certain", ("certain",)),
        ("plan, and likely", ("certain", "likely")),
        ("plan, and possible", ("certain", "likely", "possible")),
    ):
        rows[label] = {edit.file for edit in plan.edits if edit.sureness in grades}
    without = plan_extraction(extracted(model, deleted, case.word), case.word)
    rows["plan, model alone"] = {edit.file for edit in without.edits}
    return {label: files - deleted for label, files in rows.items()}, modified


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="+", type=Case.parse)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--misses", action="store_true", help="list what is missed and what is too much")
    given = parser.parse_args()
    sums: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for case in given.cases:
        rows, truth = answers(case, given.work)
        print(f"\n{case.name}: {len(truth)} files edited\n")
        print("| | files | precision | recall | F1 |\n|---|---|---|---|---|")
        for label, files in rows.items():
            scores = measure(files, truth)
            sums[label].append(scores)
            print(f"| {label} | {len(files)} | {' | '.join(f'{value:.2f}' for value in scores)} |")
        if given.misses:
            listed = rows["plan, and possible"]
            print("\nmissed:", *sorted(truth - listed), sep="\n  ")
            print("too much:", *sorted(listed - truth), sep="\n  ")
    print("\nmean of all\n\n| | precision | recall | F1 |\n|---|---|---|---|")
    for label, scores_of in sums.items():
        means = [sum(column) / len(scores_of) for column in zip(*scores_of, strict=True)]
        print(f"| {label} | {' | '.join(f'{value:.2f}' for value in means)} |")


if __name__ == "__main__":
    main()
