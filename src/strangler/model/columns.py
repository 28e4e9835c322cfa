"""What a column holds, by the framework's own word for its type."""

from __future__ import annotations

from strangler.model.shapes import BOOL, FLOAT, INT, JSON, STR, Shape, make

BYTES, DECIMAL, DATETIME, DATE = make("bytes"), make("decimal"), make("datetime"), make("date")
TIME, TIMEDELTA, UUID = make("time"), make("timedelta"), make("uuid")


def _each(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


COLUMNS: dict[str, Shape] = {
    **_each(
        INT,
        "AutoField BigAutoField SmallAutoField IntegerField BigIntegerField SmallIntegerField "
        "PositiveIntegerField PositiveSmallIntegerField PositiveBigIntegerField Integer BigInteger "
        "SmallInteger int INTEGER BIGINT",
    ),
    **_each(
        STR,
        "CharField TextField SlugField EmailField URLField GenericIPAddressField FilePathField String Text "
        "Unicode UnicodeText str VARCHAR TEXT",
    ),
    **_each(BOOL, "BooleanField NullBooleanField Boolean bool BOOLEAN"),
    **_each(FLOAT, "FloatField Float float REAL"),
    **_each(DECIMAL, "DecimalField Numeric Decimal NUMERIC"),
    **_each(DATETIME, "DateTimeField DateTime datetime TIMESTAMP ArrowType"),
    **_each(DATE, "DateField Date date"),
    **_each(TIME, "TimeField Time time"),
    **_each(TIMEDELTA, "DurationField Interval"),
    **_each(UUID, "UUIDField Uuid UUID UUIDType uuid"),
    **_each(BYTES, "BinaryField LargeBinary bytes"),
    **_each(JSON, "JSONField JSON JSONB JSONType"),
}
"""The framework's word for a column type -> what an instance holds."""
LIBRARY_KEYS: dict[str, Shape] = dict.fromkeys(
    ("auth_user", "auth_group", "auth_permission", "django_content_type", "django_site"), INT
)
"""Tables of libraries that no class of the monolith maps -> what their key holds."""
LIBRARY_ROWS = {
    "django.contrib.auth.models:User": "auth_user",
    "django.contrib.auth.models:Group": "auth_group",
    "django.contrib.auth.models:Permission": "auth_permission",
    "django.contrib.contenttypes.models:ContentType": "django_content_type",
    "django.contrib.sites.models:Site": "django_site",
}
"""Their classes -> table."""
