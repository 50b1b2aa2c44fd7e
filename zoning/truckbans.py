"""Say what truck bans did to an answer: which were taken into account, and which begin on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoning.errors import UnknownLayerError
from zoning.reach.bans import TRUCK_MASS_T, bans_within
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.region import Region

LAYER = "bans"


def layers_used(region: Region, mode: str) -> tuple[str, ...]:
    """Return the bans layer's name where it bears on the mode, for the run record."""
    return (LAYER,) if mode == "truck" and _bans(region) is not None else ()


def ban_notes(region: Region, mode: str, hour: float | None, day: str | None, duration_min: float) -> tuple[Note, ...]:
    """Return the notes that a truck's answer needs, none for other modes.

    Roads banned at the hour of departure are closed on the network already; a ban that begins within `duration_min`
    is named, since a trip under way could meet it.
    """
    if mode != "truck":
        return ()
    bans = _bans(region)
    if bans is None or bans.empty:
        return (Note(N_("No truck ban has been entered: times are those without bans. Add bans on the Data page.")),)
    values = {"count": len(bans), "mass": TRUCK_MASS_T}
    if hour is None:
        return (
            Note(
                N_(
                    "Of {count} truck bans only those that hold all day are applied, to a truck of {mass:g} t: no hour "
                    "was chosen."
                ),
                values,
            ),
        )
    begun = bans_within(bans, hour, duration_min, day=day, weight_t=TRUCK_MASS_T)
    return (
        Note(N_("Of {count} truck bans those in force at the start are applied, to a truck of {mass:g} t."), values),
        *(
            Note(
                N_("Ban “{name}” ({decree}) begins {minutes:.0f} minutes after the start: a longer trip may meet it."),
                {"name": ban.name, "decree": ban.decree, "minutes": ban.begins_in_min},
            )
            for ban in begun.itertuples()
        ),
    )


def _bans(region: Region) -> gpd.GeoDataFrame | None:
    try:
        return region.layer(LAYER)
    except UnknownLayerError:
        return None
