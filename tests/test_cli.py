"""The command line: help, exit codes, what Scrapy users expect, and that the README names every command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, khotin

from khotin.cli import main

COMMANDS = sorted(main.commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_a_real_example_and_stands_in_the_readme(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert f"khotin {name}" in (command.epilog or "")
    assert f"khotin {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("demo", "extract", "sites")])
def test_every_command_that_works_on_the_archive_takes_its_folder(name: str) -> None:
    (option,) = (p for p in main.commands[name].params if p.name == "data")
    assert option.envvar == "KHOTIN_DATA"
    assert option.default == Path("data")


def test_wrong_use_exits_with_2() -> None:
    for args in (["crawl"], ["crawl", "--no-such"], ["extract"], ["export"], ["no-such-command"]):
        assert khotin(*args, code=2).stderr != ""


def test_scrapy_lists_the_sites() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "hanoi-hnp",
        "hanoimoi",
        "hatinh-dcs",
        "sotttt-hanoi",
        "vinhphuc-btctu",
        "xaydungdang",
    ]


def test_scrapy_crawls_a_site(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "hanoimoi", "-s", f"KHOTIN_DATA={tmp_path / 'data'}",
         "-s", "KHOTIN_REPLAY=data/sample/night-1/hanoimoi.warc.gz"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "data" / "archive.db").exists()


def test_the_readme_explains_every_count_of_a_crawl() -> None:
    from khotin.show import COUNTS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name, what in COUNTS.items() if f"| {name.replace('_', ' ')} | {what} |" not in readme] == []


def test_the_help_of_replay_says_that_a_folder_will_do() -> None:
    (option,) = (p for p in main.commands["crawl"].params if p.name == "replay")
    assert "a folder stands for" in (getattr(option, "help", "") or "")
