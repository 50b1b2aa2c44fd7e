"""Write the few facts of a tooltip: name, kind, status, size, and how good the drawing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from layers.words import (
    FACILITY_KINDS,
    LOGISTICS_KINDS,
    MODES,
    OWN_KINDS,
    QUALITIES,
    SCHEMATIC_LINE,
    STATUSES,
    ZONE_KINDS,
    figure,
    word,
)
from zoning.text import N_, english

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.text import Translate

MOST_NAMES = 8  # in a tooltip of "somewhere near here"


class Reader(NamedTuple):
    """Who reads the map: how texts are translated, and the language (vi, en) of names and figures."""

    translate: Translate = english
    lang: str = "en"


class Source(NamedTuple):
    """Where a layer comes from: the words its licence asks for, and the date of the data."""

    attribution: str = ""
    date: str = ""


NO_SOURCE = Source()
ENGLISH = Reader()


def text_of(row: Mapping[str, Any], column: str) -> str:
    """Return a cell as text; nothing where the column or the value is missing."""
    value = row.get(column)
    return "" if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)) else str(value)


def name_of(row: Mapping[str, Any], reader: Reader) -> str:
    """Return the name in the reader's language, else the other one, else the id."""
    first, second = ("name_vi", "name_en") if reader.lang == "vi" else ("name_en", "name_vi")
    return text_of(row, first) or text_of(row, second) or text_of(row, "id")


def zone_tip(row: Mapping[str, Any], reader: Reader, source: Source) -> list[str]:
    """Return the lines of a zone: name, kind and status, area, quality and date."""
    t = reader.translate
    return [
        name_of(row, reader),
        _both(word(ZONE_KINDS, row.get("kind"), t), word(STATUSES, row.get("status"), t)),
        _area(row, reader),
        _quality(row, reader),
        _date(source, reader),
    ]


def near_tip(rows: list[Mapping[str, Any]], layer: str, reader: Reader) -> list[str]:
    """Return the lines of a place near which several features lie: how many, and their names."""
    more = len(rows) - MOST_NAMES
    names = [name_of(row, reader) for row in rows[:MOST_NAMES]]
    if more > 0:
        names.append(reader.translate(N_("and {count} more")).format(count=more))
    note = reader.translate(N_("Known by the commune or a gate only; never used to measure."))
    return [near_words(len(rows), layer, reader), *names, note]


def near_words(count: int, layer: str, reader: Reader) -> str:
    """Return "Somewhere near here: 5 zones", or places for other layers than zones."""
    if layer == "zones":
        words = N_("Somewhere near here: 1 zone") if count == 1 else N_("Somewhere near here: {count} zones")
    else:
        words = N_("Somewhere near here: 1 place") if count == 1 else N_("Somewhere near here: {count} places")
    return reader.translate(words).format(count=count)


def corridor_tip(row: Mapping[str, Any], reader: Reader, source: Source) -> list[str]:
    """Return the lines of a corridor: name, mode and status, opening year, lengths, quality and date."""
    t = reader.translate
    status = word(STATUSES, row.get("status"), t)
    year = figure(row.get("open_year"), "").replace(",", "")
    opened = ""
    if year:
        words = N_("open since {year}") if row.get("status") == "operating" else N_("opening planned for {year}")
        opened = t(words).format(year=year)
    schematic = text_of(row, "geometry_quality") in {"schematic", "approximate"}
    return [
        name_of(row, reader),
        _both(word(MODES, row.get("mode"), t), status, text_of(row, "status_note") if reader.lang == "en" else ""),
        opened,
        _lengths(row, reader),
        _labelled(N_("Drawing"), t(SCHEMATIC_LINE), reader) if schematic else _quality(row, reader),
        _date(source, reader),
    ]


def place_tip(row: Mapping[str, Any], reader: Reader, source: Source) -> list[str]:
    """Return the lines of a logistics site or a facility: name, kind and status, area or capacity, quality, date."""
    t = reader.translate
    kinds = {**OWN_KINDS, **ZONE_KINDS, **LOGISTICS_KINDS, **FACILITY_KINDS}
    capacity = text_of(row, "capacity") if reader.lang == "en" else ""  # the facts have it in English only
    return [
        name_of(row, reader),
        _both(word(kinds, row.get("kind"), t), word(STATUSES, row.get("status"), t)),
        _area(row, reader),
        _labelled(N_("Capacity"), capacity, reader),
        _quality(row, reader),
        _date(source, reader),
    ]


def stop_tip(row: Mapping[str, Any], reader: Reader, source: Source) -> list[str]:
    """Return the lines of a bus stop: name, routes, quality and date."""
    return [
        name_of(row, reader),
        _labelled(N_("Routes"), text_of(row, "routes"), reader),
        _quality(row, reader),
        _date(source, reader),
    ]


def unit_tip(row: Mapping[str, Any], reader: Reader, source: Source) -> list[str]:
    """Return the lines of an administrative unit: name, people, area as published and drawn, quality and date."""
    t = reader.translate
    people = figure(row.get("population"), reader.lang)
    year = figure(row.get("population_year"), "").replace(",", "")
    if people:
        people = t(N_("{people} people ({year})")).format(people=people, year=year) if year else people
    else:
        people = t(N_("population unknown"))
    area = figure(row.get("area_km2"), reader.lang, 1)
    drawn = figure(row.get("area_drawn_ha"), reader.lang)
    return [
        name_of(row, reader),
        people,
        t(N_("Area: {area} km² published")).format(area=area) if area else "",
        t(N_("Area drawn: {area} ha")).format(area=drawn) if drawn else "",
        _quality(row, reader),
        _date(source, reader),
    ]


def _both(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _labelled(label: str, value: str, reader: Reader) -> str:
    return f"{reader.translate(label)}: {value}" if value else ""


def _quality(row: Mapping[str, Any], reader: Reader) -> str:
    return _labelled(N_("Drawing"), word(QUALITIES, row.get("geometry_quality"), reader.translate), reader)


def _date(source: Source, reader: Reader) -> str:
    return _labelled(N_("Source date"), source.date, reader)


def _area(row: Mapping[str, Any], reader: Reader) -> str:
    area = figure(row.get("area_ha"), reader.lang, 1)
    if not area:
        return ""
    words = N_("Area: {area} ha (OpenStreetMap)") if row.get("area_basis") == "osm" else N_("Area: {area} ha")
    return reader.translate(words).format(area=area)


def _lengths(row: Mapping[str, Any], reader: Reader) -> str:
    published = figure(row.get("length_published_km"), reader.lang, 1)
    drawn = figure(row.get("length_drawn_km"), reader.lang, 1)
    t = reader.translate
    if published and drawn:
        return t(N_("Length: {published} km published, {drawn} km drawn")).format(published=published, drawn=drawn)
    return t(N_("Length: {drawn} km drawn")).format(drawn=drawn) if drawn else ""
