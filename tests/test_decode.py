"""Bytes of a page to text: the real charset, whatever is declared."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from legacy_encoders import sloppy_1252, to_cp1258, to_tcvn3, to_viscii, to_vni

from pipelines.article import Evidence
from pipelines.decode import Decoded, decode

TITLE = "Đảng ủy xã Nậm Cắn kết nạp đảng viên mới"
BODY = [
    "Chiều 12/3, Thường trực Huyện ủy làm việc với các chi bộ trực thuộc về công tác phát triển đảng viên.",
    "Những kết quả nổi bật trong công tác kiểm tra, giám sát quý III được hội nghị đánh giá cao.",
    "Bí thư Chi bộ nói rõ thêm về cách làm ở cơ sở",
]
FRAME = "<div>Đường dây nóng: Ban biên tập</div><p>Cơ quan chủ quản: Thành ủy – Giấy phép số 12</p>" * 6
CHARSETS = ["utf-8", "iso-8859-1", "windows-1252", "windows-1258", "x-viet-tcvn"]


def page(title: str, body: list[str], charset: str = "utf-8", frame: str = "") -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in body)
    return (
        f'<html><head><meta charset="{charset}"><title>{title}</title>'
        '<script>if (a<b && c) { x = "<p>"; }</script></head><body>'
        f'<div><a href="/?a=1&amp;b=2">RSS</a></div>{frame}<h1>{title}</h1>{paragraphs}'
        "<div>&copy; 2012 &raquo;</div></body></html>"
    )


def whole(charset: str = "utf-8", frame: str = "") -> str:
    return page(TITLE, BODY, charset, frame)


@pytest.mark.parametrize("declared", CHARSETS)
def test_utf8_is_utf8_whatever_it_declares(declared: str) -> None:
    text = whole(declared)
    found = decode(text.encode(), "text/html; charset=ISO-8859-1")
    assert (found.text, found.charset, found.flags) == (text, "utf-8", ("misdeclared",))


def test_a_sound_page_is_left_as_it_is() -> None:
    text = whole(frame=FRAME)
    assert decode(text.encode(), 'text/html; charset="UTF-8"') == Decoded(
        text,
        "utf-8",
        (),
        Evidence("charset", "utf-8", "valid utf-8", "http: utf-8; meta: utf-8", 1.0, ""),
    )


@pytest.mark.parametrize("declared", CHARSETS)
@pytest.mark.parametrize(
    ("charset", "encode", "flags"),
    [
        ("windows-1258", to_cp1258, set()),
        ("windows-1258", lambda text: to_cp1258(text, composed=True), set()),
        ("viscii", to_viscii, {"repaired_viscii"}),
        ("tcvn3", lambda text: to_tcvn3(text).encode("latin-1"), {"repaired_tcvn3"}),
        ("vni", lambda text: to_vni(text).encode("cp1252"), {"repaired_vni"}),
    ],
)
def test_one_byte_charsets_are_told_by_their_syllables(declared: str, charset, encode, flags) -> None:
    text = whole(declared).replace("&raquo;", "&raquo;")
    found = decode(encode(text))
    assert found.text == text
    assert found.charset == charset
    assert set(found.flags) - {"misdeclared"} == flags


def damaged(damage, frame: str = "") -> bytes:
    return page(damage(TITLE), [damage(text) for text in BODY], frame=frame).encode()


def numbered(text: str) -> str:
    return "".join(f"&#{ord(char)};" if char > "\x7f" else char for char in text)


@pytest.mark.parametrize("frame", ["", FRAME])
@pytest.mark.parametrize(
    ("damage", "flag"),
    [
        (to_tcvn3, "repaired_tcvn3"),
        (to_vni, "repaired_vni"),
        (lambda text: sloppy_1252(to_viscii(text)), "repaired_viscii"),
        (lambda text: sloppy_1252(to_cp1258(text)), "repaired_cp1258"),
        (lambda text: sloppy_1252(text.encode()), "repaired_mojibake"),
        (lambda text: text.encode().decode("latin-1"), "repaired_mojibake"),
        (lambda text: sloppy_1252(sloppy_1252(text.encode()).encode()), "repaired_mojibake"),
        (lambda text: numbered(to_tcvn3(text)), "repaired_tcvn3"),
    ],
)
def test_text_in_another_encoding_inside_a_utf8_page_is_repaired(damage, flag: str, frame: str) -> None:
    found = decode(damaged(damage, frame))
    assert found.text == whole(frame=frame)
    assert found.charset == "utf-8"
    assert found.flags == (flag,)


def test_decomposed_letters_are_composed() -> None:
    decomposed = whole().replace("ả", "a\u0309").replace("ộ", "o\u0323\u0302")
    assert decode(decomposed.encode()).text == whole()


def test_a_word_set_in_pieces_is_repaired_with_its_paragraph() -> None:
    source = "<p>" + to_tcvn3("Đảng bộ ") + "<b>" + to_tcvn3("ở cơ") + "</b>" + to_tcvn3(" sở ấy") + "</p>"
    assert decode(source.encode()).text == "<p>Đảng bộ <b>ở cơ</b> sở ấy</p>"


def test_repaired_text_cannot_become_markup() -> None:
    source = f"<p>{to_tcvn3('Đảng bộ')} &lt;b&gt; &amp; {to_tcvn3('cơ sở')}</p>"
    assert decode(source.encode()).text == "<p>Đảng bộ &lt;b&gt; &amp; cơ sở</p>"


def test_broken_bytes_never_change_the_charset() -> None:
    body = bytearray(whole().encode())
    for at in (body.index(b"chi b"), body.index(b"RSS")):
        body[at] = 0xFF
    found = decode(bytes(body), "text/html")
    assert found.charset == "utf-8"
    assert found.flags == ("broken_bytes", "lossy")
    assert found.text.count("\ufffd") == 2
    assert found.evidence.note == "2 broken places"
    assert TITLE in found.text


def test_a_letter_cut_off_at_the_end_is_one_broken_place() -> None:
    found = decode(whole().encode() + "ạ".encode()[:2])
    assert found.text == whole() + "\ufffd"
    assert found.evidence.note == "1 broken place"


def test_one_byte_words_inside_a_utf8_page_are_read() -> None:
    holes = page("@0", ["@1", "@2", "@3"], frame=FRAME).encode()
    for i, text in enumerate([TITLE, *BODY]):
        holes = holes.replace(b"@%d" % i, to_tcvn3(text).encode("latin-1"))
    found = decode(holes)
    assert (found.text, found.charset, found.flags) == (whole(frame=FRAME), "utf-8", ("repaired_tcvn3",))


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_encodings_with_and_without_a_byte_order_mark(charset: str) -> None:
    found = decode(whole().encode(charset))
    assert found.text == whole()
    assert "lossy" not in found.flags


def test_bytes_lost_from_double_encoding_come_back_only_where_one_word_is_left() -> None:
    source = sloppy_1252(page(TITLE, ["họp về đoàn", "vọ bỏ bờ"] * 3).encode())
    lost = "".join("\ufffd" if "\x80" <= char <= "\x9f" else char for char in source)
    found = decode(lost.encode())
    assert "<p>họp về đoàn</p>" in found.text
    assert "b\ufffd b\ufffd" in found.text  # bỏ, bờ, bề: nobody can know
    assert found.flags == ("lossy", "repaired_mojibake")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("gb18030", "<meta charset=gb2312><p>越南共产党中央委员会</p>"),
        ("windows-1251", "<meta charset=windows-1251><p>Комитет партии провинции</p>"),
        ("shift_jis", "<meta charset=shift_jis><p>ベトナム共産党の会議</p>"),
        ("euc-kr", "<meta charset=euc-kr><p>베트남 공산당 중앙</p>"),
        ("windows-1252", "<p>Le comité s’est réuni à l’hôtel, où “tout” était prêt – déjà</p>"),
    ],
)
def test_foreign_editions_keep_their_charset(charset: str, text: str) -> None:
    python_name = {"windows-1252": "cp1252"}.get(charset, charset)
    found = decode(text.encode(python_name))
    assert (found.text, found.charset) == (text, charset)


def test_a_parser_takes_the_text_of_a_feed() -> None:
    source = '<?xml version="1.0" encoding="windows-1258"?><rss><title>x</title></rss>'
    assert decode(source.encode()).text == '<?xml version="1.0"?><rss><title>x</title></rss>'


def test_pictures_are_not_searched_for_letters() -> None:
    found = decode(bytes(range(256)) * 40)
    assert "binary" in found.flags


def test_nul_bytes_are_dropped() -> None:
    assert decode(b"<p>a\x00b</p>").text == "<p>ab</p>"


@pytest.mark.shared
def test_gold_encodings(shared: Path) -> None:
    wrong = []
    for line in (shared / "gold" / "encodings.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        case = json.loads(line)
        found = decode(base64.b64decode(case["html_base64"]), case["content_type"])
        if found.text.count(case["expected_sentence"]) != case["times"] or case["expected_title"] not in found.text:
            wrong.append((case["id"], case["name"]))
    assert wrong == []


@pytest.mark.shared
def test_real_pages_are_utf8_without_repair(shared: Path) -> None:
    for file in sorted((shared / "pages" / "html").glob("*.html")):
        found = decode(file.read_bytes(), "text/html")
        assert (found.charset, found.flags) == ("utf-8", ()), file.name


def test_only_a_body_that_needed_nothing_is_told_as_sent() -> None:
    sound = "<p>Đảng bộ xã Mẫu</p>".encode()
    assert decode(sound).as_sent
    changed = (
        b"\xef\xbb\xbf" + sound,
        sound + b"\x00",
        sound + b"\xff",
        "<p>Đảng bộ xa\u0303 Mẫu</p>".encode(),
        b'<?xml version="1.0" encoding="utf-8"?>' + sound,
        sound.decode().encode("utf-16"),
    )
    assert [decode(body).as_sent for body in changed] == [False] * len(changed)
