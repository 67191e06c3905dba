"""The ways a message goes out: e-mail by SMTP, a webhook, and whatever the library apprise reaches.

Addresses carry passwords and tokens. What is shown of a channel is its kind and its host, and an error is told
by its class and its number, never with the library's text, which may repeat the address.
"""

from __future__ import annotations

import http.client
import json
import logging
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pipelines.article import KhotinError

TIMEOUT_SECONDS = 30.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotTold(KhotinError):
    """A message could not be sent. It is tried again after the next run."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: one line, some lines, and the same for a program (JSON values)."""

    title: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    """A way to someone."""

    @property
    def name(self) -> str:
        """What may be shown of it: no password, no token, no path."""

    def send(self, message: Message) -> None:
        """Send a message. Raises `NotTold`."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the POST into a GET and lose the message."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Webhook:
    """POSTs the message as JSON: `title`, `text` (what Slack, Mattermost and others show), and the facts."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """`webhook hooks.example.org`."""
        return f"webhook {urlsplit(self.url).hostname}"

    def send(self, message: Message) -> None:
        """Send; any answer but 2xx is an error."""
        body = {"title": message.title, "text": f"{message.title}\n\n{message.text}", **message.facts}
        request = urllib.request.Request(  # noqa: S310  # http or https: `channel_for` sees to it
            self.url,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "khotin"},
            method="POST",
        )
        problem = ""
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            problem = f"it answered {error.code}"
            error.close()
        except urllib.error.URLError as error:
            problem = _reason(error.reason) if isinstance(error.reason, OSError) else "it could not be reached"
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = _reason(error)
        if problem:  # raised here, so that no traceback carries the address
            raise _not_told(self, problem)


@dataclass(frozen=True)
class Mail:
    """An e-mail through an SMTP server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…`."""

    to: str
    server: str = field(repr=False)
    sender: str

    @property
    def name(self) -> str:
        """`e-mail to you@example.org`."""
        return f"e-mail to {self.to}"

    def send(self, message: Message) -> None:
        """Send; a password goes out only over TLS or to this machine."""
        mail = EmailMessage()
        mail["Subject"] = message.title
        mail["From"] = self.sender
        mail["To"] = self.to
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2] or None)
        mail.set_content(message.text)
        problem = ""
        try:
            self._hand_over(mail)
        except smtplib.SMTPResponseException as error:
            problem = f"the server answered {error.smtp_code} ({type(error).__name__})"
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            problem = f"the server refused the recipient ({', '.join(map(str, codes))})"
        except (smtplib.SMTPException, OSError, ValueError) as error:
            problem = _reason(error)
        if problem:
            raise _not_told(self, problem)

    def _hand_over(self, mail: EmailMessage) -> None:
        parts = urlsplit(self.server)
        host, tls = parts.hostname or "localhost", ssl.create_default_context()
        smtp: smtplib.SMTP
        if parts.scheme == "smtps":
            smtp = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
        else:
            smtp = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
        with smtp:
            smtp.ehlo()
            safe = parts.scheme == "smtps" or host in LOOPBACK
            if parts.scheme == "smtp" and smtp.has_extn("starttls"):
                smtp.starttls(context=tls)
                smtp.ehlo()
                safe = True
            if parts.username:
                if not safe:
                    raise _not_told(self, f"{host} offers no TLS, and a password is not sent without")
                smtp.login(unquote(parts.username), unquote(parts.password or ""))
            smtp.send_message(mail)


@dataclass(frozen=True)
class Apprise:
    """Any service of the library apprise, by its address there: `tgram://…`, `mailtos://user:password@host`."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """`tgram through apprise`: hosts of these addresses may be tokens."""
        return f"{urlsplit(self.url).scheme} through apprise"

    def send(self, message: Message) -> None:
        """Send. apprise tells no reason, only whether it worked."""
        try:
            import apprise
        except ImportError:
            raise _not_told(self, "the library apprise is missing: pip install 'khotin[notify]'") from None
        logging.getLogger("apprise").disabled = True  # its log repeats addresses
        service = apprise.Apprise()
        if not service.add(self.url):
            raise _not_told(self, "apprise does not understand the address")
        if not service.notify(title=message.title, body=message.text):
            raise _not_told(self, "the service did not take the message")


def _reason(error: BaseException) -> str:
    """An error by its class and the system's words for its number; never by its own text."""
    told = error.strerror if isinstance(error, OSError) and error.errno else None
    return f"{told} ({type(error).__name__})" if told else type(error).__name__


def _not_told(channel: Channel, problem: str) -> NotTold:
    message = f"nobody was told by {channel.name}: {problem}"
    return NotTold(message)
