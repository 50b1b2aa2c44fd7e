"""The planning code as data: whole, sourced, in both languages, and read as the code reads its tables."""

import csv
import math

import pytest

from zoning.errors import InputError, ZoningError
from zoning.standards import Finding, code_as_of, codes, judge, regulations, rule, rules
from zoning.standards.lookup import limit_at, row_of, step_of
from zoning.standards.rules import CONFIDENCES, FORMS, RELATIONS, URBAN_CLASSES, bounds
from zoning.standards.terms import note, term, unit
from zoning.standards.verdicts import per_person, per_place, share_pct

QCVN_2021, QCVN_2026 = "qcvn-01-2021", "qcvn-01-2026"


def test_every_rule_of_the_facts_is_there_with_its_figures(shared):
    with (shared / "facts/standards.csv").open(encoding="utf-8") as handle:
        facts = {row["id"]: row for row in csv.DictReader(handle)}
    assert len(facts) == 585
    assert {one.id for one in rules()} == set(facts)
    for one in rules():
        fact = facts[one.id]
        low, high = fact["value_min"], fact["value_max"]
        wanted = {"at_least": (low, ""), "at_most": ("", high), "between": (low, high), "equals": (low, high)}
        given = tuple("" if value is None else value for value in (one.low, one.high))
        assert [*map(_number, given)] == [*map(_number, wanted[one.relation])], one.id
        assert one.source == fact["source_url"]
        assert one.confidence == fact["confidence"]


def _number(text):
    return None if text == "" else float(text)


def test_every_row_is_well_formed():
    assert len({one.id for one in rules()}) == len(rules()) == 585
    for one in rules():
        assert one.regulation in regulations()
        assert one.clause
        assert one.source.startswith("http")
        assert one.relation in RELATIONS
        assert one.form in FORMS
        assert one.confidence in CONFIDENCES
        assert set(one.classes) <= set(URBAN_CLASSES)
        assert one.required, one.id
        assert bool(one.table) == (one.form in ("table", "steps", "choice"))
        assert not one.concerns or one.needs, f"{one.id} is checked, but not by which layer"


def test_every_word_is_there_in_vietnamese():
    for one in rules():
        for text in (one.topic, one.subject, one.measure, *filter(None, [one.words])):
            assert term(text, "vi") != text or text == "TOD", text
            assert term(text, "en") == text
        for key in one.notes:
            assert note(key, "vi") != note(key, "en")
    assert unit("m2/person", "vi") == "m²/người"
    assert unit("m2/person", "en") == "m²/person"


def test_the_day_chooses_the_code():
    assert code_as_of("2026-12-31") == QCVN_2021
    assert code_as_of("2027-01-01") == QCVN_2026
    assert codes() == (QCVN_2021, QCVN_2026)


@pytest.mark.parametrize("day", ["2020-01-01", "31-12-2026", "2026-02-30", "", "tomorrow", "20261231"])
def test_a_day_without_a_code_is_a_clear_fault(day):
    with pytest.raises(ZoningError):
        code_as_of(day)


# Table 2.8: up to 90 m2 whole, then 100 m2 90 %, 200 m2 70 %, 300 m2 60 %, 500 m2 50 %, from 1,000 m2 40 %
@pytest.mark.parametrize(
    ("size_m2", "limit_pct"),
    [(87.5, 100), (90, 100), (95, 95), (100, 90), (150, 80), (175, 75), (250, 65), (400, 55), (750, 45), (9000, 40)],
)
def test_a_detached_lot_is_read_between_sizes_by_straight_line(size_m2, limit_pct):
    assert limit_at("density-detached", size_m2) == pytest.approx(limit_pct)


def test_a_lot_of_87_5_m2_may_be_built_over_more_than_85_percent():
    assert limit_at("density-detached", 87.5) > 85


def test_a_larger_or_higher_building_never_has_more_density():
    for table in ("density-apartment", "density-mixed"):
        for height in (10, 16, 20.5, 33, 46, 60):
            limits = [limit_at(table, size, height) for size in (1000, 3000, 5000, 10_000, 14_000, 18_000, 90_000)]
            assert limits == sorted(limits, reverse=True)
    assert limit_at("density-apartment", 6_500, 16) == pytest.approx(70)  # halfway between 75 and 65
    assert limit_at("density-apartment", 10_000, 17.5) == pytest.approx(62.5)  # halfway between 65 and 60


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf])
def test_a_lot_without_size_is_refused(size):
    with pytest.raises(InputError):
        limit_at("density-detached", size)


