"""Hold our contours against contourpy's, which nobody here wrote."""

from __future__ import annotations

import contourpy
import numpy as np
import pytest
import shapely

from zoning.reach.contour import Ground, trace


def field(seed, rows=60, cols=80, rough=1.0):
    """Return a random field below and above 50, high on its border."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols]
    waves = sum(
        np.sin(x * a + b) * np.sin(y * c + d) for a, b, c, d in rng.uniform(0.1, 1.2, (4, 4)) * (rough, 5, rough, 5)
    )
    values = (50 + 20 * waves).astype(np.float32)
    values[[0, -1]] = values[:, [0, -1]] = 99.0
    return values


def ours(values, level=50.0, first_row=0):
    rows, cols = values.shape
    first = np.full((rows, -(-cols // 8) * 8), 255, np.uint8)
    first[:, :cols][values < level] = 0
    short = np.zeros(first.shape, np.float32)
    short[:, :cols] = 99.0 - values
    drawn = trace(Ground(first, short, 99.0), 0, level, corner=(first_row, 0))
    return drawn, shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, drawn.xy, (drawn.ring_offsets, drawn.polygon_offsets)
    )


def theirs(values, level=50.0):
    made = contourpy.contour_generator(z=values.astype(float), fill_type="OuterOffset").filled(-1e9, level)
    return [
        shapely.Polygon(xy[o[0] : o[1]], [xy[a:b] for a, b in zip(o[1:-1], o[2:], strict=True)])
        for xy, o in zip(*made, strict=True)
    ]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rough", [0.4, 1.0, 2.5])
def test_the_same_shape_as_contourpy(seed, rough):
    values = field(seed, rough=rough)
    _, mine = ours(values)
    other = theirs(values)
    assert len(mine) == len(other)
    assert sum(len(p.interiors) for p in mine) == sum(len(p.interiors) for p in other)
    assert all(shapely.is_valid(mine))
    apart = shapely.union_all(mine).symmetric_difference(shapely.union_all(other)).area
    assert apart < 1e-3 * shapely.area(other).sum()


@pytest.mark.parametrize("seed", range(6))
def test_a_lower_field_gives_a_larger_shape(seed):
    values = field(seed, rough=2.0)
    lower = values - np.random.default_rng(seed).exponential(3, values.shape).astype(np.float32)
    lower[[0, -1]] = lower[:, [0, -1]] = 99.0
    inner, outer = (shapely.multipolygons(ours(v)[1]) for v in (values, lower))
    assert inner.area < outer.area
    assert inner.difference(outer).area <= 1e-9


def test_outer_rings_run_counter_clockwise_and_holes_clockwise():
    _, polygons = ours(field(3, rough=2.0))
    assert any(len(p.interiors) for p in polygons)
    for polygon in polygons:
        assert polygon.exterior.is_ccw
        assert not any(hole.is_ccw for hole in polygon.interiors)


def test_an_island_in_a_hole_is_a_polygon_of_its_own():
    y, x = np.mgrid[0:41, 0:41]
    r = np.hypot(x - 20, y - 20).astype(np.float32)
    values = np.where(r < 3, 10, np.where(r < 8, 90, np.where(r < 15, 10, 90))).astype(np.float32)
    _, polygons = ours(values)
    assert sorted(len(p.interiors) for p in polygons) == [0, 1]


def test_values_on_the_level_itself_leave_valid_rings():
    # a chess board on the level would make rings that touch in their corners
    values = np.full((20, 20), 99.0, np.float32)
    values[2:-2, 2:-2] = np.where(np.indices((16, 16)).sum(axis=0) % 2, 50.0, 40.0)
    _, polygons = ours(values)
    assert len(polygons)
    assert all(shapely.is_valid(polygons))


def test_rows_may_be_cut_away_without_moving_the_line():
    values = field(5)
    values[:10] = 99.0
    whole, _ = ours(values)
    part, _ = ours(values[9:], first_row=9)
    assert part.xy.tobytes() == whole.xy.tobytes()
