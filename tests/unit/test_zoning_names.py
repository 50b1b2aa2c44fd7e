"""Names are found as planners type them."""

import pytest

from zoning.names import Entry, expand, fold, search

ENTRIES = [
    Entry("zones", "thu-dau-mot-city", ("Thành phố Thủ Dầu Một", "Thu Dau Mot City")),
    Entry("zones", "bau-bang-ip", ("Khu công nghiệp Bàu Bàng", "Bau Bang Industrial Park")),
    Entry("zones", "bau-bang-urban", ("Khu đô thị Bàu Bàng", "Bau Bang urban area")),
    Entry("wards_2025", "n-25747", ("Phường Thủ Dầu Một", "Thu Dau Mot Ward")),
    Entry("wards_2025", "n-25750", ("Phường Phú Lợi", "Phu Loi Ward")),
    Entry("communes_until_2025", "c-25765", ("Phường Phú Lợi", "Phu Loi Ward")),
    Entry("wards_2025", "n-25762", ("Phường Phú An", "Phu An Ward")),
    Entry("corridors", "nr13", ("Quốc lộ 13 (Đại lộ Bình Dương)", "National Route 13")),
]


def ids(query):
    return [e.id for e in search(ENTRIES, query)]


def test_fold_drops_diacritics_case_and_punctuation():
    assert fold("Đường  Mỹ Phước – Tân Vạn") == "duong my phuoc tan van"
    assert fold("Thủ Dầu Một") == fold("THU DAU MOT") == "thu dau mot"


def test_fold_joins_both_unicode_forms():
    assert fold("Phu\u0301 Lo\u031b\u0323i") == fold("Phú Lợi") == "phu loi"


def test_short_forms_are_written_out():
    assert expand("kcn bau bang") == "khu cong nghiep bau bang"
    assert expand("ql13") == "quoc lo 13"


@pytest.mark.parametrize("query", ["thu dau mot", "Thủ Dầu Một", "TDM", "tp. thủ dầu một", "thu dau"])
def test_thu_dau_mot_is_found_first(query):
    assert ids(query)[0] == "thu-dau-mot-city"
    assert "n-25747" in ids(query) or query.startswith("tp")


@pytest.mark.parametrize("query", ["KCN bau bang", "kcn Bàu Bàng", "khu công nghiệp bàu bàng", "bau bang industrial"])
def test_the_park_comes_before_the_town(query):
    assert ids(query)[0] == "bau-bang-ip"


def test_old_and_new_units_of_one_name_are_both_found():
    assert ids("P. Phú Lợi") == ["n-25750", "c-25765"]


def test_roads_by_their_sign():
    assert ids("QL13") == ["nr13"]
    assert ids("ql 13") == ["nr13"]


@pytest.mark.parametrize("query", ["", "   ", "???", "xyz", "Hà Nội"])
def test_nothing_is_found_for_nothing(query):
    assert ids(query) == []


def test_the_limit_is_kept():
    assert len(search(ENTRIES, "phu", limit=1)) == 1
