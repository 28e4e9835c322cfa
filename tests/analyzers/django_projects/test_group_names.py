"""The name of a group in a route decides nothing about the URLs that it takes."""

from __future__ import annotations


def test_a_group_whose_name_is_not_known_takes_what_its_expression_says(project) -> None:  # type: ignore[no-untyped-def]
    system = project(
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/__init__.py": "",
            "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\n",
            "shop/urls.py": (
                "from django.urls import re_path\nfrom kit import chosen\n\ndef v(request, **kwargs): ...\n\n"
                "urlpatterns = [re_path(r'^a\\.(?P<%s>[a-z0-9]+)$' % chosen(), v)]\n"
            ),
        }
    ).system
    (endpoint,) = system.endpoints
    assert (endpoint.regex, endpoint.exact) == (r"/a\.(?:[a-z0-9]+)", True)
