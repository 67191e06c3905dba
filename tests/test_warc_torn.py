"""kill -9 and power cuts: what a file looks like then, and what is made of it."""

import gzip
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import warc_samples as samples

from pipelines.warc import (
    DiskFull,
    TornRecord,
    WarcBusy,
    WarcUnreadable,
    check,
    read_archived,
    read_captures,
    repair_tail,
)

URLS = [f"https://mau.example/{n}" for n in range(3)]


@pytest.fixture
def whole(tmp_path: Path) -> tuple[bytes, int]:
    """A sound file of three exchanges, and where the last exchange begins."""
    path = samples.written(tmp_path / "whole", *(samples.exchange(url=url) for url in URLS))
    *_, last = read_archived(path)
    return path.read_bytes(), last.offset


def test_a_tail_torn_at_any_byte_is_cut_by_the_next_writer_and_kept_beside(
    tmp_path: Path, whole: tuple[bytes, int]
) -> None:
    data, last = whole
    folder = tmp_path / "warc" / "mau"
    folder.mkdir(parents=True)
    path = folder / "mau-20261122010203-00000.warc.gz"
    beside = folder / (path.name + ".torn")
    for end in range(last, len(data)):
        path.write_bytes(data[:end])
        with samples.writer(tmp_path / "warc") as warc:
            again = warc.write(samples.exchange(url="https://mau.example/again"))
        repairs = [(one.kept, one.cut, one.torn_file) for one in warc.repairs]
        assert repairs == ([(last, end - last, beside)] if end > last else [])
        assert again.warc_offset == last
        assert path.read_bytes()[:last] == data[:last]
        assert [one.url for one in read_captures(path)] == [*URLS[:2], "https://mau.example/again"]
        if end > last:
            assert beside.read_bytes() == data[last:end]
            beside.unlink()
    assert check(path) == []
    assert samples.judged(path) == []


def test_a_first_exchange_torn_at_any_byte_leaves_a_file_to_begin_again(tmp_path: Path) -> None:
    data = samples.written(tmp_path / "whole").read_bytes()
    folder = tmp_path / "warc" / "mau"
    folder.mkdir(parents=True)
    path = folder / "mau-20261122010203-00000.warc.gz"
    for end in range(len(data)):
        path.write_bytes(data[:end])
        with samples.writer(tmp_path / "warc") as warc:
            capture = warc.write(samples.exchange())
        assert capture.warc_file.endswith("-00000.warc.gz")
        assert [one.body for one in read_captures(path)] == [samples.HTML]
        for torn in folder.glob("*.torn"):
            assert data[:end].endswith(torn.read_bytes())
            torn.unlink()
    assert check(path) == []


@pytest.mark.parametrize("packed", [True, False])
def test_all_whole_records_come_before_the_torn_one_is_told(
    tmp_path: Path, whole: tuple[bytes, int], packed: bool
) -> None:
    data, last = whole
    path = tmp_path / "torn.warc"
    if not packed:
        last = len(gzip.decompress(data[:last]))
        data = gzip.decompress(data)
    path.write_bytes(data)
    first_end = last + next(item.length for item in read_archived(path) if item.offset == last)
    for end in range(last + 1, first_end):
        path.write_bytes(data[:end])
        given = []
        with pytest.raises(TornRecord, match="khotin verify"):  # noqa: PT012  (the point is what came before)
            for capture in read_captures(path):
                given.append(capture.url)  # noqa: PERF401
        told: list[TornRecord] = []
        assert [one.url for one in read_captures(path, on_torn=told.append)] == given == URLS[:2]
        assert [(one.offset, one.cut) for one in told] == [(last, end - last)]
        assert len(check(path)) == 1


@pytest.mark.parametrize("packed", [True, False])
def test_repair_cuts_a_foreign_file_to_its_last_whole_record(
    tmp_path: Path, whole: tuple[bytes, int], packed: bool
) -> None:
    data, _ = whole
    path = tmp_path / "foreign.warc"
    path.write_bytes(data if packed else gzip.decompress(data))
    size = path.stat().st_size
    assert repair_tail(path) is None
    os.truncate(path, size - 3)
    report = repair_tail(path)
    assert report is not None
    assert report.kept + report.cut == size - 3
    assert report.torn_file.name == "foreign.warc.torn"
    assert "\n" not in str(report)
    assert [one.url for one in read_captures(path)] == URLS  # only the last request record was torn
    assert repair_tail(path) is None
    # Of a file of our own that exchange is cut too: request and response are there both or neither.
    own = repair_tail(path, pairs=True)
    assert own is not None
    assert (own.reason, own.torn_file.name) == ("a response without its request", "foreign.warc.torn.2")
    assert [one.url for one in read_captures(path)] == URLS[:2]


