"""What an expression can be: the values of the abstract interpreter.

Each value answers the questions that Python asks of an object (attribute, call, iteration, item, truth).
Frameworks add kinds of their own (managers, query sets, sessions, blueprints) as subclasses of ``Value``.
"""

from strangler.analyzers.python.values.base import (
    FALSE,
    MOST_OPTIONS,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bytes,
    Const,
    Guess,
    LibraryMethod,
    Method,
    Slice,
    Text,
    Union,
    Value,
    doubted,
    join,
)
from strangler.analyzers.python.values.classes import LIBRARY_INIT, Class, Object, Super, class_options
from strangler.analyzers.python.values.containers import (
    GeneratorContext,
    Iterator,
    Mapping,
    Sequence,
    TupleKey,
    UnitOfWork,
    View,
    distinct,
    mapping_key,
    samples,
)
from strangler.analyzers.python.values.functions import Bound, Function, Wrapper, Written
from strangler.analyzers.python.values.names import Deferred, External, Generic, Module
from strangler.analyzers.python.values.tags import DEFINED_AS, Tag, without_tags

__all__ = [
    "DEFINED_AS",
    "FALSE",
    "LIBRARY_INIT",
    "MOST_OPTIONS",
    "NONE",
    "TRUE",
    "UNKNOWN",
    "Args",
    "Bound",
    "Bytes",
    "Class",
    "Const",
    "Deferred",
    "External",
    "Function",
    "GeneratorContext",
    "Generic",
    "Guess",
    "Iterator",
    "LibraryMethod",
    "Mapping",
    "Method",
    "Module",
    "Object",
    "Sequence",
    "Slice",
    "Super",
    "Tag",
    "Text",
    "TupleKey",
    "Union",
    "UnitOfWork",
    "Value",
    "View",
    "Wrapper",
    "Written",
    "class_options",
    "distinct",
    "doubted",
    "join",
    "mapping_key",
    "samples",
    "without_tags",
]
