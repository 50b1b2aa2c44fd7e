"""Know what a planner's layer can be to the application, and which columns each of these roles asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from geodata.importing import words
from geodata.people import LAYER as PEOPLE
from zoning.errors import InputError
from zoning.standards.inputs import COLUMNS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "number", "whole", "choice", "flag"]
Shape = Literal["any", "area", "line", "way"]
"""Geometry that a role needs: `way` takes lines and areas."""

SHAPES: Mapping[str, tuple[str, ...]] = {
    "any": ("Point", "LineString", "Polygon"),
    "area": ("Polygon",),
    "line": ("LineString",),
    "way": ("LineString", "Polygon"),
}
BASICS = ("id", "name_vi", "name_en", "geometry_quality", "sources", "geometry")
"""What every layer of the store has: kept, whatever the role; a role's own fields are filled in."""
OWN = "own"
"""The role of a layer that is kept as it is."""


@dataclass(frozen=True)
class Field:
    """A column that a role knows.

    Parameters
    ----------
    name
        What it is called in the store.
    title
        What people call it, marked for translation.
    header
        Its header in the empty tables.
    names
        Headers that files use for it beside these two; compared without diacritics, spaces and units.
    kind
        What stands in it: a text, a number of 0 or more, a whole number, one of `choices`, or yes and no.
    choices
        Value -> words that mean it.
    closed
        Other values than the choices are refused; else they are kept as they are.
    required
        The role needs it.
    units
        Units that may be written behind a number, in small letters.
    what, example
        For the empty tables, in Vietnamese.
    """

    name: str
    title: str
    header: str
    names: tuple[str, ...] = ()
    kind: Kind = "text"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: bool = False
    required: bool = False
    units: tuple[str, ...] = ()
    what: str = ""
    example: str = ""

    @property
    def decimal(self) -> bool:
        """Whether its numbers have decimals by their nature: 12.345 ha are twelve, 12.345 people twelve thousand."""
        return self.name.rpartition("_")[2] in ("ha", "t", "m", "pct", "kv", "bar") or self.name == "far"


