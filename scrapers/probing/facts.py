"""Facts of a card that can be read off a host and a name: id, kind, province, sections. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.provinces import SCHEMES, ProvinceRow, Provinces
from scrapers.catalogue import Kind
from scrapers.probing.addresses import canonical
from scrapers.probing.page import Link

_TLDS = frozenset({"vn", "com", "org", "net", "gov", "edu", "info"})
_SECTIONS: tuple[tuple[int, str], ...] = (
    (100, r"xây dựng đảng"),
    (80, r"công tác đảng|tin đảng|đảng bộ|đảng[ ,–-]+(?:chính quyền|đoàn thể)|sinh hoạt đảng|đại hội đảng|^đảng$"),
    (60, r"tuyên giáo|dân vận|tổ chức cán bộ|công tác cán bộ|kiểm tra.{0,6}giám sát|nội chính"),
    (60, r"học tập và làm theo|nghị quyết.{0,20}cuộc sống|bảo vệ nền tảng tư tưởng"),
    (30, r"chính trị"),
    (10, r"^tin tức|tin trong tỉnh|tin hoạt động|thời sự"),
)
"""What a menu calls the sections that are wanted (in lower case), and how surely they are. The last two kinds are
taken only where none of the others is there: they hold much else."""
_ALONE = 50
_LONGEST_NAME = 6
"""Syllables: "Xây dựng Đảng và chính quyền"."""
_LONGEST_PHRASE = 16
_PHRASES = r"(?:đẩy mạnh )?học tập và làm theo|bảo vệ nền tảng|đưa nghị quyết|xây dựng đảng và"
_IN_PATH: tuple[tuple[int, str], ...] = ((90, r"xay-?dung-?dang"), (70, r"cong-?tac-?dang"), (25, r"chinh-tri"))
MOST_SECTIONS = 4


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A link whose name says that it leads to a section that is wanted."""

    url: str
    title: str
    rank: int


def sections(links: Iterable[Link], hosts: frozenset[str]) -> tuple[FoundSection, ...]:
    """The sections that a page's links name, the surest first; each address once."""
    found: dict[str, FoundSection] = {}
    for link in links:
        parts = urlsplit(link.url)
        if (parts.hostname or "") not in hosts or parts.path in ("", "/") or _is_headline(link.text, parts.path):
            continue
        if re.search(r"\.(?:pdf|docx?|rss|xml|jpe?g|png)$|/rss(?:/|$)", parts.path, re.IGNORECASE):
            continue
        rank = _rank(link.text, parts.path)
        if rank and rank > found.get(canonical(link.url), FoundSection("", "", 0)).rank:
            found[canonical(link.url)] = FoundSection(link.url, _titled(link.text), rank)
    ranked = sorted(found.values(), key=lambda one: -one.rank)
    sure = [one for one in ranked if one.rank >= _ALONE]
    return tuple((sure or ranked[:2])[:MOST_SECTIONS])


def _is_headline(text: str, path: str) -> bool:
    """A headline may speak of Party building too, but names of sections are short, some set phrases apart."""
    words = len(text.split())
    if words <= _LONGEST_NAME and not re.search(r"(?:-[^/-]+){4,}-?\d{5,}", path):
        return False
    return words > _LONGEST_PHRASE or not re.match(_PHRASES, unicodedata.normalize("NFC", text).casefold())


def _rank(text: str, path: str) -> int:
    lower = unicodedata.normalize("NFC", text).casefold().strip()
    by_name = next((rank for rank, pattern in _SECTIONS if re.search(pattern, lower)), 0)
    return by_name or (next((rank for rank, pattern in _IN_PATH if re.search(pattern, path)), 0) if not lower else 0)


def _titled(text: str) -> str:
    """ "XÂY DỰNG ĐẢNG" of a menu in capitals is "Xây dựng Đảng"."""
    text = unicodedata.normalize("NFC", text)
    if not text.isupper():
        return text
    return text.capitalize().replace("đảng", "Đảng").replace("hồ chí minh", "Hồ Chí Minh").replace("đảng", "Đảng")


