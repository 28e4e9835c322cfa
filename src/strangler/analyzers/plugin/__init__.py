"""The front door: all that a framework imports to say how its library behaves, beside ``strangler.model``.

What is here, by what one wants to do:

- contribute a framework: ``Framework`` (its phases), ``Found``, ``SourceTree``, ``API_VERSION``
- say how a library behaves: ``Knowledge`` and the kinds of handlers that its tables take
- understand values: ``Value`` and its kinds (``Const``, ``Text``, ``Sequence``, ``Mapping``, ``Class``,
  ``Object``, ``Function``, ``External`` ...), ``Args``, ``join``
- follow the code: ``Interpreter``, ``Frame``, ``evaluate``, ``put``
- describe tables: ``Entity``, ``Relation``, ``Schema``, ``column_details``
- say what the code does: ``interp.log``, whose methods are one door for each kind of fact;
  ``interp.state`` keeps what a framework notes for itself
- describe endpoints: ``Compiled``, ``Place``, ``Decorator``, ``ViewFunction``, ``unwrapped``,
  ``run_factories``, ``Hook``, ``run_hooks`` ...
- describe what is sent: ``task_arguments``, ``signal_arguments``, ``merged_messages``

Names that are not listed in ``__all__`` are internal and change without notice.
"""

from strangler.analyzers.plugin.alternatives import (
    each_way,
    is_default,
    made_of_default,
    possible_handlers,
    possible_texts,
)
from strangler.analyzers.plugin.ambient import tables_touched
from strangler.analyzers.plugin.columns import column_details, sql_column_details
from strangler.analyzers.plugin.declarations import SCRIPTS, EntryPoints, declared_entry_points
from strangler.analyzers.plugin.declared import Application, LibraryFramework
from strangler.analyzers.plugin.endpoints import (
    ANY_HOST,
    Compiled,
    Decorator,
    Place,
    braced,
    host_regex,
    http_methods,
    known_strings,
    literal,
    numbered,
    only_conditional,
    opaque_route,
    place,
    positional_parameters,
    several,
)
from strangler.analyzers.plugin.expressions import UrlExpression, url_expression, without_names
from strangler.analyzers.plugin.factories import run_factories
from strangler.analyzers.plugin.framework import API_VERSION, Found, Framework, PluginError
from strangler.analyzers.plugin.library import Argument, Call, Library, Look
from strangler.analyzers.plugin.links import route_link, template_links
from strangler.analyzers.plugin.orm import (
    Row,
    TransactionBlock,
    add_foreign_key,
    add_many_to_many,
    association_table,
    certainty_of,
    entity_of,
    fields_of_class,
    is_foreign,
    mark_models,
    note_access,
    of_unknown_base,
    tell_unlisted,
)
from strangler.analyzers.plugin.payloads import (
    Arguments,
    merged_messages,
    sent_messages,
    signal_arguments,
    task_arguments,
)
from strangler.analyzers.plugin.registering import registering_class, run_own_constructor
from strangler.analyzers.plugin.requests.bodies import Draft
from strangler.analyzers.plugin.requests.handlers import GUARD, Handled, by_names
from strangler.analyzers.plugin.requests.names import HTTP_ERRORS, HTTP_EXCEPTIONS, RequestNames
from strangler.analyzers.plugin.requests.reader import RequestReader
from strangler.analyzers.plugin.requests.schemas import (
    SchemaLibrary,
    flag_of,
    limits_of,
    meta_of,
    texts_of,
    type_of_field,
)
from strangler.analyzers.plugin.requests.types import constrained, has_default, is_record, of_value
from strangler.analyzers.plugin.serving import ViewFunction, served, unwrapped
from strangler.analyzers.plugin.startup import Hook, run_hooks
from strangler.analyzers.plugin.stated_names import (
    Doubt,
    StatedName,
    full_name,
    stated_name,
    tell_doubt,
)
from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.additions import AddedWhole
from strangler.analyzers.python.annotated import parse_expression
from strangler.analyzers.python.budget import Exhausted
from strangler.analyzers.python.builtins import Partial
from strangler.analyzers.python.builtins.running import run_file
from strangler.analyzers.python.entries import Effect, Location, Region
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.files import ROOT
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.handing import PLACED_BY
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.knowledge import (
    CallHandler,
    Claims,
    ConflictError,
    GuessHandler,
    Instantiation,
    Knowledge,
    MethodHandler,
    words,
)
from strangler.analyzers.python.metaclasses import metaclass_of
from strangler.analyzers.python.modules import Namespace
from strangler.analyzers.python.program import ModuleScope
from strangler.analyzers.python.text import text_of
from strangler.analyzers.python.values import (
    DEFINED_AS,
    FALSE,
    LIBRARY_INIT,
    MOST_OPTIONS,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Deferred,
    External,
    Function,
    Generic,
    Mapping,
    Method,
    Module,
    Object,
    Sequence,
    Tag,
    Text,
    Value,
    Wrapper,
    class_options,
    doubted,
    join,
    put,
    unset,
)
from strangler.analyzers.schema import Entity, Relation, RelationKind, Schema, table_of
from strangler.model.lookup import weakest
from strangler.model.routes import IMPLIED_METHODS
from strangler.sources.python import parse
from strangler.sources.tree import SourceTree

