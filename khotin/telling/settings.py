"""Who is told, from the environment or from `khotin.toml` in the data folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from khotin.telling.channels import Apprise, Channel, Mail, Webhook
from pipelines.article import KhotinError

FILE = "khotin.toml"
KEYS = {"to", "smtp", "from"}
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


class NotifySettings(KhotinError):
    """The settings say something that can't be used. The faulty address itself is not shown."""

    exit_code = 2


class NothingConfigured(NotifySettings):
    """Nobody is to be told."""

    def __init__(self) -> None:
        super().__init__(
            "nobody is set to be told: set KHOTIN_NOTIFY=mailto:you@example.org (or a webhook, or an address of"
            f" apprise; several with commas), or write [notify] to = [...] into {FILE} in the data folder"
        )


@dataclass(frozen=True, slots=True)
class _Raw:
    to: Sequence[str]
    smtp: str
    sender: str
    source: str


def load_settings(data: Path, environ: Mapping[str, str], contact: str = "") -> tuple[Channel, ...]:
    """The channels that are set; none where nothing is.

    KHOTIN_NOTIFY (addresses, separated by commas), KHOTIN_SMTP and KHOTIN_NOTIFY_FROM win over `to`, `smtp` and
    `from` under `[notify]` in the file. `contact` is the sender of e-mails where none is set. Raises
    `NotifySettings`, which names the place of a faulty address, never the address.
    """
    raw = _read(data / FILE, environ)
    sender = raw.sender or (contact if _ADDRESS.fullmatch(contact) else "")
    channels = []
    for place, address in enumerate(raw.to, 1):
        try:
            channels.append(_channel_for(address, raw.smtp or "smtp://localhost:25", sender))
        except ValueError as error:
            message = f"{raw.source}, address {place}: {error}"
            raise NotifySettings(message) from None
    return tuple(channels)


def _channel_for(address: str, smtp: str, sender: str) -> Channel:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        message = "found no usable address, expected mailto:you@example.org, https://… or an address of apprise"
        raise ValueError(message) from None  # its own text repeats the address
    if parts.scheme in ("http", "https"):
        if not host or re.search(r"[\x00-\x20\x7f-\uffff]", address):
            message = f"found {parts.scheme}:// without a host or with blanks or accents, expected a whole address"
            raise ValueError(message)
        return Webhook(address)
    if parts.scheme == "mailto" and not address.lower().startswith("mailto://"):
        to = unquote(parts.path)
        if not _ADDRESS.fullmatch(to):
            message = "found mailto: without an e-mail address, expected mailto:you@example.org"
            raise ValueError(message)
        _check_smtp(smtp)
        return Mail(to, smtp, sender or to)
    if "://" in address:
        return Apprise(address)
    message = "found neither mailto: nor an address with ://, expected mailto:you@example.org or https://…"
    raise ValueError(message)


def _check_smtp(server: str) -> None:
    try:
        parts = urlsplit(server)
        good = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        message = "the SMTP server is not as expected: smtp://user:password@host:587 or smtps://…"
        raise ValueError(message)


def _read(file: Path, environ: Mapping[str, str]) -> _Raw:
    table = _table(file)
    told = environ.get("KHOTIN_NOTIFY")
    to = [one.strip() for one in told.split(",") if one.strip()] if told is not None else table.get("to", [])
    return _Raw(
        [to] if isinstance(to, str) else to,
        environ.get("KHOTIN_SMTP") or table.get("smtp", ""),
        environ.get("KHOTIN_NOTIFY_FROM") or table.get("from", ""),
        "KHOTIN_NOTIFY" if told is not None else str(file),
    )


def _table(file: Path) -> dict[str, Any]:
    try:
        loaded = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} can't be read ({type(error).__name__}): make it a readable UTF-8 file"
        raise NotifySettings(message) from error
    except tomllib.TOMLDecodeError as error:
        # The decoder tells line and column, and no text of the file.
        message = f"{file} is no TOML: {error}"
        raise NotifySettings(message) from None
    table = loaded.get("notify", {})
    if not isinstance(table, dict) or set(loaded) - {"notify"} or set(table) - KEYS:
        strange = sorted((set(loaded) - {"notify"}) | (set(table) - KEYS if isinstance(table, dict) else set()))
        message = f"{file}: found {', '.join(strange) or 'notify as a value'}, expected [notify] with to, smtp, from"
        raise NotifySettings(message)
    to = table.get("to", [])
    texts = [to] if isinstance(to, str) else to
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        message = f'{file}: expected to = ["mailto:you@example.org", …], a list of texts'
        raise NotifySettings(message)
    for key in ("smtp", "from"):
        if not isinstance(table.get(key, ""), str):
            message = f"{file}: expected {key} to be a text"
            raise NotifySettings(message)
    return table