@dataclass(frozen=True)
class Role:
    """What a layer is to the application.

    Parameters
    ----------
    name
        What it is called on the command line.
    title
        What people call it, marked for translation.
    title_vi
        The same in Vietnamese, for the sheets of empty tables.
    layer
        Name under which analyses look for it; empty where any name will do.
    shape
        Geometry that it needs.
    fields
        The columns it knows, names first.
    use
        What it is used for, marked for translation.
    """

    name: str
    title: str
    title_vi: str
    layer: str
    shape: Shape
    fields: tuple[Field, ...]
    use: str

    def field(self, name: str) -> Field:
        """Return a field by its name; InputError where the role has none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise InputError(
            N_("“{role}” has no field “{field}”. Its fields: {fields}."),
            role=self.name,
            field=name[:40],
            fields=", ".join(one.name for one in self.fields),
        )


NAME = Field("name_vi", N_("Name (Vietnamese)"), "Tên", (
    "ten", "tenvi", "name", "tengoi", "tenkhu", "tendoituong", "tencongtrinh", "tenduan", "tentruong", "tendv",
    "tenloai", "hoten", "title", "label", "tencs", "tendoan",
), what="Tên đầy đủ", example="Khu A")  # fmt: skip
_STATUS = Field("status", N_("Status"), "Tình trạng", ("trangthai", "tinhtrang", "hientrang", "trangthaiquyhoach",
                "giaidoan"), "choice", words.STATUSES, what="Đang hoạt động; đang xây dựng; quy hoạch")  # fmt: skip
_SOURCES = Field("sources", N_("Source"), "Nguồn", ("nguon", "nguondulieu", "vanban", "source", "coquancungcap"),
                 what="Văn bản hoặc cơ quan cung cấp, ngày")  # fmt: skip
_AREA_HA = Field("area_ha", N_("Area, published (ha)"), "Diện tích (ha)", (
    "dientich", "dientichha", "dtha", "areaha", "dientichqh", "quymo", "quymoha"), "number", units=("ha",),
    what="Số, theo văn bản", example="12,5")  # fmt: skip
_NOTES = Field("notes", N_("Notes"), "Ghi chú", ("ghichu", "dacdiem", "mota", "note"))
_CODES = (
    "code", "landuse", "madat", "loaidat", "kyhieudat", "maloaidat", "mdsd", "mdsdd", "mucdichsudung",
    "mucdichsudungdat", "mucdich", "chucnang", "chucnangsudungdat", "chucnangsudungdatmuc3",
    "chucnangsudungdatmuc2", "chucnangsudungdatmuc1", "kyhieu", "lucode", "malu", "madatqh", "loaidatqh",
)  # fmt: skip
_CODE = Field("code", N_("Official code of land use"), "Mã loại đất", _CODES, "choice", words.land_use_words(),
              required=True, what="Mã chính thức, ví dụ ODT, DGT, SKK; hoặc tên loại đất", example="ODT")  # fmt: skip


def _capacity(title: str, header: str, *more: str, required: bool = False, units: tuple[str, ...] = ()) -> Field:
    known = ("capacity", "congsuat", "quymo", "soluong", "succhua", "khanang", *more)
    return Field("capacity", title, header, known, "number", required=required, units=units,
                 what="Số, từ 0; để trống nếu chưa biết", example="250")  # fmt: skip


def _read(layer: str, name: str, title: str, header: str, *, more: tuple[str, ...] = (), **said: Any) -> Field:  # noqa: ANN401 - a field's parts
    """Return a field that the code checks read, under the headers that they know for it."""
    number = name.rpartition("_")[2] in ("m2", "m", "pct", "kv", "bar", "years") or name in _NUMBERS
    kind = said.pop("kind", "number" if number else "text")
    return Field(name, title, header, (*COLUMNS[layer][name], *more), kind, **said)


def _places(name: str, title: str, title_vi: str, capacity: Field, use: str, *, kinds: Mapping[str, tuple[str, ...]],
            closed: bool = False, extra: tuple[Field, ...] = ()) -> Role:  # fmt: skip
    """Return the role of a layer of places of one service."""
    kind = Field("kind", N_("Kind"), "Loại", _KINDS, "choice", kinds, closed=closed, required=closed,
                 what="Một trong: " + "; ".join(each[0] for each in kinds.values()),
                 example=next((each[0] for each in kinds.values()), ""))  # fmt: skip
    fields = (NAME, *((kind,) if kinds else ()), capacity, *extra, _AREA_HA, _STATUS, _SOURCES)
    return Role(name, title, title_vi, name, "any", fields, use)


_NUMBERS = ("storeys", "far", "capacity")
_KINDS = ("loai", "kind", "type", "loaihinh", "phanloai", "caphoc", "loaicongtrinh", "loaict", "nhom", "bachoc")
_FOR_CHECKS = N_("Counted in Accessibility, and in the code checks as a whole list.")
_MAIN = (
    Role("zones", N_("Zones"), "Khu", "zones", "area", (
        NAME,
        Field("name_en", N_("Name (English)"), "Tên tiếng Anh", ("nameen", "tenta", "tentienganh", "englishname")),
        Field("kind", N_("Kind"), "Loại", (*_KINDS, "loaikhu"), "choice", words.ZONES, closed=True, required=True,
              what="Một trong: " + "; ".join(each[0] for each in words.ZONES.values()), example="khu đô thị"),
        _STATUS, _AREA_HA,
        Field("unit_post2025", N_("Ward or commune since July 2025"), "Phường, xã", ("phuong", "xa", "phuongxa",
              "diadiem", "diachi", "vitri")),
        Field("established_decision", N_("Decision"), "Quyết định", ("quyetdinh", "soqd", "soqdqh", "sqd")),
        Field("developer", N_("Developer"), "Chủ đầu tư", ("chudautu", "cdt", "nhadautu", "developer")),
        _NOTES,
    ), N_("Appear among the zones, each as an edit with author and date that can be undone.")),
    Role("land_use", N_("Land use"), "Sử dụng đất", "land_use", "area", (
        NAME, _CODE,
        Field("people", N_("People"), "Dân số", ("danso", "songuoi", "people", "population"), "number",
              units=("người",)),
        _SOURCES,
    ), N_("Weighed in the code checks: land balance, green, housing, roads.")),
    Role("facilities", N_("Facilities with kind and capacity"), "Công trình", "", "any", (
        NAME,
        Field("kind", N_("Kind"), "Loại", _KINDS, "choice", words.FACILITIES, required=True,
              what="Ví dụ: mầm non; tiểu học; bệnh viện; chợ; công viên", example="bệnh viện"),
        _capacity(N_("Capacity"), "Quy mô", "sogiuong", "sohocsinh", "socho", "sochongoi", "beds", "giuongbenh",
                  units=("giường", "chỗ", "học sinh")),
        _AREA_HA, _STATUS, _SOURCES,
    ), N_("Reached in Accessibility by kind; a layer of one kind with its own name counts in the code checks too.")),
    Role("population", N_("People"), "Dân số", PEOPLE, "any", (
        NAME,
        Field("people", N_("People"), "Số người", ("danso", "songuoi", "nguoi", "people", "population", "pop", "ds",
              "dansohientrang", "nhankhau"), "number", required=True, units=("người",), what="Số người, từ 0",
              example="1250"),
        Field("unit", N_("Ward or commune"), "Phường, xã", ("unit", "donvi", "phuong", "xa", "phuongxa", "donvihc",
              "maphuong", "maxa", "maphuongxa"), what="Tên phường, xã từ tháng 7/2025; để trống nếu tính theo vị trí"),
        Field("year", N_("Year"), "Năm", ("nam", "year", "namthongke"), "whole", example="2025"),
        _SOURCES,
    ), N_("Count instead of the published figures in the wards that they cover, in every analysis.")),
    Role("bans", N_("Truck bans"), "Cấm xe tải", "bans", "way", (
        Field("name", N_("Name"), "Tên", (*NAME.names, "namevi", "tenduong", "tuyenduong", "duong"), required=True,
              example="Đường Đại lộ Bình Dương"),
        Field("weight_over_t", N_("Banned above (t)"), "Cấm trên (tấn)", ("camtren", "taitrong", "trentan", "tren",
              "taitrongcam", "weight"), "number", units=("t", "tấn"), example="2,5"),
        Field("weight_upto_t", N_("Banned up to (t)"), "Đến (tấn)", ("den", "dentan"), "number", units=("t", "tấn")),
        Field("days", N_("Days"), "Ngày", ("ngay", "ngaycam", "days", "thu"), "choice", words.BAN_DAYS,
              what="mon-sat, hoặc: hằng ngày; thứ 2 đến thứ 7", example="thứ 2 đến thứ 7"),
        Field("hours", N_("Hours"), "Giờ", ("gio", "giocam", "hours", "khunggio", "thoigian"), what="6-9;16:30-20",
              example="6-9;16:30-20"),
        Field("decree", N_("Decree of the ban"), "Quyết định", ("quyetdinh", "soqd", "vanban", "decree"),
              required=True, example="QĐ 23/2018/QĐ-UBND"),
        Field("source", N_("Source"), "Nguồn", ("nguon", "source", "sources", "coquan"), required=True,
              example="Sở Xây dựng"),
    ), N_("Close roads and areas to trucks in every analysis, at their hours.")),
    Role("lots", N_("Building lots"), "Lô đất xây dựng", "lots", "area", (
        NAME,
        _read("lots", "use", N_("Use"), "Loại nhà", more=("loailo", "chucnangsudungdatmuc3", "madat", "loaidat"),
              what="nhà liên kế; chung cư; hỗn hợp; trường học; nhà máy; hoặc mã loại đất", example="nhà liên kế"),
        _read("lots", "area_m2", N_("Area of the lot (m²)"), "Diện tích lô (m²)", units=("m2", "m²")),
        _read("lots", "density_pct", N_("Building density (%)"), "Mật độ xây dựng (%)", more=("mdxd", "mdxdmax"),
              units=("%",), example="60"),
        _read("lots", "built_m2", N_("Built area (m²)"), "Diện tích xây dựng (m²)", units=("m2", "m²")),
        _read("lots", "storeys", N_("Storeys"), "Số tầng", more=("tangcaoxaydung", "sotang", "tang"),
              units=("tầng",), example="5"),
        _read("lots", "height_m", N_("Height (m)"), "Chiều cao (m)", more=("chieucaoxaydung",), units=("m",)),
        _read("lots", "gfa_m2", N_("Floor area (m²)"), "Tổng diện tích sàn (m²)", units=("m2", "m²")),
        _read("lots", "far", N_("Floor area ratio"), "Hệ số sử dụng đất", units=("lần",), example="3,0"),
        _read("lots", "green_pct", N_("Planted green (%)"), "Tỷ lệ cây xanh (%)", more=("tylecayxanh",),
              units=("%",)),
        _read("lots", "green_m2", N_("Planted green (m²)"), "Diện tích cây xanh (m²)", units=("m2", "m²")),
        _read("lots", "frontage_m", N_("Frontage (m)"), "Mặt tiền (m)", units=("m",)),
        _read("lots", "street_width_m", N_("Width of the street (m)"), "Lộ giới (m)", units=("m",)),
        _read("lots", "setback_m", N_("Setback (m)"), "Khoảng lùi (m)", units=("m",)),
        _SOURCES,
    ), N_("What the code asks of single lots: density, height, setback, green.")),
    Role("buildings", N_("Buildings"), "Công trình xây dựng", "buildings", "any", (
        NAME,
        _read("buildings", "use", N_("Use"), "Công năng", more=("chucnangsudungdat", "loaicongtrinhkt")),
        _read("buildings", "storeys", N_("Storeys"), "Số tầng", more=("tangcaoxaydung", "tang"), units=("tầng",)),
        _read("buildings", "height_m", N_("Height (m)"), "Chiều cao (m)", units=("m",)),
        _SOURCES,
    ), N_("Homes inside safety distances, and built ground, in the code checks.")),
    Role("utilities", N_("Technical works"), "Công trình hạ tầng kỹ thuật", "utilities", "any", (
        NAME,
        _read("utilities", "kind", N_("Kind"), "Loại", kind="choice", choices=words.UTILITIES, required=True,
              more=(*_KINDS, "congnghe"), example="trạm bơm nước thải",
              what="Một trong: " + "; ".join(each[0] for each in words.UTILITIES.values())),
        _read("utilities", "capacity", N_("Capacity (m³ a day)"), "Công suất (m³/ngày)", more=("luuluong",),
              units=("m3/ngđ", "m3/ngày", "m³/ngày", "m3/ngay", "m³/ngđ", "m3")),
        _STATUS, _SOURCES,
    ), N_("Kept away from homes by the code: distances of treatment plants, landfills, cemeteries.")),
    Role("power_lines", N_("Power lines"), "Đường dây điện", "power_lines", "line", (
        NAME,
        _read("power_lines", "voltage_kv", N_("Voltage (kV)"), "Điện áp (kV)", required=True, units=("kv",),
              more=("capdienap", "kv", "u"), example="110"),
        _read("power_lines", "covered", N_("Covered wire"), "Dây bọc", kind="flag", choices=words.YES,
              more=("loaiday", "loaiduongday"), what="có / không (dây trần)", example="không"),
        _read("power_lines", "underground", N_("Underground"), "Đi ngầm", kind="flag", choices=words.YES,
              what="có / không", example="không"),
        _SOURCES,
    ), N_("Safety corridors of overhead lines in the code checks.")),
    Role("gas_pipelines", N_("Gas pipelines"), "Đường ống dẫn khí", "gas_pipelines", "line", (
        NAME, _read("gas_pipelines", "pressure_bar", N_("Pressure (bar)"), "Áp suất (bar)", required=True,
                    units=("bar",), example="7"), _SOURCES,
    ), N_("Pressure of gas pipelines through towns in the code checks.")),
    Role("bus_routes", N_("Bus routes"), "Tuyến xe buýt", "bus_routes", "line", (
        NAME, _read("bus_routes", "kind", N_("Kind"), "Loại tuyến"), _STATUS, _SOURCES,
    ), N_("Spacing and density of public transport in the code checks.")),
    Role("relief", N_("Ground levels"), "Cao độ nền", "relief", "any", (
        NAME, _read("relief", "ground_m", N_("Ground level (m)"), "Cao độ (m)", required=True, units=("m",),
                    more=("caodotunhien", "caodothietke", "caodonen", "z"), example="24,5"), _SOURCES,
    ), N_("Spot heights or contours: the ground that flood levels are held against.")),
    Role("flood_levels", N_("Ground and flood levels"), "Cao độ và mực nước lũ", "flood_levels", "any", (
        NAME,
        _read("flood_levels", "ground_m", N_("Ground level (m)"), "Cao độ nền (m)", required=True, units=("m",),
              more=("caodotunhien",), example="24,5"),
        _read("flood_levels", "flood_m", N_("Flood level (m)"), "Mực nước lũ thiết kế (m)", required=True,
              more=("mucnuocngap", "mucngap"), units=("m",), example="2,1"),
        _read("flood_levels", "return_years", N_("Return period (years)"), "Chu kỳ lặp (năm)", units=("năm",),
              example="50"),
        _SOURCES,
    ), N_("Levels that building ground must lie above.")),
    Role("flood", N_("Flooded areas"), "Vùng ngập", "flood", "area", (
        NAME, _read("flood", "return_years", N_("Return period (years)"), "Chu kỳ lặp (năm)", required=True,
                    units=("năm",), example="50"), _SOURCES,
    ), N_("Where water stands once in so many years.")),
    Role("drainage", N_("Drains and sewers"), "Thoát nước", "drainage", "way", (
        NAME,
        _read("drainage", "kind", N_("Kind"), "Loại", required=True, more=(*_KINDS, "loaicong"),
              what="kênh; cống chính; cống nhánh", example="cống chính"),
        _read("drainage", "return_years", N_("Return period (years)"), "Chu kỳ tràn cống (năm)", units=("năm",)),
        Field("diameter_mm", N_("Diameter (mm)"), "Đường kính (mm)", ("duongkinh", "dn"), "number", units=("mm",),
              example="800"),
        _SOURCES,
    ), N_("What the code asks of drains by their kind.")),
)  # fmt: skip
_SERVICES = (
    _places("kindergartens", N_("Kindergartens"), "Trường mầm non",
            _capacity(N_("Places"), "Số chỗ", "socho", "sohocsinh", "sotre", units=("chỗ", "học sinh")),
            _FOR_CHECKS, kinds={}),
    _places("schools", N_("Schools"), "Trường phổ thông",
            _capacity(N_("Pupil places"), "Số chỗ học", "socho", "sohocsinh", "hocsinh", units=("chỗ", "học sinh")),
            _FOR_CHECKS, kinds=words.SCHOOLS, closed=True),
    _places("green_spaces", N_("Public green space"), "Cây xanh công cộng",
            _capacity(N_("Area (m²)"), "Diện tích (m²)", "dientich", "dientichm2", "dtm2", "shapearea", units=("m2",
                      "m²")), _FOR_CHECKS, kinds=words.GREEN),
    _places("hospital_beds", N_("Hospital beds"), "Giường bệnh",
            _capacity(N_("Beds"), "Số giường", "sogiuong", "giuongbenh", "beds", "giuong", units=("giường",)),
            _FOR_CHECKS, kinds={}),
    _places("worker_housing", N_("Housing for workers"), "Nhà ở công nhân",
            _capacity(N_("Places"), "Số chỗ ở", "socho", "socanho", "songuoio", units=("chỗ", "người")),
            N_("Counted in Accessibility, and offered to the workers of a park."), kinds={}),
)  # fmt: skip
_PLAIN = {
    "health_stations": (N_("Health stations"), "Trạm y tế"),
    "fire_stations": (N_("Fire stations"), "Trụ sở phòng cháy chữa cháy"),
    "parking": (N_("Car parks"), "Bãi đỗ xe"),
    "playgrounds": (N_("Playgrounds"), "Sân chơi"),
    "petrol_stations": (N_("Petrol stations"), "Trạm xăng dầu"),
    "funeral_homes": (N_("Funeral homes"), "Nhà tang lễ"),
}
ROLES: Mapping[str, Role] = {
    one.name: one
    for one in (
        Role(OWN, N_("A layer of its own, as it is"), "Lớp riêng", "", "any", (NAME,),
             N_("On the map, in search, in Accessibility and exports.")),
        *_MAIN, *_SERVICES,
        *(_places(name, title, title_vi, _capacity(N_("Capacity"), "Quy mô"), _FOR_CHECKS, kinds={})
          for name, (title, title_vi) in _PLAIN.items()),
    )
}  # fmt: skip
"""Every role by its name."""


def role(name: str) -> Role:
    """Return a role by its name; InputError where there is none."""
    if name not in ROLES:
        raise InputError(N_("There is no role “{role}”. There are: {roles}."), role=name[:40], roles=", ".join(ROLES))
    return ROLES[name]
