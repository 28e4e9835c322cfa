"""Models, fields and class hierarchies of Django and of widely used packages around it."""

from __future__ import annotations

from typing import NamedTuple

from strangler.analyzers.plugin import Knowledge


class LibraryField(NamedTuple):
    """A field that a library's model brings along; ``target`` is set for foreign keys."""

    name: str
    target: str | None = None
    kind: str = "fk"  # fk, one, m2m
    through: str | None = None
    related_name: str | None = None


class LibraryModel(NamedTuple):
    """A model of a library: its table (None: abstract) and the relations that subclasses inherit."""

    table: str | None
    fields: tuple[LibraryField, ...] = ()
    managers: tuple[str, ...] = ("objects",)


_F = LibraryField
MODEL = "django.db.models.Model"
VIEW = "django.views.generic.base.View"
FORM_VIEW = "django.views.generic.edit.FormMixin"
MODEL_ADMIN = "django.contrib.admin.ModelAdmin"

_PERMISSIONS = (
    _F("groups", "auth.Group", "m2m", related_name="user_set"),
    _F("user_permissions", "auth.Permission", "m2m", related_name="user_set"),
)
_REVISION = (_F("latest_revision", "wagtailcore.Revision", related_name="+"),)

MODELS: dict[str, LibraryModel] = {
    MODEL: LibraryModel(None),
    "django.contrib.auth.models.AbstractBaseUser": LibraryModel(None),
    "django.contrib.auth.models.PermissionsMixin": LibraryModel(None, _PERMISSIONS),
    "django.contrib.auth.models.AbstractUser": LibraryModel(None, _PERMISSIONS),
    "django.contrib.auth.models.User": LibraryModel("auth_user", _PERMISSIONS),
    "django.contrib.auth.models.Group": LibraryModel(
        "auth_group", (_F("permissions", "auth.Permission", "m2m", "auth_group_permissions"),)
    ),
    "django.contrib.auth.models.Permission": LibraryModel(
        "auth_permission", (_F("content_type", "contenttypes.ContentType"),)
    ),
    "django.contrib.contenttypes.models.ContentType": LibraryModel("django_content_type"),
    "django.contrib.sites.models.Site": LibraryModel("django_site"),
    "django.contrib.sessions.models.Session": LibraryModel("django_session"),
    "django.contrib.sessions.base_session.AbstractBaseSession": LibraryModel(None),
    "django.contrib.flatpages.models.FlatPage": LibraryModel(
        "django_flatpage", (_F("sites", "sites.Site", "m2m", "django_flatpage_sites"),)
    ),
    "django.contrib.redirects.models.Redirect": LibraryModel("django_redirect", (_F("site", "sites.Site"),)),
    "django.contrib.admin.models.LogEntry": LibraryModel(
        "django_admin_log", (_F("user", "auth.User"), _F("content_type", "contenttypes.ContentType"))
    ),
    "rest_framework.authtoken.models.Token": LibraryModel(
        "authtoken_token", (_F("user", "auth.User", "one"),)
    ),
    "taggit.models.Tag": LibraryModel("taggit_tag"),
    "taggit.models.TagBase": LibraryModel(None),
    "taggit.models.ItemBase": LibraryModel(None),
    "taggit.models.TaggedItemBase": LibraryModel(
        None, (_F("tag", "taggit.Tag", related_name="%(app_label)s_%(class)s_items"),)
    ),
    "taggit.models.TaggedItem": LibraryModel("taggit_taggeditem"),
    "taggit.models.GenericTaggedItemBase": LibraryModel(
        None, (_F("content_type", "contenttypes.ContentType"),)
    ),
    "taggit.models.CommonGenericTaggedItemBase": LibraryModel(
        None, (_F("content_type", "contenttypes.ContentType"),)
    ),
    "taggit.models.GenericUUIDTaggedItemBase": LibraryModel(
        None, (_F("content_type", "contenttypes.ContentType"),)
    ),
    "mptt.models.MPTTModel": LibraryModel(None),
    "tree_queries.models.TreeNode": LibraryModel(None, (_F("parent", "self", related_name="children"),)),
    "pghistory.models.Context": LibraryModel("pghistory_context"),
    "treebeard.mp_tree.MP_Node": LibraryModel(None),
    "treebeard.ns_tree.NS_Node": LibraryModel(None),
    "treebeard.al_tree.AL_Node": LibraryModel(None),
    "django_extensions.db.models.TimeStampedModel": LibraryModel(None),
    "django_extensions.db.models.TitleDescriptionModel": LibraryModel(None),
    "django_extensions.db.models.TitleSlugDescriptionModel": LibraryModel(None),
    "django_extensions.db.models.ActivatorModel": LibraryModel(None),
    "model_utils.models.TimeStampedModel": LibraryModel(None),
    "model_utils.models.StatusModel": LibraryModel(None),
    "model_utils.models.UUIDModel": LibraryModel(None),
    "model_utils.models.SoftDeletableModel": LibraryModel(None),
    "model_utils.models.TimeFramedModel": LibraryModel(None),
    "polymorphic.models.PolymorphicModel": LibraryModel(
        None,
        (
            _F(
                "polymorphic_ctype",
                "contenttypes.ContentType",
                related_name="polymorphic_%(app_label)s.%(class)s_set+",
            ),
        ),
    ),
    "treenode.models.TreeNodeModel": LibraryModel(
        None, (_F("tn_parent", "self", related_name="tn_children"),)
    ),
    "solo.models.SingletonModel": LibraryModel(None),
    "parler.models.TranslatableModel": LibraryModel(None),
    "parler.models.TranslatedFieldsModel": LibraryModel(None),
    "safedelete.models.SafeDeleteModel": LibraryModel(None),
    "ordered_model.models.OrderedModel": LibraryModel(None),
    "simple_history.models.HistoricalChanges": LibraryModel(None),
    "guardian.mixins.GuardianUserMixin": LibraryModel(None),
    "guardian.models.UserObjectPermissionBase": LibraryModel(
        None, (_F("user", "auth.User"), _F("permission", "auth.Permission"))
    ),
    "guardian.models.GroupObjectPermissionBase": LibraryModel(
        None, (_F("group", "auth.Group"), _F("permission", "auth.Permission"))
    ),
    "oauth2_provider.models.AbstractApplication": LibraryModel(None, (_F("user", "auth.User"),)),
    "oauth2_provider.models.AbstractGrant": LibraryModel(
        None, (_F("user", "auth.User"), _F("application", "oauth2_provider.Application"))
    ),
    "oauth2_provider.models.AbstractAccessToken": LibraryModel(
        None,
        (
            _F("user", "auth.User"),
            _F("source_refresh_token", "oauth2_provider.RefreshToken", "one"),
            _F("id_token", "oauth2_provider.IDToken", "one"),
            _F("application", "oauth2_provider.Application"),
        ),
    ),
    "oauth2_provider.models.AbstractRefreshToken": LibraryModel(
        None,
        (
            _F("user", "auth.User"),
            _F("application", "oauth2_provider.Application"),
            _F("access_token", "oauth2_provider.AccessToken", "one"),
        ),
    ),
    "oauth2_provider.models.AbstractIDToken": LibraryModel(
        None, (_F("user", "auth.User"), _F("application", "oauth2_provider.Application"))
    ),
    "django_otp.models.Device": LibraryModel(None, (_F("user", "auth.User"),)),
    "django_otp.models.SideChannelDevice": LibraryModel(None, (_F("user", "auth.User"),)),
    "django_otp.models.ThrottlingMixin": LibraryModel(None),
    "django_otp.models.CooldownMixin": LibraryModel(None),
    "django_otp.models.TimestampMixin": LibraryModel(None),
    "rest_framework_api_key.models.AbstractAPIKey": LibraryModel(None),
    "config_models.models.ConfigurationModel": LibraryModel(None, (_F("changed_by", "auth.User"),)),
    "django_comments.abstracts.CommentAbstractModel": LibraryModel(
        None,
        (
            _F("content_type", "contenttypes.ContentType", related_name="content_type_set_for_%(class)s"),
            _F("site", "sites.Site"),
            _F("user", "auth.User", related_name="%(class)s_comments"),
        ),
    ),
    "notifications.base.models.AbstractNotification": LibraryModel(
        None,
        (
            _F("recipient", "auth.User", related_name="notifications"),
            _F("actor_content_type", "contenttypes.ContentType", related_name="notify_actor"),
            _F("target_content_type", "contenttypes.ContentType", related_name="notify_target"),
            _F("action_object_content_type", "contenttypes.ContentType", related_name="notify_action_object"),
        ),
    ),
    "modelcluster.models.ClusterableModel": LibraryModel(None),
    "wagtail.models.Page": LibraryModel(
        "wagtailcore_page",
        (
            _F("content_type", "contenttypes.ContentType"),
            _F("owner", "auth.User"),
            _F("locked_by", "auth.User"),
            _F("locale", "wagtailcore.Locale"),
            _F("latest_revision", "wagtailcore.Revision"),
            _F("live_revision", "wagtailcore.Revision"),
            _F("alias_of", "wagtailcore.Page"),
        ),
    ),
    "wagtail.models.Orderable": LibraryModel(None),
    "wagtail.models.RevisionMixin": LibraryModel(None, _REVISION),
    "wagtail.models.DraftStateMixin": LibraryModel(
        None, (_F("live_revision", "wagtailcore.Revision", related_name="+"),)
    ),
    "wagtail.models.LockableMixin": LibraryModel(
        None, (_F("locked_by", "auth.User", related_name="locked_%(class)ss"),)
    ),
    "wagtail.models.WorkflowMixin": LibraryModel(None),
    "wagtail.models.PreviewableMixin": LibraryModel(None),
    "wagtail.models.TranslatableMixin": LibraryModel(
        None, (_F("locale", "wagtailcore.Locale", related_name="+"),)
    ),
    "wagtail.models.BootstrapTranslatableMixin": LibraryModel(None, (_F("locale", "wagtailcore.Locale"),)),
    "wagtail.models.CollectionMember": LibraryModel(None, (_F("collection", "wagtailcore.Collection"),)),
    "wagtail.models.Collection": LibraryModel("wagtailcore_collection"),
    "wagtail.models.Locale": LibraryModel("wagtailcore_locale"),
    "wagtail.models.Revision": LibraryModel("wagtailcore_revision"),
    "wagtail.models.Site": LibraryModel("wagtailcore_site"),
    "wagtail.models.Task": LibraryModel(
        "wagtailcore_task", (_F("content_type", "contenttypes.ContentType"),)
    ),
    "wagtail.models.GroupApprovalTask": LibraryModel("wagtailcore_groupapprovaltask"),
    "wagtail.models.TaskState": LibraryModel(
        "wagtailcore_taskstate", (_F("task", "wagtailcore.Task"), _F("revision", "wagtailcore.Revision"))
    ),
    "wagtail.models.Workflow": LibraryModel("wagtailcore_workflow"),
    "wagtail.models.AbstractPage": LibraryModel(None),
    "wagtail.images.models.AbstractImage": LibraryModel(
        None, (_F("collection", "wagtailcore.Collection"), _F("uploaded_by_user", "auth.User"))
    ),
    "wagtail.images.models.Image": LibraryModel("wagtailimages_image"),
    "wagtail.images.models.AbstractRendition": LibraryModel(None),
    "wagtail.documents.models.AbstractDocument": LibraryModel(
        None, (_F("collection", "wagtailcore.Collection"), _F("uploaded_by_user", "auth.User"))
    ),
    "wagtail.documents.models.Document": LibraryModel("wagtaildocs_document"),
    "wagtail.contrib.settings.models.BaseGenericSetting": LibraryModel(None),
    "wagtail.contrib.settings.models.BaseSiteSetting": LibraryModel(
        None, (_F("site", "wagtailcore.Site", "one", related_name="+"),)
    ),
    "wagtail.contrib.forms.models.AbstractForm": LibraryModel("wagtailcore_page"),
    "wagtail.contrib.forms.models.AbstractEmailForm": LibraryModel("wagtailcore_page"),
    "wagtail.contrib.forms.models.FormMixin": LibraryModel(None),
    "wagtail.contrib.forms.models.AbstractFormField": LibraryModel(None),
    "wagtail.contrib.forms.models.AbstractFormSubmission": LibraryModel(
        None, (_F("page", "wagtailcore.Page"),)
    ),
    "wagtail.search.models.AbstractQuery": LibraryModel(None),
}
"""By dotted name. Models of unknown libraries are recognised by the fields that subclasses declare."""

