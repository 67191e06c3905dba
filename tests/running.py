"""Runs the command `khotin` in a process of its own, from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"


def khotin(*args: str | Path, code: int | tuple[int, ...] = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished process; fails the test where its exit code is none of the expected ones."""
    done = subprocess.run(
        [sys.executable, "-m", "khotin", *map(str, args)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode in (code if isinstance(code, tuple) else (code,)), done.stderr + done.stdout
    return done
