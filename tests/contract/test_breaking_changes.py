"""The lint of the event contract against event classes that changed: each kind of break is found and named, and what is
allowed passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import pytest

from govkit.contract.schemas import event_schema
from govkit.domain.events import Event, event
from govkit.domain.fields import Added, Code, Doc, GeoJson, Id, LabelEnum
from lanling_local.contract import compatibility
from lanling_local.contract.compatibility import Edition, breaks
from lanling_local.contract.promises import Promise, promises_of
from lanling_local.paths import REPOSITORY

TYPE = "cn.lanling.parcel.delivered.v1"
TODAY = date(2026, 7, 1)


class Size(LabelEnum):
    SMALL = "小 Small"
    LARGE = "大 Large"


class MoreSizes(LabelEnum):
    SMALL = "小 Small"
    LARGE = "大 Large"
    HUGE = "特大 Huge"


class FewerSizes(LabelEnum):
    SMALL = "小 Small"


@dataclass(frozen=True, kw_only=True)
class Stop:
    """站点 Stop"""

    at: Annotated[datetime, Doc("时间 When")]
    place_id: Annotated[Id | None, Doc("地点 Where")]


@dataclass(frozen=True, kw_only=True)
class StopWithDelay:
    """站点 Stop"""

    at: Annotated[datetime, Doc("时间 When")]
    place_id: Annotated[Id | None, Doc("地点 Where")]
    minutes: Annotated[int, Doc("延误分钟 Minutes late")]


@dataclass(frozen=True, kw_only=True)
class StopWithAddedDelay:
    """站点 Stop"""

    at: Annotated[datetime, Doc("时间 When")]
    place_id: Annotated[Id | None, Doc("地点 Where")]
    minutes: Annotated[int, Doc("延误分钟 Minutes late"), Added]


FIELDS: dict[str, Any] = {
    "parcel_id": Annotated[Id, Doc("包裹 Parcel")],
    "size": Annotated[Size, Doc("尺寸 Size")],
    "weight": Annotated[int, Doc("重量 Weight in grams")],
    "delivered_on": Annotated[date, Doc("送达日期 Delivered on")],
    "signed_by_id": Annotated[Id | None, Doc("签收人 Signed by")],
    "tags": Annotated[list[Code], Doc("标签 Tags")],
    "stops": Annotated[list[Stop], Doc("途经 Stops")],
    "area": Annotated[GeoJson | None, Doc("区域 Area")],
    "note_code": Annotated[Code, Doc("备注 Note"), Added],
}


def edition(until: date | None = None, service: str = "points", **changes: Any) -> Edition:
    """Of the event with these fields changed; None leaves a field out."""
    fields = {name: kind for name, kind in (FIELDS | changes).items() if kind is not None}
    cls = type("ParcelDelivered", (Event,), {"__annotations__": fields, "__doc__": "送达 Delivered"})
    return Edition(service, promises_of(event_schema(event("parcel.delivered", until=until)(cls))), until)


def found(now: Edition | None, before: Edition | None = None) -> list[tuple[str, str]]:
    """Field and rule of each break."""
    current = {TYPE: now} if now else {}
    broken = breaks({TYPE: before or edition()}, current, TODAY)
    assert {each.type for each in broken} <= {TYPE}
    return [(each.field, each.rule) for each in broken]


BREAKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a field is removed": ({"weight": None}, "weight", compatibility.FIELD_REMOVED),
    "an added field is removed": ({"note_code": None}, "noteCode", compatibility.FIELD_REMOVED),
    "an integer becomes a string": (
        {"weight": Annotated[Code, Doc("重量 Weight")]},
        "weight",
        compatibility.KIND_CHANGED,
    ),
    "an integer becomes a number": (
        {"weight": Annotated[float, Doc("重量 Weight")]},
        "weight",
        compatibility.KIND_CHANGED,
    ),
    "a date becomes a moment": (
        {"delivered_on": Annotated[datetime, Doc("送达 On")]},
        "deliveredOn",
        compatibility.KIND_CHANGED,
    ),
    "an enum is opened": ({"size": Annotated[Code, Doc("尺寸 Size")]}, "size", compatibility.KIND_CHANGED),
    "a list becomes a value": ({"stops": Annotated[Stop, Doc("途经 Stops")]}, "stops", compatibility.KIND_CHANGED),
    "a value becomes a list": ({"weight": Annotated[list[int], Doc("重量 W")]}, "weight", compatibility.KIND_CHANGED),
    "items of a list change": ({"tags": Annotated[list[int], Doc("标签 Tags")]}, "tags[]", compatibility.KIND_CHANGED),
    "null where there was none": (
        {"weight": Annotated[int | None, Doc("重量 Weight")]},
        "weight",
        compatibility.NOW_NULLABLE,
    ),
    "no null any more": (
        {"signed_by_id": Annotated[Id, Doc("签收人 Signed by")]},
        "signedById",
        compatibility.NO_LONGER_NULLABLE,
    ),
    "required becomes optional": (
        {"weight": Annotated[int, Doc("重量 Weight"), Added]},
        "weight",
        compatibility.NO_LONGER_REQUIRED,
    ),
    "optional becomes required": (
        {"note_code": Annotated[Code, Doc("备注 Note")]},
        "noteCode",
        compatibility.NOW_REQUIRED,
    ),
    "a new field is required": ({"depot_id": Annotated[Id, Doc("站 Depot")]}, "depotId", compatibility.NEW_REQUIRED),
    "a nullable new field is required": (
        {"depot_id": Annotated[Id | None, Doc("站 Depot")]},
        "depotId",
        compatibility.NEW_REQUIRED,
    ),
    "a new field of a part is required": (
        {"stops": Annotated[list[StopWithDelay], Doc("途经 Stops")]},
        "stops[].minutes",
        compatibility.NEW_REQUIRED,
    ),
    "a member is removed": ({"size": Annotated[FewerSizes, Doc("尺寸 Size")]}, "size", compatibility.MEMBER_REMOVED),
}

ALLOWED: dict[str, dict[str, Any]] = {
    "nothing changes": {},
    "another description": {"weight": Annotated[int, Doc("毛重 Gross weight in grams")]},
    "a field is added": {"depot_id": Annotated[Id, Doc("站 Depot"), Added]},
    "a part with required fields is added": {"last": Annotated[Stop | None, Doc("末站 Last stop"), Added]},
    "a list of parts is added": {"returns": Annotated[list[Stop], Doc("退回 Returns"), Added]},
    "a field of a part is added": {"stops": Annotated[list[StopWithAddedDelay], Doc("途经 Stops")]},
    "a member is added": {"size": Annotated[MoreSizes, Doc("尺寸 Size")]},
    "another example": {"tags": Annotated[list[Code], Doc("标签 Tags", example="FRAGILE")]},
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_and_named(name: str) -> None:
    changes, field, rule = BREAKS[name]
    assert found(edition(**changes)) == [(field, rule)]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_passes(name: str) -> None:
    assert found(edition(**ALLOWED[name])) == []


def test_every_rule_of_a_field_has_its_case() -> None:
    rules = {value for name, value in vars(compatibility).items() if name.isupper() and isinstance(value, str)}
    of_types = {
        compatibility.TYPE_REMOVED,
        compatibility.TYPE_MOVED,
        compatibility.ENDS_EARLIER,
        compatibility.ENDS_TOO_SOON,
    }
    assert {rule for _, _, rule in BREAKS.values()} == rules - of_types


def test_a_renamed_field_is_a_removed_one_and_a_required_one() -> None:
    renamed = edition(weight=None, grams=Annotated[int, Doc("重量 Weight in grams")])
    assert found(renamed) == [("grams", compatibility.NEW_REQUIRED), ("weight", compatibility.FIELD_REMOVED)]


def test_a_type_may_go_after_its_last_day_only() -> None:
    assert found(None) == [("", compatibility.TYPE_REMOVED)]
    assert found(None, before=edition(until=TODAY)) == [("", compatibility.TYPE_REMOVED)]
    assert found(None, before=edition(until=date(2026, 6, 30))) == []


def test_the_last_day_may_move_back_only() -> None:
    published = edition(until=date(2027, 6, 30))
    assert found(edition(until=date(2027, 6, 29)), before=published) == [("", compatibility.ENDS_EARLIER)]
    assert found(edition(until=date(2027, 7, 1)), before=published) == []
    assert found(edition(), before=published) == []


def test_the_last_day_is_told_half_a_year_before() -> None:
    earliest = TODAY + compatibility.NOTICE
    too_soon = [("", compatibility.ENDS_TOO_SOON)]
    assert found(edition(until=earliest)) == []
    assert found(edition(until=earliest - timedelta(days=1))) == too_soon
    assert found(edition(until=date(2026, 6, 30))) == too_soon
    assert found(edition(until=TODAY), before=edition(until=TODAY)) == []


def test_a_new_type_may_not_end_sooner_either() -> None:
    (broken,) = breaks({}, {TYPE: edition(until=TODAY)}, TODAY)
    assert broken.rule == compatibility.ENDS_TOO_SOON


def test_the_guide_promises_the_same_notice() -> None:
    guide = " ".join((REPOSITORY / "docs" / "subscribers.md").read_text().split())
    assert f"at least {compatibility.NOTICE.days} days" in guide


def test_a_type_stays_in_its_topic() -> None:
    assert found(edition(service="grid")) == [("", compatibility.TYPE_MOVED)]


def test_a_new_type_is_no_break() -> None:
    assert breaks({}, {TYPE: edition()}, TODAY) == []


def test_the_message_names_type_field_and_rule() -> None:
    (broken,) = breaks({TYPE: edition()}, {TYPE: edition(size=Annotated[FewerSizes, Doc("尺寸 Size")])}, TODAY)
    assert str(broken) == f"{TYPE} size: {compatibility.MEMBER_REMOVED} (LARGE)"


def test_promises_name_every_field_by_its_path() -> None:
    promises = edition().promises
    assert promises["size"] == Promise("enum", members=("SMALL", "LARGE"))
    assert promises["signedById"] == Promise("string", nullable=True)
    assert promises["stops[].placeId"] == Promise("string", nullable=True)
    assert promises["stops[].at"] == Promise("date-time")
    assert promises["noteCode"] == Promise("string", added=True)
    assert promises["area"] == Promise("object", nullable=True)
