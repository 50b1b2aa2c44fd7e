"""Relieve rules where the code allows it: areas short of land, mountains, islands; set by planners zone by zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.standards.rules import rule, rules
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

SETTINGS = "zone_reliefs"
"""The layer (a table) that planners' settings are kept in: layer, zone_id, flags, author, date; the last row counts."""
FLAGS: Mapping[str, str] = {
    "existing": N_("existing built-up area short of land (2.7.3, 2.7.4, 2.7.7)"),
    "redevelopment": N_("redevelopment project: no relief from 3 ha on (2.7.2)"),
    "new_road": N_("land along a new or widened road: no relief (2.7.2)"),
    "mountain": N_("mountain area (2.2, 2.4)"),
    "island": N_("island (2.4)"),
    "low_density": N_("complex terrain or low density (2.3.3)"),
    "small_project": N_("housing project of fewer than 4,000 people (2.2)"),
    "justified": N_("another figure of civil land is justified in the plan (2.1)"),
}
"""What a planner may say of a zone, and where the code speaks of it. Nothing of it is guessed from data."""
LAND_SHARE, RADIUS_TIMES, FROM_HA = "EX-001", "EX-004", "EX-002"
WHOLE_LOT, PUBLIC_LOT, FAR_TABLE = "EX-005", "BD-124", "EX-006"
SCHOOLS = ("kindergarten", "primary school", "lower secondary school", "upper secondary school")


@dataclass(frozen=True)
class Relief:
    """A rule as a relief leaves it, the id of the rule that relieves it, and a doubt that a pass by it keeps."""

    rule: Rule
    by: str
    doubt: str = ""


def checked_flags(text: str) -> tuple[str, ...]:
    """Return flags (words with spaces or commas between) in our order; InputError for one that nobody knows."""
    given = text.replace(",", " ").split()
    strange = [one for one in given if one not in FLAGS]
    if strange:
        raise InputError(
            N_("There is no relief “{name}”. There are: {names}."), name=strange[0][:40], names=", ".join(FLAGS)
        )
    return tuple(one for one in FLAGS if one in given)


def settings_of(table: pd.DataFrame | None, layer: str) -> dict[str, tuple[str, ...]]:
    """Return the flags of the zones of a layer, by id, as planners have last set them; spoilt rows are left out."""
    found: dict[str, tuple[str, ...]] = {}
    if table is None or not {"layer", "zone_id", "flags"} <= set(table.columns):
        return found
    for row in table[table["layer"].astype(str).eq(layer)].itertuples():
        try:
            found[str(row.zone_id)] = checked_flags(row.flags if isinstance(row.flags, str) else "")
        except InputError:
            continue
    return {zone_id: flags for zone_id, flags in found.items() if flags}


def allowed(flags: Sequence[str], area_ha: float | None) -> tuple[tuple[str, ...], bool]:
    """Return the flags that count, and whether 2.7.2 has taken the relief of existing areas away.

    Redevelopment from 3 ha on (or of unknown size), and land along new roads, follow the rules in full.
    """
    least_ha = rule(FROM_HA).low or 0.0
    large = "redevelopment" in flags and (area_ha is None or area_ha >= least_ha)
    refused = "existing" in flags and (large or "new_road" in flags)
    return tuple(one for one in flags if not (refused and one == "existing")), refused


def reliefs(one: Rule, flags: Sequence[str]) -> list[Relief]:
    """Return the rule as each relief leaves it that the flags allow, the mildest last; reliefs do not add up."""
    if one.regulation not in ("qcvn-01-2021", "qcvn-01-2026"):
        return []
    found = [make(one) for flag in flags if flag in _MAKERS for make in _MAKERS[flag]]
    made = [each for each in found if each is not None]
    return sorted(made, key=lambda each: (each.rule.high or 0.0) - (each.rule.low or 0.0))


def extra_rules(flags: Sequence[str], code: str) -> list[Rule]:
    """Return the rules that a zone is asked because of its flags: Table 2.12 for lots of existing areas."""
    return [rule(FAR_TABLE)] if "existing" in flags and rule(FAR_TABLE).regulation == code else []


