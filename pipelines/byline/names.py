"""Is this line a byline? Labels, notes and offices around a name; what is never one.

The rule for what is kept: *who* is kept as shown, with an office ("Trần A - Văn phòng Huyện ủy", "Lê B (Ban
Tổ chức)"); *what they did* is not ("Tin, ảnh:", "(tổng hợp)", "Theo", "Nguồn:").
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from pipelines.text import clean_line, is_syllable
from pipelines.text import fold as fold_once

# Matches "Tin, ảnh: P.Y", "Bài và ảnh: …", "Bài: …; ảnh: …", "Thực hiện: …", "Tác giả bài viết: …"
fold = lru_cache(maxsize=4096)(fold_once)  # a line is looked at from many sides
_ROLE = re.compile(
    r"^\(?\s*(?:(?:tin|bai|bai viet|noi dung|anh|video|clip|infographic|do hoa|thuc hien|bien tap|tong hop"
    r"|ghi chep|ghi|tac gia"
    r"|tac gia bai viet|nguoi viet|tac gia tin|nguoi thuc hien|bien dich|theo|nguon|nguon tin|phong vien|by"
    r"|author|suu tam|luoc ghi|boi)\b[\s,&+/-]*(?:va\b\s*)?)+:\s*"
)
# The kind of a text and whose it is: "Ghi chép của MẪU BA", "Bút ký của Mẫu Văn Ba"
_KIND_OF = re.compile(r"^(?:ghi chep|but ky|phong su|ky su|tuy but)\s+cua\s*:?\s+(?=\S+\s\S)")
_BY = re.compile(r"^(?:[Bb]ởi|BỞI|[Bb]y)\s+(?=[^\W\d_])")
# Behind a name: "Mẫu Văn Ba thực hiện", "MẪU BA - Theo TTXVN"
_DID = re.compile(r"\s+(?:thực hiện|lược ghi|lược dịch|biên dịch|biên soạn|sưu tầm|tổng hợp|tổng thuật)$")
_AFTER = re.compile(r"\s*[-–—,;]\s*\(?[Tt]heo:?\s+(?=[^\W\d_])(?P<source>[^()]{2,40})\)?$")
_SOURCE = re.compile(r"^\(?\s*(?:(?:theo|nguon|nguon tin|dan nguon)\s*:|theo\s+(?=\S))\s*")
# A part that begins so is about pictures: "Ảnh: …" is no author
_PICTURE = re.compile(
    r"^\(?\s*(?:anh|video|clip|do hoa|infographic|thiet ke|minh hoa|ky thuat)\b(?:\s*(?:[,&/]|va)\s*(?:clip"
    r"|video|anh|do hoa))*\s*[:/]"
)
_PARTS = re.compile(
    r"\s*[;|,.(–—-]*\s*(?=(?:Ảnh|ẢNH|ảnh|Video|VIDEO|video|Clip|CLIP|clip|Đồ họa"
    r"|ĐỒ HỌA)(?:\s*[,&]\s*\w+)?\s*:)"
)
# Matches "(tổng hợp)", "(theo AFP, Reuters)", "(thực hiện)", "(t/h)", "(ghi)", "(dịch)"
_NOTE = re.compile(
    r"\s*[(\[]\s*(?:tong hop|tong thuat|thuc hien|ghi|luoc ghi|ghi chep|luoc dich|bien dich|dich|suu tam|st"
    r"|t/h|th|bien soan|bien tap|theo\b[^()]*|bt|anh\b[^()]*)\s*[)\]]\s*\.?$"
)
_TAIL = re.compile(
    r"\s*[-–|]?\s*(?:xem phan hoi|phan hoi|gui phan hoi|gui binh luan|in trang nay|in bai nay|chia se"
    r"|theo doi|tu khoa|tags?)\s*:?$"
)
_OTHERS = re.compile(r"\s*(?:,|và|va)\s+\d+\s+(?:tác giả|người)\s+khác\s*$", re.IGNORECASE)
_EMAIL = re.compile(r"[\s(|,-]*\S+@\S+\.\S+\)?")

_CMS = re.compile(
    r"admin\w*(?: admin\w*)?|ad min|administrator|super ?user|root|user\s?\d*|test\w*|web ?master|editor\w*"
    r"|guest|khach|quan tri(?: vien)?(?: he thong)?"
    r"|(?:pho |truong )?(?:ban )?bien tap(?: vien)?(?: \d+)?|bbt|toa soan|thu ky(?: toa soan)?|nguoi dang"
    r"|tong bien tap|cong thong tin(?: dien tu)?.*"
)
_POSTER = re.compile(
    r"^\W*(?:nguoi (?:dang|gui|nhap|cap nhat|duyet|quan tri)|(?:duoc )?(?:dang|viet|gui|cap nhat|nhap|duyet|tao) boi"
    r"|posted by|written by|published by|create[d]? by|updated by|(?:dang|nhap|duyet|kiem duyet) (?:tin|bai)"
    r"|kiem duyet|thanh vien|tai khoan|user(?:name)?)\b"
)


def _lines(table: str) -> frozenset[str]:
    return frozenset(" ".join(entry.split()) for entry in table.split("|"))


# Folded lines that look like names and are none: labels of pages, sections, provinces of both schemes.
_NEVER = _lines(
    """
    phan hoi | tin khac | cac tin khac | binh luan | chia se | tu khoa | lien he | xem them | doc them |
    tin lien quan | bai lien quan | video | anh | infographic | trang chu | gioi thieu | ban do |
    tin moi | moi nhat | doc nhieu | xem nhieu | multimedia | podcast | media | emagazine | longform |
    google news | facebook | zalo | twitter | youtube | tiktok | in bai | ban in | gui email | quay lai |
    ve dau trang | tin tuc | su kien | tin tuc su kien | kinh te | xa hoi | chinh tri | van hoa |
    giao duc | phap luat | the thao | the gioi | thoi su | xay dung dang | doi song | suc khoe | du lich |
    quoc te | an ninh | quoc phong | giai tri | khoa hoc | cong nghe | moi truong | nong nghiep | dang |
    doan the | dia phuong | chuyen de | nghi quyet | ket luan | quyet dinh | chi thi | thong bao |
    huong dan | ke hoach | noi nhan | phu luc | con nua | het | ky sau | bai cuoi | ky cuoi | viet nam |
    ho chi minh | lien hop quoc | dong nam a | bien dong | truong sa | hoang sa
    """
)
# Names of people as well as of places: refused only where nothing but the look speaks for a byline.
_PLACES = _lines(
    """
    ha noi | hai phong | da nang | can tho | hue | thua thien hue | an giang | ba ria | vung tau |
    ba ria vung tau | bac giang | bac kan | bac lieu | bac ninh | ben tre | binh dinh | binh duong |
    binh phuoc | binh thuan | ca mau | cao bang | dak lak | dak nong | dien bien | dong nai | dong thap |
    gia lai | ha giang | ha nam | ha tinh | hai duong | hau giang | hoa binh | hung yen | khanh hoa |
    kien giang | kon tum | lai chau | lam dong | lang son | lao cai | long an | nam dinh | nghe an |
    ninh binh | ninh thuan | phu tho | phu yen | quang binh | quang nam | quang ngai | quang ninh |
    quang tri | soc trang | son la | tay ninh | thai binh | thai nguyen | thanh hoa | tien giang |
    tra vinh | tuyen quang | vinh long | vinh phuc | yen bai | viet bac | tay bac | tay nguyen |
    dong bac | sai gon | thu duc | sa pa | phu quoc | con dao
    """
)
_TITLE_WORDS = re.compile(
    r"^(?:(?:PGS|GS|TS|ThS|Ths|THS|TH\.S|CN|BS|KS|Dr|LS|CTV|PV|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy"
    r"|Thượng úy|Thiếu tướng|Trung tướng|Nhà báo|Luật sư|Phóng viên"
    r"|(?:TSKH|BSCK ?I{1,2}|Bác sĩ|Luật gia|Dược sĩ|Kỹ sư|Thạc sĩ|Tiến sĩ|Giáo sư|Phó Giáo sư|Nhà giáo|Nhà văn"
    r"|Nhà thơ|Thiếu úy|Trung úy|Đại tướng|Thượng tướng)(?![^\W\d_]))[.:,]?\s*)+"
)
# Whom the text tells of: "Ông Mẫu Văn Ba", "Bà Thử Thị Tư"; not "Bá Thành"
_SPOKEN_OF = re.compile(r"(?:Ông|Bà|ÔNG|BÀ|Đồng chí|ĐỒNG CHÍ|Đ/c)\s")
# Several at once, or a desk of the newsroom ("Ban Bạn đọc")
_GROUP = re.compile(
    r"^(?:(?:ban|phong|to) (?:ban doc|thoi su|phong vien|chuyen de)"
    r"|nhom|nhom tac gia|nhom phong vien|nhom pv|nhom p\.?v|pv|p\.?v\.?|phong vien|ctv"
    r"|cong tac vien)(?:\s*[-–,+&]\s*(?:ctv|pv|cong tac vien))?\.?$"
)
_OFFICE = re.compile(
    r"^(?:van phong|ban|so|phong|truong|dai|bao|huyen uy|thanh uy|tinh uy|dang uy|quan uy|thi uy|trung tam"
    r"|hoi|cong an|ubnd|ubmttq|mttq|mat tran|doan|tinh doan|huyen doan|bo|cuc|chi cuc|vien|hoc vien|khoa"
    r"|chi bo|toa an|vien kiem sat"
    r"|tram|benh vien|phong kham"
    r"|tand|vksnd|btg|btc|vp|bch|bo chi huy|uy ban|lien doan|ldld|tap chi|cong thong tin|ttxvn|nxb"
    r"|nha xuat ban|tong cong ty|cong ty|ngan hang|kho bac|cuc thue|dhqg|dai hoc|xa|phuong|huyen|btgtu"
    r"|btctu|ubkt|dang bo)\b"
)
_JOINS = re.compile(r"\s*(?:[-–—,;&+/|•·]|\bvà\b|\bVÀ\b|\bvà\s+nhóm\b)\s*")
_NEWSROOM = re.compile(r"(?:Báo|Đài|Tạp chí) [^\W\d_]")
_INITIALS = re.compile(r"^(?:[^\W\d_]{1,2}\.)+(?:[^\W\d_]{1,2}\.?)?$")  # "P.Y", "N.T.", "Q.H"; not "TT./."
_WORD = re.compile(r"^[^\W\d_]+(?:['’][^\W\d_]+)?$")
_HIGHLAND = re.compile(
    r"^(?!H['’]M[oô]ng)[HK]['’](?:[A-ZĐ][^\W\d_]+)?$"
)  # "H'Linh Niê", "K' Brêu": names of the Central Highlands
_ACRONYM = re.compile(r"[A-ZĐ]{2,7}\d?(?:\.(?:VN|vn))?$")  # an agency behind a name: "TTXVN", "VOV1", "VOV.VN"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line read as a byline."""

    name: str
    """As shown, without labels and notes."""
    kind: str
    """`name`, `source` ("Theo …", "Nguồn: …"), `group` ("Nhóm PV")."""
    labelled: bool
    partial: bool = False
    """Not everybody is named here: "… và 1 tác giả khác"."""


def is_picture_credit(line: str) -> bool:
    """Whether a short line names only who made the pictures."""
    folded = fold(line)
    return (
        len(line) < 80
        and bool(_PICTURE.match(folded))
        and not re.search(r"\b(?:tin|bai|noi dung|thuc hien)\b\s*[:,]", folded)
    )


def is_cms_user(line: str) -> bool:
    """Whether a line names a user of the content system or the newsroom's mailbox: "admin admin", "Người
    đăng: …".
    """
    folded = _NOTE.sub("", fold(clean_line(line))).strip(" .:-|()")
    mailbox = "@" in folded and not re.sub(r"\W|e-?mail|thu dien tu", "", _EMAIL.sub(" ", folded))
    return bool(mailbox or _CMS.fullmatch(folded) or _POSTER.match(folded))


def tells_poster(line: str) -> bool:
    """Whether a line tells who put the page in the system, wherever in it: "04/10/2021 | Người đăng: Mẫu Văn Ba"."""
    folded = fold(line)
    return any(_POSTER.match(part) for part in re.split(r"[|•·;,()]|\s[-–—]\s|\d", folded))


def is_labelled(line: str) -> bool:
    """Whether a short line begins with what somebody did: "Bài, ảnh:", "Nguồn:", "Tác giả:"."""
    return len(line) <= 110 and bool(_ROLE.match(folded := fold(line)) or _SOURCE.match(folded))


def has_rank(name: str) -> bool:
    """Whether an academic or military rank, or a trade, stands before a name: "PGS, TS Mẫu Thị Ba"."""
    return _TITLE_WORDS.match(name) is not None


def is_office(line: str) -> bool:
    """Whether a short line names an office: "Ban Tổ chức Huyện ủy", "(Trường Chính trị tỉnh)"."""
    return len(line) <= 70 and line[-1:] not in ".!?:" and bool(_OFFICE.match(fold(line).strip(" (*-–")))


def has_tail_label(line: str) -> bool:
    """Whether a label of the page ("Xem phản hồi") stands behind something else on the line."""
    match = _TAIL.search(fold(clean_line(line)))
    return match is not None and match.start() > 0


def read_signature(line: str, *, site_names: Collection[str] = (), strict: bool = False) -> Signature | None:
    """A line as a byline, or None. `strict`: nothing but the look speaks for it, so labels of pages, places,
    offices and single words are refused. `site_names`: folded names of the site, which never sign.
    """
    line = clean_line(line)
    if not line or len(line) > 110:
        return None
    if "@" in line:
        line = _EMAIL.sub(" ", line).strip()
    if not line or (is_cms_user(line) and not _ROLE.match(fold(line))):
        return None
    text, labelled, kind = _without_label(line)
    text, partial = _OTHERS.subn("", text)
    text = _without_notes(_trim(text))
    if not text or is_cms_user(text):
        return None
    folded = fold(text)
    if _is_site(folded, site_names):
        return None
    if _GROUP.match(folded):
        return Signature(text, "group", labelled, bool(partial))
    if kind == "source":
        return Signature(text, "source", True) if _is_source(text, folded) else None
    parts = {folded, *map(fold, _JOINS.split(text))}
    if parts & _NEVER or (strict and not labelled and parts & _PLACES):
        return None
    return Signature(text, "name", labelled, bool(partial)) if _is_people(text, strict and not labelled) else None


def _without_notes(text: str) -> str:
    if match := _DID.search(text) or _AFTER.search(text):
        source = match.groupdict().get("source")
        if source is None or _is_source(source, fold(source)):
            text = _trim(text[: match.start()])
    for pattern in (_NOTE, _TAIL, _NOTE):
        if match := pattern.search(fold(text)):
            text = _trim(text[: match.start()])
    return text


def _trim(text: str) -> str:
    before = ""
    while text != before:
        before = text
        text = text.strip(' ,;:|-–—*•·/\t"“”_~`')
        if text.endswith(".") and not re.search(r"(?:^|[\s.])[^\W\d_]\.$", text):  # "T.H." keeps its dot
            text = text.rstrip(". ")
        if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            text = text[1:-1]
        if text.count(")") > text.count("("):
            text = text.rstrip(") ")
        elif text.count("(") > text.count(")"):
            text = text.lstrip("( ").rstrip("( ")
    return text


def _without_label(line: str) -> tuple[str, bool, str]:
    """(text, labelled, kind): labels off, and the part that is about pictures."""
    folded = fold(line)
    if is_picture_credit(line):
        return "", False, "name"
    kind, labelled = "name", False
    if match := _SOURCE.match(folded):
        line, kind, labelled = line[match.end() :], "source", True
    elif match := _ROLE.match(folded) or _KIND_OF.match(folded):
        line, labelled = line[match.end() :], True
    elif match := _BY.match(line):
        line = line[match.end() :]
    return _PARTS.split(line, maxsplit=1)[0], labelled, kind


