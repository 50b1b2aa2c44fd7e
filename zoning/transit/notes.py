"""Say which method and data stand behind trips by public transport, and what is not in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoning.result import Note
from zoning.text import N_
from zoning.transit.network import FIRST_HOUR, TransitNetwork
from zoning.transit.supply import NONE, TIMETABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.reach import TravelNetwork

LAYER = "transit"
"""What run records call the data of public transport."""
REASONS: Mapping[str, str] = {
    "headway_unknown": N_("Not used, because no headway is published: {lines}."),
    "stops_unknown": N_("Not used, because the places of the stops are not published: {lines}."),
    "one_trip": N_("Not used, because it runs once a day: {lines}."),
    "planned": N_("Planned, and therefore not running; a scenario can switch them on: {lines}."),
    "day_unknown": N_("Not used, because the service of that day is not published: {lines}."),
    "off_day": N_("Not running on that day: {lines}."),
}
NAMED = 12


def layers_used(network: TravelNetwork) -> tuple[str, ...]:
    """Return what the run record must name beside the network."""
    return (LAYER,) if isinstance(network, TransitNetwork) else ()


def run_part(network: TravelNetwork) -> dict[str, Any]:
    """Return what a run record tells of public transport: method, data, and every setting; empty for other modes."""
    if not isinstance(network, TransitNetwork):
        return {}
    supply = network.supply
    told = {
        "method": supply.method,
        "source": supply.source,
        "lines": [one.id for one in supply.services],
        "not_used": [one.id for one in supply.left_out],
        "settings": asdict(network.settings),
    }
    return {LAYER: told}


def transit_notes(network: TravelNetwork) -> tuple[Note, ...]:
    """Return the notes that an answer by public transport needs, none for other modes."""
    if not isinstance(network, TransitNetwork):
        return ()
    supply, settings = network.supply, network.settings
    notes = []
    if supply.method == NONE:
        notes.append(Note(N_("No line of public transport runs: everything is on foot.")))
    elif supply.method == TIMETABLE:
        hour = FIRST_HOUR if network.hour is None else network.hour
        notes.append(
            Note(
                N_(
                    "Public transport by timetable ({source}): departures from {hour} on for {window:g} minutes, one "
                    "every {every:g}; shown is the time that {percentile} % of them keep to. Searches towards a place "
                    "take arrivals in the same window."
                ),
                {
                    "source": supply.source,
                    "hour": _clock(hour),
                    "window": settings.window_min,
                    "every": settings.every_min,
                    "percentile": settings.percentile,
                },
            )
        )
    else:
        notes.append(
            Note(
                N_(
                    "Public transport by headway, since no timetable is loaded: the wait is taken as {share:g} % of "
                    "the headway, the ride goes at the published speed. Data: {source}. Lines: {lines}."
                ),
                {
                    "share": 100 * settings.wait_share,
                    "source": supply.source,
                    "lines": _list([one.short for one in supply.services]),
                },
            )
        )
        if network.hour is None:
            notes.append(Note(N_("No hour was chosen: every line is taken as running, whatever its hours of service.")))
    notes += [Note(template, dict(values)) for template, values in supply.notes]
    for reason, template in REASONS.items():
        lines = [one.short for one in supply.left_out if one.reason == reason]
        if lines:
            notes.append(Note(template, {"lines": _list(lines)}))
    if network.ride is not None:
        notes.append(
            Note(
                N_(
                    "Motorbikes are taken to be left at the stations of rail, metro and BRT and at both ends of bus "
                    "lines: no list of parking places is published. From the last stop on everybody walks."
                )
            )
        )
    return tuple(notes)


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _list(names: list[str]) -> str:
    told = ", ".join(names[:NAMED])
    return f"{told} … (+{len(names) - NAMED})" if len(names) > NAMED else told
