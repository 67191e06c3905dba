"""A pool of worker processes that no page can break: each call has a time limit, each worker a memory bound.

A worker that hangs or dies is replaced by Pebble, a pool that is broken by this module. A page that breaks its worker
again and again is reported as a `Refusal`, and the crawl goes on. Extraction in threads gains nothing (the GIL), and
in the event loop it would stop the fetching.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipelines.article import Refusal, Verdict

T = TypeVar("T")

TIME_LIMIT_S = 20.0
"""A real page takes milliseconds; 20 s is a page built to hang a parser."""
MEMORY_LIMIT_BYTES = 768 << 20
"""Address space a worker may grow by. The largest real page seen (600 kB) needs about 60 MB."""
TASKS_A_WORKER = 5_000
"""After so many pages a worker is replaced: what libxml2 does not give back to the system goes with it."""
TRIES = 3
"""How often a page is given to a worker at most, if the worker or the whole pool dies."""
PIPE_BYTES = 1 << 20
"""The most that Linux gives a pipe of an ordinary user."""
_SET_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux


def _limit_worker(memory_limit: int) -> None:
    # Ctrl-C reaches the whole process group; the parent decides what is finished and what is not.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    bound = pages * os.sysconf("SC_PAGE_SIZE") + memory_limit
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        bound = min(bound, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    gc.freeze()


class _Pool(ProcessPool):
    """Pebble's pool with room for some pages in the pipe to its workers.

    A page is more than the 64 KiB a pipe has by default: a worker that wants the next one would wait until the busy
    main process gets round to the second half of it.
    """

    def _start_pool(self) -> None:
        super()._start_pool()  # type: ignore[no-untyped-call]
        channel = self._pool_manager.worker_manager.pool_channel
        if channel is not None and _SET_SIZE is not None:
            with contextlib.suppress(OSError):  # the system allows less
                fcntl.fcntl(channel.writer.fileno(), _SET_SIZE, PIPE_BYTES)


def _stop(pool: _Pool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.extract"])
    return context


class WorkerPool:
    """Runs pure functions on pages in processes of their own.

    `workers`: number of processes, by default one a core. `time_limit`: seconds a call may take.
    `memory_limit`: bytes a worker may grow by.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        time_limit: float = TIME_LIMIT_S,
        memory_limit: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self.time_limit = time_limit
        self._make = partial(
            _Pool,
            max_workers=workers or os.cpu_count() or 1,
            max_tasks=TASKS_A_WORKER,
            initializer=_limit_worker,
            initargs=(memory_limit,),
            context=_context(),
        )
        self._pool = self._make()
        self._closed = False

    async def run(self, function: Callable[..., T], *args: Any) -> T | Refusal:
        """Call `function(*args)` in a worker; a page that exceeds its bounds comes back as a `Refusal`.

        A page whose worker died is read once more: it may have been killed for another reason (the system was out
        of memory). Exceptions that the function raises itself are raised here too.
        """
        death = "the workers died again and again"
        for _ in range(TRIES):
            pool = self._pool
            try:
                future = pool.schedule(function, args=args, timeout=self.time_limit)
            except RuntimeError:  # Pebble's word for a pool that is broken or closed
                if self._closed:
                    raise
                await self._renew(pool)
                continue
            try:
                return await asyncio.wrap_future(future)
            except (TimeoutError, FutureTimeout):
                return Refusal(Verdict.TIMEOUT, f"took longer than {self.time_limit:g} s and was stopped")
            except MemoryError:
                return Refusal(Verdict.MEMORY, "needed more memory than a page may have")
            except ProcessExpired as error:
                death = f"the worker died with exit code {error.exitcode}"
            except BrokenProcessPool:
                await self._renew(pool)
        return Refusal(Verdict.CRASH, death)

    async def _renew(self, broken: _Pool) -> None:
        """Put a new pool in the place of one that is broken for good: an idle worker's death is enough for that."""
        if self._pool is broken:
            self._pool = self._make()
            await asyncio.to_thread(_stop, broken)

    def close(self) -> None:
        """Stop the workers; calls under way are given up."""
        self._closed = True
        _stop(self._pool)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
