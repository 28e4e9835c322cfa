"""Receivers as Django connects them."""

from __future__ import annotations

from typing import Any

from django_boot import settings


def test_one_receiver_for_one_sender_and_for_all_of_them(project: Any) -> None:
    shop = project(
        {
            **settings("shop.apps.Config"),
            "shop/models.py": "from django.db import models\n\nclass Order(models.Model):\n    pass\n",
            "shop/apps.py": """
                from django.apps import AppConfig
                from django.db.models.signals import post_save

                class Config(AppConfig):
                    name = "shop"

                    def ready(self):
                        from shop.models import Order
                        for sender in (Order, None):
                            post_save.connect(noticed, sender=sender)

                def noticed(sender, instance, **kwargs):
                    pass
                """,
        }
    )
    assert [(s.receiver, s.sender) for s in shop.system.signals] == [
        ("shop.apps.noticed", None),
        ("shop.apps.noticed", "shop.models.Order"),
    ]
