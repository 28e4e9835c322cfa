"""Models whose libraries decide: abstract bases of libraries, copies of a model, tags, proxies by name."""

from __future__ import annotations

from typing import Any

from django_boot import settings


def schema(project: Any, models: str, *apps: str) -> dict[str, dict[str, str]]:
    """Table -> column -> table that the column points at."""
    installed = settings("fleet", extra=f"INSTALLED_APPS += {list(apps)}\n")
    made = project({**installed, "fleet/models.py": models, "site_urls.py": "urlpatterns = []\n"})
    return {t.name: {f.column: f.table for f in t.foreign_keys} for t in made.system.tables}


def test_an_empty_subclass_of_a_librarys_abstract_model_is_a_table(project: Any) -> None:
    found = schema(
        project,
        """
        from django_otp.models import Device
        from rest_framework_api_key.models import AbstractAPIKey
        from strange_library.models import Recorded, RecordedManager

        class Card(Device):
            pass

        class Key(AbstractAPIKey):
            pass

        class Trip(Recorded):
            pass

        class Trips(RecordedManager):
            pass

        class Leg(Recorded):
            class Meta(Recorded.Meta):
                pass
        """,
        "django_otp",
        "rest_framework_api_key",
        "strange_library",
    )
    known = {"fleet_card": {"user_id": "auth_user"}, "fleet_key": {}, "fleet_trip": {}}
    assert found == known | {"fleet_leg": {}}


def test_a_relation_to_a_proxy_leads_to_the_table_behind_it_however_it_is_named(project: Any) -> None:
    found = schema(
        project,
        """
        from django.contrib.auth.models import User
        from django.db import models

        class Person(User):
            class Meta:
                proxy = True

        class Ship(models.Model):
            owner = models.ForeignKey("fleet.Person", on_delete=models.CASCADE, related_name="a")
            captain = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="b")
            crew = models.ManyToManyField("Person", related_name="c")
        """,
    )
    assert found == {
        "fleet_ship": {"owner_id": "auth_user", "captain_id": "auth_user"},
        "fleet_ship_crew": {"ship_id": "fleet_ship", "person_id": "auth_user"},
    }


def test_what_a_librarys_base_brings_is_the_parents_alone(project: Any) -> None:
    found = schema(
        project,
        """
        from django.db import models
        from polymorphic.models import PolymorphicModel

        class Answer(PolymorphicModel):
            pass

        class Text(Answer):
            text = models.TextField()
        """,
    )
    assert found == {
        "fleet_answer": {"polymorphic_ctype_id": "django_content_type"},
        "fleet_text": {"answer_ptr_id": "fleet_answer"},
    }


def test_rows_of_settings_in_the_database_say_who_changed_them(project: Any) -> None:
    found = schema(
        project,
        """
        from config_models.models import ConfigurationModel

        class Reminders(ConfigurationModel):
            pass
        """,
    )
    assert found == {"fleet_reminders": {"changed_by_id": "auth_user"}}


HISTORY = """
from django.db import models
from simple_history import register
from simple_history.models import HistoricalRecords

class Own(HistoricalRecords):
    pass

class Boat(models.Model):
    size = models.IntegerField()
    secret = models.IntegerField()
    history = HistoricalRecords(excluded_fields=["secret"])

class Logged(models.Model):
    history = Own(inherit=True)

    class Meta:
        abstract = True

class Crew(Logged):
    boat = models.ForeignKey(Boat, on_delete=models.CASCADE)

class Berth(models.Model):
    boat = models.OneToOneField(Boat, on_delete=models.CASCADE)

register(Berth, table_name="berth_log")
"""


def test_a_model_with_history_has_a_second_table(project: Any) -> None:
    found = schema(project, HISTORY)
    assert found["fleet_historicalboat"] == {"history_user_id": "auth_user"}
    assert found["fleet_historicalcrew"] == {"boat_id": "fleet_boat", "history_user_id": "auth_user"}
    assert found["berth_log"] == {"boat_id": "fleet_boat", "history_user_id": "auth_user"}


def test_a_history_has_the_columns_of_its_model_and_no_key_but_its_own(project: Any) -> None:
    made = project({**settings("fleet"), "fleet/models.py": HISTORY, "site_urls.py": "urlpatterns = []\n"})
    (table,) = [t for t in made.system.tables if t.name == "fleet_historicalboat"]
    assert table.model == "fleet.models.HistoricalBoat"
    assert {c.name for c in table.columns} == {
        "id", "size", "history_id", "history_date", "history_change_reason", "history_type",
        "history_user_id",
    }  # fmt: skip
    assert [c.name for c in table.columns if c.primary_key] == ["history_id"]


