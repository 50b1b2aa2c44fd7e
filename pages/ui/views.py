"""Put layers of the region on a page's map, and make a click the chosen feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from geodata.crs import lonlat_to_planning, to_web
from layers import own, results
from layers.basemap import BaseMap, base_map
from layers.catalogue import CATALOGUE, draw, source_of
from layers.scene import Focus
from layers.tips import Reader
from pages.ui.data import feature, layer, layer_table, own_layers, store
from pages.ui.ground import online
from pages.ui.language import language, n, t
from pages.ui.map import MapClick, show_map
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.text import DEFAULT_LANGUAGE, translator
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from layers.drawing import Drawing

MOST_BYTES = 1_600_000
"""So much all layers of a map may weigh together; with the ground and what an analysis draws it stays below 2 MB."""
SHARES = (900_000, 400_000, 150_000)
"""What one layer may weigh: the first of these with which all of them fit."""
Asked: TypeAlias = "tuple[str, str, tuple[str, ...] | None, str]"
"""Which drawing: layer, fingerprint, ids of the features (None for all), language."""
_NEAR = "_near"  # features that share one "somewhere near here" place, last clicked


def region_map(
    page: str,
    frames: Mapping[str, gpd.GeoDataFrame],
    *,
    shown: Sequence[str] = (),
    look_at: gpd.GeoSeries | None = None,
    look_token: str = "",
    extra: Sequence[Drawing] = (),
    choosing: bool = True,
    height: int = 600,
) -> MapClick | None:
    """Draw the map; a new click on a feature of `frames` chooses it, any other is returned.

    Parameters
    ----------
    page
        Name of the page, for the map's key.
    frames
        Layer name -> features to draw, in the planning CRS.
    shown
        Layers whose switch starts on.
    look_at, look_token
        What the map shows first, and again whenever the token changes.
    extra
        More to draw, on top: rings, a way, positions.
    choosing
        False returns clicks on features too.
    height
        Height in screen pixels.
    """
    drawings = _fitting(frames, shown)
    now = chosen()
    row = feature(*now) if now else None
    marked = [results.selected(_one(now.layer, now.id))] if now and row is not None else []
    click = show_map(
        f"map-{page}",
        _base(language(), online(), store().fingerprint("wards_2025"), store().fingerprint("corridors")),
        [*drawings, *extra, *marked],
        focus=_focus(page, now if row is not None else None, look_at, look_token or page),
        height=height,
        translate=t,
    )
    for drawing in (*drawings, *extra):
        if drawing.fit is not None:
            st.caption(drawing.fit.sentence(drawing.title, t, n).replace("$", "\\$"))
    if click is not None:
        st.session_state[f"_at-{page}"] = (click.lon, click.lat)
    if choosing and click is not None and click.layer in frames and click.ids:
        st.session_state[_NEAR] = [Chosen(click.layer, i) for i in click.ids]
        choose(Chosen(click.layer, click.ids[0]))
        st.rerun()
    if at := st.session_state.get(f"_at-{page}"):
        st.caption(t(N_("Last click: {position}")).format(position=position_text(*at)))
    return click


def prepare() -> None:
    """Draw the ground and all layers in the language that readers come with, before the first of them does."""
    _base(DEFAULT_LANGUAGE, False, store().fingerprint("wards_2025"), store().fingerprint("corridors"))  # noqa: FBT003 - part of the key
    for info in CATALOGUE:
        _drawn(*_asked(info.name, layer(info.name), DEFAULT_LANGUAGE), SHARES[0])


def neighbours() -> list[Chosen]:
    """Return the features that share the chosen one's approximate place, when it was chosen by a click there."""
    near = st.session_state.get(_NEAR, [])
    return near if chosen() in near and len(near) > 1 else []


def position_text(lon: float, lat: float) -> str:
    """Return a position in VN-2000 as surveyors write it (X north, Y east) and in degrees."""
    east, north = lonlat_to_planning(lon, lat)
    return f"VN-2000 X {float(north):.1f}, Y {float(east):.1f} · {lon:.6f}, {lat:.6f}"


def reader(lang: str = "") -> Reader:
    """Return who reads the map: by default in the session's language."""
    return Reader(translator(lang or language()), lang or language())


