from tortoise import fields
from tortoise.models import Model


class Club(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)


class Player(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)
    rating = fields.IntField(default=1200)
    club = fields.ForeignKeyField("chess.Club", related_name="players")

    class Meta:
        table = "chess_player"


class Tournament(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)
    players = fields.ManyToManyField("chess.Player", related_name="tournaments", through="entries")


class Game(Model):
    id = fields.IntField(primary_key=True)
    white = fields.ForeignKeyField("chess.Player", related_name="white_games")
    tournament = fields.ForeignKeyField("chess.Tournament", related_name="games")
    moves = fields.IntField(default=0)
