"""Rules of bee stations, without any I/O."""

from datetime import date, timedelta

import pytest

from govkit.domain import GeoPoint, GovError
from new_employment_group.domain.stations import (
    BeeStation,
    SixHaveItem,
    SixHaveStandard,
    StationHost,
    StationItem,
    StationStatus,
)

DAY = date(2023, 6, 1)
STANDARD = SixHaveStandard(
    id="s1",
    edition=1,
    items=[
        SixHaveItem(code="TEA_WATER", name="茶水", mandatory=True),
        SixHaveItem(code="FIRST_AID_KIT", name="药箱", mandatory=True),
        SixHaveItem(code="READING", name="书报", mandatory=False),
    ],
    effective_on=DAY,
)


def station() -> BeeStation:
    return BeeStation(
        id="b1",
        name="驿站",
        host=StationHost.PARTY_MASS_VENUE,
        community_id="c1",
        location=GeoPoint(longitude=118.0, latitude=34.8),
        opens_at="08:00",
        closes_at="20:00",
        attended=True,
        items=[],
    )


def found(code: str, present: bool = True, expires_on: date | None = None) -> StationItem:
    return StationItem(code=code, present=present, checked_on=DAY, expires_on=expires_on)


def test_a_station_opens_only_with_all_mandatory_items() -> None:
    planned = station()
    with pytest.raises(GovError) as refused:
        planned.open(STANDARD, DAY)
    assert refused.value.code == "NEG_SIX_HAVE_INCOMPLETE"
    assert refused.value.details == {"missing": ["TEA_WATER", "FIRST_AID_KIT"]}
    assert planned.inspect([found("TEA_WATER")], STANDARD, DAY) == ("FIRST_AID_KIT",)
    assert planned.inspect([found("FIRST_AID_KIT")], STANDARD, DAY) == ()
    planned.open(STANDARD, DAY)
    assert (planned.status, planned.compliant) == (StationStatus.OPEN, True)
    with pytest.raises(GovError, match="NEG_ITEM_UNKNOWN"):
        planned.inspect([found("SAUNA")], STANDARD, DAY)


def test_an_expired_kit_makes_a_station_non_compliant_and_a_missing_one_suspends_it() -> None:
    ready = station()
    ready.inspect([found("TEA_WATER"), found("FIRST_AID_KIT")], STANDARD, DAY)
    ready.open(STANDARD, DAY)
    ready.inspect([found("FIRST_AID_KIT", expires_on=DAY - timedelta(days=1))], STANDARD, DAY)
    assert (ready.status, ready.compliant) == (StationStatus.OPEN, False)
    ready.inspect([found("FIRST_AID_KIT", present=False)], STANDARD, DAY)
    assert (ready.status, ready.compliant) == (StationStatus.SUSPENDED, False)
    assert [type(event).__name__ for event in ready.take_events()][-2:] == ["StationInspected", "StationSuspended"]
