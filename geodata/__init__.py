"""Bring data in and out: the store, coordinate systems, OpenStreetMap, exports."""

from geodata.gdal import harden as _harden

_harden()  # here, since any module of geodata may be the first to import pyogrio
