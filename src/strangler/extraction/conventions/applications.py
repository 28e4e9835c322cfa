"""Calls that make an application: ``Flask(__name__)``, ``FastAPI()``, or a class of the tree made of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst
import libcst.metadata as meta

from strangler.extraction.conventions import Probed
from strangler.extraction.reader import Reader
from strangler.extraction.uses import Place, dotted
from strangler.model.lookup import last


class Applications:
    """The applications of one framework.

    Args:
        reader: the monolith's files.
        classes: the framework's own classes.
        adapter: the name of the file below ``extraction/runtime`` that answers probes for them.
    """

    def __init__(self, reader: Reader, classes: tuple[str, ...], adapter: str) -> None:
        self._reader = reader
        self._adapter = adapter
        self._classes = set(classes)
        below = re.compile(
            rb"^class (\w+)\([^)]{0,500}\b(?:" + "|".join(classes).encode() + rb")\b", re.MULTILINE
        )
        self._modules = [name for name in sorted(reader.modules) if reader.modules[name].role != "test"]
        for name in self._modules:
            if (source := reader.source(name)) is not None:
                self._classes.update(found.decode() for found in below.findall(source.data))

    def made(self) -> Iterator[str]:
        """Modules that bind an application when they are imported."""
        names = "|".join(sorted(map(re.escape, self._classes)))
        bound = re.compile(rf"^\w+\s*(?::[^=\n]+)?=\s*(?:\w+\.)*(?:{names})\(", re.MULTILINE)
        for name in self._modules:
            source = self._reader.source(name)
            if source is not None and bound.search(source.text):
                yield name

    def probed(self, module: str) -> Probed | None:
        """The places that make an application."""
        source = self._reader.source(module)
        if source is None or not any(f"{name}(" in source.text for name in self._classes):
            return None
        if source.syntax is None:
            return None
        visitor = _Calls(source.syntax, self._classes, self._adapter)
        source.syntax.module.visit(visitor)
        imports = (f"from strangler_service import {self._adapter}\n",)
        return Probed(tuple(visitor.found), f"{self._adapter}.py", imports) if visitor.found else None


class _Calls(cst.CSTVisitor):
    def __init__(self, wrapper: meta.MetadataWrapper, classes: set[str], adapter: str) -> None:
        super().__init__()
        self._positions = wrapper.resolve(meta.PositionProvider)
        self._classes = classes
        self._adapter = adapter
        self.found: list[Place] = []

    def visit_Call(self, node: cst.Call) -> None:
        if last(dotted(node.func)) in self._classes:
            self.found.append(Place(node, self._positions[node].start.line, around=self._around))

    def _around(self, call: cst.Call) -> cst.Call:
        return cst.Call(cst.Attribute(cst.Name(self._adapter), cst.Name("probed")), [cst.Arg(call)])
