"""Writing: what stands in a file, when a new one begins, and what never gets in."""

import errno
import gzip
import hashlib
import os
import re
import resource
import stat
import subprocess
import sys
import textwrap
import zlib
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import warc_samples as samples
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from pipelines.article import Capture
from pipelines.warc import (
    DiskFull,
    ReadOnlyFolder,
    WarcWriter,
    check,
    read_archived,
    read_capture,
    read_captures,
)


def raw_records(path: Path) -> list[tuple[dict[str, str], bytes]]:
    """Records as warcio sees them: WARC headers and raw block."""
    with path.open("rb") as stream:
        return [
            (dict(record.rec_headers.headers), record.raw_stream.read())
            for record in ArchiveIterator(BytesIO(stream.read()), no_record_parse=True)
        ]


def test_an_exchange_is_a_response_and_a_request_record_behind_a_warcinfo(tmp_path: Path) -> None:
    path = samples.written(tmp_path, samples.exchange(ip="192.0.2.7"))
    (info, info_block), (response, response_block), (request, request_block) = raw_records(path)
    assert path.name == "mau-20261122010203-00000.warc.gz"
    assert info_block.decode() == (
        "software: khotin/0.1\r\n"
        "operator: Kho tin <kho@mau.example>\r\n"
        "isPartOf: mau\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        "robots: obey\r\n"
    )
    assert (info["WARC-Type"], info["WARC-Filename"]) == ("warcinfo", path.name)
    assert response == {
        "WARC-Type": "response",
        "WARC-Record-ID": request["WARC-Concurrent-To"],
        "WARC-Date": "2026-11-22T01:02:03.456789Z",
        "WARC-Target-URI": samples.ADDRESS,
        "WARC-IP-Address": "192.0.2.7",
        "WARC-Concurrent-To": request["WARC-Record-ID"],
        "WARC-Payload-Digest": "sha1:" + b32encode(hashlib.sha1(samples.HTML, usedforsecurity=False).digest()).decode(),
        "WARC-Block-Digest": response["WARC-Block-Digest"],
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(response_block)),
    }
    assert response_block == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(samples.HTML), samples.HTML)
    )
    assert request_block == (
        b"GET /chinh-tri/hoc-tap-nghi-quyet-1001.html HTTP/1.1\r\n"
        b"Host: mau.example\r\nUser-Agent: khotin-test\r\nAccept: */*\r\n\r\n"
    )
    assert path.read_bytes()[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\x03"


def test_two_independent_checkers_and_our_own_find_every_kind_of_exchange_sound(tmp_path: Path) -> None:
    path = samples.written(tmp_path, *samples.of_every_kind())
    assert samples.judged(path) == []
    assert check(path) == []


def test_the_checkers_do_find_a_changed_byte(tmp_path: Path) -> None:
    path = samples.written(tmp_path)
    plain = tmp_path / "changed.warc"
    plain.write_bytes(gzip.decompress(path.read_bytes()).replace(b"khotin-test", b"khotin-tesT"))
    assert len(samples.judged(plain)) == 2
    (line,) = check(plain)
    assert re.search(r"record at byte \d+: the block does not have its sha1 digest \(\d+ bytes are lost\)$", line)


def test_the_capture_returned_is_the_capture_read_back(tmp_path: Path) -> None:
    with samples.writer(tmp_path) as warc:
        given = [warc.write(one) for one in samples.of_every_kind()]
    (path,) = tmp_path.glob("mau/*.warc.gz")
    assert list(read_captures(path, root=tmp_path)) == given
    assert [read_capture(tmp_path, one.warc_file, one.warc_offset) for one in given] == given
    assert {one.site for one in given} == {"mau"}
    by_name = {one.url.rpartition("/")[2]: one for one in given}
    assert [by_name[name].body for name in ("plain", "gzip", "br", "chunked")] == [samples.HTML] * 4
    assert by_name["moved"].location == "https://mau.example/plain"
    assert by_name["moved-raw"].location == "https://mau.example/%C4%91%C3%ADch%20%C4%91%E1%BA%BFn?a=1"
    assert (by_name["cut"].truncated, by_name["cut"].body) == ("length", samples.HTML[:50])
    assert by_name["gzip"] == Capture(
        url="https://mau.example/gzip",
        fetched_at=samples.FETCHED,
        status=200,
        content_type="text/html; charset=UTF-8",
        body=samples.HTML,
        site="mau",
        digest=by_name["gzip"].digest,
        record_id=by_name["gzip"].record_id,
        warc_file="mau/mau-20261122010203-00000.warc.gz",
        warc_offset=by_name["gzip"].warc_offset,
        warc_length=by_name["gzip"].warc_length,
    )


def test_the_body_is_kept_as_sent_and_the_headers_are_made_true(tmp_path: Path) -> None:
    path = samples.written(tmp_path, *samples.of_every_kind())
    by_name = {item.exchange.url.rpartition("/")[2]: item.exchange for item in read_archived(path)}
    assert by_name["gzip"].body[:2] == b"\x1f\x8b"
    assert by_name["chunked"].response_headers == (
        ("Content-Type", "text/html; charset=UTF-8"),
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("Content-Length", str(len(samples.HTML))),
    )
    assert by_name["cut"].response_headers == (
        ("Content-Type", "text/html; charset=UTF-8"),
        ("X-Archive-Orig-Content-Length", "124"),
        ("Content-Length", "50"),
    )
    # In a 304 Content-Length tells of the page that was not sent (RFC 9110, section 8.6).
    assert by_name["304"].response_headers == (("ETag", '"a1"'), ("Content-Length", "977"))


def test_secrets_are_never_written(tmp_path: Path) -> None:
    secret = "s3cret-of-the-operator"  # noqa: S105
    path = samples.written(
        tmp_path,
        samples.exchange(
            url=f"https://user:{secret}@mau.example/a",
            request_headers=(
                ("Cookie", f"sid={secret}"),
                ("COOKIE", secret),
                ("authorization", f"Bearer {secret}"),
                ("Proxy-Authorization", f"Basic {secret}"),
                ("User-Agent", "khotin-test"),
            ),
        ),
    )
    records = raw_records(path)
    assert secret not in str(records)
    assert records[2][1] == b"GET /a HTTP/1.1\r\nHost: mau.example\r\nUser-Agent: khotin-test\r\n\r\n"
    assert records[1][0]["WARC-Target-URI"] == "https://mau.example/a"


def test_line_breaks_in_addresses_and_headers_cannot_forge_a_header(tmp_path: Path) -> None:
    evil = "x\r\nWARC-Type: warcinfo\r\n\r\nWARC/1.1\n\0\rX-Evil: 1"
    path = samples.written(
        tmp_path,
        samples.exchange(
            url=f"https://mau.example/a?{evil}",
            reason=evil,
            headers=((evil, evil), ("Content-Type", "text/html"), ("", "nameless")),
            request_headers=(("X-Test", evil), (evil, "1")),
            method="GET / HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET",
            ip=evil,
        ),
    )
    records = raw_records(path)
    assert [headers["WARC-Type"] for headers, _ in records] == ["warcinfo", "response", "request"]
    heads = b"\r\n".join(block.partition(b"\r\n\r\n")[0] for _, block in records)
    lines = re.split(rb"[\r\n]+", heads)
    assert not [line for line in lines if line.startswith((b"X-Evil", b"WARC"))]
    assert "WARC-IP-Address" not in records[1][0]
    assert samples.judged(path) == []
    (capture,) = read_captures(path)
    assert capture.body == samples.HTML


def test_header_bytes_outside_ascii_are_kept(tmp_path: Path) -> None:
    sent = 'inline; filename="Chỉ thị.pdf"'.encode().decode("latin-1")
    path = samples.written(tmp_path, samples.exchange(headers=(("Content-Disposition", sent),)))
    assert 'filename="Chỉ thị.pdf"'.encode() in raw_records(path)[1][1]
    (item,) = read_archived(path)
    assert item.exchange.header("content-disposition") == sent


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"fetched_at": datetime(2026, 11, 22)}, "time zone"),  # noqa: DTZ001
        ({"status": 0}, "no HTTP status"),
        ({"truncated": "because"}, "WARC-Truncated"),
    ],
)
def test_an_exchange_that_cannot_be_true_is_refused(tmp_path: Path, changes: dict[str, object], problem: str) -> None:
    with samples.writer(tmp_path) as warc, pytest.raises(ValueError, match=problem):
        warc.write(samples.exchange(**changes))
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_site_id_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no site id"):
        WarcWriter(tmp_path, "../mau", operator="o", software="s")


