"""Pages that ask for proof of a browser instead of showing their content, and errors told by the status."""

from __future__ import annotations

import re

from pipelines.article import Refusal, Verdict
from pipelines.extract.page import Page, squeeze, visible_parts
from pipelines.text import fold

SHORT_SOURCE = 40_000
"""Characters of source up to which a page is searched for the marks of a challenge."""

# Each: the mark in the source of a short page, and what it is. Scripts, which pages with an article hold too:
_SCRIPTS = (
    (re.compile(r"document\.cookie\s*=\s*[\"']D1N="), "the D1N cookie script of a Vietnamese host: blocked"),
    (
        re.compile(
            r"cf[-_]chl|cf-browser-verification|challenge-platform/h/|__cf_chl|cdn-cgi/challenge",
            re.IGNORECASE,
        ),
        "a Cloudflare challenge",
    ),
    (
        re.compile(r"_Incapsula_Resource|Incapsula incident|/_Incapsula", re.IGNORECASE),
        "an Incapsula challenge",
    ),
    (re.compile(r"sucuri\.net/privacy|sucuri_cloudproxy", re.IGNORECASE), "a Sucuri challenge"),
    (re.compile(r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|geetest", re.IGNORECASE), "a captcha"),
    (
        re.compile(r"px-captcha|_pxhd|datadome|akamai.{0,40}(?:bm-verify|sec-cpt)", re.IGNORECASE),
        "a bot check",
    ),
    (re.compile(r"ddos[- ]?(?:guard|protection)|anti[- ]?ddos|vddos", re.IGNORECASE), "a DDoS guard"),
    (
        re.compile(
            (
                r"(?:document\.cookie\s*=).{0,400}(?:location\.(?:reload|href|replace)|"
                r"window\.location)"
            ),
            re.DOTALL,
        ),
        "a script that sets a cookie and reloads: blocked",
    ),
)
# and what such a page says to its reader
_SAID = (
    (
        re.compile(
            (
                r"<title>\s*(?:just a moment|attention required|one moment, please|please wait|"
                r"checking your browser)"
            ),
            re.IGNORECASE,
        ),
        "a challenge of a content delivery network",
    ),
    (
        re.compile(r"<title>\s*(?:403\b|access denied|forbidden|request rejected|blocked)", re.IGNORECASE),
        "access denied, told with status 200",
    ),
    (
        re.compile(
            (
                r"(?:xác (?:minh|nhận|thực)) (?:rằng )?bạn (?:không phải|là người|là con người)|verify "
                r"(?:that )?you are (?:a )?human"
            ),
            re.IGNORECASE,
        ),
        "a check for humans",
    ),
    (
        # "Your country is not allowed to view this site"; not: "our country has blocked the pandemic"
        re.compile(
            (
                r"not available in your (?:country|region|location)"
                r"|(?:your (?:country|region|location)|truy cập từ (?:nước ngoài|ngoài lãnh thổ|quốc gia của bạn))"
                r".{0,60}(?:blocked|not allowed|restricted|denied|bị chặn|bị từ chối|không được phép|bị hạn chế)"
            ),
            re.IGNORECASE,
        ),
        "readers outside the country are kept out",
    ),
)
_TITLE_END = re.compile(r"\s[-–—|»:]\s|\s*\|\s*")
_SENTENCE = re.compile(r"[^\n]{60,}?[.!?…]|[^\n]{100}")
# what a check tells its reader; the words of an article may be any others
_CHECKING = re.compile(
    r"robot|captcha|trinh duyet|javascript|cookie|truy cap bat thuong|luu luong (?:bat thuong|truy cap)|browser|human"
    r"|firewall|tuong lua|vui long (?:doi|cho)|please|access|xac (?:minh|nhan|thuc) (?:rang )?ban "
)


def challenge(page: Page, source: str, status: int) -> Refusal | None:
    """A page that asks for proof of a browser instead of showing its content, or an error told by the
    status.
    """
    if len(source) <= SHORT_SOURCE:
        shown = _shown(page)
        if shown <= 1200:
            for marks in (_SCRIPTS, _SAID):
                for mark, what in marks:
                    if not mark.search(source) or (what == "a captcha" and shown > 500):
                        continue
                    if marks is _SAID or not _shows_article(page):
                        return Refusal(Verdict.CHALLENGE, what)
    if status >= 400:
        return Refusal(Verdict.ERROR_PAGE, f"answered with status {status}")
    return None


def _shown(page: Page) -> int:
    """Characters that a reader sees, counted up to a little more than 1200."""
    size = 0
    for node in page.tree.iter("*"):
        if node.tag not in {"script", "style", "noscript", "title"} and node.text:
            size += len(node.text.strip())
        if node.tail:
            size += len(node.tail.strip())
        if size > 1200:
            break
    return size


def _shows_article(page: Page) -> bool:
    """Whether a reader sees the headline that the head of the page tells, and a sentence with it.

    A comment form has a captcha, and a script that remembers a language sets a cookie and reloads.
    """
    head = fold(_TITLE_END.split(page.document_title)[0].strip())
    body = page.tree.find("body")
    if body is None or len(head) < 15 or head.count(" ") < 3:
        return False
    text = "\n".join(squeeze(part) for part in visible_parts(body))
    folded = fold(text)
    return head in folded and bool(_SENTENCE.search(text)) and not _CHECKING.search(folded)
