"""Choose the rules that concern a zone: by what it is, the code of the time and the class of the town."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.standards.rules import URBAN_CLASSES, codes, regulations, rules
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoning.standards.rules import Rule

PROFILES: Mapping[str, tuple[str, ...]] = {
    "industrial_park": ("industrial",),
    "science_technology_park": ("industrial",),
    "complex": ("industrial", "urban"),
    "urban_area": ("urban",),
    "new_town": ("urban",),
    "city": ("town",),
    "town": ("town",),
    "innovation_region": ("town",),
    "university_campus": ("campus",),
    "health_campus": ("campus",),
    "leisure": ("leisure",),
    "ward": ("ward",),
    "commune": ("commune",),
    "township": ("ward",),
    "district": ("town",),
}
"""Kind of a zone, or level of an administrative unit -> the groups of rules that concern it."""
DRAWN: tuple[str, ...] = ("urban",)
"""What an area of no kind is checked as: an outline that a planner drew."""


def profiles_of(kind: str, level: str) -> tuple[str, ...]:
    """Return the profiles of a zone; none for a kind that nobody knows."""
    if kind:
        return PROFILES.get(kind, ())
    return PROFILES.get(level.split("_", maxsplit=1)[0], ()) if level else DRAWN


def rules_for(profiles: Sequence[str], code: str, urban_class: str = "special") -> list[Rule]:
    """Return the rules of a code, and of the texts beside it, that concern zones of some profiles.

    A table stands for all its rows by its first one; `zoning.standards.lookup` finds the row that applies. Towns of the
    special class are asked by the figures of class I where the code has none for them.

    Raises
    ------
    InputError
        No such code or class of town.
    """
    if code not in codes():
        raise InputError(
            N_("There is no planning code {code} here. Codes: {codes}."), code=code[:40], codes=", ".join(codes())
        )
    if urban_class not in URBAN_CLASSES:
        raise InputError(
            N_("There is no urban class {name}. Classes: {names}."),
            name=urban_class[:40],
            names=", ".join(URBAN_CLASSES),
        )
    wanted = set(profiles)
    groups: dict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for one in rules():
        text = regulations()[one.regulation]
        if wanted & set(one.concerns) and (text.id == code or text.role == "beside"):
            groups[(one.regulation, one.topic, one.subject, one.measure, one.unit, one.table)].append(one)
    chosen: list[Rule] = []
    for group in groups.values():
        if group[0].table:
            chosen.append(group[0])
            continue
        own = [one for one in group if not one.classes or urban_class in one.classes]
        if not own and urban_class == "special":
            own = [one for one in group if "I" in one.classes]
        chosen += own
    order = {one.id: at for at, one in enumerate(rules())}
    return sorted(chosen, key=lambda one: order[one.id])
