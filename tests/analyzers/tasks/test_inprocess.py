"""Work that is handed to a thread, a pool or a response's background is a task of its own."""

from __future__ import annotations

import pytest

HANDED = {
    "from fastapi import BackgroundTasks\n\ndef place(bg: BackgroundTasks):\n    bg.add_task(mail, 1)\n": 4,
    "from threading import Thread\n\ndef place():\n    Thread(target=mail, args=(1,)).start()\n": 4,
    "import threading\n\ndef place():\n    threading.Timer(5, mail).start()\n": 4,
    "from concurrent.futures import ThreadPoolExecutor\n\ndef place():\n"
    "    with ThreadPoolExecutor() as pool:\n        pool.submit(mail, 1)\n": 5,
}


@pytest.mark.parametrize("text", HANDED)
def test_a_function_that_is_handed_over_is_a_task_and_the_place_sends_it(project, text: str) -> None:  # type: ignore[no-untyped-def]
    system = project({"shop/__init__.py": "", "shop/main.py": f"{text}\ndef mail(order): ...\n"}).system
    assert [(task.name, task.handler) for task in system.tasks] == [("shop.main.mail", "shop.main.mail")]
    (message,) = (one for one in system.messages if one.kind == "task")
    assert (message.module, message.function, message.line) == ("shop.main", "place", HANDED[text])


@pytest.mark.parametrize(
    "line",
    [
        "open('/var/shop/orders.json', 'w')",
        "Path('/var/shop/orders.json').read_text()",
        "open('/var/shop/orders.json')",
    ],
)
def test_a_file_outside_the_tree_is_told(project, line: str) -> None:  # type: ignore[no-untyped-def]
    text = f"from pathlib import Path\n\ndef put():\n    {line}\n    open('/dev/null')\n"
    system = project({"shop/__init__.py": "", "shop/main.py": text}).system
    (told,) = (d for d in system.diagnostics if d.code == "unresolved-access")
    assert (told.file, told.line) == ("shop/main.py", 4)
    assert "/var/shop/orders.json" in told.message
