"""``row.plan`` of a ``FileField``: keeping and deleting the file saves the row, unless it is told not to.

``FieldFile.save`` and ``FieldFile.delete`` in Django's reference.
"""

from __future__ import annotations

from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.orm.evidence import sureness
from strangler.analyzers.frameworks.django.orm.methods import inserted
from strangler.analyzers.plugin import NONE, UNKNOWN, Args, Const, Frame, Interpreter, Object, Value, weakest
from strangler.model.base import Certainty

FIELDS = frozenset(
    f"django.db.models{module}.{name}"
    for module in ("", ".fields.files")
    for name in ("FileField", "ImageField")
)
_POSITION_OF_SAVE = {"save": 2, "delete": 0}


class RowFile(Value):
    """The file of a row."""

    __slots__ = ("row",)

    def __init__(self, row: Object) -> None:
        self.row = row

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "instance":
            return self.row
        return FileMethod(self, name) if name in _POSITION_OF_SAVE else UNKNOWN

    def key(self) -> object:
        return ("file of a row", self.row.key())


class FileMethod(Value):
    """``save`` or ``delete`` of a row's file."""

    __slots__ = ("file", "name")

    def __init__(self, file: RowFile, name: str) -> None:
        self.file = file
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        row = self.file.row
        entity = entity_of(interp, row.cls)
        saves = args.get(_POSITION_OF_SAVE[self.name], "save")
        if entity is not None and not (isinstance(saves, Const) and not saves.value):
            # A file that is not there is not deleted, and the row is left as it is.
            told = saves is None or isinstance(saves, Const)
            least: Certainty = "certain" if told and self.name == "save" else "inferred"
            inserted(interp, entity, frame, weakest(sureness(row), least))
        return NONE

    def key(self) -> object:
        return ("file method", self.file.key(), self.name)
