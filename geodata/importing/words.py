"""Know the words that planners' files use for kinds of places, with and without diacritics, and short forms."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from zoning.land_use import categories
from zoning.names import expand, fold

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONES: Mapping[str, tuple[str, ...]] = {
    "industrial_park": ("khu công nghiệp", "kcn", "cụm công nghiệp", "ccn", "industrial park"),
    "science_technology_park": ("khu công nghệ cao", "kcnc", "khu khoa học công nghệ", "science and technology park"),
    "urban_area": ("khu đô thị", "khu dân cư", "kdc", "kđt", "khu nhà ở", "khu tái định cư", "urban area"),
    "new_town": ("thành phố mới", "đô thị mới", "new city"),
    "complex": ("khu liên hợp", "khu phức hợp", "klh"),
    "city": ("thành phố",),
    "town": ("thị xã", "thị trấn"),
    "university_campus": ("đại học", "làng đại học", "trường đại học", "campus"),
    "health_campus": ("bệnh viện", "khu y tế", "trung tâm y tế"),
    "leisure": ("du lịch", "giải trí", "khu vui chơi", "sân gôn", "golf", "nghỉ dưỡng"),
    "innovation_region": ("vùng đổi mới sáng tạo", "khu đổi mới sáng tạo", "innovation region"),
}
STATUSES: Mapping[str, tuple[str, ...]] = {
    "operating": ("hoạt động", "đang hoạt động", "hiện hữu", "hiện trạng", "đã xây dựng", "operating"),
    "under_construction": ("đang xây dựng", "đang thi công", "xây dựng", "thi công", "under construction"),
    "planned": ("quy hoạch", "dự kiến", "chưa xây dựng", "kế hoạch", "planned", "đề xuất"),
    "removed": ("đã bỏ", "hủy bỏ", "thu hồi", "ngừng hoạt động", "removed"),
}
FACILITIES: Mapping[str, tuple[str, ...]] = {
    "kindergarten": ("mầm non", "mẫu giáo", "nhà trẻ", "mn", "kindergarten"),
    "primary_school": ("tiểu học", "trường tiểu học", "cấp 1", "th", "primary school"),
    "lower_secondary_school": ("trung học cơ sở", "thcs", "cấp 2", "lower secondary school"),
    "upper_secondary_school": ("trung học phổ thông", "thpt", "cấp 3", "upper secondary school"),
    "hospital": ("bệnh viện", "bv", "hospital"),
    "clinic": ("phòng khám", "trung tâm y tế", "clinic"),
    "health_station": ("trạm y tế", "trạm xá", "health station"),
    "university": ("đại học", "university"),
    "college": ("cao đẳng", "trung cấp", "college"),
    "park": ("công viên", "cây xanh", "vườn hoa công cộng", "park"),
    "garden": ("vườn hoa", "garden"),
    "playground": ("sân chơi", "playground"),
    "sport": ("thể thao", "thể dục thể thao", "tdtt", "sân vận động", "nhà thi đấu", "sport"),
    "culture": ("trung tâm văn hóa", "nhà hát", "thư viện", "bảo tàng", "văn hóa", "culture"),
    "culture_house": ("nhà văn hóa", "culture house"),
    "children_house": ("nhà thiếu nhi", "cung thiếu nhi"),
    "market": ("chợ", "market"),
    "commerce": ("siêu thị", "trung tâm thương mại", "thương mại", "tttm", "commerce"),
    "administration": ("hành chính", "ủy ban", "ubnd", "trụ sở", "cơ quan", "administration"),
    "housing": ("nhà ở", "nhà ở xã hội", "noxh", "nhà ở công nhân", "chung cư", "nhà trọ", "ký túc xá", "housing"),
    "parking": ("bãi đỗ xe", "bãi xe", "bãi đậu xe", "đỗ xe", "parking"),
    "fire_station": ("phòng cháy chữa cháy", "pccc", "cứu hỏa", "fire station"),
    "petrol_station": ("trạm xăng", "xăng dầu", "cây xăng", "petrol station"),
    "funeral_home": ("nhà tang lễ", "funeral home"),
    "bus_station": ("bến xe", "bus station"),
    "exhibition": ("triển lãm", "hội chợ", "hội nghị", "exhibition"),
    "innovation": ("nghiên cứu", "đổi mới sáng tạo", "vườn ươm", "innovation"),
}
SCHOOLS: Mapping[str, tuple[str, ...]] = {
    "primary": ("tiểu học", "cấp 1", "th", "primary"),
    "lower_secondary": ("trung học cơ sở", "thcs", "cấp 2", "lower secondary"),
    "upper_secondary": ("trung học phổ thông", "thpt", "cấp 3", "upper secondary"),
}
GREEN: Mapping[str, tuple[str, ...]] = {
    "park": ("công viên", "park", "cây xanh", "cây xanh công cộng"),
    "garden": ("vườn hoa", "vườn dạo", "garden"),
}
UTILITIES: Mapping[str, tuple[str, ...]] = {
    "treatment_plant": ("nhà máy xử lý nước thải", "trạm xử lý nước thải", "xlnt", "xử lý nước thải"),
    "pump_station": ("trạm bơm", "trạm bơm nước thải", "pump station"),
    "mechanical-biological_treatment": ("xử lý cơ học và sinh học", "cơ học sinh học"),
    "mechanical_sludge_treatment": ("xử lý bùn cơ khí", "xử lý bùn cơ học"),
    "sludge_drying_beds": ("sân phơi bùn",),
    "enclosed_treatment_with_odour_control": ("xử lý khép kín", "xử lý khép kín có khử mùi"),
    "biological_pond": ("hồ sinh học", "ao sinh học", "biological pond"),
    "oxidation_ditch": ("mương oxy hóa", "kênh oxy hóa", "oxidation ditch"),
    "transfer_station": ("trạm trung chuyển", "trung chuyển chất thải", "transfer station"),
    "landfill": ("bãi chôn lấp", "bãi rác", "chôn lấp hợp vệ sinh", "landfill"),
    "landfill_inert": ("chôn lấp chất thải trơ", "chất thải trơ", "bãi chôn lấp chất thải trơ"),
    "waste_treatment": ("xử lý chất thải rắn", "lò đốt", "đốt rác", "xử lý rác", "xử lý sinh học"),
    "cemetery_temporary": ("hung táng", "nghĩa trang hung táng"),
    "cemetery_once": ("chôn cất một lần", "nghĩa trang", "nghĩa địa", "cemetery"),
    "cemetery_reburial": ("cát táng", "nghĩa trang cát táng"),
    "crematorium": ("hỏa táng", "đài hỏa táng", "crematorium"),
    "livestock_farm": ("trang trại chăn nuôi", "chăn nuôi", "livestock farm"),
    "water_plant": ("nhà máy nước", "trạm cấp nước", "nhà máy cấp nước"),
    "water_intake": ("công trình thu", "trạm bơm nước thô", "thu nước"),
    "substation": ("trạm biến áp", "substation"),
}
YES: Mapping[str, tuple[str, ...]] = {
    "true": ("bọc", "dây bọc", "cáp bọc", "ngầm", "đi ngầm", "cáp ngầm", "có", "yes", "true", "1", "x"),
    "false": ("trần", "dây trần", "trên không", "dây trên không", "không", "no", "false", "0"),
}
BAN_DAYS: Mapping[str, tuple[str, ...]] = {
    "mon-sun": ("hằng ngày", "hàng ngày", "cả tuần", "mọi ngày", "các ngày", "thứ 2 đến chủ nhật"),
    "mon-sat": ("thứ 2 đến thứ 7", "t2 đến t7", "t2 t7", "thứ hai đến thứ bảy"),
    "mon-fri": ("thứ 2 đến thứ 6", "t2 đến t6", "t2 t6", "ngày làm việc", "thứ hai đến thứ sáu"),
    "sat-sun": ("thứ 7 chủ nhật", "cuối tuần", "t7 cn"),
}
_SHORTEST_CODE = 3
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CAPITALS = re.compile(r"\b[A-ZĐ]{2,}\b")


@cache
def land_use_words() -> Mapping[str, tuple[str, ...]]:
    """Return every official code of land use with its Vietnamese and English names, the newest meaning of each."""
    found: dict[str, dict[str, None]] = {}
    for one in categories():
        found.setdefault(one.code, {}).update(dict.fromkeys(name for name in (one.name_vi, one.name_en) if name))
    return {code: tuple(names) for code, names in found.items()} | {
        "ODT": (*found["ODT"], "đất ở đô thị"), "ONT": (*found["ONT"], "đất ở nông thôn"),
        "DGT": (*found["DGT"], "đất giao thông", "giao thông"), "SKK": (*found["SKK"], "đất công nghiệp", "kcn"),
        "DGD": (*found["DGD"], "đất giáo dục"), "DYT": (*found["DYT"], "đất y tế"),
        "DKV": (*found["DKV"], "cây xanh công cộng", "đất cây xanh"), "TMD": (*found["TMD"], "thương mại dịch vụ"),
    }  # fmt: skip


def meaning(value: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return what a value means: the key itself, the key whose word it is, else whose word it holds; empty for none.

    Diacritics, case and short forms do not matter. Of several words that a value holds, the longest counts.
    """
    text = value.strip()
    if not text:
        return ""
    upper = _upper(tuple(words))
    if text.upper() in upper:
        return upper[text.upper()]
    known = _folded(tuple(words.items()))
    for form in (fold(text), expand(fold(text))):
        if form in known:
            return known[form]
    first = _CODE.match(text)
    if first and len(first[0]) >= _SHORTEST_CODE and first[0] in upper:  # "ODT - đất ở"
        return upper[first[0]]
    padded = {f" {fold(text)} ", f" {expand(fold(text))} "}
    held = [word for word in known if len(word) > _SHORTEST_CODE and any(f" {word} " in one for one in padded)]
    held += [short for short in (fold(one) for one in _CAPITALS.findall(text)) if short in known]  # Trường MN Hoa Mai
    return known[max(held, key=len)] if held else ""


@cache
def _upper(keys: tuple[str, ...]) -> dict[str, str]:
    return {key.upper(): key for key in keys}


@cache
def _folded(items: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    """Return each word as it is folded, and with its short forms written out; the first key that has it counts."""
    found: dict[str, str] = {}
    for key, words in items:
        for word in (key.replace("_", " "), *words):
            for form in (fold(word), expand(fold(word))):
                found.setdefault(form, key)
    return found
