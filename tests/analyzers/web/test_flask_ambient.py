"""Flask: what runs around requests without a call of their handlers."""

from __future__ import annotations

from typing import Any

APP = {
    "clinic/__init__.py": """
        from flask import Blueprint, Flask
        from flask_login import LoginManager
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)
        login = LoginManager(app)
        staff = Blueprint("staff", __name__)

        class User(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        class Visit(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        class Shift(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        @login.user_loader
        def load(user_id):
            return User.query.get(user_id)

        def count():
            db.session.add(Visit())

        @app.before_request
        def counted():
            count()

        @staff.before_request
        def on_shift():
            Shift.query.first()

        @staff.route("/rota")
        def rota():
            return ""

        @app.route("/")
        def home():
            return ""

        app.register_blueprint(staff)
        """,
}


def test_hooks_and_the_loader_of_users_are_told_with_what_they_call(project: Any) -> None:
    system = project(APP).system
    found = {row.name: row for row in system.ambient}
    assert (found["clinic.load"].kind, found["clinic.load"].tables_read) == ("authentication", ("user",))
    assert (found["clinic.counted"].kind, found["clinic.counted"].tables_written) == ("hook", ("visit",))
    assert found["clinic.counted"].guards
    assert found["clinic.counted"].handlers == ()
    assert (found["clinic.on_shift"].tables_read, found["clinic.on_shift"].handlers) == (
        ("shift",),
        ("clinic.rota",),
    )
    (home,) = (e for e in system.endpoints if e.handler == "clinic.home")
    assert not found["clinic.on_shift"].before(home)
    assert found["clinic.load"].before(home)
