"""Thousands of spoilt files of every kind, by fixed seeds: each is read or refused in a sentence, and nothing else.

Mutated real files go through the reader in forks, a batch a kind; what is ours and safe is fuzzed in this process.
"""

import base64
import json
import random
import struct
import zlib

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geodata import programme, templates
from geodata.importing import apart
from geodata.importing.archive import unpack
from geodata.importing.clean import clean_columns, clean_shapes, with_basics
from geodata.importing.encodings import ENCODINGS, decode, detect
from geodata.importing.points import read_points
from geodata.importing.sniff import KINDS, sniff
from geodata.importing.systems import propose
from geodata.importing.texts import decoded
from geodata.importing.upload import _shapes, proposed
from geodata.positions import parse_position
from geodata.scenarios import from_link, read_text
from geodata.sheets import read_rows
from tests.data import hostile, layers
from zoning.errors import ZoningError

few = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def told(call, *args, **kwargs):
    """Return what a call returns; None where it refuses in a sentence. Anything else that it raises fails the test."""
    try:
        return call(*args, **kwargs)
    except ZoningError as fault:
        refusal = fault
    text = refusal.text()
    assert text
    assert "\n" not in text
    assert "{" not in text or "{" in str(refusal.values)  # every place of the sentence is filled
    return None


SEEDS = {
    "gpkg": lambda: layers.written(layers.areas(), "a.gpkg"),
    "geojson": lambda: layers.written(layers.areas(), "a.geojson"),
    "shapefile": lambda: layers.shapefile(layers.planned()),
    "kml": lambda: layers.written(layers.areas(), "a.kml", driver="KML"),
    "parquet": lambda: layers.parquet(layers.planned()),
    "dxf": lambda: layers.DXF,
    "mif": lambda: layers.mapinfo("mif"),
    "csv": "Tên;X;Y\nTrường Định Hòa;1 214 000,5;598000\nb;1214000;598100\n".encode,
    "xlsx": lambda: hostile.workbook([["lon", "lat", "Tên"], [106.6, 11.0, "Khu A"], [106.7, 11.1, None]]),
}
WORDS = (
    b"", b"\x00", b"\xff", b"-1", b"0", b"nan", b"1e999", b"99999999999999999999", b"null", b"[]", b"{}", b'"', b"<",
    b"&", b"</", b"\n", b",", b";", "ệ".encode(), b"\xed\xa0\x80", b"EPSG:4326", b"http://127.0.0.1:9/",
)  # fmt: skip


def mutated(chance: random.Random, content: bytes) -> bytes:
    """Return a file with a few bytes changed, cut, doubled or replaced by words that parsers stumble over."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if not out:
            break
        at = chance.randrange(len(out))
        how = chance.randrange(6)
        if how == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            out[at : at + chance.randrange(1, 9)] = chance.choice(WORDS)
        elif how == 2:
            out[at:at] = chance.choice(WORDS)
        elif how == 3:
            length = chance.randrange(1, 200)
            out[at:at] = out[at : at + length]
        elif how == 4:
            del out[at : at + chance.choice((1, 4, 50, 5000))]
        else:
            out[at : at + 4] = struct.pack("<i", chance.choice((-1, 0, 1, 2**31 - 1, -(2**31), 65536)))
    return bytes(out)


def repacked(chance: random.Random, content: bytes) -> bytes:
    """Return a zip with one of its members mutated, so that its check sums are right."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(files))
    return layers.zipped(files | {name: mutated(chance, files[name])})


HEADS = (
    b"", b"SQLite format 3\x00", b"PK\x03\x04", b"PAR1", b"{", b"<kml ", b"0\nSECTION\n", b"999\nx\n", b"AC10",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\x08\x09\xfe\x02", b"version 300\ncolumns",
)  # fmt: skip
# what libraries raise when a file is spoilt; a KeyError or IndexError of ours is not among them
LIBRARIES = (
    "DataSourceError", "DataLayerError", "FeatureError", "FieldError", "GeometryError", "CRSError", "ArrowInvalid",
    "ArrowNotImplementedError", "ArrowKeyError", "ArrowTypeError", "OSError", "GEOSException", "UnicodeDecodeError",
    "ParseException", "CPLE_", "GDALError",
)  # fmt: skip


