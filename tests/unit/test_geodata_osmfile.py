"""Test geodata.osmcheck and geodata.osmfile: every format reads alike, and nothing that is not whole is read at all."""

from __future__ import annotations

import bz2
import gzip
import struct

import numpy as np
import pytest

from geodata.osmcheck import Limits, check_osm_file
from geodata.osmfile import read_streets
from geodata.watch import StoppedError, Watch
from tests.data.osm_town import WAYS, node_id, places, town_xml, write_town
from zoning.errors import BadFileError

NAMES = ["town.osm", "town.osm.gz", "town.osm.bz2", "town.osm.pbf"]


@pytest.fixture(params=NAMES)
def town(request, tmp_path):
    return write_town(tmp_path / request.param)


def test_every_format_gives_the_same_streets(town, tmp_path):
    found = read_streets(town)
    highways = {number: way for number, way in WAYS.items() if "highway" in way[1]}
    assert [way.id for way in found.ways] == sorted(highways)
    assert found.other_ways == len(WAYS) - len(highways)
    assert found.newest == "2021-02-03"
    where = places(highways)
    assert found.node_ids.tolist() == sorted(where)
    np.testing.assert_allclose(found.lon, [where[n][0] for n in sorted(where)], atol=1e-7)
    np.testing.assert_allclose(found.lat, [where[n][1] for n in sorted(where)], atol=1e-7)
    primary = found.ways[0]
    assert list(primary.nodes) == [node_id(x, 0) for x in range(5)]
    assert primary.tags == {"highway": "primary", "name": "Đường Số 1", "lanes": "4"}


def test_the_name_of_a_file_does_not_matter(tmp_path):
    for name in NAMES:
        town = write_town(tmp_path / name)
        renamed = town.rename(tmp_path / f"{name}.dat")
        assert check_osm_file(renamed) == {"town.osm": "osm", "town.osm.pbf": "pbf"}.get(name, name[5:])
        assert len(read_streets(renamed).ways) == len(read_streets(write_town(tmp_path / name)).ways)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_cut_file_is_refused(town, share):
    data = town.read_bytes()
    town.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadFileError):
        read_streets(town)


def test_xml_cut_between_two_elements_is_refused(tmp_path):
    path = tmp_path / "cut.osm"
    path.write_text(town_xml().rsplit("</osm>", 1)[0], encoding="utf-8")
    with pytest.raises(BadFileError, match="cut short"):
        read_streets(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"\n<html><body><osm ></osm></body></html>", "web page"),
        (b"just text", "not an OpenStreetMap file"),
        (b'<?xml version="1.0"?><gpx></gpx>', "not an OpenStreetMap file"),
        (b'<?xml version="1.0"?><osmChange version="0.6"></osmChange>', "not an OpenStreetMap file"),
        (b'<osm version="0.6"></osm>', "no streets"),
        (b"SQLite format 3\0" + bytes(100), "not an OpenStreetMap file"),
        (b"\x1f\x8b\x08" + bytes(40), "cannot be unpacked"),
        (b"BZh9" + bytes(40), "cannot be unpacked"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (town_xml({7: ([(0, 0), (1, 1)], {"waterway": "river"})}).encode(), "no streets"),
        (town_xml().replace("</way>", "</wy>", 1).encode(), "damaged"),
        (town_xml().replace('lat="', 'lat="x', 1).encode(), "damaged"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path, content, sentence):
    path = tmp_path / "bad.osm"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=sentence):
        read_streets(path)


BOMB = "<!DOCTYPE osm [<!ENTITY a 'haha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
OUTSIDE = "<!DOCTYPE osm [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("head", [BOMB, OUTSIDE], ids=["bomb", "outside"])
@pytest.mark.parametrize("name", ["evil.osm", "evil.osm.gz", "evil.osm.bz2"])
def test_entities_are_refused_before_any_parser_sees_them(tmp_path, head, name):
    path = write_town(tmp_path / name, head=head)
    with pytest.raises(BadFileError, match="entities"):
        read_streets(path)


@pytest.mark.parametrize(("name", "pack"), [("b.osm.gz", gzip.compress), ("b.osm.bz2", bz2.compress)])
def test_a_bomb_stops_while_it_is_unpacked(tmp_path, name, pack):
    path = tmp_path / name
    body = b'<osm version="0.6">' + b" " * 90_000_000 + b"</osm>"
    path.write_bytes(pack(body))
    assert path.stat().st_size < 200_000
    with pytest.raises(BadFileError, match="200 times its size"):
        read_streets(path)
    with pytest.raises(BadFileError, match="more than the 10 MB allowed"):
        read_streets(path, limits=Limits(content_bytes=10_000_000))