TABLES: dict[str, str] = {
    "auth.User": "auth_user",
    "auth.Group": "auth_group",
    "auth.Permission": "auth_permission",
    "contenttypes.ContentType": "django_content_type",
    "sites.Site": "django_site",
    "sessions.Session": "django_session",
    "admin.LogEntry": "django_admin_log",
    "flatpages.FlatPage": "django_flatpage",
    "redirects.Redirect": "django_redirect",
    "django_nyt.Subscription": "nyt_subscription",
    "django_nyt.Settings": "nyt_settings",
    "django_nyt.Notification": "nyt_notification",
    "django_nyt.NotificationType": "nyt_notificationtype",
}
"""``app_label.Model`` of libraries whose table is not ``app_label_model``."""

FOREIGN_KEYS = {
    "django.db.models.ForeignKey": "fk",
    "django.db.models.OneToOneField": "one",
    "django.db.models.ManyToManyField": "m2m",
    "modelcluster.fields.ParentalKey": "fk",
    "modelcluster.fields.ParentalManyToManyField": "m2m",
    "mptt.fields.TreeForeignKey": "fk",
    "mptt.fields.TreeOneToOneField": "one",
    "mptt.fields.TreeManyToManyField": "m2m",
    "sortedm2m.fields.SortedManyToManyField": "m2m",
    "django_scopes.ScopedForeignKey": "fk",
    "smart_selects.db_fields.ChainedForeignKey": "fk",
    "smart_selects.db_fields.ChainedManyToManyField": "m2m",
    "oauth2_provider.models.ForeignKey": "fk",
    "annoying.fields.AutoOneToOneField": "one",
    "auto_one_to_one.AutoOneToOneField": "one",
    "django.contrib.contenttypes.fields.GenericRelation": "generic",
    "django.contrib.contenttypes.fields.GenericForeignKey": "generic_fk",
    "taggit.managers.TaggableManager": "tags",
    "tagulous.models.TagField": "own tags",
    "tagulous.models.SingleTagField": "own tag",
    "tagulous.models.fields.TagField": "own tags",
    "tagulous.models.fields.SingleTagField": "own tag",
    "modelcluster.contrib.taggit.ClusterTaggableManager": "tags",
}
"""Relation fields -> kind."""

