"""Planners set reliefs of the code zone by zone, with author and date; the last setting counts, none is lost."""

import pytest

from geodata.region import StoreRegion
from geodata.reliefs import keep_relief, relief_history, relief_of
from zoning.errors import ConflictError, InputError, ZoningError
from zoning.jobs.check import CheckRequest, run
from zoning.standards.relief import SETTINGS

pytestmark = pytest.mark.usefixtures("compiled")
WHO, DAY = "Nguyễn Thị Lan", "2026-11-22T01:00:00+00:00"


def test_a_setting_is_kept_with_who_and_when_and_the_last_one_counts(store):
    assert relief_of(store, "wards_2025", "n-25747") == ()
    keep_relief(store, "wards_2025", "n-25747", ["existing"], author=" Lan ", date=DAY)
    keep_relief(store, "wards_2025", "n-25747", ["redevelopment", "existing"], author=WHO, date=DAY)
    keep_relief(store, "zones", "vsip-1", ["mountain"], author=WHO)
    assert relief_of(store, "wards_2025", "n-25747") == ("existing", "redevelopment")
    assert relief_of(store, "zones", "n-25747") == ()
    history = relief_history(store, "wards_2025", "n-25747")
    assert history["flags"].tolist() == ["existing redevelopment", "existing"]
    assert history["author"].tolist() == [WHO, "Lan"]
    keep_relief(store, "wards_2025", "n-25747", [], author=WHO)
    assert relief_of(store, "wards_2025", "n-25747") == ()
    assert len(store.layer(SETTINGS)) == 4  # nothing is forgotten


def test_checks_of_the_region_follow_the_setting_and_record_it(store):
    region = StoreRegion(store)
    ask = CheckRequest(as_of="2026-12-31", zones="wards_2025", ids=("n-25747",))
    before = run(ask, region)
    keep_relief(store, "wards_2025", "n-25747", ["justified"], author=WHO)
    after = run(ask, region)
    assert after.frames["zones"]["relief"].tolist() == ["justified"]
    assert SETTINGS in after.run["data"]
    assert SETTINGS not in before.run["data"]
    assert after.run["id"] != before.run["id"]


@pytest.mark.parametrize(
    ("zone_id", "flags", "author"),
    [("no-such", ["existing"], WHO), ("vsip-1", ["castle"], WHO), ("vsip-1", ["existing"], " "), ("vsip-1", [], WHO)],
)
def test_what_cannot_be_set_is_refused_and_nothing_is_kept(store, zone_id, flags, author):
    with pytest.raises(InputError):
        keep_relief(store, "zones", zone_id, flags, author=author)
    assert SETTINGS not in store.names()


def test_two_planners_do_not_overwrite_each_other(store):
    keep_relief(store, "zones", "vsip-1", ["existing"], author="A", seen=())
    with pytest.raises(ConflictError):
        keep_relief(store, "zones", "vsip-1", ["island"], author="B", seen=())
    keep_relief(store, "zones", "vsip-1", ["island"], author="B", seen=("existing",))
    assert relief_of(store, "zones", "vsip-1") == ("island",)
    with pytest.raises(ZoningError):
        keep_relief(store, "no_layer", "vsip-1", ["island"], author="B")
