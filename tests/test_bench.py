"""The extraction bench: how it scores, how it talks to its workers, what it prints. Installs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import extract, report
from bench.pages import ROOT, Page, written_pages
from bench.peers.environments import TOO_LATE, make
from bench.peers.running import BASE, Outcome, Worker, WorkerDied, run_all
from bench.scoring import means, score

PAGE = Page(
    name="mẫu",
    file=Path("mau.html"),
    url="https://mau.example.vn/bai-1.html",
    title="Chi bộ mẫu họp thường kỳ",
    lead="Chi bộ mẫu vừa họp.",
    body="Chi bộ mẫu vừa họp.\nBuổi họp bàn ba việc.",
    author="Mẫu Một - Mẫu Hai",
    published="2025-10-11T00:30:00+07:00",
    minute=True,
)
RIGHT = {
    "title": PAGE.title,
    "body": "Chi bộ mẫu vừa họp.\n\n  Buổi họp bàn  ba việc. ",
    "author": ["MẪU MỘT", "Mẫu Hai"],
    "published": "2025-10-10T17:30:00+00:00",
}
ALL_RIGHT = {
    "title": 1.0,
    "lead": 1.0,
    "body_f1": 1.0,
    "body_exact": 1.0,
    "author": 1.0,
    "invented": 0.0,
    "day_right": 1.0,
    "day_wrong": 0.0,
    "day_missing": 0.0,
    "minute": 1.0,
}


def test_a_right_answer_in_another_form_scores_full() -> None:
    assert score(PAGE, RIGHT) == ALL_RIGHT


def test_a_date_without_a_time_has_the_day_but_not_the_minute() -> None:
    assert score(PAGE, RIGHT | {"published": "2025-10-11"}) == ALL_RIGHT | {"minute": 0.0}


def test_a_wrong_day_and_a_missing_day_are_told_apart() -> None:
    wrong = {"day_right": 0.0, "day_wrong": 1.0, "minute": 0.0}
    missing = {"day_right": 0.0, "day_missing": 1.0, "minute": 0.0}
    assert score(PAGE, RIGHT | {"published": "2025-11-10T00:30:00"}) == ALL_RIGHT | wrong
    assert score(PAGE, RIGHT | {"published": None}) == ALL_RIGHT | missing
    assert score(PAGE, RIGHT | {"published": "hôm qua"}) == ALL_RIGHT | missing


def test_a_field_that_a_tool_does_not_offer_is_not_scored_and_a_failed_page_counts_as_nothing() -> None:
    assert score(PAGE, {"title": PAGE.title, "body": ""}) == {
        "title": 1.0,
        "lead": 0.0,
        "body_f1": 0.0,
        "body_exact": 0.0,
    }
    other = Page("khác", PAGE.file, "", "Khác", "", None, None, None, minute=False)
    assert means([PAGE, other], {"mẫu": RIGHT}) == ALL_RIGHT | {
        "title": 0.5,
        "author": 1.0,  # none is shown, none was given
        "day_right": 1.0,
    }
    assert score(other, {"author": "Ai Đó", "published": "2025-01-01"}) == {
        "title": 0.0,
        "author": 0.0,
        "invented": 1.0,
        "day_right": 0.0,
        "day_wrong": 1.0,
        "day_missing": 0.0,
    }


def test_khotin_and_the_floor_run_through_workers_on_the_written_pages() -> None:
    pages = [p for p in written_pages() if p.name.startswith(("zce/", "liferay/"))]
    tools = dict.fromkeys(extract.OWN, sys.executable)
    outcomes, rounds = run_all(tools, pages, pages[:1], rounds=1, seconds=60)
    by_name = {o.tool: o for o in outcomes}
    names = {p.name for p in pages}
    assert rounds == 1
    assert all(o.gone == "" and o.failures == {} for o in outcomes)
    assert all({p: len(s) for p, s in o.seconds.items()} == dict.fromkeys(names, 1) for o in outcomes)
    known = means(pages, by_name[report.KNOWN].results)
    assert (known["title"], known["body_exact"], known["day_right"]) == (1.0, 1.0, 1.0)
    assert 0 < means(pages, by_name[report.FLOOR].results)["body_f1"] <= 1
    text = extract.told(pages, outcomes, {"goose3": "no way there"}, rounds=rounds, real=False)
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][2:5] == [
        report.KNOWN,
        report.GENERIC,
        report.FLOOR,
    ]
    assert BASE not in text
    assert "- goose3 could not be installed and is left out: no way there" in text


def test_a_page_that_breaks_a_tool_is_told_and_the_worker_lives_on(tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_bytes(b"")
    page = written_pages()[0]
    with Worker("floor", sys.executable) as worker:
        broken = worker.ask(Page("empty", empty, "", "", "", "", None, None, minute=False))
        assert list(broken) == ["error"]
        assert "ParserError" in broken["error"]
        assert worker.ask(page)["result"]["title"]


def test_a_tool_that_cannot_be_imported_and_one_that_dies_drop_out(tmp_path: Path) -> None:
    with pytest.raises(WorkerDied, match="can't be imported"):
        Worker("resiliparse", sys.executable)
    mute = tmp_path / "mute"
    mute.write_text("#!/bin/sh\nexit 0\n")
    mute.chmod(0o755)
    pages = written_pages()[:1]
    [outcome], _ = run_all({"floor": mute}, pages, [], rounds=1, seconds=10)
    assert outcome.gone == "no answer within 60 s, or the process has died"
    assert report.rows(pages, [outcome]) == []


def test_the_worker_keeps_what_a_tool_prints_out_of_its_answers() -> None:
    code = (
        "import sys; from bench.peers import adapters, worker;"
        "adapters.READERS['loud'] = lambda: lambda body, url: print('noise') or {'title': url};"
        "worker.main('loud')"
    )
    job = json.dumps({"file": str(ROOT / "README.md"), "url": "a"})
    run = subprocess.run([sys.executable, "-c", code], input=f"{job}\n", capture_output=True, text=True, cwd=ROOT)
    assert [list(json.loads(line)) for line in run.stdout.splitlines()] == [["ready"], ["cpu", "result"]]
    assert json.loads(run.stdout.splitlines()[1])["result"] == {"title": "a"}


def test_ratios_are_sums_of_medians_over_pages_that_both_have_read() -> None:
    ours = Outcome("a", seconds={"p": [0.1, 0.3, 0.2], "q": [0.4]})
    peer = Outcome("b", seconds={"p": [0.4, 0.4, 0.1]})
    assert report.ratio(ours, peer) == pytest.approx(0.5)
    assert report.ratio(ours, None) is None
    assert report.page_ratios(ours, peer) == [pytest.approx(0.5)]


def test_marks_are_met_missed_or_not_measured() -> None:
    row = report.Row(report.KNOWN, {"body_f1": 0.98, "body_exact": 0.8}, 5.0, None, 1.5, 20.0, 0)
    told = {what: (mark, value, met) for what, mark, value, met in report.marks([row])}
    assert told["body F1, known sites"] == (">= 0.99", "0.980", False)
    assert told["body exactly right, known sites"] == (">= 80%", "80%", True)
    assert told["CPU, known sites, × floor"] == ("<= 1.5", "1.50", True)
    assert told["CPU, known sites, × trafilatura"] == ("<= 0.2", "–", None)
    assert told["MB over the parsed tree, known sites"] == ("< 20", "20", False)


def test_figures_are_written_between_their_markers_or_not_at_all() -> None:
    assert report.replaced("a\n<!-- x -->\nold\n<!-- /x -->\nb", "x", "new") == "a\n<!-- x -->\nnew\n<!-- /x -->\nb"
    with pytest.raises(ValueError, match="no <!-- x -->"):
        report.replaced("a", "x", "new")
    for file in ("README.md", "docs/extraction.md"):
        assert report.replaced((ROOT / file).read_text(encoding="utf-8"), "bench", "")


def test_an_environment_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    assert make(tmp_path / "bench-none", ("none",), until=0.0) == TOO_LATE
