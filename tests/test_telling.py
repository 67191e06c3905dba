"""Telling someone, by a real SMTP server and a real webhook on loopback: once when it begins, once when it ends."""

from __future__ import annotations

import base64
import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from loopback.site import NewsSite
from running import ROOT
from storing import T0, new_store

from khotin.telling import (
    NothingConfigured,
    NotTold,
    after_crawl,
    channels_for,
    failures_told,
    load_settings,
    tell_news,
)
from khotin.telling.channels import Apprise, Mail, Message, Webhook
from khotin.telling.settings import NotifySettings
from pipelines.folder import AlreadyRunning
from pipelines.health import Health, HealthVerdict, Line, record
from pipelines.store import Store

SECRET = "s3cr3t-T0ken"  # noqa: S105  # of no one
MESSAGE = Message("khotin: thử", "Một dòng tiếng Việt: đổi giao diện.", {"test": True})


class SmtpServer(socketserver.ThreadingTCPServer):
    """The part of RFC 5321 that a client needs; keeps what it is given. `codes` replaces answers."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[str] = []
        self.codes: dict[str, str] = {}
        super().__init__((host, 0), SmtpHandler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class SmtpHandler(socketserver.StreamRequestHandler):
    server: SmtpServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 loopback")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb in self.server.codes:
                self.say(self.server.codes[verb])
            elif verb == "EHLO":
                self.say("250-loopback")
                self.say("250-SMTPUTF8")
                self.say("250-8BITMIME")
                self.say("250 AUTH PLAIN")
            elif verb == "AUTH":
                self.server.logins.append(base64.b64decode(rest.split()[1]).decode())
                self.say("235 welcome")
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part[1:] if part.startswith(b".") else part
                mail = message_from_bytes(data, policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.server.mails.append(mail)
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class Hook(ThreadingHTTPServer):
    """A webhook that keeps what is posted to it, and answers `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), HookHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/{SECRET}"


class HookHandler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.posts.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    server = SmtpServer()
    with serving(server):
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    with serving(server):
        yield server


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    new_store(tmp_path / "archive.db").close()
    return tmp_path / "archive.db"


def judged(archive: Path, night: int, **verdicts: Health) -> datetime:
    """Write the verdicts of a night (site names with _ for -); gives its time."""
    now = T0 + timedelta(days=night)
    with Store.open(archive) as store:
        run = store.start_run("crawl", "live", list(verdicts), now, "khotin")
        with store.transaction() as cx:
            for name, verdict in verdicts.items():
                lines = (Line("answers", "connection refused"),)
                record(cx, name.replace("_", "-"), run, now, HealthVerdict(verdict, lines, now))
    return now


def test_the_same_trouble_is_told_once_and_once_when_it_ends(archive: Path, hook: Hook) -> None:
    channels = (Webhook(hook.url),)
    plan = [
        {"thu_do": Health.OK, "ha_giang": Health.OK},
        {"thu_do": Health.DEAD, "ha_giang": Health.OK},
        {"thu_do": Health.DEAD, "ha_giang": Health.OK},
        {"thu_do": Health.BLOCKED, "ha_giang": Health.QUIET},
        {"thu_do": Health.OK, "ha_giang": Health.QUIET},
        {"thu_do": Health.OK, "ha_giang": Health.OK},
        {"thu_do": Health.OK, "ha_giang": Health.OK},
    ]
    titles = []
    for night, verdicts in enumerate(plan):
        now = judged(archive, night, **verdicts)
        sent, problems = tell_news(archive, channels, now=now, summary="thu-do: 3 new")
        assert problems == ()
        titles.append(hook.posts[-1]["title"] if sent else None)
    assert titles == [
        None,
        "khotin: thu-do dead",
        None,
        "khotin: ha-giang quiet, thu-do blocked",
        "khotin: thu-do ok again",
        "khotin: ha-giang ok again",
        None,
    ]
    assert hook.posts[0] == {
        "title": "khotin: thu-do dead",
        "text": "khotin: thu-do dead\n\nthu-do: dead since 2026-03-03T08:00:00+07:00\n"
        "  connection refused (expected: answers)\n\nthu-do: 3 new",
        "sites": [
            {
                "site": "thu-do",
                "verdict": "dead",
                "was": None,
                "since": "2026-03-03T08:00:00+07:00",
                "evidence": [{"expected": "answers", "came": "connection refused"}],
            }
        ],
        "problems": {},
        "failure": None,
    }


def test_what_nobody_took_is_told_after_the_next_run(archive: Path, hook: Hook) -> None:
    channels = (Webhook(hook.url),)
    now = judged(archive, 1, thu_do=Health.DEAD)
    hook.status = 500
    sent, problems = tell_news(archive, channels, now=now)
    assert (sent, [str(one) for one in problems]) == (
        False,
        ["nobody was told by webhook 127.0.0.1: it answered 500"],
    )
    hook.status = 200
    assert tell_news(archive, channels, now=now) == (True, ())
    assert tell_news(archive, channels, now=now) == (False, ())


def test_one_channel_that_fails_keeps_no_other_from_telling(archive: Path, hook: Hook, smtp: SmtpServer) -> None:
    hook.status = 410
    channels = (Webhook(hook.url), Mail("a@example.org", f"smtp://127.0.0.1:{smtp.port}", "khotin@example.org"))
    sent, problems = tell_news(archive, channels, now=judged(archive, 1, thu_do=Health.MOVED))
    assert sent
    assert len(problems) == 1
    assert smtp.mails[0]["Subject"] == "khotin: thu-do moved"


def test_a_run_that_fails_is_told_once_and_when_runs_work_again(archive: Path, hook: Hook) -> None:
    channels = (Webhook(hook.url),)
    for failure in ("", "the disk is full", "the disk is full", "", ""):
        tell_news(archive, channels, now=T0, failure=failure)
    assert [post["title"] for post in hook.posts] == ["khotin: the crawl failed", "khotin: the crawl works again"]
    assert "the disk is full" in hook.posts[0]["text"]


def test_problems_that_no_verdict_tells_of_are_told_once_and_once_when_they_end(archive: Path, hook: Hook) -> None:
    fault = ("the listing https://thu-do.example/ could not be read: status 304",)
    plan: list[tuple[Health, dict[str, tuple[str, ...]]]] = [
        (Health.OK, {"thu-do": ()}),
        (Health.OK, {"thu-do": fault}),
        (Health.OK, {"thu-do": ("a fault in khotin at https://thu-do.example/2",)}),
        (Health.OK, {}),  # another site was crawled, or this one was interrupted
        (Health.OK, {"thu-do": ()}),
        (Health.DEAD, {"thu-do": fault}),  # the verdict says it
        (Health.OK, {"thu-do": fault}),
        (Health.OK, {"thu-do": ()}),
        (Health.OK, {"thu-do": ()}),
    ]
    told = []
    for night, (verdict, problems) in enumerate(plan):
        now = judged(archive, night, thu_do=verdict)
        sent, untold = tell_news(archive, (Webhook(hook.url),), now=now, problems=problems)
        assert untold == ()
        told.append((hook.posts[-1]["title"], hook.posts[-1]["problems"]) if sent else None)
    assert told == [
        None,
        ("khotin: thu-do had problems", {"thu-do": list(fault)}),
        None,
        None,
        ("khotin: thu-do has no problems any more", {"thu-do": []}),
        ("khotin: thu-do dead", {}),
        ("khotin: thu-do ok again, thu-do had problems", {"thu-do": list(fault)}),
        ("khotin: thu-do has no problems any more", {"thu-do": []}),
        None,
    ]
    assert fault[0] in hook.posts[0]["text"]


@pytest.mark.parametrize("error", [RuntimeError(SECRET), MemoryError(), OSError(5, SECRET)])
def test_a_crawl_that_crashes_is_told_by_the_name_of_its_error_and_crashes_on(
    archive: Path, hook: Hook, error: Exception
) -> None:
    for _ in range(2):
        with (
            pytest.raises(type(error)) as raised,
            failures_told((Webhook(hook.url),), archive.parent),
        ):
            raise error
        assert raised.value is error
    assert [post["failure"] for post in hook.posts] == [f"a fault in khotin ({type(error).__name__})"]
    assert SECRET not in str(hook.posts)
    assert after_crawl((Webhook(hook.url),), archive.parent) == ()
    assert hook.posts[-1]["title"] == "khotin: the crawl works again"


@pytest.mark.parametrize("error", [AlreadyRunning("another khotin is at work"), KeyboardInterrupt()])
def test_another_crawl_at_work_and_a_stop_by_hand_are_no_trouble(
    archive: Path, hook: Hook, error: BaseException
) -> None:
    with pytest.raises(type(error)), failures_told((Webhook(hook.url),), archive.parent):
        raise error
    assert hook.posts == []


def test_a_run_that_can_not_open_its_archive_is_told(tmp_path: Path, hook: Hook) -> None:
    assert tell_news(tmp_path / "archive.db", (Webhook(hook.url),), now=T0, failure="no leave to write") == (True, ())
    assert hook.posts[0]["failure"] == "no leave to write"


def test_an_e_mail_arrives_whole_with_login_where_one_is_set(smtp: SmtpServer) -> None:
    Mail("ban@example.org", f"smtp://nguoi%40gui:{SECRET}@127.0.0.1:{smtp.port}", "khotin@example.org").send(MESSAGE)
    (mail,) = smtp.mails
    assert (mail["Subject"], mail["From"], mail["To"]) == ("khotin: thử", "khotin@example.org", "ban@example.org")
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail.get_content() == "Một dòng tiếng Việt: đổi giao diện.\r\n"
    assert smtp.logins == [f"\0nguoi@gui\0{SECRET}"]


@pytest.mark.parametrize(
    ("verb", "answer", "told"),
    [
        ("AUTH", f"535 no {SECRET}", "the server answered 535 (SMTPAuthenticationError)"),
        ("RCPT", f"550 no {SECRET}", "the server refused the recipient (550)"),
        ("DATA", f"452 no {SECRET}", "the server answered 452 (SMTPDataError)"),
        ("MAIL", f"501 no {SECRET}", "the server answered 501 (SMTPSenderRefused)"),
    ],
)
def test_a_mail_server_that_refuses_is_told_without_its_words(
    smtp: SmtpServer, verb: str, answer: str, told: str
) -> None:
    smtp.codes[verb] = answer
    mail = Mail("ban@example.org", f"smtp://gui:{SECRET}@127.0.0.1:{smtp.port}", "khotin@example.org")
    with pytest.raises(NotTold) as error:
        mail.send(MESSAGE)
    assert str(error.value) == f"nobody was told by e-mail to ban@example.org: {told}"
    assert SECRET not in repr((mail, error.value, error.value.__cause__, error.value.__context__))


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_a_webhook_that_does_not_take_the_message_is_an_error(hook: Hook, status: int) -> None:
    hook.status = status
    channel = Webhook(hook.url)
    if status == 204:
        channel.send(MESSAGE)
        return
    with pytest.raises(NotTold) as error:
        channel.send(MESSAGE)
    assert str(error.value) == f"nobody was told by webhook 127.0.0.1: it answered {status}"
    assert SECRET not in repr((channel, error.value, error.value.__cause__, error.value.__context__))


def test_a_service_that_is_not_there_is_told_without_its_address() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        port = server.server_address[1]
    for channel in (
        Webhook(f"http://127.0.0.1:{port}/{SECRET}"),
        Mail("ban@example.org", f"smtp://gui:{SECRET}@127.0.0.1:{port}", "khotin@example.org"),
    ):
        with pytest.raises(NotTold, match=r"Connection refused \(ConnectionRefusedError\)$") as error:
            channel.send(MESSAGE)
        assert SECRET not in repr((channel, error.value, error.value.__cause__, error.value.__context__))


def test_a_password_is_not_sent_without_tls() -> None:
    server = SmtpServer("127.0.0.2")  # as good as a foreign host: only 127.0.0.1 counts as this machine
    with serving(server), pytest.raises(NotTold, match="offers no TLS"):
        Mail("a@example.org", f"smtp://gui:{SECRET}@127.0.0.2:{server.port}", "a@example.org").send(MESSAGE)
    assert server.logins == []


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # a library of apprise's
def test_apprise_reaches_its_services(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise")
    Apprise(hook.url.replace("http://", "json://")).send(MESSAGE)
    assert hook.posts[0]["title"] == "khotin: thử"
    hook.status = 500
    with pytest.raises(NotTold, match=r"by json through apprise: the service did not take the message$"):
        Apprise(hook.url.replace("http://", "json://")).send(MESSAGE)
    with pytest.raises(NotTold, match="does not understand the address"):
        Apprise(f"no-such-service://{SECRET}").send(MESSAGE)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotTold, match=r"pip install 'khotin\[notify\]'"):
        Apprise(f"tgram://{SECRET}/1").send(MESSAGE)


def test_settings_come_from_the_environment_or_the_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == ()
    (tmp_path / "khotin.toml").write_text(
        f'[notify]\nto = ["https://hooks.example.org/{SECRET}", "mailto:a@example.org"]\n'
        f'smtp = "smtps://gui:{SECRET}@mail.example.org"\nfrom = "khotin@example.org"\n',
        encoding="utf-8",
    )
    assert load_settings(tmp_path, {}) == (
        Webhook(f"https://hooks.example.org/{SECRET}"),
        Mail("a@example.org", f"smtps://gui:{SECRET}@mail.example.org", "khotin@example.org"),
    )
    environ = {"KHOTIN_NOTIFY": " mailto:b@example.org, tgram://1/2 ", "KHOTIN_SMTP": "smtp://localhost:2525"}
    assert load_settings(tmp_path, environ) == (
        Mail("b@example.org", "smtp://localhost:2525", "khotin@example.org"),
        Apprise("tgram://1/2"),
    )
    assert load_settings(tmp_path, {"KHOTIN_NOTIFY": ""}) == ()
    assert load_settings(tmp_path / "none", {"KHOTIN_NOTIFY": "mailto:b@example.org"}, "me@example.org") == (
        Mail("b@example.org", "smtp://localhost:25", "me@example.org"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"https:///{SECRET}", "KHOTIN_NOTIFY, address 1: found https:// without a host"),
        (f"mailto:a@b.example, {SECRET}", "address 2: found neither mailto: nor an address with ://"),
        (f"mailto:{SECRET}", "found mailto: without an e-mail address"),
        (f"https://a:b[{SECRET}]:x/", "found no usable address"),
        (f"https://h.example/{SECRET} x", "with blanks or accents"),
    ],
)
def test_faulty_addresses_are_told_by_their_place_not_by_their_text(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(NotifySettings) as error:
        load_settings(tmp_path, {"KHOTIN_NOTIFY": text})
    assert told in str(error.value)
    assert SECRET not in repr((error.value, error.value.__cause__))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[notify\n", "is no TOML"),
        ('[notify]\nto = "mailto:a@example.org"\nsmpt = "x"\n', "found smpt, expected [notify] with to, smtp, from"),
        ("[notify]\nto = [3]\n", "a list of texts"),
        ("notify = 3\n", "found notify as a value"),
        ('[notify]\nto = "mailto:a@example.org"\nsmtp = "mail.example.org"\n', "the SMTP server is not as expected"),
        ("[notify]\nfrom = 3\n", "expected from to be a text"),
    ],
)
def test_a_faulty_settings_file_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "khotin.toml").write_text(text, encoding="utf-8")
    with pytest.raises(NotifySettings) as error:
        load_settings(tmp_path, {})
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_who_is_told_of_a_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KHOTIN_NOTIFY", raising=False)
    assert channels_for(tmp_path, None, live=True, contact="") == ()
    with pytest.raises(NothingConfigured, match="nobody is set to be told: set KHOTIN_NOTIFY=mailto"):
        channels_for(tmp_path, notify=True, live=True, contact="")
    monkeypatch.setenv("KHOTIN_NOTIFY", "tgram://1/2")
    assert channels_for(tmp_path, None, live=True, contact="") == (Apprise("tgram://1/2"),)
    assert channels_for(tmp_path, None, live=False, contact="") == ()
    assert channels_for(tmp_path, notify=True, live=False, contact="") == (Apprise("tgram://1/2"),)
    assert channels_for(tmp_path, notify=False, live=True, contact="") == ()


def command(*args: str | Path, code: int, **environ: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "khotin", *map(str, args)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, **environ},
    )  # fmt: skip
    assert done.returncode == code, done.stderr + done.stdout
    return done


def test_a_test_message_goes_to_everybody_and_tells_who_got_it(tmp_path: Path, hook: Hook, smtp: SmtpServer) -> None:
    environ = {
        "KHOTIN_NOTIFY": f"{hook.url},mailto:ban@example.org",
        "KHOTIN_SMTP": f"smtp://gui:{SECRET}@127.0.0.1:{smtp.port}",
    }
    done = command("health", "--test-notify", "--data", tmp_path, code=0, **environ)
    assert done.stdout == "Told by webhook 127.0.0.1.\nTold by e-mail to ban@example.org.\n"
    assert hook.posts[0]["test"] is True
    assert len(smtp.mails) == 1
    hook.status = 403
    done = command("health", "--test-notify", "--data", tmp_path, code=1, **environ)
    assert "nobody was told by webhook 127.0.0.1: it answered 403" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert command("health", "--test-notify", "--data", tmp_path, code=2, KHOTIN_NOTIFY="").stderr.startswith(
        "khotin: nobody is set to be told"
    )


def test_a_crawl_tells_of_trouble_once_and_a_replay_only_when_asked(tmp_path: Path, hook: Hook) -> None:
    warc = ROOT / "data" / "sample" / "night-1" / "hanoimoi.warc.gz"
    data = tmp_path / "data"
    replay = ("crawl", "hanoimoi", "--replay", warc, "--data", data)
    command(*replay, "--notify", code=0, KHOTIN_NOTIFY=hook.url)
    assert hook.posts == []  # a fine night is no news
    # A live crawl of a host that nothing may connect to: the card of a site on a private address.
    cards = tmp_path / "cards"
    with NewsSite() as site:
        site.card(cards)
    live = ("crawl", "mau", "--data", data, "--delay", "0", "--contact", "tests@example.org")
    environ = {"KHOTIN_CARDS": str(cards), "KHOTIN_NOTIFY": hook.url}
    command(*live, "--no-notify", code=4, **environ)
    assert hook.posts == []
    for _ in range(2):
        command(*live, code=4, **environ)
    assert [post["title"] for post in hook.posts] == ["khotin: mau dead"]


def test_a_message_that_nobody_takes_does_not_keep_the_night_from_being_published(tmp_path: Path, hook: Hook) -> None:
    warc = ROOT / "data" / "sample" / "night-1" / "hanoimoi.warc.gz"
    replay = ("crawl", "hanoimoi", "--replay", warc, "--data", tmp_path, "--notify")
    command(*replay, code=0, KHOTIN_NOTIFY=hook.url)
    with Store.open(tmp_path / "archive.db") as store, store.transaction() as cx:
        cx.execute(
            "INSERT INTO told VALUES ('hanoimoi', 'dead', '2026-01-01T00:00:00+07:00')"
        )  # that it is over is news
    hook.status = 500
    done = command(*replay, code=4, KHOTIN_NOTIFY=hook.url)
    assert "nobody was told by webhook 127.0.0.1: it answered 500" in done.stderr
    hook.status = 200
    command(*replay, code=0, KHOTIN_NOTIFY=hook.url)


def test_a_crawl_tells_that_the_problems_of_a_site_are_over(tmp_path: Path, hook: Hook) -> None:
    warc = ROOT / "data" / "sample" / "night-1" / "hanoimoi.warc.gz"
    replay = ("crawl", "hanoimoi", "--replay", warc, "--data", tmp_path, "--notify")
    command(*replay, code=0, KHOTIN_NOTIFY=hook.url)
    with Store.open(tmp_path / "archive.db") as store, store.transaction() as cx:
        cx.execute("INSERT INTO told VALUES ('hanoimoi:problems', 'problems', '2026-01-01T00:00:00+07:00')")
    for _ in range(2):
        command(*replay, code=0, KHOTIN_NOTIFY=hook.url)
    assert [post["title"] for post in hook.posts] == ["khotin: hanoimoi has no problems any more"]