def site_id(host: str) -> str:
    """ "www.baohatinh.vn" -> "baohatinh", "hatinh.dcs.vn" -> "hatinh-dcs"."""
    labels = host.removeprefix("www.").split(".")
    kept = [label for label in labels if label not in _TLDS] or labels
    return re.sub(r"[^a-z0-9]+", "-", "-".join(kept)).strip("-")


def kind_of(host: str, name: str) -> tuple[Kind, str]:
    """What sort of site it is, and on what that rests."""
    lower = unicodedata.normalize("NFC", name).casefold()
    signs: tuple[tuple[Kind, str], ...] = (
        ("party_journal", r"tạp chí"),
        (
            "party_portal",
            r"đảng bộ|tỉnh [uủ][yỷ]|thành [uủ][yỷ]|tỉnh u[ỷy]|ban (?:tổ chức|tuyên giáo|dân vận|nội chính)",
        ),
        ("party_newspaper", r"\bbáo\b"),
        ("government_portal", r"ubnd|ủy ban nhân dân|cổng thông tin|\bsở\b"),
    )
    for kind, pattern in signs:
        if found := re.search(pattern, lower):
            return kind, f"its name has {found[0]!r} in it"
    if ".dcs." in f".{host}":
        return "party_portal", "its host is under dcs.vn"
    if ".gov." in f".{host}":
        return "government_portal", "its host is under gov.vn"
    if host.startswith("bao"):
        return "party_newspaper", "its host begins with bao"
    return "party_portal", "nothing: this is the default"


@dataclass(frozen=True, slots=True)
class FoundProvince:
    """A province, and what speaks for it."""

    row: ProvinceRow
    evidence: tuple[str, ...]


def province_of(host: str, names: Sequence[str], provinces: Provinces) -> tuple[FoundProvince | None, str]:
    """The province that host and names speak of; else None. The second value tells of a doubt, or is empty."""
    by_host = _in_host(host, provinces)
    by_name = next((row for name in names if (row := _in_name(name, provinces))), None)
    if by_host and by_name and provinces.today(*_of(by_host)) != provinces.today(*_of(by_name)):
        return None, f"the host speaks of {by_host.short_name}, the name of {by_name.short_name}"
    # the name has the marks, so it is the surer one
    row = by_name or by_host
    if row is None:
        return None, ""
    evidence = [f"its name says {by_name.short_name}"] if by_name else []
    evidence += [f"its host {host} says {by_host.short_name}"] if by_host else []
    return FoundProvince(row, tuple(evidence)), "" if len(evidence) == 2 else "only " + evidence[0]


def _of(row: ProvinceRow) -> tuple[str, int]:
    return row.code, row.scheme


def _in_name(name: str, provinces: Provinces) -> ProvinceRow | None:
    """The longest province's name in a text, with its marks: "Báo Hà Tĩnh"."""
    text = f" {_words(name)} "
    for scheme in SCHEMES:
        rows = [row for row in provinces if row.scheme == scheme and f" {_words(row.short_name)} " in text]
        if rows:
            return max(rows, key=lambda row: len(row.short_name))
    glued = "".join(text.split())  # "Hànộimới"
    rows = [row for row in provinces if row.scheme == SCHEMES[0] and "".join(_words(row.short_name).split()) in glued]
    return rows[0] if len(rows) == 1 else None


def _in_host(host: str, provinces: Provinces) -> ProvinceRow | None:
    """The longest province's name in a host, without marks: "hatinh.dcs.vn", "baoquangninh.vn"."""
    labels = [label for label in host.split(".") if label not in _TLDS]
    for scheme in SCHEMES:
        found = [
            (len(bare), row)
            for row in provinces
            if row.scheme == scheme
            for bare in [_bare(row.short_name)]
            for label in labels
            if label == bare or (len(bare) > 4 and bare in label.replace("-", ""))
        ]
        if found:
            best = max(length for length, _ in found)
            rows = {row.code: row for length, row in found if length == best}
            return next(iter(rows.values())) if len(rows) == 1 else None
    return None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))


def _bare(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z]+", "", plain.replace("đ", "d"))
