"""Make a small made-up town as OpenStreetMap data: alleys, one-way pairs, a motorway, a river with one bridge.

Nothing here is copied from OpenStreetMap. Coordinates are multiples of 0.001 degree round (LON, LAT); the river runs
between the rows of y = 3 and y = 4, and only the bridge at x = 2 crosses it.
"""

from __future__ import annotations

import bz2
import gzip
import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from pathlib import Path

LON, LAT = 106.65, 10.98
STEP = 0.001  # about 110 m


def node_id(x: float, y: float) -> int:
    """Return the number of the node at a place of the town's grid."""
    return 1_000_000 + round(x * 10) * 1_000 + round(y * 10)


# way id: ([(x, y), …], tags)
WAYS: dict[int, tuple[list[tuple[float, float]], dict[str, str]]] = {
    1: ([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)], {"highway": "primary", "name": "Đường Số 1", "lanes": "4"}),
    2: ([(0, 1), (1, 1), (2, 1)], {"highway": "residential", "name": "Nguyễn Trãi"}),
    3: ([(2, 1), (3, 1), (4, 1)], {"highway": "residential", "name": "Nguyễn Trãi"}),
    # a one-way pair, drawn in opposite senses: 4 eastwards, 5 westwards by its nodes, 6 westwards by oneway=-1
    4: (
        [(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)],
        {"highway": "secondary", "oneway": "yes", "lanes": "2", "maxspeed": "50"},
    ),
    5: ([(4, 3), (3, 3), (2, 3)], {"highway": "secondary", "oneway": "yes", "maxspeed": "50"}),
    6: ([(0, 3), (1, 3), (2, 3)], {"highway": "secondary", "oneway": "-1", "maxspeed": "50"}),
    7: ([(0, 0), (0, 1), (0, 2), (0, 3)], {"highway": "tertiary"}),
    8: ([(2, 0), (2, 1), (2, 2), (2, 3)], {"highway": "tertiary", "maxspeed": "40"}),
    9: ([(2, 3), (2, 3.5), (2, 4)], {"highway": "tertiary", "bridge": "yes", "name": "Cầu Nhỏ"}),
    10: ([(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)], {"highway": "residential"}),
    11: ([(4, 0), (4, 1), (4, 2), (4, 3)], {"highway": "tertiary"}),
    # alleys: a curved one through a block, one that a sign opens to cars
    20: ([(1, 0), (1.2, 0.4), (0.9, 0.6), (1, 1)], {"highway": "service", "service": "alley", "name": "Hẻm 5"}),
    21: ([(3, 0), (3, 0.5), (3, 1)], {"highway": "service", "service": "alley", "motorcar": "yes"}),
    22: ([(1, 1), (1, 1.5)], {"highway": "service", "service": "driveway"}),
    23: ([(3, 1), (3, 1.5)], {"highway": "service", "access": "private"}),
    # an expressway south of the town, one carriageway each way, with a link to the primary road
    30: ([(-2, -2), (0, -2), (2, -2), (6, -2)], {"highway": "motorway", "oneway": "yes", "name": "Cao tốc"}),
    31: ([(6, -2.2), (2, -2.2), (-2, -2.2)], {"highway": "motorway", "name": "Cao tốc"}),
    32: ([(0, -2), (1, -1), (1, 0)], {"highway": "motorway_link", "oneway": "yes"}),
    33: ([(3, 0), (4, -1), (6, -2)], {"highway": "motorway_link", "oneway": "yes"}),
    34: ([(-2, -2), (-2, -2.2)], {"highway": "trunk", "motorroad": "yes"}),
    35: ([(6, -2), (6, -2.2)], {"highway": "trunk", "motorroad": "yes", "motorcycle": "yes"}),
    # paths and closures
    40: ([(1, 2), (1, 3)], {"highway": "footway"}),
    41: ([(3, 2), (3, 3)], {"highway": "footway", "motorcycle": "yes", "bicycle": "yes"}),
    42: ([(1, 3), (1, 3.4)], {"highway": "steps"}),
    43: ([(0, 4), (0, 5)], {"highway": "track"}),
    44: ([(1, 4), (1, 5)], {"highway": "residential", "hgv": "no"}),
    45: ([(2, 4), (2, 5)], {"highway": "residential", "access": "no", "foot": "yes"}),
    46: ([(3, 4), (3, 5)], {"highway": "residential", "motor_vehicle": "no", "motorcycle": "yes"}),
    # dropped, each for its reason
    50: ([(4, 4), (4, 5)], {"highway": "construction", "construction": "primary"}),
    51: ([(0, 5), (0.2, 5), (0.2, 5.2), (0, 5)], {"highway": "pedestrian", "area": "yes"}),
    52: ([(1, 5), (1.2, 5.1)], {"highway": "platform"}),
    53: ([(2, 5), (2.2, 5.1)], {"highway": "service", "access": "private"}),
    # an island, a roundabout off the grid, and things that are no streets
    60: ([(8, 8), (8.2, 8), (8.4, 8.2)], {"highway": "residential"}),
    61: ([(4, 0), (4.2, 0.1), (4.3, 0), (4.2, -0.1), (4, 0)], {"highway": "tertiary", "junction": "roundabout"}),
    70: (
        [(-1, 3.3), (5, 3.3), (5, 3.7), (-1, 3.7), (-1, 3.3)],
        {"natural": "water", "water": "river", "name": "Sông Nhỏ"},
    ),
    71: (
        [(2.2, 1.2), (2.8, 1.2), (2.8, 1.8), (2.2, 1.8), (2.2, 1.2)],
        {"leisure": "park", "name": "Công viên Nguyễn Trãi"},
    ),
}


