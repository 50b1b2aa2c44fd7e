"""Hold the compiled surface to distances that shapely measures."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.data.street_lines import random_lines, random_reaches, reach_of, streets_of, stretches
from zoning.reach.cells import NEVER
from zoning.reach.certificate import points_in_rings
from zoning.reach.field import CompiledField
from zoning.reach.lattice import Window, batches, near, squared_distance
from zoning.reach.pieces import Pieces, covered, cut, partial
from zoning.reach.rings import rings
from zoning.reach.streets import StreetReach
from zoning.reach.surface import Surface, whole_segments

WALK_OFF_M = 50.0


def lines_of(streets):
    return shapely.linestrings(
        streets.xy, indices=np.repeat(np.arange(len(streets.length_m)), np.diff(streets.offsets))
    )


def positions(window):
    row, col = np.divmod(np.arange(window.rows * window.cols), window.cols)
    return shapely.points(window.columns_m(row, col), window.rows_m(row))


@pytest.fixture(scope="module")
def streets():
    return streets_of(random_lines(1))


@pytest.fixture(scope="module")
def surface(streets):
    return Surface.build(streets, WALK_OFF_M)


@pytest.mark.parametrize("jitter", [False, True])
def test_near_finds_every_point_in_reach_and_its_distance(streets, surface, jitter):
    segments = whole_segments(streets, surface.places)
    bounds = tuple(shapely.total_bounds(lines_of(streets)))
    plain = Window.around(bounds, 80.0, 20.0)
    window = Window(20.0, plain.row, plain.col, plain.rows, plain.cols, jitter=jitter)
    found = np.full((len(segments.street), window.rows * window.cols), np.inf)
    owner, row, col, across, along = near(segments, window, 80.0)
    lengths = segments.length_m().astype(np.float32)[owner]
    found[owner, row * window.cols + col] = np.sqrt(squared_distance(across, along, lengths))
    ends = np.stack([[segments.ax, segments.ay], [segments.bx, segments.by]]).transpose(2, 0, 1)
    true = shapely.distance(shapely.linestrings(ends)[:, None], positions(window)[None, :])
    close = true < 80.0 - 1e-3
    assert close.any()
    assert np.abs(found[close] - true[close]).max() < 2e-3
    assert (found[~close] >= 80.0 - 3e-3).all()


def test_points_of_a_jittered_window_stay_in_their_squares_and_do_not_depend_on_the_window():
    wide = Window(10.0, 100, 200, 40, 50, jitter=True)
    row, col = np.divmod(np.arange(2000), 50)
    x, y = wide.columns_m(row, col), wide.rows_m(row)
    assert (np.floor(x / 10) == col + 200).all()
    assert (np.floor(y / 10) == row + 100).all()
    part = Window(10.0, 105, 207, 4, 5, jitter=True)
    row, col = np.divmod(np.arange(20), 5)
    assert np.array_equal(part.columns_m(row, col), x.reshape(40, 50)[5:9, 7:12].ravel())
    # even: the mean place in a square is its middle
    assert abs((x / 10 % 1).mean() - 0.5) < 0.03
    assert abs(np.unique(y / 10 % 1).mean() - 0.5) < 0.15


def test_batches_hold_every_segment_once(streets, surface):
    segments = whole_segments(streets, surface.places)
    parts = list(batches(segments, 1.0, 60.0))
    assert len(parts) > 3
    assert np.array_equal(np.concatenate([part.ax for part in parts]), segments.ax)


def test_cells_know_the_nearest_street_and_how_far_it_is(streets, surface):
    cells = surface.cells
    bounds = tuple(shapely.total_bounds(lines_of(streets)))
    everything = np.zeros(len(streets.length_m) + 1, np.uint8)
    painted = CompiledField(surface, everything, cells.window(bounds))
    painted.add_streets(0)
    held = cells.cap_m - painted.ground.short.ravel()
    true = shapely.distance(shapely.multilinestrings(list(lines_of(streets))), positions(painted.window))
    close = true < cells.cap_m - 1e-2
    assert np.abs(held[close] - true[close]).max() < 2e-3
    assert (held[true > cells.cap_m + 1e-2] == np.float32(cells.cap_m)).all()
    clear = np.abs(true - WALK_OFF_M) > 1e-2
    assert np.array_equal(painted.ground.first.ravel()[clear] == 0, true[clear] < WALK_OFF_M)


@pytest.mark.parametrize("seed", range(5))
def test_the_field_is_the_distance_to_what_is_reached_where_streets_nearer_by_are_not(streets, surface, seed):
    cells = surface.cells
    reaches = random_reaches(streets, seed)
    ring = np.full(len(streets.length_m) + 1, NEVER, np.uint8)
    ring[-1] = 0
    for number in (2, 1, 0):
        ring[:-1][covered(reaches[number]) >= 1 - 1e-9] = number
    bounds = tuple(shapely.total_bounds(lines_of(streets)))
    grown = CompiledField(surface, ring, cells.window(bounds))
    points = positions(grown.window)
    for number, reach in enumerate(reaches):
        grown.add_streets(number)
        whole = ring[:-1] <= number
        heads, tails = (np.flatnonzero((share > 0) & ~whole) for share in (reach.head, reach.tail))
        grown.add_segments(cut(streets, surface.places, partial(reach, whole, heads, tails)), number)
        true = shapely.distance(shapely.multilinestrings(list(stretches(streets, reach))), points)
        held = cells.cap_m - grown.ground.short.ravel()
        close = true < cells.cap_m - 1e-2
        assert np.abs(held[close] - true[close]).max() < 2e-3
        assert (held[true > cells.cap_m + 1e-2] == np.float32(cells.cap_m)).all()
        clear = np.abs(true - WALK_OFF_M) > 1e-2
        assert np.array_equal(grown.ground.first.ravel()[clear] <= number, true[clear] < WALK_OFF_M)


@pytest.mark.parametrize("seed", range(3))
def test_samples_know_which_points_see_a_stretch_of_street(streets, surface, seed):
    rng = np.random.default_rng(seed)
    samples = surface.samples
    window = samples.window(tuple(shapely.total_bounds(lines_of(streets))), WALK_OFF_M)
    row, col = samples.row.astype(np.intp) - window.row, samples.col.astype(np.intp) - window.col
    points = shapely.points(window.columns_m(row, col), window.rows_m(row))
    for street in rng.choice(len(streets.length_m), 12, replace=False):
        start = rng.uniform(0, 0.8)
        end = start + rng.uniform(0, 0.2)
        reach = reach_of(streets, middles=[(street, start, end)])
        piece = Pieces(np.array([street]), np.array([start]), np.array([end]))
        found = np.zeros((window.rows, window.cols), bool)
        samples.touch(piece, window, found)
        seen = found[row, col]
        assert found.sum() == seen.sum()
        true = shapely.distance(stretches(streets, reach)[0], points)
        clear = np.abs(true - WALK_OFF_M) > 1e-2
        assert np.array_equal(seen[clear], true[clear] < WALK_OFF_M)


def test_points_in_rings_agrees_with_shapely():
    rng = np.random.default_rng(4)
    blobs = shapely.buffer(shapely.points(rng.uniform(0, 900, (40, 2))), rng.uniform(20, 120, 40))
    shape = shapely.union_all(blobs[:30]).difference(shapely.union_all(shapely.buffer(blobs[30:], -15)))
    _, xy, offsets = shapely.to_ragged_array([shape])
    plain = Window.around(shape.bounds, 30.0, 7.0)
    window = Window(7.0, plain.row, plain.col, plain.rows, plain.cols, jitter=True)
    inside = points_in_rings(xy, offsets[0], window).ravel()
    assert np.array_equal(inside, shapely.contains(shape, positions(window)))
    assert 0.1 < inside.mean() < 0.9


def test_a_saved_surface_gives_the_same_rings(streets, surface, tmp_path):
    path = tmp_path / "surface.npz"
    np.savez(path, **surface.arrays())
    with np.load(path, allow_pickle=False) as stored:
        again = Surface.from_arrays(streets, dict(stored))
    reaches = random_reaches(streets, 2)
    first, second = rings(surface, reaches), rings(again, reaches)
    assert [ring.geometry.wkb for ring in first] == [ring.geometry.wkb for ring in second]
    assert [ring.missed_pct for ring in first] == [ring.missed_pct for ring in second]


def test_compiling_twice_gives_the_same_bytes(streets, surface):
    again = Surface.build(streets, WALK_OFF_M).arrays()
    for name, array in surface.arrays().items():
        assert array.tobytes() == again[name].tobytes(), name


@pytest.mark.parametrize("seed", range(3))
def test_the_surface_of_open_streets_gives_the_same_rings(streets, surface, seed):
    rng = np.random.default_rng(seed)
    is_open = rng.random(len(streets.length_m)) < 0.6
    reaches = [
        StreetReach(reach.head * is_open, reach.tail * is_open, tuple(m for m in reach.middles if is_open[m[0]]))
        for reach in random_reaches(streets, seed)
    ]
    opened = surface.opened(is_open)
    assert opened.opened(is_open).cells is opened.cells
    assert not np.array_equal(opened.cells.street, surface.cells.street)
    for one, other in zip(rings(surface, reaches), rings(opened, reaches), strict=True):
        assert one.geometry.wkb == other.geometry.wkb
        assert (one.missed_pct, one.false_pct) == (other.missed_pct, other.false_pct)
