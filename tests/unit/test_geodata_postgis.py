"""Hold what only a database has: rights, addresses with passwords, changes by a GIS, its own coordinate systems."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point

from geodata import compiling, place, postgis
from geodata.crs import planning_to_lonlat
from geodata.postgis_address import Address
from geodata.region import StoreRegion
from geodata.store import open_store, store_path
from tests.postgres import PASSWORD
from zoning.errors import InputError, StoreError

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def template(postgres):
    """Return the name of a database with a built store, made where nobody but its administrator is known to PostGIS."""
    name = postgres.copy("empty", "special")
    postgres.run("GRANT INSERT ON spatial_ref_sys TO planner", database=name)
    open_store(postgres.address(name))
    return name


@pytest.fixture
def database(postgres, template):
    return postgres.copy(template, f"special{next(_numbers)}")


@pytest.fixture
def store(postgres, database):
    return open_store(postgres.address(database))


def beds(*numbers):
    points = [Point(600_000 + i, 1_220_000) for i in range(len(numbers))]
    return gpd.GeoDataFrame({"id": list(map(str, numbers)), "beds": list(numbers)}, geometry=points, crs=9210)


def test_a_gis_finds_points_where_they_are(postgres, database, store):
    # east before north; PostGIS itself turns them into degrees, by PROJ and the entry of EPSG:9210
    (x, y, srid, lon, lat), = postgres.run(
        "SELECT ST_X(geom), ST_Y(geom), ST_SRID(geom), ST_X(ST_Transform(geom, 4326)), ST_Y(ST_Transform(geom, 4326)) "
        "FROM innovation_region.stops ORDER BY fid LIMIT 1",
        database=database,
    )  # fmt: skip
    first = store.raw_layer("stops").geometry.iloc[0]
    assert (x, y, srid) == (first.x, first.y, 9210)
    ours = planning_to_lonlat(np.array([x]), np.array([y]))
    assert abs(lon - ours[0][0]) < 1e-5  # a metre: PROJ may choose the other operation, see geodata.crs
    assert abs(lat - ours[1][0]) < 1e-5
    kind = postgres.run(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'geom' AND attrelid = "
        "'innovation_region.zones'::regclass",
        database=database,
    )
    assert kind == [("geometry(Geometry,9210)",)]


def test_the_coordinate_system_is_entered_where_it_may_be(postgres, template):
    entry = "SELECT auth_srid, proj4text LIKE '%lon_0=105.75%k=0.9999%' FROM spatial_ref_sys WHERE srid = 9210"
    assert postgres.run(entry, database=template) == [(9210, True)]
    plain = postgres.copy("empty", f"plain{next(_numbers)}")
    assert open_store(postgres.address(plain)).names()[0] == "zones"  # and does without where not
    assert postgres.run(entry, database=plain) == []


def test_what_a_gis_changes_is_noticed(postgres, database, store):
    store.write_layer("beds", beds(1, 2), author="Lan")
    before = store.fingerprint("beds")
    others = store.fingerprint("zones")
    postgres.run(
        "UPDATE innovation_region.beds SET beds = 7 WHERE id = '2'",
        "INSERT INTO innovation_region.beds (id, beds, geom) VALUES ('9', NULL, 'SRID=9210;POINT(600009 1220000)')",
        database=database,
    )
    store.backend._look_again()
    assert store.fingerprint("beds") != before
    assert store.fingerprint("zones") == others
    assert store.layer("beds")["beds"].tolist() == [1, 7, pd.NA]
    assert store.layers().set_index("name").loc["beds", ["count", "origin"]].tolist() == [3, "user"]
    store.write_layer("beds", beds(5))
    assert store.history("beds")["action"].tolist() == ["saved", "found", "saved"]
    store.restore_version("beds", 2)
    assert store.layer("beds")["id"].tolist() == ["1", "2", "9"]


def test_what_others_built_on_a_table_stays(postgres, database, store):
    store.write_layer("beds", beds(1))
    postgres.run(
        "CREATE VIEW public.many AS SELECT * FROM innovation_region.beds WHERE beds > 5",
        "CREATE ROLE reader" + str(next(_numbers)),
        database=database,
    )
    store.write_layer("beds", beds(3, 8, 9))
    assert postgres.run("SELECT count(*) FROM public.many", database=database) == [(2,)]
    # another column needs another table: refused in words, nothing lost
    with pytest.raises(StoreError, match="refused what was asked"):
        store.write_layer("beds", beds(3).assign(note="x"))
    assert store.layer("beds")["beds"].tolist() == [3, 8, 9]


def test_odd_columns(store):
    long = "tên cột rất dài của một bảng đo đạc ở phường Phú Lợi, thành phố Thủ Dầu Một, tỉnh Bình Dương"
    odd = gpd.GeoDataFrame(
        {
            long: [1.5, np.nan], long + " 2": [None, True], "when": pd.to_datetime(["2026-11-22", None]),
            "utc": pd.to_datetime(["2026-11-22T03:00:00Z", None]), "%s; DROP": ["x", "'; --"], 'a"b': [1, 2],
        },
        geometry=[Point(600_000, 1_220_000, 12.5), Point(600_001, 1_220_000)],
        crs=9210,
    )  # fmt: skip
    mark = store.write_layer("odd", odd)
    kept = open_store(store.address).layer("odd")
    assert list(kept.columns) == list(odd.columns)
    assert kept.geometry.to_wkb().tolist() == odd.geometry.force_2d().to_wkb().tolist()  # the store keeps no heights
    assert kept[long].tolist()[0] == 1.5
    assert store.fingerprint("odd") == mark
    assert open_store(store.address).backend.read("odd").equals(kept)
    with pytest.raises((StoreError, InputError)):
        store.write_layer("odd", odd.assign(when=pd.Series([1j, 2j])))


def test_a_layer_may_change_its_columns_after_many_saves(store):
    # psycopg prepares what it has asked five times, and the server refuses the plan when a column's kind has changed
    for figure in ("a", "b", "c", "d", None, 1.5, 3, "e"):
        store.write_layer("own", beds(1).assign(figure=[figure]))
    assert store.layer("own")["figure"].tolist() == ["e"]


def test_one_feature_less_is_seen_by_the_verification(store, monkeypatch):
    real = postgis.fill_table
    monkeypatch.setattr(postgis, "fill_table", lambda c, n, k, frame: real(c, n, k, frame.iloc[1:]))
    with pytest.raises(StoreError, match="did not come back"):
        store.write_layer("beds", beds(1, 2))
    assert "beds" not in store.names()


def test_who_may_only_read_reads(postgres, database, store):
    user = f"guest{next(_numbers)}"
    postgres.run(
        f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT USAGE ON SCHEMA innovation_region TO {user}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA innovation_region TO {user}",
        database=database,
    )
    guest = open_store(postgres.address(database, user=user))
    assert len(guest.layer("zones")) == 69
    assert len(guest.history()) == 0
    with pytest.raises(StoreError, match="does not let this user write"):
        guest.write_layer("beds", beds(1))
    with pytest.raises(StoreError, match="does not let this user write"):
        guest.write_layer("stops", guest.raw_layer("stops").head(1))
    assert "beds" not in store.names()


def test_a_database_without_postgis(postgres):
    name = f"bare{next(_numbers)}"
    postgres.run(f"CREATE DATABASE {name} OWNER planner")
    with pytest.raises(StoreError, match="has no PostGIS.*CREATE EXTENSION postgis"):
        open_store(postgres.address(name))


def test_a_fault_while_it_is_built_leaves_nothing(postgres, monkeypatch):
    name = postgres.copy("empty", f"fault{next(_numbers)}")
    real, calls = postgis.fill_table, []

    def broken(*args):
        calls.append(1)
        if len(calls) == 4:
            raise StoreError("broken")
        real(*args)

    monkeypatch.setattr(postgis, "fill_table", broken)
    with pytest.raises(StoreError, match="broken"):
        open_store(postgres.address(name))
    monkeypatch.undo()
    assert postgres.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'innovation_region'", database=name) == [
        (0,)
    ]
    assert len(open_store(postgres.address(name)).names()) == 10


def test_connections_that_died_are_opened_anew(postgres, database, store):
    assert len(store.layer("stops")) == 296
    postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
    assert store.write_layer("beds", beds(1)) == store.fingerprint("beds")


def _told(call):
    with pytest.raises(StoreError) as caught:
        call()
    error, texts = caught.value, []
    while error is not None:  # a traceback shows causes, too
        texts.append(f"{error} {error!r} {error.args}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " ".join(texts)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://planner:s3cr3t@[/region",
        "postgres://planner:s3cr3t@host",
        "postgresql://",
        # letters of a password that should have been written as %40, %2F …
        "postgresql://planner:s3cr3t/x@host/region",
        "postgresql://planner:s3cr3t@x@host/region",
        "postgresql://planner:12/s3cr3t@host/region",
        "postgresql://planner:s3cr3t:x@host/region/s3cr3t",
        "postgresql://pla/s3cr3t:x@host/region",
    ],
)
def test_an_address_that_cannot_be_understood_is_not_repeated(text, caplog):
    told = _told(lambda: open_store(text))
    assert "postgresql://USER@HOST/DATABASE" in told
    assert "s3cr3t" not in told + caplog.text


def test_passwords_are_never_told(postgres, database, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    wrong, nowhere = postgres.address(database).replace("@", "%2Fwr0ng@"), postgres.address("nowhere")
    told = _told(lambda: open_store(wrong)) + _told(lambda: open_store(nowhere))
    told += _told(lambda: open_store("postgresql://planner:wr0ng%2Fsecret@localhost:1/region"))
    store = open_store(postgres.address(database))
    told += str(store.label) + repr(store.backend) + str(store.path) + str(store.networks_dir) + repr(Address(wrong))
    told += str(store_path(wrong))
    told += caplog.text + "".join(capfd.readouterr())
    assert "cannot be reached" in told
    for secret in ("wr0ng", "secret", PASSWORD, postgres.address("x").split("@")[0], "planner"):
        assert secret not in told
    address = Address("postgresql://u:a%2Fb@h/d")
    assert (
        address.clean('pw a/b, a%2Fb of "u" at postgresql://u:a%2Fb@h/d') == 'pw ***, *** of "***" at postgresql://h/d'
    )


def test_the_command_line_tells_no_password(postgres, database, monkeypatch, tmp_path):
    monkeypatch.setenv("INNOVATION_REGION_STORE", postgres.address(database))
    monkeypatch.setenv("INNOVATION_REGION_LOG", str(tmp_path / "log"))
    for arguments in (["build"], ["layers"], ["backup", "--out", str(tmp_path / "a.zip")]):
        command = [sys.executable, "-m", "geodata", *arguments]
        done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        assert "planner" not in done.stdout + done.stderr
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(PASSWORD.encode() in file.read_bytes() for file in files)


def test_a_network_is_compiled_aside_without_the_password_in_its_arguments(store, monkeypatch, tmp_path):
    class Done:
        returncode = 0

        def __init__(self, command, env, **_):
            seen.append((command, env))

        def poll(self):
            return 0

    seen = []
    monkeypatch.setattr(compiling.subprocess, "Popen", Done)
    monkeypatch.setattr(StoreRegion, "_file", lambda self, name, mark: tmp_path / f"{name}.npz")
    monkeypatch.setattr(StoreRegion, "compile", lambda self, name, file: name)
    region = StoreRegion(store)
    assert region._load("strategic", "x") == "strategic"
    (command, env), = seen  # fmt: skip
    assert not any("postgresql" in part or PASSWORD in part for part in command)
    assert env[place.STORE_VARIABLE] == store.address
    # what that process does
    monkeypatch.setenv(place.STORE_VARIABLE, store.address)
    made = []
    monkeypatch.setattr(StoreRegion, "compile", lambda self, name, file: made.append(self.store.label))
    compiling.compile_network("", "strategic", str(tmp_path / "a.npz"))
    assert made == [store.label]


def test_where_a_database_keeps_what_belongs_to_this_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    one = store_path("postgresql://lan:a@db.example/planning")
    assert one == store_path("postgres://minh:b@db.example/planning")  # whoever asks
    assert one != store_path("postgresql://lan:a@other.example/planning")
    assert one.parent == tmp_path / "innovation-region"


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "geodata.postgis", None)
    with pytest.raises(StoreError, match="psycopg is missing"):
        open_store("postgresql://planner@localhost/region")


def test_empty_geometry_and_tables_without(store):
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[None, shapely.Polygon()], crs=9210)
    store.write_layer("holes", frame)
    assert store.layer("holes").geometry.isna().tolist() == [True, False]
    assert store.layer("holes").geometry[1].is_empty
    store.write_layer("bare", pd.DataFrame({"a": [1, 2]}))
    assert store.layers().set_index("name").loc["bare", ["count", "geometry", "crs"]].tolist() == [2, "", ""]
