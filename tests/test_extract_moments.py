"""Whether a real page is an article does not hang on the day on which it is read, nor on what was read before it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.article import VIETNAM, Article, Capture, PageRules
from pipelines.extract import extract
from scrapers.catalogue import load_catalogue

MOMENTS = tuple(datetime(2026, month, day, 8, tzinfo=VIETNAM) for month, day in ((3, 5), (11, 22)))


@pytest.mark.shared
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("way", ["known", "generic"])
def test_every_real_page_is_told_for_what_it_is(shared: Path, way: str, moment: datetime) -> None:
    pages = shared / "pages"
    entries = [json.loads(line) for line in (pages / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = []
    for entry in entries:
        url = entry["url"] or ""
        rules = load_catalogue().rules_for(url) if way == "known" else PageRules()
        result = extract(Capture(url, moment, 200, "text/html", (pages / entry["file"]).read_bytes()), rules)
        if isinstance(result, Article) != (entry["kind"] == "article"):
            wrong.append((entry["file"], result.verdict.value))
    assert wrong == []
    assert len(entries) == 60
