"""The crawl bench: its site, its measuring, its tables. Installs nothing."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest
from loopback.kills import STAGES, Death

from bench.crawl import pages, report
from bench.crawl.__main__ import told
from bench.crawl.measuring import Run, Sample, run
from bench.crawl.run import KHOTIN, ROOT, Crawl, Server, crawl
from bench.report import replaced
from bench.soak import table

pytestmark = pytest.mark.nights


def a_crawl(tool: str, asked: int, wall: float, cpu: float, **more: object) -> Crawl:
    quarters = [(50.0, 100.0), (60.0, 100.0), (60.0, 110.0), (60.0, 120.0)]
    return Crawl(tool, asked, asked, wall, 1.0, cpu, 150.0, quarters, **more)  # type: ignore[arg-type]


OURS = {
    "beats": [[0.001, 0.002], [0.080, 0.004]],
    "record_bytes": 14_000.0,
    "warc_bytes": 1,
    "archive_bytes": 1,
    "public_bytes": 1,
}


def test_pages_are_as_heavy_as_real_ones_and_the_same_in_every_run() -> None:
    one = pages.article(2, 7)
    assert one == pages.article(2, 7)
    assert 72_000 < len(one) < 82_000
    assert 5 < len(one) / len(gzip.compress(one)) < 7
    assert pages.story(2, 7).title in one.decode()
    assert pages.article(1, 7) != one


def test_khotin_crawls_and_publishes_the_site_of_the_bench(tmp_path: Path) -> None:
    with Server(tmp_path / "pages", 3) as server:
        done = crawl(KHOTIN, "", server, 3, tmp_path / "run")
    assert (done.problem, done.pages, done.told["counts"]["new"]) == ("", 12, 12)
    assert done.told["beats"]
    assert done.cpu > 0
    assert done.told["record_bytes"] < report.RECORD_BYTES
    assert (tmp_path / "run" / "data" / "public.db").exists()


def test_a_crawler_that_brings_too_little_or_fails_is_told_and_not_counted(tmp_path: Path) -> None:
    with Server(tmp_path / "pages", 1) as server:
        done = crawl("trafilatura", sys.executable, server, 1, tmp_path / "run")  # the one of this environment
        assert (done.problem, done.pages) == ("", 4)
        failed = crawl("newspaper4k", sys.executable, server, 1, tmp_path / "run")
    assert "newspaper" in failed.problem
    assert list(report.by_tool([done, failed])) == ["trafilatura"]


def test_ratios_are_medians_within_rounds() -> None:
    runs = [
        *(a_crawl(KHOTIN, 100, wall, 1.0) for wall in (1.0, 2.0, 4.0)),
        *(a_crawl("trafilatura", 50, wall, 1.0) for wall in (2.0, 2.0, 4.0)),
    ]
    assert report.ratio(runs, "trafilatura") == pytest.approx(2.0)  # 4, 2, 2
    assert report.cpu_ratio(runs, "trafilatura") == pytest.approx(2.0)
    assert report.ratio(runs, "scrapy") is None


def test_the_event_loop_is_judged_by_what_its_own_thread_computed() -> None:
    assert report.lateness(OURS["beats"])["own_max"] == pytest.approx(4.0)
    ours = a_crawl(KHOTIN, 100, 1.0, 1.0, told=OURS)
    marks = {what: (measured, met) for what, _, measured, met in report.marks([ours], ours, None)}
    assert marks["event loop computes at a stretch, articles, ms"] == ("4", True)
    assert marks["event loop computes at a stretch, documents of megabytes, ms"] == ("–", None)
    assert marks["memory, last quarter over second"] == ("1.20", False)
    assert marks["kB of WARC a page"] == ("14.0", True)


def test_the_tables_name_what_is_missing() -> None:
    ours = a_crawl(KHOTIN, 100, 1.0, 1.0, told=OURS)
    text = told(
        [ours, a_crawl("scrapy", 10, 1.0, 1.0, problem="3 of 10 pages")], None, None, {"news-please": "no way"}, 1
    )
    assert "- scrapy had a problem: 3 of 10 pages" in text
    assert "- news-please could not be installed and is left out: no way" in text
    assert replaced((ROOT / "docs" / "crawl.md").read_text(encoding="utf-8"), "bench", text)


def test_all_processes_of_a_command_are_measured(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.4: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}]); import time; time.sleep(0.3)"
    done = run([sys.executable, "-c", code], tmp_path, cwd=tmp_path, env=os.environ, seconds=60)
    assert done.code == 0
    assert 0.4 <= done.cpu < 30
    assert max(sample.every for sample in done.samples) > max(sample.first for sample in done.samples)


def test_quarters_begin_with_the_first_request_and_end_with_the_crawl() -> None:
    samples = [Sample(at, 10**6, int(at) * 10**6, 0.0) for at in range(1, 12)]
    done = Run(100.0, 112.0, 0, "", "", samples)
    assert done.quarters(104.0, 108.0) == [(1.0, 4.0), (1.0, 5.0), (1.0, 6.0), (1.0, 7.5)]
    assert done.peak == 11.0


def test_the_table_of_the_soak_has_a_row_for_each_stage() -> None:
    death = Death(STAGES[0], 1.0, 5, 2, True, ("a",), (), False, 1)
    lines = table([death]).splitlines()
    assert len(lines) == len(STAGES) + 4
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [STAGES[0], "1", "5", "2", "0", "1", "0"]
