"""Tables, models and foreign keys are the ones that Django itself registers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.backends.utils import truncate_name
from django_boot import boot, settings

SHOP = {
    "people/models.py": """
        from django.contrib.auth.models import AbstractUser
        from django.db import models

        class User(AbstractUser):
            nickname = models.CharField(max_length=10)

        class Stamped(models.Model):
            created_by = models.ForeignKey(
                "people.User",
                related_name="%(app_label)s_%(class)s_made",
                null=True,
                on_delete=models.SET_NULL,
            )

            class Meta:
                abstract = True
                db_table = "never"
        """,
    "shop/apps.py": """
        from django.apps import AppConfig

        class Config(AppConfig):
            name = "shop"
            label = "store"
        """,
    "shop/base.py": """
        from django.conf import settings
        from django.db import models

        class OwnerField(models.ForeignKey):
            def __init__(self, **kwargs):
                kwargs.setdefault("on_delete", models.CASCADE)
                kwargs["to"] = settings.AUTH_USER_MODEL
                super().__init__(**kwargs)

        class Named(models.Model):
            name = models.CharField(max_length=20, db_column="label")

            class Meta:
                abstract = True
                app_label = "store"
        """,
    "shop/models/__init__.py": "from .catalog import *\nfrom .orders import Gift, Line, Order\n",
    "shop/models/catalog.py": """
        from django.db import models
        from people.models import Stamped
        from shop.base import Named

        class Category(Named):
            parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

        class Product(Named, Stamped):
            categories = models.ManyToManyField(Category, blank=True)
            related = models.ManyToManyField("self", db_table="product_links")

        def table(name):
            return f"legacy_{name}"

        class Warehouse(models.Model):
            products = models.ManyToManyField(Product, through="Stock")

            class Meta:
                db_table = table("warehouses")

        class Stock(models.Model):
            product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE)
            warehouse = models.ForeignKey(Warehouse, db_column="place", on_delete=models.CASCADE)
        """,
    "shop/models/orders.py": """
        from django.db import models
        from shop.base import OwnerField
        from .catalog import Product

        class Order(models.Model):
            owner = OwnerField(related_name="orders")

        class Gift(Order):
            message = models.TextField()

        class Urgent(Order):
            class Meta:
                proxy = True

        class Line(models.Model):
            order = models.ForeignKey(Order, on_delete=models.CASCADE)
            product = models.ForeignKey("store.Product", on_delete=models.PROTECT)

        class Unmanaged(models.Model):
            class Meta:
                managed = False
                db_table = "LEGACY"
        """,
    "site_urls.py": "urlpatterns = []\n",
}


@pytest.fixture
def shop(project: Any) -> Any:
    extra = 'AUTH_USER_MODEL = "people.User"\n'
    return project({**settings("people", "shop.apps.Config", extra=extra), **SHOP})


def test_tables_and_models_are_those_of_the_app_registry(shop: Any) -> None:
    truth = [row for row in boot(shop.root)["models"] if not row["proxy"]]
    assert {(t.name, t.model) for t in shop.system.tables} == {(r["table"], r["model"]) for r in truth}


def test_foreign_keys_are_those_of_the_app_registry(shop: Any) -> None:
    truth = {(r["table"], *key) for r in boot(shop.root)["models"] for key in r["keys"] if not r["proxy"]}
    assert {(t.name, f.column, f.table) for t in shop.system.tables for f in t.foreign_keys} == truth


def test_columns_of_fields_declared_in_the_project_are_found(shop: Any) -> None:
    truth = {r["table"]: set(r["columns"]) for r in boot(shop.root)["models"] if not r["proxy"]}
    for table in shop.system.tables:
        if table.name != "people_user":  # most of its columns come from Django's own AbstractUser
            assert {c.name for c in table.columns} == truth[table.name], table.name


def test_names_that_are_too_long_for_the_database_are_cut_as_django_cuts_them(project: Any) -> None:
    long = "Consignment" * 6
    models = f"from django.db import models\n\nclass {long}(models.Model):\n"
    models += "    ports = models.ManyToManyField('self')\n"
    engine = 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
    made = project({**settings("shop", extra=engine), "shop/models.py": models, "site_urls.py": ""})
    table = truncate_name(f"shop_{long.lower()}", 63)
    assert {t.name for t in made.system.tables} >= {table, truncate_name(f"{table}_ports", 63)}


@pytest.mark.parametrize(
    ("databases", "asked", "length", "doubted"),
    [
        ("environ_database()", "", 66, True),
        ("environ_database()", "", 60, False),
        ("environ_database()", "oracledb", 60, True),
        ('{"ENGINE": "django.db.backends.sqlite3"}', "oracledb", 66, False),
        ('{"ENGINE": os.environ.get("ENGINE", "django.db.backends.sqlite3")}', "", 66, True),
    ],
)
def test_names_that_some_database_would_cut_are_doubted_where_the_engine_is_not_known(
    project: Any, databases: str, asked: str, length: int, doubted: bool
) -> None:
    name = "C" * (length - len("shop_"))
    extra = f"import os\nfrom elsewhere import environ_database\nDATABASES = {{'default': {databases}}}\n"
    models = f"from django.db import models\n\nclass {name}(models.Model):\n    pass\n"
    made = project(
        {
            **settings("shop", extra=extra),
            "shop/models.py": models,
            "site_urls.py": "",
            "requirements.txt": asked,
        }
    )
    assert [t.name for t in made.system.tables] == [f"shop_{name.lower()}"]
    found = [d for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert [(d.file, d.line) for d in found] == ([("shop/models.py", 3)] if doubted else [])


def test_stated_names_that_the_database_cuts_are_doubted(project: Any) -> None:
    models = "from django.db import models\n\nclass Boat(models.Model):\n    class Meta:\n"
    models += f"        db_table = 'b{'o' * 63}'\n"
    extra = 'DATABASES = {"default": {"ENGINE": "django.db.backends.%s"}}\n'
    for engine, expected in (("postgresql", 1), ("mysql", 0)):
        files = {**settings("shop", extra=extra % engine), "shop/models.py": models, "site_urls.py": ""}
        made = project(files)
        assert [d.code for d in made.system.diagnostics].count("doubtful-table") == expected, engine


def test_a_model_whose_app_is_not_installed_is_reported_and_has_no_table(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "other/__init__.py": "",
            "other/models.py": "from django.db import models\n\nclass Ghost(models.Model):\n    pass\n",
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    assert made.system.tables == ()
    found = [d for d in made.system.diagnostics if d.code == "model-not-installed"]
    assert [(d.file, d.line) for d in found] == [("other/models.py", 3)]


def test_imports_for_annotations_alone_do_not_hide_a_base_class(project: Any) -> None:
    """What Python does not import, the analysis does not run: no circle arises that Python would not see."""
    made = project(
        {
            **settings("people", "shop"),
            "people/base.py": """
                from typing import TYPE_CHECKING
                from django.db import models

                if TYPE_CHECKING:
                    from shop.models import Order

                class Noted(models.Model):
                    note = models.TextField()

                    class Meta:
                        abstract = True

                    def about(self, order: "Order") -> None:
                        order.save()
                """,
            "people/models.py": """
                from people.base import Noted

                class Person(Noted):
                    pass
                """,
            "shop/models.py": """
                from people.base import Noted

                class Order(Noted):
                    pass
                """,
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    truth = {(row["table"], row["model"]) for row in boot(made.root)["models"]}
    assert {(t.name, t.model) for t in made.system.tables} == truth
    writes = {(a.function, a.table) for a in made.system.accesses if a.operation == "write"}
    assert ("Noted.about", "shop_order") in writes


FROM_OUTSIDE = """
    import os
    from django.conf import settings
    from django.db import models

    class Named(models.base.ModelBase):
        def __new__(mcs, name, bases, attrs, **options):
            cls = super().__new__(mcs, name, bases, attrs, **options)
            if not cls._meta.abstract:
                cls._meta.db_table = f"{settings.PREFIX}{name.lower()}"
            return cls

    class Crew(models.Model, metaclass=Named):
        pass

    class Boat(models.Model):
        crew = models.ManyToManyField(Crew, db_table=f"{settings.PREFIX}boat_crew")
        class Meta:
            db_table = "%sboat" % settings.PREFIX

    class Port(models.Model):
        boats = models.ManyToManyField(Boat)
        class Meta:
            db_table = "port_of_tests" if os.environ.get("TESTING") else "port"
