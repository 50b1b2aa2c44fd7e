"""Make random modifications of every kind in a box of degrees, seeded."""

from __future__ import annotations

import numpy as np

from zoning.reach import MODES
from zoning.scenarios.model import (
    AddFacility,
    AddLine,
    AddRoad,
    AddStop,
    AddZone,
    Close,
    Interchange,
    SetLanes,
    SetModes,
    SetSpeed,
)


def random_changes(seed, spots, streets, count):
    """Return `count` modifications of each kind.

    Parameters
    ----------
    spots
        (n, 2) degrees on streets: where new roads begin and end.
    streets
        Lines in degrees along streets, for what changes existing ones.
    """
    rng = np.random.default_rng(seed)
    modes = list(MODES)

    def spot():
        return tuple(float(x) for x in spots[rng.integers(len(spots))])

    def far_spots():
        while True:
            one, other = spot(), spot()
            if one != other:
                return one, other

    def street():
        return tuple(tuple(float(x) for x in xy) for xy in streets[rng.integers(len(streets))])

    def some_modes():
        return tuple(str(one) for one in rng.choice(modes, rng.integers(1, 4), replace=False))

    def existing():
        return {"line": street(), "within_m": 30.0}

    for number in range(count):
        fast = number % 3 == 0
        one, other = far_spots()
        yield AddRoad(
            f"road-{number}", line=(one, other), road_class="motorway" if fast else "primary",
            interchanges=(one, other) if fast else (), speed_kmh=float(rng.uniform(20, 120)),
            one_way=bool(rng.random() < 0.3), joins=str(rng.choice(["crossings", "ends"])),
        )  # fmt: skip
        yield Close(f"close-{number}", **existing(), modes=some_modes() if number % 2 else ())
        yield SetSpeed(f"speed-{number}", **existing(), speed_kmh=float(rng.uniform(5, 120)))
        yield SetLanes(f"lanes-{number}", **existing(), **({"one_way": True} if number % 2 else {"lanes": 6.0}))
        opened, closed = some_modes(), some_modes()
        yield SetModes(f"modes-{number}", **existing(), **({"closed": closed} if number % 2 else {"opened": opened}))
        yield Interchange(f"interchange-{number}", at=spot(), radius_m=1_000.0)
        yield AddStop(f"stop-{number}", at=spot(), name_vi="Trạm")
        yield AddLine(f"line-{number}", stops=(one, other, spot()), headway_min=float(rng.uniform(2, 60)))
        yield AddFacility(f"facility-{number}", at=spot(), facility_kind="hospital", capacity=float(rng.integers(900)))
        lon, lat = one
        yield AddZone(f"zone-{number}", area=((lon, lat), (lon + 0.02, lat), (lon, lat + 0.02)), people=1000.0)
