"""One crawl writes at a time; nothing of a dead one is in the way; readers wait for nobody."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from loopback.site import NewsSite
from running import khotin, serving
from test_crawl_loopback import begin, crawl, expected, stored, wait_for

from pipelines.folder import AlreadyRunning, DataFolder


@pytest.fixture
def crawling(tmp_path: Path) -> Iterator[tuple[NewsSite, Path, subprocess.Popen[str]]]:
    """A slow crawl with some articles stored and many to come."""
    with NewsSite(delay=0.3) as site:
        site.publish(400)
        process = begin(site.card(tmp_path / "cards"), tmp_path / "data", CONCURRENT_REQUESTS_PER_DOMAIN=1)
        try:
            wait_for(process, lambda: len(site.fetched("bai-so")) >= 8)
            yield site, tmp_path / "data", process
        finally:
            process.kill()
            process.communicate(timeout=60)


def test_a_killed_crawl_leaves_no_lock_behind(crawling: tuple[NewsSite, Path, subprocess.Popen[str]]) -> None:
    site, data, process = crawling
    with pytest.raises(AlreadyRunning, match=f"process {process.pid}"):
        DataFolder(data).lock()
    process.kill()
    process.wait(timeout=60)
    assert (data / "writer.lock").read_text() == f"{process.pid}\n"  # the note of the dead stays, its lock does not
    DataFolder(data).lock().close()
    site.delay = 0
    site.articles = site.articles[-30:]
    crawl(data.parent / "cards", data)
    assert set(expected(site)) <= set(stored(data))


def test_the_lock_needs_no_room_on_the_disk(tmp_path: Path) -> None:
    from storing import mounted

    with mounted(tmp_path / "full", "size=64k") as disk:
        (disk / "writer.lock").touch()
        with (disk / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        DataFolder(disk).lock().close()


def test_publishing_reading_and_checking_go_on_during_a_crawl(
    crawling: tuple[NewsSite, Path, subprocess.Popen[str]],
) -> None:
    _, data, process = crawling
    first = json.loads(khotin("publish", "--json", "--data", data).stdout)
    assert first["articles"] >= 1
    with serving(data) as server:
        address = f"{server}/public/about.json?_shape=array"
        assert httpx.get(address, timeout=20).status_code == 200
        second = json.loads(khotin("publish", "--json", "--data", data).stdout)
        assert second["articles"] > first["articles"]
        facts = {row["name"]: row["value"] for row in httpx.get(address, timeout=20).json()}
        assert facts["articles"] == str(second["articles"])
        khotin("export", "-o", data / "exports.csv", "--data", data)
        khotin("verify", "--data", data)
    assert process.poll() is None, "the crawl should still be running"
    with closing(sqlite3.connect(data / "archive.db")) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone()[0] > second["articles"]
