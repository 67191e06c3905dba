"""The web servers of deploy/, really run: nginx before khotin on loopback, and Caddy reading its file."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import closing, contextmanager

import httpx
import pytest
from certificates import certificate
from running import ROOT
from serving import published, started

NGINX = ROOT / "deploy" / "nginx" / "khotin.conf"
CADDY = ROOT / "deploy" / "caddy"
HOST = "khotin.example.org"


def free_port():
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def nginx():
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx: apt install nginx")
    return program


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The port of a khotin for strangers."""
    with started(published(tmp_path_factory.mktemp("proxied")), profile="public") as (address, _):
        yield int(address.rsplit(":", 1)[1])


@contextmanager
def proxy(folder, behind):
    """A client of nginx with the file of deploy/, but for its port, the certificate and khotin's port."""
    cert, key = certificate(folder)
    port, program = free_port(), nginx()
    text = NGINX.read_text(encoding="utf-8")
    for found, put, times in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;", 1),
        (f"/etc/letsencrypt/live/{HOST}/fullchain.pem", str(cert), 1),
        (f"/etc/letsencrypt/live/{HOST}/privkey.pem", str(key), 1),
        ("http://127.0.0.1:8001;", f"http://127.0.0.1:{behind};", 2),
        ("rate=5r/s;", "rate=5r/m;", 1),  # or a slow machine would never be too fast
    ):
        assert text.count(found) == times, found
        text = text.replace(found, put)
    (folder / "khotin.conf").write_text(text, encoding="utf-8")
    temporary = "\n".join(
        f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n  access_log off;\n{temporary}\n  include {folder}/khotin.conf;\n}}\n"
    )
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr, tried.stderr
    trusted = ssl.create_default_context(cafile=cert)
    server = subprocess.Popen(command)
    try:
        for _ in range(200):
            with closing(socket.socket()) as one:
                if server.poll() is not None or one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        assert server.poll() is None, (folder / "error.log").read_text()
        with httpx.Client(
            base_url=f"https://127.0.0.1:{port}", headers={"host": HOST}, verify=trusted, timeout=30
        ) as client:
            yield client
    finally:
        server.terminate()
        server.wait(20)


def test_pages_come_through_nginx_whole_compressed_and_with_their_headers(tmp_path, behind):
    with proxy(tmp_path, behind) as room:
        for path in ("/", "/search?q=chi+bo", "/robots.txt", "/public/articles.json", "/khong-co"):
            direct = httpx.get(f"http://127.0.0.1:{behind}{path}", headers={"host": HOST})
            got = room.get(path, headers={"accept-encoding": "gzip"})
            assert got.status_code == direct.status_code, path
            for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
                         "content-type", "cache-control", "vary", "content-language"):  # fmt: skip
                pair = [one.headers.get(name, "") for one in (got, direct)]
                assert re.sub("nonce-[^']+", "", pair[0]) == re.sub("nonce-[^']+", "", pair[1]), (path, name)
            if path != "/robots.txt":
                assert got.headers.get("content-encoding") == "gzip", path
        assert f"Sitemap: https://{HOST}/sitemap.xml" in room.get("/robots.txt").text
        whole = room.get("/search.csv")
        assert whole.content == httpx.get(f"http://127.0.0.1:{behind}/search.csv").content
        assert room.post("/search", content=b"x" * 70_000).status_code == 413
        assert room.get("/-/threads").status_code == 404


@pytest.mark.parametrize(("path", "at_once"), [("/robots.txt", 41), ("/public/sites.csv", 11)])
def test_a_reader_who_asks_too_fast_is_told_to_wait_and_others_are_not(tmp_path, behind, path, at_once):
    with proxy(tmp_path, behind) as room:
        codes = [room.get(path).status_code for _ in range(at_once + 30)]
        assert codes[:at_once] == [200] * at_once
        assert set(codes) == {200, 429}
        elsewhere = httpx.HTTPTransport(local_address="127.0.0.2", verify=False)
        with httpx.Client(base_url=room.base_url, headers={"host": HOST}, transport=elsewhere) as other:
            assert other.get(path).status_code == 200


def caddy(folder):
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("no caddy: apt install caddy")
    return subprocess.run(
        [program, "validate", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")],
        cwd=folder, capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip


def test_caddy_accepts_its_file_as_debian_has_it(tmp_path):
    shutil.copy(CADDY / "Caddyfile", tmp_path)
    done = caddy(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Valid configuration" in done.stdout + done.stderr


def test_caddy_reads_the_file_of_rates_where_it_is(tmp_path):
    shutil.copytree(CADDY, tmp_path, dirs_exist_ok=True)
    done = caddy(tmp_path)
    # The module is not in Debian's Caddy: it must be the only thing that is missing.
    assert done.returncode == 0 or "unrecognized directive: rate_limit" in done.stderr, done.stderr
