"""What goes wrong is told in one line that says what to do, and nothing is lost."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from running import ROOT, SAMPLE, khotin
from storing import mounted

NIGHT = sorted((SAMPLE / "night-1").glob("*.warc.gz"))
PARTS = ("khotin", "scrapers", "pipelines")
HANOIMOI = SAMPLE / "night-1" / "hanoimoi.warc.gz"


def error_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.startswith("khotin: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def articles(data: Path) -> int:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        number: int = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    return number


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB: enough to begin, not enough for a night of the sample."""
    with mounted(tmp_path / "small", "size=3m") as folder:
        yield folder


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "read-only", "ro") as folder:
        yield folder


def test_an_unknown_site_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    done = khotin("crawl", "hanoimo", "--data", tmp_path / "data", code=2)
    assert "hanoimoi" in error_line(done)
    assert not (tmp_path / "data").exists()


def test_a_broken_card_is_told_with_file_and_line(tmp_path: Path) -> None:
    cards = tmp_path / "cards" / "sites"
    cards.mkdir(parents=True)
    (cards / "mau.yml").write_text("id: mau\nname: [unclosed\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "khotin", "sites"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "KHOTIN_CARDS": str(tmp_path / "cards")},
    )  # fmt: skip
    assert done.returncode not in (0, 1)
    assert "mau.yml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_live_crawl_without_a_contact_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "KHOTIN_CONTACT"}
    done = subprocess.run(
        [sys.executable, "-m", "khotin", "crawl", "hanoimoi", "--data", str(tmp_path / "data")],
        cwd=ROOT, capture_output=True, text=True, env=env,
    )  # fmt: skip
    assert done.returncode == 2
    assert "KHOTIN_CONTACT" in error_line(done)


def test_a_missing_or_foreign_file_to_replay_is_told(tmp_path: Path) -> None:
    missing = khotin("crawl", "hanoimoi", "--replay", tmp_path / "no.warc.gz", "--data", tmp_path / "data", code=66)
    assert "no.warc.gz" in error_line(missing)
    (tmp_path / "text.warc.gz").write_text("this is no WARC file")
    foreign = khotin("crawl", "hanoimoi", "--replay", tmp_path / "text.warc.gz", "--data", tmp_path / "data", code=65)
    assert "text.warc.gz" in error_line(foreign)


def test_a_torn_replay_file_gives_all_its_whole_records(tmp_path: Path) -> None:
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(HANOIMOI.read_bytes()[:-700])
    done = khotin("crawl", "hanoimoi", "--replay", torn, "--data", tmp_path / "data", code=4)
    assert "torn.warc.gz" in done.stderr
    assert articles(tmp_path / "data") >= 15


