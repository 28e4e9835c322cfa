"""A league in Tortoise."""

from tortoise import fields
from tortoise.models import Model


class Stamped(Model):
    created = fields.IntField(null=True)

    class Meta:
        abstract = True


class Country(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)


class Cup(Stamped):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)
    country: fields.ForeignKeyRelation[Country] = fields.ForeignKeyField(
        "models.Country", related_name="cups", null=True
    )


class Club(Stamped):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)
    cups = fields.ManyToManyField("models.Cup", related_name="clubs")

    class Meta:
        table = "football_club"


class Stadium(Model):
    id = fields.IntField(primary_key=True)
    club: fields.OneToOneRelation[Club] = fields.OneToOneField("models.Club", related_name="stadium")
    places = fields.IntField(default=0)


class Match(Model):
    id = fields.IntField(primary_key=True)
    home = fields.ForeignKeyField("models.Club", related_name="home_matches", source_field="home_club")
    away = fields.ForeignKeyField("models.Club", related_name="away_matches")
    fans = fields.ManyToManyField(
        "models.Country", through="match_fans", forward_key="land", backward_key="game"
    )
    goals = fields.IntField(default=0)