def relief_clause(relief_id: str) -> str:
    """Return the clause and id of a relief, as verdicts name it."""
    return f"{rule(relief_id).clause} ({relief_id})" if relief_id else ""


def flags_of(zone: Zone, given: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the flags of a zone: as planners have set them, else those of its layer's own column `relief`."""
    if zone.id in given:
        return given[zone.id]
    own = zone.facts.get("relief")
    try:
        return checked_flags(own) if isinstance(own, str) else ()
    except InputError:
        return ()


def _scaled(one: Rule, times: float, by: str, doubt: str = "") -> Relief:
    low = None if one.low is None else one.low * times
    high = None if one.high is None else one.high * times
    return Relief(replace(one, low=low, high=high), by, doubt)


def _land_of_services(one: Rule) -> Relief | None:
    """2.7.3: half of the land of public services (Tables 2.3, 2.4); schools keep the national school standard."""
    if not one.clause.startswith("2.3") or one.relation != "at_least" or one.measure not in ("land", "site area"):
        return None
    share = (rule(LAND_SHARE).low or 100.0) / 100.0
    return _scaled(one, share, LAND_SHARE, "school_standard" if one.subject in SCHOOLS else "")


def _radius_of_services(one: Rule) -> Relief | None:
    """2.7.4: twice the radius of the services of a residential unit (2.3.3), those of neighbouring areas counted."""
    return _scaled(one, rule(RADIUS_TIMES).high or 1.0, RADIUS_TIMES) if one.id == "SV-018" else None


def _lots(one: Rule) -> Relief | None:
    """2.7.7: small detached lots whole, public-service lots up to 60 %."""
    if one.table == "density-detached":
        return Relief(replace(one, finding="lots:density-detached-existing"), WHOLE_LOT)
    return Relief(replace(one, high=rule(PUBLIC_LOT).high), PUBLIC_LOT) if one.id == "BD-123" else None


def _green(one: Rule) -> Relief | None:
    """2.4: 70 % of the public green of Table 2.5."""
    if one.id not in ("GR-001", "GR-002", "GR-003", "GR-004"):
        return None
    return _scaled(one, (rule("GR-005").low or 100.0) / 100.0, "GR-005")


def _as(replaced: str, by: str) -> Callable[[Rule], Relief | None]:
    """Return a relief that puts one rule's figures in place of another's."""

    def make(one: Rule) -> Relief | None:
        if one.id != replaced:
            return None
        other = rule(by)
        if one.relation == "between" and other.relation == "at_least":
            return Relief(replace(one, low=other.low), by)
        return Relief(replace(one, low=other.low, high=other.high), by)

    return make


def _civil_land(one: Rule) -> Relief | None:
    other = rule("LU-007")
    if one.measure != other.measure or one.id == other.id or one.regulation != other.regulation:
        return None
    return Relief(replace(one, low=other.low, high=other.high), other.id)


def _small(one: Rule) -> Relief | None:
    """2.2: a project below 4,000 people needs 1 m2 of green a person, and is no whole residential unit."""
    if one.id == "RU-001":
        return Relief(replace(one, relation="at_most", low=None), "RU-010")
    return _as("RU-007", "RU-010")(one)


_MAKERS: Mapping[str, tuple[Callable[[Rule], Relief | None], ...]] = {
    "existing": (_land_of_services, _radius_of_services, _lots, _as("SV-032", "SV-033")),
    "mountain": (
        *(_green, _as("RU-001", "RU-002"), _as("SV-032", "SV-033"), _as("RL-011", "RL-012")),
        *(_as("RL-013", "RL-014"), _as("N26-012", "N26-013")),
    ),
    "island": (_green,),
    "low_density": (_as("SV-018", "SV-019"),),
    "small_project": (_small,),
    "justified": (_civil_land,),
}


def known_reliefs() -> list[Rule]:
    """Return the rules that relieve others, in the order of the table: what the page lists."""
    ids = {LAND_SHARE, RADIUS_TIMES, FROM_HA, WHOLE_LOT, PUBLIC_LOT, FAR_TABLE, "GR-005", "RU-002", "RU-010", "LU-007",
           "SV-019", "SV-033", "RL-012", "RL-014", "N26-013"}  # fmt: skip
    return [one for one in rules() if one.id in ids]
