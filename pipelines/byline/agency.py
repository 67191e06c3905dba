"""The newsroom or agency whose name opens a text: "(Chinhphu.vn) - …", "HNP - …". Kept in the text, told
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pipelines.text import clean_line, fold

# Matches "(Chinhphu.vn) - ", "(PLO)- ", "(Dân trí) -", "(Thanhhoa.dcs.vn):", "(Báo Quảng Ngãi)-"
_BRACKETED = re.compile(r"^\s*\(\s*(?P<name>[^()\d]{2,28}?)\s*\)\s*[-–—:]")
# "HNP - ", "TTXVN -", "XDĐ -", "BTO- ", "TCCSĐT -"; not "TP.HCM - ", not "COVID-19"
_BARE = re.compile(r"^\s*(?P<name>[A-ZĐ]{2,7}|[A-Z][a-z]+\.vn|[A-ZĐ]{2,5}\.vn)\s*(?:[–—]|-(?=\s)|(?<=\s)-)\s*(?=\S)")
# "(HNM) Đảng ủy …": in brackets and upper case, without a dash
_OPEN = re.compile(r"^\s*\(\s*(?P<name>[A-ZĐ]{3,7}|[\w-]+\.(?:vn|com|net)(?:\.vn)?)\s*\)\s*(?=[^\W\d_])")
_PLACES = frozenset(
    {
        "tp",
        "tphcm",
        "hcm",
        "tphn",
        "hn",
        "vn",
        "ubnd",
        "hdnd",
        "mttq",
        "covid",
        "asean",
        "eu",
        "un",
        "who",
        "usa",
        "vba",
        "fdi",
        "gdp",
        "nato",
    }
)
_PLACE_NAMES = re.compile(
    r"^(?:ha noi|tp\b|thanh pho|tinh|quan|huyen|thi xa|da nang|hai phong|can tho|hue)\b|^(?:nguoi|phan|bai"
    r"|ky|tiep theo|anh|video|minh hoa)\b"
)


def find_agency(texts: Collection[str | None], agencies: Collection[str] = ()) -> str | None:
    """The agency with which the first of `texts` that is not empty opens, as shown; `agencies` are the site's
    own.
    """
    for text in texts:
        if not text:
            continue
        line = clean_line(text[:80])
        for known in agencies:
            if re.match(rf"\W*{re.escape(fold(known))}\W*[-–—:)]", fold(line)):
                return known
        for pattern in (_BRACKETED, _BARE, _OPEN):
            match = pattern.match(line)
            if match is not None and _names_an_agency(match["name"]):
                return match["name"].strip()
        return None
    return None


def _names_an_agency(name: str) -> bool:
    folded = fold(name).strip()
    return (
        folded.replace(".", "").replace(" ", "") not in _PLACES and not _PLACE_NAMES.match(folded) and name[0].isalpha()
    )
