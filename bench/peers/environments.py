"""An environment a peer, made by the bench and kept in `.venvs/bench-<peer>`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PEERS: dict[str, tuple[str, ...]] = {
    # lxml_html_clean is an extra of lxml that older pip does not find
    "trafilatura": ("trafilatura==2.3.1", "lxml_html_clean==0.4.6"),
    "newspaper4k": ("newspaper4k==0.9.6",),
    "news-please": ("news-please==1.6.16",),
    "goose3": ("goose3==3.1.22",),
    "readability-lxml": ("readability-lxml==0.9",),
    "resiliparse": ("resiliparse==2.0.1",),
}
"""What is installed for each peer; what that needs in turn is chosen by pip and told with the results."""
TOO_LATE = "the time for installing was over"


def make_all(folder: Path, seconds: float) -> tuple[dict[str, Path], dict[str, str]]:
    """The interpreter of each peer, and why those are missing that can't be had within so many seconds."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(2) as pool:
        done = {name: pool.submit(make, folder / f"bench-{name}", wanted, until) for name, wanted in PEERS.items()}
    problems = {name: problem for name, task in done.items() if (problem := task.result())}
    return {n: folder / f"bench-{n}" / "bin" / "python" for n in PEERS if n not in problems}, problems


def make(home: Path, requirements: tuple[str, ...], until: float) -> str:
    """Make one environment unless it is there; say in a line why it can't be made. `until` is monotonic."""
    done = home / "installed.json"
    wanted = json.dumps([*requirements, sys.version])
    if done.is_file() and done.read_text() == wanted:
        return ""
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", str(home)],
        [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *requirements],
    ):
        left = until - time.monotonic()
        if left <= 0:
            return TOO_LATE
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=left, check=False)
        except subprocess.TimeoutExpired:
            return TOO_LATE
        if run.returncode:
            errors = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
            return errors[-1] if errors else f"{' '.join(command[1:4])} ended with {run.returncode}"
    done.write_text(wanted)
    return ""
