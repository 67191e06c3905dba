"""The command line: help, exit codes, what Scrapy users expect, and that the README names every command."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from running import ROOT, SAMPLE, khotin

from khotin.cli import main

COMMANDS = sorted(main.commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_a_real_example_and_stands_in_the_readme(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert f"khotin {name}" in (command.epilog or "")
    assert f"khotin {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name not in ("check", "demo", "extract", "new-site", "sites")]
)
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


@pytest.mark.parametrize("way", ["environment", "options"])
def test_scrapy_crawls_a_site(way: str, tmp_path: Path) -> None:
    settings = {"KHOTIN_DATA": str(tmp_path / "data"), "KHOTIN_REPLAY": "data/sample/night-1/hanoimoi.warc.gz"}
    options = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "hanoimoi", *(options if way == "options" else ())],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "KHOTIN_CONTACT": "", **(settings if way == "environment" else {})},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "data" / "archive.db").exists()


def test_the_readme_explains_every_count_of_a_crawl() -> None:
    from khotin.show import COUNTS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name, what in COUNTS.items() if f"| {name.replace('_', ' ')} | {what} |" not in readme] == []


@pytest.mark.parametrize("args", [["crawl", "nosuch"], ["crawl", "hanoimoi"]])
def test_scrapy_tells_wrong_use_in_one_line(args: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *args, "-s", f"KHOTIN_DATA={tmp_path / 'data'}", "-s", "KHOTIN_CONTACT="],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["KHOTIN_BUDGET", "KHOTIN_LIMIT", "KHOTIN_SINCE", "KHOTIN_REVISITS"])
def test_scrapy_tells_a_setting_that_cannot_be_read_in_one_line(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "hanoimoi", "-s", f"KHOTIN_DATA={tmp_path / 'data'}",
         "-s", "KHOTIN_CONTACT=a@example.org", "-s", f"{name}=nonsense"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nonsense" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", [["sites"], ["sites", "--json"], ["health"]])
def test_output_that_can_not_be_written_is_told_by_the_exit_code(command: list[str], tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "khotin", *command]
    env = {**os.environ, "KHOTIN_DATA": str(tmp_path)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(asked, cwd=ROOT, env=env, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (
        74,
        "khotin: the disk that the output goes to is full: what was printed is not complete\n",
    )
    reader, writer = os.pipe()
    os.close(reader)  # has gone away
    done = subprocess.run(asked, cwd=ROOT, env=env, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (74, "")


@pytest.mark.parametrize("name", ["x.xlsx", "x.json", "x.csv.gz", "x.dta"])
def test_a_file_whose_name_tells_no_format_is_not_written(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "khotin", "export", "-o", tmp_path / name, "--data", tmp_path],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"{name} tells no format: end it in .csv, .jsonl, .parquet or .sqlite, or give --format" in done.stderr
    assert not (tmp_path / name).exists()


def test_a_terminal_that_knows_no_vietnamese_is_no_error() -> None:
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "khotin", "sites"], cwd=ROOT, capture_output=True, env=env, text=True)
    assert done.returncode == 0, done.stderr
    assert "hanoimoi" in done.stdout


def test_the_wheel_carries_everything_that_the_program_reads(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        *(f"khotin/sample/{path.parent.name}/{path.name}" for path in SAMPLE.glob("night-*/*.warc.gz")),
        *(str(path.relative_to(ROOT)) for path in ROOT.glob("scrapers/*/*.yml")),
        *(str(path.relative_to(ROOT)) for path in ROOT.glob("khotin/serve/templates/**/*.html")),
        *(str(path.relative_to(ROOT)) for path in ROOT.glob("khotin/serve/static/*")),
        "khotin/serve/metadata.yml",
        "pipelines/tables/provinces_34.csv",
        "pipelines/tables/provinces_63_to_34.csv",
        "pipelines/tables/province_aliases.csv",
        "pipelines/tables/province_tiles.csv",
    }
    assert wanted - names == set()


def test_the_help_of_replay_says_that_a_folder_will_do() -> None:
    (option,) = (p for p in main.commands["crawl"].params if p.name == "replay")
    assert "a folder stands for" in (getattr(option, "help", "") or "")


@pytest.mark.parametrize(("name", "begin"), [("a.parquet", b"PAR1"), ("a.jsonl", b"{"), ("a.csv", b"\xef\xbb\xbf")])
def test_an_export_is_of_the_kind_that_its_name_says(tmp_path: Path, name: str, begin: bytes) -> None:
    from serving import published

    khotin("export", "-o", tmp_path / name, "--data", published(tmp_path, count=3))
    assert (tmp_path / name).read_bytes().startswith(begin)
