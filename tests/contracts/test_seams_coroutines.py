"""Coroutines over a seam: called, served and awaited as they were, with their own sessions on both sides."""

from __future__ import annotations

import pytest
from helpers.ports import free_port
from test_seams_rows import made, run

SHOP = {
    "shop/goods/models.py": """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase):
            pass
        class Product(Base):
            __tablename__ = "product"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]
            stock: Mapped[int]
        """,
    "shop/goods/services.py": """
        from sqlalchemy import func, select
        from sqlalchemy.ext.asyncio import AsyncSession
        from shop.goods.models import Product

        class Missing(Exception):
            pass

        async def count(session: AsyncSession) -> int:
            return (await session.execute(select(func.count(Product.id)))).scalar_one()

        async def label(session: AsyncSession, product: Product) -> str:
            return f"{product.name} of {await count(session)}"

        async def named(session: AsyncSession, name: str) -> Product | None:
            return (await session.execute(select(Product).where(Product.name == name))).scalar_one_or_none()

        async def restock(session: AsyncSession, name: str, count: int) -> Product:
            product = await named(session, name)
            if product is None:
                raise Missing(name)
            product.stock += count
            await session.commit()
            return product

        async def reserve(session: AsyncSession, name: str) -> None:
            product = await named(session, name)
            product.stock -= 1
        """,
    "shop/orders/views.py": """
        from shop.goods import services
        from shop.goods.services import count, label, named, reserve, restock

        async def page(session, product):
            return await label(session, product), await count(session)

        async def find(session, name):
            return await named(session, name)

        async def more(session, name):
            try:
                return await restock(session, name, 5)
            except services.Missing as error:
                return f"no {error}"

        async def other(session, product):
            await reserve(session, product.name)
            await session.commit()
        """,
}
USED = """
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from shop.goods.models import Base, Product
from shop.orders import views
import asyncio, time

engine = create_async_engine("sqlite+aiosqlite:///rows.sqlite3")
make = async_sessionmaker(engine, expire_on_commit=False)

async def filled():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with make() as session:
        session.add_all([Product(name="saw", stock=3), Product(name="axe", stock=1)])
        await session.commit()
    await engine.dispose()

asyncio.run(filled())
bodies = serve(session=make)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    root = tmp_path_factory.mktemp("coroutines")
    return root, made(root, SHOP)


def test_coroutines_cross_but_for_commits_that_are_left_to_their_caller(shop):
    found = shop[1]
    crossing = [name for name, item in sorted(found.items()) if item.wireable]
    assert crossing == ["count", "label", "named", "restock"]
    assert {item.kind for item in found["reserve"].blockers} == {"caller_commits"}
    assert "coroutine" in next(item.message for item in found["reserve"].blockers)


def test_a_session_of_coroutines_stays_and_rows_come_back_in_the_callers_own(shop):
    said = run(
        shop[0],
        USED
        + """
async def main():
    async with make() as session:
        saw = await session.get(Product, 1)
        print(await views.page(session, saw), bodies[-2:])
        print(await views.find(session, "saw") is saw, await views.find(session, "gone"))
        print((await views.more(session, "saw")).stock, saw.stock, await views.more(session, "gone"))
        saw.name = "not saved"
        try:
            await views.page(session, saw)
        except Exception as error:
            print(error)

asyncio.run(main())
""",
    )
    assert said == [
        """('saw of 2', 2) ['{"product": {"key": 1}}', '{}']""",
        "True None",
        "8 8 no gone",
        "the session has changes that are not saved: the other side would not see them",
    ]


def test_other_coroutines_go_on_while_an_answer_is_waited_for(shop):
    said = run(
        shop[0],
        USED
        + """
from shop.goods import services
slow = services.count

async def count(session):
    await asyncio.sleep(0.5)
    return await slow(session)

services.count = count

async def main():
    ticks = 0
    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1
    ticking = asyncio.create_task(tick())
    async def one():
        async with make() as session:
            return await views.count(session)
    print(await asyncio.gather(one(), one(), one()))
    ticking.cancel()
    print(ticks > 3)

asyncio.run(main())
""",
    )
    assert said == ["[2, 2, 2]", "True"]


def test_a_provider_beside_the_application_knows_the_tables_of_all(tmp_path):
    part = {
        "shop/goods/parts.py": """
            from sqlalchemy import ForeignKey
            from sqlalchemy.orm import Mapped, mapped_column
            from shop.goods.models import Base
            class Part(Base):
                __tablename__ = "part"
                id: Mapped[int] = mapped_column(primary_key=True)
                product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
            """,
        "shop/db.py": """
            from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
            engine = create_async_engine("sqlite+aiosqlite:///rows.sqlite3")
            make = async_sessionmaker(engine, expire_on_commit=False)
            """,
    }
    models = SHOP["shop/goods/models.py"].replace(
        "import DeclarativeBase", "import DeclarativeBase, relationship"
    )
    models += '    parts: Mapped[list["Part"]] = relationship("Part")\n        '
    made(tmp_path, SHOP | part | {"shop/goods/models.py": models})
    said = run(
        tmp_path,
        "from shop.goods import parts\n"
        + USED.replace("bodies = serve(session=make)", "")
        + f"""
import subprocess, sys
port = {free_port()}
command = [sys.executable, "-m", "shop.seams.server", "goods", "--listen"]
beside = subprocess.Popen([*command, "127.0.0.1:" + str(port)])
os.environ["SEAM_GOODS_URL"] = "http://127.0.0.1:" + str(port)

async def main():
    async with make() as session:
        for _ in range(600):  # until the provider answers, however busy the machine is
            try:
                print(await views.find(session, "saw") is await session.get(Product, 1))
                return
            except Exception as error:
                last = error
                time.sleep(0.1)
        print(last)

asyncio.run(main())
beside.terminate()
""",
    )
    assert said == ["True"]
