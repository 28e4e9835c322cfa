"""The variables and tags of a template."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler.analyzers.frameworks.templates import Templates
from strangler.sources import scan


def tokens(place: Path, text: str) -> list[tuple[str, str]]:
    (place / "shop" / "templates").mkdir(parents=True)
    (place / "shop" / "a.py").write_text("")
    (place / "shop" / "templates" / "a.html").write_text(text)
    found = Templates(scan(place)).tokens("shop/templates/a.html")
    return [(token.tag, token.text) for token in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ order.total }}", [("", "order.total")]),
        ("{{order.total|floatformat:2}}", [("", "order.total|floatformat:2")]),
        ("{% for row in order.rows %}{{ row.name }}{% endfor %}",
         [("for", "row in order.rows"), ("", "row.name"), ("endfor", "")]),
        ("{%- include 'b.html' -%}", [("include", "'b.html'")]),
        ("{% if order.open\n and order.rows %}", [("if", "order.open\n and order.rows")]),
        ("{{ {'a': order.b} }}{{ order.c }}", [("", "order.c")]),
        ("{{ order.a {{ order.b }}", [("", "order.a {{ order.b")]),
        ("{{ order.a", []),
        ("{% %}{% with a=order.b %}{{ order.c", [("with", "a=order.b")]),
        ("{{ order.a %} {% if order.b %}", [("if", "order.b")]),
        ("{# {{ a }} #} text }} %}", [("", "a")]),
    ],
)  # fmt: skip
def test_what_a_template_shows_and_asks_for(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    assert tokens(tmp_path, text) == found


def test_openings_without_an_end_cost_no_more_than_their_text(tmp_path: Path) -> None:
    # quadratic, this text would take hours
    assert tokens(tmp_path, "{{ {% a " * 120_000) == []


def test_what_middleware_sets_on_the_request_is_read_by_templates_as_well(project):
    """It may have been set to something else: what a page reads of it is read all the same."""
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/__init__.py": "",
        "shop/settings.py": """
            INSTALLED_APPS = ["shop"]
            MIDDLEWARE = ["shop.middleware.CustomerMiddleware"]
            ROOT_URLCONF = "shop.urls"
            """,
        "shop/urls.py": """
            from django.urls import path
            from shop.views import page
            urlpatterns = [path("page/", page)]
            """,
        "shop/models.py": """
            from django.db import models

            class Customer(models.Model):
                pass

            class Address(models.Model):
                customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
            """,
        "shop/middleware.py": """
            from django.utils.functional import SimpleLazyObject
            from shop.models import Customer

            class CustomerMiddleware:
                def __call__(self, request):
                    request.customer = SimpleLazyObject(lambda: Customer.objects.first())
            """,
        "shop/templates/page.html": "{% for a in request.customer.addresses.all %}{{ a }}{% endfor %}",
        "shop/views.py": """
            from django.shortcuts import render

            def page(request):
                return render(request, "page.html", {})
            """,
    }
    rows = {(a.table, a.via) for a in project(files).system.accesses if a.function == "page"}
    assert ("shop_address", "template") in rows


SITE = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/settings.py": """
        INSTALLED_APPS = ["shop"]
        ROOT_URLCONF = "shop.urls"
        TEMPLATES = [{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"context_processors": ["shop.processors.footer", "shop.processors.news"]},
        }]
        """,
    "shop/urls.py": """
        from django.urls import path
        from shop.views import About, Orders, page
        urlpatterns = [
            path("page/", page), path("about/", About.as_view()), path("orders/", Orders.as_view()),
        ]
        """,
    "shop/models.py": """
        from django.db import models

        class Policy(models.Model):
            pass

        class News(models.Model):
            pass

        class Comment(models.Model):
            news = models.ForeignKey(News, models.CASCADE, related_name="comments")

        class Order(models.Model):
            pass
        """,
    "shop/processors.py": """
        from shop.models import News, Policy

        def footer(request):
            return {"policies": Policy.objects.all()}

        def news(request):
            return {"latest": News.objects.first()}
        """,
    "shop/templates/base.html": """
        {% for one in policies %}{{ one.name }}{% endfor %}
        {% for comment in latest.comments.all %}{{ comment.text }}{% endfor %}
        """,
    "shop/templates/page.html": "{% extends 'base.html' %}",
    "shop/templates/orders.html": "{% extends 'base.html' %}{% for o in object_list %}{{ o.id }}{% endfor %}",
    "shop/templates/about.html": "{% for comment in latest.comments.all %}{{ comment.text }}{% endfor %}",
    "shop/views.py": """
        from django.shortcuts import render
        from django.views.generic import ListView, TemplateView
        from shop.models import Order

        def page(request):
            return render(request, "page.html", {})

        class Orders(ListView):
            template_name = "orders.html"
            queryset = Order.objects.all()

        class About(TemplateView):
            template_name = "about.html"
        """,
}


def test_what_the_layout_of_all_pages_shows_is_told_apart_from_what_a_page_asks_for(project):
    model = project(SITE)
    rows = {(a.function, a.table, a.via) for a in model.system.accesses if a.module == "shop.views"}
    assert {(table, via) for function, table, via in rows if function == "page"} == {
        ("shop_policy", "ambient"),
        ("shop_comment", "ambient"),
    }
    of_orders = {via for _, table, via in rows if table == "shop_order"}
    assert of_orders
    assert "ambient" not in of_orders


def test_a_page_that_itself_shows_what_every_template_knows_asks_for_it(project):
    model = project({**SITE, "shop/templates/page.html": SITE["shop/templates/about.html"]})
    rows = {(a.table, a.via) for a in model.system.accesses if a.function == "page"}
    assert ("shop_comment", "template") in rows