ALIASES = {
    "django.db.models.base.Model": MODEL,
    "django.contrib.gis.db.models": "django.db.models",
    "django.db.models.fields.related": "django.db.models",
    "django.db.models.fields": "django.db.models",
    "django.db.models.query": "django.db.models",
    "django.db.models.query_utils": "django.db.models",
    "django.db.models.manager": "django.db.models",
    "django.db.models.expressions": "django.db.models",
    "django.db.models.aggregates": "django.db.models",
    "django.apps.config.AppConfig": "django.apps.AppConfig",
    "django.apps.registry.apps": "django.apps.apps",
    "django.contrib.auth.base_user.AbstractBaseUser": "django.contrib.auth.models.AbstractBaseUser",
    "django.contrib.contenttypes.generic": "django.contrib.contenttypes.fields",
    "wagtail.core.models": "wagtail.models",
    "wagtail.wagtailcore.models": "wagtail.models",
    "wagtail.wagtailimages.models": "wagtail.images.models",
    "wagtail.core.fields": "wagtail.fields",
    "django.contrib.sitemaps": "django.contrib.sitemaps",
    "mptt.models.TreeForeignKey": "mptt.fields.TreeForeignKey",
    "mptt.models.TreeManyToManyField": "mptt.fields.TreeManyToManyField",
    "polymorphic.PolymorphicModel": "polymorphic.models.PolymorphicModel",
    "django.conf.LazySettings": "django.conf.LazySettings",
}

