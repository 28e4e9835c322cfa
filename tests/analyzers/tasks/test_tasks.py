"""Background tasks: their names beside the registries of the real libraries, schedules and call sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Project = Any
Make = Callable[[dict[str, str]], Project]

CELERY = {
    "jobs/__init__.py": "",
    "jobs/app.py": """
        from celery import Celery
        from celery.schedules import crontab

        class Named(Celery):
            def gen_task_name(self, name, module):
                return super().gen_task_name(name, module)

        app = Named("jobs")
        app.conf.beat_schedule = {
            "nightly": {"task": "jobs.tasks.clean", "schedule": crontab(hour=3, minute=30)},
            "often": {"task": "mail.send", "schedule": 30.0},
        }

        @app.on_after_configure.connect
        def periodic(sender, **kwargs):
            from jobs.tasks import retry_all
            sender.add_periodic_task(60, retry_all.s(), name="retry")
        """,
    "jobs/base.py": """
        from functools import partial, wraps
        from celery import Task
        from jobs.app import app

        class Logged(Task):
            def on_failure(self, *args, **kwargs):
                pass

        logged_task = partial(app.task, base=Logged)

        def counted(function):
            @wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        """,
    "jobs/tasks.py": """
        from celery import Task, shared_task
        from jobs.app import app
        from jobs.base import counted, logged_task

        @app.task
        def clean():
            pass

        @app.task(bind=True, name="mail.send")
        @counted
        def send(self, to):
            pass

        @shared_task(ignore_result=True)
        def retry_all():
            send.delay("x")

        @logged_task(queue="low")
        def slow():
            pass

        class Export(Task):
            name = "export"

            def run(self):
                pass

        app.register_task(Export())
        """,
    "jobs/web.py": """
        from celery import chain, signature
        from jobs.app import app
        from jobs import tasks

        class Orders:
            def place(self):
                tasks.send.apply_async(args=["a"], countdown=3)

        def workflow():
            chain(tasks.clean.si(), tasks.slow.s())()
            app.send_task("export", args=[])
            signature("jobs.tasks.clean").delay()
        """,
}


def test_celery_tasks_carry_the_names_of_the_registry(project: Make) -> None:
    jobs = project(CELERY)
    found = {task.name: task.handler for task in jobs.system.tasks}
    app = jobs.load("jobs.app").app
    jobs.load("jobs.tasks")
    app.finalize()
    assert set(found) == {name for name in app.tasks if not name.startswith("celery.")}
    assert found["mail.send"] == "jobs.tasks.send"
    assert found["export"] == "jobs.tasks.Export.run"


def test_celery_schedules_from_configuration_and_code(project: Make) -> None:
    schedules = {t.name: t.schedule for t in project(CELERY).system.tasks if t.schedule}
    assert schedules == {
        "jobs.tasks.clean": "crontab(hour=3, minute=30)",
        "mail.send": "every 30 s",
        "jobs.tasks.retry_all": "every 60 s",
    }


def test_celery_call_sites(project: Make) -> None:
    sent = {(m.module, m.function, m.name) for m in project(CELERY).system.messages if m.kind == "task"}
    assert sent == {
        ("jobs.tasks", "retry_all", "mail.send"),
        ("jobs.app", "periodic", "jobs.tasks.retry_all"),
        ("jobs.web", "Orders.place", "mail.send"),
        ("jobs.web", "workflow", "jobs.tasks.clean"),
        ("jobs.web", "workflow", "jobs.tasks.slow"),
        ("jobs.web", "workflow", "export"),
    }


def test_a_celery_factory_that_nothing_calls(project: Make) -> None:
    made = project(
        {
            "worker.py": """
                from celery import Celery

                def make_celery():
                    celery = Celery("x")

                    @celery.task(name="inner")
                    def inside():
                        pass

                    return celery
                """
        }
    )
    (task,) = made.system.tasks
    assert (task.name, task.handler) == ("inner", "worker.make_celery.<locals>.inside")


def test_dramatiq_actors(project: Make) -> None:
    acts = project(
        {
            "acts.py": """
                import dramatiq
                from dramatiq.brokers.stub import StubBroker

                broker = StubBroker()
                dramatiq.set_broker(broker)

                @dramatiq.actor
                def ship(order_id):
                    pack.send(order_id)

                @dramatiq.actor(actor_name="pack-order", max_retries=3)
                def pack(order_id):
                    pass

                def place():
                    ship.send_with_options(args=(1,), delay=1000)
                """
        }
    )
    real = {name: f"acts.{a.fn.__name__}" for name, a in acts.load("acts").broker.actors.items()}
    assert {t.name: t.handler for t in acts.system.tasks} == real
    assert {(m.function, m.name) for m in acts.system.messages} == {("ship", "pack-order"), ("place", "ship")}


def test_huey_tasks_are_queued_by_calling_them(project: Make) -> None:
    hive = project(
        {
            "hive.py": """
                from huey import MemoryHuey, crontab

                huey = MemoryHuey("hive")

                @huey.task()
                def count(n):
                    return n

                @huey.periodic_task(crontab(minute="0", hour="3"))
                def nightly():
                    count(3)

                def later():
                    count.schedule(args=(1,), delay=10)
                """
        }
    )
    names = set(hive.load("hive").huey._registry._registry)
    assert {t.name for t in hive.system.tasks} <= names
    assert {t.name: t.schedule for t in hive.system.tasks} == {
        "hive.count": None,
        "hive.nightly": "crontab(minute=0, hour=3)",
    }
    assert {(m.function, m.name) for m in hive.system.messages} == {
        ("nightly", "hive.count"),
        ("later", "hive.count"),
    }


def test_tasks_of_the_instance_that_huey_makes_for_django_are_found_behind_a_decorator(project: Make) -> None:
    source = """
    import functools
    from huey.contrib.djhuey import HUEY as huey
    from huey import crontab

    def task(retries=5):
        def decorate(function):
            @functools.wraps(function)
            def inner(*args, **options):
                return function(*args, **options)
            return huey.task(retries=retries, context=True)(inner)
        return decorate

    @task()
    def count(n):
        return n

    @huey.periodic_task(crontab(minute="0"))
    def nightly():
        pass
    """
    assert {t.name for t in project({"hive.py": source}).system.tasks} == {"hive.count", "hive.nightly"}


def test_rq_jobs_by_decorator_by_function_and_by_name(project: Make) -> None:
    queue = project(
        {
            "work.py": """
                def by_name(x):
                    pass

                def by_function(x):
                    pass
                """,
            "web.py": """
                from redis import Redis
                from rq import Queue
                from rq.decorators import job
                import work

                queue = Queue(connection=Redis())

                @job("low", connection=Redis())
                def decorated():
                    pass

                def post():
                    queue.enqueue("work.by_name", 1)
                    queue.enqueue(work.by_function, 2)
                    decorated.delay()
                """,
        }
    )
    assert {(t.name, t.framework) for t in queue.system.tasks} == {
        ("work.by_name", "rq"),
        ("work.by_function", "rq"),
        ("web.decorated", "rq"),
    }
    assert {(m.function, m.name) for m in queue.system.messages} == {
        ("post", "work.by_name"),
        ("post", "work.by_function"),
        ("post", "web.decorated"),
    }


def test_schedulers_also_behind_a_class_of_ones_own(project: Make) -> None:
    times = project(
        {
            "timer.py": """
                from concurrent.futures import ThreadPoolExecutor
                from apscheduler.schedulers.background import BackgroundScheduler
                from schedule import every

                class Timer:
                    def __init__(self):
                        self.pool = ThreadPoolExecutor()

                    def add(self, job):
                        def decorator(function):
                            job.do(self.pool.submit, function)
                        return decorator

                timer = Timer()
                scheduler = BackgroundScheduler()

                @timer.add(every(2).hours)
                def sync():
                    pass

                @timer.add(every().monday.at("18:00"))
                def report():
                    pass

                @scheduler.scheduled_job("cron", hour=3, id="nightly")
                def nightly():
                    pass

                scheduler.add_job(sync, "interval", minutes=5)
                """
        }
    )
    assert {(t.name, t.handler, t.schedule) for t in times.system.tasks} == {
        ("timer.sync", "timer.sync", "every 2 hours"),
        ("timer.report", "timer.report", "every monday at 18:00"),
        ("nightly", "timer.nightly", "cron(hour=3)"),
        ("timer.sync", "timer.sync", "interval(minutes=5)"),
    }


def test_a_decorator_class_of_ones_own_and_a_schedule_that_a_command_fills(project: Make) -> None:
    timed = project(
        {
            "timed.py": """
                from datetime import timedelta
                from functools import partial
                import click
                from redis import Redis
                from rq.decorators import job as rq_job
                from rq_scheduler import Scheduler

                class Recorded(rq_job):
                    pass

                class Timer(Scheduler):
                    pass

                job = partial(Recorded, connection=Redis())
                timer = Timer(connection=Redis())

                @job("mail")
                def mail():
                    pass

                def clean():
                    pass

                def check():
                    pass

                def definitions(extra=None):
                    jobs = [{"func": clean, "interval": 60}, {"func": mail, "interval": 5}]
                    if extra:
                        jobs.append({"func": check, "interval": timedelta(days=1)})
                    return jobs

                @click.command()
                @click.option("--extra")
                def start(extra):
                    for kwargs in definitions(extra):
                        timer.schedule(scheduled_time=None, **kwargs)
                """
        }
    )
    assert {t.name for t in timed.system.tasks} == {"timed.mail", "timed.clean", "timed.check"}


def test_an_application_that_cannot_be_told_is_taken_for_one_of_celery_and_said(project: Make) -> None:
    system = project(
        {
            "app.py": """
                import os
                from celery import chain
                from importlib import import_module
                app = getattr(import_module(os.environ["KIT"]), os.environ["MADE"])("jobs")
                """,
            "jobs.py": """
                from app import app

                @app.task
                def clean(): ...

                @app.task(bind=True, retry_backoff=True, name="mail")
                def mail(self): ...

                @app.task(colour="red")
                def other(): ...

                def later():
                    clean.delay()
                    return app.task(later)
                """,
        }
    ).system
    assert {(task.name, task.handler) for task in system.tasks} == {
        ("jobs.clean", "jobs.clean"),
        ("mail", "jobs.mail"),
    }
    said = [(d.file, d.line, d.code) for d in system.diagnostics if d.code == "guessed-task"]
    assert said == [("jobs.py", 5, "guessed-task"), ("jobs.py", 8, "guessed-task")]
    assert [(m.name, m.line) for m in system.messages] == [("jobs.clean", 14)]
