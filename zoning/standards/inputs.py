"""Name the layers that planners bring in for checks, and read their columns under any header that plans use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.names import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LOTS, BUILDINGS = "lots", "buildings"
BUS_ROUTES = "bus_routes"
FLOOD_LEVELS, FLOOD, RELIEF, DRAINAGE = "flood_levels", "flood", "relief", "drainage"
GAS_PIPELINES, POWER_LINES, UTILITIES = "gas_pipelines", "power_lines", "utilities"
LAND_USE = "land_use"
CHECK_LAYERS = (
    *(LOTS, BUILDINGS, BUS_ROUTES, FLOOD_LEVELS, FLOOD, RELIEF, DRAINAGE),
    *(GAS_PIPELINES, POWER_LINES, UTILITIES, LAND_USE),
)
"""Layers that are read where a planner has brought them in; a check that lacks one names it."""

COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    LOTS: {
        "use": ("use", "loại lô", "loại nhà", "công năng", "chức năng", "mục đích", "kind", "loại", "code", "mã đất"),
        "area_m2": ("area_m2", "diện tích lô (m²)", "diện tích (m²)", "diện tích lô", "diện tích"),
        "density_pct": ("density_pct", "mật độ xây dựng (%)", "mật độ xây dựng", "mđxd", "mật độ"),
        "built_m2": ("built_m2", "diện tích xây dựng (m²)", "diện tích xây dựng", "dtxd"),
        "gfa_m2": ("gfa_m2", "tổng diện tích sàn (m²)", "tổng diện tích sàn", "diện tích sàn", "gfa"),
        "far": ("far", "hệ số sử dụng đất", "hssdđ", "hệ số sdđ"),
        "height_m": ("height_m", "chiều cao (m)", "chiều cao", "chiều cao công trình", "height"),
        "storeys": ("storeys", "số tầng", "tầng cao", "floors", "levels"),
        "green_pct": ("green_pct", "tỷ lệ cây xanh (%)", "tỷ lệ cây xanh", "cây xanh (%)"),
        "green_m2": ("green_m2", "diện tích cây xanh (m²)", "diện tích cây xanh"),
        "frontage_m": ("frontage_m", "mặt tiền (m)", "chiều rộng mặt tiền", "mặt tiền", "frontage"),
        "street_width_m": ("street_width_m", "lộ giới (m)", "lộ giới", "bề rộng đường", "chiều rộng đường"),
        "setback_m": ("setback_m", "khoảng lùi (m)", "khoảng lùi", "setback"),
    },
    BUILDINGS: {
        "use": ("use", "công năng", "chức năng", "kind", "loại", "building"),
        "height_m": ("height_m", "chiều cao (m)", "chiều cao", "height"),
        "storeys": ("storeys", "số tầng", "tầng cao", "building_levels", "levels"),
    },
    BUS_ROUTES: {
        "kind": ("mode", "kind", "loại", "loại tuyến"),
        "status": ("status", "tình trạng", "trạng thái"),
    },
    FLOOD_LEVELS: {
        "ground_m": ("ground_m", "cao độ nền (m)", "cao độ nền", "cốt nền", "cao độ thiết kế", "caoDoThietKe"),
        "flood_m": ("flood_m", "mực nước lũ thiết kế (m)", "mực nước lũ", "mực nước tính toán", "mực nước"),
        "return_years": ("return_years", "chu kỳ lặp (năm)", "chu kỳ lặp", "chu kỳ ngập", "chu kỳ"),
    },
    FLOOD: {"return_years": ("return_years", "chu kỳ lặp (năm)", "chu kỳ lặp", "chu kỳ ngập", "chu kỳ")},
    RELIEF: {"ground_m": ("ground_m", "cao độ (m)", "cao độ", "caoDo", "elevation", "elevation_m", "ele")},
    DRAINAGE: {
        "kind": ("kind", "loại", "loại cống", "loaiCongThoatNuoc"),
        "return_years": ("return_years", "chu kỳ tràn cống (năm)", "chu kỳ tràn cống", "chu kỳ lặp", "chu kỳ"),
    },
    GAS_PIPELINES: {"pressure_bar": ("pressure_bar", "áp suất (bar)", "áp suất", "pressure")},
    POWER_LINES: {
        "voltage_kv": ("voltage_kv", "điện áp (kV)", "điện áp", "cấp điện áp", "dienThe", "voltage"),
        "covered": ("covered", "dây bọc", "bọc"),
        "underground": ("underground", "ngầm", "đi ngầm", "cáp ngầm"),
    },
    UTILITIES: {
        "kind": ("kind", "loại", "loại công trình", "loaiCongTrinh"),
        "capacity": ("capacity", "công suất (m³/ngày)", "công suất", "congSuat"),
    },
}
"""Layer -> what is read -> headers that mean it, our own name first; letters, marks and spaces do not matter."""


def column(frame: pd.DataFrame, layer: str, name: str) -> str | None:
    """Return the column of a layer that holds something, None where it has none."""
    known = {_plain(str(one)): str(one) for one in reversed(list(frame.columns))}
    return next((known[_plain(one)] for one in COLUMNS[layer][name] if _plain(one) in known), None)


def texts(frame: pd.DataFrame, layer: str, name: str) -> list[str]:
    """Return a column's texts, empty where there are none."""
    at = column(frame, layer, name)
    if at is None:
        return [""] * len(frame)
    return ["" if pd.isna(one) else str(one).strip() for one in frame[at]]


def numbers(frame: pd.DataFrame, layer: str, name: str) -> NDArray[np.float64]:
    """Return a column's numbers, NaN where there are none; a decimal comma is read, infinite ones are none."""
    at = column(frame, layer, name)
    if at is None:
        return np.full(len(frame), np.nan)
    cells = frame[at]
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        cells = cells.astype(str).str.strip().str.replace(",", ".", regex=False)
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _plain(header: str) -> str:
    return fold(header.replace("²", "2").replace("³", "3").replace("_", " ")).replace(" ", "")
