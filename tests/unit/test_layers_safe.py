"""Text of a map cannot act: not as HTML, not as JavaScript."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.safe import js_html, plain, shown

# the nine ways in which attribute text ran as script in folium maps
VECTORS = [
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=2</script>",
    "${window.hit=3}",
    "`+(window.hit=4)+`",
    '"onmouseover=window.hit=5 x="',
    "'-(window.hit=6)-'",
    "</script><svg onload=window.hit=7>",
    "\\x3cimg src=x onerror=window.hit=8\\x3e",
    "&lt;img src=x onerror=window.hit=9&gt;",
]


@pytest.mark.parametrize("text", VECTORS)
def test_no_vector_keeps_a_character_that_acts(text):
    safe = js_html(text)
    assert not set(safe) & set("<>\"'`$\\{")
    assert safe.count("&") == safe.count(";") - text.count(";")  # every & starts one of our entities
    assert html.unescape(safe) == text  # and the reader sees the text as it was


@given(st.text())
def test_readers_see_the_text_as_it_was(text):
    # html.unescape follows the browser's table: what comes back is what is shown
    assert html.unescape(js_html(text)) == text
    assert not set(js_html(text)) & set("<>\"'`$\\{")


@given(st.text())
def test_shown_text_is_one_line_of_json_without_escapes(text):
    assert "\\" not in json.dumps(shown(text), ensure_ascii=False)
    assert len(plain(text)) <= 200


def test_direction_marks_and_line_ends_go():
    assert plain("Phú\u202eLợi\u2028P.\nPhú  Lợi\x00") == "Phú Lợi P. Phú Lợi"
    assert plain(None) == ""


def test_long_text_is_cut_with_a_sign():
    assert plain("x" * 500, limit=10) == "xxxxxxxxx…"
