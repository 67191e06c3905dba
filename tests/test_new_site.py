"""`khotin new-site` and `khotin check` against a paper on loopback, as commands in processes of their own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback.paper import Paper
from loopback.running import ROOT, khotin
from loopback.site import Answer

pytestmark = pytest.mark.nights

SAMPLE = ROOT / "data" / "sample" / "night-1"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    folder = tmp_path / "my cards"
    folder.mkdir()
    return folder


def probe(paper: Paper, cards: Path, path: str = "/", **settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        khotin("new-site", paper.base + path, "--id", "mauson", "--json", cards=cards, **settings).stdout
    )
    return found


def test_a_site_of_an_unknown_system_gets_a_card_a_family_pages_and_a_crawl(cards: Path, tmp_path: Path) -> None:
    with Paper() as paper:
        found = probe(paper, cards)
        assert found["sections"] == [
            {
                "url": f"{paper.base}/xay-dung-dang",
                "title": "Xây dựng Đảng",
                "articles": 9,
                "dated": 8,
                "pages": [f"{paper.base}/xay-dung-dang?page=2", f"{paper.base}/xay-dung-dang?page=3"],
                "feeds": [f"{paper.base}/rss/xay-dung-dang.rss"],
                "problems": [],
            },
            {
                "url": f"{paper.base}/hoc-tap-va-lam-theo",
                "title": "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
                "articles": 6,
                "dated": 4,
                "pages": [],
                "feeds": [],
                "problems": [],
            },
        ]
        assert (found["article_urls"], found["family"], found["new_family"], found["unsure"]) == (
            [r"-\d{5,}\.html$"],
            "mauson",
            True,
            [],
        )
        assert {sample["template"] for sample in found["samples"]} == {"mauson/detail"}
        assert {one["url"] for one in found["not_used"]} == {
            f"{paper.base}/rss/trang-chu.rss",
            f"{paper.base}/sitemap.xml",
        }
        assert len(paper.log) <= 20
        assert "/dang-nhap" not in paper.log
        # what was written is a card as any other: the crawl takes it
        khotin("crawl", "mauson", "--data", tmp_path / "data", cards=cards)
        stored = khotin("check", "mauson", "--json", cards=cards)
        assert json.loads(stored.stdout)["holds"] is True


def test_the_card_says_only_what_was_seen_and_marks_what_a_person_must_decide(cards: Path) -> None:
    with Paper() as paper:
        found = probe(paper, cards, "/xay-dung-dang")
    card = (cards / "sites" / "mauson.yml").read_text()
    assert f"verified: {{how: live, pages: {found['pages']}}}" in card
    assert [line.partition(":")[0] for line in card.splitlines() if "decide:" in line][1:] == [
        "name",
        "name_en",
        "kind",
        "# decide",
        "hosts",
        "expect",
        "rights",
    ]
    assert "province: " in card
    assert 'Ghi rõ nguồn \\"Báo Mẫu Sơn\\" khi đăng lại tin bài.' in card
    family = (cards / "families" / "mauson.yml").read_text()
    assert "title: 'h1.tieu-de'" in family
    assert "body: 'div.noi-dung'" in family


def test_saved_pages_fail_until_a_person_has_read_each_of_them(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
    pages = sorted((cards / "pages" / "mauson").glob("*.json"))
    assert [page.stem for page in pages] == [*(f"article-{n}" for n in range(1, 6)), "listing-1"]
    before = json.loads(khotin("check", "mauson", "--saved", "--json", cards=cards, code=4).stdout)
    assert {one["problem"].rpartition(": ")[2] for one in before} == {"nobody has looked at it yet"}
    for page in pages:
        page.write_text(page.read_text().replace('"read_by": ""', '"read_by": "Một người đọc"'))
    khotin("check", "mauson", "--saved", cards=cards)
    pages[0].write_text(pages[0].read_text().replace("Chi bộ", "Chi hội"))
    after = json.loads(khotin("check", "mauson", "--saved", "--json", cards=cards, code=4).stdout)
    assert [one["differs"] for one in after if one["problem"]] == [["title"]]
    # pytest says the same of them
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_saved_pages.py", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "KHOTIN_CARDS": str(cards)},
    )
    assert done.returncode == 1
    assert "title came out otherwise than expected" in done.stdout


def test_a_card_is_not_written_over_without_force(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
        card = cards / "sites" / "mauson.yml"
        card.write_text(card.read_text() + "# my own line\n")
        asked = len(paper.log)
        done = khotin("new-site", paper.base, cards=cards, code=2)
        assert "has a card, mauson: look at it with `khotin check mauson`, or give --force" in done.stderr
        assert (len(paper.log), card.read_text().endswith("# my own line\n")) == (asked, True)
        done = khotin("new-site", paper.base, "--force", "--id", "another", cards=cards, code=2)
        assert "is the site mauson, whose articles keep that name: leave --id out" in done.stderr
        khotin("new-site", paper.base, "--force", cards=cards)
        assert not card.read_text().endswith("# my own line\n")


def test_the_next_steps_can_be_typed_as_they_stand(cards: Path) -> None:
    mine = cards.parent / "my other cards"
    mine.mkdir()
    with Paper() as paper:
        done = khotin("new-site", paper.base, "--id", "mauson", "--cards", mine, cards=cards)
    steps = [line for line in done.stdout.splitlines() if line.startswith(("3. ", "4. "))]
    assert [shlex.split(step)[1:5] for step in steps] == [[f"KHOTIN_CARDS={mine}", "khotin", "check", "mauson"]] * 2


def test_a_site_of_a_known_system_uses_its_family_and_its_patterns(cards: Path) -> None:
    url = "https://hanoimoi.vn/chinh-tri/xay-dung-dang"
    done = khotin("new-site", url, "--force", "--json", "--replay", SAMPLE / "hanoimoi.warc.gz", cards=cards)
    found = json.loads(done.stdout)
    assert (found["site"], found["family"], found["new_family"], found["province"]) == (
        "hanoimoi",
        "onecms",
        False,
        {"code": "01", "scheme": 34, "name": "Hà Nội"},
    )
    assert found["sections"][0]["feeds"] == ["https://hanoimoi.vn/rss/chinh-tri/xay-dung-dang"]
    card = (cards / "sites" / "hanoimoi.yml").read_text()
    assert "\narticle_urls:" not in card
    assert f"verified: {{how: pages, pages: {found['pages']}}}" in card


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Answer(b"<script>document.cookie='D1N=0a1b';window.location.reload(true)</script>"),
            "never works around a block",
        ),
        (Answer(b"", 404), "is not there (HTTP 404): check the address in a browser"),
        (Answer(b"<html><body><div id=app></div></body></html>"), "no address of an article can be told"),
    ],
    ids=["challenge", "missing", "made by scripts"],
)
def test_a_site_that_can_not_be_looked_at_is_told_in_one_line_and_nothing_is_written(
    answer: Answer, told: str, cards: Path
) -> None:
    with Paper() as paper:
        paper.answers["/"] = answer
        done = khotin("new-site", paper.base + "/", cards=cards, code=4)
        assert told in done.stderr.splitlines()[-1]
        assert list(cards.rglob("*")) == []
        assert len(paper.log) <= 3


def test_a_page_that_robots_txt_forbids_is_not_asked_for(cards: Path) -> None:
    with Paper() as paper:
        paper.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /xay-dung-dang\n", content_type="text/plain")
        done = khotin("new-site", paper.base + "/xay-dung-dang", cards=cards, code=4)
        assert "robots.txt does not allow it" in done.stderr
        assert paper.log == ["/robots.txt"]


def test_no_live_look_without_a_contact_and_none_at_this_machine(cards: Path) -> None:
    environment = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 60}
    no_contact = {**os.environ, "KHOTIN_CARDS": str(cards), "KHOTIN_CONTACT": ""}
    done = subprocess.run(
        [sys.executable, "-m", "khotin", "new-site", "http://127.0.0.1:9/"], env=no_contact, **environment
    )
    assert (done.returncode, "KHOTIN_CONTACT" in done.stderr) == (2, True)
    with Paper() as paper:
        contact = {**no_contact, "KHOTIN_CONTACT": "tests@example.org"}
        done = subprocess.run([sys.executable, "-m", "khotin", "new-site", paper.base], env=contact, **environment)
        assert (done.returncode, "is on a private network" in done.stderr, paper.log) == (4, True, [])


def findings(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, str]]:
    return [(one["holds"], one["what"], one["text"]) for one in json.loads(done.stdout)["findings"]]


def test_a_check_tells_line_by_line_what_of_the_card_no_longer_holds(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
        paper.answers["/xay-dung-dang"] = Answer(b"", 301, headers={"Location": f"{paper.base}/hoc-tap-va-lam-theo"})
        paper.answers["/rss/xay-dung-dang.rss"] = Answer(b"", 404)
        for n in paper.articles:
            page = paper.article_page(n).replace("tieu-de", "title").replace("noi-dung", "content")
            paper.answers[paper.path(n)] = Answer(page.encode())
        done = khotin("check", "mauson", "--json", cards=cards, code=4)
    trouble = [(what, text.partition("; ")[0]) for holds, what, text in findings(done) if holds == "trouble"]
    assert trouble == [
        ("listing", f"Xây dựng Đảng: is redirected to {paper.base}/hoc-tap-va-lam-theo"),
        ("feed", "is not there (HTTP 404)"),
        *[("article", "no template of its family fits")] * 3,
    ]


def test_a_check_of_one_article_asks_for_nothing_else(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
        asked = len(paper.log)
        done = khotin("check", paper.base + paper.path(24), "--json", cards=cards)
        assert paper.log[asked:] == ["/robots.txt", paper.path(24)]
    assert [article["title"] for article in json.loads(done.stdout)["articles"]] == [paper.title_of(24)]


def test_a_check_of_a_blocked_site_says_so_and_asks_for_little(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
        stub = Answer(b"<script>document.cookie='D1N=0a1b';window.location.reload(true)</script>")
        paper.answer = lambda path: stub if path != "/robots.txt" else Answer(b"", 404)  # type: ignore[method-assign]
        asked = len(paper.log)
        done = khotin("check", "mauson", "--json", cards=cards, code=4)
        assert len(paper.log) - asked <= 4
    assert {line[0] for line in findings(done) if line[1] in ("listing", "feed")} == {"trouble"}


def test_a_check_in_a_terminal_is_a_table_that_a_person_can_read(cards: Path) -> None:
    with Paper() as paper:
        probe(paper, cards)
        lines = khotin("check", "mauson", cards=cards).stdout.splitlines()
    assert lines[0].split() == ["what", "found", "address"]
    assert lines[-1] == "mauson: All of the card holds that was looked at. 7 requests; nothing was stored."


def test_a_check_can_be_answered_from_warc_files(cards: Path) -> None:
    done = khotin("check", "hanoimoi", "--json", "--replay", SAMPLE / "hanoimoi.warc.gz", cards=cards)
    assert {line[1] for line in findings(done) if line[0] == "ok"} >= {"listing", "feed", "article"}


def test_an_address_without_a_card_leads_to_new_site(cards: Path) -> None:
    done = khotin("check", "https://baomau.example.vn/x", cards=cards, code=2)
    assert "`khotin new-site https://baomau.example.vn/x` proposes one" in done.stderr


def test_a_page_without_a_date_is_a_note_where_the_templates_of_its_family_know_of_none(cards: Path) -> None:
    done = khotin("check", "hatinh-dcs", "--json", "--replay", SAMPLE / "hatinh-dcs.warc.gz", cards=cards)
    told = [(holds, text.partition(",")[0]) for holds, what, text in findings(done) if what == "article"]
    assert told == [("note", "no date")] * 3
