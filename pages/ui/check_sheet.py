"""Put a zone's sheet together: map, facts, land, checks by both codes, lots, sources, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.verdicts import SIGNS, worst
from layers.zone_sheet import MapWords, Section, outline_map, sheet
from pages.ui import check_words as words
from pages.ui.check_facts import checks_of, facts, services_table, zone_row
from pages.ui.check_form import names
from pages.ui.check_land import holdings, land, lots
from pages.ui.check_relief import flag_names
from pages.ui.data import layer, layer_table, store
from pages.ui.language import language, n, t
from zoning.jobs.check import MISSING
from zoning.land_use import code_column, colour
from zoning.standards import regulations
from zoning.standards.verdicts import VERDICTS
from zoning.standards.words import VERDICT_WORDS, fault_text, missing_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from zoning.result import Result

_MOST_LOTS = 40


def zone_sheet(answers: Mapping[str, Result], zone: str) -> str:
    """Return a zone's sheet as one HTML file that prints on A4: map, facts, land, checks by both codes, sources."""
    result = next(iter(answers.values()))
    row = zone_row(result, zone)
    known = facts(row)
    if flags := str(row["relief"]).split():
        known.append((t(N_("Reliefs")), flag_names(flags)))
    sections = [Section(t(N_("Facts and measures")), [t(N_("Fact")), t(N_("Value"))], known, beside=True)]
    sections.append(Section(t(N_("Land and capacity")), [t(N_("What")), t(N_("Figure"))], holdings(result, zone)))
    sections.append(_land(land(result, zone)))
    missing: list[str] = []
    sources: list[str] = []
    counts = []
    for code, one in answers.items():
        checks = checks_of(one, zone)
        part = checks[checks["verdict"].ne("no_data")]
        sections.append(_checks(code, one, part))
        counts.append(f"{regulations()[code].name}: {_counts(checks)}")
        lacks = checks[checks["verdict"].eq("no_data")]
        missing += [missing_text(found.removeprefix(MISSING), t) for found in dict.fromkeys(lacks["found"])]
        sources += list(checks["source"])
    sections.append(_plain(t(N_("Who is near to services")), services_table(result, zone)))
    failing = lots(result, zone, only="fail")
    title = t(N_("Lots that fail ({count})")).format(count=n(len(failing)))
    sections.append(_plain(title, failing.head(_MOST_LOTS)))
    notes = {
        t(N_("What is wrong with its data")): [fault_text(one, t) for one in str(row["faults"]).split()],
        t(N_("Not checked for lack of data")): list(dict.fromkeys(missing)),
        t(N_("Notes")): [note.text(t) for note in result.notes],
        t(N_("Sources")): [*dict.fromkeys(sources), *_attributions(result)],
    }
    subtitle = t(N_("Planning code as of {day}; run {id}")).format(day=result.figures["as_of"], id=result.run["id"])
    return sheet(
        names(result)[zone], subtitle, _map(row), sections, notes, lang=language(), summary=counts,
    )  # fmt: skip


def _counts(checks: pd.DataFrame) -> str:
    found = checks["verdict"].value_counts()
    return ", ".join(f"{SIGNS[one]} {n(int(found.get(one, 0)))} {t(VERDICT_WORDS[one])}" for one in VERDICTS)


def _checks(code: str, result: Result, part: pd.DataFrame) -> Section:
    table = words.rows(part, result.frames["reasons"])
    lines = [
        [(str(cell), verdict) if at == 0 else str(cell) for at, cell in enumerate(line)]
        for verdict, line in zip(part["verdict"], table.to_numpy(), strict=True)
    ]
    title = t(N_("Checks by {code}")).format(code=regulations()[code].name)
    return Section(title, [str(name) for name in table.columns], lines, widths=(9, 11, 17, 11, 11, 12, 11, 18))


def _land(table: pd.DataFrame) -> Section:
    colours = table.pop("colour") if len(table) else []
    rows: Sequence[Sequence[str | tuple[str, str]]] = [
        [(str(line[0]), colour or "#ffffff"), *map(str, line[1:])]
        for colour, line in zip(colours, table.to_numpy(), strict=True)
    ]
    heads = [str(name) for name in table.columns if name != "colour"]
    return Section(t(N_("Land use, in the official colours")), heads, rows)


def _plain(title: str, table: pd.DataFrame) -> Section:
    return Section(
        title, [str(name) for name in table.columns], [[str(cell) for cell in row] for row in table.to_numpy()]
    )


def _map(row: gpd.GeoSeries) -> str:
    roads = layer("corridors")
    return outline_map(
        row["geometry"],
        layer("wards_2025").geometry,
        roads[roads["mode"].isin(["road", "expressway"])].geometry.dropna(),
        verdict=worst(row.to_dict()),
        land=_coloured_land(row["geometry"]),
        words=MapWords(
            north=t(N_("N (north)")), zone=t(N_("the zone")), around=t(N_("wards around")),
            roads=t(N_("roads and expressways (generalised)")),
        ),
    )  # fmt: skip


def _coloured_land(zone: BaseGeometry | None) -> list[tuple[BaseGeometry, str]]:
    """Return the land use that meets a zone, each with its official colour; those without one are left out."""
    if zone is None or zone.is_empty or "land_use" not in store().names():
        return []
    frame = layer("land_use")
    near = frame[frame.geometry.notna() & frame.geometry.intersects(zone)]
    codes = near[code_column(near)].fillna("").astype(str)
    return [(shape, hue) for shape, code in zip(near.geometry, codes, strict=True) if (hue := colour(code))]


def _attributions(result: Result) -> list[str]:
    """Return the words that the licences of the layers behind a result ask for."""
    rows = layer_table()
    texts = rows[rows["name"].isin([*result.run["data"], "corridors"])]["attribution"].fillna("")
    return [part for part in dict.fromkeys(one.strip() for text in texts for one in text.split("|")) if part]
