"""Each limit can be set, is kept to, and is named where it was hit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strangler import pipeline
from strangler.commands.problems import Exit, UserError
from strangler.commands.watchdog import bounded
from strangler.config import ConfigError, load
from strangler.limits import DEFAULT, Limits, key, table

HERE = Path(__file__).parent.parent.parent
MODEL = "from django.db import models\nclass Order(models.Model):\n    name = models.TextField()\n"
STEPS = "def f(a):\n    return a\n" + "f(1)\n" * 30
URLS = "from django.urls import path\nurlpatterns = [path('a/', f), path('b/', f), path('c/', f)]\n"
INCLUDING = "from django.urls import include, path\nurlpatterns = [path('a/', include('shop.more'))]\n"
CALLS = "def f(x):\n" + "    y = 1\n" * 9 + "def g():\n" + "".join(f"    f({n})\n" for n in range(9))
DEEP = "".join(f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(9)) + "f0(1)\n"
DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/settings.py": "INSTALLED_APPS = ['shop']\nROOT_URLCONF = 'shop.urls'\n",
    "shop/urls.py": URLS,
    "shop/models.py": MODEL,
}
HITS: dict[str, tuple[int, dict[str, str]]] = {
    "file-bytes": (40, {"a.py": "x = 1\n" * 20}),
    "data-files": (1, DJANGO | {f"shop/fixtures/{n}.json": '[{"model": "shop.order"}]' for n in "abc"}),
    "data-file-bytes": (10, DJANGO | {"shop/fixtures/a.json": '[{"model": "shop.order"}]'}),
    "run-steps": (1, {"a.py": STEPS}),
    "run-steps-per-line": (1, {"a.py": STEPS}),
    "module-steps": (9, {"a.py": STEPS}),
    "function-steps": (9, {"a.py": "def g(x):\n" + "    x = x + 1\n" * 40}),
    "call-steps": (
        5,
        {
            "a.py": "def f(x):\n"
            + "    y = 1\n" * 9
            + "def g():\n"
            + "".join(f"    f({n})\n" for n in range(9))
        },
    ),
    "call-depth": (
        3,
        {"a.py": "".join(f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(9)) + "f0(1)\n"},
    ),
    "recursion": (2, {"a.py": "def f(x):\n    return f([x])\nf(1)\n"}),
    "loop-items": (10, {"a.py": f"for x in {list(range(20))}:\n    print(x)\n"}),
    "container-items": (10, {"a.py": "x = [1, 2, 3]\nx = x + x\nx = x + x\nx = x + x\n"}),
    "string-characters": (10, {"a.py": "x = 'abc'\nx = x + x\nx = x + x\n"}),
    "ancestors": (3, {"a.py": "class A: pass\nclass B(A): pass\nclass C(B): pass\nclass D(C): pass\n"}),
    "startup-hooks": (
        2,
        {
            "a.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef up():\n"
            + "    app.add_event_handler('startup', up)\n"
        },
    ),
    "url-entries": (2, DJANGO),
    "url-depth": (1, DJANGO | {"shop/urls.py": INCLUDING, "shop/more.py": URLS}),
}
ENDLESS = {"recursion", "startup-hooks"}
"""Of these the program has no end: the default is hit as well."""
ANSWERS = {"answer-bytes", "answer-seconds", "answer-levels", "answer-values", "recording-bytes"}
GIT = {"git-seconds", "git-lookup-seconds", "git-bytes", "revision-bytes"}
ELSEWHERE = {"cpu-seconds", "extract-nodes", "extract-bytes", *GIT, *ANSWERS}
"""Those of time: see the tests of git, and below; those of `extract` and of answers: see their tests."""


def analysed(tree: Path, limits: Limits) -> list[str]:
    config = load(tree, [f"limits.{row.name}={row.value}" for row in table(limits)])
    system = pipeline.read(pipeline.scan(tree, config), jobs=1, cached=False)
    return [item.message for item in system.diagnostics]


@pytest.mark.parametrize("name", HITS)
def test_a_limit_that_is_hit_is_named(tmp_path: Path, name: str) -> None:
    value, files = HITS[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    more = {"run_steps": 1} if name == "run-steps-per-line" else {}
    more |= {"run_steps_per_line": 1} if name == "run-steps" else {}
    limits = Limits(**({name.replace("-", "_"): value} | more))
    told = f"(limit {name}: {value:,})" if name != "run-steps-per-line" else "(limit run-steps: 1)"
    assert any(told in message for message in analysed(tmp_path, limits))
    assert any("(limit" in message for message in analysed(tmp_path, DEFAULT)) == (name in ENDLESS)


def test_a_script_may_take_what_a_function_may_and_no_more(tmp_path: Path) -> None:
    script = 'if __name__ == "__main__":\n' + "    x = 1\n" * 40
    (tmp_path / "a.py").write_text("x = 1\n" * 40 + script)
    told = analysed(tmp_path, Limits(function_steps=20))
    assert ["(limit function-steps: 20)" in message for message in told] == [True]
    assert not analysed(tmp_path, Limits(function_steps=60, module_steps=60))


def test_what_is_called_again_and_again_at_start_up_is_not_run_each_time(tmp_path: Path) -> None:
    body = "def f(x):\n" + "    y = 1\n" * 9 + "    seen.append(x)\n"
    (tmp_path / "a.py").write_text("seen = []\n" + body + "f(1)\n" * 9)
    told = "f is called too often: the same call is taken to do the same again (limit call-steps: 20)"
    assert told in analysed(tmp_path, Limits(call_steps=20))
    assert not analysed(tmp_path, DEFAULT)


def test_no_limit_is_without_its_test() -> None:
    assert {*HITS, *ELSEWHERE} == {row.name for row in table(DEFAULT)}


def test_the_page_of_limits_has_all_of_them() -> None:
    page = (HERE / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{row.name}` | {row.default:,} | {row.unit} | {row.guards} |" for row in table(DEFAULT)
    ]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("limits.call-dept=3", "did you mean 'call-depth'"),
        ("limits.call-depth=0", "limits.call-depth"),
        ("limits.call-depth=5000", "<= 100"),
        ("limits.call-depth=many", "limits.call-depth"),
    ],
)
def test_a_limit_that_cannot_be_set_is_told(tmp_path: Path, setting: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, [setting])


def test_a_run_beyond_its_time_ends_with_advice() -> None:
    def work() -> None:
        try:
            while True:
                pass
        except Exception:  # as a guard of a unit of work would
            work()

    told = r"limit cpu-seconds: 1\).*exclude.*--limit cpu-seconds"
    with pytest.raises(UserError, match=told) as caught, bounded(Limits(cpu_seconds=1)):
        work()
    assert caught.value.code == Exit.INCOMPLETE


@pytest.mark.parametrize(
    "verb", [("record", "--target"), ("verify", "routes", "--gateway-url")], ids=["record", "verify"]
)
def test_limits_of_answers_are_set_on_the_command_line_and_by_the_folder(
    run: Callable[..., Any], tmp_path: Path, verb: tuple[str, ...]
) -> None:
    *words, option = verb
    command = (*words, ".", option, "http://127.0.0.1:9")
    told = run(*command, "--limit", "answer-seconds=1", cwd=tmp_path).stderr
    assert "limits.answer-seconds" in told
    (tmp_path / "strangler.toml").write_text("[limits]\nanswer-byte = 5\n")
    assert "did you mean 'answer-bytes'" in run(*command, cwd=tmp_path).stderr


def test_limits_are_shown_and_set_on_the_command_line(run: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "strangler.toml").write_text("[limits]\nrecursion = 5\n")
    shown = run("analyze", ".", "--limits", "--limit", "call-depth=30", cwd=tmp_path).stdout  # type: ignore[attr-defined]
    rows = {line.split()[0]: line.split()[1] for line in shown.splitlines()}
    assert list(rows) == [key(field) for field in Limits.__struct_fields__]
    assert (rows["call-depth"], rows["recursion"], rows["file-bytes"]) == ("30", "5", "1,000,000")
