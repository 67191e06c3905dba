"""The short form of `make fuzz`: mutated pages end in an article or a verdict, within the bounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lxml.html import document_fromstring

from bench import fuzz
from pipelines.article import PageRules, Refusal
from pipelines.extract.blocks import MAX_BLOCKS, Reader
from pipelines.pool import WorkerPool

WRITTEN = sorted((Path(__file__).parent / "pages").glob("*/*.html"))


def test_mutated_pages_end_in_an_article_or_a_verdict_within_their_bounds() -> None:
    told = asyncio.run(fuzz.run(iter(range(40)), seed=1, pages=WRITTEN))
    assert told.faults == []
    assert told.verdicts.total() == 40
    assert told.verdicts["article"] > 5


def test_a_page_of_a_seed_is_always_the_same_and_every_mutation_is_met() -> None:
    first = [fuzz.mutated(WRITTEN, 1, n) for n in range(40)]
    assert first == [fuzz.mutated(WRITTEN, 1, n) for n in range(40)]
    done = " ".join(case.name for case in first)
    assert [m.__name__ for m in fuzz.MUTATIONS if m.__name__.strip("_") not in done] == []


def test_a_page_that_breaks_its_bounds_is_a_fault() -> None:
    told = asyncio.run(fuzz.run(iter([1]), seed=1, pages=WRITTEN, time_limit=0.0001))
    assert told.verdicts == {"timeout": 1}
    assert "page 1 (" in told.faults[0]


def test_of_a_swamp_of_lines_no_more_are_read_than_any_article_has() -> None:
    tree = document_fromstring(f"<html><body>{'<li>x 04/10/2021</li>' * (MAX_BLOCKS + 50)}</body></html>")
    assert len(Reader().read(tree)) == MAX_BLOCKS


LINK = '<a href="/tin-khac-10002.html">Chi bộ xã Mẫu họp</a>'


@pytest.mark.parametrize(
    "html",
    [
        f"<h2>Chi bộ thôn Mẫu họp bàn việc quý tới</h2><p>{LINK} {' -' * 200_000} x</p>",
        "<h1>Chi bộ thôn Mẫu họp bàn <b>việc quý tới</b>" * 2_000,
    ],
    ids=["a line of dashes", "headings never closed"],
)
def test_what_once_took_minutes_is_read(html: str) -> None:
    async def read() -> object:
        with WorkerPool(1, time_limit=20.0) as pool:
            return await pool.run(fuzz.read, html.encode(), "text/html; charset=utf-8", PageRules())

    assert not isinstance(asyncio.run(read()), Refusal)
