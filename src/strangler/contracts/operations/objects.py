"""Methods of rows as operations: the row crosses by its key, as the first parameter."""

from __future__ import annotations

import keyword
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from strangler.contracts.operations import shapes
from strangler.contracts.operations.forms import METHOD
from strangler.contracts.operations.rows import Rows
from strangler.contracts.operations.values import Parameter, Receiving, Site
from strangler.model import Model, Signature
from strangler.model.lookup import last, parent

_Place = tuple[str, str, int, str]
"""(module, function, line, last name of what is called)."""


class Object(NamedTuple):
    """The row that a method is called on."""

    parameter: Parameter
    receiving: Receiving
    missing: str
    """``module:Class`` of the exception that says that it is not there."""


class Objects:
    """The rows of methods.

    Args:
        model: the facts.
        rows: of the same model.
    """

    def __init__(self, model: Model, rows: Rows) -> None:
        self._rows = rows
        self._tables = {table.model: table.name for table in model.tables if table.model}
        self._asked: set[tuple[str, str, str]] = set()
        """(module, function, class of which it calls a method)."""
        self._written: set[tuple[str, str, str]] = set()
        """(module, function, table that it writes otherwise than by a method of a row)."""
        self._called: dict[_Place, set[str]] = defaultdict(set)
        for call in model.calls:
            for site in call.sites:
                self._note((call.module, call.function or "", site.line), call.target_module, call.target)
            if call.kind == "call":
                self._asked.add(
                    (call.module, call.function or "", f"{call.target_module}.{parent(call.target)}")
                )
        for access in model.accesses:
            if access.operation == "write" and access.via != "method":
                self._written.add((access.module, access.function or "", access.table))
        for row in model.invocations:
            place = (row.module, row.function or "", row.line)
            self._note(place, row.target_module or row.module, row.target)

    def _note(self, place: tuple[str, str, int], module: str, target: str) -> None:
        self._called[*place, last(target)].add(f"{module}.{target}")

    def of(self, signature: Signature, written: frozenset[str]) -> Object | str:
        """The row of a method, or why it cannot cross; of what is no method that it is none.

        Args:
            signature: of the definition.
            written: tables that it writes.
        """
        if signature.form != "method":
            return METHOD
        owner = f"{signature.module}:{parent(signature.name)}"
        used = signature.receiver
        found = self._rows.by_key(owner, used)
        if isinstance(found, str) or used is None:
            return found if isinstance(found, str) else METHOD
        name = last(parent(signature.name)).lower()
        taken = {item.name for item in signature.parameters}
        while name in taken or keyword.iskeyword(name) or not name.isidentifier():
            name = f"{name}_"
        parameter = Parameter(
            name=name,
            passing="positional",
            required=True,
            default=None,
            shape=found.shape,
            schema=shapes.of_object(found.shape),
            known_from="annotation",
        )
        changes = bool(used.sets) or used.handed_on or self._tables.get(owner.replace(":", ".")) in written
        receiving = Receiving(
            parameter=name, plain=found.plain, whole=used.handed_on, changes=changes and bool(written)
        )
        return Object(parameter, receiving, found.missing)

    def only_asked(self, signature: Signature, site: Site) -> bool:
        """Whether a row is made in a function only for its methods to be called: they take it as it is, and
        its class is on both sides, as that of any row.

        Args:
            signature: of the class.
            site: where it is made.
        """
        owner = f"{signature.module}.{signature.name}"
        table = self._tables.get(owner)
        place = (site.module, site.function)
        return table is not None and (*place, owner) in self._asked and (*place, table) not in self._written

    def others(self, signature: Signature, sites: Iterable[Site]) -> dict[Site, str]:
        """Call of a method -> another definition of the same name that is called there as well."""
        own = f"{signature.module}.{signature.name}"
        found = {}
        for site in sites:
            same = self._called[site.module, site.function, site.line, last(own)] - {own}
            if same:
                found[site] = min(same)
        return found
