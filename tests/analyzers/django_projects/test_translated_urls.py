"""URLs that are other words in other languages, and expressions that hold at the beginning alone."""

from __future__ import annotations

import re
from typing import Any

from django_boot import settings

from strangler.analyzers.frameworks.django.catalogs import entries

LANGUAGES = """
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pt-br", "Português")]
ROOT_URLCONF = "shop.urls"
"""
CATALOG = 'msgid "harbour/"\nmsgstr "hafen/"\n\n#, fuzzy\nmsgid "news/"\nmsgstr "neues/"\n'


def expressions(project: Any, urls: str, catalog: str = CATALOG, extra: str = LANGUAGES) -> dict[str, Any]:
    views = "\n".join(f"def {name}(request): pass" for name in ("harbour", "news", "raw"))
    files = {**settings("shop", extra=extra), "shop/views.py": views, "shop/urls.py": urls}
    if catalog:
        files["locale/de/LC_MESSAGES/django.po"] = catalog
    return {e.handler.rpartition(".")[2]: e for e in project(files).system.endpoints}


def urls(prefixed: bool) -> str:
    return f"""
        from django.conf.urls.i18n import i18n_patterns
        from django.urls import path, re_path
        from django.utils.translation import gettext_lazy as _
        from shop import views

        urlpatterns = i18n_patterns(
            path(_("harbour/"), views.harbour),
            path(_("news/"), views.news),
            prefix_default_language={prefixed},
        ) + [re_path(r"(?:^|/)raw/", views.raw)]
        """


def taken(endpoint: Any, *paths: str) -> list[bool]:
    return [re.fullmatch(endpoint.regex, path) is not None for path in paths]


def test_each_language_has_its_own_word(project: Any) -> None:
    found = expressions(project, urls(prefixed=False))
    harbour = found["harbour"]
    paths = ("/harbour/", "/de/hafen/", "/pt-br/harbour/", "/de/harbour/", "/hafen/", "/en/harbour/")
    assert taken(harbour, *paths) == [True, True, True, False, False, False]
    assert harbour.exact
    assert taken(found["news"], "/de/news/", "/de/neues/") == [True, False]  # a fuzzy entry is not used


def test_without_translation_there_is_no_prefix(project: Any) -> None:
    off = LANGUAGES + "USE_I18N = False\n"
    plain = urls(prefixed=True).replace('_("news/")', '"news/"')
    found = expressions(project, plain, extra=off)["news"]
    assert found.exact
    assert taken(found, "/news/", "/en/news/") == [True, False]
    doubtful = "import fleet\nif fleet.translated():\n    USE_I18N = True\n"
    found = expressions(project, plain, extra=off + doubtful)["news"]
    assert not found.exact
    assert taken(found, "/news/", "/en/news/") == [True, True]


def test_the_default_language_has_a_prefix_unless_it_is_told_not_to(project: Any) -> None:
    found = expressions(project, urls(prefixed=True))
    assert taken(found["harbour"], "/en/harbour/", "/harbour/", "/de/hafen/") == [True, False, True]


def test_without_translations_any_word_may_be_it(project: Any) -> None:
    found = expressions(project, urls(prefixed=False), catalog="")
    assert taken(found["harbour"], "/de/irgendwas/") == [True]
    assert not found["harbour"].exact


def test_an_expression_that_is_searched_for_may_hold_at_the_beginning_alone(project: Any) -> None:
    found = expressions(project, urls(prefixed=False))
    assert taken(found["raw"], "/raw/", "/a/raw/", "/araw/") == [True, True, False]


def test_texts_of_several_lines_and_escapes_are_read() -> None:
    text = """msgid ""
"har"
"bour/"
msgstr "\\"h\\""

msgctxt "x"
msgid "a"
msgstr "b"

#~ msgid "c"
#~ msgstr "d"
"""
    assert entries(text) == {"harbour/": '"h"'}


def test_a_parameter_in_a_translated_path(project: Any) -> None:
    table = """
        from django.conf.urls.i18n import i18n_patterns
        from django.urls import path
        from django.utils.translation import gettext_lazy as _
        from shop import views

        urlpatterns = i18n_patterns(
            path(_("harbour/<int:pk>/"), views.harbour), prefix_default_language=False,
        ) + [path(_("news/<slug:name>/"), views.news)]
        """
    catalog = 'msgid "harbour/<int:pk>/"\nmsgstr "hafen/<int:pk>/"\n'
    found = expressions(project, table, catalog)
    assert found["harbour"].path == "/harbour/{pk}/"
    paths = ("/harbour/7/", "/de/hafen/7/", "/de/harbour/7/", "/de/hafen/x/")
    assert taken(found["harbour"], *paths) == [True, True, False, False]
    assert found["harbour"].exact
    assert found["news"].path == "/news/{name}/"  # in the language of the request: any text
    assert not found["news"].exact
