"""Verdicts on a site on loopback: for each trouble a night that produces it, and a fine night that produces none."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback.running import khotin as command
from loopback.site import Answer, NewsSite
from running import khotin
from storing import mounted
from test_crawl_loopback import crawl

from pipelines.article import VIETNAM
from pipelines.store import Store

pytestmark = pytest.mark.nights

LISTING = "/xay-dung-dang"
D1N = (
    b'<html><body><script>document.cookie="D1N=0123456789abcdef"+";path=/";'
    b"window.location.reload(true);</script></body></html>"
)


class PresentSite(NewsSite):
    """A news site whose articles are `age` days old, signed, and can be redesigned."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.age = 0
        self.redesigned: set[int] = set()

    def date(self, number: int) -> str:  # type: ignore[override]
        moment = datetime.now(UTC).astimezone(VIETNAM) - timedelta(days=self.age, minutes=30)
        return f"{moment:%d/%m/%Y} 0{number % 6}:{number % 60:02d}" if self.age else f"{moment:%d/%m/%Y %H:%M}"

    def article(self, number: int) -> str:
        page = super().article(number)
        if number in self.redesigned:
            page = page.replace("class='content'", "class='noi-dung-moi'").replace("h1 class='title'", "h1 class='ten'")
        return page


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PresentSite, Path]]:
    """A site, and the folder of a first, fine night on it, which the tests start from."""
    folder = tmp_path_factory.mktemp("first-night")
    with PresentSite() as site:
        site.publish(20)
        assert Nights(site, folder).night() == "ok"
        yield site, folder


@pytest.fixture
def site(running: tuple[PresentSite, Path]) -> PresentSite:
    """The site as it was in the first night."""
    site = running[0]
    site.answers.clear()
    site.articles = list(range(20, 0, -1))
    site.redesigned = set()
    return site


class Nights:
    """Crawls of one site into one archive, a night each."""

    def __init__(self, site: NewsSite, folder: Path) -> None:
        self.card = site.card(folder / "cards")
        self.data = folder / "data"
        self.report: dict[str, Any] = {}

    def night(self, **settings: Any) -> str:
        """Crawl, and give the verdict."""
        self.report = crawl(self.card, self.data, RETRY_ENABLED=False, **settings)
        return self.verdicts()[-1]

    def verdicts(self) -> list[str]:
        with closing(sqlite3.connect(self.data / "archive.db")) as db:
            return [row[0] for row in db.execute("SELECT verdict FROM health WHERE site = 'mau' ORDER BY run_id")]

    def evidence(self) -> str:
        """The evidence of the last verdict."""
        with closing(sqlite3.connect(self.data / "archive.db")) as db:
            text = db.execute("SELECT evidence FROM health ORDER BY run_id DESC LIMIT 1").fetchone()[0]
        return "\n".join(f"{one['came']} (expected: {one['expected']})" for one in json.loads(text))


@pytest.fixture
def nights(site: PresentSite, running: tuple[PresentSite, Path], tmp_path: Path) -> Nights:
    shutil.copytree(running[1] / "data", tmp_path / "data")
    return Nights(site, tmp_path)


def test_fine_nights_give_no_alarm(site: PresentSite, nights: Nights) -> None:
    assert nights.night() == "ok"  # with nothing new
    site.publish(3)
    site.redesigned = {21}  # one odd page is no redesign
    assert nights.night() == "ok"
    assert nights.verdicts() == ["ok", "ok", "ok"]
    with closing(sqlite3.connect(nights.data / "archive.db")) as db:
        since = [row[0] for row in db.execute("SELECT since FROM health ORDER BY run_id")]
        measures = json.loads(db.execute("SELECT measures FROM health ORDER BY run_id DESC").fetchone()[0])
    assert len(set(since)) == 1
    assert measures == {
        "lists": {"ok": 2},
        "pages": {"ok": 3},
        "links": {f"{site.base}{LISTING}": 10},
        "found": 3,
        "stored": 3,
        "matched": 2,
        "dated": 3,
        "titled": 3,
        "bylined": 0,
        "with_body": 3,
        "refused": {},
        "week": 23,
        "usual_week": 0.0,
        "about": "",
    }


