"""Turn reached streets into rings: polygons that nest, each with its certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from zoning.errors import NetworkError
from zoning.pace import checkpoint
from zoning.reach.cells import NEVER, whole_tiles
from zoning.reach.certificate import Certificate, compare, points_in_rings, points_near
from zoning.reach.field import CompiledField, Field
from zoning.reach.lattice import Window
from zoning.reach.pieces import WHOLE, Pieces, Segments, covered, cut, partial
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.reach.contour import Outline
    from zoning.reach.streets import StreetReach
    from zoning.reach.surface import Surface

LATTICE_POINTS = 60_000  # in the ground of one ring, about: more make it slower, fewer make it coarser
SAMPLE_POINTS = 12_000  # in the ground of a small ring, about: a standard error of 0.06 % where the error is 0.5 %
LARGEST_WINDOW = (
    2_000_000  # points of a lattice of its own: origins far apart share the surface's, else memory would go
)
COARSEST, FINEST = 4, 32  # lattice steps in a walk-off where a ring is computed on a lattice of its own

HAIR_M = 1e-3  # metres kept clear where a ring is cut to lie in the next: overlays round, and a sliver is not nested


@dataclass(frozen=True)
class Ring:
    """A catchment polygon and what it is worth.

    Attributes
    ----------
    geometry
        Polygon or MultiPolygon in the network's CRS, holes kept.
    area_ha
        Area of the geometry, hectares.
    reachable_km
        Street reached: both directions counted once, pieces that overlap counted once.
    missed_pct, false_pct
        Area of the exact reach (reached street widened by the walk-off) that the ring leaves out, and area of the ring
        outside it, both in per cent of the exact reach's area; estimated as `certificate.Certificate` says.
    step_m
        Step of the lattice that the ring was drawn on, metres.
    sample_points
        Points in the exact reach that the certificate rests on.
    """

    geometry: shapely.Polygon | shapely.MultiPolygon
    area_ha: float
    reachable_km: float
    missed_pct: float
    false_pct: float
    step_m: float
    sample_points: int


@dataclass(frozen=True)
class _Job:
    """One ring to be drawn: its number, what it reaches, and how fine its lattice is to be."""

    number: int
    partial: Pieces
    length_m: float
    bounds: tuple[float, float, float, float]
    steps: int
    """Lattice steps in a walk-off; 0: on the surface's own lattice."""


def rings(surface: Surface, reaches: Sequence[StreetReach]) -> list[Ring]:
    """Return the rings of a catchment, one a reach, each inside the next.

    Parameters
    ----------
    surface
        The compiled surface of the network's streets.
    reaches
        What is reached within each limit, smallest limit first: each at least what the one before it is.

    Raises
    ------
    NetworkError
        No street is reached: there is no shape to show.
    """
    ring, jobs = _plan(surface, reaches)
    outlines: list[Outline] = []
    for steps, group in groupby(jobs, key=lambda job: job.steps):
        outlines += _draw(surface, ring, list(group), steps)
    shapes = _nested([_geometry(outline) for outline in outlines], jobs)
    result: list[Ring] = []
    for job, shape, verdict in zip(jobs, shapes, _certify(surface, ring, jobs, shapes, outlines), strict=True):
        step = surface.walk_off_m / job.steps if job.steps else surface.cells.step_m
        result.append(
            Ring(
                shape, shape.area / 1e4, job.length_m / 1e3, verdict.missed_pct, verdict.false_pct, step, verdict.points
            )
        )
    return result


