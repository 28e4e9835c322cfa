from peewee import CharField, ForeignKeyField, IntegerField, ManyToManyField, Model, SqliteDatabase

db = SqliteDatabase(":memory:")


class BaseModel(Model):
    class Meta:
        database = db


class Cook(BaseModel):
    name = CharField()


class Recipe(BaseModel):
    title = CharField()
    cook = ForeignKeyField(Cook, backref="recipes", on_delete="CASCADE")

    class Meta:
        table_name = "recipe_book"


class Ingredient(BaseModel):
    name = CharField()
    recipes = ManyToManyField(Recipe, backref="ingredients")


class Review(BaseModel):
    recipe = ForeignKeyField(Recipe, backref="reviews")
    stars = IntegerField(default=3)
