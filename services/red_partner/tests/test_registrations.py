"""Seats under competition, the queue, time conflicts and who sees what, over HTTP on the real database and broker."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from govkit.domain import Role

if TYPE_CHECKING:
    from services.red_partner.tests.conftest import County


async def test_thirty_seats_are_never_given_to_thirty_one(county: "County") -> None:
    event_id = await county.event(await county.active_partner(), capacity=30)
    wanted = {"eventId": event_id}
    states = await county.together(*(("registerForEvent", county.resident(f"r{n}"), wanted) for n in range(40)))
    assert Counter(states) == {"REGISTERED": 30, "WAITLISTED": 10}
    answer = await county.service.data(
        """query($id: ID!) { communityEvent(id: $id) { seatsTaken waitlistLength
             registrations(first: 100, filter: {state: {eq: WAITLISTED}}, sort: [{field: WAITLIST_POSITION,
             direction: ASC}]) { edges { node { waitlistPosition } } } } }""",
        {"id": event_id},
        county.staff,
    )
    event = answer["communityEvent"]
    assert (event["seatsTaken"], event["waitlistLength"]) == (30, 10)
    assert [edge["node"]["waitlistPosition"] for edge in event["registrations"]["edges"]] == list(range(1, 11))


async def test_a_free_seat_is_offered_in_order_and_passed_on_when_nobody_takes_it(county: "County") -> None:
    event_id = await county.event(await county.active_partner(), capacity=1, **in_days(county, 5))
    first, second, third, fourth = [await county.register(event_id, name) for name in "abcd"]
    cancelled = await county.give("cancelRegistration", county.resident("a"), id=first)
    assert cancelled["state"] == "CANCELLED"
    assert await positions(county, event_id) == {"b": "OFFERED", "c": 1, "d": 2}
    # A new one does not overtake those who wait.
    await county.register(event_id, "e")
    county.clock.advance(timedelta(hours=24))
    assert await county.refusal("acceptWaitlistOffer", county.resident("b"), id=second) == "RPA_OFFER_EXPIRED"
    await county.register(event_id, "f")
    assert await positions(county, event_id) == {"c": "OFFERED", "d": 1, "e": 2, "f": 3}
    accepted = await county.give("acceptWaitlistOffer", county.resident("c"), id=third)
    assert accepted["state"] == "REGISTERED"
    await county.give("cancelRegistration", county.resident("d"), id=fourth)
    assert await positions(county, event_id) == {"c": "REGISTERED", "e": 1, "f": 2}
    offered = await county.service.published("registration.offered")
    assert {event.data["residentId"] for event in offered} == {"b", "c"}


async def test_registration_is_refused_for_a_reason(county: "County") -> None:
    partner_id = await county.active_partner()
    event_id = await county.event(partner_id, capacity=1, waitlistLimit=0)
    other = {"roles": [{"code": "GUIDE", "name": "引导员", "needed": 2}], "registrationOpensAt": "2023-05-01T08:30:00Z"}
    guided = await county.event(partner_id, **in_days(county, 9) | other)
    await county.register(event_id, "w")
    w, v = county.resident("w"), county.resident("v")
    assert await county.refusal("registerForEvent", w, eventId=event_id) == "RPA_ALREADY_REGISTERED"
    assert await county.refusal("registerForEvent", v, eventId=event_id) == "RPA_FULL"
    assert await county.refusal("registerForEvent", v, eventId=event_id, residentId="w") == "RPA_ALREADY_REGISTERED"
    assert await county.refusal("registerForEvent", v, eventId=guided) == "RPA_REGISTRATION_CLOSED"
    county.clock.advance(timedelta(hours=8))
    assert await county.refusal("registerForEvent", v, eventId=guided) == "RPA_ROLE_UNKNOWN"
    guide = {"eventId": guided, "role": "GUIDE"}
    assert await county.refusal("registerForEvent", v, **guide, residentId="x") == "AUTH_OUT_OF_SCOPE"
    assert await county.refusal("registerForEvent", v, eventId="e9") == "GEN_REFERENCE_UNKNOWN"
    made = await county.give("registerForEvent", county.staff, "residentId role", **guide, residentId="x")
    assert made == {"residentId": "x", "role": "GUIDE"}
    await county.give("closeEventRegistration", county.staff, id=guided)
    assert await county.refusal("registerForEvent", v, **guide) == "RPA_REGISTRATION_CLOSED"


async def test_a_resident_gets_one_seat_at_a_time_even_with_five_requests(county: "County") -> None:
    partner_id = await county.active_partner()
    event_ids = [await county.event(partner_id) for _ in range(5)]
    resident = county.resident("w")
    states = await county.together(*(("registerForEvent", resident, {"eventId": id}) for id in event_ids))
    assert Counter(states) == {"REGISTERED": 1, "RPA_TIME_CONFLICT": 4}
    chosen = event_ids[states.index("REGISTERED")]
    await county.give("cancelEvent", county.staff, id=chosen, reason="下雨")
    mine = await county.service.data("{ myRegistrations { edges { node { state eventId } } } }", {}, resident)
    assert [edge["node"] for edge in mine["myRegistrations"]["edges"]] == [{"state": "CANCELLED", "eventId": chosen}]
    same = [("registerForEvent", resident, {"eventId": event_ids[4 if chosen != event_ids[4] else 3]})] * 5
    assert Counter(await county.together(*same)) == {"REGISTERED": 1, "RPA_ALREADY_REGISTERED": 4}


async def test_registrations_are_seen_by_those_whom_they_concern(county: "County") -> None:
    event_id = await county.event(await county.active_partner())
    for name in ("w", "v"):
        await county.register(event_id, name)
    tokens = {
        county.resident("w"): 1,
        county.resident("u"): 0,
        county.partner("p"): 0,
        county.staff: 2,
        county.issuer.token(Role.COMMUNITY_SECRETARY, scope={"communityIds": ["c2"]}): 0,
        county.issuer.token(Role.STREET_OFFICER, scope={"streetIds": ["s1"]}): 2,
        county.issuer.token(Role.DEPARTMENT_OFFICER): 0,
        county.issuer.token(Role.AUDITOR): 2,
        county.issuer.token(Role.ADMIN): 2,
    }
    for token, count in tokens.items():
        seen = await county.service.data("{ registrations { totalCount } }", {}, token)
        assert seen["registrations"]["totalCount"] == count
        inner = f'{{ communityEvent(id: "{event_id}") {{ registrations {{ totalCount }} }} }}'
        seen = await county.service.data(inner, {}, token)
        assert seen["communityEvent"]["registrations"]["totalCount"] == count


def in_days(county: "County", days: int) -> dict[str, Any]:
    starts = county.clock.now() + timedelta(days=days)
    return {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=2)).isoformat()}


async def positions(county: "County", event_id: str) -> dict[str, Any]:
    """Resident → state, or place in the queue, of all that are not cancelled."""
    answer = await county.service.data(
        """query($id: ID!) { communityEvent(id: $id) { registrations {
             edges { node { residentId state waitlistPosition } } } } }""",
        {"id": event_id},
        county.staff,
    )
    nodes = [edge["node"] for edge in answer["communityEvent"]["registrations"]["edges"]]
    return {
        node["residentId"]: node["waitlistPosition"] or node["state"] for node in nodes if node["state"] != "CANCELLED"
    }
