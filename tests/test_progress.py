"""What a crawl shows while it goes on: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from loopback.running import ROOT
from loopback.site import NewsSite

from khotin.progress import Pace, in_words, told


def crawl(site: NewsSite, tmp_path: Path, **streams: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.loopback.command", "crawl", "mau", "--delay", "0.2", "--data", tmp_path / "data"],
        cwd=ROOT,
        env={
            **os.environ,
            "KHOTIN_CARDS": str(site.card(tmp_path / "cards")),
            "KHOTIN_CONTACT": "tests@example.org",
            "TERM": "xterm",
            "COLUMNS": "100",
        },
        **streams,
    )


def seen_on(terminal: int) -> str:
    """All that comes to a terminal until the program ends, without its control sequences."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # Linux tells the end of a pseudo-terminal so
            break
        if not part:
            break
        parts.append(part)
    os.close(terminal)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(parts).decode())


def test_a_terminal_shows_a_bar_a_site_with_done_due_new_errors_rate_and_time_left(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(25)
        master, slave = pty.openpty()
        process = crawl(site, tmp_path, stdout=slave, stderr=slave)
        os.close(slave)
        shown = seen_on(master)
        assert process.wait(timeout=60) == 0
    bars = [line for line in re.split(r"[\r\n]+", shown) if re.search(r"mau .*\d+/\d+", line)]
    assert re.search(r"mau ━+.* (\d+)/\d+ +\1 new, 0 errors +\d+/min, \d+ s left", "\n".join(bars)), shown
    assert re.search(r"✓ mau ━+ +25/25 +25 new, 0 errors +ended", bars[-1])
    assert shown.splitlines()[-1].startswith("Done in ")


def test_a_log_gets_a_line_at_the_end_of_each_site(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(3)
        process = crawl(site, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, err = process.communicate(timeout=60)
    assert err.decode().splitlines() == ["mau: ended, 3 done: 3 new, 0 errors"]


def test_the_rate_is_that_of_the_last_minutes_and_the_time_left_follows_from_it() -> None:
    pace = Pace()
    pace.note(0, 0, 0)
    assert str(pace) == "looking for articles"
    pace.note(60, 30, 120)
    assert (pace.total, str(pace)) == (120, "30/min, 3 min left")
    pace.note(120, 60, 120)
    assert (pace.done, pace.total, str(pace)) == (60, 120, "30/min, 2 min left")
    for second in range(180, 400, 10):
        pace.note(second, 60, 60)
    assert str(pace) == "0/min"
    assert [in_words(seconds) for seconds in (0.2, 59.1, 61, 3600, 8000)] == [
        "1 s",
        "60 s",
        "2 min",
        "1 h 00 min",
        "2 h 14 min",
    ]
    assert told({"new": 2, "revised": 1, "failed": 1, "faults": 2}) == "2 new, 1 changed, 3 errors"
