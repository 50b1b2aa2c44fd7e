"""Count the columns of a text before GDAL does: each feature may have new ones, and GDAL makes them all."""

from __future__ import annotations

import re

COUNTED = ("geojson", "kml", "mif")
"""Kinds of text whose columns can be counted before they are read."""
_STEP = 1 << 20
# a text ends at its quote or, where there is none, with the file: what is not closed is not tried again at each letter
_TEXT = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?+(\s*+:)?'
_KEY = re.compile(_TEXT, re.DOTALL)
_TOKEN = re.compile(_TEXT + rb"|([{}])", re.DOTALL)
_OBJECT = re.compile(rb'\{\s*+"')
_KML_NAMES = re.compile(
    rb"<(?:\w{1,20}:)?(?:Simple)?(?:Data|Field)\s[^<>]{0,200}?name\s{0,9}=\s{0,9}[\"']([^\"'<>]{0,200})"
)
_MIF_COLUMNS = re.compile(rb"^\s{0,9}columns\s{1,9}(\d{1,12})", re.IGNORECASE | re.MULTILINE)
_MIF_HEAD = 4096
_MEMBERS = 2
"""Depth of a feature's own members in a collection; GDAL makes columns of them where it finds no properties."""


def too_many_columns(kind: str, text: bytes, most: int) -> bool:
    """Say whether a GeoJSON, KML or MIF has more than `most` columns, in time by its length and without parsing it."""
    if kind == "geojson":
        return geojson_exceeds(text, most)
    if kind == "kml":
        names: set[bytes] = set()
        for one in _KML_NAMES.finditer(text):
            names.add(one[1])
            if len(names) > most:
                return True
        return False
    head = _MIF_COLUMNS.search(text[:_MIF_HEAD]) if kind == "mif" else None
    return head is not None and int(head[1]) > most


def geojson_exceeds(text: bytes, most: int) -> bool:
    """Say whether a GeoJSON has more than `most` columns.

    All keys are counted first, wherever they stand, which is fast. Only where they are too many it is looked whether
    they are columns: the objects that a property may hold have keys, too, and those are none.
    """
    return _keys_exceed(text, most) and _columns_exceed(text, most)


def _keys_exceed(text: bytes, most: int) -> bool:
    found: set[bytes] = set()
    start = 0
    while start < len(text):
        ahead = _OBJECT.search(text, start + _STEP)
        end = ahead.start() if ahead else len(text)
        found.update(key for key, colon in _KEY.findall(text, start, end) if colon)
        if len(found) > most:
            return True
        start = end
    return False


def _columns_exceed(text: bytes, most: int) -> bool:
    depth, properties, last = 0, 0, b""
    columns: set[bytes] = set()
    members: set[bytes] = set()
    for token in _TOKEN.finditer(text):
        key, colon, brace = token.groups()
        if brace == b"{":
            depth += 1
            if last == b"properties" and not properties:
                properties = depth
        elif brace:
            depth -= 1
            if depth < properties:
                properties = 0
        elif colon:
            if depth == properties:
                columns.add(key)
            elif depth <= _MEMBERS:
                members.add(key)
            if len(columns) > most or len(members) > most:
                return True
            last = key
            continue
        last = b""
    return False
