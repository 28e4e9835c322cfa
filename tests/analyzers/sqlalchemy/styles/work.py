"""Each public function is a case; these use the older and the wrapped styles of the library."""

from contextlib import contextmanager

from models import (
    Account,
    AdminUser,
    Badge,
    Club,
    Employee,
    Entry,
    EventEntry,
    Invoice,
    Label,
    OAuth2Token,
    Person,
    Plain,
    Player,
    Repository,
    SavingsAccount,
    Session,
    TaskItem,
    Team,
    WebUser,
    app,
    db,
    engine,
    task_label,
    user_badges,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session as ModelSession
from sqlmodel import col
from sqlmodel import select as model_select


def scoped_query():
    return Session.query(Person).all()


def scoped_called():
    return Session().query(Label).count()


def query_property():
    return Person.query.filter_by(name="p").first()


def dynamic_relation():
    person = Person.query.first()
    return person.tasks.filter(TaskItem.state == "new").count()


def dynamic_append():
    person = Person.query.first()
    person.tasks.append(TaskItem())
    Session.commit()


def declared_relation():
    label = Label.query.first()
    return label.creator.name


def deferred_column_reads_own_table():
    label = Label.query.first()
    return label.text


def many_to_many_lambda():
    task = TaskItem.query.first()
    return [label.id for label in task.labels]


def many_to_many_assignment():
    task = TaskItem.query.first()
    task.labels = []
    Session.commit()


def hybrid_setter():
    task = TaskItem.query.first()
    task.is_new = False
    Session.commit()


def hybrid_filter():
    return TaskItem.query.filter(TaskItem.is_new).all()


def synonym_write():
    task = TaskItem.query.first()
    task.state = "done"
    Session.commit()


def single_table_child():
    return Session.query(SavingsAccount).filter(SavingsAccount.rate > 1).all()


def cascade_from_backref():
    account = Session.query(Account).first()
    Session.delete(account)
    Session.commit()


def composite_relation():
    entry = Session.query(Entry).first()
    return entry.account.kind


def joined_child():
    return Session.query(Employee).all()


def table_attribute():
    return [entry.person for entry in Session.query(EventEntry).all()]


def imperative():
    Session.add(Plain())
    Session.commit()


def function_made_table():
    return Session.execute(task_label.select()).fetchall()


def core_insert_values():
    Session.execute(task_label.insert(), [{"task_item_id": 8, "label_id": 8}])
    Session.commit()


def dataclass_model():
    Session.add(Invoice(number="1"))
    Session.commit()


def listener_on_insert():
    Session.add(Label(text="n"))
    Session.commit()


@contextmanager
def _scope():
    session = Session()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise


def through_context_manager():
    with _scope() as session:
        session.add(Person(name="scoped"))


def through_class():
    return _Service().names()


class _Service:
    def __init__(self, session=None):
        self._session = session or Session

    @property
    def people(self):
        return self._session.query(Person)

    def names(self):
        return [person.name for person in self.people]


class _People(Repository[Person]):
    model = Person


def generic_repository():
    return _People().all()


def session_with_engine():
    with PlainSession(engine) as session:
        return session.scalar(select(func.max(Label.id)))


def session_begin_block():
    with Session.begin():
        Session.add(Person(name="begun"))


def update_then_query_count():
    updated = Session.query(Person).filter(Person.name == "p").update({Person.name: "p"})
    Session.commit()
    return updated


def flask_query():
    return WebUser.query.filter_by(id=1).first()


def flask_get():
    return db.session.get(Badge, 1)


def flask_session():
    db.session.add(Badge())
    db.session.commit()


def flask_select():
    return db.session.execute(db.select(WebUser).order_by(WebUser.id)).scalars().all()


def flask_paginate():
    return [user.id for user in db.paginate(db.select(WebUser), page=1, per_page=5, error_out=False).items]


def flask_query_paginate():
    return WebUser.query.paginate(page=1, per_page=5, error_out=False).items


def flask_backref_dynamic():
    user = WebUser.query.first()
    return user.tokens.all()


def flask_relation():
    token = OAuth2Token.query.first()
    return token.owner.kind


def flask_single_table():
    return AdminUser.query.all()


def flask_one_or_404():
    return db.one_or_404(db.select(WebUser).filter_by(id=1))


def flask_association():
    return db.session.execute(user_badges.select()).all()


def sqlmodel_exec():
    with ModelSession(engine) as session:
        return session.exec(model_select(Team).where(col(Team.name) == "t")).all()


def sqlmodel_get_and_relation():
    with ModelSession(engine) as session:
        team = session.get(Team, 1)
        return [player.score for player in team.players]


def sqlmodel_link():
    with ModelSession(engine) as session:
        club = session.exec(model_select(Club)).first()
        return [player.score for player in club.players]


def sqlmodel_create():
    with ModelSession(engine) as session:
        session.add(Team(name="new"))
        session.commit()


def sqlmodel_update():
    with ModelSession(engine) as session:
        team = session.exec(model_select(Team)).one()
        team.sqlmodel_update({"name": "renamed"})
        session.add(team)
        session.commit()


def sqlmodel_delete_cascade():
    with ModelSession(engine) as session:
        session.delete(session.get(Team, 1))
        session.commit()


def sqlmodel_join():
    with ModelSession(engine) as session:
        return session.exec(model_select(Player, Team).where(Player.team_id == Team.id)).all()


def _seed():
    person = Person(name="p")
    label = Label(text="l", creator=person)
    account = Account(id=1, branch=1, kind="plain")
    Session.add_all(
        [
            person,
            TaskItem(owner=person, labels=[label]),
            account,
            Entry(account=account),
            SavingsAccount(id=2, branch=1, rate=2),
            Employee(name="e"),
        ]
    )
    Session.flush()
    Session.add(EventEntry(person_id=person.id))
    Session.commit()
    Session.remove()
    with ModelSession(engine) as session:
        club = Club()
        session.add(Team(name="t", players=[Player(clubs=[club])]))
        session.commit()
    with app.app_context():
        user = WebUser()
        db.session.add_all([user, Badge()])
        db.session.flush()
        db.session.add(OAuth2Token(owner_id=user.id))
        db.session.commit()
