"""What first-party admin classes serve themselves, below the URLs of the admin site."""

from __future__ import annotations

from typing import Any

from django_boot import settings

ADMIN = r"""
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.urls import path, re_path
from shop.models import Log, Order, Line
from fleet.admin import OrderedAdmin

class Base(admin.ModelAdmin):
    def change_view(self, request, object_id, form_url="", extra_context=None): ...

@admin.register(Order)
class OrderAdmin(Base):
    def get_urls(self):
        return [re_path(r"^(?P<day>\d+)/day/$", self.report),
                path("report/", self.admin_site.admin_view(self.report))] + super().get_urls()

    def report(self, request): ...

class LineAdmin(admin.ModelAdmin):
    list_display = ["id"]

class LogAdmin(OrderedAdmin):
    def get_urls(self):
        urls = super().get_urls()
        return [path("tail/", self.admin_site.admin_view(self.tail))] + urls

    def tail(self, request): ...

class Users(UserAdmin):
    def user_change_password(self, request, id, form_url=""): ...

class Own(admin.AdminSite):
    pass

class Dropped(admin.ModelAdmin):
    def add_view(self, request): ...

own = Own(name="own")
own.register(Line, Base)
admin.site.register(Line, Dropped)
admin.site.unregister(Line)
admin.site.register(Line, LineAdmin)
admin.site.register(Log, LogAdmin)
admin.site.unregister(User)
admin.site.register(User, Users)
"""
URLS = """
from django.contrib import admin
from django.urls import path, re_path
from shop.admin import own
from shop.views import late

urlpatterns = [path("admin/", admin.site.urls), re_path(r"^own/", own.urls), path("admin/late/", late)]
"""
MODELS = """
from django.db import models

class Order(models.Model):
    pass

class Line(models.Model):
    pass

class Log(models.Model):
    pass
"""


def test_overridden_and_added_views_are_endpoints_and_the_rest_of_the_site_is_opaque(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": MODELS,
            "shop/admin.py": ADMIN,
            "shop/views.py": "def late(request): ...\n",
            "site_urls.py": URLS,
        }
    )
    rows = sorted(made.system.endpoints, key=lambda e: e.order)
    assert [(e.path, e.handler) for e in rows] == [
        ("/admin/shop/order/{day}/day/", "shop.admin.OrderAdmin.report"),
        ("/admin/shop/order/report/", "shop.admin.OrderAdmin.report"),
        ("/admin/shop/order/{object_id}/change/", "shop.admin.Base.change_view"),
        ("/admin/shop/log/tail/", "shop.admin.LogAdmin.tail"),
        ("/admin/auth/user/{id}/password/", "shop.admin.Users.user_change_password"),
        ("/own/shop/line/{object_id}/change/", "shop.admin.Base.change_view"),
        ("/admin/late/", "shop.views.late"),
    ]
    assert [(o.pattern, o.order) for o in sorted(made.system.opaque_routes, key=lambda o: o.order)] == [
        ("admin/", 5),
        ("^own/", 7),
    ]
    assert rows[5].regex == "/own/shop/line/(?:.+)/change/"
