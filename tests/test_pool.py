"""Workers that hang, die or swallow memory cost their page, not the crawl."""

import asyncio
import os
import time
from collections.abc import Iterator
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