def _is_site(folded: str, site_names: Collection[str]) -> bool:
    bare = re.sub(r"\W+", "", folded)
    return any(bare == re.sub(r"\W+", "", name) for name in site_names if name)


def _is_source(text: str, folded: str) -> bool:
    """ "TTXVN", "Báo Tin tức", "VnExpress", "hanoi.gov.vn": short, capitalised, no sentence."""
    words = text.split()
    if (
        len(words) > 9
        or re.search(r"[.!?…]\s+\S", text)
        or not (text[0].isupper() or re.match(r"[\w-]+(\.[\w-]+)+$", text))
    ):
        return False
    if re.match(
        r"(?:do|doi|dieu|khoan|nghi|quyet|ke hoach|bao cao|thong tin|thong ke|ong|ba|dong chi|quy dinh)\b",
        folded,
    ):
        return False
    return "," not in text or all(part.strip()[:1].isupper() for part in text.split(","))


def _is_people(text: str, strict: bool) -> bool:
    """One to four names, the last part perhaps an office: "Name - Office", "Name (Office)"."""
    text = _TITLE_WORDS.sub("", text) or text  # "PGS, TS Mẫu Thị Ba": its comma parts no names
    office = re.fullmatch(r"(.+?)\s*\(\s*([^()]{2,60}?)\s*\)", text)
    if office is not None:
        known = _ACRONYM.match(office[2]) or _OFFICE.match(fold(office[2]))
        return bool(known or (len(office[2]) > 3 and _is_name(office[2], False))) and _is_people(office[1], strict)
    agency = re.fullmatch(r"([^/]+?)\s*/\s*([^/]+)", text)
    if agency is not None and (_ACRONYM.match(agency[2]) or _NEWSROOM.match(agency[2])):
        return _is_people(agency[1], strict)
    glued = re.fullmatch(r"([^-–—]+ [^-–—]+)[-–—]([^-–—]+)", text)  # "Mẫu Văn Ba-Đoàn trường"
    if glued is not None and _OFFICE.match(fold(glued[2])):
        return _is_name(glued[1], strict)
    parts = [part for part in _JOINS.split(text) if part]
    if not parts or len(parts) > 5:
        return False
    if len(parts) > 1 and _OFFICE.match(fold(parts[1])) and re.search(r"\s[-–—]\s|,\s", text):
        return _is_name(parts[0], strict)
    return all(_is_name(part, strict and len(parts) == 1) or _GROUP.match(fold(part)) for part in parts)


def _is_name(text: str, strict: bool) -> bool:
    text = _TITLE_WORDS.sub("", text).strip()
    if _SPOKEN_OF.match(text):
        return False
    words = text.split()
    if not words or len(words) > 5 or len(text) > 40 or fold(text).startswith(("tp.", "tx.")):
        return False
    if len(words) > 1 and any(_INITIALS.match(word) for word in words):  # "P.Y", "N.T. Hà", "Đ.ĐẠO"
        return all(word[0].isupper() for word in words) and len(text) <= 25
    if len(words) == 1:
        word = words[0]
        if re.fullmatch(r"(?:[^\W\d_]{1,4}\.)+[^\W\d_]{1,12}\.?|[^\W\d_]\.", word):  # "P.Y", "Đ.ĐẠO", "T.Hà"
            return word.isupper() or (word[0].isupper() and not strict)
        short = word.isupper() and 1 < len(word) <= 4  # "LA", "PV"
        return not strict and word[0].isupper() and word.isalpha() and (short or is_syllable(word)) and len(word) > 1
    if any(map(_HIGHLAND.match, words)):  # what follows is spelled as its language is
        return all((_WORD.match(word) or _HIGHLAND.match(word)) and word[0].isupper() for word in words)
    if not all(_WORD.match(word) and word[0].isupper() for word in words):
        return False
    if not (all(word.isupper() for word in words) or all(word[1:] == word[1:].lower() for word in words)):
        return False
    valid = sum(is_syllable(word) for word in words)
    return valid == len(words) if strict else valid >= len(words) - 1
