"""Images, their captions and credits, and documents: found among the blocks, told apart from the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from pipelines.article import Attachment, Image
from pipelines.extract.blocks import Block
from pipelines.extract.marks import CAPTION, names_of, says

# "(Ảnh: Quang Thông)", "Ảnh: TTXVN", "Nguồn ảnh: Báo …", "- Ảnh: H.Y.T." at the end of a caption
_CREDIT = re.compile(
    r"[\s(\[.,;–-]*\b(?:nguồn ảnh|ảnh minh họa|ảnh minh hoạ|ảnh tư liệu|tranh|đồ họa|đồ hoạ|nguồn|"
    r"ảnh|photo)\s*[:：]\s*"
    r"(?P<who>[^:()]{2,60}?)\s*[)\].]*\s*$",
    re.IGNORECASE,
)
_ILLUSTRATION = re.compile(
    r"\(?\s*(?:ảnh|hình)(?: ảnh)? (?:minh h[oọ][aạ]|tư liệu|internet|chụp màn hình)\s*\)?\.?\s*$",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"[.!?:;…][”\"')\]]*\s*$")
_LIST_ITEM = re.compile(r"^\s*(?:[-–+*•●▪]|\(?\d{1,2}[.)]|[a-zđ]\))")
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|zip|rar)$", re.IGNORECASE)
_SOURCES = ("data-original", "data-src", "data-lazy-src", "data-photo-original-src", "data-echo", "src")
_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9.-]+/[A-Za-z0-9/._~%-]+")
_PLACEHOLDER = re.compile(r"^data:|/(?:blank|spacer|loading|pixel|1x1)\.(?:gif|png)", re.IGNORECASE)
MAX_CAPTION = 400
"""Characters. Longer text beside an image is text of the article."""


@dataclass(slots=True)
class Pictures:
    """What was found: the text blocks left, and the images with captions."""

    blocks: list[Block]
    images: tuple[Image, ...]


def part_pictures(blocks: Sequence[Block], url: str, above: Sequence[Image] = ()) -> Pictures:
    """Take images and captions out of the blocks. Addresses are made absolute against `url`. `above`: images that
    stand above the blocks, which come first.
    """
    text: list[Block] = []
    found: list[tuple[str, list[str]]] = []
    after_image = captioned = False
    for block in blocks:
        if block.kind == "image":
            if address := image_address(block.node, url):
                if not any(address == known for known, _ in found):
                    found.append((address, []))
                after_image, captioned = True, False
            continue
        if block.kind == "caption" or _marked_caption(block):
            _attach(found, block.text)
            after_image = False  # a caption in its own element needs no second line
            continue
        if after_image and looks_like_caption(block, again=captioned):
            _attach(found, block.text)
            captioned = True
            continue
        after_image = False
        if _stray_caption(block):
            # the picture is missing or stands elsewhere; a first line of the same caption went before
            if text and text[-1].align == "center" and text[-1].all_italic and not _ENDS_SENTENCE.search(text[-1].text):
                _attach(found, text.pop().text)
            _attach(found, block.text)
            continue
        text.append(block)
    images = tuple(_image(address, lines) for address, lines in found)
    known = {image.url for image in above}
    return Pictures(text, (*above, *(i for i in images if i.url not in known)))


_FURNITURE_PICTURE = re.compile(
    r"icon|logo|avatar|share|facebook|zalo|twitter|print|email|banner|quang-?cao|/ads?/|button|arrow|spacer|\.svg|\.gif",
    re.IGNORECASE,
)


def pictures_above(blocks: Sequence[Block]) -> list[Block]:
    """Of the blocks between headline and text the pictures that belong to the article, with their captions: not icons,
    and not pictures that lead to another page.
    """
    kept: list[Block] = []
    for block in blocks:
        if block.kind == "image":
            link = next(block.node.iterancestors("a"), None)
            target = (link.get("href") or "") if link is not None else ""
            if (not target or _PICTURE_FILE.search(target)) and not _FURNITURE_PICTURE.search(
                image_address(block.node, "")
            ):
                kept.append(block)
        elif kept and (block.kind == "caption" or (kept[-1].kind == "image" and looks_like_caption(block))):
            kept.append(block)
    return kept


_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp)(?:$|\?)", re.IGNORECASE)


def _attach(found: list[tuple[str, list[str]]], line: str) -> None:
    if found and line not in found[-1][1]:
        found[-1][1].append(line)


def _image(address: str, lines: Sequence[str]) -> Image:
    caption = " ".join(lines)
    credit = _credit(caption)
    return Image(address, caption, credit["who"].strip() if credit else "")


def _marked_caption(block: Block) -> bool:
    if len(block.text) > MAX_CAPTION:
        return False
    node = block.node
    names = names_of(node) if node is not None else ""
    if not names and node is not None and node.tag == "p" and (cell := node.getparent()) is not None:
        # `<td class="caption"><p>`: the cell holds nothing else
        names = names_of(cell) if cell.tag == "td" and len(cell) == 1 else ""
    return bool(names and says(CAPTION, names))


def looks_like_caption(block: Block, *, again: bool = False) -> bool:
    """Judge the line under an image. `again`: it already has a caption, so this one must look alike.

    "Các đại biểu chụp ảnh lưu niệm. (Ảnh: Quang Thông)" centred or in italics; a plain line without a
    full stop."""
    text = block.text
    if len(text) > MAX_CAPTION or block.heading or block.kind == "row" or block.align == "right":
        return False
    credit = has_credit(text)
    if block.align == "center":
        if len(text) > 250 and not (credit or block.all_italic):
            return False
        goes_on = text[:1].islower() or text[:1] == "("
        return credit or goes_on or not (block.all_bold and not block.all_italic and again)
    if credit:
        return len(text) < 300
    if block.all_italic:
        return len(text) < 300 and not (again and _ENDS_SENTENCE.search(text) and len(text) > 120)
    if again or block.all_bold or block.item or _LIST_ITEM.match(text):
        return False
    return len(text) < 200 and not _ENDS_SENTENCE.search(text) and block.link_share < 0.5


def _stray_caption(block: Block) -> bool:
    """A centred line that ends in "(Ảnh: …)", though no picture stands above it."""
    if block.align != "center" or len(block.text) >= 300:
        return False
    found = _credit(block.text)
    return found is not None and "nh" in found[0].lower().split(":")[0]


def _credit(text: str) -> re.Match[str] | None:
    """The credit at the end of a line; only the end is looked at."""
    return _CREDIT.search(text[-120:]) if ":" in text[-120:] or "：" in text[-120:] else None


def has_credit(text: str) -> bool:
    """Whether a line ends in the credit of a picture."""
    return bool(_credit(text) or _ILLUSTRATION.search(text[-60:]))


def image_address(node: HtmlElement, url: str) -> str:
    """The absolute address of an image; lazily loaded ones keep it in `data-` attributes. Empty where
    there is none.
    """
    for name in _SOURCES:
        source = (node.get(name) or "").strip()
        if source and not _PLACEHOLDER.search(source):
            return absolute(url, source)
    return ""


def absolute(url: str, link: str) -> str:
    """A link made absolute; empty where it cannot be one (`javascript:`, broken brackets)."""
    if _PLAIN_LINK.fullmatch(link):
        return link  # as joining would give it
    try:
        address = urljoin(url, link.strip())
        return address if urlsplit(address).scheme in {"http", "https"} or not urlsplit(url).scheme else ""
    except ValueError:
        return ""


def is_document(link: str) -> bool:
    """Whether a link leads to a document (PDF, Word, Excel, archive)."""
    try:
        return bool(_DOCUMENT.search(urlsplit(link.strip()).path))
    except ValueError:
        return False


def attachments(blocks: Sequence[Block], url: str) -> tuple[Attachment, ...]:
    """Documents that the blocks link to, each once, with the link text as title."""
    found: dict[str, str] = {}
    for block in blocks:
        for link in block.links:
            href = link.get("href") or ""
            if is_document(href) and (address := absolute(url, href)):
                title = " ".join(link.text_content().split()) or unquote(urlsplit(address).path.rsplit("/", 1)[-1])
                found.setdefault(address, title)
    return tuple(Attachment(address, title) for address, title in found.items())