BATCHES, BATCH = 5, 20
"""A fork reads so many files in turn: most of the time of a fork goes into loading GDAL."""


def folder_of(content, place):
    place.mkdir()
    (place / "given").write_bytes(content)
    (place / "ask.json").write_text(json.dumps({"task": "layer", "layer": None, "encoding": None}))
    return place


@pytest.mark.parametrize("kind", SEEDS)
def test_a3_mutated_files_are_read_or_refused(kind, readers, tmp_path):
    chance = random.Random(f"fuzz {kind}")
    whole = SEEDS[kind]()
    packed = kind in ("shapefile", "mif", "xlsx")
    good = 0
    for batch in range(BATCHES):
        spoilt = [repacked(chance, whole) if packed and at % 3 else mutated(chance, whole) for at in range(BATCH)]
        # the whole file goes first, so that GDAL has the driver of its kind
        folders = [folder_of(one, tmp_path / f"{batch}_{at}") for at, one in enumerate([whole, *spoilt])]
        readers(*folders)
        cost = readers.costs.pop()
        lost = [one.name for one in folders if not (one / "said.json").exists()]
        assert cost.status == 0, (lost[:1], cost.log)  # the first without an answer is the one that ended it
        assert cost.cpu_s < 20, batch
        faults = [line for line in cost.log.splitlines() if line.partition(":")[0].endswith(("Error", "Exception"))]
        assert all(line.startswith(LIBRARIES) for line in faults), (batch, cost.log)
        # a system that nobody names is sought among many, which takes longest
        crs = [SYSTEM_OF.get(kind) if at % 4 else None for at in range(len(folders))]
        uploads = [told(read_answer, *one) for one in zip(folders, crs, strict=True)]
        assert uploads[0] is not None
        good += sum(upload is not None for upload in uploads[1:])
        for upload in uploads:
            assert upload is None or shapely.is_valid(upload.frame.geometry.dropna().to_numpy()).all()
    assert good > 1  # some came through: the mutations are not all so gross that only the first check is met


SYSTEM_OF = {"dxf": "EPSG:9210", "mif": "EPSG:9210", "csv": "EPSG:9210+swapped"}


def read_answer(folder, crs):
    said = apart._said(folder / "said.json")
    return proposed(said, _shapes(folder), name_hint="x", crs=crs, encoding=None)


@few
@given(st.binary(max_size=300) | st.sampled_from(sorted(WORDS)).map(lambda word: word * 40), st.sampled_from(HEADS))
def test_telling_a_kind(tail, head):
    assert told(sniff, head + tail) in {None, "zip", *KINDS}


@few
@given(data=st.data())
def test_unpacking(data, tmp_path_factory):
    chance = random.Random(data.draw(st.integers(0, 10**6)))
    content = mutated(chance, _SHAPEFILE)
    folder = tmp_path_factory.mktemp("unpacked")
    told(unpack, content, folder)
    assert {path.stem for path in folder.iterdir()} <= {"layer"}


_SHAPEFILE = layers.shapefile(layers.planned())
_CELLS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["106.6", "11", "1.214.000,5", "-", "1e400", "nan", "10°58'00\"N", "lon", "lat", "X", "Y", "Tên", "", '"', "=1"]
)


@few
@given(
    st.lists(st.lists(_CELLS, max_size=6), max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([None, *ENCODINGS]),
)
def test_tables_of_points(rows, mark, encoding):
    text = "\n".join(mark.join(row) for row in rows)
    content = b"lon" + mark.encode() + b"lat\n" + text.encode()
    told(read_points, content, encoding)
    told(read_points, text.encode() or b"x", encoding)
    for read in (read_rows, programme.read_actions):
        told(read, content)
        told(read, text.encode())
    for template in templates.TEMPLATES.values():
        told(templates.take, text.encode(), template)
    heads = mark.join(column.header for column in templates.TEMPLATES["schools"].columns)
    told(templates.take, f"{heads}\n{text}".encode(), templates.TEMPLATES["schools"])


@few
@given(st.binary(max_size=400), st.sampled_from(sorted(ENCODINGS)))
def test_bytes_as_tables_and_letters(content, encoding):
    told(read_rows, content.replace(b"PK\x03\x04", b""))
    told(read_points, content.replace(b"PK\x03\x04", b""), None)
    assert isinstance(decode(content, encoding), str)
    assert detect([content]) in {None, *ENCODINGS}


@few
@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["text", "whole", "number", "bool"])), max_size=6),
       st.booleans(), st.sampled_from([None, *ENCODINGS]), st.data())  # fmt: skip
