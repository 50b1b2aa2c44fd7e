"""Along a corridor live and work those whom one can count by hand, each once a year."""

import pytest
import shapely

from tests.data.toy_region import ToyRegion, at, frame
from zoning.errors import InputError
from zoning.jobs.along import AlongRequest, run

LINE = {"name_vi": "Tuyến", "name_en": "Line", "mode": "road", "status": "planned", "geometry_quality": "osm"}


def toy():
    """Return six nodes 100 m apart, people at 0 to 3 (150, 150, 300, 300), roads that cross the street there."""
    lines = [LINE | {"id": "first", "open_year": 2027}, LINE | {"id": "second", "open_year": 2029},
             LINE | {"id": "never", "open_year": None}, LINE | {"id": "bare", "open_year": 2026}]  # fmt: skip
    shapes = [shapely.LineString([at(node, -900), at(node, 900)]) for node in (0, 1, 3)]
    zones = frame([{"id": "z", "name_vi": "Khu", "name_en": "Zone", "kind": "industrial_park", "status": "operating",
                    "area_ha": 1.0, "geometry_quality": "osm"}],
                  [shapely.box(*shapely.buffer(at(0), 50).bounds)])  # fmt: skip
    corridors = frame(lines, [*shapes, None])
    return ToyRegion(corridors=corridors.astype({"open_year": "Int64"}), zones=zones)


def test_people_jobs_and_zones_along_each_are_counted_by_hand():
    found = run(AlongRequest(radii_m=(50, 150), years=(2026, 2030)), toy())
    along = found.frames["along"].set_index("id")
    assert along["people"].to_dict() == {
        "first-50": 150, "second-50": 150, "never-50": 300, "first-150": 300, "second-150": 600, "never-150": 600,
    }  # fmt: skip
    assert along["zones"].to_dict()["first-50"] == 1
    assert along["jobs"].to_dict()["first-50"] == 100  # one hectare, the whole of it
    assert along["jobs"].to_dict()["never-150"] == 0
    assert along.loc["second-150", "jobs"] == pytest.approx(100, abs=1)


def test_by_year_everyone_counts_once_and_nothing_closes():
    years = run(AlongRequest(radii_m=(150,), years=(2026, 2030)), toy()).frames["years"]
    whole = years[years["mode"] == "all"].set_index("year")
    assert whole["open"].to_dict() == {2026: 0, 2027: 1, 2028: 1, 2029: 2, 2030: 2}
    assert whole["people"].to_dict() == {2026: 0, 2027: 300, 2028: 300, 2029: 600, 2030: 600}
    assert whole["zones"].to_dict()[2030] == 1
    said = " ".join(note.text() for note in run(AlongRequest(), toy()).notes)
    assert "1 corridors that are not in operation have no published year" in said


@pytest.mark.parametrize(
    "asked",
    [{"corridors": ("nowhere",)}, {"corridors": ("bare",)}, {"radii_m": ()}, {"radii_m": (0.0,)},
     {"radii_m": (9_999.0,)}, {"years": (2030, 2026)}, {"years": (1_900, 2026)}, {"network": "rails"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(asked):
    with pytest.raises(InputError):
        run(AlongRequest(**asked), toy())


def test_the_region_grows_by_what_opens(region):
    found = run(AlongRequest(years=(2026, 2034)), region)
    years = found.frames["years"]
    for _, part in years.groupby(["mode", "radius_m"]):
        assert part.sort_values("year")["people"].is_monotonic_increasing
        assert part.sort_values("year")["jobs"].is_monotonic_increasing
    wide, near = (found.frames["along"].query("radius_m == @radius").set_index("corridor") for radius in (1_000, 500))
    assert (wide["people"] >= near["people"].reindex(wide.index)).all()
    metro = years[(years["mode"] == "metro") & (years["radius_m"] == 1_000)].set_index("year")["people"]
    assert metro[2031] > metro[2030]  # line 1 of Binh Duong is to open in 2031