def test_the_next_run_continues_the_file_without_a_second_warcinfo(tmp_path: Path) -> None:
    samples.written(tmp_path)
    path = samples.written(tmp_path, samples.exchange(url="https://mau.example/b"))
    assert [headers["WARC-Type"] for headers, _ in raw_records(path)] == [
        "warcinfo",
        "response",
        "request",
        "response",
        "request",
    ]
    assert samples.judged(path) == []


def test_a_new_file_begins_before_the_old_one_outgrows_the_limit(tmp_path: Path) -> None:
    noise = [os.urandom(4000) for _ in range(9)]
    with samples.writer(tmp_path, max_bytes=16_000) as warc:
        given = [warc.write(samples.exchange(body)) for body in noise]
    files = sorted(tmp_path.glob("mau/*"))
    assert [path.name for path in files] == [f"mau-20261122010203-0000{n}.warc.gz" for n in range(3)]
    assert all(path.stat().st_size <= 16_000 for path in files)
    assert [capture.body for path in files for capture in read_captures(path)] == noise
    assert [Path(capture.warc_file).name[-13:-8] for capture in given] == ["00000"] * 3 + ["00001"] * 3 + ["00002"] * 3
    for path in files:
        assert raw_records(path)[0][0]["WARC-Type"] == "warcinfo"
        assert samples.judged(path) == []