def test_a_site_with_nothing_new_for_weeks_is_quiet(tmp_path: Path) -> None:
    with PresentSite() as site:
        site.publish(2)
        site.age = 60
        nights = Nights(site, tmp_path)
        assert nights.night() == "quiet"
        assert "none for 60 days" in nights.evidence()
        site.age = 0
        site.publish(1)
        assert nights.night() == "ok"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(D1N), "challenge page"),
        (Answer(b"<html><title>403 Forbidden</title></html>", 403), "access denied (HTTP 403 at "),
        (Answer(b"", 429, headers={"Retry-After": "60"}), "asked to slow down"),
    ],
    ids=["D1N stub with 200", "403", "429"],
)
def test_a_site_that_keeps_us_out_is_blocked(site: PresentSite, nights: Nights, answer: Answer, told: str) -> None:
    site.answers[LISTING] = answer
    assert nights.night() == "blocked"
    assert told in nights.evidence()


def test_articles_behind_challenges_are_a_block_too(site: PresentSite, nights: Nights) -> None:
    site.publish(5)
    for number in site.articles[:5]:
        site.answers[f"{LISTING}/bai-so-{number}"] = Answer(D1N)
    assert nights.night() == "blocked"
    assert nights.evidence().startswith("of the articles 5 of 5: challenge page")


def test_a_robots_txt_that_forbids_the_listings_is_a_block(site: PresentSite, nights: Nights) -> None:
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /xay-dung-dang\n", content_type="text/plain")
    assert nights.night() == "blocked"
    assert "disallowed by robots.txt" in nights.evidence()


@pytest.mark.parametrize("paths", [[LISTING], ["/robots.txt", LISTING]], ids=["the listing", "everything"])
def test_a_site_that_sends_us_to_another_host_has_moved(site: PresentSite, nights: Nights, paths: list[str]) -> None:
    for path in paths:
        site.answers[path] = Answer(b"", 301, headers={"Location": f"https://trang-moi.example{path}"})
    assert nights.night() == "moved"
    assert "redirects lead to trang-moi.example" in nights.evidence()


def test_new_markup_of_articles_is_told_on_the_first_night(site: PresentSite, nights: Nights) -> None:
    site.publish(3)
    site.redesigned = {21, 22, 23}
    assert nights.night() == "redesigned"
    assert nights.evidence().startswith("0 of 3 do, the rest is guessed (expected: 100% of the articles match")
    # A night without articles does not end it; the card's correction does (here: the old markup is back).
    assert nights.night() == "redesigned"
    site.publish(2)
    assert nights.night() == "ok"


def test_a_listing_without_items_where_there_were_some_is_a_redesign(site: PresentSite, nights: Nights) -> None:
    site.answers[LISTING] = Answer("<html><body><h1>Xây dựng Đảng</h1><div id='app'></div></body></html>".encode())
    assert nights.night() == "redesigned"
    assert f"0 in {site.base}{LISTING} (expected: about 10 links to articles)" in nights.evidence()
    del site.answers[LISTING]
    assert nights.night() == "ok"


def test_sections_that_are_no_longer_there_are_a_redesign(site: PresentSite, nights: Nights) -> None:
    site.answers[LISTING] = Answer(b"<html><title>404</title></html>", 404)
    assert nights.night() == "redesigned"


def test_article_pages_that_are_none_any_more_are_a_redesign(site: PresentSite, nights: Nights) -> None:
    site.publish(4)
    for number in site.articles[:4]:
        site.answers[f"{LISTING}/bai-so-{number}"] = Answer(b"<html><body><div id='app'></div></body></html>")
    assert nights.night() == "redesigned"
    assert "4 of 4 pages are none" in nights.evidence()


def test_a_host_that_refuses_connections_is_dead(tmp_path: Path) -> None:
    with PresentSite() as site:
        site.publish(5)
        nights = Nights(site, tmp_path)
    assert nights.night() == "dead"
    assert "connection refused or lost" in nights.evidence()


@pytest.mark.parametrize("paths", [["/robots.txt"], [LISTING]], ids=["robots.txt too", "only the listing"])
def test_a_site_that_answers_with_errors_only_is_dead(site: PresentSite, nights: Nights, paths: list[str]) -> None:
    for path in paths:
        site.answers[path] = Answer(b"", 500)
    assert nights.night() == "dead"
    assert "server error (HTTP 500 at " in nights.evidence()


