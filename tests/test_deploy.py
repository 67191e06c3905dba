"""The files in deploy/: read by what will read them, and naming only commands and options that exist."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from running import ROOT, SAMPLE, khotin, serving
from storing import mounted

from khotin.cli import main

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("systemd/*.service"), *DEPLOY.glob("systemd/*.timer")])
SERVICES = [path for path in UNITS if path.suffix == ".service"]
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
KHOTIN = "/opt/khotin/.venv/bin/khotin"
RUN = re.compile(r"(?<![\w/.])(?=((?:\S*/bin/)?khotin) ([a-z][a-z-]*)((?: (?:--?[a-z]\S*|[\w.:/$-]+))*))")
# "khotin crawl --all" and "/opt/khotin/.venv/bin/khotin verify" match; "-t khotin ." and "u khotin - x" must not.


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """A unit file; a key may stand in it more than once."""
    sections: dict[str, dict[str, list[str]]] = {}
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"), strict=False)
    parser.read(path, encoding="utf-8")  # fails on what is no ini file
    current = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
            sections[current] = {}
        elif line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            sections[current].setdefault(key, []).append(value)
    assert set(parser.sections()) == set(sections)
    return sections


def commands(text: str) -> list[list[str]]:
    """What is given to `khotin` in a file, word by word; prose counts too where it names a command."""
    return [
        [name, *rest.split()]
        for program, name, rest in RUN.findall(text)
        if "/bin/" in program or name in main.commands or rest.startswith(" --")
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_commands_and_options_that_are_named_exist(path: Path) -> None:
    for words in commands(path.read_text(encoding="utf-8")):
        command = main.commands.get(words[0])
        assert command is not None, words
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, words


def test_the_test_above_sees_the_commands() -> None:
    seen = {" ".join(words) for path in FILES for words in commands(path.read_text(encoding="utf-8"))}
    assert {
        "crawl --all",
        "publish",
        "dump",
        "serve --host 127.0.0.1 --port 8001 --profile public",
        "verify --repair",
        "crawl $SITES",
    } <= seen


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_accepted_by_systemd(path: Path, tmp_path: Path) -> None:
    sections = unit(path)
    assert {"Unit", "Service" if path.suffix == ".service" else "Timer"} <= set(sections)
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here")
    for one in UNITS:
        text = one.read_text(encoding="utf-8").replace(KHOTIN, shutil.which("true") or "/bin/true")
        (tmp_path / one.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / path.name)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_are_hardened(path: Path, tmp_path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == ["khotin"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""]
    assert {"MemoryMax", "TasksMax", "CPUWeight"} <= set(service)
    writable = service.get("StateDirectory", []) + service.get("ReadWritePaths", [])
    assert writable == (["khotin"] if path.name == "khotin-crawl.service" else [])
    program = shutil.which("systemd-analyze")
    offline = program and subprocess.run(
        [program, "security", "--offline=yes", "--threshold=20", str(path)], capture_output=True, text=True, timeout=60
    )
    if offline and "unrecognized option" not in offline.stderr:  # systemd before 250
        assert offline.returncode == 0, offline.stdout


def test_a_missed_night_is_made_up_for_and_a_site_in_trouble_keeps_nobody_from_publishing() -> None:
    timer = unit(DEPLOY / "systemd" / "khotin-crawl.timer")
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Install"]["WantedBy"] == ["timers.target"]
    crawl = unit(DEPLOY / "systemd" / "khotin-crawl.service")["Service"]
    bounded = "/usr/bin/timeout --foreground --signal=INT --kill-after=10m --preserve-status 19h"
    assert crawl["ExecStart"] == [f"{bounded} {KHOTIN} crawl --all", f"{KHOTIN} publish", f"{KHOTIN} dump"]
    assert crawl["TimeoutStartSec"] == ["20h"]  # more than that, or systemd would kill it and publish nothing
    assert crawl["SuccessExitStatus"] == ["4 130"]
    assert crawl["KillMode"] == ["mixed"]


def test_a_crawl_whose_time_is_over_ends_as_a_success_of_the_unit(tmp_path: Path) -> None:
    crawl = unit(DEPLOY / "systemd" / "khotin-crawl.service")["Service"]
    stub = tmp_path / "khotin"
    stub.write_text("#!/bin/sh\ntrap 'exit 130' INT\nwhile :; do sleep 0.05; done\n")
    stub.chmod(0o755)
    line = crawl["ExecStart"][0].replace(KHOTIN, str(stub)).replace("19h", "0.3s")
    done = subprocess.run(line.split(), timeout=60)
    assert str(done.returncode) in crawl["SuccessExitStatus"][0].split()


def test_cron_lines_have_a_time_a_user_and_a_command() -> None:
    lines = [line for line in (DEPLOY / "khotin.cron").read_text(encoding="utf-8").splitlines() if line]
    jobs = [line for line in lines if line[0].isdigit()]
    assert len(jobs) == 2
    for line in jobs:
        *times, user, command = line.split(None, 6)
        assert len(times) == 5
        assert user == "khotin"
        assert "%" not in command  # cron would make a new line of it
        subprocess.run(["sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize(("code", "publishes"), [(0, True), (4, True), (1, False), (75, False)])
def test_the_line_of_cron_publishes_and_dumps_after_trouble_on_a_site_but_not_after_a_failure(
    code: int, publishes: bool
) -> None:
    jobs = (DEPLOY / "khotin.cron").read_text(encoding="utf-8").splitlines()
    (line,) = (job.split(None, 6)[6] for job in jobs if "crawl --all" in job and job[0].isdigit())
    line = line.replace(f"nice {KHOTIN} crawl --all", f"(exit {code})").replace(f"{KHOTIN} publish", "echo published")
    line = line.replace(f"nice {KHOTIN} dump", "echo dumped")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert done.stdout == ("published\ndumped\n" if publishes else "")


def steps() -> dict[str, Any]:
    workflow = yaml.safe_load((DEPLOY / "github" / "nightly.yml").read_text(encoding="utf-8"))
    assert set(workflow) == {"name", True, "permissions", "concurrency", "jobs"}  # YAML 1.1 reads "on" as true
    assert workflow["permissions"] == {"contents": "read"}
    return {step.get("name", step.get("uses")): step for step in workflow["jobs"]["crawl"]["steps"]}


def test_the_workflow_keeps_the_pages_even_of_a_night_that_failed() -> None:
    found = steps()
    pages = found["The pages of this night"]
    assert pages["if"] == "always()"
    assert pages["with"]["path"] == "data/nightly/warc"
    for step in found.values():
        if "run" in step:
            subprocess.run(["bash", "-n", "-c", step["run"]], check=True)


def test_the_two_containers_share_the_archive_and_are_nobody_special() -> None:
    compose = yaml.safe_load((DEPLOY / "container" / "compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"crawl", "serve"}
    assert services["crawl"]["volumes"] == ["archive:/data"]
    assert services["serve"]["volumes"] == ["archive:/data:ro"]
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
    commands = (["khotin", *map(str, services["serve"]["command"])], ["nightly"])
    assert commands[0][1] in main.commands
    assert services["crawl"]["entrypoint"] == commands[1]


def instructions() -> list[tuple[str, str]]:
    """The lines of the Containerfile, each as its instruction and the rest."""
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    return [(name, value) for name, value in (line.split(None, 1) for line in lines)]


def test_the_image_is_built_of_locked_packages_and_runs_as_nobody_special() -> None:
    assert {name for name, _ in instructions()} <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert [value for name, value in instructions() if name == "USER"] == ["10001:10001"]
    assert any("--require-hashes" in value for name, value in instructions() if name == "RUN")


def test_what_the_image_copies_is_enough_to_build_the_wheel(tmp_path: Path) -> None:
    stage = tmp_path / "src"
    stage.mkdir()
    for name, value in instructions():
        if name != "COPY" or value.startswith("--from"):
            continue
        *sources, target = value.split()
        for source in sources:
            found = list(ROOT.glob(source))
            assert found, f"{source} is not in the checkout"
            for path in found:
                if path.is_dir():  # COPY takes the contents of a folder, not the folder
                    shutil.copytree(path, stage / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    place = stage / target / path.name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, place)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels")],
        cwd=stage, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    for table in ("provinces_34", "provinces_63_to_34", "province_aliases", "province_tiles"):
        assert f"pipelines/tables/{table}.csv" in names
    assert "khotin/serve/metadata.yml" in names
    for night in ("night-1", "night-2"):
        pages = {f"khotin/sample/{night}/{path.name}" for path in (SAMPLE / night).glob("*.warc.gz")}
        assert pages
        assert pages <= names


def ended(script: subprocess.Popen[str]) -> str:
    """What nightly.sh says of errors, once it waits for the next night and is told to end."""
    assert script.stdout
    assert script.stdout.readline().startswith("nightly: the next crawl begins at ")
    script.send_signal(signal.SIGTERM)
    _, errors = script.communicate(timeout=20)
    assert script.returncode == 0
    return errors


def test_the_night_script_ends_when_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "khotin").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m khotin "$@"\n')
    (tmp_path / "khotin").chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "KHOTIN_CONTACT"}
    environment |= {"PATH": f"{tmp_path}:{environment['PATH']}", "KHOTIN_DATA": str(tmp_path / "data")}
    script = subprocess.Popen(
        ["sh", str(DEPLOY / "container" / "nightly.sh")],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    errors = ended(script)
    assert "KHOTIN_CONTACT" in errors  # what khotin said
    assert "nightly: the crawl ended with exit code 2, nothing is published" in errors


def night(tmp_path: Path, code: int, publishing: int = 0) -> tuple[list[str], str]:
    """What nightly.sh asks of khotin in a night whose crawl and publication end with these codes, and its errors."""
    log = tmp_path / "asked"
    (tmp_path / "khotin").write_text(
        f'#!/bin/sh\necho "$*" >>"{log}"\ncase $1 in crawl) exit {code} ;; publish) exit {publishing} ;; esac\n'
    )
    (tmp_path / "khotin").chmod(0o755)
    script = subprocess.Popen(
        ["sh", str(DEPLOY / "container" / "nightly.sh")],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    errors = ended(script)
    return log.read_text().splitlines(), errors


@pytest.mark.parametrize("code", [0, 4])
def test_the_night_of_the_container_crawls_publishes_and_dumps(tmp_path: Path, code: int) -> None:
    assert night(tmp_path, code) == (["crawl --all", "publish", "dump"], "")


def test_the_night_of_the_container_dumps_nothing_that_was_not_published(tmp_path: Path) -> None:
    assert night(tmp_path, 0, publishing=74)[0] == ["crawl --all", "publish"]
    (tmp_path / "asked").unlink()
    assert night(tmp_path, 75)[0] == ["crawl --all"]


@pytest.mark.parametrize(("code", "left"), [(0, 0), (4, 0), (130, 0), (1, 1)])
def test_the_workflow_publishes_and_dumps_what_there_is(tmp_path: Path, code: int, left: int) -> None:
    found = steps()
    (script,) = (step["run"] for step in found.values() if "khotin crawl" in step.get("run", ""))
    (tmp_path / "khotin").write_text(f'#!/bin/sh\necho "$1"\n[ "$1" != crawl ] || exit {code}\n')
    (tmp_path / "khotin").chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-c", script], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SITES": "hanoimoi"},
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()[:3]) == (left, ["crawl"] if left else ["crawl", "publish", "dump"])
    kept = found["The archive for reading"]["with"]["path"].split()
    assert kept == ["data/nightly/public.db", "data/nightly/dumps/*"]


def test_the_archive_is_served_from_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=30m") as disk:
        khotin("crawl", "--replay", *sorted((SAMPLE / "night-1").glob("*.warc.gz")), "--data", disk, code=(0, 4))
        khotin("publish", "--data", disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with serving(disk) as address:
            assert httpx.get(f"{address}/", timeout=20).status_code == 200


def test_the_backup_of_the_documentation_can_be_restored(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    backup.mkdir()
    khotin("crawl", "--replay", *sorted((SAMPLE / "night-1").glob("*.warc.gz")), "--data", data, code=(0, 4))
    with closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("VACUUM INTO ?", (str(backup / "archive.db"),))
        keys = db.execute("SELECT key, text_hash FROM articles ORDER BY key").fetchall()
    # The WARC files are copied later, and the crawl has gone on meanwhile.
    khotin("crawl", "--replay", *sorted((SAMPLE / "night-2").glob("*.warc.gz")), "--data", data, code=(0, 4))
    shutil.copytree(data / "warc", backup / "warc")
    khotin("verify", "--repair", "--data", backup)
    khotin("publish", "--data", backup)
    (backup / "archive.db").unlink()
    khotin("rebuild", "--data", backup)
    khotin("verify", "--data", backup)
    with closing(sqlite3.connect(backup / "archive.db")) as db:
        assert {key for key, _ in keys} <= {key for (key,) in db.execute("SELECT key FROM articles")}
