"""Each public function is a case."""

from models import BlogPost, Label, Person, PostLabel, Remark, Visit, database
from peewee import JOIN, Case, fn, prefetch
from playhouse.shortcuts import model_to_dict


def select_all():
    return list(Person.select())


def select_where():
    return [
        p.name for p in Person.select().where((Person.name == "a") | (Person.active)).order_by(Person.name)
    ]


def select_join():
    query = BlogPost.select(BlogPost, Person).join(Person, on=(BlogPost.author == Person.id))
    return [post.author.name for post in query]


def select_join_by_key():
    return list(Remark.select().join(BlogPost).join(Person, on=BlogPost.author).where(Person.name == "a"))


def select_left_join_group():
    query = Person.select(Person, fn.COUNT(BlogPost.id).alias("n")).join(
        BlogPost, JOIN.LEFT_OUTER, on=BlogPost.author
    )
    return list(query.group_by(Person).dicts())


def select_subquery():
    wanted = Person.select(Person.id).where(Person.active)
    return list(BlogPost.select().where(BlogPost.author.in_(wanted)))


def select_exists():
    return BlogPost.select().where(fn.EXISTS(Remark.select().where(Remark.post == BlogPost.id))).count()


def select_cte():
    cte = BlogPost.select(BlogPost.author).cte("writers", columns=["author"])
    return list(Person.select().join(cte, on=(Person.id == cte.c.author)).with_cte(cte))


def select_union():
    return list(Person.select(Person.name) | Label.select(Label.text))


def select_alias():
    mentor = Person.alias()
    return list(Person.select(Person.name, mentor.name).join(mentor, on=(Person.mentor == mentor.id)))


def select_case():
    return list(Person.select(Case(Person.active, [(True, 1)], 0)).tuples())


def not_iterated():
    return Person.select().where(Person.active)


def get_variants():
    return Person.get_or_none(Person.name == "zz"), Person[1], Label.get_by_id(1)


def first_and_scalar():
    return Person.select(fn.MAX(Person.id)).scalar(), Label.select().first()


def exists_and_count():
    return Visit.select().exists(), Label.select().count()


def create_rows():
    Person.create(name="n")
    Label.insert(text="x").execute()
    Label.insert_many([{"text": "y"}]).execute()


def insert_from_select():
    Label.insert_from(Person.select(Person.name), [Label.text]).execute()


def insert_not_executed():
    return Label.insert(text="x")


def update_rows():
    Person.update(active=False).where(Person.name == "zz").execute()


def update_by_subquery():
    BlogPost.update(title="t").where(BlogPost.author.in_(Person.select())).execute()


def delete_rows():
    Remark.delete().where(Remark.text == "zz").execute()
    Label.delete_by_id(99)


def save_row():
    person = Person.get_by_id(1)
    person.name = "saved"
    person.save()


def attribute_alone_writes_nothing():
    person = Person.get_by_id(1)
    person.name = "not saved"


def delete_instance():
    label = Label.get_by_id(1)
    label.delete_instance()


def delete_recursively():
    post = BlogPost.get_by_id(1)
    post.delete_instance(recursive=True)


def lazy_key():
    post = BlogPost.get_by_id(1)
    return post.author.name


def key_column_reads_nothing_else():
    post = BlogPost.get_by_id(1)
    return post.author_id


def lazy_key_twice():
    post = BlogPost.get_by_id(1)
    return post.author.name, post.author.active


def chain_of_keys():
    remark = Remark.get_by_id(1)
    return remark.post.author.name


def backref_iterated():
    person = Person.get_by_id(1)
    return [post.title for post in person.posts]


def backref_filtered():
    person = Person.get_by_id(1)
    return person.edited.where(BlogPost.title == "q").count()


def backref_not_iterated():
    person = Person.get_by_id(1)
    return person.posts


def many_to_many_rows():
    label = Label.get_by_id(1)
    return [post.title for post in label.posts]


def many_to_many_backref():
    post = BlogPost.get_by_id(1)
    return [label.text for label in post.labels]


def many_to_many_add():
    post = BlogPost.get_by_id(1)
    post.labels.add(Label.create(text="added"))


def many_to_many_clear():
    post = BlogPost.get_by_id(1)
    post.labels.clear()


def through_model():
    return list(PostLabel.select())


def prefetch_rows():
    for person in prefetch(Person.select(), BlogPost.select()):
        print(person.name)


def get_or_create():
    label, made = Label.get_or_create(text="fresh")
    return label.text, made


def raw_model():
    return list(Person.raw("SELECT p.* FROM person p JOIN visit v ON v.person_id = p.id"))


def raw_database():
    database.execute_sql("UPDATE tags SET text = ?", ("z",))


def bulk():
    Label.bulk_create([Label(text="one"), Label(text="two")])
    rows = list(Label.select())
    Label.bulk_update(rows, fields=[Label.text])


def to_dictionary():
    return model_to_dict(BlogPost.get_by_id(1))


def to_dictionary_flat():
    return model_to_dict(BlogPost.get_by_id(1), recurse=False)


@database.atomic()
def in_transaction():
    with database.atomic():
        Visit.create(person=1, place="home")


def _seed():
    person = Person.create(name="a")
    post = BlogPost.create(author=person, editor=person, title="t")
    label = Label.create(text="l")
    label.posts.add(post)
    Remark.create(post=post, text="r")
    Visit.create(person=person, place="here")
