"""Settings however they are put together: by files that are run, by functions, as classes; several sites."""

from __future__ import annotations

import pytest

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
MANAGED = {"manage.py": MANAGE.format("depot.settings")}
DEPOT = {
    "depot/__init__.py": "",
    "depot/models.py": "from depot.crates import models\n",
    "depot/crates/__init__.py": "",
    "depot/crates/models.py": """
        from django.db import models

        class Crate(models.Model):
            size = models.IntegerField()
        """,
    "depot/views.py": "def crates(request): ...\n",
    "depot/urls.py": """
        from django.urls import path
        from depot import views
        urlpatterns = [path("crates/", views.crates)]
        """,
    "depot/unused_urls.py": """
        from django.urls import path
        from depot import views
        urlpatterns = [path("old/", views.crates)]
        """,
}
BASE = 'INSTALLED_APPS = ["depot"]\nROOT_URLCONF = "depot.urls"\n'
STYLES = {
    "exec of an open file": {
        "depot/settings.py": 'with open("depot/base.py") as f:\n    exec(f.read())\n', "depot/base.py": BASE},
    "exec of compiled code beside the file": {
        "depot/settings.py": 'import os\nname = os.path.join(os.path.dirname(__file__), "base.py")\n'
        'exec(compile(open(name, "rb").read(), name, "exec"), globals())\n', "depot/base.py": BASE},
    "exec of a path's text": {
        "depot/settings.py": "from pathlib import Path\n"
        "exec((Path(__file__).parent / 'base.py').read_text())\n",
        "depot/base.py": BASE},
    "the names of a file that was run": {
        "depot/settings.py": 'import runpy\nglobals().update(runpy.run_path("depot/base.py"))\n',
        "depot/base.py": BASE},
    "django-split-settings": {
        "depot/settings.py": "from split_settings.tools import include, optional\n"
        'include("parts/*.py", optional("local.py"))\n',
        "depot/parts/a.py": 'INSTALLED_APPS = ["depot"]\n',
        "depot/parts/b.py": 'from split_settings.tools import include\ninclude("more/c.py")\n',
        "depot/parts/more/c.py": 'ROOT_URLCONF = INSTALLED_APPS[0] + ".urls"\n'},
    "a function that fills the module's names": {
        "depot/settings.py": "from depot.conf import fill\nfill(globals())\n",
        "depot/conf.py": 'def fill(names):\n    names["INSTALLED_APPS"] = ["depot"]\n'
        '    names["ROOT_URLCONF"] = "depot.urls"\n'},
    "setattr on the module": {
        "depot/settings.py": "import sys\nfrom depot import conf\nme = sys.modules[__name__]\n"
        "for name in dir(conf):\n    if name.isupper(): setattr(me, name, getattr(conf, name))\n",
        "depot/conf.py": BASE},
    "values of the environment with their defaults": {
        "depot/settings.py": """
            import environ
            env = environ.Env(URLS=(str, "depot.urls"), DEBUG=(bool, False))
            INSTALLED_APPS = env.list("APPS", default=["depot"])
            ROOT_URLCONF = env("URLS")
            DEBUG = env("DEBUG")
            """},
    "a class that the environment names": {
        "manage.py": MANAGED["manage.py"]
        + 'os.environ.setdefault("DJANGO_CONFIGURATION", "Live")\n',
        "depot/settings.py": """
            from configurations import Configuration, values
            class Base(Configuration):
                OWN = values.ListValue(["depot"])
                ROOT_URLCONF = "depot.urls"
            class Bare(Base):
                INSTALLED_APPS = []
            class Live(Base):
                @property
                def INSTALLED_APPS(self):
                    return ["django.contrib.auth"] + self.OWN
            """},
    "a class that takes up the default of a value of its parent": {
        "manage.py": MANAGED["manage.py"]
        + 'os.environ.setdefault("DJANGO_CONFIGURATION", "Live")\n',
        "depot/settings.py": """
            from configurations import Configuration, values
            class Base(Configuration):
                INSTALLED_APPS = values.ListValue(["django.contrib.auth"])
                ROOT_URLCONF = values.Value("depot.urls")
            class Live(Base):
                INSTALLED_APPS = values.ListValue(Base.INSTALLED_APPS.default + ["depot"])
            """},
    "a module whose name is computed": {
        "manage.py": """
            import os
            def main():
                os.environ.setdefault("DJANGO_SETTINGS_MODULE", "depot.settings_" + os.environ["KIND"])
            """,
        "depot/settings_dev.py": 'INSTALLED_APPS = []\nROOT_URLCONF = "depot.unused_urls"\n',
        "depot/settings_production.py": BASE},
}  # fmt: skip


def tables(system):
    return {table.name for table in system.tables}


def paths(system):
    return {endpoint.path for endpoint in system.endpoints}


def codes(system):
    return {row.code for row in system.diagnostics}


@pytest.mark.parametrize("files", STYLES.values(), ids=STYLES.keys())
def test_settings_are_found_however_they_are_written(project, files):
    system = project({**MANAGED, **DEPOT, **files}).system
    assert tables(system) == {"depot_crate"}
    assert paths(system) == {"/crates/"}
    assert "installed-apps-unknown" not in codes(system)


