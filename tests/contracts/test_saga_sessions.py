"""Steps of sagas in the transactions of SQLAlchemy's sessions, each side with a database of its own."""

from __future__ import annotations

from test_seams_rows import made, run

FILES = {
    "shop/goods/models.py": """
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import declarative_base
        Base = declarative_base()
        class Product(Base):
            __tablename__ = "product"
            id = Column(Integer, primary_key=True)
            code = Column(String)
            stock = Column(Integer)
        class Note(Base):
            __tablename__ = "note"
            id = Column(Integer, primary_key=True)
            text = Column(String)
        """,
    "shop/goods/services.py": """
        from sqlalchemy import update
        from sqlalchemy.orm import Session
        from shop.goods.models import Note, Product

        class OutOfStock(Exception):
            pass

        def reserve(session: Session, code: str, count: int) -> None:
            product = session.query(Product).filter_by(code=code).one()
            if product.stock < count:
                raise OutOfStock(code)
            product.stock -= count

        def release(session: Session, code: str, count: int) -> None:
            session.execute(update(Product).where(Product.code == code).values(stock=Product.stock + count))

        def note(session: Session, text: str) -> None:
            session.add(Note(text=text))
        """,
    "shop/orders/models.py": """
        from sqlalchemy import Column, Integer, String
        from shop.goods.models import Base
        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            code = Column(String)
        """,
    "shop/orders/views.py": """
        from sqlalchemy.orm import Session
        from shop.goods.services import OutOfStock, note, release, reserve
        from shop.orders.models import Order

        def order(session: Session, code: str, count: int, fails: bool = False) -> None:
            session.add(Order(code=code))
            reserve(session, code, count)
            note(session, f"{code} {count}")
            if fails:
                raise KeyError(code)
            session.commit()

        def patient(session: Session, code: str, count: int) -> None:
            session.add(Order(code=code))
            try:
                reserve(session, code, count)
            except OutOfStock:
                pass
            session.commit()

        def cancel(session: Session, code: str, count: int) -> None:
            session.query(Order).filter_by(code=code).delete()
            release(session, code, count)
            session.commit()
        """,
}
PROGRAM = """
import json
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from shop.goods.models import Base, Note, Product
from shop.goods.services import OutOfStock
from shop.orders import views
from shop.orders.models import Order
from shop.seams import client, saga
from shop.seams.database import Database
ours, theirs = (create_engine(f"sqlite:///{name}.sqlite3") for name in ("orders", "goods"))
for engine in (ours, theirs):
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        saga.install(Database(session))
        session.add(Product(code="saw", stock=10))
        session.commit()
serve(session=lambda: Session(theirs))
os.environ["SAGA_GRACE"] = "0"
session = Session(ours)

def told(label):
    with Session(theirs) as other, Session(ours) as own:
        stock = other.query(Product).one().stock
        notes = [note.text for note in other.query(Note)]
        states = "SELECT state, count(*) FROM strangler_saga WHERE step <> '' GROUP BY state"
        print(label, stock, own.query(Order).count(), notes, dict(own.execute(text(states)).all()))

views.order(session, "saw", 3)
told("committed")
try:
    views.order(session, "saw", 2, True)
except KeyError:
    session.rollback()
told("rolled back")
try:
    views.order(session, "saw", 99)
except OutOfStock as error:
    print("refused", error)
    session.rollback()
views.patient(session, "saw", 99)
told("refused and handled")
with Session(ours) as own:
    print(saga.work(Database(own)), saga.work(Database(own)))
told("settled")
views.cancel(session, "saw", 3)
with Session(ours) as own:
    saga.work(Database(own))
    print(saga.status(Database(own)))
told("cancelled")
remote = client.Remote("goods", os.environ["SEAM_GOODS_URL"], {})
headers = saga._headers("me.saga.0001", "after")
for _ in range(3):
    print(*remote.post("note", json.dumps({"text": "once"}), headers))
told("asked three times")
"""


def test_steps_of_a_session_are_done_once_and_taken_back_where_it_does_not_commit(tmp_path):
    found = made(tmp_path, FILES)
    assert {name: item.step.mode for name, item in found.items()} == {
        "reserve": "before",
        "release": "after",
        "note": "after",
    }
    assert found["reserve"].step.compensation.qualname == "release"
    assert run(tmp_path, PROGRAM) == [
        "committed 7 1 ['saw 3'] {'called': 1, 'done': 1}",
        "rolled back 5 1 ['saw 3'] {'called': 1, 'done': 1}",
        "refused saw",
        "refused and handled 5 2 ['saw 3'] {'called': 1, 'done': 1}",
        "2 0",
        "settled 7 2 ['saw 3'] {'done': 2, 'undone': 1}",
        "{'done': 3, 'undone': 1, 'open': 0, 'late': 0}",
        "cancelled 10 0 ['saw 3'] {'done': 3, 'undone': 1}",
        "200 {'result': None}",
        "200 {'result': None}",
        "200 {'result': None}",
        "asked three times 10 0 ['saw 3', 'once'] {'done': 3, 'undone': 1}",
    ]
