"""Hold a scenario as data: a list of modifications with author, date and source; positions in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from zoning.errors import InputError
from zoning.text import N_

Point: TypeAlias = tuple[float, float]
"""Longitude and latitude, degrees, WGS 84."""
Line: TypeAlias = tuple[Point, ...]

FORMAT = "innovation-region-scenario"
VERSION = 1


@dataclass(frozen=True)
class Modification:
    """One change; `id` is its own in the scenario, `note` says why or how sure it is."""

    id: str
    note: str = ""


@dataclass(frozen=True)
class AddRoad(Modification):
    """A new road along `line`.

    An expressway (class motorway) joins the network at its `interchanges` only, and is left out where it has fewer
    than two: nobody could use it. Any other road joins at its ends and wherever it crosses a street, or, with
    `joins` "ends", at its ends alone: a bridge or an underpass. `speed_kmh` counts as a sign; without one the law and
    the class decide. `length_km` is the published length where it is not that of the line: times use it.
    """

    line: Line = ()
    road_class: str = "primary"
    speed_kmh: float | None = None
    lanes: float | None = None
    modes: tuple[str, ...] = ()
    one_way: bool = False
    joins: str = "crossings"
    interchanges: Line = ()
    length_km: float | None = None
    name_vi: str = ""
    name_en: str = ""
    geometry_quality: str = "edited"


@dataclass(frozen=True)
class Existing(Modification):
    """What streets of the network a change is about: those of a road (its id or name), or along a line, or both."""

    road: str = ""
    line: Line = ()
    within_m: float = 30.0


@dataclass(frozen=True)
class Close(Existing):
    """Streets closed to everybody, or to `modes` alone."""

    modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetSpeed(Existing):
    """Streets with another signed speed; no vehicle exceeds what the law grants it."""

    speed_kmh: float = 50.0


@dataclass(frozen=True)
class SetLanes(Existing):
    """Streets with other lanes (4 and more count as a dual carriageway), or one-way along the drawn `line`."""

    lanes: float | None = None
    one_way: bool = False


@dataclass(frozen=True)
class SetModes(Existing):
    """Streets opened to modes, or closed to modes."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interchange(Modification):
    """Ramps between an expressway and the nearest street, both within `radius_m` of a point."""

    at: Point | None = None
    radius_m: float = 150.0
    speed_kmh: float = 40.0


@dataclass(frozen=True)
class AddStop(Modification):
    """A stop of public transport."""

    at: Point | None = None
    name_vi: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class AddLine(Modification):
    """A line of public transport that calls at `stops` in order, both ways."""

    stops: Line = ()
    mode: str = "bus"
    headway_min: float = 15.0
    speed_kmh: float = 25.0
    first_hour: float = 5.0
    last_hour: float = 22.0
    length_km: float | None = None
    name_vi: str = ""
    name_en: str = ""
    geometry_quality: str = "edited"


@dataclass(frozen=True)
class AddFacility(Modification):
    """A facility, or, with `replaces`, another capacity or the end (`gone`) of one that the layer has."""

    at: Point | None = None
    layer: str = "facilities"
    facility_kind: str = ""
    capacity: float | None = None
    capacity_field: str = "capacity_value"
    replaces: str = ""
    gone: bool = False
    name_vi: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class AddZone(Modification):
    """A zone with the people who are to live in it, spread evenly over the points of the network inside."""

    area: Line = ()
    zone_kind: str = "urban_area"
    people: float | None = None
    area_ha: float | None = None
    name_vi: str = ""
    name_en: str = ""


KINDS: dict[str, type[Modification]] = {
    "road": AddRoad,
    "close": Close,
    "speed": SetSpeed,
    "lanes": SetLanes,
    "modes": SetModes,
    "interchange": Interchange,
    "stop": AddStop,
    "line": AddLine,
    "facility": AddFacility,
    "zone": AddZone,
}
"""Kind of a modification, as files name it, and its class."""
KIND_OF = {cls: kind for kind, cls in KINDS.items()}


@dataclass(frozen=True)
class Scenario:
    """A named list of modifications.

    `open_year` is the year from which it counts, None where none is published; `year_basis` says where the year comes
    from, and `year_inferred` that it was worked out from that, and is published nowhere. `network` names the only
    network that it is made for (strategic, streets), empty for any.
    """

    id: str
    title_vi: str = ""
    title_en: str = ""
    author: str = ""
    date: str = ""
    source: str = ""
    status: str = "idea"
    open_year: int | None = None
    year_basis: str = ""
    year_inferred: bool = False
    geometry_quality: str = "edited"
    network: str = ""
    notes_vi: str = ""
    notes_en: str = ""
    modifications: tuple[Modification, ...] = ()

    def __bool__(self) -> bool:
        """Say whether it changes anything."""
        return bool(self.modifications)


def together(scenarios: tuple[Scenario, ...], scenario_id: str = "together") -> Scenario:
    """Return one scenario with the modifications of several, each id led by that of its scenario."""
    from dataclasses import replace

    if len(scenarios) == 1:
        return scenarios[0]
    parts = tuple(replace(one, id=f"{of.id}.{one.id}") for of in scenarios for one in of.modifications)
    networks = {of.network for of in scenarios if of.network}
    if len(networks) > 1:
        raise InputError(
            N_("These scenarios are made for different networks ({networks}) and cannot be put together."),
            networks=", ".join(sorted(networks)),
        )
    return Scenario(
        id=scenario_id,
        title_vi=" + ".join(of.title_vi for of in scenarios),
        title_en=" + ".join(of.title_en for of in scenarios),
        author=", ".join(dict.fromkeys(of.author for of in scenarios if of.author)),
        source=" | ".join(dict.fromkeys(of.source for of in scenarios if of.source)),
        network=networks.pop() if networks else "",
        modifications=parts,
    )