def test_events_and_tags_have_tables_of_their_own(project: Any) -> None:
    found = schema(
        project,
        """
        import pghistory
        from django.db import models
        from tagulous.models import SingleTagField, TagField

        @pghistory.track(pghistory.InsertEvent(), exclude=["note"])
        class Boat(models.Model):
            note = models.ForeignKey("Note", on_delete=models.CASCADE)
            home = models.ForeignKey("Note", on_delete=models.CASCADE, related_name="+")
            tags = TagField()

        class Note(models.Model):
            kind = SingleTagField()

        pghistory.track(model_name="Log", obj_field=None, fields=["id"])(Note)
        """,
    )
    assert found == {
        "fleet_boat": {"note_id": "fleet_note", "home_id": "fleet_note"},
        "fleet_boatevent": {
            "home_id": "fleet_note", "pgh_obj_id": "fleet_boat", "pgh_context_id": "pghistory_context"},
        "fleet_boat_tags": {"boat_id": "fleet_boat", "tagulous_boat_tags_id": "fleet_tagulous_boat_tags"},
        "fleet_tagulous_boat_tags": {},
        "fleet_note": {"kind_id": "fleet_tagulous_note_kind"},
        "fleet_tagulous_note_kind": {},
        "fleet_log": {"pgh_context_id": "pghistory_context"},
    }  # fmt: skip


