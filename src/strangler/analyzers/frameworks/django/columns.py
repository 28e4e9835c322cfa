"""Columns that models of Django and of libraries around it bring, beside their relations."""

from __future__ import annotations

from functools import cache

from strangler.model import Column

_USER = "password CharField, last_login DateTimeField null"
_FULL_USER = (
    f"{_USER}, is_superuser BooleanField, username CharField unique, first_name CharField, "
    "last_name CharField, email EmailField, is_staff BooleanField, is_active BooleanField, "
    "date_joined DateTimeField"
)
_SESSION = "session_key CharField key, session_data TextField, expire_date DateTimeField"
_STAMPS = "created DateTimeField, modified DateTimeField"
_APPLICATION = (
    "id BigAutoField key, client_id CharField unique, redirect_uris TextField, client_type CharField, "
    "authorization_grant_type CharField, client_secret CharField, name CharField, "
    "skip_authorization BooleanField, created DateTimeField, updated DateTimeField"
)

_COLUMNS = {
    "django.contrib.auth.models.AbstractBaseUser": _USER,
    "django.contrib.auth.models.PermissionsMixin": "is_superuser BooleanField",
    "django.contrib.auth.models.AbstractUser": _FULL_USER,
    "django.contrib.auth.models.User": _FULL_USER,
    "django.contrib.auth.models.Group": "name CharField unique",
    "django.contrib.auth.models.Permission": "name CharField, codename CharField",
    "django.contrib.contenttypes.models.ContentType": "app_label CharField, model CharField",
    "django.contrib.sites.models.Site": "domain CharField unique, name CharField",
    "django.contrib.sessions.models.Session": _SESSION,
    "django.contrib.sessions.base_session.AbstractBaseSession": _SESSION,
    "django.contrib.flatpages.models.FlatPage": (
        "url CharField, title CharField, content TextField, enable_comments BooleanField, "
        "template_name CharField, registration_required BooleanField"
    ),
    "django.contrib.redirects.models.Redirect": "old_path CharField, new_path CharField",
    "django.contrib.admin.models.LogEntry": (
        "action_time DateTimeField, object_id TextField null, object_repr CharField, "
        "action_flag PositiveSmallIntegerField, change_message TextField"
    ),
    "rest_framework.authtoken.models.Token": "key CharField key, created DateTimeField",
    "taggit.models.Tag": "name CharField unique, slug SlugField unique",
    "taggit.models.TagBase": "name CharField unique, slug SlugField unique",
    "taggit.models.TaggedItem": "object_id IntegerField",
    "taggit.models.GenericTaggedItemBase": "object_id IntegerField",
    "taggit.models.GenericUUIDTaggedItemBase": "object_id UUIDField",
    "mptt.models.MPTTModel": (
        "lft PositiveIntegerField, rght PositiveIntegerField, tree_id PositiveIntegerField, "
        "level PositiveIntegerField"
    ),
    "tree_queries.models.TreeNode": "",
    "treebeard.mp_tree.MP_Node": (
        "path CharField unique, depth PositiveIntegerField, numchild PositiveIntegerField"
    ),
    "treebeard.ns_tree.NS_Node": (
        "lft PositiveIntegerField, rgt PositiveIntegerField, tree_id PositiveIntegerField, "
        "depth PositiveIntegerField"
    ),
    "django_extensions.db.models.TimeStampedModel": _STAMPS,
    "django_extensions.db.models.TitleDescriptionModel": "title CharField, description TextField null",
    "django_extensions.db.models.TitleSlugDescriptionModel": (
        "title CharField, description TextField null, slug AutoSlugField"
    ),
    "django_extensions.db.models.ActivatorModel": (
        "status IntegerField, activate_date DateTimeField null, deactivate_date DateTimeField null"
    ),
    "model_utils.models.TimeStampedModel": _STAMPS,
    "model_utils.models.StatusModel": "status CharField, status_changed DateTimeField",
    "model_utils.models.UUIDModel": "id UUIDField key",
    "model_utils.models.SoftDeletableModel": "is_removed BooleanField",
    "model_utils.models.TimeFramedModel": "start DateTimeField null, end DateTimeField null",
    "treenode.models.TreeNodeModel": "",
    "safedelete.models.SafeDeleteModel": "deleted DateTimeField null, deleted_by_cascade BooleanField",
    "ordered_model.models.OrderedModel": "order PositiveIntegerField",
    "oauth2_provider.models.AbstractApplication": _APPLICATION,
    "config_models.models.ConfigurationModel": "change_date DateTimeField, enabled BooleanField",
    "django_otp.models.Device": "name CharField, confirmed BooleanField",
    "django_otp.models.SideChannelDevice": (
        "name CharField, confirmed BooleanField, token CharField null, valid_until DateTimeField"
    ),
    "rest_framework_api_key.models.AbstractAPIKey": (
        "id CharField key, prefix CharField unique, hashed_key CharField, created DateTimeField, "
        "name CharField, revoked BooleanField, expiry_date DateTimeField null"
    ),
    "pghistory.models.Context": (
        "id UUIDField key, created_at DateTimeField, updated_at DateTimeField, metadata JSONField"
    ),
}


@cache
def library_columns(dotted: str) -> tuple[Column, ...]:
    """The columns that are known of a library's model, without its foreign keys and an automatic key."""
    found = []
    for text in _COLUMNS.get(dotted, "").split(", "):
        name, _, rest = text.partition(" ")
        kind, *flags = rest.split() or [""]
        if name:
            found.append(
                Column(
                    name=name,
                    type=kind,
                    nullable="null" in flags,
                    primary_key="key" in flags,
                    unique="unique" in flags,
                )
            )
    return tuple(found)
