"""Flask: applications, blueprints, class-based views and the APIs built on them."""

from __future__ import annotations

from strangler.analyzers.frameworks.flask import (
    admin,
    ambient,
    appbuilder,
    classful,
    jsonapi,
    library,
    marshalling,
    modules,
    rebar,
    restful,
)
from strangler.analyzers.frameworks.flask.app import Applications
from strangler.analyzers.frameworks.flask.expand import Expansion
from strangler.analyzers.plugin import (
    Found,
    Framework,
    Interpreter,
    Knowledge,
    RequestNames,
    RequestReader,
    SourceTree,
    numbered,
    route_link,
    run_factories,
    run_hooks,
    template_links,
)


class FlaskRequests(RequestReader):
    """The request of Werkzeug."""

    names = RequestNames(
        request=frozenset({"request", "req", "_request", "flask_request"}),
        query=frozenset({"args", "values"}),
        form=frozenset({"form", "files"}),
        body=frozenset({"json", "get_json", "data"}),
        called={"redirect": 302, "get_or_404": 404, "first_or_404": 404, "one_or_404": 404},
        guards=frozenset({"decorators", "method_decorators"}),
    )


class Flask(Framework):
    """Flask, Quart and the libraries that register routes on them."""

    name = "flask"
    packages = (
        "flask",
        "quart",
        "apiflask",
        "flask_classful",
        "flask_classy",
        "flask_combo_jsonapi",
        "flask_login",
        "flask_openapi3",
        "flask_rest_jsonapi",
        "flask_restful",
        "flask_restplus",
        "flask_restx",
        "flask_smorest",
    )
    partly = ("connexion", "flask_admin", "flask_appbuilder", "flask_rebar", "werkzeug")
    requests = FlaskRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.made = Applications()
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        library.teach(knowledge, self.made)
        ambient.teach(knowledge, library.SCAFFOLD)
        for name in ("flask.url_for", "flask.helpers.url_for", "quart.url_for"):
            knowledge.calls[name] = route_link("endpoint")
        restful.teach(knowledge)
        marshalling.teach(knowledge)
        appbuilder.teach(knowledge)
        admin.teach(knowledge)
        classful.teach(knowledge)
        jsonapi.teach(knowledge)
        rebar.teach(knowledge, self.made)
        modules.teach(knowledge)

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({library.APP}))
        for scaffold in [*self.made.apps, *self.made.blueprints]:
            run_hooks(interp, scaffold.hooks)
        # What later interpretation does to the applications is no part of booting them.
        expansion = Expansion(interp)
        # Of several applications the largest is the main one: its rules come first.
        floating = expansion.floating(self.made)
        applications = [expansion.rows(app, id(app) in floating) for app in self.made.apps]
        applications.sort(key=lambda rows: -len(rows))
        rows = [row for one in applications for row in one]
        self.found.endpoints, self.found.opaque_routes = numbered(rows)
        self.found.diagnostics = expansion.diagnostics(self.made.blueprints)

    def finish(self, interp: Interpreter) -> None:
        appbuilder.note_inherited(interp)
        self.found.ambient = list(ambient.rows(interp, self.found.endpoints, self.made.blueprints))

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.made.apps or self.made.blueprints)
        self.found.route_links = list(template_links(self.tree)) if self.found.present else []
        return self.found
