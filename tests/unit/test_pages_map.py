"""What a browser sends back becomes a click, or nothing; it is not trusted."""

import pytest

from layers.safe import js_html
from pages.ui.map import MapClick, read_click

HERE = {"lat": 11.05, "lng": 106.68}
ZONE = {"type": "Feature", "properties": {"layer": "zones", "ids": ["a", "b"], "s": 0, "t": []}, "geometry": None}


def test_a_click_on_a_feature_names_it():
    answer = {"last_clicked": HERE, "last_object_clicked": dict(HERE), "last_active_drawing": ZONE}
    assert read_click(answer) == MapClick(106.68, 11.05, "zones", ("a", "b"))


def test_a_click_on_the_ground_names_nothing_though_the_browser_still_knows_the_last_feature():
    answer = {"last_clicked": HERE, "last_object_clicked": {"lat": 11.0, "lng": 106.0}, "last_active_drawing": ZONE}
    assert read_click(answer) == MapClick(106.68, 11.05)
    assert read_click({"last_clicked": HERE, "last_object_clicked": None}) == MapClick(106.68, 11.05)


def test_ids_come_back_as_they_were():
    odd = "<b>'a' & \"b\"`${x}`"
    answer = {"last_clicked": HERE, "last_object_clicked": HERE,
              "last_active_drawing": {"properties": {"layer": "zones", "ids": [js_html(odd)]}}}  # fmt: skip
    assert read_click(answer).ids == (odd,)


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"last_clicked": None}, {"last_clicked": [1, 2]}, {"last_clicked": {"lat": "11", "lng": 106}},
     {"last_clicked": {"lat": float("nan"), "lng": 106}}, {"last_clicked": {"lat": 11}}],
)  # fmt: skip
def test_nothing_usable_is_no_click(answer):
    assert read_click(answer) is None


@pytest.mark.parametrize(
    "feature",
    [None, "x", {}, {"properties": None}, {"properties": {"layer": 3}}, {"properties": {"ids": ["a"]}}],
)
def test_a_feature_that_is_not_ours_is_ground(feature):
    answer = {"last_clicked": HERE, "last_object_clicked": HERE, "last_active_drawing": feature}
    assert read_click(answer) == MapClick(106.68, 11.05)


def test_a_flood_of_ids_is_cut():
    feature = {"properties": {"layer": "x" * 10_000, "ids": ["y" * 10_000, 5, None] * 5_000}}
    click = read_click({"last_clicked": HERE, "last_object_clicked": HERE, "last_active_drawing": feature})
    assert len(click.ids) == 200
    assert max(map(len, (click.layer, *click.ids))) == 200
