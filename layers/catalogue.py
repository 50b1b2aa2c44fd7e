"""List the layers that a map can show: their titles, order, and how each is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from layers import badges, groups
from layers.simplified import MOST_BYTES, within
from layers.tips import NO_SOURCE, Reader, Source
from zoning.errors import UnknownLayerError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from layers.drawing import Drawing


@dataclass(frozen=True)
class LayerInfo:
    """A layer of the store on the map: its title and purpose in English, to be translated, and what draws it."""

    name: str
    title: str
    purpose: str
    draw: Callable[[gpd.GeoDataFrame, Reader, Source], Drawing]
    shown: bool = True


CATALOGUE = (  # from the ground up
    LayerInfo(
        "districts_until_2025",
        N_("Districts until June 2025"),
        N_("The nine districts and cities before the reform of 1 July 2025."),
        groups.districts,
        shown=False,
    ),
    LayerInfo(
        "communes_until_2025",
        N_("Communes until June 2025"),
        N_("The 91 wards and communes before the reform of 1 July 2025."),
        groups.communes,
        shown=False,
    ),
    LayerInfo(
        "wards_2025",
        N_("Wards since July 2025"),
        N_("The 36 wards and communes since 1 July 2025; part of the base map."),
        groups.wards,
        shown=False,
    ),
    LayerInfo(
        "zones",
        N_("Zones and parks"),
        N_("Industrial parks, urban areas, campuses and other zones, with the quality of each outline."),
        groups.zones,
    ),
    LayerInfo(
        "corridors",
        N_("Transport corridors"),
        N_("Roads, railways, metro, bus and waterways, in operation, under construction and planned."),
        groups.corridors,
    ),
    LayerInfo("stops", N_("Bus stops"), N_("Stops of the bus lines."), badges.stops, shown=False),
    LayerInfo("logistics", N_("Logistics"), N_("Ports, inland depots, stations and airports."), badges.logistics),
    LayerInfo("facilities", N_("Facilities"), N_("Schools, hospitals, offices, markets and more."), badges.facilities),
)


def layer_info(name: str) -> LayerInfo:
    """Return the entry of a layer; UnknownLayerError if maps do not show it."""
    for info in CATALOGUE:
        if info.name == name:
            return info
    raise UnknownLayerError(N_("There is no map layer named {name}."), name=name)


def draw(
    name: str, frame: gpd.GeoDataFrame, reader: Reader, source: Source = NO_SOURCE, most_bytes: int = MOST_BYTES
) -> Drawing:
    """Draw a layer of the store by its name, as much of it as a map takes (`layers.simplified`)."""
    info = layer_info(name)
    return within(lambda part: info.draw(part, reader, source), frame, most_bytes)


def source_of(name: str, provenance: pd.DataFrame) -> Source:
    """Return what the store says of a layer's source: `provenance` has the columns name, attribution and date."""
    found = provenance[provenance["name"] == name]
    if not len(found):
        return NO_SOURCE
    row = found.iloc[0]
    return Source(*("" if pd.isna(row.get(column)) else str(row.get(column)) for column in ("attribution", "date")))
