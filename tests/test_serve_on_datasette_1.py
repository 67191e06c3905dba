"""The reading room on the next Datasette: the same tests, in an environment with a 1.0 alpha."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from running import ROOT

NEXT = "1.0a41"  # the newest alpha when this was written; raise it by hand
PARTS = ("pages", "search", "server", "metadata", "language", "article", "overview", "safety", "sharing", "csv")
TESTS = [f"tests/test_serve_{name}.py" for name in PARTS]


@pytest.fixture(scope="module")
def python() -> Path:
    """Python of an environment that has the alpha in front of everything that this one has."""
    folder = Path(os.environ.get("KHOTIN_DATASETTE_VENV") or ROOT / ".venvs" / f"datasette-{sys.version_info.minor}")
    python = folder / "bin" / "python"
    if not (folder / f"ready-{NEXT}").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
        made = subprocess.run(
            [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", f"datasette=={NEXT}"],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            told = (made.stderr.strip().splitlines() or ["no message"])[-1]
            if os.environ.get("CI"):
                pytest.fail(f"Datasette {NEXT} can't be installed: {told}")
            pytest.skip(f"Datasette {NEXT} can't be installed here: {told}")
        (folder / f"ready-{NEXT}").touch()
    return python


@pytest.mark.environments
def test_the_reading_room_passes_its_tests_on_the_next_datasette(python: Path) -> None:
    shown = subprocess.run(
        [python, "-m", "datasette", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert NEXT in shown.stdout
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]