def test_limits_on_file_ways_and_nodes(tmp_path):
    path = write_town(tmp_path / "town.osm")
    for limits in (Limits(file_bytes=100), Limits(ways=3), Limits(nodes=3)):
        with pytest.raises(BadFileError, match="Cut the extract"):
            read_streets(path, limits=limits)


def _blob_header(kind: bytes, size: int) -> bytes:
    value, shift = bytearray(), size
    while True:
        value.append((shift & 0x7F) | (0x80 if shift > 0x7F else 0))
        shift >>= 7
        if not shift:
            break
    header = b"\x0a" + bytes([len(kind)]) + kind + b"\x18" + bytes(value)
    return struct.pack(">I", len(header)) + header


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_blob_header(b"OSMHeader", 2_000_000_000) + bytes(50), "sizes that no"),  # a block that claims 2 GB
        (_blob_header(b"OSMHeader", 20_000_000) + bytes(50), "cut short"),
        (
            _blob_header(b"OSMHeader", 6) + b"\x10\x80\x80\x80\x80\x08",
            "sizes that no",
        ),  # 6 bytes claim to unpack to 2 GB
        (_blob_header(b"OSMHeader", 4) + b"\x0a\x02hi", "no map data"),
        (_blob_header(b"OSMHeader", 4) + b"\x0a\x02hi" + b"\xff\xff\xff\xff", "sizes that no"),
        (_blob_header(b"OSMHeader", 4) + b"\x0a\x02hi" + _blob_header(b"OSMData", 4) + b"\x0a\x02\xff\xff", "damaged"),
    ],
)
def test_pbf_blocks_that_lie_are_refused(tmp_path, content, sentence):
    path = tmp_path / "lie.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=sentence):
        read_streets(path)


def test_flipped_bytes_end_in_a_sentence_or_in_whole_data(tmp_path):
    data = write_town(tmp_path / "town.osm.pbf").read_bytes()
    rng = np.random.default_rng(7)
    refused = 0
    for at in rng.integers(0, len(data), 40):
        spoilt = bytearray(data)
        spoilt[at] ^= 0x55
        path = tmp_path / "spoilt.osm.pbf"
        path.write_bytes(bytes(spoilt))
        try:
            read_streets(path)
        except BadFileError:
            refused += 1
    assert refused > 20


def test_missing_files_and_folders_are_refused(tmp_path):
    for path in (tmp_path / "none.osm", tmp_path):
        with pytest.raises(BadFileError, match="There is no file"):
            read_streets(path)


def test_a_name_like_an_address_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from pathlib import Path

    for name in ("http://127.0.0.1:9/x.osm", "-"):
        with pytest.raises(BadFileError, match="There is no file"):
            read_streets(Path(name))


def test_progress_runs_from_0_to_1_and_stopping_stops(tmp_path):
    path = write_town(tmp_path / "town.osm")
    shares = []
    read_streets(path, watch=Watch(lambda step, share: shares.append(share)))
    assert shares == sorted(shares)
    assert shares[0] == 0
    with pytest.raises(StoppedError, match="Nothing was changed"):
        read_streets(path, watch=Watch(cancelled=lambda: True))


def test_tags_are_composed_printable_and_short(tmp_path):
    name = "Đ" + "u\u031b\u01a1\u0300ng\x7f\u202e" + "<img src=x onerror=alert(1)>" + "y" * 400
    ways = {1: ([(0, 0), (1, 0)], {"highway": "residential", "name": name, "note": "left out", "highway:x": "kept"})}
    tags = read_streets(write_town(tmp_path / "tags.osm", ways=ways)).ways[0].tags
    assert set(tags) == {"highway", "name", "highway:x"}
    assert tags["name"].isprintable()
    assert len(tags["name"]) <= 255
    assert tags["name"].startswith("Đ\u01b0")
    assert "<img src=x" in tags["name"]  # kept as text; whoever shows it escapes it


def test_nodes_without_a_place_are_not_nodes(tmp_path):
    missing = node_id(1, 0)
    found = read_streets(write_town(tmp_path / "gap.osm", leave_out={missing}))
    assert missing not in found.node_ids
    assert missing in found.ways[0].nodes
