"""Workers that hang, die or swallow memory cost their page, not the crawl."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.article import Refusal, Verdict
from pipelines.pool import WorkerPool


def fine(number: int) -> int:
    return number * 2


def hang() -> None:
    while True:
        time.sleep(0.01)


def die() -> None:
    os._exit(9)


def die_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "read"


def who(_: int) -> int:
    return os.getpid()


def swallow() -> int:
    return len(bytearray(3 << 30))


def complain() -> None:
    message = "a fault of the function itself"
    raise ValueError(message)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1, time_limit=2.0, memory_limit=512 << 20) as workers:
        yield workers


def outcome(pool: WorkerPool, function: Any, *args: Any) -> Any:
    return asyncio.run(pool.run(function, *args))


@pytest.mark.parametrize(
    ("function", "verdict"), [(hang, Verdict.TIMEOUT), (die, Verdict.CRASH), (swallow, Verdict.MEMORY)]
)
def test_a_page_beyond_its_bounds_is_refused_and_the_next_one_works(
    pool: WorkerPool, function: Any, verdict: Verdict
) -> None:
    refusal = outcome(pool, function)
    assert isinstance(refusal, Refusal)
    assert refusal.verdict is verdict
    assert outcome(pool, fine, 21) == 42


def test_an_error_of_the_function_is_raised_where_it_was_called(pool: WorkerPool) -> None:
    with pytest.raises(ValueError, match="a fault of the function itself"):
        outcome(pool, complain)


def test_a_page_whose_worker_was_killed_is_read_again(pool: WorkerPool, tmp_path: Path) -> None:
    assert outcome(pool, die_once, tmp_path / "killed") == "read"


def test_idle_workers_that_are_killed_all_at_once_cost_no_page() -> None:
    async def crawl() -> list[int | Refusal]:
        with WorkerPool(2) as workers:
            pids = set(await asyncio.gather(*map(partial(workers.run, who), range(20))))
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            # Pebble notices within a tenth of a second; before that pages go out to the dead.
            return [*await asyncio.gather(*map(partial(workers.run, fine), range(20))), *[await workers.run(fine, 21)]]

    assert asyncio.run(crawl()) == [*(number * 2 for number in range(20)), 42]
