"""Where SQLAlchemy's things can be imported from: all of them get the name ``sqlalchemy.<Thing>``."""

from __future__ import annotations

from strangler.analyzers.plugin import Knowledge, words

MAPPED = "sqlalchemy.mapped"
"""Stands in the lineage of every declarative class."""

_MODULES = words("""
    sqlalchemy.orm sqlalchemy.orm.session sqlalchemy.orm.query sqlalchemy.orm.decl_api
    sqlalchemy.orm.scoping sqlalchemy.orm.attributes sqlalchemy.orm.base sqlalchemy.orm.relationships
    sqlalchemy.orm.util sqlalchemy.orm.decl_base sqlalchemy.orm.dynamic sqlalchemy.orm.mapper
    sqlalchemy.orm.strategy_options sqlalchemy.orm.collections sqlalchemy.sql sqlalchemy.sql.expression
    sqlalchemy.sql.schema sqlalchemy.sql.functions sqlalchemy.sql.selectable sqlalchemy.sql.elements
    sqlalchemy.sql.dml sqlalchemy.sql.sqltypes sqlalchemy.schema sqlalchemy.types sqlalchemy.future
    sqlalchemy.future.select sqlalchemy.ext.declarative sqlalchemy.ext.declarative.api
    sqlalchemy.ext.declarative.extensions sqlalchemy.ext.hybrid sqlalchemy.ext.asyncio
    sqlalchemy.ext.asyncio.session sqlalchemy.ext.asyncio.engine sqlalchemy.ext.asyncio.scoping
    sqlalchemy.ext.associationproxy sqlalchemy.ext.automap sqlalchemy.ext.orderinglist sqlalchemy.engine
    sqlalchemy.engine.base sqlalchemy.engine.create sqlalchemy.engine.reflection sqlalchemy.inspection
    sqlalchemy.dialects.postgresql sqlalchemy.dialects.mysql sqlalchemy.dialects.sqlite
    sqlalchemy.dialects.oracle sqlalchemy.dialects.mssql sqlalchemy.dialects.postgresql.dml
    sqlalchemy.dialects.sqlite.dml sqlalchemy.dialects.mysql.dml
""")

_ANYWHERE = words("""
    Column ForeignKey ForeignKeyConstraint PrimaryKeyConstraint Table MetaData DeclarativeBase
    declarative_base relationship Session AsyncSession sessionmaker
""")
"""Names that mean one thing in whichever module of the library: editors import them from odd places."""

_SQLMODEL = words("""
    Session select Column ForeignKey ForeignKeyConstraint Table MetaData Integer String Boolean DateTime
    Enum JSON UniqueConstraint PrimaryKeyConstraint Index Sequence text func and_ or_ not_ col delete update
    insert desc asc case cast exists distinct literal union union_all create_engine within_group nulls_first
    nulls_last literal_column alias join outerjoin intersect except_ values tuple_ between all_ any_ true
    false null over extract table column
""")

_LINEAGES: dict[str, tuple[str, ...]] = {
    "sqlalchemy.DeclarativeBase": (MAPPED,),
    "sqlalchemy.DeclarativeBaseNoMeta": (MAPPED,),
    "sqlmodel.SQLModel": (MAPPED,),
    "flask_sqlalchemy.Model": (MAPPED,),
    "flask_sqlalchemy.model.Model": ("flask_sqlalchemy.Model",),
    "flask_appbuilder.Model": (MAPPED,),
    "flask_appbuilder.models.sqla.Model": (MAPPED,),
    "geoalchemy2.Base": (MAPPED,),
    "sqlmodel.ext.asyncio.session.AsyncSession": ("sqlalchemy.AsyncSession",),
    "sqlalchemy.AsyncSession": ("sqlalchemy.Session",),
    "flask_sqlalchemy.SignallingSession": ("sqlalchemy.Session",),
    "flask_sqlalchemy.session.Session": ("sqlalchemy.Session",),
    "sqlalchemy.scoped_session()": ("sqlalchemy.Session",),
    "sqlalchemy.AsyncConnection": ("sqlalchemy.Connection",),
    "sqlalchemy.AsyncEngine": ("sqlalchemy.Engine",),
    "flask_sqlalchemy.query.Query": ("sqlalchemy.Query",),
    "flask_sqlalchemy.BaseQuery": ("sqlalchemy.Query",),
    "flask_sqlalchemy_lite.SQLAlchemy": ("flask_sqlalchemy.SQLAlchemy",),
}


def teach_names(knowledge: Knowledge) -> None:
    """Fold the library's modules into one."""
    for module in _MODULES:
        knowledge.aliases[module] = "sqlalchemy"
    for name in _ANYWHERE:
        knowledge.aliases[f"sqlalchemy.*.{name}"] = f"sqlalchemy.{name}"
    # A module and a function of the same name: `from sqlalchemy.future import select`.
    knowledge.aliases["sqlalchemy.future.select"] = "sqlalchemy.select"
    for name in _SQLMODEL:
        knowledge.aliases[f"sqlmodel.{name}"] = f"sqlalchemy.{name}"
    for module in ("sqlmodel.sql.expression", "sqlmodel.main", "sqlmodel.orm.session"):
        knowledge.aliases[module] = "sqlmodel"
        for name in _SQLMODEL:
            knowledge.aliases[f"{module}.{name}"] = f"sqlalchemy.{name}"
    knowledge.aliases["sqlmodel.ext.asyncio.session.AsyncSession"] = "sqlalchemy.AsyncSession"
    for alias, name in (
        ("sqlalchemy.*.mapped_column", "Column"),
        ("sqlalchemy.orm.mapped_column", "Column"),
        ("sqlalchemy.mapped_column", "Column"),
        ("sqlalchemy.relation", "relationship"),
        ("sqlalchemy.hybrid_method", "hybrid_method"),
        ("sqlalchemy.sessionmaker", "sessionmaker"),
    ):
        knowledge.aliases[alias] = f"sqlalchemy.{name}"
    knowledge.hierarchy.update(_LINEAGES)