def test_an_unknown_host_name_is_dead(site: PresentSite, nights: Nights) -> None:
    card = nights.card / "sites" / "mau.yml"
    text = card.read_text(encoding="utf-8").replace("[127.0.0.1]", "[khong-co.invalid]")
    card.write_text(text.replace("http://127.0.0.1", "http://khong-co.invalid"), encoding="utf-8")
    assert nights.night() == "dead"
    assert "host name not found" in nights.evidence()


def test_a_site_that_does_not_answer_in_time_is_dead(site: PresentSite, nights: Nights) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        card = nights.card / "sites" / "mau.yml"
        old, new = str(site.port), str(silent.getsockname()[1])
        card.write_text(card.read_text(encoding="utf-8").replace(f":{old}/", f":{new}/"), encoding="utf-8")
        assert nights.night(DOWNLOAD_TIMEOUT=0.5) == "dead"
    assert "no answer in time" in nights.evidence()


def test_a_night_without_a_network_calls_no_site_dead(tmp_path: Path) -> None:
    def night(code: int) -> str:
        data = tmp_path / "data"
        done = command("crawl", "mau", "xa", "--data", data, cards=cards, code=code, RETRY_ENABLED=False)
        return done.stderr

    def verdicts() -> list[tuple[str, str]]:
        with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
            return db.execute("SELECT site, verdict FROM health ORDER BY run_id, site").fetchall()

    with PresentSite() as site:
        site.publish(3)
        cards = site.card(tmp_path / "cards")
        (cards / "sites" / "xa.yml").write_text(  # nobody listens there
            (cards / "sites" / "mau.yml").read_text(encoding="utf-8").replace("127.0.0.1", "127.0.0.2")
            .replace("id: mau", "id: xa", 1), encoding="utf-8",
        )  # fmt: skip
        night(4)
        assert verdicts() == [("mau", "ok"), ("xa", "dead")]
    told = night(69)
    assert "khotin: none of 2 sites could be reached (connection refused or lost): is this machine online?" in told
    assert verdicts() == [("mau", "ok"), ("xa", "dead")]


def test_verdicts_are_shown_published_and_survive_a_rebuild(
    site: PresentSite, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOTIN_CARDS", str(nights.card))
    assert "ok" in khotin("health", "mau", "--data", nights.data).stdout
    site.answers[LISTING] = Answer(D1N)
    nights.night()
    (shown,) = json.loads(khotin("health", "mau", "--json", "--data", nights.data, code=4).stdout)
    assert (shown["site"], shown["verdict"]) == ("mau", "blocked")
    assert shown["evidence"][0]["expected"] == "pages that may be read"
    assert shown["last_new"] is not None

    khotin("publish", "--data", nights.data)
    with closing(sqlite3.connect(nights.data / "public.db")) as db:
        assert db.execute("SELECT site, verdict, latest FROM health ORDER BY run_id").fetchall() == [
            ("mau", "ok", 0),
            ("mau", "blocked", 1),
        ]
    khotin("rebuild", "--data", nights.data)
    assert nights.verdicts() == ["ok", "blocked"]


def test_sites_that_were_never_run_are_shown_as_such(tmp_path: Path) -> None:
    (shown,) = json.loads(khotin("health", "hanoimoi", "--json", "--data", tmp_path).stdout)
    assert shown == {
        "site": "hanoimoi",
        "verdict": "never_run",
        "since": None,
        "judged_at": None,
        "last_new": None,
        "evidence": [{"expected": "a crawl of the site", "came": "none so far"}],
        "measures": {},
    }
    assert "unknown site 'hanoimo'" in khotin("health", "hanoimo", "--data", tmp_path, code=2).stderr


def test_asking_for_the_verdicts_leaves_the_archive_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Store.open(path).close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert "never run" in khotin("health", "hanoimoi", "--data", tmp_path).stdout
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_an_archive_of_an_older_khotin_is_told_and_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    done = khotin("health", "hanoimoi", "--data", tmp_path, code=1)
    assert "archive.db has schema 1, of an older khotin" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_verdicts_are_read_from_a_disk_that_may_not_be_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=30m") as disk:
        Store.open(disk / "archive.db").close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "never run" in khotin("health", "hanoimoi", "--data", disk).stdout
