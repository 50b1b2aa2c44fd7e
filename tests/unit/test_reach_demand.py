"""Hold cells and spreading to the first law of both: nobody is lost, nobody is invented."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.errors import InputError
from zoning.reach.demand import grid, people_in_cells, spread, street_length_at_nodes

CRS = "EPSG:9210"
NAN = math.nan


def points(xy, people=None):
    people = np.ones(len(xy)) if people is None else people
    return gpd.GeoDataFrame({"people": people}, geometry=shapely.points(np.asarray(xy, dtype=float)), crs=CRS)


def cloud(count=400, seed=3):
    rng = np.random.default_rng(seed)
    return points(rng.uniform((590_000, 1_210_000), (600_000, 1_220_000), (count, 2)), rng.integers(0, 900, count) / 7)


@pytest.mark.parametrize("shape", ["hexagon", "square"])
@pytest.mark.parametrize("size_m", [100, 737.5, 5000])
def test_people_are_kept_and_stand_in_their_cell(shape, size_m):
    homes = cloud()
    layout = grid(homes, size_m, shape)
    cells = people_in_cells(homes, size_m, shape)
    assert math.fsum(cells["people"]) == pytest.approx(math.fsum(homes["people"]), rel=1e-15)
    assert cells["points"].sum() == len(homes)
    own = cells.geometry.to_numpy()[layout.cell_of]
    assert (shapely.distance(own, homes.geometry.to_numpy()) < 0.001).all()
    assert cells["id"].is_unique


@pytest.mark.parametrize("shape", ["hexagon", "square"])
def test_cells_tile_the_plane(shape):
    """Of a filled square kilometre: no overlap, no gap, true area."""
    homes = points(np.random.default_rng(1).uniform(0, 1000, (4000, 2)))
    cells = grid(homes, 200, shape).cells
    assert cells.geometry.is_valid.all()
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    assert shapely.union_all(cells.geometry.to_numpy()).area == pytest.approx(cells["area_ha"].sum() * 1e4, rel=1e-4)
    assert shapely.union_all(cells.geometry.to_numpy()).interiors.__len__() == 0
    assert cells.geometry.area.to_numpy() == pytest.approx(cells["area_ha"].to_numpy() * 1e4, rel=1e-4)


def test_a_hexagon_has_the_nearest_centre():
    homes = cloud()
    layout = grid(homes, 500, "hexagon")
    centres = layout.cells.geometry.centroid.to_numpy()
    nearest = shapely.STRtree(centres).nearest(homes.geometry.to_numpy())
    ours = shapely.distance(homes.geometry.to_numpy(), centres[layout.cell_of])
    assert ours == pytest.approx(shapely.distance(homes.geometry.to_numpy(), centres[nearest]), abs=0.01)


def test_opposite_sides_are_size_apart():
    for shape in ("hexagon", "square"):
        left, _, right, _ = grid(points([(10, 10)]), 300, shape).cells.total_bounds
        assert right - left == pytest.approx(300)


def test_a_square_has_its_west_and_south_side():
    layout = grid(points([(0, 0), (99.999, 99.999), (100, 0), (-0.001, 0)]), 100, "square")
    assert layout.cells["id"].tolist() == ["square-100--1-0", "square-100-0-0", "square-100-1-0"]
    assert layout.cell_of.tolist() == [1, 1, 2, 0]


def test_the_grid_does_not_depend_on_the_points():
    homes = cloud()
    every, half = people_in_cells(homes, 500), people_in_cells(homes.iloc[::-2], 500)
    same = every.set_index("id").geometry.loc[half["id"]].to_numpy()
    assert shapely.equals_exact(same, half.geometry.to_numpy()).all()


def test_unknown_people_stay_unknown():
    homes = points([(10, 10), (20, 20), (510, 10), (520, 10)], [5, NAN, NAN, NAN])
    cells = people_in_cells(homes, 100, "square")
    assert cells["people"].iloc[0] == 5
    assert math.isnan(cells["people"].iloc[1])
    assert cells["unknown_points"].tolist() == [1, 2]


def test_mean_is_weighed_by_people_and_leaves_out_the_unknown():
    layout = grid(points([(1, 1), (2, 2), (3, 3), (201, 1)]), 100, "square")
    assert layout.mean([10, 20, NAN, 5], [1, 3, 9, 0])[0] == 17.5
    assert math.isnan(layout.mean([10, 20, NAN, 5], [1, 3, 9, 0])[1])
    assert layout.total([1, 2, 3, 4]).tolist() == [6, 4]


def test_sums_do_not_depend_on_the_order():
    homes = points(np.ones((5, 2)), [1e16, 1.0, 1.0, 1.0, -0.0])
    for order in ([0, 1, 2, 3, 4], [1, 2, 3, 0, 4]):
        assert people_in_cells(homes.iloc[order], 100)["people"].tolist() == [1e16 + 4]  # 1e16 + 3, rounded to even


def test_no_points_make_no_cells():
    assert len(people_in_cells(points(np.empty((0, 2))), 100)) == 0


@pytest.mark.parametrize("size_m", [0, -5, 10, 60_000, NAN, "wide", None])
def test_sizes_that_are_none_are_refused(size_m):
    with pytest.raises(InputError, match="metres"):
        grid(points([(1, 1)]), size_m)


def test_bad_points_are_refused():
    with pytest.raises(InputError, match="projected"):
        grid(points([(106, 11)]).set_crs("EPSG:4326", allow_override=True), 100)
    with pytest.raises(InputError, match="1 of 2"):
        grid(gpd.GeoSeries([shapely.Point(1, 1), None], crs=CRS), 100)
    with pytest.raises(InputError, match="hexagons or squares"):
        grid(points([(1, 1)]), 100, "triangle")
    with pytest.raises(InputError, match="1 of 1"):
        people_in_cells(points([(1, 1)], [-3.0]), 100)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 100)), min_size=1, max_size=30),
    st.lists(st.integers(0, 10_000), min_size=5, max_size=5),
)
@settings(derandomize=True)
def test_spreading_keeps_the_people_of_every_unit(places, people):
    unit, weight = (np.array(column) for column in zip(*places, strict=True))
    living = np.where(np.isin(np.arange(5), unit), people, 0)
    shares = spread(living, unit, weight)
    for one in range(5):
        assert math.fsum(shares[unit == one]) == pytest.approx(living[one], rel=1e-12)


def test_spreading_follows_the_weights():
    assert spread([12, 5, NAN], [0, 0, 1, 1, 2, -1], [1, 3, 0, 0, 2, 9])[:4].tolist() == [3, 9, 2.5, 2.5]
    assert math.isnan(spread([12, 5, NAN], [0, 0, 1, 1, 2, -1], [1, 3, 0, 0, 2, 9])[4])
    assert spread([12], [0, -1], [1, 9]).tolist() == [12, 0]


def test_people_without_a_point_are_not_lost_silently():
    with pytest.raises(InputError, match="no point to put them on: 1, 7 people"):
        spread([5, 7], [0, 0], [1, 1])
    assert spread([5, 0], [0, 0], [1, 1]).tolist() == [2.5, 2.5]


def test_streets_are_shared_by_their_ends():
    lengths = street_length_at_nodes([0, 1, 1], [1, 2, 1], [100, 50, 8], 4)
    assert lengths.tolist() == [50, 83, 25, 0]
    assert lengths.sum() == 158
