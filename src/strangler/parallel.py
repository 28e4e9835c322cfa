"""Run one pure function over many items on all cores, and survive an item that kills its process."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK_WEIGHT = 400_000
"""Weight (bytes of source) sent to a process at a time: large enough that sending costs little."""
WORTH_A_PROCESS = 4 * CHUNK_WEIGHT
"""Below this total weight, starting processes costs more than it saves."""


def default_jobs() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_in_order(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    weigh: Callable[[Item], int],
    crashed: Callable[[Item], Result],
    jobs: int | None = None,
    executor: Executor | None = None,
    done: Callable[[int], None] = lambda count: None,
) -> list[Result]:
    """``[function(item) for item in items]``, on several processes.

    Args:
        function: importable by name, depending on nothing but its item.
        items: what it is applied to; they and the results must pickle.
        weigh: the relative cost of an item (bytes of source).
        crashed: the result for an item during which the process died.
        jobs: processes; None means all cores, 1 means this process.
        executor: used instead of processes of our own.
        done: told after every chunk how many items are finished.

    Returns:
        The results in the order of the items, whatever the number of processes.
    """
    jobs = jobs or default_jobs()
    chunks = list(_chunks(items, weigh))
    if executor is None and (jobs == 1 or sum(map(weigh, items)) < WORTH_A_PROCESS):
        return _here(function, items, done)
    results: dict[int, list[Result]] = {}
    lost: list[int] = []
    pool = executor or _pool(min(jobs, len(chunks)))
    try:
        running: dict[Future[list[Result]], int] = {}
        for index, chunk in enumerate(chunks):
            try:
                running[pool.submit(_apply, function, chunk)] = index
            except BrokenProcessPool:
                lost.append(index)
        finished = 0
        for future in as_completed(running):
            index = running[future]
            if _collect(future, results, index):
                finished += len(chunks[index])
                done(finished)
            else:
                lost.append(index)
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
    for index in sorted(lost):
        results[index] = _retry(function, chunks[index], crashed)
    return [result for index in range(len(chunks)) for result in results[index]]


def _here(
    function: Callable[[Item], Result], items: Sequence[Item], done: Callable[[int], None]
) -> list[Result]:
    results = []
    for count, item in enumerate(items, 1):
        results.append(function(item))
        if count % 50 == 0:
            done(count)
    return results


def _collect(future: Future[list[Result]], results: dict[int, list[Result]], index: int) -> bool:
    try:
        results[index] = future.result()
    except BrokenProcessPool:
        return False
    return True


def _retry(
    function: Callable[[Item], Result], chunk: list[Item], crashed: Callable[[Item], Result]
) -> list[Result]:
    """A chunk in a process of its own; if that dies too, each item in one: only the culprit is lost."""
    with _pool(1) as pool:
        try:
            return pool.submit(_apply, function, chunk).result()
        except BrokenProcessPool:
            if len(chunk) == 1:
                return [crashed(chunk[0])]
    return [result for item in chunk for result in _retry(function, [item], crashed)]


def _pool(workers: int) -> ProcessPoolExecutor:
    # Forking is cheapest and our process has no threads then; other platforms start afresh.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


def _start_worker() -> None:
    import gc
    import signal
    import threading

    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what the parent clears up is not ours
    gc.disable()  # syntax trees hold no circles; collecting them costs a tenth of the time


def _end_with_parent() -> None:
    """A run that is killed tells its processes nothing: without this they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _apply(function: Callable[[Item], Result], chunk: list[Item]) -> list[Result]:
    return [function(item) for item in chunk]


def _chunks(items: Sequence[Item], weigh: Callable[[Item], int]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    weight = 0
    for item in items:
        chunk.append(item)
        weight += weigh(item)
        if weight >= CHUNK_WEIGHT:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk
