"""Which stories each site has, when they come and go, and what is wrong with some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from make import hanoimoi, hatinh, hnp, vinhphuc, xaydungdang
from make.site import Layout, Placed, Section
from make.texts import TEXTS, VIETNAM, Story, read_stories
from make.themes import Order, story
from make.words import short_day, slug

TAGS = {
    "ket-nap": ("phát triển đảng viên", "kết nạp đảng viên"),
    "huy-hieu": ("Huy hiệu Đảng",),
    "kiem-tra": ("kiểm tra, giám sát",),
    "nghi-quyet": ("học tập nghị quyết",),
    "sinh-hoat": ("sinh hoạt chi bộ",),
    "can-bo": ("công tác cán bộ",),
}

# theme, square of the theme, unit, moment, byline. The moment is the one shown; where a site shows none,
# its day is the event's (Xây dựng Đảng) or stands in lists only (Hà Tĩnh).
_ORDERS = {
    "xaydungdang": """
        ket-nap     0  xã Mẫu Hạ          2026-11-03 10:00  Hải Yến
        huy-hieu    1  xã Tân Mẫu         2026-11-05 10:00  Thu Hà
        kiem-tra    2  phường Kim Mẫu     2026-10-22 10:00  Minh Đăng
        nghi-quyet  3  xã Lâm Mẫu         2026-10-14 10:00  Phạm Thị Thử
        sinh-hoat   4  phường Mẫu Giang   2026-09-17 10:00  Hoàng Lâm
        can-bo      5  xã Mẫu Khê         2024-05-16 10:00  Hải Yến
        ket-nap     4  xã Mẫu Xuyên       2012-04-20 10:00  Hồng Mẫu
        huy-hieu    5  xã Mẫu Lĩnh        2026-11-20 10:00  Thu Hà
        sinh-hoat   8  xã Mẫu Hải         2026-10-02 10:00  Minh Đăng
    """,
    "hanoi-hnp": """
        ket-nap     1  phường Mẫu Giang   2026-11-19 17:40  Huy Khánh
        huy-hieu    0  phường Tân Mẫu     2026-11-07 11:35  Lan Phương
        kiem-tra    1  phường An Mẫu      2026-10-20 16:25  Thanh Bình
        nghi-quyet  0  phường Kim Mẫu     2026-10-06 18:05  Huy Khánh
        sinh-hoat   0  phường Mẫu Điền    2026-09-18 10:50  Lan Phương
        can-bo      0  phường Mẫu Bắc     2026-09-11 17:15  Thanh Bình
        kiem-tra    5  phường Mẫu Nam     2025-12-08 16:45  Huy Khánh
        sinh-hoat   5  phường Mẫu Đoài    2022-03-15 11:20  Lan Phương
        nghi-quyet  4  phường Tân Mẫu     2026-11-21 11:10  Huy Khánh
        can-bo      4  phường An Mẫu      2026-11-21 16:30  Thanh Bình
    """,
    "hatinh-dcs": """
        ket-nap     2  xã Mẫu Khê         2026-11-14 10:00  Võ Minh Thử - Trung tâm Chính trị xã Mẫu Khê
        huy-hieu    2  xã Mẫu Trung       2026-11-10 10:00  Đặng Thu Mẫu - Văn phòng Đảng ủy xã Mẫu Trung
        kiem-tra    0  xã Mẫu Hải         2026-10-26 10:00  Lê Hoài An - Ủy ban Kiểm tra Đảng ủy xã Mẫu Hải
        nghi-quyet  1  xã Mẫu Thượng      2026-10-16 10:00  Hồ Thị Mẫu - Ban Xây dựng Đảng, Đảng ủy xã Mẫu Thượng
        sinh-hoat   1  xã Mẫu Giang       2026-10-07 10:00  Phan Văn Dụ - Văn phòng Đảng ủy xã Mẫu Giang
        can-bo      1  xã Mẫu Hạ          2026-09-22 10:00  Bùi Thị Thử - Văn phòng Đảng ủy xã Mẫu Hạ
        ket-nap     6  xã Lâm Mẫu         2026-09-08 10:00  Nguyễn Thị Dụ - Đoàn Thanh niên xã Lâm Mẫu
        nghi-quyet  6  xã Hòa Mẫu         2026-08-26 10:00  Trần Văn Thí - Văn phòng Đảng ủy xã Hòa Mẫu
        kiem-tra    6  xã Mẫu Khê         2026-11-21 10:00  Võ Minh Thử - Ủy ban Kiểm tra Đảng ủy xã Mẫu Khê
        sinh-hoat   6  xã Mẫu Điền        2026-11-12 10:00  Trần Thị Thử - Văn phòng Đảng ủy xã Mẫu Điền
    """,
    "hanoimoi": """
        ket-nap     3  phường Mẫu Giang   2026-11-17 07:15  Hiền Mẫu
        huy-hieu    3  phường An Mẫu      2026-11-09 06:30  Hà Vi
        kiem-tra    3  xã Mẫu Thượng      2026-10-30 17:20  Thúy Mẫu
        nghi-quyet  2  phường Kim Mẫu     2026-10-24 05:55  Quỳnh Dương
        sinh-hoat   2  xã Vĩnh Mẫu        2026-10-12 11:05  Hiền Mẫu
        can-bo      2  phường Tân Mẫu     2026-09-29 18:10  Quỳnh Dương
        sinh-hoat   7  phường Mẫu Thịnh   2021-10-04 07:21  Thúy Mẫu
        kiem-tra    7  phường Kim Mẫu     2026-11-21 06:20  Hà Vi
        ket-nap     7  xã Mẫu Hạ          2026-11-21 17:45  Hiền Mẫu
        can-bo      7  xã Mẫu Xuyên       2026-11-14 08:30  Quỳnh Dương
    """,
    "vinhphuc-btctu": """
        ket-nap     5  xã Vĩnh Mẫu        2026-11-13 16:35  Thu Thử
        huy-hieu    4  xã Thanh Mẫu       2026-11-07 11:10  Kim Mai
        kiem-tra    4  xã Hòa Mẫu         2026-10-23 17:25  Ngọc Dụ
        nghi-quyet  5  xã Mẫu Xuyên       2026-10-14 16:50  Thu Thử
        sinh-hoat   3  xã Vĩnh Mẫu        2026-10-02 10:45  Kim Mai
        can-bo      3  xã Thanh Mẫu       2025-05-27 17:05  Ngọc Dụ
        huy-hieu    8  xã Hòa Mẫu         2021-02-03 10:20  Kim Mai
        can-bo      8  xã Mẫu Xuyên       2019-07-18 16:30  Thu Thử
        nghi-quyet  8  xã Thanh Mẫu       2026-11-21 11:40  Kim Mai
    """,
}


@dataclass(frozen=True, slots=True)
class SitePlan:
    """A site of the sample: its stories, newest first, and its special cases by the keys of stories."""

    layout: Layout
    stories: tuple[Placed, ...]
    page_size: int
    new: frozenset[str]
    """Stories that appear on the second night."""
    removed: tuple[tuple[str, int], ...] = ()
    """Stories gone on the second night, with the status that says so (200: a page that says so in words)."""
    dead: frozenset[str] = frozenset()
    """Listed, but in no WARC file."""
    challenge: frozenset[str] = frozenset()
    """Answered with a script that sets a cookie and reloads, both nights."""
    broken: tuple[tuple[str, str], ...] = ()
    """(story, word): the word loses the second half of its first two-byte letter."""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(section address, stories) of the further sections; the first section has all stories not homed elsewhere."""
    aliases: tuple[tuple[str, str], ...] = ()
    """(story, second address) with the same text, whose page names the first address (`rel=canonical`)."""
    twins: tuple[tuple[str, str], ...] = ()
    """(story, second address) with the same text, and nothing on the page that tells of the first."""
    redirects: tuple[tuple[str, str], ...] = ()
    """(story, former address) answered with 301."""

    @property
    def seconds(self) -> tuple[tuple[str, str], ...]:
        """(story, second address): aliases and twins."""
        return (*self.aliases, *self.twins)

    def placed(self, key: str) -> Placed:
        """The story of a key. Raises KeyError where the plan names one that is not there."""
        found = next((item for item in self.stories if item.story.key == key), None)
        if found is None:
            message = f"{self.layout.id} has no story {key}"
            raise KeyError(message)
        return found


