"""Applications that are put together in functions, whoever calls these."""

from __future__ import annotations


def paths(project, files):
    return sorted(endpoint.path for endpoint in project(files).system.endpoints)


def test_a_factory_that_keeps_its_applications_is_run_to_its_end(project):
    files = {
        "api.py": """
            from fastapi import APIRouter, FastAPI

            router = APIRouter(prefix="/flows")

            @router.get("/all")
            def flows(): ...

            KEPT: dict = {}

            def create_app(settings=None, fresh: bool = False):
                key = (settings, "x")
                if key in KEPT and not fresh:
                    return KEPT[key]
                app = FastAPI()
                app.include_router(router)
                KEPT[key] = app
                return app
        """,
    }
    assert paths(project, files) == ["/flows/all"]


def test_a_factory_that_its_callers_do_not_reach_is_run_for_itself(project):
    files = {
        "api.py": """
            from fastapi import FastAPI

            def create_app():
                app = FastAPI()

                @app.get("/health")
                def health(): ...

                return app

            def serve(config=None):
                raise SystemExit(2)
                create_app()
        """,
    }
    assert paths(project, files) == ["/health"]


def test_a_package_is_imported_before_its_module_that_somebody_imports_first(project):
    files = {
        "app.py": """
            from fastapi import FastAPI
            from routes import first, recipes

            app = FastAPI()
            app.include_router(first.router)
            app.include_router(recipes.router)
        """,
        "routes/__init__.py": "",
        "routes/first.py": """
            from fastapi import APIRouter
            from routes.recipes.crud import Format

            router = APIRouter()
        """,
        "routes/recipes/__init__.py": """
            from fastapi import APIRouter
            from . import crud

            router = APIRouter()
            router.include_router(crud.exports)
        """,
        "routes/recipes/crud.py": """
            from fastapi import APIRouter

            class Format: ...

            exports = APIRouter(prefix="/recipes")

            @exports.get("/exports")
            def formats(): ...
        """,
    }
    assert paths(project, files) == ["/recipes/exports"]


def test_pyramid_with_a_configurator_of_its_own(project):
    files = {
        "web/__init__.py": "",
        "web/config.py": """
            from pyramid.config import Configurator as _Configurator

            class Configurator(_Configurator):
                def add_middleware(self, factory): ...

            def configure(settings=None):
                config = Configurator(settings=settings or {})
                config.include(".routes")
                config.scan()
                return config
        """,
        "web/routes.py": """
            def includeme(config):
                domain = config.get_settings().get("domain")
                config.add_route("index", "/", domain=domain)
        """,
        "web/views.py": """
            from pyramid.view import view_config

            @view_config(route_name="index")
            def index(request): ...
        """,
    }
    assert paths(project, files) == ["/"]
