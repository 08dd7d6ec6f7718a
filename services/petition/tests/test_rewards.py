"""What council meetings and mediations tell others: whom to reward, how a property firm is judged."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from petition.domain.deliberation import CouncilMeeting

ORGANIZATION = "organization"


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


async def close(county: Any, **outcome: Any) -> Any:
    """A meeting in the hall of an area, announced and held."""
    venue, area = fresh("venue"), fresh("area")
    seen = {"venueId": venue, "kind": "AREA_STATION", "communityId": "community-1", "residentialAreaId": area}
    await county.service.receive(ORGANIZATION, "venue.registered", venue, seen)
    await county.service.receive(
        ORGANIZATION, "residential_area.registered", area, {"residentialAreaId": area, "communityId": "community-1"}
    )
    hall = {"name": "议事厅", "venueId": venue, "communityId": "community-1", "registeredOn": "2023-01-01"}
    made = await county.act("registerCouncilHall", county.secretary, "id", **hall, residentialAreaId=area)
    planned = {"hallId": made["id"], "plannedAt": (datetime.now(UTC) + timedelta(days=5)).isoformat()}
    agenda = [{"kind": "PROPERTY_EVALUATION", "topic": "评议物业"}]
    meeting = await county.act("scheduleMeeting", county.secretary, "id", **planned, agenda=agenda)
    await county.act("publishMeetingNotice", county.secretary, id=meeting["id"], channel="WECHAT_GROUP")
    # The days pass.
    held = {"$set": {"planned_at": datetime.now(UTC) - timedelta(hours=3)}}
    await county.service.store.collection(CouncilMeeting).update_one({"_id": meeting["id"]}, held)
    closing = {"id": meeting["id"], "minutes": "记录", "attendees": 9, "parties": ["RESIDENTS"]} | outcome
    return meeting["id"], area, closing


async def test_a_council_meeting_tells_whom_to_reward_and_how_the_property_firm_is_judged(county: Any) -> None:
    enterprise = fresh("enterprise")
    judged = [{"enterpriseId": enterprise, "score": 85}]
    people = {"participantIds": ["resident-ann", "resident-ben", "resident-ann"], "proposerIds": ["resident-ben"]}
    meeting_id, area, closing = await close(county, **people, evaluations=judged)
    assert await county.refusal("closeMeeting", county.secretary, **closing) == "GEN_REFERENCE_UNKNOWN"
    registered = {"propertyEnterpriseId": enterprise}
    await county.service.receive(ORGANIZATION, "property_enterprise.registered", enterprise, registered)
    own = closing | {"proposerIds": ["secretary-1"]}
    assert await county.refusal("closeMeeting", county.secretary, **own) == "GEN_VALIDATION"
    twice = closing | {"evaluations": judged * 2}
    assert await county.refusal("closeMeeting", county.secretary, **twice) == "GEN_VALIDATION"
    closed = await county.act("closeMeeting", county.secretary, "state evaluations { score }", **closing)
    assert closed == {"state": "CLOSED", "evaluations": [{"score": 85}]}
    told = [event for event in await county.service.published() if event.subject == meeting_id]
    came = [event.data["residentId"] for event in told if "deliberation.participated" in event.type]
    assert came == ["resident-ann", "resident-ben"]
    (adopted,) = [event.data for event in told if "suggestion.adopted" in event.type]
    assert adopted == {"councilMeetingId": meeting_id, "residentId": "resident-ben", "communityId": "community-1"}
    (evaluation,) = [event.data for event in told if "property_evaluation.submitted" in event.type]
    assert evaluation.pop("month")
    here = {"residentialAreaId": area, "communityId": "community-1"}
    assert evaluation == {"councilMeetingId": meeting_id, "enterpriseId": enterprise, "score": 85, **here}
    assert not any("resident-ann" in str(event.data) for event in told if "council_meeting" in event.type)


async def test_a_mediation_tells_whom_to_reward_but_never_who_reported_a_petition(county: Any) -> None:
    record = {"type": "NEIGHBOURS", "partiesCount": 2, "result": "AGREED", "mediatedOn": "2023-05-01"}
    here = record | {"communityId": "community-1", "mediatorIds": ["mia"], "reportedById": "rob"}
    petition = await county.submit()
    refused = await county.refusal("recordMediation", county.secretary, **here, petitionId=petition["id"])
    assert refused == "GEN_VALIDATION"
    made = await county.act("recordMediation", county.secretary, "id mediators { id }", **here)
    assert made["mediators"] == [{"id": "mia"}]
    told = [event for event in await county.service.published() if event.subject == made["id"]]
    assert [event.type.removeprefix("cn.lanling.") for event in told] == ["dispute.mediated.v1", "dispute.reported.v1"]
    assert told[0].data["mediatorIds"] == ["mia"]
    assert "rob" not in str(told[0].data)
    assert told[1].data["residentId"] == "rob"
    await county.act("updateMediation", county.secretary, "id", id=made["id"], partiesCount=3)
    assert len(await county.service.published("dispute.reported")) == 1
