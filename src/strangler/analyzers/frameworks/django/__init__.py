"""Django: settings, apps, models, URLs, data access, signals and commands."""

from __future__ import annotations

from strangler.analyzers.frameworks.django import (
    admin,
    ambient,
    atomic,
    commands,
    companions,
    databases,
    environment,
    lazy,
    library,
    loaders,
    ninja,
    orm,
    requests,
    routers,
    settings_code,
    signals,
    tables,
    templates,
    unreached,
    urlconf,
    urls,
    utils,
    views,
    viewsets,
)
from strangler.analyzers.frameworks.django.apps import CONFIG, CONFIG_NAMES, Registry, handlers, methods
from strangler.analyzers.frameworks.django.models import SchemaBuilder
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.orm import classviews, forms, shared
from strangler.analyzers.frameworks.django.orm.forms import FormMethod
from strangler.analyzers.frameworks.django.orm.methods import QueryMethod
from strangler.analyzers.frameworks.django.requests import DjangoRequests
from strangler.analyzers.frameworks.django.settings import Settings, attribute
from strangler.analyzers.frameworks.django.url_rows import Table
from strangler.analyzers.frameworks.templates import Shown, Templates
from strangler.analyzers.plugin import (
    Args,
    Found,
    Framework,
    Interpreter,
    Knowledge,
    Schema,
    SourceTree,
    route_link,
    template_links,
    words,
)
from strangler.model import Ambient, Diagnostic

APPS = tuple(
    words(
        "annoying auto_one_to_one background_task config_models debug_toolbar django_comments "
        "django_elasticsearch_dsl_drf django_extensions django_otp django_scopes guardian "
        "model_utils modelcluster mptt notifications oauth2_provider ordered_model parler pghistory "
        "polymorphic rest_framework_api_key rest_framework_bulk rest_framework_extensions "
        "rest_framework_nested safedelete simple_history smart_selects solo sortedm2m taggit "
        "tagulous tree_queries treebeard treenode wagtail"
    )
)
"""Libraries that build on Django, of which something is known."""


class Django(Framework):
    """Django and Django REST framework."""

    name = "django"
    packages = (
        "django",
        "rest_framework",
        "split_settings",
        "django_hosts",
        "environ",
        "configurations",
        "dj_database_url",
        "ninja",
        "django_filters",
        "rest_framework_filters",
    )
    partly = APPS
    requests = DjangoRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.settings = Settings(tree)
        self.registry = Registry(self.settings)
        self.templates = Templates(tree)
        self.builder: SchemaBuilder | None = None
        self.urls: urls.Collector | None = None
        self.misplaced: list[Diagnostic] = []
        self.bound: list[Ambient] = []

    def teach(self, knowledge: Knowledge) -> None:
        """Settings, the app registry, the ORM, URLs."""
        library.teach(knowledge)
        settings_code.teach(knowledge)
        companions.teach(knowledge)
        environment.teach(knowledge)
        atomic.teach(knowledge)
        knowledge.attributes["django.conf.settings"] = attribute(self.settings)
        knowledge.holders["django.conf.settings"] = self.settings.holds
        knowledge.calls.update(handlers(self.registry))  # type: ignore[arg-type]
        knowledge.methods.update(methods(self.registry))
        loaders.teach(knowledge, self.registry)
        knowledge.public[CONFIG] = CONFIG_NAMES
        views.teach(knowledge)
        admin.teach(knowledge)
        routers.teach(knowledge)
        viewsets.teach(knowledge)
        ninja.teach(knowledge)
        urlconf.teach(knowledge, self.settings)
        tables.teach(knowledge)
        signals.teach(knowledge)
        orm.teach(knowledge, self.settings)
        lazy.teach(knowledge)
        utils.teach(knowledge)
        requests.teach(knowledge)
        for module in (
            "django.urls",
            "django.urls.base",
            "django.core.urlresolvers",
            "rest_framework.reverse",
        ):
            for name in ("reverse", "reverse_lazy"):
                knowledge.calls[f"{module}.{name}"] = route_link("viewname")
        for name in ("redirect", "resolve_url"):
            knowledge.calls[f"django.shortcuts.{name}"] = route_link("to", paths=True)

    def boot(self, interp: Interpreter) -> None:
        """Settings, then the models of every app, then ``ready()`` of every configuration."""
        notes, shown = interp.state(Notes), interp.state(Shown)
        notes.settings = self.settings
        notes.label = self.registry.label
        shown.show = forms.shown
        shown.methods = (QueryMethod, FormMethod)
        shown.surroundings = templates.provider(self.settings)
        apps = self.registry.apps(interp)
        notes.installable = tuple(self.registry.installable)
        for app in apps:
            interp.program.scope(f"{app.module}.models")
        for app in apps:
            config = self.registry.config(interp, app)
            if app.config_class is not None and app.config_class.find("ready") is not None:
                frame = interp.root_frame
                config.get(interp, "ready", frame).call(interp, Args(), frame)

    def prepare(self, interp: Interpreter) -> None:
        """Build the schema of the models."""
        self.builder = SchemaBuilder(interp, self.registry, self.settings)
        self.builder.build()
        self.misplaced = databases.place(interp, self.settings)
        shared.prepared(interp)
        notes = interp.state(Notes)
        notes.library_model = self.builder.references.library_model
        for dotted in notes.loaded_models:
            notes.load(dotted)
        # The URL table as it was put together: interpreting a function for itself may add to its lists again.
        self.urls = urls.collect(interp, self.settings)
        atomic.mark(interp, self.settings, self.urls.table.endpoints)

    def finish(self, interp: Interpreter) -> None:
        """What views, serializers and admin classes make the framework do."""
        signals.finish(interp)
        shared.finish(interp)
        classviews.finish(interp)
        listed = self.urls.table.endpoints if self.urls is not None else []
        self.bound = list(ambient.Finder(interp, self.settings, listed).rows())
        templates.finish(interp, self.templates)

    def collect(self, interp: Interpreter) -> Found:
        """Endpoints, signals, commands."""
        table = unreached.finish(self.urls, self.settings) if self.urls is not None else Table(interp)
        connections, sent = signals.collect(interp, self.registry)
        mapped = any(
            e.framework == "django" and e.first_party for e in interp.state(Schema).by_table.values()
        )
        return Found(
            present=mapped or bool(table.endpoints) or self.settings.scope(interp) is not None,
            endpoints=table.endpoints,
            opaque_routes=table.opaque_routes,
            signals=connections,
            messages=sent,
            commands=commands.collect(interp, self.registry),
            diagnostics=[*self.settings.diagnostics, *self.misplaced, *table.diagnostics],
            references=[table.references],
            ambient=self.bound,
            route_links=list(template_links(self.tree)),
            atomic_requests=self.settings.atomic_requests(interp),
        )
