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


def test_a_receiver_of_a_relation_hears_of_the_model_between_however_that_is_named(project: Any) -> None:
    shop = project(
        {
            **settings("shop.apps.Config"),
            "shop/models.py": """
                from django.db import models

                class Part(models.Model): ...

                class Order(models.Model):
                    parts = models.ManyToManyField(Part, through="Line")
                    gifts = models.ManyToManyField(Part, through="shop.Gift", related_name="+")

                class Line(models.Model):
                    order = models.ForeignKey(Order, models.CASCADE)
                    part = models.ForeignKey(Part, models.CASCADE)

                class Gift(models.Model):
                    order = models.ForeignKey(Order, models.CASCADE)
                    part = models.ForeignKey(Part, models.CASCADE)
                """,
            "shop/apps.py": """
                from django.apps import AppConfig

                class Config(AppConfig):
                    name = "shop"

                    def ready(self):
                        import shop.listeners
                """,
            "shop/listeners.py": """
                from django.db.models.signals import m2m_changed
                from django.dispatch import receiver
                from shop.models import Order

                @receiver(m2m_changed, sender=Order.parts.through)
                def parted(sender, **kwargs): ...

                @receiver(m2m_changed, sender=Order.gifts.through)
                def given(sender, **kwargs): ...
                """,
        }
    )
    assert [(s.receiver, s.sender, s.table) for s in shop.system.signals] == [
        ("shop.listeners.given", "shop.models.Gift", "shop_gift"),
        ("shop.listeners.parted", "shop.models.Line", "shop_line"),
    ]


def test_a_receiver_of_a_librarys_relation_hears_of_that_one_alone(project: Any) -> None:
    shop = project(
        {
            **settings("shop.apps.Config", extra="\nAUTH_USER_MODEL = 'shop.Person'\n"),
            "shop/models.py": """
                from django.contrib.auth.models import AbstractUser
                from django.db import models
                from taggit.managers import TaggableManager
                from taggit.models import TaggedItemBase
                from tagging_with_hints.managers import TaggableManager as HintingManager

                class Person(AbstractUser): ...

                class Clerk(Person): ...

                class Label(TaggedItemBase):
                    content_object = models.ForeignKey("Order", models.CASCADE)

                class Order(models.Model):
                    tags = TaggableManager()
                    labels = TaggableManager(through=Label)
                    hints = HintingManager()
                """,
            "shop/apps.py": """
                from django.apps import AppConfig

                class Config(AppConfig):
                    name = "shop"

                    def ready(self):
                        import shop.listeners
                """,
            "shop/listeners.py": """
                from django.contrib.auth import get_user_model
                from django.contrib.auth.models import Group
                from django.db.models.signals import m2m_changed
                from django.dispatch import receiver
                from shop.models import Clerk, Order

                User = get_user_model()

                @receiver(m2m_changed, sender=User.groups.through)
                def a(sender, **kwargs): ...

                @receiver(m2m_changed, sender=Clerk.user_permissions.through)
                def b(sender, **kwargs): ...

                @receiver(m2m_changed, sender=Group.permissions.through)
                def c(sender, **kwargs): ...

                @receiver(m2m_changed, sender=Order.tags.through)
                def d(sender, **kwargs): ...

                def e(sender, **kwargs): ...

                for sender in [Order.labels.through, Order.hints.through]:
                    m2m_changed.connect(e, sender=sender)
                """,
        }
    )
    assert [(s.receiver[-1], s.table) for s in shop.system.signals] == [
        ("a", "shop_person_groups"),
        ("b", "shop_person_user_permissions"),
        ("c", "auth_group_permissions"),
        ("d", "taggit_taggeditem"),
        ("e", "shop_label"),
        ("e", "taggit_taggeditem"),
    ]
    assert all(s.sender for s in shop.system.signals)
