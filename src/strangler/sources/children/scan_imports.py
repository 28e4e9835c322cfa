"""Scan files for imports with grimp, chunk by chunk.

Only grimp's scanner is used: its package finder would ask Python's import system, which can run code.
"""

import sys
from collections import deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import limits  # type: ignore[import-not-found]

MAX_FAILED = 100
"""Each failure costs another scan of its chunk: after so many the caller reads the rest by itself."""
WHOLE = 4
"""Failures after which a large chunk is split."""
SPLIT = 256


def main() -> None:
    """Answer with edges and unreadable modules for each chunk; stop after too many of the latter."""
    payload = limits.start()
    from grimp.application.ports.modulefinder import FoundPackage, ModuleFile
    from grimp.application.scanning import scan_imports
    from grimp.domain.valueobjects import Module
    from grimp.exceptions import SourceSyntaxError

    limits.answer({"read": [], "failed": [], "edges": []})  # ready

    def file_of(name: str) -> ModuleFile:
        return ModuleFile(Module(name), 0.0)

    found = {
        FoundPackage(top, directory, frozenset(map(file_of, names)))
        for top, directory, names in payload["packages"]
    }
    waiting = deque(payload["chunks"])
    failures = 0
    while waiting and failures < MAX_FAILED:
        chunk = waiting.popleft()
        names, failed = set(chunk), []
        while names:
            try:
                result = scan_imports(
                    [file_of(name) for name in sorted(names)],
                    found_packages=found,
                    include_external_packages=False,
                    exclude_type_checking_imports=False,
                )
            except SourceSyntaxError as error:
                name = payload["files"].get(error.filename)
                if name not in names:
                    raise
                names.discard(name)
                failed.append(name)
                if len(names) > SPLIT and len(failed) >= WHOLE:
                    rest = sorted(names)
                    waiting.extend(rest[start : start + SPLIT] for start in range(0, len(rest), SPLIT))
                    names = set()
                continue
            edges = sorted(
                (one.importer.name, one.imported.name, one.line_number)
                for imports in result.values()
                for one in imports
            )
            limits.answer({"read": sorted(names), "failed": sorted(failed), "edges": edges})
            break
        else:
            limits.answer({"read": [], "failed": sorted(failed), "edges": []})
        failures += len(failed)
    limits.answer({"read": [], "failed": sorted(name for chunk in waiting for name in chunk), "edges": []})


main()
