"""Household visits, posts in groups, Party members who report and the collectors picked from them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from govkit.domain import GovError, Role
from govkit.domain.fields import fields_of
from petition.domain.check_ins import OpinionCollector, PartyMemberCheckIn
from petition.domain.outreach import GroupPost, HouseholdVisit

COMMUNITY, STREET = "community-1", "street-1"
TODAY = date(2023, 6, 1)


def hidden_from_events(cls: type[Any]) -> set[str]:
    published = {item.name for item in fields_of(cls.REGISTER.created)} | {
        item.name for item in fields_of(cls.snapshot_event())
    }
    return {item.name for item in cls.declared()} - published


def test_events_tell_neither_who_was_visited_nor_who_reported_nor_what_was_said() -> None:
    assert hidden_from_events(HouseholdVisit) == {"household_ref"}
    assert hidden_from_events(PartyMemberCheckIn) == {"resident_id"}
    assert hidden_from_events(GroupPost) == {"title"}
    assert hidden_from_events(OpinionCollector) == set()


def test_the_schema_shows_no_household_and_lists_nobody_by_membership(county: Any) -> None:
    sdl = county.service.service.schema_text()
    for name in ("type HouseholdVisit", "input HouseholdVisitFilter", "type PartyMemberCheckIn"):
        body = sdl.split(f"{name} ", 1)[1].split("\n}", 1)[0]
        assert "household_ref" not in body
        assert "\n  householdRef" not in body
        assert "\n  residentId" not in body
    assert "\n  residentId" not in sdl.split("input PartyMemberCheckInFilter ", 1)[1].split("\n}", 1)[0]


def test_periods_end_after_they_start() -> None:
    before = date(2023, 5, 31)
    with pytest.raises(GovError, match="PET_PERIOD_INVALID"):
        PartyMemberCheckIn(id="c", resident_id="r", community_id="k", since=TODAY, until=before).check()
    collector = OpinionCollector(
        id="o", check_in_id="c", community_id="k", residential_area_ids=[], start_on=TODAY, end_on=before
    )
    with pytest.raises(GovError, match="PET_PERIOD_INVALID"):
        collector.check()
    collector.end_on = TODAY
    collector.check()


async def start_round(county: Any, number: int) -> str:
    officer = county.token(Role.STREET_OFFICER, streetIds=[STREET])
    round_ = {"number": number, "name": "敲门行动", "streetId": STREET, "fromOn": "2023-06-01", "toOn": "2023-06-10"}
    made = await county.act("startDoorKnockingRound", officer, "id", **round_, targetHouseholds=1500)
    return str(made["id"])


async def test_a_household_is_visited_once_in_a_round(county: Any) -> None:
    visit: dict[str, Any] = {
        "roundId": await start_round(county, 101),
        "householdRef": "HH-0A12F9",
        "communityId": COMMUNITY,
    }
    visit |= {"visitedOn": "2023-06-02", "result": "MET", "needs": 2}
    assert await county.refusal("recordHouseholdVisit", county.resident, **visit) == "AUTH_FORBIDDEN"
    assert await county.refusal("recordHouseholdVisit", county.other_secretary, **visit) == "AUTH_OUT_OF_SCOPE"
    by_name = visit | {"householdRef": "王小明家"}
    assert await county.refusal("recordHouseholdVisit", county.secretary, **by_name) == "GEN_VALIDATION"
    unknown = visit | {"roundId": "no-round"}
    assert await county.refusal("recordHouseholdVisit", county.secretary, **unknown) == "GEN_REFERENCE_UNKNOWN"
    made = await county.act("recordHouseholdVisit", county.secretary, "id", **visit)
    assert await county.refusal("recordHouseholdVisit", county.secretary, **visit) == "PET_VISIT_EXISTS"
    later = visit | {"roundId": await start_round(county, 102)}
    await county.act("recordHouseholdVisit", county.secretary, "id", **later)
    (told,) = [event for event in await county.service.published("visit.recorded") if event.subject == made["id"]]
    assert (told.data["needs"], told.data["result"]) == (2, "MET")
    assert "HH-0A12F9" not in str(told.data)


async def test_only_staff_read_visits(county: Any) -> None:
    round_id = await start_round(county, 103)
    visit = {"roundId": round_id, "householdRef": "HH-77AA88", "communityId": COMMUNITY, "visitedOn": "2023-06-02"}
    await county.act("recordHouseholdVisit", county.secretary, "id", **visit, result="ABSENT")
    document = "query($id: ID) { doorKnockingRound(id: $id) { householdVisits { totalCount } } }"
    for token, count in ((county.secretary, 1), (county.issuer.token(Role.AUDITOR), 1), (county.neighbour, 0)):
        seen = await county.service.data(document, {"id": round_id}, token)
        assert seen["doorKnockingRound"]["householdVisits"]["totalCount"] == count


async def check_in(county: Any, resident_id: str) -> dict[str, str]:
    record = {"residentId": resident_id, "communityId": COMMUNITY, "since": "2023-01-05"}
    assert await county.refusal("checkInPartyMember", county.other_secretary, **record) == "AUTH_OUT_OF_SCOPE"
    made: dict[str, str] = await county.act("checkInPartyMember", county.secretary, "id", **record)
    assert await county.refusal("checkInPartyMember", county.secretary, **record) == "PET_CHECK_IN_EXISTS"
    return made


async def test_who_reported_is_known_to_the_member_and_the_community(county: Any) -> None:
    member = f"member-{uuid4().hex[:8]}"
    made = await check_in(county, member)
    document = "query($id: ID) { partyMemberCheckIn(id: $id) { communityId resident { id } } }"
    known, masked = {"communityId": COMMUNITY, "resident": {"id": member}}, {"communityId": COMMUNITY, "resident": None}
    for token, seen in (
        (county.token(Role.RESIDENT, sub=member), known),
        (county.secretary, known),
        (county.issuer.token(Role.ORG_ADMIN), known),
        (county.other_secretary, masked),
        (county.dispatcher, masked),
        (county.issuer.token(Role.AUDITOR), masked),
        (county.neighbour, None),
    ):
        assert (await county.service.data(document, {"id": made["id"]}, token))["partyMemberCheckIn"] == seen
    told = [event for event in await county.service.published() if event.subject == made["id"]]
    assert [event.type for event in told] == ["cn.lanling.party_member_check_in.recorded.v1"]
    assert member not in str(told[0])


async def test_a_collector_is_picked_from_those_who_reported(county: Any) -> None:
    made = await check_in(county, f"member-{uuid4().hex[:8]}")
    picked = {"checkInId": made["id"], "communityId": COMMUNITY, "residentialAreaIds": [], "startOn": "2023-02-01"}
    nobody = picked | {"checkInId": "nobody"}
    assert await county.refusal("appointOpinionCollector", county.secretary, **nobody) == "GEN_REFERENCE_UNKNOWN"
    assert await county.refusal("appointOpinionCollector", county.neighbour, **picked) == "AUTH_FORBIDDEN"
    collector = await county.act("appointOpinionCollector", county.secretary, "id", **picked)
    assert await county.refusal("appointOpinionCollector", county.secretary, **picked) == "PET_COLLECTOR_EXISTS"
    early = {"id": collector["id"], "endOn": "2023-01-01"}
    assert await county.refusal("updateOpinionCollector", county.secretary, **early) == "PET_PERIOD_INVALID"
    document = "query($id: ID) { partyMemberCheckIn(id: $id) { opinionCollector { id } } }"
    seen = await county.service.data(document, {"id": made["id"]}, county.secretary)
    assert seen["partyMemberCheckIn"]["opinionCollector"] == {"id": collector["id"]}


async def test_posts_in_a_group_are_logged_with_their_petition(county: Any) -> None:
    area, worker = f"area-{uuid4().hex[:6]}", f"worker-{uuid4().hex[:6]}"
    seen = {"residentialAreaId": area, "code": area, "communityId": COMMUNITY}
    await county.service.receive("organization", "residential_area.registered", area, seen)
    hired = {"communityWorkerId": worker, "communityId": COMMUNITY}
    await county.service.receive("organization", "worker.hired", worker, hired)
    group: dict[str, Any] = {
        "name": "议事群",
        "residentialAreaId": area,
        "communityId": COMMUNITY,
        "ownerStaffId": worker,
    }
    group |= {"memberCount": 320, "createdOn": "2023-01-01"}
    group_id = (await county.act("registerWeChatGroup", county.secretary, "id", **group))["id"]
    petition_id = (await county.submit())["id"]
    post = {"groupId": group_id, "communityId": COMMUNITY, "kind": "TOPIC", "title": "停车怎么停", "reach": 210}
    post |= {"postedAt": datetime.now(UTC).isoformat(), "petitionId": petition_id}
    assert await county.refusal("recordGroupPost", county.other_secretary, **post) == "AUTH_OUT_OF_SCOPE"
    unknown = post | {"petitionId": "no-petition"}
    assert await county.refusal("recordGroupPost", county.secretary, **unknown) == "GEN_REFERENCE_UNKNOWN"
    made = await county.act("recordGroupPost", county.secretary, "id petition { id }", **post)
    assert made["petition"] == {"id": petition_id}
    document = "query($id: ID) { weChatGroup(id: $id) { posts { edges { node { kind title reach } } } } }"
    listed = (await county.service.data(document, {"id": group_id}, county.neighbour))["weChatGroup"]["posts"]["edges"]
    assert [edge["node"] for edge in listed] == [{"kind": "TOPIC", "title": "停车怎么停", "reach": 210}]
    (told,) = [event for event in await county.service.published("group_post.recorded") if event.subject == made["id"]]
    assert "停车" not in str(told.data)
