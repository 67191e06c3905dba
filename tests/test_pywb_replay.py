"""A real pywb, in an environment of its own, replays what WarcWriter wrote: byte for byte."""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import warc_samples as samples
from environments import environment

from pipelines.article import Capture
from pipelines.warc import Exchange

pytestmark = pytest.mark.environments

# pywb imports pkg_resources, which setuptools 81 announces to drop and new venvs do not bring at all.
REQUIREMENTS = ["pywb==2.10.0", "setuptools<81"]
COLLECTION = "kho"
STAMP = "20261122010203"


@pytest.fixture(scope="module")
def pywb() -> Path:
    """The bin folder of an environment with pywb."""
    return environment("pywb", *REQUIREMENTS)


@dataclass
class Replay:
    """A running pywb, the file it serves, and what was written to it."""

    port: int
    warc: Path
    index: Path
    written: list[tuple[Exchange, Capture]]

    def get(self, url: str) -> tuple[int, dict[str, str], bytes]:
        """Ask for the page as archived (`id_`: without pywb's own changes); the body comes as it was sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", f"/{COLLECTION}/{STAMP}id_/{url}", headers={"Accept-Encoding": "gzip, br"})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def replay(pywb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """pywb on a loopback port, over one file of every kind of exchange."""
    folder = tmp_path_factory.mktemp("pywb")
    exchanges = [
        *samples.of_every_kind(),
        samples.exchange(url="https://mau.example/tin.aspx?id=12&tab=X%C3%A2y"),
    ]
    with samples.writer(folder / "warc") as warc:
        written = [(one, warc.write(one)) for one in exchanges]
    (path,) = folder.glob("warc/mau/*.warc.gz")
    for arguments in (["init", COLLECTION], ["add", COLLECTION, str(path)]):
        subprocess.run([pywb / "wb-manager", *arguments], cwd=folder, check=True, capture_output=True, timeout=120)
    log = folder / "pywb.log"
    with log.open("wb") as output:
        port, server = start(pywb, folder, output)
        try:
            wait_for(port, server, log)
            index = folder / "collections" / COLLECTION / "indexes" / "index.cdxj"
            yield Replay(port, path, index, written)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(10)


def start(pywb: Path, folder: Path, output: object) -> tuple[int, subprocess.Popen[bytes]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [pywb / "wayback", "-b", "127.0.0.1", "-p", str(port), "-d", str(folder)]
    return port, subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)  # type: ignore[call-overload]


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"pywb does not answer: {log.read_text()[-1000:]}", pytrace=False)


def test_pywb_gives_every_body_byte_for_byte(replay: Replay) -> None:
    wrong = {}
    for exchange, _ in replay.written:
        if exchange.status in (301, 302, 304):
            continue
        status, headers, body = replay.get(exchange.url)
        coding = headers.get("content-encoding", "")
        if (status, body, coding) != (exchange.status, exchange.body, exchange.header("Content-Encoding")):
            wrong[exchange.url] = (status, headers, len(body))
    assert wrong == {}


def test_pywb_gives_an_archived_redirect_as_it_was(replay: Replay) -> None:
    status, headers, _ = replay.get("https://mau.example/moved")
    assert (status, headers["location"]) == (301, "https://mau.example/plain")


def test_pywb_indexes_each_capture_at_its_place(replay: Replay) -> None:
    entries = []
    for line in replay.index.read_text().splitlines():
        key, stamp, rest = line.split(" ", 2)
        facts = json.loads(rest)
        assert key.startswith("example,mau)/")
        entries.append((stamp, facts["url"], facts["status"], facts["digest"], facts["offset"], facts["length"]))
        assert facts["filename"] == replay.warc.name
    assert sorted(entries) == sorted(
        (
            STAMP,
            capture.url,
            str(capture.status),
            capture.digest.removeprefix("sha1:"),
            str(capture.warc_offset),
            str(capture.warc_length),
        )
        for _, capture in replay.written
    )


def test_pywb_says_of_an_address_that_was_never_written_that_it_has_none(replay: Replay) -> None:
    assert replay.get("https://mau.example/none")[0] == 404
