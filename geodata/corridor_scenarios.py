"""Make the ready-made scenarios out of the corridors of the embedded region: rings, expressway, upgrade, BRT, rail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.corridor_parts import lane_count
from geodata.crs import lonlat_to_planning
from geodata.source_tables import read_source
from zoning.scenarios.model import AddLine, AddRoad, Modification, Scenario, SetSpeed
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoning.scenarios.model import Line

AUTHOR = "Binh Duong Innovation Region"
DATE = "2026-11-22"
JUNCTION = re.compile(r"giao|nút|ĐT\d|QL\d|ĐH\d|Quốc lộ|Mỹ Phước – Tân Vạn|Chơn Thành")
"""What the name of a waypoint says where an expressway has an interchange; other points only give its course."""
NEAR_STREET_M = 150.0
ONLY_ENDS = (
    "Chỉ biết hai đầu tuyến: đường thẳng được vẽ không phải là hướng tuyến.",
    "Only its two ends are known: the straight line that is drawn is not the alignment.",
)
COARSE = ("Hướng tuyến vẽ qua các điểm gần đúng.", "The alignment is drawn through approximate points.")
JUNCTIONS = (
    "Nút giao: nơi tên điểm trên tuyến ghi rõ giao cắt.",
    "Interchanges are where the name of a waypoint says so.",
)


@dataclass(frozen=True)
class _Plan:
    """What the corridors do not say of a ready-made scenario."""

    id: str
    title: tuple[str, str]
    corridor: str
    """The row that gives status, year, quality and sources."""
    parts: Callable[[_Corridors], tuple[Modification, ...]]
    notes: tuple[str, str]
    open_year: int | None = None
    year_basis: str = ""


class _Corridors:
    """The rows and waypoints of the corridors."""

    def __init__(self) -> None:
        self.rows = read_source("corridors").set_index("id", drop=False)
        waypoints = read_source("corridor_waypoints").sort_values(["corridor_id", "seq"], kind="stable")
        self.chains = {str(name): part for name, part in waypoints.groupby("corridor_id", sort=True)}

    def line(self, corridor: str) -> Line:
        """Return the waypoints of a corridor in degrees."""
        chain = self.chains[corridor]
        return tuple(zip(chain["lon"].tolist(), chain["lat"].tolist(), strict=True))

    def road(self, corridor: str) -> AddRoad:
        """Return a corridor as a new road; an expressway with its interchanges."""
        row, chain = self.rows.loc[corridor], self.chains[corridor]
        points = np.array(self.line(corridor))
        named = chain["name"].map(lambda name: bool(JUNCTION.search(name))).to_numpy() & self._near_street(points)
        lanes = row["lanes"] if pd.notna(row["lanes"]) else lane_count(row["lanes_note"])
        return AddRoad(
            id=corridor,
            line=self.line(corridor),
            road_class=str(row["road_class"]),
            speed_kmh=_number(row["design_speed_kmh"]),
            lanes=_number(lanes),
            interchanges=tuple((float(lon), float(lat)) for lon, lat in points[named]),
            length_km=_number(row["length_published_km"]),
            name_vi=str(row["name_vi"]),
            name_en=str(row["name_en"]),
            geometry_quality=str(row["geometry_quality"]),
        )

    def service(self, corridor: str, headway_min: float, speed_kmh: float) -> AddLine:
        """Return a corridor as a line of public transport that calls at its waypoints."""
        row = self.rows.loc[corridor]
        return AddLine(
            id=corridor,
            note="headway and running speed are assumptions; the places of the stops are not published",
            stops=self.line(corridor),
            mode=str(row["mode"]),
            headway_min=headway_min,
            speed_kmh=speed_kmh,
            length_km=_number(row["length_published_km"]),
            name_vi=str(row["name_vi"]),
            name_en=str(row["name_en"]),
            geometry_quality=str(row["geometry_quality"]),
        )

    def _near_street(self, points: np.ndarray) -> np.ndarray:
        """Return which points have a vertex of an operating road within reach of an interchange."""
        roads = self.rows[self.rows["mode"].isin(["road", "expressway"]) & self.rows["status"].eq("operating")]
        every = pd.concat([self.chains[name] for name in roads["id"] if name in self.chains])
        there = np.column_stack(lonlat_to_planning(every["lon"].to_numpy(), every["lat"].to_numpy()))
        here = np.column_stack(lonlat_to_planning(points[:, 0], points[:, 1]))
        gap_m = np.hypot(*(here[:, None, :] - there[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        return np.asarray(gap_m <= NEAR_STREET_M)


_PLANS = (
    _Plan(
        "ring-road-3", ("Vành đai 3", "Ring Road 3"), "rr3",
        lambda known: (known.road("rr3"), known.road("rr3-thu-duc")), JUNCTIONS, 2026,
        N_("row rr3-thu-duc: basic completion was expected for the end of 2025; the opening was not checked"),
    ),
    _Plan(
        "ring-road-4", ("Vành đai 4", "Ring Road 4"), "rr4", lambda known: (known.road("rr4"),), JUNCTIONS, 2027,
        N_("row rr4: ground broken 18 June 2025, 26 months of works"),
    ),
    _Plan(
        "chon-thanh-expressway",
        ("Cao tốc TP.HCM – Thủ Dầu Một – Chơn Thành", "HCMC – Thu Dau Mot – Chon Thanh expressway"),
        "ct-expressway", lambda known: (known.road("ct-expressway"),),
        ("Nút giao giữa tuyến chưa công bố: chỉ nối ở hai đầu; thời gian tính theo 69 km công bố.",
         "Interchanges on the way are not published: it joins at its ends alone; times use the published 69 km."),
    ),
    _Plan(
        "my-phuoc-tan-van-upgrade", ("Nâng cấp đường Mỹ Phước – Tân Vạn", "My Phuoc – Tan Van upgrade"), "mptv-south",
        lambda _: tuple(SetSpeed(id=one, road=one, speed_kmh=80.0) for one in ("mptv-south", "mptv-north")),
        ("Giả định: nút giao khác mức, biển báo 80 km/h thay cho 60 km/h; xe nào cũng theo giới hạn của luật.",
         "Assumption: grade-separated junctions, signed 80 instead of 60 km/h; no vehicle exceeds its legal limit."),
        year_basis="no year is published",
    ),
    _Plan(
        "brt", ("BRT Suối Tiên – Thành phố mới", "BRT Suoi Tien – New City"), "brt",
        lambda known: (known.service("brt", 10.0, 30.0),),
        ("Vị trí 12 trạm chưa công bố; giãn cách 10 phút và 30 km/h là giả định.",
         "The places of its 12 stops are not published; a headway of 10 minutes and 30 km/h are assumptions."),
        year_basis="no year is published",
    ),
    _Plan(
        "metro-1", ("Metro số 1 Bình Dương", "Binh Duong metro line 1"), "bd-metro-1",
        lambda known: (known.service("bd-metro-1", 6.0, 40.0),),
        ("Vị trí 17 đến 19 ga chưa công bố; giãn cách 6 phút và 40 km/h là giả định.",
         "The places of its 17 to 19 stations are not published; a headway of 6 minutes and 40 km/h are assumptions."),
    ),
    _Plan(
        "di-an-bau-bang-railway", ("Đường sắt Dĩ An – Bàu Bàng", "Di An – Bau Bang railway"), "rail-di-an-bau-bang",
        lambda known: (known.service("rail-di-an-bau-bang", 60.0, 50.0),),
        ("Giãn cách 60 phút và 50 km/h là giả định.", "A headway of 60 minutes and 50 km/h are assumptions."),
    ),
)  # fmt: skip


def corridor_scenarios() -> tuple[Scenario, ...]:
    """Return the ready-made scenarios; `geodata/sources/scenarios` holds them as files, a test that both agree."""
    known = _Corridors()
    return tuple(_made(plan, known) for plan in _PLANS)


def _made(plan: _Plan, known: _Corridors) -> Scenario:
    row = known.rows.loc[plan.corridor]
    parts = plan.parts(known)
    notes = [plan.notes]
    if row["geometry_quality"] == "schematic" and not isinstance(parts[0], SetSpeed):
        notes.insert(0, ONLY_ENDS if len(known.chains[plan.corridor]) <= 2 else COARSE)
    published: int | None = None if pd.isna(row["open_year"]) else int(row["open_year"])
    upgrade = isinstance(parts[0], SetSpeed)
    year = plan.open_year if published is None or upgrade else published
    basis = plan.year_basis or (f"row {plan.corridor}: published opening year" if year else "no year is published")
    return Scenario(
        id=plan.id,
        title_vi=plan.title[0],
        title_en=plan.title[1],
        author=AUTHOR,
        date=DATE,
        source=str(row["sources"]),
        status="planned" if upgrade else str(row["status"]),
        open_year=year,
        year_basis=basis,
        year_inferred=year is not None and published is None,
        geometry_quality=str(row["geometry_quality"]),
        notes_vi=" ".join(note[0] for note in notes),
        notes_en=" ".join(note[1] for note in notes),
        modifications=parts,
    )


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
