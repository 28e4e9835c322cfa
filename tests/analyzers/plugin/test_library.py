"""A library is described by declarations; what the code does with it becomes facts."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from strangler.analyzers.plugin import (
    API_VERSION,
    Application,
    Call,
    Class,
    Compiled,
    Const,
    Function,
    Library,
    LibraryFramework,
    Look,
    Value,
    framework,
    literal,
)

Project = Any
Make = Callable[[dict[str, str]], Project]


class Toolbox(LibraryFramework):
    """A made-up library with a little of everything."""

    name = "toolbox"
    packages = ("toolbox",)
    api_version = API_VERSION
    library = Library("toolbox")
    library.application("Web")
    library.inherits("SpecialWeb", "Web")
    library.inherits("ZincBucket", "Bucket")
    library.alias("core.Web", of="Web")
    library.route("Web.at", path=(0, "path"), methods=(1, "methods"), handler=(2, "view"))
    library.mount("Web.below", app=(0, "app"), prefix=(1, "prefix"))
    library.task("job")
    library.task("Queue.job", called=(0, "name"), method=True)
    library.sends("Queue.put", task=(0, "job"))
    library.reads("Bucket.get", table=(0, "name"))
    library.writes("Bucket.put", table=(0, "name"))

    @library.call("table_name")
    def table_name(self, call: Call) -> Value | None:
        text = call.text((0, "of"))
        return Const(f"t_{text}") if text is not None else None

    @library.attributes_of("settings")
    def setting(self, look: Look) -> Value | None:
        return Const("/pre") if look.name == "prefix" else None

    @library.members_of("Bucket")
    def member(self, look: Look) -> Value | None:
        return Const(look.name) if look.name.startswith("t_") else None

    @library.method("Bucket.default")
    def default(self, call: Call) -> Value | None:
        return Const("t_default")

    @library.method("ZincBucket.default")
    def zinc(self, call: Call) -> Value | None:
        return Const("t_zinc")

    @library.call("broken")
    def broken(self, call: Call) -> Value | None:
        raise KeyError("a defect of the plug-in")

    @library.method("Web.sink")
    def sink(self, call: Call) -> Value | None:
        handler = call.get((0, "view"))
        if isinstance(call.receiver, Application) and handler is not None:
            self.register(call, call.receiver, call.text((1, "path")), handler, ["GET"])
        return None

    def methods(self, handler: Function | Class) -> list[str] | None:
        if isinstance(handler, Function):
            return None
        return [verb for verb in ("GET", "PUT") if handler.find(f"on_{verb.lower()}")]

    def compile(self, pattern: str) -> Compiled:
        return Compiled(pattern, pattern, literal(pattern))


@pytest.fixture
def make(project: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    point = EntryPoint("toolbox", f"{__name__}:Toolbox", framework.PLUGINS)
    monkeypatch.setattr(framework, "entry_points", lambda group: [point])
    return project


def routes(system: Any) -> set[tuple[str, tuple[str, ...] | None, str]]:
    return {(e.path, e.methods, e.handler.rpartition(".")[2]) for e in system.endpoints}


def test_routes_are_found_however_the_code_comes_to_the_call(make: Make) -> None:
    found = make(
        {
            "app.py": """
            from toolbox import Web, settings
            from toolbox.core import Web as SameWeb

            class Own(Web):
                def __init__(self):
                    super().__init__()
                    self.at("/own", view=own)

            def own(): ...
            def plain(): ...
            def looped(): ...
            def inner(): ...

            def create():
                web = Web()
                @web.at("/decorated", methods=["post", "GET"])
                def decorated(): ...
                for name in ("a", "b"):
                    web.at(f"{settings.prefix}/{name}", view=looped)
                part = SameWeb()
                part.at("/x", view=inner)
                web.below(part, "/part")
                return web

            class Thing:
                def on_get(self): ...
                def on_put(self): ...

            other = Own()
            other.at("/plain", view=plain)
            other.at("/thing", view=Thing())
            other.at("/stated", methods=["POST"], view=Thing())
            other.sink(plain, "/by-hand")
            """
        }
    ).system
    assert routes(found) == {
        ("/decorated", ("GET", "POST"), "decorated"),
        ("/pre/a", None, "looped"),
        ("/pre/b", None, "looped"),
        ("/part/x", None, "inner"),
        ("/own", None, "own"),
        ("/plain", None, "plain"),
        ("/thing", ("GET", "PUT"), "Thing"),
        ("/stated", ("POST",), "Thing"),
        ("/by-hand", ("GET",), "plain"),
    }
    assert found.monolith.frameworks == ("toolbox",)


def test_what_cannot_be_told_of_routes_is_said(make: Make) -> None:
    found = make(
        {
            "app.py": """
            import elsewhere
            from toolbox import Web
            web = Web()
            web.at(elsewhere.path(), view=lambda: None)
            web.at("/theirs", view=elsewhere.view)
            web.below(elsewhere.app, "/mounted")
            """
        }
    ).system
    assert found.endpoints == ()
    assert {row.pattern for row in found.opaque_routes} == {"...", "/theirs", "/mounted..."}


def test_tasks_and_what_queues_them(make: Make) -> None:
    found = make(
        {
            "app.py": """
            from toolbox import Queue, job

            queue = Queue()

            @job
            def bare(): ...

            @job(name="mails.send")
            def send(address): ...

            @queue.job("nightly")
            def night(): ...

            def order():
                queue.put(send, "a@example.org")
                queue.put("nightly")
            """
        }
    ).system
    assert {(task.name, task.handler) for task in found.tasks} == {
        ("app.bare", "app.bare"),
        ("mails.send", "app.send"),
        ("nightly", "app.night"),
    }
    assert {(m.name, m.function, m.kind) for m in found.messages} == {
        ("mails.send", "order", "task"),
        ("nightly", "order", "task"),
    }


def test_reads_and_writes_name_their_tables(make: Make) -> None:
    found = make(
        {
            "app.py": """
            from toolbox import Bucket, table_name

            bucket = Bucket()

            def copy(key):
                row = bucket.get("orders")
                bucket.put(table_name("copies"), row)
                bucket.put(bucket.t_member, row)
                bucket.put(bucket.default(), row)
                bucket.get(key)
            """
        }
    ).system
    assert {(a.operation, a.table, a.certainty) for a in found.accesses if a.function == "copy"} == {
        ("read", "orders", "certain"),
        ("write", "t_copies", "certain"),
        ("write", "t_member", "certain"),
        ("write", "t_default", "certain"),
    }
    (unresolved,) = [d for d in found.diagnostics if d.code == "unresolved-access"]
    assert unresolved.line == 11


def test_a_monolith_without_the_library_has_none_of_it(make: Make) -> None:
    found = make({"app.py": "def copy(bucket): return bucket.get('orders')\n"}).system
    assert (found.accesses, found.monolith.frameworks) == ((), ())


def test_the_method_of_the_most_special_class_is_meant_whatever_the_names(make: Make) -> None:
    system = make(
        {
            "app.py": """
            from toolbox import Bucket, ZincBucket
            class Mine(ZincBucket):
                pass
            def run():
                Bucket().get(Mine().default())
                Bucket().put(Bucket().default())
            """
        }
    ).system
    assert {(a.operation, a.table) for a in system.accesses} == {("read", "t_zinc"), ("write", "t_default")}


def test_the_handler_is_found_behind_what_is_put_around_it(make: Make) -> None:
    found = make(
        {
            "app.py": """
            import functools
            import elsewhere
            from toolbox import Web

            def passing_on(f):
                def inner(*args, **kwargs):
                    return f(*args, **kwargs)
                return inner

            def with_request(view):
                def inner(request):
                    checked = view(request)
                    return checked
                return inner

            def chosen(kind):
                made = {"a": first, "b": second}[kind]
                def inner(request):
                    return made(request)
                return inner

            def create(web):
                def helper(x): ...
                def closure(x):
                    return helper(x)
                web.at("/closure", view=closure)

            class Callable:
                def __call__(self, request): ...

            def first(request): ...
            def second(request): ...

            web = Web()
            create(web)
            web.at("/passing", view=passing_on(first))
            web.at("/request", view=with_request(first))
            web.at("/chosen", view=chosen("b"))
            web.at("/partial", view=functools.partial(first, 1))
            web.at("/library", view=elsewhere.exempt(elsewhere.limited("5/m")(first)))
            web.at("/instance", view=Callable())
            web.at("/bound", view=Callable().__call__)
            """
        }
    ).system
    assert {(path, handler) for path, _, handler in routes(found)} == {
        ("/closure", "closure"),
        ("/passing", "first"),
        ("/request", "first"),
        ("/chosen", "second"),
        ("/partial", "first"),
        ("/library", "first"),
        ("/instance", "Callable"),
        ("/bound", "__call__"),
    }


def test_a_defect_of_a_plug_in_costs_one_place_and_is_told(make: Make) -> None:
    found = make(
        {
            "app.py": """
            from toolbox import Bucket, broken

            broken()

            def copy():
                broken()
                Bucket().get("orders")
            """
        }
    ).system
    told = [(d.file, d.line, d.message) for d in found.diagnostics if d.code == "not-interpreted"]
    message = "the framework toolbox failed here (KeyError: 'a defect of the plug-in')"
    assert told == [("app.py", 4, message), ("app.py", 7, message)]
    assert [access.table for access in found.accesses] == ["orders"]
