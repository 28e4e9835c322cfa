"""Work spread over processes gives the results of one process, in order, and survives a dying process."""

import os
import subprocess
import sys
import time

import pytest

from strangler.parallel import WORTH_A_PROCESS, map_in_order

HEAVY = WORTH_A_PROCESS // 4


def square(number: int) -> int:
    return number * number


def square_or_die(number: int) -> int:
    if number == 7:
        os._exit(9)  # as a segmentation fault in a C library would
    return number * number


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(jobs):
    results = map_in_order(square, range(50), weigh=lambda _: HEAVY, crashed=lambda _: -1, jobs=jobs)
    assert results == [number * number for number in range(50)]


def test_an_item_that_kills_its_process_is_reported_and_the_others_are_done():
    results = map_in_order(square_or_die, range(12), weigh=lambda _: HEAVY, crashed=lambda _: -1, jobs=2)
    assert results == [-1 if number == 7 else number * number for number in range(12)]


def test_no_items_give_no_results():
    assert map_in_order(square, [], weigh=lambda _: 1, crashed=lambda _: -1, jobs=2) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_the_processes_of_a_run_that_is_killed_end_with_it():
    program = (
        "import os, time\n"
        "from strangler.parallel import WORTH_A_PROCESS, map_in_order\n"
        "def told(number):\n"
        "    os.write(1, f'{os.getpid()}\\n'.encode())\n"
        "    if number: time.sleep(60)\n"
        "map_in_order(told, [0, 1], weigh=lambda _: WORTH_A_PROCESS, crashed=lambda _: -1, jobs=2)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        workers = {int(run.stdout.readline()) for _ in range(2)}
        run.kill()
        run.wait()
        end = time.monotonic() + 30
        while (alive := {one for one in workers if is_alive(one)}) and time.monotonic() < end:
            time.sleep(0.02)
        for one in alive:
            os.kill(one, 9)
    assert not alive


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
