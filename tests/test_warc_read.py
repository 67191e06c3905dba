"""Reading: our own files, those of other archivers, and files that are none."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import warc_samples as samples
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.warc import (
    TornRecord,
    WarcUnreadable,
    check,
    read_archived,
    read_capture,
    read_captures,
    read_exchange,
)

ADDRESS = "http://cu.example/tin/1"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>M\xe1\xba\xabu</p>"
DIGEST = "sha1:C4XPNI6WGGRYPERX7N6O6YLXPU7BTQQ7"  # of the body, by sha1sum and base32


def record(kind: str, block: bytes, *lines: str, version: str = "WARC/1.0", url: str = ADDRESS) -> bytes:
    """One record as some other archiver may write it."""
    head = [
        version,
        f"WARC-Type: {kind}",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        f"WARC-Target-URI: {url}",
        "Content-Type: application/http; msgtype=response",
        *(lines if any("WARC-Date" in line for line in lines) else ("WARC-Date: 2019-05-01T10:00:00Z", *lines)),
        f"Content-Length: {len(block)}",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + block + b"\r\n\r\n"


def file_of(folder: Path, *records: bytes, packed: bool = True) -> Path:
    path = folder / ("foreign.warc.gz" if packed else "foreign.warc")
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in records))
    return path


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("version", ["WARC/1.0", "WARC/1.1", "WARC/0.18"])
def test_files_of_other_archivers_are_read_packed_and_plain(tmp_path: Path, packed: bool, version: str) -> None:
    records = [
        record("warcinfo", b"software: other\r\n", version=version),
        record("response", HTTP, version=version),
    ]
    path = file_of(tmp_path, *records, packed=packed)
    (capture,) = read_captures(path, site="cu")
    assert (capture.url, capture.status, capture.content_type, capture.body, capture.site) == (
        ADDRESS,
        200,
        "text/html",
        "<p>Mẫu</p>".encode(),
        "cu",
    )
    assert capture.fetched_at == datetime(2019, 5, 1, 10, tzinfo=UTC)
    assert capture.digest == DIGEST
    assert (capture.warc_file, capture.warc_offset) == (
        path.name,
        len(gzip.compress(records[0]) if packed else records[0]),
    )
    assert read_capture(tmp_path, path.name, capture.warc_offset, site="cu") == capture
    assert check(path) == []


def test_a_file_written_by_warcio_is_read(tmp_path: Path) -> None:
    path = tmp_path / "by-warcio.warc.gz"
    with path.open("wb") as stream:
        warc = WARCWriter(stream, gzip=True)
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        body = BytesIO(samples.HTML)
        warc.write_record(
            warc.create_warc_record(ADDRESS, "response", payload=body, length=len(samples.HTML), http_headers=http)
        )
    assert [capture.body for capture in read_captures(path)] == [samples.HTML]
    assert check(path) == []


def test_chunks_and_content_codings_of_foreign_files_are_undone(tmp_path: Path) -> None:
    sent = gzip.compress(samples.HTML)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    chunked = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(sent), sent)
    cut = head + b"%x\r\n%s" % (len(sent), sent[:-20])
    path = file_of(tmp_path, record("response", chunked), record("response", head + sent), record("response", cut))
    whole, unchunked, short = read_captures(path)
    assert (whole.body, unchunked.body) == (samples.HTML, samples.HTML)
    assert (whole.truncated, unchunked.truncated, short.truncated) == ("", "", "disconnect")
    assert samples.HTML.startswith(short.body)


def test_resources_and_revisits_become_captures(tmp_path: Path) -> None:
    digest = f"WARC-Payload-Digest: {DIGEST}"
    same = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    unchanged = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified"
    path = file_of(
        tmp_path,
        record("response", HTTP, digest),
        record("resource", b"%PDF-", "WARC-Date: 2019", url=ADDRESS + ".pdf").replace(
            b"application/http; msgtype=response", b"application/pdf"
        ),
        record("revisit", b"", digest, same, url=ADDRESS + "?again"),
        record("revisit", b"HTTP/1.1 203 Fine\r\nX: 1\r\n\r\n", digest, same, url=ADDRESS + "?other"),
        record("revisit", b"", digest, unchanged, url=ADDRESS + "?unchanged"),
        record("revisit", b"", digest.replace("sha1:C4", "sha1:J4"), same, url=ADDRESS + "?lost"),
        record("metadata", b"via: x\r\n"),
        record("response", HTTP, url="dns:cu.example"),
    )
    skipped: list[str] = []
    captures = list(read_captures(path, on_skipped=skipped.append))
    assert [(one.url.removeprefix(ADDRESS), one.status, one.content_type, one.body) for one in captures] == [
        ("", 200, "text/html", "<p>Mẫu</p>".encode()),
        (".pdf", 200, "application/pdf", b"%PDF-"),
        ("?again", 200, "text/html", "<p>Mẫu</p>".encode()),
        ("?other", 203, "", "<p>Mẫu</p>".encode()),
        ("?unchanged", 304, "", b""),
    ]
    assert captures[1].fetched_at == datetime(2019, 1, 1, tzinfo=UTC)
    assert skipped == [f"{path}: {ADDRESS}?lost: a revisit of a record that is not in this file"]
    assert [read_capture(tmp_path, path.name, one.warc_offset) for one in captures] == captures


def test_records_that_cannot_be_captures_are_told(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        record("response", b"not http at all"),
        record("response", HTTP, "WARC-Date: yesterday"),
        record("response", HTTP, "WARC-Segment-Number: 1"),
        record("response", HTTP, url=f"<{ADDRESS}>"),
    )
    skipped: list[str] = []
    assert [one.url for one in read_captures(path, on_skipped=skipped.append)] == [ADDRESS]
    assert [line.rpartition(": ")[2] for line in skipped] == [
        f"{ADDRESS} does not begin with an HTTP status line ('not http at all')",
        "the date 'yesterday' cannot be read",
        f"{ADDRESS} is split over several records, which is not supported",
    ]


def test_a_bomb_gives_a_capture_that_is_cut_and_says_so(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    path = samples.written(tmp_path, samples.exchange(bomb, headers=(("Content-Encoding", "gzip"),)))
    (capture,) = read_captures(path, limit=1000)
    assert (len(capture.body), capture.truncated) == (1000, "length")


def test_the_site_comes_from_the_head_of_the_file_unless_told(tmp_path: Path) -> None:
    path = samples.written(tmp_path)
    (capture,) = read_captures(path)
    (told,) = read_captures(path, site="khac", root=tmp_path)
    assert (capture.site, capture.warc_file) == ("mau", path.name)
    assert (told.site, told.warc_file) == ("khac", f"mau/{path.name}")
    assert read_capture(tmp_path, told.warc_file, told.warc_offset).site == "mau"


def test_reading_goes_on_while_another_process_writes(tmp_path: Path) -> None:
    with samples.writer(tmp_path) as warc:
        capture = warc.write(samples.exchange())
        assert read_capture(tmp_path, capture.warc_file, capture.warc_offset) == capture


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!doctype html><p>a page</p>", "not a WARC file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 5000, "not a WARC file"),
        (
            gzip.compress(b"".join([record("response", HTTP)] * 3)),
            "Run `warcio recompress foreign.warc.gz NEW",
        ),
        (
            gzip.compress(b"".join([record("response", HTTP * 9000)] * 9)),
            "Run `warcio recompress foreign.warc.gz NEW",
        ),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(content)
    with pytest.raises(WarcUnreadable, match=says):
        list(read_captures(path))


def test_a_missing_file_a_folder_and_a_place_outside_say_so(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "none.warc.gz", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(WarcUnreadable, match=says):
            list(read_captures(path))
    with pytest.raises(WarcUnreadable, match="lies outside"):
        read_capture(tmp_path / "warc", "../../etc/passwd", 0)


def test_an_empty_file_has_no_captures(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.touch()
    assert list(read_captures(path)) == []
    assert check(path) == []


def test_a_place_where_no_response_begins_says_so(tmp_path: Path) -> None:
    path = samples.written(tmp_path)
    (capture,) = read_captures(path)
    with pytest.raises(WarcUnreadable, match="is a warcinfo record, not a response"):
        read_exchange(path, 0)
    for offset in (capture.warc_offset + 1, path.stat().st_size, 10**9):
        with pytest.raises(TornRecord):
            read_exchange(path, offset)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def zeroed(data: bytes, at: int) -> bytes:
    return data[:at] + b"\0" * 64 + data[at + 64 :]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("damage", [flipped, zeroed])
def test_damage_in_the_middle_costs_only_the_record_it_is_in(
    tmp_path: Path, damage: Callable[[bytes, int], bytes], packed: bool
) -> None:
    source = samples.written(tmp_path, *(samples.exchange(url=f"https://mau.example/{n}") for n in range(4)))
    data = source.read_bytes() if packed else gzip.decompress(source.read_bytes())
    path = tmp_path / "damaged.warc"
    path.write_bytes(data)
    items = [(item.exchange.url, item.offset, item.length) for item in read_archived(path)]
    assert len(items) == 4
    url, start, length = items[1]
    # In gzip every byte counts; in a plain file only those of the block are guarded, by its digest.
    middle = (
        range(start + 12, start + length - 64, 7) if packed else range(start + length - 200, start + length - 70, 7)
    )
    for at in middle:
        path.write_bytes(damage(data, at))
        torn: list[TornRecord] = []
        read = [one.url for one in read_captures(path, on_torn=torn.append)]
        assert read == [other for other, _, _ in items if other != url]
        assert [(one.offset, one.cut) for one in torn] == [(start, length)]
        assert len(check(path)) == 1
        with pytest.raises(TornRecord):
            list(read_captures(path))


def test_damage_at_the_very_start_does_not_hide_the_rest(tmp_path: Path) -> None:
    path = samples.written(tmp_path)
    path.write_bytes(b"\0\0\0" + path.read_bytes()[3:])
    torn: list[TornRecord] = []
    assert [one.body for one in read_captures(path, on_torn=torn.append)] == [samples.HTML]
    assert [one.offset for one in torn] == [0]


def test_real_pages_of_another_archiver_are_read_whole(shared: Path) -> None:
    path = shared / "pages" / "sotttt-hoat-dong-dang.warc.gz"
    captures = list(read_captures(path))
    assert len(captures) == 240
    assert sum(one.status == 200 for one in captures) == 239
    assert check(path) == []
    some = captures[::40]
    assert [read_capture(path.parent, one.warc_file, one.warc_offset) for one in some] == some
