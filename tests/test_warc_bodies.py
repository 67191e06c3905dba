"""Content and transfer codings, also broken, mislabelled and hostile ones."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipelines.warc import BodyDamaged, BodyTooLarge, decode_body
from pipelines.warc.bodies import dechunk

PAGE = "<p>Đảng bộ xã Mẫu tổng kết nhiệm kỳ.</p>".encode() * 3000


def raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(body) + squeeze.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", ENCODERS)
def test_each_coding_is_undone(coding: str) -> None:
    assert decode_body(ENCODERS[coding](PAGE), coding) == PAGE


def test_several_codings_are_undone_from_the_last() -> None:
    twice = brotli.compress(gzip.compress(PAGE))
    assert decode_body(twice, "gzip, br") == PAGE
    assert decode_body(gzip.compress(PAGE), " identity , GZIP ") == PAGE


def test_several_gzip_members_and_zstd_frames_are_one_body() -> None:
    parts = PAGE[:1000], PAGE[1000:]
    assert decode_body(b"".join(map(gzip.compress, parts)) + b"\0" * 512, "gzip") == PAGE
    assert decode_body(b"".join(map(zstandard.compress, parts)), "zstd") == PAGE


@pytest.mark.parametrize("coding", ["", "identity", "gzip", "br", "zstd"])
def test_a_plain_page_under_a_false_label_is_left_alone(coding: str) -> None:
    assert decode_body(PAGE, coding) == PAGE


@pytest.mark.parametrize("coding", ["", *ENCODERS])
def test_an_empty_body_is_empty_in_every_coding(coding: str) -> None:
    assert decode_body(b"", coding) == b""


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_cut_body_is_told_and_its_beginning_given(coding: str) -> None:
    whole = ENCODERS[coding](PAGE)
    with pytest.raises(BodyDamaged, match="they end in the middle") as error:
        decode_body(whole[: len(whole) // 2], coding)
    assert PAGE.startswith(error.value.partial)


def test_a_coding_nobody_knows_is_told() -> None:
    with pytest.raises(BodyDamaged, match="unknown content coding 'sdch'"):
        decode_body(PAGE, "sdch")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_stopped_at_the_limit(coding: str) -> None:
    bomb = ENCODERS[coding](b"\0" * (60 << 20))
    tracemalloc.start()
    with pytest.raises(BodyTooLarge) as error:
        decode_body(bomb, coding, limit=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.value.partial == b"\0" * (1 << 20)
    assert peak < 40 << 20


def test_a_plain_body_over_the_limit_is_stopped_too() -> None:
    with pytest.raises(BodyTooLarge):
        decode_body(PAGE, "", limit=10)


def test_chunks_are_joined() -> None:
    assert dechunk(b"4\r\nWiki\r\n6;a=b\r\npedia \r\nB\r\nin \r\nchunks\r\n0\r\n\r\n") == (
        b"Wikipedia in \r\nchunks",
        True,
    )


@pytest.mark.parametrize("cut", [b"4\r\nWiki\r\n6\r\nped", b"4\r\nWiki\r\n", b"4\r\nWiki"])
def test_chunks_without_an_end_are_told(cut: bytes) -> None:
    body, complete = dechunk(cut)
    assert (b"Wikiped".startswith(body), body[:4], complete) == (True, b"Wiki", False)


def test_a_body_that_was_freed_of_its_chunks_is_left_alone() -> None:
    assert dechunk(PAGE) == (PAGE, True)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "chunked"]))
def test_no_bytes_bring_down_the_decoders(body: bytes, coding: str) -> None:
    partial = b""
    with contextlib.suppress(BodyTooLarge):
        try:
            partial = decode_body(body, coding, limit=1000)
        except BodyDamaged as error:
            partial = error.partial
    assert len(partial) <= 1000
    assert len(dechunk(body)[0]) <= len(body)