def test_labels_that_are_guessed_are_said(project):
    settings = "import secret_sauce\nglobals().update(secret_sauce.load())\n"
    system = project({**MANAGED, "depot/settings.py": settings, **DEPOT}).system
    found = [row for row in system.diagnostics if row.code == "installed-apps-unknown"]
    assert [row.file for row in found] == ["depot/settings.py"]


@pytest.mark.parametrize(
    "settings", [None, "import glob\nfor part in glob.glob('*.conf'):\n    exec(open(part).read())\n"]
)
def test_where_settings_are_not_known_the_one_user_model_of_the_code_is_the_user_model(project, settings):
    users = """
        from django.contrib.auth.models import AbstractUser
        class Clerk(AbstractUser): ...
        """
    crates = """
        from django.conf import settings
        from django.db import models
        class Crate(models.Model):
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
        """
    system = project(
        {
            **({**MANAGED, "depot/settings.py": settings} if settings else {}),
            "staff/__init__.py": "",
            "staff/models.py": users,
            "crates/__init__.py": "",
            "crates/models.py": crates,
        }
    ).system
    keys = {(t.name, key.table) for t in system.tables for key in t.foreign_keys}
    assert ("crates_crate", "staff_clerk") in keys


def test_without_settings_a_switch_decides_nothing(project):
    urls = """
        from django.conf import settings
        from django.urls import path
        from depot import views
        urlpatterns = [path("crates/", views.crates)]
        if settings.DEBUG:
            urlpatterns.append(path("trace/", views.crates))
        """
    system = project(
        {"depot/__init__.py": "", "depot/views.py": DEPOT["depot/views.py"], "depot/urls.py": urls}
    ).system
    assert {e.path: e.condition for e in system.endpoints} == {"/crates/": "", "/trace/": "settings.DEBUG"}


def test_a_model_names_the_library_s_model_whose_columns_are_not_known(project):
    models = """
        from django.db import models
        from django.contrib.auth.models import AbstractUser
        from flagship.models import Configuration
        class Clerk(AbstractUser): ...
        class Limit(Configuration):
            most = models.IntegerField()
        """
    system = project({**MANAGED, **DEPOT, "depot/settings.py": BASE, "depot/models.py": models}).system
    found = [(row.file, row.line) for row in system.diagnostics if row.code == "inherited-columns"]
    assert found == [("depot/models.py", 6)]


def test_a_list_of_apps_to_which_unknown_ones_are_added_keeps_the_known(project):
    settings = """
        import plugins
        INSTALLED_APPS = sorted(set().union(*(["depot"], *[one.apps for one in plugins.found()])))
        """
    config = """
        from django.apps import AppConfig
        class Depot(AppConfig):
            name = "depot"
            label = "harbour"
        """
    files = {**MANAGED, **DEPOT, "depot/settings.py": settings, "depot/apps.py": config}
    assert tables(project(files).system) == {"harbour_crate"}


def test_a_list_of_apps_of_which_only_a_library_is_known_is_said(project):
    settings = """
        import plugins
        INSTALLED_APPS = plugins.apps() + ["debug_toolbar"]
        """
    system = project({**MANAGED, **DEPOT, "depot/settings.py": settings}).system
    assert "installed-apps-unknown" in codes(system)


def test_code_that_is_executed_and_not_known_is_said(project):
    settings = "import requests\nexec(requests.get('https://x').text)\n" + BASE
    system = project({**MANAGED, "depot/settings.py": settings, **DEPOT}).system
    found = [(row.file, row.line) for row in system.diagnostics if row.code == "code-not-run"]
    assert found == [("depot/settings.py", 2)]


def test_files_that_run_each_other_end(project):
    settings = 'exec(open("depot/settings.py").read())\nexec(open("depot/base.py").read())\n' + BASE
    base = 'exec(open("depot/settings.py").read())\n' * 3
    system = project(
        {
            "manage.py": MANAGE.format("depot.settings"),
            "depot/settings.py": settings,
            "depot/base.py": base,
            **DEPOT,
        }
    ).system
    assert tables(system) == {"depot_crate"}


SECOND = {
    "staff/__init__.py": "",
    "staff/models.py": "from django.db import models\nclass Shift(models.Model): ...\n",
    "staff/views.py": "def rota(request): ...\n",
    "staff/urls.py": """
        from django.urls import path
        from staff import views
        urlpatterns = [path("rota/", views.rota)]
        """,
    "staff/settings.py": 'INSTALLED_APPS = ["staff"]\nROOT_URLCONF = "staff.urls"\n',
}


def test_each_site_has_its_apps_and_its_urls(project):
    files = {**MANAGED, "depot/settings.py": BASE, **DEPOT, **SECOND}
    system = project(
        {**files, "manage_staff.py": "", "staff/wsgi.py": MANAGE.format("staff.settings")}
    ).system
    assert tables(system) == {"depot_crate", "staff_shift"}
    assert paths(system) == {"/crates/", "/rota/"}


