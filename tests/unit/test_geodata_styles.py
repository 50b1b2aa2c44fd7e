"""Exports are coloured and named as the map is, and every feature falls into one class."""

import pandas as pd
import pytest

from geodata.styles import MODES, RINGS, STATUSES, ZONE_KINDS, ExportClass, ExportStyle, default_style
from geodata.values import attributes
from layers import styles as map_styles
from layers import words
from tests.data.features import rings, zones


def test_colours_and_words_are_those_of_the_map():
    assert {kind: colour for kind, (colour, _) in ZONE_KINDS.items()} == map_styles.ZONE_COLOURS
    assert {kind: word for kind, (_, word) in ZONE_KINDS.items()} == words.ZONE_KINDS
    assert {mode: colour for mode, (colour, _) in MODES.items()} == map_styles.MODE_COLOURS
    assert {mode: word for mode, (_, word) in MODES.items()} == words.MODES
    assert {status: word for status, (_, word) in STATUSES.items()} == words.STATUSES
    assert RINGS == map_styles.RING_COLOURS


def test_zones_are_classed_by_kind_and_schematic_ones_dashed():
    style = default_style(zones())
    assert style.column == "kind"
    assert [(c.label, c.dash) for c in style.classes] == [
        ("Industrial park", False), ("Industrial park (schematic)", True), ("Urban area", False),
        ("City until 2025", False), ("other", False),
    ]  # fmt: skip


def test_corridors_are_dashed_until_they_are_in_operation():
    frame = pd.DataFrame({
        "mode": ["road", "road", "metro", "road"],
        "status": ["operating", "planned", "under_construction", "operating"],
        "geometry_quality": ["osm", "osm", "osm", "schematic"],
    })  # fmt: skip
    style = default_style(frame)
    found = [style.classes[style.class_of(row)] for row in frame.to_dict("records")]
    assert [c.dash for c in found] == [False, True, True, True]
    assert [c.fill for c in found] == ["#b8860b", "#b8860b", "#0072b2", "#b8860b"]


def test_rings_are_darkest_where_they_are_soonest():
    style = default_style(rings())
    assert [(c.label, c.fill) for c in style.classes] == list(
        zip(["within 5 min", "within 7.5 min", "within 10 min"], RINGS, strict=False)
    )


@pytest.mark.parametrize(
    "frame",
    [zones(), rings(), pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"kind": [f"k{n:02}" for n in range(40)]})],
    ids=["zones", "rings", "plain", "forty kinds"],
)
def test_every_feature_has_a_class_and_every_class_a_feature(frame):
    style = default_style(frame)
    columns = attributes(frame)
    numbers = [style.class_of({name: cells[row] for name, cells in columns.items()}) for row in range(len(frame))]
    assert set(numbers) == set(range(len(style.classes)))
    assert len(style.classes) <= 26


def test_labels_speak_the_readers_language():
    labels = [look.label for look in default_style(zones(), lambda text: f"«{text}»").classes]
    assert labels[:2] == ["«Industrial park»", "««Industrial park» (schematic)»"]


def test_a_feature_that_no_class_holds_has_none():
    style = ExportStyle("kind", (ExportClass("a", ("a",), "#000000", "#000000"),))
    assert style.class_of({"kind": "b"}) is None
    assert style.class_of({"kind": "a"}) == 0
