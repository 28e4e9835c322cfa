"""Ways in which peewee code touches tables. Every public function is a case."""

from kitchen.models import Cook, Ingredient, Recipe, Review, db
from peewee import fn, prefetch


def _prepare():
    through = Ingredient.recipes.get_through_model()
    db.create_tables([Cook, Recipe, Ingredient, Review, through])
    recipe = Recipe.create(title="Soup", cook=Cook.create(name="Rosa"))
    Review.create(recipe=recipe)
    recipe.ingredients.add(Ingredient.create(name="Leek"))


def get_by_id():
    return Cook.get_by_id(1)


def select_where():
    return list(Recipe.select().where(Recipe.title == "Soup"))


def select_join():
    return [review.stars for review in Review.select().join(Recipe).join(Cook).where(Cook.name == "Rosa")]


def select_two_tables():
    return list(Review.select(Review, Recipe).join(Recipe))


def follow_key():
    review = Review.get()
    return review.recipe.title


def back_reference():
    cook = Cook.get(Cook.name == "Rosa")
    return [recipe.title for recipe in cook.recipes]


def create_row():
    Cook.create(name="Emil")


def build_and_save():
    review = Review(recipe=1, stars=5)
    review.save()


def insert_many():
    Ingredient.insert_many([{"name": "Salt"}, {"name": "Oil"}]).execute()


def update_query():
    Review.update(stars=Review.stars + 1).where(Review.stars < 5).execute()


def delete_query():
    Review.delete().where(Review.stars == 1).execute()


def delete_recursively():
    Cook.get_by_id(1).delete_instance(recursive=True)


def many_to_many_read():
    recipe = Recipe.get_by_id(1)
    return [ingredient.name for ingredient in recipe.ingredients]


def many_to_many_write():
    recipe = Recipe.get_by_id(1)
    recipe.ingredients.clear()


def get_or_create():
    for name in ("Leek", "Onion"):
        Ingredient.get_or_create(name=name)


def aggregate():
    return Review.select(fn.AVG(Review.stars)).scalar()


def raw_sql():
    return db.execute_sql("SELECT title FROM recipe_book r JOIN cook c ON c.id = r.cook_id").fetchall()


def subquery():
    rosas = Cook.select(Cook.id).where(Cook.name == "Rosa")
    return list(Recipe.select().where(Recipe.cook.in_(rosas)))


def in_a_transaction():
    with db.atomic():
        Cook.update(name="R.").execute()
        Recipe.update(title="S.").execute()


def prefetch_related_rows():
    cooks = prefetch(Cook.select(), Recipe.select())
    return [recipe.title for cook in cooks for recipe in cook.recipes]


def alias():
    other = Review.alias()
    return list(Review.select().join(other, on=(other.recipe == Review.recipe)))


def exists():
    return Review.select().where(Review.stars > 4).exists()


def dictionaries():
    return list(Recipe.select(Recipe.title, Cook.name).join(Cook).dicts())


def replace_row():
    Cook.replace(id=1, name="Rosa").execute()


def upsert():
    Cook.insert(id=1, name="Rosa").on_conflict_replace().execute()


def _reviews_of(recipe):
    return [review.stars for review in recipe.reviews]


def argument_is_an_instance():
    return [_reviews_of(recipe) for recipe in Recipe.select()]
