"""Ways in which Tortoise code touches tables. Every public coroutine is a case."""

from chess.models import Club, Game, Player, Tournament
from tortoise import Tortoise
from tortoise.expressions import F, Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction


async def _prepare():
    await Tortoise.init(db_url="sqlite://:memory:", modules={"chess": ["chess.models"]})
    await Tortoise.generate_schemas()
    player = await Player.create(name="Ada", club=await Club.create(name="Rooks"))
    tournament = await Tournament.create(name="Open")
    await tournament.players.add(player)
    await Game.create(white=player, tournament=tournament)


async def get_one():
    return await Club.get(id=1)


async def filter_all():
    return await Player.filter(rating__gte=1000).all()


async def filter_across():
    return await Game.filter(white__club__name="Rooks")


async def q_objects():
    return await Game.filter(Q(moves=0) | Q(tournament__name="Open")).count()


async def follow_key():
    player = await Player.get(id=1)
    club = await player.club
    return club.name


async def reverse_relation():
    club = await Club.first()
    return [player.name async for player in club.players]


async def prefetch():
    return await Tournament.all().prefetch_related("games")


async def select_related():
    return await Game.all().select_related("white")


async def many_to_many_read():
    tournament = await Tournament.get(name="Open")
    return await tournament.players.all()


async def many_to_many_write():
    tournament = await Tournament.get(name="Open")
    player = await Player.get(id=1)
    await tournament.players.remove(player)


async def create_row():
    await Club.create(name="Knights")


async def build_and_save():
    club = Club(name="Bishops")
    await club.save()


async def change_and_save():
    player = await Player.get(id=1)
    player.rating += 10
    await player.save()


async def update_rows():
    await Player.filter(rating__lt=1300).update(rating=F("rating") + 5)


async def delete_rows():
    await Game.filter(moves=0).delete()


async def bulk_create():
    await Club.bulk_create([Club(name="A"), Club(name="B")])


async def get_or_create():
    for name in ("Rooks", "Pawns"):
        await Club.get_or_create(name=name)


async def annotate():
    return await Club.annotate(n=Count("players")).values("name", "n")


async def raw_sql():
    connection = Tortoise.get_connection("default")
    return await connection.execute_query("SELECT name FROM chess_player")


async def in_a_transaction():
    async with in_transaction():
        await Game.all().update(moves=1)
        await Player.all().update(rating=1500)


async def values_across():
    return await Game.all().values_list("moves", "white__name")


async def exists():
    return await Tournament.filter(players__rating__gt=1000).exists()


async def _games_of(player):
    return await player.white_games.all()


async def through_helper():
    player = await Player.get(name="Ada")
    return await _games_of(player)


async def update_from_dict():
    club = await Club.get(id=1)
    await club.update_from_dict({"name": "Queens"}).save()


async def delete_instance():
    game = await Game.first()
    await game.delete()
