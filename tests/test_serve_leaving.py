"""Readers who leave in the middle, and those who ask for the head alone: nothing is read for nobody."""

import asyncio
import socket
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from serving import published

from khotin.serve.app import DATABASE, build
from khotin.serve.searching import views
from khotin.serve.server import bind
from khotin.serve.snapshot import Snapshot, SnapshotDatabase

FOREVER = "with recursive x(v) as (select 1 union all select v + 1 from x) select count(*) from x"
PATIENCE = 60
"""Seconds in which what must happen has happened; a query is let run ten times as long."""


def wait_for(condition, told):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, told
        time.sleep(0.01)


class Room:
    """A server in this process, with its database at hand."""

    def __init__(self, data: Path, sock: socket.socket) -> None:
        self.datasette = build(data, profile="researcher")
        self.datasette._settings.update(sql_time_limit_ms=10 * PATIENCE * 1000, max_returned_rows=10)
        self.datasette.sql_time_limit_ms, self.datasette.max_returned_rows = 10 * PATIENCE * 1000, 10
        self.address = sock.getsockname()[:2]
        self.http = f"http://127.0.0.1:{self.address[1]}"
        self.calls = 0

    @property
    def snapshot(self) -> Snapshot:
        found = self.datasette.get_database(DATABASE)._current
        assert found is not None
        return found

    def reading(self) -> int:
        """Connections on which something is read."""
        return self.datasette.setting("num_sql_threads") - self.snapshot._idle.qsize()

    def idle(self) -> bool:
        return (self.reading(), self.snapshot.users) == (0, 0)

    @contextmanager
    def asked(self, path: str):
        """A connection on which a page was asked for."""
        with closing(socket.create_connection(self.address)) as one:
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            yield one


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    data = published(tmp_path_factory.mktemp("leaving"), count=1000)
    with closing(bind("127.0.0.1", 0)) as sock:
        room = Room(data, sock)
        server = uvicorn.Server(uvicorn.Config(room.datasette.app(), log_level="warning", lifespan="on"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])))
        thread.start()
        wait_for(lambda: server.started, "the server does not start")
        yield room
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture
def counted(room, monkeypatch):
    """Counts what is read from the database; ten articles at once, so that a whole download is a hundred times."""
    run = SnapshotDatabase._run

    async def counting(self, *args):
        room.calls += 1
        return await run(self, *args)

    monkeypatch.setattr(SnapshotDatabase, "_run", counting)
    monkeypatch.setattr(views, "BATCH", 10)
    room.calls = 0
    return room


@pytest.mark.parametrize("form", ["/public.json?sql=", "/public?sql=", "/public.csv?sql="])
def test_a_query_ends_when_its_reader_has_left(room, form):
    with room.asked(form + quote(FOREVER)):
        wait_for(lambda: room.reading() == 1, "the query does not begin")
        assert not room.idle()
    wait_for(room.idle, "the query goes on for nobody")
    assert httpx.get(f"{room.http}/public.json?sql=select+1&_shape=arrays").json()["rows"] == [[1]]


def test_readers_who_left_keep_no_one_from_reading(room):
    for _ in range(12):  # three times as many as there are threads
        with room.asked("/public.json?sql=" + quote(FOREVER)) as one:
            one.settimeout(0.01)
            with pytest.raises(TimeoutError):
                one.recv(1)
    assert httpx.get(f"{room.http}/", timeout=PATIENCE).status_code == 200
    wait_for(room.idle, "queries go on for nobody")


@pytest.mark.parametrize("path", ["/search.csv", "/search.jsonl", "/public/articles.csv"])
def test_a_download_ends_when_its_reader_has_left(counted, path):
    with counted.asked(path) as one:
        assert one.recv(100).startswith(b"HTTP/1.1 200 OK")
        wait_for(lambda: counted.calls > 3, "the download does not go on")
    wait_for(counted.idle, "the download goes on for nobody")
    left = counted.calls
    assert httpx.get(f"{counted.http}{path}", timeout=PATIENCE).status_code == 200
    whole = counted.calls - left
    assert whole > 100
    assert left < whole


@pytest.mark.parametrize("path", ["/search.csv", "/search.jsonl", "/public/articles.csv"])
def test_who_asks_for_the_head_of_a_download_gets_no_more_and_nothing_more_is_read(counted, path):
    got = httpx.head(f"{counted.http}{path}", timeout=PATIENCE)
    assert (got.status_code, got.content) == (200, b"")
    assert counted.calls < 15
    whole = httpx.get(f"{counted.http}{path}", timeout=PATIENCE)
    names = ("content-type", "content-disposition", "x-total-count", "cache-control", "x-content-type-options")
    assert [got.headers.get(name) for name in names] == [whole.headers.get(name) for name in names]