def _plan(surface: Surface, reaches: Sequence[StreetReach]) -> tuple[NDArray[np.uint8], list[_Job]]:
    """Return the first ring that reaches each street wholly (one NEVER more at the end), and the rings to be drawn."""
    from zoning.reach.kernels.streets import gather

    streets = surface.streets
    count = len(streets.length_m)
    ring = np.full(count + 1, NEVER, np.uint8)
    heads, tails = np.empty((2, count), np.int32)
    bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
    jobs: list[_Job] = []
    for number, reach in enumerate(reaches):
        share = covered(reach)
        length, many, more = gather(
            share, reach.head, reach.tail, streets.length_m, surface.bounds, WHOLE, number, ring, heads, tails, bounds
        )
        # a reach holds the one before: only what is new can widen its bounds
        for street, _, _ in reach.middles:
            np.minimum(bounds[:2], surface.bounds[:2, street], out=bounds[:2])
            np.maximum(bounds[2:], surface.bounds[2:, street], out=bounds[2:])
        if not np.isfinite(bounds[0]):
            raise NetworkError(N_("No street can be reached from here within the limit."))
        pieces = partial(reach, ring[:-1] <= number, heads[:many], tails[:more])
        west, south, east, north = bounds.tolist()
        box = west, south, east, north
        jobs.append(_Job(number, pieces, length, box, _steps(length, box, surface.walk_off_m)))
    return ring, jobs


def _steps(length_m: float, bounds: tuple[float, float, float, float], walk_off_m: float) -> int:
    """Return how many lattice steps a walk-off needs: small reaches are mostly rounded ends, which want more."""
    ground = length_m / walk_off_m * 2.0 + np.pi  # at most, in squares of the walk-off
    box = _area(bounds, walk_off_m) / walk_off_m**2
    if ground * COARSEST**2 > LATTICE_POINTS or box * COARSEST**2 > LARGEST_WINDOW:
        return 0
    finest = np.sqrt(min(LATTICE_POINTS / 2.0 / ground, LARGEST_WINDOW / box))
    return int(np.clip(2 ** np.floor(np.log2(finest)), COARSEST, FINEST))


def _area(bounds: tuple[float, float, float, float], margin_m: float) -> float:
    """Return the area of bounds and a margin, square metres."""
    west, south, east, north = bounds
    return (east - west + 2.0 * margin_m) * (north - south + 2.0 * margin_m)


def _segments(
    surface: Surface, ring: NDArray[np.uint8], numbers: range, pieces: Pieces, *, first_street: int = 0
) -> Segments:
    """Return the segments of some pieces, and of the streets (from one on) first wholly reached by some rings."""
    later = ring[first_street:-1]
    whole = np.flatnonzero((later >= numbers.start) & (later < numbers.stop)) + first_street
    return cut(
        surface.streets,
        surface.places,
        Pieces(
            np.concatenate((whole, pieces.street)),
            np.concatenate((np.zeros(len(whole)), pieces.start)),
            np.concatenate((np.ones(len(whole)), pieces.end)),
        ),
    )


