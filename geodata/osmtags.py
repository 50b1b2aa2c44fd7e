"""Read what the tags of an OpenStreetMap way say about a street: who may use it, which way, how fast."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES = ("walk", "bicycle", "motorbike", "car", "truck")
"""The order of the flags in `Side.allow`."""

Reason = Literal["unbuilt", "not_street", "area", "closed", "broken", "outside"]
REASONS: dict[Reason, str] = {
    "unbuilt": N_("under construction, planned or given up"),
    "not_street": N_("not a street (platform, bus lane, race track, unknown kind)"),
    "area": N_("a square mapped as an area, not as a line"),
    "closed": N_("closed to everyone by its tags (no, private)"),
    "broken": N_("points missing in the source"),
    "outside": N_("outside the study area and its margin"),
}

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
_EVERYONE = frozenset(MODES)
_NO_CARS = frozenset({"walk", "bicycle", "motorbike"})

CLASS_MODES: dict[str, frozenset[str]] = {
    # expressways are closed to all but cars and trucks whatever other tags say (travel facts, TRV-011)
    "motorway": frozenset({"car", "truck"}),
    **dict.fromkeys(("trunk", "primary", "secondary", "tertiary"), _EVERYONE),
    **dict.fromkeys(("unclassified", "residential", "living_street", "road", "service"), _EVERYONE),
    "track": _NO_CARS,  # field tracks: two wheels pass, a car may not
    "path": frozenset({"walk", "bicycle"}),
    "cycleway": frozenset({"walk", "bicycle"}),
    **dict.fromkeys(("footway", "pedestrian", "steps", "bridleway"), frozenset({"walk"})),
}
"""Who may use a class of way where no access tag says otherwise; a link has the modes of its road."""

SERVICE_MODES: dict[str, frozenset[str]] = {
    # a hem of two or three metres: the reason for our own filter, osmnx "drive" drops it for every vehicle
    "alley": _NO_CARS,
    "emergency_access": frozenset({"walk"}),
}
"""Who may use a minor street with this value of `service`; other values (driveway, parking_aisle) change nothing."""

_MINOR = frozenset({"service", "residential", "unclassified", "living_street"})
_UNBUILT = frozenset(
    {"construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "dismantled"}
)

# the hierarchy of https://wiki.openstreetmap.org/wiki/Key:access#Land-based_transportation, general first. A general
# "yes" only lifts a "no" above it; a mode's own key also opens what its class would close (a footway to motorbikes)
_GENERAL: dict[str, tuple[str, ...]] = {
    "walk": ("access",),
    "bicycle": ("access", "vehicle"),
    "motorbike": ("access", "vehicle"),
    "car": ("access", "vehicle"),
    "truck": ("access", "vehicle", "motor_vehicle"),
}
_OWN: dict[str, tuple[str, ...]] = {
    "walk": ("foot",),
    "bicycle": ("bicycle",),
    "motorbike": ("motor_vehicle", "motorcycle"),
    "car": ("motor_vehicle", "motorcar"),
    "truck": ("goods", "hgv"),
}
_OPEN = frozenset({"yes", "designated", "permissive", "destination", "delivery", "customers", "public", "official"})
_CLOSED = frozenset(
    {
        "no",
        "private",
        "agricultural",
        "forestry",
        "emergency",
        "psv",
        "bus",
        "military",
        "residents",
        "permit",
        "use_sidepath",
        "dismount",
        "none",
    }
)

_ONEWAY_KEYS: dict[str, tuple[str, ...]] = {
    "walk": ("oneway:foot", "foot:oneway"),
    "bicycle": ("oneway:bicycle", "bicycle:oneway"),
    "motorbike": ("oneway:motorcycle", "motorcycle:oneway"),
    "car": (),
    "truck": (),
}
_FORWARD, _BACKWARD, _BOTH = 1, -1, 0
_ONEWAY = {"yes": _FORWARD, "true": _FORWARD, "1": _FORWARD, "-1": _BACKWARD, "reverse": _BACKWARD}
_TWOWAY = {"no": _BOTH, "false": _BOTH, "0": _BOTH}

_SPEED = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(km/?h|kmh|kph|mph)?")
_ZONE = re.compile(r"[a-z]{2}:(urban|rural)")
_KMH_PER_MPH = 1.609344
_SPEED_RANGE_KMH = (3.0, 150.0)
_MOST_LANES = 16


class Side(NamedTuple):
    """One direction of a street: who may use it, in the order of `MODES`, and its tagged speed limit in km/h."""

    allow: tuple[bool, ...]
    maxspeed_kmh: float | None


class StreetTags(NamedTuple):
    """What the tags of a way say; equal ways have equal values, so that they can be joined into one street."""

    highway: str
    """Class of OpenStreetMap, but "alley" for `service=alley`: its speeds are not those of a driveway."""
    name: str
    lanes: float | None
    divided: bool
    built_up: bool | None
    """As tagged; None where no tag says so."""
    forward: Side
    backward: Side


def street_tags(tags: Mapping[str, str]) -> StreetTags | Reason:
    """Return what `tags` say about a street, or the reason why the way is none.

    Parameters
    ----------
    tags
        Tags of a way with `highway`. Conditional tags (`…:conditional`) are not read: the region has none, and bans by
        hour are a layer of their own.
    """
    found = _nameless(frozenset((key, value) for key, value in tags.items() if not key.startswith("name")))
    return found if isinstance(found, str) else found._replace(name=tags.get("name") or tags.get("name:vi") or "")


@lru_cache(maxsize=4096)
def _nameless(items: frozenset[tuple[str, str]]) -> StreetTags | Reason:
    """Return what tags say but for the name: then a few hundred sets of tags are all there are in a region."""
    tags = dict(items)
    highway = tags.get("highway", "")
    road = highway.removesuffix("_link") if highway.removesuffix("_link") in _LINKED else highway
    if highway in _UNBUILT:
        return "unbuilt"
    if road not in CLASS_MODES:
        return "not_street"
    if tags.get("area") == "yes":
        return "area"
    directions = {mode: _direction(tags, mode, highway) for mode in MODES}
    forward, backward = (
        Side(
            tuple(_may_use(tags, mode, road, direction) and directions[mode] in (_BOTH, direction) for mode in MODES),
            speed_kmh(tags.get("maxspeed:" + _suffix(direction), tags.get("maxspeed", ""))),
        )
        for direction in (_FORWARD, _BACKWARD)
    )
    if not any(forward.allow) and not any(backward.allow):
        return "closed"
    lanes = _lanes(tags.get("lanes", ""))
    divided = _divided(tags, highway, lanes, oneway=directions["car"] != _BOTH)
    return StreetTags("alley" if is_alley(tags) else highway, "", lanes, divided, _built_up(tags), forward, backward)


def speed_kmh(text: str) -> float | None:
    """Return the speed limit that a tag states, in km/h; None where it states no number.

    `40`, `40 km/h` and `30 mph` are numbers; of several (`50;60`, by lane or hour) the lowest counts; `walk` is 5;
    `VN:urban`, `none` and `signals` leave the limit to the law. Values no street has are left out.
    """
    found = []
    for part in text.lower().replace("|", ";").split(";"):
        if part.strip() == "walk":
            found.append(5.0)
        elif match := _SPEED.fullmatch(part.strip()):
            found.append(float(match[1]) * (_KMH_PER_MPH if match[2] == "mph" else 1.0))
    lowest, highest = _SPEED_RANGE_KMH
    return min((speed for speed in found if lowest <= speed <= highest), default=None)


def is_alley(tags: Mapping[str, str]) -> bool:
    """Say whether a way is an alley (`service=alley`, the hẻm of the region)."""
    return tags.get("service") == "alley" and tags.get("highway") in _MINOR


def _may_use(tags: Mapping[str, str], mode: str, road: str, direction: int) -> bool:
    default = mode in CLASS_MODES[road]
    if road == "motorway" and not default:
        return False
    own = _OWN[mode]
    if tags.get("motorroad") == "yes" and mode in _NO_CARS:
        default, own = False, own[-1:]  # only a sign for this very mode opens a road built as an expressway
    elif road in _MINOR and tags.get("service") in SERVICE_MODES:
        default = mode in SERVICE_MODES[tags["service"]]
    allowed = default
    for key in (*_GENERAL[mode], *own):
        value = tags.get(f"{key}:{_suffix(direction)}", tags.get(key, ""))
        if value in _CLOSED:
            allowed = False
        elif value in _OPEN:
            allowed = default if key in _GENERAL[mode] else True
    return allowed


def _suffix(direction: int) -> str:
    return "forward" if direction == _FORWARD else "backward"


def _direction(tags: Mapping[str, str], mode: str, highway: str) -> int:
    """Return the one direction in which `mode` may travel, or both."""
    implied = highway == "motorway" or tags.get("junction") in ("roundabout", "circular")
    street = _stated(tags.get("oneway", ""), _FORWARD if implied else _BOTH)
    if mode == "walk":  # whoever walks may walk both ways, except where a sign says otherwise
        street = _BOTH
    if mode == "bicycle" and any(tags.get(key, "").startswith("opposite") for key in tags if "cycleway" in key):
        street = _BOTH
    for key in _ONEWAY_KEYS[mode]:
        street = _stated(tags.get(key, ""), street)
    return street


def _stated(value: str, otherwise: int) -> int:
    """Return the direction a tag states; contradictions such as `yes;no` state nothing."""
    return _ONEWAY.get(value.lower(), _TWOWAY.get(value.lower(), otherwise))


def _lanes(text: str) -> float | None:
    numbers = [float(part) for part in re.split(r"[;|]", text) if re.fullmatch(r"\s*\d{1,2}(\.\d)?\s*", part)]
    return min((number for number in numbers if 1 <= number <= _MOST_LANES), default=None)


def _divided(tags: Mapping[str, str], highway: str, lanes: float | None, *, oneway: bool) -> bool:
    """Say whether the law's higher limits apply: a dual carriageway, or one way with two lanes or more.

    Lanes are rarely tagged here (1 % of the ways). A one-way carriageway of a motorway or trunk road is taken as half
    of a dual one; any other one-way street without lanes is taken as narrow.
    """
    if "dual_carriageway" in tags:
        return tags["dual_carriageway"] == "yes"
    if not oneway or tags.get("junction") in ("roundabout", "circular"):
        return False
    return lanes >= 2 if lanes is not None else highway in ("motorway", "trunk")


def _built_up(tags: Mapping[str, str]) -> bool | None:
    for key in ("zone:traffic", "maxspeed:type", "source:maxspeed", "maxspeed"):
        if match := _ZONE.fullmatch(tags.get(key, "").lower()):
            return match[1] == "urban"
    return None
