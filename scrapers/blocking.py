"""Pages that block instead of answering, under their names: challenges, captchas, "403 with 200", maintenance."""

from __future__ import annotations

import re

from pipelines.article import Capture, Refusal, Verdict
from pipelines.decode import decode
from pipelines.extract.challenges import challenge
from pipelines.extract.page import parse, visible_text

IN_A_ROW = 3
"""So many blocking pages one after the other end the crawl of a site for this run."""
DENIED = {
    401: "the site wants a login",
    403: "access denied (HTTP 403)",
    407: "a proxy wants a login",
    451: "kept out for legal reasons (HTTP 451)",
}
_MAINTENANCE = re.compile(
    # "Hệ thống đang được bảo trì"
    r"""(?:hệ\ thống|website|trang\ (?:web|tin)|cổng\ thông\ tin).{0,40}(?:bảo\ trì|nâng\ cấp)
    |   (?:under|down\ for|scheduled)\ maintenance   # "We are down for maintenance"; not: "maintenance of roads"
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_NOTICE = 600
"""Characters up to which a page is a notice. A listing has more, and one of its titles may speak of maintenance."""


def blocked_by(capture: Capture) -> Refusal | None:
    """What keeps us out, if a page that should list links or be an article is no such page; None where nothing does."""
    text = decode(capture.body, capture.content_type).text
    page = parse(text, capture.url)
    refusal = challenge(page, text, capture.status) if page is not None else None
    if refusal is not None and refusal.verdict is Verdict.CHALLENGE:
        return refusal
    if capture.status in DENIED:
        return Refusal(Verdict.CHALLENGE, DENIED[capture.status])
    if page is not None and capture.status in (200, 503):
        shown = visible_text(page.tree, 2 * _NOTICE)
        if len(shown) <= _NOTICE and _MAINTENANCE.search(shown):
            return Refusal(Verdict.ERROR_PAGE, "says that the site is under maintenance")
    return None
