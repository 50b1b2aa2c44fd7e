"""Turn reached streets into rings: polygons that nest, each with its certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import shapely

from zoning.errors import NetworkError
from zoning.pace import checkpoint
from zoning.reach.aside import both
from zoning.reach.cells import NEVER, whole_tiles
from zoning.reach.certificate import Certificate, compare, points_in_rings, points_near
from zoning.reach.field import CompiledField, Field, room_for
from zoning.reach.lattice import Window
from zoning.reach.pieces import WHOLE, Pieces, Segments, covered, cut, partial
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.reach.contour import Outline
    from zoning.reach.field import Room
    from zoning.reach.streets import StreetReach
    from zoning.reach.surface import Surface

    Seen: TypeAlias = tuple[Window, NDArray[np.bool_]]
    """Which points of a jittered window lie in a reach."""

Shape: TypeAlias = shapely.Polygon | shapely.MultiPolygon

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
    parts = _parts(jobs)
    windows = {part: _window(surface, jobs, part) for part in parts}
    rooms = {part: room_for(window) for part, window in windows.items()}

    def draw(part: range) -> tuple[list[Outline], list[Shape]]:
        return _draw(surface, ring, jobs, part, windows[part], rooms.pop(part))

    # the last part is the largest: meanwhile there is time for all that need not wait for it
    *inner, widest = parts
    last, (drawn, seen) = both(
        lambda: draw(widest), lambda: ([draw(part) for part in inner], _seen(surface, ring, jobs))
    )
    outlines = [outline for of_part, _ in (*drawn, last) for outline in of_part]
    shapes = _nested([shape for _, of_part in (*drawn, last) for shape in of_part], jobs)

    def certify(part: range) -> list[tuple[float, Certificate]]:
        return [_certify(surface, ring, jobs[i], shapes[i], outlines[i], seen.get(i)) for i in part]

    checked, of_inner = both(lambda: certify(widest), lambda: [one for part in inner for one in certify(part)])
    result: list[Ring] = []
    for job, shape, (area_m2, verdict) in zip(jobs, shapes, (*of_inner, *checked), strict=True):
        step = surface.walk_off_m / job.steps if job.steps else surface.cells.step_m
        missed, false = verdict.missed_pct, verdict.false_pct
        result.append(Ring(shape, area_m2 / 1e4, job.length_m / 1e3, missed, false, step, verdict.points))
    return result


def _parts(jobs: list[_Job]) -> list[range]:
    """Divide rings, by number, into parts to be drawn on lattices of their own.

    The last rings of a large catchment are a part of its own even though they share their lattice with those before:
    there are then two halves, about, that need not wait for each other.
    """
    parts = []
    for _, group in groupby(jobs, key=lambda job: job.steps):
        numbers = [job.number for job in group]
        parts.append(range(numbers[0], numbers[-1] + 1))
    last = parts[-1]
    if jobs[-1].steps == 0 and len(last) > 1:
        upto = np.cumsum([jobs[number].length_m for number in last])
        cut_at = last.start + 1 + int(np.argmin(np.maximum(upto[:-1], upto[-1] - upto[:-1])))
        parts[-1:] = [range(last.start, cut_at), range(cut_at, last.stop)]
    return parts


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


def _window(surface: Surface, jobs: list[_Job], part: range) -> Window:
    """Return the window that neighbouring rings are drawn in."""
    steps, widest = jobs[part.start].steps, jobs[part.stop - 1].bounds
    if not steps:
        return surface.cells.window(widest)
    step = surface.walk_off_m / steps
    return whole_tiles(Window.around(widest, surface.walk_off_m + step, step))


def _draw(
    surface: Surface, ring: NDArray[np.uint8], jobs: list[_Job], part: range, window: Window, room: Room
) -> tuple[list[Outline], list[Shape]]:
    """Return the outlines and shapes of neighbouring rings that share a lattice."""
    steps = jobs[part.start].steps
    compiled = None if steps else CompiledField(surface, _compiled(surface, ring), window, room)
    field = compiled or Field(window, surface.walk_off_m, room)
    known = surface.compiled if compiled else 0
    # what the rings before this part reach is in its rings too: the very numbers, for rounding would let them stick out
    for job in jobs[: part.start]:
        if job.steps == steps:
            field.add_segments(cut(surface.streets, surface.places, job.partial), part.start)
    outlines = []
    done = 0
    for number in part:
        checkpoint()
        if compiled:
            compiled.add_streets(number)
        numbers = range(done, number + 1)
        field.add_segments(_segments(surface, ring, numbers, jobs[number].partial, first_street=known), number)
        done = number + 1
        outlines.append(field.outline(number, jobs[number].bounds))
    return outlines, [_geometry(outline) for outline in outlines]


def _geometry(outline: Outline) -> Shape:
    polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, outline.xy, (outline.ring_offsets, outline.polygon_offsets)
    )
    return _joined(polygons)


def _joined(polygons: NDArray[np.object_]) -> Shape:
    shape = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    return cast("Shape", shape)


def _nested(shapes: list[Shape], jobs: list[_Job]) -> list[Shape]:
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


def _polygonal(shape: shapely.Geometry) -> Shape:
    """Return the polygons of a shape: edges that only touch leave lines and points behind."""
    parts = shapely.get_parts(shape)
    return _joined(parts[shapely.get_dimensions(parts) == 2])


def _seen(surface: Surface, ring: NDArray[np.uint8], jobs: list[_Job]) -> dict[int, Seen]:
    """Return which of the surface's samples lie in the reach of each large ring, by its number."""
    large = [job for job in jobs if not job.steps]
    if not large:
        return {}
    samples, walk_off = surface.samples, surface.walk_off_m
    whole = samples.window(large[-1].bounds, walk_off)
    first = samples.first_rings(_compiled(surface, ring), whole)
    found = {}
    for job in large:
        checkpoint()
        window = samples.window(job.bounds, walk_off)
        top, left = window.row - whole.row, window.col - whole.col
        in_reach = first[top : top + window.rows, left : left + window.cols] <= job.number
        old, new = _split(job.partial, surface.compiled)
        samples.touch(old, window, in_reach)
        if surface.compiled < len(surface.streets.length_m):
            added = _segments(surface, ring, range(job.number + 1), new, first_street=surface.compiled)
            in_reach |= points_near(added, window, walk_off)
        found[job.number] = window, in_reach
    return found