def _asked(name: str, frame: gpd.GeoDataFrame, lang: str) -> Asked:
    whole = len(frame) == len(layer(name))  # a layer of 200,000 is not told by its ids
    return name, store().fingerprint(name), None if whole else tuple(frame["id"]), lang


def _fitting(frames: Mapping[str, gpd.GeoDataFrame], shown: Sequence[str]) -> list[Drawing]:
    """Return the drawings of some layers, from the ground up, coarser ones where all of them would be too much."""
    asked = [(info.name, _asked(info.name, frames[info.name], language())) for info in CATALOGUE if info.name in frames]
    drawings: list[Drawing] = []
    for share in SHARES:
        drawings = [_switched(key, share, name in shown) for name, key in asked]
        drawings += [own_drawing(name, shown=name in shown, most_bytes=share) for name in own_drawn(frames)]
        if sum(drawing.sent_bytes for drawing in drawings) <= MOST_BYTES:
            break
    return drawings


def own_drawn(frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Return which of some frames are planners' own layers."""
    return [name for name in own_layers() if name in frames]


def own_drawing(name: str, *, shown: bool = True, most_bytes: int = SHARES[0]) -> Drawing:
    """Return the drawing of a planner's own layer."""
    return _own(name, store().fingerprint(name), language(), most_bytes).switched(on=shown)


@st.cache_resource(show_spinner=False, max_entries=80)
def _switched(key: Asked, most_bytes: int, shown: bool) -> Drawing:  # noqa: FBT001 - part of the cache's key
    return _drawn(*key, most_bytes).switched(on=shown)


@st.cache_resource(show_spinner=False, max_entries=40)
def _own(name: str, fingerprint: str, lang: str, most_bytes: int) -> Drawing:  # noqa: ARG001 - the cache's key
    frame, source = layer(name), source_of(name, layer_table())
    return own.draw(name, frame, reader(lang), source, title=own_layers()[name], most_bytes=most_bytes)


@st.cache_resource(show_spinner=False, max_entries=80)
def _drawn(name: str, fingerprint: str, ids: tuple[str, ...] | None, lang: str, most_bytes: int) -> Drawing:  # noqa: ARG001 - the cache's key
    frame = layer(name)
    part = frame if ids is None else frame[frame["id"].isin(ids)]
    return draw(name, part, reader(lang), source_of(name, layer_table()), most_bytes)


@st.cache_resource(show_spinner=False, max_entries=8)
def _base(lang: str, tiles: bool, wards: str, corridors: str) -> BaseMap:  # noqa: ARG001, FBT001 - the cache's key
    layers = layer_table()
    return base_map(
        layer("wards_2025"),
        layer("corridors"),
        reader(lang),
        wards_source=source_of("wards_2025", layers),
        corridors_source=source_of("corridors", layers),
        online_tiles=tiles,
    )


def _one(name: str, feature_id: str) -> gpd.GeoDataFrame:
    frame = layer(name)
    return frame[frame["id"] == feature_id]


def _focus(page: str, now: Chosen | None, look_at: gpd.GeoSeries | None, token: str) -> Focus | None:
    """Look at a feature that was chosen off the map (by search, table or link), else at the page's own place.

    Each place is looked at once: what was chosen on the map is in sight already, and the map stays where the reader
    took it until something new is asked for.
    """
    state = st.session_state.setdefault(f"_focus-{page}", {"focus": None, "token": None})
    if now and now not in st.session_state.get(_NEAR, []) and state["token"] != f"{now.layer}/{now.id}":
        state["page"] = token  # the page's own place is not asked for again by a second run
        bounds, token = _bounds(_one(*now).geometry), f"{now.layer}/{now.id}"
    elif state["token"] is None or (look_at is not None and state.get("page") != token):
        bounds = None if look_at is None else _bounds(look_at)
        state["page"] = token
    else:
        bounds = None
    if bounds is not None:
        state.update(focus=Focus(bounds, token=token, max_zoom=14), token=token)
    return state["focus"]


def _bounds(shapes: gpd.GeoSeries) -> tuple[float, float, float, float] | None:
    placed = shapes[shapes.notna()]
    if placed.empty:
        return None
    west, south, east, north = to_web(placed).total_bounds
    return float(west), float(south), float(east), float(north)
