"""Saved pages of each family and of common layouts, written for the purpose: a page and the JSON expected
of it.

A page without its `.json` fails and writes `<page>.proposed.json`: read it against the page, correct it,
rename it."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.article import VIETNAM, Capture
from pipelines.extract import EXTRACTOR_VERSION, extract
from scrapers.catalogue import load_catalogue
from scrapers.probing.saved import outcome as told

PAGES = Path(__file__).parent / "pages"
READ_AT = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
_URL = re.compile(r"<!-- url: (\S+) -->")


def outcome(page: Path) -> dict[str, object]:
    """What a reader of the archive sees of a page, and which template read it."""
    source = page.read_text()
    found = _URL.match(source)
    assert found, f"{page} must open with its address in a comment"
    capture = Capture(found[1], READ_AT, 200, "text/html; charset=utf-8", source.encode())
    return told(extract(capture, load_catalogue().rules_for(found[1])))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*/*.html")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_saved_page_gives_the_expected_article(page: Path) -> None:
    expected = page.with_suffix(".json")
    got = outcome(page)
    if not expected.exists():
        proposal = page.with_suffix(".proposed.json")
        proposal.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n")
        pytest.fail(f"nobody has looked at {page.name} yet: read {proposal.name} against it and rename it")
    assert got == json.loads(expected.read_text())


VERSIONED = Path(__file__).with_name("extractor_version.json")


def test_the_version_of_the_extractor_changes_with_what_comes_out_of_the_pages() -> None:
    """Fails with what to write into the file: a new digest goes with a new `EXTRACTOR_VERSION`."""
    outcomes = [outcome(page) for page in sorted(PAGES.glob("*/*.html"))]
    digest = hashlib.sha256(json.dumps(outcomes, ensure_ascii=False).encode()).hexdigest()
    pinned = json.loads(VERSIONED.read_text())
    if digest != pinned["digest"]:
        assert pinned["version"] != EXTRACTOR_VERSION, "other outcomes: give EXTRACTOR_VERSION a new value"
    assert {"version": EXTRACTOR_VERSION, "digest": digest} == pinned


def test_every_family_has_a_page() -> None:
    families = set(load_catalogue().families)
    assert {p.parent.name for p in PAGES.glob("*/*.html")} >= families
