"""Methods of rows over a seam: the row crosses by its key, and what has become of it comes back."""

from __future__ import annotations

import pytest
from test_seams_rows import DJANGO, made, run

SERVICES = """
    class OutOfStock(Exception):
        pass
    """
DJANGO_MODELS = """
    from django.db import models
    from django.db.models import F
    from shop.goods.services import OutOfStock

    class Product(models.Model):
        name = models.CharField(max_length=40)
        price = models.DecimalField(max_digits=8, decimal_places=2)
        stock = models.IntegerField(default=0)
        shelf = models.ForeignKey("self", models.CASCADE, null=True)

        class Meta:
            app_label = "goods"

        def worth(self, times: int = 2, *, unit: str = "EUR") -> str:
            return f"{self._worth(times)} {unit} of {Product.objects.count()} in {self.place}"

        def _worth(self, times):
            return self.price * times

        @property
        def place(self) -> str:
            return self.aisle

        def restock(self, count: int) -> int:
            self.stock += count
            self.save()
            return self.stock

        def take(self, count: int) -> None:
            if count > self.stock:
                raise OutOfStock(self.name, count)
            self.stock = F("stock") - count
            self.save(update_fields=["stock"])

        def marked(self, product):
            return f"{product.upper()} {Product.objects.count()}"

        def drop(self) -> None:
            self.delete()

        def mark(self) -> int:
            self.seen = True
            self.save()
            return Product.objects.count()

        @classmethod
        def priced(cls, name: str) -> str:
            return str(cls.objects.get(name=name).price)

        @staticmethod
        def many() -> int:
            return Product.objects.count()

        def label(self) -> str:
            self.save()
            return f"{self.name} of {Product.objects.count()}"

    class Crate:
        def label(self) -> str:
            return "crate"
    """
DJANGO_VIEWS = """
    from shop.goods.models import Crate, Product

    def worth(product: Product):
        return product.worth()

    def dear(product: Product, times: int):
        return (
            product
            .worth(times, unit="USD")
        )

    def restock(product: Product, count: int):
        return product.restock(count)

    def take(product: Product, count: int):
        product.take(count)

    def marked(product: Product, *, mark):
        return product.marked(mark)

    def drop(product: Product):
        product.drop()

    def mark(product: Product):
        return product.mark()

    def other(pk):
        return Product.priced("saw"), Product.many()

    def twice(product: Product):
        return product.worth(1) + product.worth(2)

    def either(product: Product, which: bool):
        thing = product if which else Crate()
        return thing.label()
    """
SQLALCHEMY = {
    "shop/goods/models.py": """
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import Session, declarative_base, object_session
        from shop.goods.services import OutOfStock
        Base = declarative_base()

        class Product(Base):
            __tablename__ = "product"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            stock = Column(Integer)

            def left(self, less: int = 0) -> int:
                return min(self.stock, object_session(self).query(Product).count() * 100) - less

            def restock(self, session: Session, count: int) -> int:
                self.stock += count
                session.commit()
                return self.stock

            def take(self, session: Session, count: int) -> None:
                if count > self.stock:
                    raise OutOfStock(self.name, count)
                self.stock -= count
                session.commit()

            def store(self, session: Session) -> None:
                self.name = self.name or "nameless"
                session.add(self)
                session.commit()
        """,
    "shop/goods/services.py": SERVICES,
    "shop/orders/views.py": """
        from sqlalchemy.orm import Session
        from shop.goods.models import Product

        def left(product: Product):
            return product.left(), product.name

        def restock(session: Session, product: Product, count: int):
            return product.restock(session, count)

        def take(session: Session, product: Product, count: int):
            product.take(session, count)

        def store(session: Session, product: Product):
            product.store(session)
        """,
}


@pytest.fixture(scope="module")
def django(tmp_path_factory):
    root = tmp_path_factory.mktemp("django")
    files = {"shop/goods/models.py": DJANGO_MODELS, "shop/goods/services.py": SERVICES}
    return root, made(root, {**DJANGO, **files, "shop/orders/views.py": DJANGO_VIEWS})


@pytest.fixture(scope="module")
def sqlalchemy(tmp_path_factory):
    root = tmp_path_factory.mktemp("sqlalchemy")
    return root, made(root, SQLALCHEMY)


def test_what_cannot_be_asked_by_key_is_refused_with_its_reason(django):
    found = {name: [item.message for item in op.blockers] for name, op in django[1].items()}
    refused = {name for name, messages in found.items() if messages and name.startswith("Product_")}
    assert refused == {"Product_label", "Product_mark"}
    marked = [(item.name, item.shape.kind) for item in django[1]["Product_marked"].parameters]
    assert marked == [("product_", "row"), ("product", "tagged")]  # called like the class, used like a text
    assert "sets seen of its row, which is no column" in found["Product_mark"][0]
    assert "shop.goods.models.Crate.label" in found["Product_label"][0]


