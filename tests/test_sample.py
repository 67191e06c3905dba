"""The bundled sample: made by its script to the last byte, small, sound, and what expected.json says."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
FILES = sorted(path.relative_to(SAMPLE) for path in SAMPLE.glob("night-*/*.warc.gz"))
MADE = [*FILES, Path("expected.json")]

# The gzip bytes of a text differ between makes of zlib (zlib-ng, a vendor's patch). Where the zlib at hand
# is the one the files were made with, files must be the same to the byte; elsewhere once unpacked.
PROBE = b"khotin " * 999 + bytes(range(256)) * 9
PROBE_PACKED = "7ce83d61bbc8f23c9cfc2bbccba1e780dd19aedd170b95abd0c22e981d048ae0"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, "-B", str(SAMPLE / "make_sample.py"), str(folder)], check=True)
    return folder


def responses(path: Path) -> dict[str, tuple[str, bytes]]:
    """Status and body (content encoding undone) of every response of a file, by address."""
    found = {}
    for record in ArchiveIterator(BytesIO(path.read_bytes())):
        if record.rec_type == "response":
            url = record.rec_headers.get_header("WARC-Target-URI")
            found[url] = record.http_headers.get_statuscode(), record.content_stream().read()
    return found


def articles(expected: dict[str, Any], site: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = expected["sites"][site]["articles"]
    return found


def texts(article: dict[str, Any]) -> list[str]:
    return [*filter(None, [article["lead"]]), *article["paragraphs"]]


def test_the_script_makes_the_tracked_files_again(made: Path) -> None:
    assert sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file()) == sorted(MADE)
    same_zlib = hashlib.sha256(zlib.compress(PROBE, 9)).hexdigest() == PROBE_PACKED
    for name in MADE:
        new, tracked = (made / name).read_bytes(), (SAMPLE / name).read_bytes()
        if name.suffix == ".gz" and not same_zlib:
            new, tracked = gzip.decompress(new), gzip.decompress(tracked)
        assert new == tracked, f"{name}: run data/sample/make_sample.py and commit what it writes"


def test_the_sample_is_smaller_than_a_megabyte() -> None:
    kept = [path for path in SAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in kept) < 1_000_000


@pytest.mark.parametrize("name", FILES, ids=str)
def test_every_file_passes_the_check_of_warcio(name: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Command:
        inputs = (str(SAMPLE / name),)
        verbose = True

    checker = Checker(Command())
    checker.process_all()
    assert checker.exit_value == 0, capsys.readouterr().out


def test_five_sites_have_two_nights_with_fifteen_articles_or_more(expected: dict[str, Any]) -> None:
    sites = ["hanoi-hnp", "hanoimoi", "hatinh-dcs", "vinhphuc-btctu", "xaydungdang"]
    assert sorted(expected["sites"]) == sites
    assert [path.as_posix() for path in FILES] == [f"night-{n}/{site}.warc.gz" for n in (1, 2) for site in sites]
    for site in sites:
        first = [article for article in articles(expected, site) if article["first_night"] == 1]
        assert len(first) >= 15
        assert len(articles(expected, site)) > len(first)


@pytest.mark.parametrize("night", [1, 2])
def test_what_is_expected_is_in_the_files(expected: dict[str, Any], night: int) -> None:
    for site, facts in expected["sites"].items():
        found = responses(SAMPLE / f"night-{night}" / f"{site}.warc.gz")
        assert len(found) == facts["captures"][str(night)]
        assert found[f"https://{facts['host']}/robots.txt"][0] == ("200" if facts["robots"] else "404")
        assert [found[url][0] for url in facts["listings"][str(night)]] == ["200"] * len(facts["listings"][str(night)])
        for url in facts["challenges"]:
            assert (found[url][0], len(found[url][1])) == ("200", 177)
            assert b"D1N=" in found[url][1]
        assert not set(facts["dead_links"]) & set(found)
        for article in facts["articles"]:
            shown = article["edited"] if night == 2 and "edited" in article else article
            assert (night in article["captured"]) == (article["url"] in found)
            if article["url"] not in found:
                continue
            status, body = found[article["url"]]
            if night == 2 and article["second_night"] == "removed":
                assert status == str(article["removed_status"])
                assert texts(article)[-1] not in body.decode()
            else:
                assert status == "200"
                assert texts(shown)[-1] in body.decode(errors="replace")


def test_each_special_case_is_there(expected: dict[str, Any]) -> None:
    every = [article for site in expected["sites"] for article in articles(expected, site)]
    seconds = [article["second_night"] for article in every]
    assert (seconds.count("edited"), seconds.count("removed")) == (3, 3)
    assert sum(bool(article["damaged_paragraphs"]) for article in every) == 1
    assert sum(len(article["redirects"]) for article in every) == 1
    assert sum(len(article["aliases"]) for article in every) == 1
    assert sum(len(article["twins"]) for article in every) == 1
    assert sum(len(facts["challenges"]) for facts in expected["sites"].values()) == 1
    assert sum(len(facts["dead_links"]) for facts in expected["sites"].values()) == 2


def test_the_broken_page_is_not_utf8_and_the_others_are(expected: dict[str, Any]) -> None:
    every = [article for site in expected["sites"] for article in articles(expected, site)]
    broken = {article["url"] for article in every if article["damaged_paragraphs"]}
    refused = set()
    for path in FILES:
        for url, (_, body) in responses(SAMPLE / path).items():
            try:
                body.decode()
            except UnicodeDecodeError:
                refused.add(url)
    assert refused == {*broken, "https://hanoimoi.vn/sitemap-article-2026-11.xml.gz"}


def test_no_two_articles_share_more_than_one_paragraph(expected: dict[str, Any]) -> None:
    every = [set(texts(article)) for site in expected["sites"] for article in articles(expected, site)]
    assert max(len(one & two) for one, two in itertools.combinations(every, 2)) <= 1


def test_every_page_says_that_it_is_a_sample(expected: dict[str, Any]) -> None:
    for path in FILES:
        facts = expected["sites"][path.name.removesuffix(".warc.gz")]
        found = responses(SAMPLE / path)
        pages = {*facts["listings"][path.parts[0][-1]], *(article["url"] for article in facts["articles"])}
        for url in pages & set(found):
            status, body = found[url]
            assert status != "200" or "Trang mẫu của khotin" in body.decode(errors="replace"), url
