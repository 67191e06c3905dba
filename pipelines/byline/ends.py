"""The lines a text begins and ends with: bylines among them are found and marked as taken out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from pipelines.byline.apart import look_alike
from pipelines.byline.names import Signature, has_rank, is_labelled, is_office, is_picture_credit, read_signature
from pipelines.dates import parse_date
from pipelines.text import fold, is_syllable

_SENTENCE_END = re.compile(r"[.!?…/”\"'’)\]:;]\s*$")
# A name glued to the last sentence: "… 30 triệu đồng.Trần Mẫu", "… năm 2019./. Trần Mẫu"; not "… tại TP.Hồ
# Chí Minh"
_GLUED = re.compile(
    r"^(?P<text>.+?(?:(?<=[^\W\d_A-ZĐ]{2})[.…!?]|\d[.…!?]|[.…!?][”\"]|\./\.?\s?"
    r"|[”\"]\.))(?P<name>[^\W\d_a-z]\S*(?:\s\S+){1,4})$"
)
_ABBREVIATED = re.compile(r"(?:^|\s)(?:tp|tx|tt|gs|ts|ths|bs|ks|q|p|st|nxb|bs)\.$")
# What a signed document ends with: the name under it signs the document, not the article.
_DOCUMENT = re.compile(
    r"^(?:(?:tm|kt|tl|tuq|q)\.|\(?da ky\)?$|noi nhan|(?:pho )?(?:bi thu|chu tich|giam doc|truong ban"
    r"|chanh van phong|chu nhiem|hieu truong|thu truong|bo truong|tong bi thu)$)"
)


# "Mẫu Sơn, ngày 17 tháng 4 năm 2012" is where and when something was signed, not by whom
_PLACE_AND_DAY = re.compile(r"\W*[^\d,]{2,30},\s*(?:ngay|thang|mua|nam)\b")
# At the end of a text "Mẫu Sơn, 17/4/2012" is so as well
_PLACE_AND_DATE = re.compile(r"\W*[^\d,]{2,30},\s*\d{1,2}(?:\s*[-/.]\s*\d{1,2})?\s*[-/.]\s*\d{4}\W*$")


@dataclass(slots=True)
class Text:
    """The paragraphs while byline lines are being taken out: `removed` holds their indices.

    `nodes` are the elements they stood in (empty where a template tells the places), `apart` the indices of those
    that stand apart from the text.
    """

    lines: list[str]
    removed: set[int] = field(default_factory=set)
    nodes: Sequence[HtmlElement] = ()
    apart: Collection[int] = ()
    quoted: Collection[int] = ()
    """Those in a quotation: a name there is of whom the text quotes."""

    def ends(self, count: int) -> list[int]:
        """Indices of the last lines that are still there, the last one first."""
        return [i for i in range(len(self.lines) - 1, -1, -1) if i not in self.removed][:count]

    def starts(self, count: int) -> list[int]:
        """Indices of the first lines that are still there."""
        return [i for i in range(len(self.lines)) if i not in self.removed][:count]


@dataclass(frozen=True, slots=True)
class Found:
    """A byline, the rule that found it, and its line as it stood."""

    signature: Signature
    rule: str
    raw: str
    confidence: float
    index: int = -1
    """Of the paragraph that is the line, where it is one."""


def sign(line: str, site_names: Collection[str], *, strict: bool = False) -> Signature | None:
    """A line as a byline; a date glued to it comes off."""
    if len(line) > 140:
        return None
    if _PLACE_AND_DAY.match(fold(line)):
        return None
    parsed = parse_date(line) if any(character.isdigit() for character in line) else None
    if parsed is not None:
        line = beside_date(re.split(r"\s{2,}|\s*\|\s*|\b\d", parsed.rest)[0], line)
    return read_signature(line, site_names=site_names, strict=strict) if line else None


def beside_date(name: str, line: str) -> str:
    """What stands beside the date of a line, whole: "By Mẫu Ba on", "Mẫu Ba (TTXVN" are cut too late and too soon."""
    name = re.sub(r"\s+(?:on|lúc|vào|ngày)$", "", name)
    return f"{name})" if "(" in name and f"{name})" in line else name


def from_start(text: Text, lead: str | None, site_names: Collection[str]) -> tuple[str | None, list[Found]]:
    """A byline before the lead: "Trần Mẫu| 04/10/2021 07:21" or "Trần Mẫu (Ban Tổ chức …)" as first line."""
    found: list[Found] = []
    if lead is not None and len(lead) < 90 and (signature := _first_line(lead, site_names)):
        found.append(Found(signature, "first line", lead, 0.85))
        lead = None
    for index in text.starts(2):
        line = text.lines[index]
        if found and (office := _office_of(found[-1], line)) is not None:
            found[-1] = office
            text.removed.add(index)
            break
        if len(line) > 90 or (signature := _first_line(line, site_names)) is None:
            break
        found.append(Found(signature, "first line", line, 0.85, index))
        text.removed.add(index)
    return lead, found


_OFFICE_WORDS = 8


def _office_of(above: Found, line: str) -> Found | None:
    """A name with its rank and the line right below it at the head of a text: "TS Mẫu Ba" / "Trường Chính trị tỉnh".

    Below a name alone such a line may be the first of the text ("Huyện ủy họp bàn nhiều việc").
    """
    signature = above.signature
    if above.index < 0 or not has_rank(signature.name) or not is_office(line) or len(line.split()) > _OFFICE_WORDS:
        return None
    joined = Signature(f"{signature.name} - {line.strip(' .,;()')}", "name", signature.labelled)
    return Found(joined, "first two lines", f"{above.raw} / {line}", 0.85)


def _first_line(line: str, site_names: Collection[str]) -> Signature | None:
    if _SENTENCE_END.search(line) and not line.endswith(")"):
        return None
    return sign(line, site_names, strict=True)


def from_end(text: Text, right: Collection[int], site_names: Collection[str]) -> list[Found]:
    """The last lines: a name set right, in capitals or alone after the last sentence; a source; a picture
    credit.
    """
    above = _above_office(text, right, site_names) or _above_notes(text, right, site_names)
    if above is not None:
        return [above]
    found: list[Found] = []
    taken: list[int] = []
    for index in text.ends(4):
        line = text.lines[index]
        if index in text.quoted:
            break
        if len(line) < 60 and _PLACE_AND_DATE.match(line):
            if found:
                break
            continue
        if is_picture_credit(line) and len(line) < 60:
            taken.append(index)
            continue
        signature = _closing(text, index, index in right, site_names)
        if signature is not None and index in text.apart and signature.kind == "name" and not signature.labelled:
            taken.append(index)  # as likely the user of the content system: nobody is named
            continue
        if found and signature is None and len(line) < 60 and sign(line, site_names, strict=True) is not None:
            return []  # the last names of a list under a heading
        if signature is None or (found and found[-1].signature.kind == "name" and signature.kind == "source"):
            break
        how = "last line, set right" if index in right else "last line"
        sure = 0.95 if index in right or signature.labelled else 0.85
        found.append(Found(signature, how, line, sure, index))
        taken.append(index)
    if taken and _is_document(text, min(taken)):
        return []
    if not found and not any(is_picture_credit(text.lines[i]) or i in text.apart for i in taken):
        return []
    text.removed.update(taken)
    return _joined(found, text)


def _above_office(text: Text, right: Collection[int], site_names: Collection[str]) -> Found | None:
    """A name and below it the office, both set right: "Mẫu Văn Ba" / "Ban Tổ chức Huyện ủy"."""
    last = text.ends(2)
    if len(last) < 2 or not all(index in right for index in last):
        return None
    below, above = (text.lines[index] for index in last)
    name = sign(above, site_names, strict=False)
    if name is None or name.kind != "name" or not is_office(below) or _is_document(text, last[1]):
        return None
    text.removed.update(last)
    signature = Signature(f"{name.name} - {below.strip(' .,;()')}", "name", False)
    return Found(signature, "last two lines, set right", f"{above} / {below}", 0.9)


def _above_notes(text: Text, right: Collection[int], site_names: Collection[str]) -> Found | None:
    """The byline right below the last sentence with a few short lines below it that are none: "Đón xem video:".

    It must be set right, or told by a label, and be the only one of its kind. The short lines stay in the text.
    """
    last = text.ends(_NOTES + 3)
    below = 0
    while below < len(last) and _is_note(text, last[below], right, site_names):
        below += 1
    if not 0 < below <= _NOTES or below + 1 >= len(last):
        return None
    index, before = last[below], text.lines[last[below + 1]]
    line = text.lines[index]
    told = index in right or (":" in line and is_labelled(line))
    if not told or index in text.quoted or index in text.apart or not (len(before) > _LONG or _CLOSED.search(before)):
        return None
    others = last[below + 1 :]
    if (
        any(i in right or is_labelled(text.lines[i]) for i in others)
        or is_office_line(line)
        or _is_document(text, index)
    ):
        return None
    signature = sign(line, site_names, strict=True)
    if signature is None:
        return None
    text.removed.add(index)
    how = "below the last sentence, set right" if index in right else "below the last sentence, labelled"
    return Found(signature, how, line, 0.85, index)


_NOTES = 3
"""Short lines between a byline and the end of the text."""
_LONG = 60
_CLOSED = re.compile(r"[.!?…][”\"'’)\]/]*\s*$")


def _is_note(text: Text, index: int, right: Collection[int], site_names: Collection[str]) -> bool:
    line = text.lines[index]
    if index in right or index in text.quoted or len(line) > 80 or _CLOSED.search(line) or is_office_line(line):
        return False
    return sign(line, site_names, strict=False) is None and not is_picture_credit(line)


def _closing(text: Text, index: int, right: bool, site_names: Collection[str]) -> Signature | None:
    line = text.lines[index]
    if _DOCUMENT.match(fold(line[:60]).strip(" *-")):
        return None
    signature = sign(line, site_names, strict=not right)
    if signature is None or right or signature.labelled:
        return signature
    before = [i for i in range(index - 1, -1, -1) if i not in text.removed][:1]
    if not before:
        return None
    previous = text.lines[before[0]]
    # a name below another name, a label or a heading is one of a list
    long_enough = len(previous) > 60 or _SENTENCE_END.search(previous) is not None
    if previous.rstrip().endswith(":"):
        return None  # "Người được khen:" introduces the name
    credit = is_picture_credit(previous) or sign(previous, site_names, strict=True) is not None
    return signature if long_enough or credit else None


def _is_document(text: Text, first: int) -> bool:
    before = [fold(text.lines[i]).strip(" *-") for i in range(max(0, first - 3), first)]
    return any(_DOCUMENT.match(line) for line in before if len(line) < 60)


def is_office_line(line: str) -> bool:
    """Whether a line is an office as it stands above the name that signs a document: "T/M BAN …", "BÍ THƯ"."""
    return len(line) < 60 and bool(_DOCUMENT.match(fold(line).strip(" *-")))


def ends_sentence(line: str) -> bool:
    """Whether a line is the end of running text: closed by a mark, or too long for a heading or an item of a list."""
    return len(line) > 60 or _SENTENCE_END.search(line) is not None


def _joined(found: list[Found], text: Text) -> list[Found]:
    """Two names on two lines are two authors; three and more are a list and no byline."""
    people = [item for item in found if item.signature.kind == "name"]
    different = list(dict.fromkeys(fold(item.signature.name) for item in people))
    if len(different) > 2:
        text.removed.clear()
        return []
    if len(different) == 2 and not any(item.signature.labelled for item in people):
        first, second = people[-1], people[0]
        if text.nodes and not look_alike(text.nodes[first.index], text.nodes[second.index]):
            return [item for item in found if item is not second]  # set otherwise: who typed the page in
        if fold(first.signature.name) in fold(second.signature.name) or fold(second.signature.name) in fold(
            first.signature.name
        ):
            return found
        name = f"{first.signature.name} - {second.signature.name}"
        return [Found(Signature(name, "name", False), "last two lines", f"{first.raw} / {second.raw}", 0.8)]
    return found


def glued(text: Text, site_names: Collection[str]) -> Iterator[Found]:
    """A name behind the last sentence without a line of its own; the sentence stays."""
    for index in text.ends(1):
        match = _GLUED.match(text.lines[index])
        if match is None or _ABBREVIATED.search(fold(match["text"])):
            return
        signature = read_signature(match["name"], site_names=site_names, strict=True)
        words = match["name"].split()
        if signature is None or signature.kind != "name" or not all(is_syllable(word.strip(".")) for word in words):
            return
        raw = text.lines[index]
        text.lines[index] = match["text"].rstrip()
        yield Found(signature, "glued to the last sentence", raw[-120:], 0.7)
