"""Each public function is a case."""

import asyncio

from models import Club, Country, Cup, Match, Stadium
from tortoise.connection import connections
from tortoise.expressions import F, Q, Subquery
from tortoise.functions import Count
from tortoise.transactions import atomic, in_transaction


async def rows():
    return await Club.all().order_by("name").limit(3)


async def filtered():
    return await Club.filter(Q(name="a") | Q(id=1)).first()


async def not_awaited():
    return Club.filter(name="a").sql()


async def built_in_steps():
    query = Club.filter(name="a")
    query = query.exclude(id=9)
    return await query


async def by_helper():
    return await _clubs().filter(id=1)


def _clubs():
    return Club.filter(name="a")


async def iterated():
    return [club.name async for club in Club.all()]


async def gathered():
    return await asyncio.gather(Club.all(), Country.get_or_none(id=1))


async def ends():
    return await Club.all().count(), await Cup.exists(id=1), await Country.get(id=1)


async def values_across_key():
    return await Cup.all().values("name", "country__name")


async def lookup_across_key():
    return await Cup.filter(country__name="x")


async def lookup_by_key_column():
    return await Cup.filter(country_id=1)


async def lookup_by_row():
    country = await Country.get(id=1)
    return await Cup.filter(country=country)


async def lookup_across_reverse():
    return await Country.filter(cups__name="c")


async def lookup_across_many():
    return await Club.filter(cups__name="c")


async def lookup_many_by_key():
    return await Club.filter(cups=1)


async def lookup_two_steps():
    return await Club.filter(cups__country__name="x").distinct()


async def ordered_across_key():
    return await Cup.all().order_by("country__name")


async def annotated():
    return await Club.annotate(matches=Count("home_matches")).filter(matches__gt=0)


async def annotated_many():
    return await Club.annotate(n=Count("cups")).values("n")


async def with_subquery():
    return await Cup.filter(country_id__in=Subquery(Country.filter(name="x").values("id")))


async def updated():
    await Match.filter(id=1).update(goals=F("goals") + 1)


async def updated_across_key():
    await Match.filter(home__name="a").update(goals=2)


async def deleted():
    await Match.filter(id=99).delete()


async def created():
    await Country.create(name="n")
    await Country.bulk_create([Country(name="b")])


async def saved():
    country = await Country.get(id=1)
    country.name = "saved"
    await country.save()


async def not_saved():
    country = await Country.get(id=1)
    country.name = "not saved"


async def deleted_row():
    country = await Country.create(name="short")
    await country.delete()


async def get_or_created():
    country, made = await Country.get_or_create(name="fresh")
    return country.name, made


async def update_or_created():
    await Country.update_or_create(id=1, defaults={"name": "fresher"})


async def key_awaited():
    cup = await Cup.get(id=1)
    country = await cup.country
    return country.name


async def key_column():
    cup = await Cup.get(id=1)
    return cup.country_id


async def key_prefetched():
    cup = await Cup.get(id=1).prefetch_related("country")
    return cup.country.name


async def key_selected():
    cup = await Cup.filter(id=1).select_related("country").first()
    return cup.country.name


async def reverse_rows():
    club = await Club.get(id=1)
    return [match.goals async for match in club.home_matches]


async def reverse_filtered():
    club = await Club.get(id=1)
    return await club.away_matches.filter(goals=1).count()


async def reverse_one():
    club = await Club.get(id=1)
    return await club.stadium


async def reverse_prefetched():
    club = await Club.get(id=1).prefetch_related("home_matches")
    return [match.goals for match in club.home_matches]


async def reverse_created():
    country = await Country.get(id=1)
    await Cup.create(name="new", country=country)


async def fetched_later():
    club = await Club.get(id=1)
    await club.fetch_related("cups")
    return [cup.name for cup in club.cups]


async def many_added():
    club = await Club.get(id=1)
    await club.cups.add(await Cup.create(name="added"))


async def many_cleared():
    club = await Club.get(id=1)
    await club.cups.clear()


async def many_all():
    cup = await Cup.get(id=1)
    return await cup.clubs.all()


async def own_through_table():
    match = await Match.get(id=1)
    return await match.fans.all()


async def refreshed():
    stadium = await Stadium.get(id=1)
    await stadium.refresh_from_db()


async def raw_model():
    return await Club.raw("SELECT c.* FROM football_club c JOIN stadium s ON s.club_id = c.id")


async def raw_connection():
    await connections.get("default").execute_query("UPDATE country SET name = ?", ["z"])


async def in_block():
    async with in_transaction() as connection:
        await Country.create(name="t", using_db=connection)
        await connection.execute_query("DELETE FROM match WHERE id = 77")


@atomic()
async def in_decorated():
    await Country.create(name="d")


async def _seed():
    country = await Country.create(name="x")
    cup = await Cup.create(name="c", country=country)
    home, away = await Club.create(name="a"), await Club.create(name="b")
    await home.cups.add(cup)
    await Stadium.create(club=home)
    match = await Match.create(home=home, away=away)
    await match.fans.add(country)
