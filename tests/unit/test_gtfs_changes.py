"""Check the nights of a timetable, and changes by its own word: hand-worked times, and the report of what was read."""

import geopandas as gpd
import numpy as np
import pytest

from geodata.crs import STUDY_ENVELOPE
from geodata.feeds import add_feed
from geodata.gtfs import read_feed, unused, within
from geodata.gtfs_service import day_patterns, feed_supply
from tests.data.street_graphs import CRS
from tests.unit.test_gtfs import NOWHERE, feed_zip
from tests.unit.test_transit_region import Street, at
from zoning.errors import BadFileError
from zoning.transit.patterns import Headway, Service, timetables
from zoning.transit.raptor import Footpaths, earliest, ride_rounds
from zoning.transit.supply import Supply, digest
from zoning.transit.transfers import Transfers

HEAD = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"


def arrivals(patterns, stop, begin_s):
    start = np.full((3, 1), np.inf)
    start[stop] = begin_s
    rounds = ride_rounds(patterns, Footpaths.build(*NOWHERE), start, boardings=1, wait_share=0.5, change_s=0)
    return earliest(rounds, start.shape)[:, 0].tolist()


def test_a_trip_of_the_evening_before_runs_in_the_small_hours():
    feed = read_feed(feed_zip())
    # Wednesday's 24:30 from c is Thursday's 00:30; on Monday nothing is left of Sunday
    thursday, monday = (day_patterns(feed, date, nights=True) for date in ("2026-01-08", "2026-01-12"))
    assert arrivals(thursday, 2, 600.0) == [50 * 60.0, np.inf, np.inf]
    assert arrivals(monday, 2, 600.0) == [24 * 3600 + 50 * 60.0, np.inf, np.inf]
    # and Friday's evening runs into Saturday, when no trip of its own begins
    saturday = day_patterns(feed, "2026-01-10", nights=True)
    assert [one.depart_s[:, 0].tolist() for one in saturday] == [[1800.0]]
    assert sum(one.trips_of_day for one in thursday if not isinstance(one, Headway)) == 6  # t1, t2, back, three exact


def test_headways_over_midnight_and_the_next_morning_are_there():
    often = (
        "trip_id,start_time,end_time,headway_secs,exact_times\nf1,23:00:00,26:00:00,600,0\nf1,04:00:00,04:10:00,300,1\n"
    )
    patterns = day_patterns(read_feed(feed_zip(frequencies=often)), "2026-01-08", nights=True)
    hours = sorted((one.first_s / 3600, one.last_s / 3600) for one in patterns if isinstance(one, Headway))
    assert hours == [(-1, 2), (23, 26)]
    assert arrivals(patterns, 0, 3600.0)[2] == 3600 + 300 + 600
    exact = [one for one in patterns if not isinstance(one, Headway) and one.service.mode == "metro"]
    assert exact[0].depart_s[:, 0].tolist() == [14_400, 14_700, 100_800, 101_100]


def test_transfers_name_stops_or_stations_and_the_nearer_word_holds():
    stops = ("stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\na,A,10.97,106.66,0,S\n"
             "b,B,11.00,106.66,0,S\nc,C,11.03,106.66,0,\nS,Ga,11.00,106.66,1,\n")  # fmt: skip
    told = HEAD + "S,c,2,300\na,c,3,\nc,b,1,\nb,c,2,\nx,c,0,\na,b,4,\na,b,2,-5\n"
    feed = read_feed(feed_zip(stops=stops, transfers=told))
    assert feed.transfers.to_numpy().tolist()[:1] == [[0, 2, 3, pytest.approx(np.nan, nan_ok=True)]]
    pairs = {(row.start, row.end): row.kind for row in feed.transfers.itertuples()}
    assert pairs == {(0, 2): 3, (1, 2): 0, (2, 1): 1}  # b to c has no time in its own row: as usual
    counts = {note.template.partition(":")[0]: note.values["count"] for note in feed.notes}
    assert list(counts.values()) == [1, 1, 1]
    cut = within(read_feed(feed_zip(stops=stops.replace("a,A,10.97", "a,A,30.97"), transfers=told)), STUDY_ENVELOPE)
    assert {(row.start, row.end): row.kind for row in cut.transfers.itertuples()} == {(0, 1): 0, (1, 0): 1}
    many = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\nS,S,11,106.6,1,\n" + "".join(
        f"{name},N,10.9{at % 10},106.66,0,S\n" for at, name in enumerate(("a", "b", "c", *map(str, range(600))))
    )
    with pytest.raises(BadFileError, match="join 363,609 pairs"):
        read_feed(feed_zip(stops=many, transfers=HEAD + "S,S,0,\n"))


A, B, C, D = range(4)
"""Stops at nodes 1, 4, 4.3 and 9: line one runs from A to B at 8:00, line two from C to D every minute from 8:10 on."""