def test_files_in_the_order_of_their_names_give_the_order_of_writing(tmp_path: Path) -> None:
    sizes = [100, 9000, 200, 5000, 300, 7000, 100, 400, 6000, 100, 8000, 50]
    urls = [f"https://mau.example/{number}" for number in range(len(sizes))]
    for half in (slice(0, 7), slice(7, None)):  # also over two runs
        with samples.writer(tmp_path, max_bytes=12_000) as warc:
            for url, size in zip(urls[half], sizes[half], strict=True):
                warc.write(samples.exchange(os.urandom(size), url=url))
    files = sorted(tmp_path.glob("mau/*"))
    assert len(files) > 3
    assert all(path.stat().st_size <= 12_000 for path in files)
    assert [capture.url for path in files for capture in read_captures(path)] == urls


def test_an_exchange_larger_than_the_limit_gets_a_file_of_its_own(tmp_path: Path) -> None:
    with samples.writer(tmp_path, max_bytes=3000) as warc:
        for size in (100, 9000, 100):
            warc.write(samples.exchange(os.urandom(size)))
    files = [[len(one.body) for one in read_captures(path)] for path in sorted(tmp_path.glob("mau/*"))]
    assert files == [[100], [9000], [100]]


def test_two_writers_never_share_a_file(tmp_path: Path) -> None:
    with samples.writer(tmp_path) as one, samples.writer(tmp_path) as two:
        captures = [warc.write(samples.exchange()) for warc in (one, two, one, two)]
    names = [capture.warc_file[-13:-8] for capture in captures]
    assert names == ["00000", "00001", "00000", "00001"]
    for path in tmp_path.glob("mau/*"):
        assert samples.judged(path) == []
    with samples.writer(tmp_path) as third:  # the newest one below the limit is free again
        assert third.write(samples.exchange()).warc_file[-13:-8] == "00001"