def test_a_torn_tail_in_the_archive_is_cut_and_kept_and_the_crawl_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    khotin("crawl", "xaydungdang", "--replay", SAMPLE / "night-1" / "xaydungdang.warc.gz", "--data", data, code=(0, 4))
    before = articles(data)
    (file,) = (data / "warc").rglob("*.warc.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-120])
    khotin("crawl", "xaydungdang", "--replay", SAMPLE / "night-2" / "xaydungdang.warc.gz", "--data", data, code=(0, 4))
    assert articles(data) > before
    assert len(list((data / "warc").rglob("*.torn"))) == 1
    khotin("rebuild", "--data", data)


def test_a_database_of_a_newer_khotin_is_left_untouched(tmp_path: Path) -> None:
    data = tmp_path / "data"
    khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", data, code=(0, 4))
    with closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("PRAGMA user_version = 999")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (data / "archive.db").read_bytes()
    done = khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", data, code=78)
    assert "newer" in error_line(done)
    assert (data / "archive.db").read_bytes() == before


@pytest.mark.parametrize("budget", ["many", "-5", "1.5"])
def test_a_budget_that_is_no_number_is_told(budget: str, tmp_path: Path) -> None:
    done = khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", tmp_path, code=2, KHOTIN_BUDGET=budget)
    assert error_line(done) == (
        f"khotin: KHOTIN_BUDGET={budget} is no number of requests: write 2000, or 0 for no limit"
    )


def test_a_full_disk_stops_the_crawl_and_it_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    data = small_disk / "data"
    # Without a floor of free space: this is about what happens when there is really no room left.
    done = khotin("crawl", *_sites(), "--replay", *NIGHT, "--data", data, code=74, KHOTIN_DISK_FREE_MB="0")
    line = error_line(done)
    assert "room" in line or "full" in line
    assert 0 < articles(data) < 86
    roomy = tmp_path / "roomy"
    shutil.copytree(data, roomy)
    khotin("crawl", *_sites(), "--replay", *NIGHT, "--data", roomy, code=(0, 4))
    with closing(sqlite3.connect(roomy / "archive.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    untroubled = tmp_path / "untroubled"
    khotin("crawl", *_sites(), "--replay", *NIGHT, "--data", untroubled, code=(0, 4))
    assert articles(roomy) == articles(untroubled)
    khotin("rebuild", "--data", roomy)
    assert articles(roomy) == articles(untroubled)


def test_a_read_only_data_folder_is_told(read_only: Path) -> None:
    done = khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", read_only / "data", code=77)
    assert "--data" in error_line(done)


def test_two_crawls_do_not_write_to_one_folder(tmp_path: Path) -> None:
    from pipelines.folder import DataFolder

    handle = DataFolder(tmp_path).lock()
    try:
        done = khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", tmp_path, code=75)
    finally:
        handle.close()
    assert str(os.getpid()) in error_line(done)


def test_there_must_be_something_to_rebuild_publish_and_export(tmp_path: Path) -> None:
    assert "WARC" in error_line(khotin("rebuild", "--data", tmp_path, code=66))
    assert "archive.db" in error_line(khotin("publish", "--data", tmp_path, code=66))
    error_line(khotin("export", "--data", tmp_path, "-o", tmp_path / "a.csv", code=66))
    assert not (tmp_path / "a.csv").exists()


def page_line(name: str, **fields: object) -> str:
    html = "<html><body><h1>Chi bộ thôn Mẫu họp</h1><p>" + "Các đảng viên thảo luận về kế hoạch quý tới. " * 20 + "</p>"
    body = base64.b64encode(html.encode()).decode()
    return json.dumps({"id": name, "url": "https://example.org/chi-bo-hop-123456.html", "html_base64": body, **fields})


FAULTS: dict[str, tuple[list[str], int, str]] = {
    "no archive to publish": (["publish", "--data", "EMPTY"], 66, "run khotin crawl first"),
    "no snapshot to export": (["export", "-o", "OUT", "--data", "EMPTY"], 66, "khotin publish"),
    "no snapshot to serve": (["serve", "--port", "PORT", "--data", "EMPTY"], 66, "run khotin publish first"),
    "no snapshot to dump": (["dump", "--data", "EMPTY/none"], 66, "khotin publish"),
    "no data folder to tell the health of": (["health", "--data", "EMPTY/none"], 66, "name its folder with --data"),
    "no saved pages to check": (
        ["check", "hanoimoi", "--saved", "--cards", "EMPTY"],
        66,
        "name their folder with --cards",
    ),
    "no WARC files to rebuild": (["rebuild", "--data", "EMPTY"], 66, "crawl first"),
    "no data folder to rebuild": (["rebuild", "--data", "EMPTY/none"], 66, "crawl first"),
    "no page to extract": (["extract", "EMPTY/none.html", "--url", "https://a.example/"], 66, "path of a saved page"),
    "folder to extract": (["extract", "EMPTY", "--url", "https://a.example/"], 66, "path of a saved page"),
    "no file to replay": (["crawl", "hanoimoi", "--replay", "EMPTY/none.warc.gz", "--data", "EMPTY"], 66, "path of a"),
    "folder to replay": (["crawl", "hanoimoi", "--replay", "EMPTY", "--data", "EMPTY"], 66, "path of a WARC file"),
    "folder as archive": (["publish", "--data", "FOLDERS"], 66, "--data"),
    "folder as snapshot": (["export", "-o", "OUT", "--data", "FOLDERS"], 66, "--data"),
    "folder as snapshot to serve": (["serve", "--port", "PORT", "--data", "FOLDERS"], 66, "--data"),
    "damaged archive to publish": (["publish", "--data", "DAMAGED"], 65, "archive.db is damaged: run khotin rebuild"),
    "damaged archive to crawl": (["crawl", "hanoimoi", "--replay", str(HANOIMOI), "--data", "DAMAGED"], 65, "damaged"),
    "damaged snapshot to export": (["export", "-o", "OUT", "--data", "DAMAGED"], 65, "public.db is damaged"),
    "damaged snapshot to dump": (["dump", "--data", "DAMAGED"], 65, "DAMAGED/public.db is damaged"),
    "damaged snapshot to serve": (["serve", "--port", "PORT", "--data", "DAMAGED"], 65, "run khotin publish"),
    "text as archive to publish": (["publish", "--data", "TEXT"], 65, "not an SQLite database"),
    "text as snapshot to export": (["export", "-o", "OUT", "--data", "TEXT"], 65, "not an SQLite database"),
    "text as snapshot to serve": (["serve", "--port", "PORT", "--data", "TEXT"], 65, "run khotin publish"),
    "text to replay": (["crawl", "hanoimoi", "--replay", "TEXT/archive.db", "--data", "EMPTY"], 65, "not a WARC file"),
    "read-only folder to crawl": (["crawl", "hanoimoi", "--replay", str(HANOIMOI), "--data", "LOCKED"], 77, "--data"),
    "read-only folder to rebuild": (["rebuild", "--data", "LOCKED"], 77, "--data"),
    "read-only folder to publish": (["publish", "--data", "LOCKED"], 77, "--data"),
    "read-only folder to export to": (["export", "-o", "LOCKED/a.csv", "--data", "LOCKED"], 77, "with -o"),
}
"""Fault -> command, exit code, part of what is told. The words in capitals are folders of `places`."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Folders in which something is wrong. LOCKED is left out where no file system may be mounted."""
    root = tmp_path_factory.mktemp("places")
    names = ("EMPTY", "FOLDERS", "DAMAGED", "TEXT", "LOCKED")
    found = {name: root / name for name in names}
    for folder in found.values():
        folder.mkdir()
    whole = root / "whole"
    khotin("crawl", "hanoimoi", "--replay", HANOIMOI, "--data", whole, code=(0, 4))
    khotin("publish", "--data", whole)
    for name in ("archive.db", "public.db"):
        (found["FOLDERS"] / name).mkdir()
        (found["TEXT"] / name).write_text("this is no database, only a text that is long enough to be read" * 3)
        content = (whole / name).read_bytes()
        (found["DAMAGED"] / name).write_bytes(content[:4096] + b"\xaa" * (len(content) - 4096))
    locked = found["LOCKED"]
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(locked)], capture_output=True).returncode:
        del found["LOCKED"]
    else:
        shutil.copytree(whole, locked, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(locked)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield {**{name: str(folder) for name, folder in found.items()}, "OUT": str(root / "a.csv"), "PORT": str(port)}
    if "LOCKED" in found:
        subprocess.run(["umount", str(locked)], check=True)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_fault_has_the_same_exit_code_in_every_command(places: dict[str, str], fault: str) -> None:
    args, code, says = FAULTS[fault]
    if any("LOCKED" in one for one in args) and "LOCKED" not in places:
        pytest.skip("no right to mount a read-only file system here")
    for name, place in places.items():
        args = [place + one.removeprefix(name) if one.startswith(name) else one for one in args]
    assert says in error_line(khotin(*args, code=code))
    assert not Path(places["OUT"]).exists()
    assert not Path(places["EMPTY"], "none").exists()


def test_help_and_readme_name_every_exit_code() -> None:
    from khotin.cli import EXIT_CODES

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paragraph = readme[readme.index("Exit codes:") :].split("\n\n")[0]
    sources = [file.read_text(encoding="utf-8") for part in PARTS for file in (ROOT / part).rglob("*.py")]
    codes = {int(code) for source in sources for code in re.findall(r"^    exit_code = (\d+)", source, re.MULTILINE)}
    for text in (EXIT_CODES, paragraph):
        assert {int(code) for code in re.findall(r"\b\d+\b", text)} == codes | {0, 4, 130}


def test_bad_lines_give_an_error_in_their_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = {
        None: "not json",
        "good": page_line("good"),
        "number": page_line("number", url=5),
        "no base64": page_line("no base64", html_base64="%"),
        "no address": page_line("no address", url="not a url"),
        "script": page_line("script", url="javascript:alert(1)"),
        "bracket": page_line("bracket", url="http://[::1"),
        "port": page_line("port", url="http://example.org:99999999/"),
        "too early": page_line("too early", fetched_at="0001-01-01T00:00:00+14:00"),
        "too late": page_line("too late", fetched_at="9999-12-31T23:59:59-12:00"),
        "no time": page_line("no time", fetched_at="yesterday"),
        "unknown address": page_line("unknown address", url=None),
        "last": page_line("last"),
    }
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(lines.values()), encoding="utf-8")
    done = khotin("extract", "--jsonl", source)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == list(lines)
    assert [answer["id"] for answer in answers if "error" not in answer] == ["good", "unknown address", "last"]
    assert answers[-1]["verdict"] == "article"


def test_a_file_of_json_lines_that_cannot_be_read_is_told_as_any_other_page(tmp_path: Path) -> None:
    for missing in (tmp_path / "no.jsonl", tmp_path):
        assert str(missing) in error_line(khotin("extract", "--jsonl", missing, code=66))
        assert str(missing) in error_line(khotin("extract", missing, "--url", "https://mau.example.vn/", code=66))


def _sites() -> list[str]:
    return [file.name.removesuffix(".warc.gz") for file in NIGHT]


def test_a_replayed_file_with_a_torn_tail_is_read_to_the_tear_and_told_in_the_summary(tmp_path: Path) -> None:
    whole = SAMPLE / "night-1" / "hanoimoi.warc.gz"
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(whole.read_bytes()[:-40])
    done = khotin("crawl", "hanoimoi", "--replay", torn, "--data", tmp_path / "data", code=4)
    (line,) = [line for line in done.stdout.splitlines() if str(torn) in line]
    assert "all whole records were read" in line
    assert "copy it again" in line
    again = json.loads(
        khotin("crawl", "hanoimoi", "--replay", torn, "--data", tmp_path / "data", "--json", code=4).stdout
    )
    assert again["problems"] == [line]
    assert [site["problems"] for site in again["sites"]] == [[]]
