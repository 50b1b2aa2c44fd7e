"""Cells become plain values: exact, in NFC, and such that JSON, XML and CSV can hold them."""

import datetime as dt
import json
import math
import unicodedata
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.values import attributes, one_cell, plain_text, plain_value, printable_text, with_ids


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None), (math.nan, None), (math.inf, None), (pd.NA, None), (pd.NaT, None),
        (np.float64("nan"), None), (np.datetime64("NaT"), None), (np.timedelta64("NaT"), None),
        (True, True), (np.bool_(0), False), (np.int64(7), 7), (2**60 + 1, 2**60 + 1),
        (2012.0, 2012), (0.1 + 0.2, 0.3), (-0.0, 0), (118.91, 118.91), (1e300, 1e300),
        (pd.Timestamp("2026-11-21T08:30"), "2026-11-21T08:30:00"), (dt.date(2026, 7, 1), "2026-07-01"),
        (pd.Timestamp("2026-11-21T08:30", tz="Asia/Ho_Chi_Minh"), "2026-11-21T08:30:00+07:00"),
        (np.datetime64("2026-11-21"), "2026-11-21T00:00:00"), (dt.time(7, 30), "07:30:00"),
        (["a", [1.0, None]], ["a", [1, None]]), ((), []), ({"b", "a"}, ["a", "b"]), (np.array([1.5, 2.0]), [1.5, 2]),
        ({"k": {1: np.nan}}, {"k": {"1": None}}), (shapely.Point(1, 2), "POINT (1 2)"), (b"\x01\xff", "01ff"),
        ("Thu\u0309", "Thủ"), ("half \ud800", "half ?"), (Decimal("1.5"), "1.5"),
    ],
)  # fmt: skip
def test_values_become_plain(value, plain):
    result = plain_value(value)
    assert result == plain
    assert type(result) is type(plain)
    json.dumps(result, allow_nan=False)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_fractions_keep_twelve_digits_and_whole_numbers_all(value):
    plain = plain_value(value)
    assert math.isclose(plain, value, rel_tol=1e-11, abs_tol=0.0)
    assert plain == value or not float(value).is_integer()


@given(st.text(st.characters(), max_size=60))
def test_text_is_nfc_encodable_and_stays_when_done_again(text):
    plain = plain_text(text)
    assert unicodedata.is_normalized("NFC", plain)
    plain.encode("utf-8")
    assert plain_text(plain) == plain
    # what XML 1.0 allows (section 2.2, Char)
    assert all(
        c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
        for c in printable_text(text)
    )


def test_one_cell_reads_well():
    assert [one_cell(v) for v in (None, True, 3, 2.5, "x", ["a", 1], {"k": "v"})] == [
        "", "true", "3", "2.5", "x", "a; 1", "k: v",
    ]  # fmt: skip


def test_columns_keep_their_order_and_get_unique_names():
    frame = gpd.GeoDataFrame([[1, 2, 3, 4, None]], columns=["Name", "name", "NAME", 5, "shape"], geometry="shape")
    assert attributes(frame) == {"Name": [1], "name_2": [2], "NAME_3": [3], "5": [4]}


def test_ids_come_first_in_place_of_the_column():
    frame = pd.DataFrame({"a": [1, 2], "id": [7, 8]})
    assert with_ids(frame, ["7", "8"]) == {"id": ["7", "8"], "a": [1, 2]}
    assert list(with_ids(frame, ["7", "8"])) == ["id", "a"]
