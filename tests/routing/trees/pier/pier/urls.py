from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from pages.views import serve
from reports import views as reports

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("berths/export/", reports.export, name="export"),
    path("api/v1/", include("pier.api")),
    re_path(r"(?:^|/)raw/(?P<year>[0-9]{4})", reports.raw),
]
urlpatterns += i18n_patterns(
    path("berths/", include("berths.urls")),
    path(_("harbour/"), reports.harbour, name="harbour"),
    path(_("notices/") + "<slug:slug>/", reports.notice, name="notice"),
    prefix_default_language=False,
)
urlpatterns += [
    re_path(r"^((?:[\w\-]+/)*)$", serve, name="page"),
]
