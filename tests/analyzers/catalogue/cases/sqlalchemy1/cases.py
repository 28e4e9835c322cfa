"""Ways in which code in the style of SQLAlchemy 1.4 touches tables. Every public function gets a session."""

from club.models import Base, Card, Match, Player, Ranking, Team, squad
from sqlalchemy import func
from sqlalchemy.orm import joinedload


def _prepare(session):
    Base.metadata.create_all(session.connection())
    team = Team(name="Reds", players=[Player(name="Max")])
    match = Match(home=team)
    session.add_all([team, match, Card(match=match, player=team.players[0]), Ranking(team_id=1)])
    session.commit()


def query_get(session):
    return session.query(Team).get(1)


def query_filter(session):
    return session.query(Player).filter(Player.goals >= 0).all()


def query_filter_by_first(session):
    return session.query(Match).filter_by(home_id=1).first()


def query_columns(session):
    return session.query(Card.id, Player.name).join(Card.player).all()


def query_join_target(session):
    return session.query(Match).join(Team, Match.home_id == Team.id).count()


def query_secondary(session):
    return session.query(Team).join(Team.players).filter(Player.name == "Max").all()


def relationship_has(session):
    return session.query(Card).filter(Card.match.has(Match.home_id == 1)).all()


def relationship_any(session):
    return session.query(Match).filter(Match.cards.any()).all()


def outer_join_and_group(session):
    return session.query(Team.name, func.count(Match.id)).outerjoin(Match).group_by(Team.name).all()


def eager_option(session):
    return session.query(Card).options(joinedload(Card.player)).all()


def backref_load(session):
    player = session.query(Player).first()
    return [team.name for team in player.teams]


def dynamic_backref(session):
    team = session.query(Team).one()
    return team.home_matches.filter(Match.id > 0).all()


def column_property_reads(session):
    return session.query(Ranking).all()


def query_update(session):
    session.query(Player).filter(Player.name == "Max").update({"goals": 3})


def query_update_expression(session):
    session.query(Player).update({Player.goals: Player.goals + 1}, synchronize_session=False)


def query_delete(session):
    session.query(Card).delete()


def add_all(session):
    session.add_all([Player(name="Ina"), Player(name="Ole")])
    session.flush()


def loop_and_set(session):
    for player in session.query(Player):
        player.goals += 1
    session.commit()


def delete_instance(session):
    session.delete(session.query(Card).first())
    session.flush()


def remove_from_secondary(session):
    team = session.query(Team).first()
    team.players.clear()
    session.flush()


def exists_scalar(session):
    return session.query(session.query(Ranking).filter_by(id=1).exists()).scalar()


def core_insert(session):
    session.execute(squad.insert().values(team_id=1, player_id=1))


def raw_connection_string(session):
    connection = session.connection()
    return connection.exec_driver_sql("SELECT name FROM teams UNION SELECT name FROM players").fetchall()


def subquery_from(session):
    scorers = session.query(Player.id).filter(Player.goals > 1).subquery()
    return session.query(Card).join(scorers, Card.player_id == scorers.c.id).all()


def save_objects(session):
    session.bulk_save_objects([Team(name="Blues")])


def two_steps(session):
    card = session.query(Card).first()
    return card.match.home.name
