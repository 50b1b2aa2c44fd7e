"""CSV opens in Excel with Vietnamese letters, runs no formula, and says where and how large."""

import csv
import io

import pandas as pd
import pytest
from pyproj import Transformer

from geodata.tables import csv_bytes, safe_cell
from tests.data.features import HOSTILE, hostile, rings, zones

PROVENANCE = {"attribution": "(c) OpenStreetMap contributors, ODbL 1.0", "licence": "ODbL 1.0"}


def rows(frame):
    ids = frame["id"].tolist() if "id" in frame else [str(n) for n in range(len(frame))]
    data = csv_bytes(frame, ids, provenance=PROVENANCE)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_excel_knows_it_is_utf8():
    data = csv_bytes(zones(), zones()["id"].tolist(), provenance=PROVENANCE)
    assert data.startswith(b"\xef\xbb\xbfid,")
    assert "Thủ Dầu Một".encode() in data
    assert data.count(b"\r\n") == len(zones()) + 1


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "  \t@", "\xa0+"]
)
def test_a_text_that_would_run_begins_with_an_apostrophe(start):
    assert safe_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(("value", "cell"), [(-1.5, "-1.5"), (-3, "-3"), (None, ""), (True, "true"), ("a=b", "a=b")])
def test_numbers_and_harmless_texts_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell


def test_no_cell_and_no_head_of_a_hostile_layer_runs():
    frame = hostile().rename(columns={"<b>&": "=1+1"})
    found = rows(frame)
    assert "'=1+1" in found[0]
    for row in found:
        for cell in row.values():
            assert not cell.startswith(("=", "@", "\t", "\r"))
    by_id = {row["id"]: row["name_vi"] for row in found}
    assert by_id["quotes"] == HOSTILE["quotes"]
    assert by_id["lines"] == HOSTILE["lines"]  # quoted, so still one row
    assert by_id["control"] == "a\ufffdb\ufffdc\ufffdd"
    assert by_id["decomposed"] == "Thủ Dầu Một"


def test_places_are_given_in_degrees_and_as_surveyors_write_them():
    near = rows(zones())[3]
    assert (near["x_north_m"], near["y_east_m"]) == ("1225000.75", "600000.25")  # X is north
    # PROJ's own choice north of the seam is the pinned operation: an independent way to the same degrees
    lon, lat = Transformer.from_crs(9210, 4326, always_xy=True).transform(600000.25, 1225000.75)
    assert float(near["lon"]) == pytest.approx(lon, abs=1e-7)
    assert float(near["lat"]) == pytest.approx(lat, abs=1e-7)


def test_the_point_of_a_zone_lies_inside_it():
    for row, zone in zip(rows(zones()), zones().geometry, strict=True):
        if zone is None:
            assert [row[name] for name in ("lon", "lat", "x_north_m", "y_east_m")] == [""] * 4
        elif zone.area:
            point = pd.to_numeric([row["y_east_m"], row["x_north_m"]])
            assert zone.distance(type(zone.centroid)(point)) == 0


def test_sizes_are_measured_where_the_layer_has_none():
    assert "area_drawn_ha" not in rows(rings())[0]  # a ring says its own area
    plain = zones().drop(columns="area_ha")
    # 2 km x 2 km less 500 m x 500 m; 1 km x 500 m and 1 km x 1 km
    assert [row["area_drawn_ha"] for row in rows(plain)[1:]] == ["375", "150", "", ""]
    lines = plain.iloc[[1]].set_geometry(plain.iloc[[1]].exterior)
    assert rows(lines)[0]["length_drawn_km"] == "8"
    assert "area_drawn_ha" not in rows(lines)[0]


def test_licence_and_attribution_stand_in_each_row():
    for row in rows(zones()):
        assert (row["attribution"], row["licence"]) == (PROVENANCE["attribution"], PROVENANCE["licence"])


def test_a_table_without_places_is_written_as_it_is():
    frame = pd.DataFrame({"id": ["p1", "p2"], "value": [2426561, 0.5], "year": pd.array([2019, None], dtype="Int64")})
    assert rows(frame)[0] == {"id": "p1", "value": "2426561", "year": "2019"} | PROVENANCE
    assert rows(frame)[1]["year"] == ""


def test_equal_input_gives_equal_bytes():
    first, second = (csv_bytes(zones(), list("abcde"), provenance=PROVENANCE) for _ in range(2))
    assert first == second
