"""Collect the features of one drawing: shape, style, tooltip, ids and name of each, every style once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd

from layers import styles
from layers.drawing import Drawing, features_of
from layers.naming import Name, labels, short_name
from layers.near import near_here
from layers.tips import Reader, Source, name_of, near_tip, near_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layers.legend import LegendEntry
    from layers.styles import Style

NEAR_ZOOM = 11.5  # from which places of "somewhere near here" carry words


class Sheet:
    """Features of one drawing in the making, from the ground up.

    Parameters
    ----------
    name
        Name of the layer, which a click gives back.
    crs
        CRS of the shapes (projected, metres).
    """

    def __init__(self, name: str, crs: object) -> None:
        self.name = name
        self.crs = crs
        self.style_index: dict[Style, int] = {}
        self._style_of: list[int] = []
        self._shapes: list[Any] = []
        self._tips: list[Sequence[str]] = []
        self._ids: list[Sequence[str]] = []
        self._names: list[Name] = []

    def add(self, shape: Any, style: Style, tip: Sequence[str], ids: Sequence[str], name: Name | None = None) -> None:  # noqa: ANN401 - shapely geometry
        """Put a feature on top of those before it."""
        self._style_of.append(self.style_index.setdefault(style, len(self.style_index)))
        self._shapes.append(shape)
        self._tips.append(tip)
        self._ids.append(ids)
        if name:
            self._names.append(name)

    def add_near_here(
        self,
        frame: gpd.GeoDataFrame,
        reader: Reader,
        tip_of: Callable[[Mapping[str, Any]], list[str]],
    ) -> bool:
        """Put each approximate place of `frame` once, with all that lies near it; say whether there was one."""
        rows = frame.to_dict("records")
        places = near_here(frame)
        for place in places:
            members = [rows[at] for at in place.rows]
            many = len(members) > 1
            head = near_words(len(members), self.name, reader)
            words = head if many else f"≈ {short_name(name_of(members[0], reader))}"
            self.add(
                place.geometry,
                styles.near_here(len(members), self.name),
                near_tip(members, self.name, reader) if many else [head, *tip_of(members[0])],
                [str(row["id"]) for row in members],
                Name(place.geometry, words, "guess below", NEAR_ZOOM, 50.0 - len(members)),
            )
        return bool(places)

    def drawing(
        self, title: str, pane: str, *, legend: Sequence[LegendEntry], source: Source, shown: bool = True
    ) -> Drawing:
        """Return the finished drawing."""
        frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(self._shapes, crs=self.crs), crs=self.crs)
        return Drawing(
            name=self.name,
            title=title,
            features=features_of(frame, layer=self.name, style_of=self._style_of, tips=self._tips, ids=self._ids),
            styles=tuple(self.style_index),
            pane=pane,
            labels=labels(self._names, self.crs),
            legend=tuple(legend),
            attribution=source.attribution,
            shown=shown,
            count=len(self._shapes),
        )
