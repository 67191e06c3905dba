"""Starting, ending and swapping: the server as a process."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from serving import PROGRAM, ROOT, published, started

from khotin.serve import PortInUse, Refused, build
from khotin.serve.server import bind


def run(data, port):
    command = [sys.executable, "-c", PROGRAM, str(data), str(port), "None"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_told_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as told:
            bind("127.0.0.1", port)
    assert str(told.value) == f"port {port} is in use; choose another with --port"
    assert told.value.exit_code == 3


@pytest.mark.parametrize(
    ("host", "port"), [("khong-co.invalid", 8001), ("127.0.0.1", 99999), ("", -1), ("192.0.2.1", 8001)]
)
def test_an_address_that_is_not_ours_is_told_in_one_line(host, port):
    with pytest.raises(Exception, match=r"choose .* with (--host and )?--port") as told:
        bind(host, port)
    assert told.value.exit_code == 3


def test_without_a_published_database_the_reader_is_sent_to_publish(tmp_path):
    with pytest.raises(Refused, match="run khotin publish first") as told:
        build(tmp_path)
    assert told.value.exit_code == 66
    (tmp_path / "public.db").write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(Refused, match="run khotin publish, which makes it anew"):
        build(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_cleanly(tmp_path, number):
    with started(published(tmp_path / "a folder ?#%", count=4)) as (address, process):
        assert httpx.get(address + "/").status_code == 200
        process.send_signal(number)
        out, errors = process.communicate(timeout=15)
        assert (process.returncode, out, errors) == (0, "", "")


def test_one_line_says_where_it_serves(tmp_path):
    with started(published(tmp_path, count=4)) as (address, process):
        port = int(address.rsplit(":", 1)[1])
        second = run(tmp_path, port)
        assert second.returncode == 1
        assert f"port {port} is in use" in second.stderr
        process.terminate()
        assert process.communicate(timeout=15) == ("", "")


def test_readers_notice_nothing_while_the_database_is_swapped(tmp_path):
    data = published(tmp_path / "data", count=40)
    other = published(tmp_path / "other", count=50) / "public.db"
    files = [shutil.copy(data / "public.db", tmp_path / "first.db"), other]
    sizes = {"<b>42</b>", "<b>52</b>"}
    statuses, wrong, stop = Counter(), [], threading.Event()

    def read(address, paths):
        with httpx.Client(base_url=address, timeout=30) as client:
            number = 0
            while not stop.is_set():
                path = paths[number % len(paths)]
                number += 1
                response = client.get(path)
                statuses[response.status_code] += 1
                if response.status_code != 200:
                    wrong.append((path, response.text[:300]))
                if path == "/" and not any(size in response.text for size in sizes):
                    wrong.append((path, "a page of neither file"))
                if path == "/search.json" and response.json()["total"] not in (42, 52):
                    wrong.append((path, "counts of neither file"))
                if path.endswith("_stream=1") and response.text.count("\r\n") not in (43, 53):
                    wrong.append((path, "a download of two files"))

    with started(data) as (address, process):
        known = httpx.get(f"{address}/public/articles.json?_shape=array&_size=1").json()[0]["key"]
        paths = ["/", f"/a/{known}", "/public/articles?_search=chi+bo&_facet=site"]
        paths += ["/public/articles.csv?_stream=1", "/search?q=chi+bo", "/search.csv?_stream=1", "/search.json"]
        readers = [threading.Thread(target=read, args=(address, paths[i:] + paths[:i])) for i in range(4)]
        for reader in readers:
            reader.start()
        swaps, began = 0, time.monotonic()
        while (passed := time.monotonic() - began) < 6 or (sum(statuses.values()) <= 40 and passed < 60):
            swaps += 1
            shutil.copy(files[swaps % 2], data / "public.db.new")
            (data / "public.db.new").replace(data / "public.db")
            time.sleep(0.03)
        time.sleep(0.2)
        stop.set()
        for reader in readers:
            reader.join()
        assert wrong == []
        assert set(statuses) == {200}
        assert min(swaps, sum(statuses.values())) > 20
        assert (f"<b>{(42, 52)[swaps % 2]}</b>") in httpx.get(address + "/").text
        held = [str(fd.readlink()) for fd in Path(f"/proc/{process.pid}/fd").glob("*")]  # none but on Linux
        assert [path for path in held if path.endswith("public.db (deleted)")] == []


def test_a_broken_file_in_its_place_is_refused_and_the_old_one_serves_on(tmp_path):
    data = published(tmp_path, count=4)
    with started(data) as (address, process):
        (data / "broken").write_bytes(b"x" * 5000)
        (data / "broken").replace(data / "public.db")
        assert [httpx.get(address + "/").status_code for _ in range(3)] == [200] * 3
        (data / "public.db").unlink()
        assert httpx.get(address + "/").status_code == 200
        shutil.copy(published(tmp_path / "again", count=4) / "public.db", data / "public.db.new")
        (data / "public.db.new").replace(data / "public.db")
        assert "<b>6</b>" in httpx.get(address + "/").text
        process.terminate()
        _, errors = process.communicate(timeout=15)
        assert errors.count("still serving the snapshot before it") == 1


def test_a_snapshot_with_the_words_of_another_version_is_made_anew_before_it_is_served(tmp_path):
    data = published(tmp_path, count=4)
    with closing(sqlite3.connect(data / "public.db")) as db:
        db.execute("update about set value = '0.0' where name = 'search_version'")
        db.execute("drop table search_columns")
        db.commit()
    with started(data) as (address, process):
        assert httpx.get(f"{address}/search.json?q=hoa+giai").json()["total"] == 1
        process.terminate()
        _, errors = process.communicate(timeout=15)
    assert "made by another version of khotin (0.0" in errors
    assert errors.endswith("publishing anew\n")


def test_without_an_archive_the_old_snapshot_is_served_and_said_to_be_old(tmp_path):
    data = published(tmp_path, count=4)
    with closing(sqlite3.connect(data / "public.db")) as db:
        db.execute("update about set value = '0.0' where name = 'search_version'")
        db.commit()
    (data / "archive.db").unlink()
    with started(data) as (address, process):
        assert httpx.get(f"{address}/search.json").json()["total"] == 6
        process.terminate()
        _, errors = process.communicate(timeout=15)
    assert errors.endswith("searches may miss articles until khotin publish is run\n")


@pytest.mark.parametrize("table", ["search_columns", "search_bitmaps"])
def test_an_old_snapshot_without_what_a_search_needs_says_so_and_shows_its_articles(tmp_path, table):
    data = published(tmp_path, count=4)
    with closing(sqlite3.connect(data / "public.db")) as db:
        db.execute("update about set value = '0.0' where name = 'search_version'")
        db.execute(f"drop table {table}")
        (key,) = db.execute("select key from articles limit 1").fetchone()
        db.commit()
    (data / "archive.db").unlink()
    with started(data) as (address, process):
        for path in ("/search?q=hoa", "/search.json", "/search.csv?q=hoa", "/compare?q=hoa"):
            answer = httpx.get(address + path, headers={"accept-language": "en"})
            assert answer.status_code == 503
            assert "khotin publish" in answer.text
        assert httpx.get(f"{address}/a/{key}").status_code == 200
        process.terminate()
        _, errors = process.communicate(timeout=15)
    assert "Traceback" not in errors
