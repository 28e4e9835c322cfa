"""Receivers of signals beside the receivers that the libraries know; commands beside click's own list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Project = Any
Make = Callable[[dict[str, str]], Project]


def test_blinker_signals_of_ones_own_and_of_flask(project: Make) -> None:
    shop = project(
        {
            "shop/__init__.py": "",
            "shop/signals.py": """
                from blinker import Namespace, Signal, signal

                signals = Namespace()
                order_placed = signals.signal("order-placed")
                paid = signal("paid")
                anonymous = Signal()
                """,
            "shop/handlers.py": """
                from flask import request_started
                from shop.signals import anonymous, order_placed, paid

                @order_placed.connect
                def reserve(sender, **extra):
                    pass

                class Shop:
                    def send(self):
                        order_placed.send(self, order=1)

                @paid.connect_via("till")
                def ship(sender):
                    anonymous.send(sender)

                @request_started.connect
                def count(sender):
                    pass

                for receiver in (reserve, ship):
                    anonymous.connect(receiver, sender=Shop)
                """,
        }
    )
    assert {(s.signal, s.receiver, s.sender) for s in shop.system.signals} == {
        ("order-placed", "shop.handlers.reserve", None),
        ("paid", "shop.handlers.ship", "till"),
        ("request-started", "shop.handlers.count", None),
        ("shop.signals.anonymous", "shop.handlers.reserve", "shop.handlers.Shop"),
        ("shop.signals.anonymous", "shop.handlers.ship", "shop.handlers.Shop"),
    }
    assert {(m.function, m.name) for m in shop.system.messages} == {
        ("Shop.send", "order-placed"),
        ("ship", "shop.signals.anonymous"),
    }
    shop.load("shop.handlers")
    names = shop.load("shop.signals")
    assert [r.__name__ for r in names.order_placed.receivers_for(None)] == ["reserve"]
    assert len(names.anonymous.receivers) == 2


def test_sqlalchemy_events_and_celery_signals(project: Make) -> None:
    events = project(
        {
            "model.py": """
                from sqlalchemy import event
                from sqlalchemy.engine import Engine
                from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
                from celery.signals import task_failure, worker_ready

                class Base(DeclarativeBase):
                    pass

                class User(Base):
                    __tablename__ = "users"
                    id: Mapped[int] = mapped_column(primary_key=True)
                    name: Mapped[str]

                @event.listens_for(User, "before_insert")
                @event.listens_for(User, "before_update")
                def hash_password(mapper, connection, target):
                    pass

                @event.listens_for(User.name, "set")
                def renamed(target, value, old, initiator):
                    pass

                def pragma(connection, record):
                    pass

                event.listen(Engine, "connect", pragma)

                @task_failure.connect(sender="mail.send")
                def failed(**kwargs):
                    pass

                @worker_ready.connect
                def ready(**kwargs):
                    pass
                """
        }
    )
    assert {(s.signal, s.receiver.partition(".")[2], s.sender) for s in events.system.signals} == {
        ("sqlalchemy.event.before_insert", "hash_password", "model.User"),
        ("sqlalchemy.event.before_update", "hash_password", "model.User"),
        ("sqlalchemy.event.set", "renamed", "model.User.name"),
        ("sqlalchemy.event.connect", "pragma", "sqlalchemy.Engine"),
        ("celery.signals.task_failure", "failed", "mail.send"),
        ("celery.signals.worker_ready", "ready", None),
    }


COMMANDS = {
    "tool/__init__.py": "",
    "tool/cli.py": """
        import click
        from flask import Blueprint, Flask
        from flask.cli import AppGroup, with_appcontext

        app = Flask(__name__)
        users = AppGroup("user")
        admin = Blueprint("admin", __name__)

        @users.command("create")
        @click.argument("name")
        def create_user(name):
            pass

        @app.cli.command()
        @with_appcontext
        def init_db():
            pass

        @admin.cli.command("reset")
        def reset():
            pass

        @click.group()
        def stock():
            pass

        @stock.command()
        @click.option("--all")
        def count_all(all):
            pass

        app.cli.add_command(users)
        app.cli.add_command(stock)
        app.register_blueprint(admin)
        """,
    "pyproject.toml": """
        [project]
        name = "tool"
        version = "1"
        scripts = {tool-run = "tool.run:main"}
        """,
    "setup.cfg": """
        [options.entry_points]
        console_scripts =
            tool-old = tool.run:old
        """,
    "tool/run.py": """
        def main():
            pass

        def old():
            pass
        """,
}


def test_commands_as_click_lists_them(project: Make) -> None:
    tool = project(COMMANDS)
    found = {c.name: c.handler for c in tool.system.commands}
    assert found.pop("tool-run") == "tool.run.main"
    assert found.pop("tool-old") == "tool.run.old"

    def names(group: Any, prefix: str = "") -> dict[str, str]:
        real: dict[str, str] = {}
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                real |= names(command, f"{prefix}{name} ")
            else:
                import inspect

                function = inspect.unwrap(command.callback)
                real[prefix + name] = f"{function.__module__}.{function.__qualname__}"
        return real

    assert found == names(tool.load("tool.cli").app.cli)


def test_typer_commands(project: Make) -> None:
    tool = project(
        {
            "cli.py": """
                import typer

                app = typer.Typer()
                items = typer.Typer()
                app.add_typer(items, name="items")

                @app.command()
                def sync_all():
                    pass

                @items.command("add")
                def add_item():
                    sync_all()
                """
        }
    )
    assert {c.name: c.handler for c in tool.system.commands} == {
        "sync-all": "cli.sync_all",
        "items add": "cli.add_item",
    }


def test_plugins_registered_through_hooks_and_entry_points(project: Make) -> None:
    plugged = project(
        {
            "core/__init__.py": "",
            "core/app.py": """
                from importlib.metadata import entry_points
                import pluggy
                from flask import Flask

                impl = pluggy.HookimplMarker("core")
                manager = pluggy.PluginManager("core")

                def create_app():
                    app = Flask(__name__)
                    from core import pages
                    manager.register(pages)
                    for point in entry_points(group="core.plugins"):
                        point.load().install(app)
                    manager.hook.core_routes(app=app)
                    return app
                """,
            "core/pages.py": """
                from core.app import impl

                def page():
                    return ""

                @impl
                def core_routes(app):
                    app.add_url_rule("/page", view_func=page)
                """,
            "core/extra.py": """
                def more():
                    return ""

                class Extra:
                    @staticmethod
                    def install(app):
                        app.add_url_rule("/more", view_func=more)
                """,
            "pyproject.toml": """
                [project]
                name = "core"
                version = "1"

                [project.entry-points."core.plugins"]
                extra = "core.extra:Extra"
                """,
        }
    )
    assert {(e.path, e.handler) for e in plugged.system.endpoints} == {
        ("/page", "core.pages.page"),
        ("/more", "core.extra.more"),
    }


def test_plugins_of_other_distributions_are_announced_where_they_are_loaded(project: Make) -> None:
    start, later = ("endpoints", "tables", "tasks"), ("accesses", "calls")
    found = project(
        {
            "core.py": """
                import importlib.metadata
                import pkg_resources
                import pluggy
                from flask import Flask
                from stevedore import driver

                manager = pluggy.PluginManager("core")
                manager.load_setuptools_entrypoints("core.hooks")
                for point in importlib.metadata.entry_points().get("core.old", []):
                    point.load()

                def create_app():
                    app = Flask(__name__)
                    for point in importlib.metadata.entry_points(group="core.plugins"):
                        point.load()(app)
                    return app

                def export(kind):
                    driver.DriverManager("core.exports", kind)
                    return [point.load() for point in pkg_resources.iter_entry_points(kind)]

                scripts = importlib.metadata.entry_points(group="console_scripts")
                """,
            "setup.cfg": "[options.entry_points]\ncore.plugins =\n    own = own:install\n",
            "own.py": "def install(app): ...\n",
        }
    )
    told = [d for d in found.system.diagnostics if d.code == "unseen-plugins"]
    assert [(d.line, d.message.partition(" are loaded")[0].split()[-1], d.weakens) for d in told] == [
        (9, "core.hooks", start),
        (10, "core.old", start),
        (15, "core.plugins", start),
        (20, "core.exports", later),
        (21, "told", later),
    ]
    assert "(1 of the tree's own are read)" in told[2].message