def street(*told):
    places = gpd.GeoDataFrame({"id": list("abcd"), "name_vi": list("abcd"), "name_en": list("abcd"), "park": False},
                              geometry=[at(1), at(4), at(4.3), at(9)], crs=CRS)  # fmt: skip
    first, second = np.array([[480.0, 490.0]]) * 60, (np.arange(490, 600, 1.0)[:, None] + [[0.0, 5.0]]) * 60
    patterns = (*timetables(Service("1", "Một", "One"), np.array([A, B]), first, first),
                *timetables(Service("2", "Hai", "Two"), np.array([C, D]), second, second))  # fmt: skip
    kinds = (np.intp, np.intp, np.intp, float)
    columns = [np.array(one, dtype=kind) for one, kind in zip(zip(*told, strict=True), kinds, strict=False)]
    transfers = Transfers(*columns)
    return Street(Supply(places, patterns, "", digest("x", *told), transfers=transfers))


@pytest.mark.parametrize(
    ("told", "minutes"),
    [
        ((), 10 + 3 + 2 + 5),  # ride, walk of 300 m, change, ride: a vehicle leaves every minute
        (((B, C, 0, np.nan),), 10 + 3 + 2 + 5),
        (((B, C, 1, np.nan),), 10 + 3 + 5),
        (((B, C, 2, 60.0),), 10 + 1 + 5),
        (((B, C, 2, 600.0),), 10 + 10 + 5),
        (((C, B, 3, np.nan),), 10 + 3 + 2 + 5),  # the other way round
        (((B, C, 3, np.nan),), 33 + 5),  # to C on foot
    ],
)
def test_a_change_takes_what_the_timetable_says(told, minutes):
    region = street(*told)
    ends = region.points([(1.0, 0.0), (9.0, 0.0)])
    network = region.network("transit", hour=8.0, transit="window_min=0")
    assert network.minutes_matrix(ends[:1], ends[1:], 999)[0, 0] == pytest.approx(minutes)
    legs = network.route(ends[:1], ends[1:])
    assert legs["leg_min"].sum() == pytest.approx(minutes)
    # backwards in time: who must be there by then leaves when the first vehicle does
    by = region.network("transit", hour=8.0 + minutes / 60, transit="window_min=0")
    assert by.minutes_at(ends[:1], ends[1:], 999, arrive=True)[0] == pytest.approx(minutes)


def test_a_change_farther_than_people_walk_is_possible_where_the_timetable_says_so():
    region = {told: street(*told) for told in ((), ((B, C, 0, np.nan),))}
    found = []
    for one in region.values():
        ends = one.points([(1.0, 0.0), (9.0, 0.0)])
        network = one.network("transit", hour=8.0, transit="window_min=0,transfer_m=200")
        found.append(float(network.minutes_matrix(ends[:1], ends[1:], 999)[0, 0]))
    assert found == pytest.approx([38.0, 20.0])


def test_changes_within_a_stop_are_ruled_too():
    walks = Footpaths.build(np.array([0]), np.array([1]), np.array([60.0]))
    region = street()
    xy = region.supply.xy
    told = Transfers(np.array([A, B, C]), np.array([A, B, C]), np.array([3, 2, 1]), np.array([np.nan, 300.0, np.nan]))
    made = told.applied(walks, region.nets["walk"], xy, 120.0, 1.0)
    assert made.stay.tolist() == [np.inf, 180.0, -120.0, 0.0]
    rode = np.array([[0.0], [np.inf], [0.0], [0.0]])
    assert made.walked(rode + 120.0)[:, 0].tolist() == [np.inf, 180.0, 0.0, 120.0]
    assert made.reversed().stay is made.stay
    assert Transfers().applied(walks, region.nets["walk"], xy, 120.0, 1.0) is walks


def test_the_report_of_a_feed_names_what_was_read_and_what_was_not(store):
    content = feed_zip(transfers=HEAD + "a,b,2,120\nb,c,3,\n", fare_attributes="fare_id\nx\n", pathways="pathway_id\n")
    assert unused(content) == ("fare_attributes.txt", "pathways.txt")
    said = [note.text() for note in add_feed(store, content, "thu")]
    assert "stops (3)" in said[1]
    assert "frequencies (2), transfers (2)" in said[1]
    assert said[2] == "In the file, but not used: fare_attributes.txt, pathways.txt."
    assert "1 with a least time" in said[3]
    assert "1 not possible" in said[3]


def test_transfers_of_two_feeds_keep_to_their_own_stops():
    feed = read_feed(feed_zip(transfers=HEAD + "a,b,2,120\n"))
    two = [("one", feed, "2026-01-08"), ("two", feed, "2026-01-08")]
    made = feed_supply(two, lambda lon, lat: (np.asarray(lon) * 1000, np.asarray(lat) * 1000), CRS, "m")
    assert list(zip(made.transfers.start, made.transfers.end, strict=True)) == [(0, 1), (3, 4)]
    assert made.transfers.change_s(3, 4, 60.0) == (120.0, True)
    assert made.transfers.change_s(0, 4, 60.0) == (60.0, False)
