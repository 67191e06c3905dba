"""Invented news pages of some 75 kB, as heavy as those of provincial papers: menus, scripts, lists, a body of ten to
sixteen paragraphs put together from the sentences of the bundled sample.

Tags, links, bytes of script and how well a page packs (to about a fifth) follow saved pages of such papers.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THEMES = ROOT / "data" / "sample" / "texts" / "themes"
BYTES = 75_000
PER_LISTING = 40
OTHER_WORDS = 0.25
"""Share of the words of a body that others of the sample stand in for: stories would be too like each other else."""
BOXES = 500
"""Different boxes beside the texts; a page has seven or so."""
SECTION = "/chinh-tri/xay-dung-dang"
NAMES = ("Mẫu An", "Mẫu Bình", "Mẫu Cường", "Mẫu Dung", "Mẫu Giang", "Mẫu Hà", "Mẫu Khánh", "Mẫu Lan")
PLACES = ("An Mẫu", "Bình Mẫu", "Cẩm Mẫu", "Đông Mẫu", "Gia Mẫu", "Hòa Mẫu", "Kim Mẫu", "Lộc Mẫu", "Mỹ Mẫu", "Phú Mẫu")
MENU = (
    "Chính trị",
    "Kinh tế",
    "Xã hội",
    "Văn hóa",
    "Giáo dục",
    "Y tế",
    "Pháp luật",
    "Quốc phòng",
    "Thể thao",
    "Du lịch",
    "Môi trường",
    "Khoa học",
    "Đô thị",
    "Nông thôn",
    "Giao thông",
    "Thời tiết",
    "Bạn đọc",
    "Phóng sự",
    "Ảnh",
    "Video",
    "Podcast",
    "Longform",
    "Infographic",
    "Chuyên đề",
)
_SLOT = re.compile(r"\{(?:[a-z]:(\d+)-(\d+)|(\w+))\}")  # {a:3-8}, {xa}


@dataclass(frozen=True, slots=True)
class Story:
    """What a page tells. `number` is its place in the host's list, from 1, the newest last."""

    number: int
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    byline: str

    @property
    def path(self) -> str:
        """Its address on the host."""
        return f"/bai-viet-ve-cong-tac-xay-dung-dang-mau-{830_000 + self.number}.html"

    @property
    def minute(self) -> str:
        """The time that the page shows."""
        day, clock = divmod(self.number, 48)
        return (
            f"{day % 28 + 1:02d}/{day // 28 % 12 + 1:02d}/{2014 + day // 336} {7 + clock // 6:02d}:{clock % 6 * 10:02d}"
        )


