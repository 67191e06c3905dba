"""What holds for any text and any bytes."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from legacy_encoders import sloppy_1252, to_cp1258, to_tcvn3, to_viscii, to_vni

from pipelines.decode import decode
from pipelines.text import clean, clean_line, fold, language, normalise, repair, syllable_validity, text_flags

WORDS = str.split(
    "Đảng ủy xã tổ chức kết nạp đảng viên mới tại bản biên giới chiều Thường trực Huyện làm việc với các "
    "chi bộ "
    "về công tác phát triển những kết quả nổi bật kiểm tra giám sát quý hội nghị đánh giá cao hoà uỷ khoẻ "
    "nghiêng "
    "khuya quyết giếng thuở quỹ đường trường được nước người phường tướng"
)
vietnamese = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
damages = st.sampled_from(
    [
        to_tcvn3,
        to_vni,
        lambda text: sloppy_1252(to_viscii(text)),
        lambda text: sloppy_1252(to_cp1258(text)),
        lambda text: sloppy_1252(text.encode()),
        lambda text: text.encode().decode("latin-1"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "".join(f"&#{ord(char)};" for char in text),
        lambda text: text.replace("ư", "").replace("ộ", "?"),
    ]
)
damaged = st.builds(lambda text, damage: damage(text), vietnamese, damages)
odd_signs = st.text(
    st.sampled_from(
        list(
            "aàảđĐÐơưếøñÃÄÂ»º¼µ§®¬\u00ad\u0301\u0323\u0302\u200d\u00a0\ufffd"
            "&#;?<>\n\r\t\u2028\x85\x1e\x81\ud800 7ộHâ€™“"
        )
    ),
    max_size=40,
)
anything = st.one_of(
    st.text(max_size=80),
    vietnamese,
    damaged,
    odd_signs,
    st.lists(st.one_of(damaged, odd_signs)).map(" ".join),
)


@given(anything)
@settings(max_examples=600, deadline=None)
def test_clean_text_is_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode("utf-8").decode() == once  # no lone surrogates
    assert not set(once) & set("\u00ad\u200b\ufeff\u202a\r\t\x00\u2028")
    assert clean_line(clean_line(text)) == clean_line(text)


@given(anything)
@settings(max_examples=600, deadline=None)
def test_normalised_text_is_normal(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal) == normal
    assert normalise(clean(text)) == normal
    assert unicodedata.is_normalized("NFC", normal)


@given(vietnamese)
def test_vietnamese_stays_and_folds_to_ascii(text: str) -> None:
    assert clean(text) == text
    assert repair(text) == (text, ())
    assert text_flags(text) == ()
    assert syllable_validity(text) in (1.0, None)
    assert fold(text).isascii()
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(normalise(text)) == fold(text)


@given(st.lists(st.sampled_from(WORDS), min_size=8, max_size=20).map(" ".join))
def test_legacy_encodings_go_and_come_back(text: str) -> None:
    sentence = f"Đảng bộ huyện và các xã được biểu dương: {text}"
    assert clean(to_tcvn3(sentence)) == sentence
    assert clean(to_vni(sentence)) == sentence
    assert clean(sloppy_1252(to_viscii(sentence))) == sentence
    assert clean(sloppy_1252(to_cp1258(sentence))) == sentence
    assert clean(sloppy_1252(sentence.encode())) == sentence


@given(anything)
@settings(max_examples=300, deadline=None)
def test_judges_answer_for_any_text(text: str) -> None:
    assert set(text_flags(text)) <= {"lossy", "suspect_text", "glued_words"}
    assert language(text) is None or 2 <= len(language(text) or "") <= 3
    validity = syllable_validity(text)
    assert validity is None or 0 <= validity <= 1
    assert isinstance(fold(text), str)


pieces = st.one_of(
    st.binary(max_size=30),
    anything.map(lambda text: text.encode("utf-8", "surrogatepass")),
    anything.map(lambda text: text.encode("utf-16-le", "surrogatepass")),
    st.sampled_from(
        [
            b"<p>",
            b"</p>",
            b"<b>",
            b"<!--",
            b"-->",
            b"<script>",
            b"<",
            b">",
            b'<meta charset="utf-16">',
            b"\xff\xfe",
        ]
    ),
    vietnamese.map(lambda text: to_tcvn3(text).encode("latin-1")),
    vietnamese.map(to_cp1258),
)


@given(
    st.lists(pieces, max_size=12).map(b"".join),
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["charset=utf-7", "charset=idna", "charset=base64", "charset=gbk"]),
    ),
)
@settings(max_examples=600, deadline=None)
def test_decode_takes_any_bytes(body: bytes, content_type: str) -> None:
    found = decode(body, content_type)
    assert found.text.encode() is not None
    assert "\x00" not in found.text
    assert list(found.flags) == sorted(set(found.flags))
    assert found.evidence.value == found.charset
