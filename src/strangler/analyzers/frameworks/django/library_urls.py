"""What is known of the URL tables that libraries of Django's world bring."""

from __future__ import annotations

LIBRARY_TABLES: dict[str, tuple[str, ...]] = {
    "django.contrib.auth.urls": (
        "login/",
        "logout/",
        "password_change/",
        "password_change/done/",
        "password_reset/",
        "password_reset/done/",
        "reset/<uidb64>/<token>/",
        "reset/done/",
    ),
    "django.conf.urls.i18n": ("setlang/",),
    "django.contrib.flatpages.urls": ("<path:url>",),
    "rest_framework.documentation.include_docs_urls": ("", "schema.js"),
    "rest_framework.urls": ("login/", "logout/"),
    "dj_rest_auth.urls": ("login*", "logout*", "user*", "password/*", "token/*"),
    "django_prometheus.urls": ("metrics",),
    "djoser.urls.authtoken": ("token/*",),
    "djoser.urls.jwt": ("jwt/*",),
    "loginas.urls": ("login/user/*", "logout/"),
    "mozilla_django_oidc.urls": ("authenticate/", "callback/", "logout/"),
    "social_django.urls": ("login/*", "complete/*", "disconnect/*", "idp-launch/*", "app-launch/*"),
    "two_factor.urls": ("account/*",),
}
"""URL tables of libraries that are often included at the root: their routes, as for ``path``; a star stands
for all that may follow, where versions and settings of the library differ below it."""
