"""What the model says of the handlers of messages, and of what a sender hands over."""

from __future__ import annotations

from msgspec.structs import replace

from strangler.model import Evidence, Message, Model, Parameter, Shape, Signature
from strangler.model.shapes import UNKNOWN, expanded


class Handlers:
    """Questions about the functions that messages reach."""

    def __init__(self, model: Model) -> None:
        self._signatures = {f"{row.module}.{row.name}": row for row in model.signatures}
        self._paths = {module.name: module.path for module in model.modules}
        self._records = {record.name: record for record in model.records}
        self._table_of = {table.model: table.name for table in model.tables if table.model}

    def signature(self, dotted: str) -> Signature | None:
        """Of a function, or of the method that runs a task's class."""
        name = dotted.replace(":", ".")
        for end in ("", ".run", ".__call__"):
            found = self._signatures.get(f"{name}{end}")
            if found is not None and found.form != "constructor":
                return found
        return None

    def place(self, dotted: str) -> Evidence | None:
        """Where a function is defined."""
        found = self.signature(dotted)
        if found is None:
            return None
        return Evidence(file=self._paths[found.module], line=found.line, symbol=found.name)

    def parameters(self, dotted: str) -> tuple[Parameter, ...]:
        """The parameters of a handler, without ``self``."""
        found = self.signature(dotted)
        parameters = [
            replace(item, shape=expanded(item.shape, self._records))
            for item in (found.parameters if found is not None else ())
        ]
        return tuple(parameters[1:] if parameters and parameters[0].name == "self" else parameters)

    def table_of(self, shape: Shape) -> str | None:
        """The table of which a value is a row."""
        return self._table_of.get(shape.name.replace(":", ".")) if shape.kind == "row" else None

    def raises(self, dotted: str) -> tuple[Evidence, ...]:
        """The places where a function raises, itself."""
        found = self.signature(dotted)
        return found.raised_here if found is not None else ()

    def changes(self, dotted: str) -> tuple[Evidence, ...]:
        """The places where a function sets attributes of what it was handed."""
        found = self.signature(dotted)
        return found.changes if found is not None else ()

    def sent(self, message: Message) -> dict[str, tuple[str, Shape]]:
        """Argument -> its source text and its shape, where the call that sends is seen."""
        return {
            argument.name: (
                argument.text,
                expanded(argument.shape, self._records) if argument.shape is not None else UNKNOWN,
            )
            for argument in message.arguments
            if argument.text
        }
