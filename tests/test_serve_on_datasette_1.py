"""The reading room on the next Datasette: the same tests, in an environment with a 1.0 alpha."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from environments import environment
from running import ROOT

NEXT = "1.0a41"  # the newest alpha when this was written; raise it by hand
PARTS = ("pages", "search", "server", "metadata", "language", "article", "overview", "safety", "sharing", "csv")
TESTS = [f"tests/test_serve_{name}.py" for name in PARTS]


@pytest.fixture(scope="module")
def python() -> Path:
    """Python of an environment that has the alpha in front of everything that this one has."""
    return environment("datasette", f"datasette=={NEXT}", beside=True) / "python"


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