def plans() -> tuple[SitePlan, ...]:
    """The five sites, in the order of the files."""
    return (_xaydungdang(), _hnp(), _hatinh(), _hanoimoi(), _vinhphuc())


def _xaydungdang() -> SitePlan:
    layout = xaydungdang.XayDungDang()
    _, news, readers = layout.sections
    homes = {"hoi-dap-chuyen-sinh-hoat": readers, "nghi-quyet-3": news, "kiem-tra-2": news, "can-bo-5": news}
    stories = _place(layout, homes)
    alias = next(item for item in stories if item.story.key == "giao-ban-quy-ba")
    return SitePlan(
        layout=layout,
        stories=stories,
        page_size=5,
        new=frozenset({"huy-hieu-5"}),
        dead=frozenset({"sinh-hoat-8"}),
        sections=(
            (news.url, ("giao-ban-quy-ba", "nghi-quyet-3", "kiem-tra-2", "can-bo-5")),
            (readers.url, ("hoi-dap-chuyen-sinh-hoat",)),
        ),
        aliases=(("giao-ban-quy-ba", alias.url.replace("/dang-vien/", "/thoi-su-chinh-tri/")),),
    )


def _hnp() -> SitePlan:
    layout = hnp.Hnp()
    stories = _place(layout, {})
    twin = next(item for item in stories if item.story.key == "to-dan-pho")
    head, digits = twin.url.removesuffix(".htm").rsplit("-", 1)
    return SitePlan(
        layout=layout,
        stories=stories,
        page_size=6,
        new=frozenset({"nghi-quyet-4", "can-bo-4"}),
        removed=(("mot-cua", 404),),
        broken=(("hoc-duong", "tìm tài liệu"),),
        twins=(("to-dan-pho", f"{head}-{int(digits) + 60000}.htm"),),
    )