def test_a_model_that_is_copied_and_cannot_be_told_is_said(project: Any) -> None:
    made = project(
        {
            **settings("fleet"),
            "fleet/models.py": "import pghistory, secret\npghistory.track()(secret.model())\n",
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    assert [(d.file, d.line) for d in made.system.diagnostics if d.code == "unresolved-model"] == [
        ("fleet/models.py", 2)
    ]


def test_a_setting_puts_a_model_in_the_place_of_a_librarys(project: Any) -> None:
    extra = (
        'INSTALLED_APPS += ["oauth2_provider"]\n'
        'OAUTH2_PROVIDER_APPLICATION_MODEL = "fleet.Client"\n'
        'OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "fleet.Pass"\n'
    )
    models = """
        from django.db import models
        from oauth2_provider.models import AbstractAccessToken, AbstractApplication

        class Client(AbstractApplication): ...

        class Pass(AbstractAccessToken): ...

        class Visit(models.Model):
            grant = models.ForeignKey("oauth2_provider.AccessToken", models.CASCADE)
        """
    files = settings("fleet", extra=extra)
    made = project({**files, "fleet/models.py": models, "site_urls.py": "urlpatterns = []\n"})
    keys = {t.name: {f.column: f.table for f in t.foreign_keys} for t in made.system.tables}
    assert keys["fleet_visit"] == {"grant_id": "fleet_pass"}
    assert keys["fleet_pass"]["application_id"] == "fleet_client"


def test_a_class_named_abstract_is_a_model_wherever_its_library_keeps_it(project: Any) -> None:
    models = """
        from contextlib import AbstractContextManager
        from django.db import models
        from guild.abstract import AbstractMembership

        class Member(AbstractMembership): ...

        class Lock(AbstractContextManager): ...
        """
    made = project({**settings("fleet"), "fleet/models.py": models, "site_urls.py": "urlpatterns = []\n"})
    assert [t.name for t in made.system.tables if t.name.startswith("fleet")] == ["fleet_member"]
    said = [d.message for d in made.system.diagnostics if d.code == "inherited-columns"]
    assert said == [
        "Member: the columns and keys that it inherits from guild.abstract.AbstractMembership are not known"
    ]


def test_a_subclass_of_what_a_library_calls_a_model_is_a_table_whatever_its_fields_are(project: Any) -> None:
    found = schema(
        project,
        """
        from django.db import models
        from editor.fields import EditorField
        from harbour.models.base import OwnedModel, OwnedModelMixin

        class Remark(OwnedModel):
            text = EditorField()

            class Meta(OwnedModel.Meta):
                pass

        class Helper(OwnedModelMixin):
            text = EditorField()
        """,
        "harbour",
    )
    assert set(found) == {"fleet_remark"}


def test_translated_fields_have_a_table_with_a_row_a_language(project: Any) -> None:
    models = """
        from django.db import models
        from parler.models import TranslatableModel, TranslatedFields

        class Named(TranslatableModel):
            translations = TranslatedFields(name=models.CharField(max_length=9))

            class Meta:
                abstract = True

        class Boat(Named):
            pass

        class Crew(TranslatableModel):
            translations = TranslatedFields(
                title=models.CharField(max_length=9), meta={"db_table": "crew_texts"}
            )
        """
    installed = settings("fleet")
    made = project({**installed, "fleet/models.py": models, "site_urls.py": "urlpatterns = []\n"})
    found = {t.name: t for t in made.system.tables}
    assert set(found) == {"fleet_boat", "fleet_boat_translation", "fleet_crew", "crew_texts"}
    assert {c.name for c in found["crew_texts"].columns} == {"id", "language_code", "master_id", "title"}
    assert [(k.column, k.table) for k in found["fleet_boat_translation"].foreign_keys] == [
        ("master_id", "fleet_boat")
    ]


def test_a_metaclass_on_top_of_a_librarys_keeps_the_fields_of_its_models(project: Any) -> None:
    found = schema(
        project,
        """
        from django.db import models
        from django.db.models.base import ModelBase
        from harbour import steps

        class Steps(ModelBase):
            def __new__(cls, name, bases, attrs, **kwargs):
                for step in steps():
                    attrs[step] = lambda self: None
                return super().__new__(cls, name, bases, attrs, **kwargs)

        class Names(Steps):
            def __new__(cls, name, bases, attrs, **kwargs):
                cls = super().__new__(cls, name, bases, attrs, **kwargs)
                setattr(cls, "title", property(cls.name_of))
                return cls

        class Term(models.Model):
            pass

        class Boat(models.Model, metaclass=Names):
            first = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="+")
            terms = models.ManyToManyField(Term)

            def name_of(self):
                return self.pk
        """,
    )
    assert found == {
        "fleet_boat": {"first_id": "fleet_term"},
        "fleet_boat_terms": {"boat_id": "fleet_boat", "term_id": "fleet_term"},
        "fleet_term": {},
    }


def test_the_default_admin_site_may_be_a_class_of_the_code_with_urls_of_its_own(project: Any) -> None:
    files = {
        "fleet/models.py": "",
        "fleet/apps.py": """
            from django.contrib.admin.apps import AdminConfig

            class FleetAdmin(AdminConfig):
                default_site = "fleet.site.Site"
            """,
        "fleet/site.py": """
            from django.contrib import admin
            from django.urls import path

            class Site(admin.AdminSite):
                def get_urls(self):
                    from fleet import views
                    return [
                        path("a/", views.a),
                        path("b/", self.admin_view(views.B.as_view())),
                    ] + super().get_urls()

            other = Site(name="other")
            """,
        "fleet/views.py": "from django.views import View\ndef a(request): ...\nclass B(View): ...\n",
        "site_urls.py": """
            from django.contrib import admin
            from django.urls import path
            from fleet.site import other
            urlpatterns = [path("admin/", admin.site.urls), path("other/", other.urls)]
            """,
    }
    made = project({**settings("fleet", extra='INSTALLED_APPS += ["fleet.apps.FleetAdmin"]\n'), **files})
    assert {(e.path, e.handler) for e in made.system.endpoints} == {
        (f"/{site}/{path}/", f"fleet.views.{view}")
        for site in ("admin", "other")
        for path, view in (("a", "a"), ("b", "B"))
    }


def test_events_of_what_relates_two_models_have_a_table(project: Any) -> None:
    found = schema(
        project,
        """
        import pghistory
        from django.db import models

        class Tag(models.Model):
            pass

        class Boat(models.Model):
            tags = models.ManyToManyField(Tag)
            crew = models.ManyToManyField("Tag", related_name="crews")

        def track():
            through = Boat._meta.get_field("tags").remote_field.through

            class BoatTags(through):
                class Meta:
                    proxy = True

            pghistory.track(meta={"db_table": "fleet_tagsevent"})(BoatTags)
            for model, field, name in [(Boat, "crew", "BoatCrew")]:
                between = model._meta.get_field(field).remote_field.through
                proxy = type(name, (between,), {"Meta": type("Meta", (), {"proxy": True})})
                pghistory.track(meta={"db_table": between._meta.db_table + "event"})(proxy)

        track()
        """,
        "pghistory",
    )
    keys = {"boat_id": "fleet_boat", "tag_id": "fleet_tag", "pgh_context_id": "pghistory_context"}
    assert found["fleet_tagsevent"] == keys | {"pgh_obj_id": "fleet_boat_tags"}
    assert found["fleet_boat_crewevent"] == keys | {"pgh_obj_id": "fleet_boat_crew"}
