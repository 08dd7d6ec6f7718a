"""Deliberation, outreach and the three claims over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from govkit.domain import Role

COMMUNITY = "community-1"


async def register_hall(county: Any) -> str:
    venue_id = f"venue-{datetime.now(UTC).timestamp()}"
    venue = {"venueId": venue_id, "kind": "AREA_STATION", "communityId": COMMUNITY, "residentialAreaId": None}
    await county.service.receive("organization", "venue.registered", venue_id, venue)
    hall = {"name": "北门议事厅", "venueId": venue_id, "communityId": COMMUNITY, "registeredOn": "2023-01-01"}
    assert await county.refusal("registerCouncilHall", county.other_secretary, **hall) == "AUTH_OUT_OF_SCOPE"
    unknown = await county.refusal("registerCouncilHall", county.secretary, **(hall | {"venueId": "nowhere"}))
    assert unknown == "GEN_REFERENCE_UNKNOWN"
    made = await county.act("registerCouncilHall", county.secretary, "id", **hall)
    assert await county.refusal("registerCouncilHall", county.secretary, **hall) == "PET_HALL_EXISTS"
    return str(made["id"])


async def test_a_hall_meets_once_a_month(county: Any) -> None:
    hall_id = await register_hall(county)
    planned = datetime.now(UTC) + timedelta(days=10)
    meeting = {
        "hallId": hall_id,
        "plannedAt": planned.isoformat(),
        "agenda": [{"kind": "PROBLEM_SOLVING", "topic": "停车"}],
    }
    made = await county.act("scheduleMeeting", county.secretary, "id state month meetingPlace", **meeting)
    assert (made["state"], made["meetingPlace"]) == ("PLANNED", "北门议事厅")
    assert await county.refusal("scheduleMeeting", county.secretary, **meeting) == "PET_MEETING_EXISTS"
    closing = {"minutes": "议定增划车位。", "attendees": 21, "parties": ["RESIDENTS"]}
    early = await county.refusal("closeMeeting", county.secretary, id=made["id"], **closing)
    assert early == "PET_NOTICE_REQUIRED"
    noticed = await county.act("publishMeetingNotice", county.secretary, id=made["id"], channel="WECHAT_GROUP")
    assert noticed["state"] == "NOTICED"
    assert await county.refusal("closeMeeting", county.secretary, id=made["id"], **closing) == "PET_MEETING_NOT_HELD"
    await county.act("cancelMeeting", county.secretary, id=made["id"], reason="改期")
    assert (await county.act("scheduleMeeting", county.secretary, **meeting))["state"] == "PLANNED"


async def test_a_spokesperson_is_nominated_and_approved(county: Any) -> None:
    hall_id = await register_hall(county)
    person = {
        "name": "李四",
        "phone": "19900005678",
        "origin": "RETIRED_CADRE",
        "scores": {"political": 5, "organising": 4, "service": 3},
        "duties": ["HOSTING", "RECORDING"],
        "hallId": hall_id,
        "startOn": "2023-01-01",
        "endOn": "2025-01-01",
    }
    weak = person | {"scores": {"political": 5, "organising": 2, "service": 5}}
    assert await county.refusal("nominateSpokesperson", county.secretary, **weak) == "PET_CRITERIA_NOT_MET"
    nominated = await county.act("nominateSpokesperson", county.secretary, "id state phoneMasked", **person)
    assert (nominated["state"], nominated["phoneMasked"]) == ("NOMINATED", "199****5678")
    approved = await county.act("approveSpokesperson", county.secretary, id=nominated["id"])
    assert approved["state"] == "ACTIVE"
    listed = await county.service.data(
        "query($id: ID) { councilHall(id: $id) { spokespersons { totalCount } } }", {"id": hall_id}, county.neighbour
    )
    assert listed == {"councilHall": {"spokespersons": {"totalCount": 1}}}
    ended = await county.act("endSpokesperson", county.secretary, id=nominated["id"], on="2024-01-01", reason="搬迁")
    assert ended["state"] == "ENDED"


async def publish_wish(county: Any) -> str:
    wish = {"title": "一副老花镜", "communityId": COMMUNITY, "residentId": "resident-1", "publishedOn": "2023-03-01"}
    assert await county.refusal("publishMicroWish", county.neighbour, **wish) == "AUTH_OUT_OF_SCOPE"
    return str((await county.act("publishMicroWish", county.resident, "id", **wish))["id"])


async def test_a_wish_is_claimed_once_until_it_is_released(county: Any) -> None:
    target = {"targetType": "MICRO_WISH", "targetId": await publish_wish(county)}
    assert await county.refusal("claim", county.resident, **target) == "PET_SELF_CLAIM"
    claimed = await county.act("claim", county.neighbour, "id state slot", **target)
    third = county.token(Role.RESIDENT, sub="resident-3")
    assert await county.refusal("claim", third, **target) == "PET_ALREADY_CLAIMED"
    assert await county.refusal("releaseClaim", third, id=claimed["id"]) == "AUTH_OUT_OF_SCOPE"
    await county.act("releaseClaim", county.neighbour, id=claimed["id"])
    again = await county.act("claim", third, "id", **target)
    await county.act("completeClaim", third, id=again["id"])
    assert await county.refusal("confirmClaim", third, id=again["id"]) == "AUTH_FORBIDDEN"
    assert (await county.act("confirmClaim", county.secretary, id=again["id"]))["state"] == "CONFIRMED"
    confirmed = [event for event in await county.service.published("claim.confirmed") if event.subject == again["id"]]
    assert confirmed[0].data["claimantId"] == "resident-3"


async def test_of_many_who_claim_at_once_as_many_get_it_as_there_are_slots(county: Any) -> None:
    post = {"title": "楼道清洁岗", "communityId": COMMUNITY, "slots": 3, "publishedOn": "2023-01-10"}
    made = await county.act("publishVolunteerPost", county.secretary, "id", **post)
    document = "mutation($i: ClaimInput!) { claim(input: $i) { slot } }"
    variables = {"i": {"targetType": "VOLUNTEER_POST", "targetId": made["id"]}}
    answers = await asyncio.gather(
        *(
            county.service.query(document, variables, county.token(Role.RESIDENT, sub=f"volunteer-{n}"))
            for n in range(8)
        )
    )
    slots = [answer["data"]["claim"]["slot"] for answer in answers if "errors" not in answer]
    codes = {error["extensions"]["code"] for answer in answers for error in answer.get("errors", [])}
    assert sorted(slots) == [0, 1, 2]
    assert codes == {"PET_ALREADY_CLAIMED"}
    document = "query($id: ID) { volunteerPost(id: $id) { claimed } }"
    assert await county.service.data(document, {"id": made["id"]}, county.resident) == {"volunteerPost": {"claimed": 3}}


async def test_a_petition_that_one_cannot_see_cannot_be_claimed(county: Any) -> None:
    petition = await county.submit(visibility="INTERNAL")
    target = {"targetType": "PETITION", "targetId": petition["id"]}
    assert await county.refusal("claim", county.neighbour, **target) == "GEN_REFERENCE_UNKNOWN"
    public = {"targetType": "PETITION", "targetId": (await county.submit())["id"]}
    assert await county.refusal("claim", county.neighbour, **public) == "PET_TARGET_NOT_OPEN"
    await county.act("acceptPetition", county.secretary, id=public["targetId"])
    assert await county.refusal("claim", county.resident, **public) == "PET_SELF_CLAIM"
    assert (await county.act("claim", county.neighbour, **public))["state"] == "CLAIMED"


async def test_a_mediation_is_published_as_a_mediated_dispute(county: Any) -> None:
    record = {
        "type": "NEIGHBOURS",
        "partiesCount": 2,
        "result": "AGREED",
        "mediatedOn": "2023-05-01",
        "communityId": COMMUNITY,
    }
    made = await county.act("recordMediation", county.secretary, "id", **record)
    events = await county.service.published("dispute.mediated")
    assert [event.data["result"] for event in events if event.subject == made["id"]] == ["AGREED"]