"""


def test_names_by_the_environment_are_those_of_the_application_without_it_and_are_said(project: Any) -> None:
    prefix = "import os\nPREFIX = os.environ.get('PREFIX', 'sea_')\n"
    made = project(
        {
            **settings("shop", extra=prefix),
            "shop/models.py": FROM_OUTSIDE,
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    truth = {(r["table"], r["model"]) for r in boot(made.root)["models"] if not r["proxy"]}
    assert {(t.name, t.model) for t in made.system.tables} == truth
    told = [d.message.partition(":")[0] for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert told == ["Crew", "Boat", "Boat.crew", "Port"]


ADDED = """
    from django.db import models

    class Boat(models.Model):
        pass

    class Crew(models.Model):
        pass

    Boat.add_to_class("crews", models.ManyToManyField(Crew))
    models.ForeignKey(Crew, null=True, on_delete=models.SET_NULL).contribute_to_class(Boat, "captain")

    def made(name):
        return type(name, (models.Model,), {"__module__": __name__})

    Sail = made("Sail")
"""


def test_fields_and_classes_that_code_adds_are_those_of_the_application(project: Any) -> None:
    made = project({**settings("shop"), "shop/models.py": ADDED, "site_urls.py": "urlpatterns = []\n"})
    rows = boot(made.root)["models"]
    assert {(t.name, t.model) for t in made.system.tables} == {
        (r["table"], r["model"]) for r in rows if not r["proxy"]
    }
    keys = {t.name: sorted(key.column for key in t.foreign_keys) for t in made.system.tables}
    assert keys["shop_boat_crews"] == ["boat_id", "crew_id"]
    assert keys["shop_boat"] == ["captain_id"]
    assert not [d for d in made.system.diagnostics if d.code == "unlisted-model"]


def test_models_below_another_distribution_of_a_namespace_that_the_tree_has_a_part_of(project: Any) -> None:
    models = """
    from django.db import models
    from harbour.common.models import Stamped

    class Boat(Stamped):
        name = models.CharField(max_length=10)
    """
    made = project(
        {
            **settings("shop"),
            "shop/models.py": models,
            "site_urls.py": "urlpatterns = []\n",
            "tools/harbour/docs/plugin.py": "NAME = 1\n",
        }
    )
    assert [t.name for t in made.system.tables] == ["shop_boat"]
    told = {(d.code, d.file, d.line) for d in made.system.diagnostics}
    assert ("inherited-columns", "shop/models.py", 5) in told


def test_a_model_below_a_class_of_a_file_that_is_not_there_is_listed_and_told(project: Any) -> None:
    models = """
    from django.db import models
    from shop.generated.base import Stamped

    class Boat(Stamped):
        name = models.CharField(max_length=10)
    """
    files = {
        **settings("shop"),
        "shop/__init__.py": "",
        "shop/models.py": models,
        "site_urls.py": "urlpatterns = []\n",
    }
    made = project(files)
    assert [t.name for t in made.system.tables] == ["shop_boat"]
    told = [(d.file, d.line, d.message) for d in made.system.diagnostics if d.code == "inherited-columns"]
    missing = "Boat: a base is not among the files read; what it inherits from it is not known"
    assert told == [("shop/models.py", 5, missing)]


def test_a_table_is_that_of_the_class_that_makes_it_not_of_an_unmanaged_view_of_it(project: Any) -> None:
    shop = project(
        {
            **settings("store"),
            "store/__init__.py": "",
            "store/models.py": """
                from django.db import models

                class OldText(models.Model):
                    text = models.TextField()
                    class Meta:
                        managed = False
                        db_table = "store_order"

                class Order(models.Model):
                    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
                """,
        }
    )
    (table,) = shop.system.tables
    assert (table.model, [key.column for key in table.foreign_keys]) == (
        "store.models.Order",
        ["parent_id"],
    )


OF_A_METACLASS = """
    from django.db import models
    from django.db.models.base import ModelBase

    class Tag(models.Model):
        name = models.CharField(max_length=10)

    class Shortcuts(ModelBase):
        def __new__(cls, name, bases, attrs):
            for field in [field for field in list(attrs) if field.startswith("db_")]:
                short = field.replace("db_", "", 1)
                if short not in attrs:
                    attrs[short] = property(lambda self, field=field: getattr(self, field))
            return super().__new__(cls, name, bases, attrs)

    class Kept(models.Model, metaclass=Shortcuts):
        class Meta:
            abstract = True

    class Typed(Kept):
        db_key = models.CharField(max_length=10)
        db_tags = models.ManyToManyField(Tag)

        class Meta:
            abstract = True
            ordering = ["db_key"]

    class Account(Typed):
        class Meta:
            db_table = "accounts"

    class Behaviour(Shortcuts):
        def __new__(cls, name, bases, attrs):
            if "Meta" not in attrs:
                class Meta:
                    proxy = True
                    app_label = "shop"
                attrs["Meta"] = Meta
            attrs["Meta"].proxy = True
            return ModelBase.__new__(cls, name, bases, attrs)

    class Guest(Account, metaclass=Behaviour):
        pass

    class Robot(Guest):
        class Meta:
            verbose_name = "machine"

    class Quiet:
        proxy = True

    class Silent(Account):
        class Meta(Quiet):
            verbose_name = "silent"

    class Sold(models.Model):
        account = models.ForeignKey(Guest, on_delete=models.CASCADE)
