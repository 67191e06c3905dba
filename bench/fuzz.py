"""The fuzzing run: mutated pages must end in an article or a verdict, within the bounds of time and memory.

    python -m bench.fuzz                    # 3000 mutated pages, a quarter of an hour
    python -m bench.fuzz --pages 200        # a short run
    python -m bench.fuzz --seed 3 --only 71 # the one page that a run named, written to standard output

Pages: those in ../shared/pages; where there are none, those of tests/pages. A page is cut, doubled, nested thousands
deep, swamped with one tag, sprinkled with NULs, told to be in another charset … one to three of these at once. Each
number of a seed is always the same page. Exit code 1 if a page broke its bounds or the extractor, 0 if none did."""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.pages import SHARED, WRITTEN
from pipelines.article import VIETNAM, Capture, PageRules, Refusal
from pipelines.extract import extract
from pipelines.pool import WorkerPool
from scrapers.catalogue import load_catalogue

PAGES = 3000
TIME_LIMIT_S = 120.0
"""By the clock, which on a loaded machine runs on while a page waits."""
CPU_S = 10.0
"""Seconds of CPU: half of what a crawl allows by the clock. A page that comes near it is a fault to be found here."""
READ_AT = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
URL = "https://mau.example.vn/tin-tuc/bai-mau-10001.html"
_TYPES = (
    "text/html; charset=utf-8",
    "text/html; charset=utf-16",
    "text/html; charset=x",
    "text/html",
    "",
    "text/plain",
)
_TAGS = (
    b"div",
    b"table",
    b"td",
    b"a href='/x'",
    b"p",
    b"b",
    b"ul",
    b"li",
    b"span class='date'",
    b"font",
    b"h1",
    b"script",
)

Mutation = Callable[[bytes, random.Random], bytes]


def _cut(page: bytes, rng: random.Random) -> bytes:
    return page[: rng.randrange(1, len(page) + 1)]


def _hole(page: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(page))
    return page[:start] + page[start + rng.randrange(1, 20_000) :]


def _double(page: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(page))
    piece = page[start : start + rng.randrange(1, 50_000)]
    return page[:start] + piece * rng.choice((2, 3, 20)) + page[start:]


def _shuffle(page: bytes, rng: random.Random) -> bytes:
    at = sorted(rng.randrange(len(page)) for _ in range(8))
    pieces = [page[a:b] for a, b in zip([0, *at], [*at, len(page)], strict=True)]
    rng.shuffle(pieces)
    return b"".join(pieces)


def _nest(page: bytes, rng: random.Random) -> bytes:
    tag, at = rng.choice(_TAGS), rng.randrange(len(page))
    return page[:at] + b"<%s>" % tag * rng.choice((50, 300, 5_000, 60_000)) + page[at:]


def _swamp(page: bytes, rng: random.Random) -> bytes:
    """Up to 5 MB of one tag, closed at once."""
    tag, at = rng.choice(_TAGS), rng.randrange(len(page))
    one = b"<%s>x 04/10/2021 </%s>" % (tag, tag.split()[0])
    return page[:at] + one * (rng.choice((10_000, 500_000, 5_000_000)) // len(one)) + page[at:]


def _nuls(page: bytes, rng: random.Random) -> bytes:
    return _sprinkle(page, rng, b"\x00")


def _noise(page: bytes, rng: random.Random) -> bytes:
    return _sprinkle(page, rng, None)


def _sprinkle(page: bytes, rng: random.Random, byte: bytes | None) -> bytes:
    changed = bytearray(page)
    for _ in range(rng.choice((1, 20, 1000))):
        at = rng.randrange(len(changed))
        changed[at : at + 1] = byte or rng.randbytes(1)
    return bytes(changed)


def _unclosed(page: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(page))
    return (
        page[:at]
        + rng.choice((b"<!--", b"<script>", b"<style>", b"<title>", b'<a href="', b"<![CDATA[", b"&"))
        + page[at:]
    )


def _long(page: bytes, rng: random.Random) -> bytes:
    """One word, one attribute or one line of digits without an end."""
    at, size = rng.randrange(len(page)), rng.choice((10_000, 1_000_000))
    long = rng.choice((b"a", b"1/", b"(", b". ", b"- ", "ngày ".encode(), b"&#7841;", b"\n"))
    return page[:at] + rng.choice((b"<p>%s</p>", b'<p class="%s">', b"%s")) % (long * (size // len(long))) + page[at:]


def _charset(page: bytes, rng: random.Random) -> bytes:
    text = page.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "cp1258", "latin-1", "utf-7", "utf-8-sig")), "replace")


