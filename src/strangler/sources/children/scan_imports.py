"""Scan the files of a shadow tree for imports with grimp, chunk by chunk.

Only grimp's scanner is used: its package finder would ask Python's import system, which can run code.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import limits  # type: ignore[import-not-found]


def main() -> None:
    """Answer with edges and unreadable modules for each chunk."""
    payload = limits.start()
    from grimp.application.ports.modulefinder import FoundPackage, ModuleFile
    from grimp.application.scanning import scan_imports
    from grimp.domain.valueobjects import Module
    from grimp.exceptions import SourceSyntaxError

    base = payload["base"]
    module_of = payload["modules"]  # path in the shadow tree -> module
    packages: dict[str, list[ModuleFile]] = {}
    for name in module_of.values():
        packages.setdefault(name.partition(".")[0], []).append(ModuleFile(Module(name), 0.0))
    found = {FoundPackage(top, f"{base}/{top}", frozenset(files)) for top, files in packages.items()}
    for number, chunk in enumerate(payload["chunks"]):
        waiting, failed = set(chunk), []
        while waiting:
            try:
                result = scan_imports(
                    [ModuleFile(Module(name), 0.0) for name in sorted(waiting)],
                    found_packages=found,
                    include_external_packages=False,
                    exclude_type_checking_imports=False,
                )
            except SourceSyntaxError as error:
                name = module_of.get(str(error.filename)[len(base) + 1 :])
                if name not in waiting:
                    break
                failed.append(name)
                waiting.discard(name)
                continue
            edges = sorted(
                (one.importer.name, one.imported.name, one.line_number)
                for imports in result.values()
                for one in imports
            )
            limits.answer({"chunk": number, "edges": edges, "failed": sorted(failed)})
            break
        else:
            limits.answer({"chunk": number, "edges": [], "failed": sorted(failed)})


main()