def test_variants_of_one_site_are_one(project):
    files = {
        "manage.py": MANAGE.format("depot.settings_dev"),
        "depot/wsgi.py": MANAGE.format("depot.settings"),
    }
    dev = 'from depot.settings import *\nINSTALLED_APPS += ["debug_toolbar"]\n'
    system = project({**files, "depot/settings.py": BASE, "depot/settings_dev.py": dev, **DEPOT}).system
    assert paths(system) == {"/crates/"}
    assert len(system.endpoints) == 1
    assert "settings-not-used" not in codes(system)


def test_a_settings_package_that_sets_nothing_stands_for_those_in_it(project):
    urls = """
        import re
        from django.conf import settings
        from django.conf.urls.static import static
        from django.urls import path, re_path
        from django.views.static import serve
        from depot import views
        served = re_path("^%s(?P<path>.*)$" % re.escape(settings.STATIC_URL.lstrip("/")), serve)
        urlpatterns = [path("crates/", views.crates), served] + static("/media/")
        """
    files = {
        "depot/settings/__init__.py": "",
        "depot/settings/base.py": BASE + 'STATIC_URL = "/assets.d/"\n',
        "depot/settings/development.py": "from .base import *\nDEBUG = True\n",
        "depot/settings/production.py": "from depot.settings.base import *\nDEBUG = False\n",
        "depot/urls.py": urls,
    }
    found = project(DEPOT | MANAGED | files).system
    assert {(e.path, e.regex) for e in found.endpoints} == {
        ("/crates/", "/crates/"),
        ("/assets.d/{path}", r"/assets\.d/(?:.*)"),
    }
    (told,) = [d for d in found.diagnostics if d.code == "settings-chosen"]
    assert told.message.endswith("depot.settings.production is taken")


def test_settings_that_nothing_starts_are_said(project):
    files = {**MANAGED, "depot/settings.py": BASE, **DEPOT, **SECOND}
    system = project(files).system
    assert [row.file for row in system.diagnostics if row.code == "settings-not-used"] == [
        "staff/settings.py"
    ]


def test_apps_that_a_configuration_file_names_may_be_those_of_the_tree(project):
    plugin = {
        "apps.py": """
            from django.apps import AppConfig

            class Pumps(AppConfig):
                name = "pumps"
                label = "pump"
            """,
        "models.py": "from django.db import models\n\nclass Pump(models.Model):\n    pass\n",
        "__init__.py": "",
    }
    named = """
        import json
        INSTALLED_APPS = ["depot"]
        ROOT_URLCONF = "depot.urls"
        """
    loop = """
        for app in json.load(open("/etc/depot.json"))["apps"]:
            INSTALLED_APPS.append(app)
        """
    files = {**MANAGED, **DEPOT, **{f"pumps/{name}": text for name, text in plugin.items()}}
    system = project({**files, "depot/settings.py": named + loop}).system
    assert tables(system) == {"depot_crate", "pump_pump"}
    (told,) = (row for row in system.diagnostics if row.code == "installed-apps-unknown")
    assert told.file == "depot/settings.py"
    assert "(pumps)" in told.message
    system = project({**files, "depot/settings.py": named}).system
    assert tables(system) == {"depot_crate"}
    assert "installed-apps-unknown" not in codes(system)


def test_the_urls_of_apps_that_a_configuration_file_may_name(project):
    config = """
        from django.apps import AppConfig

        class Config(AppConfig):
            name = "{0}"
        """
    table = """
        from django.urls import path
        from depot import views
        urlpatterns = [path("start/", views.{0})]
        """
    names = ("pumps", "pipes", "valves", "tanks")
    files = {
        **MANAGED,
        "depot/__init__.py": "",
        "depot/views.py": "\n".join(f"def {name}(request): ..." for name in names),
        "depot/settings.py": """
            from depot.configured import configured
            INSTALLED_APPS = ["depot"]
            for name in configured:
                INSTALLED_APPS.append(name)
            ROOT_URLCONF = "depot.urls"
            """,
        "depot/configured.py": """
            import json
            configured = {"pumps": {}, "pipes": {}}
            configured.update(json.load(open("/etc/depot.json")))
            """,
        "depot/urls.py": """
            from django.urls import include, path
            from depot.configured import configured
            urlpatterns = []
            for name in configured:
                urlpatterns.append(path(f"api/{name}/", include(f"{name}.urls")))
            """,
        "tanks/odd_urls.py": table.format("tanks"),
    }
    for name in names:
        files |= {f"{name}/__init__.py": "", f"{name}/apps.py": config.format(name)}
        if name != "tanks":
            files[f"{name}/urls.py"] = table.format(name)
    found = {e.path: (e.handler, e.exact, e.condition) for e in project(files).system.endpoints}
    assert found["/api/valves/start/"] == ("depot.views.valves", False, "valves is installed")
    assert found["/api/pumps/start/"] == ("depot.views.pumps", True, "")
    assert set(found) == {f"/api/{name}/start/" for name in ("pumps", "pipes", "valves")}
