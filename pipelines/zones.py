"""Where on a page something stands: in the article, or in a header, a list, comments, a footer.

Judged by the ancestors below the fork with the title: what an element shares with the title says nothing
against it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice

from lxml.html import HtmlElement

from pipelines.queries import shown_text
from pipelines.text import clean_line, fold

# Words of class and id under which no date of this article stands (matched per token of the attribute).
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:clock|today|date-?now|now-?date|current-?(?:date|time)|(?:date|time)-?(?:current|today"
    r"|now|server|head(?:er)?|top)|topbar|top-bar"
    r"|masthead|navbar|nav|menu|footer|foot|copyright|licen[sc]e|giay-?phep|ban-?quyen|related|relate"
    r"|relation|(?:tin|bai)-?(?:lien-?quan|khac|moi|cu|cung)"
    r"|lien-?quan|cung-?chuyen-?muc|other(?:s|-?news|-?article|-?post)?|older|newer|(?:same|next"
    r"|prev)-?(?:cat\w*|post|news)|comments?|cmt|binh-?luan|y-?kien|phan-?hoi|reply|respond"
    r"|sidebar|aside|widget|most-?(?:view|read)\w*|(?:doc|xem)-?nhieu|hot-?news|latest|newest|tin-?moi"
    r"|moi-?nhat|recent|calendar|lich|weather|thoi-?tiet|banner|ads?|advert\w*"
    r"|slider?|carousel|swiper|marquee|ticker|breaking|suggest\w*|recommend\w*|read-?more|list-?news"
    r"|news-?list|event-?list|document-?list|van-?ban|poll|vote|popup|modal|login)(?=$|[\s_-])",
)  # fmt: skip
_HEADER = re.compile(
    r"(?:^|[\s_-])(?:site-?|page-?|top-?|main-?)?header(?:$|\s|[_-](?:top|bar|main|site|date|time|inner"
    r"|wrap\w*|left|right))|(?:^|\s)(?:top|banner)(?:$|\s)"
)
# `fa-clock-o` and `icon-home` are pictures, no places
_ICON = re.compile(r"(?<![\w-])(?:fas?|far|icons?|bi|ion|mdi|ic|glyphicon)[-_][\w-]+")
_ARTICLE_FOOTER = re.compile(r"(?<![\w-])(?:entry|post|article)[-_]+(?:foot(?:er)?)(?![\w-])")
_ARTICLE_HEADER = re.compile(r"article|detail|post|entry|story|content|news|title")


def stands_elsewhere(
    element: HtmlElement, title: str, path: Collection[HtmlElement], links: int = 4, *, own_footer: bool = False
) -> bool:
    """Whether an element stands in a header, a list of other articles, comments, a footer, or is hidden.

    `path` holds the title's element and its ancestors; `title` tells links to this article from links to
    others, which make the element part of a list where they stand at most `links` levels up. `own_footer`: the
    footer of the article itself, where WordPress and Blogger print the date, is no footer.
    """
    current: HtmlElement | None = element
    depth = 0
    while current is not None and current not in path and current.tag != "body":
        if _elsewhere_here(current) and not (own_footer and _foot_of_article(current, path)):
            return True
        if depth < links and _links_elsewhere(current, title, in_list=current.tag in ("li", "dd", "dt")):
            return True
        current, depth = current.getparent(), depth + 1
    return False


def _foot_of_article(element: HtmlElement, path: Collection[HtmlElement]) -> bool:
    """Whether an element is the footer of the article whose title `path` leads to."""
    above = element.getparent()
    words = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    footer = element.tag == "footer" or _ARTICLE_FOOTER.search(words)
    if not footer or above is None or above not in path or above.tag == "body":
        return False
    # by its own name, or by that of the article it closes
    if _ELSEWHERE.search(_ARTICLE_FOOTER.sub(" ", words)):
        return False
    return bool(_ARTICLE_FOOTER.search(words)) or above.tag == "article" or "hentry" in (above.get("class") or "")


def _elsewhere_here(element: HtmlElement) -> bool:
    if element.tag in ("nav", "footer", "aside", "form", "select", "figcaption", "figure", "blockquote"):
        return True
    words = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    if "-" in words or "_" in words:
        words = _ICON.sub("", words)
    if element.tag == "header" and not _ARTICLE_HEADER.search(words):
        return True
    if element.tag in ("h2", "h3", "h4"):
        words = words.replace("date-header", "")  # Blogger's heading over the posts of a day
    if words.strip():
        if _ELSEWHERE.search(words):
            return True
        if _HEADER.search(words) and not _ARTICLE_HEADER.search(words):
            return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and "display:none" in style.replace(" ", ""))


def _links_elsewhere(element: HtmlElement, title: str, *, in_list: bool) -> bool:
    """Whether an item around the date links to another article: by a text that is as long as a headline."""
    for link in islice(element.iter("a"), 40):
        if not link.get("href"):
            continue
        text = clean_line(shown_text(link, 20)[:400])
        if (
            len(text) >= (15 if in_list else 30)
            and text.count(" ") >= (2 if in_list else 5)
            and fold(text) != fold(title)
        ):
            return True
    return False
