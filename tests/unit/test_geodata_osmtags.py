"""Test geodata.osmtags: access, direction, speed and lanes as the OpenStreetMap wiki defines them."""

from __future__ import annotations

import pytest

from geodata.osmtags import MODES, REASONS, is_alley, speed_kmh, street_tags


def allowed(tags, *, back=False):
    """Return the initials of the modes that may use a way: w, b(icycle), m(otorbike), c, t."""
    found = street_tags(tags)
    side = found.backward if back else found.forward
    return "".join(mode[0] for mode, allow in zip(MODES, side.allow, strict=True) if allow)


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        # classes
        ({"highway": "residential"}, "wbmct"),
        ({"highway": "primary_link"}, "wbmct"),
        ({"highway": "service"}, "wbmct"),
        ({"highway": "service", "service": "driveway"}, "wbmct"),
        ({"highway": "service", "service": "alley"}, "wbm"),
        ({"highway": "residential", "service": "alley"}, "wbm"),
        ({"highway": "primary", "service": "alley"}, "wbmct"),  # a slip of the mapper
        ({"highway": "footway"}, "w"),
        ({"highway": "steps"}, "w"),
        ({"highway": "path"}, "wb"),
        ({"highway": "cycleway"}, "wb"),
        ({"highway": "track"}, "wbm"),
        # expressways: closed to two wheels and feet whatever tags say; motorroad opens only for the mode's own sign
        ({"highway": "motorway"}, "ct"),
        ({"highway": "motorway_link"}, "ct"),
        ({"highway": "motorway", "motorcycle": "yes", "motor_vehicle": "yes", "access": "yes", "foot": "yes"}, "ct"),
        ({"highway": "trunk", "motorroad": "yes"}, "ct"),
        ({"highway": "trunk", "motorroad": "yes", "motor_vehicle": "yes", "vehicle": "yes"}, "ct"),
        ({"highway": "trunk", "motorroad": "yes", "motorcycle": "designated"}, "mct"),
        ({"highway": "trunk", "motorroad": "no"}, "wbmct"),
        # the hierarchy of access: what is more special wins, in both directions
        ({"highway": "residential", "access": "private", "foot": "yes"}, "w"),
        ({"highway": "residential", "access": "no", "motorcycle": "yes"}, "m"),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, "mct"),
        ({"highway": "residential", "access": "no", "vehicle": "yes"}, "bmct"),
        ({"highway": "residential", "vehicle": "no"}, "w"),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, "wb"),
        ({"highway": "residential", "motor_vehicle": "private"}, "wb"),
        ({"highway": "residential", "motor_vehicle": "no", "motorcycle": "yes"}, "wbm"),
        ({"highway": "residential", "motorcar": "no"}, "wbmt"),
        ({"highway": "residential", "hgv": "no"}, "wbmc"),
        ({"highway": "residential", "goods": "no"}, "wbmc"),
        ({"highway": "residential", "hgv": "delivery"}, "wbmct"),
        ({"highway": "residential", "motorcycle": "no"}, "wbct"),
        ({"highway": "residential", "foot": "no", "bicycle": "dismount"}, "mct"),
        ({"highway": "residential", "bicycle": "use_sidepath"}, "wmct"),
        ({"highway": "residential", "access": "destination"}, "wbmct"),
        ({"highway": "residential", "access": "who knows"}, "wbmct"),
        # a general yes opens nothing that the class closes, a mode's own does
        ({"highway": "footway", "access": "yes"}, "w"),
        ({"highway": "footway", "motorcycle": "yes"}, "wm"),
        ({"highway": "service", "service": "alley", "access": "yes"}, "wbm"),
        ({"highway": "service", "service": "alley", "motorcar": "yes"}, "wbmc"),
        ({"highway": "service", "service": "alley", "motor_vehicle": "yes"}, "wbmc"),
        ({"highway": "service", "service": "alley", "hgv": "yes"}, "wbmt"),
        # by direction
        ({"highway": "residential", "motorcar:forward": "no"}, "wbmt"),
        ({"highway": "residential", "access": "no", "hgv:forward": "yes"}, "t"),
        ({"highway": "residential", "motorcar:backward": "no"}, "wbmct"),
    ],
)
def test_who_may_use_a_way(tags, modes):
    assert allowed(tags) == modes


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, "wbmct", "wbmct"),
        ({"oneway": "yes"}, "wbmct", "w"),
        ({"oneway": "1"}, "wbmct", "w"),
        ({"oneway": "-1"}, "w", "wbmct"),
        ({"oneway": "reverse"}, "w", "wbmct"),
        ({"oneway": "no"}, "wbmct", "wbmct"),
        ({"oneway": "no;yes"}, "wbmct", "wbmct"),  # found in the region: states nothing
        ({"oneway": "yes", "oneway:bicycle": "no"}, "wbmct", "wb"),
        ({"oneway": "yes", "bicycle:oneway": "no", "motorcycle:oneway": "no"}, "wbmct", "wbm"),
        ({"oneway:bicycle": "yes"}, "wbmct", "wmct"),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, "wbmct", "wb"),
        ({"junction": "roundabout"}, "wbmct", "w"),
        ({"junction": "roundabout", "oneway": "no"}, "wbmct", "wbmct"),
        ({"oneway": "yes", "oneway:foot": "yes"}, "wbmct", ""),
        ({"highway": "motorway"}, "ct", ""),
        ({"highway": "motorway", "oneway": "no"}, "ct", "ct"),
        ({"highway": "motorway", "oneway": "-1"}, "", "ct"),
        ({"highway": "motorway_link"}, "ct", "ct"),
    ],
)
def test_which_way(tags, forward, backward):
    tags = {"highway": "residential", **tags}
    assert allowed(tags) == forward
    assert allowed(tags, back=True) == backward


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "construction", "construction": "primary"}, "unbuilt"),
        ({"highway": "proposed"}, "unbuilt"),
        ({"highway": "platform"}, "not_street"),
        ({"highway": "service_link"}, "not_street"),
        ({}, "not_street"),
        ({"highway": "pedestrian", "area": "yes"}, "area"),
        ({"highway": "service", "access": "private"}, "closed"),
        ({"highway": "steps", "foot": "no"}, "closed"),
    ],
)
def test_what_is_no_street(tags, reason):
    assert street_tags(tags) == reason
    assert reason in REASONS


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("40", 40),
        ("40 km/h", 40),
        ("40kmh", 40),
        ("30 mph", 48.28032),
        ("50;60", 50),
        ("60|50|50", 50),
        ("20;10", 10),
        ("walk", 5),
        ("VN:urban", None),
        ("none", None),
        ("signals", None),
        ("", None),
        ("0", None),
        ("999", None),
        ("-40", None),
        ("40 knots", None),
        ("VN:rural;50", 50),
    ],
)
def test_speed_limits(text, speed):
    assert speed_kmh(text) == (None if speed is None else pytest.approx(speed))


