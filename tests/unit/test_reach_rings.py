"""Hold rings to the exact buffered reach that shapely makes, and certificates to the errors we put in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from tests.data.street_lines import exact, exact_km, random_lines, random_reaches, reach_of, streets_of
from zoning.errors import NetworkError
from zoning.reach import rings as module
from zoning.reach.rings import rings
from zoning.reach.surface import Surface

WALK_OFF_M = 50.0


@pytest.fixture(params=["own lattice", "surface's lattice"])
def lattice(request, monkeypatch):
    """Draw small rings on a lattice of their own, and then on the surface's as if they were large."""
    if request.param == "surface's lattice":
        monkeypatch.setattr(module, "LATTICE_POINTS", 1)
    return request.param


def quality(shape, truth):
    """Return intersection over union, missed and false area in per cent of the truth."""
    common = shape.intersection(truth).area
    union = shape.union(truth).area
    return common / union, 100 * (truth.area - common) / truth.area, 100 * (shape.area - common) / truth.area


@pytest.mark.parametrize("seed", range(4))
def test_rings_are_the_reach_widened_by_the_walk_off(seed, lattice):
    streets = streets_of(random_lines(seed))
    surface = Surface.build(streets, WALK_OFF_M)
    reaches = random_reaches(streets, seed)
    for ring, reach in zip(rings(surface, reaches), reaches, strict=True):
        iou, missed, false = quality(ring.geometry, exact(streets, reach, WALK_OFF_M))
        coarse = lattice != "own lattice"
        assert iou >= 0.98 - 0.01 * coarse  # short crooked strips: the coarse lattice is not meant for them
        assert max(missed, false) <= 1.0 + coarse
        # the certificate says what is so, within four standard errors
        for stated, true in ((ring.missed_pct, missed), (ring.false_pct, false)):
            assert abs(stated - true) <= 4 * np.sqrt(100 * max(true, 0.02) / ring.sample_points)
        assert ring.area_ha == pytest.approx(ring.geometry.area / 1e4)
        assert ring.reachable_km == pytest.approx(exact_km(streets, reach), rel=1e-4)
        assert ring.geometry.is_valid
        assert np.isfinite(shapely.get_coordinates(ring.geometry)).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("points", [1, 300, 3000, 60_000])
def test_rings_nest_whatever_lattices_they_are_drawn_on(seed, points, monkeypatch):
    monkeypatch.setattr(module, "LATTICE_POINTS", points)
    streets = streets_of(random_lines(seed, count=90))
    surface = Surface.build(streets, WALK_OFF_M)
    reaches = random_reaches(streets, seed + 10, rings=4)
    # a tiny first ring, so that lattices differ
    first = reach_of(streets, middles=reaches[0].middles[:1])
    made = rings(surface, [first, *reaches])
    for inner, outer in zip(made, made[1:], strict=False):
        assert inner.geometry.difference(outer.geometry).area <= 1e-6
        assert inner.geometry.is_valid
        assert inner.reachable_km <= outer.reachable_km
    if points == 3000:
        assert len({ring.step_m for ring in made}) > 1


def test_a_street_cut_at_a_share_is_a_stadium(lattice):
    streets = streets_of([[(600_000, 1_200_000), (600_900, 1_200_500)]])
    surface = Surface.build(streets, WALK_OFF_M)
    length = streets.length_m[0] * 0.6
    (ring,) = rings(surface, [reach_of(streets, {0: 0.6})])
    stadium = 2 * WALK_OFF_M * length + np.pi * WALK_OFF_M**2
    assert ring.geometry.area == pytest.approx(stadium, rel=0.01)
    assert ring.reachable_km == pytest.approx(length / 1000)
    far = shapely.Point(streets.xy[0] + (streets.xy[1] - streets.xy[0]) * 0.6)
    assert ring.geometry.distance(far) == 0
    assert not ring.geometry.contains(shapely.Point(streets.xy[1]))