def test_unknown_tables_and_classes_are_refused():
    with pytest.raises(InputError):
        limit_at("density-castle", 100)
    with pytest.raises(InputError):
        limit_at("density-apartment", 5_000)  # the height is missing
    with pytest.raises(InputError):
        row_of("hazard-distance", "VI")
    with pytest.raises(InputError):
        rule("XX-1")


def test_steps_and_classes():
    assert [row_of("hazard-distance", name).low for name in ("I", "II", "III", "IV", "V")] == [1000, 500, 300, 100, 50]
    assert step_of("parking-land", 49_999).low == 2.5
    assert step_of("parking-land", 50_000).low == 3.5
    assert step_of("parking-land", 150_000).low == 4.0
    assert [step_of("setback", 20, height).low for height in (10, 20, 23, 40)] == [0, 0, 3, 6]
    assert [step_of("ww-pump-station", volume).low for volume in (10, 200, 6_000, 60_000)] == [15, 20, 25, 30]


def test_figures_are_worked_by_hand():
    assert share_pct(4.0, 40.0) == 10
    assert share_pct(4.0, 0.0) is None
    assert per_person(25_000, 500, people_unit=1_000) == 50_000
    assert per_person(25_000, 0) is None
    assert per_place(5_000, 500) == 10
    assert bounds("between", 15, 28) == "15-28"
    assert bounds("at_most", None, 500) == "<= 500"


# roads need 10 % of the site; a residential unit has 4,000 to 20,000 people; a service lies within 500 m
@pytest.mark.parametrize(
    ("rule_id", "found", "verdict"),
    [
        ("IP-006", 10.0, "pass"),
        ("IP-006", 9.99, "fail"),
        ("RU-001", 4_000, "pass"),
        ("RU-001", 20_000, "pass"),
        ("RU-001", 3_999, "fail"),
        ("RU-001", 20_001, "fail"),
        ("SV-018", 500.0, "pass"),
        ("SV-018", 500.1, "fail"),
        ("TR-049", 25, "pass"),
        ("TR-049", 24, "fail"),
        ("GR-001", 7.0, "pass"),
        ("SV-023", 9.9, "fail"),
        ("N26-001", 10_000, "unsure"),  # second-hand: never a plain pass
        ("N26-001", 30_000, "fail"),
        ("IP-006", -1, "no_data"),
        ("IP-006", math.nan, "no_data"),
        ("IP-006", math.inf, "no_data"),
        ("IP-006", None, "no_data"),
    ],
)
def test_verdicts(rule_id, found, verdict):
    assert judge(rule(rule_id), Finding(found)).verdict == verdict


def test_no_rule_of_low_confidence_ever_passes_and_no_doubt_is_a_pass():
    for one in rules():
        for found in (0.0, 1e-6, 1.0, 50.0, 1e9, one.low or 0.0, one.high or 0.0):
            if one.confidence == "low":
                assert judge(one, Finding(found)).verdict != "pass"
            assert judge(one, Finding(found, doubt="point_only")).verdict in ("unsure", "no_data")
            assert judge(one, Finding(None, "land_use")) == judge(one, Finding(None, "land_use", doubt="x"))


def test_a_bound_decides_only_what_it_can():
    dense = rule("LU-002")  # 165 to 220 persons/ha on civil land; on all land there are fewer
    assert judge(dense, Finding(300, "land_use", "at_least")).verdict == "fail"
    assert judge(dense, Finding(100, "land_use", "at_least")).verdict == "no_data"
    assert judge(rule("SV-004"), Finding(5, bound="at_least")).verdict == "pass"
    assert judge(rule("SV-004"), Finding(1, bound="at_least")).verdict == "unsure"


def test_a_text_that_is_not_in_force_gives_no_pass():
    corridor = rule("PO-038")  # Decree 14/2014, replaced in March 2025
    assert judge(corridor, Finding(10.0), "2024-01-01").verdict == "pass"
    assert judge(corridor, Finding(10.0), "2026-01-01").verdict == "unsure"