def test_speed_limits_by_direction():
    found = street_tags({"highway": "primary", "maxspeed": "60", "maxspeed:backward": "40"})
    assert (found.forward.maxspeed_kmh, found.backward.maxspeed_kmh) == (60, 40)


@pytest.mark.parametrize(
    ("tags", "lanes", "divided"),
    [
        ({"highway": "primary", "lanes": "4"}, 4, False),  # two ways, no median known
        ({"highway": "primary", "lanes": "2", "oneway": "yes"}, 2, True),
        ({"highway": "primary", "lanes": "1", "oneway": "yes"}, 1, False),
        ({"highway": "trunk", "lanes": "1", "oneway": "yes"}, 1, False),
        ({"highway": "trunk", "oneway": "yes"}, None, True),
        ({"highway": "motorway"}, None, True),
        ({"highway": "motorway_link", "oneway": "yes"}, None, False),
        ({"highway": "primary", "oneway": "yes"}, None, False),
        ({"highway": "trunk", "junction": "roundabout"}, None, False),
        ({"highway": "primary", "dual_carriageway": "yes"}, None, True),
        ({"highway": "primary", "lanes": "3;2"}, 2, False),
        ({"highway": "primary", "lanes": "0"}, None, False),
        ({"highway": "primary", "lanes": "many"}, None, False),
    ],
)
def test_lanes_and_divided(tags, lanes, divided):
    found = street_tags(tags)
    assert (found.lanes, found.divided) == (lanes, divided)


@pytest.mark.parametrize(
    ("tags", "built_up"),
    [
        ({"maxspeed": "VN:urban"}, True),
        ({"source:maxspeed": "VN:rural"}, False),
        ({"maxspeed:type": "vn:urban", "maxspeed": "40"}, True),
        ({"zone:traffic": "VN:rural", "maxspeed": "VN:urban"}, False),
        ({"source:maxspeed": "sign"}, None),
        ({}, None),
    ],
)
def test_built_up_by_tag(tags, built_up):
    assert street_tags({"highway": "primary", **tags}).built_up is built_up


def test_alleys_are_a_class_of_their_own():
    assert street_tags({"highway": "service", "service": "alley"}).highway == "alley"
    assert is_alley({"highway": "service", "service": "alley"})
    assert not is_alley({"highway": "primary", "service": "alley"})
    assert not is_alley({"highway": "service"})
