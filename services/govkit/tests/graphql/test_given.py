"""What a client gives comes into one form, or is refused: texts, times, numbers, shapes and lists."""

import sys
import time
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

import pytest
from strawberry import UNSET

from govkit.domain import Code, Doc, GeoJson, GovError, Id, Name, Pattern, Phone, Text
from govkit.domain.fields import describe
from govkit.graphql import given
from govkit.graphql.given import accept, seek
from govkit.graphql.inputs import from_input

BOUNDARY = describe("boundary", Annotated[GeoJson, Doc("边界 Boundary")])
CODE = describe("code", Annotated[Code, Doc("编码 Code")])
DAY = describe("day", Annotated[date, Doc("日期 Day")])
ID = describe("id", Annotated[Id, Doc("标识 Id")])
MOMENT = describe("moment", Annotated[datetime, Doc("时间 Moment")])
NAME = describe("name", Annotated[Name, Doc("名称 Name")])
NUMBER = describe("number", Annotated[str, Doc("号码 Number"), Pattern(r"\d{4}", "1234")])
PHONE = describe("phone", Annotated[Phone, Doc("电话 Phone")])
RATIO = describe("ratio", Annotated[float, Doc("比例 Ratio")])
TEXT = describe("text", Annotated[Text, Doc("文本 Text")])
SQUARE = [[118.0, 34.8], [118.1, 34.8], [118.1, 34.9], [118.0, 34.8]]


def refused(item: Any, value: Any, take: Any = accept) -> str:
    with pytest.raises(GovError) as refusal:
        take(item, value, "path")
    assert (refusal.value.code, refusal.value.field) == ("GEN_VALIDATION", "path")
    return str(refusal.value.details["rule"])


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "value", "kept"),
    [
        (NAME, "  Cafe\u0301 ", "Caf\u00e9"),
        # Prose keeps its full-width characters, numbers and codes do not.
        (NAME, "１号楼", "１号楼"),
        (NUMBER, "１２３４", "1234"),
        (CODE, "ＡＢ１", "AB1"),
        (ID, "ａ－１", "a-1"),
        (PHONE, "１３８ 1234 8000", "138 1234 8000"),
        (TEXT, "一\n二\t三\u2028四", "一\n二\t三\u2028四"),
        (TEXT, "\u0645\u200f \u05d0", "\u0645\u200f \u05d0"),
        (NAME, "क्\u200dष 👩\u200d🌾", "क्\u200dष 👩\u200d🌾"),
        (NAME, "\ue000", "\ue000"),
    ],
)
def test_a_text_comes_into_the_form_in_which_it_is_kept(item: Any, value: str, kept: str) -> None:
    assert accept(item, value, "path") == seek(item, value, "path") == kept


@pytest.mark.parametrize("blank", ["", " \u3000", "\u200d", "\u3164", "\u115f\u1160", "\u2800", "\u0301", "\ufe0f"])
def test_what_nobody_can_see_is_no_text(blank: str) -> None:
    for item in (NAME, TEXT):
        assert refused(item, blank) == "not empty"


@pytest.mark.parametrize(
    "character",
    ["\0", "\x1b", "\x7f", "\x85", "\n", "\u2028", "\u200e", "\u202e", "\u2067", "\u200b", "\ufeff", "\ud800"],
)
def test_a_name_is_one_line_without_hidden_characters(character: str) -> None:
    for take in (accept, seek):
        assert refused(NAME, f"张{character}三", take).startswith("one line")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_text_has_no_control_characters(character: str) -> None:
    assert refused(TEXT, f"张{character}三") == "no control characters"


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert refused(NUMBER, "١٢٣٤") == "pattern"
    assert refused(NUMBER, "1234\n5") != "pattern"
    assert accept(NUMBER, "1234\n", "path") == "1234"
    assert refused(CODE, "有 字") == refused(CODE, "有字", seek) == "pattern"


