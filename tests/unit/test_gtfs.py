"""Check timetables: good feeds against a plain reading of their own tables, bad feeds by their sentences."""

import csv
import io
import itertools
import re
import zipfile
from functools import cache

import numpy as np
import pandas as pd
import pytest

from geodata.__main__ import main as command
from geodata.crs import STUDY_ENVELOPE, lonlat_to_planning
from geodata.feeds import LAYER, add_feed, listed, remove_feed, supply_from_feeds
from geodata.gtfs import packed, read_feed, seconds_of, within
from geodata.gtfs_service import day_patterns, feed_supply, mode_of, service_date
from geodata.region import StoreRegion
from geodata.store import open_store
from geodata.transit import supply_mark, supply_of
from zoning.errors import BadFileError, InputError
from zoning.transit.patterns import Headway
from zoning.transit.raptor import Footpaths, earliest, ride_rounds

NOWHERE = np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)


def tables(**changed):
    """Return a small feed of the region: three stops, a bus each way on workdays, and one by headway."""
    made = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\nA,Xe buýt Thử,http://x.vn,Asia/Ho_Chi_Minh\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\na,Đầu,10.97,106.66\nb,Giữa,11.00,106.66\nc,Cuối,11.03,106.66\n",
        "routes": "route_id,route_short_name,route_long_name,route_type\nr1,01,Một,3\nr2,02,Hai,1\n",
        "trips": "route_id,service_id,trip_id\nr1,week,t1\nr1,week,t2\nr1,week,back\nr1,sun,t3\nr2,week,f1\n",
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,7:00:00,7:00:00,a,1\nt1,,,b,2\nt1,07:20:00,07:20:00,c,3\n"
        "t2,08:00:00,08:00:00,a,1\nt2,08:05:00,08:06:00,b,2\nt2,08:20:00,08:20:00,c,3\n"
        "back,24:30:00,24:30:00,c,1\nback,24:50:00,24:50:00,a,2\n"
        "t3,09:00:00,09:00:00,a,1\nt3,09:30:00,09:30:00,c,2\n"
        "f1,00:00:00,00:00:00,a,1\nf1,00:10:00,00:10:00,c,2\n",
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20260105,20260130\nsun,0,0,0,0,0,0,1,20260105,20260130\n",
        "calendar_dates": "service_id,date,exception_type\nweek,20260106,2\n",
        "frequencies": "trip_id,start_time,end_time,headway_secs,exact_times\n"
        "f1,06:00:00,09:00:00,600,0\nf1,16:00:00,17:00:00,1200,1\n",
    } | changed
    return {name: text for name, text in made.items() if text is not None}


def feed_zip(folder="", **changed):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables(**changed).items():
            archive.writestr(f"{folder}{name}.txt", text)
    return out.getvalue()


def rows(name, *more):
    return tables()[name] + "".join(f"{one}\n" for one in more)


def test_a_feed_is_read_whole():
    feed = read_feed(feed_zip())
    assert feed.notes == ()
    assert (feed.agency, feed.valid_from, feed.valid_to) == ("Xe buýt Thử", "2026-01-05", "2026-01-30")
    assert len(feed.trips) == 5
    assert feed.stops["name"].tolist() == ["Đầu", "Giữa", "Cuối"]
    # a call without a time stands half way, as its stop does
    t1 = feed.calls[feed.calls["trip"] == "t1"]
    assert t1["arrive_s"].tolist() == pytest.approx([25_200, 25_800, 26_400], abs=1)
    assert feed.calls.loc[feed.calls["trip"] == "back", "arrive_s"].tolist() == [88_200, 89_400]


def test_a_folder_in_the_zip_and_a_mark_at_the_start_of_a_table_do_no_harm():
    marked = "\ufeff" + tables()["stops"]
    assert len(read_feed(feed_zip(folder="feed/", stops=marked)).trips) == 5


def test_times_beyond_midnight_are_read():
    texts = pd.Series(["00:00:00", " 7:05:09", "25:10:00", None, "", "7:61:00", "noon"])
    found = seconds_of(texts).tolist()
    assert found[:3] == [0, 25_509, 90_600]
    assert np.isnan(found[3])
    assert found[5:] == [-1, -1]


def test_the_day_is_that_with_the_most_trips_of_its_kind():
    feed = read_feed(feed_zip())
    assert service_date(feed) == "2026-01-08"  # of equals the first after an evening whose trips run past midnight
    assert service_date(feed, "tue") == "2026-01-13"  # the 6th is taken out
    assert service_date(feed, "sun") == "2026-01-11"
    with pytest.raises(InputError, match="nothing runs"):
        service_date(feed, "sat")


