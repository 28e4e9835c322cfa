"""Mixins of libraries that name the table of the class that inherits from them, and give it columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from strangler.analyzers.frameworks.sqlalchemy.definitions import ColumnDefinition, ForeignKeyDefinition
from strangler.analyzers.plugin import TRUE, Args, Class, Const, Interpreter, Value, words


class Mixin(NamedTuple):
    """What a class of a library declares."""

    table: str
    columns: list[str]
    keys: dict[str, str] = {}
    """Column -> ``table.column``; what is referred to takes its rows along when it goes."""
    primary: str | None = None


_USER = words("email hashed_password is_active is_superuser is_verified")
_ACCOUNT = words("oauth_name access_token expires_at refresh_token account_id account_email")
_OWNER = {"user_id": "user.id"}
_MIXINS = {
    "SQLAlchemyBaseUserTable": Mixin("user", _USER),
    "SQLAlchemyBaseUserTableUUID": Mixin("user", ["id", *_USER], primary="id"),
    "SQLAlchemyBaseOAuthAccountTable": Mixin("oauth_account", _ACCOUNT),
    "SQLAlchemyBaseOAuthAccountTableUUID": Mixin(
        "oauth_account", ["id", "user_id", *_ACCOUNT], _OWNER, primary="id"
    ),
    "SQLAlchemyBaseAccessTokenTable": Mixin("accesstoken", ["token", "created_at"], primary="token"),
    "SQLAlchemyBaseAccessTokenTableUUID": Mixin(
        "accesstoken", ["token", "created_at", "user_id"], _OWNER, primary="token"
    ),
}
"""FastAPI Users, by the last part of the name."""
_LIBRARIES = ("fastapi_users", "fastapi_users_db_sqlalchemy")


def mixin_of(interp: Interpreter, cls: Class) -> Mixin | None:
    """The mixin of a library among the ancestors of a class, the one that declares most."""
    found = [
        _MIXINS[name.rpartition(".")[2]]
        for name in cls.ancestors(interp)
        if name.partition(".")[0] in _LIBRARIES and name.rpartition(".")[2] in _MIXINS
    ]
    return max(found, key=lambda mixin: len(mixin.columns), default=None)


def mixin_columns(interp: Interpreter, cls: Class) -> Iterator[tuple[str, ColumnDefinition]]:
    """The columns that a class has from the mixin of a library."""
    mixin = mixin_of(interp, cls)
    for name in mixin.columns if mixin is not None else ():
        keys: list[Value] = []
        if mixin is not None and name in mixin.keys:
            given = Args([Const(mixin.keys[name])], {"ondelete": Const("cascade")})
            keys.append(ForeignKeyDefinition(given))
        primary = {"primary_key": TRUE} if mixin is not None and name == mixin.primary else {}
        yield name, ColumnDefinition(Args(keys, dict(primary)))
