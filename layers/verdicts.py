"""Draw zones by how they meet the planning code: the worst verdict of each, in colour, dash and sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.styles import Style
from layers.tips import ENGLISH, Reader, name_of
from zoning.standards.verdicts import VERDICTS
from zoning.standards.words import VERDICT_WORDS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import geopandas as gpd

COLOURS: Mapping[str, str] = {"fail": "#c0392b", "unsure": "#e69f00", "pass": "#00805a", "no_data": "#8a8a8a"}
"""Readable for every kind of colour vision; the dash and the counts in the tooltip say the same."""
SIGNS: Mapping[str, str] = {"fail": "✗", "unsure": "?", "pass": "✓", "no_data": "–"}
_DASHES = {"fail": "", "unsure": "7 4", "pass": "", "no_data": "2 4"}
_FILLS = {"fail": 0.45, "unsure": 0.32, "pass": 0.38, "no_data": 0.12}


def worst(row: Mapping[str, Any]) -> str:
    """Return the verdict that a zone shows: a fail before a doubt, a doubt before a pass, no data last."""
    return next((one for one in VERDICTS if row.get(one)), "no_data")


def verdicts(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, *, title: str = "") -> Drawing:
    """Draw zones by their worst verdict; zones known only "somewhere near here" are left out.

    Parameters
    ----------
    frame
        `frames["zones"]` of a check: id, names, geometry_quality, and the count of each of `VERDICTS`.
    """
    t = reader.translate
    shown = frame[frame["geometry_quality"].ne("approximate")].reset_index(drop=True)
    shown = shown.iloc[np.argsort(-shapely.area(shown.geometry.to_numpy()), kind="stable")].reset_index(drop=True)
    rows = shown.to_dict("records")
    kinds = [worst({str(key): value for key, value in row.items()}) for row in rows]
    flat = shapely.get_dimensions(shown.geometry.to_numpy()) == 0
    looks = [*(_area(one) for one in VERDICTS), *(_point(one) for one in VERDICTS)]
    tips = [
        [
            name_of({str(key): value for key, value in row.items()}, reader),
            *(f"{SIGNS[one]} {t(VERDICT_WORDS[one])}: {row[one]}" for one in VERDICTS if row[one]),
        ]
        for row in rows
    ]
    present = {kind for kind, at in zip(kinds, range(len(rows)), strict=True) if at in set(drawable(shown))}
    return Drawing(
        name="verdicts",
        title=title or t(N_("Planning code")),
        features=features_of(
            shown,
            layer="verdicts",
            style_of=[
                VERDICTS.index(kind) + len(VERDICTS) * int(point) for kind, point in zip(kinds, flat, strict=True)
            ],
            tips=tips,
        ),
        styles=tuple(looks),
        pane="zones",
        legend=tuple(LegendEntry(_words(one, reader), _area(one), "area") for one in VERDICTS if one in present),
        count=len(drawable(shown)),
    )


def _words(verdict: str, reader: Reader) -> str:
    words = {
        "fail": N_("fails at least one rule"),
        "unsure": N_("no fail, but unsure"),
        "pass": N_("passes what could be checked"),
        "no_data": N_("nothing could be checked"),
    }
    return f"{SIGNS[verdict]} {reader.translate(words[verdict])}"


def _area(verdict: str) -> Style:
    colour = COLOURS[verdict]
    return Style(
        color=colour, weight=2.0, dash=_DASHES[verdict], fill=colour, fill_opacity=_FILLS[verdict], css="verdict"
    )


def _point(verdict: str) -> Style:
    return Style(color=COLOURS[verdict], shape="diamond", radius=8, hollow=verdict == "no_data", css="verdict")
