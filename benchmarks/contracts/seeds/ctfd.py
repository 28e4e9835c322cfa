"""Rows for a CTFd checkout, by its own test helpers; run by its own Python in its folder.

Prints identities for ``--as``.
"""

import datetime
import random

from CTFd import create_app
from CTFd.cache import cache
from CTFd.models import Teams, Users, db

from tests import helpers

random.seed(7)
app = create_app()
helpers.setup_ctfd(app, user_mode="teams", ctf_name="Autumn games")
with app.app_context():
    for name in ("eva", "finn"):
        helpers.register_user(app, name=name, email=f"{name}@example.org")
    for name, team in (("eva", "Foxes"), ("finn", "Owls")):
        with helpers.login_as_user(app, name) as client, client.session_transaction() as session:
            nonce = session.get("nonce")
        client.post("/teams/new", data={"name": team, "password": "password", "nonce": nonce})
    eva, finn = (Users.query.filter_by(name=name).one() for name in ("eva", "finn"))
    foxes = Teams.query.filter_by(name="Foxes").one()
    owls = Teams.query.filter_by(name="Owls").one()
    for number, (title, category) in enumerate(
        [("Baby heap", "pwn"), ("Salt", "crypto"), ("Cookies", "web")]
    ):
        challenge = helpers.gen_challenge(
            db, name=title, category=category, value=100 * (number + 1), description=f"Solve {title}"
        )
        helpers.gen_flag(db, challenge.id, content=f"flag{{{number}}}")
        helpers.gen_hint(db, challenge.id, content=f"Look at {title}")
        helpers.gen_tag(db, challenge.id, value=category)
        helpers.gen_topic(db, challenge.id, value=f"topic {number}")
        helpers.gen_solution(db, challenge.id, content="So it goes", state="visible")
        helpers.gen_comment(db, content="Nice one", author_id=1, challenge_id=challenge.id)
        helpers.gen_fail(db, finn.id, owls.id, challenge.id)
        if number < 2:
            helpers.gen_solve(db, eva.id, foxes.id, challenge.id)
            helpers.gen_rating(db, eva.id, challenge.id)
    helpers.gen_award(db, eva.id, foxes.id, name="First blood")
    helpers.gen_unlock(db, eva.id, foxes.id, target=1)
    helpers.gen_notification(db, "Welcome", "The games have begun")
    helpers.gen_page(db, "Rules", "rules", "# Be kind")
    helpers.gen_field(db, required=False)
    helpers.gen_bracket(db, name="Students", type="teams")
    audience, module = helpers.gen_audience(db), helpers.gen_module(db)
    helpers.gen_audience_member(db, audience.id, team_id=foxes.id)
    helpers.gen_module_audience_access(db, module.id, audience.id)
    helpers.gen_tracking(db, user_id=eva.id)
    tokens = {}
    far = datetime.datetime(2035, 1, 1)
    for name, user in (("admin", 1), ("eva", eva.id)):
        token = helpers.gen_token(db, user_id=user, expiration=far)
        tokens[name] = token.value
    cache.clear()  # what was shown before the rows were there; sessions live here, too
    for name in tokens:
        client = helpers.login_as_user(app, name)
        cookie = next(cookie for cookie in client.cookie_jar if cookie.name == "session")
        print(f"{name}=Cookie: session={cookie.value}")
    # Programs send a token, and say JSON with every request.
    print(f"api=Authorization: Token {tokens['admin']}")
    print("api=Content-Type: application/json")