def _compiled(surface: Surface, ring: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ring numbers of the streets that were there when the surface was compiled, 0 at the end for none."""
    return np.append(ring[: surface.compiled], np.uint8(0))


def _draw(surface: Surface, ring: NDArray[np.uint8], jobs: list[_Job], steps: int) -> list[Outline]:
    """Return the outlines of neighbouring rings that share a lattice."""
    widest = jobs[-1].bounds
    compiled = None if steps else CompiledField(surface, _compiled(surface, ring), widest)
    step = surface.walk_off_m / (steps or 1)
    field = compiled or Field(whole_tiles(Window.around(widest, surface.walk_off_m + step, step)), surface.walk_off_m)
    outlines = []
    done = 0
    for job in jobs:
        numbers = range(done, job.number + 1)
        if compiled:
            compiled.add_streets(job.number)
        known = surface.compiled if compiled else 0
        field.add_segments(_segments(surface, ring, numbers, job.partial, first_street=known), job.number)
        done = job.number + 1
        outlines.append(field.outline(job.number, job.bounds))
    return outlines


def _geometry(outline: Outline) -> shapely.Polygon | shapely.MultiPolygon:
    polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, outline.xy, (outline.ring_offsets, outline.polygon_offsets)
    )
    return _joined(polygons)


def _joined(polygons: NDArray[np.object_]) -> shapely.Polygon | shapely.MultiPolygon:
    shape = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    return cast("shapely.Polygon | shapely.MultiPolygon", shape)


def _nested(
    shapes: list[shapely.Polygon | shapely.MultiPolygon], jobs: list[_Job]
) -> list[shapely.Polygon | shapely.MultiPolygon]:
    """Return shapes of which each lies in the next: true by construction on one lattice, by cutting across two."""
    cut_to_fit = False
    for number in range(len(shapes) - 2, -1, -1):
        inner, outer = shapes[number], shapes[number + 1]
        # what lies in a shape that was cut itself is to be cut like it
        cut_to_fit = cut_to_fit or jobs[number].steps != jobs[number + 1].steps
        if cut_to_fit:
            west, south, east, north = inner.bounds
            near_by = shapely.clip_by_rect(outer, west - 1.0, south - 1.0, east + 1.0, north + 1.0)
            within = shapely.buffer(near_by, -HAIR_M, quad_segs=1, join_style="mitre")
            shapes[number] = _polygonal(shapely.intersection(inner, within))
    return shapes


def _polygonal(shape: shapely.Geometry) -> shapely.Polygon | shapely.MultiPolygon:
    """Return the polygons of a shape: edges that only touch leave lines and points behind."""
    parts = shapely.get_parts(shape)
    return _joined(parts[shapely.get_dimensions(parts) == 2])


def _certify(
    surface: Surface,
    ring: NDArray[np.uint8],
    jobs: list[_Job],
    shapes: list[shapely.Polygon | shapely.MultiPolygon],
    outlines: list[Outline],
) -> list[Certificate]:
    """Return the certificates of shapes: small ones on points of their own, large ones on the surface's samples."""
    walk_off = surface.walk_off_m
    vertices = [_vertices(shape, outline) for shape, outline in zip(shapes, outlines, strict=True)]
    # points are needed wherever the shape or the reach may be
    grounds = [_hull(job.bounds, shape) for job, shape in zip(jobs, shapes, strict=True)]
    samples = surface.samples
    large = [ground for job, ground in zip(jobs, grounds, strict=True) if not job.steps]
    if large:
        whole = samples.window((*np.min(large, axis=0)[:2], *np.max(large, axis=0)[2:]), walk_off)
        first = samples.first_rings(_compiled(surface, ring), whole)
    result = []
    for job, ground, (xy, offsets) in zip(jobs, grounds, vertices, strict=True):
        checkpoint()
        if job.steps:
            reach = 2.0 * job.length_m * walk_off + np.pi * walk_off**2
            spread = np.sqrt(max(reach / SAMPLE_POINTS, _area(ground, walk_off) / LARGEST_WINDOW))
            window = replace(Window.around(ground, walk_off, float(spread)), jitter=True)
            segments = _segments(surface, ring, range(job.number + 1), job.partial)
            in_reach = points_near(segments, window, walk_off)
        else:
            window = samples.window(ground, walk_off)
            top, left = window.row - whole.row, window.col - whole.col
            in_reach = first[top : top + window.rows, left : left + window.cols] <= job.number
            old, new = _split(job.partial, surface.compiled)
            samples.touch(old, window, in_reach)
            if surface.compiled < len(surface.streets.length_m):
                added = _segments(surface, ring, range(job.number + 1), new, first_street=surface.compiled)
                in_reach |= points_near(added, window, walk_off)
        result.append(compare(points_in_rings(xy, offsets, window), in_reach))
    return result


def _vertices(
    shape: shapely.Polygon | shapely.MultiPolygon, outline: Outline
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the vertices of a shape and where its rings begin: those of the outline, if they are still the same."""
    xy = shapely.get_coordinates(shape)
    if np.array_equal(xy, outline.xy):
        return xy, outline.ring_offsets
    _, xy, offsets = shapely.to_ragged_array([shape])
    return xy, offsets[0].astype(np.int64)


def _split(pieces: Pieces, compiled: int) -> tuple[Pieces, Pieces]:
    """Return the pieces of compiled streets, and those of later ones."""
    old = pieces.street < compiled
    return tuple(Pieces(pieces.street[of], pieces.start[of], pieces.end[of]) for of in (old, ~old))  # type: ignore[return-value]


def _hull(
    bounds: tuple[float, float, float, float], shape: shapely.Polygon | shapely.MultiPolygon
) -> tuple[float, float, float, float]:
    """Return the bounds of bounds and a shape."""
    west, south, east, north = shape.bounds
    return min(bounds[0], west), min(bounds[1], south), max(bounds[2], east), max(bounds[3], north)
