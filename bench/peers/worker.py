"""One tool in one process: `python -m bench.peers.worker TOOL` reads jobs from stdin, a JSON object a line.

First line out: {"ready": {package: version}} or {"error": …} where the tool can't be imported. Jobs:
{"file": path, "url": address} is answered by {"cpu": seconds, "result": …}; with "memory": true it is read in a
forked child and answered by {"memory": bytes}, the peak above what the process held before. A page on which the
tool fails is answered by {"error": …}. Standard library only: it runs in every peer's environment.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import sys
import time
import traceback
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from bench.peers.adapters import READERS, Reader

PACKAGES = (
    "khotin",
    "trafilatura",
    "htmldate",
    "newspaper4k",
    "news-please",
    "goose3",
    "readability-lxml",
    "resiliparse",
    "lxml",
)


def timed(reader: Reader, body: bytes, url: str) -> dict[str, Any]:
    """Read one page; CPU seconds of this process around the call alone."""
    start = time.process_time()
    result = reader(body, url)
    return {"cpu": time.process_time() - start, "result": result}


def peak(reader: Reader, body: bytes, url: str) -> dict[str, Any]:
    """Read one page in a forked child; bytes of resident memory at its peak above those before the call."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # freed memory that is kept would hide what the page needs
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        answer = {"error": "the child died"}
        try:
            Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM, see proc(5)
            before = status_bytes("VmRSS")
            reader(body, url)
            answer = {"memory": status_bytes("VmHWM") - before}
        except Exception as error:  # noqa: BLE001 - a peer may raise anything; it is told in the answer
            answer = {"error": told(error)}
        finally:
            os.write(writable, json.dumps(answer).encode())
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as stream:
        answered = stream.read()
    os.waitpid(child, 0)
    return json.loads(answered) if answered else {"error": "the child died"}


def status_bytes(field: str) -> int:
    """A field of /proc/self/status that is given in kB. Raises `OSError` where there is no such file."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    message = f"no {field} in /proc/self/status"
    raise OSError(message)


def told(error: Exception) -> str:
    """An error in one line."""
    return " ".join("".join(traceback.format_exception_only(error)).split())[:300]


def answer(reader: Reader, job: dict[str, Any]) -> dict[str, Any]:
    """The answer to one job."""
    body = Path(job["file"]).read_bytes()
    try:
        return (peak if job.get("memory") else timed)(reader, body, job["url"])
    except Exception as error:  # noqa: BLE001 - a peer may raise anything; it is told in the answer
        return {"error": told(error)}


def main(tool: str) -> None:
    """Answer jobs until stdin ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a tool prints must not get between the answers

    def send(message: dict[str, Any]) -> None:
        out.write(json.dumps(message, default=str) + "\n")
        out.flush()

    try:
        reader = READERS[tool]()
    except Exception as error:  # noqa: BLE001 - a peer may raise anything on import
        send({"error": told(error)})
        return
    found = {d.metadata["Name"].lower(): d.version for d in distributions()}
    send({"ready": {name: found[name] for name in PACKAGES if name in found}})
    for line in sys.stdin:
        send(answer(reader, json.loads(line)))


if __name__ == "__main__":
    main(sys.argv[1])
