"""Make the tables of a store in a database, once, and what they need: PostGIS and the region's coordinate system."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psycopg
from pyproj import CRS

from geodata.backend import SCHEMA
from geodata.postgis_tables import SRID
from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from psycopg import Connection

_log = logging.getLogger(__name__)

LOCK = 0x1_92_10_7E57
"""Number of the lock that writers of the store hold; databases on one server have locks of their own."""

_TABLES = """
CREATE SCHEMA IF NOT EXISTS innovation_region;
CREATE TABLE innovation_region.store_info (schema integer NOT NULL, embedded text NOT NULL, revision bigint NOT NULL);
CREATE TABLE innovation_region.layer_info (
    name text PRIMARY KEY, title_en text NOT NULL, title_vi text NOT NULL, source text NOT NULL, licence text NOT NULL,
    attribution text NOT NULL, date text NOT NULL, method text NOT NULL, origin text NOT NULL,
    fingerprint text NOT NULL, changed text NOT NULL, count bigint NOT NULL, geometry text NOT NULL,
    fields jsonb NOT NULL
);
CREATE TABLE innovation_region.store_history (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, layer text NOT NULL, version bigint NOT NULL,
    date text NOT NULL, author text NOT NULL, action text NOT NULL, rows_before bigint, rows_after bigint,
    fingerprint text NOT NULL, provenance text NOT NULL, UNIQUE (layer, version)
);
CREATE TABLE innovation_region.store_states (
    layer text NOT NULL, fingerprint text NOT NULL, content bytea NOT NULL, PRIMARY KEY (layer, fingerprint)
);
-- what a GIS changes in a table makes the layer's fingerprint doubtful: it is computed anew from the content
CREATE FUNCTION innovation_region.store_touched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = innovation_region, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('innovation_region.saving', true), '') <> 'on' THEN
        UPDATE layer_info SET fingerprint = '', changed = now()::text WHERE name = TG_TABLE_NAME;
        UPDATE store_info SET revision = revision + 1;
    END IF;
    RETURN NULL;
END $$;
"""


def has_store(connection: Connection) -> bool:
    """Say whether the database holds a store."""
    # by a look into the catalogue: to_regclass may answer from before the wait for a lock in the same transaction
    row = connection.execute(
        "SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'innovation_region' AND tablename = 'store_info'"
    ).fetchone()
    return row is not None


def make_store(connection: Connection) -> None:
    """Make the tables of an empty store; call while no one else can."""
    connection.execute(_TABLES)
    connection.execute("INSERT INTO innovation_region.store_info VALUES (%s, '', 0)", (SCHEMA,))


def ensure_postgis(connection: Connection, label: str) -> None:
    """Make sure that the database has PostGIS and, if this user may, that it knows VN-2000 / TM-3 105-45.

    Raises
    ------
    StoreError
        There is no PostGIS and this user cannot add it.
    """
    if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone() is None:
        try:
            with connection.transaction():
                connection.execute("CREATE EXTENSION postgis")
        except psycopg.Error as error:
            _log.warning("cannot add PostGIS to %s: %s", label, type(error).__name__)
            raise StoreError(
                N_("The database {path} has no PostGIS, and this user cannot add it. Ask its administrator to run in "
                   "it: CREATE EXTENSION postgis"),
                path=label,
            ) from None  # fmt: skip
    if connection.execute("SELECT 1 FROM spatial_ref_sys WHERE srid = %s", (SRID,)).fetchone() is None:
        _register(connection, label)


def _register(connection: Connection, label: str) -> None:
    """Tell PostGIS of EPSG:9210, which 3.3 lacks. Tables hold it also without: only a GIS asks for its name then."""
    crs = CRS.from_epsg(SRID)
    # east before north, as PostGIS keeps all coordinates; the parameters of the shift are those of EPSG:6960
    proj4 = (
        "+proj=tmerc +lat_0=0 +lon_0=105.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,"
        "-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs"
    )
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) "
                "VALUES (%s, 'EPSG', %s, %s, %s) ON CONFLICT DO NOTHING",
                (SRID, SRID, crs.to_wkt("WKT1_GDAL"), proj4),
            )
    except psycopg.Error as error:
        _log.info("EPSG:%d is not entered into spatial_ref_sys of %s: %s", SRID, label, type(error).__name__)
