"""Partners, offers and events over HTTP, on the real database and broker."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from govkit.domain import Role

if TYPE_CHECKING:
    from services.red_partner.tests.conftest import County


ATTENDANCE = "event_attendance.confirmed"


async def test_a_partner_applies_is_reviewed_signs_and_offers(county: "County") -> None:
    owner, staff = county.partner("shop"), county.staff
    applied = await county.give(
        "applyPartner",
        owner,
        "id state contactPhoneMasked contact { phone } location { longitude }",
        name="车行",
        category="BICYCLE",
        kind="STREET_SHOP",
        communityId="c1",
        creditCode="91371324MA3C0A0011",
        contactPhone="19900001234",
        position={"longitude": 118.05, "latitude": 34.85, "coordinateSystem": "GCJ02"},
    )
    assert applied["id"] == "shop"
    assert (applied["contactPhoneMasked"], applied["contact"]) == ("199****1234", {"phone": "19900001234"})
    assert 118.04 < applied["location"]["longitude"] < 118.05
    seen = await county.service.data('{ redPartner(id: "shop") { contactPhoneMasked contact { phone } } }', {}, staff)
    assert seen["redPartner"] == {"contactPhoneMasked": "199****1234", "contact": None}
    stranger = county.resident("stranger")
    assert (await county.service.data('{ redPartner(id: "shop") { id } }', {}, stranger))["redPartner"] is None
    again = {"name": "乙", "category": "BICYCLE", "kind": "STORE", "communityId": "c1"}
    refused = await county.refusal("applyPartner", stranger, **again, creditCode="91371324MA3C0A0011")
    assert refused == "RPA_PARTNER_EXISTS"
    offer = {"partnerId": "shop", "kind": "SERVICE", "title": "修车", "capacity": 1, "pointsPriceHint": 5}
    assert await county.refusal("publishOffer", owner, **offer) == "RPA_PARTNER_NOT_ACTIVE"
    await county.give("startReview", staff, id="shop")
    await county.give("approvePartner", staff, id="shop")
    signed = {"number": "HHR-2023-0001", "startOn": "2023-05-01", "endOn": "2025-05-01", "commitments": ["每月一次"]}
    await county.give("signAgreement", staff, id="shop", **signed)
    offer_id = (await county.give("publishOffer", owner, **offer))["id"]
    assert await county.refusal("publishOffer", county.partner("other"), **offer) == "AUTH_OUT_OF_SCOPE"
    assert await county.refusal("pauseOffer", county.partner("other"), id=offer_id) == "AUTH_OUT_OF_SCOPE"
    seen = await county.service.data(
        '{ redPartner(id: "shop") { agreementNumber supportOffers { totalCount } } }', {}, stranger
    )
    assert seen["redPartner"] == {"agreementNumber": "HHR-2023-0001", "supportOffers": {"totalCount": 1}}
    types = [event.type.removeprefix("cn.lanling.") for event in await county.service.published()]
    assert set(types) == {
        "partner.applied.v1",
        "partner.review_started.v1",
        "partner.approved.v1",
        "partner.agreement_signed.v1",
        "offer.published.v1",
        "partner.service_listed.v1",
    }


async def test_an_event_is_attended_and_confirmed_once(county: "County") -> None:
    staff = county.staff
    event_id = await county.event(await county.active_partner())
    came, left, absent = [await county.register(event_id, name) for name in ("w", "v", "u")]
    assert await county.refusal("checkIn", staff, id=came) == "RPA_EVENT_NOT_STARTED"
    assert await county.refusal("confirmAttendance", staff, eventId=event_id) == "GEN_INVALID_STATE"
    await county.give("startEvent", staff, id=event_id)
    assert await county.refusal("confirmAttendance", staff, eventId=event_id) == "RPA_NOT_CHECKED_IN"
    assert await county.refusal("checkIn", county.resident("w"), id=came) == "AUTH_FORBIDDEN"
    for registration_id in (came, left):
        await county.give("checkIn", staff, id=registration_id)
    county.clock.advance(timedelta(minutes=30))
    await county.give("checkOut", staff, id=left)
    await county.give("markNoShow", staff, id=absent, reason="未到场")
    completed = await county.give("completeEvent", staff, "state attendees noShows", id=event_id)
    assert completed == {"state": "COMPLETED", "attendees": 2, "noShows": 1}
    assert await county.refusal("confirmAttendance", staff, registrationId=absent) == "RPA_NOT_CHECKED_IN"
    assert await county.refusal("confirmAttendance", staff) == "GEN_VALIDATION"
    calls = [("confirmAttendance", staff, {"registrationId": came}) for _ in range(5)]
    outcomes = await county.together(*calls)
    assert sorted(outcomes) == ["COMPLETED", *["RPA_ALREADY_CONFIRMED"] * 4]
    confirmed = await county.give("confirmAttendance", staff, "confirmedAttendances volunteerMinutes", eventId=event_id)
    assert confirmed == {"confirmedAttendances": 2, "volunteerMinutes": 150}
    assert await county.refusal("confirmAttendance", staff, eventId=event_id) == "RPA_ALREADY_CONFIRMED"
    events = {event.subject: event.data for event in await county.service.published(ATTENDANCE)}
    common = {"eventId": event_id, "role": "VOLUNTEER", "ruleCode": "VOLUNTEER_HOUR", "communityId": "c1"}
    assert len(await county.service.published(ATTENDANCE)) == 2
    assert events == {
        came: common | {"registrationId": came, "residentId": "w", "minutes": 120},
        left: common | {"registrationId": left, "residentId": "v", "minutes": 30},
    }


async def test_a_theme_is_not_repeated_even_by_two_at_once(county: "County") -> None:
    partner_id = await county.active_partner()
    venue = {"venueId": "v1", "kind": "COMMUNITY_CENTER", "communityId": "c1"}
    await county.service.receive("organization", "venue.registered", "v1", venue)
    drafts = [await county.draft(partner_id, themeKey="cycling") for _ in range(3)]
    published = await county.together(*(("publishEvent", county.staff, {"id": id}) for id in drafts[:2]))
    assert sorted(published) == ["PUBLISHED", "RPA_THEME_REPEATED"]
    first = drafts[published.index("PUBLISHED")]
    await county.give("cancelEvent", county.staff, id=first, reason="下雨")
    await county.give("publishEvent", county.staff, id=drafts[2])
    create = "createVarietyRule"
    await county.give(create, county.staff, "id", scope="COMMUNITY", communityId="c1", policy="WARN")
    again = {"scope": "COMMUNITY", "communityId": "c1"}
    assert await county.refusal(create, county.staff, **again) == "RPA_RULE_EXISTS"
    loser = drafts[1 - published.index("PUBLISHED")]
    warned = await county.give("publishEvent", county.staff, "repeatOfId", id=loser)
    assert warned == {"repeatOfId": drafts[2]}
    here = [await county.draft(partner_id, venueId="v1") for _ in range(2)]
    published = await county.together(*(("publishEvent", county.staff, {"id": id}) for id in here))
    assert sorted(published) == ["PUBLISHED", "RPA_VENUE_CONFLICT"]


async def test_a_partner_leaves_or_hosts_but_not_both(county: "County") -> None:
    staff, partner_id = county.staff, await county.active_partner()
    outcomes = await county.together(
        ("publishEvent", staff, {"id": await county.draft(partner_id)}),
        ("exitPartner", staff, {"id": partner_id, "reason": "停业"}),
    )
    assert outcomes in (["PUBLISHED", "RPA_HAS_FUTURE_EVENTS"], ["RPA_PARTNER_NOT_ACTIVE", "EXITED"])
    host = await county.active_partner()
    event_id = await county.event(host)
    assert await county.refusal("exitPartner", staff, id=host, reason="停业") == "RPA_HAS_FUTURE_EVENTS"
    await county.give("cancelEvent", staff, id=event_id, reason="下雨")
    await county.give("exitPartner", county.partner(host), id=host, reason="停业")
    assert await county.refusal("publishEvent", staff, id=await county.draft(host)) == "RPA_PARTNER_NOT_ACTIVE"


async def test_a_slot_is_given_to_one_of_many(county: "County") -> None:
    partner_id = await county.active_partner()
    owner, staff = county.partner(partner_id), county.staff
    offer = {"partnerId": partner_id, "kind": "VENUE", "title": "教室", "capacity": 20}
    offer_id = (await county.give("publishOffer", owner, **offer))["id"]
    slot = {"startsAt": "2023-05-06T09:00:00+08:00", "endsAt": "2023-05-06T11:00:00+08:00"}
    booking = {"offerId": offer_id, "communityId": "c1"} | slot
    asked = [(await county.give("bookOffer", staff, **booking))["id"] for _ in range(3)]
    given = await county.together(*(("confirmBooking", owner, {"id": id}) for id in asked))
    assert sorted(given) == ["CONFIRMED", "RPA_SLOT_TAKEN", "RPA_SLOT_TAKEN"]
    assert await county.refusal("bookOffer", staff, **booking) == "RPA_SLOT_TAKEN"
    await county.give("withdrawOffer", owner, id=offer_id)
    assert await county.refusal("bookOffer", staff, **booking) == "RPA_OFFER_NOT_OPEN"


async def test_bad_input_is_refused_with_a_precise_code_and_stores_nothing(county: "County") -> None:
    partner_id, staff = await county.active_partner(), county.staff
    event_id = await county.event(partner_id)
    shop = {"name": "甲", "category": "BICYCLE", "kind": "STORE", "communityId": "c1"}
    plan = {
        "title": "活动",
        "themeKey": "t",
        "communityId": "c1",
        "partnerIds": [partner_id],
        "startsAt": "2023-05-06T09:00:00+08:00",
        "endsAt": "2023-05-06T11:00:00+08:00",
        "capacity": 30,
    }
    before = await county.service.store.database["audit"].count_documents({})
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("applyPartner", shop | {"category": "MADE_UP"}, "GRAPHQL_VALIDATION_FAILED"),
        ("applyPartner", shop | {"communityId": "c9"}, "GEN_REFERENCE_UNKNOWN"),
        ("applyPartner", shop | {"creditCode": "short"}, "GEN_VALIDATION"),
        ("applyPartner", shop | {"position": {"longitude": 1, "latitude": 2}}, "GRAPHQL_VALIDATION_FAILED"),
        (
            "applyPartner",
            shop | {"position": {"longitude": 999, "latitude": 2, "coordinateSystem": "WGS84"}},
            "GEN_VALIDATION",
        ),
        ("createEvent", plan | {"communityId": "c9"}, "GEN_REFERENCE_UNKNOWN"),
        ("createEvent", plan | {"partnerIds": ["p9"]}, "GEN_REFERENCE_UNKNOWN"),
        ("createEvent", plan | {"venueId": "v9"}, "GEN_REFERENCE_UNKNOWN"),
        ("createEvent", plan | {"endsAt": plan["startsAt"]}, "RPA_PERIOD_INVALID"),
        ("createEvent", plan | {"startsAt": "2023-05-06T09:00:00"}, "GEN_VALIDATION"),
        ("createEvent", plan | {"capacity": 0}, "GEN_VALIDATION"),
        ("createEvent", plan | {"title": "长" * 121}, "GEN_VALIDATION"),
        ("publishEvent", {"id": event_id}, "GEN_INVALID_STATE"),
        ("publishEvent", {"id": "e9"}, "GEN_NOT_FOUND"),
        ("cancelEvent", {"id": event_id, "reason": "下雨", "expectedVersion": 9}, "GEN_VERSION_CONFLICT"),
        ("cancelEvent", {"id": event_id, "reason": " "}, "GEN_VALIDATION"),
    ]
    for mutation, values, code in cases:
        assert await county.refusal(mutation, staff, **values) == code, values
    assert await county.service.store.database["audit"].count_documents({}) == before


async def test_who_reaches_a_community_decides_there(county: "County") -> None:
    elsewhere = county.issuer.token(Role.COMMUNITY_SECRETARY, scope={"communityIds": ["c2"]})
    street = county.issuer.token(Role.STREET_OFFICER, scope={"streetIds": ["s1"]})
    event_id = await county.draft(await county.active_partner())
    later = {"startsAt": "2023-05-02T01:00:00Z", "endsAt": "2023-05-02T03:00:00Z"}
    moved = await county.give("updateEvent", county.staff, "registrationClosesAt", id=event_id, **later)
    assert moved["registrationClosesAt"].startswith("2023-05-02T01:00:00")
    assert await county.refusal("publishEvent", elsewhere, id=event_id) == "AUTH_OUT_OF_SCOPE"
    assert await county.refusal("publishEvent", county.resident("w"), id=event_id) == "AUTH_FORBIDDEN"
    hidden = await county.service.data(f'{{ communityEvent(id: "{event_id}") {{ id }} }}', {}, county.resident("w"))
    assert hidden["communityEvent"] is None
    assert (await county.give("publishEvent", street, id=event_id))["state"] == "PUBLISHED"


async def test_partners_within_walking_distance(county: "County") -> None:
    metres = {"near": 300, "far": 1190, "beyond": 1210}
    for name, distance in metres.items():
        position = {"longitude": 118.04, "latitude": 34.85 + distance / 111_195, "coordinateSystem": "WGS84"}
        await county.active_partner(name=name, position=position)
    for minutes, found in ((15, ["near", "far"]), (5, ["near"]), (1, [])):
        rows = await near(county, minutes)
        assert [row["partner"]["name"] for row in rows] == found
        assert all(abs(row["distanceMetres"] - metres[row["partner"]["name"]]) <= 2 for row in rows)
        assert all(row["walkingMinutes"] <= minutes for row in rows)


async def near(county: "County", minutes: int) -> Any:
    answer = await county.service.data(
        """query($m: Int!) { partnersNear(longitude: 118.04, latitude: 34.85, coordinateSystem: WGS84, minutes: $m) {
             partner { name } distanceMetres walkingMinutes } }""",
        {"m": minutes},
        county.resident("w"),
    )
    return answer["partnersNear"]


async def test_other_services_records_lead_here(county: "County") -> None:
    event_id = await county.event(await county.active_partner())
    await county.register(event_id, "w")
    answer = await county.service.data(
        """query($r: [_Any!]!) { _entities(representations: $r) {
             ... on Resident { id registrations { totalCount } }
             ... on Community { partners { totalCount } communityEvents { totalCount }
               eventProgramme { uses { eventId } } }
             ... on CommunityEvent { title } } }""",
        {
            "r": [
                {"__typename": "Resident", "id": "w"},
                {"__typename": "Community", "id": "c1"},
                {"__typename": "CommunityEvent", "id": event_id},
                {"__typename": "CommunityEvent", "id": "unknown"},
            ]
        },
        county.staff,
    )
    one = {"totalCount": 1}
    assert answer["_entities"] == [
        {"id": "w", "registrations": one},
        {"partners": one, "communityEvents": one, "eventProgramme": {"uses": [{"eventId": event_id}]}},
        {"title": "骑乐无穷"},
        None,
    ]
