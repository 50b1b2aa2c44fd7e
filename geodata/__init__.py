"""Bring data in and out: the store, coordinate systems, OpenStreetMap, exports."""