__all__ = [
    "ANY_HOST",
    "API_VERSION",
    "DEFINED_AS",
    "FALSE",
    "GUARD",
    "HTTP_ERRORS",
    "HTTP_EXCEPTIONS",
    "IMPLIED_METHODS",
    "LIBRARY_INIT",
    "MOST_OPTIONS",
    "NONE",
    "PLACED_BY",
    "ROOT",
    "SCRIPTS",
    "TRUE",
    "UNKNOWN",
    "AddedWhole",
    "Application",
    "Args",
    "Argument",
    "Arguments",
    "Bound",
    "Call",
    "CallHandler",
    "Claims",
    "Class",
    "Compiled",
    "ConflictError",
    "Const",
    "Decorator",
    "Deferred",
    "Doubt",
    "Draft",
    "Effect",
    "Entity",
    "EntryPoints",
    "Exhausted",
    "External",
    "Found",
    "Frame",
    "Framework",
    "Function",
    "Generic",
    "GuessHandler",
    "Handled",
    "Hook",
    "Instantiation",
    "Interpreter",
    "Knowledge",
    "Library",
    "LibraryFramework",
    "Location",
    "Look",
    "Mapping",
    "Method",
    "MethodHandler",
    "Module",
    "ModuleScope",
    "Namespace",
    "Object",
    "Partial",
    "Place",
    "PluginError",
    "Region",
    "Relation",
    "RelationKind",
    "RequestNames",
    "RequestReader",
    "Row",
    "Schema",
    "SchemaLibrary",
    "Sequence",
    "SourceTree",
    "StatedName",
    "Tag",
    "Text",
    "TransactionBlock",
    "UrlExpression",
    "Value",
    "ViewFunction",
    "Wrapper",
    "add_foreign_key",
    "add_many_to_many",
    "association_table",
    "braced",
    "by_names",
    "certainty_of",
    "class_options",
    "column_details",
    "constrained",
    "declared_entry_points",
    "doubted",
    "each_way",
    "entity_of",
    "evaluate",
    "fields_of_class",
    "flag_of",
    "full_name",
    "has_default",
    "host_regex",
    "http_methods",
    "is_default",
    "is_foreign",
    "is_record",
    "join",
    "known_strings",
    "limits_of",
    "literal",
    "made_of_default",
    "mark_models",
    "merged_messages",
    "meta_of",
    "metaclass_of",
    "note_access",
    "numbered",
    "of_unknown_base",
    "of_value",
    "only_conditional",
    "opaque_route",
    "parse",
    "parse_expression",
    "place",
    "positional_parameters",
    "possible_handlers",
    "possible_texts",
    "put",
    "registering_class",
    "route_link",
    "run_factories",
    "run_file",
    "run_hooks",
    "run_own_constructor",
    "sent_messages",
    "served",
    "several",
    "signal_arguments",
    "sql_column_details",
    "stated_name",
    "syntax",
    "table_of",
    "tables_touched",
    "task_arguments",
    "tell_doubt",
    "tell_unlisted",
    "template_links",
    "text_of",
    "texts_of",
    "traversal",
    "type_of_field",
    "unset",
    "unwrapped",
    "url_expression",
    "weakest",
    "without_names",
    "words",
]