def test_many_processes_and_threads_at_once_lose_nothing(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys; sys.path[:0] = sys.argv[2:4]
        from pathlib import Path
        import warc_samples as samples
        with samples.writer(Path(sys.argv[1]), max_bytes=9000) as warc:
            for n in range(40):
                warc.write(samples.exchange(url=f"https://mau.example/{sys.argv[4]}/{n}"))
    """)
    here = Path(__file__).parent
    runs = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path, here.parent, here, str(number)]) for number in range(3)
    ]
    with samples.writer(tmp_path, max_bytes=9000) as warc, ThreadPoolExecutor(4) as pool:
        urls = [f"https://mau.example/thread/{n}" for n in range(40)]
        list(pool.map(lambda url: warc.write(samples.exchange(url=url)), urls))
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    found = []
    for path in tmp_path.glob("mau/*"):
        assert path.suffix == ".gz"
        assert check(path) == []
        found += [capture.url for capture in read_captures(path)]
    expected = [*urls, *(f"https://mau.example/{run}/{n}" for run in range(3) for n in range(40))]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("harm", ["moved", "deleted", "truncated"])
def test_a_file_taken_away_while_it_is_written_swallows_nothing(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    with samples.writer(tmp_path) as warc:
        warc.write(samples.exchange())
        (path,) = tmp_path.glob("mau/*")
        if harm == "moved":
            path.rename(tmp_path / "elsewhere.warc.gz")
        elif harm == "deleted":
            path.unlink()
        else:
            os.truncate(path, path.stat().st_size - 1)
        capture = warc.write(samples.exchange(url="https://mau.example/b"))
        assert read_capture(tmp_path, capture.warc_file, capture.warc_offset) == capture
    assert "moved, deleted or changed by another program" in caplog.text
    assert [problem for found in tmp_path.rglob("*.gz") for problem in check(found)] == []


def test_a_clock_set_back_does_not_make_an_old_file_the_newest(tmp_path: Path) -> None:
    times = iter([samples.FETCHED, samples.FETCHED, *[samples.FETCHED - timedelta(days=400)] * 9])
    for _ in range(2):
        with samples.writer(tmp_path, max_bytes=1, clock=lambda: next(times)) as warc:
            warc.write(samples.exchange())
    names = sorted(path.name for path in tmp_path.glob("mau/*"))
    assert names == ["mau-20251018010203-00001.warc.gz", "mau-20261122010203-00000.warc.gz"]
    with samples.writer(tmp_path) as warc:
        assert warc.write(samples.exchange()).warc_file == "mau/mau-20251018010203-00001.warc.gz"


def write_until_full(folder: Path) -> tuple[list[Capture], DiskFull]:
    given: list[Capture] = []
    with samples.writer(folder) as warc:
        for number in range(1000):
            try:
                given.append(warc.write(samples.exchange(os.urandom(7000), url=f"https://mau.example/{number}")))
            except DiskFull as error:
                return given, error
    pytest.fail("the disk was never full")


def all_written_and_nothing_else(folder: Path, given: list[Capture], error: DiskFull) -> None:
    (path,) = folder.glob("mau/*")
    assert list(read_captures(path, root=folder)) == given
    assert path.stat().st_size == raw_end(path)
    assert samples.judged(path) == []
    assert "no room left" in str(error)
    assert "\n" not in str(error)


def raw_end(path: Path) -> int:
    """Where the last record ends, as FastWARC counts."""
    with path.open("rb") as stream:
        for record in FastIterator(stream):
            record.reader.read()
            last = record.stream_pos
        stream.seek(last)
        inflate = zlib.decompressobj(31)
        rest = stream.read()
        inflate.decompress(rest)
        return last + len(rest) - len(inflate.unused_data)


def test_a_full_disk_is_named_and_leaves_only_whole_exchanges(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a small disk here; the file size limit below tests the same")
    try:
        given, error = write_until_full(disk)
        assert 10 < len(given) < 37
        all_written_and_nothing_else(disk, given, error)
        # Not even a file name stays of a writer that finds the disk full at once.
        (disk / "filler").write_bytes(b"")
        with samples.writer(disk / "second") as warc, pytest.raises(DiskFull):
            warc.write(samples.exchange(os.urandom(300_000)))
        assert list((disk / "second").rglob("*.gz")) == []
        # With room again the same writer goes on.
        with samples.writer(disk) as warc:
            with pytest.raises(DiskFull):
                warc.write(samples.exchange(os.urandom(300_000)))
            given.append(warc.write(samples.exchange(b"small")))
        all_written_and_nothing_else(disk, given, error)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_size_limit_is_named_and_leaves_only_whole_exchanges(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        given, error = write_until_full(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(given) == 6
    all_written_and_nothing_else(tmp_path, given, error)


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.ENOSPC])
def test_a_write_that_breaks_off_half_way_is_cut_off_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    real = os.pwrite
    with samples.writer(tmp_path) as warc:
        given = [warc.write(samples.exchange())]

        def half(descriptor: int, data: memoryview, offset: int) -> int:
            if len(data) < 300:
                raise OSError(number, os.strerror(number))
            return real(descriptor, data[:300], offset)

        with monkeypatch.context() as patched:
            patched.setattr("pipelines.warc.write.os.pwrite", half)
            with pytest.raises(DiskFull):
                warc.write(samples.exchange())
        given.append(warc.write(samples.exchange()))
    (path,) = tmp_path.glob("mau/*")
    assert list(read_captures(path, root=tmp_path)) == given


def test_ctrl_c_in_the_middle_of_a_write_leaves_no_half_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite

    def interrupted(descriptor: int, data: memoryview, offset: int) -> int:
        real(descriptor, data[:200], offset)
        raise KeyboardInterrupt

    with samples.writer(tmp_path) as warc:
        monkeypatch.setattr("pipelines.warc.write.os.pwrite", interrupted)
        with pytest.raises(KeyboardInterrupt):
            warc.write(samples.exchange())
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # root may write anywhere but on a disk mounted read-only, and through no file
        (tmp_path / "warc").write_text("a file where the folder should be")
    else:
        (tmp_path / "warc").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    with samples.writer(tmp_path / "warc") as warc, pytest.raises(ReadOnlyFolder, match="--data"):
        warc.write(samples.exchange())


def test_a_disk_mounted_read_only_is_named(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,ro", "tmpfs", disk]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a disk here")
    try:
        with samples.writer(disk) as warc, pytest.raises(ReadOnlyFolder, match="Read-only file system"):
            warc.write(samples.exchange())
    finally:
        subprocess.run(["umount", disk], check=True)


def test_the_same_exchange_may_be_written_with_its_reading(tmp_path: Path) -> None:
    """What is read from one archive can be written to another and reads the same (ingest)."""
    path = samples.written(tmp_path / "a", *samples.of_every_kind())
    items = list(read_archived(path))
    copy = samples.written(tmp_path / "b", *(item.exchange for item in items))
    again = [item.exchange for item in read_archived(copy)]
    assert again == [item.exchange for item in items]
    assert [replace(one, request_headers=()) for one in again] == again
