"""Put drawings on a folium map: one group that holds them all, with legend, switches and a place to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import folium
from folium.template import Template

from layers.safe import shown
from zoning.text import N_, english

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.drawing import Drawing
    from zoning.text import Translate

LEGEND_TITLE = N_("Legend and layers")


@dataclass(frozen=True)
class Focus:
    """Where the map shall look: west, south, east, north in degrees; it moves when `token` or the place changes."""

    bounds: tuple[float, float, float, float]
    token: str = ""
    max_zoom: int = 15

    def payload(self) -> dict[str, object]:
        """Return the place as the browser's script reads it."""
        west, south, east, north = (round(float(value), 6) for value in self.bounds)
        return {"bounds": [[south, west], [north, east]], "token": shown(self.token), "maxZoom": self.max_zoom}


class Scene(folium.FeatureGroup):  # type: ignore[misc]  # folium has no types
    """All that changes on a map, as one group for st_folium's `feature_group_to_add`; make a new one for each run.

    st_folium removes the old group and adds the new one while the map itself stays. It keeps every group it ever had in
    `window.feature_group`; the script empties that list first, else the browser's memory grows with each change.
    """

    # every string in the payload is escaped (layers.safe), so it is JSON and nothing else
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.feature_group = [];
            var {{ this.get_name() }} = RegionMap.scene({{ this._parent.get_name() }}, {{ this.payload }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        drawings: Sequence[Drawing],
        *,
        focus: Focus | None = None,
        legend: bool = True,
        translate: Translate = english,
    ) -> None:
        super().__init__(name="scene", overlay=True, control=False)
        self.payload = scene_payload(drawings, focus=focus, legend=legend, translate=translate)

    def render(self, **kwargs: object) -> None:
        """Do nothing: st_folium reads the script macro itself, and rendering would compile the data as a template."""


def scene_payload(
    drawings: Sequence[Drawing], *, focus: Focus | None = None, legend: bool = True, translate: Translate = english
) -> str:
    """Return the drawings, the legend's title and the focus as one JSON text."""
    head = {
        "legendTitle": shown(translate(LEGEND_TITLE)) if legend else "",
        "focus": focus.payload() if focus else None,
    }
    body = ",".join(drawing.payload for drawing in drawings)
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + f',"drawings":[{body}]}}'
