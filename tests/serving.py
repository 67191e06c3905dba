"""Runs the real server in a process of its own, for the tests of the reading room."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = (
    "import sys; from pathlib import Path; from khotin.serve import serve; "
    "serve(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]), sql=None if sys.argv[3] == 'None' else sys.argv[3] == 'True')"
)
ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def started(data: Path, port: int = 0, *, sql: bool | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address (without the last slash) and the process; ended by SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data), str(port), str(sql)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _, errors = process.communicate()
            raise AssertionError(errors)
        yield line.split()[3].rstrip("/"), process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