def _certify(
    surface: Surface, ring: NDArray[np.uint8], job: _Job, shape: Shape, outline: Outline, seen: Seen | None
) -> tuple[float, Certificate]:
    """Return the area, m2, and the certificate of a shape: of a small one on points of its own."""
    checkpoint()
    walk_off = surface.walk_off_m
    # points are needed wherever the shape or the reach may be
    ground = _hull(job.bounds, shape)
    if seen is None:
        reach = 2.0 * job.length_m * walk_off + np.pi * walk_off**2
        spread = np.sqrt(max(reach / SAMPLE_POINTS, _area(ground, walk_off) / LARGEST_WINDOW))
        window = around = replace(Window.around(ground, walk_off, float(spread)), jitter=True)
        in_reach = points_near(_segments(surface, ring, range(job.number + 1), job.partial), window, walk_off)
    else:
        window, (around, in_reach) = surface.samples.window(ground, walk_off), seen
    xy, offsets = _vertices(shape, outline)
    in_ring = points_in_rings(xy, offsets, window)
    return shape.area, compare(in_ring, in_reach, (around.row - window.row, around.col - window.col))


def _vertices(shape: Shape, outline: Outline) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
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


def _hull(bounds: tuple[float, float, float, float], shape: Shape) -> tuple[float, float, float, float]:
    """Return the bounds of bounds and a shape."""
    west, south, east, north = shape.bounds
    return min(bounds[0], west), min(bounds[1], south), max(bounds[2], east), max(bounds[3], north)