def test_headways_of_a_feed_are_taken_as_what_they_are():
    feed = read_feed(feed_zip())
    patterns = day_patterns(feed, "2026-01-05")
    [often] = [one for one in patterns if isinstance(one, Headway)]
    assert (often.headway_s, often.first_s, often.last_s) == (600, 21_600, 32_400)
    assert often.service.mode == "metro"
    assert often.arrive_s.tolist() == [0, 600]
    # exact times are a timetable: 16:00, 16:20, 16:40
    exact = [one for one in patterns if not isinstance(one, Headway) and one.service.mode == "metro"]
    assert [one.depart_s[:, 0].tolist() for one in exact] == [[57_600, 58_800, 60_000]]
    at = np.array([[7.0], [np.inf], [np.inf]]) * 3600
    rode = earliest(
        ride_rounds([often], Footpaths.build(*NOWHERE), at, boardings=1, wait_share=0.5, change_s=0), (3, 1)
    )
    assert rode[2, 0] == 7 * 3600 + 300 + 600


def test_nobody_gets_on_or_off_where_the_feed_says_so():
    text = tables()["stop_times"].replace("stop_sequence\n", "stop_sequence,pickup_type,drop_off_type\n")
    lines = [text.splitlines()[0], *(f"{line},0,0" for line in text.splitlines()[1:])]
    lines = [line.replace("b,2,0,0", "b,2,1,0") if line.startswith("t2") else line for line in lines]
    feed = read_feed(feed_zip(stop_times="\n".join(lines) + "\n", frequencies=None))
    patterns = [one for one in day_patterns(feed, "2026-01-05") if one.depart_s[0, 0] == 8 * 3600]
    at_b = np.array([[np.inf], [8.0], [np.inf]]) * 3600
    at_a = np.array([[8.0], [np.inf], [np.inf]]) * 3600
    walks = Footpaths.build(*NOWHERE)
    assert not ride_rounds(patterns, walks, at_b, boardings=1, wait_share=0.5, change_s=0)
    [rode] = ride_rounds(patterns, walks, at_a, boardings=1, wait_share=0.5, change_s=0)
    assert rode[:, 0].tolist() == [np.inf, 8 * 3600 + 300, 8 * 3600 + 1200]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"stops": rows("stops", "d,Xa,,106.6", "e,Không,0,0")}, "Stops without a usable place: 2"),
        ({"stops": rows("stops", "a,Đầu,10.97,106.66")}, "Stops whose id stands twice: 1"),
        ({"trips": rows("trips", "r9,week,t9")}, "line that is not in the file: 1"),
        ({"trips": rows("trips", "r1,week,t1")}, "without an id of their own: 1"),
        ({"stop_times": rows("stop_times", "t7,07:00:00,07:00:00,a,1")}, "Calls of a trip that is not in the file: 1"),
        (
            {"stop_times": rows("stop_times", "t3,09:10:00,09:10:00,z,9")},
            "stop that is not in the file or has no place: 1",
        ),
        ({"stop_times": rows("stop_times", "t3,09:30:00,09:30:00,c,2")}, "Calls that stand twice: 1"),
        ({"stop_times": rows("stop_times", "t3,09:25:00,09:25:00,c,3")}, "go back in time: 1"),
        ({"stop_times": rows("stop_times", "t3,9h25,9h25,b,3")}, "at an end that can be read: 1"),
        ({"stop_times": rows("stop_times", "t3,,,b,3")}, "at an end that can be read: 1"),
        ({"frequencies": rows("frequencies", "f1,06:00:00,09:00:00,0,0")}, "Headways that cannot be used .*: 1"),
        ({"frequencies": rows("frequencies", "f9,06:00:00,09:00:00,600,0")}, "Headways of a trip that is not"),
        ({"routes": rows("routes", "r1,01,Một,3")}, "Lines whose id is missing or stands twice: 1"),
    ],
)
def test_rows_that_cannot_be_used_are_counted_and_the_rest_stays(changed, says):
    feed = read_feed(feed_zip(**changed))
    assert len(feed.notes) == 1
    assert re.search(says, feed.notes[0].text())
    assert {"t1", "t2"} <= set(feed.trips["id"])


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", b"0" * 300_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip at all", "no zip of a GTFS timetable"),
        (feed_zip()[:-40], "no zip of a GTFS timetable"),
        (feed_zip(stop_times=None), "stop_times.txt is missing or empty"),
        (feed_zip(calendar=None, calendar_dates=None), "calendar.txt is missing or empty"),
        (feed_zip(stops="stop_id,stop_name\na,A\n"), "stops.txt has no column stop_lon"),
        (feed_zip(stop_times="trip_id,stop_id\nt1,a\n"), "stop_times.txt has no column stop_sequence"),
        (feed_zip(trips="route_id,service_id,trip_id\nr9,week,t1\n"), "No trip of the timetable can be used"),
        (feed_zip(stops='stop_id,stop_name,stop_lat,stop_lon\n"a,b\n'), "stops.txt is missing or empty|cannot be read"),
        (feed_zip(calendar=tables()["calendar"].replace(",1,1,1,1,1,", ",x,1,1,1,1,")), "cannot be read"),
    ],
)
def test_bad_feeds_are_refused_in_a_sentence(content, says):
    with pytest.raises(BadFileError, match=says) as fault:
        read_feed(content)
    assert "\n" not in fault.value.text()