def test_a_method_of_django_acts_on_the_row_as_its_caller_sees_it(django):
    said = run(
        django[0],
        """
        import django
        django.setup()
        from decimal import Decimal
        from django.db import connection
        from django.utils.functional import SimpleLazyObject
        from shop.goods.models import Crate, Product
        with connection.schema_editor() as editor:
            editor.create_model(Product)
        from shop.goods.services import OutOfStock
        from shop.orders import views
        bodies = serve()
        shelf = Product.objects.create(name="shelf", price=Decimal(1))
        saw = Product.objects.create(name="saw", price=Decimal("4.50"), stock=3, shelf=shelf)
        saw.price = Decimal("5.00")
        saw.aisle = "aisle 7"
        print(views.worth(saw))
        print(bodies[-1])
        print(views.dear(SimpleLazyObject(lambda: saw), 3))
        print(views.twice(saw))
        print(views.other(None))
        asked = len(bodies)

        def stored(name):
            return Product.objects.filter(name=name).values_list("price", "stock").first()

        saw.shelf_id = None
        print(views.restock(saw, 4), saw.stock, stored("saw"), saw.shelf)
        try:
            views.take(saw, 9)
        except OutOfStock as error:
            print("refused", error.args, saw.stock)
        views.take(saw, 2)
        print(saw.stock, stored("saw"))
        print(len(bodies) - asked)
        new = Product(name="axe", price=Decimal(3))
        print(views.restock(new, 1), new.pk, new._state.adding, stored("axe"))
        print(bodies[-1])
        same = Product.objects.get(pk=new.pk)
        views.drop(new)
        print(new.pk, Product.objects.filter(name="axe").count())
        try:
            views.restock(same, 1)
        except Product.DoesNotExist as error:
            print(error)
        """,
    )
    assert said == [
        "10.00 EUR of 2 in aisle 7",
        '{"product": {"key": 2, "read": {"price": "5.00", "aisle": "aisle 7"}}, "times": 2, "unit": "EUR"}',
        "15.00 USD of 2 in aisle 7",
        "5.00 EUR of 2 in aisle 710.00 EUR of 2 in aisle 7",
        "('4.50', 2)",
        "7 7 (Decimal('5.00'), 7) None",
        "refused ('saw', 9) 7",
        "5 (Decimal('5.00'), 5)",
        "3",
        "1 3 False (Decimal('3.00'), 1)",
        '{"product": {"key": null, "new": true, "read": {"name": "axe", "price": "3", "stock": 0, '
        '"shelf_id": null}}, "count": 1}',
        "None 0",
        "product: no shop.goods.models:Product with the key 3 is seen here",
    ]


def test_a_method_of_sqlalchemy_acts_on_the_stored_row_and_its_caller_reads_it_anew(sqlalchemy):
    said = run(
        sqlalchemy[0],
        """
        from sqlalchemy import create_engine, inspect
        from sqlalchemy.exc import NoResultFound
        from sqlalchemy.orm import Session
        from shop.goods.models import Base, Product
        engine = create_engine("sqlite:///methods.sqlite3")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(Product(name="saw", stock=3))
            session.commit()
        from shop.goods.services import OutOfStock
        from shop.orders import views
        bodies = serve(session=lambda: Session(engine))
        session = Session(engine)
        saw = session.get(Product, 1)
        print(views.left(saw), bodies[-1])
        session.commit()
        print(views.restock(session, saw, 4), saw.stock)
        session.commit()
        try:
            views.take(session, saw, 9)
        except OutOfStock as error:
            print("refused", error.args, saw.stock)
        saw.name = "not saved"
        print(refused(views.left, saw))
        session.rollback()
        new = Product(stock=2)
        session.commit()
        views.store(session, new)
        print(new.id, new.name, new in session, inspect(new).persistent)
        print(bodies[-1])
        session.commit()
        gone = session.get(Product, new.id)
        gone.name
        with Session(engine) as other:
            other.delete(other.get(Product, 2))
            other.commit()
        try:
            views.left(gone)
        except NoResultFound as error:
            print(error)
        """,
    )
    assert said == [
        '(3, \'saw\') {"product": {"key": 1, "read": {}}, "less": 0}',
        "7 7",
        "refused ('saw', 9) 7",
        "the session has changes that are not saved: the other side would not see them",
        "2 nameless True True",
        '{"product": {"key": null, "new": true, "read": {"stock": 2}}}',
        "product: no shop.goods.models:Product with the key 2 is seen here",
    ]
