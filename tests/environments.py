"""Environments of their own for programs that are no part of khotin: pywb, the next Datasette, pandas."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from running import ROOT


def environment(name: str, *requirements: str, beside: bool = False) -> Path:
    """The bin folder of an environment with these packages, made on first use (a minute or two) and kept.

    It is .venvs/<name>, or the folder that KHOTIN_<NAME>_VENV names; `beside`: what this Python has installed can
    be imported there too, after its own packages. Where it can't be made the test fails in CI and is skipped elsewhere.
    """
    home = Path(os.environ.get(f"KHOTIN_{name.upper()}_VENV") or ROOT / ".venvs" / f"{name}-{sys.version_info.minor}")
    home.parent.mkdir(parents=True, exist_ok=True)
    done = home / "installed.json"
    wanted = json.dumps([*requirements, sys.version])
    with home.with_name(home.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_file() or done.read_text() != wanted:
            problem = _install(home, requirements, beside=beside)
            if problem:
                (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} can't be installed: {problem}")
            done.write_text(wanted)
    return home / "bin"


def _install(home: Path, requirements: tuple[str, ...], *, beside: bool) -> str:
    """Make the environment; say in a line why it can't be made."""
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    if beside:
        (site,) = home.glob("lib/python*/site-packages")
        (site / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except subprocess.TimeoutExpired:
        return "pip took more than 15 minutes"
    if run.returncode:
        errors = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        return errors[-1] if errors else f"pip ended with {run.returncode}"
    return ""