def test_the_stadium_at_the_far_end_and_in_the_middle(lattice):
    streets = streets_of([[(0, 0), (700, 100), (900, 600)]])
    surface = Surface.build(streets, WALK_OFF_M)
    for reach in (reach_of(streets, tails={0: 0.4}), reach_of(streets, middles=[(0, 0.3, 0.7)])):
        (ring,) = rings(surface, [reach])
        iou, _, _ = quality(ring.geometry, exact(streets, reach, WALK_OFF_M))
        assert iou > 0.97
        assert ring.reachable_km == pytest.approx(streets.length_m[0] * 0.4 / 1000)


def test_the_other_bank_is_outside_without_a_bridge(lattice):
    # two streets 60 m apart across water: ground nearer to the far street is reached up to the walk-off, no farther
    streets = streets_of([[(0, 0), (2000, 0)], [(0, 60), (2000, 60)]])
    surface = Surface.build(streets, WALK_OFF_M)
    (ring,) = rings(surface, [reach_of(streets, {0: 1.0})])
    assert not ring.geometry.intersects(shapely.LineString(streets.xy[2:]))
    north = ring.geometry.intersection(shapely.box(200, 30, 1800, 100))
    assert north.area == pytest.approx(1600 * 20, rel=0.01)
    assert ring.false_pct <= 1


def test_holes_are_kept(lattice):
    # four streets round a block of 400 m: a courtyard of 300 m
    corners = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    streets = streets_of([corners[i : i + 2] for i in range(4)])
    surface = Surface.build(streets, WALK_OFF_M)
    (ring,) = rings(surface, [reach_of(streets, dict.fromkeys(range(4), 1.0))])
    assert len(ring.geometry.interiors) == 1
    assert shapely.Polygon(ring.geometry.interiors[0]).area == pytest.approx(300 * 300, rel=0.01)
    (outer,) = rings(surface, [reach_of(streets, dict.fromkeys(range(3), 1.0))])
    assert not outer.geometry.interiors


def test_pieces_met_from_both_ends_count_once_and_lengths_are_those_stated():
    streets = streets_of([[(0, 0), (1000, 0)], [(0, 500), (1000, 500)]], length_m=[1200.0, 1000.0])
    surface = Surface.build(streets, WALK_OFF_M)
    reach = reach_of(streets, {0: 0.7}, {0: 0.6, 1: 0.3}, [(1, 0.2, 0.5), (1, 0.4, 0.9)])
    (ring,) = rings(surface, [reach])
    # the first street wholly; of the second 0.2 to 0.9 and 0.7 to 1
    assert ring.reachable_km == pytest.approx(1.2 + 0.8)


def test_a_place_without_length_is_a_disc():
    streets = streets_of([[(0, 0), (1000, 0)]])
    surface = Surface.build(streets, WALK_OFF_M)
    (ring,) = rings(surface, [reach_of(streets, middles=[(0, 0.5, 0.5)])])
    assert ring.geometry.area == pytest.approx(np.pi * WALK_OFF_M**2, rel=0.01)
    assert ring.reachable_km == 0


def test_origins_far_apart_do_not_fill_the_memory():
    # two short streets 80 km apart: their box has 6,400 km2
    streets = streets_of([[(0, 0), (300, 0)], [(80_000, 80_000), (80_300, 80_000)]])
    surface = Surface.build(streets, WALK_OFF_M)
    (ring,) = rings(surface, [reach_of(streets, {0: 1.0, 1: 1.0})])
    assert ring.geometry.geom_type == "MultiPolygon"
    assert ring.geometry.area == pytest.approx(2 * (300 * 100 + np.pi * 2500), rel=0.02)
    assert ring.step_m == surface.cells.step_m


def test_nothing_reached_is_an_error_and_never_a_shape():
    streets = streets_of([[(0, 0), (1000, 0)]])
    surface = Surface.build(streets, WALK_OFF_M)
    with pytest.raises(NetworkError, match="reached"):
        rings(surface, [reach_of(streets)])


