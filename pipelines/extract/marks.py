"""What class names and ids tell of an element: related boxes, comments, share lines, menus, leads."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

_WORDS = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"([a-z])([A-Z])")
"""`lblSummary`, as ASP.NET pages name their parts."""
# Short words count only where they stand alone: "box_ad", "ads2", "ad300x250", "boxAd"; not the hashes of build
# tools, "c3ad81", "sc-aXadKq", nor "road-map"
_WHOLE_WORDS = re.compile(r"(?<![a-z0-9])[a-z]+(?=(?:\d+(?:x\d+)?)?(?![a-z0-9]))")
_CAMEL_WHOLE = re.compile(r"([a-z]{2})([A-Z])(?=[a-z])")

# Words of class names and ids, in English and in the Vietnamese that CMS makers write without marks. Two
# words
# that stand together are looked up joined as well: `read-more`, `tin_lien_quan`.
_STRONG_STARTS = (
    "comment",
    "binhluan",
    "ykien",
    "phanhoi",
    "breadcrumb",
    "advert",
    "quangcao",
    "footer",
    "pagination",
    "copyright",
    "subscri",
    "newsletter",
    "captcha",
    "sponsor",
)
_STARTS = (
    *_STRONG_STARTS,
    "relat",
    "share",
    "sharing",
    "social",
    "chiase",
    "recommend",
    "suggest",
    "banner",
    "menu",
    "navbar",
    "sidebar",
    "lienquan",
    "tinlien",
    "tinkhac",
    "tinmoi",
    "tincung",
    "cungchuyenmuc",
    "cungchuyen",
    "xemthem",
    "docthem",
    "readmore",
    "othernew",
    "othernews",
    "newsother",
    "morenews",
    "mostread",
    "mostview",
    "docnhieu",
    "xemnhieu",
    "nextnews",
    "hotnews",
    "latest",
    "lastest",
    "trending",
    "addthis",
    "sendmail",
    "follow",
    "googlenews",
    "ggnews",
    "danhgia",
    "rating",
    "vote",
    "tukhoa",
    "keyword",
    "taglist",
    "toolbar",
    "print",
    "fontsize",
    "audioplayer",
    "ttsplayer",
    "luotxem",
    "viewcount",
    "giayphep",
    "thoitiet",
    "popup",
    "modal",
    "tooltip",
    "banquyen",
    "dangnhap",
)
_COMMENTS = re.compile(r"(?<![A-Za-z0-9])cmt|[a-z]Cmt|CMT")
_EXACT = frozenset(
    ("ads", "ad", "qc", "tag", "tags", "nav", "paging", "pager", "poll", "player", "crumb", "crumbs", "clock")
)


@lru_cache(maxsize=20_000)
def furniture(names: str) -> str:
    """What class names and ids say: `strong` (comments, adverts, footers), `weak` (other furniture) or empty.

    >>> furniture("box-tin-lien-quan"), furniture("detail-content")
    ('weak', '')
    """
    words = _WORDS.findall(_CAMEL.sub(r"\1-\2", names).lower())
    whole = _WHOLE_WORDS.findall(_CAMEL_WHOLE.sub(r"\1-\2", names).lower())
    joined = [a + b for a, b in pairwise(words)]
    if _COMMENTS.search(names) or any(word.startswith(_STRONG_STARTS) for word in (*words, *joined)):
        return "strong"
    if not _EXACT.isdisjoint((*whole, *joined)) or any(word.startswith(_STARTS) for word in (*words, *joined)):
        return "weak"
    return ""


LEAD = re.compile(
    r"(?:^|[\s_-])(?:sapo|lead|chapeau|summary|intro|introtext|desc(?:ription)?|abstract|"
    r"tom[_-]?tat|tomtat|trich[_-]?dan"
    r"|trichdan|headnote|brief|excerpt|short[_-]?(?:desc|content|intro)\w*|mo[_-]?ta|mota|dek|"
    r"standfirst|gioi[_-]?thieu[_-]?bai"
    r"|hometext|news[_-]?head|head[_-]?text|shortcontentdetail)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Elements that hold the lead (*sapo*)."""

TITLE = re.compile(
    (
        r"(?:^|[\s_-])(?:(?:\w{0,12}[_-])?titles?(?:[_-]?(?:detail|news|article|post|main))?|"
        r"tieu[_-]?de|tieude\w*|headline|heading"
        r"|(?:post|news|article|detail|entry|page)[_-]?title|ten[_-]?bai|titlenews|newstitle|"
        r"asset-full-content-title)(?:$|[\s_-])"
    ),
    re.IGNORECASE,
)
"""Elements that may hold the headline."""

CAPTION = re.compile(
    r"(?:^|[\s_-])(?:\w{0,10}caption\w*|chu[_-]?thich\w*|image[_-]?(?:desc|note|title|text)|"
    r"photo[_-]?(?:desc|note|text)"
    r"|img[_-]?(?:desc|note|title)|avatar[_-]?desc|anh[_-]?chu[_-]?thich|desc[_-]?img|note[_-]?img|"
    r"pimgdesc|fontr|credit"
    r"|wp-caption-text|media[_-]?caption)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Elements that hold the caption of an image. `fontr`: captions of the old hanoi.gov.vn."""

BODY = re.compile(
    r"(?:^|[\s_-])(?:article[_-]?(?:body|content|text|detail)|entry[_-]?content|post[_-]?content|"
    r"news[_-]?(?:content|detail|body)"
    r"|detail[_-]?(?:content|body|text)|content[_-]?(?:detail|news|body|article|fck)|"
    r"noi[_-]?dung\w*|noidung\w*|chi[_-]?tiet\w*"
    r"|maincontent|main[_-]?content|body[_-]?(?:content|text)|fck\w*|bodytext|articlebody|"
    r"story[_-]?body|cms-body"
    r"|bai[_-]?viet|newscontents?|journal-content-article|fulltext|item[_-]?text)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Elements that hold the body of an article: a weak hint, the text itself decides."""


def names_of(node: HtmlElement) -> str:
    """Class names and id of an element as one string to search in."""
    classes, ident = node.get("class"), node.get("id")
    return f"{classes} {ident}" if classes and ident else classes or ident or ""


@lru_cache(maxsize=50_000)
def says(pattern: re.Pattern[str], names: str) -> bool:
    """Whether class names and ids carry a word that the pattern knows. Pages of a site repeat their names."""
    return pattern.search(_CAMEL.sub(r"\1-\2", names)) is not None