def places(ways=None, *, lon=LON, lat=LAT) -> dict[int, tuple[float, float]]:
    """Return the degrees of every node of `ways`."""
    return {
        node_id(x, y): (round(lon + x * STEP, 7), round(lat + y * STEP, 7))
        for line, _ in (WAYS if ways is None else ways).values()
        for x, y in line
    }


def town_xml(ways=None, *, lon=LON, lat=LAT, leave_out=(), head="") -> str:
    """Return the town as OSM XML; `leave_out` are node ids that the ways name and the file lacks."""
    ways = WAYS if ways is None else ways
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, '<osm version="0.6" generator="made up">']
    for number, (x, y) in sorted(places(ways, lon=lon, lat=lat).items()):
        if number not in leave_out:
            lines.append(f'<node id="{number}" version="1" timestamp="2020-01-01T00:00:00Z" lat="{y}" lon="{x}"/>')
    for number, (line, tags) in sorted(ways.items()):
        lines.append(f'<way id="{number}" version="1" timestamp="2021-02-03T00:00:00Z">')
        lines += [f'<nd ref="{node_id(x, y)}"/>' for x, y in line]
        lines += [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
        lines.append("</way>")
    return "\n".join([*lines, "</osm>", ""])


def town_json(ways=None, *, lon=LON, lat=LAT) -> str:
    """Return the town as Overpass answers it in JSON."""
    ways = WAYS if ways is None else ways
    elements: list[dict[str, object]] = [
        {"type": "node", "id": number, "lat": y, "lon": x}
        for number, (x, y) in sorted(places(ways, lon=lon, lat=lat).items())
    ]
    elements += [
        {"type": "way", "id": number, "nodes": [node_id(x, y) for x, y in line], "tags": tags}
        for number, (line, tags) in sorted(ways.items())
    ]
    head = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2021-02-03T00:00:00Z"}}
    return json.dumps({**head, "elements": elements})


def write_town(path: Path, **options) -> Path:
    """Write the town to `path` in the format that its name states: .osm, .osm.gz, .osm.bz2 or .osm.pbf."""
    xml = town_xml(**options).encode()
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(xml, mtime=0))
    elif path.name.endswith(".bz2"):
        path.write_bytes(bz2.compress(xml))
    elif path.name.endswith(".pbf"):
        import osmium

        plain = path.with_name(path.name + ".xml.osm")
        plain.write_bytes(xml)
        with osmium.SimpleWriter(str(path)) as writer:
            for entity in osmium.FileProcessor(str(plain)):
                writer.add(entity)
        plain.unlink()
    else:
        path.write_bytes(xml)
    return path
