"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from typing import Any

import pytest

from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from red_partner.service import SERVICE

CREDIT = "query($id: ID) { redPartner(id: $id) { credit { services points } } }"
TOTALS = """query($id: ID) { volunteerTotals(communityId: $id) {
    eventAttendances eventMinutes callAttendances callMinutes } }"""


@pytest.mark.parametrize("event", ["redemption.fulfilled", "redemption.snapshot"])
async def test_a_redeemed_service_is_credited_to_its_partner(county: Any, event: str) -> None:
    partner_id = await county.active_partner()

    async def seen() -> Any:
        found = await county.service.data(CREDIT, {"id": partner_id}, county.staff)
        return tuple(found["redPartner"]["credit"].values())

    redeemed = {"redemptionId": "r1", "partnerId": partner_id, "supermarketId": None, "totalPoints": 6}
    goods = {"redemptionId": "r2", "partnerId": None, "supermarketId": "shop", "totalPoints": 9}
    told = Told("points", event, "r1", redeemed | {"state": "FULFILLED"})
    await prove_arrow(
        county.service, told, seen, (1, 6), unknown={"redemptionId": "r0", "partnerId": "a partner to come"}
    )
    await Told("points", event, "r2", goods | {"state": "FULFILLED"}).to(county.service, 1)
    again = Told("points", event, "r3", redeemed | {"redemptionId": "r3", "state": "FULFILLED"})
    await again.to(county.service, 1)
    assert await seen() == (2, 12)
    taken_back = Told("points", "redemption.reversed", "r1", redeemed | {"restocked": False})
    unknown = {"redemptionId": "r0", "partnerId": "a partner to come"}
    await prove_arrow(county.service, taken_back, seen, (1, 6), unknown=unknown, after=3)


async def test_help_on_a_call_counts_among_the_volunteering(county: Any) -> None:
    async def seen() -> Any:
        found = await county.service.data(TOTALS, {"id": "c1"}, county.staff)
        return tuple(found["volunteerTotals"].values())

    assert await seen() == (0, 0, 0, 0)
    help = {"recruitmentCallId": "call", "residentId": "helper", "minutes": 90, "communityId": "c1", "ruleCode": "X"}
    told = Told("points", "call_attendance.confirmed", "call", help)
    await prove_arrow(county.service, told, seen, (0, 0, 1, 90), unknown={"communityId": "a community to come"})
    other = help | {"residentId": "other", "minutes": None}
    await Told("points", "call_attendance.confirmed", "call", other).to(county.service, 4)
    assert await seen() == (0, 0, 2, 90)


async def test_records_of_organization_are_known(county: Any) -> None:
    parameters: list[tuple[Keep, str]] = kept_events(SERVICE)
    assert len(parameters) == 6
    for keep, event in parameters:
        await prove_kept(county.service, keep, event)
