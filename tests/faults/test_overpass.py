"""Test geodata.overpass against a loopback server that answers from a made-up town, and misbehaves in every way."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from geodata.osm import street_graph
from geodata.osmfile import read_streets
from geodata.overpass import OverpassSettings, fetch_streets, street_query
from geodata.overpass_http import OverpassError
from geodata.store import open_store
from geodata.streets import load_streets
from geodata.watch import StoppedError, Watch
from tests.data.osm_town import LAT, LON, STEP, WAYS, node_id, town_json, write_town
from zoning.errors import InputError

BOX = (LON - 3 * STEP, LAT - 3 * STEP, LON + 9 * STEP, LAT + 9 * STEP)
HIGHWAYS = {number: way for number, way in WAYS.items() if "highway" in way[1]}
TOWN = town_json(HIGHWAYS).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers by the server's list of turns: (status, headers, body) or a callable that writes for itself."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.asked.append((parse_qs(self.rfile.read(length).decode())["data"][0], dict(self.headers)))
        turns = self.server.turns
        turn = turns.pop(0) if len(turns) > 1 else turns[0]
        try:
            if callable(turn):
                turn(self)
                return
            status, headers, body = turn
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the other side has hung up: what some tests are about
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.asked, made.turns = [], [(200, {}, TOWN)]
    made.stopped = threading.Event()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.stopped.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def settings(server):
    return OverpassSettings(
        url=f"http://127.0.0.1:{server.server_port}/api", deadline_s=5, connect_s=1, read_s=2, first_wait_s=0.05
    )


def changed(settings, **values):
    return OverpassSettings(**{**vars(settings), **values})


def test_the_answer_is_the_same_as_a_file(server, settings, tmp_path):
    fetched = fetch_streets(BOX, settings=settings)
    read = read_streets(write_town(tmp_path / "town.osm"))
    assert fetched.ways == read.ways
    assert fetched.node_ids.tolist() == read.node_ids.tolist()
    assert fetched.lon.tolist() == pytest.approx(read.lon.tolist(), abs=1e-9)
    assert fetched.newest == "2021-02-03"
    one, other = street_graph(fetched)[0], street_graph(read)[0]
    assert set(one.edges) == set(other.edges)


def test_the_question_is_put_once_and_names_the_application(server, settings):
    fetch_streets(BOX, settings=settings)
    ((query, headers),) = server.asked
    assert query == street_query(BOX, settings)
    assert "(10.9770000,106.6470000,10.9890000,106.6590000)" in query  # south, west, north, east
    assert "[timeout:5]" in query
    assert "binh-duong-innovation-region" in headers["User-Agent"]


def test_packed_answers_are_unpacked(server, settings):
    server.turns = [(200, {"Content-Encoding": "gzip"}, gzip.compress(TOWN))]
    assert len(fetch_streets(BOX, settings=settings).ways) == len(HIGHWAYS)


def test_name_lookup_stays_what_it_was(server, settings):
    before = socket.getaddrinfo
    street_graph(fetch_streets(BOX, settings=settings))
    assert socket.getaddrinfo is before


def test_d1_a_closed_port_ends_at_once(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(OverpassError, match="cannot be reached"):
        fetch_streets(BOX, settings=changed(settings, url=f"http://127.0.0.1:{port}/api", deadline_s=30))
    assert time.monotonic() - begun < 10


def drip_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(TOWN)))
    handler.end_headers()
    for at in range(len(TOWN)):
        if handler.server.stopped.wait(0.02):
            return
        handler.wfile.write(TOWN[at : at + 1])


def drip_head(handler):
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000:
        if handler.server.stopped.wait(0.02):
            return
        handler.wfile.write(bytes([letter]))


def say_nothing(handler):
    handler.server.stopped.wait(20)


@pytest.mark.parametrize("turn", [drip_body, drip_head])
def test_d2_a_drip_ends_at_the_deadline(server, settings, turn):
    server.turns = [turn]
    begun = time.monotonic()
    with pytest.raises(OverpassError, match=r"did not answer within 0\.5 s"):
        fetch_streets(BOX, settings=changed(settings, deadline_s=0.5))
    assert time.monotonic() - begun < 5


def test_d2_silence_ends_at_the_read_limit(server, settings):
    server.turns = [say_nothing]
    with pytest.raises(OverpassError, match=r"silent for 0\.3 s"):
        fetch_streets(BOX, settings=changed(settings, read_s=0.3))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 504])
def test_d3_a_busy_server_is_asked_again(server, settings, status):
    server.turns = [(status, {}, b"busy"), (status, {"Retry-After": "0"}, b"busy"), (200, {}, TOWN)]
    steps = []
    fetch_streets(BOX, settings=settings, watch=Watch(lambda step, share: steps.append(step)))
    assert len(server.asked) == 3
    assert any("busy" in step for step in steps)


@pytest.mark.parametrize("status", [429, 504])
def test_d3_a_server_that_stays_busy_is_left_at_the_deadline(server, settings, status):
    server.turns = [(status, {}, b"busy")]
    begun = time.monotonic()
    with pytest.raises(OverpassError, match=f"busy \\(HTTP {status}\\)"):
        fetch_streets(BOX, settings=changed(settings, deadline_s=1))
    assert time.monotonic() - begun < 5
    assert 2 <= len(server.asked) <= 6  # 0.05, 0.1, 0.2, 0.4 s apart, not a storm


def test_d3_retry_after_is_honoured_up_to_the_deadline(server, settings):
    server.turns = [(429, {"Retry-After": "0.4"}, b""), (200, {}, TOWN)]
    begun = time.monotonic()
    fetch_streets(BOX, settings=settings)
    assert time.monotonic() - begun >= 0.4
    server.turns = [(429, {"Retry-After": "3600"}, b"")]
    begun = time.monotonic()
    with pytest.raises(OverpassError, match="asks for more time"):
        fetch_streets(BOX, settings=settings)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "nan", ""])
def test_d3_odd_retry_after_headers(server, settings, value):
    server.turns = [(429, {"Retry-After": value}, b""), (200, {}, TOWN)]
    assert fetch_streets(BOX, settings=settings).ways


def answer(**changes):
    return json.dumps({**json.loads(TOWN), **changes}).encode()


def elements(change):
    found = json.loads(TOWN)
    change(found["elements"])
    return json.dumps(found).encode()


def lose_a_node(found):
    found.remove(next(e for e in found if e["id"] == node_id(1, 0)))


def wild_place(found):
    found[0]["lat"] = 1e999


def node_without_place(found):
    del found[0]["lat"]


def text_for_number(found):
    next(e for e in found if e["type"] == "way")["nodes"][0] = "1"


BAD = {
    "remark": (answer(remark='runtime error: Query timed out in "query" at line 1'), "gave up.*timed out"),
    "remark and half": (
        answer(remark="runtime error: out of memory", elements=json.loads(TOWN)["elements"][:50]),
        "gave up",
    ),
    "no elements": (answer(elements=[]), "knows no streets"),
    "no streets": (town_json({70: WAYS[70]}).encode(), "knows no streets"),
    "cut": (TOWN[: len(TOWN) // 2], "cut short"),
    "cut by one": (TOWN[:-1], "cut short"),
    "a node is missing": (elements(lose_a_node), "cut short"),
    "no json": (b"OK", "cut short"),
    "html": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
    "xml": (b'<?xml version="1.0"?><osm/>', "web page"),
    "empty": (b"", "empty answer"),
    "blank": (b"  \n", "empty answer"),
    "a list": (b"[1, 2]", "not map data"),
    "elements no list": (answer(elements={"a": 1}), "not map data"),
    "elements no objects": (answer(elements=[1]), "not map data"),
    "no place": (elements(node_without_place), "not map data"),
    "infinite": (elements(wild_place), "not map data"),
    "text": (elements(text_for_number), "not map data"),
    "deep": (b"[" * 200_000, "cut short"),
}


@pytest.mark.parametrize("name", BAD)
def test_d4_what_is_not_whole_is_refused_and_not_kept(server, settings, tmp_path, name):
    body, sentence = BAD[name]
    server.turns = [(200, {}, body)]
    with pytest.raises(OverpassError, match=sentence):
        fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 1


def hang_up(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(TOWN)))
    handler.end_headers()
    handler.wfile.write(TOWN[:1000])
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def chunk_and_hang_up(handler):
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"3E8\r\n" + TOWN[:1000] + b"\r\n")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("turn", [hang_up, chunk_and_hang_up, (200, {"Content-Encoding": "gzip"}, TOWN)])
def test_d4_a_connection_that_breaks_in_the_middle(server, settings, tmp_path, turn):
    server.turns = [turn]
    with pytest.raises(OverpassError, match="cut short"):
        fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 500])
def test_d4_refusals_and_redirects_are_not_followed(server, settings, status):
    server.turns = [(status, {"Location": "http://127.0.0.1:1/"}, b"")]
    with pytest.raises(OverpassError, match=f"HTTP {status}"):
        fetch_streets(BOX, settings=settings)
    assert len(server.asked) == 1


def test_d2_a_body_without_end_is_left_at_the_limit(server, settings):
    server.turns = [(200, {}, b'{"elements": [' + b" " * 3_000_000)]
    with pytest.raises(OverpassError, match="longer than 1 MB"):
        fetch_streets(BOX, settings=changed(settings, max_bytes=1_000_000))
    packed = gzip.compress(b" " * 3_000_000)
    assert len(packed) < 10_000
    server.turns = [(200, {"Content-Encoding": "gzip"}, packed)]
    with pytest.raises(OverpassError, match="longer than 1 MB"):
        fetch_streets(BOX, settings=changed(settings, max_bytes=1_000_000))


def test_d5_whole_answers_are_kept_and_used(server, settings, tmp_path):
    first = fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    again = fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    assert len(server.asked) == 1
    assert again.ways == first.ways
    fetch_streets((*BOX[:3], BOX[3] + 0.001), settings=settings, cache_dir=tmp_path)
    assert len(server.asked) == 2  # another box is another question
    assert [path.name[:9] for path in tmp_path.iterdir()] == ["overpass-"] * 2


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-100], lambda data: data.replace(b"106.65", b"106.66", 1), lambda data: b""]
)
def test_d5_a_harmed_answer_is_deleted_and_fetched_once(server, settings, tmp_path, harm):
    fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(harm(whole))
    fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    assert len(server.asked) == 2
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [whole]


def test_d5_old_answers_are_fetched_again(server, settings, tmp_path):
    fetch_streets(BOX, settings=settings, cache_dir=tmp_path)
    fetch_streets(BOX, settings=changed(settings, max_age_s=0), cache_dir=tmp_path)
    assert len(server.asked) == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_d5_a_folder_that_cannot_be_written_costs_only_the_keeping(server, settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert fetch_streets(BOX, settings=settings, cache_dir=blocked).ways


@pytest.mark.parametrize("box", [(106.0, 10.0, 107.5, 11.5), (-180, -90, 180, 90)])
def test_d6_too_large_a_box_is_not_sent(server, settings, box):
    with pytest.raises(InputError, match="more than the 10,000 km²"):
        fetch_streets(box, settings=settings)
    assert server.asked == []


@pytest.mark.parametrize("box", [(106.7, 10.9, 106.6, 11.0), (10.9, 106.6, 11.0, 106.7), (float("nan"), 10, 107, 11)])
def test_d6_a_box_that_is_none_is_not_sent(server, settings, box):
    with pytest.raises(InputError, match="west, south, east, north"):
        fetch_streets(box, settings=settings)
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "overpass.example", "ftp://127.0.0.1/x", "http://a:b@127.0.0.1/", "http://"]
)
def test_addresses_that_are_none(settings, url):
    with pytest.raises(InputError, match="begins with https"):
        fetch_streets(BOX, settings=changed(settings, url=url))


def test_stopping_while_the_server_is_silent(server, settings, tmp_path):
    server.turns = [say_nothing]
    wishes = iter([False, False, True])
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        fetch_streets(BOX, settings=settings, cache_dir=tmp_path, watch=Watch(cancelled=lambda: next(wishes)))
    assert time.monotonic() - begun < 2
    assert list(tmp_path.iterdir()) == []


def test_stopping_while_waiting_for_a_busy_server(server, settings):
    server.turns = [(429, {"Retry-After": "4"}, b"")]
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        fetch_streets(BOX, settings=settings, watch=Watch(cancelled=lambda: time.monotonic() - begun > 0.3))
    assert time.monotonic() - begun < 3


def test_d7_hostile_tags_stay_text(server, settings):
    name = "<img src=x onerror=alert(1)>\u202e${x}" + "y" * 1000
    ways = {1: ([(0, 0), (1, 0)], {"highway": "residential", "name": name, "maxspeed": "1e999", "lanes": "9" * 500})}
    server.turns = [(200, {}, town_json(ways).encode())]
    graph, _ = street_graph(fetch_streets(BOX, settings=settings))
    ((_, _, data),) = [edge for edge in graph.edges(data=True) if edge[0] < edge[1]]
    assert data["name"].startswith("<img src=x onerror=alert(1)>${x}yyy")
    assert len(data["name"]) <= 255
    assert data["lanes"] != data["lanes"]  # NaN: no street has that many
    assert data["maxspeed_kmh"] != data["maxspeed_kmh"]


@pytest.fixture
def uncompiled(monkeypatch):
    """Leave the network uncompiled: that is not what is tried here, and takes ten times as long."""
    monkeypatch.setattr("geodata.streets.compile_streets", lambda *_: None)


def test_streets_come_into_the_store_from_a_service(server, settings, store, uncompiled):
    load_streets(store, overpass=settings, bbox=BOX, margin_m=100)
    ((query, _),) = server.asked
    south, west, north, east = (float(part) for part in re.search(r"\(([\d.,]+)\)", query)[1].split(","))
    assert (west, south, east, north) == pytest.approx(BOX, abs=0.002)
    assert west < BOX[0] < BOX[2] < east  # asked with the margin
    row = store.layers().set_index("name").loc["streets"]
    assert row["source"] == "OpenStreetMap: 127.0.0.1"
    assert row["count"] > 20
    load_streets(store, overpass=settings, bbox=BOX, margin_m=100)
    assert len(server.asked) == 1  # the answer was kept beside the store


@pytest.mark.parametrize("name", ["remark", "cut", "html", "empty"])
def test_d4_a_bad_answer_leaves_the_store_as_it_was(server, settings, tmp_path, name):
    store = open_store(tmp_path / "region.gpkg")
    before = store.path.read_bytes()
    server.turns = [(200, {}, BAD[name][0])]
    with pytest.raises(OverpassError):
        load_streets(store, overpass=settings, bbox=BOX)
    assert store.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["region.gpkg", "region.gpkg.lock"]


def test_the_province_may_be_asked_for_whole(server, settings, store, uncompiled):
    """Its box with the margin is under the limit of area: a planner need not know any box."""
    load_streets(store, overpass=settings)
    assert "(10.7" in server.asked[0][0]


def test_the_real_extract_over_the_wire(shared, server, settings):
    path = shared / "realdata" / "osm-hcmc-south-binhduong-2018" / "hcm_2018.osm.pbf"
    if not path.is_file():
        pytest.skip("the real extract is not here")
    source = read_streets(path)
    place = dict(zip(source.node_ids.tolist(), zip(source.lon.tolist(), source.lat.tolist(), strict=True), strict=True))
    ways = [way for way in source.ways if all(106.75 < place[n][0] < 106.77 for n in way.nodes)]
    nodes = sorted({node for way in ways for node in way.nodes})
    elements = [{"type": "node", "id": n, "lon": place[n][0], "lat": place[n][1]} for n in nodes]
    elements += [{"type": "way", "id": way.id, "nodes": list(way.nodes), "tags": way.tags} for way in ways]
    server.turns = [(200, {}, json.dumps({"elements": elements}).encode())]
    fetched = fetch_streets((106.75, 10.6, 106.77, 11.0), settings=settings)
    assert len(ways) > 500
    assert fetched.ways == tuple(ways)
    assert fetched.node_ids.tolist() == nodes
    assert fetched.newest == ""
