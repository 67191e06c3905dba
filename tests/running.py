"""Runs the command `khotin` in a process of its own, from the checkout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """The address (without the last slash) of `khotin serve`, which must end well on SIGTERM."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "khotin", "serve", "--port", str(port), "--data", str(data)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout
        assert "khotin serves at" in server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert server.returncode == 0