@cache
def _sentences() -> tuple[list[str], list[str], list[str]]:
    """Titles, leads, paragraphs of the sample, with their slots."""
    found: dict[str, list[str]] = {"T": [], "L": []}
    for file in sorted(THEMES.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, _, text = line.partition(": ")
            if text:
                found.setdefault("P" if kind.isdigit() else kind, []).append(text)
    return found["T"], found["L"], found["P"]


def _filled(text: str, chance: random.Random) -> str:
    def slot(match: re.Match[str]) -> str:
        if match[1]:
            return str(chance.randint(int(match[1]), int(match[2])))
        place = f"xã {chance.choice(PLACES)}"
        return {"xa": place, "Xa": place[0].upper() + place[1:], "mo": "Trong tuần qua,"}.get(match[3], place)

    return _SLOT.sub(slot, text)


@cache
def _words() -> list[str]:
    """The words of the sample that are no names."""
    return sorted(
        {word for text in _sentences()[2] for word in re.findall(r"\b[^\W\d_]{2,}\b", text) if word.islower()}
    )


def _varied(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for at, word in enumerate(words):
        if word.isalpha() and word.islower() and chance.random() < OTHER_WORDS:
            words[at] = chance.choice(_words())
    return " ".join(words)


def story(host: int, number: int) -> Story:
    """The story of a number on a host: the same in every run."""
    chance = random.Random(host * 1_000_003 + number)  # noqa: S311 - the same pages in every run
    titles, leads, paragraphs = _sentences()
    body = tuple(
        " ".join(_varied(_filled(one, chance), chance) for one in chance.sample(paragraphs, 2))
        for _ in range(chance.randint(10, 16))
    )
    title = f"{_filled(chance.choice(titles), chance)} (bài {number})"
    return Story(number, title, _filled(chance.choice(leads), chance), body, chance.choice(NAMES))


def article(host: int, number: int) -> bytes:
    """The page of a story, about `BYTES` long."""
    told = story(host, number)
    chance = random.Random(host * 7_000_003 + number)  # noqa: S311
    pictures = [
        f'<figure class="b-image"><img src="/media/{chance.getrandbits(128):032x}.jpg" alt="{told.title}" width="800" '
        f'height="533"><figcaption>Hội nghị tại {chance.choice(PLACES)}. Ảnh: {told.byline}</figcaption></figure>'
        for _ in range(2)
    ]
    blocks = [f"<p>{text}</p>" for text in told.paragraphs]
    blocks[2:2], blocks[7:7] = pictures[:1], pictures[1:]
    center = (
        f'<div class="c-news-detail"><article class="entry"><h1 class="c-detail-head__title">{told.title}</h1>'
        f'<div class="c-detail-head__row"><span class="c-detail-head__author">{told.byline}</span>'
        f'<span class="c-detail-head__time">{told.minute}</span></div><h2 class="desc">{told.lead}</h2>'
        f'<div class="b-maincontent">{"".join(blocks)}</div></article><div class="c-widget-tags onecms__tags"><ul>'
        '<li><a href="/tu-khoa/xay-dung-dang.html">xây dựng Đảng</a></li></ul></div>'
        '<div class="c-comments"><div class="c-comments__title">(0) Bình luận</div><textarea></textarea></div></div>'
    )
    head = (
        f'<meta property="og:title" content="{told.title}"><meta property="og:type" content="article">'
        f'<meta name="description" content="{told.lead}"><link rel="canonical" href="{told.path}">'
    )
    return _page(told.title, head, center, chance)


def listing(host: int, page: int, stories: int) -> bytes:
    """A page of the section that ends with so many stories, newest first, with the way to the next one."""
    chance = random.Random(host * 11_000_003 + page)  # noqa: S311
    newest = stories - (page - 1) * PER_LISTING
    items = []
    for number in range(newest, max(0, newest - PER_LISTING), -1):
        told = story(host, number)
        items.append(
            f'<li class="article__loading"><h3 class="b-grid__title"><a href="{told.path}">{told.title}</a></h3>'
            f'<span class="b-grid__time">{told.minute}</span><p class="b-grid__desc">{told.lead}</p></li>'
        )
    more = ""
    if newest > PER_LISTING:
        following = f"{SECTION}?stories={stories}&amp;page={page + 1}"
        more = f'<div class="onecms__loadmore"><a href="{following}">Xem thêm</a></div>'
    center = f'<h1>Xây dựng Đảng</h1><ul class="onecms__loading">{"".join(items)}</ul>{more}'
    return _page("Xây dựng Đảng", "", center, chance)


def _page(title: str, head: str, center: str, chance: random.Random) -> bytes:
    menu = "".join(
        f'<li class="c-menu__item level-{level}"><a class="c-menu__link" href="/{name.lower()}/muc-{at}-{level}.html" '
        f'title="{name}"><span>{name}</span></a></li>'
        for level in range(7)
        for at, name in enumerate(MENU)
    )
    top = (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"{_script(0)}{_script(1)}"
        f'<link rel="stylesheet" href="/assets/web/styles/main.min.css"></head><body><header><div class="c-logo">'
        f'<a href="/">Báo Mẫu</a></div><nav class="c-menu"><ul>{menu}</ul></nav></header><main class="l-content">'
    )
    end = (
        f"</main><footer><p>Cơ quan của Đảng bộ tỉnh Mẫu. Giấy phép của trang mẫu số 1.</p><ul>{menu[: len(menu) // 4]}"
        f"</ul></footer>{_script(2)}</body></html>"
    )
    page = [top, center, '<aside class="l-sidebar">']
    left = BYTES - sum(len(part.encode()) for part in (*page, end))
    while left > 0:
        part = _box(chance.randrange(BOXES))
        page.append(part)
        left -= len(part.encode())
    return "".join((*page, "</aside>", end)).encode()


@cache
def _box(number: int) -> str:
    """One of the boxes beside the text: eight teasers of other articles."""
    chance = random.Random(number)  # noqa: S311
    items = "".join(_teaser(chance) for _ in range(8))
    return f'<div class="c-box"><div class="c-box__title">Tin trong mục {number}</div><ul>{items}</ul></div>'


def _teaser(chance: random.Random) -> str:
    titles, leads, _ = _sentences()
    return (
        f'<li class="b-grid"><a class="b-grid__img" href="/goc-nhin/{chance.getrandbits(24)}"><img class="lazyload" '
        f'data-src="/media/{chance.getrandbits(128):032x}.jpg" alt=""></a><div class="b-grid__content"><h3 '
        f'class="b-grid__title"><a href="/goc-nhin/{chance.getrandbits(24)}">{_filled(chance.choice(titles), chance)}'
        f'</a></h3><p class="b-grid__desc">{_filled(chance.choice(leads), chance)}</p></div></li>'
    )


@cache
def _script(which: int) -> str:
    """Four kilobytes of script, the same on every page of a site."""
    chance = random.Random(which)  # noqa: S311
    lines = (
        f"window.k{chance.getrandbits(20):x}=function(a,b){{return a[{n}]?b.push({{id:'{chance.getrandbits(40):x}',"
        f"size:[{n * 10},{n * 7}],slot:'/{chance.getrandbits(30)}/bottom'}}):null}};"
        for n in range(45)
    )
    return f"<script>{''.join(lines)}</script>"
