"""What several pages say of one address, noted in any order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

from pipelines.article import Hint
from pipelines.store import Store
from scrapers import frontier
from scrapers.discovery import Candidate

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
URL = "https://mau.example.vn/dang-vien/chi-bo-thon-mau-10001"
HINTS = (
    Hint("listing", "06/11/2026", "Chi bộ thôn Mẫu", "Đảng viên"),
    Hint("listing", None, "Chi bộ thôn Mẫu", "Đảng viên"),  # a list beside the listing
    Hint("listing", None, "Chi bộ thôn Mẫu", "Thời sự"),
    Hint("feed", "Fri, 06 Nov 2026 08:00:00 +0700", None, None),
)


def noted(path: Path, hints: tuple[Hint, ...]) -> tuple[Hint, ...]:
    with Store.open(path) as store:
        store.put_sites([{"id": "mau", "name": "Báo Mẫu"}])
        run = store.start_run("crawl", "live", ["mau"], NOW, "khotin")
        with store.transaction() as cx:
            frontier.found(cx, "mau", [Candidate(URL, hint, n) for n, hint in enumerate(hints)], run, NOW)
            return frontier.hints_of(cx, URL)


def test_hints_add_up_the_same_in_every_order_and_a_poorer_one_takes_nothing_away(tmp_path: Path) -> None:
    results = {noted(tmp_path / f"{n}.db", order) for n, order in enumerate(permutations(HINTS))}
    assert results == {(HINTS[3], HINTS[2], HINTS[0])}
