"""What is known of frameworks: whose objects serve a request, a page or a query and keep nothing of it."""

from __future__ import annotations

from strangler.analyzers.signatures.bodies import prefixes
from strangler.analyzers.signatures.knowledge import (
    KEEPING,
    LOCAL_WRITES,
    PLAIN_METHODS,
    PURE_MODULES,
    READ_METHODS,
    READING,
    WRITES,
    words,
)

FRAMEWORKS = words(
    "django rest_framework flask wtforms werkzeug jinja2 markupsafe itsdangerous babel sqlalchemy "
    "sqlmodel fastapi starlette pydantic marshmallow crispy_forms click typer attr attrs pyramid webargs "
    "apispec colander deform django_filters django_tables2 django_countries django_scopes i18nfield "
    "modelcluster taggit flask_wtf flask_login flask_babel flask_babelplus flask_sqlalchemy flask_restful "
    "flask_restx flask_allows flask_classful flask_admin flask_jwt_extended flask_principal flask_themes2 "
    "wtforms_sqlalchemy drf_spectacular rules django_context_decorator rest_framework_extensions drf_yasg "
    "webpack_loader polymorphic"
)
"""Packages whose objects serve a request, a page, or a query, and keep nothing of it."""
ACTING = words(
    "django.core.mail django.core.cache django.core.management django.core.files django.contrib.auth.login "
    "django.contrib.auth.logout django.db.connection django.db.connections django.dispatch "
    "sqlalchemy.create_engine sqlalchemy.event fastapi.BackgroundTasks starlette.background"
)
"""What of them does more."""
_BY_FRAMEWORK = words(
    "form_valid formset_valid post put patch delete destroy perform_create perform_update perform_destroy "
    "save_m2m save_model delete_model save_related save_form save_formset save_new save_existing "
    "validate_on_submit_save"
)
"""Methods of a framework's classes that write by other methods."""
CHANGING = (WRITES - LOCAL_WRITES - {"reverse", "set"}) | _BY_FRAMEWORK
READING_METHODS = (
    READ_METHODS
    | PLAIN_METHODS
    | words(
        "none using query raw in_bulk latest earliest iterator dates only defer last complex_filter "
        "get_queryset copy is_valid is_bound as_p as_table render getlist urlencode full"
    )
) - WRITES | words("append extend insert pop setdefault sort reverse")
"""Methods of values, queries and forms, which change no more than these themselves."""
OF_ROWS = frozenset({"add", "remove", "clear", "set", "update"})
"""Methods of lists, dicts and sets that the rows of a relation have as well: those write."""
MANAGERS = words("objects query _default_manager _base_manager all_objects")
"""Attributes of mapped classes by which their tables are asked."""
QUERYING = words(
    "filter exclude exists values_list select_related prefetch_related annotate order_by aggregate in_bulk "
    "filter_by raw get_or_404 first_or_404"
)
"""Methods that only queries have, or little else."""
_ACTING_WORDS = words(
    "add create save delete remove update publish unpublish send move insert store write commit flush push "
    "enqueue queue schedule register unregister charge capture refund execute run start stop open close "
    "approve reject cancel put post upload notify emit call apply do make mark activate deactivate revoke"
)
_OWN_CHANGES = words("add_error set_cookie delete_cookie add_prefix add_arguments make_context")


def may_act(method: str) -> bool:
    """Whether the name of a method of which nothing is known says that it changes or sends something."""
    first = method.lstrip("_").partition("_")[0]
    return method in CHANGING or (first in _ACTING_WORDS and method not in _OWN_CHANGES)


WRITING_VIEWS = words(
    "CreateView UpdateView DeleteView ModelViewSet CreateModelMixin UpdateModelMixin DestroyModelMixin"
)
DECORATORS = KEEPING | words(
    "contextmanager simple_tag inclusion_tag filter setter dataclass total_ordering display action "
    "login_required never_cache hybrid_property hybrid_method validates_schema field_validator "
    "model_validator validator extend_schema extend_schema_field register"
)
STATEMENTS = words("execute scalars scalar exec")
"""Methods of a session or connection that run a statement."""
HELD = ("list", "dict", "set", "typeddict", "str", "bytes", "file")
PARTS = words("fields initial attrs errors cleaned_data data context kwargs widgets extra choices")
"""Attributes of forms and views that hold dicts and lists of their own."""


def is_framework(name: str) -> bool:
    """Whether it is of a framework, and does no more."""
    return name.partition(".")[0] in FRAMEWORKS and not ACTING & prefixes(name)


def is_of_tables(name: str) -> bool:
    """Whether a framework's class works on the rows of some table (a ``ModelForm``)."""
    last = name.rpartition(".")[2]
    return is_framework(name) and any(word in last.lower() for word in ("model", "queryset", "inlineformset"))


def is_known(name: str) -> bool:
    """Whether what a library gives is known to keep and to send nothing."""
    if name.startswith("builtins.") or name.partition(".")[0] in ("__future__", "typing", "strangler"):
        return True
    return is_framework(name) or bool((PURE_MODULES | READING) & prefixes(name))


def may_call(name: str) -> bool:
    """Whether a function of a library does nothing beyond its caller's process."""
    if name.startswith("builtins."):
        return name.removeprefix("builtins.") not in ("open", "exec", "eval", "__import__", "input")
    last = name.rpartition(".")[2]
    if is_framework(name) or READING & prefixes(name):
        return last not in CHANGING and not ACTING & prefixes(name)
    return bool(PURE_MODULES & prefixes(name))