def test_damage_in_the_middle_is_not_taken_for_a_torn_tail(tmp_path: Path, whole: tuple[bytes, int]) -> None:
    data, last = whole
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(data[: last - 600] + b"\0" * 50 + data[last - 550 :])
    before = path.read_bytes()
    assert repair_tail(path, pairs=True) is None
    assert path.read_bytes() == before
    assert len(check(path)) == 1


def test_zeros_left_by_a_power_cut_are_cut(tmp_path: Path, whole: tuple[bytes, int]) -> None:
    data, _ = whole
    path = tmp_path / "zeros.warc.gz"
    path.write_bytes(data + b"\0" * 4096)
    report = repair_tail(path, pairs=True)
    assert report is not None
    assert (report.kept, report.cut) == (len(data), 4096)
    assert path.read_bytes() == data


def test_the_tail_of_a_large_file_is_found_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A page that holds a WARC file of its own, as it is, must not be taken for the tail.
    inner = samples.written(tmp_path / "inner", samples.exchange(os.urandom(90_000))).read_bytes()
    nested = os.urandom(700_000) + inner + os.urandom(700_000)
    noise = [samples.exchange(os.urandom(400_000), url=f"https://mau.example/n{n}") for n in range(5)]
    path = samples.written(tmp_path / "big", *noise, samples.exchange(nested, url="https://mau.example/nested"))
    assert path.read_bytes().count(b"\x1f\x8b\x08\0\0\0\0\0\0\x03") == 2 * len(noise) + 3 + 3
    assert repair_tail(path, pairs=True) is None
    os.truncate(path, path.stat().st_size - 1)
    report = repair_tail(path, pairs=True)
    assert report is not None
    assert report.cut > 1_400_000
    assert [one.url for one in read_captures(path)] == [one.url for one in noise]
    starts: list[int] = []
    from pipelines.warc import repair

    real = repair.iter_records

    def noting(stream: object, path: Path, *, start: int = 0) -> Iterator[object]:
        starts.append(start)
        return real(stream, path, start=start)  # type: ignore[arg-type]

    monkeypatch.setattr(repair, "iter_records", noting)
    assert repair_tail(path, pairs=True) is None
    assert len(starts) == 1
    assert starts[0] > 1_000_000


def test_a_file_that_is_being_written_is_not_repaired(tmp_path: Path) -> None:
    with samples.writer(tmp_path) as warc:
        warc.write(samples.exchange())
        (path,) = tmp_path.glob("mau/*")
        with pytest.raises(WarcBusy, match="another process is writing it"):
            repair_tail(path)


def test_a_file_that_is_no_warc_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "page.warc.gz"
    path.write_bytes(b"<p>a page</p>" * 100)
    with pytest.raises(WarcUnreadable):
        repair_tail(path)
    assert path.read_bytes() == b"<p>a page</p>" * 100


def test_a_writer_leaves_a_file_of_zeros_alone_and_begins_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "mau"
    folder.mkdir()
    zeros = folder / "mau-20261122010203-00000.warc.gz"
    zeros.write_bytes(b"\0" * 8192)
    with caplog.at_level(logging.WARNING), samples.writer(tmp_path) as warc:
        capture = warc.write(samples.exchange())
    assert capture.warc_file.endswith("-00001.warc.gz")
    assert zeros.read_bytes() == b"\0" * 8192
    assert "A new file is begun." in caplog.text


def test_without_room_for_the_cut_bytes_nothing_is_cut(
    tmp_path: Path, whole: tuple[bytes, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(whole[0][:-1])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.warc.repair.os.fsync", full)
    with pytest.raises(DiskFull):
        repair_tail(path)
    assert path.read_bytes() == whole[0][:-1]
    assert [one.name for one in tmp_path.glob("torn*")] == ["torn.warc.gz"]


def test_kill_9_at_any_moment_loses_no_acknowledged_capture(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys; sys.path[:0] = sys.argv[2:4]
        from pathlib import Path
        import os, warc_samples as samples
        warc = samples.writer(Path(sys.argv[1]), max_bytes=3_000_000)
        while True:
            capture = warc.write(samples.exchange(os.urandom(60_000)))
            os.write(1, (capture.record_id + "\\n").encode())
    """)
    here = Path(__file__).parent
    acknowledged: list[str] = []
    for round_ in range(8):
        command = [sys.executable, "-c", code, tmp_path, here.parent, here]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            acknowledged.append(run.stdout.readline().decode().strip())
            time.sleep(0.02 + 0.013 * round_)
            run.send_signal(signal.SIGKILL)
            rest = run.stdout.read().decode()
            acknowledged += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    with samples.writer(tmp_path) as warc:
        acknowledged.append(warc.write(samples.exchange()).record_id)
    found: list[str] = []
    for path in tmp_path.glob("mau/*.warc.gz"):
        repair_tail(path, pairs=True)
        assert check(path) == []
        found += [one.record_id for one in read_captures(path)]
    assert len(acknowledged) > 16
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found)) <= len(acknowledged) + 8
