"""Say how exported features look: plain data, so that exports need no map library.

Colours and words are those of the application's own map (`layers.styles`, `layers.words`); a test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata.values import one_cell, plain_value
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from geodata.values import Plain

ZONE_KINDS = {
    "industrial_park": ("#7d5ba6", N_("Industrial park")),
    "science_technology_park": ("#0072b2", N_("Science and technology park")),
    "urban_area": ("#e08f00", N_("Urban area")),
    "new_town": ("#d55e00", N_("New city")),
    "complex": ("#b0598c", N_("Industry, service and urban complex")),
    "city": ("#4a4a4a", N_("City until 2025")),
    "town": ("#6b6b6b", N_("Town until 2025")),
    "university_campus": ("#008a63", N_("University campus")),
    "health_campus": ("#c0392b", N_("Health campus")),
    "leisure": ("#6a8f2a", N_("Leisure area")),
    "innovation_region": ("#1d2b36", N_("Innovation region")),
}
MODES = {
    "expressway": ("#c2410c", N_("Expressway")),
    "road": ("#b8860b", N_("Road")),
    "metro": ("#0072b2", N_("Metro")),
    "rail": ("#3a3a3a", N_("Railway")),
    "brt": ("#008a63", N_("Bus rapid transit")),
    "bus": ("#3aa57c", N_("Bus network")),
    "waterway": ("#2f7fb5", N_("Waterway")),
}
STATUSES = {
    "operating": ("#2a7f62", N_("in operation")),
    "under_construction": ("#e08214", N_("under construction")),
    "planned": ("#7570b3", N_("planned")),
    "removed": ("#8c8c8c", N_("removed from the plan")),
}
VERDICTS = {
    "pass": ("#1b7837", N_("passes")),
    "fail": ("#b2182b", N_("fails")),
    "unsure": ("#e08214", N_("unsure")),
    "no_data": ("#8c8c8c", N_("no data")),
}
RINGS = ("#08519c", "#3182bd", "#6baed6", "#9ecae1", "#c6dbef", "#deebf7")
"""ColorBrewer Blues, darkest first: few minutes are dark."""
_PALETTE = ("#1f78b4", "#33a02c", "#e31a1c", "#ff7f00", "#6a3d9a", "#b15928", "#a6761d", "#1b9e77", "#e7298a")
"""ColorBrewer (Paired and Dark2, Apache 2.0), for values that have no colour of their own."""
_OTHER = "#6e6e6e"

_CLASSED_BY = ("mode", "verdict", "minutes", "kind", "status", "level", "geometry_quality")
"""Columns that tell features apart, the most telling first."""
_KNOWN = {"kind": ZONE_KINDS, "mode": MODES, "status": STATUSES, "verdict": VERDICTS}
_MOST_CLASSES = 24

Condition = tuple[str, tuple[str, ...]]
"""A column and the values of it that are meant."""
_SCHEMATIC: Condition = ("geometry_quality", ("schematic",))
_NOT_YET: Condition = ("status", ("under_construction", "planned", "removed"))


@dataclass(frozen=True)
class ExportClass:
    """One entry of the legend: which features, and their colours (#rrggbb)."""

    label: str
    matches: tuple[str, ...]
    """Values of the style's column, as text; none: every feature that no other class takes."""
    fill: str
    stroke: str
    dash: bool = False
    """The class is limited to features that `ExportStyle.dash_when` holds for, or to those it does not hold for."""


@dataclass(frozen=True)
class ExportStyle:
    """How a layer is drawn: classes by the values of one column, and apart from that what is dashed."""

    column: str | None
    classes: tuple[ExportClass, ...]
    dash_when: tuple[Condition, ...] = ()
    """A feature is dashed where any of these holds."""

    def dashed(self, values: Mapping[str, Plain]) -> bool:
        """Say whether a feature of these attributes is dashed."""
        return any(one_cell(values.get(column)) in meant for column, meant in self.dash_when)

    def class_of(self, values: Mapping[str, Plain]) -> int | None:
        """Return the number of the class that holds a feature of these attributes; None if there is none."""
        value = one_cell(values.get(self.column)) if self.column else ""
        named = {one for look in self.classes for one in look.matches}
        dashed = self.dashed(values)
        for number, look in enumerate(self.classes):
            if look.dash == dashed and (value in look.matches if look.matches else value not in named):
                return number
        return None


def default_style(frame: pd.DataFrame, translate: Translate = english) -> ExportStyle:
    """Return a style by kind, mode, minutes or whatever tells the features of `frame` apart.

    Schematic outlines are dashed; lines also where they are not in operation yet. Only what occurs has a class, and a
    last class takes features without a value.
    """
    column = next((name for name in _CLASSED_BY if name in frame.columns and frame[name].notna().any()), None)
    lines = column == "mode"
    conditions = [one for one in ((_SCHEMATIC, _NOT_YET) if lines else (_SCHEMATIC,)) if one[0] in frame.columns]
    used = [name for name in dict.fromkeys((column, *(one[0] for one in conditions))) if name]
    cells = {name: [plain_value(value) for value in frame[name].tolist()] for name in used}
    rows = [{name: cells[name][row] for name in used} for row in range(len(frame))]
    style = ExportStyle(column, (), tuple(conditions))
    texts = [one_cell(row.get(column)) if column else "" for row in rows]
    values = _in_order(column, texts)
    occurring = {(text if text in values else "", style.dashed(row)) for text, row in zip(texts, rows, strict=True)}
    dashed_label = N_("{label} (not in operation yet, or schematic)") if lines else N_("{label} (schematic)")
    classes: list[ExportClass] = []
    for number, value in enumerate([*values, ""]):
        colour, label = _look(column, value, number, translate)
        matched = (value,) if value else ()
        if (value, False) in occurring:
            classes.append(ExportClass(label, matched, colour, colour))
        if (value, True) in occurring:
            text = translate(dashed_label).format(label=label)
            classes.append(ExportClass(text, matched, colour, colour, dash=True))
    return ExportStyle(column, tuple(classes), tuple(conditions))


def _in_order(column: str | None, texts: Sequence[str]) -> list[str]:
    """Return the values that get a class of their own: numbers by size, known ones as listed, the rest by name."""
    present = {text for text in texts if text}
    if column == "minutes":
        return sorted(present, key=float)[:_MOST_CLASSES]
    known = [value for value in _KNOWN.get(column or "", ()) if value in present]
    return [*known, *sorted(present.difference(known))][:_MOST_CLASSES]


def _look(column: str | None, value: str, number: int, translate: Translate) -> tuple[str, str]:
    if not value:
        return _OTHER, translate(N_("other")) if column else translate(N_("all features"))
    if column == "minutes":
        return RINGS[min(number, len(RINGS) - 1)], translate(N_("within {minutes} min")).format(minutes=value)
    known = _KNOWN.get(column or "", {})
    if value in known:
        colour, label = known[value]
        return colour, translate(label)
    return _PALETTE[number % len(_PALETTE)], value.replace("_", " ")
