"""Rounding to seven decimals never breaks an outline, or says so."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.rounding import DECIMALS, checked, named, rounded
from zoning.errors import ExportError

# at seven decimals the fourth vertex falls on the first edge: a ring that touches itself
TOUCHING = shapely.Polygon(
    [(106, 11 + 0.6e-7), (106.001, 11 + 0.6e-7), (106.001, 11.001), (106.0005, 11 + 1.4e-7), (106, 11.001)]
)


def on_grid(geometry):
    coordinates = shapely.get_coordinates(geometry)
    return all(len(repr(value).partition(".")[2]) <= DECIMALS for value in coordinates.ravel().tolist())


def test_plain_rounding_would_break_this_outline():
    naive = shapely.transform(TOUCHING, lambda c: np.round(c, DECIMALS))
    assert TOUCHING.is_valid
    assert not naive.is_valid


def test_an_outline_that_rounding_breaks_is_repaired():
    result = rounded(np.array([TOUCHING], dtype=object), ["a"])[0]
    assert result.is_valid
    assert on_grid(result)
    assert result.symmetric_difference(TOUCHING).area <= TOUCHING.length * 1e-7


@given(
    st.lists(st.tuples(st.floats(1e-7, 1e-3), st.floats(0.05, 1.0)), min_size=3, max_size=30),
    st.floats(102, 110),
    st.floats(8, 23),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_outline_is_valid_on_the_grid_and_turns_left(spokes, lon, lat):
    turns = np.cumsum([share for _, share in spokes])
    angle = turns / (turns[-1] + 0.05) * 2 * np.pi
    radius = np.array([length for length, _ in spokes])
    star = shapely.Polygon(np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle)]))
    if not star.is_valid:
        return
    try:
        result = rounded(np.array([star], dtype=object), ["a"])[0]
    except ExportError:
        assert star.area < 1e-7 * star.length  # nothing as thin as the grid is left
        return
    assert result.is_valid
    assert on_grid(result)
    assert abs(result.area - star.area) <= 1e-7 * star.length + 1e-14
    for part in shapely.get_parts(result):
        assert part.exterior.is_ccw
        assert not any(ring.is_ccw for ring in part.interiors)


def test_neighbours_still_share_their_vertices():
    left = shapely.Polygon([(106.1, 11.1), (106.2 + 4e-8, 11.1), (106.2 + 3e-8, 11.2), (106.1, 11.2)])
    right = shapely.Polygon([(106.2 + 4e-8, 11.1), (106.3, 11.1), (106.3, 11.2), (106.2 + 3e-8, 11.2)])
    both = rounded(np.array([left, right], dtype=object), ["l", "r"])
    assert shapely.coverage_is_valid(both)


def test_kinds_of_geometry_are_kept():
    line = shapely.LineString([(106, 11, 2), (106.00000001, 11, 3), (106.1, 11, 5)])
    ring = shapely.LinearRing([(106, 11), (106.1, 11), (106, 11.1)])
    result = rounded(
        np.array([line, ring, shapely.Point(106.12345678, 11), None, shapely.Polygon()], dtype=object), list("abcde")
    )
    assert result[0].wkt == "LINESTRING (106 11, 106.1 11)"
    assert result[1].geom_type == "LineString"
    assert result[2].wkt == "POINT (106.1234568 11)"
    assert result[3] is None
    assert result[4] is None  # an empty outline is no place


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "not valid (Self-intersection"),
        (shapely.LineString([(0, 0), (np.inf, 1)]), "not finite"),
        (shapely.box(106, 11, 106 + 1e-9, 11 + 1e-9), "Too small"),
        (shapely.LineString([(106, 11), (106 + 1e-9, 11)]), "Too small"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(geometry, says):
    with pytest.raises(ExportError) as fault:
        rounded(np.array([shapely.Point(1, 1), geometry], dtype=object), ["fine", "culprit"])
    assert says in str(fault.value)
    assert "culprit" in str(fault.value)
    assert "fine" not in str(fault.value).replace("finite", "")


def test_checking_leaves_the_original_alone():
    before = np.array([shapely.Polygon(), shapely.Point(1, 1)], dtype=object)
    after = checked(before, ["a", "b"])
    assert after[0] is None
    assert before[0] is not None


def test_many_ids_are_counted():
    assert named([str(i) for i in range(9)], np.ones(9, dtype=bool)) == "0, 1, 2, 3, 4 (+4)"


def test_a_hole_and_a_part_too_small_to_write_are_left_out():
    tiny = [(106.05, 11.05), (106.05 + 1e-9, 11.05), (106.05, 11.05 + 1e-9)]
    holed = shapely.Polygon(shapely.box(106, 11, 106.1, 11.1).exterior, [tiny])
    parts = shapely.MultiPolygon([shapely.box(106, 11, 106.01, 11.01), shapely.Polygon(tiny)])
    hole_gone, part_gone = rounded(np.array([holed, parts], dtype=object), ["h", "p"])
    assert hole_gone.equals(shapely.box(106, 11, 106.1, 11.1))
    assert part_gone.equals(shapely.box(106, 11, 106.01, 11.01))
