"""Work spread over processes gives the results of one process, in order, and survives a dying process."""

import os

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
