"""What stands beside a date in its string: the time of day, the zone, and the rest."""

from __future__ import annotations

import re
from datetime import UTC, timezone

from pipelines.article import VIETNAM
from pipelines.dates import grammar
from pipelines.dates.reading import Clock, offset

_SEPARATORS = " ,|-–—:;.•·/'’\"*()[]\t"


def java_time(groups: dict[str, str | None]) -> Clock | None:
    """The time inside a Java date: "Mon Oct 04 07:21:00 ICT 2021"; None for other dates."""
    if not groups.get("jt"):
        return None
    hour, minute, second = (int(part) for part in (groups["jt"] or "").split(":"))
    name = groups["jz"] or ""
    told = re.fullmatch(r"[a-z]+([+-])(\d\d):?(\d\d)", name)
    zone = offset(told[1], told[2], told[3]) if told else UTC if name in ("utc", "gmt") else VIETNAM
    return Clock(hour, minute, second, zone, start=10**9)


def time_beside(folded: str, start: int, end: int) -> Clock | None:
    """The clock time before or after the date; the one before where the one after belongs to a next date."""
    after = grammar.TIME_AFTER.match(folded, end) or grammar.TIME_POINTED.match(folded, end)
    before = grammar.TIME_BEFORE.search(folded, max(0, start - 60), start)
    if after and before and grammar.NEXT_DATE.match(folded, after.end()):
        after = None
    for match in (after, before):
        if match is not None and (time := _clock(match)):
            return time
    return None


def _clock(match: re.Match[str]) -> Clock | None:
    hour, minute, second = int(match["H"]), int(match["M"] or 0), int(match["S"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    half = (match["ap"] or "").replace(".", "")
    placeholder = False
    if half in ("pm", "ch", "chieu", "toi") and hour < 12:
        hour += 12
    elif half in ("am", "sa", "sang") and hour == 12:
        hour, placeholder = 0, minute == 0 and second == 0
    zone = zone_of(match) if match["zone"] else None
    return Clock(hour, minute, second, zone, placeholder, match.start(), match.end())


def zone_of(match: re.Match[str]) -> timezone | None:
    """The zone of a `grammar.ZONE` match: "GMT+7", "+0700", "UTC"; None for an impossible offset."""
    if match["zh"]:
        return offset(match["sg"], match["zh"], match["zm"])
    if match["nh"]:
        return offset(match["sn"], match["nh"], match["nm"])
    return VIETNAM if match["z"] == "ict" else UTC


def rest_of(text: str, folded: str, start: int, end: int) -> str:
    """What is left beside the date: labels, weekdays and separators off, the publisher's letters kept."""
    parts = []
    for lo, hi in ((0, start), (end, len(text))):
        piece = text[lo:hi]
        if any(character.isalnum() for character in piece):
            for match in reversed(list(grammar.WEEKDAY_FIND.finditer(folded[lo:hi]))):
                word = match[0]
                shown = piece[match.start() : match.end()]
                # "Thu Hải" and "Thu Ba" are authors; "Thứ Hai" and, on a page without marks, "Thu sau" are
                # days
                bare = shown.lower() == word and shown[-1].islower() and shown.split()[-1][0].islower()
                if not word.startswith("thu") or shown.lower().startswith("thứ") or bare:
                    piece = piece[: match.start()] + " " + piece[match.end() :]
            for match in reversed(list(grammar.LABELS.finditer(piece.lower()))):
                piece = piece[: match.start()] + " " + piece[match.end() :]
        parts.append(piece.strip(_SEPARATORS))
    return " ".join(" ".join(part for part in parts if part).split())