def test_a_feed_that_would_grow_too_large_is_refused_unread():
    with pytest.raises(BadFileError, match="would unpack to 300 MB"):
        read_feed(bomb())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a/stops.txt", "b/stops.txt"):
            archive.writestr(name, "stop_id\n")
    with pytest.raises(BadFileError, match="holds stops.txt twice"):
        read_feed(out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(61):
            archive.writestr(f"{number}.txt", "")
    with pytest.raises(BadFileError, match="holds 61 files"):
        read_feed(out.getvalue())


def test_what_is_not_used_is_not_kept():
    small = packed(feed_zip(shapes="shape_id\nx\n", fare_attributes="fare_id\n"))
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        assert sorted(archive.namelist()) == sorted(f"{name}.txt" for name in tables())
    assert packed(small) == small
    assert len(read_feed(small).trips) == 5


def test_stops_outside_the_area_go_and_trips_run_on_between_the_others():
    feed = read_feed(feed_zip(stops=tables()["stops"].replace("11.00,106.66", "11.00,109.66")))
    cut = within(feed, STUDY_ENVELOPE)
    assert cut.stops["id"].tolist() == ["a", "c"]
    assert cut.calls.groupby("trip").size().tolist() == [2] * 5
    assert "Stops outside the study area: 1" in cut.notes[-1].text()
    far = read_feed(feed_zip(stops=tables()["stops"].replace("106.66", "100.66")))
    with pytest.raises(BadFileError, match="two stops in the study area"):
        within(far, STUDY_ENVELOPE)


def test_a_timetable_in_the_store_is_what_runs(store):
    before = supply_mark(store)
    assert supply_of(store).method == "headway"
    notes = add_feed(store, feed_zip(), "thu")
    assert "2 lines, 5 trips, 3 stops" in notes[0].text()
    made = supply_of(store)
    assert made.method == "timetable"
    assert made.source == "Xe buýt Thử"
    assert supply_mark(store) != before
    assert made.stops.crs == "EPSG:9210"
    east, north = lonlat_to_planning([106.66], [10.97])
    assert made.xy[0].tolist() == pytest.approx([east[0], north[0]])
    assert "shown as on 2026-01-08" in made.notes[0][0].format(**made.notes[0][1])
    assert listed(store)["id"].tolist() == ["thu"]
    # another of the same name replaces it, one of another name runs beside it
    add_feed(store, feed_zip(), "thu", title="Thử", date="2026-01-11")
    assert [one.id for one in supply_of(store).services] == ["0:r1"]
    add_feed(store, feed_zip(), "hai")
    both = supply_of(store)
    assert both.source == "Xe buýt Thử; Thử"
    assert len(both.stops) == 6
    remove_feed(store, "thu")
    remove_feed(store, "hai")
    assert supply_of(store).method == "headway"
    assert listed(store).empty
    assert supply_from_feeds(store) is None
    assert open_store(store.path).raw_layer(LAYER)["content"].fillna("").eq("").all()


def test_a_region_travels_by_the_timetable_as_soon_as_it_is_there(store):
    region = StoreRegion(store)
    before, mark = region.transit(), region.fingerprint("transit")
    assert before.method == "headway"
    assert region.transit() is before
    add_feed(store, feed_zip(), "thu")
    assert region.transit().method == "timetable"
    assert region.fingerprint("transit") != mark
    assert region.transit("sun").patterns[0].depart_s[0, 0] == 9 * 3600
    with pytest.raises(InputError, match="nothing runs"):
        region.transit("sat")


def test_what_cannot_be_kept_leaves_the_store_as_it_was(store):
    mark = supply_mark(store)
    for content, name, date, says in (
        (b"nothing", "thu", "", "no zip"),
        (feed_zip(), "Thử", "", "small letters"),
        (feed_zip(), "thu", "2027-01-01", "valid from 2026-01-05"),
        (feed_zip(), "thu", "soon", "is not a date"),
    ):
        with pytest.raises((BadFileError, InputError), match=says):
            add_feed(store, content, name, date=date)
    with pytest.raises(InputError, match="no timetable called"):
        remove_feed(store, "thu")
    assert supply_mark(store) == mark


def test_the_command_line_loads_lists_and_removes(store, tmp_path, capsys):
    path = tmp_path / "feed.zip"
    path.write_bytes(feed_zip())
    at = ["--store", str(store.path)]
    assert command(["gtfs", *at]) == 0
    assert "by headway" in capsys.readouterr().out
    assert command(["gtfs", str(path), "--as", "thu", "--date", "2026-01-07", *at]) == 0
    assert "Kept as thu" in capsys.readouterr().out
    assert command(["gtfs", *at]) == 0
    assert "thu: Xe buýt Thử, 2026-01-05 – 2026-01-30" in capsys.readouterr().out
    assert command(["gtfs", "--as", "thu", "--remove", *at]) == 0
    for wrong, says in (([str(path), "--remove"], "not both"), ([str(tmp_path / "no.zip")], "There is no file")):
        with pytest.raises((InputError, BadFileError), match=says):
            command(["gtfs", *wrong, *at])


def test_modes_of_route_types():
    assert [mode_of(one) for one in (0, 1, 2, 3, 4, 109, 401, 702, 900, 5_000)] == [
        "tram", "metro", "rail", "bus", "ferry", "rail", "metro", "bus", "tram", "bus"
    ]  # fmt: skip


# -- Porto Alegre: the feed against its own tables, read plainly


@cache
def _porto(path):
    content = path.read_bytes()
    feed = read_feed(content)
    return content, feed, day_patterns(feed, "2019-05-15")


@pytest.fixture(params=["poa_eptc", "poa_trensurb"])
def porto(shared, request):
    path = shared / f"realdata/osm-crosscheck-cities/{request.param}.zip"
    if not path.exists():
        pytest.skip("the feed of Porto Alegre is not here")
    return _porto(path)


def connections(content, feed):
    """Return (departs, arrives, from, to, trip) of a Wednesday, read from the zip's rows alone, and printed times."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:

        def read(name):
            text = archive.read(f"{name}.txt").decode("utf-8-sig")
            return [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]

        runs = {row["service_id"] for row in read("calendar")
                if row["wednesday"] == "1" and row["start_date"] <= "20190515" <= row["end_date"]}  # fmt: skip
        if "calendar_dates.txt" in archive.namelist():
            for row in read("calendar_dates"):
                if row["date"] == "20190515":
                    (runs.add if row["exception_type"] == "1" else runs.discard)(row["service_id"])
        trips = {row["trip_id"] for row in read("trips") if row["service_id"] in runs}
        place = {stop: at for at, stop in enumerate(feed.stops["id"])}
        found, timed = [], {}
        for trip, calls in itertools.groupby(read("stop_times"), key=lambda row: row["trip_id"]):
            if trip in trips:
                calls = sorted(calls, key=lambda row: int(row["stop_sequence"]))  # noqa: PLW2901
                timed[trip] = [(place[c["stop_id"]], _s(c["arrival_time"]), _s(c["departure_time"])) for c in calls]
        for trip, calls in timed.items():
            filled = feed_times(feed, trip) if any(c[1] is None for c in calls) else calls
            for (a, _, leaves), (b, arrives, _) in itertools.pairwise(filled):
                found.append((leaves, arrives, a, b, trip))
    return sorted(found), timed


def feed_times(feed, trip):
    some = feed.calls[feed.calls["trip"] == trip]
    return list(zip(some["stop"], some["arrive_s"], some["depart_s"], strict=True))


def _s(text):
    if not text.strip():
        return None
    h, m, s = map(int, text.split(":"))
    return h * 3600 + m * 60 + s


def scan(found, origin, begin, count):
    """Return earliest arrivals by scanning connections in order of departure: no walks, no time to change."""
    best = np.full(count, np.inf)
    best[origin] = begin
    aboard = set()
    for leaves, arrives, a, b, trip in found:
        if trip in aboard or best[a] <= leaves:
            aboard.add(trip)
            best[b] = min(best[b], arrives)
    return best


def test_printed_times_of_porto_alegre_are_kept(porto):
    content, feed, patterns = porto
    _, timed = connections(content, feed)
    assert sum(one.arrive_s.shape[0] for one in patterns) == len(timed)
    for trip, calls in list(timed.items())[:: max(1, len(timed) // 300)]:
        ours = feed_times(feed, trip)
        for (stop, arrives, leaves), (at, arrive_s, depart_s) in zip(calls, ours, strict=True):
            assert stop == at
            assert arrives is None or (arrives, leaves) == (arrive_s, depart_s)


def test_trips_between_stops_of_porto_alegre_are_those_of_its_timetable(porto):
    content, feed, patterns = porto
    found, _ = connections(content, feed)
    count = len(feed.stops)
    rng = np.random.default_rng(8)
    walks = Footpaths.build(*NOWHERE)
    compared = 0
    for origin in rng.choice(np.unique([one[2] for one in found]), 6, replace=False):
        begin = float(rng.integers(12 * 3600, 15 * 3600))
        at = np.full((count, 1), np.inf)
        at[origin] = begin
        rounds = ride_rounds(patterns, walks, at, boardings=12, wait_share=0.5, change_s=0.0)
        ours = np.minimum(earliest(rounds, at.shape)[:, 0], at[:, 0])
        theirs = scan(found, origin, begin, count)
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
        compared += int(np.isfinite(theirs).sum())
    assert compared > min(500, 4 * count)


def test_departures_are_found_together_as_one_by_one(porto):
    _, feed, patterns = porto
    count = len(feed.stops)
    origin = int(patterns[0].stops[0])
    begins = np.arange(12 * 3600, 14 * 3600, 600.0)
    at = np.full((count, begins.size), np.inf)
    at[origin] = begins
    walks = Footpaths.build(*NOWHERE)
    options = {"boardings": 3, "wait_share": 0.5, "change_s": 60.0}
    together = earliest(ride_rounds(patterns, walks, at, **options), at.shape)
    alone = [earliest(ride_rounds(patterns, walks, at[:, [one]], **options), (count, 1)) for one in range(begins.size)]
    np.testing.assert_array_equal(together, np.hstack(alone))
    # backwards from when a stop is reached, the origin is left no earlier than it was
    there = int(np.nanargmax(np.where(np.isfinite(together[:, 0]), together[:, 0], -1)))
    back = np.full((count, 1), np.inf)
    back[there] = -together[there, 0]
    reverse = [one.reversed() for one in patterns]
    left = -earliest(ride_rounds(reverse, walks.reversed(), back, **options), back.shape)[origin, 0]
    assert left >= begins[0]


def test_porto_alegre_runs_on_its_own_streets(shared):
    folder = shared / "realdata/osm-crosscheck-cities"
    if not (folder / "poa_eptc.zip").exists():
        pytest.skip("the data of Porto Alegre are not here")
    from pyproj import Transformer

    from geodata.osm import street_graph
    from geodata.osmfile import read_streets
    from zoning.reach import MODES, TravelNetwork
    from zoning.reach.modes import travel_costs
    from zoning.transit.network import TransitNetwork
    from zoning.transit.settings import TransitSettings

    crs = "EPSG:32722"
    box = (-51.235, -30.05, -51.205, -30.02)
    graph, _ = street_graph(read_streets(folder / "poa_osm.pbf"), crs=crs, bbox=box, margin_m=300)
    base = TravelNetwork.from_graph(graph)
    costs = travel_costs(base.attributes.assign(length_m=base.edges["length_m"]), MODES["walk"])
    walk = base.recost(costs["seconds"], mode="walk", snap_limit_m=300.0)
    to = Transformer.from_crs(4326, crs, always_xy=True)
    _, feed, _ = _porto(folder / "poa_eptc.zip")
    made = feed_supply(
        [("EPTC", feed, "2019-05-15")], to.transform, crs, "poa"
    )  # the sample has the trips of 12 to 16 h
    network = TransitNetwork(walk, made, TransitSettings(every_min=15.0, window_min=60.0), hour=14.0)
    lon, lat = feed.stops["lon"], feed.stops["lat"]
    inside = np.flatnonzero(lon.between(box[0], box[2]) & lat.between(box[1], box[3]))
    some = made.stops.geometry.iloc[inside[:: len(inside) // 8][:8]]
    minutes = network.minutes_matrix(some, some, 90.0)
    on_foot = walk.minutes_matrix(some, some, 90.0)
    assert (minutes <= on_foot + 1e-9).all()
    assert (minutes < on_foot - 5).sum() >= len(some)
