"""What is wrong in a scenario is refused by its item and reason, on the page and the command line; the rest stays."""

from __future__ import annotations

import json

import pytest

from geodata.scenarios import link_text, read_text
from tests.pages.test_pages import opened
from zoning.errors import InputError
from zoning.scenarios.model import Close, Scenario, SetSpeed, together
from zoning.scenarios.region import ScenarioRegion, usable

GOOD = {"kind": "speed", "id": "good", "road": "mptv-south", "speed_kmh": 80}
BAD = {
    "names no road": ({"kind": "close", "id": "bad"}, "it names no road and draws no line"),
    "no such road": ({"kind": "close", "id": "bad", "road": "nowhere"}, "the network has no road “nowhere”"),
    "in the sea": (
        {"kind": "road", "id": "bad", "line": [[106.95, 10.32], [107.0, 10.33]]}, "meets no street of the network"),
    "elsewhere": ({"kind": "road", "id": "bad", "line": [[2.3, 48.8], [2.4, 48.9]]}, "bad"),
    "zero headway": (
        {"kind": "line", "id": "bad", "stops": [[106.65, 11.0], [106.68, 11.05]], "headway_min": 0}, "headway_min"),
    "a loop": (
        {"kind": "road", "id": "bad", "line": [[106.65, 11.0], [106.68, 11.05], [106.65, 11.0]]}, "the road is a loop"),
}  # fmt: skip
"""What a file may get wrong, and what must be said."""


def text(*modifications, **more):
    head = {"format": "innovation-region-scenario", "version": 1, "id": "own"} | more
    return json.dumps(head | {"modifications": list(modifications)})


@pytest.mark.parametrize("name", sorted(BAD))
def test_the_item_and_the_reason_are_named_and_the_rest_stays(name, region):
    bad, reason = BAD[name]
    reading = read_text(text(bad, GOOD), "s.json")
    kept, faults = usable(reading.scenario, region)
    said = [str(fault) for fault in (*reading.faults, *faults)]
    assert len(said) == 1
    assert "“bad” is refused" in said[0]
    assert reason in said[0]
    assert [one.id for one in kept.modifications] == ["good"]
    assert ScenarioRegion(region, kept).plan("strategic").touched["good"] > 0


@pytest.mark.parametrize("name", sorted(BAD))
def test_the_command_line_says_it_in_one_line_and_lists_the_rest(name, tmp_path, capsys):
    from zoning.__main__ import main

    bad, reason = BAD[name]
    file, out = tmp_path / "s.json", tmp_path / "rings.geojson"
    file.write_text(text(bad, GOOD), encoding="utf-8")
    with pytest.raises(InputError, match="“bad” is refused") as told:
        main(["scenario", str(file)])
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
    assert not str(told.value).endswith("..")
    listed = capsys.readouterr().out
    assert "good [speed]" in listed
    assert "bad [" not in listed
    asked = ["catchment", "--at", "106.6819,11.0566", "--minutes", "15", "--out", str(out)]
    with pytest.raises(InputError, match="“bad” is refused"):
        main([*asked, "--scenario", str(file)])
    assert not out.exists()  # no half answers


def test_the_page_refuses_the_item_and_compares_the_rest():
    own = Scenario("own", modifications=(Close("bad", road="nowhere"), SetSpeed("good", road="mptv-south",
                                                                               speed_kmh=80.0)))  # fmt: skip
    app = opened("scenarios", lang="en", at="106.6819,11.0566", mode="car", own=link_text(own), **{"with": "own"})
    assert not app.exception
    assert [error.value for error in app.error] == ["“bad” is refused: the network has no road “nowhere”."]
    values = {metric.label: metric.value for metric in app.metric}
    assert int(values["People who gain"].replace(",", "")) > 1000


def test_a_scenario_for_another_network_is_refused_with_both_names(region, tmp_path):
    from zoning.__main__ import main

    made = read_text(text(GOOD, network="streets"), "s.json").whole()
    with pytest.raises(InputError, match="made for the streets network, and the question is asked on the strategic"):
        ScenarioRegion(region, made).network("car", name="strategic")
    file, out = tmp_path / "s.json", tmp_path / "rings.geojson"
    file.write_text(text(GOOD, network="streets"), encoding="utf-8")
    asked = ["catchment", "--at", "106.6819,11.0566", "--minutes", "15", "--network", "strategic", "--out", str(out)]
    with pytest.raises(InputError, match="made for the streets network"):
        main([*asked, "--scenario", str(file)])
    other = read_text(text(GOOD, network="strategic"), "s.json").whole()
    with pytest.raises(InputError, match="different networks"):
        together((made, other))
    assert together((other, other)).network == "strategic"
