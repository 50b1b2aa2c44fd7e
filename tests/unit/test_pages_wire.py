"""What stands between server and browser: files from memory, hints of what comes, no packet held back."""

import asyncio
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import streamlit
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from layers import mapfiles
from pages.ui import hints, kept, wire

STATIC = Path(streamlit.__file__).parent / "static"
OWN = b"the server's own answer"
SCRIPT = re.search(r"static/js/index\.[\w-]+\.js", (STATIC / "index.html").read_text()).group()


def nothing(_request):
    return PlainTextResponse(OWN)


class Answer(NamedTuple):
    status: int
    headers: dict
    content: bytes


def ask(app, address, *, method="GET", headers=()):
    """Send one request to an application, as a server would."""
    path, _, query = address.partition("?")
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "headers": list(headers), "client": ("127.0.0.1", 1), "root_path": ""}  # fmt: skip
    said = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        said.append(message)

    with ThreadPoolExecutor(1) as aside:  # where no other test's event loop runs
        aside.submit(asyncio.run, app(scope, receive, send)).result()
    named = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], named, b"".join(part.get("body", b"") for part in said))


def wired():
    return Starlette(routes=[Route("/{path:path}", nothing)], middleware=wire.MIDDLEWARE)


def test_streamlits_scripts_come_from_memory_as_they_are_on_disk():
    answer = ask(wired(), f"/{SCRIPT}")
    assert answer.content == (STATIC / SCRIPT).read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"  # within the other headers


@pytest.mark.parametrize("asset", [*mapfiles.SCRIPTS, *mapfiles.STYLES])
def test_the_maps_files_are_kept_under_the_hash_of_their_content_only(asset):
    address = "/component/" + mapfiles.url(asset).removeprefix("../")
    assert ask(wired(), address).content == (mapfiles.FOLDERS[asset.component] / asset.file).read_bytes()
    for other in (address.split("?")[0], address[:-1] + "_", address + "&x"):
        assert ask(wired(), other).content == OWN


@pytest.mark.parametrize(
    "address",
    ["/static/index.html", "/static/../index.html", "/static/js/", "/static/js/none.js", f"/{SCRIPT}?x=1",
     f"/elsewhere/{SCRIPT}", "/static/js/../../../__init__.py"],
)  # fmt: skip
def test_nothing_else_is_answered_from_memory(address):
    assert ask(wired(), address).content == OWN


def test_a_part_or_another_method_is_the_servers_own_business():
    assert ask(wired(), f"/{SCRIPT}", headers=[(b"range", b"bytes=0-5")]).content == OWN
    assert ask(wired(), f"/{SCRIPT}", method="POST").status == 405


def test_below_a_base_path_the_files_are_there_and_not_at_the_root(monkeypatch):
    monkeypatch.setattr(kept, "get_option", {"server.baseUrlPath": "behind/a-proxy"}.get)
    assert ask(wired(), f"/behind/a-proxy/{SCRIPT}").content == (STATIC / SCRIPT).read_bytes()
    assert ask(wired(), f"/{SCRIPT}").content == OWN


def test_every_script_that_the_page_names_is_kept():
    named = set(re.findall(r"static/js/[\w.-]+\.js", (STATIC / "index.html").read_text()))
    assert len(named) > 40
    assert named <= set(kept.files())
    assert any(at.startswith("component/streamlit_folium.st_folium/static/js/main.") for at in kept.files())
    assert max(path.stat().st_size for path in kept.files().values()) <= kept.MOST_BYTES


def test_hints_name_files_that_are_there():
    page = re.findall(r"<\./(\S+?)>; rel=modulepreload", hints.page_hints())
    assert any("ComponentInstance" in name for name in page)
    assert set(page) <= set(kept.files())
    frame = re.findall(r"<\.\./(\S+?)>; rel=preload", hints.frame_hints())
    assert len(frame) == len(mapfiles.SCRIPTS) + len(mapfiles.STYLES)
    assert {f"component/{name}" for name in frame} <= set(kept.files())


def test_only_pages_and_frames_carry_hints():
    async def app(scope, _receive, send):
        kind = b"text/html; charset=utf-8" if scope["path"] != "/x.js" else b"text/javascript"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b""})

    hinting = hints.Hints(app)
    assert ask(hinting, "/thu_dau_mot").headers["link"] == hints.page_hints()
    frame = ask(hinting, "/component/streamlit_folium.st_folium/index.html?streamlitUrl=x")
    assert frame.headers["link"] == hints.frame_hints()
    assert "link" not in ask(hinting, "/x.js").headers


def test_a_missing_file_of_the_map_stops_no_page(monkeypatch, tmp_path):
    for one in (kept.files, hints.frame_hints, mapfiles.url):
        one.cache_clear()
    monkeypatch.setattr(mapfiles, "FOLDERS", {"leaflet": tmp_path, "region": tmp_path})
    try:
        assert SCRIPT in kept.files()
        assert hints.frame_hints() == ""
    finally:
        for one in (kept.files, hints.frame_hints, mapfiles.url):
            one.cache_clear()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_packet_of_an_answer_waits_for_another():
    """With the real server and a socket made as Streamlit makes it: of no named protocol."""
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            at = receive.__self__.transport.get_extra_info("socket")
            seen.append(at.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            await PlainTextResponse("ok")(scope, receive, send)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(wire.Prompt(app), lifespan="off", log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        with socket.create_connection(listening.getsockname(), timeout=20) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while client.recv(1000):
                pass
        server.should_exit = True
        thread.join(20)
    assert seen == [1]
