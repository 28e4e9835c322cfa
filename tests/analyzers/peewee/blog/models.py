"""A blog in peewee."""

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    ManyToManyField,
    Model,
    SqliteDatabase,
    TextField,
)

database = SqliteDatabase(":memory:", cached_statements=0)


def name_of(model):
    return "tbl_" + model.__name__.lower()


class Base(Model):
    class Meta:
        database = database


class Stamped(Base):
    created = IntegerField(null=True)


class Person(Base):
    name = CharField()
    active = BooleanField(default=True)
    mentor = ForeignKeyField("self", null=True, backref="pupils")


class BlogPost(Stamped):
    author = ForeignKeyField(Person, backref="posts", on_delete="CASCADE")
    editor = ForeignKeyField(Person, backref="edited", null=True, column_name="edited_by")
    title = CharField()

    class Meta:
        legacy_table_names = False


class Label(Base):
    text = CharField()
    posts = ManyToManyField(BlogPost, backref="labels")

    class Meta:
        table_name = "tags"


class Remark(Base):
    post = ForeignKeyField(BlogPost, backref="remarks")
    text = TextField()
    reply_to = DeferredForeignKey("Remark", null=True)

    class Meta:
        table_function = name_of


class Visit(Base):
    person = ForeignKeyField(Person)
    place = CharField()

    class Meta:
        primary_key = CompositeKey("person", "place")


PostLabel = Label.posts.get_through_model()
MODELS = [Person, BlogPost, Label, Remark, Visit, PostLabel]