def _hatinh() -> SitePlan:
    layout = hatinh.HaTinh()
    return SitePlan(
        layout=layout,
        stories=_place(layout, {}),
        page_size=6,
        new=frozenset({"kiem-tra-6"}),
        challenge=frozenset({"sinh-hoat-6"}),
    )


def _hanoimoi() -> SitePlan:
    layout = hanoimoi.HanoiMoi()
    politics = layout.sections[1]
    stories = _place(layout, {"doi-thoai": politics, "sap-xep": politics})
    number = len(stories) - [item.story.key for item in stories].index("giai-bao-chi")
    old = next(item for item in stories if item.story.key == "giai-bao-chi")
    return SitePlan(
        layout=layout,
        stories=stories,
        page_size=6,
        new=frozenset({"kiem-tra-7", "ket-nap-7"}),
        removed=(("dan-van", 410),),
        dead=frozenset({"can-bo-7"}),
        sections=((politics.url, ("cung-co", "can-bo-tre", "sap-xep", "doi-thoai", "giai-bao-chi")),),
        redirects=(("giai-bao-chi", layout.former_address(old.story, number)),),
    )


def _vinhphuc() -> SitePlan:
    layout = vinhphuc.VinhPhuc()
    return SitePlan(
        layout=layout,
        stories=_place(layout, {}),
        page_size=6,
        new=frozenset({"nghi-quyet-8"}),
        removed=(("the-dang-vien", 200),),
    )


def _place(layout: Layout, homes: dict[str, Section]) -> tuple[Placed, ...]:
    written = read_stories(TEXTS / f"{layout.id}.txt")
    made = tuple(story(order) for order in _orders(layout.id))
    oldest_first = sorted((*written, *made), key=_when)
    placed = []
    for number, item in enumerate(oldest_first, 1):
        section = homes.get(item.key, layout.sections[0])
        url = layout.address(item, number)
        if section is not layout.sections[0] and layout.id == "xaydungdang":
            url = url.replace(layout.sections[0].url, section.url)  # the section is part of the address here
        placed.append(Placed(item, url, section))
    addresses = {item.url for item in placed}
    if len(addresses) != len(placed):
        message = f"{layout.id}: two stories have one address"
        raise ValueError(message)
    return tuple(reversed(placed))


def _when(item: Story) -> tuple[date, str, str]:
    day = item.day
    if day is None:
        message = f"{item.key}: no day to sort by"
        raise ValueError(message)
    return day, item.published.isoformat() if item.published else "", slug(item.title)


def _orders(site: str) -> tuple[Order, ...]:
    return tuple(_order(site, line) for line in filter(None, map(str.strip, _ORDERS[site].splitlines())))


def _order(site: str, line: str) -> Order:
    theme, square, rest = (*line.split(maxsplit=2),)
    unit, moment, byline = (part.strip() for part in rest.split("  ") if part.strip())
    at = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)
    order = Order(theme, int(square), unit, "", at.year, byline)
    match site:
        case "xaydungdang":
            opening = f"Ngày {short_day(at, '-')}-{at.year},"
            later = at.date() + timedelta(days=1)
            return replace(order, opening=opening, event=at.date(), listed=later, lead=True)
        case "hatinh-dcs":
            told = int(square) in {1, 2}
            opening = f"Ngày {at:%d/%m/%Y}," if told else "Vừa qua,"
            return replace(order, opening=opening, event=at.date() if told else None, listed=at.date())
        case "hanoi-hnp":
            return replace(order, opening=_half_day(at, f"{at:%d/%m}"), published=at, prefix="HNP - ")
        case "hanoimoi":
            happened = at - timedelta(hours=12) if at.hour < 10 else at  # the morning paper tells of yesterday
            return replace(
                order,
                opening=_half_day(happened, short_day(happened, "-")),
                published=at,
                prefix="(HNM) - ",
                lead=True,
                tags=TAGS[theme],
            )
        case _:
            return replace(order, opening=_half_day(at, short_day(at)), published=at)


def _half_day(at: datetime, day: str) -> str:
    return f"{'Chiều' if at.hour >= 16 else 'Sáng'} {day},"
