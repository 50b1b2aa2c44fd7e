"""Write the layers that we have in the scheme of the planning dossier (Circular 16/2025/TT-BXD, Appendix II)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geodata.crs import PLANNING_CRS
from geodata.export import Export
from geodata.source_tables import read_source
from zoning.errors import ExportError, InputError
from zoning.land_use import category, code_column
from zoning.places import MEASURABLE
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geodata.store import Store

DATASETS: Mapping[str, str] = {"HienTrang": N_("Existing state"), "QuyHoach": N_("Plan")}
"""The two data sets that we have something for; terrain and markers we do not."""
_MULTI: Mapping[str, Callable[..., NDArray[np.object_]]] = {
    "MultiPolygon": shapely.multipolygons,
    "MultiLineString": shapely.multilinestrings,
}


@dataclass(frozen=True)
class DossierClass:
    """A class of the scheme: its name (ends in _P, _L or _A), geometry, title, and fields with types, in order."""

    dataset: str
    name: str
    geometry: str
    title_vi: str
    fields: Mapping[str, str]


def dossier_classes() -> list[DossierClass]:
    """Return every class of the scheme."""
    return [
        DossierClass(
            row["dataset"],
            row["class"],
            row["geometry"],
            row["title_vi"],
            dict(part.split(":") for part in row["fields"].split(";")),
        )
        for _, row in read_source("dossier_layers").iterrows()
    ]


def dossier_layers(
    store: Store, dataset: str, *, plan_id: str = "", dossier_id: str = ""
) -> dict[str, gpd.GeoDataFrame]:
    """Return the classes that the store has features for, in VN-2000, with the scheme's fields in its order.

    Parameters
    ----------
    dataset
        HienTrang (what is there) or QuyHoach (what is planned or under construction).
    plan_id, dossier_id
        What the registry has given the plan: maThongTinQH and maHoSoQH.

    Raises
    ------
    InputError
        There is no such data set.
    """
    if dataset not in DATASETS:
        raise InputError(
            N_("There is no data set {name} of the dossier. There are: {names}."),
            name=dataset[:40],
            names=", ".join(DATASETS),
        )
    found: dict[str, gpd.GeoDataFrame] = {}
    for one in dossier_classes():
        make = _MAKERS.get(one.name)
        if one.dataset != dataset or make is None:
            continue
        rows = make(store, dataset == "HienTrang")
        if rows is None or not len(rows):
            continue
        rows = _fitting(rows, one.geometry)
        if not len(rows):
            continue
        rows = rows.assign(maThongTinQH=plan_id or None, maHoSoQH=dossier_id or None)
        found[one.name] = _typed(rows, one)
    return found


def dossier_export(store: Store, dataset: str, *, plan_id: str = "", dossier_id: str = "") -> Export:
    """Return a GeoPackage of one data set, a layer a class, checked by reading it again; arguments as `dossier_layers`.

    Raises
    ------
    ExportError
        There is nothing for it, or the file could not be written or read back.
    """
    layers = dossier_layers(store, dataset, plan_id=plan_id, dossier_id=dossier_id)
    if not layers:
        raise ExportError(N_("There is nothing in the store for this part of the dossier."))
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder:
        path = Path(folder) / "dossier.gpkg"
        try:
            for name, frame in layers.items():
                kind = next(one.geometry for one in dossier_classes() if one.dataset == dataset and one.name == name)
                pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", geometry_type=kind)
        except (DataSourceError, DataLayerError, FeatureError, OSError) as error:
            raise ExportError(
                N_("The GeoPackage could not be written ({reason}): is the disk for temporary files full?"),
                reason=type(error).__name__,
            ) from error
        for name, frame in layers.items():
            if pyogrio.read_info(path, layer=name, force_feature_count=True)["features"] != len(frame):
                raise ExportError(
                    N_("The export did not pass its own check ({what}): nothing is offered. Please report it."),
                    what=name,
                )
        data = path.read_bytes()
    count = sum(len(frame) for frame in layers.values())
    return Export(data, f"ho_so_quy_hoach_{dataset}.gpkg", "application/geopackage+sqlite3", count)


def _fitting(rows: gpd.GeoDataFrame, geometry: str) -> gpd.GeoDataFrame:
    """Return rows with the parts of their shapes that a class may hold; those that have none are left out."""
    wanted = geometry.removeprefix("Multi")
    shapes = shapely.make_valid(rows.geometry.to_numpy())
    kinds = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=str)
    for at in np.flatnonzero((kinds != wanted) & (kinds != geometry)):
        if shapes[at] is None:
            continue
        every = shapely.get_parts(shapely.get_parts(shapes[at]))
        parts = [part for part in every if part.geom_type == wanted]
        shapes[at] = shapely.union_all(parts) if parts else None
    kept = np.array([shape is not None for shape in shapes], dtype=bool)
    return rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs))[kept]


def _typed(rows: gpd.GeoDataFrame, one: DossierClass) -> gpd.GeoDataFrame:
    columns: dict[str, pd.Series] = {}
    for name, kind in one.fields.items():
        values = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        if kind == "text":
            cells = [None if _blank(cell) else str(cell) for cell in values]
            columns[name] = pd.Series(cells, index=rows.index, dtype=object)
        elif kind == "float32":
            columns[name] = pd.to_numeric(values, errors="coerce").astype("float32")
        elif kind.startswith("int"):
            whole = pd.to_numeric(values, errors="coerce").round()
            columns[name] = whole.astype("Int16") if kind == "int16" else whole.astype("Int32")
        else:
            columns[name] = pd.to_datetime(values, errors="coerce").astype("datetime64[ms]")
    shapes = rows.geometry.to_numpy()
    if one.geometry in _MULTI:
        single = ~np.char.startswith(np.array([shape.geom_type for shape in shapes], dtype=str), "Multi")
        shapes = shapes.copy()
        shapes[single] = _MULTI[one.geometry](shapes[single][:, np.newaxis])
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=PLANNING_CRS)


def _blank(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)) or str(cell).strip() == ""


def _of_time(frame: gpd.GeoDataFrame, there: bool) -> gpd.GeoDataFrame:  # noqa: FBT001 - the one question of a maker
    if "status" not in frame:
        return frame
    return frame[frame["status"].isin(["operating", "unknown"] if there else ["planned", "under_construction"])]


def _base(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    quality = frame["geometry_quality"] if "geometry_quality" in frame else pd.Series("", index=frame.index)
    return frame.assign(
        maDoiTuong=frame["id"],
        tenDoiTuong=frame["name_vi"],
        phanLoai=frame.get("kind", frame.get("mode", frame.get("level"))),
        ghiChu="geometry_quality: " + quality.astype(str),
        tinhTrang=frame.get("status"),
        trangThaiQuyHoach=frame.get("status"),
    )


def _lines(*modes: str) -> Callable[[Store, bool], gpd.GeoDataFrame]:
    def make(store: Store, there: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
        frame = store.layer("corridors")
        frame = frame[frame.geometry.notna() & frame.geom_type.str.contains("Line") & frame["mode"].isin(modes)]
        rows = _base(_of_time(frame, there))
        length_m = rows.geometry.length
        return rows.assign(
            tenDuong=rows["name_vi"], tenTuyen=rows["name_vi"], loaiDuong=rows["mode"], loaiDuongSat=rows["mode"],
            loaiDuongThuy=rows["mode"], capDuong=rows["road_class"], chieuDai=length_m, chieuDai_km=length_m / 1000,
        )  # fmt: skip

    return make


def _points(layer: str) -> Callable[[Store, bool], gpd.GeoDataFrame]:
    def make(store: Store, there: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
        frame = store.layer(layer)
        frame = frame[frame.geometry.notna() & frame.geom_type.eq("Point") & frame["geometry_quality"].isin(MEASURABLE)]
        rows = _base(_of_time(frame, there))
        return rows.assign(
            tenCongTrinh=rows["name_vi"], loaiCongTrinh=rows["kind"], loaiHinhGiaoThong=rows["kind"],
            dienTich=rows.get("area_ha"), viTri=rows.get("locality"),
        )  # fmt: skip

    return make


def _names(store: Store, _: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
    rows = _base(store.layer("wards_2025"))
    return rows.set_geometry(rows.geometry.representative_point()).assign(loaiTenDVHC=rows["level"])


def _borders(store: Store, _: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
    rows = _base(store.layer("wards_2025"))
    rows = rows.set_geometry(rows.geometry.boundary)
    return rows.assign(chieuDai=rows.geometry.length, loaiRanhGioi=rows["level"])


def _zones(store: Store, there: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
    frame = store.layer("zones")
    areal = frame.geometry.notna() & frame.geom_type.fillna("").str.contains("Polygon")
    rows = _base(_of_time(frame[areal], there))
    return rows.assign(
        tenDoAn=rows["name_vi"], diaDiemQH=rows["unit_post2025"], dienTichQH=rows["area_ha"],
        soQDQH=rows["established_decision"], chuDauTu=rows["developer"], trangThaiDoAn=rows["status"],
    )  # fmt: skip


def _own_lines(layer: str) -> Callable[[Store, bool], gpd.GeoDataFrame | None]:
    """Return a maker of the lines that a planner has brought in: what is there, unless they say that it is planned."""

    def make(store: Store, there: bool) -> gpd.GeoDataFrame | None:  # noqa: FBT001
        if layer not in store.names():
            return None
        frame = store.layer(layer)
        frame = frame[frame.geometry.notna() & frame.geom_type.str.contains("Line")]
        if "status" not in frame and not there:
            return None
        names = frame["name_vi"] if "name_vi" in frame else frame["id"]
        known = names.notna() & names.astype(str).str.strip().ne("")
        rows = _base(_of_time(frame.assign(name_vi=names.where(known, frame["id"])), there))
        dated = {"chieuDai": rows.geometry.length, "dienThe": rows.get("voltage_kv")}
        return rows.assign(**dated)

    return make


def _joined(*makers: Callable[[Store, bool], gpd.GeoDataFrame | None]) -> Callable[[Store, bool], gpd.GeoDataFrame]:
    def make(store: Store, there: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
        found = [rows for one in makers if (rows := one(store, there)) is not None and len(rows)]
        return gpd.GeoDataFrame(pd.concat(found, ignore_index=True)) if found else store.layer("corridors").iloc[:0]

    return make


def _land(store: Store, there: bool) -> gpd.GeoDataFrame | None:  # noqa: FBT001
    if "land_use" not in store.names():
        return None
    land = store.layer("land_use")
    land = _of_time(land[land.geometry.notna()], there).reset_index(drop=True)
    codes = land[code_column(land)].fillna("").astype(str)
    names = [_title(code) for code in codes]
    rows = land.assign(maDoiTuong=[f"sdd-{at + 1}" for at in range(len(land))], tenDoiTuong=names)
    return rows.assign(
        kyHieuLoDat=codes, chucNangSuDungDatMuc1=names, phanLoai=codes, dienTich=rows.geometry.area / 1e4
    )  # fmt: skip


def _title(code: str) -> str:
    try:
        return category(code).name_vi
    except InputError:
        return ""


_MAKERS: Mapping[str, Callable[[Store, bool], gpd.GeoDataFrame | None]] = {
    "MangLuoiGiaoThongDuongBo_L": _lines("road", "expressway"),
    "MangLuoiGiaoThongDuongSat_L": _lines("rail", "metro"),
    "MangLuoiGiaoThongDuongThuy_L": _lines("waterway"),
    "MangLuoiTuyenBus_L": _joined(_lines("bus", "brt"), _own_lines("bus_routes")),
    "MangLuoiThoatNuocMua_L": _own_lines("drainage"),
    "MangLuoiPhanPhoiDien_L": _own_lines("power_lines"),
    "CongTrinhGiaoThong_P": _points("logistics"),
    "ChucNangCongTrinh_P": _points("facilities"),
    "TenDonViHanhChinh_P": _names,
    "RanhGioiHanhChinh_L": _borders,
    "RanhGioiQuyHoach_A": _zones,
    "ChucNangSuDungDat_A": _land,
}
