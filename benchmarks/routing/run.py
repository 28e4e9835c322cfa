"""The routing figures: ``python benchmarks/routing/run.py`` prints the tables that docs/routing.md quotes.

    --urls N        sampled URLs for each application and gateway (10,000)
    --seed N        another seed, other URLs
    --gateway NAME  may be repeated (all five that run)
    --apps FILE     more applications, as JSON: a list of objects with name, folder, boot, modules and, where
                    they differ from the sample monoliths, python, env, serve
                    (see tests/routing/routing_harness.py)
    --only NAME     may be repeated: these applications only
    --part NAME     urls, stages, certificate, trees (all)

``trees``: what is hard to hand over (tests/routing/trees), read from source alone, before and after a
context's code is taken out; --urls counts for each tree, gateway and state.

Needs what the tests need: see tests/routing/system-packages.txt and the ``test`` extra.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/routing"), str(ROOT / "tests")]

import trees  # noqa: E402
from routing_harness import FIXTURES, RUN, App, Client, Echo, Running, measure, serving, settings_for  # noqa: E402
from routing_tables import context, route, system  # noqa: E402

from strangler.routing import plan_routes  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--urls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_000)
    parser.add_argument("--gateway", action="append", choices=RUN)
    parser.add_argument("--apps", type=Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--part", action="append", choices=["urls", "stages", "certificate", "trees"])
    options = parser.parse_args()
    gateways = options.gateway or RUN
    parts = options.part or ["certificate", "stages", "urls", "trees"]
    if "certificate" in parts:
        certificate()
    if "stages" in parts:
        stages(gateways)
    if "trees" in parts:
        hard(gateways, options)
    if "urls" in parts:
        apps = [*FIXTURES, *(load(options.apps) if options.apps else ())]
        urls([a for a in apps if not options.only or a.name in options.only], gateways, options)


def load(path: Path) -> list[App]:
    """Applications from a JSON file."""
    return [
        App(
            **{**row, "folder": Path(row["folder"]), "modules": tuple(row["modules"])}
            | ({"serve": tuple(row["serve"])} if "serve" in row else {})
        )
        for row in json.loads(path.read_text())
    ]


def urls(apps: list[App], gateways: tuple[str, ...], options: argparse.Namespace) -> None:
    """Sampled URLs of each application through each gateway, against the framework's own resolver."""
    print(f"\n{options.urls} sampled URLs each, seed {options.seed}, policy reject")
    print("application        rules gateway  canonical wrong other wrong approximate      s")
    for app in apps:
        with tempfile.TemporaryDirectory() as folder, Echo() as echo, serving(app, Path(folder)) as port:
            for name in gateways:
                plan = app.plan(settings_for(echo.port, port))
                with Running(name, plan, Path(folder) / name) as running:
                    running.stage("full")
                    start = time.monotonic()
                    score = measure(app, plan, running, options.urls, options.seed)
                wrong, took = Counter(score.kinds), time.monotonic() - start
                print(
                    f"{app.name:18} {len(plan.rules):5} {name:8} {score.canonical:9} {wrong['canonical']:5} "
                    f"{score.other:5} {wrong['other']:5} {score.approximate:11} {took:6.1f}",
                    flush=True,
                )
                for line in score.wrong[:5]:
                    print(f"    {line}")


def hard(gateways: tuple[str, ...], options: argparse.Namespace) -> None:
    """Sampled URLs of each tree through each gateway, before and after the code is out."""
    print(f"\n{options.urls} sampled URLs each, seed {options.seed}, policy reject")
    print("tree                   gateway  state   canonical wrong other wrong nobody's      s")
    wrong_in_all = asked_in_all = 0
    for tree in trees.ALL:
        with tempfile.TemporaryDirectory() as folder, Echo() as echo:
            app, later = (tree.app(Path(folder), after=after) for after in (False, True))
            for state, monolith in (("before", app), ("after", later)):
                with serving(monolith, Path(folder)) as port:
                    for name in gateways:
                        plan = trees.read_plan(app, settings_for(echo.port, port))
                        questions = trees.asked(app, plan, options.urls, options.seed)
                        start = time.monotonic()
                        with Running(name, plan, Path(folder) / f"{name}-{state}") as running:
                            running.stage("full")
                            then = later if state == "after" else None
                            score = trees.measured(app, plan, running, questions, then)
                        wrong, took = Counter(score.kinds), time.monotonic() - start
                        wrong_in_all += len(score.wrong)
                        asked_in_all += len(questions)
                        print(
                            f"{app.name:22} {name:8} {state:7} {score.canonical:9} {wrong['canonical']:5} "
                            f"{score.other:5} {wrong['other']:5} {score.approximate:8} {took:6.1f}",
                            flush=True,
                        )
                        for line in score.wrong[:5]:
                            print(f"    {line}")
    print(f"{wrong_in_all:,} wrong of {asked_in_all:,} URLs")