def test_length_is_that_of_the_form_which_is_kept() -> None:
    assert accept(NAME, "e\u0301" * 120, "path") == "\u00e9" * 120
    assert refused(NAME, "长" * 121) == "length"
    # One character of compatibility becomes eighteen.
    assert refused(CODE, "\ufdfa" * 10) == "length"
    assert refused(TEXT, "\ufdfa" * 1_000_000) == "length"


def test_marks_are_counted_before_they_are_put_in_order() -> None:
    for letter, item in (("\u0323\u0301", TEXT), ("\u0f73", TEXT), ("\uff9e\u0323", PHONE)):
        assert refused(item, "a" + letter * 40) in ("marks on one letter", "length")
    started = time.perf_counter()
    accept(TEXT, ("a" + "\u0323\u0301" * 15) * 129, "path")
    assert time.perf_counter() - started < 0.1


def test_every_character_that_takes_part_in_the_order_of_marks_is_counted() -> None:
    """Whatever decomposes into something that begins with a mark: else it could be piled up beside the count."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        first = unicodedata.normalize("NFKD", character)[0]
        if unicodedata.combining(first):
            assert unicodedata.category(character)[0] == "M" or character in given._MARK_LETTERS, hex(number)


# --- times and numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        "2021-05-01T09:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1799-12-31T23:59:59+00:00",
        "3000-01-01T00:00:00+00:00",
    ],
)
def test_a_moment_has_an_offset_and_room_in_the_calendar(moment: str) -> None:
    for take in (accept, seek):
        refused(MOMENT, datetime.fromisoformat(moment), take)


@pytest.mark.parametrize("day", [date.min, date(1799, 12, 31), date(3000, 1, 1), date.max])
def test_a_day_has_room_in_the_calendar(day: date) -> None:
    for take in (accept, seek):
        assert refused(DAY, day, take) == "range"


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_is_finite(number: float) -> None:
    for take in (accept, seek):
        assert refused(RATIO, number, take) == "finite number"


# --- lists and absence ------------------------------------------------------------------------------------------------


def test_a_list_is_not_endless() -> None:
    codes = describe("codes", Annotated[list[Code], Doc("编码 Codes")])
    assert len(from_input(codes, ["a"] * given.MOST_ITEMS, "codes")) == given.MOST_ITEMS
    with pytest.raises(GovError, match="GEN_VALIDATION"):
        from_input(codes, ["a"] * (given.MOST_ITEMS + 1), "codes")


def test_null_is_absence_unless_the_field_may_be_without_a_value() -> None:
    optional = describe("name", Annotated[Name | None, Doc("名称 Name")])
    many = describe("codes", Annotated[list[Code] | None, Doc("编码 Codes")])
    assert from_input(optional, None, "name") is None
    assert from_input(NAME, None, "name") is UNSET
    assert from_input(many, None, "codes") is UNSET


# --- shapes -----------------------------------------------------------------------------------------------------------


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [118.0, 34.8]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
    ],
)
def test_a_geometry_passes_without_what_does_not_belong_to_it(geometry: dict[str, Any]) -> None:
    assert accept(BOUNDARY, geometry, "path") == geometry
    assert accept(BOUNDARY, geometry | {"crs": {"$where": nested(100_000)}, "a\0": 1}, "path") == geometry


@pytest.mark.parametrize("levels", [5, 8, 965, 100_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    assert refused(BOUNDARY, {"type": "Polygon", "coordinates": nested(levels)}) == "depth"


def test_a_geometry_is_of_a_known_type_and_made_of_numbers() -> None:
    for type_ in ("Circle", ["Point"], None, 1):
        assert refused(BOUNDARY, {"type": type_, "coordinates": [1, 2]}).startswith("GeoJSON")
    for number in ("1", None, True, float("inf"), float("nan"), 10**400, {"$gt": 1}):
        assert refused(BOUNDARY, {"type": "Point", "coordinates": [118.0, number]}) == "coordinates are numbers"
    assert refused(BOUNDARY, {"type": "MultiPoint", "coordinates": [[1, 2]] * given.MOST_NUMBERS}) == "items"
