"""One request at a time a host, and each so long after the one before as is promised. The server counts."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from loopback.running import begin, crawl, expected, stored, wait_for
from loopback.site import Answer, NewsSite

pytestmark = pytest.mark.nights

ONE = {"CONCURRENT_REQUESTS": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
BOTH = "127.0.0.1,127.0.0.2"
DELAY = 0.5
ON_THE_WAY = 0.1
"""By so much less than the delay two requests may come apart whose ways took differently long."""


class Counting(NewsSite):
    """A slow site that knows how many requests it had to answer at once."""

    most = 0
    _now = 0
    _lock = threading.Lock()

    def answer(self, path: str) -> Answer:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.3)
        with self._lock:
            self._now -= 1
        return super().answer(path)


def gaps(site: NewsSite) -> list[float]:
    return [b - a for a, b in zip(site.times, site.times[1:], strict=False)]


@pytest.mark.parametrize(
    "answer",
    [Answer(b"", 503, headers={"Retry-After": "2"}), Answer(b"", 429), Answer(b"", 500)],
    ids=["503 with Retry-After", "429", "500"],
)
def test_the_delay_is_kept_after_a_wait_too(answer: Answer, tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(6)
        path = "/xay-dung-dang/bai-so-5"
        site.answers[path] = [answer, Answer(site.article(5).encode())]
        card = site.card(tmp_path / "cards")
        crawl(card, tmp_path / "data", DOWNLOAD_DELAY=DELAY, KHOTIN_QUIET_SECONDS=1.5, **ONE)
        assert stored(tmp_path / "data") == expected(site)
        assert len(site.fetched("bai-so-5")) == 2
        assert min(gaps(site)) >= DELAY - ON_THE_WAY
        first = site.log.index(path)
        assert gaps(site)[first] >= 2 * DELAY - ON_THE_WAY


def test_the_first_page_waits_for_as_long_as_the_robots_txt_before_it_asks_for(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(1)
        site.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 2\n", content_type="text/plain")
        crawl(site.card(tmp_path / "cards"), tmp_path / "data", DOWNLOAD_DELAY=DELAY, **ONE)
        assert stored(tmp_path / "data") == expected(site)
        assert min(gaps(site)) >= 2 - ON_THE_WAY


@pytest.mark.parametrize("delay", [0, 0.2])
def test_a_host_has_one_request_at_a_time_though_redirects_of_another_host_lead_to_it(
    delay: float, tmp_path: Path
) -> None:
    with Counting() as site, Counting(host="127.0.0.2", per_page=2) as other:
        site.publish(6)
        other.publish(12)
        for number in site.articles:
            path = f"/xay-dung-dang/bai-so-{number}"
            site.redirects[path] = other.base + path
        card = site.card(tmp_path / "cards", hosts=("127.0.0.1", "127.0.0.2"))
        file = card / "sites" / "mau.yml"
        section = f"sections:\n  - {{title: Hai, url: '{other.base}/xay-dung-dang'}}\n"
        file.write_text(file.read_text(encoding="utf-8").replace("sections:\n", section), encoding="utf-8")
        crawl(card, tmp_path / "data", KHOTIN_ALLOW_PRIVATE_HOSTS=BOTH, DOWNLOAD_DELAY=delay, **ONE)
        assert len(stored(tmp_path / "data")) == len(other.fetched("bai-so")) == 6
        assert len(other.fetched("page=")) == 5
        assert (site.most, other.most) == (1, 1)
        assert min(*gaps(site), *gaps(other)) >= delay - ON_THE_WAY


def test_a_request_that_ends_in_a_time_out_holds_no_other_one_up(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        site.answers["/xay-dung-dang/bai-so-3"] = Answer(b"", delay=30)
        report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", DOWNLOAD_TIMEOUT=1, RETRY_ENABLED=False, **ONE)
        assert report["counts"]["failed"] == 1
        assert set(stored(tmp_path / "data")) == {url for url in expected(site) if not url.endswith("-3")}


def test_a_crawl_that_waits_for_the_turn_of_a_request_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        path = "/xay-dung-dang/bai-so-3"
        site.answers[path] = Answer(b"", 503, headers={"Retry-After": "100"})
        process = begin(site.card(tmp_path / "cards"), tmp_path / "data", **ONE)
        wait_for(process, lambda: site.sent and site.sent[-1][0] == path)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
        assert site.log[-1] == path