def test_the_same_reach_gives_the_same_bytes(lattice):
    streets = streets_of(random_lines(7))
    reaches = random_reaches(streets, 7)
    made = [rings(Surface.build(streets, WALK_OFF_M), reaches) for _ in range(2)]
    assert [ring.geometry.wkb for ring in made[0]] == [ring.geometry.wkb for ring in made[1]]


def test_a_ring_does_not_depend_on_the_rings_beside_it(lattice):
    streets = streets_of(random_lines(8))
    surface = Surface.build(streets, WALK_OFF_M)
    reaches = random_reaches(streets, 8)
    alone = [rings(surface, [reach])[0].geometry for reach in reaches]
    together = [ring.geometry for ring in rings(surface, reaches)]
    for one, other in zip(alone, together, strict=True):
        assert one.symmetric_difference(other).area <= 0.002 * one.area


@pytest.mark.parametrize(
    ("spoil", "missed_by", "false_by"),
    [
        (lambda shape: shape.difference(shape.centroid.buffer(150)), "cut", None),
        (lambda shape: shape.union(shapely.box(*shape.bounds)), None, "added"),
        (lambda shape: shapely.transform(shape, lambda xy: xy + 12.0), "moved", "moved"),
        (lambda shape: shapely.union_all([shape, shape.centroid.buffer(5000)]), None, "far"),
        (lambda shape: shape.buffer(-5), "thin", None),
    ],
)
def test_the_certificate_sees_a_spoiled_ring(spoil, missed_by, false_by, lattice, monkeypatch):
    streets = streets_of(random_lines(9, count=120))
    surface = Surface.build(streets, WALK_OFF_M)
    reach = random_reaches(streets, 9, rings=1, whole=0.9)[0]
    truth = exact(streets, reach, WALK_OFF_M)
    (good,) = rings(surface, [reach])
    drawn = module._geometry
    monkeypatch.setattr(module, "_geometry", lambda outline: spoil(drawn(outline)))
    (bad,) = rings(surface, [reach])
    _, missed, false = quality(bad.geometry, truth)
    for stated, true in ((bad.missed_pct, missed), (bad.false_pct, false)):
        assert abs(stated - true) <= 4 * np.sqrt(100 * max(true, 0.1) / bad.sample_points)
    if missed_by:
        assert bad.missed_pct > good.missed_pct + 2
    if false_by:
        assert bad.false_pct > good.false_pct + 2


def test_a_net_of_500_m_with_a_walk_off_of_300_m():
    # the strategic network: a lattice of connectors
    lines = [
        [(i * 500, j * 500), (i * 500 + dx, j * 500 + dy)]
        for i in range(9)
        for j in range(9)
        for dx, dy in ((500, 0), (0, 500))
    ]
    streets = streets_of(lines)
    surface = Surface.build(streets, 300.0)
    reaches = [
        reach_of(
            streets,
            {
                n: float(np.clip((limit - np.hypot(*(np.mean(line, axis=0) - 2000))) / 500, 0, 1))
                for n, line in enumerate(lines)
            },
        )
        for limit in (700, 1400, 2100)
    ]
    for ring, reach in zip(rings(surface, reaches), reaches, strict=True):
        iou, missed, false = quality(ring.geometry, exact(streets, reach, 300.0))
        assert iou >= 0.98
        assert max(missed, false) <= 1


def test_rings_are_the_same_to_the_byte_in_however_many_parts_they_are_drawn(monkeypatch):
    monkeypatch.setattr(module, "LATTICE_POINTS", 1)
    lines = random_lines(12)
    streets = streets_of(lines)
    surface = Surface.build(streets_of(lines[:-6]), WALK_OFF_M).extended(streets)
    reaches = random_reaches(streets, 12, rings=4)
    together = rings(surface, reaches)
    for cuts in ([0, 4], [0, 1, 4], [0, 2, 4], [0, 3, 4], [0, 1, 2, 3, 4]):
        monkeypatch.setattr(module, "_parts", lambda _, c=cuts: [range(*ends) for ends in pairwise(c)])
        assert rings(surface, reaches) == together
