"""What an expression can be: the values of the abstract interpreter.

Each value answers the questions that Python asks of an object (attribute, call, iteration, item, truth).
Frameworks add kinds of their own (managers, query sets, sessions, blueprints) as subclasses of ``Value``.
"""

from strangler.analyzers.python.values.base import (
    FALSE,
    NEVER,
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
    Value,
)
from strangler.analyzers.python.values.classes import (
    ANY,
    LIBRARY_INIT,
    Attributes,
    Class,
    Object,
    Super,
    class_options,
)
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
    put,
    samples,
)
from strangler.analyzers.python.values.functions import Bound, Function, Wrapper, Written
from strangler.analyzers.python.values.names import Deferred, External, Generic, Module
from strangler.analyzers.python.values.tags import DEFINED_AS, Tag, without_tags
from strangler.analyzers.python.values.unions import MOST_OPTIONS, Union, doubted, join

__all__ = [
    "ANY",
    "DEFINED_AS",
    "FALSE",
    "LIBRARY_INIT",
    "MOST_OPTIONS",
    "NEVER",
    "NONE",
    "TRUE",
    "UNKNOWN",
    "Args",
    "Attributes",
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
    "put",
    "samples",
    "without_tags",
]
