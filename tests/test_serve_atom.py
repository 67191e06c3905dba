"""The Atom writer: well-formed whatever the texts are, and as RFC 4287 asks."""

from lxml import etree
from serving import EVIL

from khotin.serve.atom import Entry, Feed, atom, entry_id

NS = {"a": "http://www.w3.org/2005/Atom"}
FEED = Feed(
    "urn:x:feed", "Bài mới & sửa", "https://kho.example/f.atom", "https://kho.example/", "2026-11-22T08:00:00+07:00"
)


def test_every_text_comes_back_as_it_was_but_for_what_xml_cannot_carry():
    entry = Entry(
        entry_id("bao-mau-1"), f"Tiêu đề {EVIL}", "https://kho.example/a/bao-mau-1", "2026-11-22T08:00:00+07:00",
        published="2020-07-01T20:05:00+07:00", author="Bạn Đọc\x0b Thử", summary="Sapo ]]> &amp; \ud800hết",
        categories=("Báo Mẫu", 'a"b'), original="https://bao-mau.example/bai-1.html?a=1&b=2",
    )  # fmt: skip
    root = etree.fromstring(atom(FEED, [entry]))

    def texts(path):
        return [node if isinstance(node, str) else node.text for node in root.xpath(path, namespaces=NS)]

    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert texts("/a:feed/a:title") == ["Bài mới & sửa"]
    assert texts("//a:entry/a:title") == [f"Tiêu đề {EVIL}"]
    assert texts("//a:entry/a:author/a:name") == ["Bạn Đọc Thử"]
    assert texts("//a:entry/a:summary") == ["Sapo ]]> &amp; hết"]
    assert texts("//a:entry/a:category/@term") == ["Báo Mẫu", 'a"b']
    assert texts("//a:entry/a:link[@rel='via']/@href") == ["https://bao-mau.example/bai-1.html?a=1&b=2"]
    assert texts("//a:entry/a:published") == ["2020-07-01T20:05:00+07:00"]
    assert b"<script" not in atom(FEED, [entry])


def test_a_feed_without_entries_has_all_that_a_feed_must_have():
    root = etree.fromstring(atom(FEED, []))
    names = [etree.QName(child).localname for child in root]
    assert names == ["id", "title", "updated", "link", "link", "author", "generator"]


def test_the_id_of_an_entry_depends_on_the_key_alone():
    assert entry_id("bao-mau-1") == entry_id("bao-mau-1") != entry_id("bao-mau-2")
    assert entry_id("bao-mau-1").startswith("urn:uuid:")