"""


def test_what_a_metaclass_makes_abstract_or_a_proxy_has_no_table(project: Any) -> None:
    made = project(
        {**settings("shop"), "shop/models.py": OF_A_METACLASS, "site_urls.py": "urlpatterns = []\n"}
    )
    truth = [row for row in boot(made.root)["models"] if not row["proxy"]]
    assert {(t.name, t.model) for t in made.system.tables} == {(r["table"], r["model"]) for r in truth}
    keys = {(r["table"], *key) for r in truth for key in r["keys"]}
    assert {(t.name, f.column, f.table) for t in made.system.tables for f in t.foreign_keys} == keys


OF_AN_UNREAD_METACLASS = """
    import json
    from django.db import models
    from django.db.models.base import ModelBase

    class Configured(ModelBase):
        def __new__(cls, name, bases, attrs):
            attrs["Meta"] = type("Meta", (), json.loads('{"proxy": true}'))
            return super().__new__(cls, name, bases, attrs)

    class Account(models.Model):
        pass

    class Guest(Account, metaclass=Configured):
        pass

    class Visitor(Guest):
        pass

    class Robot(Guest):
        pass
"""

CREATES = """
    from django.db import migrations, models

    class Migration(migrations.Migration):
        operations = [
            migrations.CreateModel(name="Account", fields=[("id", models.AutoField(primary_key=True))]),
            migrations.CreateModel("Guest", [], {"proxy": True}, bases=("shop.account",)),
            migrations.CreateModel(
                name="Caller", fields=[], options={"proxy": True}, bases=("shop.guest",)
            ),
            migrations.CreateModel(
                name="Robot", fields=[], options={"proxy": True}, bases=("shop.guest",)
            ),
        ]
"""

RENAMES = """
    from django.db import migrations

    class Migration(migrations.Migration):
        dependencies = [("shop", "0001_initial")]
        operations = [
            migrations.RenameModel("Caller", "Visitor"),
            migrations.DeleteModel(name="Robot"),
        ]
"""


def test_where_a_metaclass_is_not_followed_the_migrations_tell_what_is_a_proxy(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": OF_AN_UNREAD_METACLASS,
            "shop/migrations/__init__.py": "",
            "shop/migrations/0001_initial.py": CREATES,
            "shop/migrations/0002_renames.py": RENAMES,
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    certain = {row["model"] for row in boot(made.root)["models"] if not row["proxy"]}
    told = [d for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert [d.message.partition(":")[0] for d in told] == ["Robot"]
    assert (told[0].file, told[0].line) == ("shop/models.py", 20)
    assert {t.model for t in made.system.tables} - {"shop.models.Robot"} == certain