def test_columns_of_any_names_and_values(heads, raw, encoding, data):
    from geodata.importing.upload import _table

    columns = []
    of = {"text": st.none() | st.text(max_size=20), "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
          "number": st.none() | st.floats(allow_nan=False), "bool": st.none() | st.booleans()}  # fmt: skip
    for name, kind in heads:
        values = data.draw(st.lists(of[kind], min_size=2, max_size=2))
        if raw and kind == "text":
            values = [value and value.encode("latin-1", "replace").decode("latin-1") for value in values]
        shown = name.encode("latin-1", "replace").decode("latin-1") if raw else name
        columns.append({"name": shown, "kind": kind, "values": values})
    texts, _, _ = decoded(columns, encoding, raw=raw)
    table, _ = clean_columns(_table(texts, 2))
    table, _ = with_basics(table, "x")
    assert table.columns.is_unique
    assert table["id"].is_unique
    assert table[["id", "name_vi", "name_en", "geometry_quality", "sources"]].notna().all(axis=None)


_PLACES = st.floats(-2e6, 2e6, width=32) | st.sampled_from([106.6, 11.0, 598_000.0, 1_214_000.0])
_XY = hnp.arrays(float, st.tuples(st.integers(1, 12), st.just(2)), elements=_PLACES)
_SYSTEMS = st.sampled_from([None, "EPSG:9210", "EPSG:4326+swapped", "EPSG:3405"])


def _shape(xy):
    kind = len(xy) % 4
    if kind == 0 and len(xy) > 3:
        return shapely.polygons([*xy, xy[0]])
    if kind == 1 and len(xy) > 1:
        return shapely.linestrings(xy)
    return shapely.multipoints(xy) if kind == 2 else shapely.geometrycollections([shapely.points(xy[0]), None])


@few
@given(st.lists(st.none() | _XY, min_size=1, max_size=6), _SYSTEMS, st.none() | st.text(max_size=30))
def test_shapes_and_systems(many, crs, declared):
    shapes = np.asarray([None if xy is None else _shape(xy) for xy in many], dtype=object)
    whole, rows, _, _ = clean_shapes(shapes)
    assert shapely.is_valid(whole).all()
    assert len(whole) == len(rows)
    if len(whole):
        told(propose, whole, declared, crs)


@few
@given(st.text(max_size=60) | st.from_regex(r"[0-9°'\"., XYNE;:-]{1,40}", fullmatch=True))
def test_positions(text):
    told(parse_position, text)


WORDS_OF_SCENARIOS = (
    "id", "title_vi", "title_en", "status", "open_year", "modifications", "kind", "line", "stops", "area", "at", "road",
    "modes", "hours", "speed_kmh", "lanes", "author", "date", "values", "layer",
)  # fmt: skip
_KEYS = st.sampled_from(WORDS_OF_SCENARIOS)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=25,
)
_DEEDS = st.sampled_from(["add_road", "close", "speed", "lanes", "line", "stop", "facility", "zone", "interchange"])
_CHANGES = st.builds(
    lambda one, kind: one | {"kind": kind, "id": "m"}, st.dictionaries(_KEYS, _JSON, max_size=8), _DEEDS
)


@few
@given(_JSON | st.lists(_CHANGES, max_size=3).map(lambda many: {"id": "s", "title_vi": "a", "modifications": many}))
def test_scenarios_of_any_content(content):
    text = json.dumps(content)
    told(read_text, text, "kịch bản.json")
    told(from_link, base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("="))


@few
@given(st.text(max_size=60))
def test_links_and_scenario_files_of_any_text(text):
    told(from_link, text)
    told(read_text, text, "x.json")