MUTATIONS: tuple[Mutation, ...] = (
    _cut, _hole, _double, _shuffle, _nest, _swamp, _nuls, _noise, _unclosed, _long, _charset,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One mutated page, and how it came about."""

    number: int
    name: str
    content_type: str
    body: bytes


def sources(shared: Path = SHARED, written: Path = WRITTEN) -> list[Path]:
    """The pages that are mutated."""
    return sorted((shared / "html").glob("*.html")) or sorted(written.glob("*/*.html"))


def mutated(pages: Sequence[Path], seed: int, number: int) -> Case:
    """Page `number` of a seed."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable, no secret
    page = rng.choice(pages)
    body, done = page.read_bytes(), []
    for mutation in rng.choices(MUTATIONS, k=rng.choice((1, 1, 2, 3))):
        body = mutation(body, rng) or b" "
        done.append(mutation.__name__.strip("_"))
    return Case(number, f"{page.name}: {', '.join(done)}", rng.choice(_TYPES), body)


def read(body: bytes, content_type: str, rules: PageRules) -> tuple[str, float, int]:
    """(verdict, seconds of CPU, kB of the worker's highest memory so far) of one page, in a worker."""
    before = time.process_time()
    result = extract(Capture(URL, READ_AT, 200, content_type, body), rules)
    return result.verdict.value, time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@dataclass(slots=True)
class Run:
    """What came of the pages."""

    verdicts: Counter[str]
    faults: list[str]
    slowest: float = 0.0
    highest_kb: int = 0


async def run(
    numbers: Iterator[int], seed: int, pages: Sequence[Path], workers: int = 2, time_limit: float = TIME_LIMIT_S
) -> Run:
    """Read mutated `pages`, by the rules of all families and by none in turn."""
    told = Run(Counter(), [])
    ways = (load_catalogue().rules_for(URL), PageRules())

    async def work(pool: WorkerPool) -> None:
        for number in numbers:
            case = mutated(pages, seed, number)
            try:
                result = await pool.run(read, case.body, case.content_type, ways[number % 2])
            except Exception as error:  # noqa: BLE001 - an error of any kind is what is looked for
                told.verdicts["error"] += 1
                told.faults.append(f"seed {seed}, page {number} ({case.name}): {error!r}")
                continue
            if isinstance(result, Refusal):
                told.verdicts[result.verdict.value] += 1
                told.faults.append(f"seed {seed}, page {number} ({case.name}): {result.reason}")
                continue
            verdict, seconds, memory = result
            if seconds > CPU_S:
                told.faults.append(f"seed {seed}, page {number} ({case.name}): {seconds:.1f} s of CPU")
            told.verdicts[verdict] += 1
            told.slowest, told.highest_kb = max(told.slowest, seconds), max(told.highest_kb, memory)

    with WorkerPool(workers, time_limit=time_limit) as pool:
        await asyncio.gather(*(work(pool) for _ in range(workers)))
    return told


def main(arguments: list[str] | None = None) -> int:
    """Run and print; 1 where a page broke its bounds or the extractor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES, help="mutated pages to read (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other pages (default: %(default)s)")
    parser.add_argument("--only", type=int, help="write this page of the seed to standard output and read nothing")
    options = parser.parse_args(arguments)
    if options.only is not None:
        sys.stdout.buffer.write(mutated(sources(), options.seed, options.only).body)
        return 0
    began = time.monotonic()
    told = asyncio.run(run(iter(range(options.pages)), options.seed, sources()))
    counts = ", ".join(f"{name} {n}" for name, n in told.verdicts.most_common())
    print(f"{options.pages} mutated pages of seed {options.seed} in {time.monotonic() - began:.0f} s: {counts}")
    print(f"slowest {told.slowest:.1f} s of CPU; highest memory of a worker {told.highest_kb >> 10} MB")
    for fault in told.faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
