"""Names are shortened as maps of the region write them."""

import pytest
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from layers.naming import halfway, middle, shield, short_name, zoom_for
from layers.words import figure, word


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("Quốc lộ 13 (Đại lộ Bình Dương)", "QL13"),
        ("Đường tỉnh 741", "ĐT741"),
        ("Đường tỉnh 743A và 743B (Miếu Ông Cù – Vườn Tràm – Sóng Thần)", "ĐT743A"),
        ("Đường Vành đai 3 TP.HCM (đoạn Bình Dương)", "VĐ3"),
        ("Quốc lộ 1K", "QL1K"),
        ("Đường Phú Lợi – ĐT743 (Thủ Dầu Một – Miếu Ông Cù)", "ĐT743"),
        ("Đường ĐH412 – ĐH411 (Uyên Hưng – Đất Cuốc – Tân Thành)", "ĐH412"),
        ("Đường Hồ Chí Minh, đoạn Chơn Thành – Đức Hòa", ""),
    ],
)
def test_roads_carry_the_number_of_their_signs(name, sign):
    assert shield(name) == sign


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Khu công nghiệp Sóng Thần 1", "KCN Sóng Thần 1"),
        ("Khu đô thị Sycamore", "KĐT Sycamore"),
        ("Phường Phú Lợi", "Phú Lợi"),
        ("Phu Loi Ward", "Phu Loi"),
        ("Thành phố Thủ Dầu Một", "Thủ Dầu Một"),
        ("Thành phố mới Bình Dương", "Thành phố mới Bình Dương"),
        ("Khu công nghiệp Việt Nam – Singapore (VSIP I)", "KCN Việt Nam – Singapore"),
    ],
)
def test_long_kinds_become_short(name, short):
    assert short_name(name) == short


def test_a_name_stands_inside_its_area():
    bent = Polygon([(0, 0), (10, 0), (10, 1), (1, 1), (1, 10), (0, 10)])
    assert bent.contains(middle(bent))
    assert not bent.contains(bent.centroid)  # which is why the centroid will not do
    two = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 9, 9)])
    assert box(5, 5, 9, 9).contains(middle(two))


def test_halfway_is_on_the_line():
    assert halfway(LineString([(0, 0), (0, 10), (10, 10)])).coords[0] == (0, 10)


def test_small_areas_get_their_names_later():
    assert zoom_for(20_000) < zoom_for(2_000) < zoom_for(200)
    assert zoom_for(0.0) == 14.0


def test_unknown_words_and_figures_show_as_they_are_or_not_at_all():
    assert word({"a": "Alpha"}, "a", str.upper) == "ALPHA"
    assert word({"a": "Alpha"}, "new_kind", str.upper) == "new kind"
    assert word({}, float("nan"), str) == ""
    assert word({}, None, str) == ""
    assert figure(1234567.891, "en", 2) == "1,234,567.89"
    assert figure(1234567.891, "vi", 2) == "1.234.567,89"
    assert [figure(value, "en") for value in (None, "x", float("inf"), float("nan"))] == ["", "", "", ""]
