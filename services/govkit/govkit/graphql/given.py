"""One value that a client gave: brought into one form, then checked. Inputs, arguments, filters and keys come in here.

accept(item, value, path)   what a record will keep: the form, and every rule of the declared field
seek(item, value, path)     what is compared with what records keep: the form alone, since a value that no record can
                            have simply finds none

A text comes in the form in which it is kept: composed (NFC), ids, codes and numbers in plain characters (NFKC), so that
what looks the same is the same, whatever keyboard wrote it. All this is linear in what was sent.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

from govkit.domain.errors import Gen, GovError
from govkit.domain.fields import Field

DEFAULT_LENGTH = 200
MOST_ITEMS = 1_000
DEEPEST_GEOJSON = 4
"""Lists in lists: the polygons, rings, positions and numbers of a MultiPolygon."""
MOST_NUMBERS = 100_000
FARTHEST = 1e9
"""Degrees are less; an altitude is metres."""
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2999, 12, 31)
"""What a day can be. Beyond, sums of days and other time zones leave the calendar (years 1 to 9999)."""
# A character has at most four when it is taken apart, and three are common.
LOOSE = 3
MOST_MARKS = 30
"""On one letter (UAX 15, Stream-Safe Text Format). Ordering the marks takes the square of their number."""
# Ids and codes enter events, so no text that somebody wrote may pass for one.
_OPAQUE = re.compile(r"[!-~]+")
_GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_BREAKS = frozenset("\t\n\r\u2028\u2029")
# Join the letters of some scripts, and the parts of an emoji.
_JOINERS = frozenset("\u200c\u200d")
# Letters and symbols without ink: the fillers of Hangul and the empty pattern of Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Letters that become marks in plain characters.
_MARK_LETTERS = frozenset("\uff9e\uff9f")


def accept(item: Field, value: Any, path: str) -> Any:
    """One value as the field keeps it. Raises GEN_VALIDATION with the path and the rule that it breaks."""
    value = seek(item, value, path)
    if isinstance(value, str):
        _check_text(item, value, path)
    elif item.range and isinstance(value, int | float) and not item.range.low <= value <= item.range.high:
        raise Gen.VALIDATION(field=path, rule="range", low=item.range.low, high=item.range.high, given=value)
    return value


def seek(item: Field, value: Any, path: str) -> Any:
    """One value in the form of what the field keeps. Raises GEN_VALIDATION for one that has no such form."""
    if item.kind == "GEOJSON":
        return _geometry(value, path)
    if isinstance(value, str):
        return _text(item, value, path)
    if isinstance(value, float) and not math.isfinite(value):
        raise Gen.VALIDATION(field=path, rule="finite number")
    if isinstance(value, datetime):
        return _moment(value, path)
    if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
        raise _outside_calendar(path)
    return value


def few(values: list[Any], path: str) -> list[Any]:
    """A list of values, when it is not too long. Raises GEN_VALIDATION."""
    if len(values) > MOST_ITEMS:
        raise Gen.VALIDATION(field=path, rule="items", most=MOST_ITEMS, given=len(values))
    return values


# --- texts ------------------------------------------------------------------------------------------------------------


def _text(item: Field, value: str, path: str) -> str:
    longest = item.max_length or DEFAULT_LENGTH
    if len(value) > LOOSE * longest:
        raise Gen.VALIDATION(field=path, rule="length", longest=longest, given=len(value))
    if not value.isascii():
        if _piled_marks(value):
            raise Gen.VALIDATION(field=path, rule="marks on one letter", most=MOST_MARKS)
        value = unicodedata.normalize("NFKC" if item.is_code else "NFC", value)
    text = value.strip()
    if len(text) > longest:
        raise Gen.VALIDATION(field=path, rule="length", longest=longest, given=len(text))
    if item.lines and not all(_may_stand_in_lines(character) for character in text):
        raise Gen.VALIDATION(field=path, rule="no control characters")
    if not item.lines and not all(_may_stand_in_a_line(character) for character in text):
        raise Gen.VALIDATION(
            field=path, rule="one line, no control characters, direction marks or invisible characters"
        )
    if text and item.kind in ("ID", "CODE") and not _OPAQUE.fullmatch(text):
        raise Gen.VALIDATION(field=path, rule="pattern", pattern=_OPAQUE.pattern)
    return text


def _check_text(item: Field, text: str, path: str) -> None:
    if not any(_is_seen(character) for character in text):
        raise Gen.VALIDATION(field=path, rule="not empty")
    if item.pattern and not item.pattern.fits(text):
        raise Gen.VALIDATION(field=path, rule="pattern", pattern=item.pattern.regex, example=item.pattern.example)


def _piled_marks(text: str) -> bool:
    piled = 0
    for character in text:
        is_mark = unicodedata.category(character)[0] == "M" or character in _MARK_LETTERS
        piled = piled + 1 if is_mark else 0
        if piled > MOST_MARKS:
            return True
    return False


def _may_stand_in_lines(character: str) -> bool:
    return character in _BREAKS or unicodedata.category(character) not in ("Cc", "Cs")


def _may_stand_in_a_line(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _is_seen(character: str) -> bool:
    """Letters, digits, punctuation and symbols; characters of private use stand for rare ones in names."""
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category == "Co") and character not in _BLANK


# --- times ------------------------------------------------------------------------------------------------------------


def _moment(value: datetime, path: str) -> datetime:
    """The moment as documents keep it: UTC, whole milliseconds."""
    if value.tzinfo is None:
        raise Gen.VALIDATION(field=path, rule="time with offset, for example 2023-10-16T09:00:00+08:00")
    if not FIRST_DAY <= value.date() <= LAST_DAY:
        raise _outside_calendar(path)
    moment = value.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _outside_calendar(path: str) -> GovError:
    return Gen.VALIDATION(field=path, rule="range", low=FIRST_DAY.isoformat(), high=LAST_DAY.isoformat())


# --- shapes -----------------------------------------------------------------------------------------------------------


def _geometry(value: Any, path: str) -> dict[str, Any]:
    """Type and coordinates of a geometry; members that are neither stay behind."""
    if not (isinstance(value, dict) and isinstance(value.get("coordinates"), list) and _is_geometry(value.get("type"))):
        raise Gen.VALIDATION(field=path, rule="GeoJSON geometry with type and coordinates", types=_GEOMETRIES)
    layer, size = value["coordinates"], 0
    for _ in range(DEEPEST_GEOJSON):
        size += len(layer)
        if size > MOST_NUMBERS:
            raise Gen.VALIDATION(field=path, rule="items", most=MOST_NUMBERS)
        lists = [part for part in layer if isinstance(part, list)]
        if not all(_is_coordinate(part) for part in layer if not isinstance(part, list)):
            raise Gen.VALIDATION(field=path, rule="coordinates are numbers")
        layer = [part for parts in lists for part in parts]
    if lists:
        raise Gen.VALIDATION(field=path, rule="depth", deepest=DEEPEST_GEOJSON)
    return {"type": value["type"], "coordinates": value["coordinates"]}


def _is_geometry(name: Any) -> bool:
    return isinstance(name, str) and name in _GEOMETRIES


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FARTHEST
