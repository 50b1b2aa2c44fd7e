"""Jobs of parks are one's own, else published, else estimated, and count by the share that lies inside."""

import numpy as np
import pandas as pd
import pytest
import shapely

from tests.data.street_graphs import EAST, NORTH
from tests.data.toy_region import ToyRegion, frame
from zoning.jobs.workers import WORKERS_A_HA
from zoning.parkjobs import PUBLISHED, jobs_inside, notes_of, park_jobs


def square(x, side=1_000.0):
    return shapely.box(EAST + x, NORTH, EAST + x + side, NORTH + side)


def parks(*rows, shapes=None, **layers):
    given = [
        {"id": one, "name_vi": one, "name_en": one, "kind": "industrial_park", "geometry_quality": "osm"} | row
        for one, row in rows
    ]
    found = shapes or [square(2_000.0 * at) for at in range(len(rows))]
    return ToyRegion(zones=frame(given, found), **layers)


def published(**values):
    rows = [{"id": row, "value": value} for row, value in values.items()]
    return {"indicators": pd.DataFrame(rows)}


def test_an_own_figure_goes_before_a_published_one_and_that_before_an_estimate():
    region = parks(
        ("tan-binh", {"area_ha": 300.0}), ("one", {"area_ha": 100.0}), ("two", {"area_ha": 50.0, "jobs": 123.0}),
        ("three", {"area_ha": None}), **published(p057=7_700.0),
    )  # fmt: skip
    table = park_jobs(region).set_index("id")
    assert table["jobs"].dropna().to_dict() == {"tan-binh": 7_700.0, "one": 100 * WORKERS_A_HA, "two": 123.0}
    assert table["basis"].tolist() == ["published", "estimated", "own", "unknown"]


def test_a_figure_for_several_parks_is_shared_by_area_and_only_whole():
    ids = PUBLISHED["p054"]
    areas = dict(zip(ids, (500.0, 300.0, 100.0, 100.0), strict=True))
    rows = [(one, {"area_ha": area}) for one, area in areas.items()]
    whole = park_jobs(parks(*rows, **published(p054=150_000.0))).set_index("id")["jobs"]
    assert whole.to_dict() == {one: 150.0 * area for one, area in areas.items()}
    part = park_jobs(parks(*rows[:3], **published(p054=150_000.0)))
    assert set(part["basis"]) == {"estimated"}


def test_a_park_counts_by_the_share_of_its_outline_and_only_if_it_works():
    region = parks(
        ("a", {"area_ha": 100.0, "status": "operating"}), ("b", {"area_ha": 100.0, "status": "planned"}),
        ("c", {"area_ha": 100.0, "status": "operating", "geometry_quality": "approximate"}),
    )  # fmt: skip
    table = park_jobs(region)
    half, everything = square(500.0), shapely.box(EAST - 1, NORTH - 1, EAST + 9_000, NORTH + 9_000)
    jobs, guessed = jobs_inside(table, [half, everything, None])
    assert jobs == pytest.approx([50 * WORKERS_A_HA, 100 * WORKERS_A_HA, 0.0])
    np.testing.assert_allclose(guessed, jobs)
    assert "; 1 have no outline" in notes_of(table)[0].text()


def test_the_region_knows_its_parks_and_says_what_is_missing(region):
    table = park_jobs(region).set_index("id")
    assert table.loc["tan-binh", "jobs"] == 7_700
    assert table.loc["tan-binh", "basis"] == "published"
    assert table["geometry"].notna().sum() >= 5
    whole = shapely.box(*region.layer("wards_2025").total_bounds)
    jobs, guessed = jobs_inside(park_jobs(region), [whole])
    assert 0 < guessed[0] <= jobs[0] < 1_400_000  # all workers of all parks of the province
    assert "missing" in notes_of(park_jobs(region))[1].text()