_PARENTS = {
    "django.contrib.auth.models.AbstractUser": (
        "django.contrib.auth.models.AbstractBaseUser",
        "django.contrib.auth.models.PermissionsMixin",
    ),
    "django.contrib.auth.models.User": ("django.contrib.auth.models.AbstractUser",),
    "wagtail.models.DraftStateMixin": ("wagtail.models.RevisionMixin",),
    "wagtail.models.WorkflowMixin": (MODEL,),
    "taggit.models.TaggedItemBase": ("taggit.models.ItemBase",),
    "wagtail.contrib.forms.models.AbstractForm": ("wagtail.models.Page",),
    "wagtail.contrib.forms.models.AbstractEmailForm": ("wagtail.contrib.forms.models.AbstractForm",),
    "wagtail.models.Page": ("modelcluster.models.ClusterableModel",),
    "wagtail.models.GroupApprovalTask": ("wagtail.models.Task",),
}


def teach(knowledge: Knowledge) -> None:
    """Add names and hierarchies."""
    knowledge.aliases.update(ALIASES)
    for name in MODELS:
        if name != MODEL:
            knowledge.hierarchy[name] = (*_PARENTS.get(name, ()), MODEL)
    choices = "django.db.models.Choices"
    knowledge.hierarchy[choices] = ("enum.labelled",)
    knowledge.hierarchy["django.db.models.TextChoices"] = (choices, "builtins.str")
    knowledge.hierarchy["django.db.models.IntegerChoices"] = (choices, "builtins.int")
    for name, kind in FOREIGN_KEYS.items():
        parent = {
            "fk": "django.db.models.ForeignKey",
            "one": "django.db.models.OneToOneField",
            "m2m": "django.db.models.ManyToManyField",
        }.get(kind)
        if parent is not None and parent != name:
            knowledge.hierarchy[name] = (parent,)


def library_table(reference: str) -> str:
    """The table of ``app_label.Model`` where that app is not part of the monolith."""
    label, _, name = reference.partition(".")
    return TABLES.get(reference, f"{label}_{name}".lower())


def reference_of(dotted: str) -> str | None:
    """``django.contrib.auth.models.User`` -> ``auth.User``, by Django's own rule for labels."""
    known = MODELS.get(dotted)
    if known is not None and known.table is not None:
        for reference, table in TABLES.items():
            if table == known.table:
                return reference
        label, _, _ = known.table.partition("_")
        return f"{label}.{dotted.rpartition('.')[2]}"
    parts = dotted.split(".")
    if "models" in parts[1:]:
        return f"{parts[parts.index('models', 1) - 1]}.{parts[-1]}"
    return None
