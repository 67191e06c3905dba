"""One address and one key for each article, and the date that an address carries.

Canonical form: RFC 3986 section 6.2.2 (case, percent-encoding, dot segments), then what holds on the web at
large (https, no fragment, no tracking parameters), then the rules of the site.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import SplitResult, quote, urlsplit

from pipelines.article import VIETNAM, KhotinError, Precision, UrlRules

MAX_LENGTH = 8192
"""Characters. A longer address is a trap or an embedded file, never an article."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/!$&'()*+,;=:@-._~%"
_QUERY_SAFE = _PATH_SAFE + "?"
_CLEAN = re.compile(r"[A-Za-z0-9._~/!$&'()*+,;=:@-]*")
_ESCAPES = re.compile(rb"((?:%[0-9A-Fa-f]{2})+)")
_TRACKING = re.compile(
    # utm_source=zalo, itm_medium=article; fbclid, gclid …: counters of the sender, the page is the same.
    # Not "ref" or "source": some systems choose the page by them.
    r"(?:utm|itm|pk|mtm|vnn)_\w+|(?:fb|g|d|y|tt|tw)clid|msclkid|igshid|gidzl|zarsrc"
    r"|_ga|_gl|_gid|mc_[ce]id|__twitter_impression|spm|jsessionid|phpsessid|aspsessionid\w*",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_ROUNDS = 8


class UnusableAddress(KhotinError):
    """An address that is no http(s) page: another scheme, no host, a broken port."""

    exit_code = 2


def canonical_url(url: str, rules: UrlRules) -> str:
    """The one form of an absolute http(s) address; applying it twice changes nothing.

    `rules.hosts` (and their www. forms) become `rules.hosts[0]`; `rules.keep_params`, when given, are the
    only query parameters that stay, otherwise all but known tracking and session ones do, sorted. The scheme
    becomes https unless the address names a port of its own (a test server). Raises `UnusableAddress`.
    """
    parts, host, port = _split(url)
    scheme = parts.scheme if port else "https"
    if host.removeprefix("www.") in {known.removeprefix("www.") for known in rules.hosts}:
        host = rules.hosts[0]
    target = _target(parts.path, parts.query, rules)
    for _ in range(_ROUNDS):
        # A rewritten address may fit another rule ("/vi/pop_up" after "/en" went), so until nothing changes.
        rewritten = _rewrite(target, rules)
        if rewritten == target:
            break
        path, _, query = rewritten.partition("?")
        target = _target(path, query, rules)
    return f"{scheme}://{host}{port}{target}"


def article_key(site: str, canonical: str) -> str:
    """The permalink of an article: site id and ten base32 characters (50 bits) of the address' SHA-256.

    The same after every rebuild, since nothing but the two arguments goes in.
    """
    digest = hashlib.sha256(canonical.encode()).digest()
    return f"{site}-{base64.b32encode(digest)[:10].decode().lower()}"


def host_of(url: str) -> str:
    """Host of an http(s) address, lower case, without port. Raises `UnusableAddress`."""
    return _split(url)[1]


def url_date(url: str) -> tuple[str, Precision] | None:
    """The date an address carries, as ISO 8601 with +07:00, cut to its precision; None where it has none.

    It is the time the article was entered, seldom later than its publication. Digits that can be read as two
    different times are not read at all.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for digits in re.findall(r"(?:-|/d?)(\d{14,18})(?:\.\w+)?/?$", path):
        times = set(_readings(digits))
        if len(times) == 1:
            return times.pop().isoformat(), Precision.MINUTE
    # "/van-hoa/2005/11/23/", "/tin-moi/202505/" match; "/-/2018/825458/" (tapchicongsan.org.vn) does not.
    dated = re.search(r"/(20[0-3]\d|199\d)/?(0[1-9]|1[0-2])(?:/?(0[1-9]|[12]\d|3[01]))?(?=/)", path)
    if not dated:
        return None
    year, month, day = (int(part) if part else 0 for part in dated.groups())
    moment = _moment(year, month, day or 1, 0, 0)
    return (moment.isoformat(), Precision.DAY if day else Precision.MONTH) if moment else None


def _split(url: str) -> tuple[SplitResult, str, str]:
    """Parts, clean host and ":port" (empty for the default ones)."""
    if len(url) > MAX_LENGTH:
        msg = f"address of {len(url)} characters: more than {MAX_LENGTH} is no page; it begins {url[:60]!r}"
        raise UnusableAddress(msg)
    # As browsers do (WHATWG URL, "basic URL parser"): blanks around, tabs and line breaks inside go.
    bare = re.sub(r"[\t\r\n]", "", url.strip("".join(map(chr, range(33)))))
    try:
        parts = urlsplit(bare)
        host = (parts.hostname or "").rstrip(".")
        host = f"[{host}]" if ":" in host else host
        number = parts.port
        if not host.isascii():
            host = unicodedata.normalize("NFC", host[:253]).encode("idna").decode()
    except ValueError as error:  # UnicodeError of the idna codec is one too
        msg = f"{url[:200]!r} is no address: {error}"
        raise UnusableAddress(msg) from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        msg = f"{url[:200]!r} is no http(s) address with a host; give one like https://example.org/page"
        raise UnusableAddress(msg)
    return parts, host.lower(), "" if number in {None, 80, 443} else f":{number}"


def _target(path: str, query: str, rules: UrlRules) -> str:
    clean = _without_dots(_SESSION_IN_PATH.sub("", _escaped(path, _PATH_SAFE)))
    params = sorted(_params(query, rules)) if query else []
    return clean + ("?" + "&".join(params) if params else "")


def _params(query: str, rules: UrlRules) -> Iterator[str]:
    spelling = {name.lower(): name for name in rules.keep_params}
    for param in query.split("&"):
        name, equals, value = _escaped(param, _QUERY_SAFE).partition("=")
        if spelling:
            # ASP.NET portals link to the same page as "NewsId=" and "newsid=".
            if name.lower() in spelling:
                yield spelling[name.lower()] + equals + value
        elif name and not _TRACKING.fullmatch(name):
            yield name + equals + value


def _rewrite(target: str, rules: UrlRules) -> str:
    for pattern, replacement in rules.rewrite:
        target = re.sub(pattern, replacement, target)
    return target if target.startswith("/") else "/" + target


def _escaped(text: str, safe: str) -> str:
    """Percent-encoding of UTF-8 in NFC; escapes of unreserved characters undone; other bytes kept."""
    if _CLEAN.fullmatch(text):  # nearly every link: a listing has hundreds
        return text
    buffer = bytearray()
    for piece in _ESCAPES.split(text.encode("utf-8", "surrogatepass")):
        if not _ESCAPES.fullmatch(piece):
            buffer += piece.replace(b"%", b"%25")
            continue
        for byte in bytes.fromhex(piece.decode().replace("%", "")):
            buffer += bytes((byte,)) if byte >= 0x80 or byte in _UNRESERVED else b"%%%02X" % byte
    whole = unicodedata.normalize("NFC", buffer.decode("utf-8", "surrogateescape"))
    return quote(whole.encode("utf-8", "surrogateescape"), safe=safe)


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    if path.startswith("/") and "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:] if path.startswith("/") else path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    ends = segments[-1:] in (["."], [".."])
    return "/" + "/".join([*kept, ""] if ends and kept else kept)


def _readings(digits: str) -> Iterator[datetime]:
    """All times that an identifier's digits may mean.

    2026-03-07 07:55 is "20260307075519174" (tuoitre.vn); others put 1 to 3 digits before a two-digit year:
    "4250808215021297" (hanoi.gov.vn), "102260228093004191" (baochinhphu.vn). 0 to 3 of milliseconds end it.
    """
    if re.match(r"20[0-3]\d", digits) and len(digits) - 14 <= 3:
        moment = _moment(*map(int, re.findall(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)", digits)[0]))
        if moment and int(digits[12:14]) < 60:
            yield moment
            return
    for before in (1, 2, 3):
        stamp = digits[before : before + 12]
        if 0 <= len(digits) - before - 12 <= 3 and int(stamp[10:]) < 60:
            year, *rest = (int(stamp[i : i + 2]) for i in range(0, 10, 2))
            moment = _moment(2000 + year, *rest) if 5 <= year < 40 else None
            if moment:
                yield moment


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
    except ValueError:
        return None
