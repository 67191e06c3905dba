"""Serve the reading room: one process, uvicorn inside."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import uvicorn

from khotin.serve.app import build
from khotin.serve.doors import Profile, is_local
from khotin.serve.renewing import renew
from pipelines.article import KhotinError


class PortInUse(KhotinError):
    """Another program listens on the port."""

    exit_code = 3


class AddressRefused(KhotinError):
    """The host or the port can't be used by this user on this machine."""

    exit_code = 3


def bind(host: str, port: int) -> socket.socket:
    """A bound socket: the port is ours before anything is opened. Raises PortInUse, AddressRefused."""
    if not 0 <= port <= 65535:  # getaddrinfo takes the last 16 bits of larger ones
        msg = f"there is no port {port}; choose one from 1024 to 65535 with --port"
        raise AddressRefused(msg)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        msg = f"can't serve on host {host!r}, port {port}: {error}; choose others with --host and --port"
        raise AddressRefused(msg) from error
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # a port in TIME_WAIT is free; on Windows the option would share a port in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            msg = f"port {port} is in use; choose another with --port"
            raise PortInUse(msg) from error
        msg = f"can't serve on {host}, port {port}: {error}; choose others with --host and --port"
        raise AddressRefused(msg) from error
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """uvicorn that tells where it serves, and for which a signal is a normal end (exit code 0)."""

    def __init__(self, config: uvicorn.Config, address: str, *, open_browser: bool) -> None:
        super().__init__(config)
        self._address = address
        self._open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            click.echo(f"khotin serves at {self._address} (Ctrl-C ends it)")
            if self._open_browser:
                await asyncio.to_thread(webbrowser.open, self._address)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal anew after a clean end, which make and systemd take for a crash.
        handled = (signal.SIGINT, signal.SIGTERM)
        try:
            before = {number: signal.signal(number, self.handle_exit) for number in handled}
        except ValueError:  # not in the main thread: whoever started us ends us by `should_exit`
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _address(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else "::1" if host == "::" else host  # noqa: S104
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def serve(
    data: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    *,
    open_browser: bool = False,
    profile: Profile | None = None,
    sql: bool | None = None,
    address: str = "",
) -> None:
    """Serve `data`/public.db until SIGINT or SIGTERM; port 0 takes a free one.

    `profile` None is the researcher's for this machine alone; on any other `host` it is the public one. `sql`
    lets readers run SQL of their own; None: as the profile has it. `address` is where readers reach it (app.build).
    Raises PortInUse or AddressRefused (exit code 3), app.BadAddress (2), app.Refused if there is nothing to serve.
    """
    listener = bind(host, port)
    try:
        if profile is None and not is_local(host):
            profile = "public"
        if not is_local(host) and hasattr(os, "geteuid") and os.geteuid() == 0:
            click.echo("khotin: serving the network as root; a plain user is enough (deploy/README.md)", err=True)
        renew(data)
        datasette = build(data, profile=profile, sql=sql, address=address)
        config = uvicorn.Config(
            datasette.app(),
            log_level="warning",
            access_log=False,
            lifespan="on",  # a fault at start ends the program instead of answering 500 for ever
            timeout_graceful_shutdown=5,  # a download that never ends must not keep the server alive
            server_header=False,
        )
        server = _Server(config, _address(listener, host), open_browser=open_browser)
        with suppress(KeyboardInterrupt):
            asyncio.run(server.serve(sockets=[listener]))
    finally:
        listener.close()