def stages(gateways: tuple[str, ...]) -> None:
    """A 10 % canary over 2,000 new users, and rollback under load."""
    print("\ngateway  canary % of 2,000  moved users  failed under load  last request to the service, ms")
    table = system(route(0, r"/orders/(?:\d+)/", "orders.v"), route(1, "/(?s:.*)", "pages.v"))
    for name in gateways:
        with tempfile.TemporaryDirectory() as folder, Echo() as echo, Echo("monolith") as monolith:
            plan = plan_routes(table, context("orders"), settings_for(echo.port, monolith.port))
            with Running(name, plan, Path(folder)) as running:
                running.stage("canary")
                share, moved = canary(plan.settings.listen)
                running.stage("full")
                asked, failed, last = rollback(running, echo)
        print(f"{name:8} {share:17.1f} {moved:12} {failed:8} of {asked:6} {last:32.0f}", flush=True)


def canary(port: int) -> tuple[float, int]:
    """Per cent of new users on the service, and how many of 200 changed sides in five requests."""
    client = Client(port)
    new = Counter(client.side("/orders/7/") for _ in range(2000))
    moved = 0
    for _ in range(200):
        response, _ = client.ask("/orders/7/")
        cookie = {"Cookie": str(response.getheader("Set-Cookie")).split(";")[0]}
        sides = {client.ask("/orders/7/", headers=cookie)[0].getheader("X-Echo") for _ in range(5)}
        moved += sides != {response.getheader("X-Echo")}
    return 100 * new["service"] / 2000, moved


def rollback(running: Running, echo: Echo) -> tuple[int, int, float]:
    """Requests, failures, and milliseconds from the end of the command to the last arrival at the service."""
    stop, failed, asked = threading.Event(), Counter(), Counter()

    def load(number: int) -> None:
        client = Client(running.plan.settings.listen)
        while not stop.is_set():
            asked[number] += 1
            try:
                failed[number] += client.ask("/orders/7/")[0].status != 200
            except (OSError, HTTPException):
                failed[number] += 1

    threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    running.switch("rollback")
    done = time.monotonic()
    time.sleep(2.5)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(asked.values()), sum(failed.values()), 1000 * (echo.seen[-1].at - done)


def certificate() -> None:
    """Proof and counterexample for 500 routes with overlapping wildcards."""
    from strangler.routing.dialect import to_plain
    from strangler.routing.parse import parse
    from strangler.routing.routes import Line
    from strangler.routing.rules import MismatchError, certify

    shapes = (
        "/app{a}/res{n}/",
        "/app{a}/res{n}/(?:[0-9]+)/",
        "/app{a}/(?:[^/]+)/thing{n}/(?:[-a-zA-Z0-9_]+)/",
        "/app{a}/r{n}/(?:[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}})/edit/",
        r"/(?:[\w-]+)/p{n}/(?:.*)",
    )
    table = system(*(route(n, shapes[n % 5].format(a=n % 25, n=n), f"m{n % 10}.v.f") for n in range(500)))
    start = time.process_time()
    plan = plan_routes(table, context("m3.v"))
    planned = time.process_time()
    lines = [Line(r, to_plain(parse(r.regex))) for r in plan.routes]
    proof = certify(lines, plan.rules, unclaimed=False, complete=True)
    proved = time.process_time()
    try:
        certify(lines, plan.rules[1:], unclaimed=False, complete=True)
    except MismatchError as error:
        found = error.path
    refuted = time.process_time()
    print(
        f"500 routes, {len(plan.rules)} rules, {proof.states:,} states, {proof.classes:,} kinds of path; "
        f"CPU s: plan with proof and report {planned - start:.1f}, proof alone {proved - planned:.1f}, "
        f"shortest counterexample {refuted - proved:.1f} ({found})"
    )


if __name__ == "__main__":
    main()
